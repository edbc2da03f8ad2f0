//! The port to whoever takes the money. The shop asks; Stripe (or a manual hand) answers.
//!
//! Every question carries an idempotency key made by the shop and stored before the
//! question is asked, so that asking again after a crash or a lost answer never charges,
//! opens or refunds twice.

use async_trait::async_trait;
use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;

mod dispute;
mod signature;
pub mod stripe;
mod watched;

pub use watched::Watched;

/// Whoever takes the money.
#[async_trait]
pub trait PaymentProvider: Send + Sync + std::fmt::Debug {
    /// Opens a hosted payment page for an order.
    async fn open_checkout(&self, intent: &CheckoutIntent) -> Result<OpenedCheckout, PaymentError>;
    /// What the provider knows of a checkout now; the truth, whatever events said.
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

/// What is asked when a payment page is opened.
#[derive(Debug, Clone)]
pub struct CheckoutIntent {
    /// The order; comes back as the client's reference.
    pub order_id: String,
    /// Number the shopper quotes, for the provider's books.
    pub order_number: String,
    /// Key under which a repeated question gives the first answer.
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
    /// Where the shopper lands after paying.
    pub success_url: String,
    /// Where the shopper lands when giving up.
    pub cancel_url: String,
    /// When the page closes by itself.
    pub expires_at: Timestamp,
}

/// A line of a payment page.
#[derive(Debug, Clone)]
pub struct IntentLine {
    /// Name, e.g. `Anillo Batea, N.º 0147`.
    pub name: String,
    /// More words, or none.
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
        /// Where.
        url: Option<String>,
    },
    /// Closed unpaid; it never can be paid again.
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

/// A movement of our balance at the provider, in the currency in which it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Currency, upper case.
    pub currency: String,
    /// What came in, or (negative) went out, before any fee.
    pub amount_minor: i64,
    /// What the provider kept besides; negative when it gave a fee back.
    pub fee_minor: i64,
    /// The provider's own rate: what one unit paid became here, in thousand-millionths; `None`
    /// without conversion.
    pub rate_nano: Option<i64>,
    /// When, as the provider says.
    pub at: Timestamp,
}

/// What is asked when money is given back.
#[derive(Debug, Clone)]
pub struct RefundIntent {
    /// Payment at the provider.
    pub payment_intent: String,
    /// How much.
    pub amount_minor: i64,
    /// Key under which a repeated question gives the first answer.
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
    /// The refund of ours that it is; `None` when somebody made it by hand at the provider.
    pub refund_id: Option<String>,
    /// Where it stands.
    pub state: RefundStatus,
    /// What it did to our balance there; `None` until the provider knows it.
    pub settled: Option<Settled>,
}

/// Where a refund stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    /// Taken on.
    OnItsWay,
    /// The money went back.
    Done,
    /// It did not, and never will by this refund.
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
    /// Where it stands as the provider words it, e.g. `needs_response`, `lost`.
    pub status: String,
    /// Until when it can be answered.
    pub answer_by: Option<Timestamp>,
}

/// A notification, verified. Only the envelope is trusted to have a form.
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
    /// The body as it came.
    pub payload: String,
}

/// Why the provider gave no answer that helps.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// Away, slow, overloaded or answering 5xx: ask again with the same key.
    #[error("payment provider unavailable: {0}")]
    Unavailable(String),
    /// Our account or key may not do this now; asked again once the board has mended that, it may.
    #[error("payment provider does not let us: {0}")]
    NotAllowed(String),
    /// The same question, under the same key, is being answered to somebody else just now.
    #[error("payment provider is busy with the same question")]
    Busy,
    /// It understood and refused.
    #[error("payment provider refused ({code}): {message}")]
    Refused {
        /// What of the question.
        what: Refused,
        /// The provider's code, e.g. `resource_missing`.
        code: String,
        /// The provider's words, for the log.
        message: String,
    },
    /// An answer that does not fit what was asked.
    #[error("payment provider answered oddly: {0}")]
    Unexpected(String),
}

/// What of a question the provider refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The shopper's e-mail.
    Email,
    /// The currency: our account cannot charge in it.
    Currency,
    /// The amount: too small or too large in its currency.
    Amount,
    /// The provider knows no such thing.
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
