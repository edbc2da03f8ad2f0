//! The cookies of a request. Programs and other sites of the same domain may leave cookies of any
//! form beside ours. One that is no text would make the whole header unreadable for the layer of
//! sessions.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::id::SessionId;
use domain::language::Language;
use domain::money::Currency;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tower_sessions::session::Id;

use super::session_store;

/// Name of the cookie that remembers the language.
pub(super) const LANGUAGE: &str = "language";
/// Name of the cookie that remembers the currency.
pub(super) const CURRENCY: &str = "currency";

/// Name of the session's cookie. The prefix `__Host-`, which needs `https`, keeps other hosts of
/// the domain from setting a session that they know.
pub(super) const fn session_name(secure: bool) -> &'static str {
    if secure { "__Host-divinas" } else { "divinas" }
}

/// How long, in seconds, a browser reports which sessions were begun for it. It must outlast the
/// slowest of several answers that are on their way at the same time.
const BEGUN_FOR: &str = "600";
/// How many begun sessions of one browser are read.
const BEGUN_MOST: usize = 8;

/// Keeps only those cookies of a request that the shop itself sets and can read, each once. A new
/// session gets a second cookie, which has the session's key in its name: of two sessions that
/// begin at once, the browser keeps only the last cookie under the session's own name.
pub(super) async fn own(
    State(session_name): State<&'static str>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.headers().contains_key(header::COOKIE) {
        let own = own_of(request.headers(), session_name);
        let headers = request.headers_mut();
        headers.remove(header::COOKIE);
        if let Some(own) = own {
            headers.insert(header::COOKIE, own);
        }
    }
    let before = session_in(request.headers(), &header::COOKIE, session_name);
    let mut response = next.run(request).await;
    let after = session_in(response.headers(), &header::SET_COOKIE, session_name);
    if let Some(key) = after.filter(|after| before.as_ref() != Some(after)) {
        let secure = if session_name.starts_with("__Host-") { "; Secure" } else { "" };
        let cookie = format!(
            "{session_name}.{key}=1; Path=/; Max-Age={BEGUN_FOR}; SameSite=Lax; HttpOnly{secure}"
        );
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The key of the session in headers of cookies.
fn session_in(headers: &HeaderMap, header: &HeaderName, session_name: &str) -> Option<Id> {
    let pairs = headers.get_all(header).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, key) = pairs.find(|(name, _)| name.trim() == session_name)?;
    key.parse().ok()
}

/// The keys of the sessions that were begun for this browser a short time ago.
pub(super) fn begun(headers: &HeaderMap, session_name: &str) -> Vec<SessionId> {
    let Some(own) = headers.get(header::COOKIE).and_then(|own| own.to_str().ok()) else {
        return Vec::new();
    };
    let names = own.split("; ").filter_map(|pair| pair.split('=').next());
    names.filter_map(|name| begun_key(name, session_name)).take(BEGUN_MOST).collect()
}

/// The key in the name of a begun session's cookie.
fn begun_key(name: &str, session_name: &str) -> Option<SessionId> {
    let key = name.strip_prefix(session_name)?.strip_prefix('.')?;
    key.parse::<Id>().ok().map(|id| session_store::key_of(&id))
}

/// The shop's own cookies as one header. Of two cookies with the same name it keeps the first that
/// can be read, which is the one of the narrower path (RFC 6265, 5.4).
fn own_of(headers: &HeaderMap, session_name: &str) -> Option<HeaderValue> {
    let pairs = headers.get_all(header::COOKIE).into_iter().flat_map(|value| {
        value.as_bytes().split(|byte| *byte == b';').filter_map(|pair| {
            let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
            Some((name.trim(), value.trim().trim_matches('"')))
        })
    });
    let can_be_read = |name: &str, value: &str| match name {
        LANGUAGE => Language::from_code(value).is_some(),
        CURRENCY => Currency::from_code(value).is_some(),
        name if name == session_name => value.parse::<Id>().is_ok(),
        name => begun_key(name, session_name).is_some(),
    };
    let mut own: Vec<(&str, &str)> = Vec::new();
    for (name, value) in pairs.filter(|(name, value)| can_be_read(name, value)) {
        if !own.iter().any(|(known, _)| *known == name) {
            own.push((name, value));
        }
    }
    let own: Vec<String> = own.iter().map(|(name, value)| format!("{name}={value}")).collect();
    HeaderValue::try_from(own.join("; ")).ok().filter(|own| !own.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(values: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::COOKIE, HeaderValue::from_bytes(value).expect("a header"));
        }
        let own = own_of(&headers, "divinas");
        own.map_or_else(String::new, |value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn foreign_and_malformed_cookies_do_not_spoil_ours() {
        const ID: &str = "divinas=AAAAAAAAAAAAAAAAAAAAAA";
        let both = format!("{ID}; currency=usd; language=en");
        let foreign: [&[u8]; 9] = [
            b"who=caf\xe9",
            b"=",
            b"",
            b"nothing",
            b"a=b=c",
            b"x=\"quoted; value\"",
            b"x=%FF%FE",
            b"language=xx",
            b"divinas=no-session-of-ours",
        ];
        for other in foreign {
            let before = [other, b"; ", both.as_bytes()].concat();
            let between = [ID.as_bytes(), b";", other, b";currency=usd ; language=en"].concat();
            let after = [both.as_bytes(), b"; ", other].concat();
            for cookies in [&before, &between, &after] {
                assert_eq!(own(&[cookies]), both, "{:?}", String::from_utf8_lossy(cookies));
            }
            assert_eq!(own(&[other, both.as_bytes()]), both, "in a header of its own");
            assert_eq!(own(&[other]), "");
        }
        assert_eq!(own(&[b"divinas=AAAAAAAAAAAAAAAAAAAAAA; divinas=BBBBBBBBBBBBBBBBBBBBBA"]), ID);
        assert_eq!(own(&[b" divinas = \"AAAAAAAAAAAAAAAAAAAAAA\" "]), ID);
    }
}
