//! A design as structured data for search engines (schema.org Product with its offers).

use domain::money::format_plain;
use serde_json::{Value, json};

use super::catalogue::filters::category_name;
use crate::backend::shop::{Availability, DesignView, PieceAvailability, Visit};
use crate::components::claim::metal_name;
use crate::components::photo::largest;
use crate::i18n::shared::common;
use crate::i18n::shop::catalogue;
use crate::routes::Route;

/// Product and breadcrumb of the design's page.
pub(super) fn json_ld(visit: &Visit, view: &DesignView) -> Value {
    let language = visit.language;
    let absolute = |path: String| format!("{}{path}", visit.public_url);
    let url = absolute(Route::Design { slug: view.slug.clone() }.path(language));
    let images: Vec<String> =
        view.photos.iter().map(|photo| absolute(largest(photo, "jpg"))).collect();
    let by_category = format!("{}?type={}", Route::Catalogue.path(language), view.category.code());
    let crumb = |position: u32, name: &str, item: String| json!({ "@type": "ListItem", "position": position, "name": name, "item": item });
    json!({
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "Product",
                "name": view.name,
                "description": view.description,
                "url": url,
                "image": images,
                "category": category_name(language, view.category),
                "material": metal_name(language, view.metal, view.fineness_permille),
                "brand": { "@type": "Brand", "name": common::site_name(language) },
                "countryOfOrigin": "PE",
                "offers": offers(view, &url),
            },
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    crumb(1, catalogue::title(language), absolute(Route::Catalogue.path(language))),
                    crumb(2, category_name(language, view.category), absolute(by_category)),
                    crumb(3, &view.name, url.clone()),
                ],
            },
        ],
    })
}

/// One offer for each available piece, or one for the design when there is none.
fn offers(view: &DesignView, url: &str) -> Value {
    let offer = |availability: &str| {
        json!({
            "@type": "Offer",
            "url": url,
            "price": format_plain(view.price),
            "priceCurrency": view.price.currency.code(),
            "availability": format!("https://schema.org/{availability}"),
            "itemCondition": "https://schema.org/NewCondition",
        })
    };
    let free: Vec<Value> = view
        .pieces
        .iter()
        .filter(|piece| piece.availability == PieceAvailability::Available)
        .map(|piece| {
            let mut one = offer("InStock");
            one["sku"] = json!(piece.serial);
            one
        })
        .collect();
    if !free.is_empty() {
        return Value::Array(free);
    }
    match (view.availability, view.made_to_order_days) {
        (Availability::Held, _) => offer("LimitedAvailability"),
        (_, Some(_)) => offer("MadeToOrder"),
        (_, None) => offer("SoldOut"),
    }
}
