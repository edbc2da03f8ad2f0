//! The facts of a design in words: metal, measures, stones, techniques.
//! Codes of the database become words here. A code without a translation is shown as it is.

use domain::language::Language;
use domain::metal::Metal;

use crate::backend::shop::{DesignView, Dimension, Stone};
use crate::components::claim::metal_name;
use crate::components::format;
use crate::i18n::shop::design as t;

/// Fineness of the gold grains and inlays of silver pieces.
pub(super) const GRAIN_FINENESS: u32 = 750;

/// The rows of the facts: title and text.
pub(super) fn rows(language: Language, view: &DesignView) -> Vec<(&'static str, String)> {
    let mut rows = vec![(t::fact_metal(language), metal(language, view))];
    if view.pieces.is_empty() && view.weight_mg > 0 {
        rows.push((t::fact_weight(language), format::weight(language, view.weight_mg)));
    }
    rows.extend(dimensions(language, &view.dimensions));
    if !view.stones.is_empty() {
        let stones: Vec<String> =
            view.stones.iter().map(|stone| stone_words(language, stone)).collect();
        rows.push((t::fact_stones(language), stones.join("; ")));
    }
    if !view.techniques.is_empty() {
        let techniques: Vec<String> =
            view.techniques.iter().map(|code| technique(language, code)).collect();
        rows.push((t::fact_technique(language), sentence_case(&techniques.join(", "))));
    }
    if !view.care.is_empty() {
        rows.push((t::fact_care(language), view.care.clone()));
    }
    rows
}

fn metal(language: Language, view: &DesignView) -> String {
    let main = metal_name(language, view.metal, view.fineness_permille);
    if view.gold_750_mg == 0 || view.metal == Metal::Gold {
        return main;
    }
    let gold = metal_name(language, Metal::Gold, GRAIN_FINENESS);
    let grain = t::fact_gold_grain(language, gold, format::weight(language, view.gold_750_mg));
    format!("{main}; {}", lower_first(&grain))
}

/// Measures grouped by the part that they belong to, in the order in which the parts first appear.
fn dimensions(language: Language, dimensions: &[Dimension]) -> Vec<(&'static str, String)> {
    let mut groups: Vec<(&'static str, String)> = Vec::new();
    for dimension in dimensions {
        let (group, words) = measure(language, dimension);
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, text)) => {
                text.push_str(", ");
                text.push_str(&words);
            }
            None => groups.push((group, sentence_case(&words))),
        }
    }
    groups
}

fn measure(language: Language, dimension: &Dimension) -> (&'static str, String) {
    let mm = format::millimetres(language, dimension.hundredths_mm);
    let size = t::group_size(language);
    match dimension.code.as_str() {
        "dish_diameter" => (t::group_dish(language), t::dim_across(language, mm)),
        "dish_depth" => (t::group_dish(language), t::dim_deep(language, mm)),
        "band_width" => (t::group_band(language), t::dim_wide(language, mm)),
        "band_thickness" => (t::group_band(language), t::dim_thick(language, mm)),
        "stone_length" => (t::group_stone(language), t::dim_long(language, mm)),
        "stone_width" => (t::group_stone(language), t::dim_wide(language, mm)),
        "chain_length" => (t::group_chain(language), t::dim_long(language, mm)),
        "link_length" => (t::group_link(language), t::dim_long(language, mm)),
        "link_width" => (t::group_link(language), t::dim_wide(language, mm)),
        "wire_diameter" => (t::group_link(language), t::dim_wire(language, mm)),
        "head_diameter" => (t::group_head(language), t::dim_across(language, mm)),
        "head_thickness" => (t::group_head(language), t::dim_thick(language, mm)),
        "length" => (size, t::dim_long(language, mm)),
        "width" => (size, t::dim_wide(language, mm)),
        "height" => (size, t::dim_high(language, mm)),
        "diameter" => (size, t::dim_across(language, mm)),
        "depth" => (size, t::dim_deep(language, mm)),
        "thickness" => (size, t::dim_thick(language, mm)),
        "drop" => (size, t::dim_drop(language, mm)),
        "inner_width" => (size, t::dim_inner_wide(language, mm)),
        "inner_depth" => (size, t::dim_inner_deep(language, mm)),
        "opening" => (size, t::dim_opening(language, mm)),
        "end_width" => (size, t::dim_ends(language, mm)),
        other => (size, t::dim_other(language, other.replace('_', " "), mm)),
    }
}

