//! The fields of the pages' forms, as the shopper typed them.

use axum::extract::Request;

use crate::base::form;

/// What the shopper typed. A field that was not sent is empty.
#[derive(Debug, Default)]
pub(crate) struct TypedInput {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) card_number: String,
    pub(crate) expiry: String,
    pub(crate) cvc: String,
    pub(crate) iban: String,
    /// Of the 3-D Secure page: `complete` or `fail`.
    pub(crate) outcome: String,
}

impl TypedInput {
    /// Reads the form of a request.
    pub(crate) async fn read(request: Request) -> Self {
        let body = axum::body::to_bytes(request.into_body(), 20_000).await;
        let text = body
            .map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
        let mut typed = Self::default();
        for (key, value) in form::pairs(&text) {
            let field = match key.as_str() {
                "email" => &mut typed.email,
                "name" => &mut typed.name,
                "method" => &mut typed.method,
                "card_number" => &mut typed.card_number,
                "expiry" => &mut typed.expiry,
                "cvc" => &mut typed.cvc,
                "iban" => &mut typed.iban,
                "outcome" => &mut typed.outcome,
                _ => continue,
            };
            value.trim().clone_into(field);
        }
        typed
    }
}
