//! The column with price, pieces, the button to buy, and delivery.

use domain::language::Language;
use domain::money::{Currency, Money};
use domain::ring_size::RingSize;
use domain::shipping::DeliveryKind;
use leptos::prelude::*;

use super::design_facts;
use crate::backend::shop::{Availability, DesignView, PieceAvailability, PieceView, Visit};
use crate::components::clock::lima_time;
use crate::components::delivery::arrival;
use crate::components::format;
use crate::components::makers::{MakerLinks, Portrait, short_names};
use crate::i18n::shop::design as t;
use crate::routes::Route;

/// Name of the form's value with the piece's id; the server's handler reads it.
pub const PIECE: &str = "piece";

/// Sold pieces shown in the list; the others are counted.
const SOLD_SHOWN: usize = 2;
/// Most pieces in the list.
const MOST_PIECES: usize = 24;

/// The column beside the gallery.
pub(super) fn column(visit: &Visit, view: &DesignView) -> impl IntoView + use<> {
    let language = visit.language;
    let names = view.makers.iter().map(|maker| crate::backend::shop::MakerName {
        slug: maker.slug.clone(),
        name: maker.name.clone(),
    });
    let makers = (!view.makers.is_empty()).then(|| {
        let faces = view.makers.iter().take(4).map(|maker| view! { <Portrait slug=maker.slug.clone() photo=maker.portrait.clone() size=40/> }).collect_view();
        view! {
            <p class="by">
                <span class="by-faces">{faces}</span>
                <span>{t::made_by(language)}" "<MakerLinks language=language makers=names.collect()/></span>
            </p>
        }
    });
    let tax = match view.otherwise {
        Some(price) => format!("{} · {}", t::tax(language), otherwise(language, price)),
        None => t::tax(language).to_owned(),
    };
    view! {
        <div class="buy">
            <h1>{view.name.clone()}</h1>
            {makers}
            <p class="buy-price"><span class="price" translate="no">{format::money(language, view.charged)}</span><span class="fine">{tax}</span></p>
            {offer(language, view)}
            <p class="fine">{delivery(language, view)}</p>
            {facts(language, view)}
        </div>
    }
    .into_any()
}

/// The price in another currency, which is charged only if the visitor chooses that currency.
fn otherwise(language: Language, price: Money) -> String {
    let amount = format::money(language, price);
    match price.currency {
        Currency::Pen => t::otherwise_pen(language, amount),
        Currency::Usd => t::otherwise_usd(language, amount),
        Currency::Eur => t::otherwise_eur(language, amount),
    }
}

/// The form with the pieces, or a notice when none is available.
fn offer(language: Language, view: &DesignView) -> impl IntoView + use<> {
    let can_be_had =
        view.pieces.iter().any(|piece| piece.availability == PieceAvailability::Available);
    let choices = choices(language, &view.pieces);
    if can_be_had {
        return view! {
            <form class="offer" method="post" action=Route::BagAdd.path(language)>
                {choices}
                <button class="button button-wide">{t::add(language)}</button>
            </form>
        }
        .into_any();
    }
    let (words, ask) = match view.availability {
        Availability::Held => (t::unavailable_held(language).to_owned(), false),
        _ => match view.made_to_order_days {
            Some(days) => (t::to_order(language, days), true),
            None => (t::unavailable_sold(language).to_owned(), false),
        },
    };
    let ask = ask.then(|| view! { <a class="button button-wide" href=Route::Contact.path(language)>{t::to_order_ask(language)}</a> });
    view! { <div class="offer">{choices}<p class="notice">{words}</p>{ask}</div> }.into_any()
}

