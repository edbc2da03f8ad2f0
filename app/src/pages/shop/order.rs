//! The page of an order, behind its secret link: its state, what was bought, where the money went. When
//! printed it is a receipt.

use domain::language::Language;
use domain::shipping::DeliveryKind;
use jiff::Timestamp;
use leptos::prelude::*;

use crate::Page;
use crate::backend::shop::{MailedCopy, OrderView, ShownStatus, TurnedBack, Visit, WayBack};
use crate::components::clock::{lima_day, lima_time};
use crate::components::delivery::{arrival, delivery_name};
use crate::components::format;
use crate::components::money_bar::MoneyBar;
use crate::components::returns;
use crate::components::summary::{SummaryLine, SummaryLines, Sums, piece_facts};
use crate::i18n::shop::order as t;
use crate::routes::Route;
use crate::shell::{self, Head};
use domain::order::OrderStatus;

/// Who reads an order's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Anyone who has the link.
    Anyone,
    /// The shopper, in the browser in which she placed the order: it has her bag and what she typed.
    Shopper,
}

/// The order's page. `not_cancelled`: the shopper just tried to cancel it, and it was not possible.
#[must_use]
pub fn page(visit: &Visit, order: &OrderView, reader: Reader, not_cancelled: bool) -> Page {
    let language = visit.language;
    let route = Route::Order { secret: order.secret.clone() };
    let head = Head::unlisted(t::title(language, &order.number), t::description(language), route);
    let order = order.clone();
    shell::page(visit, head, move || body(language, order, reader, not_cancelled))
}

fn body(
    language: Language,
    order: OrderView,
    reader: Reader,
    not_cancelled: bool,
) -> impl IntoView {
    let notice = (not_cancelled && order.status == ShownStatus::Of(OrderStatus::PendingPayment))
        .then(|| {
            view! { <p class="notice notice-bad" role="alert">{t::not_given_up(language)}</p> }
        });
    let paid = order.status.is_paid();
    let progress = paid.then(|| progress(language, order.status));
    let lead = lead(language, &order, reader);
    let title = title(language, &order);
    let dates = dates(language, &order);
    let aside = paid.then(|| destination(language, &order));
    let money_note = if order.refunded.is_some() || order.refund_coming.is_some() {
        t::money_text_before(language)
    } else {
        t::money_text(language)
    };
    let money = order.money.clone().filter(|_| paid).map(|breakdown| {
        view! {
            <section class="order-money" aria-labelledby="money">
                <h2 id="money">{t::money_title(language)}</h2>
                <p class="fine">{money_note}</p>
                <MoneyBar language=language breakdown=breakdown/>
                <p><a class="more" href=Route::Money.path(language)>{t::money_rule(language)}</a></p>
            </section>
        }
    });
    let footer = footer(language, &order, paid);
    view! {
        <article class="wrap page-order">
            <p class="print-only receipt-title">{t::receipt_title(language)} ". " {t::receipt_seller(language)}</p>
            <header class="page-top">
                {notice}
                <p class="order-number" translate="no">{dates}</p>
                <h1>{title}</h1>
                {lead}
            </header>
            {progress}
            <div class="order-columns">
                {pieces(language, order)}
                {aside}
            </div>
            {money}
            {footer}
        </article>
    }
}

fn title(language: Language, order: &OrderView) -> String {
    match order.status {
        ShownStatus::Of(OrderStatus::PendingPayment) if order.payment_url.is_none() => {
            t::waiting_title(language).to_owned()
        }
        ShownStatus::Of(OrderStatus::PendingPayment) => t::pending_title(language).to_owned(),
        ShownStatus::Of(OrderStatus::Paid) => t::paid_title(language, &order.name),
        ShownStatus::Of(OrderStatus::Preparing) => t::preparing_title(language).to_owned(),
        ShownStatus::Of(OrderStatus::Shipped) => t::shipped_title(language).to_owned(),
        ShownStatus::Of(OrderStatus::Delivered) => t::delivered_title(language).to_owned(),
        ShownStatus::Refunded if order.refund_coming.is_some() => {
            t::returning_title(language).to_owned()
        }
        ShownStatus::Refunded => t::returned_title(language).to_owned(),
        ShownStatus::Of(OrderStatus::Expired) => t::expired_title(language).to_owned(),
        ShownStatus::Of(OrderStatus::Cancelled) => t::cancelled_title(language).to_owned(),
        ShownStatus::TurnedBack => match order.turned_back.map(|back| back.state) {
            Some(WayBack::Done) => t::returned_title(language).to_owned(),
            Some(WayBack::Refused) => t::return_stuck_title(language).to_owned(),
            Some(WayBack::OnItsWay) | None => t::returning_title(language).to_owned(),
        },
        ShownStatus::ForeignMoney => t::foreign_title(language).to_owned(),
    }
}

