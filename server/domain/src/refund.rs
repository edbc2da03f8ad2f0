//! Refunds: the shares of a sale unwound at that sale's ratio.
//!
//! A refund is of the order as a whole or of one piece that came back; [`refund_after`] knows what
//! either takes back after any others. A piece's refund touches that piece's makers only.
//!
//! Each partial refund is the difference between two *cumulative* states: the parts that belong to everything
//! refunded so far, after and before. The parts come from the house-monotone division of
//! [`crate::shares::allocate_monotone`], hence three promises, each a property test:
//! every refund sums exactly; no refund ever *gives* anybody money; refunding everything, in
//! whatever steps, takes back exactly the shares. On the way a part may differ from the sale's
//! exact ratio by at most three minor units (measured; largest remainder would stay within one,
//! but could hand a maker a céntimo in one refund to take two in the next).
//!
//! What a provider keeps (Stripe does not return its fee) is not the shopper's nor the makers'
//! burden: the fee's part of a refund is borne by the sale's loss fund.

use crate::id::{FundCode, MemberId, PieceId};
use crate::money::{Currency, Money};
use crate::rounding::scale_half_even;
use crate::shares::{SharesError, allocate_monotone};
use crate::split::{FundPart, MakerPart, PieceSplit, SaleSplit};

/// Why a refund cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefundError {
    /// A refund returns something.
    #[error("a refund must be positive")]
    NotPositive,
    /// More than what is left of the payment.
    #[error("only {left_minor} minor units are left to refund")]
    ExceedsPaid {
        /// What could still be refunded.
        left_minor: i64,
    },
    /// What is said to be refunded already is not between nothing and everything.
    #[error("the amount already refunded contradicts the sale")]
    Inconsistent,
}

/// What one refund takes back of one piece's shares. All amounts are what is taken back, so
/// positive, except in `funds` for a loss the fund is relieved of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceRefund {
    /// The piece.
    pub piece_id: PieceId,
    /// The sum of everything below: what goes back to the shopper.
    pub gross_minor: i64,
    /// Tax no longer owed.
    pub igv_minor: i64,
    /// Shipping returned.
    pub shipping_minor: i64,
    /// The part of the fee, borne by the loss fund because the provider keeps it.
    pub fee_minor: i64,
    /// Consigned material.
    pub material_consigned_minor: i64,
    /// Own material.
    pub material_own_minor: i64,
    /// The funds.
    pub funds: Vec<FundPart>,
    /// The makers.
    pub makers: Vec<MakerPart>,
    /// The part that waited for makers.
    pub held_for_makers_minor: i64,
    /// The fund that bears the fee.
    pub loss_fund: FundCode,
}

/// What one refund takes back of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundSplit {
    /// The sale's currency.
    pub currency: Currency,
    /// The pieces touched by this refund.
    pub pieces: Vec<PieceRefund>,
}

impl RefundSplit {
    /// What goes back to the shopper.
    #[must_use]
    pub fn gross(&self) -> Money {
        Money::new(self.pieces.iter().map(|piece| piece.gross_minor).sum(), self.currency)
    }

    /// What is taken back from each member, every member once.
    #[must_use]
    pub fn by_member(&self) -> Vec<(MemberId, i64)> {
        let mut parts: Vec<(MemberId, i64)> = Vec::new();
        for part in self.pieces.iter().flat_map(|piece| &piece.makers) {
            match parts.iter_mut().find(|(member, _)| *member == part.member_id) {
                Some((_, sum)) => *sum += part.amount_minor,
                None => parts.push((part.member_id.clone(), part.amount_minor)),
            }
        }
        parts
    }
}

/// One refund of a sale: of one of its pieces, or of the order as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// The piece that came back; `None`: the order as a whole.
    pub piece: Option<PieceId>,
    /// What went back to the shopper.
    pub amount_minor: i64,
}

/// Unwinds `next` of a sale of which `before` went back already, in the order it was booked.
///
/// A refund of a piece takes back that piece's shares and nobody else's. One of the order as a
/// whole is spread over all pieces by what had not come back of them when the last single piece
/// was refunded.
///
/// # Errors
/// [`RefundError`].
pub fn refund_after(
    sale: &SaleSplit,
    before: &[Refunded],
    next: &Refunded,
) -> Result<RefundSplit, RefundError> {
    let mut account = Account::of(sale, before)?;
    let already = account.refunded_minor();
    check(sale.gross().amount_minor, already.iter().sum(), next.amount_minor)?;
    account.take(sale, next)?;
    let now: Vec<i64> = account
        .refunded_minor()
        .iter()
        .zip(&already)
        .map(|(after, before)| after - before)
        .collect();
    refund_pieces(sale, &already, &now)
}

