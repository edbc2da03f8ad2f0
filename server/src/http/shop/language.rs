//! The language of a visitor: it is in the URL. On `/` it is the remembered choice or the browser's.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::country::Country;
use domain::language::Language;
use http::{HeaderMap, HeaderValue, header};

use app::routes::Route;

use super::cookies::LANGUAGE;
use crate::http::state::AppState;

/// GET `/`: redirects to the opening page of her language.
pub(super) async fn choose(State(_): State<AppState>, headers: HeaderMap) -> Response {
    let mut response = Redirect::to(&Route::Home.path(wanted(&headers))).into_response();
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// The language of a path, if it has one.
pub(super) fn of_path(path: &str) -> Option<Language> {
    let first = path.trim_start_matches('/').split(['/', '?']).next()?;
    Language::ALL.into_iter().find(|language| language.code() == first)
}

/// The remembered language, else the browser's, else Spanish.
pub(super) fn wanted(headers: &HeaderMap) -> Language {
    remembered(headers).unwrap_or_else(|| preferred(headers))
}

/// A cookie that remembers `language`, unless it would be guessed anyway.
pub(super) fn remember(
    headers: &HeaderMap,
    language: Language,
    secure: bool,
) -> Option<HeaderValue> {
    if wanted(headers) == language {
        return None;
    }
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!(
        "{LANGUAGE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}",
        language.code()
    );
    HeaderValue::try_from(cookie).ok()
}

fn remembered(headers: &HeaderMap) -> Option<Language> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == LANGUAGE)
        .and_then(|(_, code)| Language::from_code(code))
}

/// The tags of `Accept-Language`, the preferred one first (RFC 9110, 12.5.4).
pub(super) fn accepted(headers: &HeaderMap) -> Vec<&str> {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut tags: Vec<(&str, f32)> = Vec::new();
    for part in accepted.split(',') {
        let mut pieces = part.split(';').map(str::trim);
        let tag = pieces.next().unwrap_or_default();
        let weight = pieces.find_map(|p| p.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        if !tag.is_empty() && weight > 0.0 {
            tags.push((tag, weight));
        }
    }
    tags.sort_by(|a, b| b.1.total_cmp(&a.1));
    tags.into_iter().map(|(tag, _)| tag).collect()
}

/// The preferred language that the shop has, else Spanish.
fn preferred(headers: &HeaderMap) -> Language {
    accepted(headers).into_iter().find_map(Language::from_code).unwrap_or(Language::Es)
}

/// The country from which English is read, if the browser says so (`en-GB`). Spanish says nothing
/// about the country: phones in Peru say `es-US` and `es-ES`.
pub(super) fn country(headers: &HeaderMap, language: Language) -> Option<Country> {
    if language == Language::Es {
        return None;
    }
    let tags = accepted(headers).into_iter();
    tags.filter_map(|tag| tag.split_once('-'))
        .filter(|(spoken, _)| spoken.eq_ignore_ascii_case(language.code()))
        .find_map(|(_, region)| Country::from_code(&region.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_choice_beats_the_browser_and_spanish_is_the_house() {
        assert_eq!(wanted(&HeaderMap::new()), Language::Es);
        assert_eq!(wanted(&with(header::ACCEPT_LANGUAGE, "de, en;q=0.8, es;q=0.5")), Language::En);
        assert_eq!(wanted(&with(header::ACCEPT_LANGUAGE, "es-PE,es;q=0.9,en;q=0.8")), Language::Es);
        let mut both = with(header::ACCEPT_LANGUAGE, "en");
        both.insert(header::COOKIE, HeaderValue::from_static("divinas=x; language=es"));
        assert_eq!(wanted(&both), Language::Es);
        assert!(remember(&both, Language::Es, true).is_none());
        assert!(
            remember(&both, Language::En, true)
                .is_some_and(|c| c.to_str().is_ok_and(|c| c.contains("Secure")))
        );
    }

    #[test]
    fn only_english_tells_a_country() {
        let of = |accepted, language| {
            country(&with(header::ACCEPT_LANGUAGE, accepted), language).map(Country::code)
        };
        assert_eq!(of("en-GB,en;q=0.9", Language::En), Some("GB"));
        assert_eq!(of("de-DE, en-us;q=0.7", Language::En), Some("US"));
        assert_eq!(of("es-US,es;q=0.9,en-US;q=0.8", Language::Es), None);
        for odd in ["en", "en-150", "en-XX", "en-<script>", "de-DE", ""] {
            assert_eq!(of(odd, Language::En), None, "{odd}");
        }
    }

    #[test]
    fn the_path_says_the_language() {
        assert_eq!(of_path("/en/pieces"), Some(Language::En));
        assert_eq!(of_path("/es"), Some(Language::Es));
        assert_eq!(of_path("/en?q=x"), Some(Language::En));
        assert_eq!(of_path("/english"), None);
        assert_eq!(of_path("/"), None);
    }
}
