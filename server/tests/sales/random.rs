//! Shoppers at random: they buy, pay, decline, give up, come back late; the provider fails, the
//! process dies at any point. In the end books, pieces and provider agree, whatever happened.

use app::backend::shop::CheckoutForm;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use server::jobs;
use server::kernel::payments::PaymentStatus;
use server::sales::refund::{self, RefundRequest};
use server::sales::{cancel, order_view, webhook};

use super::provider::Fault;
use super::test_shop::{DESIGNS, PIECES, TestShop, form, piece};
use crate::support::{Mortal, TestDb, key};

on_both_engines!(whatever_happens_the_books_agree);

/// How many days are simulated, and how many steps each has. `PURCHASE_WALKS` asks for more days.
const WALKS: u64 = 6;
const STEPS: u32 = 60;

async fn whatever_happens_the_books_agree(test: TestDb) {
    let walks = std::env::var("PURCHASE_WALKS").ok().and_then(|n| n.parse().ok()).unwrap_or(WALKS);
    let test_shop = TestShop::new(test).await;
    for seed in 0..walks {
        // On every other day the provider's account is in soles, whatever was paid.
        test_shop.provider.books().lies_in = (seed % 2 == 1).then_some(("PEN", 3_714_500_000));
        test_shop.provider.books().refund_fee_minor = [0, 0, 5, -7][seed as usize % 4];
        let mut walk =
            Walk { test_shop: &test_shop, rng: StdRng::seed_from_u64(seed), seed, attempts: 0 };
        for _ in 0..STEPS {
            walk.step().await;
        }
        end_delays(&test_shop, &mut walk.rng).await;
        test_shop.settle_down().await;
        test_shop.audit().await;
        restock(&test_shop, seed).await;
    }
    let paid = test_shop
        .number("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order WHERE paid_at_us IS NOT NULL")
        .await;
    assert!(paid > 0, "somebody bought something");
}

/// Ends every delayed payment, and repeats the provider's events as it does until they are
/// received.
async fn end_delays(test_shop: &TestShop, rng: &mut StdRng) {
    let sessions = test_shop.provider.books().sessions.clone();
    for (id, session) in sessions {
        let mut payment = session.payment;
        if payment == PaymentStatus::Processing {
            let succeeds = rng.random_bool(0.5);
            payment = if succeeds { PaymentStatus::Paid } else { PaymentStatus::Failed };
            test_shop.provider.end_delay(&id, payment);
        }
        if payment == PaymentStatus::Paid {
            test_shop.hear("checkout.session.completed", &id).await;
        }
    }
}

/// New pieces for the next day; the sold ones stay sold.
async fn restock(test_shop: &TestShop, seed: u64) {
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    let lot = format!("lot-{seed}");
    tx.query(
        "INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, trading_model, owner, \
         received_on, price_per_fine_g_minor, price_currency) \
         VALUES ($1, $1, 'silver', 950, 100000, 's', 'uncertified', 'consigned', '2026-01-01', 430, 'PEN')",
    )
    .bind(&lot)
    .execute()
    .await
    .unwrap();
    for design in 0..DESIGNS {
        for number in 0..PIECES {
            let id = fresh(seed + 1, design, number);
            tx.query(
                "INSERT INTO piece (id, serial, design_id, state, weight_mg, inspected_on) VALUES ($1, $1, $2, 'retail', 3910, '2026-11-01')",
            )
            .bind(&id)
            .bind(format!("design-{design}"))
            .execute()
            .await
            .unwrap();
            tx.query(
                "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, piece_id, at_us) VALUES ($1, $2, 'into_piece', 3910, $3, 1)",
            )
            .bind(format!("m-{id}"))
            .bind(&lot)
            .bind(&id)
            .execute()
            .await
            .unwrap();
            for (index, member) in ["marta", "rosa"].into_iter().enumerate() {
                tx.query(
                    "INSERT INTO contribution (id, piece_id, member_id, step, minutes, closed_at_us) VALUES ($1, $2, $3, 'design', $4, 1)",
                )
                .bind(format!("c-{id}-{index}"))
                .bind(&id)
                .bind(member)
                .bind(7 + i64::try_from(index * number).unwrap())
                .execute()
                .await
                .unwrap();
            }
        }
    }
    tx.commit().await.unwrap();
}

fn fresh(seed: u64, design: usize, number: usize) -> String {
    if seed == 0 { piece(design, number) } else { format!("new-{seed}-{design}-{number}") }
}

struct Walk<'a> {
    test_shop: &'a TestShop,
    rng: StdRng,
    seed: u64,
    attempts: u64,
}

