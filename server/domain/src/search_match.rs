//! Which words of the catalogue a search means: one rule for both database engines.
//!
//! A word finds itself and its other endings. The last word of a search also finds the words that
//! begin with it, because the visitor may still be typing. Only a word that finds nothing in this way
//! is read as one with a typing error. The beginning is compared with the word **as typed**, never
//! with its stem: a plate (`plato`) is not silver (`plata`).

use std::collections::HashMap;

use crate::search_text::{stem, words};

/// Most words of one search.
const TERMS_MAX: usize = 8;
/// Most words of the catalogue that one word of a search may mean.
const READINGS_MAX: usize = 24;
/// Fewest letters of a word in which a typing error is allowed: many shorter words differ by one letter.
const SLIP_LETTERS: usize = 4;

/// What a visitor searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Nothing was typed.
    Nothing,
    /// The text contains no word to search for (`!!!`, an emoji, `los`).
    NoWords,
    /// Different words in the order of the text, at most eight.
    Words(Vec<String>),
}

impl Asked {
    /// Reads the text of a search.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::Nothing;
        }
        let mut different: Vec<String> = Vec::new();
        for word in words(text) {
            if different.len() < TERMS_MAX && !different.contains(&word) {
                different.push(word);
            }
        }
        if different.is_empty() { Self::NoWords } else { Self::Words(different) }
    }
}

/// What one word of a search means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The word of the search, folded.
    pub asked: String,
    /// Words of the catalogue that it means, in alphabetical order.
    pub words: Vec<String>,
    /// Whether it also means all words that begin with it.
    pub begins: bool,
    /// Whether [`Self::words`] were found by assuming a typing error.
    pub slip: bool,
}

impl Reading {
    /// Whether it can find anything.
    #[must_use]
    pub const fn finds(&self) -> bool {
        self.begins || !self.words.is_empty()
    }

    /// Whether it means this word.
    #[must_use]
    pub fn means(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
            || (self.begins && word.starts_with(&self.asked))
    }
}

/// The words of the catalogue without digits. Words with digits must match exactly and need no list.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Each word once with its stem, in alphabetical order.
    words: Vec<(String, String)>,
    by_stem: HashMap<String, Vec<usize>>,
}

impl Vocabulary {
    /// The vocabulary of these words, folded as [`words`] folds them.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = String>) -> Self {
        let mut list: Vec<String> = all.into_iter().filter(|word| is_known_kind(word)).collect();
        list.sort_unstable();
        list.dedup();
        let words: Vec<(String, String)> = list
            .into_iter()
            .map(|word| {
                let stem = stem(&word);
                (word, stem)
            })
            .collect();
        let mut by_stem: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, (_, stem)) in words.iter().enumerate() {
            by_stem.entry(stem.clone()).or_default().push(index);
        }
        Self { words, by_stem }
    }

    /// What each word of a search means.
    #[must_use]
    pub fn read(&self, asked: &[String]) -> Vec<Reading> {
        let last = asked.len().saturating_sub(1);
        asked.iter().enumerate().map(|(index, word)| self.read_word(word, index == last)).collect()
    }

    fn read_word(&self, asked: &str, last: bool) -> Reading {
        let reading = |words: Vec<String>, begins, slip| Reading {
            asked: asked.to_owned(),
            words,
            begins,
            slip,
        };
        if !is_known_kind(asked) {
            return reading(vec![asked.to_owned()], false, false);
        }
        let asked_stem = stem(asked);
        let same: Vec<String> = self
            .by_stem
            .get(&asked_stem)
            .into_iter()
            .flatten()
            .take(READINGS_MAX)
            .map(|index| self.words[*index].0.clone())
            .collect();
        let begins = last && self.begins(asked);
        if !same.is_empty() || begins {
            return reading(same, begins, false);
        }
        let slips: Vec<String> = self
            .words
            .iter()
            .filter(|(word, stem)| is_slip(asked, word) || is_slip(&asked_stem, stem))
            .take(READINGS_MAX)
            .map(|(word, _)| word.clone())
            .collect();
        let slip = !slips.is_empty();
        reading(slips, false, slip)
    }

    fn begins(&self, asked: &str) -> bool {
        let at = self.words.partition_point(|(word, _)| word.as_str() < asked);
        self.words.get(at).is_some_and(|(word, _)| word.starts_with(asked))
    }
}

