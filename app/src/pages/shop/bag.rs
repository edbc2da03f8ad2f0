//! The bag: the pieces that the visitor chose, with their present price and availability.

use domain::language::Language;
use domain::slug::Slugs;
use jiff::Timestamp;
use leptos::prelude::*;

use crate::Page;
use crate::backend::shop::{BagLine, BagView, PieceAvailability, Visit};
use crate::components::clock::lima_time;
use crate::components::format;
use crate::components::makers::names;
use crate::components::photo::Picture;
use crate::components::summary::piece_facts;
use crate::i18n::shop::bag as t;
use crate::routes::Route;
use crate::shell::{self, Head, Section};

/// What just happened to the bag. It is shown at the top of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BagNotice {
    /// The piece (name of its design) was put in.
    Added(String),
    /// The piece was in the bag already.
    AlreadyIn,
    /// A piece was taken out.
    Removed,
    /// Somebody else is paying for the piece; it was not put in.
    Held {
        /// When the piece is free again if that person does not pay.
        until: Timestamp,
        /// Address of its design, where its other pieces are offered.
        slug: Slugs,
    },
    /// Somebody else bought the piece; it was not put in.
    Sold {
        /// Address of its design, where its other pieces are offered.
        slug: Slugs,
    },
    /// No such piece is for sale.
    Unknown,
    /// The bag is full.
    Full {
        /// Most pieces.
        limit: u32,
    },
    /// The browser keeps no cookie, so nothing could be put in.
    NotKept {
        /// Address of the design, to try again.
        slug: Option<Slugs>,
    },
}

impl BagNotice {
    /// Whether the visitor's request was refused.
    const fn is_bad(&self) -> bool {
        !matches!(self, Self::Added(_) | Self::AlreadyIn | Self::Removed)
    }

    fn words(&self, language: Language) -> String {
        match self {
            Self::Added(name) => t::notice_added(language, name),
            Self::AlreadyIn => t::notice_already(language).to_owned(),
            Self::Removed => t::notice_removed(language).to_owned(),
            Self::Held { until, .. } => t::notice_held(language, lima_time(*until)),
            Self::Sold { .. } => t::notice_sold(language).to_owned(),
            Self::Unknown => t::notice_unknown(language).to_owned(),
            Self::Full { limit } => t::notice_full(language, limit),
            Self::NotKept { .. } => t::notice_not_kept(language).to_owned(),
        }
    }
}

/// The bag with an HTTP status: 200, or 409 when a piece could not be put in and the visitor has no
/// session that could keep the notice for the next page.
#[must_use]
pub fn page(visit: &Visit, bag: &BagView, notices: &[BagNotice], status: u16) -> Page {
    let language = visit.language;
    // A crawler sees an empty bag, which search engines may list like any page.
    let head = Head {
        section: Some(Section::Bag),
        ..Head::new(t::title(language), t::description(language), Route::Bag)
    };
    let (bag, notices) = (bag.clone(), notices.to_vec());
    let pieces = visit.has.designs;
    Page { status, html: shell::render(visit, head, move || body(language, pieces, bag, notices)) }
}

fn body(language: Language, pieces: bool, bag: BagView, notices: Vec<BagNotice>) -> impl IntoView {
    let notices = notices.iter().map(|notice| notice_box(language, notice)).collect_view();
    let content = if bag.lines.is_empty() {
        empty(language, pieces).into_any()
    } else {
        full(language, bag).into_any()
    };
    view! {
        <div class="wrap page-bag">
            <header class="page-top"><h1>{t::title(language)}</h1></header>
            {notices}
            {content}
        </div>
    }
}

fn notice_box(language: Language, notice: &BagNotice) -> impl IntoView + use<> {
    let class = if notice.is_bad() { "notice notice-bad" } else { "notice" };
    let link = match notice {
        BagNotice::Held { slug, .. } | BagNotice::Sold { slug } => {
            Some((slug.clone(), t::others_of(language)))
        }
        BagNotice::NotKept { slug: Some(slug) } => Some((slug.clone(), t::back_to_piece(language))),
        _ => None,
    };
    let others = link.map(|(slug, words)| {
        view! { <p><a href=Route::Design { slug }.path(language)>{words}</a></p> }
    });
    view! { <div class=class role="status"><p>{notice.words(language)}</p>{others}</div> }
}

