//! "Where your money goes": a price as one stacked bar, with the same figures as a table.

use domain::language::Language;
use leptos::prelude::*;

use super::format;
use crate::backend::shop::{MoneyBreakdown, MoneyPartKind};
use crate::i18n::shared::common;

/// The name of a part of the price.
#[must_use]
pub fn part_name(language: Language, kind: &MoneyPartKind, makers: u32) -> String {
    match kind {
        // No work is closed yet, so the makers' part is held.
        MoneyPartKind::Makers if makers == 0 => common::money_makers_open(language).to_owned(),
        MoneyPartKind::Makers => {
            let number = format::count_of_women(language, makers).to_lowercase();
            common::money_makers(language, makers, number)
        }
        MoneyPartKind::WorkAndFunds => common::money_work_and_funds(language).to_owned(),
        MoneyPartKind::Material => common::money_material(language).to_owned(),
        MoneyPartKind::Tax => common::money_tax(language).to_owned(),
        MoneyPartKind::Fund(code) => fund_name(language, code),
        MoneyPartKind::Shipping => common::money_shipping(language).to_owned(),
        MoneyPartKind::PaymentFee => common::money_fee(language).to_owned(),
    }
}

/// The name of a fund; an unknown code is shown as it is.
#[must_use]
pub fn fund_name(language: Language, code: &str) -> String {
    match code {
        "workshop" => common::money_fund_workshop(language).to_owned(),
        "association" => common::money_fund_association(language).to_owned(),
        "reserve" => common::money_fund_reserve(language).to_owned(),
        other => common::money_fund_other(language, other),
    }
}

/// Class that gives a part its colour in bar and table.
fn part_class(kind: &MoneyPartKind) -> &'static str {
    match kind {
        MoneyPartKind::Makers | MoneyPartKind::WorkAndFunds => "p-makers",
        MoneyPartKind::Material => "p-material",
        MoneyPartKind::Tax => "p-tax",
        MoneyPartKind::Fund(code) if code == "workshop" => "p-workshop",
        MoneyPartKind::Fund(code) if code == "association" => "p-association",
        MoneyPartKind::Fund(_) => "p-fund",
        MoneyPartKind::Shipping => "p-shipping",
        MoneyPartKind::PaymentFee => "p-fee",
    }
}

/// The bar and its table. No part is shown by colour alone: each has a row with its name.
#[component]
pub fn MoneyBar(
    /// Language of the page.
    language: Language,
    /// The breakdown of the price.
    breakdown: MoneyBreakdown,
    /// Whether to show the sum and the policy.
    #[prop(default = true)]
    total: bool,
) -> impl IntoView {
    let whole = breakdown.total.amount_minor.max(1);
    let mut x = 0;
    let segments = breakdown
        .parts
        .iter()
        .map(|part| {
            // In thousandths of the bar; a part of zero has no width.
            let from = x * 1000 / whole;
            x += part.amount.amount_minor.max(0);
            let width = (x * 1000 / whole - from).max(0);
            view! { <rect class=part_class(&part.kind) x=from width=width height="1"/> }
        })
        .collect_view();
    let rows = breakdown
        .parts
        .iter()
        .map(|part| {
            view! {
                <tr class=part_class(&part.kind)>
                    <th scope="row">{part_name(language, &part.kind, breakdown.maker_count)}</th>
                    <td translate="no">{format::money(language, part.amount)}</td>
                </tr>
            }
        })
        .collect_view();
    let word = if breakdown.estimate {
        common::money_total(language)
    } else {
        common::money_paid(language)
    };
    let sum = total.then(|| {
        view! {
            <tfoot><tr><th scope="row">{word}</th><td translate="no">{format::money(language, breakdown.total)}</td></tr></tfoot>
        }
    });
    let rule = total.then(|| {
        let adopted = common::money_rule(language, format::date(language, breakdown.adopted_on));
        let estimate = breakdown.estimate.then(|| format!(" {}", common::money_estimate(language)));
        let open = breakdown.still_open.then(|| format!(" {}", common::money_still_open(language)));
        view! { <p class="fine">{adopted}{estimate}{open}</p> }
    });
    view! {
        <div class="money">
            <svg class="money-bar" viewBox="0 0 1000 1" preserveAspectRatio="none" width="1000" height="64" aria-hidden="true">{segments}</svg>
            <table class="money-table">
                <caption class="visually-hidden">{common::money_caption(language)}</caption>
                <tbody>{rows}</tbody>
                {sum}
            </table>
            {rule}
        </div>
    }
    .into_any()
}
