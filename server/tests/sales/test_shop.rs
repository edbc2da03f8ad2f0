//! A shop with a small catalogue, a payment provider in memory and a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::backend::shop::{CheckoutForm, CheckoutView, OrderView, Visit};
use domain::hold::HoldLimits;
use domain::language::Language;
use domain::money::Currency;
use domain::tax::TaxPolicy;
use jiff::Timestamp;
use server::check;
use server::jobs::{self, WorkerContext};
use server::kernel::error::ShopResult;
use server::kernel::mailer::Mailer;
use server::kernel::payments::{PaymentProvider, PaymentStatus};
use server::kernel::settings::{ContactSettings, HoldRules, Settings};
use server::sales::checkout::{self, NotPlaced, Placed};
use server::sales::draft::Draft;
use server::sales::{Asker, Shop, order_view, webhook};

use super::provider::FakeProvider;
use crate::support::TestDb;

/// Monday 23 November 2026, ten in the morning in Lima.
const START_US: i64 = 1_795_446_000_000_000;
/// Designs of the catalogue, and pieces of each.
pub(crate) const DESIGNS: usize = 3;
pub(crate) const PIECES: usize = 4;

/// A form that was refused, with the page that it led to.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) view: Box<CheckoutView>,
    pub(crate) gone: Vec<String>,
}

pub(crate) struct TestShop {
    /// Kept for its folder, which is deleted with it.
    _test: TestDb,
    pub(crate) shop: Shop,
    pub(crate) provider: Arc<FakeProvider>,
    pub(crate) context: Arc<WorkerContext>,
    now_us: AtomicI64,
}

pub(crate) fn settings() -> Settings {
    Settings {
        public_url: "https://shop.example".into(),
        tax: TaxPolicy::default(),
        payment_fee_bps: 420,
        payment_fee_fixed_minor: 0,
        hold_minutes: 31,
        holds: HoldRules { limits: HoldLimits::NONE, key: "a key of tests".parse().unwrap() },
        return_days: 14,
        tariff: serde_json::from_str(include_str!("../../tariff.json")).unwrap(),
        contact: ContactSettings { email: "hola@shop.example".into(), phone: None },
        mail_from: "Tienda <tienda@shop.example>".into(),
        mails_leave: false,
        board_email: "junta@shop.example".into(),
    }
}

impl TestShop {
    pub(crate) async fn new(test: TestDb) -> Self {
        Self::with_mailer(test, Mailer::new(None, &settings()).unwrap()).await
    }

    pub(crate) async fn with_mailer(test: TestDb, mailer: Mailer) -> Self {
        seed(&test).await;
        let provider = Arc::new(FakeProvider::default());
        let settings = Settings { mails_leave: mailer.is_configured(), ..settings() };
        let shop = Shop::new(test.db.clone(), Arc::clone(&provider) as _, settings);
        let context = Arc::new(WorkerContext { shop: shop.clone(), mailer });
        let test_shop =
            Self { _test: test, shop, provider, context, now_us: AtomicI64::new(START_US) };
        test_shop.provider.set_now(test_shop.now());
        test_shop
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now_us.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.now_us.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        self.provider.set_now(self.now());
    }

    pub(crate) fn visit(&self) -> Visit {
        Visit {
            language: Language::Es,
            currency: Currency::Pen,
            currencies: vec![Currency::Pen, Currency::Usd],
            today: domain::calendar::lima_date(self.now().as_microsecond()),
            now: self.now(),
            bag_count: 1,
            path: "/es/compra".into(),
            public_url: self.shop.settings.public_url.clone(),
            demo: false,
            has: app::backend::shop::Contents::EVERYTHING,
        }
    }

    pub(crate) async fn place(
        &self,
        form: CheckoutForm,
        pieces: &[String],
    ) -> ShopResult<Result<Placed, Refused>> {
        self.place_as(form, pieces, &Asker::default()).await
    }

