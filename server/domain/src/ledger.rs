//! The ledger: double entry, append-only, zero-sum per currency in every entry.
//!
//! **Sign**: a positive amount is a debit (the association has more, or owes less), a negative
//! one a credit. So a provider's balance is positive, what is owed to a member negative.
//! Mistakes are reversed by [`reverse`], never edited.
//!
//! A paid order takes two entries. [`sale_entry`] brings the gross in and says whose it is,
//! with the fee credited to `fee:payment`; [`fee_entry`] lets the provider take the fee from its balance and
//! clears `fee:payment`. A balance left on that account is a fee expected but not taken, or the reverse: the
//! treasurer's close lists it.
//!
//! **Two currencies in one entry** meet on `exchange:converted` only: each leg is posted against it, so
//! that every currency sums to zero by itself. What lies at a provider is booked in the currency in
//! which it lies ([`Settlement`]), material in the currency of its cost. What is left on that account is
//! the gain or loss between the rates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{BadId, EntryId, FundCode, MemberId};
use crate::money::{Currency, Money};
use crate::refund::{OfShares, PieceReturn, RefundSplit};
use crate::rounding::scale_half_even;
use crate::split::{MaterialCost, MaterialSource, SaleSplit};

/// Where the association's money lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyPlace {
    /// The balance at Stripe.
    Stripe,
    /// The bank account.
    Bank,
    /// The Yape or Plin wallet.
    Wallet,
    /// The cash box.
    Cash,
}

impl MoneyPlace {
    const ALL: [Self; 4] = [Self::Stripe, Self::Bank, Self::Wallet, Self::Cash];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Bank => "bank",
            Self::Wallet => "wallet",
            Self::Cash => "cash",
        }
    }
}

/// An account of the ledger. Its text form is what the database holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AccountCode {
    /// `stripe:balance`, `bank:balance`, …: an asset.
    Balance(MoneyPlace),
    /// `tax:igv`: owed to the state.
    TaxIgv,
    /// `shipping:pass_through`: charged to shoppers, owed to couriers.
    Shipping,
    /// `fee:payment`: fees charged to sales and taken by providers; clears to zero.
    PaymentFee,
    /// `material:consigned`: owed to the supplier for consigned metal used.
    MaterialConsigned,
    /// `material:own`: taken from the stock of bought material.
    MaterialOwn,
    /// `exchange:converted`: what left one currency and came into another.
    Exchange,
    /// `fund:<code>`.
    Fund(FundCode),
    /// `member:<id>`: owed to a member for her work until paid.
    Member(MemberId),
    /// `makers:held`: owed to makers not yet recorded.
    MakersHeld,
    /// `held:stray`: payments that belong to nobody's order and must go back.
    StrayPayments,
}

/// A text that names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an account of the ledger")]
pub struct BadAccount;

impl From<BadId> for BadAccount {
    fn from(_: BadId) -> Self {
        Self
    }
}

impl std::fmt::Display for AccountCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Balance(place) => write!(formatter, "{}:balance", place.as_str()),
            Self::TaxIgv => formatter.write_str("tax:igv"),
            Self::Shipping => formatter.write_str("shipping:pass_through"),
            Self::PaymentFee => formatter.write_str("fee:payment"),
            Self::MaterialConsigned => formatter.write_str("material:consigned"),
            Self::MaterialOwn => formatter.write_str("material:own"),
            Self::Exchange => formatter.write_str("exchange:converted"),
            Self::Fund(fund) => write!(formatter, "fund:{fund}"),
            Self::Member(member) => write!(formatter, "member:{member}"),
            Self::MakersHeld => formatter.write_str("makers:held"),
            Self::StrayPayments => formatter.write_str("held:stray"),
        }
    }
}

impl std::str::FromStr for AccountCode {
    type Err = BadAccount;

    fn from_str(text: &str) -> Result<Self, BadAccount> {
        let (kind, rest) = text.split_once(':').ok_or(BadAccount)?;
        Ok(match (kind, rest) {
            ("tax", "igv") => Self::TaxIgv,
            ("shipping", "pass_through") => Self::Shipping,
            ("fee", "payment") => Self::PaymentFee,
            ("material", "consigned") => Self::MaterialConsigned,
            ("material", "own") => Self::MaterialOwn,
            ("makers", "held") => Self::MakersHeld,
            ("exchange", "converted") => Self::Exchange,
            ("held", "stray") => Self::StrayPayments,
            ("fund", code) => Self::Fund(FundCode::parse(code)?),
            ("member", id) => Self::Member(MemberId::parse(id)?),
            (place, "balance") => MoneyPlace::ALL
                .into_iter()
                .find(|known| known.as_str() == place)
                .map(Self::Balance)
                .ok_or(BadAccount)?,
            _ => return Err(BadAccount),
        })
    }
}

