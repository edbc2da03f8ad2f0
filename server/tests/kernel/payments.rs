//! The Stripe adapter with the simulator: everything that the shop asks of a payment provider, over
//! HTTP, in Stripe's formats.

use std::sync::Arc;
use std::time::Duration;

use app::backend::shop::{CheckoutForm, CheckoutTrouble, ShownStatus, Visit};
use domain::language::Language;
use domain::money::Currency;
use domain::order::OrderStatus;
use domain::payment::PaymentState;
use jiff::Timestamp;
use server::check;
use server::jobs::{self, WorkerContext};
use server::kernel::mailer::Mailer;
use server::kernel::payments::stripe::Stripe;
use server::kernel::payments::{
    CheckoutFacts, CheckoutIntent, CheckoutState, IntentLine, PaymentError, PaymentProvider as _,
    PaymentStatus, RefundIntent, RefundStatus, Refused, WebhookError,
};

use server::sales::checkout::{self, NotPlaced};
use server::sales::refund::{self, Asked, RefundRequest};
use server::sales::{Asker, Shop, order_view, payment_page};

use crate::sales::test_shop::{TestShop, form, piece, settings};
use crate::support::simulator::{Ear, KEY, Simulator, WEBHOOK_SECRET};
use crate::support::{TestDb, key};

const CARD: &str =
    "email=ana%40example.com&name=Ana&card_number=4242424242424242&expiry=12%2F34&cvc=123";
const DECLINED: &str =
    "email=ana%40example.com&name=Ana&card_number=4000000000000002&expiry=12%2F34&cvc=123";
const LATE_SUCCESS: &str =
    "email=ana%40example.com&name=Ana&method=sepa_debit&iban=AT611904300234573201";
const LATE_FAILURE: &str =
    "email=ana%40example.com&name=Ana&method=sepa_debit&iban=AT861904300235473202";
const SLOW_REFUND: &str =
    "email=ana%40example.com&name=Ana&card_number=4000000000007726&expiry=12%2F34&cvc=123";

const SHAKY_REFUND: &str =
    "email=ana%40example.com&name=Ana&card_number=4000000000005126&expiry=12%2F34&cvc=123";
const DISPUTED: &str =
    "email=ana%40example.com&name=Ana&card_number=4000000000000259&expiry=12%2F34&cvc=123";

fn client(simulator: &Simulator) -> Stripe {
    with_key(simulator, KEY)
}

fn with_key(simulator: &Simulator, key: &str) -> Stripe {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // An older secret may still be listed beside the new one.
    let secrets = format!("whsec_of_yesterday,{WEBHOOK_SECRET}");
    Stripe::new(&key.parse().unwrap(), &secrets.parse().unwrap(), &simulator.url).unwrap()
}

fn intent(order: &str) -> CheckoutIntent {
    let line = |name: &str, amount_minor| IntentLine {
        name: name.into(),
        description: None,
        amount_minor,
        image_url: None,
    };
    CheckoutIntent {
        order_id: order.into(),
        order_number: "D-000147".into(),
        idempotency_key: format!("checkout-{order}"),
        currency: Currency::Pen,
        lines: vec![line("Anillo Batea, N.º 0147", 38_000), line("Envío por courier", 1_500)],
        total_minor: 39_500,
        email: "ana@example.com".into(),
        language: Language::Es,
        success_url: "http://127.0.0.1:9/es/pedido/s".into(),
        cancel_url: "http://127.0.0.1:9/es/pedido/s".into(),
        expires_at: Timestamp::now() + Duration::from_secs(40 * 60),
    }
}