    pub(crate) async fn place_as(
        &self,
        form: CheckoutForm,
        pieces: &[String],
        asker: &Asker,
    ) -> ShopResult<Result<Placed, Refused>> {
        let visit = self.visit();
        let mut form = form;
        loop {
            match checkout::place(&self.shop, &visit, form.clone(), pieces, asker).await? {
                Ok(placed) => return Ok(Ok(placed)),
                Err(NotPlaced::Refused(why)) => {
                    let left = pieces.iter().filter(|piece| !why.gone.contains(piece)).cloned();
                    let left: Vec<String> = left.collect();
                    let draft = Draft { form, errors: why.errors };
                    let view =
                        checkout::view_of(&self.shop, &visit, draft, &left, why.trouble).await?;
                    return Ok(Err(Refused { view: Box::new(view), gone: why.gone }));
                }
                // As the handler does, which keeps the new one in the session first.
                Err(NotPlaced::AttemptUsedUp) => form.attempt = store::ids::new_id(),
                Err(NotPlaced::AttemptBegun(attempt)) => form.attempt = attempt,
            }
        }
    }

    /// Places an order that must succeed. Returns its key.
    pub(crate) async fn order(&self, attempt: &str, pieces: &[String]) -> String {
        let placed = self.place(form(attempt), pieces).await.unwrap().expect("the order is placed");
        self.order_of(&placed.secret).await
    }

    pub(crate) async fn order_of(&self, secret: &str) -> String {
        let row = self.shop.db.query("SELECT id FROM shop_order WHERE secret = $1").bind(secret);
        row.fetch_one::<(String,)>().await.unwrap().0
    }

    pub(crate) async fn see(&self, order_id: &str) -> OrderView {
        let (secret,): (String,) = self
            .shop
            .db
            .query("SELECT secret FROM shop_order WHERE id = $1")
            .bind(order_id)
            .fetch_one()
            .await
            .unwrap();
        order_view::open(&self.shop, &self.visit(), &secret, None).await.unwrap().unwrap().view
    }

    /// The shopper pays and the provider says so.
    pub(crate) async fn pay(&self, order_id: &str) {
        let session = self.provider.session_of(order_id).expect("a payment page");
        assert!(self.provider.pay(&session, PaymentStatus::Paid), "the page can be paid");
        self.hear("checkout.session.completed", &session).await;
    }

    pub(crate) async fn hear(&self, kind: &str, session: &str) {
        let raw = self.provider.event(kind, session);
        webhook::receive(&self.shop, &raw, "good", self.now()).await.unwrap();
    }

    /// Does every job that is due now.
    pub(crate) async fn work(&self) {
        for _ in 0..10_000 {
            if !jobs::run_one(&self.context, self.now()).await.unwrap() {
                return;
            }
        }
        panic!("the jobs never end");
    }

    /// Lets hours pass, doing what is due, until nothing waits any more.
    pub(crate) async fn settle_down(&self) {
        self.provider.no_more_faults();
        let waiting = "SELECT kind, COALESCE(last_error, '') FROM job WHERE state = 'ready'";
        let mut left = Vec::<(String, String)>::new();
        for _ in 0..400 {
            self.work().await;
            left = self.shop.db.query(waiting).fetch_all().await.unwrap();
            if left.is_empty() {
                return;
            }
            self.pass(400);
        }
        panic!("jobs still wait: {left:?}");
    }

    /// The jobs that gave up, and why.
    pub(crate) async fn dead_jobs(&self) -> Vec<(String, String)> {
        let dead = "SELECT kind, COALESCE(last_error, '') FROM job WHERE state = 'dead'";
        self.shop.db.query(dead).fetch_all().await.unwrap()
    }

