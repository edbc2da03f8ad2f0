//! The hosted payment page of an order. It is opened after the order is stored, and closed before
//! the pieces are freed.
//!
//! Every step can be repeated: the request to the provider carries the payment's own idempotency
//! key, so after a crash the same request gives the same page.

use domain::id::OrderId;
use std::time::Duration;

use domain::order::OrderStatus;
use domain::payment::PaymentState;
use store::db::inconsistent;
use store::order::{LineRow, OrderRow};
use store::payment::PaymentRow;
use store::{job, order, payment};

use app::payment_page as words;
use domain::language::Language;
use domain::money::Currency;
use domain::shipping::DeliveryKind;
use jiff::Timestamp;

use super::not_opened::{self, NotOpened};
use super::settle::{self, Closing, Settled};
use super::{Shop, order_number};
use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::payments::{CheckoutIntent, IntentLine, OpenedCheckout, PaymentError, Refused};

/// How long a request to the provider may take while a shopper waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(12);
/// How often, and after which pauses, the second of two requests looks for the result of the first.
const TWIN_LOOKS: usize = 20;
const TWIN_PAUSE: Duration = Duration::from_millis(250);

/// The result of opening a payment page.
#[derive(Debug)]
pub enum Opened {
    /// It is open at this address.
    Page(String),
    /// The order changed meanwhile: it was paid, cancelled or it expired.
    Moot,
    /// Another request for the same order still waits for the provider's answer. Nothing changed.
    UnderWay,
    /// It cannot be opened. The pieces are free again.
    Failed(NotOpened),
}

/// The request to the provider. It is always the same for the same order.
fn intent_of(
    shop: &Shop,
    order: &OrderRow,
    payment: &PaymentRow,
    lines: &[LineToPay],
) -> ShopResult<CheckoutIntent> {
    let odd = |what: &str| ShopError::Internal(format!("order {}: {what}", order.id).into());
    let language = Language::from_code(&order.language).ok_or_else(|| odd("language"))?;
    let delivery = DeliveryKind::from_name(&order.delivery).ok_or_else(|| odd("delivery"))?;
    let mut asked: Vec<IntentLine> = lines
        .iter()
        .map(|line| IntentLine {
            name: words::piece(language, &line.name, &line.serial),
            description: None,
            amount_minor: line.price_minor,
            image_url: None,
        })
        .collect();
    if order.shipping_minor > 0 {
        let name = words::delivery(language, delivery);
        asked.push(IntentLine {
            name,
            description: None,
            amount_minor: order.shipping_minor,
            image_url: None,
        });
    }
    let own_page = words::way_back(language, &shop.settings.public_url, &order.secret);
    Ok(CheckoutIntent {
        order_id: order.id.to_string(),
        order_number: order_number(order.number),
        idempotency_key: payment.idempotency_key.clone(),
        currency: Currency::from_code(&order.currency).ok_or_else(|| odd("currency"))?,
        lines: asked,
        total_minor: order.total_minor,
        email: order.email.clone(),
        language,
        success_url: own_page.clone(),
        cancel_url: own_page,
        expires_at: Timestamp::from_microsecond(payment.expires_at_us)
            .map_err(|_| odd("expiry"))?,
    })
}

/// Asks the provider for the payment page of a stored intent.
async fn ask(
    shop: &Shop,
    order: &OrderRow,
    payment: &PaymentRow,
    lines: &[LineToPay],
) -> ShopResult<Result<OpenedCheckout, PaymentError>> {
    let intent = intent_of(shop, order, payment, lines)?;
    Ok(shop.payments.open_checkout(&intent).await)
}

/// Stores the provider's answer; `false` when the payment changed meanwhile.
async fn keep(shop: &Shop, payment: &PaymentRow, opened: &OpenedCheckout) -> ShopResult<bool> {
    let mut tx = shop.db.begin().await?;
    let order = order::locked(&mut tx, &payment.order_id).await?;
    let now = payment::locked(&mut tx, &payment.id).await?;
    let Some((order, now)) = order.zip(now) else {
        return Err(inconsistent("payment", &payment.id, "vanished").into());
    };
    if now.state == PaymentState::Intended {
        payment::opened(&mut tx, &payment.id, &opened.session_id, &opened.url).await?;
        tx.commit().await?;
        return Ok(order.state == OrderStatus::PendingPayment);
    }
    // Another request with the same key was faster and got the same answer.
    tx.rollback().await?;
    Ok(now.state == PaymentState::Open && order.state == OrderStatus::PendingPayment)
}

/// An order with the payment that was intended when it was stored, and what is to be paid.
pub(super) struct Intended {
    pub(super) order: OrderRow,
    pub(super) payment: PaymentRow,
    pub(super) lines: Vec<LineToPay>,
}

