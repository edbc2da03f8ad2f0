//! Text for searching. The words of indexed texts and of searches are read by the same rules here, not
//! in the database, so that SQLite and PostgreSQL find the same things.
//!
//! [`fold`] makes texts comparable, [`words`] splits them, [`stem`] removes endings. What matches what
//! is decided in [`crate::search_match`].

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::keyboard::decimal_digit;

/// Words too common to search by, in both languages, already folded.
const STOP_WORDS: [&str; 34] = [
    "a", "al", "an", "and", "at", "by", "con", "de", "del", "el", "en", "for", "from", "in", "la",
    "las", "los", "o", "of", "on", "or", "para", "por", "the", "to", "u", "un", "una", "unas",
    "unos", "with", "y", "e", "su",
];

/// Words before a serial that only announce a number, folded.
const NUMBER_MARKS: [&str; 10] =
    ["n", "o", "no", "nr", "nro", "num", "numero", "number", "serie", "serial"];

/// Words after a number of karats, as people write them in both languages, folded.
const KARATS: [&str; 18] = [
    "k", "kt", "kts", "ct", "cts", "kl", "quilate", "quilates", "kilate", "kilates", "karat",
    "karats", "carat", "carats", "qt", "kr", "qts", "kte",
];
/// Karats of pure gold.
const MOST_KARATS: u32 = 24;

/// Fewest letters after which digits begin a word of their own: `plata950`, but not `D0147`.
const LETTERS_BEFORE_NUMBER: usize = 3;

/// Most characters of a word; no word of a catalogue is longer.
pub const WORD_MAX: usize = 40;

/// Folds a text: lower case, compatibility forms replaced, accents removed (`ñ` becomes `n`), and one
/// space for everything between words that is no letter or digit. Folding twice is the same as
/// folding once.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in plain_letters(text).chars() {
        if character.is_alphanumeric() {
            folded.push(character);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Lower-case letters without accents. Other characters stay, but every apostrophe becomes `'`.
fn plain_letters(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    if text.is_ascii() {
        plain.push_str(text);
        plain.make_ascii_lowercase();
        return plain.replace('`', "'");
    }
    // This is done before NFKD, which turns some apostrophes into a space and an accent.
    let text: String = text.chars().map(one_apostrophe).collect();
    // NFKD twice, because some lower-case letters are composed although their capitals are not.
    // Some characters only become an apostrophe by it.
    for character in text.nfkd().flat_map(char::to_lowercase).nfkd().map(one_apostrophe) {
        if character.is_ascii() {
            plain.push(character);
        } else if !is_combining_mark(character) && !is_joiner(character) {
            match plain_spelling(character) {
                Some(letters) => plain.push_str(letters),
                None => plain.push(decimal_digit(character).unwrap_or(character)),
            }
        }
    }
    plain
}

const fn one_apostrophe(character: char) -> char {
    match character {
        '`' | '´' | '‘' | '’' | '‛' | '′' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | 'ˈ' | 'ˊ' | 'ˋ'
        | '\u{a78b}' | '\u{a78c}' | '＇' | '\u{5f3}' => '\'',
        other => other,
    }
}

/// Invisible characters that do not separate words.
const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The plain spelling of a letter that is not a plain letter with an accent.
const fn plain_spelling(character: char) -> Option<&'static str> {
    Some(match character {
        'æ' => "ae",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ĸ' => "k",
        'ł' => "l",
        'ø' => "o",
        'œ' => "oe",
        'ß' => "ss",
        'ŧ' => "t",
        'þ' => "th",
        _ => return None,
    })
}

/// The words of a text in its order, for the index and for searches alike. They are folded, and the
/// most common words are left out. A possessive becomes its owner, a number loses leading zeros, a
/// fineness in karats is one word (`18k`), and words that only announce a number are left out. Words
/// have letters and digits only.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in raw_words(&plain_letters(text)) {
        push(&mut words, word);
    }
    words.retain(|word| !STOP_WORDS.contains(&word.as_str()));
    for word in &mut words {
        if let Some((end, _)) = word.char_indices().nth(WORD_MAX) {
            word.truncate(end);
        }
    }
    words
}

/// Adds a word. The words before it decide how it is read.
fn push(words: &mut Vec<String>, word: String) {
    if is_number(&word) && word == "1000" && words.last().is_some_and(|last| is_permille(last)) {
        return;
    }
    if word.bytes().any(|byte| byte.is_ascii_digit()) {
        drop_number_marks(words);
    } else if KARATS.contains(&word.as_str())
        && let Some(number) = words.last_mut()
        && let Some(karats) = karats(number)
    {
        *number = karats;
        return;
    }
    words.push(word);
}

