//! The books: nobody else posts the entries of a sale.

pub(crate) mod sale;
