//! What every room works with, against its stand-ins.

mod bucket;
mod payments;
