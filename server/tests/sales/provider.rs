//! A payment provider in memory that follows Stripe's rules and fails on command. The tests compare
//! the shop with what it remembers.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use server::kernel::payments::{
    CheckoutFacts, CheckoutIntent, CheckoutState, DisputeFacts, OpenedCheckout, PaymentError,
    PaymentProvider, PaymentStatus, ProviderEvent, RefundFacts, RefundIntent, RefundStatus,
    Refused, Settled, WebhookError,
};

/// How the next request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The request does not arrive.
    Away,
    /// A request with the same key is being answered.
    Busy,
    /// The request is understood and refused.
    Refused(Refused),
    /// Our account is not allowed to do this.
    NotAllowed,
    /// The request is carried out, but the answer is lost.
    LostAnswer,
    /// The request does not arrive, and no answer ever comes (the caller dies waiting).
    HangBefore,
    /// The request is carried out, and no answer ever comes.
    HangAfter,
}

/// For how long a key is remembered, as Stripe promises at least.
const KEY_LIFE_S: i64 = 24 * 3_600;

/// A refund as the provider stores it.
#[derive(Debug, Clone)]
struct GivenBack {
    session_id: String,
    key: Option<String>,
    at: Timestamp,
    answer: RefundFacts,
    now: RefundStatus,
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) order_id: String,
    pub(crate) state: CheckoutState,
    pub(crate) payment: PaymentStatus,
    pub(crate) amount_minor: i64,
    pub(crate) currency: String,
    pub(crate) fee_minor: i64,
    pub(crate) refunded_minor: i64,
    pub(crate) disputed: bool,
    /// Its effect on the balance, once it was paid.
    pub(crate) settled: Option<Settled>,
    expires_at: Timestamp,
}

#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) sessions: BTreeMap<String, Session>,
    asked: HashMap<String, (String, String)>,
    refunds: Vec<GivenBack>,
    /// Refunds are accepted and done later.
    pub(crate) refunds_pend: bool,
    /// Refunds are understood and refused.
    pub(crate) refunds_refused: bool,
    faults: VecDeque<Fault>,
    now: Timestamp,
    /// Sessions that are reported as expired can still be paid: a hold is lost to a payment.
    pub(crate) expiry_lies: bool,
    /// The account's currency, and what a unit of any other becomes there, in thousand-millionths;
    /// without it money stays in the currency in which it was paid.
    pub(crate) lies_in: Option<(&'static str, i64)>,
    /// The fee for a refund; negative when it gives a part of its fee back.
    pub(crate) refund_fee_minor: i64,
    /// The balance transaction is not there yet.
    pub(crate) fee_unknown: bool,
    /// How often a page was looked up.
    pub(crate) looked_up: usize,
    /// Events sent so far.
    events: u64,
}

/// The provider.
#[derive(Debug, Default)]
pub(crate) struct FakeProvider(Mutex<Books>);

