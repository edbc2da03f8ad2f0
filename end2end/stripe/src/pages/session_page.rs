//! The pages of a Checkout Session.

use axum::{http::StatusCode, response::Response};

use crate::{
    base::money::format_amount,
    objects::session::{Session, Status},
    pages::{
        html::{escape, page},
        typed_input::TypedInput,
        words::Words,
    },
};

/// The name of the field whose value is wrong (empty for the whole form), and the message for it.
pub(crate) type FieldError<'a> = Option<(&'a str, &'a str)>;

/// The table of test cards; `open` shows it at once.
pub(crate) fn test_cards_table(words: &Words, open: bool) -> String {
    let rows: String = words
        .test_cards
        .iter()
        .map(|(number, meaning)| {
            format!("<tr><td><code>{number}</code></td><td>{meaning}</td></tr>")
        })
        .collect();
    format!(
        "<details{}><summary>{}</summary><table>{rows}</table><p>{}</p></details>",
        if open { " open" } else { "" },
        words.test_cards_title,
        words.test_cards_note,
    )
}

/// The table of line items, with the total.
fn items_table(session: &Session, words: &Words) -> String {
    let rows: String = session
        .line_items
        .iter()
        .map(|item| {
            let description = item
                .description
                .as_deref()
                .map_or_else(String::new, |text| format!("<small>{}</small>", escape(text)));
            format!(
                "<tr><th scope=\"row\">{}{description}</th><td>{}</td><td>{}</td></tr>",
                escape(&item.name),
                item.quantity,
                format_amount(item.unit_amount * item.quantity, &session.currency),
            )
        })
        .collect();
    format!(
        "<table class=\"items\"><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th>\
         <th scope=\"col\">{}</th></tr></thead><tbody>{rows}</tbody><tfoot><tr>\
         <th scope=\"row\" colspan=\"2\">{}</th><td class=\"total\">{}</td></tr></tfoot></table>",
        words.item,
        words.quantity,
        words.amount,
        words.total,
        format_amount(session.total(), &session.currency),
    )
}

/// A labelled input with its error; `more` are further HTML attributes.
fn field(label: &str, name: &str, value: &str, more: &str, error: FieldError<'_>) -> String {
    let own_error = error.filter(|(field, _)| *field == name);
    let (attributes, message) = own_error.map_or_else(
        || (String::new(), String::new()),
        |(_, sentence)| {
            (
                format!(" aria-invalid=\"true\" aria-describedby=\"{name}-wrong\""),
                format!("<span class=\"wrong\" id=\"{name}-wrong\">{}</span>", escape(sentence)),
            )
        },
    );
    format!(
        "<label>{label}<input name=\"{name}\" value=\"{}\"{attributes} {more}>{message}</label>",
        escape(value),
    )
}

fn card_fields(words: &Words, typed: &TypedInput, error: FieldError<'_>) -> String {
    let number = field(
        words.card_number,
        "card_number",
        &typed.card_number,
        "inputmode=\"numeric\" autocomplete=\"cc-number\" placeholder=\"4242 4242 4242 4242\"",
        error,
    );
    let expiry = field(
        words.expiry,
        "expiry",
        &typed.expiry,
        "inputmode=\"numeric\" autocomplete=\"cc-exp\" placeholder=\"12 / 34\"",
        error,
    );
    let cvc = field(
        words.cvc,
        "cvc",
        "",
        "inputmode=\"numeric\" autocomplete=\"cc-csc\" placeholder=\"123\" maxlength=\"4\"",
        error,
    );
    format!("{number}<div class=\"pair\">{expiry}{cvc}</div>")
}

fn method_fields(
    session: &Session,
    words: &Words,
    typed: &TypedInput,
    error: FieldError<'_>,
) -> String {
    let cards = card_fields(words, typed, error);
    let placeholder = "placeholder=\"AT61 1904 3002 3457 3201\" autocomplete=\"off\"";
    let account = field(words.iban, "iban", &typed.iban, placeholder, error);
    let radio = |kind: &str, label: &str, fields: &str| {
        let by_bank = typed.method == "sepa_debit";
        let checked = if (kind == "sepa_debit") == by_bank { " checked" } else { "" };
        format!(
            "<fieldset><legend><label class=\"choice\"><input type=\"radio\" name=\"method\" \
             value=\"{kind}\"{checked}> {label}</label></legend>{fields}</fieldset>"
        )
    };
    match session.methods().as_slice() {
        ["card"] => cards,
        ["sepa_debit"] => {
            format!("<input type=\"hidden\" name=\"method\" value=\"sepa_debit\">{account}")
        }
        _ => format!(
            "{}{}",
            radio("card", words.by_card, &cards),
            radio("sepa_debit", words.by_bank, &account)
        ),
    }
}

