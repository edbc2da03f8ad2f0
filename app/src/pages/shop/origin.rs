//! Where the metal comes from: mines, certificates with their dates, and lots with the present place of
//! every gram. What may be said of a lot is computed (see `domain::claims`).

use domain::language::Language;
use jiff::civil::Date;
use leptos::prelude::*;

use crate::Page;
use crate::backend::BackendResult;
use crate::backend::shop::{
    CertificateView, LotArrival, LotView, MetalOrigin, MineView, OriginView, ShopBackend, Visit,
};
use crate::components::claim::{arrival_words, claim_words, metal_name};
use crate::components::format;
use crate::components::photo::Picture;
use crate::i18n::shop::origin as t;
use crate::routes::Route;
use crate::shell::{self, Head, Section};

/// The page on the metal.
///
/// # Errors
/// When the backend does not answer.
pub async fn page(backend: &dyn ShopBackend, visit: &Visit) -> BackendResult<Page> {
    let origin = backend.origin(visit).await?;
    let (language, today) = (visit.language, visit.today);
    let head = Head {
        section: Some(Section::Origin),
        ..Head::new(t::title(language), t::description(language), Route::Origin)
    };
    let pieces = visit.has.designs;
    Ok(shell::page(visit, head, move || body(language, today, pieces, origin)))
}

fn body(language: Language, today: Date, pieces: bool, origin: OriginView) -> impl IntoView {
    let pieces = pieces.then(|| view! { <p><a class="button" href=Route::Catalogue.path(language)>{t::see_pieces(language)}</a></p> });
    let photo = origin.photo.map(|photo| {
        view! { <div class="origin-photo"><Picture photo=photo sizes="100vw" eager=true/></div> }
    });
    let mines = if origin.mines.is_empty() {
        view! { <p>{t::no_mines(language)}</p> }.into_any()
    } else {
        let mines = origin.mines.into_iter().map(|mine| mine_view(language, today, mine));
        view! {
            <p class="origin-note">{t::mines_note(language)}</p>
            {mines.collect_view()}
            <p class="fine origin-note">{t::mines_whose(language)}</p>
        }
        .into_any()
    };
    let lots = if origin.lots.is_empty() {
        view! { <p>{t::no_lots(language)}</p> }.into_any()
    } else {
        let lots = origin.lots.into_iter().map(|lot| lot_view(language, lot)).collect_view();
        view! { <p class="origin-note">{t::lots_note(language)}</p><div class="lots">{lots}</div> }
            .into_any()
    };
    view! {
        <article class="page-origin">
            {photo}
            <div class="wrap">
                <header class="page-top">
                    <h1>{t::title(language)}</h1>
                    <p>{t::lead(language)}</p>
                </header>
                <section aria-labelledby="mines">
                    <h2 id="mines">{t::mines(language)}</h2>
                    {mines}
                </section>
                <section aria-labelledby="lots">
                    <h2 id="lots">{t::lots(language)}</h2>
                    {lots}
                </section>
                {words(language)}
                {pieces}
            </div>
        </article>
    }
}

fn mine_view(language: Language, today: Date, mine: MineView) -> impl IntoView {
    let altitude =
        mine.altitude_m.map(|metres| t::altitude(language, format::group(language, metres)));
    let place: Vec<String> = [Some(mine.place), altitude].into_iter().flatten().collect();
    let certificates = if mine.certificates.is_empty() {
        view! { <p>{t::no_certificates(language)}</p> }.into_any()
    } else {
        certificate_table(language, today, &mine.name, mine.certificates).into_any()
    };
    view! {
        <section class="mine">
            <h3 translate="no">{mine.name}</h3>
            <p class="fine">{place.join(", ")}</p>
            {certificates}
        </section>
    }
}