#[tokio::test]
async fn a_page_is_opened_paid_looked_up_and_partly_refunded() {
    let simulator = Simulator::start(&[]);
    let stripe = client(&simulator);
    let asked = intent("order-1");
    let opened = stripe.open_checkout(&asked).await.unwrap();
    assert!(opened.url.starts_with(&simulator.url), "{}", opened.url);
    assert_eq!(opened.expires_at.as_second(), asked.expires_at.as_second());

    let before = stripe.look_up(&opened.session_id).await.unwrap();
    assert_eq!(before.state, CheckoutState::Open { url: Some(opened.url.clone()) });
    assert_eq!(
        (before.payment, before.settled, before.refunded_minor),
        (PaymentStatus::Unpaid, None, 0)
    );

    assert_eq!(simulator.pay(&opened.url, DECLINED).await.status, 402);
    let declined = stripe.look_up(&opened.session_id).await.unwrap();
    assert_eq!(
        (declined.payment, matches!(declined.state, CheckoutState::Open { .. })),
        (PaymentStatus::Unpaid, true)
    );

    let paid = simulator.pay(&opened.url, CARD).await;
    assert_eq!(
        (paid.status, paid.location.as_deref()),
        (303, Some("http://127.0.0.1:9/es/pedido/s"))
    );
    let facts = stripe.look_up(&opened.session_id).await.unwrap();
    assert_eq!((facts.payment, &facts.state), (PaymentStatus::Paid, &CheckoutState::Complete));
    assert_eq!(facts.client_reference_id.as_deref(), Some("order-1"));
    assert_eq!((facts.amount_total_minor, facts.currency.as_str()), (39_500, "PEN"));
    // The fee is 3.6 % and 0.30.
    let settled = facts.settled.unwrap();
    assert_eq!((settled.amount_minor, settled.fee_minor), (39_500, 1_452));
    assert_eq!((settled.currency.as_str(), settled.rate_nano), ("PEN", None));
    assert!((settled.at.as_second() - Timestamp::now().as_second()).abs() < 60);
    assert!(facts.charge.is_some());

    let refund = RefundIntent {
        payment_intent: facts.payment_intent.unwrap(),
        amount_minor: 9_500,
        idempotency_key: "refund-1".into(),
        refund_id: "r-1".into(),
    };
    let given_back = stripe.refund(&refund).await.unwrap();
    assert_eq!((given_back.amount_minor, given_back.state), (9_500, RefundStatus::Done));
    let moved = given_back.settled.as_ref().map(|settled| settled.amount_minor);
    assert_eq!(moved, Some(-9_500), "what left the balance is told");
    assert_eq!(stripe.refund(&refund).await.unwrap(), given_back, "the same key gives back once");
    assert_eq!(stripe.look_up(&opened.session_id).await.unwrap().refunded_minor, 9_500);

    let too_much =
        RefundIntent { amount_minor: 30_001, idempotency_key: "refund-2".into(), ..refund };
    assert!(matches!(stripe.refund(&too_much).await, Err(PaymentError::Refused { .. })));
}

#[tokio::test]
async fn the_same_key_gives_the_same_page_and_another_wish_is_refused() {
    let simulator = Simulator::start(&[]);
    let stripe = client(&simulator);
    let asked = intent("order-1");
    let opened = stripe.open_checkout(&asked).await.unwrap();
    assert_eq!(stripe.open_checkout(&asked).await.unwrap(), opened);
    assert_eq!(simulator.sessions("open").await, 1);

    let mut other = intent("order-1");
    other.expires_at = asked.expires_at;
    other.lines[0].amount_minor += 1;
    other.total_minor += 1;
    assert!(matches!(stripe.open_checkout(&other).await, Err(PaymentError::Refused { .. })));
    other.total_minor += 1;
    assert!(
        matches!(stripe.open_checkout(&other).await, Err(PaymentError::Unexpected(_))),
        "lines that do not sum up are not even asked"
    );
    assert_eq!(simulator.sessions("open").await, 1);
}

