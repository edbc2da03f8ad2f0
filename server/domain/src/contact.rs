//! What a shopper tells about herself: name, e-mail, telephone, a message for a gift.
//!
//! Everything typed is first tidied by [`tidy`]; what is refused is refused by a [`FieldProblem`]
//! that the pages translate.

use serde::{Deserialize, Serialize};

/// What is wrong with one field of a form. No sentences: the page has them in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FieldProblem {
    /// Nothing was typed.
    #[error("missing")]
    Missing,
    /// Too short to be what was asked for.
    #[error("too short")]
    TooShort,
    /// Longer than this many characters.
    #[error("longer than {max} characters")]
    TooLong {
        /// The limit.
        max: u16,
    },
    /// Not of the shape that was asked for.
    #[error("malformed")]
    Malformed,
    /// None of the choices.
    #[error("not among the choices")]
    NotAChoice,
}

/// Characters that show nothing or turn the writing around, dropped wherever somebody types:
/// controls, bidirectional marks and overrides, zero-width signs, tags, non-characters.
const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
            | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e0fff}'
    ) || (character as u32) & 0xfffe == 0xfffe
}

/// One line of text: hidden characters dropped, every run of white space one space, none at the ends.
#[must_use]
pub fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len().min(1024));
    for character in text.chars().filter(|&character| !is_hidden(character)) {
        if !character.is_whitespace() {
            tidy.push(character);
        } else if !tidy.is_empty() && !tidy.ends_with(' ') {
            tidy.push(' ');
        }
    }
    if tidy.ends_with(' ') {
        tidy.pop();
    }
    tidy
}

/// A tidied line within a number of characters.
pub(crate) fn line(text: &str, min: usize, max: u16) -> Result<String, FieldProblem> {
    let tidy = tidy(text);
    match tidy.chars().count() {
        0 => Err(FieldProblem::Missing),
        count if count < min => Err(FieldProblem::TooShort),
        count if count > usize::from(max) => Err(FieldProblem::TooLong { max }),
        _ => Ok(tidy),
    }
}

/// As [`line()`], `None` when nothing was typed.
pub(crate) fn optional_line(text: &str, max: u16) -> Result<Option<String>, FieldProblem> {
    match line(text, 1, max) {
        Ok(line) => Ok(Some(line)),
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
    /// A person's name, as she writes it: 2 to 80 characters with at least one letter.
    PersonName
);

impl PersonName {
    /// Reads a name. Addresses of web pages are refused: a shop's mail must not carry a stranger's link.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let name = line(text, 2, 80)?;
        let link = name.contains("://") || name.to_ascii_lowercase().contains("www.");
        if link || !name.chars().any(char::is_alphabetic) {
            return Err(FieldProblem::Malformed);
        }
        Ok(Self(name))
    }
}

text_field!(
    /// An e-mail address of plausible shape; the domain in lower case.
    Email
);

impl Email {
    /// Reads an address. ASCII only: few mail servers deliver to others, and a look-alike letter
    /// would send a shopper's mail to somebody else.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let address = line(text, 1, 254)?;
        let (local, domain) = address.rsplit_once('@').ok_or(FieldProblem::Malformed)?;
        if is_local_part(local) && is_domain(domain) {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(FieldProblem::Malformed)
        }
    }

    /// Enough to recognise one's own address, not enough to learn another's: `r***@example.org`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or(("", ""));
        format!("{}***@{domain}", local.get(..1).unwrap_or_default())
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
    /// A telephone number: `+` and 7 to 15 digits where the country is known, else 6 to 15 digits.
    Phone
);

impl Phone {
    /// Reads a number as people write it: spaces, hyphens, dots, slashes and brackets are
    /// forgiven, a leading `00` means `+`, and nine digits that begin with 9 are a Peruvian mobile.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let typed = line(text, 1, 40)?;
        let mut digits = String::new();
        let mut plus = false;
        for (position, character) in typed.chars().enumerate() {
            match character {
                '0'..='9' => digits.push(character),
                // Full-width digits of an East Asian keyboard.
                '０'..='９' => {
                    digits.extend(char::from_digit(character as u32 - '０' as u32, 10))
                }
                '+' | '＋' if digits.is_empty() && !plus && position <= 1 => plus = true,
                ' ' | '-' | '.' | '/' | '(' | ')' | '‐' | '‑' | '–' => {}
                _ => return Err(FieldProblem::Malformed),
            }
        }
        if let (false, Some(rest)) = (plus, digits.strip_prefix("00")) {
            digits = rest.to_owned();
            plus = true;
        }
        if !plus && digits.len() == 9 && digits.starts_with('9') {
            digits.insert_str(0, "51");
            plus = true;
        }
        let shortest = if plus { 7 } else { 6 };
        match digits.len() {
            short if short < shortest => Err(FieldProblem::TooShort),
            16.. => Err(FieldProblem::TooLong { max: 15 }),
            // No country code begins with 0.
            _ if plus && digits.starts_with('0') => Err(FieldProblem::Malformed),
            _ => Ok(Self(if plus { format!("+{digits}") } else { digits })),
        }
    }
}

text_field!(
    /// A message written on a card: at most 200 characters and 8 lines, never empty.
    GiftMessage
);

