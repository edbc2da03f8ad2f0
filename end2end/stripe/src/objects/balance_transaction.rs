//! Balance Transactions: every change of the shop's balance at Stripe, with Stripe's fee.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{base::money::Conversion, objects::object::Object};

/// A change of the shop's balance at Stripe.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BalanceTransaction {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// `charge`, `payment`, `refund`, `payment_refund`, `refund_failure`, `adjustment`.
    pub(crate) kind: String,
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) currency: String,
    /// What one unit of the charge's currency became, if the amount was converted.
    #[serde(default)]
    pub(crate) exchange_rate: Option<f64>,
    pub(crate) source: String,
    pub(crate) description: Option<String>,
}

impl Object for BalanceTransaction {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl BalanceTransaction {
    /// The transaction converted to the currency of the account, if the account has only one.
    pub(crate) fn converted(mut self, conversion: Option<&Conversion>) -> Self {
        if let Some(to) = conversion.filter(|to| to.currency != self.currency) {
            let convert = |amount: i64| (amount as f64 * to.rate).round() as i64;
            (self.amount, self.fee) = (convert(self.amount), convert(self.fee));
            self.currency.clone_from(&to.currency);
            self.exchange_rate = Some(to.rate);
        }
        self
    }

    /// The transaction as the API shows it.
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