#[tokio::test]
async fn a_page_that_expired_cannot_be_paid_and_a_paid_one_cannot_expire() {
    let simulator = Simulator::start(&[]);
    let stripe = client(&simulator);
    let left = stripe.open_checkout(&intent("left")).await.unwrap();
    let closed = stripe.expire_checkout(&left.session_id).await.unwrap();
    assert_eq!((closed.state, closed.payment), (CheckoutState::Expired, PaymentStatus::Unpaid));
    assert_eq!(
        stripe.expire_checkout(&left.session_id).await.unwrap().state,
        CheckoutState::Expired,
        "closing it twice is the same"
    );
    assert_eq!(simulator.pay(&left.url, CARD).await.status, 410);

    let bought = stripe.open_checkout(&intent("bought")).await.unwrap();
    assert_eq!(simulator.pay(&bought.url, CARD).await.status, 303);
    let facts = stripe.expire_checkout(&bought.session_id).await.unwrap();
    assert_eq!(
        (facts.payment, facts.state),
        (PaymentStatus::Paid, CheckoutState::Complete),
        "the payment is told, not lost"
    );

    let forgotten = stripe.open_checkout(&intent("forgotten")).await.unwrap();
    simulator.control("clock", r#"{"advance_seconds": 2500}"#).await;
    assert_eq!(stripe.look_up(&forgotten.session_id).await.unwrap().state, CheckoutState::Expired);
}

#[tokio::test]
async fn delayed_money_is_on_its_way_until_it_comes_or_fails() {
    let simulator = Simulator::start(&["--async-delay", "60"]);
    let stripe = client(&simulator);
    for (fields, end) in
        [(LATE_SUCCESS, PaymentStatus::Paid), (LATE_FAILURE, PaymentStatus::Failed)]
    {
        let opened = stripe.open_checkout(&intent(&format!("order-{end:?}"))).await.unwrap();
        let posted = simulator.pay(&opened.url, fields).await;
        assert_eq!(posted.status, 303, "{}", posted.body);
        let waiting = stripe.look_up(&opened.session_id).await.unwrap();
        assert_eq!(
            (waiting.payment, waiting.state),
            (PaymentStatus::Processing, CheckoutState::Complete)
        );
        simulator.control("clock", r#"{"advance_seconds": 61}"#).await;
        assert_eq!(stripe.look_up(&opened.session_id).await.unwrap().payment, end);
    }
}

#[tokio::test]
async fn a_refund_that_takes_its_time_is_not_called_done() {
    let simulator = Simulator::start(&["--async-delay", "60"]);
    let stripe = client(&simulator);
    let opened = stripe.open_checkout(&intent("order-1")).await.unwrap();
    assert_eq!(simulator.pay(&opened.url, SLOW_REFUND).await.status, 303);
    let facts = stripe.look_up(&opened.session_id).await.unwrap();
    let refund = RefundIntent {
        payment_intent: facts.payment_intent.unwrap(),
        amount_minor: 39_500,
        idempotency_key: "refund-1".into(),
        refund_id: "r-1".into(),
    };
    assert_eq!(stripe.refund(&refund).await.unwrap().state, RefundStatus::OnItsWay);
}

/// An order of 395.00 that was paid with this method.
async fn paid_with(simulator: &Simulator, stripe: &Stripe, method: &str) -> CheckoutFacts {
    let opened = stripe.open_checkout(&intent("order-1")).await.unwrap();
    assert_eq!(simulator.pay(&opened.url, method).await.status, 303);
    stripe.look_up(&opened.session_id).await.unwrap()
}

fn refund(facts: &CheckoutFacts, number: usize, amount_minor: i64) -> RefundIntent {
    RefundIntent {
        payment_intent: facts.payment_intent.clone().unwrap(),
        amount_minor,
        idempotency_key: format!("refund-{number}"),
        refund_id: format!("r-{number}"),
    }
}

#[tokio::test]
async fn refunds_are_found_again_by_our_own_key_however_many_there_are() {
    let simulator = Simulator::start(&[]);
    let stripe = client(&simulator);
    let facts = paid_with(&simulator, &stripe, CARD).await;
    let payment = facts.payment_intent.clone().unwrap();
    assert_eq!(stripe.refunds_of(&payment).await.unwrap(), []);
    for number in 1..=101 {
        stripe.refund(&refund(&facts, number, 200)).await.unwrap();
    }
    let found = stripe.refunds_of(&payment).await.unwrap();
    let names: std::collections::BTreeSet<_> =
        found.iter().filter_map(|known| known.refund_id.clone()).collect();
    assert_eq!((found.len(), names.len()), (101, 101));
    assert!(names.contains("r-1") && names.contains("r-101"));
    assert!(
        found.iter().all(|known| (known.amount_minor, known.state) == (200, RefundStatus::Done))
    );
    assert!(stripe.refunds_of("pi_unknown").await.is_ok_and(|none| none.is_empty()));
}

#[tokio::test]
async fn a_look_tells_how_a_refund_went_on() {
    for (method, first, end) in [
        (SLOW_REFUND, RefundStatus::OnItsWay, RefundStatus::Done),
        (SHAKY_REFUND, RefundStatus::Done, RefundStatus::Failed),
    ] {
        let simulator = Simulator::start(&["--async-delay", "60"]);
        let stripe = client(&simulator);
        let facts = paid_with(&simulator, &stripe, method).await;
        let asked = refund(&facts, 1, 39_500);
        assert_eq!(stripe.refund(&asked).await.unwrap().state, first);
        simulator.control("clock", r#"{"advance_seconds": 61}"#).await;
        assert_eq!(stripe.refund(&asked).await.unwrap().state, first, "the key's answer stands");
        let found = stripe.refunds_of(&asked.payment_intent).await.unwrap();
        assert!(matches!(found.as_slice(), [one] if one.state == end), "{found:?}");
        let refunded = if end == RefundStatus::Done { 39_500 } else { 0 };
        assert_eq!(stripe.look_up(&facts.session_id).await.unwrap().refunded_minor, refunded);
    }
}

#[tokio::test]
async fn a_dispute_is_heard_with_its_deadline_and_seen_in_a_look() {
    let (ear, url) = Ear::open().await;
    let simulator = Simulator::start(&["--webhook-url", &url, "--async-delay", "60"]);
    let stripe = client(&simulator);
    let facts = paid_with(&simulator, &stripe, DISPUTED).await;
    assert!(!facts.disputed);
    simulator.control("clock", r#"{"advance_seconds": 61}"#).await;
    let (_, body) = ear.wait_for("\"charge.dispute.created\"").await;
    let dispute = stripe.read_dispute(std::str::from_utf8(&body).unwrap()).unwrap();
    assert_eq!((dispute.amount_minor, dispute.currency.as_str()), (39_500, "PEN"));
    assert_eq!(
        (dispute.reason.as_str(), dispute.status.as_str()),
        ("fraudulent", "needs_response")
    );
    assert!(dispute.answer_by.is_some_and(|until| until > Timestamp::now()));
    let facts = stripe.look_up(&facts.session_id).await.unwrap();
    assert!(facts.disputed);
    let refused = stripe.refund(&refund(&facts, 1, 39_500)).await;
    assert!(
        matches!(refused, Err(PaymentError::Refused { code, .. }) if code == "charge_disputed")
    );
}

#[tokio::test]
async fn a_key_that_was_replaced_or_used_too_much_is_no_refusal_of_a_refund() {
    let simulator = Simulator::start(&[]);
    let stripe = client(&simulator);
    let facts = paid_with(&simulator, &stripe, CARD).await;
    let asked = refund(&facts, 1, 39_500);
    let replaced = with_key(&simulator, "sk_test_of_yesterday").refund(&asked).await;
    assert!(matches!(replaced, Err(PaymentError::NotAllowed(_))), "{replaced:?}");
    for status in [403, 429] {
        let fault = format!(r#"{{"kind": "error", "status": {status}, "count": 1}}"#);
        simulator.control("faults", &fault).await;
        let answer = stripe.refund(&asked).await;
        let as_it_should = match status {
            403 => matches!(answer, Err(PaymentError::NotAllowed(_))),
            _ => matches!(answer, Err(PaymentError::Unavailable(_))),
        };
        assert!(as_it_should, "{status}: {answer:?}");
    }
    assert_eq!(stripe.refund(&asked).await.unwrap().state, RefundStatus::Done);
}

#[tokio::test]
async fn trouble_at_stripe_is_unavailable_and_asking_again_opens_one_page() {
    let simulator = Simulator::start(&[]);
    let stripe = client(&simulator);
    let asked = intent("order-1");
    for fault in [
        r#"{"kind": "error", "count": 1}"#,
        r#"{"kind": "error", "status": 429, "count": 1}"#,
        r#"{"kind": "hang_up", "count": 1}"#,
        r#"{"kind": "slow", "ms": 12000, "count": 1}"#,
        r#"{"kind": "hang_up", "when": "after", "count": 1, "path": "/v1/checkout/sessions"}"#,
    ] {
        simulator.control("faults", fault).await;
        let answer = stripe.open_checkout(&asked).await;
        assert!(matches!(answer, Err(PaymentError::Unavailable(_))), "{fault}: {answer:?}");
    }
    stripe.open_checkout(&asked).await.unwrap();
    assert_eq!(
        simulator.sessions("open").await,
        1,
        "whatever was lost on the way, one page is open"
    );
    drop(simulator);
    assert!(
        matches!(stripe.open_checkout(&asked).await, Err(PaymentError::Unavailable(_))),
        "nobody there"
    );
}

#[tokio::test]
async fn what_stripe_refuses_is_told_apart() {
    fn refused<T: std::fmt::Debug>(answer: Result<T, PaymentError>) -> Refused {
        match answer {
            Err(PaymentError::Refused { what, .. }) => what,
            other => panic!("{other:?}"),
        }
    }
    let simulator = Simulator::start(&[]);
    let stripe = client(&simulator);
    let account = async |json: &str| {
        simulator.control("account", json).await;
    };
    let open = async |number: usize, change: fn(&mut CheckoutIntent)| {
        let mut asked = intent(&format!("order-{number}"));
        change(&mut asked);
        stripe.open_checkout(&asked).await
    };
    account(r#"{"refused_emails": ["@example.com"]}"#).await;
    assert_eq!(refused(open(1, |_| {}).await), Refused::Email);
    account(r#"{"currencies": ["usd"]}"#).await;
    assert_eq!(refused(open(2, |_| {}).await), Refused::Currency);
    for closed in [r#"{"charges_enabled": false}"#, r#"{"may_open_sessions": false}"#] {
        account(closed).await;
        let answer = open(3, |_| {}).await;
        assert!(matches!(answer, Err(PaymentError::NotAllowed(_))), "{answer:?}");
    }
    account("{}").await;
    let nobody = open(4, |asked| asked.email = "nobody".into()).await;
    assert_eq!(refused(nobody), Refused::Email);
    for amount_minor in [100, 10_000_000_000] {
        let mut asked = intent(&format!("order-{amount_minor}"));
        asked.lines.truncate(1);
        (asked.lines[0].amount_minor, asked.total_minor) = (amount_minor, amount_minor);
        assert_eq!(refused(stripe.open_checkout(&asked).await), Refused::Amount, "{amount_minor}");
    }
    let elsewhere = open(5, |asked| asked.success_url = "/es/pedido/s".into()).await;
    assert_eq!(refused(elsewhere), Refused::Other, "an address of ours is nothing she can mend");
    let unknown = stripe.look_up("cs_none").await;
    assert_eq!(refused(unknown), Refused::Unknown);
    open(6, |_| {}).await.unwrap();
}

#[tokio::test]
async fn what_stripe_does_not_know_or_allow_is_refused() {
    let simulator = Simulator::start(&[]);
    let stranger = with_key(&simulator, "sk_test_of_somebody_else");
    assert!(
        matches!(
            stranger.open_checkout(&intent("order-1")).await,
            Err(PaymentError::NotAllowed(_))
        ),
        "a key that was replaced says nothing of the order"
    );
    let stripe = client(&simulator);
    let unknown = stripe.look_up("cs_test_unknown").await;
    assert!(
        matches!(&unknown, Err(PaymentError::Refused { code, .. }) if code == "resource_missing"),
        "{unknown:?}"
    );
    let mut soon = intent("order-2");
    soon.expires_at = Timestamp::now() + Duration::from_secs(600);
    assert!(
        matches!(stripe.open_checkout(&soon).await, Err(PaymentError::Refused { .. })),
        "Stripe holds a page open for half an hour at least"
    );
    assert_eq!(simulator.sessions("open").await, 0);
}

#[tokio::test]
async fn notifications_are_believed_over_their_raw_bytes_only() {
    let (ear, url) = Ear::open().await;
    let simulator = Simulator::start(&["--webhook-url", &url]);
    let stripe = client(&simulator);
    let opened = stripe.open_checkout(&intent("order-1")).await.unwrap();
    assert_eq!(simulator.pay(&opened.url, CARD).await.status, 303);

    let (signature, body) = ear.wait_for("\"checkout.session.completed\"").await;
    let event = stripe.verify_webhook(&body, &signature, Timestamp::now()).unwrap();
    assert_eq!(
        (event.kind.as_str(), event.session_id.as_ref()),
        ("checkout.session.completed", Some(&opened.session_id))
    );
    let facts = stripe.look_up(&opened.session_id).await.unwrap();
    assert_eq!(event.payment_intent, facts.payment_intent);

    let (signature, body) = ear.wait_for("\"charge.succeeded\"").await;
    let event = stripe.verify_webhook(&body, &signature, Timestamp::now()).unwrap();
    assert_eq!(
        (event.session_id, event.payment_intent),
        (None, facts.payment_intent),
        "a charge names its payment"
    );

    let mut forged = body.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(
        stripe.verify_webhook(&forged, &signature, Timestamp::now()),
        Err(WebhookError::BadSignature)
    );
    let later = Timestamp::now() + Duration::from_secs(301);
    assert_eq!(stripe.verify_webhook(&body, &signature, later), Err(WebhookError::Stale));
    let other = Stripe::new(&KEY.parse().unwrap(), &"whsec_other".parse().unwrap(), &simulator.url)
        .unwrap();
    assert_eq!(
        other.verify_webhook(&body, &signature, Timestamp::now()),
        Err(WebhookError::BadSignature)
    );
}

/// A shop that is paid through the simulator, which has the real clock.
fn shop_before(simulator: &Simulator, test_shop: &TestShop) -> (Shop, Visit) {
    let shop = Shop { payments: Arc::new(client(simulator)), ..test_shop.shop.clone() };
    let now = Timestamp::now();
    let today = domain::calendar::lima_date(now.as_microsecond());
    (shop, Visit { now, today, ..test_shop.visit() })
}

async fn a_double_click_opens_one_page_at_stripe(test: TestDb) {
    let simulator = Simulator::start(&[]);
    let slow = r#"{"kind": "slow", "ms": 1500, "count": 1, "path": "/v1/checkout/sessions"}"#;
    simulator.control("faults", slow).await;
    let test_shop = TestShop::new(test).await;
    let (shop, visit) = shop_before(&simulator, &test_shop);
    let bag = [piece(0, 0)];
    let asker = Asker::default();
    let click = || checkout::place(&shop, &visit, form("double"), &bag, &asker);
    let (first, second) = tokio::join!(click(), click());
    let (first, second) = (first.unwrap().expect("placed"), second.unwrap().expect("placed"));
    assert!(first.payment_url.is_some());
    assert_eq!(first, second, "both clicks lead to the same page");
    assert_eq!(simulator.sessions("open").await, 1);
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "checkout");
}

async fn stripe_at_its_limit_leaves_nothing_dangling(test: TestDb) {
    let simulator = Simulator::start(&[]);
    simulator.control("faults", r#"{"kind": "error", "status": 429, "count": 1}"#).await;
    let test_shop = TestShop::new(test).await;
    let (shop, visit) = shop_before(&simulator, &test_shop);
    let bag = [piece(0, 0)];
    let refused =
        checkout::place(&shop, &visit, form("limit"), &bag, &Asker::default()).await.unwrap();
    let Err(NotPlaced::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.trouble, Some(CheckoutTrouble::PaymentUnavailable));
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    let order = test_shop.text("SELECT id FROM shop_order WHERE state = $1", "cancelled").await;
    // The job finds out afterwards whether a page was opened, and closes it.
    let mailer = Mailer::new(None, &settings()).unwrap();
    let context = Arc::new(WorkerContext { shop: shop.clone(), mailer });
    assert!(jobs::run_one(&context, visit.now + Duration::from_secs(10)).await.unwrap());
    let state = payment_page::state_of(&shop, &key(&order)).await.unwrap();
    assert_eq!(state, Some(PaymentState::Expired));
    assert_eq!((simulator.sessions("open").await, simulator.sessions("expired").await), (0, 1));
}

/// Paid in dollars through Stripe's own answers, into an account in soles, and given back.
async fn what_stripe_settles_in_soles_is_booked_in_soles(test: TestDb) {
    let simulator = Simulator::start(&["--settle-in", "pen:3.7145"]);
    let test_shop = TestShop::new(test).await;
    let (shop, visit) = shop_before(&simulator, &test_shop);
    let typed = CheckoutForm { currency: "USD".into(), ..form("soles") };
    let placed =
        checkout::place(&shop, &visit, typed, &[piece(0, 1)], &Asker::default()).await.unwrap();
    let placed = placed.expect("placed");
    assert_eq!(simulator.pay(&placed.payment_url.unwrap(), CARD).await.status, 303);
    let seen = order_view::open(&shop, &visit, &placed.secret, None).await.unwrap().unwrap().view;
    assert_eq!(seen.status, ShownStatus::Of(OrderStatus::Paid));
    let order = test_shop.order_of(&placed.secret).await;
    let asked =
        refund::ask(&shop, &key(&order), &RefundRequest::of(5_000), visit.now).await.unwrap();
    assert!(matches!(asked, Asked::Intended(_)), "{asked:?}");
    let mailer = Mailer::new(None, &settings()).unwrap();
    let context = Arc::new(WorkerContext { shop: shop.clone(), mailer });
    while jobs::run_one(&context, visit.now + Duration::from_secs(1)).await.unwrap() {}
    let currency = "SELECT settled_currency FROM payment WHERE order_id = $1";
    assert_eq!(test_shop.text(currency, &order).await, "PEN");
    let currency = "SELECT settled_currency FROM refund WHERE order_id = $1";
    assert_eq!(test_shop.text(currency, &order).await, "PEN");
    assert_eq!(test_shop.number("SELECT settled_rate_nano FROM payment").await, 3_714_500_000);
    assert_eq!(
        test_shop.number("SELECT settled_minor FROM refund").await,
        18_573,
        "50.00 at 3.7145"
    );
    let balance = "SELECT CAST(SUM(amount_minor) AS BIGINT) FROM ledger_posting WHERE account = 'stripe:balance' AND currency = 'PEN'";
    let moved = "SELECT p.settled_minor - p.settled_fee_minor - r.settled_minor FROM payment p JOIN refund r ON r.payment_id = p.id";
    assert_eq!(test_shop.number(balance).await, test_shop.number(moved).await);
    let provider = Some(&*shop.payments);
    let report = check::reconcile(&shop.db, provider, visit.now, Duration::ZERO).await.unwrap();
    assert_eq!(report.differences, [""; 0], "{report}");
}

on_both_engines!(
    a_double_click_opens_one_page_at_stripe,
    stripe_at_its_limit_leaves_nothing_dangling,
    what_stripe_settles_in_soles_is_booked_in_soles,
);
