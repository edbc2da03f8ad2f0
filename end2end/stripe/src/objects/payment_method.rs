//! Payment methods: cards and bank accounts, and what happens when they are charged.

use serde::{Deserialize, Serialize};

/// Why a payment was declined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decline {
    /// Stripe's `code`.
    pub(crate) code: String,
    /// Stripe's `decline_code`, if the bank gave a reason.
    pub(crate) decline_code: Option<String>,
    /// Stripe's message.
    pub(crate) message: String,
}

impl Decline {
    /// A decline; an empty `decline_code` means none.
    pub(crate) fn new(code: &str, decline_code: &str, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            decline_code: (!decline_code.is_empty()).then(|| decline_code.to_owned()),
            message: message.to_owned(),
        }
    }

    /// The shopper did not pass 3-D Secure.
    pub(crate) fn failed_authentication() -> Self {
        Self::new(
            "payment_intent_authentication_failure",
            "",
            "The provided PaymentMethod has failed authentication. You can provide \
             payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent \
             again.",
        )
    }

    /// The bank account could not be debited.
    pub(crate) fn failed_debit() -> Self {
        Self::new(
            "payment_intent_payment_attempt_failed",
            "generic_could_not_process",
            "The payment failed.",
        )
    }
}

/// What happens when a payment method is charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Behaviour {
    /// The charge succeeds at once.
    Succeeds,
    /// The charge is declined at once.
    Declines(Decline),
    /// 3-D Secure comes first. Then the charge succeeds, or is declined.
    Authenticates(Option<Decline>),
    /// The charge succeeds at once; its refunds are `pending` for a while.
    RefundPends,
    /// The charge succeeds at once; its refunds fail after a while.
    RefundFails,
    /// The charge succeeds at once, and is disputed as fraudulent after a while.
    Disputed,
    /// The payment is processing for a while, then succeeds.
    SucceedsLater,
    /// The payment is processing for a while, then fails.
    FailsLater,
}

/// The kind of a payment method, with what Stripe shows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    /// A card.
    Card {
        /// `visa`, `mastercard`, …
        brand: String,
        /// ISO country code of the bank.
        country: String,
        /// `credit` or `debit`.
        funding: String,
        /// 1 to 12.
        exp_month: i64,
        /// Four digits.
        exp_year: i64,
        /// Whether it passed 3-D Secure.
        authenticated: bool,
    },
    /// A SEPA bank account.
    SepaDebit {
        /// ISO country code of the bank.
        country: String,
    },
}

/// A card or bank account that a shopper pays with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instrument {
    /// `pm_…`
    pub(crate) id: String,
    /// The last four digits.
    pub(crate) last4: String,
    /// Its kind.
    pub(crate) method: Method,
    /// What happens when it is charged.
    pub(crate) behaviour: Behaviour,
}

impl Instrument {
    /// Stripe's `type` of the payment method.
    pub(crate) fn kind(&self) -> &'static str {
        match self.method {
            Method::Card { .. } => "card",
            Method::SepaDebit { .. } => "sepa_debit",
        }
    }
}