fn empty(language: Language, pieces: bool) -> impl IntoView {
    let pieces = pieces.then(|| view! { <p><a class="button" href=Route::Catalogue.path(language)>{t::see_pieces(language)}</a></p> });
    view! {
        <div class="bag-empty">
            <p class="display">{t::empty(language)}</p>
            <p class="fine">{t::empty_text(language)}</p>
            {pieces}
        </div>
    }
}

fn full(language: Language, bag: BagView) -> impl IntoView {
    let free = available(&bag);
    let (subtotal, soles) = (bag.subtotal(), bag.subtotal_in_soles());
    let in_soles = (soles.currency != subtotal.currency).then(|| {
        let words = t::otherwise_soles(language, format::money(language, soles));
        view! { <p class="fine">{words}</p> }
    });
    let lines = bag.lines.into_iter().map(|line| line_view(language, line)).collect_view();
    let summary = if free == 0 {
        view! {
            <p>{t::nothing_left(language)}</p>
            <a class="button button-wide" href=Route::Catalogue.path(language)>{t::see_pieces(language)}</a>
        }
        .into_any()
    } else {
        view! {
            <p class="bag-total"><span>{t::subtotal(language, free)}</span><span class="price" translate="no">{format::money(language, subtotal)}</span></p>
            {in_soles}
            <p class="fine">{t::shipping_later(language)}</p>
            <a class="button button-wide" href=Route::Checkout.path(language)>{t::checkout(language)}</a>
            <p class="fine">{t::no_hold(language)}</p>
            <p><a class="more" href=Route::Catalogue.path(language)>{t::go_on(language)}</a></p>
        }
        .into_any()
    };
    view! {
        <div class="bag-columns">
            <ul class="lines" role="list">{lines}</ul>
            <section class="panel bag-summary" aria-labelledby="summary">
                <h2 id="summary">{t::summary(language)}</h2>
                {summary}
            </section>
        </div>
    }
}

fn line_view(language: Language, line: BagLine) -> impl IntoView {
    let href = Route::Design { slug: line.slug.clone() }.path(language);
    let facts =
        piece_facts(language, &line.serial, line.inner_circumference_tenths_mm, line.weight_mg);
    let makers = (!line.makers.is_empty())
        .then(|| view! { <p class="fine" translate="no">{names(language, &line.makers)}</p> });
    let photo =
        line.photo.map(|photo| view! { <Picture photo=photo sizes="6.5rem" decorative=true/> });
    let gone = why_not(language, line.availability);
    let class = if gone.is_some() { "line line-gone" } else { "line" };
    let gone = gone.map(|words| {
        let others = href.clone();
        view! { <p class="line-state">{words} " " <a href=others>{t::others_of(language)}</a></p> }
    });
    let remove_label = t::remove_named(language, &line.name, &line.serial);
    let price = if gone.is_some() {
        view! { <span class="fine">{t::not_counted(language)}</span> }.into_any()
    } else {
        view! { <span class="price" translate="no">{format::money(language, line.charged)}</span> }
            .into_any()
    };
    view! {
        <li class=class>
            <div class="line-photo">{photo}</div>
            <div class="line-words">
                <h2><a href=href>{line.name}</a></h2>
                <p class="fine" translate="no">{facts}</p>
                {makers}
                {gone}
            </div>
            <div class="line-end">
                {price}
                <form method="post" action=Route::BagRemove.path(language)>
                    <input type="hidden" name="piece" value=line.piece_id/>
                    <button class="link-button" type="submit" aria-label=remove_label>{t::remove(language)}</button>
                </form>
            </div>
        </li>
    }
}

/// Why a piece is not available to this visitor, or `None` when it is.
pub(super) fn why_not(language: Language, availability: PieceAvailability) -> Option<String> {
    match availability {
        PieceAvailability::Available => None,
        PieceAvailability::Held { until } => Some(t::held(language, lima_time(until))),
        PieceAvailability::Sold { on } => Some(t::sold(language, format::day(language, on))),
    }
}

/// Number of pieces of the bag that are available to this visitor.
pub(super) fn available(bag: &BagView) -> u32 {
    let free =
        bag.lines.iter().filter(|line| line.availability == PieceAvailability::Available).count();
    u32::try_from(free).unwrap_or(u32::MAX)
}