    pub(crate) async fn text(&self, sql: &'static str, key: &str) -> String {
        self.shop.db.query(sql).bind(key).fetch_one::<(String,)>().await.unwrap().0
    }

    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.shop.db.query(sql).fetch_one::<(i64,)>().await.unwrap().0
    }

    pub(crate) async fn order_state(&self, id: &str) -> String {
        self.text("SELECT state FROM shop_order WHERE id = $1", id).await
    }

    pub(crate) async fn piece_state(&self, id: &str) -> String {
        self.text("SELECT state FROM piece WHERE id = $1", id).await
    }

    /// Every invariant that must hold once nothing waits any more.
    pub(crate) async fn audit(&self) {
        let none =
            |sql: &'static str| async move { assert_eq!(self.number(sql).await, 0, "{sql}") };
        none("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order WHERE state = 'pending_payment'")
            .await;
        none("SELECT CAST(COUNT(*) AS BIGINT) FROM piece WHERE state NOT IN ('retail', 'sold', 'returned')")
            .await;
        assert_eq!(self.dead_jobs().await, []);
        none("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE NOT sealed").await;
        // A piece is sold to the one paid order that has it on a line, and every paid order has its
        // pieces except those that came back.
        none("SELECT CAST(COUNT(*) AS BIGINT) FROM order_line l JOIN shop_order o ON o.id = l.order_id AND o.paid_at_us IS NOT NULL \
              JOIN piece p ON p.id = l.piece_id WHERE (p.state <> 'sold' OR p.order_id <> o.id) \
              AND NOT EXISTS (SELECT 1 FROM piece_return b WHERE b.order_line_id = l.id)").await;
        none("SELECT CAST(COUNT(*) AS BIGINT) FROM piece p WHERE p.state = 'sold' AND NOT EXISTS (SELECT 1 FROM order_line l \
              JOIN shop_order o ON o.id = l.order_id WHERE l.piece_id = p.id AND o.id = p.order_id AND o.paid_at_us IS NOT NULL \
              AND NOT EXISTS (SELECT 1 FROM piece_return b WHERE b.order_line_id = l.id))").await;
        // Numbers are given without gaps.
        let orders = self.number("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order").await;
        assert_eq!(orders, self.number("SELECT value FROM counter WHERE name = 'order'").await);
        // The counts on designs follow their pieces.
        none("SELECT CAST(COUNT(*) AS BIGINT) FROM design d WHERE d.pieces_held <> 0 OR d.pieces_available <> \
              (SELECT COUNT(*) FROM piece p WHERE p.design_id = d.id AND p.state = 'retail')").await;
        // Every sale's shares sum to its net, and every paid line has one sale.
        none(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM sale s WHERE s.net_minor <> s.held_minor + \
              (SELECT COALESCE(SUM(h.amount_minor), 0) FROM sale_share h WHERE h.sale_id = s.id)",
        )
        .await;
        none("SELECT CAST(COUNT(*) AS BIGINT) FROM order_line l JOIN shop_order o ON o.id = l.order_id \
              WHERE (o.paid_at_us IS NOT NULL) <> EXISTS (SELECT 1 FROM sale s WHERE s.order_line_id = l.id)").await;
        self.audit_money().await;
        let provider = Some(&*self.provider as &dyn PaymentProvider);
        let report =
            check::reconcile(&self.shop.db, provider, self.now(), Duration::ZERO).await.unwrap();
        assert!(report.differences.is_empty(), "{report}");
    }

    async fn audit_money(&self) {
        for currency in Currency::ALL.map(Currency::code) {
            let balance = |account: &'static str| async move {
                let row = self.shop.db.query(
                    "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM ledger_posting WHERE account = $1 AND currency = $2",
                );
                row.bind(account).bind(currency).fetch_one::<(i64,)>().await.unwrap().0
            };
            assert_eq!(
                balance("stripe:balance").await,
                self.provider.balance(currency),
                "the balance at the provider, {currency}"
            );
            assert_eq!(balance("held:stray").await, 0, "nothing of nobody's is kept, {currency}");
            assert_eq!(balance("fee:payment").await, 0, "fees clear, {currency}");
        }
        assert_eq!(
            self.number(
                "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM ledger_posting"
            )
            .await,
            0
        );
        // Every shopper who paid has the order or the money.
        let sessions = self.provider.books().sessions.clone();
        for (id, session) in sessions {
            let state = self.order_state(&session.order_id).await;
            let paid = session.payment == PaymentStatus::Paid;
            if matches!(state.as_str(), "paid" | "preparing" | "shipped") {
                assert!(paid, "{id}: an order counts as paid that nobody paid");
            } else if paid {
                assert_eq!(
                    session.refunded_minor, session.amount_minor,
                    "{id}: the order is {state} and the money was kept"
                );
            }
        }
    }
}

/// A valid form.
pub(crate) fn form(attempt: &str) -> CheckoutForm {
    CheckoutForm {
        name: "Ana Quispe".into(),
        email: "ana@example.com".into(),
        phone: "987654321".into(),
        country: "PE".into(),
        department: "LIM".into(),
        region: String::new(),
        city: "Miraflores".into(),
        street: "Av. Larco 123".into(),
        postal_code: "15074".into(),
        delivery: "courier".into(),
        currency: "PEN".into(),
        gift_message: String::new(),
        shown: String::new(),
        action: "pay".into(),
        attempt: format!("attempt-{attempt}"),
    }
}

