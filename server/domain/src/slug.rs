//! The readable part of a URL.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::search_text::fold;

/// Longest slug, in bytes (all ASCII).
const SLUG_MAX: usize = 80;

/// A text that is no slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a slug")]
pub struct BadSlug;

/// 1 to 80 lower-case ASCII letters, digits and single inner hyphens: `batea-ring`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// Reads a slug strictly: a URL has one spelling.
    ///
    /// # Errors
    /// [`BadSlug`].
    pub fn parse(text: &str) -> Result<Self, BadSlug> {
        let shape = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        let hyphens = text.starts_with('-') || text.ends_with('-') || text.contains("--");
        if shape && !hyphens && (1..=SLUG_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadSlug)
        }
    }

    /// Makes a slug from a name. A name that is too long is cut after a whole word.
    ///
    /// # Errors
    /// [`BadSlug`] if the name has no letter or digit that ASCII can show.
    pub fn from_name(name: &str) -> Result<Self, BadSlug> {
        let mut slug = String::new();
        for word in fold(name).split(' ') {
            let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
            if word.is_empty() {
                continue;
            }
            let hyphen = usize::from(!slug.is_empty());
            if slug.len() + hyphen + word.len() > SLUG_MAX {
                if slug.is_empty() {
                    slug.push_str(&word[..SLUG_MAX]);
                }
                break;
            }
            if hyphen == 1 {
                slug.push('-');
            }
            slug.push_str(&word);
        }
        Self::parse(&slug)
    }

    /// The slug's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Slug {
    type Error = BadSlug;
    fn try_from(text: String) -> Result<Self, BadSlug> {
        Self::parse(&text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

/// The readable part of a page's address in each language: `anillo-batea`, `batea-ring`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slugs {
    es: String,
    en: String,
}

impl Slugs {
    /// One for each language.
    #[must_use]
    pub const fn new(es: String, en: String) -> Self {
        Self { es, en }
    }

    /// The one of a language.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Es => &self.es,
            Language::En => &self.en,
        }
    }
}

/// The same slug in every language.
impl From<&str> for Slugs {
    fn from(slug: &str) -> Self {
        Self::new(slug.to_owned(), slug.to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_become_slugs() {
        assert_eq!(Slug::from_name("Anillo «Ñandú» Nº 3").unwrap().as_str(), "anillo-nandu-no-3");
        assert_eq!(Slug::from_name(&"a".repeat(200)).unwrap().as_str().len(), 80);
        for bad in ["", "-", "金", "···"] {
            assert_eq!(Slug::from_name(bad), Err(BadSlug));
        }
        for bad in ["", "A", "a--b", "-a", "a-", "a/b", "a%20b", "ñ", "a\n"] {
            assert_eq!(Slug::parse(bad), Err(BadSlug), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_reads_back(name in any::<String>()) {
            let _ = Slug::parse(&name);
            if let Ok(slug) = Slug::from_name(&name) {
                prop_assert_eq!(Slug::from_name(slug.as_str()).unwrap(), slug);
            }
        }
    }
}
