//! The pages that shoppers see.

pub(crate) mod html;
pub(crate) mod routes;
pub(crate) mod session_page;
pub(crate) mod typed_input;
pub(crate) mod words;
