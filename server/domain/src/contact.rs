//! What a shopper tells about herself: name, e-mail, telephone, a message for a gift.
//!
//! Names and messages go through [`tidy`], which changes nothing that is visible. E-mail addresses and
//! telephone numbers go through [`plain`] first. Every rule that can be broken has its own
//! [`FieldProblem`], which the pages translate.
//!
//! Lengths are counted as browsers count them for `maxlength`: in UTF-16 units of the typed text, with
//! a line break as one. So a text that the browser accepts is never refused here for its length.

mod phone;

use serde::{Deserialize, Serialize};

pub use phone::Phone;

use crate::keyboard::{is_blank, plain};

/// What is wrong with one field of a form. The page has the sentences in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum FieldProblem {
    /// Nothing was typed.
    #[error("missing")]
    Missing,
    /// Longer than this many UTF-16 units.
    #[error("longer than {0} UTF-16 units")]
    TooLong(u32),
    /// More lines than this.
    #[error("more than {0} lines")]
    TooManyLines(u32),
    /// Not of the required shape.
    #[error("malformed")]
    Malformed,
    /// A name without a letter.
    #[error("no letter")]
    NoLetter,
    /// A name with the address of a web page.
    #[error("the address of a web page")]
    WebAddress,
    /// An e-mail address with letters beyond ASCII.
    #[error("letters beyond ASCII")]
    OtherLetters,
    /// A telephone number that is shorter than any of its country.
    #[error("too few digits")]
    TooFewDigits,
    /// A telephone number that is longer than any of its country.
    #[error("too many digits")]
    TooManyDigits,
    /// A telephone number that begins with no country's code, or needs one.
    #[error("no country code")]
    NoCountryCode,
    /// Not one of the choices that are offered.
    #[error("not among the choices")]
    NotOffered,
    /// Of a good shape, but the payment provider does not accept it.
    #[error("not accepted by the payment provider")]
    NotAccepted,
}

/// Characters that are dropped from every text field, because they are invisible and part of no
/// letter, or change the direction of other text: controls, embeddings, overrides and isolates of
/// direction, invisible characters, non-characters.
///
/// Invisible characters that letters need are kept: joiners (U+200C, U+200D), the direction marks
/// that affect only their neighbours, Mongolian's vowel separator, variation selectors.
const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
            | '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{200b}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e001f}' | '\u{e0080}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    ) || (character as u32) & 0xfffe == 0xfffe
}

/// Tag characters. The flags of England, Scotland and Wales are a black flag and tags; everywhere
/// else tags are invisible text.
const fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0020}'..='\u{e007f}')
}

const BLACK_FLAG: char = '\u{1f3f4}';

/// One line of text without hidden characters: every run of white space becomes one space, and there
/// is none at the ends. Visible text stays as it was typed. Empty if nothing is visible.
#[must_use]
pub fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len().min(1024));
    let mut in_flag = false;
    for character in text.chars().filter(|&character| !is_hidden(character)) {
        in_flag = character == BLACK_FLAG || (in_flag && is_tag(character));
        if is_tag(character) && !in_flag {
            continue;
        }
        if !character.is_whitespace() {
            tidy.push(character);
        } else if !tidy.is_empty() && !tidy.ends_with(' ') {
            tidy.push(' ');
        }
    }
    if tidy.ends_with(' ') {
        tidy.pop();
    }
    if is_blank(&tidy) { String::new() } else { tidy }
}

/// Refuses a text that is longer than a browser accepts under this `maxlength`.
fn within(text: &str, max: u16) -> Result<(), FieldProblem> {
    let line_ends = text.matches("\r\n").count();
    if text.encode_utf16().count() - line_ends > usize::from(max) {
        return Err(FieldProblem::TooLong(u32::from(max)));
    }
    Ok(())
}

/// A tidied line.
pub(crate) fn line(text: &str, max: u16) -> Result<String, FieldProblem> {
    let tidy = tidy(text);
    if tidy.is_empty() {
        return Err(FieldProblem::Missing);
    }
    within(text, max)?;
    Ok(tidy)
}

/// As [`line()`], `None` when nothing was typed.
pub(crate) fn optional_line(text: &str, max: u16) -> Result<Option<String>, FieldProblem> {
    optional(line(text, max))
}

/// A field that may be left empty: `None` where the reader says [`FieldProblem::Missing`].
fn optional<T>(read: Result<T, FieldProblem>) -> Result<Option<T>, FieldProblem> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(FieldProblem::Missing) => Ok(None),
        Err(problem) => Err(problem),
    }
}

macro_rules! text_field {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = FieldProblem;
            fn try_from(text: String) -> Result<Self, FieldProblem> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(field: $name) -> Self {
                field.0
            }
        }
    };
}

text_field!(
    /// A person's name, as she writes it, with at least one letter of any script.
    PersonName
);

impl PersonName {
    /// Most UTF-16 units.
    pub const MAX: u16 = 80;

    /// Reads a name. Addresses of web pages are refused: the shop's mails must not carry a stranger's
    /// link.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let name = line(text, Self::MAX)?;
        if name.contains("://") || name.to_ascii_lowercase().contains("www.") {
            return Err(FieldProblem::WebAddress);
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(FieldProblem::NoLetter);
        }
        Ok(Self(name))
    }
}

text_field!(
    /// An e-mail address of plausible shape; the domain in lower case.
    Email
);

impl Email {
    /// Most UTF-16 units.
    pub const MAX: u16 = 254;

    /// Reads an address. ASCII only: few mail servers deliver to others, and a look-alike letter
    /// would send a shopper's mail to somebody else.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let address = plain(&line(text, Self::MAX)?);
        let (local, domain) = address.rsplit_once('@').ok_or(FieldProblem::Malformed)?;
        if is_local_part(local) && is_domain(domain) {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else if address.chars().any(|sign| !sign.is_ascii() && sign.is_alphanumeric()) {
            Err(FieldProblem::OtherLetters)
        } else {
            Err(FieldProblem::Malformed)
        }
    }
}

fn is_local_part(local: &str) -> bool {
    (1..=64).contains(&local.len())
        && local.split('.').all(|atom| {
            !atom.is_empty()
                && atom.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte)
                })
        })
}

fn is_domain(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    let label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && domain.len() <= 253
        && labels.iter().all(label)
        && last.len() >= 2
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

text_field!(
    /// A message written on a card, never empty.
    GiftMessage
);

impl GiftMessage {
    /// Most UTF-16 units, with a line break counted as one.
    pub const MAX: u16 = 200;
    /// Most lines that a card holds.
    pub const MAX_LINES: u16 = 8;

    /// Reads a message, line by line; empty lines at the ends are dropped.
    ///
    /// # Errors
    /// [`FieldProblem`]; [`FieldProblem::Missing`] for an empty one, see [`GiftMessage::parse_optional`].
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let lines: Vec<String> = text.lines().map(tidy).collect();
        let message = lines.join("\n");
        let message = message.trim_matches('\n');
        if message.is_empty() {
            return Err(FieldProblem::Missing);
        }
        within(text, Self::MAX)?;
        if message.lines().count() > usize::from(Self::MAX_LINES) {
            return Err(FieldProblem::TooManyLines(u32::from(Self::MAX_LINES)));
        }
        Ok(Self(message.to_owned()))
    }

    /// As [`GiftMessage::parse`], `None` when nothing was written.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse_optional(text: &str) -> Result<Option<Self>, FieldProblem> {
        optional(Self::parse(text))
    }
}

#[cfg(test)]
#[path = "contact/tests.rs"]
mod tests;
