//! Where parcels are sent, what that costs, and how a piece is returned.

use domain::language::Language;
use domain::shipping::ShippingZone;
use leptos::prelude::*;

use crate::Page;
use crate::backend::BackendResult;
use crate::backend::shop::{ShippingView, ShippingZoneView, ShopBackend, Visit};
use crate::components::format;
use crate::i18n::shop::info as t;
use crate::routes::Route;
use crate::shell::{self, Head};

/// The page on shipping and returns.
///
/// # Errors
/// When the backend does not answer.
pub async fn page(backend: &dyn ShopBackend, visit: &Visit) -> BackendResult<Page> {
    let shipping = backend.shipping(visit).await?;
    let language = visit.language;
    let head =
        Head::new(t::shipping_title(language), t::shipping_description(language), Route::Shipping);
    Ok(shell::page(visit, head, move || body(language, shipping)))
}

fn body(language: Language, shipping: ShippingView) -> impl IntoView {
    let returns = match shipping.return_days {
        0 => t::returns_text_none(language).to_owned(),
        days => t::returns_text(language, days),
    };
    let limit = format::money_short(language, shipping.abroad_limit);
    view! {
        <article class="wrap page-info">
            <header class="page-top">
                <h1>{t::shipping_title(language)}</h1>
                <p>{t::shipping_lead(language)}</p>
            </header>
            {table(language, shipping.zones)}
            <div class="info-parts">
                <section>
                    <h2>{t::shipping_abroad(language)}</h2>
                    <p>{t::shipping_abroad_text(language, limit)}</p>
                </section>
                <section>
                    <h2>{t::shipping_order(language)}</h2>
                    <p>{t::shipping_order_text(language)}</p>
                </section>
                <section id="returns">
                    <h2>{t::returns(language)}</h2>
                    <p>{returns}</p>
                    <p><a href=Route::RingSizes.path(language)>{t::sizes_title(language)}</a></p>
                </section>
                <section>
                    <h2>{t::returns_wrong(language)}</h2>
                    <p>{t::returns_wrong_text(language)}</p>
                    <ul class="info-links" role="list">
                        <li><a href=Route::Contact.path(language)>{t::contact_title(language)}</a></li>
                        <li><a href=Route::Complaints.path(language)>{t::complaints_title(language)}</a></li>
                    </ul>
                </section>
            </div>
        </article>
    }
}

fn table(language: Language, zones: Vec<ShippingZoneView>) -> impl IntoView {
    let rows = zones
        .into_iter()
        .map(|zone| {
            let price = if zone.from_price.amount_minor == 0 {
                t::shipping_free(language).to_owned()
            } else {
                format::money(language, zone.from_price)
            };
            let days = match (zone.days_min, zone.days_max) {
                (0, 0) => t::shipping_days_same(language).to_owned(),
                (0, max) => t::shipping_days_upto(language, max),
                (min, max) if min == max => min.to_string(),
                (min, max) => t::shipping_days_range(language, min, max),
            };
            view! { <tr><th scope="row">{zone_name(language, &zone.code)}</th><td>{price}</td><td>{days}</td></tr> }
        })
        .collect_view();
    view! {
        <table class="info-table">
            <caption class="visually-hidden">{t::shipping_table(language)}</caption>
            <thead>
                <tr>
                    <th scope="col">{t::shipping_to(language)}</th>
                    <th scope="col">{t::shipping_from(language)}</th>
                    <th scope="col">{t::shipping_days(language)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The name of a zone of the tariff. An unknown code is shown as it is, with spaces.
fn zone_name(language: Language, code: &str) -> String {
    let Some(zone) = ShippingZone::from_name(code) else {
        return code.replace('_', " ");
    };
    let name = match zone {
        ShippingZone::PickupJuliaca => t::zone_pickup(language),
        ShippingZone::PeruLima => t::zone_lima(language),
        ShippingZone::PeruProvinces => t::zone_provinces(language),
        ShippingZone::LatinAmerica => t::zone_latin_america(language),
        ShippingZone::NorthAmerica => t::zone_north_america(language),
        ShippingZone::Europe => t::zone_europe(language),
        ShippingZone::RestOfWorld => t::zone_world(language),
    };
    name.to_owned()
}
