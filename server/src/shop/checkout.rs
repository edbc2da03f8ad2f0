//! From the bag to the payment page. Prices, sums and what can be had come from the database
//! and the tariff; the form only says who, where, how and in which currency.

use app::backend::shop::{
    BagView, CheckoutField, CheckoutForm, CheckoutTrouble, CheckoutView, FieldProblem,
    PieceAvailability, Visit,
};
use app::i18n::design as words;
use domain::language::Language;
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use domain::tax::Destination;

use super::cancel::{Cancelled, cancel};
use super::checkout_form::{self, Errors, Place, Typed};
use super::checkout_sums::{self, Offers, Parcel, Prices};
use super::payment_page::{self, Opened, expiry_key};
use super::{Shop, sale};
use crate::db::DbError;
use crate::error::{ShopError, ShopResult};
use crate::ids::{new_id, new_secret};
use crate::jobs::Kind;
use crate::store::order::OrderRow;
use crate::store::payment::PaymentRow;
use crate::store::piece::PieceForSale;
use crate::store::{job, order, payment, piece, policy, rate};

/// Pieces one order may hold.
const PIECES_MAX: usize = 20;
/// Stripe closes the page at the hold's end; the job that frees the pieces comes just after.
const AFTER_HOLD_US: i64 = 2_000_000;
/// An order whose hold ends sooner than this is not gone on with.
const TOO_LATE_US: i64 = 60_000_000;
/// How often a transaction that gave way, or met its own twin, is begun again.
const TRIES: usize = 4;

/// An order placed: where the shopper goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The payment page; `None` when nothing is left to pay: then the order's own page.
    pub payment_url: Option<String>,
    /// The order's secret.
    pub secret: String,
}

/// Why no order was placed: the page again, what was typed kept.
#[derive(Debug)]
pub struct Refused {
    /// The page, with the errors beside their fields or the trouble on top.
    pub view: Box<CheckoutView>,
    /// Pieces that can no longer be had and leave the bag.
    pub gone: Vec<String>,
}

/// The checkout page for a form that may be half filled in.
pub async fn view(
    shop: &Shop,
    visit: &Visit,
    form: CheckoutForm,
    piece_ids: &[String],
) -> ShopResult<CheckoutView> {
    let form = checkout_form::clipped(form);
    Ok(*page(shop, visit, form, piece_ids, Vec::new(), None, Deliver::Suggest).await?)
}

/// Places an order and opens its payment page. The same `attempt` posted twice leads to the
/// same payment page; posted with other contents, it replaces the unpaid order it made.
pub async fn place(
    shop: &Shop,
    visit: &Visit,
    form: CheckoutForm,
    piece_ids: &[String],
) -> ShopResult<Result<Placed, Refused>> {
    let form = checkout_form::clipped(form);
    let ids = distinct(piece_ids);
    let dated = rate::from_now_on(&shop.db, visit.now.as_microsecond()).await?;
    let offered = Prices::new(&dated, Currency::Pen, visit.now.as_microsecond()).offered();
    let typed = match checkout_form::read(&form, &offered) {
        Ok(typed) => typed,
        Err(errors) => return refuse(shop, visit, form, &ids, errors, None).await,
    };
    let prices = Prices::new(&dated, typed.currency, visit.now.as_microsecond());
    let wish = Wish { shop, visit, typed: &typed, prices: &prices, ids: &ids };
    for _ in 0..TRIES {
        if let Some(before) = order::by_attempt(&shop.db, &form.attempt).await? {
            match go_on(&wish, &before).await? {
                GoOn::To(placed) => return Ok(Ok(placed)),
                GoOn::Unavailable => {
                    return refuse(
                        shop,
                        visit,
                        form,
                        &ids,
                        Vec::new(),
                        Some(CheckoutTrouble::PaymentUnavailable),
                    )
                    .await;
                }
                GoOn::Afresh => {}
                GoOn::AfreshUnderNewName => {
                    return Box::pin(place(
                        shop,
                        visit,
                        CheckoutForm { attempt: new_id(), ..form },
                        &ids,
                    ))
                    .await;
                }
            }
        }
        match wish.store(&form.attempt).await? {
            Stored::Order { id, secret } => {
                return finish(shop, visit, form, &ids, &id, secret).await;
            }
            Stored::Errors(errors, trouble) => {
                return refuse(shop, visit, form, &ids, errors, trouble).await;
            }
            // Unless it is the same form's own twin that took them a moment ago.
            Stored::Gone if order::by_attempt(&shop.db, &form.attempt).await?.is_none() => {
                return gone(shop, visit, form, &ids).await;
            }
            Stored::Gone => {}
            Stored::Again => {}
        }
    }
    Err(ShopError::Unavailable("too many shoppers at once".into()))
}