impl TryFrom<String> for AccountCode {
    type Error = BadAccount;
    fn try_from(text: String) -> Result<Self, BadAccount> {
        text.parse()
    }
}

impl From<AccountCode> for String {
    fn from(account: AccountCode) -> Self {
        account.to_string()
    }
}

/// One line of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The account touched.
    pub account: AccountCode,
    /// Minor units; positive is a debit. Never zero.
    pub amount_minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// What an entry records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A paid order.
    Sale,
    /// A fee taken by a provider.
    Fee,
    /// What a refund, or a piece that is with us again, undoes of a sale.
    Refund,
    /// A payment that belongs to no order, or its return.
    Stray,
    /// The reversal of another entry.
    Reversal,
    /// Anything the board posts by hand.
    Manual,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Sale, Self::Fee, Self::Refund, Self::Stray, Self::Reversal, Self::Manual];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Fee => "fee",
            Self::Refund => "refund",
            Self::Stray => "stray",
            Self::Reversal => "reversal",
            Self::Manual => "manual",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What every entry has besides its postings. The caller makes the id; a retry reuses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryHeader {
    /// The entry's id.
    pub id: EntryId,
    /// When it happened, microseconds UTC.
    pub occurred_at_us: i64,
    /// What it is about: an order, a refund, a reversed entry.
    pub reference: String,
}

/// Why postings do not make an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// An entry without postings.
    #[error("an entry needs postings")]
    Empty,
    /// A posting of nothing.
    #[error("posting of zero on {account}")]
    ZeroPosting {
        /// The account.
        account: AccountCode,
    },
    /// Debits and credits differ.
    #[error("{} does not sum to zero but to {sum_minor}", currency.code())]
    NotZeroSum {
        /// The currency.
        currency: Currency,
        /// What is left over.
        sum_minor: i128,
    },
    /// An amount that must be positive is not.
    #[error("{what} must be positive")]
    NotPositive {
        /// Which amount.
        what: &'static str,
    },
    /// The sum on one account does not fit.
    #[error("amount out of range")]
    Overflow,
}

/// A balanced entry. Cannot be built unbalanced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    header: EntryHeader,
    kind: EntryKind,
    postings: Vec<Posting>,
}

impl Entry {
    /// An entry of these postings.
    ///
    /// # Errors
    /// [`LedgerError`] if there is none, one is zero, or a currency does not sum to zero.
    pub fn new(
        header: EntryHeader,
        kind: EntryKind,
        postings: Vec<Posting>,
    ) -> Result<Self, LedgerError> {
        if postings.is_empty() {
            return Err(LedgerError::Empty);
        }
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for posting in &postings {
            if posting.amount_minor == 0 {
                return Err(LedgerError::ZeroPosting { account: posting.account.clone() });
            }
            *sums.entry(posting.currency).or_default() += i128::from(posting.amount_minor);
        }
        match sums.into_iter().find(|(_, sum)| *sum != 0) {
            Some((currency, sum_minor)) => Err(LedgerError::NotZeroSum { currency, sum_minor }),
            None => Ok(Self { header, kind, postings }),
        }
    }

    /// Id, time and reference.
    #[must_use]
    pub const fn header(&self) -> &EntryHeader {
        &self.header
    }

    /// What it records.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        self.kind
    }

    /// The lines.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }
}

/// What a payment or a refund moved where the money lies, in the currency in which it lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// Where it lies.
    pub place: MoneyPlace,
    /// What came in by a payment, or left by a refund, before any fee; not negative.
    pub amount: Money,
    /// What the provider kept besides; negative when it gave a fee back.
    pub fee_minor: i64,
    /// The provider's own rate: what one unit of the order's currency became here, in
    /// thousand-millionths. `None` without conversion.
    pub rate_nano: Option<i64>,
}

impl Settlement {
    /// Money that lies as it was paid, without any fee.
    #[must_use]
    pub const fn plain(place: MoneyPlace, amount: Money) -> Self {
        Self { place, amount, fee_minor: 0, rate_nano: None }
    }

    /// The fee in the currency of what was paid, at the provider's own rate, rounded half to even.
    /// When the provider tells no rate, it is what the amount became of what was paid.
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

    /// The exchange account takes over an amount (a debit) for what it became (a credit). Within
    /// one currency the two are the same and nothing is left to post.
    fn exchange(&mut self, from: Money, into: Money) -> Result<(), LedgerError> {
        self.post(AccountCode::Exchange, from)?;
        self.post(AccountCode::Exchange, minus(into)?)
    }