impl FakeProvider {
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }

    pub(crate) fn set_now(&self, now: Timestamp) {
        self.books().now = now;
    }

    pub(crate) fn fail_next(&self, fault: Fault) {
        self.books().faults.push_back(fault);
    }

    pub(crate) fn no_more_faults(&self) {
        self.books().faults.clear();
    }

    /// The shopper finishes the page. `false` when it is closed.
    pub(crate) fn pay(&self, session_id: &str, status: PaymentStatus) -> bool {
        let mut books = self.books();
        let lies = books.expiry_lies;
        let now = books.now;
        let Some(session) = books.sessions.get_mut(session_id) else { return false };
        let payable =
            matches!(session.state, CheckoutState::Open { .. }) && session.expires_at > now;
        if !(payable || lies && session.payment == PaymentStatus::Unpaid) {
            return false;
        }
        session.state = CheckoutState::Complete;
        session.payment = status;
        books.settle(session_id);
        true
    }

    /// Another page of the same order that was paid too.
    pub(crate) fn twin(&self, session_id: &str, order_id: &str) {
        let mut books = self.books();
        let first = books.sessions.values().find(|session| session.order_id == order_id);
        let twin = first.expect("a page").clone();
        books.sessions.insert(session_id.to_owned(), twin);
    }

    /// Ends a delayed payment.
    pub(crate) fn end_delay(&self, session_id: &str, status: PaymentStatus) {
        let mut books = self.books();
        let session = books.sessions.get_mut(session_id).unwrap();
        assert_eq!(session.payment, PaymentStatus::Processing);
        session.payment = status;
        books.settle(session_id);
    }

    pub(crate) fn session_of(&self, order_id: &str) -> Option<String> {
        self.books()
            .sessions
            .iter()
            .find(|(_, session)| session.order_id == order_id)
            .map(|(id, _)| id.clone())
    }

    /// A notification as it is received.
    pub(crate) fn event(&self, kind: &str, session_id: &str) -> Vec<u8> {
        let mut books = self.books();
        books.events += 1;
        format!("evt_{:06}|{kind}|{session_id}", books.events).into_bytes()
    }

    /// Somebody makes a refund on the provider's page.
    pub(crate) fn give_back_by_hand(&self, session_id: &str, amount_minor: i64) {
        let mut books = self.books();
        books.refunded(session_id, amount_minor, None, None).unwrap();
    }

    /// Gives every refund with the status `from` the status `state`.
    pub(crate) fn end_refunds(&self, from: RefundStatus, state: RefundStatus) {
        let mut books = self.books();
        let Books { refunds, sessions, .. } = &mut *books;
        for refund in refunds.iter_mut().filter(|refund| refund.now == from) {
            refund.now = state;
            if state == RefundStatus::Failed {
                sessions.get_mut(&refund.session_id).unwrap().refunded_minor -=
                    refund.answer.amount_minor;
            }
        }
    }

    /// How often money was given back, whoever asked.
    pub(crate) fn refunds_made(&self) -> usize {
        self.books().refunds.len()
    }

    /// What must be in the balance.
    pub(crate) fn balance(&self, currency: &str) -> i64 {
        let books = self.books();
        let paid = books.sessions.values().filter_map(|session| session.settled.as_ref());
        let back = books.refunds.iter().filter(|refund| refund.now != RefundStatus::Failed);
        let back = back.filter_map(|refund| refund.answer.settled.as_ref());
        paid.chain(back)
            .filter(|settled| settled.currency == currency)
            .map(|settled| settled.amount_minor - settled.fee_minor)
            .sum()
    }

    fn fault(&self) -> Option<Fault> {
        self.books().faults.pop_front()
    }

    async fn around<T>(
        &self,
        act: impl FnOnce(&mut Books) -> Result<T, PaymentError>,
    ) -> Result<T, PaymentError> {
        let away = || Err(PaymentError::Unavailable("so it was told".into()));
        tokio::task::yield_now().await;
        match self.fault() {
            None => act(&mut self.books()),
            Some(Fault::Away) => away(),
            Some(Fault::Busy) => Err(PaymentError::Busy),
            Some(Fault::Refused(what)) => Err(PaymentError::Refused {
                what,
                code: format!("{what:?}"),
                message: "so it was told".into(),
            }),
            Some(Fault::NotAllowed) => Err(PaymentError::NotAllowed("so it was told".into())),
            Some(Fault::LostAnswer) => {
                let _ = act(&mut self.books());
                away()
            }
            Some(Fault::HangBefore) => std::future::pending().await,
            Some(Fault::HangAfter) => {
                let _ = act(&mut self.books());
                std::future::pending().await
            }
        }
    }
}

fn refused<T>(code: &str) -> Result<T, PaymentError> {
    let what = if code == "resource_missing" { Refused::Unknown } else { Refused::Other };
    Err(PaymentError::Refused { what, code: code.into(), message: code.into() })
}

impl Books {
    /// What an amount does to the balance now.
    fn settled(&self, currency: &str, amount_minor: i64, fee_minor: i64) -> Settled {
        let at = self.now;
        match self.lies_in {
            Some((own, rate_nano)) if own != currency => {
                let there =
                    |minor: i64| (i128::from(minor) * i128::from(rate_nano) / 1_000_000_000) as i64;
                Settled {
                    currency: own.to_owned(),
                    amount_minor: there(amount_minor),
                    fee_minor: there(fee_minor),
                    rate_nano: Some(rate_nano),
                    at,
                }
            }
            _ => Settled {
                currency: currency.to_owned(),
                amount_minor,
                fee_minor,
                rate_nano: None,
                at,
            },
        }
    }

