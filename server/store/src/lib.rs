//! Every SQL statement of the shop, one file per noun, and the two engines that run them ([`db`]).
//!
//! A read takes a [`Db`](db::Db), a write a [`Tx`](db::Tx): whoever calls it decides what belongs
//! together. "Not found" is `Ok(None)`; the rows a write touched are asserted. Use cases, pages and
//! the outside world are unknown here: this crate knows `domain` alone.
//!
//! To add a statement: a function in the file of its noun, in its own words (`$1`, TEXT, BIGINT,
//! BOOLEAN), and a story in `server/tests` that runs it on both engines.

pub mod baseline;
pub mod catalogue;
pub mod check;
pub mod check_metal;
pub mod db;
pub mod design;
pub mod draft;
pub mod hold;
pub mod ids;
pub mod job;
pub mod ledger;
pub mod mail;
pub mod maker;
pub mod melt;
pub mod metal;
pub mod notice;
pub mod order;
pub mod payment;
pub mod piece;
pub mod piece_return;
pub mod policy;
pub mod rate;
pub mod refund;
pub mod sale;
pub mod search;
pub mod session;
pub mod slug;
mod statement;
pub mod text;
pub mod version;
pub mod webhook_event;

pub use statement::{Value, insert_rows};
