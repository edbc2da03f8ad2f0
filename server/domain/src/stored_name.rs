//! Names under which states and kinds are stored: a row is read into the type itself.

use crate::order::OrderStatus;
use crate::payment::{PaymentState, RefundCause, RefundState};
use crate::piece::PieceState;

/// A stored name that its type does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no {of}")]
pub struct UnknownName {
    /// The type.
    pub of: &'static str,
    /// What is stored.
    pub name: String,
}

macro_rules! read_from_its_name {
    ($($type:ident),* $(,)?) => {
        $(
            impl TryFrom<String> for $type {
                type Error = UnknownName;

                fn try_from(name: String) -> Result<Self, UnknownName> {
                    Self::from_name(&name).ok_or(UnknownName { of: stringify!($type), name })
                }
            }
        )*
    };
}

read_from_its_name!(OrderStatus, PaymentState, PieceState, RefundCause, RefundState);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_told_with_its_type() {
        assert_eq!(OrderStatus::try_from("paid".to_owned()), Ok(OrderStatus::Paid));
        let unknown = PieceState::try_from("lost".to_owned()).unwrap_err();
        assert_eq!(unknown.to_string(), "`lost` is no PieceState");
    }
}
