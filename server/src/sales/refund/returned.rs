//! Notes that a sold piece came back, whether its money is given back or not. Its material and the
//! loss it left are reversed in the books.

use domain::id::OrderId;
use domain::ledger;
use domain::refund::come_back;
use domain::split::SaleSplit;
use jiff::Timestamp;
use store::db::{Db, Tx, touched};
use store::order::LineRow;
use store::{order, piece, piece_return};

use super::source::{self, Of, Sold};
use crate::kernel::error::{ShopError, ShopResult};
use crate::sales::parse_order_number;
use crate::treasury::sale::header;

/// The result of noting that pieces came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// It is noted. The serials of the pieces.
    Noted(Vec<String>),
    /// The order was never sold.
    NotSold,
    /// The order sold no piece of this serial.
    NoSuchPiece,
    /// It was noted before.
    Known,
    /// A refund of the order was booked by the rules of an earlier version of the shop.
    OtherRules,
}

/// Notes that the piece of a serial, or every piece of an order, came back and whether it is for
/// sale again. The order is named by its number; `None` when there is no such order.
pub async fn note_return(
    db: &Db,
    number: &str,
    serial: Option<&str>,
    for_sale: bool,
    now: Timestamp,
) -> ShopResult<Option<Returned>> {
    let Some(number) = parse_order_number(number) else { return Ok(None) };
    let Some(order_id) = order::id_of_number(db, number).await? else { return Ok(None) };
    let mut tx = db.begin().await?;
    let noted = note(&mut tx, &order_id, serial, for_sale, now.as_microsecond()).await?;
    match noted {
        Returned::Noted(_) => tx.commit().await?,
        _ => tx.rollback().await?,
    }
    Ok(Some(noted))
}

async fn note(
    tx: &mut Tx,
    order_id: &OrderId,
    serial: Option<&str>,
    for_sale: bool,
    now_us: i64,
) -> ShopResult<Returned> {
    let sources = source::all(tx, order_id).await?;
    let sold = sources.into_iter().find_map(|source| match source.of {
        Of::Sale(sold) => Some((*sold, source.refunds)),
        Of::Stray { .. } | Of::Foreign => None,
    });
    let Some((sold, refunds)) = sold else { return Ok(Returned::NotSold) };
    if !sold.knows_parts_of(&refunds) {
        return Ok(Returned::OtherRules);
    }
    let Sold { split, mut lines, .. } = sold;
    if let Some(serial) = serial {
        lines.retain(|line| line.serial == serial);
        if lines.is_empty() {
            return Ok(Returned::NoSuchPiece);
        }
    }
    let here = piece_return::of_order(tx, order_id).await?;
    lines.retain(|line| !here.contains(&line.id));
    if lines.is_empty() {
        return Ok(Returned::Known);
    }
    // Locks every piece of the order, in the sequence that all writers follow.
    piece::claims(tx, order_id).await?;
    lines.sort_by(|one, other| {
        (&one.design_id, &one.piece_id).cmp(&(&other.design_id, &other.piece_id))
    });
    for line in &lines {
        let taken = piece::take_back(tx, &line.piece_id, order_id, now_us).await?;
        touched(u64::from(taken), 1, ("piece", &line.piece_id))?;
        if for_sale {
            piece::put_on_sale_again(tx, &line.piece_id).await?;
        }
        piece_return::insert(tx, &line.id, now_us).await?;
        post(tx, order_id, &split, line, now_us).await?;
    }
    Ok(Returned::Noted(lines.into_iter().map(|line| line.serial).collect()))
}

async fn post(
    tx: &mut Tx,
    order_id: &OrderId,
    split: &SaleSplit,
    line: &LineRow,
    now_us: i64,
) -> ShopResult<()> {
    let about = || format!("line {}", line.id);
    let back = come_back(split, &line.piece_id).map_err(|e| ShopError::about(about(), e))?;
    let header = header(format!("returned:{}", line.id), now_us)?;
    let entry = ledger::return_entry(header, &back);
    if let Some(entry) = entry.map_err(|e| ShopError::about(about(), e))? {
        store::ledger::post(tx, &[entry], order_id).await?;
    }
    Ok(())
}
