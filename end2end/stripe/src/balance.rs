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
    /// What one unit of the charge's currency became, where it was converted.
    #[serde(default)]
    pub(crate) exchange_rate: Option<f64>,
    pub(crate) source: String,
    pub(crate) description: Option<String>,
}

/// The one currency of the account, and what a unit of any other becomes there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conversion {
    pub(crate) currency: String,
    pub(crate) rate: f64,
}

impl std::str::FromStr for Conversion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no currency with its rate, like pen:3.7145");
        let (currency, rate) = text.split_once(':').ok_or_else(wrong)?;
        let currency = crate::money::currency(currency, "settle_in").map_err(|_| wrong())?;
        let rate: f64 = rate.parse().map_err(|_| wrong())?;
        if rate.is_finite() && rate > 0.0 { Ok(Self { currency, rate }) } else { Err(wrong()) }
    }
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
    /// The movement as it arrives in an account that holds one currency only.
    pub(crate) fn settled_in(mut self, account: Option<&Conversion>) -> Self {
        if let Some(account) = account.filter(|account| account.currency != self.currency) {
            let there = |amount: i64| (amount as f64 * account.rate).round() as i64;
            (self.amount, self.fee) = (there(self.amount), there(self.fee));
            self.currency.clone_from(&account.currency);
            self.exchange_rate = Some(account.rate);
        }
        self
    }

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
            "description": self.description, "exchange_rate": self.exchange_rate, "fee": self.fee,
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
