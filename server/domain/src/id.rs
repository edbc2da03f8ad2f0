//! Identifiers as types, so that a member's id cannot be used where a fund's code is expected.
//!
//! The caller makes ids (UUIDv7 as text) and a retry reuses them; the domain only checks their shape.

use serde::{Deserialize, Serialize};

/// A text that cannot be an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct BadId {
    /// Which kind of identifier was wanted.
    pub kind: &'static str,
}

/// Letters, digits, `-` and `_`, at most 64: nothing that could break an account code or a URL.
fn well_formed(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the shape: 1 to 64 ASCII letters, digits, `-` or `_`.
            ///
            /// # Errors
            /// [`BadId`] if the text has another shape.
            pub fn parse(text: impl Into<String>) -> Result<Self, BadId> {
                let text = text.into();
                if well_formed(&text) { Ok(Self(text)) } else { Err(BadId { kind: $kind }) }
            }

            /// The text of the identifier.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

text_id!(
    /// A member (*socia*) of the association.
    MemberId, "member id"
);
text_id!(
    /// A fund of the association, by its code: `association`, `workshop`, …
    FundCode, "fund code"
);
text_id!(
    /// One physical piece.
    PieceId, "piece id"
);
text_id!(
    /// A lot of material.
    LotId, "lot id"
);
text_id!(
    /// A version of the split policy.
    PolicyId, "policy id"
);
text_id!(
    /// An entry of the ledger.
    EntryId, "entry id"
);
text_id!(
    /// A design.
    DesignId, "design id"
);
text_id!(
    /// One step that one member did on one piece.
    ContributionId, "contribution id"
);
text_id!(
    /// A mine.
    MineId, "mine id"
);
text_id!(
    /// A certificate of a mine.
    CertificateId, "certificate id"
);
text_id!(
    /// A supplier of metal.
    SupplierId, "supplier id"
);
text_id!(
    /// A melt of several lots into one.
    MeltId, "melt id"
);
text_id!(
    /// A shopper's order.
    OrderId, "order id"
);
text_id!(
    /// A line of an order: one piece.
    OrderLineId, "order line id"
);
text_id!(
    /// A payment of an order.
    PaymentId, "payment id"
);
text_id!(
    /// A refund.
    RefundId, "refund id"
);
text_id!(
    /// A piece as it was sold, with its split.
    SaleId, "sale id"
);
text_id!(
    /// A visitor's session.
    SessionId, "session id"
);
text_id!(
    /// Work to do later.
    JobId, "job id"
);
text_id!(
    /// A mail.
    MailId, "mail id"
);
text_id!(
    /// A stored notification of a provider.
    EventId, "event id"
);
