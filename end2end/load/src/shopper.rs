//! The kinds of people who come, and what each does. What may happen to her is fair; anything
//! else is a problem, told with the step at which she met it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rand::Rng as _;
use rand::rngs::StdRng;

use crate::browser::{Answer, Browser, Visitor};
use crate::page::{self, Standing};
use crate::stock::Stock;
use crate::tally::Tally;

const GOOD_CARD: &str = "4242424242424242";
const DECLINED_CARD: &str = "4000000000000002";
const CARD_TO_AUTHENTICATE: &str = "4000002500003155";
const PAYS_LATE: &str = "AT611904300234573201";
const FAILS_LATE: &str = "AT861904300235473202";

/// How long a shopper looks at the thank-you page until it says that she paid.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pages of sold-out designs that are passed over for one purchase.
const PAGES_MAX: usize = 40;

/// A kind of shopper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Buys by card, delivered in Lima.
    Buys,
    /// Buys in dollars, delivered abroad.
    BuysAbroad,
    /// Is declined, takes another card.
    IsDeclined,
    /// Is declined and gives the order up.
    GivesUp,
    /// Proves herself to her bank.
    Authenticates,
    /// Fails to, and leaves.
    FailsToAuthenticate,
    /// Pays in a way that takes days.
    PaysLate,
    /// The same, and it fails.
    FailsLate,
    /// Leaves the payment page open.
    WalksAway,
    /// Clicks twice.
    ClicksTwice,
    /// Changes her address after she saw the payment page.
    ChangesHerMind,
    /// Two want the same piece at the same time.
    Race,
    /// Writes prices, pieces and webhooks of her own.
    Tampers,
    /// Gets everything back.
    IsRefunded,
    /// Gets it back in parts.
    IsRefundedInParts,
}

impl Kind {
    /// What comes how often, in a hundred.
    const OFTEN: [(Self, u32); 15] = [
        (Self::Buys, 32),
        (Self::BuysAbroad, 8),
        (Self::IsDeclined, 7),
        (Self::GivesUp, 5),
        (Self::Authenticates, 6),
        (Self::FailsToAuthenticate, 3),
        (Self::PaysLate, 5),
        (Self::FailsLate, 4),
        (Self::WalksAway, 8),
        (Self::ClicksTwice, 4),
        (Self::ChangesHerMind, 3),
        (Self::Race, 4),
        (Self::Tampers, 3),
        (Self::IsRefunded, 4),
        (Self::IsRefundedInParts, 4),
    ];

    /// One by chance.
    pub(crate) fn draw(chance: &mut StdRng) -> Self {
        let mut at = chance.random_range(0..Self::OFTEN.iter().map(|(_, often)| often).sum());
        for (kind, often) in Self::OFTEN {
            if at < often {
                return kind;
            }
            at -= often;
        }
        Self::Buys
    }
}

/// Something that no shopper should meet: the step, and what it was.
type Met<T> = Result<T, (&'static str, String)>;

/// The shop as the crowd sees it.
#[derive(Debug)]
pub(crate) struct Market {
    pub(crate) browser: Browser,
    pub(crate) stock: Stock,
    pub(crate) server: Option<PathBuf>,
    pub(crate) tally: Tally,
}

/// A shopper on her way.
struct Way<'m> {
    market: &'m Market,
    visitor: Visitor,
    abroad: bool,
}

/// What the checkout answers.
enum Checkout {
    /// The payment page.
    Page(String),
    /// Somebody else has the piece.
    Taken,
}

impl Market {
    /// Serves one shopper to the end; `false` when there is nothing left to buy.
    pub(crate) async fn serve(&self, kind: Kind, chance: u64) -> bool {
        let Some((path, piece)) = self.find().await else { return false };
        let mut way =
            Way { market: self, visitor: self.browser.visitor(), abroad: kind == Kind::BuysAbroad };
        match way.walk(kind, &piece, chance).await {
            Ok(bought) => self.tally.ended(&format!("{kind:?}"), bought),
            Err((step, what)) => self.tally.problem(&format!("{kind:?}, {step}"), &what),
        }
        self.stock.put_back(path);
        true
    }

    /// A piece that can be had, and the page it is on.
    async fn find(&self) -> Option<(String, String)> {
        for _ in 0..PAGES_MAX {
            let path = self.stock.next()?;
            let started = Instant::now();
            match self.browser.visitor().get(&path).await {
                Ok(answer) if answer.status == 200 => {
                    self.tally.step("piece", started);
                    if let Some(piece) = page::pieces(&answer.body).into_iter().next() {
                        return Some((path, piece));
                    }
                }
                Ok(answer) => {
                    self.tally.problem("piece", &format!("{path} answers {}", answer.status))
                }
                Err(what) => self.tally.problem("piece", &what),
            }
        }
        None
    }
}