/// Removes the words that announced a serial. The serial begins with the next word, or with one or two
/// letters just added (`K-07`). `N.º` is folded to two words, `n` and `o`.
fn drop_number_marks(words: &mut Vec<String>) {
    let is_mark = |word: &String| NUMBER_MARKS.contains(&word.as_str());
    let short = words.last().is_some_and(|last| last.len() <= 2 && !is_mark(last));
    let end = words.len() - usize::from(short);
    let marks = words[..end].iter().rev().take(2).take_while(|word| is_mark(word)).count();
    words.drain(end - marks..end);
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_permille(number: &str) -> bool {
    is_number(number) && number.len() == 3
}

/// `18k` for 18, if gold can be that fine.
fn karats(number: &str) -> Option<String> {
    let karats: u32 = number.parse().ok().filter(|karats| (1..=MOST_KARATS).contains(karats))?;
    Some(format!("{karats}k"))
}

/// The parts of a text between spaces and punctuation, each split into words.
fn raw_words(plain: &str) -> Vec<String> {
    let mut words = Vec::new();
    let letters: Vec<char> = plain.chars().collect();
    let mut start = 0;
    for at in 0..=letters.len() {
        let goes_on = letters.get(at).is_some_and(|letter| {
            letter.is_alphanumeric() || *letter == '\'' || is_decimal_sign(&letters, at)
        });
        if !goes_on {
            if at > start {
                split_part(&letters[start..at], &mut words);
            }
            start = at + 1;
        }
    }
    words
}

/// A point or comma between digits.
fn is_decimal_sign(letters: &[char], at: usize) -> bool {
    let digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    matches!(letters[at], '.' | ',') && at > 0 && digit(at - 1) && digit(at + 1)
}

/// Splits the text between two spaces into one word or two.
fn split_part(letters: &[char], words: &mut Vec<String>) {
    let text: String = letters.iter().collect();
    let text = text.trim_matches('\'');
    let text = text.strip_suffix("'s").unwrap_or(text).replace('\'', "");
    if text.is_empty() {
        return;
    }
    if let Some(number) = decimal(&text) {
        words.push(number);
        return;
    }
    let digits_at = text.find(|letter: char| letter.is_ascii_digit()).unwrap_or(text.len());
    let (letters, rest) = text.split_at(digits_at);
    let word_before = letters.chars().count() >= LETTERS_BEFORE_NUMBER;
    match number(rest) {
        Some(_) if letters == "k" => words.push(karats(rest).unwrap_or(text)),
        Some(number) if letters.is_empty() => words.push(number),
        Some(number) if word_before || NUMBER_MARKS.contains(&letters) => {
            words.extend([letters.to_owned(), number]);
        }
        _ => words.push(text),
    }
}

/// A number alone, or a number of karats (`18kt`).
fn number(text: &str) -> Option<String> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    match (digits, unit) {
        ("", _) => None,
        (_, "") => Some(without_zeros(digits)),
        (_, unit) if KARATS.contains(&unit) => karats(digits),
        _ => None,
    }
}

/// A number with a decimal point or comma as one word: a fineness written as a fraction of one becomes
/// its permille (`0.925` is `925`), any other number gets a `p` for the point (`2p7`).
fn decimal(text: &str) -> Option<String> {
    let (whole, places) = text.split_once(['.', ','])?;
    if whole == "0" && places.len() == 3 && is_number(places) {
        return Some(without_zeros(places));
    }
    Some(text.replace(['.', ','], "p"))
}

fn without_zeros(number: &str) -> String {
    let significant = number.trim_start_matches('0');
    if significant.is_empty() { "0".to_owned() } else { significant.to_owned() }
}

/// The words by which a serial is found: its parts, and the whole without separators.
#[must_use]
pub fn serial_words(serial: &str) -> Vec<String> {
    let mut parts = words(serial);
    let whole = fold(serial).replace(' ', "");
    if parts.len() > 1 && whole.chars().count() <= WORD_MAX {
        parts.push(whole);
    }
    parts
}

/// Removes the ending of a folded word without knowing its language: names and descriptions of both
/// languages are in one index.
///
/// It removes the plurals `-s` and `-es`, the Spanish endings `-o`/`-a`/`-e`, and the spellings that
/// change with them (`cruz`/`cruces`, `ruby`/`rubies`). At least three characters remain.
#[must_use]
pub fn stem(word: &str) -> String {
    let mut stem = word.to_owned();
    if stem.chars().count() > 3 && stem.ends_with('s') && !stem.ends_with("ss") {
        stem.pop();
        if stem.ends_with("ie") && stem.chars().count() > 3 {
            stem.pop();
        }
    }
    if stem == "plata" {
        // Silver (`plata`) is not a plate (`plato`): the most common search keeps its ending.
        return stem;
    }
    if stem.chars().count() > 3 && stem.ends_with(['a', 'e', 'o']) {
        stem.pop();
    }
    // The stem of "cruces" ends in c and of "rubies" in i, so the singulars must end like that too.
    if stem.chars().count() > 3 {
        match stem.chars().last() {
            Some('z') => replace_last(&mut stem, 'c'),
            Some('y') => replace_last(&mut stem, 'i'),
            _ => {}
        }
    }
    stem
}

