//! The books. Only this module posts the entries of a sale.

pub(crate) mod sale;