fn choices(language: Language, pieces: &[PieceView]) -> impl IntoView + use<> {
    if pieces.is_empty() {
        return ().into_any();
    }
    let sold = |piece: &&PieceView| matches!(piece.availability, PieceAvailability::Sold { .. });
    let first_free = pieces.iter().find(|piece| piece.availability == PieceAvailability::Available);
    let rows = pieces
        .iter()
        .filter(|piece| !sold(piece))
        .chain(pieces.iter().filter(sold).take(SOLD_SHOWN))
        .take(MOST_PIECES)
        .map(|piece| choice(language, piece, first_free.is_some_and(|free| free.id == piece.id)))
        .collect_view();
    let hidden = pieces.iter().filter(sold).count().saturating_sub(SOLD_SHOWN);
    let more = u32::try_from(hidden).ok().filter(|count| *count > 0).map(|count| {
        view! { <p class="choice-more fine">{t::pieces_more_sold(language, count)}</p> }
    });
    let rings = pieces.iter().any(|piece| piece.inner_circumference_tenths_mm.is_some());
    let help = rings.then(|| view! { <a class="more" href=Route::RingSizes.path(language)>{t::my_size(language)}</a> });
    let title = if pieces.len() > 1 { t::choose(language) } else { t::your_piece(language) };
    view! {
        <fieldset>
            <legend>{title}</legend>
            {help}
            <div class="choices">{rows}{more}</div>
        </fieldset>
    }
    .into_any()
}

fn choice(language: Language, piece: &PieceView, chosen: bool) -> impl IntoView + use<> {
    let free = piece.availability == PieceAvailability::Available;
    let state = match piece.availability {
        PieceAvailability::Available => t::piece_available(language).to_owned(),
        PieceAvailability::Held { until } => t::piece_held(language, lima_time(until)),
        PieceAvailability::Sold { on } => t::piece_sold(language, format::day(language, on)),
    };
    let serial = t::serial(language, &piece.serial);
    let makers = short_names(language, &piece.makers);
    let makers = (!makers.is_empty()).then(|| view! { <small translate="no">{makers}</small> });
    let words = match piece.inner_circumference_tenths_mm {
        Some(tenths) => {
            let us = ring_size(tenths)
                .and_then(RingSize::us)
                .map(|us| format!(" · {}", t::us_size(language, us)));
            let mm = format::millimetres(language, i64::from(tenths) * 10);
            view! { <span><b translate="no">{mm}</b>{us}<small>{serial}" · "{state}</small>{makers}</span> }
                .into_any()
        }
        None => view! { <span><b translate="no">{serial}</b><small>{state}</small>{makers}</span> }
            .into_any(),
    };
    view! {
        <label class=if free { "choice" } else { "choice choice-off" }>
            <input type="radio" name=PIECE value=piece.id.clone() checked=chosen disabled=!free required=free/>
            {words}
            <span class="num" translate="no">{format::weight(language, piece.weight_mg)}</span>
        </label>
    }
}

/// The ring size; `None` for a circumference that no ring has.
fn ring_size(tenths: u32) -> Option<RingSize> {
    RingSize::from_tenths_mm(u16::try_from(tenths).ok()?).ok()
}

fn delivery(language: Language, view: &DesignView) -> String {
    let mut sentences: Vec<String> = view
        .delivery
        .iter()
        .map(|estimate| match estimate.kind {
            DeliveryKind::Courier => {
                t::arrives_lima(language, arrival(language, estimate.from, estimate.to))
            }
            DeliveryKind::Post => {
                t::arrives_abroad(language, arrival(language, estimate.from, estimate.to))
            }
            DeliveryKind::Pickup => t::pickup_from(language, format::day(language, estimate.from)),
        })
        .collect();
    sentences.push(match view.return_days {
        0 => t::returns_none(language).to_owned(),
        days => t::returns(language, days),
    });
    sentences.join(" ")
}

fn facts(language: Language, view: &DesignView) -> impl IntoView + use<> {
    let rows = design_facts::rows(language, view)
        .into_iter()
        .map(|(name, text)| view! { <div><dt>{name}</dt><dd>{text}</dd></div> })
        .collect_view();
    view! { <dl class="facts">{rows}</dl> }
}
