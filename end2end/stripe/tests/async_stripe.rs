//! The shop's own client can read every type of object that the simulator shows.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use stripe::{
    Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest as _,
};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    ExpireCheckoutSession, ListCheckoutSession, ListLineItemsCheckoutSession, ProductData,
    RetrieveCheckoutSession,
};
use stripe_core::{
    balance_transaction::{ListBalanceTransaction, RetrieveBalanceTransaction},
    charge::ListCharge,
    event::ListEvent,
    payment_intent::{ListPaymentIntent, RetrievePaymentIntent},
    refund::{CreateRefund, ListRefund},
};
use stripe_shared::{CheckoutSession, CheckoutSessionMode, CheckoutSessionStatus};
use stripe_types::{Currency, Expandable};

/// The running simulator. It is killed when the test ends.
struct Simulator {
    child: Child,
    address: String,
    client: Client,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Simulator {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stripe-simulator"))
            .args(["--listen", "127.0.0.1:0", "--secret-key", "sk_test_rust"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
        let client =
            ClientBuilder::new("sk_test_rust").url(format!("http://{address}/")).build().unwrap();
        Self { child, address, client }
    }

    async fn open(&self) -> CheckoutSession {
        session().send(&self.client).await.unwrap()
    }

    /// Presses *Pay*; returns the status of the answer.
    fn pay(&self, session: &CheckoutSession, form: &str) -> u16 {
        let body = format!("email=ana@correo.pe&expiry=12/34&cvc=123&{form}");
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST /c/pay/{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            session.id,
            body.len(),
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

fn session() -> CreateCheckoutSession {
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::PEN);
    price.unit_amount = Some(45_000);
    price.product_data = Some(ProductData::new("Anillo «Áncash»"));
    let mut item = CreateCheckoutSessionLineItems::new();
    item.price_data = Some(price);
    item.quantity = Some(1);
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![item])
        .success_url("http://shop.example/ok")
}

fn object<T: stripe_types::Object>(expandable: Option<Expandable<T>>) -> T {
    match expandable {
        Some(Expandable::Object(object)) => *object,
        _ => panic!("it was not expanded"),
    }
}

#[tokio::test]
async fn the_client_reads_every_type_of_object() {
    let simulator = Simulator::start();
    let client = &simulator.client;
    let open = simulator.open().await;
    assert_eq!(open.status, Some(CheckoutSessionStatus::Open));
    assert_eq!(simulator.pay(&open, "card_number=4000000000009995"), 402);
    let declined = RetrieveCheckoutSession::new(open.id.clone())
        .expand(["payment_intent".to_owned()])
        .send(client)
        .await
        .unwrap();
    let error = object(declined.payment_intent).last_payment_error.unwrap();
    assert_eq!(error.decline_code.as_deref(), Some("insufficient_funds"));
    assert_eq!(simulator.pay(&open, "card_number=4000002500003155"), 303);
    assert_eq!(simulator.pay(&open, "card_number=4242424242424242"), 303);
    let paid = RetrieveCheckoutSession::new(open.id.clone())
        .expand([
            "payment_intent.latest_charge.balance_transaction".to_owned(),
            "line_items".to_owned(),
        ])
        .send(client)
        .await
        .unwrap();
    assert_eq!(paid.status, Some(CheckoutSessionStatus::Complete));
    assert_eq!(paid.line_items.unwrap().data.len(), 1);
    let intent = object(paid.payment_intent);
    let charge = object(intent.latest_charge);
    let balance = object(charge.balance_transaction);
    assert_eq!((balance.amount, balance.fee), (45_000, 1_650));
    RetrievePaymentIntent::new(intent.id.clone()).send(client).await.unwrap();
    RetrieveBalanceTransaction::new(balance.id).send(client).await.unwrap();
    let refund = CreateRefund::new()
        .payment_intent(intent.id.to_string())
        .amount(10_000)
        .expand(["charge".to_owned(), "balance_transaction".to_owned()])
        .send(client)
        .await
        .unwrap();
    assert_eq!(object(refund.balance_transaction).net, -10_000);
    let delayed = simulator.open().await;
    let account = "method=sepa_debit&iban=AT611904300234573201";
    assert_eq!(simulator.pay(&delayed, account), 303);
    let expired = ExpireCheckoutSession::new(simulator.open().await.id).send(client).await.unwrap();
    assert_eq!(expired.status, Some(CheckoutSessionStatus::Expired));

    assert_eq!(ListCheckoutSession::new().send(client).await.unwrap().data.len(), 3);
    let items = ListLineItemsCheckoutSession::new(open.id).send(client).await.unwrap();
    assert_eq!(items.data.len(), 1);
    assert_eq!(ListPaymentIntent::new().send(client).await.unwrap().data.len(), 2);
    assert_eq!(ListCharge::new().send(client).await.unwrap().data.len(), 3);
    assert_eq!(ListBalanceTransaction::new().send(client).await.unwrap().data.len(), 2);
    assert_eq!(ListRefund::new().send(client).await.unwrap().data.len(), 1);
    assert!(ListEvent::new().limit(100).send(client).await.unwrap().data.len() > 10);
}

#[tokio::test]
async fn the_client_reads_refusals() {
    let simulator = Simulator::start();
    let client = &simulator.client;
    let refused = session().customer_email("nobody").send(client).await.unwrap_err();
    let StripeError::Stripe(details, 400) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(details.param.as_deref(), Some("customer_email"));
    assert_eq!(details.code.unwrap().as_str(), "email_invalid");
    let keyed = |request: CreateCheckoutSession| {
        let key = IdempotencyKey::new("order-1").unwrap();
        request.customize().request_strategy(RequestStrategy::Idempotent(key))
    };
    let first = keyed(session()).send(client).await.unwrap();
    let again = keyed(session()).send(client).await.unwrap();
    assert_eq!(first.id, again.id);
    let other = keyed(session().client_reference_id("else")).send(client).await.unwrap_err();
    assert!(matches!(other, StripeError::Stripe(_, 400)), "{other:?}");
    let nobody = RetrieveCheckoutSession::new("cs_test_none").send(client).await.unwrap_err();
    assert!(matches!(nobody, StripeError::Stripe(_, 404)), "{nobody:?}");
}
