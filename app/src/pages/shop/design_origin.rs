//! Where a piece comes from, step by step, as far as documents and the workshop's books say.

use domain::language::Language;
use domain::metal::Metal;
use leptos::prelude::*;

use super::design_facts::{sentence_case, step};
use crate::backend::shop::{DesignView, LotArrival, MetalOrigin, Provenance, WorkshopFacts};
use crate::components::claim::claim_words;
use crate::components::format;
use crate::components::timeline::{Station, Timeline};
use crate::i18n::shop::design as t;
use crate::routes::Route;

/// The origin of each piece. One piece is shown at once; several are each in a `<details>` with their
/// number.
pub(super) fn ways(language: Language, view: &DesignView) -> AnyView {
    match view.provenances.as_slice() {
        [] => view! { <Timeline stations=vec![you(language, t::you_text(language).to_owned())]/> }
            .into_any(),
        [one] => timeline(language, one),
        many => {
            let ways = many
                .iter()
                .enumerate()
                .map(|(index, provenance)| {
                    view! {
                        // The browser keeps only one `<details>` with this name open.
                        <details class="way-of-piece" name="way" open=index == 0>
                            <summary>{title(language, view, provenance)}</summary>
                            {timeline(language, provenance)}
                        </details>
                    }
                })
                .collect_view();
            view! { <div class="ways">{ways}</div> }.into_any()
        }
    }
}

/// Which piece it is: its number and its size.
fn title(language: Language, view: &DesignView, provenance: &Provenance) -> String {
    let serial = &provenance.workshop.serial;
    let size = view.pieces.iter().find(|piece| piece.serial == *serial);
    let serial = t::serial(language, serial);
    match size.and_then(|piece| piece.inner_circumference_tenths_mm) {
        Some(tenths) => {
            let size = format::millimetres(language, i64::from(tenths) * 10);
            t::origin_piece_sized(language, serial, size)
        }
        None => t::origin_piece(language, serial),
    }
}

fn timeline(language: Language, provenance: &Provenance) -> AnyView {
    let Provenance { origins, workshop: facts } = provenance;
    // Gold comes first, because its origin is usually documented best.
    let mut origins: Vec<&MetalOrigin> = origins.iter().collect();
    origins.sort_by_key(|origin| origin.certificate.is_none());
    let mut stations: Vec<Station> =
        origins.into_iter().map(|origin| metal(language, origin)).collect();
    stations.push(workshop(language, facts));
    stations.extend(hands(language, facts));
    stations.push(you(language, t::you_text_serial(language, &facts.serial)));
    view! { <Timeline stations=stations/> }.into_any()
}

fn you(language: Language, words: String) -> Station {
    Station { title: t::you(language).to_owned(), body: view! { <p>{words}</p> }.into_any() }
}

fn metal(language: Language, origin: &MetalOrigin) -> Station {
    let title = match origin.metal {
        Metal::Gold => t::origin_gold(language),
        Metal::Silver => t::origin_silver(language),
    };
    let amount = format::weight_exact(language, origin.amount_mg);
    let received = format::date(language, origin.received_on);
    let code = &origin.lot_code;
    let lot = match &origin.arrival {
        LotArrival::Consigned { supplier } => {
            t::origin_lot_consigned(language, amount, code, supplier, received)
        }
        LotArrival::Bought { supplier } => {
            t::origin_lot_bought(language, amount, code, supplier, received)
        }
        LotArrival::Melted { of, .. } => {
            let lots: Vec<String> = of.iter().map(|(code, _)| code.clone()).collect();
            let count = u32::try_from(lots.len()).unwrap_or(u32::MAX);
            let lots = format::list(language, &lots);
            t::origin_lot_melted(language, count, amount, code, received, lots)
        }
    };
    // The claim decides whether a certificate may be named.
    let certificate =
        origin.certificate.as_ref().filter(|_| !origin.claim.certificates().is_empty()).map(
            |certificate| {
                t::origin_certificate(
                    language,
                    &certificate.number,
                    format::date(language, certificate.valid_from),
                    format::date(language, certificate.valid_until),
                )
            },
        );
    let page = Route::Origin.path(language);
    let certificate =
        certificate.map(|words| view! { <p><a class="more doc" href=page.clone()>{words}</a></p> });
    let papers = (!origin.documents.is_empty()).then(|| {
        let href = format!("{page}#lot-{}", crate::routes::encode(&origin.lot_code));
        view! { <p><a class="more doc" href=href>{t::origin_papers(language, &origin.lot_code)}</a></p> }
    });
    Station {
        title: title.to_owned(),
        body: view! { <p>{claim_words(language, origin)}</p><p>{lot}</p>{certificate}{papers} }
            .into_any(),
    }
}

fn workshop(language: Language, facts: &WorkshopFacts) -> Station {
    let weight = |mg| format::weight_exact(language, mg);
    let words = if facts.scrap_mg + facts.loss_mg > 0 {
        t::workshop_metal(
            language,
            weight(facts.issued_mg),
            &facts.serial,
            weight(facts.in_piece_mg),
            weight(facts.scrap_mg),
            weight(facts.loss_mg),
        )
    } else {
        t::workshop_metal_whole(
            language,
            weight(facts.issued_mg),
            &facts.serial,
            weight(facts.in_piece_mg),
        )
    };
    Station { title: t::workshop(language).to_owned(), body: view! { <p>{words}</p> }.into_any() }
}

fn hands(language: Language, facts: &WorkshopFacts) -> Option<Station> {
    let mut sentences: Vec<String> = facts
        .steps
        .iter()
        .map(|(maker, steps)| {
            let steps: Vec<String> = steps.iter().map(|code| step(language, code)).collect();
            let who =
                maker.as_ref().map_or(t::hands_unnamed(language), |maker| maker.name.as_str());
            let full_stop = if who.ends_with('.') { "" } else { "." };
            format!("{}: {who}{full_stop}", sentence_case(&format::list(language, &steps)))
        })
        .collect();
    sentences
        .extend(facts.inspected_on.map(|day| t::inspected(language, format::day(language, day))));
    let title = t::hands(language).to_owned();
    (!sentences.is_empty())
        .then(|| Station { title, body: view! { <p>{sentences.join(" ")}</p> }.into_any() })
}
