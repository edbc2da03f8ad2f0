//! The two languages of the shop.

use serde::{Deserialize, Serialize};

/// A language in which every sentence of the shop exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Spanish, the language of the association.
    Es,
    /// English.
    En,
}

impl Language {
    /// Every language, the association's own first.
    pub const ALL: [Self; 2] = [Self::Es, Self::En];

    /// The ISO 639-1 code, lower case, as in URLs and in `hreflang`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The language of a code such as `es`, `ES` or `es-PE`; `None` for any other.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.code()))
    }
}
