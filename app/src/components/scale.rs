//! A drawing of the piece beside a one-sol coin, in true proportions, which a photograph does not show.
//! One unit of the drawing is one millimetre.

use std::f64::consts::PI;

use domain::language::Language;
use leptos::prelude::*;

use super::format;
use crate::backend::shop::{Category, Dimension};
use crate::i18n::shop::design as t;

/// Diameter of the one-sol coin [Banco Central de Reserva del Perú].
const COIN_MM: f64 = 25.5;
/// Room between the things drawn and around them.
const GAP: f64 = 5.0;
/// Thickness of a band for which none is recorded: thin, so that the drawing does not exaggerate.
const THIN_MM: f64 = 1.5;

/// A drawing: its size, its markup and what it shows in words.
#[derive(Debug, Clone, PartialEq)]
struct Drawing {
    width: f64,
    height: f64,
    svg: String,
    words: String,
}

/// Measures by code, in millimetres.
struct Measures<'a>(&'a [Dimension]);

impl Measures<'_> {
    fn hundredths(&self, code: &str) -> Option<i64> {
        // A measure above 40 cm must be a typing error and is not drawn.
        let found = self.0.iter().find(|dimension| dimension.code == code)?.hundredths_mm;
        (1..=40_000).contains(&found).then_some(found)
    }

    fn mm(&self, code: &str) -> Option<f64> {
        self.hundredths(code).map(to_mm)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "hundredths of a millimetre of a jewel are far below 2^52"
)]
fn to_mm(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// The drawing, or nothing when the measures are not enough for a true one.
#[component]
pub fn Scale(
    /// Language of the page.
    language: Language,
    /// What it is.
    category: Category,
    /// Its measures.
    dimensions: Vec<Dimension>,
    /// Inner circumference of the piece shown, in tenths of a mm, for rings.
    #[prop(optional_no_strip)]
    inner_circumference_tenths_mm: Option<u32>,
) -> impl IntoView {
    let measures = Measures(&dimensions);
    let drawing = match category {
        Category::Ring => ring(language, &measures, inner_circumference_tenths_mm),
        Category::Earrings => earrings(language, &measures),
        Category::Pendant => pendant(language, &measures),
        Category::Necklace => necklace(language, &measures),
        Category::Bracelet => bracelet(language, &measures),
        Category::Brooch => brooch(language, &measures),
    };
    drawing.map(|drawing| figure(language, drawing).into_any())
}

fn figure(language: Language, drawing: Drawing) -> impl IntoView {
    let width = drawing.width + COIN_MM + 3.0 * GAP;
    let height = drawing.height.max(COIN_MM) + 2.0 * GAP;
    let middle = height / 2.0;
    let coin_x = width - GAP - COIN_MM / 2.0;
    let radius = COIN_MM / 2.0;
    let inner = format!(
        "<g transform=\"translate({GAP:.1} {:.1})\">{}</g>\
         <g class=\"coin\"><circle cx=\"{coin_x:.1}\" cy=\"{middle:.1}\" r=\"{radius}\"/>\
         <circle cx=\"{coin_x:.1}\" cy=\"{middle:.1}\" r=\"{}\"/>\
         <text x=\"{coin_x:.1}\" y=\"{:.1}\">S/ 1</text></g>",
        middle - drawing.height / 2.0,
        drawing.svg,
        radius - 1.2,
        middle + 1.8,
    );
    let words = t::scale_beside(language, drawing.words, t::scale_coin(language));
    view! {
        <figure class="scale">
            <svg
                viewBox=format!("0 0 {width:.1} {height:.1}")
                width=format!("{:.0}", width * 7.5)
                height=format!("{:.0}", height * 7.5)
                role="img"
                aria-label=words.clone()
                fill="none"
                stroke="currentColor"
                inner_html=inner
            ></svg>
            <figcaption><b>{t::scale_title(language)}</b>" "{words}</figcaption>
        </figure>
    }
}

/// A ring from the front and from the side, with its dish or stone.
fn ring(
    language: Language,
    measures: &Measures<'_>,
    circumference_tenths: Option<u32>,
) -> Option<Drawing> {
    let circumference = circumference_tenths.filter(|tenths| (300..=900).contains(tenths))?;
    let inner = f64::from(circumference) / 10.0 / PI;
    let given = measures.mm("band_thickness");
    let thickness = given.unwrap_or(THIN_MM);
    let outer = inner + 2.0 * thickness;
    let band = measures.mm("band_width").unwrap_or(THIN_MM);
    let (crown_width, crown_depth, crown_height) = if let Some(dish) = measures.mm("dish_diameter")
    {
        (dish, dish, measures.mm("dish_depth").unwrap_or(2.0))
    } else if let Some(stone) = measures.mm("stone_length") {
        let across = measures.mm("stone_width").unwrap_or(stone);
        (stone, across, across * 0.45)
    } else {
        (0.0, 0.0, 0.0)
    };
    let front = outer.max(crown_width);
    let side = band.max(crown_depth);
    let (x, top) = (front / 2.0, crown_height);
    let middle = top + outer / 2.0;
    let side_x = front + GAP;
    let side_middle = side_x + side / 2.0;
    let mut svg = format!(
        "<circle cx=\"{x:.2}\" cy=\"{middle:.2}\" r=\"{:.2}\"/><circle class=\"inside\" cx=\"{x:.2}\" cy=\"{middle:.2}\" r=\"{:.2}\"/>\
         <rect x=\"{:.2}\" y=\"{top:.2}\" width=\"{band:.2}\" height=\"{outer:.2}\" rx=\"{:.2}\"/>",
        outer / 2.0,
        inner / 2.0,
        side_middle - band / 2.0,
        (band / 2.0).min(1.2),
    );
    if crown_width > 0.0 {
        for (at, across) in [(x, crown_width), (side_middle, crown_depth)] {
            svg.push_str(&format!(
                "<path class=\"full\" d=\"M{:.2} .2h{across:.2}q{:.2} {crown_height:.2} {:.2} {crown_height:.2}t{:.2} -{crown_height:.2}z\"/>",
                at - across / 2.0,
                -across * 0.08,
                -across / 2.0,
                -across / 2.0,
            ));
        }
    }
    let words = match given {
        Some(_) => t::scale_ring(language, tenth_mm(language, outer)),
        None => t::scale_ring_inside(language, tenth_mm(language, inner)),
    };
    Some(Drawing { width: side_x + side, height: top + outer, svg, words })
}

/// A pair of earrings on their hooks.
fn earrings(language: Language, measures: &Measures<'_>) -> Option<Drawing> {
    let (width, height, shape, longest) = if let Some(across) = measures.mm("diameter") {
        let thick = measures.mm("thickness").unwrap_or(THIN_MM);
        let radius = across / 2.0;
        let shape = format!(
            "<circle cx=\"{radius:.2}\" cy=\"{radius:.2}\" r=\"{radius:.2}\"/><circle cx=\"{radius:.2}\" cy=\"{radius:.2}\" r=\"{:.2}\"/>",
            (radius - thick).max(1.0)
        );
        (across, across, shape, "diameter")
    } else if let (Some(length), Some(width)) = (measures.mm("length"), measures.mm("width")) {
        // A feather: two arcs that meet.
        let shape = format!(
            "<path class=\"full\" d=\"M{0:.2} 0q{1:.2} {2:.2} 0 {length:.2}q{3:.2} -{2:.2} 0 -{length:.2}z\"/><path d=\"M{0:.2} 0v{length:.2}\"/>",
            width / 2.0,
            width,
            length / 2.0,
            -width,
        );
        (width, length, shape, "length")
    } else if let (Some(width), Some(height)) = (measures.mm("width"), measures.mm("height")) {
        let drop = measures.mm("drop").filter(|drop| *drop > height);
        let hang = drop.map_or(0.0, |drop| drop - height);
        let hook = drop
            .map(|_| format!("<path d=\"M{0:.2} {hang:.2}V2a2 2 0 0 1 4 0v3\"/>", width / 2.0))
            .unwrap_or_default();
        let shape = format!(
            "{hook}<ellipse class=\"full\" cx=\"{0:.2}\" cy=\"{1:.2}\" rx=\"{0:.2}\" ry=\"{2:.2}\"/>",
            width / 2.0,
            hang + height / 2.0,
            height / 2.0,
        );
        (width, hang + height, shape, if drop.is_some() { "drop" } else { "height" })
    } else {
        return None;
    };
    let second = width + GAP;
    let svg = format!("{shape}<g transform=\"translate({second:.2} 0)\">{shape}</g>");
    let mm = format::millimetres(language, measures.hundredths(longest)?);
    Some(Drawing { width: second + width, height, svg, words: t::scale_earrings(language, mm) })
}

/// With the bail and the first of its chain.
fn pendant(language: Language, measures: &Measures<'_>) -> Option<Drawing> {
    const BAIL: f64 = 8.0;
    let (width, height, body, longest) = if let Some(across) = measures.mm("diameter") {
        let radius = across / 2.0;
        let body = format!(
            "<circle class=\"full\" cx=\"{radius:.2}\" cy=\"{:.2}\" r=\"{radius:.2}\"/>",
            BAIL + radius
        );
        (across, across, body, "diameter")
    } else if let (Some(width), Some(height)) = (measures.mm("width"), measures.mm("height")) {
        // The stepped cross: every side in five steps.
        let (a, b) = (width / 5.0, height / 5.0);
        let body = format!(
            "<path class=\"full\" d=\"M{:.2} {BAIL}h{a:.2}v{b:.2}h{a:.2}v{b:.2}h{a:.2}v{b:.2}h-{a:.2}v{b:.2}h-{a:.2}v{b:.2}h-{a:.2}v-{b:.2}h-{a:.2}v-{b:.2}h-{a:.2}v-{b:.2}h{a:.2}v-{b:.2}h{a:.2}z\"/>",
            2.0 * a
        );
        (
            width,
            height,
            body,
            if measures.hundredths("height") >= measures.hundredths("width") {
                "height"
            } else {
                "width"
            },
        )
    } else {
        return None;
    };
    let x = width / 2.0;
    let svg = format!(
        "{body}<ellipse cx=\"{x:.2}\" cy=\"{:.2}\" rx=\"1.6\" ry=\"2.6\"/><path class=\"inside\" d=\"M{x:.2} 3.5L{:.2} 0M{x:.2} 3.5L{:.2} 0\"/>",
        BAIL - 2.6,
        x - 9.0,
        x + 9.0,
    );
    let mm = format::millimetres(language, measures.hundredths(longest)?);
    Some(Drawing { width, height: BAIL + height, svg, words: t::scale_pendant(language, mm) })
}

/// Three links of the chain.
fn necklace(language: Language, measures: &Measures<'_>) -> Option<Drawing> {
    let (length, width) = (measures.mm("link_length")?, measures.mm("link_width")?);
    let wire = measures.mm("wire_diameter").unwrap_or(THIN_MM).min(width / 3.0);
    let step = (length - 2.0 * wire).max(length / 2.0);
    let links: String = [0.0, 1.0, 2.0]
        .map(|index| {
            let x = index * step + length / 2.0;
            let y = width / 2.0;
            format!(
                "<ellipse cx=\"{x:.2}\" cy=\"{y:.2}\" rx=\"{:.2}\" ry=\"{y:.2}\"/><ellipse cx=\"{x:.2}\" cy=\"{y:.2}\" rx=\"{:.2}\" ry=\"{:.2}\"/>",
                length / 2.0,
                length / 2.0 - wire,
                y - wire,
            )
        })
        .concat();
    let mm = format::millimetres(language, measures.hundredths("link_length")?);
    Some(Drawing {
        width: 2.0 * step + length,
        height: width,
        svg: links,
        words: t::scale_necklace(language, mm),
    })
}

/// From above, open below.
fn bracelet(language: Language, measures: &Measures<'_>) -> Option<Drawing> {
    let (width, depth) = (measures.mm("inner_width")?, measures.mm("inner_depth")?);
    let thickness = measures.mm("thickness").unwrap_or(THIN_MM);
    let opening = measures.mm("opening").unwrap_or(0.0).min(width * 0.8);
    let (rx, ry) = (width / 2.0, depth / 2.0);
    // Where the opening's ends lie on the inner ellipse, below its middle.
    let drop = ry * (1.0 - (opening / width).powi(2)).sqrt();
    let (x, y) = (rx + thickness, ry + thickness);
    let arc = |grow: f64| {
        format!(
            "M{:.2} {:.2}A{:.2} {:.2} 0 1 1 {:.2} {:.2}",
            x - opening / 2.0,
            y + drop + grow,
            rx + grow,
            ry + grow,
            x + opening / 2.0,
            y + drop + grow
        )
    };
    let svg =
        format!("<path d=\"{}\"/><path class=\"inside\" d=\"{}\"/>", arc(thickness), arc(0.0));
    let mm = format::millimetres(language, measures.hundredths("inner_width")?);
    Some(Drawing { width: 2.0 * x, height: 2.0 * y, svg, words: t::scale_bracelet(language, mm) })
}

/// Lying, the head to the left.
fn brooch(language: Language, measures: &Measures<'_>) -> Option<Drawing> {
    let length = measures.mm("length")?;
    let head =
        measures.mm("head_diameter").or_else(|| measures.mm("width")).unwrap_or(6.0).min(length);
    let y = head / 2.0;
    let svg = format!(
        "<circle class=\"full\" cx=\"{y:.2}\" cy=\"{y:.2}\" r=\"{y:.2}\"/><path class=\"full\" d=\"M{head:.2} {:.2}L{length:.2} {y:.2}L{head:.2} {:.2}z\"/>",
        y - 1.3,
        y + 1.3,
    );
    let mm = format::millimetres(language, measures.hundredths("length")?);
    Some(Drawing { width: length, height: head, svg, words: t::scale_brooch(language, mm) })
}

/// A computed length to the tenth of a millimetre.
fn tenth_mm(language: Language, mm: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a ring measures some 20 mm")]
    let tenths = (mm * 10.0).round() as i64;
    format::millimetres(language, tenths * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measures(list: &[(&str, i64)]) -> Vec<Dimension> {
        list.iter()
            .map(|(code, hundredths_mm)| Dimension {
                code: (*code).to_owned(),
                hundredths_mm: *hundredths_mm,
            })
            .collect()
    }

    #[test]
    fn a_ring_says_how_wide_it_is_outside() {
        let dimensions = measures(&[
            ("dish_diameter", 1600),
            ("dish_depth", 300),
            ("band_width", 270),
            ("band_thickness", 170),
        ]);
        let drawing = ring(Language::Es, &Measures(&dimensions), Some(540));
        // 54 / π = 17.19, and twice 1.7.
        assert_eq!(drawing.map(|d| d.words), Some("Tu anillo, 20,6\u{a0}mm por fuera".to_owned()));
        let unknown = measures(&[("band_width", 250)]);
        let drawing = ring(Language::En, &Measures(&unknown), Some(540));
        assert_eq!(drawing.map(|d| d.words), Some("Your ring, 17.2\u{a0}mm inside".to_owned()));
    }

    #[test]
    fn nothing_is_drawn_from_measures_that_are_missing_or_absurd() {
        assert_eq!(ring(Language::Es, &Measures(&[]), None), None);
        assert_eq!(ring(Language::Es, &Measures(&[]), Some(5)), None);
        let absurd = measures(&[("length", 9_000_000), ("width", -5), ("diameter", 0)]);
        let absurd = Measures(&absurd);
        assert_eq!(earrings(Language::Es, &absurd), None);
        assert_eq!(pendant(Language::Es, &absurd), None);
        assert_eq!(brooch(Language::Es, &absurd), None);
        assert_eq!(bracelet(Language::Es, &absurd), None);
        assert_eq!(necklace(Language::Es, &absurd), None);
    }

    #[test]
    fn every_category_of_the_demo_has_a_drawing() {
        let es = Language::Es;
        let feather = measures(&[("length", 5940), ("width", 840)]);
        assert_eq!(earrings(es, &Measures(&feather)).map(|d| d.height), Some(59.4));
        let drop = measures(&[("width", 1190), ("height", 1610), ("drop", 3540)]);
        assert_eq!(
            earrings(es, &Measures(&drop)).map(|d| d.words),
            Some("Tus aretes, 35,4\u{a0}mm".to_owned())
        );
        let cross = measures(&[("width", 2580), ("height", 2580), ("thickness", 270)]);
        assert_eq!(pendant(es, &Measures(&cross)).map(|d| d.width), Some(25.8));
        let cuff = measures(&[("inner_width", 5720), ("inner_depth", 4600), ("opening", 2860)]);
        assert!(bracelet(es, &Measures(&cuff)).is_some());
        let pin = measures(&[("length", 15_000), ("head_diameter", 4150)]);
        assert_eq!(brooch(es, &Measures(&pin)).map(|d| d.width), Some(150.0));
        let chain =
            measures(&[("link_length", 1420), ("link_width", 1020), ("wire_diameter", 205)]);
        assert!(necklace(es, &Measures(&chain)).is_some());
    }
}
