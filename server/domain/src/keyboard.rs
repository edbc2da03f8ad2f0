//! Digits, dashes and spaces as the keyboards of the world write them.
//!
//! A code or a number means the same whether it was typed on an Arabic, a Japanese or a Peruvian
//! phone. [`plain`] makes the texts equal before they are checked. It is never used on names and
//! messages.

use unicode_normalization::UnicodeNormalization as _;

/// The zeros of those decimal digits of Unicode (general category Nd) that NFKC does not change. The
/// digits one to nine follow each zero. A test compares them with Unicode's own list.
const ZEROS: [u32; 67] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0,
    0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0,
    0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1,
    0x1e950,
];

/// A code or a number as an English keyboard writes it: in NFKC, with digits `0` to `9` and dashes `-`,
/// one space for every run of white space and none at the ends, without invisible characters.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(64));
    for character in text.nfkc().filter(|&character| !is_invisible(character)) {
        match plain_character(character) {
            ' ' if plain.is_empty() || plain.ends_with(' ') => {}
            character => plain.push(character),
        }
    }
    if plain.ends_with(' ') {
        plain.pop();
    }
    plain
}

/// The character of an English keyboard for a character.
fn plain_character(character: char) -> char {
    match character {
        // Hyphens, dashes, the minus, the Hebrew and the Mongolian hyphen, and the sign of a long
        // vowel, which Japanese keyboards have in the place of the hyphen.
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{58a}'
        | '\u{5be}'
        | '\u{1806}'
        | '\u{30fc}'
        | '\u{30a0}'
        | '\u{301c}'
        | '\u{2e3a}'
        | '\u{2e3b}' => '-',
        _ if character.is_whitespace() => ' ',
        _ => decimal_digit(character).unwrap_or(character),
    }
}

/// The ASCII digit of another script's digit.
pub(crate) fn decimal_digit(character: char) -> Option<char> {
    let code = u32::from(character);
    let zero = ZEROS[..ZEROS.partition_point(|&zero| zero <= code)].last()?;
    char::from_digit(code - zero, 10)
}

/// Invisible characters: controls, direction marks, joiners, variation selectors, tags. In names,
/// [`crate::contact::tidy`] keeps those that letters need.
fn is_invisible(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether nothing of a text is visible.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || is_invisible(character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_the_same_from_every_keyboard() {
        for typed in ["17 5", "１７　５", "١٧ ٥", "۱۷ ۵", "१७ ५", "๑๗ ๕", " 1\u{200b}7\u{a0}5 "]
        {
            assert_eq!(plain(typed), "17 5", "{typed}");
        }
        for dash in
            ["100-0001", "100‐0001", "100–0001", "１００−０００１", "１００ー０００１", "100﹣0001"]
        {
            assert_eq!(plain(dash), "100-0001", "{dash}");
        }
        assert_eq!(plain("ＳＷ１Ａ １ＡＡ"), "SW1A 1AA");
    }

    proptest! {
        #[test]
        fn every_decimal_digit_of_unicode_is_one_of_ours(digit in "\\p{Nd}") {
            prop_assert!(plain(&digit).bytes().all(|byte| byte.is_ascii_digit()), "{digit}");
        }

        #[test]
        fn plain_twice_is_plain_once(text in any::<String>()) {
            prop_assert_eq!(plain(&plain(&text)), plain(&text));
        }
    }
}
