//! What happens to metal and pieces before a sale.

pub(crate) mod making;
pub mod melt;
