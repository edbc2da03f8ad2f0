//! The association's rules, and nothing else: no async, no I/O, no clock, no randomness.
//!
//! Every function can be understood, tested and discussed in an assembly without knowledge of
//! databases or web pages. Times are passed in as microseconds UTC or as a day in Lima, ids are made
//! by the caller, and prices, tariffs and policies are data.
//!
//! # The map
//!
//! | module | decides |
//! |---|---|
//! | [`money`], [`rounding`], [`language`], [`id`] | amounts in minor units, rates, the one rounding rule, typed ids |
//! | [`price`] | a price in another currency, a bound of prices in soles, what can be charged at once |
//! | [`tax`] | the IGV inside a price |
//! | [`shares`] | dividing an amount so that it sums exactly |
//! | [`contribution`], [`policy`], [`split`] | who gets every cent of a sale, and by which decision of the assembly |
//! | [`making`], [`rates`] | what a piece is made of and by whom, priced at the rates of its order |
//! | [`refund`] | what a refund takes from the shares, and what is reversed when a piece came back |
//! | [`ledger`] | accounts, and entries that always balance |
//! | [`order`] | an order's life, and what to do with a payment |
//! | [`hold`] | how many pieces may be held unpaid at a time |
//! | [`payment`] | how far a payment and a refund are, and what a refund is for |
//! | [`stored_name`] | the names under which states are stored |
//! | [`piece`] | the state of a piece, and its serial |
//! | [`metal`], [`melt`] | grams and fineness, the balance of lots, melting them, what a piece may weigh |
//! | [`claims`] | what a page may say about the origin of metal |
//! | [`address`], [`contact`], [`country`], [`keyboard`] | what a shopper types, cleaned and checked |
//! | [`shipping`], [`calendar`] | zones, prices, and when a parcel arrives |
//! | [`ring_size`] | one circumference, four scales |
//! | [`typed_amount`] | an amount as people type it |
//! | [`search_text`], [`search_match`], [`slug`] | words of a search, what they match in the catalogue, and words in a URL |
//!
//! # A payment arrives
//!
//! The server looks up the order's status, its hold and whether this payment was accepted before, and
//! calls [`order::decide_payment`]. On *accept* it takes [`policy::policy_in_force`] at the moment when
//! the order was paid according to the provider, prices each piece by [`making::Making::sold_for`],
//! computes [`split::split_sale`], stores the result with the sale, and writes [`ledger::sale_entry`] and
//! [`ledger::fee_entry`]. On *refund in full* it posts [`ledger::stray_payment_entry`], and
//! [`ledger::stray_refund_entry`] when the money went back. The page of a piece calls
//! [`split::estimate_split`], which is the same computation with an expected fee.
//!
//! # Glossary
//!
//! | here | the association says | |
//! |---|---|---|
//! | member | socia | a woman of the association; a maker |
//! | board | junta directiva | presidenta, vicepresidenta, secretaria, tesorera, fiscal, vocales |
//! | assembly, minute | asamblea, acta | what adopts a [`policy::SplitPolicy`] |
//! | design | modelo | what is shown and described |
//! | piece | pieza | one physical object with a [`piece::Serial`] |
//! | lot | lote | metal that came together, see [`metal::LotBalance`] |
//! | fineness | ley | precious part in permille, [`metal::Fineness`] |
//! | scrap, loss | recorte, merma | metal that is left over or lost at the bench |
//! | melt | fundición de lotes | several lots into one |
//! | consigned | en consignación | owned by the supplier until it is used |
//! | reserve for refunds | reserva para devoluciones | the fund that balances every refund, [`policy::SplitPolicy::reserve`] |
//! | contribution | aporte | one [`contribution::Step`] by one member on one piece |
//! | net, share | neto, lo que te corresponde | pay for work, never a dividend |
//! | fund | fondo | the association's part for a purpose |
//! | hold | reserva | a piece in a checkout, [`piece::PieceState::Checkout`] |
//! | claim (on a piece) | apartado | the order, the wholesale line or the fair that has a piece: one column each |
//! | claim (of origin) | declaración de origen | what may be said of its metal, [`claims::OriginClaim`] |
//! | posting, entry | asiento | a line of the ledger, a balanced set of them |
//! | department, district | departamento, distrito | parts of Peru, [`country::Department`] |
//!
//! # How to add…
//!
//! - **step of work**: a variant of [`contribution::Step`], its name in `as_str` and in `ALL`; a word in both locale files.
//! - **fund**: nothing in this crate; the next [`policy::SplitPolicy`] names it.
//! - **account**: a variant of [`ledger::AccountCode`], written in `Display`, read in `FromStr`, listed in the test
//!   `every_account_text_is_read_back`.
//! - **order status**: a variant of [`order::OrderStatus`], a row in [`order::OrderStatus::may_become`], the column's
//!   CHECK and the trigger's list; a test of the server compares the plan with both engines' triggers.
//! - **currency**: a variant of [`money::Currency`]. One without two decimals needs
//!   [`money::format_money`] and [`money::ExchangeRate::convert`] to use its exponent first.
//! - **shipping zone**: a variant of [`country::ShippingZone`], its countries in the table of [`country`], its
//!   prices in the configuration.
//! - **country**: a row in the table of [`country`], its address rule by `tables/make.py`.
//! - **fact that strengthens an origin claim**: see [`claims`].

// These modules are for the server only. The islands' WebAssembly must stay small, so it has neither
// the numbering plans of all countries nor the modules that depend on countries.
#[cfg(not(target_family = "wasm"))]
pub mod address;
pub mod calendar;
pub mod claims;
#[cfg(not(target_family = "wasm"))]
pub mod contact;
pub mod contribution;
#[cfg(not(target_family = "wasm"))]
pub mod country;
pub mod hold;
pub mod id;
pub mod keyboard;
pub mod language;
#[cfg(not(target_family = "wasm"))]
pub mod ledger;
#[cfg(not(target_family = "wasm"))]
pub mod making;
pub mod melt;
pub mod metal;
pub mod money;
pub mod order;
pub mod payment;
pub mod piece;
pub mod policy;
#[cfg(not(target_family = "wasm"))]
pub mod price;
pub mod rates;
#[cfg(not(target_family = "wasm"))]
pub mod refund;
pub mod ring_size;
pub mod rounding;
pub mod search_match;
pub mod search_text;
pub mod shares;
#[cfg(not(target_family = "wasm"))]
pub mod shipping;
pub mod slug;
#[cfg(not(target_family = "wasm"))]
pub mod split;
pub mod stored_name;
#[cfg(not(target_family = "wasm"))]
pub mod tax;
pub mod typed_amount;

#[cfg(test)]
mod test_data;
