//! The port to the payment provider. The shop sends requests; Stripe (or a person, by hand)
//! answers.
//!
//! Every request carries an idempotency key that the shop makes and stores before it sends the
//! request, so that a repetition after a crash or a lost answer never charges, opens or refunds
//! twice.

use async_trait::async_trait;
use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;

mod dispute;
mod signature;
pub mod stripe;
mod watched;

pub use watched::Watched;

/// The payment provider.
#[async_trait]
pub trait PaymentProvider: Send + Sync + std::fmt::Debug {
    /// Opens a hosted payment page for an order.
    async fn open_checkout(&self, intent: &CheckoutIntent) -> Result<OpenedCheckout, PaymentError>;
    /// What the provider knows of a checkout now. This is the truth, whatever events said.
    async fn look_up(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError>;
    /// Closes a payment page for good, or tells that it was completed meanwhile.
    async fn expire_checkout(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError>;
    /// Gives money back.
    async fn refund(&self, intent: &RefundIntent) -> Result<RefundFacts, PaymentError>;
    /// Every refund of a payment that the provider knows, whoever asked for it.
    async fn refunds_of(&self, payment_intent: &str) -> Result<Vec<RefundFacts>, PaymentError>;
    /// Checks that a notification is the provider's own and fresh.
    fn verify_webhook(
        &self,
        raw: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<ProviderEvent, WebhookError>;
    /// What the body of a verified notification says of a dispute, when it is about one.
    fn read_dispute(&self, payload: &str) -> Option<DisputeFacts>;
}

/// The request to open a payment page.
#[derive(Debug, Clone)]
pub struct CheckoutIntent {
    /// The order; comes back as the client's reference.
    pub order_id: String,
    /// Number the shopper quotes, for the provider's books.
    pub order_number: String,
    /// Idempotency key: a repeated request gets the first answer.
    pub idempotency_key: String,
    /// Currency of every amount.
    pub currency: Currency,
    /// Pieces and, last, the delivery; the amounts sum to `total_minor`.
    pub lines: Vec<IntentLine>,
    /// What will be charged.
    pub total_minor: i64,
    /// Shopper's e-mail.
    pub email: String,
    /// Language of the page.
    pub language: Language,
    /// Address to which the shopper returns after paying.
    pub success_url: String,
    /// Address to which the shopper returns after giving up.
    pub cancel_url: String,
    /// When the page closes by itself.
    pub expires_at: Timestamp,
}

/// A line of a payment page.
#[derive(Debug, Clone)]
pub struct IntentLine {
    /// Name, e.g. `Anillo Batea, N.º 0147`.
    pub name: String,
    /// Further description, or none.
    pub description: Option<String>,
    /// Amount, tax included.
    pub amount_minor: i64,
    /// Absolute address of a picture, or none.
    pub image_url: Option<String>,
}

/// An opened payment page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedCheckout {
    /// Provider's identifier.
    pub session_id: String,
    /// Where the shopper pays.
    pub url: String,
    /// When it closes by itself.
    pub expires_at: Timestamp,
}

/// State of a payment page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckoutState {
    /// It can be paid.
    Open {
        /// Address of the page.
        url: Option<String>,
    },
    /// Closed without payment; it can never be paid again.
    Expired,
    /// The shopper finished it.
    Complete,
}

/// Whether money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Nothing was paid (yet, while the page is open).
    Unpaid,
    /// Finished by the shopper, but the money arrives later or fails later.
    Processing,
    /// A delayed payment failed for good.
    Failed,
    /// The money arrived.
    Paid,
}

/// What the provider knows of a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutFacts {
    /// Provider's identifier.
    pub session_id: String,
    /// Our order, as the provider holds it.
    pub client_reference_id: Option<String>,
    /// State of the page.
    pub state: CheckoutState,
    /// Whether money moved.
    pub payment: PaymentStatus,
    /// Total in minor units.
    pub amount_total_minor: i64,
    /// Currency as the provider writes it, upper case.
    pub currency: String,
    /// Identifier of the payment at the provider.
    pub payment_intent: Option<String>,
    /// Identifier of the charge.
    pub charge: Option<String>,
    /// What the payment did to our balance there; `None` until the provider knows it.
    pub settled: Option<Settled>,
    /// Given back so far, in minor units.
    pub refunded_minor: i64,
    /// Whether the payer's bank ever disputed it.
    pub disputed: bool,
}