/// What has not come back yet of each piece's gross, in the order of [`SaleSplit::pieces`].
///
/// # Errors
/// [`RefundError::Inconsistent`] if more went back than was paid.
pub fn left_of_pieces(sale: &SaleSplit, before: &[Refunded]) -> Result<Vec<i64>, RefundError> {
    let refunded = Account::of(sale, before)?.refunded_minor();
    Ok(sale.pieces.iter().zip(refunded).map(|(piece, back)| piece.gross_minor - back).collect())
}

/// What has not come back yet of a piece's price, its delivery left aside, when `left_minor` of
/// its gross has not. What came back for this piece alone (`own_minor`) was of its price first;
/// what came back of the order as a whole was of price and delivery at their ratio.
#[must_use]
pub fn left_of_price(piece: &PieceSplit, left_minor: i64, own_minor: i64) -> i64 {
    let whole_minor = piece.gross_minor - left_minor - own_minor;
    let of_price = scale_half_even(whole_minor, piece.price_minor, piece.gross_minor).unwrap_or(0);
    (piece.price_minor - of_price - own_minor).clamp(0, left_minor.max(0))
}

/// What went back of each piece: single pieces on their own, whole orders spread over what was
/// left then. Spreading their sum and not each of them keeps every part near its exact ratio.
struct Account {
    /// When the last single piece came back.
    settled: Vec<i64>,
    /// What was left then.
    weights: Vec<u64>,
    /// Went back of the order as a whole since.
    whole_minor: i64,
    /// `whole_minor` spread.
    spread: Vec<i64>,
}

impl Account {
    fn of(sale: &SaleSplit, refunds: &[Refunded]) -> Result<Self, RefundError> {
        let mut account = Self {
            settled: vec![0; sale.pieces.len()],
            weights: sale.pieces.iter().map(|piece| piece.gross_minor.unsigned_abs()).collect(),
            whole_minor: 0,
            spread: vec![0; sale.pieces.len()],
        };
        for refund in refunds {
            account.take(sale, refund)?;
        }
        Ok(account)
    }

    fn refunded_minor(&self) -> Vec<i64> {
        self.settled.iter().zip(&self.spread).map(|(settled, spread)| settled + spread).collect()
    }

    /// Never fails for a refund within what was paid: the money has gone already, so what a piece
    /// cannot bear because the order's refunds were booked in another order is the whole order's.
    fn take(&mut self, sale: &SaleSplit, refund: &Refunded) -> Result<(), RefundError> {
        if refund.amount_minor <= 0 {
            return Err(RefundError::Inconsistent);
        }
        let Some(piece) = &refund.piece else { return self.take_whole(refund.amount_minor) };
        let at = sale
            .pieces
            .iter()
            .position(|known| known.piece_id == *piece)
            .ok_or(RefundError::Inconsistent)?;
        let mut refunded = self.refunded_minor();
        let of_piece = refund.amount_minor.min(sale.pieces[at].gross_minor - refunded[at]);
        refunded[at] += of_piece;
        self.weights = sale
            .pieces
            .iter()
            .zip(&refunded)
            .map(|(piece, back)| (piece.gross_minor - back).unsigned_abs())
            .collect();
        (self.settled, self.whole_minor) = (refunded, 0);
        self.spread = vec![0; sale.pieces.len()];
        self.take_whole(refund.amount_minor - of_piece)
    }

    fn take_whole(&mut self, amount_minor: i64) -> Result<(), RefundError> {
        if amount_minor == 0 {
            return Ok(());
        }
        let whole_minor = self
            .whole_minor
            .checked_add(amount_minor)
            .filter(|whole| {
                u64::try_from(*whole).is_ok_and(|whole| whole <= self.weights.iter().sum())
            })
            .ok_or(RefundError::Inconsistent)?;
        self.spread = allocate_monotone(whole_minor, &self.weights).map_err(inconsistent)?;
        self.whole_minor = whole_minor;
        Ok(())
    }
}

