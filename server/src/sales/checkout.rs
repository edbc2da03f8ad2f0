//! From the bag to the payment page. Prices, sums and availability come from the database and the
//! tariff; the form only says who, where, how and in which currency.

use store::order::OrderRow;
use store::piece::PieceForSale;
use store::{order, piece, session};

use app::backend::shop::{
    BagLine, BagView, CheckoutField, CheckoutForm, CheckoutTrouble, CheckoutView, FieldProblem,
    PieceAvailability, Pressed, Visit,
};
use app::payment_page as payment_words;
use domain::hold::TooManyHeld;
use domain::language::Language;
use domain::money::Currency;
use domain::order::OrderStatus;
use domain::shipping::DeliveryKind;
use domain::tax::Destination;

use super::cancel::{Cancelled, cancel};
use super::checkout_form::{self, Errors, Place};
use super::checkout_store::{PricedCheckout, Stored, in_order_of};
use super::checkout_sums::{self, Offers, Parcel};
use super::draft::Draft;
use super::not_opened::NotOpened;
use super::payment_page::{self, Intended, Opened};
use super::{Asker, Shop};
use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::payments::Refused as ByProvider;

/// How many pieces one order may hold.
const PIECES_MAX: usize = 20;
/// An order whose hold ends sooner than this is replaced by a new one.
const TOO_LATE_US: i64 = 60_000_000;
/// How often a transaction is begun again after a deadlock, or after another request stored the order.
const TRIES: usize = 4;

/// A placed order: where the shopper goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The payment page; `None` when nothing is left to pay and the order's own page comes next.
    pub payment_url: Option<String>,
    /// The order's secret.
    pub secret: String,
}

/// Why no order was placed.
#[derive(Debug)]
pub enum NotPlaced {
    /// Something in the form or the bag prevents it.
    Refused(Refused),
    /// The form's attempt is an order that is paid, and this is another purchase. It needs an attempt
    /// of its own, which the caller must store before anything is held for it.
    AttemptUsedUp,
    /// Another form of the same session began this attempt meanwhile: place the order with it.
    AttemptBegun(String),
}

/// What prevents an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong with fields of the form.
    pub errors: Vec<(CheckoutField, FieldProblem)>,
    /// What else is wrong.
    pub trouble: Option<CheckoutTrouble>,
    /// Pieces that are not available any more and leave the bag.
    pub gone: Vec<String>,
}

/// The checkout page for a form that may be half filled in.
pub async fn view(
    shop: &Shop,
    visit: &Visit,
    form: CheckoutForm,
    piece_ids: &[String],
) -> ShopResult<CheckoutView> {
    view_of(shop, visit, Draft { form, errors: Errors::new() }, piece_ids, None).await
}

/// The checkout page for what was typed so far, with what was wrong when it was last sent.
pub async fn view_of(
    shop: &Shop,
    visit: &Visit,
    Draft { form, errors }: Draft,
    piece_ids: &[String],
    trouble: Option<CheckoutTrouble>,
) -> ShopResult<CheckoutView> {
    let form = checkout_form::tidied(form);
    // The button that pays needs a chosen delivery: without one the form says so.
    let deliver = if form.pressed() == Pressed::Pay { Deliver::AsTyped } else { Deliver::Suggest };
    page(shop, visit, form, piece_ids, errors, trouble, deliver).await
}

/// Places an order and opens its payment page. The same `attempt` posted twice leads to the
/// same payment page; posted with other contents, it replaces the unpaid order it made.
pub async fn place(
    shop: &Shop,
    visit: &Visit,
    form: CheckoutForm,
    piece_ids: &[String],
    asker: &Asker,
) -> ShopResult<Result<Placed, NotPlaced>> {
    let form = checkout_form::tidied(form);
    let ids = distinct(piece_ids);
    let now_us = visit.now.as_microsecond();
    let offered = shop.catalogue.currencies(now_us).await?;
    let typed = match checkout_form::read(&form, &offered) {
        Ok(typed) => typed,
        Err(errors) => return Ok(Err(refused(errors, None))),
    };
    let prices = shop.catalogue.prices(typed.currency, now_us).await?;
    let priced = PricedCheckout {
        shop,
        visit,
        asker,
        form: &form,
        typed: &typed,
        prices: &prices,
        ids: &ids,
    };
    for _ in 0..TRIES {
        // A new attempt has no earlier order.
        if !asker.begins_attempt
            && let Some(before) = order::by_attempt(&shop.db, &form.attempt).await?
        {
            match go_on(&priced, &before).await? {
                GoOn::To(placed) => return Ok(Ok(placed)),
                GoOn::Failed(why) => {
                    let (errors, trouble) = no_page(why);
                    return Ok(Err(refused(errors, trouble)));
                }
                GoOn::TooMany(held) => {
                    let trouble = Some(CheckoutTrouble::TooManyHeld(held));
                    return Ok(Err(refused(Vec::new(), trouble)));
                }
                GoOn::Afresh => {}
                GoOn::UsedUp => return Ok(Err(NotPlaced::AttemptUsedUp)),
            }
        }
        match priced.store(&form.attempt).await? {
            Stored::Order(stored) => return finish(shop, visit, *stored).await,
            Stored::Errors(errors, trouble) => {
                return Ok(Err(refused(errors, trouble)));
            }
            // Another form of the same session may have taken them a moment ago.
            Stored::Gone if asker.begins_attempt => {
                return match begun_meanwhile(shop, asker).await? {
                    Some(attempt) => Ok(Err(NotPlaced::AttemptBegun(attempt))),
                    None => gone(shop, visit, &ids).await,
                };
            }
            // The same form, sent twice at once, may have taken them.
            Stored::Gone if order::by_attempt(&shop.db, &form.attempt).await?.is_none() => {
                return gone(shop, visit, &ids).await;
            }
            Stored::Gone => {}
            Stored::Again => {}
            Stored::Begun(attempt) => return Ok(Err(NotPlaced::AttemptBegun(attempt))),
        }
    }
    Err(ShopError::Unavailable("too many shoppers at once".into()))
}

