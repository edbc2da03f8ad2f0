//! The currency in which a visitor sees prices: the one she chose, else the one of her browser's
//! country. The choice is a cookie of its own and needs no session.

use axum::response::Response;
use domain::country::Country;
use domain::money::Currency;
use http::{HeaderMap, HeaderValue, header};

use app::backend::shop::Visit;

use super::cookies::CURRENCY;
use super::language::accepted;
use crate::http::state::AppState;

/// Languages of Peru. They say nothing about another country: phones in Peru say `es-US`, `es-ES`
/// and `es-MX`.
const SPOKEN_IN_PERU: [&str; 3] = ["es", "qu", "ay"];
/// Languages of countries with the euro: some browsers name the language alone.
const SPOKEN_WITH_THE_EURO: [&str; 20] = [
    "bg", "ca", "de", "el", "et", "eu", "fi", "fr", "ga", "gl", "hr", "it", "lb", "lt", "lv", "mt",
    "nl", "sk", "sl", "sq",
];

/// Writes into the visit which currencies are offered and which one the visitor sees.
pub(super) fn set(visit: &mut Visit, headers: &HeaderMap, offered: Vec<Currency>) {
    visit.currency = wanted(headers).or_nearest(&offered);
    visit.currencies = offered;
}

/// The cookie for a currency that was chosen in another form than the header's. `None` unless the
/// currency is offered and differs from the one that the visitor sees.
pub(super) fn changed(state: &AppState, visit: &Visit, code: &str) -> Option<HeaderValue> {
    let chosen = Currency::from_code(code)?;
    let is_new = chosen != visit.currency && visit.currencies.contains(&chosen);
    is_new.then(|| cookie(state, chosen))
}

/// Adds a cookie to an answer.
pub(super) fn put(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The cookie that remembers a currency.
pub(super) fn cookie(state: &AppState, currency: Currency) -> HeaderValue {
    let secure = if state.is_secure() { "; Secure" } else { "" };
    let code = currency.code_lower();
    let text =
        format!("{CURRENCY}={code}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// The currency that was chosen, else the one that the browser proposes.
fn wanted(headers: &HeaderMap) -> Currency {
    remembered(headers).unwrap_or_else(|| proposed(headers))
}

/// It is read byte by byte, so that a foreign cookie that is no text does no harm.
fn remembered(headers: &HeaderMap) -> Option<Currency> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii));
    pairs
        .filter_map(|pair| pair.strip_prefix(CURRENCY.as_bytes())?.strip_prefix(b"="))
        .filter_map(|code| std::str::from_utf8(code).ok())
        .find_map(Currency::from_code)
}

/// The currency of the country of the browser's preferred language. A browser that names Peru
/// anywhere, or no language at all, counts as in Peru.
fn proposed(headers: &HeaderMap) -> Currency {
    let tags = accepted(headers);
    let country = |tag: &str| {
        let region = tag.split('-').skip(1).find(|part| part.len() == 2)?;
        Country::from_code(region)
    };
    if tags.iter().any(|tag| country(tag).is_some_and(Country::is_peru)) {
        return Currency::Pen;
    }
    let Some(first) = tags.first() else { return Currency::Pen };
    let spoken = first.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let is_one_of = |languages: &[&str]| languages.contains(&spoken.as_str());
    match country(first) {
        _ if is_one_of(&SPOKEN_IN_PERU) => Currency::Pen,
        Some(country) => Currency::familiar_in(country),
        None if is_one_of(&SPOKEN_WITH_THE_EURO) => Currency::Eur,
        None if is_one_of(&["en", "*"]) => Currency::Pen,
        None => Currency::Usd,
    }
}

#[cfg(test)]
mod tests {
    use Currency::{Eur, Pen, Usd};

    use super::*;

    fn with(name: header::HeaderName, value: &[u8]) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_bytes(value).expect("a header"))])
    }

    #[test]
    fn the_country_of_the_browser_proposes_a_currency() {
        for (accepted, currency) in [
            ("", Pen),
            ("es-PE,es;q=0.9,en-US;q=0.8,en;q=0.7", Pen),
            ("es-US,es;q=0.9", Pen),
            ("es-419", Pen),
            ("es-ES,es;q=0.9,en;q=0.8", Pen),
            ("qu-PE,es;q=0.9", Pen),
            ("en-US,es-PE;q=0.9", Pen),
            ("en", Pen),
            ("*", Pen),
            ("en-US,en;q=0.5", Usd),
            ("en-150", Pen),
            ("en-GB,en;q=0.9", Eur),
            ("de-DE,de;q=0.9,en-US;q=0.8", Eur),
            ("de,en-US;q=0.7,en;q=0.3", Eur),
            ("en-US;q=0.7, fr-FR", Eur),
            ("fr-CA,fr;q=0.9", Usd),
            ("ja,en-US;q=0.7", Usd),
            ("pt-BR", Usd),
            ("zh-Hant-TW", Usd),
            ("de-DE;q=0, en-US", Usd),
            ("<script>", Usd),
            ("en-XX", Pen),
        ] {
            let headers = with(header::ACCEPT_LANGUAGE, accepted.as_bytes());
            assert_eq!(proposed(&headers), currency, "{accepted}");
        }
        assert_eq!(proposed(&HeaderMap::new()), Pen);
    }

    #[test]
    fn the_choice_beats_the_proposal_and_no_other_cookie_spoils_it() {
        let mut headers = with(header::COOKIE, b"a=\xe9\xff; currency=eur; language=es");
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en-US"));
        assert_eq!(wanted(&headers), Eur);
        for odd in
            [&b"currency=xau"[..], b"currency=", b"currency", b"xcurrency=eur", b"currency=\xff"]
        {
            headers.insert(header::COOKIE, HeaderValue::from_bytes(odd).expect("a header"));
            assert_eq!(wanted(&headers), Usd, "{odd:?}");
        }
        headers.insert(header::COOKIE, HeaderValue::from_static("currency=xau; currency=PEN"));
        assert_eq!(wanted(&headers), Pen);
    }
}