/// `Pedido D-000147 · Hecho el … · Pagado el …`.
fn dates(language: Language, order: &OrderView) -> String {
    let date = |moment: Timestamp| format::date(language, lima_day(moment));
    let placed = t::placed(language, date(order.placed_at));
    let paid = order.paid_at.map(|moment| t::paid_on(language, date(moment)));
    let parts = [Some(t::number(language, &order.number)), Some(placed), paid];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What the state means for the shopper, and what she can do.
fn lead(language: Language, order: &OrderView, reader: Reader) -> AnyView {
    let count = u32::try_from(order.lines.len()).unwrap_or(u32::MAX);
    match order.status {
        ShownStatus::Of(OrderStatus::PendingPayment) => {
            pending(language, order, count, reader).into_any()
        }
        ShownStatus::Of(OrderStatus::Paid) => {
            words(format!("{} {}", t::paid_text(language), mailed_copy(language, order)))
        }
        ShownStatus::Of(OrderStatus::Preparing) => words(t::preparing_text(language, &order.email)),
        ShownStatus::Of(OrderStatus::Shipped) => words(t::shipped_text(language).to_owned()),
        ShownStatus::Of(OrderStatus::Delivered) => words(t::delivered_text(language).to_owned()),
        ShownStatus::Refunded => {
            with_pieces(language, all_returned(language, order), t::see_pieces(language))
        }
        ShownStatus::Of(OrderStatus::Expired) => {
            with_pieces(language, t::expired_text(language).to_owned(), t::see_pieces(language))
        }
        ShownStatus::Of(OrderStatus::Cancelled) => {
            with_pieces(language, t::cancelled_text(language).to_owned(), t::see_pieces(language))
        }
        ShownStatus::TurnedBack => {
            let text = order.turned_back.map(|back| returned(language, count, back));
            with_pieces(language, text.unwrap_or_default(), t::other_pieces(language))
        }
        ShownStatus::ForeignMoney => words(t::foreign_text(language, &order.number)),
    }
}

/// Whether the confirmation was sent.
fn mailed_copy(language: Language, order: &OrderView) -> String {
    match order.copy {
        MailedCopy::Sent => t::copy_sent(language, &order.email),
        MailedCopy::OnItsWay => t::copy_coming(language, &order.email),
        MailedCopy::Kept => t::copy_kept(language).to_owned(),
    }
}

/// What was refunded of a fully refunded order, and what is still on its way.
fn all_returned(language: Language, order: &OrderView) -> String {
    let amount = |sum| format::money(language, sum);
    match (order.refunded, order.refund_coming) {
        (Some(done), None) => t::all_refunded(language, amount(done)),
        (None, Some(coming)) => t::all_coming(language, amount(coming)),
        _ => parts_returned(language, order).collect::<Vec<_>>().join(" "),
    }
}

/// What was refunded of an order, and what is on its way.
fn parts_returned(language: Language, order: &OrderView) -> impl Iterator<Item = String> + use<> {
    let amount = |sum| format::money(language, sum);
    let done = order.refunded.map(|sum| t::partly_refunded(language, amount(sum)));
    let coming = order.refund_coming.map(|sum| t::partly_coming(language, amount(sum)));
    done.into_iter().chain(coming)
}

/// Why a payment is refunded, and the state of that refund.
fn returned(language: Language, count: u32, back: TurnedBack) -> String {
    format!("{} {}", returns::why(language, count, back.why), returns::way(language, back))
}

fn words(text: String) -> AnyView {
    view! { <p>{text}</p> }.into_any()
}

fn with_pieces(language: Language, text: String, link: &'static str) -> AnyView {
    view! {
        <p>{text}</p>
        <p class="buttons"><a class="button" href=Route::Catalogue.path(language)>{link}</a></p>
    }
    .into_any()
}

/// An unpaid order: pay, correct what was typed, or cancel it, so that the pieces are free at once.
fn pending(
    language: Language,
    order: &OrderView,
    count: u32,
    reader: Reader,
) -> impl IntoView + use<> {
    let held = order.held_until.map(|until| {
        view! { <p>{t::pending_text(language, count, lima_time(until))}</p> }
    });
    let own = Route::Order { secret: order.secret.clone() }.path(language);
    let Some(url) = order.payment_url.clone() else {
        // The provider is processing a payment, or never opened its page: there is nothing to do here.
        let waiting = t::waiting_text(language, &order.email);
        return view! { <p>{waiting}</p>{held}<p><a href=own>{t::pending_reload(language)}</a></p> }.into_any();
    };
    let cancel = Route::OrderCancel { secret: order.secret.clone() }.path(language);
    let correct = (reader == Reader::Shopper).then(|| {
        let form = Route::Checkout.path(language);
        view! { <p><a class="more" href=form>{t::pending_correct(language)}</a></p> }
    });
    view! {
        {held}
        <div class="buttons">
            <a class="button" href=url>{t::pending_go_on(language)}</a>
            <form method="post" action=cancel>
                <button class="button button-plain" type="submit" aria-describedby="cancel-note">
                    {t::pending_cancel(language)}
                </button>
            </form>
        </div>
        <p class="fine" id="cancel-note">{t::pending_cancel_note(language)}</p>
        {correct}
        <p class="notice">{t::pending_wait(language)} " " <a href=own>{t::pending_reload(language)}</a></p>
    }
    .into_any()
}

/// The four steps of a paid order, with the present one marked.
fn progress(language: Language, status: ShownStatus) -> impl IntoView {
    let reached = match status {
        ShownStatus::Of(OrderStatus::Preparing) => 1,
        ShownStatus::Of(OrderStatus::Shipped) => 2,
        ShownStatus::Of(OrderStatus::Delivered) => 3,
        _ => 0,
    };
    let steps = [
        t::step_paid(language),
        t::step_preparing(language),
        t::step_shipped(language),
        t::step_delivered(language),
    ];
    let items = steps.into_iter().enumerate().map(|(index, name)| {
        let (class, state) = match index.cmp(&reached) {
            std::cmp::Ordering::Less => ("step-done", Some(t::step_done(language))),
            std::cmp::Ordering::Equal => ("step-now", Some(t::step_now(language))),
            std::cmp::Ordering::Greater => ("step-ahead", None),
        };
        let current = (index == reached).then_some("step");
        let state = state
            .map(|words| view! { <span class="visually-hidden">{format!(" ({words})")}</span> });
        view! { <li class=class aria-current=current>{name}{state}</li> }
    });
    view! { <ol class="order-steps" role="list" aria-label=t::state(language)>{items.collect_view()}</ol> }
}

fn pieces(language: Language, order: OrderView) -> impl IntoView {
    let count = u32::try_from(order.lines.len()).unwrap_or(u32::MAX);
    let returns = returns_of_paid(language, &order, count);
    let lines = order
        .lines
        .into_iter()
        .map(|line| SummaryLine {
            href: Some(Route::Design { slug: line.slug }.path(language)),
            name: line.name,
            facts: piece_facts(
                language,
                &line.serial,
                line.inner_circumference_tenths_mm,
                line.weight_mg,
            ),
            makers: line.makers,
            price: Some(line.price),
            note: None,
            photo: line.photo,
        })
        .collect();
    view! {
        <section class="panel order-pieces" aria-labelledby="what">
            <h2 id="what">{t::what(language)}</h2>
            <SummaryLines language=language lines=lines/>
            <Sums language=language sums=order.sums count=count/>
            {returns}
        </section>
    }
}

/// Refunds of an order that was sold: parts of it, or a second payment.
fn returns_of_paid(
    language: Language,
    order: &OrderView,
    count: u32,
) -> Option<impl IntoView + use<>> {
    let stray = order.turned_back.map(|back| returned(language, count, back));
    let sentences = parts_returned(language, order).chain(stray);
    order
        .status
        .is_paid()
        .then(|| sentences.map(|text| view! { <p class="notice">{text}</p> }).collect_view())
}

/// The address, when it arrives, and the gift message.
fn destination(language: Language, order: &OrderView) -> impl IntoView + use<> {
    let delivery = &order.delivery;
    let arrives = match delivery.kind {
        DeliveryKind::Pickup => t::ready(language, format::day(language, delivery.from)),
        DeliveryKind::Courier | DeliveryKind::Post => {
            t::arrives(language, arrival(language, delivery.from, delivery.to))
        }
    };
    let address = if delivery.kind == DeliveryKind::Pickup {
        view! { <p>{t::pickup_where(language)}</p> }.into_any()
    } else {
        let lines = std::iter::once(order.name.clone()).chain(order.address.iter().cloned());
        let lines = lines.map(|line| view! { <span dir="auto">{line}</span> }).collect_view();
        view! { <address class="order-address" translate="no">{lines}</address> }.into_any()
    };
    let gift = order.gift_message.clone().map(|message| {
        view! { <h3>{t::gift(language)}</h3><p class="order-gift" translate="no" dir="auto">{message}</p> }
    });
    view! {
        <section class="order-destination" aria-labelledby="where">
            <h2 id="where">{t::where_to(language)}</h2>
            {address}
            <p>{delivery_name(language, delivery.kind)} ". " {arrives} "."</p>
            {gift}
        </section>
    }
}

fn footer(language: Language, order: &OrderView, paid: bool) -> impl IntoView + use<> {
    let receipt = paid.then(|| view! { <p>{t::receipt_hint(language)}</p> });
    let returns = paid.then(|| {
        let href = format!("{}#returns", Route::Shipping.path(language));
        view! { <a href=href>{t::returns(language)}</a> }
    });
    view! {
        <footer class="order-foot fine">
            <p>{t::secret_link(language)}</p>
            {receipt}
            <p>
                <a href=Route::Contact.path(language)>{t::help(language, &order.number)}</a> " "
                {returns}
            </p>
        </footer>
    }
}
