//! The facts of an order for its own page and its mails.

use domain::order::OrderStatus;
use domain::payment::PaymentState;
use store::db::inconsistent;
use store::mail::MailState;
use store::order::{LineRow, OrderRow};
use store::payment::PaymentRow;
use store::{mail, order, payment, refund};

use app::backend::shop::MoneyBreakdown;
use app::backend::shop::{
    DeliveryEstimate, MailedCopy, OrderLineView, OrderSums, OrderView, ShownStatus, Visit,
};
use domain::address::AddressRule;
use domain::country::Country;
use domain::language::Language;
use domain::money::{Currency, Money};
use domain::shipping::DeliveryKind;
use domain::tax::Destination;
use jiff::Timestamp;

use super::look_up::refreshed;
use super::order_returns::{self, Returns};
use super::{Shop, order_number};
use crate::catalogue::breakdown as breakdown_of;
use crate::kernel::error::{ShopError, ShopResult};
use crate::treasury::sale;

/// An order whose page somebody opened.
#[derive(Debug)]
pub struct OpenedOrder {
    /// The order.
    pub view: OrderView,
    /// How it relates to the attempt at buying of the visitor who opened it.
    pub standing: Standing,
}

/// How an order relates to an attempt at buying.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// The order does not belong to this attempt, or no longer does because it ended unpaid.
    AnotherOnes,
    /// It awaits its payment.
    Running,
    /// These pieces were bought.
    Bought(Vec<String>),
}

/// The order behind its secret link. `attempt` is the visitor's attempt at buying. While the payment
/// is awaited, the provider is asked first: a shopper often comes back before the notification.
pub async fn open(
    shop: &Shop,
    visit: &Visit,
    secret: &str,
    attempt: Option<&str>,
) -> ShopResult<Option<OpenedOrder>> {
    // A secret has only letters and digits. Anything else is no secret.
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    let Some(found) = order::by_secret(&shop.db, secret).await? else { return Ok(None) };
    let (row, payment) = if found.state == OrderStatus::PendingPayment {
        refreshed(shop, found, visit.now).await?
    } else {
        let payment = payment::of_order(&shop.db, &found.id).await?;
        (found, payment)
    };
    let lines = order::lines(&shop.db, &row.id, visit.language.code()).await?;
    let standing = standing(&row, &lines, attempt);
    let view = view_of(shop, visit, row, payment, lines).await?;
    Ok(Some(OpenedOrder { view, standing }))
}

fn standing(row: &OrderRow, lines: &[LineRow], attempt: Option<&str>) -> Standing {
    if attempt != Some(row.attempt.as_str()) {
        return Standing::AnotherOnes;
    }
    match row.state {
        OrderStatus::PendingPayment => Standing::Running,
        OrderStatus::Expired | OrderStatus::Cancelled => Standing::AnotherOnes,
        OrderStatus::Paid
        | OrderStatus::Preparing
        | OrderStatus::Shipped
        | OrderStatus::Delivered => {
            Standing::Bought(lines.iter().map(|line| line.piece_id.to_string()).collect())
        }
    }
}

/// A stored order as facts.
pub async fn of(shop: &Shop, visit: &Visit, row: OrderRow) -> ShopResult<OrderView> {
    let payment = payment::of_order(&shop.db, &row.id).await?;
    let lines = order::lines(&shop.db, &row.id, visit.language.code()).await?;
    view_of(shop, visit, row, payment, lines).await
}

async fn view_of(
    shop: &Shop,
    visit: &Visit,
    row: OrderRow,
    payment: Option<PaymentRow>,
    line_rows: Vec<LineRow>,
) -> ShopResult<OrderView> {
    let currency = Currency::from_code(&row.currency).ok_or_else(|| odd(&row, "currency"))?;
    let refunds = refund::of_order(&shop.db, &row.id).await?;
    let returns = order_returns::of(&row, &refunds)?;
    let status = status_of(&row, payment.as_ref(), &returns)?;
    let pending = status == ShownStatus::Of(OrderStatus::PendingPayment);
    let money = |minor| Money::new(minor, currency);
    let at_home = sale::destination_of(&row)? == Destination::Domestic;
    let kind = DeliveryKind::from_name(&row.delivery).ok_or_else(|| odd(&row, "delivery"))?;
    Ok(OrderView {
        number: order_number(row.number),
        secret: row.secret.clone(),
        status,
        placed_at: moment(&row, row.created_at_us)?,
        paid_at: row.paid_at_us.map(|us| moment(&row, us)).transpose()?,
        held_until: if pending { Some(moment(&row, row.hold_until_us)?) } else { None },
        payment_url: payment
            .as_ref()
            .filter(|payment| pending && payment.state == PaymentState::Open)
            .and_then(|payment| payment.payment_url.clone()),
        lines: lines(shop, visit, line_rows, currency).await?,
        sums: OrderSums {
            items: money(row.items_minor),
            shipping: Some(money(row.shipping_minor)),
            tax_included: at_home.then(|| money(row.tax_minor)),
            total: money(row.total_minor),
        },
        name: row.name.clone(),
        email: row.email.clone(),
        copy: mailed_copy(shop, &row, status).await?,
        address: address(&row, visit.language),
        delivery: DeliveryEstimate {
            kind,
            from: row.delivery_from.parse().map_err(|_| odd(&row, "delivery_from"))?,
            to: row.delivery_to.parse().map_err(|_| odd(&row, "delivery_to"))?,
        },
        gift_message: row.gift_message.clone(),
        refunded: returns.done,
        refund_coming: returns.coming,
        turned_back: returns.turned_back,
        money: breakdown(shop, &row, visit.now).await?,
    })
}

