//! A design in a list.

use domain::language::Language;
use leptos::prelude::*;

use super::format;
use super::makers::short_names;
use super::photo::Picture;
use crate::backend::shop::{Availability, DesignCard};
use crate::i18n::shared::common;
use crate::routes::Route;

/// Whether a design can be bought, as a word.
#[must_use]
pub fn availability_word(language: Language, availability: Availability) -> String {
    match availability {
        Availability::Pieces(count) => common::pieces_count(language, count),
        Availability::Last => common::last_piece(language).to_owned(),
        Availability::MadeToOrder { business_days } => {
            common::made_to_order(language, business_days)
        }
        Availability::Held => common::held_now(language).to_owned(),
        Availability::Sold => common::sold(language).to_owned(),
    }
}

/// CSS class of that word, for its colour.
const fn availability_class(availability: Availability) -> &'static str {
    match availability {
        Availability::Pieces(_) | Availability::MadeToOrder { .. } => "state",
        Availability::Last => "state state-last",
        Availability::Held | Availability::Sold => "state state-off",
    }
}

/// A card: photograph, name, makers, price and availability. The name is the link.
#[component]
pub fn Card(
    /// Language of the page.
    language: Language,
    /// The design.
    card: DesignCard,
    /// How wide the photograph is on which screens.
    sizes: &'static str,
    /// Whether the photograph loads at once.
    #[prop(optional)]
    eager: bool,
) -> impl IntoView {
    let href = Route::Design { slug: card.slug.clone() }.path(language);
    let makers = (!card.makers.is_empty())
        .then(|| view! { <p class="card-makers" translate="no">{short_names(language, &card.makers)}</p> });
    let picture = card
        .photo
        .map(|photo| view! { <Picture photo=photo sizes=sizes eager=eager decorative=true/> });
    view! {
        <li class="card">
            <div class="card-photo">{picture}</div>
            <h3 class="card-name"><a href=href>{card.name}</a></h3>
            {makers}
            <p class="card-facts">
                <span class="price" translate="no">{format::money_short(language, card.charged)}</span>
                <span class=availability_class(card.availability)>{availability_word(language, card.availability)}</span>
            </p>
        </li>
    }
    .into_any()
}

/// Cards in a grid; the first `eager` photographs load at once.
#[component]
pub fn Cards(
    /// Language of the page.
    language: Language,
    /// The designs.
    cards: Vec<DesignCard>,
    /// How wide each photograph is on which screens.
    #[prop(default = "(min-width: 62rem) 290px, 47vw")]
    sizes: &'static str,
    /// How many photographs are on the first screen.
    #[prop(optional)]
    eager: usize,
    /// Class of the list: `cards` with four columns or `cards cards-3`.
    #[prop(default = "cards")]
    class: &'static str,
) -> impl IntoView {
    let items = cards
        .into_iter()
        .enumerate()
        .map(|(index, card)| view! { <Card language=language card=card sizes=sizes eager=index < eager/> })
        .collect_view();
    view! { <ul class=class role="list">{items}</ul> }.into_any()
}