fn replace_last(text: &mut String, with: char) {
    text.pop();
    text.push(with);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accents_case_and_punctuation_do_not_matter() {
        for (text, folded) in [
            ("Anillo Ñandú", "anillo nandu"),
            ("  ¡Tupu—de   PLATA! ", "tupu de plata"),
            ("cin\u{303}a e\u{301}l", "cina el"),
            ("İstanbul Straße", "istanbul strasse"),
            ("Ｐｌａｔａ ９５０", "plata 950"),
            ("𝔹𝕒𝕥𝕖𝕒 ﬁna", "batea fina"),
            ("٩٥٠ ९५०", "950 950"),
            ("", ""),
            ("<b>'; DROP--", "b drop"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn every_apostrophe_is_the_same_and_a_possessive_is_its_owner() {
        for sign in "'’‘‛`´ʼʻʹ′＇\u{a78c}".chars() {
            assert_eq!(words(&format!("women{sign}s")), ["women"], "{sign}");
            assert_eq!(words(&format!("the makers{sign} K{sign}anchay")), ["makers", "kanchay"]);
        }
        assert_eq!(words("‘plata’ 'oro'"), ["plata", "oro"]);
        assert_eq!(words("' '' ’s"), ["s"]);
    }

    #[test]
    fn a_number_is_the_same_with_and_without_the_words_that_announce_it() {
        for text in [
            "0147",
            "147",
            "N.º 0147",
            "Nº0147",
            "N° 147",
            "n.º147",
            "No. 0147",
            "no 147",
            "#0147",
            "Nro. 147",
            "núm. 147",
            "número 147",
            "serial 0147",
            "０１４７",
            "٠١٤٧",
        ] {
            assert_eq!(words(text), ["147"], "{text}");
        }
        for text in ["K-07", "n.º K-07", "No. K 07"] {
            assert_eq!(words(text), ["k", "7"], "{text}");
        }
        assert_eq!(words("N.º D0147"), ["d0147"]);
        assert_eq!(words("N.º"), ["n"]);
        assert_eq!(words("0 00 000"), ["0", "0", "0"]);
        assert_eq!(serial_words("S-0012/3"), ["s", "12", "3", "s00123"]);
        assert_eq!(serial_words("0147"), ["147"]);
    }

    #[test]
    fn fineness_is_read_as_people_write_it() {
        for text in [
            "oro 18k",
            "oro 18 k",
            "oro 18 quilates",
            "ORO 18 KT",
            "oro de 18 kilates",
            "oro 18ct",
            "oro 18-karat",
            "oro 18kts",
            "oro k18",
            "oro 18 carat",
            "ORO18K",
        ] {
            assert_eq!(words(text), ["oro", "18k"], "{text}");
        }
        for text in ["plata 950", "plata950", "plata .950", "plata 0,950", "plata 950/1000"] {
            assert_eq!(words(text), ["plata", "950"], "{text}");
        }
        // A stone's weight is no fineness, and no gold has more than 24 karats.
        assert_eq!(words("ópalo 0,21 ct"), ["opalo", "0p21", "ct"]);
        assert_eq!(words("25 k"), ["25", "k"]);
        assert_eq!(words("1000"), ["1000"]);
    }

    #[test]
    fn all_endings_of_a_word_have_one_stem() {
        for group in [
            &["anillo", "anillos", "Anillos"][..],
            &["arete", "aretes"],
            &["colgante", "colgantes"],
            &["ring", "rings"],
            &["earring", "earrings"],
            &["necklace", "necklaces"],
            &["brooch", "brooches"],
            &["cruz", "cruces"],
            &["ruby", "rubies", "rubí", "rubíes"],
            &["dorado", "dorada", "dorados", "doradas"],
            &["cristal", "cristales"],
            &["ola", "olas"],
            &["río", "rios"],
            &["cross", "crosses"],
            &["collar", "collares"],
        ] {
            let stems: Vec<String> = group.iter().map(|word| stem(&fold(word))).collect();
            assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{stems:?}");
        }
        assert_ne!(stem("anillo"), stem("arete"));
        assert_ne!(stem("ring"), stem("earring"));
        assert_ne!(stem("plata"), stem("plato"));
    }

    #[test]
    fn folding_a_character_twice_changes_nothing() {
        for character in (0..0x2_0000).filter_map(char::from_u32) {
            let once = fold(&character.to_string());
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(character));
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
        }

        #[test]
        fn words_are_letters_and_digits_whatever_is_typed(text in any::<String>()) {
            for word in words(&text) {
                prop_assert!(!word.is_empty() && word.chars().all(char::is_alphanumeric), "{}", word);
                prop_assert!(word.chars().count() <= WORD_MAX);
                prop_assert_eq!(fold(&word), word);
            }
        }
    }
}
