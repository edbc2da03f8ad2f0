//! The hosted pay page, in Spanish and English, without a line of JavaScript.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use crate::{
    app::App,
    cards::{self, Mistyped},
    form,
    money::spelled,
    opening::is_email,
    payments::{self, Outcome, Refusal},
    sessions::{Customer, Session, Status},
    state::{Store, new_id},
    words::{Words, words},
};

const STYLE: &str = include_str!("pages.css");

/// All pages a human sees.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home))
        .route("/c/pay/{session}", get(show).post(pay))
        .route("/c/pay/{session}/authenticate", get(show_authentication).post(authenticate))
}

/// Text that may stand anywhere in HTML.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// A whole page under the banner that says what this is.
fn page(status: StatusCode, words: &Words, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title} · SIMULATOR</title>\
         <style>{STYLE}</style></head><body><p class=\"banner\" role=\"note\">\
         <strong>{simulator}</strong> {banner}</p><main>{body}</main></body></html>",
        lang = words.lang,
        title = escape(title),
        simulator = words.simulator,
        banner = words.banner,
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    match HeaderValue::from_bytes(to.as_bytes()) {
        Ok(location) => {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}

/// The language of a session, or of the browser where the session leaves it open.
fn language(session: Option<&Session>, headers: &HeaderMap) -> &'static Words {
    let wanted = session.and_then(|session| session.locale.as_deref());
    let browser = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    words(wanted.filter(|locale| *locale != "auto").or(browser).unwrap_or("en"))
}

async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let words = language(None, &headers);
    let (open, paid) = app.read(|store| {
        let count = |status| store.sessions.newest().filter(|one| one.status == status).count();
        (count(Status::Open), count(Status::Complete))
    });
    let body = format!(
        "<h1>{}</h1><p>{}</p><p>{open} open · {paid} complete · \
         <a href=\"/_simulator\">/_simulator</a></p>{}",
        words.home_title,
        words.home_text,
        test_cards(words, true),
    );
    page(StatusCode::OK, words, words.home_title, &body)
}

/// What the shopper typed.
#[derive(Debug, Default)]
struct Typed {
    email: String,
    name: String,
    method: String,
    card_number: String,
    expiry: String,
    cvc: String,
    iban: String,
    outcome: String,
}

impl Typed {
    async fn read(request: Request) -> Self {
        let body = axum::body::to_bytes(request.into_body(), 20_000).await;
        let text = body
            .map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
        let mut typed = Self::default();
        for (key, value) in form::pairs(&text) {
            let place = match key.as_str() {
                "email" => &mut typed.email,
                "name" => &mut typed.name,
                "method" => &mut typed.method,
                "card_number" => &mut typed.card_number,
                "expiry" => &mut typed.expiry,
                "cvc" => &mut typed.cvc,
                "iban" => &mut typed.iban,
                "outcome" => &mut typed.outcome,
                _ => continue,
            };
            value.trim().clone_into(place);
        }
        typed
    }
}

/// What is wrong with what was typed: the field's name and the sentence beside it.
type Complaint<'a> = Option<(&'a str, &'a str)>;

fn test_cards(words: &Words, open: bool) -> String {
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

fn summary_of(session: &Session, words: &Words) -> String {
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
                spelled(item.unit_amount * item.quantity, &session.currency),
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
        spelled(session.total(), &session.currency),
    )
}

/// One labelled field with its complaint.
fn field(label: &str, name: &str, value: &str, more: &str, complaint: Complaint<'_>) -> String {
    let wrong = complaint.filter(|(field, _)| *field == name);
    let (mark, said) = wrong.map_or_else(
        || (String::new(), String::new()),
        |(_, sentence)| {
            (
                format!(" aria-invalid=\"true\" aria-describedby=\"{name}-wrong\""),
                format!("<span class=\"wrong\" id=\"{name}-wrong\">{}</span>", escape(sentence)),
            )
        },
    );
    format!(
        "<label>{label}<input name=\"{name}\" value=\"{}\"{mark} {more}>{said}</label>",
        escape(value),
    )
}

