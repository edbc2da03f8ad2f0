//! Where the money goes: the policy in force, an example, and what makers received together.

use domain::language::Language;
use leptos::prelude::*;

use crate::Page;
use crate::backend::BackendResult;
use crate::backend::shop::{MoneyPolicyView, ShopBackend, Visit};
use crate::components::format;
use crate::components::money_bar::{MoneyBar, fund_name};
use crate::i18n::shop::money as t;
use crate::routes::Route;
use crate::shell::{self, Head, Section};

/// The whole net, in basis points.
const WHOLE_BP: u32 = 10_000;

/// The page on money.
///
/// # Errors
/// When the backend does not answer.
pub async fn page(backend: &dyn ShopBackend, visit: &Visit) -> BackendResult<Page> {
    let policy = backend.money(visit).await?;
    let language = visit.language;
    let head = Head {
        section: Some(Section::About),
        ..Head::new(t::title(language), t::description(language), Route::Money)
    };
    Ok(shell::page(visit, head, move || body(language, policy)))
}

fn body(language: Language, policy: Option<MoneyPolicyView>) -> impl IntoView {
    let content = match policy {
        None => view! { <p>{t::no_policy(language)}</p> }.into_any(),
        Some(policy) => in_force(language, policy).into_any(),
    };
    view! {
        <article class="wrap page-info page-money">
            <header class="page-top">
                <h1>{t::title(language)}</h1>
                <p>{t::lead(language)}</p>
            </header>
            {content}
        </article>
    }
}

fn in_force(language: Language, policy: MoneyPolicyView) -> impl IntoView {
    let received = received(language, &policy);
    let steps = steps(language, &policy.funds);
    let adopted = t::adopted(
        language,
        policy.version,
        format::date(language, policy.adopted_on),
        &policy.minute,
    );
    let example = policy.example.map(|(design, breakdown)| {
        let href = Route::Design { slug: design.slug.clone() }.path(language);
        let name =
            t::example_of(language, &design.name, format::money_short(language, breakdown.total));
        view! {
            <section aria-labelledby="example">
                <h2 id="example">{t::example(language)}</h2>
                <p class="money-of"><a href=href>{name}</a></p>
                <MoneyBar language=language breakdown=breakdown/>
            </section>
        }
    });
    view! {
        <div class="money-columns">
            <section aria-labelledby="rule">
                <h2 id="rule">{t::rule(language)}</h2>
                <p class="fine">{adopted}</p>
                {steps}
                <p>{t::frozen(language)}</p>
            </section>
            {example}
        </div>
        {received}
    }
}

/// What is subtracted from the price before the makers' part, one step per row.
fn steps(language: Language, funds: &[(String, u32)]) -> impl IntoView + use<> {
    let to_funds: u32 = funds.iter().map(|(_, share_bp)| *share_bp).sum();
    let makers = format::percent(language, WHOLE_BP.saturating_sub(to_funds));
    let mut rows = vec![
        ("step", t::step_price(language).to_owned(), t::step_price_text(language).to_owned()),
        ("step less", t::step_tax(language).to_owned(), t::step_tax_text(language).to_owned()),
        ("step less", t::step_fee(language).to_owned(), t::step_fee_text(language).to_owned()),
        (
            "step less",
            t::step_material(language).to_owned(),
            t::step_material_text(language).to_owned(),
        ),
        ("step net", t::step_net(language).to_owned(), t::step_net_text(language).to_owned()),
    ];
    for (code, share_bp) in funds {
        let share = t::step_fund_text(language, format::percent(language, *share_bp));
        rows.push(("step part", fund_name(language, code), share));
    }
    rows.push((
        "step part to-makers",
        t::step_makers(language).to_owned(),
        t::step_makers_text(language, makers),
    ));
    let rows = rows
        .into_iter()
        .map(|(class, title, text)| view! { <li class=class><strong>{title}</strong><span>{text}</span></li> })
        .collect_view();
    view! { <ol class="money-steps" role="list">{rows}</ol> }
}

/// What all makers received together. The pay of one maker is never shown.
fn received(language: Language, policy: &MoneyPolicyView) -> impl IntoView + use<> {
    let sums: Vec<String> = policy
        .makers_received
        .iter()
        .filter(|sum| sum.amount_minor > 0)
        .map(|sum| format::money(language, *sum))
        .collect();
    let words = if policy.pieces_sold == 0 || sums.is_empty() {
        view! { <p>{t::sold_none(language)}</p> }.into_any()
    } else {
        view! {
            <p class="display money-sum">{format::list(language, &sums)}</p>
            <p>{t::received_text(language)} " " {t::sold(language, policy.pieces_sold)}</p>
        }
        .into_any()
    };
    view! {
        <section class="panel money-received" aria-labelledby="so-far">
            <h2 id="so-far">{t::so_far(language)}</h2>
            {words}
            <p class="fine">{t::private(language)}</p>
        </section>
    }
}
