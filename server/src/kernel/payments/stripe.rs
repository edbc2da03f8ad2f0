//! Stripe behind the port: hosted Checkout pages, refunds and signed webhooks, through `async-stripe`.

use std::time::Duration;

use async_trait::async_trait;
use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;
use stripe::{
    Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest as _,
};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ExpireCheckoutSession, ProductData,
    RetrieveCheckoutSession,
};
use stripe_core::refund::{CreateRefund, ListRefund};
use stripe_shared::{
    ApiErrors, ApiErrorsCode, ApiErrorsType, BalanceTransaction, Charge, CheckoutSession,
    CheckoutSessionLocale, CheckoutSessionMode, CheckoutSessionPaymentStatus,
    CheckoutSessionStatus, PaymentIntent, PaymentIntentStatus, Refund,
};
use stripe_types::Expandable;

use super::{
    CheckoutFacts, CheckoutIntent, CheckoutState, DisputeFacts, OpenedCheckout, PaymentError,
    PaymentProvider, PaymentStatus, ProviderEvent, RefundFacts, RefundIntent, RefundStatus,
    Refused, Settled, WebhookError, dispute, signature,
};
use crate::kernel::secret::{Secret, checked_origin, checked_token};

/// How long one request to Stripe may take; a shopper waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What a look-up expands, so that one request returns everything.
const EXPANSIONS: [&str; 1] = ["payment_intent.latest_charge.balance_transaction"];
/// What a refund expands: its effect on our balance.
const REFUND_EXPANSION: &str = "balance_transaction";
/// The metadata field in which Stripe keeps the key of our refund.
const REFUND_ID: &str = "refund_id";
/// The most that Stripe lists at once.
const PAGE: i64 = 100;

/// Stripe, or a server with the same API at another address.
#[derive(Clone)]
pub struct Stripe {
    client: Client,
    webhook_secrets: Vec<Secret>,
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stripe")
    }
}

impl Stripe {
    /// A client with the account's key. `webhook_secrets` are separated by commas while one
    /// is being replaced by the next.
    ///
    /// # Errors
    /// What is invalid, in one line that begins with the name of its variable.
    pub fn new(key: &Secret, webhook_secrets: &Secret, api_url: &str) -> Result<Self, String> {
        checked_token("STRIPE_SECRET_KEY", key.reveal(), &["sk_", "rk_"])?;
        let webhook_secrets = checked_webhook_secrets(webhook_secrets)?;
        let api_url = checked_origin("STRIPE_API_URL", api_url)?;
        let client = ClientBuilder::new(key.reveal())
            .url(format!("{api_url}/"))
            .timeout(TIMEOUT)
            .request_strategy(RequestStrategy::Once)
            .build()
            .map_err(|error| format!("STRIPE_API_URL: {error}"))?;
        Ok(Self { client, webhook_secrets })
    }
}

/// Each of the secrets that webhooks may be signed with; there is at least one.
fn checked_webhook_secrets(list: &Secret) -> Result<Vec<Secret>, String> {
    let name = "STRIPE_WEBHOOK_SECRET";
    let checked = |text: &str| {
        let text = text.trim();
        checked_token(name, text, &["whsec_"])?;
        text.parse().map_err(|error| format!("{name}: {error}"))
    };
    list.reveal().split(',').map(checked).collect()
}

#[async_trait]
impl PaymentProvider for Stripe {
    async fn open_checkout(&self, intent: &CheckoutIntent) -> Result<OpenedCheckout, PaymentError> {
        let strategy = strategy(&intent.idempotency_key)?;
        let session = create_request(intent)?
            .customize()
            .request_strategy(strategy)
            .send(&self.client)
            .await
            .map_err(explain_opening)?;
        let url = session
            .url
            .clone()
            .ok_or_else(|| PaymentError::Unexpected("a session without a URL".into()))?;
        let expires_at = Timestamp::from_second(session.expires_at)
            .map_err(|e| PaymentError::Unexpected(e.to_string()))?;
        Ok(OpenedCheckout { session_id: session.id.to_string(), url, expires_at })
    }

