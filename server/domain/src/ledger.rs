//! The ledger: double entry, append-only; every entry sums to zero in each currency.
//!
//! **Sign**: a positive amount is a debit (the association has more, or owes less), a negative amount
//! is a credit. So a balance at a provider is positive, and a debt to a member is negative.
//! Mistakes are reversed by [`reverse`], never edited.
//!
//! A paid order makes two entries. [`sale_entry`] debits the gross amount and credits everybody's part,
//! with the fee on `fee:payment`. [`fee_entry`] takes the fee from the balance at the provider and
//! clears `fee:payment`. What remains on that account is a fee that was expected but not taken, or the
//! reverse: the treasurer's close lists it.
//!
//! **Two currencies in one entry**: each side is posted against `exchange:converted`, so that every
//! currency sums to zero by itself. Money at a provider is booked in the currency of the provider's
//! balance ([`Settlement`]), material in the currency of its cost. What remains on the exchange account
//! is the gain or loss between the rates.

mod account;
mod entry;

pub use self::account::{AccountCode, BadAccount, MoneyPlace};
pub use self::entry::{Entry, EntryHeader, EntryKind, LedgerError, Posting};

use crate::id::FundCode;
use crate::money::{Currency, Money};
use crate::refund::{OfShares, PieceReturn, RefundSplit};
use crate::rounding::scale_half_even;
use crate::split::{MaterialCost, MaterialSource, SaleSplit};

/// What a payment or a refund changed at the place where the money is kept, in the currency of that
/// place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// Where the money is kept.
    pub place: MoneyPlace,
    /// What a payment brought or a refund took, before any fee; not negative.
    pub amount: Money,
    /// What the provider kept as its fee; negative when it gave a fee back.
    pub fee_minor: i64,
    /// The provider's own rate: what one unit of the order's currency became here, in
    /// thousand-millionths. `None` without conversion.
    pub rate_nano: Option<i64>,
}

impl Settlement {
    /// Money that was neither converted nor charged a fee.
    #[must_use]
    pub const fn plain(place: MoneyPlace, amount: Money) -> Self {
        Self { place, amount, fee_minor: 0, rate_nano: None }
    }

    /// The fee in the currency of what was paid, at the provider's own rate, rounded half to even.
    /// When the provider tells no rate, it is computed from the two amounts.
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] for a rate that is not positive, or absurd amounts.
    pub fn fee_in_money_of(&self, paid: Money) -> Result<Money, LedgerError> {
        let fee_minor = if self.amount.currency == paid.currency {
            Some(self.fee_minor)
        } else {
            match self.rate_nano {
                Some(rate_nano) => scale_half_even(self.fee_minor, 1_000_000_000, rate_nano),
                None => {
                    scale_half_even(self.fee_minor, paid.amount_minor, self.amount.amount_minor)
                }
            }
        };
        fee_minor.map(|fee_minor| Money::new(fee_minor, paid.currency)).ok_or(LedgerError::Overflow)
    }
}

/// Collects postings, one line per account and currency in order of first use, none of zero.
#[derive(Default)]
struct Lines(Vec<(AccountCode, Currency, i64)>);

impl Lines {
    fn post(&mut self, account: AccountCode, money: Money) -> Result<(), LedgerError> {
        let Money { amount_minor, currency } = money;
        let known = self.0.iter_mut().find(|(known, of, _)| *known == account && *of == currency);
        match known {
            Some((_, _, sum)) => {
                *sum = sum.checked_add(amount_minor).ok_or(LedgerError::Overflow)?;
            }
            None => self.0.push((account, currency, amount_minor)),
        }
        Ok(())
    }

    /// Debits the exchange account with an amount and credits it with what the amount became. Within
    /// one currency both are the same and nothing remains to be posted.
    fn exchange(&mut self, from: Money, into: Money) -> Result<(), LedgerError> {
        self.post(AccountCode::Exchange, from)?;
        self.post(AccountCode::Exchange, minus(into)?)
    }

    /// A payment arrives at its place.
    fn money_in(&mut self, paid: Money, settlement: &Settlement) -> Result<(), LedgerError> {
        self.post(AccountCode::Balance(settlement.place), settlement.amount)?;
        self.exchange(paid, settlement.amount)
    }

    /// A refund leaves its place.
    fn money_out(&mut self, paid: Money, settlement: &Settlement) -> Result<(), LedgerError> {
        self.post(AccountCode::Balance(settlement.place), minus(settlement.amount)?)?;
        self.exchange(minus(paid)?, minus(settlement.amount)?)
    }

    /// A fund bears the provider's fee, in the currency in which the provider kept it.
    fn charge_fee_to(
        &mut self,
        settlement: &Settlement,
        fund: &FundCode,
    ) -> Result<(), LedgerError> {
        let fee = Money::new(settlement.fee_minor, settlement.amount.currency);
        self.post(AccountCode::Fund(fund.clone()), fee)?;
        self.post(AccountCode::Balance(settlement.place), minus(fee)?)
    }

