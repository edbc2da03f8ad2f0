//! Every SQL statement of the shop, one file per noun.
//!
//! A read takes a [`Db`](crate::db::Db), a write a [`Tx`](crate::db::Tx): whoever calls it decides
//! what belongs together. "Not found" is `Ok(None)`; the rows a write touched are asserted.

pub mod session;
pub mod version;
