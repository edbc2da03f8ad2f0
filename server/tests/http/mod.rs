//! The real router, asked as browsers, machines and attackers ask it, on both engines.

mod addresses;
mod bad_input;
mod bags;
mod buying;
mod caching;
mod controls;
mod currency;
mod guarded;
mod machines;
mod portraits;
mod site;
mod speaking;
mod spelling;
mod trouble;
mod typed;
mod visible;
mod wire;