/// The page of an open session.
pub(crate) fn form_page(
    status: StatusCode,
    session: &Session,
    words: &Words,
    typed: &TypedInput,
    error: FieldError<'_>,
) -> Response {
    let back = session.cancel_url.as_deref().map_or_else(String::new, |url| {
        format!("<p><a href=\"{}\">← {}</a></p>", escape(url), words.back)
    });
    let general =
        error.filter(|(field, _)| field.is_empty()).map_or_else(String::new, |(_, sentence)| {
            format!("<p class=\"alert\" role=\"alert\">{}</p>", escape(sentence))
        });
    let email = match &session.customer_email {
        Some(email) => field(words.email, "email", email, "type=\"email\" readonly", error),
        None => field(
            words.email,
            "email",
            &typed.email,
            "type=\"email\" required autocomplete=\"email\"",
            error,
        ),
    };
    let name = field(words.name, "name", &typed.name, "autocomplete=\"cc-name\"", error);
    let custom = |position: &str| {
        let text = session.custom_text.get(position);
        text.map_or_else(String::new, |text| format!("<p>{}</p>", escape(text)))
    };
    let (note, after_note) = (custom("submit"), custom("after_submit"));
    let body = format!(
        "{back}<h1>{title}</h1>{items}{general}<form method=\"post\">{email}{methods}{name}{note}\
         <button type=\"submit\">{pay} {total}</button>{after_note}</form>{cards}",
        title = words.title,
        items = items_table(session, words),
        methods = method_fields(session, words, typed, error),
        pay = words.pay,
        total = format_amount(session.total(), &session.currency),
        cards = test_cards_table(words, false),
    );
    page(status, words, words.title, &body)
}

/// A page with a message and a link.
fn message_page(
    status: StatusCode,
    words: &Words,
    title: &str,
    text: &str,
    link: Option<(&str, &str)>,
) -> Response {
    let link = link.map_or_else(String::new, |(url, label)| {
        format!("<p><a class=\"button\" href=\"{}\">{label}</a></p>", escape(url))
    });
    page(status, words, title, &format!("<h1>{title}</h1><p>{text}</p>{link}"))
}

/// The page of a session that does not exist or can no longer be paid.
pub(crate) fn closed_page(session: Option<&Session>, words: &Words) -> Response {
    let Some(session) = session else {
        let title = words.unknown_title;
        return message_page(StatusCode::NOT_FOUND, words, title, words.unknown_text, None);
    };
    match session.status {
        Status::Complete => {
            let next = session.return_url();
            let link = Some((next.as_str(), words.go_on));
            let title = words.complete_title;
            message_page(StatusCode::CONFLICT, words, title, words.complete_text, link)
        }
        Status::Open | Status::Expired => {
            let link = session.cancel_url.as_deref().map(|url| (url, words.back));
            let title = words.expired_title;
            message_page(StatusCode::GONE, words, title, words.expired_text, link)
        }
    }
}

/// The page that stands for the 3-D Secure page of the bank.
pub(crate) fn authentication_page(session: &Session, words: &Words) -> Response {
    let body = format!(
        "<h1>{}</h1><p>{}</p><p class=\"total\">{}</p><form method=\"post\">\
         <button name=\"outcome\" value=\"complete\">{}</button> \
         <button class=\"quiet\" name=\"outcome\" value=\"fail\">{}</button></form>",
        words.secure_title,
        words.secure_text,
        format_amount(session.total(), &session.currency),
        words.secure_complete,
        words.secure_fail,
    );
    page(StatusCode::OK, words, words.secure_title, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_text_does_not_become_markup() {
        let shown = field("E-mail", "email", "\"><script>", "", Some(("email", "<b>")));
        assert!(!shown.contains("<script>") && !shown.contains("<b>"));
    }
}
