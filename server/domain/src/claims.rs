//! What a page may say about the origin of metal. It is computed, never typed by a person.
//!
//! The rules, from the strongest claim to none. If anything is missing, expired or mixed, the next
//! weaker claim holds; **nothing makes a claim stronger**.
//!
//! | claim | needs |
//! |---|---|
//! | [`OriginClaim::Labeled`] | all of the next, and a licence of the seller valid on the day of the sale |
//! | [`OriginClaim::FactsOfOrigin`] | all of the next, a lot traded as *Labeled* (physically segregated), the day the metal left the mine, and a documented certificate of that mine valid on that day |
//! | [`OriginClaim::MineOfOrigin`] | a known mine, a document of the lot, nothing unnamed melted in, and metal that physically came from there: *Labeled* or *Uncertified*. *Incorporated* (mass balance) and *Certificate* (no physical link) never name a mine |
//! | [`OriginClaim::SupplierOnly`] | a known supplier |
//! | [`OriginClaim::Recycled`] | a lot traded as recycled; it names a supplier but never a mine |
//! | [`OriginClaim::Unknown`] | nothing |
//!
//! *Ecological* is part of a certificate from a date on: metal that left the mine before that day
//! is never called so (for CECOMIP: before August 2021).
//!
//! To add a rule: add its fact to [`LotFacts`] as an `Option`, weaken [`claim_of`] when it is missing, and
//! extend `weakened` in the tests. They check that a claim never gets stronger when a fact is taken away.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::metal::TradingModel;

/// Days from and to, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Period {
    /// Whether the day is within the period.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

/// A certificate of a mine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The certified mine.
    pub mine_id: String,
    /// When it was valid.
    pub valid: Period,
    /// From which day on it includes the *Ecological* requirements, if ever.
    pub ecological_from: Option<Date>,
    /// The document that shows it. Without one it proves nothing.
    pub document_id: Option<String>,
}

/// A Fairmined licence of the seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellerLicence {
    /// When it is valid.
    pub valid: Period,
    /// The document that shows it. Without one it proves nothing.
    pub document_id: Option<String>,
}

/// What is known about a lot of metal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotFacts {
    /// Who supplied it.
    pub supplier_id: Option<String>,
    /// How it was traded.
    pub trading_model: TradingModel,
    /// The mine it came from.
    pub mine_id: Option<String>,
    /// The day it left the mine.
    pub left_mine_on: Option<Date>,
    /// The document that came with the lot.
    pub document_id: Option<String>,
    /// Whether its supplier mixed in metal that no document names.
    pub mixed: bool,
    /// Certificates on file; those of other mines or other days do not count.
    pub certificates: Vec<Certificate>,
}

/// A certificate that was valid when the metal left the mine, as it may be stated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CertificateFact {
    /// When it was valid.
    pub valid: Period,
    /// The document to link.
    pub document_id: String,
}

/// Documented facts of a certified origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginFacts {
    /// Who supplied the metal.
    pub supplier_id: String,
    /// The mine.
    pub mine_id: String,
    /// The certificates valid when it left the mine, at least one, sorted.
    pub certificates: Vec<CertificateFact>,
    /// Whether a certificate included the *Ecological* requirements on that day.
    pub ecological: bool,
}

/// What may be said about a metal's origin, and no more. The ids are those that the caller put into
/// [`LotFacts`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "claim", rename_all = "snake_case")]
pub enum OriginClaim {
    /// The label may be used on the product.
    Labeled(OriginFacts),
    /// The facts may be stated, without label, logo or any hint of affiliation.
    FactsOfOrigin(OriginFacts),
    /// Supplier and mine may be named, no certificate.
    MineOfOrigin {
        /// Who supplied the metal.
        supplier_id: String,
        /// The mine.
        mine_id: String,
    },
    /// Only the supplier may be named.
    SupplierOnly {
        /// Who supplied the metal.
        supplier_id: String,
    },
    /// Recycled metal of a supplier.
    Recycled {
        /// Who supplied the metal.
        supplier_id: String,
    },
    /// Nothing is known, and the page says so.
    Unknown,
}

impl OriginClaim {
    /// Whether the label may stand on the product.
    #[must_use]
    pub const fn may_use_label(&self) -> bool {
        matches!(self, Self::Labeled(_))
    }

    /// Whether the *Ecological* certificate may be mentioned.
    #[must_use]
    pub const fn may_say_ecological(&self) -> bool {
        matches!(self, Self::Labeled(facts) | Self::FactsOfOrigin(facts) if facts.ecological)
    }

    /// The supplier that may be named.
    #[must_use]
    pub fn supplier_id(&self) -> Option<&str> {
        match self {
            Self::Labeled(facts) | Self::FactsOfOrigin(facts) => Some(&facts.supplier_id),
            Self::MineOfOrigin { supplier_id, .. }
            | Self::SupplierOnly { supplier_id }
            | Self::Recycled { supplier_id } => Some(supplier_id),
            Self::Unknown => None,
        }
    }

    /// The mine that may be named.
    #[must_use]
    pub fn mine_id(&self) -> Option<&str> {
        match self {
            Self::Labeled(facts) | Self::FactsOfOrigin(facts) => Some(&facts.mine_id),
            Self::MineOfOrigin { mine_id, .. } => Some(mine_id),
            Self::SupplierOnly { .. } | Self::Recycled { .. } | Self::Unknown => None,
        }
    }