/// A piece as the payment page names it.
pub(super) struct LineToPay {
    /// Name of the design in the order's language.
    pub(super) name: String,
    /// Serial of the piece.
    pub(super) serial: String,
    /// Price in the order's currency.
    pub(super) price_minor: i64,
}

async fn lines_to_pay(shop: &Shop, order: &OrderRow) -> ShopResult<Vec<LineToPay>> {
    let lines = order::lines(&shop.db, &order.id, &order.language).await?;
    let to_pay = |line: LineRow| {
        let LineRow { name, serial, price_minor, .. } = line;
        LineToPay { name, serial, price_minor }
    };
    Ok(lines.into_iter().map(to_pay).collect())
}

/// The stored state of an order's payment page.
enum Standing {
    /// It is open at this address.
    Page(String),
    /// It may be asked for.
    Intended(Box<Intended>),
    /// The order awaits no payment.
    Moot,
}

async fn standing(shop: &Shop, order_id: &OrderId) -> ShopResult<Standing> {
    let order = order::by_id(&shop.db, order_id).await?;
    let payment = payment::of_order(&shop.db, order_id).await?;
    let Some((order, payment)) = order.zip(payment) else { return Ok(Standing::Moot) };
    if order.state != OrderStatus::PendingPayment {
        return Ok(Standing::Moot);
    }
    Ok(match (payment.state, &payment.payment_url) {
        (PaymentState::Open, Some(url)) => Standing::Page(url.clone()),
        (PaymentState::Intended, _) => {
            let lines = lines_to_pay(shop, &order).await?;
            Standing::Intended(Box::new(Intended { order, payment, lines }))
        }
        _ => Standing::Moot,
    })
}

/// Opens the payment page of an order that awaits its payment, or finds the one already open.
/// Of two requests at once (a double click) the provider serves one. The other waits for what the
/// first one stores, and does not disturb it.
pub async fn open(shop: &Shop, order_id: &OrderId, now: Timestamp) -> ShopResult<Opened> {
    let found = standing(shop, order_id).await?;
    open_at(shop, order_id, found, now).await
}

/// Opens the payment page of an order stored a moment ago, see [`open`].
pub(super) async fn open_new(shop: &Shop, stored: Intended, now: Timestamp) -> ShopResult<Opened> {
    let order_id = stored.order.id.clone();
    open_at(shop, &order_id, Standing::Intended(Box::new(stored)), now).await
}

async fn open_at(
    shop: &Shop,
    order_id: &OrderId,
    mut found: Standing,
    now: Timestamp,
) -> ShopResult<Opened> {
    for _ in 0..TWIN_LOOKS {
        let Intended { order, payment, lines } = match found {
            Standing::Page(url) => return Ok(Opened::Page(url)),
            Standing::Moot => return Ok(Opened::Moot),
            Standing::Intended(rows) => *rows,
        };
        let answer = match tokio::time::timeout(PATIENCE, ask(shop, &order, &payment, &lines)).await
        {
            Ok(answer) => answer?,
            Err(_) => {
                Err(PaymentError::Unavailable(format!("no answer within {} s", PATIENCE.as_secs())))
            }
        };
        match answer {
            Ok(opened) => return opened_now(shop, &order, &payment, opened, now).await,
            // The provider is asked again too: the first request may have died with its answer.
            Err(PaymentError::Busy) => tokio::time::sleep(TWIN_PAUSE).await,
            Err(error) => return not_opened(shop, &order, &payment, error, now).await,
        }
        found = standing(shop, order_id).await?;
    }
    tracing::warn!(order = %order_id, "the provider is still busy with somebody else's same question");
    Ok(Opened::UnderWay)
}

async fn opened_now(
    shop: &Shop,
    order: &OrderRow,
    payment: &PaymentRow,
    opened: OpenedCheckout,
    now: Timestamp,
) -> ShopResult<Opened> {
    if keep(shop, payment, &opened).await? {
        metrics::counter!("checkouts_opened_total").increment(1);
        return Ok(Opened::Page(opened.url));
    }
    // The order was cancelled while the provider was being asked: the page must not stay open.
    hasten_closing(shop, &order.id, now).await?;
    Ok(Opened::Moot)
}

async fn not_opened(
    shop: &Shop,
    order: &OrderRow,
    payment: &PaymentRow,
    error: PaymentError,
    now: Timestamp,
) -> ShopResult<Opened> {
    // Another request with the same key may have got the answer that was lost here.
    if let Standing::Page(url) = standing(shop, &order.id).await? {
        return Ok(Opened::Page(url));
    }
    tracing::error!(order = %order.id, %error, "the payment page could not be opened");
    metrics::counter!("checkouts_failed_total").increment(1);
    let refused = matches!(error, PaymentError::Refused { .. });
    give_back(shop, payment, refused, now).await?;
    Ok(Opened::Failed(not_opened::told(shop, order, &error, now).await?))
}

