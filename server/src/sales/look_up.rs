//! Questions to the provider for the order's own page. The page may be reloaded as often as the
//! shopper likes; the provider is asked only now and then, and one answer serves all who wait.

use domain::id::PaymentId;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use domain::payment::PaymentState;
use jiff::Timestamp;
use quick_cache::sync::Cache;
use store::order::OrderRow;
use store::payment::PaymentRow;
use store::{order, payment};
use tokio::sync::Mutex;

use super::settle::{self, Closing};
use super::{Shop, payment_page};
use crate::kernel::error::ShopResult;

/// How long the thank-you page waits for the provider's answer before it says "pending".
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer, or the lack of one, is used for all requests.
const PAUSE_US: i64 = 3_000_000;
/// How many payments are remembered at most. Those that are asked about least are dropped first.
const REMEMBERED: usize = 4_096;

/// When this node last asked about each payment.
#[derive(Debug)]
pub struct LookUps(Cache<PaymentId, Arc<Mutex<Option<i64>>>>);

impl Default for LookUps {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl LookUps {
    /// Runs `ask` unless the payment was asked about a moment ago. A request that comes while
    /// another one is asking waits for its answer. `false` when nothing was asked or waited for.
    async fn now_and_then(
        &self,
        payment_id: &PaymentId,
        now_us: i64,
        ask: impl Future<Output = ()>,
    ) -> bool {
        let new = || Ok::<_, Infallible>(Arc::default());
        let Ok(asked) = self.0.get_or_insert_with(payment_id, new);
        let (mut asked_at_us, mut has_waited) = match asked.try_lock() {
            Ok(at_once) => (at_once, false),
            Err(_) => (asked.lock().await, true),
        };
        let is_fresh = |at_us: i64| now_us.abs_diff(at_us) < PAUSE_US.unsigned_abs();
        if !asked_at_us.is_some_and(is_fresh) {
            // Noted before the answer, so that a provider that never answers is not asked more often.
            *asked_at_us = Some(now_us);
            ask.await;
            has_waited = true;
        }
        has_waited
    }
}

/// An unpaid order and its payment as they are after the provider was asked about it, if that is
/// due.
pub(super) async fn refreshed(
    shop: &Shop,
    found: OrderRow,
    now: Timestamp,
) -> ShopResult<(OrderRow, Option<PaymentRow>)> {
    let Some(payment) = payment::of_order(&shop.db, &found.id).await? else {
        return Ok((found, None));
    };
    let (Some(session_id), PaymentState::Open | PaymentState::Processing) =
        (&payment.session_id, payment.state)
    else {
        return Ok((found, Some(payment)));
    };
    let asking =
        shop.look_ups.now_and_then(&payment.id, now.as_microsecond(), async {
            if let Err(error) = ask(shop, &payment, session_id, now).await {
                tracing::warn!(order = %found.id, %error, "the payment could not be looked up for its page");
            }
        });
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(false) => return Ok((found, Some(payment))),
        Ok(true) => {}
        Err(_) => {
            tracing::warn!(order = %found.id, "the payment provider is slow; the page says what is known");
        }
    }
    let payment = payment::of_order(&shop.db, &found.id).await?;
    Ok((order::by_id(&shop.db, &found.id).await?.unwrap_or(found), payment))
}

/// Asks the provider and settles what it says.
async fn ask(
    shop: &Shop,
    payment: &PaymentRow,
    session_id: &str,
    now: Timestamp,
) -> ShopResult<()> {
    let facts = shop.payments.look_up(session_id).await.map_err(payment_page::of_payment)?;
    settle::settle(shop, &payment.id, &facts, Closing::Expired, now).await.map(|_| ())
}
