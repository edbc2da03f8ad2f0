//! The pieces of an order and its sums, for the checkout and the order's page.

use domain::language::Language;
use leptos::prelude::*;

use super::format;
use super::makers::names;
use super::photo::Picture;
use crate::backend::shop::{MakerName, OrderSums, Photo};
use crate::i18n::shop::{bag, checkout as t};
use domain::money::Money;

/// One piece of an order.
pub struct SummaryLine {
    /// Name of the design.
    pub name: String,
    /// Path of its page, if it should be a link.
    pub href: Option<String>,
    /// Serial, size and weight in words.
    pub facts: String,
    /// Makers who consent to be named.
    pub makers: Vec<MakerName>,
    /// Price in the order's currency; `None` for a piece that is no longer available.
    pub price: Option<Money>,
    /// Why it is not available.
    pub note: Option<String>,
    /// First photograph.
    pub photo: Option<Photo>,
}

/// Pieces with their prices.
#[component]
pub fn SummaryLines(
    /// Language of the page.
    language: Language,
    /// The pieces.
    lines: Vec<SummaryLine>,
) -> impl IntoView {
    let items = lines
        .into_iter()
        .map(|line| {
            let photo = line
                .photo
                .map(|photo| view! { <Picture photo=photo sizes="5.5rem" decorative=true/> });
            let makers = (!line.makers.is_empty())
                .then(|| view! { <p class="fine" translate="no">{names(language, &line.makers)}</p> });
            let price = match line.price {
                Some(price) => {
                    view! { <span class="price" translate="no">{format::money(language, price)}</span> }.into_any()
                }
                None => view! { <span class="price fine">{bag::not_counted(language)}</span> }
                    .into_any(),
            };
            let name = match line.href {
                Some(href) => view! { <a href=href>{line.name}</a> }.into_any(),
                None => line.name.into_any(),
            };
            view! {
                <li class="sum-line">
                    <div class="sum-photo">{photo}</div>
                    <div>
                        <h3>{name}</h3>
                        <p class="fine" translate="no">{line.facts}</p>
                        {makers}
                        {line.note.map(|words| view! { <p class="line-state">{words}</p> })}
                    </div>
                    {price}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="sum-lines" role="list">{items}</ul> }
}

/// The sums, with the total last.
#[component]
pub fn Sums(
    /// Language of the page.
    language: Language,
    /// The sums.
    sums: OrderSums,
    /// How many pieces.
    count: u32,
) -> impl IntoView {
    let shipping = sums.shipping.map_or_else(
        || t::shipping_open(language).to_owned(),
        |price| format::money(language, price),
    );
    let tax = match (sums.tax_included, tax_percent(&sums)) {
        (Some(tax), Some(percent)) => view! {
            <div class="sum-tax"><dt>{t::tax_included(language, format::percent(language, percent * 100))}</dt><dd translate="no">{format::money(language, tax)}</dd></div>
        }
        .into_any(),
        _ => view! { <div class="sum-tax"><dt>{t::export(language)}</dt><dd></dd></div> }.into_any(),
    };
    view! {
        <dl class="sums">
            <div><dt>{t::piece(language, count)}</dt><dd translate="no">{format::money(language, sums.items)}</dd></div>
            <div><dt>{t::shipping(language)}</dt><dd>{shipping}</dd></div>
            {tax}
            <div class="sum-total"><dt>{t::total(language)}</dt><dd translate="no">{format::money(language, sums.total)}</dd></div>
        </dl>
    }
}

/// The rate of the tax in the total, in whole percent. It is computed from the sums, because the rate
/// is configured and this page does not know it.
#[must_use]
pub fn tax_percent(sums: &OrderSums) -> Option<u32> {
    let tax = sums.tax_included?.amount_minor;
    let base = sums.total.amount_minor.checked_sub(tax).filter(|base| *base > 0)?;
    u32::try_from((tax.checked_mul(100)? + base / 2) / base).ok()
}

/// `N.º 0147, 54 mm, 3,91 g`: the facts by which pieces differ.
#[must_use]
pub fn piece_facts(
    language: Language,
    serial: &str,
    size_tenths_mm: Option<u32>,
    weight_mg: i64,
) -> String {
    let size = size_tenths_mm.map(|tenths| format::millimetres(language, i64::from(tenths) * 10));
    let facts =
        [Some(bag::serial(language, serial)), size, Some(format::weight(language, weight_mg))];
    facts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use domain::money::Currency;

    use super::*;

    #[test]
    fn the_tax_rate_is_computed_from_the_sums() {
        let soles = |minor| Money::new(minor, Currency::Pen);
        let mut sums = OrderSums {
            items: soles(38_000),
            shipping: Some(soles(1_800)),
            tax_included: Some(soles(6_071)),
            total: soles(39_800),
        };
        assert_eq!(tax_percent(&sums), Some(18));
        sums.total = soles(6_071);
        assert_eq!(tax_percent(&sums), None);
        sums.tax_included = None;
        assert_eq!(tax_percent(&sums), None);
    }

    #[test]
    fn the_facts_of_a_piece_are_number_size_and_weight() {
        assert_eq!(
            piece_facts(Language::Es, "0147", Some(540), 3910),
            "N.º 0147, 54\u{a0}mm, 3,91\u{a0}g"
        );
        assert_eq!(piece_facts(Language::En, "0147", None, 3910), "No. 0147, 3.91\u{a0}g");
    }
}