fn certificate_table(
    language: Language,
    today: Date,
    mine: &str,
    certificates: Vec<CertificateView>,
) -> impl IntoView + use<> {
    let rows = certificates.into_iter().map(|certificate| {
        let (class, state) = certificate_state(language, today, &certificate);
        let valid = t::valid_range(
            language,
            format::date(language, certificate.valid_from),
            format::date(language, certificate.valid_until),
        );
        let kind = certificate.ecological.then(|| view! { <small>{t::ecological(language)}</small> });
        let number = (!certificate.number.is_empty()).then(|| {
            view! { <small>{t::certificate_number(language, certificate.number)}</small> }
        });
        view! {
            <tr class=class>
                <th scope="row">{t::certificate_named(language, certificate.scheme)}{kind}{number}</th>
                <td data-label=t::validity(language)>{valid}</td>
                <td data-label=t::state(language)><span class="certificate-state">{state}</span></td>
            </tr>
        }
    });
    view! {
        <table class="info-table certificates">
            <caption class="visually-hidden">{mine.to_owned()}</caption>
            <thead>
                <tr>
                    <th scope="col">{t::certificate(language)}</th>
                    <th scope="col">{t::validity(language)}</th>
                    <th scope="col">{t::state(language)}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

/// Whether a certificate is valid today. Its first and last day are included.
fn certificate_state(
    language: Language,
    today: Date,
    certificate: &CertificateView,
) -> (&'static str, String) {
    if today > certificate.valid_until {
        (
            "certificate-expired",
            t::state_expired(language, format::date(language, certificate.valid_until)),
        )
    } else if today < certificate.valid_from {
        (
            "certificate-future",
            t::state_future(language, format::date(language, certificate.valid_from)),
        )
    } else {
        ("certificate-valid", t::state_valid(language).to_owned())
    }
}

fn lot_view(language: Language, lot: LotView) -> impl IntoView {
    let balance = balance(language, &lot);
    let origin = lot.origin;
    let id = format!("lot-{}", origin.lot_code);
    let metal = metal_name(language, origin.metal, origin.fineness_permille);
    let arrival = arrival_words(language, &origin);
    let claim = claim_words(language, &origin);
    let became = u32::try_from(lot.became.len()).ok().filter(|count| *count > 0).map(|count| {
        let lots = format::list(language, &lot.became);
        view! { <p>{t::became(language, count, lots)}</p> }
    });
    let heading = id.clone();
    view! {
        <section class="lot panel" id=id aria-labelledby=format!("{heading}-title")>
            <h3 id=format!("{heading}-title")>{t::lot(language, &origin.lot_code)} <span class="lot-metal">{metal}</span></h3>
            <p>{arrival} " " {claim}</p>
            {became}
            {documents(language, &origin)}
            {balance}
        </section>
    }
}

fn documents(language: Language, origin: &MetalOrigin) -> impl IntoView + use<> {
    if origin.documents.is_empty() {
        return view! { <p class="fine">{t::documents_none(language)}</p> }.into_any();
    }
    let items = origin
        .documents
        .iter()
        .map(|document| {
            let words = match document.dated_on {
                Some(date) => {
                    t::document_dated(language, &document.title, format::date(language, date))
                }
                None => document.title.clone(),
            };
            view! { <li>{words}</li> }
        })
        .collect_view();
    view! {
        <p class="lot-papers-title">{t::documents(language)}</p>
        <ul class="lot-papers">{items}</ul>
    }
    .into_any()
}

/// Where the metal of the lot is: a bar, and a table with the same numbers.
fn balance(language: Language, lot: &LotView) -> impl IntoView + use<> {
    let code = &lot.origin.lot_code;
    let parts = [
        ("m-pieces", t::in_pieces(language), lot.in_pieces_mg),
        ("m-scrap", t::scrap(language), lot.scrap_mg),
        ("m-loss", t::loss(language), lot.loss_mg),
        ("m-returned", t::returned(language), lot.returned_mg),
        ("m-melted", t::melted(language), lot.melted_mg),
        ("m-hand", t::on_hand(language), lot.on_hand_mg),
    ];
    let whole = lot.received_mg.max(1);
    let mut upto = 0;
    let segments = parts.map(|(class, _, mg)| {
        // In thousandths of the bar. The ends are rounded, not the widths, so that there is no gap.
        let from = upto * 1000 / whole;
        upto += mg.max(0);
        let width = (upto * 1000 / whole - from).clamp(0, 1000);
        view! { <rect class=class x=from width=width height="1"/> }
    });
    let shares = format::shares_in_percent(language, &parts.map(|(_, _, mg)| mg));
    let rows = parts.into_iter().zip(shares).map(|((class, name, mg), share)| {
        view! {
            <tr class=class>
                <th scope="row">{name}</th>
                <td translate="no">{format::weight_exact(language, mg)}</td>
                <td class="fine">{share}</td>
            </tr>
        }
    });
    let came = match lot.origin.arrival {
        LotArrival::Melted { .. } => t::came_out(language),
        LotArrival::Consigned { .. } | LotArrival::Bought { .. } => t::received(language),
    };
    view! {
        <div class="balance">
            <h4>{t::where_now(language)}</h4>
            <svg class="money-bar balance-bar" viewBox="0 0 1000 1" preserveAspectRatio="none" width="1000" height="24" aria-hidden="true">
                {segments.into_iter().collect_view()}
            </svg>
            <table class="money-table">
                <caption class="visually-hidden">{t::balance_of(language, code)}</caption>
                <thead class="visually-hidden">
                    <tr>
                        <th scope="col">{t::part(language)}</th>
                        <th scope="col">{t::weight(language)}</th>
                        <th scope="col">{t::share(language)}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
                <tfoot>
                    <tr>
                        <th scope="row">{came}</th>
                        <td translate="no">{format::weight_exact(language, lot.received_mg)}</td>
                        <td></td>
                    </tr>
                </tfoot>
            </table>
        </div>
    }
}

fn words(language: Language) -> impl IntoView {
    let words = [
        (t::word_consigned(language), t::word_consigned_text(language)),
        (t::scrap(language), t::word_scrap_text(language)),
        (t::loss(language), t::word_loss_text(language)),
        (t::melted(language), t::word_melted_text(language)),
        (t::on_hand(language), t::word_on_hand_text(language)),
        (t::word_fineness(language), t::word_fineness_text(language)),
    ]
    .map(|(word, text)| view! { <dt>{word}</dt><dd>{text}</dd> });
    view! {
        <section aria-labelledby="words">
            <h2 id="words">{t::words(language)}</h2>
            <dl class="info-words origin-words">{words.into_iter().collect_view()}</dl>
        </section>
    }
}
