//! Text for searching: the same folding for what is indexed and what is asked, done here and not
//! in the database, so that SQLite FTS5 and PostgreSQL find the same things.
//!
//! Index [`search_document`] with a tokenizer that only splits at spaces (FTS5 `unicode61`,
//! PostgreSQL `simple`), ask for all of [`search_terms`], the last one as a prefix while somebody is typing.

/// Words too common to search by, in both languages, already folded.
const STOP_WORDS: [&str; 34] = [
    "a", "al", "an", "and", "at", "by", "con", "de", "del", "el", "en", "for", "from", "in", "la",
    "las", "los", "o", "of", "on", "or", "para", "por", "the", "to", "u", "un", "una", "unas",
    "unos", "with", "y", "e", "su",
];

/// Longest token kept, in characters; nothing in a catalogue is longer.
const TOKEN_MAX: usize = 40;
/// Most terms of one query.
const TERMS_MAX: usize = 8;

/// Folds a text: lower case, accents stripped (`ñ` becomes `n`), everything but letters and digits
/// becomes one space between words. Folding twice changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match plain(character) {
            Plain::Same => folded.push(character),
            Plain::Text(replacement) => folded.push_str(replacement),
            Plain::Mark => {}
            Plain::Gap => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

enum Plain {
    /// A letter or digit that stands for itself.
    Same,
    /// A letter with an accent, or two letters written as one.
    Text(&'static str),
    /// An accent of its own, or an invisible joiner: dropped without parting the word.
    Mark,
    /// Anything else parts words.
    Gap,
}

/// What a lower-case character becomes.
fn plain(character: char) -> Plain {
    if character.is_ascii() {
        return if character.is_ascii_alphanumeric() { Plain::Same } else { Plain::Gap };
    }
    Plain::Text(match character {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ª' | 'ǎ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẽ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' | 'ĸ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'º' | 'ǒ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ǔ' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {
            return Plain::Mark;
        }
        other if other.is_alphanumeric() => return Plain::Same,
        _ => return Plain::Gap,
    })
}

/// The words of a text, folded, with their endings forgiven and the commonest words left out.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(' ')
        .filter(|word| !word.is_empty() && !STOP_WORDS.contains(word))
        .map(|word| stem(word).chars().take(TOKEN_MAX).collect())
        .collect();
    words.into_iter()
}

/// What to put into the index: tokens parted by single spaces, in the text's order.
#[must_use]
pub fn search_document(text: &str) -> String {
    tokens(text).collect::<Vec<_>>().join(" ")
}

/// What to ask the index for: at most eight different tokens of letters and digits only, so that
/// no query syntax of either engine can slip in. Empty when nothing is left to search by.
#[must_use]
pub fn search_terms(query: &str) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for token in tokens(query) {
        if !terms.contains(&token) {
            terms.push(token);
        }
        if terms.len() == TERMS_MAX {
            break;
        }
    }
    terms
}

/// Takes the ending off a folded word, lightly, without knowing its language: names and
/// descriptions of both languages stand in one index.
///
/// Plural `-s` and `-es`, the Spanish endings `-o`/`-a`/`-e`, and the spellings that change with
/// them (`cruz`/`cruces`, `ruby`/`rubies`). At least three characters stay.
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
        // Silver is not a plate: the word asked for most keeps its ending.
        return stem;
    }
    if stem.chars().count() > 3 && stem.ends_with(['a', 'e', 'o']) {
        stem.pop();
    }
    // What is left of "cruces" ends in c, of "rubies" in i: bring the singulars there.
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
    fn accents_cases_and_signs_do_not_matter() {
        for (text, folded) in [
            ("Anillo Ñandú", "anillo nandu"),
            ("  ¡Tupu—de   PLATA! ", "tupu de plata"),
            ("cin\u{303}a e\u{301}l", "cina el"),
            ("İstanbul Straße", "istanbul strasse"),
            ("", ""),
            ("<b>'; DROP--", "b drop"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn endings_are_forgiven() {
        for words in [
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
            let stems: Vec<String> = words.iter().map(|word| search_document(word)).collect();
            assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{stems:?}");
        }
        assert_ne!(stem("anillo"), stem("arete"));
        assert_ne!(stem("ring"), stem("earring"));
        assert_ne!(stem("plata"), stem("plato"));
    }

    #[test]
    fn a_query_is_few_plain_words() {
        assert_eq!(search_terms("los anillos de plata, Anillo"), ["anill", "plata"]);
        assert_eq!(search_terms("\" OR * NEAR( NOT"), ["near", "not"]);
        assert!(search_terms("de la the").is_empty());
        assert_eq!(search_terms(&"x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 ".repeat(10)).len(), 8);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
        }

        #[test]
        fn what_is_asked_is_found_where_it_stands(text in "[\\PC ]{0,60}") {
            let document = search_document(&text);
            let words: Vec<&str> = document.split(' ').collect();
            for term in search_terms(&text) {
                prop_assert!(words.contains(&term.as_str()));
                prop_assert!(term.chars().all(char::is_alphanumeric) && term.chars().count() <= TOKEN_MAX);
            }
        }
    }
}
