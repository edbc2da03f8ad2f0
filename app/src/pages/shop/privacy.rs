//! What is stored about a visitor, why, and how to have it deleted.

use leptos::prelude::*;

use super::contact::mail_link;
use crate::Page;
use crate::backend::shop::{ContactDetails, Visit};
use crate::i18n::shop::info as t;
use crate::routes::Route;
use crate::shell::{self, Head};

/// The page on privacy.
#[must_use]
pub fn page(visit: &Visit, contact: &ContactDetails) -> Page {
    let language = visit.language;
    let head =
        Head::new(t::privacy_title(language), t::privacy_description(language), Route::Privacy);
    let email = contact.email.clone();
    let parts = [
        (t::privacy_look(language), t::privacy_look_text(language)),
        (t::privacy_cookies(language), t::privacy_cookies_text(language)),
        (t::privacy_buy(language), t::privacy_buy_text(language)),
        (t::privacy_who(language), t::privacy_who_text(language)),
        (t::privacy_keep(language), t::privacy_keep_text(language)),
        (t::privacy_makers(language), t::privacy_makers_text(language)),
    ];
    shell::page(visit, head, move || {
        let parts =
            parts.map(|(title, text)| view! { <section><h2>{title}</h2><p>{text}</p></section> });
        view! {
            <article class="wrap page-info">
                <header class="page-top">
                    <h1>{t::privacy_title(language)}</h1>
                    <p>{t::privacy_lead(language)}</p>
                </header>
                <div class="info-parts">
                    {parts.into_iter().collect_view()}
                    <section id="rights">
                        <h2>{t::privacy_rights(language)}</h2>
                        <p>{t::privacy_rights_text(language)}</p>
                        <p>{mail_link(&email, t::privacy_title(language), "")}</p>
                    </section>
                </div>
            </article>
        }
    })
}