    /// Material is owed, or taken from the stock, in the currency of its cost. The amount that the sale
    /// deducted for it is posted to the exchange account.
    fn use_material(&mut self, cost: &MaterialCost, currency: Currency) -> Result<(), LedgerError> {
        self.post(material_account(cost.source), minus(cost.cost)?)?;
        self.exchange(cost.cost, Money::new(cost.deducted_minor, currency))
    }

    /// The reverse of [`Lines::use_material`].
    fn return_material(
        &mut self,
        cost: &MaterialCost,
        currency: Currency,
    ) -> Result<(), LedgerError> {
        self.post(material_account(cost.source), cost.cost)?;
        self.exchange(minus(cost.cost)?, Money::new(-cost.deducted_minor, currency))
    }

    /// Posts to this account what is missing for a sum of zero in a currency.
    fn balance(&mut self, account: AccountCode, currency: Currency) -> Result<(), LedgerError> {
        let sum: i128 =
            self.0.iter().filter(|line| line.1 == currency).map(|l| i128::from(l.2)).sum();
        let missing = i64::try_from(-sum).map_err(|_| LedgerError::Overflow)?;
        self.post(account, Money::new(missing, currency))
    }

    fn postings(self) -> Vec<Posting> {
        let lines = self.0.into_iter().filter(|(_, _, amount)| *amount != 0);
        lines
            .map(|(account, currency, amount_minor)| Posting { account, amount_minor, currency })
            .collect()
    }

    fn entry(self, header: EntryHeader, kind: EntryKind) -> Result<Entry, LedgerError> {
        Entry::new(header, kind, self.postings())
    }
}

const fn material_account(source: MaterialSource) -> AccountCode {
    match source {
        MaterialSource::Consigned => AccountCode::MaterialConsigned,
        MaterialSource::Own => AccountCode::MaterialOwn,
    }
}

fn minus(money: Money) -> Result<Money, LedgerError> {
    let amount_minor = money.amount_minor.checked_neg().ok_or(LedgerError::Overflow)?;
    Ok(Money::new(amount_minor, money.currency))
}

/// A paid order: the gross amount arrives, and every cent is credited as the split says.
///
/// # Errors
/// [`LedgerError`] if the split does not sum to its gross (it always does when it comes from [`crate::split::split_sale`]).
pub fn sale_entry(
    header: EntryHeader,
    settlement: &Settlement,
    sale: &SaleSplit,
) -> Result<Entry, LedgerError> {
    let of = |amount_minor: i64| Money::new(-amount_minor, sale.currency);
    let mut lines = Lines::default();
    lines.money_in(sale.gross(), settlement)?;
    for piece in &sale.pieces {
        lines.post(AccountCode::TaxIgv, of(piece.igv_minor))?;
        lines.post(AccountCode::Shipping, of(piece.shipping_minor))?;
        lines.post(AccountCode::PaymentFee, of(piece.fee_minor))?;
        for cost in &piece.material {
            lines.use_material(cost, sale.currency)?;
        }
        for part in &piece.funds {
            lines.post(AccountCode::Fund(part.fund.clone()), of(part.amount_minor))?;
        }
        for part in &piece.makers {
            lines.post(AccountCode::Member(part.member_id.clone()), of(part.amount_minor))?;
        }
        lines.post(AccountCode::MakersHeld, of(piece.held_for_makers_minor))?;
    }
    lines.entry(header, EntryKind::Sale)
}

/// The provider takes its fee from the balance that it holds. `fee` is what the sale was charged.
///
/// # Errors
/// [`LedgerError::NotPositive`] for a fee that is not positive.
pub fn fee_entry(
    header: EntryHeader,
    settlement: &Settlement,
    fee: Money,
) -> Result<Entry, LedgerError> {
    let kept = Money::new(settlement.fee_minor, settlement.amount.currency);
    positive(kept, "fee")?;
    let mut lines = Lines::default();
    lines.post(AccountCode::PaymentFee, fee)?;
    lines.post(AccountCode::Balance(settlement.place), minus(kept)?)?;
    lines.exchange(minus(fee)?, minus(kept)?)?;
    lines.entry(header, EntryKind::Fee)
}