    async fn look_up(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError> {
        let expand: Vec<String> = EXPANSIONS.iter().map(ToString::to_string).collect();
        let session = RetrieveCheckoutSession::new(session_id)
            .expand(expand)
            .send(&self.client)
            .await
            .map_err(explain)?;
        facts(&session)
    }

    async fn expire_checkout(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError> {
        match ExpireCheckoutSession::new(session_id).send(&self.client).await {
            Ok(session) => facts(&session),
            // Stripe refuses to expire a page that is complete or expired. Its state is then the
            // answer.
            Err(StripeError::Stripe(_, 400)) => self.look_up(session_id).await,
            Err(error) => Err(explain(error)),
        }
    }

    async fn refund(&self, intent: &RefundIntent) -> Result<RefundFacts, PaymentError> {
        let strategy = strategy(&intent.idempotency_key)?;
        let metadata = [(REFUND_ID.to_owned(), intent.refund_id.clone())];
        let refund = CreateRefund::new()
            .payment_intent(intent.payment_intent.clone())
            .amount(intent.amount_minor)
            .metadata(std::collections::HashMap::from(metadata))
            .expand([REFUND_EXPANSION.to_owned()])
            .customize()
            .request_strategy(strategy)
            .send(&self.client)
            .await
            .map_err(explain)?;
        refund_facts(&refund)
    }

    async fn refunds_of(&self, payment_intent: &str) -> Result<Vec<RefundFacts>, PaymentError> {
        let mut found: Vec<RefundFacts> = Vec::new();
        loop {
            let mut question = ListRefund::new()
                .payment_intent(payment_intent)
                .expand([format!("data.{REFUND_EXPANSION}")])
                .limit(PAGE);
            if let Some(last) = found.last() {
                question = question.starting_after(last.provider_ref.clone());
            }
            let page = question.send(&self.client).await.map_err(explain)?;
            for refund in &page.data {
                found.push(refund_facts(refund)?);
            }
            if !page.has_more || page.data.is_empty() {
                return Ok(found);
            }
        }
    }

    fn verify_webhook(
        &self,
        raw: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<ProviderEvent, WebhookError> {
        signature::verify(raw, signature, &self.webhook_secrets, now)?;
        signature::envelope(raw)
    }

    fn read_dispute(&self, payload: &str) -> Option<DisputeFacts> {
        dispute::read(payload)
    }
}

fn refund_facts(refund: &Refund) -> Result<RefundFacts, PaymentError> {
    Ok(RefundFacts {
        provider_ref: refund.id.to_string(),
        amount_minor: refund.amount,
        refund_id: refund.metadata.as_ref().and_then(|data| data.get(REFUND_ID)).cloned(),
        state: match refund.status.as_deref() {
            Some("succeeded") => RefundStatus::Done,
            Some("failed" | "canceled") => RefundStatus::Failed,
            _ => RefundStatus::OnItsWay,
        },
        settled: refund.balance_transaction.as_ref().and_then(object).map(settled).transpose()?,
    })
}

/// A balance transaction as Stripe reports it.
fn settled(balance: &BalanceTransaction) -> Result<Settled, PaymentError> {
    let odd = |what: String| PaymentError::Unexpected(format!("balance transaction: {what}"));
    // A rate has some six digits, so it is exact in thousand-millionths.
    let nano = |rate: f64| (rate * 1e9).round();
    let rate_nano = match balance.exchange_rate.map(nano) {
        None => None,
        Some(rate) if (1.0..1e18).contains(&rate) => Some(rate as i64),
        Some(rate) => return Err(odd(format!("rate {rate}"))),
    };
    Ok(Settled {
        currency: balance.currency.to_string().to_uppercase(),
        amount_minor: balance.amount,
        fee_minor: balance.fee,
        rate_nano,
        at: Timestamp::from_second(balance.created).map_err(|e| odd(e.to_string()))?,
    })
}

fn create_request(intent: &CheckoutIntent) -> Result<CreateCheckoutSession, PaymentError> {
    let lines: i64 = intent.lines.iter().map(|line| line.amount_minor).sum();
    if lines != intent.total_minor {
        return Err(PaymentError::Unexpected(format!(
            "lines sum to {lines}, the order to {}",
            intent.total_minor
        )));
    }
    let currency = stripe_currency(intent.currency);
    let items = intent.lines.iter().map(|line| {
        let mut product = ProductData::new(line.name.clone());
        product.description = line.description.clone();
        product.images = line.image_url.clone().map(|url| vec![url]);
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency.clone());
        price.unit_amount = Some(line.amount_minor);
        price.product_data = Some(product);
        let mut item = CreateCheckoutSessionLineItems::new();
        item.price_data = Some(price);
        item.quantity = Some(1);
        item
    });
    let about = std::collections::HashMap::from([
        ("order_id".to_owned(), intent.order_id.clone()),
        ("order_number".to_owned(), intent.order_number.clone()),
    ]);
    let mut payment = CreateCheckoutSessionPaymentIntentData::new();
    payment.description = Some(intent.order_number.clone());
    payment.metadata = Some(about.clone());
    let locale = match intent.language {
        Language::Es => CheckoutSessionLocale::EsMinus419,
        Language::En => CheckoutSessionLocale::En,
    };
    Ok(CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .client_reference_id(intent.order_id.clone())
        .customer_email(intent.email.clone())
        .line_items(items.collect::<Vec<_>>())
        .locale(locale)
        .metadata(about)
        .payment_intent_data(payment)
        .success_url(intent.success_url.clone())
        .cancel_url(intent.cancel_url.clone())
        .expires_at(intent.expires_at.as_second()))
}

/// Only the currencies of the shop exist here, all with two decimals: an amount in minor units
/// cannot be charged at another scale.
fn stripe_currency(currency: Currency) -> stripe_types::Currency {
    match currency {
        Currency::Pen => stripe_types::Currency::PEN,
        Currency::Usd => stripe_types::Currency::USD,
        Currency::Eur => stripe_types::Currency::EUR,
    }
}

fn strategy(key: &str) -> Result<RequestStrategy, PaymentError> {
    let key = IdempotencyKey::new(key)
        .map_err(|error| PaymentError::Unexpected(format!("idempotency key: {error}")))?;
    Ok(RequestStrategy::Idempotent(key))
}

fn facts(session: &CheckoutSession) -> Result<CheckoutFacts, PaymentError> {
    let state = match session.status.as_ref() {
        Some(CheckoutSessionStatus::Open) => CheckoutState::Open { url: session.url.clone() },
        Some(CheckoutSessionStatus::Expired) => CheckoutState::Expired,
        Some(CheckoutSessionStatus::Complete) => CheckoutState::Complete,
        other => return Err(PaymentError::Unexpected(format!("session status {other:?}"))),
    };
    let intent: Option<&PaymentIntent> = session.payment_intent.as_ref().and_then(object);
    let charge: Option<&Charge> = intent.and_then(|i| i.latest_charge.as_ref()).and_then(object);
    let balance: Option<&BalanceTransaction> =
        charge.and_then(|c| c.balance_transaction.as_ref()).and_then(object);
    let upper = |currency: &stripe_types::Currency| currency.to_string().to_uppercase();
    Ok(CheckoutFacts {
        session_id: session.id.to_string(),
        client_reference_id: session.client_reference_id.clone(),
        payment: payment_status(session, &state, intent),
        state,
        amount_total_minor: session.amount_total.unwrap_or_default(),
        currency: session.currency.as_ref().map(upper).unwrap_or_default(),
        payment_intent: session.payment_intent.as_ref().map(|i| i.id().to_string()),
        charge: charge.map(|c| c.id.to_string()),
        settled: balance.map(settled).transpose()?,
        refunded_minor: charge.map_or(0, |c| c.amount_refunded),
        disputed: charge.is_some_and(|c| c.disputed),
    })
}

fn payment_status(
    session: &CheckoutSession,
    state: &CheckoutState,
    intent: Option<&PaymentIntent>,
) -> PaymentStatus {
    match (&session.payment_status, state, intent.map(|i| &i.status)) {
        (CheckoutSessionPaymentStatus::Paid, ..) => PaymentStatus::Paid,
        (
            _,
            CheckoutState::Complete,
            Some(PaymentIntentStatus::RequiresPaymentMethod | PaymentIntentStatus::Canceled),
        ) => PaymentStatus::Failed,
        (_, CheckoutState::Complete, _) => PaymentStatus::Processing,
        _ => PaymentStatus::Unpaid,
    }
}

fn object<T: stripe_types::Object>(expandable: &Expandable<T>) -> Option<&T> {
    match expandable {
        Expandable::Id(_) => None,
        Expandable::Object(object) => Some(object),
    }
}

/// Decides which requests are worth repeating. 409: a request with the same key is still in
/// progress. 401, 403 and errors about our account: the key was replaced or has no permission,
/// which says nothing about the request itself.
fn explain(error: StripeError) -> PaymentError {
    match error {
        StripeError::Stripe(_, 409) => PaymentError::Busy,
        StripeError::Stripe(details, status) if status >= 500 || status == 429 => {
            PaymentError::Unavailable(format!("{status}: {}", details.message.unwrap_or_default()))
        }
        StripeError::Stripe(details, status)
            if matches!(status, 401 | 403) || is_about_our_account(&details) =>
        {
            PaymentError::NotAllowed(format!("{status}: {}", details.message.unwrap_or_default()))
        }
        StripeError::Stripe(details, status) => PaymentError::Refused {
            what: what_is_refused(&details),
            code: details.code.map_or_else(|| status.to_string(), |code| code.to_string()),
            message: details.message.unwrap_or_default(),
        },
        StripeError::ClientError(what) => PaymentError::Unavailable(what),
        StripeError::Timeout => PaymentError::Unavailable("timeout".into()),
        StripeError::JSONDeserialize(what) | StripeError::ConfigError(what) => {
            PaymentError::Unexpected(what)
        }
    }
}

/// When a page is not opened and the error names no parameter and no code, the cause is our account
/// ("cannot currently make live charges", "must set a business name", "no valid payment method
/// types") and not what the shopper typed.
fn explain_opening(error: StripeError) -> PaymentError {
    match error {
        StripeError::Stripe(details, 400 | 402)
            if details.code.is_none()
                && details.param.is_none()
                && details.type_ == ApiErrorsType::InvalidRequestError =>
        {
            PaymentError::NotAllowed(details.message.unwrap_or_default())
        }
        other => explain(other),
    }
}

fn is_about_our_account(details: &ApiErrors) -> bool {
    use ApiErrorsCode as Code;
    matches!(
        details.code,
        Some(
            Code::AccountClosed
                | Code::AccountInvalid
                | Code::ApiKeyExpired
                | Code::CapabilityNotActive
                | Code::LivemodeMismatch
                | Code::NoAccount
                | Code::NotAllowedOnStandardAccount
                | Code::PlatformApiKeyExpired
                | Code::SecretKeyRequired
                | Code::TestmodeChargesOnly
        )
    )
}

/// Decides by code and parameter, because the message is for people.
fn what_is_refused(details: &ApiErrors) -> Refused {
    use ApiErrorsCode as Code;
    let param = details.param.as_deref().unwrap_or_default();
    match details.code {
        Some(Code::EmailInvalid) => Refused::Email,
        _ if param == "customer_email" => Refused::Email,
        _ if param == "currency" || param.ends_with("[currency]") => Refused::Currency,
        Some(Code::PaymentMethodCurrencyMismatch) => Refused::Currency,
        Some(Code::AmountTooLarge | Code::AmountTooSmall) => Refused::Amount,
        Some(Code::ResourceMissing) => Refused::Unknown,
        _ => Refused::Other,
    }
}