/// A movement of our balance at the provider, in the currency of that balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Currency, upper case.
    pub currency: String,
    /// What came in, or (negative) went out, before any fee.
    pub amount_minor: i64,
    /// The provider's fee; negative when it gave a fee back.
    pub fee_minor: i64,
    /// The provider's own rate: units of this currency for one unit paid, in thousand-millionths;
    /// `None` without conversion.
    pub rate_nano: Option<i64>,
    /// When it happened, according to the provider.
    pub at: Timestamp,
}

/// The request to give money back.
#[derive(Debug, Clone)]
pub struct RefundIntent {
    /// Payment at the provider.
    pub payment_intent: String,
    /// How much.
    pub amount_minor: i64,
    /// Idempotency key: a repeated request gets the first answer.
    pub idempotency_key: String,
    /// Our refund, for the provider's books.
    pub refund_id: String,
}

/// A refund at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundFacts {
    /// Provider's identifier.
    pub provider_ref: String,
    /// How much.
    pub amount_minor: i64,
    /// Our key of this refund; `None` when somebody made it by hand at the provider.
    pub refund_id: Option<String>,
    /// Its status.
    pub state: RefundStatus,
    /// What it did to our balance there; `None` until the provider knows it.
    pub settled: Option<Settled>,
}

/// The status of a refund at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    /// Accepted, not finished yet.
    OnItsWay,
    /// The money went back.
    Done,
    /// The money did not go back, and this refund will never send it.
    Failed,
}

/// A payment that the payer's bank disputes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeFacts {
    /// Provider's identifier.
    pub id: String,
    /// How much is disputed, in the provider's minor units.
    pub amount_minor: i64,
    /// Currency, upper case.
    pub currency: String,
    /// The bank's reason as the provider words it, e.g. `fraudulent`.
    pub reason: String,
    /// The status in the provider's words, e.g. `needs_response`, `lost`.
    pub status: String,
    /// The deadline for an answer.
    pub answer_by: Option<Timestamp>,
}

/// A verified notification. Only its envelope is known to have a certain form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// Provider's identifier, unique.
    pub id: String,
    /// Kind, e.g. `checkout.session.completed`.
    pub kind: String,
    /// The checkout it is about, when it is about one.
    pub session_id: Option<String>,
    /// The payment it is about, when it names one.
    pub payment_intent: Option<String>,
    /// The body as it was received.
    pub payload: String,
}

/// Why the provider gave no useful answer.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// Unreachable, slow, overloaded or answering 5xx: ask again with the same key.
    #[error("payment provider unavailable: {0}")]
    Unavailable(String),
    /// Our account or key is not allowed to do this now. The request may succeed once the board has
    /// corrected that.
    #[error("payment provider does not let us: {0}")]
    NotAllowed(String),
    /// A request with the same key is being answered just now.
    #[error("payment provider is busy with the same question")]
    Busy,
    /// The provider understood the request and refused it.
    #[error("payment provider refused ({code}): {message}")]
    Refused {
        /// The part of the request that was refused.
        what: Refused,
        /// The provider's code, e.g. `resource_missing`.
        code: String,
        /// The provider's words, for the log.
        message: String,
    },
    /// An answer that does not fit the request.
    #[error("payment provider answered oddly: {0}")]
    Unexpected(String),
}

/// The part of a request that the provider refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The shopper's e-mail.
    Email,
    /// The currency: our account cannot charge in it.
    Currency,
    /// The amount: too small or too large in its currency.
    Amount,
    /// The provider does not know the object that the request names.
    Unknown,
    /// Anything else.
    Other,
}

/// Why a notification is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No signature came with it.
    #[error("no signature")]
    Missing,
    /// Signature or body are not of the right form.
    #[error("malformed")]
    Malformed,
    /// The signature is not the provider's.
    #[error("bad signature")]
    BadSignature,
    /// Signed too long ago or in the future.
    #[error("stale")]
    Stale,
}
