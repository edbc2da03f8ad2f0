//! The database handle and the schema, on both engines.

mod db;
mod writer;
