//! Metal and pieces before a sale.

pub(crate) mod making;
pub mod melt;
