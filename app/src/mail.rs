//! Mails to shoppers: subject, text and HTML in the order's language, rendered from the view of the
//! order's page. The server addresses and sends them.

pub mod board;
mod html;

use domain::language::Language;
use domain::money::Money;
use domain::shipping::DeliveryKind;

use crate::backend::shop::{MoneyBreakdown, OrderLineView, OrderView, TurnedBack};
use crate::components::delivery::arrival;
use crate::components::format;
use crate::components::money_bar::part_name;
use crate::components::returns;
use crate::i18n::shop::mail as t;
use crate::routes::Route;

/// A rendered mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Subject: one line.
    pub subject: String,
    /// Plain text, lines ended by `\n`.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

/// What a mail needs in addition to the order.
#[derive(Debug, Clone, Copy)]
pub struct MailContext<'a> {
    /// Language in which the order was placed.
    pub language: Language,
    /// Scheme and host of the shop, without trailing slash.
    pub public_url: &'a str,
    /// Whether the shop sells demonstration data; the mail says so.
    pub demo: bool,
}

/// "We received your order", once it is paid.
#[must_use]
pub fn order_received(context: MailContext<'_>, order: &OrderView) -> Mail {
    let language = context.language;
    let letter = Letter {
        subject: t::received_subject(language, &order.number),
        greeting: greeting(language, order),
        paragraphs: vec![t::received_text(language).to_owned()],
        lines: order.lines.iter().map(|line| line_row(language, line)).collect(),
        sums: sums(language, order),
        address: Some(address(language, order)),
        gift: order.gift_message.clone(),
        money: order.money.as_ref().map(|money| money_rows(language, money)),
        link: (order_url(context, order), t::see_order(language)),
        after_link: Some(t::secret(language)),
    };
    letter.write(context, order)
}

/// "We have returned the payment": it could not be accepted and was refunded in full.
#[must_use]
pub fn refunded_in_full(context: MailContext<'_>, order: &OrderView, back: &TurnedBack) -> Mail {
    let language = context.language;
    let count = u32::try_from(order.lines.len()).unwrap_or(u32::MAX);
    let paragraphs = vec![returns::why(language, count, back.why), returns::way(language, *back)];
    nothing_sold(context, order, t::refunded_subject(language, &order.number), paragraphs)
}

/// "We have returned so much of your order": the board refunded all or a part of what was bought.
#[must_use]
pub fn given_back(context: MailContext<'_>, order: &OrderView, amount: Money) -> Mail {
    let language = context.language;
    let sum = format::money(language, amount);
    let letter = Letter {
        subject: t::given_back_subject(language, &sum, &order.number),
        greeting: greeting(language, order),
        paragraphs: vec![t::given_back_text(language, &sum)],
        lines: Vec::new(),
        sums: vec![(t::given_back_row(language).to_owned(), sum)],
        address: None,
        gift: None,
        money: None,
        link: (order_url(context, order), t::see_order(language)),
        after_link: Some(t::secret(language)),
    };
    letter.write(context, order)
}

/// "Your payment came in another currency": a person refunds it.
#[must_use]
pub fn foreign_money(context: MailContext<'_>, order: &OrderView) -> Mail {
    let language = context.language;
    let paragraphs =
        vec![t::foreign_text(language).to_owned(), t::foreign_next(language).to_owned()];
    nothing_sold(context, order, t::foreign_subject(language, &order.number), paragraphs)
}

/// A letter about an order whose payment could not be accepted.
fn nothing_sold(
    context: MailContext<'_>,
    order: &OrderView,
    subject: String,
    paragraphs: Vec<String>,
) -> Mail {
    let language = context.language;
    let catalogue = format!("{}{}", context.public_url, Route::Catalogue.path(language));
    let letter = Letter {
        subject,
        greeting: greeting(language, order),
        paragraphs,
        lines: order.lines.iter().map(|line| line_row(language, line)).collect(),
        sums: vec![(t::total(language).to_owned(), format::money(language, order.sums.total))],
        address: None,
        gift: None,
        money: None,
        link: (catalogue, t::other_pieces(language)),
        after_link: None,
    };
    letter.write(context, order)
}

