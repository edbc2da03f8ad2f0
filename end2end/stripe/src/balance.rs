//! Balance Transactions: every movement of the shop's balance, with what Stripe keeps of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    errors::ApiError,
    expand,
    form::Fields,
    lists::Page,
    state::{Noun, Store},
};

/// A movement of the shop's balance at Stripe.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BalanceTransaction {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// `charge`, `payment`, `refund`, `payment_refund`, `refund_failure`, `adjustment`.
    pub(crate) kind: String,
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) currency: String,
    pub(crate) source: String,
    pub(crate) description: Option<String>,
}

impl Noun for BalanceTransaction {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl BalanceTransaction {
    /// The movement as the API shows it.
    pub(crate) fn render(&self) -> Value {
        let fees = (self.fee != 0).then(|| {
            json!({
                "amount": self.fee, "application": null, "currency": self.currency,
                "description": "Stripe processing fees", "type": "stripe_fee",
            })
        });
        json!({
            "id": self.id, "object": "balance_transaction", "amount": self.amount,
            "available_on": self.created + 7 * 86_400, "balance_type": "payments",
            "created": self.created, "currency": self.currency,
            "description": self.description, "exchange_rate": null, "fee": self.fee,
            "fee_details": fees.into_iter().collect::<Vec<_>>(), "net": self.amount - self.fee,
            "reporting_category": match self.kind.as_str() {
                "payment" => "charge",
                "payment_refund" => "refund",
                "adjustment" => "dispute",
                kind => kind,
            },
            "source": self.source, "status": "pending", "type": self.kind,
        })
    }
}

/// `GET /v1/balance_transactions/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Balance)?;
    fields.finish()?;
    let found = store.balance.get(id);
    let mut answer =
        found.ok_or_else(|| ApiError::no_such("balance transaction", id, "id"))?.render();
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/balance_transactions`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.not_played(&["payout"])?;
    let wanted = expand::take_for_list(&mut fields, expand::Kind::Balance)?;
    let page = Page::take(&mut fields)?;
    let currency = fields.text("currency")?;
    let source = fields.text("source")?;
    let kind = fields.text("type")?;
    fields.finish()?;
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|w| w == value);
    let found = store.balance.newest().filter(|transaction| {
        is(&currency, &transaction.currency)
            && is(&source, &transaction.source)
            && is(&kind, &transaction.kind)
    });
    let mut answer = page.render("/v1/balance_transactions", found, BalanceTransaction::render)?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}