/// The attempt at buying that another form of the same session began, if one did.
async fn begun_meanwhile(shop: &Shop, asker: &Asker) -> ShopResult<Option<String>> {
    match &asker.session {
        Some(session) => Ok(session::running_attempt(&shop.db, session).await?),
        None => Ok(None),
    }
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

/// Opens the payment page of an order that was just stored.
async fn finish(
    shop: &Shop,
    visit: &Visit,
    stored: Intended,
) -> ShopResult<Result<Placed, NotPlaced>> {
    let secret = stored.order.secret.clone();
    match payment_page::open_new(shop, stored, visit.now).await? {
        Opened::Page(url) => Ok(Ok(Placed { payment_url: Some(url), secret })),
        Opened::Moot | Opened::UnderWay => Ok(Ok(Placed { payment_url: None, secret })),
        Opened::Failed(why) => {
            let (errors, trouble) = no_page(why);
            Ok(Err(refused(errors, trouble)))
        }
    }
}

/// Where the form says that no payment page could be opened: beside the field that the provider
/// refuses, or on top.
fn no_page(why: NotOpened) -> (Errors, Option<CheckoutTrouble>) {
    let field = |field| (vec![(field, FieldProblem::NotAccepted)], None);
    let on_top = |trouble| (Vec::new(), Some(trouble));
    match why {
        NotOpened::Unavailable => on_top(CheckoutTrouble::PaymentUnavailable),
        NotOpened::NotAllowed => on_top(CheckoutTrouble::PaymentClosed),
        NotOpened::Refused(ByProvider::Email) => field(CheckoutField::Email),
        NotOpened::Refused(ByProvider::Currency) => field(CheckoutField::Currency),
        NotOpened::Refused(ByProvider::Amount) => on_top(CheckoutTrouble::PaymentAmount),
        NotOpened::Refused(ByProvider::Unknown | ByProvider::Other) => {
            on_top(CheckoutTrouble::PaymentRefused)
        }
    }
}

/// What is done with an order that the same form made before.
enum GoOn {
    /// It is still valid.
    To(Placed),
    /// It was cancelled: place a new one.
    Afresh,
    /// It was paid, and this is another purchase.
    UsedUp,
    /// There is no payment page.
    Failed(NotOpened),
    /// More pieces than anybody may hold. The held pieces stay held.
    TooMany(TooManyHeld),
}

async fn go_on(priced: &PricedCheckout<'_>, before: &OrderRow) -> ShopResult<GoOn> {
    let (shop, now) = (priced.shop, priced.visit.now);
    let to = |payment_url| GoOn::To(Placed { payment_url, secret: before.secret.clone() });
    let same_pieces = priced.has_pieces_of(before).await?;
    if before.state != OrderStatus::PendingPayment {
        return Ok(if same_pieces { to(None) } else { GoOn::UsedUp });
    }
    let in_time = before.hold_until_us > now.as_microsecond() + TOO_LATE_US;
    if same_pieces && in_time && priced.says_the_same(before) {
        match payment_page::open(shop, &before.id, now).await? {
            Opened::Page(url) => return Ok(to(Some(url))),
            Opened::UnderWay => return Ok(to(None)),
            Opened::Failed(why) => return Ok(GoOn::Failed(why)),
            Opened::Moot => {}
        }
    }
    let wanted = u32::try_from(priced.ids.len()).unwrap_or(u32::MAX);
    if let Err(refused) = shop.settings.holds.limits.judge_size(wanted) {
        return Ok(GoOn::TooMany(refused));
    }
    Ok(match cancel(shop, &before.secret, now).await? {
        Cancelled::Paid => to(None),
        Cancelled::Unavailable => GoOn::Failed(NotOpened::Unavailable),
        Cancelled::Done | Cancelled::Closed | Cancelled::Unknown => GoOn::Afresh,
    })
}

fn refused(errors: Errors, trouble: Option<CheckoutTrouble>) -> NotPlaced {
    NotPlaced::Refused(Refused { errors, trouble, gone: Vec::new() })
}

/// Says which pieces cannot be had any more.
async fn gone(shop: &Shop, visit: &Visit, ids: &[String]) -> ShopResult<Result<Placed, NotPlaced>> {
    let pieces = piece::for_sale(&shop.db, ids, visit.language.code()).await?;
    let free = |id: &String| pieces.iter().any(|piece| *piece.id == **id && piece.can_be_had(None));
    let (left, gone): (Vec<String>, Vec<String>) = ids.iter().cloned().partition(free);
    let named = in_order_of(ids, pieces)
        .into_iter()
        .filter(|piece| gone.iter().any(|id| *piece.id == **id));
    let names: Vec<String> = named.map(|piece| name_of(visit.language, &piece)).collect();
    // A key without a name is no piece of ours, or not shown any more: it leaves the bag silently.
    let trouble = match (names.is_empty(), left.is_empty()) {
        (true, true) => Some(CheckoutTrouble::EmptyBag),
        (true, false) => None,
        (false, _) => Some(CheckoutTrouble::Taken(names)),
    };
    Ok(Err(NotPlaced::Refused(Refused { errors: Vec::new(), trouble, gone })))
}

fn name_of(language: Language, piece: &PieceForSale) -> String {
    payment_words::piece(language, &piece.name, &piece.serial)
}

/// How the page treats the way of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deliver {
    /// It chooses the first one offered when the shopper chose none.
    Suggest,
    /// It keeps what was typed, even if it is not offered.
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
) -> ShopResult<CheckoutView> {
    let now_us = visit.now.as_microsecond();
    let offered = shop.catalogue.currencies(now_us).await?;
    let currency = Currency::from_code(&form.currency)
        .filter(|currency| offered.contains(currency))
        .unwrap_or_else(|| visit.currency.or_nearest(&offered));
    let prices = shop.catalogue.prices(currency, now_us).await?;
    if form.currency.is_empty() {
        form.currency = currency.code().to_owned();
    }
    // The lines are in the currency of the sums, whatever the visitor is shown elsewhere.
    let visit = &Visit { currency, ..visit.clone() };
    let bag = shop.catalogue.read_bag(visit, ids, Some(&form.attempt)).await?;
    let contents = contents_of_bag(&bag);
    let place = Place::of(&form);
    let offers = match place {
        Some(place) if !contents.is_empty() => {
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
    let delivery = chosen(&form.delivery);
    let shipping = delivery.map(|option| option.price);
    // Before a way is chosen, the order counts as not picked up.
    let kind = delivery.map_or(DeliveryKind::Courier, |option| option.kind);
    let destination =
        place.map_or(Destination::Domestic, |place| Destination::of(place.country, kind));
    let sums = checkout_sums::sums(
        &shop.settings,
        &prices,
        &contents.lines(&prices)?,
        shipping,
        destination,
    );
    let trouble = trouble
        .or_else(|| contents.is_empty().then_some(CheckoutTrouble::EmptyBag))
        .or_else(|| {
            offers
                .over_limit
                .filter(|_| offers.options.is_empty())
                .map(CheckoutTrouble::OverAbroadLimit)
        })
        // No order of this size is taken: the page says so before anything is typed.
        .or_else(|| {
            let wanted = u32::try_from(contents.prices_minor.len()).unwrap_or(u32::MAX);
            let refused = shop.settings.holds.limits.judge_size(wanted).err();
            refused.map(CheckoutTrouble::TooManyHeld)
        });
    let trouble =
        trouble.or_else(|| shipping.and_then(|_| checkout_sums::not_chargeable(sums.total)));
    Ok(CheckoutView {
        bag,
        form,
        errors,
        trouble,
        options: offers.options,
        sums,
        currencies: offered,
        rate: prices.own_rate(),
        hold_minutes: u32::try_from(shop.settings.hold_minutes).unwrap_or_default(),
    })
}

/// The pieces of the bag that are available.
fn contents_of_bag(bag: &BagView) -> Parcel {
    let available = |line: &&BagLine| line.availability == PieceAvailability::Available;
    let lines: Vec<&BagLine> = bag.lines.iter().filter(available).collect();
    Parcel {
        prices_minor: lines.iter().map(|line| line.price.amount_minor).collect(),
        weight_mg: lines.iter().map(|line| line.weight_mg).sum(),
    }
}