impl Walk<'_> {
    async fn step(&mut self) {
        if self.rng.random_bool(0.25) {
            let fault = if self.rng.random_bool(0.5) { Fault::Away } else { Fault::LostAnswer };
            self.test_shop.provider.fail_next(fault);
        }
        self.test_shop.provider.books().expiry_lies = self.rng.random_bool(0.3);
        if let Some((_, rate_nano)) = &mut self.test_shop.provider.books().lies_in {
            *rate_nano += self.rng.random_range(-1_000_000..1_000_000);
        }
        match self.rng.random_range(0..100) {
            0..34 => self.buy().await,
            34..55 => self.pay().await,
            55..63 => self.give_up().await,
            63..70 => self.look().await,
            70..78 => self.ask_back().await,
            78..81 => self.bring_back().await,
            81..83 => self.hand_over().await,
            83..89 => self.work().await,
            89..94 => self.die_working().await,
            _ => self.test_shop.pass(self.rng.random_range(1..1_500)),
        }
    }

    /// How long the process lives during one operation: usually to its end.
    fn life(&mut self) -> u32 {
        if self.rng.random_bool(0.35) { self.rng.random_range(1..60) } else { u32::MAX }
    }

    async fn buy(&mut self) {
        let count = self.rng.random_range(1..=3);
        let pieces: Vec<String> = (0..count)
            .map(|_| {
                fresh(
                    self.seed,
                    self.rng.random_range(0..DESIGNS),
                    self.rng.random_range(0..PIECES),
                )
            })
            .collect();
        // Now and then an earlier form is sent again: a retry, or a change of mind.
        let number = if self.attempts > 0 && self.rng.random_bool(0.3) {
            self.rng.random_range(0..self.attempts)
        } else {
            self.attempts
        };
        self.attempts = self.attempts.max(number + 1);
        let currency = if self.rng.random_bool(0.3) { "USD" } else { "PEN" };
        let pickup = self.rng.random_bool(0.2);
        let typed = CheckoutForm {
            currency: currency.into(),
            delivery: if pickup { "pickup" } else { "courier" }.into(),
            ..form(&format!("{}-{number}", self.seed))
        };
        let life = self.life();
        if let Some(result) = Mortal::new(self.test_shop.place(typed, &pieces), life).await {
            drop(result.unwrap());
        }
    }

    fn some_session(&mut self) -> Option<(String, PaymentStatus)> {
        let books = self.test_shop.provider.books();
        let count = books.sessions.len();
        let recent = count.saturating_sub(12);
        if count == 0 {
            return None;
        }
        let at = self.rng.random_range(recent..count);
        books.sessions.iter().nth(at).map(|(id, session)| (id.clone(), session.payment))
    }

    async fn pay(&mut self) {
        let Some((session, status)) = self.some_session() else { return };
        match status {
            PaymentStatus::Processing => {
                let end = if self.rng.random_bool(0.5) {
                    PaymentStatus::Paid
                } else {
                    PaymentStatus::Failed
                };
                self.test_shop.provider.end_delay(&session, end);
            }
            PaymentStatus::Unpaid => {
                let how = if self.rng.random_bool(0.2) {
                    PaymentStatus::Processing
                } else {
                    PaymentStatus::Paid
                };
                self.test_shop.provider.pay(&session, how);
            }
            PaymentStatus::Paid | PaymentStatus::Failed => {}
        }
        // The event comes once, twice or not at all, and the process may die while it stores it.
        for _ in 0..self.rng.random_range(0..3) {
            let raw = self.test_shop.provider.event("checkout.session.completed", &session);
            let life = self.life();
            let _ = Mortal::new(
                webhook::receive(&self.test_shop.shop, &raw, "good", self.test_shop.now()),
                life,
            )
            .await;
        }
    }

    async fn some_order(&mut self) -> Option<(String, String)> {
        let sql = "SELECT id, secret FROM shop_order ORDER BY number DESC LIMIT 8";
        let orders: Vec<(String, String)> =
            self.test_shop.shop.db.query(sql).fetch_all().await.unwrap();
        if orders.is_empty() {
            None
        } else {
            Some(orders[self.rng.random_range(0..orders.len())].clone())
        }
    }

    async fn give_up(&mut self) {
        let Some((_, secret)) = self.some_order().await else { return };
        let life = self.life();
        if let Some(result) =
            Mortal::new(cancel::cancel(&self.test_shop.shop, &secret, self.test_shop.now()), life)
                .await
        {
            result.unwrap();
        }
    }

    async fn look(&mut self) {
        let Some((_, secret)) = self.some_order().await else { return };
        let life = self.life();
        let visit = self.test_shop.visit();
        if let Some(result) =
            Mortal::new(order_view::open(&self.test_shop.shop, &visit, &secret, None), life).await
        {
            assert!(result.unwrap().is_some());
        }
    }

    async fn ask_back(&mut self) {
        let Some((order, _)) = self.some_order().await else { return };
        let amount_minor = self.rng.random_bool(0.8).then(|| self.rng.random_range(1..30_000));
        let serials = "SELECT p.serial FROM order_line l JOIN piece p ON p.id = l.piece_id WHERE l.order_id = $1";
        let serials: Vec<(String,)> =
            self.test_shop.shop.db.query(serials).bind(&order).fetch_all().await.unwrap();
        let piece = serials.into_iter().next().map(|(serial,)| serial);
        let piece = piece.filter(|_| self.rng.random_bool(0.4));
        let request = RefundRequest { amount_minor, piece, shipping: self.rng.random_bool(0.3) };
        let life = self.life();
        if let Some(result) = Mortal::new(
            refund::ask(&self.test_shop.shop, &key(&order), &request, self.test_shop.now()),
            life,
        )
        .await
        {
            result.unwrap();
        }
    }

    /// A piece, or all of an order, comes back, whether its money was given back or not.
    async fn bring_back(&mut self) {
        let Some((order, _)) = self.some_order().await else { return };
        let sql = "SELECT p.serial FROM order_line l JOIN piece p ON p.id = l.piece_id WHERE l.order_id = $1";
        let serials: Vec<(String,)> =
            self.test_shop.shop.db.query(sql).bind(&order).fetch_all().await.unwrap();
        let piece = serials.into_iter().next().map(|(serial,)| serial);
        let piece = piece.filter(|_| self.rng.random_bool(0.7));
        let number = self
            .test_shop
            .text("SELECT CAST(number AS TEXT) FROM shop_order WHERE id = $1", &order)
            .await;
        let (life, for_sale) = (self.life(), self.rng.random_bool(0.5));
        let (db, now) = (&self.test_shop.shop.db, self.test_shop.now());
        let noted = refund::note_return(db, &number, piece.as_deref(), for_sale, now);
        if let Some(result) = Mortal::new(noted, life).await {
            assert!(result.unwrap().is_some());
        }
    }

    /// The courier takes the parcel of an order that was paid.
    async fn hand_over(&mut self) {
        let Some((order, _)) = self.some_order().await else { return };
        for (from, to) in [("paid", "preparing"), ("preparing", "shipped")] {
            let mut tx = self.test_shop.shop.db.begin().await.unwrap();
            let sql = "UPDATE shop_order SET state = $3 WHERE id = $1 AND state = $2";
            tx.query(sql).bind_all([order.as_str(), from, to]).execute().await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// A worker dies in the middle of a job; another begins it again some day.
    async fn die_working(&mut self) {
        let sql = "SELECT kind, payload FROM job WHERE state = 'ready' ORDER BY id DESC LIMIT 6";
        let jobs: Vec<(String, String)> =
            self.test_shop.shop.db.query(sql).fetch_all().await.unwrap();
        if jobs.is_empty() {
            return;
        }
        let (kind, payload) = &jobs[self.rng.random_range(0..jobs.len())];
        let polls = self.rng.random_range(1..80);
        let (shop, now) = (&self.test_shop.shop, self.test_shop.now());
        match kind.as_str() {
            "process_event" => {
                let event_id = key(payload);
                drop(Mortal::new(webhook::process(shop, &event_id, now), polls).await);
            }
            "refund" => drop(Mortal::new(refund::carry_out(shop, &key(payload), now), polls).await),
            "send_mail" => {
                let mailer = &self.test_shop.context.mailer;
                drop(Mortal::new(server::mail::deliver(shop, mailer, payload, now), polls).await);
            }
            _ => {
                let closing = server::sales::settle::Closing::Cancelled;
                let order_id = key(payload);
                let closed = server::sales::payment_page::close(shop, &order_id, closing, now);
                drop(Mortal::new(closed, polls).await);
            }
        }
    }

    async fn work(&mut self) {
        for _ in 0..self.rng.random_range(1..8) {
            let life = self.life();
            if let Some(result) =
                Mortal::new(jobs::run_one(&self.test_shop.context, self.test_shop.now()), life)
                    .await
            {
                result.unwrap();
            }
        }
    }
}
