//! Every SQL statement of the shop, one file per noun, and the two engines that run them ([`db`]).
//!
//! A read takes a [`Db`](db::Db), a write a [`Tx`](db::Tx), so the caller decides what belongs
//! together. "Not found" is `Ok(None)`; the rows a write touched are asserted. This crate depends
//! on `domain` alone and knows no use cases, pages or outside services.
//!
//! To add a statement, add a function in the file of its noun, with SQL that both engines
//! understand (`$1`, TEXT, BIGINT, BOOLEAN), and a test in `server/tests` that runs it on both
//! engines.

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
