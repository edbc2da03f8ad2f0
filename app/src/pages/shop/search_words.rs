//! The words by which a search finds a design in addition to its texts: the words that its page shows for
//! its codes, in every language, and other words for the same things.

use domain::language::Language;
use domain::metal::{Metal, karats};

use super::catalogue::filters::category_name;
use super::design_facts::{GRAIN_FINENESS, cut, kind, origin, technique};
use crate::backend::shop::{Category, Stone};
use crate::components::claim::metal_name;
use crate::i18n::shop::catalogue as t;

/// The codes of a design.
#[derive(Debug)]
pub struct Codes<'a> {
    /// What it is.
    pub category: Category,
    /// Its metal.
    pub metal: Metal,
    /// Fineness of the metal in permille.
    pub fineness_permille: u32,
    /// Gold of 750 permille in it, in mg.
    pub gold_750_mg: i64,
    /// Its stones.
    pub stones: &'a [Stone],
    /// Codes of the techniques.
    pub techniques: &'a [String],
}

/// Words for the category, the metal, the stones and the techniques.
#[must_use]
pub fn facts(codes: &Codes<'_>) -> String {
    let mut words: Vec<String> = Vec::new();
    for language in Language::ALL {
        words.push(category_name(language, codes.category).to_owned());
        words.push(category_also(language, codes.category).to_owned());
        words.push(metal(language, codes.metal, codes.fineness_permille));
        for stone in codes.stones {
            words.extend(
                [kind(language, stone), cut(language, stone), origin(language, stone)]
                    .map(str::to_owned),
            );
        }
        words.extend(codes.techniques.iter().map(|code| technique(language, code)));
    }
    words.join(" ")
}

/// Further words: those for the gold grains of a silver piece, and for jewellery as such.
#[must_use]
pub fn besides(codes: &Codes<'_>) -> String {
    let mut words: Vec<String> = Vec::new();
    for language in Language::ALL {
        words.push(t::also_any(language).to_owned());
        if codes.metal != Metal::Gold && codes.gold_750_mg > 0 {
            words.push(metal(language, Metal::Gold, GRAIN_FINENESS));
        }
    }
    words.join(" ")
}

/// A metal as pages name it, and with other names of its fineness.
fn metal(language: Language, metal: Metal, fineness_permille: u32) -> String {
    let name = metal_name(language, metal, fineness_permille);
    let fineness = t::also_fineness(language);
    let also = match (metal, fineness_permille) {
        (Metal::Gold, permille) => {
            let karats = karats(permille);
            format!("{karats} {karats}k")
        }
        (Metal::Silver, 925) => t::also_sterling(language).to_owned(),
        (Metal::Silver, _) => String::new(),
    };
    format!("{name} {fineness} {also}")
}

/// Other names of a category.
const fn category_also(language: Language, category: Category) -> &'static str {
    match category {
        Category::Ring => t::also_ring(language),
        Category::Earrings => t::also_earrings(language),
        Category::Pendant => t::also_pendant(language),
        Category::Necklace => t::also_necklace(language),
        Category::Bracelet => t::also_bracelet(language),
        Category::Brooch => t::also_brooch(language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_facts_is_there_in_both_languages() {
        let stone = Stone {
            kind: "pink opal".into(),
            origin: "Peru".into(),
            cut: "oval cabochon".into(),
            weight_hundredths_ct: 100,
            count: 1,
        };
        let codes = Codes {
            category: Category::Brooch,
            metal: Metal::Silver,
            fineness_permille: 950,
            gold_750_mg: 5,
            stones: &[stone],
            techniques: &["hammering".to_owned()],
        };
        let facts = facts(&codes);
        for word in [
            "Prendedores",
            "Brooches",
            "Plata 950",
            "Silver 950",
            "Ópalo rosado",
            "Pink opal",
            "ovalado",
            "oval",
            "Perú",
            "batido",
            "hammer",
        ] {
            assert!(facts.contains(word), "{word}: {facts}");
        }
        assert!(!facts.contains("Oro"), "the grains are not what it is made of");
        let besides = besides(&codes);
        assert!(besides.contains("Oro 750") && besides.contains("18k"));
        let gold = Codes { metal: Metal::Gold, fineness_permille: 750, ..codes };
        assert!(super::facts(&gold).contains("18k") && !super::besides(&gold).contains("18k"));
    }
}