fn stone_words(language: Language, stone: &Stone) -> String {
    let (kind, origin, cut) =
        (kind(language, stone), origin(language, stone), cut(language, stone));
    let carats = format::decimal_hundredths(language, stone.weight_hundredths_ct);
    match stone.count {
        0 | 1 => t::stone_one(language, kind, origin, cut, carats),
        count => t::stone_many(language, count, lower_first(kind), origin, cut, carats),
    }
}

/// What a stone is.
pub(super) fn kind(language: Language, stone: &Stone) -> &str {
    match stone.kind.as_str() {
        "pink opal" => t::stone_pink_opal(language),
        "chrysocolla" => t::stone_chrysocolla(language),
        other => other,
    }
}

/// How a stone is cut.
pub(super) fn cut(language: Language, stone: &Stone) -> &str {
    match stone.cut.as_str() {
        "free-form cabochon" => t::cut_free_form(language),
        "oval cabochon" => t::cut_oval(language),
        other => other,
    }
}

/// Where a stone comes from.
pub(super) fn origin(language: Language, stone: &Stone) -> &str {
    match stone.origin.as_str() {
        "Peru" | "Perú" => t::country_peru(language),
        other => other,
    }
}

/// What a technique is called.
pub(super) fn technique(language: Language, code: &str) -> String {
    let words = match code.replace([' ', '-'], "_").as_str() {
        "binding" => t::technique_binding(language),
        "casting" => t::technique_casting(language),
        "chasing" => t::technique_chasing(language),
        "engraving" => t::technique_engraving(language),
        "forging" => t::technique_forging(language),
        "gilding" => t::technique_gilding(language),
        "granulation" => t::technique_granulation(language),
        "hammering" => t::technique_hammering(language),
        "oxidising" => t::technique_oxidising(language),
        "patina" => t::technique_patina(language),
        "polishing" => t::technique_polishing(language),
        "sand_casting" => t::technique_sand_casting(language),
        "sawing" => t::technique_sawing(language),
        "soldering" => t::technique_soldering(language),
        "stone_setting" => t::technique_stone_setting(language),
        "wire_drawing" => t::technique_wire_drawing(language),
        _ => return code.to_owned(),
    };
    words.to_owned()
}

/// What a step of the work is called; the codes are those of `domain::contribution::Step`.
pub(super) fn step(language: Language, code: &str) -> String {
    let words = match code {
        "design" => t::step_design(language),
        "wax_modelling" => t::step_wax_modelling(language),
        "casting" => t::step_casting(language),
        "rolling" => t::step_rolling(language),
        "smithing" => t::step_smithing(language),
        "hammering" => t::step_hammering(language),
        "soldering" => t::step_soldering(language),
        "filigree" => t::step_filigree(language),
        "granulation" => t::step_granulation(language),
        "chasing" => t::step_chasing(language),
        "engraving" => t::step_engraving(language),
        "stone_setting" => t::step_stone_setting(language),
        "chain_making" => t::step_chain_making(language),
        "enamelling" => t::step_enamelling(language),
        "patina" => t::step_patina(language),
        "polishing" => t::step_polishing(language),
        "finishing" => t::step_finishing(language),
        "inspection" => t::step_inspection(language),
        "other" => t::step_other(language),
        unknown => unknown,
    };
    words.to_owned()
}

/// The text with a capital first letter.
pub(super) fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_grouped_by_part() {
        let dimension =
            |code: &str, hundredths_mm| Dimension { code: code.to_owned(), hundredths_mm };
        let all = [
            dimension("dish_diameter", 1600),
            dimension("band_width", 270),
            dimension("dish_depth", 300),
            dimension("new_measure", 100),
        ];
        let rows = dimensions(Language::Es, &all);
        assert_eq!(rows[0], ("Plato", "16\u{a0}mm de diámetro, 3\u{a0}mm de hondo".to_owned()));
        assert_eq!(rows[1], ("Aro", "2,7\u{a0}mm de ancho".to_owned()));
        assert_eq!(rows[2], ("Medidas", "New measure: 1\u{a0}mm".to_owned()));
    }

    #[test]
    fn stones_are_named_with_their_origin() {
        let stone = Stone {
            kind: "chrysocolla".to_owned(),
            origin: "Peru".to_owned(),
            cut: "oval cabochon".to_owned(),
            weight_hundredths_ct: 500,
            count: 2,
        };
        assert_eq!(
            stone_words(Language::Es, &stone),
            "2 de crisocola de Perú, cabujón ovalado, 5 ct cada una"
        );
    }
}
