//! What each kind of shopper does. Anything that must not happen to a shopper is a problem, which
//! is reported with its step.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::browser::{Answer, Browser, Visitor};
use crate::kind::Kind;
use crate::page::{self, OrderStatus};
use crate::piece_pages::PiecePages;
use crate::results::Results;

const GOOD_CARD: &str = "4242424242424242";
const DECLINED_CARD: &str = "4000000000000002";
const CARD_TO_AUTHENTICATE: &str = "4000002500003155";
const ACCOUNT_THAT_PAYS_LATE: &str = "AT611904300234573201";
const ACCOUNT_THAT_FAILS_LATE: &str = "AT861904300235473202";

/// How long the thank-you page may take to show that the order is paid.
const PAID_TIMEOUT: Duration = Duration::from_secs(60);
/// How many piece pages are opened to find a piece for one purchase.
const MAX_PAGES: usize = 40;

/// A problem is the name of the step and a message.
type StepResult<T> = Result<T, (&'static str, String)>;

/// What all shoppers share.
#[derive(Debug)]
pub(crate) struct LoadTest {
    pub(crate) browser: Browser,
    pub(crate) piece_pages: PiecePages,
    /// The shop's program, for refunds; without it there are none.
    pub(crate) server: Option<PathBuf>,
    pub(crate) results: Results,
}

/// A shopper.
struct Shopper<'t> {
    load_test: &'t LoadTest,
    visitor: Visitor,
    abroad: bool,
}

/// The answer of the checkout.
enum Checkout {
    /// The address of the payment page.
    PaymentPage(String),
    /// Another shopper has the piece.
    Taken,
}

impl LoadTest {
    /// Runs one shopper; returns `false` if there is nothing left to buy.
    pub(crate) async fn run_shopper(&self, kind: Kind, random: u64) -> bool {
        let Some((path, piece)) = self.find_piece().await else { return false };
        let mut shopper = Shopper {
            load_test: self,
            visitor: self.browser.visitor(),
            abroad: kind == Kind::BuysAbroad,
        };
        match shopper.run(kind, &piece, random).await {
            Ok(bought) => self.results.add_shopper(&format!("{kind:?}"), bought),
            Err((step, message)) => {
                self.results.add_problem(&format!("{kind:?}, {step}"), &message);
            }
        }
        self.piece_pages.put_back(path);
        true
    }

    /// The path of a piece page, and a piece on it that can be bought.
    async fn find_piece(&self) -> Option<(String, String)> {
        for _ in 0..MAX_PAGES {
            let path = self.piece_pages.take()?;
            let started = Instant::now();
            match self.browser.visitor().get(&path).await {
                Ok(answer) if answer.status == 200 => {
                    self.results.add_step("piece", started);
                    if let Some(piece) = page::pieces(&answer.body).into_iter().next() {
                        return Some((path, piece));
                    }
                }
                Ok(answer) => {
                    self.results.add_problem("piece", &format!("{path} answers {}", answer.status))
                }
                Err(message) => self.results.add_problem("piece", &message),
            }
        }
        None
    }
}