fn card_fields(words: &Words, typed: &Typed, complaint: Complaint<'_>) -> String {
    let number = field(
        words.card_number,
        "card_number",
        &typed.card_number,
        "inputmode=\"numeric\" autocomplete=\"cc-number\" placeholder=\"4242 4242 4242 4242\"",
        complaint,
    );
    let expiry = field(
        words.expiry,
        "expiry",
        &typed.expiry,
        "inputmode=\"numeric\" autocomplete=\"cc-exp\" placeholder=\"12 / 34\"",
        complaint,
    );
    let cvc = field(
        words.cvc,
        "cvc",
        "",
        "inputmode=\"numeric\" autocomplete=\"cc-csc\" placeholder=\"123\" maxlength=\"4\"",
        complaint,
    );
    format!("{number}<div class=\"pair\">{expiry}{cvc}</div>")
}

fn method_fields(session: &Session, words: &Words, typed: &Typed, wrong: Complaint<'_>) -> String {
    let cards = card_fields(words, typed, wrong);
    let placeholder = "placeholder=\"AT61 1904 3002 3457 3201\" autocomplete=\"off\"";
    let account = field(words.iban, "iban", &typed.iban, placeholder, wrong);
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

fn form_page(
    status: StatusCode,
    session: &Session,
    words: &Words,
    typed: &Typed,
    complaint: Complaint<'_>,
) -> Response {
    let back = session.cancel_url.as_deref().map_or_else(String::new, |url| {
        format!("<p><a href=\"{}\">← {}</a></p>", escape(url), words.back)
    });
    let general = complaint
        .filter(|(field, _)| field.is_empty())
        .map_or_else(String::new, |(_, sentence)| {
            format!("<p class=\"alert\" role=\"alert\">{}</p>", escape(sentence))
        });
    let email = match &session.customer_email {
        Some(email) => field(words.email, "email", email, "type=\"email\" readonly", complaint),
        None => field(
            words.email,
            "email",
            &typed.email,
            "type=\"email\" required autocomplete=\"email\"",
            complaint,
        ),
    };
    let name = field(words.name, "name", &typed.name, "autocomplete=\"cc-name\"", complaint);
    let custom = |place: &str| {
        let text = session.custom_text.get(place);
        text.map_or_else(String::new, |text| format!("<p>{}</p>", escape(text)))
    };
    let (note, after_note) = (custom("submit"), custom("after_submit"));
    let body = format!(
        "{back}<h1>{title}</h1>{items}{general}<form method=\"post\">{email}{methods}{name}{note}\
         <button type=\"submit\">{pay} {total}</button>{after_note}</form>{cards}",
        title = words.title,
        items = summary_of(session, words),
        methods = method_fields(session, words, typed, complaint),
        pay = words.pay,
        total = spelled(session.total(), &session.currency),
        cards = test_cards(words, false),
    );
    page(status, words, words.title, &body)
}

fn note_page(
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

/// The page of a session that cannot be paid (any more).
fn closed_page(session: Option<&Session>, words: &Words) -> Response {
    let Some(session) = session else {
        let title = words.unknown_title;
        return note_page(StatusCode::NOT_FOUND, words, title, words.unknown_text, None);
    };
    match session.status {
        Status::Complete => {
            let next = session.after_payment();
            let link = Some((next.as_str(), words.go_on));
            let title = words.complete_title;
            note_page(StatusCode::CONFLICT, words, title, words.complete_text, link)
        }
        Status::Open | Status::Expired => {
            let link = session.cancel_url.as_deref().map(|url| (url, words.back));
            let title = words.expired_title;
            note_page(StatusCode::GONE, words, title, words.expired_text, link)
        }
    }
}

fn find(app: &Arc<App>, id: &str) -> Option<Session> {
    app.read(|store| store.sessions.get(id).cloned())
}

async fn show(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let session = find(&app, &id);
    let words = language(session.as_ref(), &headers);
    match &session {
        Some(open) if open.status == Status::Open => {
            form_page(StatusCode::OK, open, words, &Typed::default(), None)
        }
        closed => {
            let mut response = closed_page(closed.as_ref(), words);
            // Looking at a page that was paid is no conflict.
            if response.status() == StatusCode::CONFLICT {
                *response.status_mut() = StatusCode::OK;
            }
            response
        }
    }
}

fn mistake(mistyped: Mistyped, words: &Words) -> (&'static str, &str) {
    match mistyped {
        Mistyped::Number => ("card_number", words.wrong_number),
        Mistyped::Expiry => ("expiry", words.wrong_expiry),
        Mistyped::Cvc => ("cvc", words.wrong_cvc),
        Mistyped::Account => ("iban", words.wrong_account),
    }
}

async fn pay(State(app): State<Arc<App>>, Path(id): Path<String>, request: Request) -> Response {
    let session = find(&app, &id);
    let words = language(session.as_ref(), request.headers());
    let typed = Typed::read(request).await;
    let Some(session) = session.filter(|session| session.status == Status::Open) else {
        return closed_page(find(&app, &id).as_ref(), words);
    };
    let email = session.customer_email.clone().unwrap_or_else(|| typed.email.clone());
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    if !is_email(&email) {
        let complaint = Some(("email", words.wrong_email));
        return form_page(invalid, &session, words, &typed, complaint);
    }
    let by_bank = typed.method == "sepa_debit" || session.methods() == ["sepa_debit"];
    let instrument = if by_bank {
        cards::account(new_id("pm_1", 23), &typed.iban)
    } else {
        let now = app.peek(Store::now);
        let pm = new_id("pm_1", 23);
        cards::card(pm, &typed.card_number, &typed.expiry, &typed.cvc, now)
    };
    let instrument = match instrument {
        Ok(instrument) => instrument,
        Err(mistyped) => {
            let complaint = Some(mistake(mistyped, words));
            return form_page(invalid, &session, words, &typed, complaint);
        }
    };
    let customer = Customer {
        email,
        name: (!typed.name.is_empty()).then(|| typed.name.clone()),
        country: None,
    };
    let outcome = app.write(|store| payments::pay(store, &id, instrument, customer));
    after(&app, &id, outcome, words, &typed)
}

/// Where the shopper goes after an attempt to pay.
fn after(
    app: &Arc<App>,
    id: &str,
    outcome: Result<Outcome, Refusal>,
    words: &Words,
    typed: &Typed,
) -> Response {
    let Some(session) = find(app, id) else {
        return closed_page(None, words);
    };
    match outcome {
        Ok(Outcome::Done) => see_other(&session.after_payment()),
        Ok(Outcome::Authenticate) => see_other(&format!("/c/pay/{id}/authenticate")),
        Ok(Outcome::Declined(decline)) => {
            let sentence = words.decline(&decline);
            let complaint = Some(("", sentence));
            form_page(StatusCode::PAYMENT_REQUIRED, &session, words, typed, complaint)
        }
        Err(Refusal::NothingToAuthenticate) => see_other(&format!("/c/pay/{id}")),
        Err(Refusal::Method) => {
            let complaint = Some(("", words.wrong_method));
            form_page(StatusCode::UNPROCESSABLE_ENTITY, &session, words, typed, complaint)
        }
        Err(Refusal::Unknown | Refusal::Expired | Refusal::Complete) => {
            closed_page(Some(&session), words)
        }
    }
}

async fn show_authentication(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let session = find(&app, &id);
    let words = language(session.as_ref(), &headers);
    let Some(session) = session.filter(|session| session.status == Status::Open) else {
        return closed_page(find(&app, &id).as_ref(), words);
    };
    if session.authenticating.is_none() {
        return see_other(&format!("/c/pay/{id}"));
    }
    let body = format!(
        "<h1>{}</h1><p>{}</p><p class=\"total\">{}</p><form method=\"post\">\
         <button name=\"outcome\" value=\"complete\">{}</button> \
         <button class=\"quiet\" name=\"outcome\" value=\"fail\">{}</button></form>",
        words.secure_title,
        words.secure_text,
        spelled(session.total(), &session.currency),
        words.secure_complete,
        words.secure_fail,
    );
    page(StatusCode::OK, words, words.secure_title, &body)
}

async fn authenticate(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let session = find(&app, &id);
    let words = language(session.as_ref(), request.headers());
    let typed = Typed::read(request).await;
    let passed = match typed.outcome.as_str() {
        "complete" => true,
        "fail" => false,
        _ => return see_other(&format!("/c/pay/{id}/authenticate")),
    };
    let outcome = app.write(|store| payments::authenticate(store, &id, passed));
    after(&app, &id, outcome, words, &Typed::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_becomes_markup() {
        assert_eq!(
            escape("<img src=x onerror='a(\"b\")'>&"),
            "&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;"
        );
        let shown = field("E-mail", "email", "\"><script>", "", Some(("email", "<b>")));
        assert!(!shown.contains("<script>") && !shown.contains("<b>"));
    }
}
