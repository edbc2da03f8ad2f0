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

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{BadId, EntryId, FundCode, MemberId};
use crate::money::{Currency, Money};
use crate::refund::RefundSplit;
use crate::split::SaleSplit;

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
    /// `material:own`: returned to the stock of bought material.
    MaterialOwn,
    /// `fund:<code>`.
    Fund(FundCode),
    /// `member:<id>`: owed to a member for her work until paid.
    Member(MemberId),
    /// `makers:held`: owed to makers not yet recorded.
    MakersHeld,
    /// `refund:reserve`: bears what was refunded after a member had been paid.
    RefundReserve,
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
            Self::Fund(fund) => write!(formatter, "fund:{fund}"),
            Self::Member(member) => write!(formatter, "member:{member}"),
            Self::MakersHeld => formatter.write_str("makers:held"),
            Self::RefundReserve => formatter.write_str("refund:reserve"),
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
            ("refund", "reserve") => Self::RefundReserve,
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
    /// A refund of an order.
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

/// Collects postings of one currency, one line per account in order of first use, none of zero.
struct Lines {
    currency: Currency,
    lines: Vec<(AccountCode, i64)>,
}

impl Lines {
    const fn new(currency: Currency) -> Self {
        Self { currency, lines: Vec::new() }
    }

    fn post(&mut self, account: AccountCode, amount_minor: i64) -> Result<(), LedgerError> {
        match self.lines.iter_mut().find(|(known, _)| *known == account) {
            Some((_, sum)) => *sum = sum.checked_add(amount_minor).ok_or(LedgerError::Overflow)?,
            None => self.lines.push((account, amount_minor)),
        }
        Ok(())
    }

    fn entry(self, header: EntryHeader, kind: EntryKind) -> Result<Entry, LedgerError> {
        let currency = self.currency;
        let postings = self
            .lines
            .into_iter()
            .filter(|(_, amount)| *amount != 0)
            .map(|(account, amount_minor)| Posting { account, amount_minor, currency })
            .collect();
        Entry::new(header, kind, postings)
    }
}

/// A paid order: the gross arrives, and every cent is credited to whom the split gives it.
///
/// # Errors
/// [`LedgerError`] if the split does not sum to its gross (it always does when it comes from [`crate::split::split_sale`]).
pub fn sale_entry(
    header: EntryHeader,
    place: MoneyPlace,
    sale: &SaleSplit,
) -> Result<Entry, LedgerError> {
    let mut lines = Lines::new(sale.currency);
    lines.post(AccountCode::Balance(place), sale.gross().amount_minor)?;
    for piece in &sale.pieces {
        lines.post(AccountCode::TaxIgv, -piece.igv_minor)?;
        lines.post(AccountCode::Shipping, -piece.shipping_minor)?;
        lines.post(AccountCode::PaymentFee, -piece.fee_minor)?;
        lines.post(AccountCode::MaterialConsigned, -piece.material_consigned_minor)?;
        lines.post(AccountCode::MaterialOwn, -piece.material_own_minor)?;
        for part in &piece.funds {
            lines.post(AccountCode::Fund(part.fund.clone()), -part.amount_minor)?;
        }
        for part in &piece.makers {
            lines.post(AccountCode::Member(part.member_id.clone()), -part.amount_minor)?;
        }
        lines.post(AccountCode::MakersHeld, -piece.held_for_makers_minor)?;
    }
    lines.entry(header, EntryKind::Sale)
}

/// The provider takes its fee from the balance it holds.
///
/// # Errors
/// [`LedgerError::NotPositive`] for a fee that is not positive.
pub fn fee_entry(header: EntryHeader, place: MoneyPlace, fee: Money) -> Result<Entry, LedgerError> {
    positive(fee, "fee")?;
    let mut lines = Lines::new(fee.currency);
    lines.post(AccountCode::PaymentFee, fee.amount_minor)?;
    lines.post(AccountCode::Balance(place), -fee.amount_minor)?;
    lines.entry(header, EntryKind::Fee)
}

/// A refund: the money goes back, the shares are unwound.
///
/// `owed_minor` says how much each member may still be debited: what the association owes her, or
/// the carry-over she agreed to. What a member's part exceeds it by is borne by the refund
/// reserve: **money once paid out is never taken back silently**. A member who is not listed is owed nothing.
///
/// # Errors
/// [`LedgerError`].
pub fn refund_entry(
    header: EntryHeader,
    place: MoneyPlace,
    refund: &RefundSplit,
    owed_minor: &BTreeMap<MemberId, i64>,
) -> Result<Entry, LedgerError> {
    let mut lines = Lines::new(refund.currency);
    lines.post(AccountCode::Balance(place), -refund.gross().amount_minor)?;
    for piece in &refund.pieces {
        lines.post(AccountCode::TaxIgv, piece.igv_minor)?;
        lines.post(AccountCode::Shipping, piece.shipping_minor)?;
        lines.post(AccountCode::Fund(piece.loss_fund.clone()), piece.fee_minor)?;
        lines.post(AccountCode::MaterialConsigned, piece.material_consigned_minor)?;
        lines.post(AccountCode::MaterialOwn, piece.material_own_minor)?;
        for part in &piece.funds {
            lines.post(AccountCode::Fund(part.fund.clone()), part.amount_minor)?;
        }
        lines.post(AccountCode::MakersHeld, piece.held_for_makers_minor)?;
    }
    for (member, amount_minor) in refund.by_member() {
        let debited = amount_minor.min(owed_minor.get(&member).copied().unwrap_or(0).max(0));
        lines.post(AccountCode::Member(member), debited)?;
        lines.post(AccountCode::RefundReserve, amount_minor - debited)?;
    }
    lines.entry(header, EntryKind::Refund)
}

/// A payment arrived that no order can accept: it is held for whoever paid it.
///
/// # Errors
/// [`LedgerError::NotPositive`].
pub fn stray_payment_entry(
    header: EntryHeader,
    place: MoneyPlace,
    received: Money,
) -> Result<Entry, LedgerError> {
    positive(received, "payment")?;
    let mut lines = Lines::new(received.currency);
    lines.post(AccountCode::Balance(place), received.amount_minor)?;
    lines.post(AccountCode::StrayPayments, -received.amount_minor)?;
    lines.entry(header, EntryKind::Stray)
}

/// A stray payment went back in full.
///
/// # Errors
/// [`LedgerError::NotPositive`].
pub fn stray_refund_entry(
    header: EntryHeader,
    place: MoneyPlace,
    refunded: Money,
) -> Result<Entry, LedgerError> {
    positive(refunded, "refund")?;
    let mut lines = Lines::new(refunded.currency);
    lines.post(AccountCode::StrayPayments, refunded.amount_minor)?;
    lines.post(AccountCode::Balance(place), -refunded.amount_minor)?;
    lines.entry(header, EntryKind::Stray)
}

/// The provider kept a fee for a stray payment: a cost of the association, never of the payer.
///
/// # Errors
/// [`LedgerError::NotPositive`].
pub fn stray_fee_entry(
    header: EntryHeader,
    place: MoneyPlace,
    fee: Money,
    loss_fund: FundCode,
) -> Result<Entry, LedgerError> {
    positive(fee, "fee")?;
    let mut lines = Lines::new(fee.currency);
    lines.post(AccountCode::Fund(loss_fund), fee.amount_minor)?;
    lines.post(AccountCode::Balance(place), -fee.amount_minor)?;
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