fn distinct(piece_ids: &[String]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::with_capacity(piece_ids.len().min(PIECES_MAX));
    for id in piece_ids.iter().take(PIECES_MAX) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

/// The order is stored, its pieces are held: now the payment page.
async fn finish(
    shop: &Shop,
    visit: &Visit,
    form: CheckoutForm,
    ids: &[String],
    order_id: &str,
    secret: String,
) -> ShopResult<Result<Placed, Refused>> {
    match payment_page::open(shop, order_id, visit.now).await? {
        Opened::Page(url) => Ok(Ok(Placed { payment_url: Some(url), secret })),
        Opened::Moot => Ok(Ok(Placed { payment_url: None, secret })),
        Opened::Unavailable => {
            refuse(shop, visit, form, ids, Vec::new(), Some(CheckoutTrouble::PaymentUnavailable))
                .await
        }
    }
}

/// What is done with an order that the same form made before.
enum GoOn {
    /// It is still good.
    To(Placed),
    /// It was replaced: place anew.
    Afresh,
    /// It was paid, and this is another purchase: the form's name is used up.
    AfreshUnderNewName,
    /// The payment provider does not answer.
    Unavailable,
}

async fn go_on(wish: &Wish<'_>, before: &OrderRow) -> ShopResult<GoOn> {
    let (shop, now) = (wish.shop, wish.visit.now);
    let to = |payment_url| GoOn::To(Placed { payment_url, secret: before.secret.clone() });
    let same_pieces = wish.has_pieces_of(before).await?;
    if before.state != OrderStatus::PendingPayment.as_str() {
        return Ok(if same_pieces { to(None) } else { GoOn::AfreshUnderNewName });
    }
    let in_time = before.hold_until_us > now.as_microsecond() + TOO_LATE_US;
    if same_pieces && in_time && wish.says_the_same(before) {
        match payment_page::open(shop, &before.id, now).await? {
            Opened::Page(url) => return Ok(to(Some(url))),
            Opened::Unavailable => return Ok(GoOn::Unavailable),
            Opened::Moot => {}
        }
    }
    Ok(match cancel(shop, &before.secret, now).await? {
        Cancelled::Paid => to(None),
        Cancelled::Unavailable => GoOn::Unavailable,
        Cancelled::Done | Cancelled::Closed | Cancelled::Unknown => GoOn::Afresh,
    })
}

/// What a shopper wants, read and priced.
struct Wish<'a> {
    shop: &'a Shop,
    visit: &'a Visit,
    typed: &'a Typed,
    prices: &'a Prices,
    ids: &'a [String],
}

/// What became of storing an order.
enum Stored {
    Order {
        id: String,
        secret: String,
    },
    Errors(Errors, Option<CheckoutTrouble>),
    /// A piece cannot be had any more.
    Gone,
    /// Somebody was at the same rows: look again.
    Again,
}

