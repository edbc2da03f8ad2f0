//! The logo: a *batea*, the miner's pan, as a circle with a spiral and a gold dot.

use leptos::prelude::*;

/// The logo beside the name. It is decoration, because the name is text.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" fill="none" stroke="currentColor" stroke-linecap="round">
            <circle cx="20" cy="20" r="17.5" stroke-width="2"/>
            <path d="M22 13.2c4.6.4 7.4 4 7 8.2-.5 5-5 8.2-9.8 7.6-5-.7-8-5.300-7.2-9.8.6-3.600 4-6 7.400-5.300 2.900.6 4.500 3.300 3.900 5.900-.5 2-2.600 3-4.200 2.2" stroke-width="2"/>
            <circle cx="25.5" cy="10.5" r="2.2" fill="var(--gold)" stroke="none"/>
        </svg>
    }
    .into_any()
}

/// A shallow arc between parts of a page.
#[component]
pub fn Arc() -> impl IntoView {
    view! {
        <svg class="arc" viewBox="0 0 240 14" width="240" height="14" aria-hidden="true" fill="none" stroke="currentColor">
            <path d="M2 2c70 12 166 12 236 0"/>
        </svg>
    }
}
