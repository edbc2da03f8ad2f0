//! How a country writes addresses: the lines, the required parts, and the names of the parts.

use super::field::AddressField;

/// What the code for sorting letters is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostalCodeName {
    /// Postal code.
    PostalCode,
    /// ZIP code of the United States and their territories.
    Zip,
    /// PIN code of India.
    Pin,
    /// Eircode of Ireland.
    Eircode,
}

/// What the region in an address is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum RegionName {
    Province,
    State,
    Department,
    Island,
    Parish,
    County,
    Oblast,
    Emirate,
    Area,
    Prefecture,
    DoSi,
    District,
}

/// What the town in an address is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CityName {
    City,
    District,
    PostTown,
    Suburb,
}

/// What a country's postal codes look like.
#[derive(Debug, PartialEq, Eq)]
pub struct PostalCodeRule {
    /// What it is called.
    pub name: PostalCodeName,
    /// Regular expression of a whole code, in capitals and ASCII digits.
    pub(super) pattern: &'static str,
    /// A code as it is written there.
    pub example: &'static str,
    /// What every code of the country begins with, although many people leave it out: `LV-`.
    pub(super) prefix: &'static str,
}

/// How a country writes addresses.
#[derive(Debug, PartialEq, Eq)]
pub struct AddressRule {
    pub(super) country: &'static str,
    /// Lines below the name: `%A` street, `%C` city, `%S` region, `%Z` postal code.
    pub(super) lines: &'static str,
    /// The same in the country's own script, where its order is another; else empty.
    pub(super) local_lines: &'static str,
    /// The parts that must be given, by their letters.
    pub(super) needs: &'static str,
    /// What the region is called.
    pub region: RegionName,
    /// What the town is called.
    pub city: CityName,
    /// Its postal codes, if it has any.
    pub postal_code: Option<PostalCodeRule>,
}

impl AddressRule {
    /// Whether a form has this field. A part that the country does not write on parcels has none.
    #[must_use]
    pub fn asks(&self, field: AddressField) -> bool {
        letter(field).is_none_or(|part| has(self.lines, part))
    }

    /// Whether this field must be filled in.
    #[must_use]
    pub fn needs(&self, field: AddressField) -> bool {
        match field {
            AddressField::Recipient | AddressField::Country => true,
            AddressField::Line2 | AddressField::Reference => false,
            part => letter(part).is_some_and(|part| self.needs.contains(part)),
        }
    }

    /// The lines of an address below the name, without the line of the country. Empty parts leave no
    /// marks behind. Parts that the country does not use, but somebody filled in, come last.
    #[must_use]
    pub fn lines(&self, street: &str, city: &str, region: &str, postal_code: &str) -> Vec<String> {
        let own_script = [street, city, region].iter().any(|part| is_east_asian(part));
        let pattern =
            if own_script && !self.local_lines.is_empty() { self.local_lines } else { self.lines };
        let part = |letter: char| match letter {
            'A' => street,
            'C' => city,
            'S' => region,
            _ => postal_code,
        };
        let mut lines: Vec<String> = pattern
            .split('\n')
            .map(|line| filled(line, part))
            .filter(|line| !line.is_empty())
            .collect();
        for letter in ['Z', 'C', 'S'] {
            let text = part(letter);
            if !text.is_empty() && !has(pattern, letter) {
                lines.push(text.to_owned());
            }
        }
        lines
    }
}

/// Whether a pattern has a place for a part.
fn has(pattern: &str, letter: char) -> bool {
    pattern.contains(&format!("%{letter}"))
}

/// The letter of a field in [`AddressRule::lines`].
const fn letter(field: AddressField) -> Option<char> {
    match field {
        AddressField::Line1 => Some('A'),
        AddressField::City => Some('C'),
        AddressField::Region => Some('S'),
        AddressField::PostalCode => Some('Z'),
        AddressField::Recipient
        | AddressField::Line2
        | AddressField::Country
        | AddressField::Reference => None,
    }
}

/// A line with its parts filled in. The text between two parts is written only if both are there.
fn filled<'a>(line: &str, part: impl Fn(char) -> &'a str) -> String {
    let mut out = String::new();
    let mut pieces = line.split('%');
    let mut before = pieces.next().unwrap_or_default();
    if !line.contains('%') {
        return line.to_owned();
    }
    for piece in pieces {
        let (letter, after) = piece.split_at(1.min(piece.len()));
        let text = letter.chars().next().map_or("", &part);
        if !text.is_empty() {
            out.push_str(if out.is_empty() {
                before.trim_start_matches([' ', ',', '-'])
            } else {
                before
            });
            out.push_str(text);
        }
        before = after;
    }
    if !out.is_empty() {
        out.push_str(before);
    }
    out
}

/// Chinese, Japanese or Korean writing.
fn is_east_asian(text: &str) -> bool {
    text.chars().any(|character| {
        matches!(character, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}')
    })
}