/// Whether words like this are in the vocabulary: they have no digits.
#[must_use]
pub fn is_known_kind(word: &str) -> bool {
    !word.is_empty() && !word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether two words differ by one typing error: one letter more, less or replaced, or two neighbours
/// exchanged. A different last vowel is no typing error but another ending, which [`stem`] handles.
fn is_slip(asked: &str, known: &str) -> bool {
    let (asked, known): (Vec<char>, Vec<char>) = (asked.chars().collect(), known.chars().collect());
    if asked.len().min(known.len()) < SLIP_LETTERS || asked.len().abs_diff(known.len()) > 1 {
        return false;
    }
    let same_start = asked.iter().zip(&known).take_while(|(a, b)| a == b).count();
    let (a, b) = (&asked[same_start..], &known[same_start..]);
    let ending = |rest: &[char]| matches!(rest, [] | ['a' | 'e' | 'i' | 'o' | 'u']);
    if ending(a) && ending(b) {
        return false;
    }
    match (a, b) {
        ([x, y, rest_a @ ..], [v, w, rest_b @ ..]) if x == w && y == v && rest_a == rest_b => true,
        ([_, rest_a @ ..], [_, rest_b @ ..]) if rest_a == rest_b => true,
        ([_, rest_a @ ..], b) if rest_a == b => true,
        (a, [_, rest_b @ ..]) => a == rest_b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vocabulary() -> Vocabulary {
        let all =
            "anillo anillos plata platos condor aretes arete batea opalo rosado mina oro women";
        Vocabulary::new(words(all))
    }

    fn read(text: &str) -> Vec<Reading> {
        match Asked::parse(text) {
            Asked::Words(asked) => vocabulary().read(&asked),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_text_without_words_is_not_an_empty_text() {
        for text in ["", " \t", "\n"] {
            assert_eq!(Asked::parse(text), Asked::Nothing);
        }
        for text in ["!!!", "💍", "los", "de la the", "—", "\"", "\u{200b}\u{301}"] {
            assert_eq!(Asked::parse(text), Asked::NoWords, "{text}");
        }
    }

    #[test]
    fn a_search_is_at_most_eight_plain_words() {
        let asked = |text| match Asked::parse(text) {
            Asked::Words(words) => words,
            other => panic!("{other:?}"),
        };
        assert_eq!(asked("los anillos de plata, Anillos"), ["anillos", "plata"]);
        assert_eq!(asked("\" OR * NEAR( NOT"), ["near", "not"]);
        assert_eq!(asked(&"x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 ".repeat(10)).len(), 8);
    }

    #[test]
    fn a_word_means_its_endings_and_the_last_word_also_what_begins_with_it() {
        let both = read("anillo bat");
        assert_eq!(both[0].words, ["anillo", "anillos"]);
        assert!(!both[0].begins && both[1].begins && both[1].words.is_empty());
        assert!(both[1].means("batea") && !both[1].means("ba"));
        // The word as typed is compared, because too many words begin with its stem.
        assert!(!read("plato")[0].means("plata"));
        assert_eq!(read("plato")[0].words, ["platos"]);
    }

    #[test]
    fn a_typing_error_is_corrected_where_nothing_else_matches() {
        for (typed, meant) in [
            ("anilo", "anillo"),
            ("anlilos", "anillos"),
            ("qnillo", "anillo"),
            ("anilllo", "anillo"),
            ("codnor", "condor"),
            ("arrete", "arete"),
            ("ropsado", "rosado"),
        ] {
            let reading = &read(typed)[0];
            assert!(reading.slip && reading.means(meant), "{typed}: {reading:?}");
        }
        for (typed, other) in [("plate", "plata"), ("ora", "oro"), ("anxyllo", "anillo")] {
            let reading = &read(&format!("{typed} 950"))[0];
            assert!(!reading.means(other), "{typed}: {reading:?}");
        }
        assert!(!read("plat 950")[0].means("plata"), "a missing last vowel is no typing error");
        assert!(!read("oros")[0].slip);
        // A number is exact, as a serial is.
        assert_eq!(read("951")[0].words, ["951"]);
        assert!(!read("951")[0].begins);
    }

    proptest! {
        /// A word of the catalogue is found after any single change, except at its last vowel.
        #[test]
        fn any_single_typing_error_is_found(at in 0_usize..6, kind in 0_u8..4, letter in proptest::char::range('a', 'z')) {
            let mut typed: Vec<char> = "condor".chars().collect();
            match kind {
                0 => { typed[at] = letter; }
                1 => typed.insert(at, letter),
                2 => { typed.remove(at); }
                _ => { if at > 0 { typed.swap(at - 1, at); } }
            }
            let typed: String = typed.into_iter().collect();
            let reading = &vocabulary().read(std::slice::from_ref(&typed))[0];
            prop_assert!(reading.means("condor"), "{}: {:?}", typed, reading);
        }

        #[test]
        fn a_word_of_the_catalogue_means_itself(word in "[a-z]{1,12}") {
            let reading = &Vocabulary::new([word.clone()]).read(std::slice::from_ref(&word))[0];
            prop_assert!(reading.means(&word) && !reading.slip);
        }
    }
}