impl Way<'_> {
    /// All she does; whether she bought.
    async fn walk(&mut self, kind: Kind, piece: &str, chance: u64) -> Met<bool> {
        match kind {
            Kind::Tampers => return self.tamper(piece).await.map(|()| false),
            Kind::Race => return self.race(piece).await,
            _ => {}
        }
        self.fill_the_bag(piece).await?;
        let Checkout::Page(mut payment) = self.check_out("Av. Larco 123").await? else {
            return Err(("checkout", "a piece that nobody else wanted is taken".into()));
        };
        match kind {
            Kind::ClicksTwice => self.click_again(&payment).await?,
            Kind::ChangesHerMind => payment = self.change_her_mind(&payment).await?,
            _ => {}
        }
        self.look_at(&payment).await?;
        match kind {
            Kind::WalksAway => return Ok(false),
            Kind::IsDeclined | Kind::GivesUp => {
                let answer = self.pay_by_card(&payment, DECLINED_CARD).await?;
                expect("declined card", &answer, 402)?;
            }
            _ => {}
        }
        match kind {
            Kind::GivesUp => self.give_up(&payment).await.map(|()| false),
            Kind::Authenticates => {
                self.authenticate(&payment, "complete").await?;
                self.thank_you(&payment).await.map(|_| true)
            }
            Kind::FailsToAuthenticate => self.authenticate(&payment, "fail").await.map(|()| false),
            Kind::PaysLate => self.pay_later(&payment, PAYS_LATE).await.map(|()| true),
            Kind::FailsLate => self.pay_later(&payment, FAILS_LATE).await.map(|()| false),
            _ => {
                let started = Instant::now();
                let answer = self.pay_by_card(&payment, GOOD_CARD).await?;
                let thanks = self.leads_home("card", answer)?;
                let document = self.until_paid(&thanks, started).await?;
                match kind {
                    Kind::IsRefunded => self.refund(&document, &[]).await?,
                    Kind::IsRefundedInParts => self.refund(&document, &parts(chance)).await?,
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
    ) -> Met<Answer> {
        let started = Instant::now();
        let answer = match form {
            None => self.visitor.get(target).await,
            Some(fields) => self.visitor.post(target, fields).await,
        };
        let answer = answer.map_err(|what| (name, what))?;
        self.market.tally.step(name, started);
        Ok(answer)
    }

    /// Puts the piece into the bag and looks at it.
    async fn fill_the_bag(&mut self, piece: &str) -> Met<()> {
        let added = self.step("add", "/es/bolsa/agregar", Some(&[("piece", piece)])).await?;
        expect("add", &added, 303)?;
        let bag = self.step("bag", &added.location.unwrap_or_default(), None).await?;
        expect("bag", &bag, 200)
    }

    fn address<'a>(&self, street: &'a str, action: &'a str) -> Vec<(&'a str, &'a str)> {
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

    /// Address, delivery, and the way to the payment page. Stripe may be away for a moment.
    async fn check_out(&mut self, street: &str) -> Met<Checkout> {
        let shown = self.step("checkout", "/es/compra", None).await?;
        expect("checkout", &shown, 200)?;
        let fields = self.address(street, "update");
        let sent = self.step("address", "/es/compra", Some(&fields)).await?;
        let offered = self.led_back("address", &sent).await?;
        let deliveries = page::deliveries(&offered.body);
        // Somebody else took the piece meanwhile: then there is nothing to deliver.
        if deliveries.is_empty() {
            return Ok(Checkout::Taken);
        }
        for tried in 0..8 {
            let answer = self.press_pay(street, &deliveries).await?;
            match (answer.status, &answer.location) {
                (303, Some(payment)) if payment.starts_with("http") => {
                    return Ok(Checkout::Page(payment.clone()));
                }
                (303, Some(form)) if form.starts_with("/es/compra") => {
                    let refused = self.led_back("pay", &answer).await?;
                    match page::trouble(&refused.body) {
                        Some("taken") => return Ok(Checkout::Taken),
                        // While Stripe was away somebody else took it, and it left the bag.
                        Some("empty-bag") if tried > 0 => return Ok(Checkout::Taken),
                        Some("payment-unavailable") => {}
                        // The reason is told once, and the answer that told it was lost.
                        None if self.visitor.is_stubborn() => {}
                        other => return Err(("pay", format!("refused: {other:?}"))),
                    }
                }
                (503, _) => {}
                (status, to) => return Err(("pay", format!("{status} to {to:?}"))),
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Err(("pay", "Stripe was away eight times".into()))
    }

    /// The page of the shop to which a form that was sent leads back.
    async fn led_back(&mut self, step: &'static str, sent: &Answer) -> Met<Answer> {
        expect(step, sent, 303)?;
        let there = sent.location.as_deref().unwrap_or_default();
        let there = there.split('#').next().unwrap_or_default();
        let page = self.step("form again", there, None).await?;
        expect(step, &page, 200)?;
        Ok(page)
    }

    async fn press_pay(&mut self, street: &str, offered: &[String]) -> Met<Answer> {
        let delivery = offered.first().ok_or(("address", "no delivery is offered".to_owned()))?;
        let mut fields = self.address(street, "pay");
        fields.push(("delivery", delivery));
        self.step("pay", "/es/compra", Some(&fields)).await
    }

    async fn look_at(&mut self, payment: &str) -> Met<()> {
        let shown = self.step("payment page", payment, None).await?;
        expect("payment page", &shown, 200)
    }

    async fn pay_by_card(&mut self, payment: &str, number: &str) -> Met<Answer> {
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

    async fn authenticate(&mut self, payment: &str, outcome: &str) -> Met<()> {
        let answer = self.pay_by_card(payment, CARD_TO_AUTHENTICATE).await?;
        expect("card to authenticate", &answer, 303)?;
        let proof = self
            .step("authenticate", &format!("{payment}/authenticate"), Some(&[("outcome", outcome)]))
            .await?;
        expect("authenticate", &proof, if outcome == "complete" { 303 } else { 402 })
    }

    /// Where the payment page leads when it is done: the order's own page.
    async fn thank_you(&mut self, payment: &str) -> Met<String> {
        let done = self.step("payment page", payment, None).await?;
        let thanks = done
            .body
            .split("href=\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|href| href.starts_with(self.visitor.shop()));
        let thanks = thanks.ok_or(("payment page", "it leads nowhere".to_owned()))?.to_owned();
        self.until_paid(&thanks, Instant::now()).await
    }

    async fn pay_later(&mut self, payment: &str, account: &str) -> Met<()> {
        let fields = [
            ("email", "ana@example.com"),
            ("name", "Ana Quispe"),
            ("method", "sepa_debit"),
            ("iban", account),
        ];
        let answer = self.step("account", payment, Some(&fields)).await?;
        let thanks = self.leads_home("account", answer)?;
        let shown = self.step("thank-you", &thanks, None).await?;
        expect("thank-you", &shown, 200)
    }

    fn leads_home(&self, step: &'static str, answer: Answer) -> Met<String> {
        match (answer.status, answer.location) {
            (303, Some(home)) if home.starts_with(self.visitor.shop()) => Ok(home),
            (status, to) => Err((step, format!("{status} to {to:?}"))),
        }
    }

    async fn until_paid(&mut self, thanks: &str, since: Instant) -> Met<String> {
        let mut pause = Duration::from_millis(10);
        loop {
            let shown = self.step("thank-you", thanks, None).await?;
            expect("thank-you", &shown, 200)?;
            if page::standing(&shown.body) == Standing::Paid {
                self.market.tally.step("until paid", since);
                return Ok(shown.body);
            }
            if since.elapsed() > PATIENCE {
                return Err((
                    "thank-you",
                    format!("after a minute the order is still {:?}", page::standing(&shown.body)),
                ));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    /// The order's page, reached by posting the same checkout again.
    async fn give_up(&mut self, payment: &str) -> Met<()> {
        let shown = self.step("payment page", payment, None).await?;
        let back = shown
            .body
            .split("href=\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|href| href.starts_with(self.visitor.shop()));
        let order = back.ok_or(("payment page", "there is no way back".to_owned()))?.to_owned();
        let cancelled = self.step("cancel", &format!("{order}/cancelar"), Some(&[])).await?;
        expect("cancel", &cancelled, 303)?;
        let ended = self.step("thank-you", &order, None).await?;
        match page::standing(&ended.body) {
            Standing::Ended => Ok(()),
            other => Err(("cancel", format!("the order is still {other:?}"))),
        }
    }

    /// The same form twice more at once leads to the same payment page.
    async fn click_again(&mut self, payment: &str) -> Met<()> {
        let offered = ["courier".to_owned()];
        let mut twin =
            Way { market: self.market, visitor: self.visitor.clone(), abroad: self.abroad };
        let (one, other) = tokio::join!(
            self.press_pay("Av. Larco 123", &offered),
            twin.press_pay("Av. Larco 123", &offered)
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

    /// Another address is another order with a page of its own; the first page is closed.
    async fn change_her_mind(&mut self, first: &str) -> Met<String> {
        let Checkout::Page(second) = self.check_out("Jr. Puno 45").await? else {
            return Err(("second thought", "her own piece is taken".into()));
        };
        let closed = self.step("payment page", first, None).await?;
        if second == first || closed.status != 410 {
            return Err(("second thought", format!("the first page answers {}", closed.status)));
        }
        Ok(second)
    }

    /// Two want the same piece: one gets it, the other is told, and nobody pays twice.
    async fn race(&mut self, piece: &str) -> Met<bool> {
        let mut rival =
            Way { market: self.market, visitor: self.market.browser.visitor(), abroad: false };
        self.fill_the_bag(piece).await?;
        rival.fill_the_bag(piece).await?;
        let (mine, hers) =
            tokio::join!(self.check_out("Av. Larco 123"), rival.check_out("Av. Grau 7"));
        let (winner, payment) = match (mine?, hers?) {
            (Checkout::Page(payment), Checkout::Taken) => (self, payment),
            (Checkout::Taken, Checkout::Page(payment)) => (&mut rival, payment),
            (Checkout::Page(_), Checkout::Page(_)) => {
                return Err(("race", "both hold the piece".into()));
            }
            // Stripe was away for the one who held it first: then both may go empty-handed.
            (Checkout::Taken, Checkout::Taken) => return Ok(false),
        };
        let started = Instant::now();
        let answer = winner.pay_by_card(&payment, GOOD_CARD).await?;
        let thanks = winner.leads_home("card", answer)?;
        winner.until_paid(&thanks, started).await.map(|_| true)
    }

    /// Prices, pieces and webhooks of one's own invention change nothing.
    async fn tamper(&mut self, piece: &str) -> Met<()> {
        for nonsense in ["", "x", "' OR 1=1 --", "0190ffff-ffff-7fff-bfff-ffffffffffff"] {
            let answer = self
                .step("tampered piece", "/es/bolsa/agregar", Some(&[("piece", nonsense)]))
                .await?;
            expect("tampered piece", &answer, 409)?;
        }
        self.fill_the_bag(piece).await?;
        let mut fields = self.address("<script>alert(1)</script>", "pay");
        fields.extend([
            ("delivery", "free"),
            ("price_minor", "1"),
            ("total_minor", "1"),
            ("quantity", "-1"),
        ]);
        let answer = self.step("tampered form", "/es/compra", Some(&fields)).await?;
        let answer = self.led_back("tampered form", &answer).await?;
        if !answer.body.contains("error-summary") {
            return Err(("tampered form", "nothing is said of what is wrong with it".into()));
        }
        if answer.body.contains("<script>alert(1)") {
            return Err(("tampered form", "what was typed came back as markup".into()));
        }
        let event = [("type", "checkout.session.completed")];
        let answer = self.step("forged webhook", "/webhooks/stripe", Some(&event)).await?;
        expect("forged webhook", &answer, 400)
    }

    /// The board gives back what was paid: parts, or (with none) all of it at once.
    async fn refund(&self, document: &str, parts: &[String]) -> Met<()> {
        let Some(server) = &self.market.server else { return Ok(()) };
        let number =
            page::order_number(document).ok_or(("refund", "the order has no number".to_owned()))?;
        let mut wishes: Vec<Vec<&str>> =
            parts.iter().map(|part| vec!["--amount-minor", part.as_str()]).collect();
        if parts.len() != 2 {
            wishes.push(Vec::new());
        }
        for wish in wishes {
            let mut command = tokio::process::Command::new(server);
            let asked = command
                .arg("refund")
                .arg(&number)
                .args(wish)
                .output()
                .await
                .map_err(|error| ("refund", error.to_string()))?;
            if !asked.status.success() {
                return Err(("refund", String::from_utf8_lossy(&asked.stderr).into_owned()));
            }
        }
        Ok(())
    }
}

/// Two parts, after which something is left, or three, after which the rest goes back too.
fn parts(chance: u64) -> Vec<String> {
    let count = 2 + chance % 2;
    (0..count).map(|at| (1 + (chance >> (8 + at * 10)) % 1_000).to_string()).collect()
}

fn expect(step: &'static str, answer: &Answer, status: u16) -> Met<()> {
    if answer.status == status {
        return Ok(());
    }
    let title =
        answer.body.split("<h1").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    Err((step, format!("{} instead of {status} {title}", answer.status)))
}
