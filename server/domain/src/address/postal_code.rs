//! Reading a postal code: the country's marks are forgiven, its shape is not.

use regex::Regex;

use super::rule::PostalCodeRule;
use crate::keyboard::plain;

/// What people write between the signs of a code.
const BETWEEN: [char; 9] = [' ', '-', '.', ',', ':', '/', '_', '·', '〒'];

/// The code as the country writes it: `ch 8001` is `8001`, `sw1a1aa` is `SW1A 1AA`. `None` if it
/// is none of the country's.
pub(super) fn read(typed: &str, country: &str, rule: &PostalCodeRule) -> Option<String> {
    // The table's patterns compile: a test says so.
    let pattern = Regex::new(&format!("^(?-u:{})$", rule.pattern)).ok()?;
    let whole: String = plain(typed).to_uppercase().replace(BETWEEN, "");
    if !whole.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let without_country = whole.strip_prefix(country).unwrap_or_default();
    // `CEP`, `PLZ`, `D-`, `LIMA`: whatever stands before the first digit.
    let from_digit = whole.trim_start_matches(|sign: char| !sign.is_ascii_digit());
    let with_prefix = format!("{}{from_digit}", rule.prefix.replace(BETWEEN, ""));
    [without_country, whole.as_str(), from_digit, with_prefix.as_str()]
        .into_iter()
        .find_map(|signs| spaced(signs, &pattern, rule.example.contains(['-', ' '])))
}

/// The signs with the hyphen or space that the pattern wants; where it only allows one, it is
/// written if the country's example has one.
fn spaced(signs: &str, pattern: &Regex, usual: bool) -> Option<String> {
    let bare = || Some(signs.to_owned()).filter(|code| pattern.is_match(code));
    let marked = || {
        (1..signs.len())
            .flat_map(|at| ["-", " "].map(|mark| format!("{}{mark}{}", &signs[..at], &signs[at..])))
            .find(|code| pattern.is_match(code))
    };
    if usual { marked().or_else(bare) } else { bare().or_else(marked) }
}
