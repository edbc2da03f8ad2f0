//! Keeps what a shopper typed into the purchase form. It survives a change of language, a reload,
//! the payment page and a refusal, and is deleted when the order is paid or after a day. It has no
//! secrets: card numbers are typed on the payment page only.

use domain::id::SessionId;
use store::db::Tx;
use store::draft;

use app::backend::shop::{CheckoutField, CheckoutForm, FieldProblem};
use jiff::Timestamp;

use super::Shop;
use super::checkout_form;
use crate::kernel::error::{ShopError, ShopResult};

/// For how long a draft is kept.
pub const KEEP_US: i64 = 86_400_000_000;

/// The form with the errors of the last time it was sent.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The form.
    pub form: CheckoutForm,
    /// The errors beside its fields.
    pub errors: Vec<(CheckoutField, FieldProblem)>,
}

/// What happens to the errors of the former draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// They are removed.
    Forgotten,
    /// They stay beside their fields.
    Kept,
}

/// The part of an untrusted form that is kept: no field longer than a page needs, one region of the
/// typed country, and nothing that only the page itself knows.
fn kept(form: &CheckoutForm) -> ShopResult<String> {
    let form = checkout_form::tidied(form.clone());
    json(&CheckoutForm { attempt: String::new(), shown: String::new(), ..form })
}

fn json(value: &impl serde::Serialize) -> ShopResult<String> {
    serde_json::to_string(value).map_err(|error| ShopError::Internal(error.into()))
}

/// Keeps a form for a session.
pub async fn keep(
    shop: &Shop,
    session_id: &SessionId,
    form: &CheckoutForm,
    before: Before,
    now: Timestamp,
) -> ShopResult<()> {
    let errors = match before {
        Before::Forgotten => Some("[]"),
        Before::Kept => None,
    };
    draft::keep(&shop.db, session_id, &kept(form)?, errors, now.as_microsecond()).await?;
    Ok(())
}

/// Keeps a form with its errors, in the transaction of its result.
pub async fn keep_judged(
    tx: &mut Tx,
    session_id: &SessionId,
    form: &CheckoutForm,
    errors: &[(CheckoutField, FieldProblem)],
    now: Timestamp,
) -> ShopResult<()> {
    draft::keep_in(tx, session_id, &kept(form)?, &json(&errors)?, now.as_microsecond()).await?;
    Ok(())
}

/// The draft of a session, while it is kept. `None` also for a draft of another version of the shop
/// that this one cannot read.
pub async fn of(shop: &Shop, session_id: &SessionId, now: Timestamp) -> ShopResult<Option<Draft>> {
    let since_us = now.as_microsecond() - KEEP_US;
    let Some(row) = draft::of_session(&shop.db, session_id, since_us).await? else {
        return Ok(None);
    };
    let Ok(form) = serde_json::from_str(&row.form) else { return Ok(None) };
    let errors = serde_json::from_str(&row.errors).unwrap_or_default();
    Ok(Some(Draft { form, errors }))
}
