//! The running attempt at buying of one visitor: what her own unpaid order holds is not lost
//! to her when she comes back from the payment page, and what she bought leaves her bag.

use store::order;

use app::backend::shop::{BagView, Visit};
use domain::order::OrderStatus;

use super::Shop;
use crate::error::ShopResult;

/// The bag as its owner may see it: pieces that her own unpaid order holds can be had.
pub async fn bag(
    shop: &Shop,
    visit: &Visit,
    piece_ids: &[String],
    attempt: Option<&str>,
) -> ShopResult<BagView> {
    let her_own = match attempt {
        Some(attempt) => held_by(shop, visit, attempt).await?,
        None => Vec::new(),
    };
    shop.read_bag(visit, piece_ids, &her_own).await
}

/// The pieces that the unpaid order of an attempt holds.
async fn held_by(shop: &Shop, visit: &Visit, attempt: &str) -> ShopResult<Vec<String>> {
    let own = order::by_attempt(&shop.db, attempt).await?;
    let Some(own) = own.filter(|own| own.state == OrderStatus::PendingPayment) else {
        return Ok(Vec::new());
    };
    let lines = order::lines(&shop.db, &own.id, visit.language.code()).await?;
    Ok(lines.into_iter().map(|line| line.piece_id).collect())
}

/// How an attempt stands, as far as an order's page is concerned.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// The order is not this attempt's, or not any more: it ended unpaid.
    AnotherOnes,
    /// It awaits its payment.
    Running,
    /// These pieces were bought.
    Bought(Vec<String>),
}

/// How an attempt stands with the order behind this secret.
pub async fn standing(
    shop: &Shop,
    visit: &Visit,
    attempt: &str,
    secret: &str,
) -> ShopResult<Standing> {
    let own = order::by_attempt(&shop.db, attempt).await?;
    let Some(own) = own.filter(|own| own.secret == secret) else {
        return Ok(Standing::AnotherOnes);
    };
    Ok(match own.state {
        OrderStatus::PendingPayment => Standing::Running,
        OrderStatus::Expired | OrderStatus::Cancelled => Standing::AnotherOnes,
        _ => {
            let lines = order::lines(&shop.db, &own.id, visit.language.code()).await?;
            Standing::Bought(lines.into_iter().map(|line| line.piece_id).collect())
        }
    })
}
