//! The accounts of the ledger.

use serde::{Deserialize, Serialize};

use crate::id::{BadId, FundCode, MemberId};

/// A place where the association keeps money.
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
    /// `exchange:converted`: both sides of every conversion between currencies.
    Exchange,
    /// `fund:<code>`.
    Fund(FundCode),
    /// `member:<id>`: owed to a member for her work until paid.
    Member(MemberId),
    /// `makers:held`: owed to makers not yet recorded.
    MakersHeld,
    /// `held:stray`: payments that belong to no order and must go back.
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