/// The state of the confirmation mail. Only the page of a paid order shows it.
async fn mailed_copy(shop: &Shop, row: &OrderRow, status: ShownStatus) -> ShopResult<MailedCopy> {
    if !shop.settings.mails_leave || status != ShownStatus::Of(OrderStatus::Paid) {
        return Ok(MailedCopy::Kept);
    }
    let state = mail::state(&shop.db, &format!("received:{}", row.id)).await?;
    Ok(match state {
        Some(MailState::Sent) => MailedCopy::Sent,
        None | Some(MailState::Queued | MailState::Sending) => MailedCopy::OnItsWay,
        Some(MailState::Kept | MailState::Failed | MailState::Unsure) => MailedCopy::Kept,
    })
}

fn odd(row: &OrderRow, what: &str) -> ShopError {
    inconsistent("shop_order", &row.id, what).into()
}

fn moment(row: &OrderRow, us: i64) -> ShopResult<Timestamp> {
    Timestamp::from_microsecond(us).map_err(|_| odd(row, "time"))
}

/// A paid order that could not be sold is `TurnedBack`, or `ForeignMoney` when the books cannot hold
/// the currency. An order that was sold and completely refunded is `Refunded`. Every other order
/// shows its own status.
fn status_of(
    row: &OrderRow,
    payment: Option<&PaymentRow>,
    returns: &Returns,
) -> ShopResult<ShownStatus> {
    let unbooked = payment.is_some_and(|payment| payment.state == PaymentState::Mismatched);
    let returned: i64 =
        [returns.done, returns.coming].iter().flatten().map(|sum| sum.amount_minor).sum();
    if row.paid_at_us.is_some() && returned >= row.total_minor {
        return Ok(ShownStatus::Refunded);
    }
    let ended_unpaid = matches!(row.state, OrderStatus::Expired | OrderStatus::Cancelled);
    Ok(match ended_unpaid {
        true if returns.turned_back.is_some() => ShownStatus::TurnedBack,
        true if unbooked => ShownStatus::ForeignMoney,
        _ => ShownStatus::Of(row.state),
    })
}

/// The lines as they were bought. Photograph and names are those that may be shown now.
async fn lines(
    shop: &Shop,
    visit: &Visit,
    rows: Vec<LineRow>,
    currency: Currency,
) -> ShopResult<Vec<OrderLineView>> {
    let ids: Vec<String> = rows.iter().map(|line| line.piece_id.to_string()).collect();
    let mut shown = shop.catalogue.read_bag(visit, &ids, None).await?.lines;
    Ok(rows
        .into_iter()
        .map(|line| {
            let seen = shown
                .iter()
                .position(|seen| *seen.piece_id == *line.piece_id)
                .map(|at| shown.swap_remove(at));
            let (makers, photo) =
                seen.map_or_else(|| (Vec::new(), None), |seen| (seen.makers, seen.photo));
            OrderLineView {
                slug: line.slug.into(),
                name: line.name,
                serial: line.serial,
                weight_mg: line.weight_mg,
                inner_circumference_tenths_mm: line
                    .circumference_tenths_mm
                    .and_then(|tenths| u32::try_from(tenths).ok()),
                makers,
                price: Money::new(line.price_minor, currency),
                photo,
            }
        })
        .collect())
}

/// The address as lines on a parcel, as its country writes them.
fn address(row: &OrderRow, language: Language) -> Vec<String> {
    let Some(country) = Country::from_code(&row.country) else {
        return vec![row.street.clone(), row.city.clone(), row.country.clone()];
    };
    let mut lines =
        AddressRule::of(country).lines(&row.street, &row.city, &row.region, &row.postal_code);
    lines.push(country.name(language).to_owned());
    lines
}

/// The posted split, once the order is sold.
async fn breakdown(
    shop: &Shop,
    row: &OrderRow,
    now: Timestamp,
) -> ShopResult<Option<MoneyBreakdown>> {
    let Some(split) = store::sale::read_of_order(&shop.db, &row.id).await? else { return Ok(None) };
    let policy = shop
        .catalogue
        .policy(&split.policy_id, now.as_microsecond())
        .await?
        .ok_or_else(|| odd(row, "policy of its sale"))?;
    let makers = u32::try_from(split.by_member().len()).unwrap_or(u32::MAX);
    Ok(Some(breakdown_of(&split, &policy, makers, None)))
}
