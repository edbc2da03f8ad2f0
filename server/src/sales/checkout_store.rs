//! Stores the order of a correct purchase form: lines, holds, the payment's intent and the job that
//! ends the hold, in one transaction.

use domain::id::PaymentId;
use domain::payment::PaymentState;
use domain::tax::Destination;
use store::db::{DbError, Tx};
use store::ids::{new_key, new_secret};
use store::job::{Kind, NewJob};
use store::order::OrderRow;
use store::payment::{PaymentRow, SettledRow};
use store::piece::PieceForSale;
use store::{hold, job, order, payment, piece, rate, session};

use app::backend::shop::{CheckoutField, CheckoutForm, CheckoutTrouble, FieldProblem, Visit};
use domain::order::OrderStatus;

use super::checkout_form::{Errors, Place, Typed};
use super::checkout_sums::{self, Parcel};
use super::holds::{self, Asker};
use super::payment_page::{Intended, LineToPay};
use super::{Shop, board, draft};
use crate::catalogue::Prices;
use crate::kernel::error::{ShopError, ShopResult};
use crate::treasury::sale;

/// Stripe closes the page when the hold ends, or the job closes it that frees the pieces a moment later.
const AFTER_HOLD_US: i64 = 2_000_000;

/// Stripe keeps a payment page open for at least 30 minutes from the request.
const PAGE_LEAST_US: i64 = 31 * 60 * 1_000_000;

/// A purchase form, read and priced.
pub(super) struct PricedCheckout<'a> {
    pub(super) shop: &'a Shop,
    pub(super) visit: &'a Visit,
    pub(super) asker: &'a Asker,
    /// The form as it was sent.
    pub(super) form: &'a CheckoutForm,
    pub(super) typed: &'a Typed,
    pub(super) prices: &'a Prices,
    pub(super) ids: &'a [String],
}

/// The result of storing an order.
pub(super) enum Stored {
    Order(Box<Intended>),
    Errors(Errors, Option<CheckoutTrouble>),
    /// A piece is not available any more.
    Gone,
    /// Another transaction changed the same rows: try again.
    Again,
    /// The session began this other attempt a moment ago.
    Begun(String),
}

