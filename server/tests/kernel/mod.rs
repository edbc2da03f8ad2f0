//! The kernel, with stand-ins for the services outside.

mod bucket;
mod payments;