/// A refund: the money goes back, the shares are reduced, the reserve bears the rest.
///
/// `taken` says how much of each maker's part is taken from her: only what is still unpaid of this
/// sale ([`crate::refund::Unpaid`]). **Money that was paid out is never taken back silently**: a share
/// that is not listed is not touched.
///
/// # Errors
/// [`LedgerError`].
pub fn refund_entry(
    header: EntryHeader,
    settlement: &Settlement,
    refund: &RefundSplit,
    taken: &OfShares,
) -> Result<Entry, LedgerError> {
    let of = |amount_minor: i64| Money::new(amount_minor, refund.currency);
    let mut lines = Lines::default();
    lines.money_out(refund.gross(), settlement)?;
    lines.post(AccountCode::TaxIgv, of(refund.shipping_igv_minor))?;
    lines.post(AccountCode::Shipping, of(refund.shipping_minor))?;
    for piece in &refund.pieces {
        lines.post(AccountCode::TaxIgv, of(piece.igv_minor))?;
        for part in &piece.funds {
            lines.post(AccountCode::Fund(part.fund.clone()), of(part.amount_minor))?;
        }
        for part in &piece.makers {
            let share = (piece.piece_id.clone(), part.member_id.clone());
            let taken = taken.get(&share).copied().unwrap_or(0).clamp(0, part.amount_minor.max(0));
            lines.post(AccountCode::Member(part.member_id.clone()), of(taken))?;
        }
        lines.post(AccountCode::MakersHeld, of(piece.held_for_makers_minor))?;
    }
    lines.balance(AccountCode::Fund(refund.reserve.clone()), refund.currency)?;
    lines.charge_fee_to(settlement, &refund.reserve)?;
    lines.entry(header, EntryKind::Refund)
}

/// A piece came back: its material belongs to us or to its owner again, the loss fund gets back what it
/// bore, and the reserve balances the entry. `None` when there is nothing to give back.
///
/// # Errors
/// [`LedgerError`].
pub fn return_entry(
    header: EntryHeader,
    piece: &PieceReturn,
) -> Result<Option<Entry>, LedgerError> {
    let mut lines = Lines::default();
    for cost in &piece.material {
        lines.return_material(cost, piece.currency)?;
    }
    let loss = Money::new(-piece.loss_minor, piece.currency);
    lines.post(AccountCode::Fund(piece.loss_fund.clone()), loss)?;
    lines.balance(AccountCode::Fund(piece.reserve.clone()), piece.currency)?;
    match lines.postings() {
        none if none.is_empty() => Ok(None),
        postings => Entry::new(header, EntryKind::Refund, postings).map(Some),
    }
}

/// A payment arrived that no order can accept: it is held until it goes back.
///
/// # Errors
/// [`LedgerError::NotPositive`].
pub fn stray_payment_entry(
    header: EntryHeader,
    settlement: &Settlement,
    received: Money,
) -> Result<Entry, LedgerError> {
    positive(received, "payment")?;
    let mut lines = Lines::default();
    lines.money_in(received, settlement)?;
    lines.post(AccountCode::StrayPayments, minus(received)?)?;
    lines.entry(header, EntryKind::Stray)
}

/// A stray payment went back. A fee for that is a cost of `loss_fund`.
///
/// # Errors
/// [`LedgerError::NotPositive`].
pub fn stray_refund_entry(
    header: EntryHeader,
    settlement: &Settlement,
    refunded: Money,
    loss_fund: &FundCode,
) -> Result<Entry, LedgerError> {
    positive(refunded, "refund")?;
    let mut lines = Lines::default();
    lines.post(AccountCode::StrayPayments, refunded)?;
    lines.money_out(refunded, settlement)?;
    lines.charge_fee_to(settlement, loss_fund)?;
    lines.entry(header, EntryKind::Stray)
}

/// The provider kept a fee for a stray payment: a cost of the association, never of the payer.
///
/// # Errors
/// [`LedgerError::NotPositive`].
pub fn stray_fee_entry(
    header: EntryHeader,
    settlement: &Settlement,
    loss_fund: &FundCode,
) -> Result<Entry, LedgerError> {
    positive(Money::new(settlement.fee_minor, settlement.amount.currency), "fee")?;
    let mut lines = Lines::default();
    lines.charge_fee_to(settlement, loss_fund)?;
    lines.entry(header, EntryKind::Stray)
}

/// The entry that reverses another one. Its reference should name the reversed entry.
///
/// # Errors
/// [`LedgerError::Overflow`] for an amount that has no opposite.
pub fn reverse(header: EntryHeader, entry: &Entry) -> Result<Entry, LedgerError> {
    let postings = entry
        .postings()
        .iter()
        .map(|posting| {
            let amount_minor = posting.amount_minor.checked_neg().ok_or(LedgerError::Overflow)?;
            Ok(Posting { amount_minor, ..posting.clone() })
        })
        .collect::<Result<_, LedgerError>>()?;
    Entry::new(header, EntryKind::Reversal, postings)
}

const fn positive(money: Money, what: &'static str) -> Result<(), LedgerError> {
    if money.amount_minor > 0 { Ok(()) } else { Err(LedgerError::NotPositive { what }) }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
