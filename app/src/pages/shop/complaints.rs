//! Libro de Reclamaciones: what it is and how a complaint is filed today. [Ley 32495]

use domain::language::Language;
use leptos::prelude::*;

use super::contact::{mail_href, mail_link};
use crate::Page;
use crate::backend::shop::{ContactDetails, Visit};
use crate::i18n::shop::info as t;
use crate::routes::Route;
use crate::shell::{self, Head};

/// The page of the complaints book.
#[must_use]
pub fn page(visit: &Visit, contact: &ContactDetails) -> Page {
    let language = visit.language;
    let head = Head::new(
        t::complaints_title(language),
        t::complaints_description(language),
        Route::Complaints,
    );
    let email = contact.email.clone();
    shell::page(visit, head, move || body(language, &email))
}

/// What a complaint must contain.
fn items(language: Language) -> [&'static str; 8] {
    [
        t::complaints_item_name(language),
        t::complaints_item_document(language),
        t::complaints_item_contact(language),
        t::complaints_item_order(language),
        t::complaints_item_kind(language),
        t::complaints_item_detail(language),
        t::complaints_item_request(language),
        t::complaints_item_minor(language),
    ]
}

fn body(language: Language, email: &str) -> impl IntoView + use<> {
    // The mail starts with all headings, ready to be filled in.
    let draft: String = items(language).map(|item| format!("{item}:\n\n")).concat();
    let href = mail_href(email, t::complaints_subject(language), &draft);
    let list = items(language).map(|item| view! { <li>{item}</li> });
    view! {
        <article class="wrap page-info">
            <header class="page-top">
                <h1>{t::complaints_title(language)}</h1>
                <p>{t::complaints_lead(language)}</p>
            </header>
            <div class="info-parts">
                <section>
                    <h2>{t::complaints_kinds(language)}</h2>
                    <dl class="info-words">
                        <dt>{t::complaints_claim(language)}</dt>
                        <dd>{t::complaints_claim_text(language)}</dd>
                        <dt>{t::complaints_grievance(language)}</dt>
                        <dd>{t::complaints_grievance_text(language)}</dd>
                    </dl>
                </section>
                <section>
                    <h2>{t::complaints_how(language)}</h2>
                    <p>{t::complaints_form_follows(language)}</p>
                    <p>{t::complaints_write(language)} " " {mail_link(email, t::complaints_subject(language), &draft)}</p>
                    <ul>{list.into_iter().collect_view()}</ul>
                    <p><a class="button" href=href>{t::complaints_button(language)}</a></p>
                </section>
                <section>
                    <h2>{t::complaints_after(language)}</h2>
                    <ol>
                        <li>{t::complaints_step_copy(language)}</li>
                        <li>{t::complaints_step_answer(language)}</li>
                    </ol>
                    <p>{t::complaints_step_elsewhere(language)}</p>
                </section>
            </div>
        </article>
    }
}