impl Wish<'_> {
    async fn has_pieces_of(&self, before: &OrderRow) -> ShopResult<bool> {
        let lines = order::lines(&self.shop.db, &before.id, self.visit.language.code()).await?;
        Ok(lines.len() == self.ids.len()
            && lines.iter().all(|line| self.ids.contains(&line.piece_id)))
    }

    fn says_the_same(&self, before: &OrderRow) -> bool {
        let typed = self.typed;
        before.name == typed.name
            && before.email == typed.email
            && before.phone == typed.phone
            && before.country == typed.country.code()
            && before.region == typed.region
            && before.city == typed.city
            && before.street == typed.street
            && before.postal_code == typed.postal_code
            && before.gift_message == typed.gift_message
            && before.currency == typed.currency.code()
            && before.delivery == typed.delivery.as_str()
    }

    /// Order, lines, holds, payment intent and the job that ends it all: one transaction, or nothing.
    async fn store(&self, attempt: &str) -> ShopResult<Stored> {
        if self.ids.is_empty() {
            return Ok(Stored::Errors(Vec::new(), Some(CheckoutTrouble::EmptyBag)));
        }
        // A look without any lock: most of those who come too late need no transaction.
        let language = self.visit.language.code();
        let pieces =
            in_order_of(self.ids, piece::for_sale(&self.shop.db, self.ids, language).await?);
        if pieces.len() < self.ids.len() || !pieces.iter().all(|piece| piece.can_be_had(None)) {
            return Ok(Stored::Gone);
        }
        self.store_now(attempt).await
    }

    async fn store_now(&self, attempt: &str) -> ShopResult<Stored> {
        let now_us = self.visit.now.as_microsecond();
        let language = self.visit.language.code();
        let mut tx = self.shop.db.begin().await?;
        piece::lock(&mut tx, self.ids).await?;
        let pieces = in_order_of(self.ids, piece::for_sale_in(&mut tx, self.ids, language).await?);
        if pieces.len() < self.ids.len() || !pieces.iter().all(|piece| piece.can_be_had(None)) {
            return Ok(Stored::Gone);
        }
        // Nothing is sold before an assembly adopted how the money is divided.
        policy::in_force(&mut tx, now_us).await?.ok_or_else(sale::no_policy)?;
        let priced = match self.priced(&pieces)? {
            Ok(priced) => priced,
            Err((errors, trouble)) => return Ok(Stored::Errors(errors, trouble)),
        };
        let row = self.order_row(attempt, order::next_number(&mut tx).await?, &priced);
        match order::insert(&mut tx, &row).await {
            Ok(()) => {}
            // The same form, posted twice at once: its twin has it.
            Err(DbError::Unique(_)) => return Ok(Stored::Again),
            Err(error) => return Err(error.into()),
        }
        for ((position, piece), price_minor) in (1_i64..).zip(&pieces).zip(&priced.lines) {
            order::insert_line(&mut tx, &new_id(), &row.id, position, &piece.id, *price_minor)
                .await?;
        }
        let mut held: Vec<&PieceForSale> = pieces.iter().collect();
        held.sort_by(|a, b| (&a.design_id, &a.id).cmp(&(&b.design_id, &b.id)));
        for piece in held {
            if !piece::hold(&mut tx, &piece.id, &row.id, row.hold_until_us, now_us).await? {
                return Ok(Stored::Gone);
            }
        }
        payment::insert(&mut tx, &payment_row(&row)).await?;
        job::enqueue(
            &mut tx,
            Kind::ExpireOrder.as_str(),
            &row.id,
            &expiry_key(&row.id),
            row.hold_until_us + AFTER_HOLD_US,
            now_us,
        )
        .await?;
        match tx.commit().await {
            Ok(()) => {}
            Err(DbError::GaveWay(_)) => return Ok(Stored::Again),
            Err(error) => return Err(error.into()),
        }
        metrics::counter!("orders_placed_total").increment(1);
        Ok(Stored::Order { id: row.id, secret: row.secret })
    }

    /// Lines, delivery and tax of these pieces, or what keeps the order from being sent.
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
            place.destination(),
        );
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
        // Whole seconds: Stripe's clock has no finer ones, and page and hold end together.
        let hold_until_us = (now_us / 1_000_000 + self.shop.settings.hold_minutes * 60) * 1_000_000;
        OrderRow {
            id: new_id(),
            number,
            secret: new_secret(),
            attempt: attempt.to_owned(),
            state: OrderStatus::PendingPayment.as_str().to_owned(),
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
    let id = new_id();
    PaymentRow {
        idempotency_key: format!("checkout-{id}"),
        id,
        order_id: order.id.clone(),
        provider: "stripe".to_owned(),
        state: "intended".to_owned(),
        currency: order.currency.clone(),
        amount_minor: order.total_minor,
        session_id: None,
        payment_url: None,
        payment_intent: None,
        charge: None,
        fee_minor: None,
        created_at_us: order.created_at_us,
        expires_at_us: order.hold_until_us,
        paid_at_us: None,
    }
}

fn contents_of(pieces: &[PieceForSale]) -> Parcel {
    Parcel {
        prices_minor: pieces.iter().map(|piece| piece.price_minor).collect(),
        weight_mg: pieces.iter().map(|piece| piece.weight_mg).sum(),
    }
}

/// The pieces in the order of the bag.
fn in_order_of(ids: &[String], mut pieces: Vec<PieceForSale>) -> Vec<PieceForSale> {
    pieces.sort_by_key(|piece| ids.iter().position(|id| *id == piece.id));
    pieces
}

async fn refuse(
    shop: &Shop,
    visit: &Visit,
    form: CheckoutForm,
    ids: &[String],
    errors: Errors,
    trouble: Option<CheckoutTrouble>,
) -> ShopResult<Result<Placed, Refused>> {
    let view = page(shop, visit, form, ids, errors, trouble, Deliver::AsTyped).await?;
    Ok(Err(Refused { view, gone: Vec::new() }))
}

