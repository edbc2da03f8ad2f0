//! `/v1/balance_transactions`

use serde_json::Value;

use crate::{
    base::{errors::ApiError, form::Fields},
    endpoints::{expand, lists::Page},
    objects::balance_transaction::BalanceTransaction,
    state::store::Store,
};

/// `GET /v1/balance_transactions/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take(&mut fields, expand::Kind::Balance)?;
    fields.finish()?;
    let found = store.balance.get(id);
    let mut answer =
        found.ok_or_else(|| ApiError::no_such("balance transaction", id, "id"))?.render();
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `GET /v1/balance_transactions`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.refuse_unsupported(&["payout"])?;
    let paths = expand::take_for_list(&mut fields, expand::Kind::Balance)?;
    let page = Page::take(&mut fields)?;
    let currency = fields.text("currency")?;
    let source = fields.text("source")?;
    let kind = fields.text("type")?;
    fields.finish()?;
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|w| w == value);
    let found = store.balance.newest_first().filter(|transaction| {
        is(&currency, &transaction.currency)
            && is(&source, &transaction.source)
            && is(&kind, &transaction.kind)
    });
    let mut answer = page.render("/v1/balance_transactions", found, BalanceTransaction::render)?;
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}