    /// What was paid comes in where it lies.
    fn bring_in(&mut self, paid: Money, settlement: &Settlement) -> Result<(), LedgerError> {
        self.post(AccountCode::Balance(settlement.place), settlement.amount)?;
        self.exchange(paid, settlement.amount)
    }

    /// What goes back leaves from where it lies.
    fn let_out(&mut self, paid: Money, settlement: &Settlement) -> Result<(), LedgerError> {
        self.post(AccountCode::Balance(settlement.place), minus(settlement.amount)?)?;
        self.exchange(minus(paid)?, minus(settlement.amount)?)
    }

    /// The provider's fee for it, borne by a fund, in the currency in which it was kept.
    fn bear_fee(&mut self, settlement: &Settlement, fund: &FundCode) -> Result<(), LedgerError> {
        let fee = Money::new(settlement.fee_minor, settlement.amount.currency);
        self.post(AccountCode::Fund(fund.clone()), fee)?;
        self.post(AccountCode::Balance(settlement.place), minus(fee)?)
    }

    /// Material is owed, or taken from the stock, in the currency of its cost; the sale's
    /// deduction goes against the exchange account.
    fn owe(&mut self, cost: &MaterialCost, currency: Currency) -> Result<(), LedgerError> {
        self.post(material_account(cost.source), minus(cost.cost)?)?;
        self.exchange(cost.cost, Money::new(cost.deducted_minor, currency))
    }

    /// The reverse of [`Lines::owe`].
    fn owe_no_more(&mut self, cost: &MaterialCost, currency: Currency) -> Result<(), LedgerError> {
        self.post(material_account(cost.source), cost.cost)?;
        self.exchange(minus(cost.cost)?, Money::new(-cost.deducted_minor, currency))
    }

    /// Whatever is missing for a sum of zero in a currency is this account's.
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

/// A paid order: the gross arrives where it lies, and every cent is credited to whom the split gives it.
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
    lines.bring_in(sale.gross(), settlement)?;
    for piece in &sale.pieces {
        lines.post(AccountCode::TaxIgv, of(piece.igv_minor))?;
        lines.post(AccountCode::Shipping, of(piece.shipping_minor))?;
        lines.post(AccountCode::PaymentFee, of(piece.fee_minor))?;
        for cost in &piece.material {
            lines.owe(cost, sale.currency)?;
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

/// The provider takes its fee from the balance it holds; `fee` is what the sale was charged for it.
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

/// A refund: the money goes back, the shares are unwound, the reserve bears the rest.
///
/// `taken` says how much of each maker's part is taken from her: what is still unpaid of that very
/// sale ([`crate::refund::Unpaid`]). **Money once paid out is never taken back silently**: a share that
/// is not listed is not touched.
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
    lines.let_out(refund.gross(), settlement)?;
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
    lines.bear_fee(settlement, &refund.reserve)?;
    lines.entry(header, EntryKind::Refund)
}

/// A piece is with us again: its material is ours or its owner's again, the loss fund is relieved of
/// what it bore, the reserve has the balance. `None` when the sale left nothing of it to give back.
///
/// # Errors
/// [`LedgerError`].
pub fn return_entry(
    header: EntryHeader,
    piece: &PieceReturn,
) -> Result<Option<Entry>, LedgerError> {
    let mut lines = Lines::default();
    for cost in &piece.material {
        lines.owe_no_more(cost, piece.currency)?;
    }
    let loss = Money::new(-piece.loss_minor, piece.currency);
    lines.post(AccountCode::Fund(piece.loss_fund.clone()), loss)?;
    lines.balance(AccountCode::Fund(piece.reserve.clone()), piece.currency)?;
    match lines.postings() {
        none if none.is_empty() => Ok(None),
        postings => Entry::new(header, EntryKind::Refund, postings).map(Some),
    }
}

/// A payment arrived that no order can accept: it is held for whoever paid it.
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
    lines.bring_in(received, settlement)?;
    lines.post(AccountCode::StrayPayments, minus(received)?)?;
    lines.entry(header, EntryKind::Stray)
}

/// A stray payment went back; a fee for that is a cost of `loss_fund`.
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
    lines.let_out(refunded, settlement)?;
    lines.bear_fee(settlement, loss_fund)?;
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
    lines.bear_fee(settlement, loss_fund)?;
    lines.entry(header, EntryKind::Stray)
}

/// The entry that undoes another. Its reference should name the undone one.
///
/// # Errors
/// [`LedgerError::Overflow`] for an amount that has no opposite.
pub fn reverse(header: EntryHeader, entry: &Entry) -> Result<Entry, LedgerError> {
    let postings = entry
        .postings
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