impl GiftMessage {
    /// Most characters.
    pub const MAX_CHARS: u16 = 200;
    /// Most lines.
    const MAX_LINES: usize = 8;

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
        if message.chars().count() > usize::from(Self::MAX_CHARS)
            || message.lines().count() > Self::MAX_LINES
        {
            return Err(FieldProblem::TooLong { max: Self::MAX_CHARS });
        }
        Ok(Self(message.to_owned()))
    }

    /// As [`GiftMessage::parse`], `None` when nothing was written.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse_optional(text: &str) -> Result<Option<Self>, FieldProblem> {
        match Self::parse(text) {
            Ok(message) => Ok(Some(message)),
            Err(FieldProblem::Missing) => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hidden_characters_vanish() {
        assert_eq!(
            tidy(" \u{202e}Rosa\u{200b}\t\u{a0}\u{2028}Quispe\u{0}\u{feff} "),
            "Rosa Quispe"
        );
        assert_eq!(PersonName::parse("\u{200b}\u{202e}  "), Err(FieldProblem::Missing));
        assert_eq!(
            PersonName::parse("María-José O’Higgins Ñahui").unwrap().as_str(),
            "María-José O’Higgins Ñahui"
        );
        assert_eq!(PersonName::parse("美穂").unwrap().as_str(), "美穂");
        assert_eq!(PersonName::parse("12"), Err(FieldProblem::Malformed));
        assert_eq!(PersonName::parse("A"), Err(FieldProblem::TooShort));
        assert_eq!(PersonName::parse("Win http://x.example"), Err(FieldProblem::Malformed));
        assert_eq!(PersonName::parse(&"x".repeat(81)), Err(FieldProblem::TooLong { max: 80 }));
    }

    #[test]
    fn addresses_that_can_be_delivered_are_taken() {
        for (typed, kept) in [
            (" Rosa.Q+anillo@Example.ORG ", "Rosa.Q+anillo@example.org"),
            ("a@b.pe", "a@b.pe"),
            ("x_y@sub-domain.example.co", "x_y@sub-domain.example.co"),
        ] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), kept);
        }
        for bad in [
            "rosa",
            "rosa@",
            "@x.pe",
            "rosa@x",
            "a..b@x.pe",
            ".a@x.pe",
            "a.@x.pe",
            "a b@x.pe",
            "a@x..pe",
            "a@-x.pe",
            "a@x.p",
            "a@1.2.3.4",
            "ro\u{301}sa@x.pe",
            "a@ехample.org",
            "a@x.pe\r\nBcc: b@x.pe",
            "<a@x.pe>",
        ] {
            assert_eq!(Email::parse(bad), Err(FieldProblem::Malformed), "{bad}");
        }
        assert_eq!(Email::parse("rosa@example.org").unwrap().masked(), "r***@example.org");
    }

    #[test]
    fn telephone_numbers_are_read_as_written() {
        for (typed, kept) in [
            ("987 654 321", "+51987654321"),
            ("+51 987-654-321", "+51987654321"),
            ("(051) 32-1234", "051321234"),
            ("0049 30 123456", "+4930123456"),
            ("＋１ ２１２ ５５５ ０１００", "+12125550100"),
        ] {
            assert_eq!(Phone::parse(typed).unwrap().as_str(), kept, "{typed}");
        }
        for bad in ["llámame", "+", "12345", "+0 123 456 78", "1234567890123456", "12+345678"] {
            assert!(Phone::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_gift_message_keeps_its_lines() {
        let message = GiftMessage::parse("\r\n Para ti,\r\n\r\n con \t cariño 💛\n\n").unwrap();
        assert_eq!(message.as_str(), "Para ti,\n\ncon cariño 💛");
        assert_eq!(GiftMessage::parse_optional(" \n "), Ok(None));
        assert!(GiftMessage::parse(&"ñ".repeat(200)).is_ok());
        assert_eq!(GiftMessage::parse(&"ñ".repeat(201)), Err(FieldProblem::TooLong { max: 200 }));
        assert!(GiftMessage::parse(&"a\n".repeat(9)).is_err());
    }

    proptest! {
        #[test]
        fn nothing_typed_can_panic_and_reading_again_changes_nothing(text in any::<String>()) {
            prop_assert_eq!(tidy(&tidy(&text)), tidy(&text));
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()).unwrap(), name);
            }
            if let Ok(message) = GiftMessage::parse(&text) {
                prop_assert_eq!(GiftMessage::parse(message.as_str()).unwrap(), message);
            }
            let _ = (Email::parse(&text), Phone::parse(&text));
        }

        #[test]
        fn plausible_input_reads_again(mail in "[a-zA-Z0-9.+]{1,20}@[a-zA-Z0-9.-]{1,20}", phone in "[+0]{0,2}[0-9 ()-]{5,20}") {
            if let Ok(email) = Email::parse(&mail) {
                prop_assert_eq!(Email::parse(email.as_str()).unwrap(), email);
            }
            if let Ok(number) = Phone::parse(&phone) {
                prop_assert_eq!(Phone::parse(number.as_str()).unwrap(), number);
            }
        }
    }
}