    /// The certificates that may be named; empty for the weaker claims.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateFact] {
        match self {
            Self::Labeled(facts) | Self::FactsOfOrigin(facts) => &facts.certificates,
            _ => &[],
        }
    }

    /// The name of the claim, for locale files and the passport.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Labeled(_) => "labeled",
            Self::FactsOfOrigin(_) => "facts_of_origin",
            Self::MineOfOrigin { .. } => "mine_of_origin",
            Self::SupplierOnly { .. } => "supplier_only",
            Self::Recycled { .. } => "recycled",
            Self::Unknown => "unknown",
        }
    }

    /// The strongest claim that is true of both metals: what may be said once they are mixed.
    ///
    /// For metals of different suppliers nothing may be said. For metals of different mines, or for
    /// recycled and mined metal, only the supplier may be named. The operation is commutative,
    /// associative and idempotent (property-tested), so the order of melting does not matter.
    #[must_use]
    pub fn common_with(self, other: Self) -> Self {
        let (Some(supplier), Some(others)) = (self.supplier_id(), other.supplier_id()) else {
            return Self::Unknown;
        };
        if supplier != others {
            return Self::Unknown;
        }
        let supplier_id = supplier.to_owned();
        match (self, other) {
            (Self::Recycled { .. }, Self::Recycled { .. }) => Self::Recycled { supplier_id },
            (Self::Labeled(one), Self::Labeled(two)) if one.mine_id == two.mine_id => {
                Self::Labeled(one.both(two))
            }
            (
                Self::Labeled(one) | Self::FactsOfOrigin(one),
                Self::Labeled(two) | Self::FactsOfOrigin(two),
            ) if one.mine_id == two.mine_id => Self::FactsOfOrigin(one.both(two)),
            (one, two) => match (one.mine_id(), two.mine_id()) {
                (Some(mine), Some(others)) if mine == others => {
                    Self::MineOfOrigin { supplier_id, mine_id: mine.to_owned() }
                }
                _ => Self::SupplierOnly { supplier_id },
            },
        }
    }
}

impl OriginFacts {
    /// The facts of two metals of one mine: both their certificates; ecological only if both are.
    fn both(mut self, other: Self) -> Self {
        self.certificates.extend(other.certificates);
        self.certificates.sort();
        self.certificates.dedup();
        self.ecological &= other.ecological;
        self
    }
}

/// What may be said about a lot's metal by a seller with these licences, on the day of the sale.
#[must_use]
pub fn claim_of(lot: &LotFacts, licences: &[SellerLicence], sold_on: Date) -> OriginClaim {
    let Some(supplier_id) = lot.supplier_id.clone() else {
        return OriginClaim::Unknown;
    };
    let physical = match (lot.mixed, lot.trading_model) {
        // Unnamed metal was mixed in: only the supplier is known, not even that all is recycled.
        (true, _) => false,
        (false, TradingModel::Recycled) => return OriginClaim::Recycled { supplier_id },
        (false, model) => model.is_of_its_mine(),
    };
    let (true, Some(mine_id), Some(_)) = (physical, lot.mine_id.clone(), &lot.document_id) else {
        return OriginClaim::SupplierOnly { supplier_id };
    };
    let Some(facts) = certified(lot, &supplier_id, &mine_id) else {
        return OriginClaim::MineOfOrigin { supplier_id, mine_id };
    };
    let licensed = licences
        .iter()
        .any(|licence| licence.document_id.is_some() && licence.valid.contains(sold_on));
    if licensed { OriginClaim::Labeled(facts) } else { OriginClaim::FactsOfOrigin(facts) }
}

/// The facts of a certified origin, if the lot was traded as such and a documented certificate of
/// its mine was valid on the day the metal left.
fn certified(lot: &LotFacts, supplier_id: &str, mine_id: &str) -> Option<OriginFacts> {
    let left_on = lot.left_mine_on?;
    if lot.trading_model != TradingModel::Labeled {
        return None;
    }
    let mut ecological = false;
    let mut certificates = Vec::new();
    for certificate in &lot.certificates {
        let Some(document_id) = certificate.document_id.clone() else { continue };
        if certificate.mine_id == mine_id && certificate.valid.contains(left_on) {
            ecological |= certificate.ecological_from.is_some_and(|from| from <= left_on);
            certificates.push(CertificateFact { valid: certificate.valid, document_id });
        }
    }
    certificates.sort();
    certificates.dedup();
    let (supplier_id, mine_id) = (supplier_id.to_owned(), mine_id.to_owned());
    (!certificates.is_empty()).then_some(OriginFacts {
        supplier_id,
        mine_id,
        certificates,
        ecological,
    })
}

/// What may be said about metal melted from several lots that were received: the weakest of their
/// claims. For melts of melts pass all lots they were made of ([`crate::melt::Lots::received_lots`]):
/// the order of melting does not matter. [`OriginClaim::Unknown`] for none.
#[must_use]
pub fn claim_of_melt<'a>(
    lots: impl IntoIterator<Item = &'a LotFacts>,
    licences: &[SellerLicence],
    sold_on: Date,
) -> OriginClaim {
    lots.into_iter()
        .map(|lot| claim_of(lot, licences, sold_on))
        .reduce(OriginClaim::common_with)
        .unwrap_or(OriginClaim::Unknown)
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
