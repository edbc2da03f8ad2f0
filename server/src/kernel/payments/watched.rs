//! A provider that notes for the operator whether its last answer worked.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    CheckoutFacts, CheckoutIntent, DisputeFacts, OpenedCheckout, PaymentError, PaymentProvider,
    ProviderEvent, RefundFacts, RefundIntent, WebhookError,
};
use crate::kernel::last_use::LastUses;

/// Asks another provider and notes whether it answered.
#[derive(Debug)]
pub struct Watched {
    inner: Arc<dyn PaymentProvider>,
    uses: Arc<LastUses>,
}

impl Watched {
    /// Wraps this provider.
    pub fn new(inner: Arc<dyn PaymentProvider>, uses: Arc<LastUses>) -> Self {
        Self { inner, uses }
    }

    /// A provider that understands and refuses a request works.
    fn noted<T>(&self, answer: Result<T, PaymentError>) -> Result<T, PaymentError> {
        let worked =
            matches!(&answer, Ok(_) | Err(PaymentError::Refused { .. } | PaymentError::Busy));
        self.uses.payments.note(worked);
        answer
    }
}

#[async_trait]
impl PaymentProvider for Watched {
    async fn open_checkout(&self, intent: &CheckoutIntent) -> Result<OpenedCheckout, PaymentError> {
        self.noted(self.inner.open_checkout(intent).await)
    }

    async fn look_up(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError> {
        self.noted(self.inner.look_up(session_id).await)
    }

    async fn expire_checkout(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError> {
        self.noted(self.inner.expire_checkout(session_id).await)
    }

    async fn refund(&self, intent: &RefundIntent) -> Result<RefundFacts, PaymentError> {
        self.noted(self.inner.refund(intent).await)
    }

    async fn refunds_of(&self, payment_intent: &str) -> Result<Vec<RefundFacts>, PaymentError> {
        self.noted(self.inner.refunds_of(payment_intent).await)
    }

    fn verify_webhook(
        &self,
        raw: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<ProviderEvent, WebhookError> {
        self.inner.verify_webhook(raw, signature, now)
    }

    fn read_dispute(&self, payload: &str) -> Option<DisputeFacts> {
        self.inner.read_dispute(payload)
    }
}