/// Unwinds given amounts of given pieces.
///
/// Both slices follow the order of [`SaleSplit::pieces`]; a piece that is not touched has 0.
///
/// # Errors
/// [`RefundError`].
pub fn refund_pieces(
    sale: &SaleSplit,
    already_refunded_minor: &[i64],
    refund_minor: &[i64],
) -> Result<RefundSplit, RefundError> {
    if already_refunded_minor.len() != sale.pieces.len() || refund_minor.len() != sale.pieces.len()
    {
        return Err(RefundError::Inconsistent);
    }
    let mut pieces = Vec::new();
    for (index, piece) in sale.pieces.iter().enumerate() {
        if refund_minor[index] != 0 {
            pieces.push(refund_piece(piece, already_refunded_minor[index], refund_minor[index])?);
        }
    }
    if pieces.is_empty() {
        Err(RefundError::NotPositive)
    } else {
        Ok(RefundSplit { currency: sale.currency, pieces })
    }
}

/// Unwinds part of one piece's shares.
///
/// # Errors
/// [`RefundError`].
pub fn refund_piece(
    piece: &PieceSplit,
    already_refunded_minor: i64,
    refund_minor: i64,
) -> Result<PieceRefund, RefundError> {
    check(piece.gross_minor, already_refunded_minor, refund_minor)?;
    let before = unwound(piece, already_refunded_minor)?;
    let after = unwound(piece, already_refunded_minor + refund_minor)?;
    let mut parts = after.iter().zip(&before).map(|(after, before)| after - before);
    let mut next = || parts.next().unwrap_or(0);
    Ok(PieceRefund {
        piece_id: piece.piece_id.clone(),
        gross_minor: refund_minor,
        igv_minor: next(),
        shipping_minor: next(),
        fee_minor: next(),
        material_consigned_minor: next(),
        material_own_minor: next(),
        held_for_makers_minor: next(),
        funds: piece
            .funds
            .iter()
            .map(|part| FundPart { fund: part.fund.clone(), amount_minor: next() })
            .collect(),
        makers: piece
            .makers
            .iter()
            .map(|part| MakerPart { member_id: part.member_id.clone(), amount_minor: next() })
            .collect(),
        loss_fund: piece.loss_fund.clone(),
    })
}

/// The parts of a piece in the fixed order in which they are unwound.
fn parts_of(piece: &PieceSplit) -> Vec<i64> {
    let mut parts = vec![
        piece.igv_minor,
        piece.shipping_minor,
        piece.fee_minor,
        piece.material_consigned_minor,
        piece.material_own_minor,
        piece.held_for_makers_minor,
    ];
    parts.extend(piece.funds.iter().map(|part| part.amount_minor));
    parts.extend(piece.makers.iter().map(|part| part.amount_minor));
    parts
}

/// What has been taken back of each part once `refunded_minor` of the piece has gone back.
///
/// A negative part (the loss fund's) is relieved in proportion; what it is relieved of is taken
/// from the others besides the refund itself, so that everything still sums to the refund.
fn unwound(piece: &PieceSplit, refunded_minor: i64) -> Result<Vec<i64>, RefundError> {
    let parts = parts_of(piece);
    let loss: i64 = parts.iter().filter(|part| **part < 0).sum();
    let relieved = if loss == 0 {
        0
    } else {
        scale_half_even(loss, refunded_minor, piece.gross_minor).ok_or(RefundError::Inconsistent)?
    };
    let weights: Vec<u64> = parts.iter().map(|&part| u64::try_from(part).unwrap_or(0)).collect();
    let mut unwound =
        allocate_monotone(refunded_minor - relieved, &weights).map_err(inconsistent)?;
    // A split has at most one negative part: the loss fund's.
    if let Some(index) = parts.iter().position(|part| *part < 0) {
        unwound[index] = relieved;
    }
    Ok(unwound)
}

fn check(
    gross_minor: i64,
    already_refunded_minor: i64,
    refund_minor: i64,
) -> Result<(), RefundError> {
    if !(0..=gross_minor).contains(&already_refunded_minor) {
        return Err(RefundError::Inconsistent);
    }
    if refund_minor <= 0 {
        return Err(RefundError::NotPositive);
    }
    let left_minor = gross_minor - already_refunded_minor;
    if refund_minor > left_minor { Err(RefundError::ExceedsPaid { left_minor }) } else { Ok(()) }
}

fn inconsistent(_: SharesError) -> RefundError {
    RefundError::Inconsistent
}
