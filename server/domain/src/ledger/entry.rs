//! An entry of the ledger: its postings sum to zero in every currency.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::account::AccountCode;
use crate::id::EntryId;
use crate::money::Currency;

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
    /// What a refund, or a piece that came back, reverses of a sale.
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

/// What every entry has in addition to its postings. The caller makes the id; a retry reuses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryHeader {
    /// The entry's id.
    pub id: EntryId,
    /// When it happened, microseconds UTC.
    pub occurred_at_us: i64,
    /// The order, refund or reversed entry that it belongs to.
    pub reference: String,
}

/// Why postings do not make an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// An entry without postings.
    #[error("an entry needs postings")]
    Empty,
    /// A posting with an amount of zero.
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
        /// The sum of all its postings.
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