/// Says which pieces cannot be had any more; the page shows what is left.
async fn gone(
    shop: &Shop,
    visit: &Visit,
    form: CheckoutForm,
    ids: &[String],
) -> ShopResult<Result<Placed, Refused>> {
    let pieces = piece::for_sale(&shop.db, ids, visit.language.code()).await?;
    let free = |id: &String| pieces.iter().any(|piece| piece.id == *id && piece.can_be_had(None));
    let (left, gone): (Vec<String>, Vec<String>) = ids.iter().cloned().partition(free);
    let named = in_order_of(ids, pieces).into_iter().filter(|piece| gone.contains(&piece.id));
    let names: Vec<String> = named.map(|piece| name_of(visit.language, &piece)).collect();
    // What has no name is no piece of ours, or not shown any more: it leaves the bag without a word.
    let trouble = match (names.is_empty(), left.is_empty()) {
        (true, true) => Some(CheckoutTrouble::EmptyBag),
        (true, false) => None,
        (false, _) => Some(CheckoutTrouble::Taken(names)),
    };
    let view = page(shop, visit, form, &left, Vec::new(), trouble, Deliver::AsTyped).await?;
    Ok(Err(Refused { view, gone }))
}

fn name_of(language: Language, piece: &PieceForSale) -> String {
    format!("{}, {}", piece.name, words::serial(language, &piece.serial))
}

/// What the page does about the way of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deliver {
    /// The first one offered is chosen when none was.
    Suggest,
    /// What was typed stands, even if it is not offered.
    AsTyped,
}

async fn page(
    shop: &Shop,
    visit: &Visit,
    mut form: CheckoutForm,
    ids: &[String],
    errors: Errors,
    trouble: Option<CheckoutTrouble>,
    deliver: Deliver,
) -> ShopResult<Box<CheckoutView>> {
    let now_us = visit.now.as_microsecond();
    let dated = rate::from_now_on(&shop.db, now_us).await?;
    let offered = Prices::new(&dated, Currency::Pen, now_us).offered();
    let currency = Currency::from_code(&form.currency)
        .filter(|currency| offered.contains(currency))
        .unwrap_or(Currency::Pen);
    let prices = Prices::new(&dated, currency, now_us);
    if form.currency.is_empty() {
        form.currency = currency.code().to_owned();
    }
    let (bag, pieces) = bag_of(shop, visit, &form, ids, &prices).await?;
    let contents = contents_of(&pieces);
    let place = Place::of(&form);
    let offers = match place {
        Some(place) if !pieces.is_empty() => {
            checkout_sums::offers(&shop.settings, &prices, &contents, place, visit.today)?
        }
        _ => Offers::default(),
    };
    let chosen = |code: &str| offers.options.iter().find(|option| option.kind.as_str() == code);
    if deliver == Deliver::Suggest && chosen(&form.delivery).is_none() {
        form.delivery = offers
            .options
            .first()
            .map(|option| option.kind.as_str().to_owned())
            .unwrap_or_default();
    }
    let shipping = chosen(&form.delivery).map(|option| option.price);
    let destination = place.map_or(Destination::Domestic, Place::destination);
    let sums = checkout_sums::sums(
        &shop.settings,
        &prices,
        &contents.lines(&prices)?,
        shipping,
        destination,
    );
    let trouble =
        trouble.or_else(|| pieces.is_empty().then_some(CheckoutTrouble::EmptyBag)).or_else(|| {
            offers
                .over_limit
                .filter(|_| offers.options.is_empty())
                .map(CheckoutTrouble::OverAbroadLimit)
        });
    Ok(Box::new(CheckoutView {
        bag,
        form,
        errors,
        trouble,
        options: offers.options,
        sums,
        currencies: offered,
        hold_minutes: u32::try_from(shop.settings.hold_minutes).unwrap_or_default(),
    }))
}

/// The bag as this visitor sees it: what her own unpaid order holds, she can have.
async fn bag_of(
    shop: &Shop,
    visit: &Visit,
    form: &CheckoutForm,
    ids: &[String],
    prices: &Prices,
) -> ShopResult<(BagView, Vec<PieceForSale>)> {
    let own = order::by_attempt(&shop.db, &form.attempt).await?.map(|order| order.id);
    let mut pieces = in_order_of(ids, piece::for_sale(&shop.db, ids, visit.language.code()).await?);
    pieces.retain(|piece| piece.can_be_had(own.as_deref()));
    let mut bag = shop.read_bag(visit, ids).await?;
    for line in &mut bag.lines {
        if pieces.iter().any(|piece| piece.id == line.piece_id) {
            line.availability = PieceAvailability::Available;
        }
    }
    let subtotal = Money::new(pieces.iter().map(|piece| piece.price_minor).sum(), Currency::Pen);
    bag.subtotal = subtotal;
    bag.subtotal_usd = prices.in_dollars(subtotal);
    Ok((bag, pieces))
}