/// Key of a piece of the catalogue.
pub(crate) fn piece(design: usize, number: usize) -> String {
    format!("piece-{design}-{number}")
}

async fn seed(test: &TestDb) {
    let mut tx = test.db.begin().await.unwrap();
    let mut run = Vec::<String>::new();
    for member in ["rosa", "lidia", "marta"] {
        run.push(format!(
            "INSERT INTO member (id, slug, display_name, community, admitted_on, status) \
             VALUES ('{member}', '{member}', '{member}', 'Ananea', '2018-11-01', 'active')"
        ));
    }
    run.push("INSERT INTO supplier (id, name) VALUES ('s', 'Sissaï')".into());
    run.push(
        "INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, trading_model, owner, received_on, \
         price_per_fine_g_minor, price_currency) VALUES ('lot', 'L-014', 'silver', 950, 1000000, 's', 'labeled', 'consigned', \
         '2026-01-01', 410, 'PEN')"
            .into(),
    );
    run.push(
        "INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, trading_model, owner, received_on, \
         price_per_fine_g_minor, price_currency) VALUES ('gold', 'L-015', 'gold', 750, 1000000, 's', 'labeled', 'bought', \
         '2026-01-01', 6855, 'USD')"
            .into(),
    );
    run.push("INSERT INTO exchange_rate (id, currency, rate_micro, source, effective_from_us) VALUES ('r', 'USD', 3752000, 'SBS', 1)".into());
    run.push(
        "INSERT INTO split_policy (id, version, minute, adopted_on, effective_from_us, loss_fund, reserve_fund, minute_rate_minor) \
         VALUES ('policy', 1, 'ACTA-1', '2026-01-10', 1768100000000000, 'association', 'refunds', 25)"
            .into(),
    );
    for (position, (fund, bps)) in
        [("workshop", 1_500), ("association", 1_000)].into_iter().enumerate()
    {
        run.push(format!("INSERT INTO split_policy_fund (policy_id, position, fund, share_bps) VALUES ('policy', {position}, '{fund}', {bps})"));
    }
    for design in 0..DESIGNS {
        let price = [38_000, 34_050, 149_999][design % 3];
        run.push(format!(
            "INSERT INTO design (id, slug, status, category, metal, fineness_permille, weight_mg, gold_750_mg, price_minor, \
             wholesale_price_minor, dimensions, stones, techniques, published_at_us) VALUES ('design-{design}', 'design-{design}', \
             'published', 'ring', 'silver', 950, 3910, 0, {price}, 23000, '[]', '[]', '[]', 1)"
        ));
        for language in ["es", "en"] {
            run.push(format!(
                "INSERT INTO design_text (design_id, language, name, name_folded, description, care) \
                 VALUES ('design-{design}', '{language}', 'Anillo {design}', 'anillo {design}', 'd', 'c')"
            ));
        }
        for number in 0..PIECES {
            let id = piece(design, number);
            run.push(format!(
                "INSERT INTO piece (id, serial, design_id, state, weight_mg, stones_cost_minor, inspected_on) \
                 VALUES ('{id}', '0{design}{number}', 'design-{design}', 'retail', 3910, {}, '2026-11-01')",
                number * 333
            ));
            run.push(format!(
                "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, piece_id, at_us) VALUES ('m-{id}', 'lot', 'into_piece', 3910, '{id}', 1)"
            ));
            // The second of each has a little gold of our own, which was bought in dollars.
            if number == 1 {
                run.push(format!(
                    "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, piece_id, at_us) VALUES ('g-{id}', 'gold', 'into_piece', 41, '{id}', 1)"
                ));
            }
            // The last piece of each design has no recorded maker: her pay waits.
            for (index, (member, minutes)) in
                [("rosa", 90), ("lidia", 37), ("marta", 11)].into_iter().enumerate()
            {
                if number + 1 < PIECES {
                    run.push(format!(
                        "INSERT INTO contribution (id, piece_id, member_id, step, minutes, closed_at_us) \
                         VALUES ('c-{id}-{index}', '{id}', '{member}', 'smithing', {minutes}, 1)"
                    ));
                }
            }
        }
    }
    for statement in run {
        tx.query(statement).execute().await.unwrap();
    }
    tx.commit().await.unwrap();
}