impl Shopper<'_> {
    /// Does everything that this kind of shopper does; returns whether the piece was bought.
    async fn run(&mut self, kind: Kind, piece: &str, random: u64) -> StepResult<bool> {
        match kind {
            Kind::Tampers => return self.tamper(piece).await.map(|()| false),
            Kind::Races => return self.race(piece).await,
            _ => {}
        }
        self.put_into_bag(piece).await?;
        let Checkout::PaymentPage(mut payment) = self.check_out("Av. Larco 123").await? else {
            return Err((
                "checkout",
                "the piece is taken, though no other shopper wanted it".into(),
            ));
        };
        match kind {
            Kind::ClicksTwice => self.click_again(&payment).await?,
            Kind::ChangesAddress => payment = self.change_address(&payment).await?,
            _ => {}
        }
        self.open_payment_page(&payment).await?;
        match kind {
            Kind::LeavesWithoutPaying => return Ok(false),
            Kind::IsDeclined | Kind::CancelsOrder => {
                let answer = self.pay_by_card(&payment, DECLINED_CARD).await?;
                expect("declined card", &answer, 402)?;
            }
            _ => {}
        }
        match kind {
            Kind::CancelsOrder => self.cancel_order(&payment).await.map(|()| false),
            Kind::Authenticates => {
                self.authenticate(&payment, "complete").await?;
                self.open_order(&payment).await.map(|_| true)
            }
            Kind::FailsToAuthenticate => self.authenticate(&payment, "fail").await.map(|()| false),
            Kind::PaysLate => self.pay_later(&payment, ACCOUNT_THAT_PAYS_LATE).await.map(|()| true),
            Kind::FailsLate => {
                self.pay_later(&payment, ACCOUNT_THAT_FAILS_LATE).await.map(|()| false)
            }
            _ => {
                let started = Instant::now();
                let answer = self.pay_by_card(&payment, GOOD_CARD).await?;
                let thanks = self.expect_return("card", answer)?;
                let document = self.wait_until_paid(&thanks, started).await?;
                match kind {
                    Kind::IsRefunded => self.refund(&document, &[]).await?,
                    Kind::IsRefundedInParts => {
                        self.refund(&document, &random_parts(random)).await?
                    }
                    _ => {}
                }
                Ok(true)
            }
        }
    }

    async fn step(
        &mut self,
        name: &'static str,
        target: &str,
        form: Option<&[(&str, &str)]>,
    ) -> StepResult<Answer> {
        let started = Instant::now();
        let answer = match form {
            None => self.visitor.get(target).await,
            Some(fields) => self.visitor.post(target, fields).await,
        };
        let answer = answer.map_err(|message| (name, message))?;
        self.load_test.results.add_step(name, started);
        Ok(answer)
    }

    /// Puts the piece into the bag and opens the bag.
    async fn put_into_bag(&mut self, piece: &str) -> StepResult<()> {
        let added = self.step("add", "/es/bolsa/agregar", Some(&[("piece", piece)])).await?;
        expect("add", &added, 303)?;
        let bag = self.step("bag", &added.location.unwrap_or_default(), None).await?;
        expect("bag", &bag, 200)
    }

    /// The fields of the checkout form.
    fn checkout_fields<'a>(&self, street: &'a str, action: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut fields = vec![
            ("name", "Ana Quispe Mamani"),
            ("email", "ana@example.com"),
            ("street", street),
            ("gift_message", "Para mamá, con cariño"),
            ("action", action),
        ];
        fields.extend(if self.abroad {
            [
                ("country", "US"),
                ("region", "California"),
                ("city", "Oakland"),
                ("postal_code", "94601"),
                ("phone", "+15105550123"),
                ("currency", "USD"),
            ]
        } else {
            [
                ("country", "PE"),
                ("department", "LIM"),
                ("city", "Miraflores"),
                ("postal_code", "15074"),
                ("phone", "987654321"),
                ("currency", "PEN"),
            ]
        });
        fields
    }

    /// Fills in the checkout and presses *Pay*, again if Stripe is not available for a moment.
    async fn check_out(&mut self, street: &str) -> StepResult<Checkout> {
        let shown = self.step("checkout", "/es/compra", None).await?;
        expect("checkout", &shown, 200)?;
        let fields = self.checkout_fields(street, "update");
        let sent = self.step("address", "/es/compra", Some(&fields)).await?;
        let offer = self.follow("address", &sent).await?;
        let deliveries = page::deliveries(&offer.body);
        // Without a piece there is nothing to deliver: another shopper has taken it.
        if deliveries.is_empty() {
            return Ok(Checkout::Taken);
        }
        for attempt in 0..8 {
            let answer = self.press_pay(street, &deliveries).await?;
            match (answer.status, &answer.location) {
                (303, Some(payment)) if payment.starts_with("http") => {
                    return Ok(Checkout::PaymentPage(payment.clone()));
                }
                (303, Some(form)) if form.starts_with("/es/compra") => {
                    let refused = self.follow("pay", &answer).await?;
                    match page::refusal(&refused.body) {
                        Some("taken") => return Ok(Checkout::Taken),
                        // The hold of a failed attempt ended, and another shopper took the piece.
                        Some("empty-bag") if attempt > 0 => return Ok(Checkout::Taken),
                        Some("payment-unavailable") => {}
                        // The reason is shown only once, and that answer was lost.
                        None if self.visitor.retries() => {}
                        other => return Err(("pay", format!("refused: {other:?}"))),
                    }
                }
                (503, _) => {}
                (status, location) => {
                    return Err(("pay", format!("{status} to {location:?}")));
                }
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Err(("pay", "Stripe was not available eight times".into()))
    }

    /// Follows the redirect of a form to a page of the shop.
    async fn follow(&mut self, step: &'static str, sent: &Answer) -> StepResult<Answer> {
        expect(step, sent, 303)?;
        let address = sent.location.as_deref().unwrap_or_default();
        let path = address.split('#').next().unwrap_or_default();
        let page = self.step("form again", path, None).await?;
        expect(step, &page, 200)?;
        Ok(page)
    }

    async fn press_pay(&mut self, street: &str, offered: &[String]) -> StepResult<Answer> {
        let delivery = offered.first().ok_or(("address", "no delivery is offered".to_owned()))?;
        let mut fields = self.checkout_fields(street, "pay");
        fields.push(("delivery", delivery));
        self.step("pay", "/es/compra", Some(&fields)).await
    }

    async fn open_payment_page(&mut self, payment: &str) -> StepResult<()> {
        let shown = self.step("payment page", payment, None).await?;
        expect("payment page", &shown, 200)
    }

    async fn pay_by_card(&mut self, payment: &str, number: &str) -> StepResult<Answer> {
        let fields = [
            ("email", "ana@example.com"),
            ("name", "Ana Quispe"),
            ("method", "card"),
            ("card_number", number),
            ("expiry", "12/34"),
            ("cvc", "123"),
        ];
        self.step("card", payment, Some(&fields)).await
    }

    async fn authenticate(&mut self, payment: &str, outcome: &str) -> StepResult<()> {
        let answer = self.pay_by_card(payment, CARD_TO_AUTHENTICATE).await?;
        expect("card to authenticate", &answer, 303)?;
        let proof = self
            .step("authenticate", &format!("{payment}/authenticate"), Some(&[("outcome", outcome)]))
            .await?;
        expect("authenticate", &proof, if outcome == "complete" { 303 } else { 402 })
    }

    /// Opens the order's page, to which the payment page links after the payment.
    async fn open_order(&mut self, payment: &str) -> StepResult<String> {
        let done = self.step("payment page", payment, None).await?;
        let thanks = done
            .body
            .split("href=\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|href| href.starts_with(self.visitor.shop()));
        let thanks =
            thanks.ok_or(("payment page", "it has no link to the shop".to_owned()))?.to_owned();
        self.wait_until_paid(&thanks, Instant::now()).await
    }

    async fn pay_later(&mut self, payment: &str, account: &str) -> StepResult<()> {
        let fields = [
            ("email", "ana@example.com"),
            ("name", "Ana Quispe"),
            ("method", "sepa_debit"),
            ("iban", account),
        ];
        let answer = self.step("account", payment, Some(&fields)).await?;
        let thanks = self.expect_return("account", answer)?;
        let shown = self.step("thank-you", &thanks, None).await?;
        expect("thank-you", &shown, 200)
    }

    /// The address in the shop to which a payment page redirects.
    fn expect_return(&self, step: &'static str, answer: Answer) -> StepResult<String> {
        match (answer.status, answer.location) {
            (303, Some(address)) if address.starts_with(self.visitor.shop()) => Ok(address),
            (status, location) => Err((step, format!("{status} to {location:?}"))),
        }
    }

    /// Opens the thank-you page until it shows that the order is paid.
    async fn wait_until_paid(&mut self, thanks: &str, since: Instant) -> StepResult<String> {
        let mut pause = Duration::from_millis(10);
        loop {
            let shown = self.step("thank-you", thanks, None).await?;
            expect("thank-you", &shown, 200)?;
            if page::order_status(&shown.body) == OrderStatus::Paid {
                self.load_test.results.add_step("until paid", since);
                return Ok(shown.body);
            }
            if since.elapsed() > PAID_TIMEOUT {
                return Err((
                    "thank-you",
                    format!(
                        "after a minute the order is still {:?}",
                        page::order_status(&shown.body)
                    ),
                ));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    /// Goes back to the order's page and cancels the order.
    async fn cancel_order(&mut self, payment: &str) -> StepResult<()> {
        let shown = self.step("payment page", payment, None).await?;
        let back = shown
            .body
            .split("href=\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|href| href.starts_with(self.visitor.shop()));
        let order =
            back.ok_or(("payment page", "it has no link back to the shop".to_owned()))?.to_owned();
        let cancelled = self.step("cancel", &format!("{order}/cancelar"), Some(&[])).await?;
        expect("cancel", &cancelled, 303)?;
        let ended = self.step("thank-you", &order, None).await?;
        match page::order_status(&ended.body) {
            OrderStatus::Ended => Ok(()),
            other => Err(("cancel", format!("the order is still {other:?}"))),
        }
    }

    /// Sends the same form twice more at the same time. Both answers must lead to the same payment
    /// page.
    async fn click_again(&mut self, payment: &str) -> StepResult<()> {
        let offered = ["courier".to_owned()];
        let mut second_click = Shopper {
            load_test: self.load_test,
            visitor: self.visitor.clone(),
            abroad: self.abroad,
        };
        let (one, other) = tokio::join!(
            self.press_pay("Av. Larco 123", &offered),
            second_click.press_pay("Av. Larco 123", &offered)
        );
        for answer in [one?, other?] {
            if answer.location.as_deref() != Some(payment) {
                return Err((
                    "second click",
                    format!("{} to {:?}", answer.status, answer.location),
                ));
            }
        }
        Ok(())
    }

    /// Checks out with another address. That makes a new order with its own payment page, and the
    /// first page must be closed.
    async fn change_address(&mut self, first: &str) -> StepResult<String> {
        let Checkout::PaymentPage(second) = self.check_out("Jr. Puno 45").await? else {
            return Err(("new address", "the shopper's own piece is taken".into()));
        };
        let closed = self.step("payment page", first, None).await?;
        if second == first || closed.status != 410 {
            return Err(("new address", format!("the first page answers {}", closed.status)));
        }
        Ok(second)
    }

    /// Two shoppers want the same piece. One gets it; the other is told that it is taken.
    async fn race(&mut self, piece: &str) -> StepResult<bool> {
        let mut rival = Shopper {
            load_test: self.load_test,
            visitor: self.load_test.browser.visitor(),
            abroad: false,
        };
        self.put_into_bag(piece).await?;
        rival.put_into_bag(piece).await?;
        let (mine, hers) =
            tokio::join!(self.check_out("Av. Larco 123"), rival.check_out("Av. Grau 7"));
        let (winner, payment) = match (mine?, hers?) {
            (Checkout::PaymentPage(payment), Checkout::Taken) => (self, payment),
            (Checkout::Taken, Checkout::PaymentPage(payment)) => (&mut rival, payment),
            (Checkout::PaymentPage(_), Checkout::PaymentPage(_)) => {
                return Err(("race", "both hold the piece".into()));
            }
            // If Stripe was not available for the first one, both may get nothing.
            (Checkout::Taken, Checkout::Taken) => return Ok(false),
        };
        let started = Instant::now();
        let answer = winner.pay_by_card(&payment, GOOD_CARD).await?;
        let thanks = winner.expect_return("card", answer)?;
        winner.wait_until_paid(&thanks, started).await.map(|_| true)
    }

    /// Sends invented pieces, prices and webhooks. They must be refused.
    async fn tamper(&mut self, piece: &str) -> StepResult<()> {
        for nonsense in ["", "x", "' OR 1=1 --", "0190ffff-ffff-7fff-bfff-ffffffffffff"] {
            let answer = self
                .step("tampered piece", "/es/bolsa/agregar", Some(&[("piece", nonsense)]))
                .await?;
            expect("tampered piece", &answer, 409)?;
        }
        self.put_into_bag(piece).await?;
        let mut fields = self.checkout_fields("<script>alert(1)</script>", "pay");
        fields.extend([
            ("delivery", "free"),
            ("price_minor", "1"),
            ("total_minor", "1"),
            ("quantity", "-1"),
        ]);
        let answer = self.step("tampered form", "/es/compra", Some(&fields)).await?;
        let answer = self.follow("tampered form", &answer).await?;
        if !answer.body.contains("error-summary") {
            return Err(("tampered form", "the page does not say what is wrong".into()));
        }
        if answer.body.contains("<script>alert(1)") {
            return Err(("tampered form", "typed text came back as markup".into()));
        }
        let event = [("type", "checkout.session.completed")];
        let answer = self.step("forged webhook", "/webhooks/stripe", Some(&event)).await?;
        expect("forged webhook", &answer, 400)
    }

    /// Refunds the order with the shop's program: in parts or, without parts, completely.
    async fn refund(&self, document: &str, parts: &[String]) -> StepResult<()> {
        let Some(server) = &self.load_test.server else { return Ok(()) };
        let number =
            page::order_number(document).ok_or(("refund", "the order has no number".to_owned()))?;
        let mut refunds: Vec<Vec<&str>> =
            parts.iter().map(|part| vec!["--amount-minor", part.as_str()]).collect();
        if parts.len() != 2 {
            refunds.push(Vec::new());
        }
        for arguments in refunds {
            let mut command = tokio::process::Command::new(server);
            let output = command
                .arg("refund")
                .arg(&number)
                .args(arguments)
                .output()
                .await
                .map_err(|error| ("refund", error.to_string()))?;
            if !output.status.success() {
                return Err(("refund", String::from_utf8_lossy(&output.stderr).into_owned()));
            }
        }
        Ok(())
    }
}

/// Two amounts, after which something is left, or three, after which the rest is refunded too.
fn random_parts(random: u64) -> Vec<String> {
    let count = 2 + random % 2;
    (0..count).map(|at| (1 + (random >> (8 + at * 10)) % 1_000).to_string()).collect()
}

fn expect(step: &'static str, answer: &Answer, status: u16) -> StepResult<()> {
    if answer.status == status {
        return Ok(());
    }
    let title =
        answer.body.split("<h1").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    Err((step, format!("{} instead of {status} {title}", answer.status)))
}
