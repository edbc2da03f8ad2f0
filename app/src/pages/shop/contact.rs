//! How to reach the association.

use leptos::prelude::*;

use crate::Page;
use crate::backend::shop::{ContactDetails, Visit};
use crate::i18n::shop::info as t;
use crate::routes::{Route, encode};
use crate::shell::{self, Head};

/// The contact page.
#[must_use]
pub fn page(visit: &Visit, contact: &ContactDetails) -> Page {
    let language = visit.language;
    let head =
        Head::new(t::contact_title(language), t::contact_description(language), Route::Contact);
    let contact = contact.clone();
    shell::page(visit, head, move || {
        let phone = contact.phone.map(|number| {
            let href = format!("tel:{}", dialled(&number));
            view! { <div><dt>{t::contact_phone(language)}</dt><dd><a href=href>{number}</a></dd></div> }
        });
        view! {
            <article class="wrap page-info">
                <header class="page-top">
                    <h1>{t::contact_title(language)}</h1>
                    <p>{t::contact_lead(language)}</p>
                </header>
                <dl class="contact-ways">
                    <div><dt>{t::contact_mail(language)}</dt><dd>{mail_link(&contact.email, "", "")}</dd></div>
                    {phone}
                    <div><dt>{t::contact_place(language)}</dt><dd>{t::contact_place_text(language)}</dd></div>
                </dl>
                <div class="info-parts">
                    <section>
                        <h2>{t::contact_order(language)}</h2>
                        <p>{t::contact_order_text(language)}</p>
                        <p>{t::contact_wait(language)}</p>
                    </section>
                    <section>
                        <h2>{t::contact_complaint(language)}</h2>
                        <p>{t::contact_complaint_text(language)}</p>
                        <p><a href=Route::Complaints.path(language)>{t::complaints_title(language)}</a></p>
                    </section>
                </div>
            </article>
        }
    })
}

/// An address to write to, with a subject and a first text when they are not empty.
pub(super) fn mail_link(email: &str, subject: &str, text: &str) -> impl IntoView + use<> {
    let href = mail_href(email, subject, text);
    view! { <a href=href>{email.to_owned()}</a> }
}

/// The `mailto:` address (RFC 6068).
pub(super) fn mail_href(email: &str, subject: &str, text: &str) -> String {
    // The at sign stays as it is; everything that a header may not contain is encoded.
    let to = encode(email).replace("%40", "@").replace("%2B", "+");
    let fields: Vec<String> = [("subject", subject), ("body", text)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(&value.replace('\n', "\r\n"))))
        .collect();
    if fields.is_empty() {
        format!("mailto:{to}")
    } else {
        format!("mailto:{to}?{}", fields.join("&"))
    }
}

/// A phone number for a `tel:` link: digits and a leading plus.
fn dialled(number: &str) -> String {
    let plus = number.trim_start().starts_with('+');
    let digits = number.chars().filter(char::is_ascii_digit);
    plus.then_some('+').into_iter().chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_and_text_of_a_mail_link_are_encoded() {
        assert_eq!(mail_href("hola@example.com", "", ""), "mailto:hola@example.com");
        assert_eq!(
            mail_href("hola@example.com", "Libro & más", "a\nb"),
            "mailto:hola@example.com?subject=Libro%20%26%20m%C3%A1s&body=a%0D%0Ab"
        );
        assert_eq!(dialled("+51 951 000 000"), "+51951000000");
    }
}