/// Frees the pieces at once. Unless the provider refused, it may have opened a page although its
/// answer was lost: a job asks again with the same key and closes that page.
async fn give_back(
    shop: &Shop,
    payment: &PaymentRow,
    refused: bool,
    now: Timestamp,
) -> ShopResult<()> {
    settle::release(
        shop,
        &payment.id,
        if refused { PaymentState::Failed } else { PaymentState::Intended },
        Closing::Cancelled,
        now,
    )
    .await?;
    if !refused {
        hasten_closing(shop, &payment.order_id, now).await?;
    }
    Ok(())
}

async fn hasten_closing(shop: &Shop, order_id: &OrderId, now: Timestamp) -> ShopResult<()> {
    let mut tx = shop.db.begin().await?;
    job::run_earlier(&mut tx, &job::expiry_key(order_id), now.as_microsecond() + 5_000_000).await?;
    tx.commit().await?;
    shop.wake.notify_one();
    Ok(())
}

/// The result of closing an order's payment page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// No page is open any more, and what is known of the payment was applied.
    Settled(Settled),
    /// A delayed payment is on its way; ask again later.
    UnderWay,
    /// There was nothing to close: the payment had ended before.
    Nothing,
}

/// Closes an order's payment page at the provider **first**, and then applies its answer: a page
/// that was paid meanwhile is settled, otherwise the pieces are freed.
///
/// # Errors
/// [`ShopError::Unavailable`] while the provider does not answer: nothing changes, ask again.
pub async fn close(
    shop: &Shop,
    order_id: &OrderId,
    closing: Closing,
    now: Timestamp,
) -> ShopResult<Closed> {
    let order = order::by_id(&shop.db, order_id).await?;
    let payment = payment::of_order(&shop.db, order_id).await?;
    let Some((order, payment)) = order.zip(payment) else {
        return Err(ShopError::Internal(format!("order {order_id} has no payment").into()));
    };
    let session_id = match (payment.state, &payment.session_id) {
        (PaymentState::Open | PaymentState::Processing, Some(session_id)) => session_id.clone(),
        (PaymentState::Intended, _) => match learn(shop, &order, &payment, closing, now).await? {
            Some(session_id) => session_id,
            None => return Ok(Closed::Settled(Settled::Released)),
        },
        _ => return Ok(Closed::Nothing),
    };
    let answer = if payment.state == PaymentState::Processing {
        shop.payments.look_up(&session_id).await
    } else {
        shop.payments.expire_checkout(&session_id).await
    };
    let facts = match answer {
        Ok(facts) => facts,
        Err(PaymentError::Refused { what: Refused::Unknown, .. }) => {
            // The key is of another account, or a simulator lost its state: nobody can pay there.
            tracing::error!(order = %order.id, session = %session_id, "the provider does not know a checkout of ours");
            let released =
                settle::release(shop, &payment.id, PaymentState::Failed, closing, now).await?;
            return Ok(Closed::Settled(released));
        }
        Err(error) => return Err(of_payment(error)),
    };
    match settle::settle(shop, &payment.id, &facts, closing, now).await? {
        Settled::Processing => Ok(Closed::UnderWay),
        Settled::Waiting => Err(ShopError::Unavailable("the payment page is still open".into())),
        settled => Ok(Closed::Settled(settled)),
    }
}

/// Finds out whether a page was opened although its answer never came; `None` when there is none.
/// Nobody ever saw its address, so nobody can pay it: the pieces are freed before the request.
async fn learn(
    shop: &Shop,
    order: &OrderRow,
    payment: &PaymentRow,
    closing: Closing,
    now: Timestamp,
) -> ShopResult<Option<String>> {
    settle::release(shop, &payment.id, PaymentState::Intended, closing, now).await?;
    let lines = lines_to_pay(shop, order).await?;
    match ask(shop, order, payment, &lines).await? {
        Ok(opened) => {
            keep(shop, payment, &opened).await?;
            Ok(Some(opened.session_id))
        }
        Err(PaymentError::Refused { .. }) => {
            // It refuses to open a page (the expiry has passed), so none was opened with this key.
            settle::release(shop, &payment.id, PaymentState::Failed, closing, now).await?;
            Ok(None)
        }
        Err(error) => Err(of_payment(error)),
    }
}

/// An error of the provider as an error of the shop.
pub(super) fn of_payment(error: PaymentError) -> ShopError {
    match error {
        PaymentError::Unavailable(why) => ShopError::Unavailable(why.into()),
        PaymentError::Busy | PaymentError::NotAllowed(_) => ShopError::Unavailable(error.into()),
        other => ShopError::Internal(other.into()),
    }
}

/// The state of an order's payment.
pub async fn state_of(shop: &Shop, order_id: &OrderId) -> ShopResult<Option<PaymentState>> {
    Ok(payment::of_order(&shop.db, order_id).await?.map(|payment| payment.state))
}
