//! The running attempt at buying of one visitor: what her own unpaid order holds is not lost
//! to her when she comes back from the payment page, and what she bought leaves her bag.

use app::backend::shop::{BagView, PieceAvailability, ShopBackend as _, Visit};

use super::Shop;
use crate::error::ShopResult;
use crate::store::order;

const PENDING: &str = "pending_payment";

/// The bag as its owner may see it: pieces that her own unpaid order holds can be had.
pub async fn bag(
    shop: &Shop,
    visit: &Visit,
    piece_ids: &[String],
    attempt: Option<&str>,
) -> ShopResult<BagView> {
    let mut bag = shop.bag(visit, piece_ids).await?;
    let Some(attempt) = attempt else { return Ok(bag) };
    let Some(own) = order::by_attempt(&shop.db, attempt).await?.filter(|own| own.state == PENDING)
    else {
        return Ok(bag);
    };
    let held = order::lines(&shop.db, &own.id, visit.language.code()).await?;
    for line in &mut bag.lines {
        let is_held = matches!(line.availability, PieceAvailability::Held { .. });
        if is_held && held.iter().any(|own| own.piece_id == line.piece_id) {
            line.availability = PieceAvailability::Available;
        }
    }
    Ok(bag)
}

/// How an attempt ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// These pieces were bought.
    Bought(Vec<String>),
    /// Nothing was bought: the bag stays as it is.
    Unbought,
}

/// How the attempt behind this order's secret ended; `None` while it runs, or when the order
/// is somebody else's.
pub async fn ended(
    shop: &Shop,
    visit: &Visit,
    attempt: &str,
    secret: &str,
) -> ShopResult<Option<Ended>> {
    let Some(own) = order::by_attempt(&shop.db, attempt).await?.filter(|own| own.secret == secret)
    else {
        return Ok(None);
    };
    match own.state.as_str() {
        PENDING => Ok(None),
        "expired" | "cancelled" => Ok(Some(Ended::Unbought)),
        _ => {
            let lines = order::lines(&shop.db, &own.id, visit.language.code()).await?;
            Ok(Some(Ended::Bought(lines.into_iter().map(|line| line.piece_id).collect())))
        }
    }
}