    /// A payment that came gets its balance transaction.
    fn settle(&mut self, session_id: &str) {
        let session = &self.sessions[session_id];
        if session.payment == PaymentStatus::Paid {
            let settled = self.settled(&session.currency, session.amount_minor, session.fee_minor);
            self.sessions.get_mut(session_id).unwrap().settled = Some(settled);
        }
    }

    fn facts(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError> {
        let Some(session) = self.sessions.get(session_id) else {
            return refused("resource_missing");
        };
        let paid = session.payment == PaymentStatus::Paid;
        let known = paid && !self.fee_unknown;
        let expired =
            matches!(session.state, CheckoutState::Open { .. }) && session.expires_at <= self.now;
        Ok(CheckoutFacts {
            session_id: session_id.to_owned(),
            client_reference_id: Some(session.order_id.clone()),
            state: if expired { CheckoutState::Expired } else { session.state.clone() },
            payment: session.payment,
            amount_total_minor: session.amount_minor,
            currency: session.currency.clone(),
            payment_intent: paid.then(|| format!("pi_{session_id}")),
            charge: paid.then(|| format!("ch_{session_id}")),
            settled: session.settled.clone().filter(|_| known),
            refunded_minor: session.refunded_minor,
            disputed: session.disputed,
        })
    }

    fn open(&mut self, intent: &CheckoutIntent) -> Result<OpenedCheckout, PaymentError> {
        let body = format!("{intent:?}");
        if let Some((before, session_id)) = self.asked.get(&intent.idempotency_key) {
            assert_eq!(*before, body, "the same key asks for the same");
            let session = &self.sessions[session_id];
            let url = format!("https://pay.example/{session_id}");
            return Ok(OpenedCheckout {
                session_id: session_id.clone(),
                url,
                expires_at: session.expires_at,
            });
        }
        let sum: i64 = intent.lines.iter().map(|line| line.amount_minor).sum();
        assert_eq!(sum, intent.total_minor, "the lines sum to the total");
        assert!(intent.lines.iter().all(|line| line.amount_minor > 0));
        if intent.expires_at.as_second() < self.now.as_second() + 30 * 60 {
            return refused("parameter_invalid_integer");
        }
        let session_id = format!("cs_{:06}", self.sessions.len());
        let session = Session {
            order_id: intent.order_id.clone(),
            state: CheckoutState::Open { url: None },
            payment: PaymentStatus::Unpaid,
            amount_minor: intent.total_minor,
            currency: intent.currency.code().to_owned(),
            fee_minor: intent.total_minor * 42 / 1_000 + 30,
            refunded_minor: 0,
            disputed: false,
            settled: None,
            expires_at: intent.expires_at,
        };
        self.asked.insert(intent.idempotency_key.clone(), (body, session_id.clone()));
        let url = format!("https://pay.example/{session_id}");
        self.sessions.insert(session_id.clone(), session);
        Ok(OpenedCheckout { session_id, url, expires_at: intent.expires_at })
    }

    fn expire(&mut self, session_id: &str) -> Result<CheckoutFacts, PaymentError> {
        let Some(session) = self.sessions.get_mut(session_id) else {
            return refused("resource_missing");
        };
        if matches!(session.state, CheckoutState::Open { .. }) {
            session.state = CheckoutState::Expired;
        }
        self.facts(session_id)
    }

    fn give_back(&mut self, intent: &RefundIntent) -> Result<RefundFacts, PaymentError> {
        let forgotten_s = self.now.as_second() - KEY_LIFE_S;
        let known = self.refunds.iter().find(|refund| {
            refund.key.as_ref() == Some(&intent.idempotency_key)
                && refund.at.as_second() > forgotten_s
        });
        if let Some(before) = known {
            return Ok(before.answer.clone());
        }
        if self.refunds_refused {
            return refused("so_it_was_told");
        }
        let session_id = intent.payment_intent.trim_start_matches("pi_").to_owned();
        let key = Some(intent.idempotency_key.clone());
        self.refunded(&session_id, intent.amount_minor, key, Some(intent.refund_id.clone()))
    }

    fn refunded(
        &mut self,
        session_id: &str,
        amount_minor: i64,
        key: Option<String>,
        refund_id: Option<String>,
    ) -> Result<RefundFacts, PaymentError> {
        let Some(session) = self.sessions.get_mut(session_id) else {
            return refused("resource_missing");
        };
        if session.refunded_minor + amount_minor > session.amount_minor {
            return refused("charge_already_refunded");
        }
        session.refunded_minor += amount_minor;
        let currency = session.currency.clone();
        let settled = Some(self.settled(&currency, -amount_minor, self.refund_fee_minor));
        let state = if self.refunds_pend { RefundStatus::OnItsWay } else { RefundStatus::Done };
        let provider_ref = format!("re_{:06}", self.refunds.len());
        let answer = RefundFacts { provider_ref, amount_minor, refund_id, state, settled };
        self.refunds.push(GivenBack {
            session_id: session_id.to_owned(),
            key,
            at: self.now,
            answer: answer.clone(),
            now: state,
        });
        Ok(answer)
    }

    fn refunds_of(&self, payment_intent: &str) -> Vec<RefundFacts> {
        let session_id = payment_intent.trim_start_matches("pi_");
        let of = self.refunds.iter().rev().filter(|refund| refund.session_id == session_id);
        of.map(|refund| RefundFacts { state: refund.now, ..refund.answer.clone() }).collect()
    }
}

#[async_trait]
impl PaymentProvider for FakeProvider {
    async fn open_checkout(&self, intent: &CheckoutIntent) -> Result<OpenedCheckout, PaymentError> {
        self.around(|books| books.open(intent)).await
    }

