//! A vertical timeline with a ring at each station.

use leptos::prelude::*;

/// One station: a title and what is known of it.
pub struct Station {
    /// Title.
    pub title: String,
    /// What is known: paragraphs, links.
    pub body: AnyView,
}

/// A timeline from the first station to the last.
#[component]
pub fn Timeline(
    /// The stations in order.
    stations: Vec<Station>,
) -> impl IntoView {
    let items = stations
        .into_iter()
        .map(|station| view! { <li><h3>{station.title}</h3>{station.body}</li> })
        .collect_view();
    view! { <ol class="timeline" role="list">{items}</ol> }.into_any()
}
