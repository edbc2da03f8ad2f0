//! Reads a postal code. Spaces, marks and the country's prefix may be missing or added; the shape
//! must be right.

use regex::Regex;

use super::rule::PostalCodeRule;
use crate::keyboard::plain;

/// Characters that people write between the letters and digits of a code.
const BETWEEN: [char; 9] = [' ', '-', '.', ',', ':', '/', '_', '·', '〒'];

/// The code as the country writes it: `ch 8001` is `8001`, `sw1a1aa` is `SW1A 1AA`. `None` if the
/// country has no such code.
pub(super) fn read(typed: &str, country: &str, rule: &PostalCodeRule) -> Option<String> {
    // A test checks that all patterns of the table compile.
    let pattern = Regex::new(&format!("^(?-u:{})$", rule.pattern)).ok()?;
    let whole: String = plain(typed).to_uppercase().replace(BETWEEN, "");
    if !whole.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let without_country = whole.strip_prefix(country).unwrap_or_default();
    // Without anything before the first digit: `CEP`, `PLZ`, `D-`, `LIMA`.
    let from_digit = whole.trim_start_matches(|sign: char| !sign.is_ascii_digit());
    let with_prefix = format!("{}{from_digit}", rule.prefix.replace(BETWEEN, ""));
    [without_country, whole.as_str(), from_digit, with_prefix.as_str()]
        .into_iter()
        .find_map(|signs| spaced(signs, &pattern, rule.example.contains(['-', ' '])))
}

/// The letters and digits with the hyphen or space that the pattern requires. If the pattern only
/// allows one, it is written when the country's example has one (`usual`).
fn spaced(signs: &str, pattern: &Regex, usual: bool) -> Option<String> {
    let bare = || Some(signs.to_owned()).filter(|code| pattern.is_match(code));
    let marked = || {
        (1..signs.len())
            .flat_map(|at| ["-", " "].map(|mark| format!("{}{mark}{}", &signs[..at], &signs[at..])))
            .find(|code| pattern.is_match(code))
    };
    if usual { marked().or_else(bare) } else { bare().or_else(marked) }
}