/// A mail before it is written as text and as HTML.
struct Letter {
    subject: String,
    greeting: String,
    paragraphs: Vec<String>,
    lines: Vec<(String, String)>,
    sums: Vec<(String, String)>,
    address: Option<(&'static str, Vec<String>)>,
    gift: Option<String>,
    money: Option<Vec<(String, String)>>,
    link: (String, &'static str),
    after_link: Option<&'static str>,
}

impl Letter {
    fn write(self, context: MailContext<'_>, order: &OrderView) -> Mail {
        let heading = t::order(context.language, &order.number);
        let text = self.text(context, &heading);
        let html = html::document(context, &self, &heading);
        // A header must be one line, whatever the number contains.
        let subject = self.subject.replace(['\r', '\n'], " ");
        Mail { subject, text, html }
    }

    fn text(&self, context: MailContext<'_>, heading: &str) -> String {
        let language = context.language;
        let mut blocks = vec![self.greeting.clone()];
        blocks.extend(self.paragraphs.iter().cloned());
        blocks.push(rows(Some(heading), self.lines.iter().chain(&self.sums)));
        if let Some((title, lines)) = &self.address {
            blocks.push(format!("{title}\n{}", lines.join("\n")));
        }
        if let Some(gift) = &self.gift {
            blocks.push(format!("{}\n{gift}", t::gift(language)));
        }
        if let Some(money) = &self.money {
            blocks.push(rows(Some(t::money(language)), money));
        }
        let (url, words) = &self.link;
        blocks.push(match self.after_link {
            Some(after) => format!("{words}: {url}\n{after}"),
            None => format!("{words}: {url}"),
        });
        blocks.push(t::answer(language).to_owned());
        blocks.push(format!("{}\n{}", t::thanks(language), t::signature(language)));
        if context.demo {
            blocks.push(t::demo(language).to_owned());
        }
        format!("{}\n", blocks.join("\n\n"))
    }
}

/// `name: amount`, one per line, under an optional heading.
fn rows<'a>(heading: Option<&str>, rows: impl IntoIterator<Item = &'a (String, String)>) -> String {
    let lines = rows.into_iter().map(|(name, value)| {
        if value.is_empty() { name.clone() } else { format!("{name}: {value}") }
    });
    heading.map(str::to_owned).into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// The greeting has the whole name, because given names do not come first everywhere.
fn greeting(language: Language, order: &OrderView) -> String {
    t::received_greeting(language, &order.name)
}

fn order_url(context: MailContext<'_>, order: &OrderView) -> String {
    let route = Route::Order { secret: order.secret.clone() };
    format!("{}{}", context.public_url, route.path(context.language))
}

fn line_row(language: Language, line: &OrderLineView) -> (String, String) {
    (t::line(language, &line.name, &line.serial), format::money(language, line.price))
}

fn sums(language: Language, order: &OrderView) -> Vec<(String, String)> {
    let amount = |sum: Money| format::money(language, sum);
    let shipping = order.sums.shipping.map(|sum| (t::shipping(language).to_owned(), amount(sum)));
    let tax = match order.sums.tax_included {
        Some(tax) => (t::tax_included(language).to_owned(), amount(tax)),
        None => (t::export(language).to_owned(), String::new()),
    };
    let total = (t::total(language).to_owned(), amount(order.sums.total));
    shipping.into_iter().chain([tax, total]).collect()
}

fn address(language: Language, order: &OrderView) -> (&'static str, Vec<String>) {
    let delivery = &order.delivery;
    match delivery.kind {
        DeliveryKind::Pickup => {
            let ready = t::ready(language, format::day(language, delivery.from));
            (t::pickup(language), vec![t::pickup_where(language).to_owned(), ready])
        }
        DeliveryKind::Courier | DeliveryKind::Post => {
            let arrives = t::arrives(language, arrival(language, delivery.from, delivery.to));
            let lines = std::iter::once(order.name.clone()).chain(order.address.iter().cloned());
            (t::address(language), lines.chain([arrives]).collect())
        }
    }
}

fn money_rows(language: Language, money: &MoneyBreakdown) -> Vec<(String, String)> {
    money
        .parts
        .iter()
        .map(|part| {
            (
                part_name(language, &part.kind, money.maker_count),
                format::money(language, part.amount),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests;