impl PricedCheckout<'_> {
    pub(super) async fn has_pieces_of(&self, before: &OrderRow) -> ShopResult<bool> {
        let lines = order::lines(&self.shop.db, &before.id, self.visit.language.code()).await?;
        Ok(lines.len() == self.ids.len()
            && lines.iter().all(|line| self.ids.iter().any(|id| *line.piece_id == **id)))
    }

    /// Whether the form says the same as when `before` was placed. Every field of the form and of the
    /// visit is named here: for a new field one must decide whether it makes another order
    /// (`tests/sales/same.rs` tries each).
    pub(super) fn says_the_same(&self, before: &OrderRow) -> bool {
        let Typed {
            name,
            email,
            phone,
            country,
            region,
            city,
            street,
            postal_code,
            gift_message,
            currency,
            delivery,
        } = self.typed;
        // The time and the page she came from do not make another order. Her language does. The
        // currency of the payment is a field of the form.
        let Visit {
            language,
            currency: _,
            currencies: _,
            today: _,
            now: _,
            bag_count: _,
            path: _,
            public_url: _,
            demo: _,
            has: _,
        } = self.visit;
        before.language == language.code()
            && before.name == *name
            && before.email == *email
            && before.phone == *phone
            && before.country == country.code()
            && before.region == *region
            && before.city == *city
            && before.street == *street
            && before.postal_code == *postal_code
            && before.gift_message == *gift_message
            && before.currency == currency.code()
            && before.delivery == delivery.as_str()
    }

    /// Stores order, lines, holds, payment intent and the job that ends the hold: all, or nothing.
    pub(super) async fn store(&self, attempt: &str) -> ShopResult<Stored> {
        if self.ids.is_empty() {
            return Ok(Stored::Errors(Vec::new(), Some(CheckoutTrouble::EmptyBag)));
        }
        // First a read without any lock: most requests that come too late need no transaction.
        let language = self.visit.language.code();
        let pieces =
            in_order_of(self.ids, piece::for_sale(&self.shop.db, self.ids, language).await?);
        if pieces.len() < self.ids.len() || !pieces.iter().all(|piece| piece.can_be_had(None)) {
            return Ok(Stored::Gone);
        }
        // Nothing is sold before an assembly decided how the money is divided.
        if !self.shop.catalogue.contents(self.visit.now.as_microsecond()).await?.policy {
            return Err(sale::no_policy());
        }
        self.store_now(attempt).await
    }

    async fn store_now(&self, attempt: &str) -> ShopResult<Stored> {
        let mut tx = self.shop.db.begin().await?;
        let stored = self.write(&mut tx, attempt).await?;
        if !matches!(stored, Stored::Order(_)) {
            tx.rollback().await?;
            if let Stored::Errors(_, Some(CheckoutTrouble::NoRate { currency })) = &stored {
                self.tell_of_missing_rate(currency).await?;
            }
            return Ok(stored);
        }
        match tx.commit().await {
            Ok(()) => {
                metrics::counter!("orders_placed_total").increment(1);
                Ok(stored)
            }
            Err(DbError::Deadlock(_)) => Ok(Stored::Again),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells the board, because only the board can set a rate.
    async fn tell_of_missing_rate(&self, currency: &str) -> ShopResult<()> {
        let now = self.visit.now;
        let mut tx = self.shop.db.begin().await?;
        let notice = board::Notice::NoRate { currency, now };
        board::tell(&mut tx, self.shop, &notice, now.as_microsecond()).await?;
        tx.commit().await?;
        self.shop.wake.notify_one();
        Ok(())
    }

    async fn write(&self, tx: &mut Tx, attempt: &str) -> ShopResult<Stored> {
        let now_us = self.visit.now.as_microsecond();
        // In the same transaction as the order, so that she finds her own hold when she comes back.
        if let Some(session) = self.asker.session.as_ref().filter(|_| self.asker.begins_attempt) {
            let running = session::begin_attempt(tx, session, attempt).await?;
            let running = running.ok_or_else(ShopError::session_ended)?;
            if running != attempt {
                return Ok(Stored::Begun(running));
            }
        }
        piece::lock(tx, self.ids).await?;
        let found = piece::for_sale_in(tx, self.ids, self.visit.language.code()).await?;
        let pieces = in_order_of(self.ids, found);
        if pieces.len() < self.ids.len() || !pieces.iter().all(|piece| piece.can_be_had(None)) {
            return Ok(Stored::Gone);
        }
        let rates = self.prices.known();
        if let Some(currency) =
            sale::without_rate(tx, pieces.iter().map(|piece| &piece.id), &rates).await?
        {
            return Ok(Stored::Errors(Vec::new(), Some(CheckoutTrouble::NoRate { currency })));
        }
        let priced = match self.priced(&pieces)? {
            Ok(priced) => priced,
            Err((errors, trouble)) => return Ok(Stored::Errors(errors, trouble)),
        };
        let number = order::next_number(tx).await?;
        let row = self.order_row(attempt, number, &priced);
        // The lock of the counter is held: of two orders at once, the second sees the first.
        let rules = &self.shop.settings.holds;
        let marks = match holds::judge(tx, rules, &row, self.asker, pieces.len()).await? {
            Ok(marks) => marks,
            Err(refused) => {
                let trouble = CheckoutTrouble::TooManyHeld(refused);
                return Ok(Stored::Errors(Vec::new(), Some(trouble)));
            }
        };
        match order::insert(tx, &row).await {
            Ok(()) => {}
            // The same form was sent twice at once, and the other request stored the order.
            Err(DbError::Unique(_)) => return Ok(Stored::Again),
            Err(error) => return Err(error.into()),
        }
        rate::record(tx, &row.id, &rates).await?;
        for ((position, piece), price_minor) in (1_i64..).zip(&pieces).zip(&priced.lines) {
            order::insert_line(tx, &new_key(), &row.id, position, &piece.id, *price_minor).await?;
        }
        let mut held: Vec<&PieceForSale> = pieces.iter().collect();
        held.sort_by(|a, b| (&a.design_id, &a.id).cmp(&(&b.design_id, &b.id)));
        for piece in held {
            if !piece::hold(tx, &piece.id, &row.id, row.hold_until_us, now_us).await? {
                return Ok(Stored::Gone);
            }
        }
        if let Some(marks) = &marks {
            hold::insert(tx, marks).await?;
        }
        let payment = payment_row(&row);
        payment::insert(tx, &payment).await?;
        if let Some(session) = &self.asker.session {
            draft::keep_judged(tx, session, self.form, &[], self.visit.now).await?;
        }
        let (kind, key) = (Kind::ExpireOrder, job::expiry_key(&row.id));
        let run_at_us = row.hold_until_us + AFTER_HOLD_US;
        let job = NewJob { kind, payload: &row.id, dedup_key: &key, run_at_us };
        job::enqueue(tx, job, now_us).await?;
        let to_pay = |(piece, price_minor): (PieceForSale, &i64)| {
            let PieceForSale { name, serial, .. } = piece;
            LineToPay { name, serial, price_minor: *price_minor }
        };
        let lines = pieces.into_iter().zip(&priced.lines).map(to_pay).collect();
        Ok(Stored::Order(Box::new(Intended { order: row, payment, lines })))
    }

    /// Lines, delivery and tax of these pieces, or why they cannot be ordered.
    fn priced(
        &self,
        pieces: &[PieceForSale],
    ) -> ShopResult<Result<Priced, (Errors, Option<CheckoutTrouble>)>> {
        let typed = self.typed;
        let contents = contents_of(pieces);
        let department =
            domain::country::Department::parse(&typed.region).filter(|_| typed.country.is_peru());
        let place = Place { country: typed.country, department };
        let offers = checkout_sums::offers(
            &self.shop.settings,
            self.prices,
            &contents,
            place,
            self.visit.today,
        )?;
        let Some(chosen) = offers.options.iter().find(|option| option.kind == typed.delivery)
        else {
            return Ok(Err(match offers.over_limit {
                Some(limit) => (Vec::new(), Some(CheckoutTrouble::OverAbroadLimit(limit))),
                None => (vec![(CheckoutField::Delivery, FieldProblem::NotOffered)], None),
            }));
        };
        let lines = contents.lines(self.prices)?;
        let sums = checkout_sums::sums(
            &self.shop.settings,
            self.prices,
            &lines,
            Some(chosen.price),
            Destination::of(place.country, chosen.kind),
        );
        if let Some(trouble) = checkout_sums::not_chargeable(sums.total) {
            return Ok(Err((Vec::new(), Some(trouble))));
        }
        // The shopper never pays another amount than the form showed.
        if self.form.was_shown_another(chosen.kind, sums.total) {
            return Ok(Err((Vec::new(), Some(CheckoutTrouble::TotalChanged(sums.total)))));
        }
        Ok(Ok(Priced {
            items_minor: sums.items.amount_minor,
            shipping_minor: chosen.price.amount_minor,
            tax_minor: sums.tax_included.map_or(0, |tax| tax.amount_minor),
            total_minor: sums.total.amount_minor,
            from: chosen.from.to_string(),
            to: chosen.to.to_string(),
            lines,
        }))
    }

    fn order_row(&self, attempt: &str, number: i64, priced: &Priced) -> OrderRow {
        let (typed, now_us) = (self.typed, self.visit.now.as_microsecond());
        // Whole seconds, as Stripe has: so the page and the hold can end together.
        let hold_until_us = (now_us / 1_000_000 + self.shop.settings.hold_minutes * 60) * 1_000_000;
        OrderRow {
            id: new_key(),
            number,
            secret: new_secret(),
            attempt: attempt.to_owned(),
            state: OrderStatus::PendingPayment,
            language: self.visit.language.code().to_owned(),
            currency: typed.currency.code().to_owned(),
            rate_micro: self.prices.rate_micro(),
            items_minor: priced.items_minor,
            shipping_minor: priced.shipping_minor,
            tax_minor: priced.tax_minor,
            total_minor: priced.total_minor,
            delivery: typed.delivery.as_str().to_owned(),
            delivery_from: priced.from.clone(),
            delivery_to: priced.to.clone(),
            email: typed.email.clone(),
            name: typed.name.clone(),
            phone: typed.phone.clone(),
            country: typed.country.code().to_owned(),
            region: typed.region.clone(),
            city: typed.city.clone(),
            street: typed.street.clone(),
            postal_code: typed.postal_code.clone(),
            gift_message: typed.gift_message.clone(),
            created_at_us: now_us,
            hold_until_us,
            paid_at_us: None,
            closed_at_us: None,
        }
    }
}

/// An order's amounts in its currency.
struct Priced {
    lines: Vec<i64>,
    items_minor: i64,
    shipping_minor: i64,
    tax_minor: i64,
    total_minor: i64,
    from: String,
    to: String,
}

fn payment_row(order: &OrderRow) -> PaymentRow {
    let id: PaymentId = new_key();
    PaymentRow {
        idempotency_key: format!("checkout-{id}"),
        id,
        order_id: order.id.clone(),
        provider: "stripe".to_owned(),
        state: PaymentState::Intended,
        currency: order.currency.clone(),
        amount_minor: order.total_minor,
        session_id: None,
        payment_url: None,
        payment_intent: None,
        charge: None,
        fee_minor: None,
        settled: SettledRow::default(),
        created_at_us: order.created_at_us,
        expires_at_us: order
            .hold_until_us
            .max(order.created_at_us / 1_000_000 * 1_000_000 + PAGE_LEAST_US),
        paid_at_us: None,
    }
}

pub(super) fn contents_of(pieces: &[PieceForSale]) -> Parcel {
    Parcel {
        prices_minor: pieces.iter().map(|piece| piece.price_minor).collect(),
        weight_mg: pieces.iter().map(|piece| piece.weight_mg).sum(),
    }
}

/// The pieces in the order of the bag.
pub(super) fn in_order_of(ids: &[String], mut pieces: Vec<PieceForSale>) -> Vec<PieceForSale> {
    pieces.sort_by_key(|piece| ids.iter().position(|id| **id == *piece.id));
    pieces
}