    async fn look_up(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError> {
        self.books().looked_up += 1;
        self.around(|books| books.facts(session_id)).await
    }

    async fn expire_checkout(&self, session_id: &str) -> Result<CheckoutFacts, PaymentError> {
        self.around(|books| books.expire(session_id)).await
    }

    async fn refund(&self, intent: &RefundIntent) -> Result<RefundFacts, PaymentError> {
        self.around(|books| books.give_back(intent)).await
    }

    async fn refunds_of(&self, payment_intent: &str) -> Result<Vec<RefundFacts>, PaymentError> {
        self.around(|books| Ok(books.refunds_of(payment_intent))).await
    }

    fn verify_webhook(
        &self,
        raw: &[u8],
        signature: &str,
        _: Timestamp,
    ) -> Result<ProviderEvent, WebhookError> {
        match signature {
            "good" => {}
            "" => return Err(WebhookError::Missing),
            "old" => return Err(WebhookError::Stale),
            _ => return Err(WebhookError::BadSignature),
        }
        let text = std::str::from_utf8(raw).map_err(|_| WebhookError::Malformed)?;
        let mut parts = text.split('|');
        let (Some(id), Some(kind), session) = (parts.next(), parts.next(), parts.next()) else {
            return Err(WebhookError::Malformed);
        };
        Ok(ProviderEvent {
            id: id.to_owned(),
            kind: kind.to_owned(),
            session_id: session.map(str::to_owned),
            payment_intent: None,
            payload: text.to_owned(),
        })
    }

    /// `evt_1|charge.dispute.created|cs_1`: the kind's last word is the state.
    fn read_dispute(&self, payload: &str) -> Option<DisputeFacts> {
        let mut parts = payload.split('|').skip(1);
        let status = parts.next()?.strip_prefix("charge.dispute.")?.to_owned();
        let session_id = parts.next()?;
        let books = self.books();
        let session = books.sessions.get(session_id)?;
        Some(DisputeFacts {
            id: format!("du_{session_id}"),
            amount_minor: session.amount_minor,
            currency: session.currency.clone(),
            reason: "fraudulent".into(),
            answer_by: (status == "created")
                .then_some(books.now + jiff::SignedDuration::from_hours(168)),
            status,
        })
    }
}
