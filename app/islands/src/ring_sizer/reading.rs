//! Converts pixels to millimetres and sizes. Whole tenths of a millimetre are exact enough for a
//! measurement by hand.

use domain::ring_size::RingSize;

/// A common object of known size.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Reference {
    pub(crate) width_tenths_mm: u32,
    pub(crate) height_tenths_mm: u32,
    pub(crate) radius_tenths_mm: u32,
}

/// The coin of one sol, 25.5 mm across (Banco Central de Reserva del Perú).
pub(crate) const COIN: Reference =
    Reference { width_tenths_mm: 255, height_tenths_mm: 255, radius_tenths_mm: 127 };
/// A bank card, upright: ISO/IEC 7810 ID-1, 85.60 × 53.98 mm with corners of 3.18 mm.
pub(crate) const CARD: Reference =
    Reference { width_tenths_mm: 540, height_tenths_mm: 856, radius_tenths_mm: 32 };

/// CSS pixels in ten centimetres, from very large screens to very small ones.
pub(crate) const SCALE_BOUNDS: (u32, u32) = (250, 1000);
/// Inner diameters of rings, from a child's ring to a large thumb ring.
pub(crate) const DIAMETER_BOUNDS: (u32, u32) = (120, 250);
/// US 6½, about the most common size of a woman's ring.
pub(crate) const DIAMETER_START_TENTHS_MM: u32 = 169;

/// CSS pixels in ten centimetres on a screen of this kind: where the slider starts.
///
/// CSS defines 96 pixels per inch, which is roughly right for monitors. On phones they are smaller.
pub(crate) fn likely_scale(viewport_width_px: u32) -> u32 {
    if viewport_width_px < 600 { 560 } else { 378 }
}

/// Length on the screen, in CSS pixels.
pub(crate) fn scaled_px(tenths_mm: u32, scale: u32) -> u32 {
    (tenths_mm * scale + 500) / 1000
}

/// A measured size, written in several scales.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Reading(Option<RingSize>);

impl Reading {
    /// The reading for an inner diameter.
    pub(crate) fn of_diameter(diameter_tenths_mm: u32) -> Self {
        let diameter = u16::try_from(diameter_tenths_mm).unwrap_or(u16::MAX);
        Self(RingSize::from_diameter_tenths_mm(diameter).ok())
    }

    /// The size in one scale; a dash if the scale does not have it.
    fn value(&self, value: Value, decimal: &str) -> String {
        let known = self.0.and_then(|size| match value {
            Value::Millimetres => Some(size.millimetres().replace('.', decimal)),
            Value::Whole => Some(((size.tenths_mm() + 5) / 10).to_string()),
            Value::Us => size.us(),
            Value::Uk => size.uk(),
            Value::Spanish => size.swiss().map(|size| size.replace('.', decimal)),
        });
        known.unwrap_or_else(|| "–".to_owned())
    }

    /// The text of a part of a sentence for this size.
    pub(crate) fn text(&self, part: &Part, decimal: &str) -> String {
        match part {
            Part::Words(words) => words.clone(),
            Part::Value(value) => self.value(*value, decimal),
        }
    }

    /// The whole sentence.
    pub(crate) fn fill(&self, sentence: &str, decimal: &str) -> String {
        parts(sentence).iter().map(|part| self.text(part, decimal)).collect()
    }
}

/// A way of writing a size.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Value {
    /// `{mm}`: circumference, with its decimal.
    Millimetres,
    /// `{whole}`: circumference, rounded.
    Whole,
    /// `{us}`.
    Us,
    /// `{uk}`.
    Uk,
    /// `{es}`.
    Spanish,
}

impl Value {
    const ALL: [(&str, Self); 5] = [
        ("{mm}", Self::Millimetres),
        ("{whole}", Self::Whole),
        ("{us}", Self::Us),
        ("{uk}", Self::Uk),
        ("{es}", Self::Spanish),
    ];
}

/// A part of a sentence.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Part {
    /// Fixed words.
    Words(String),
    /// A value of the reading.
    Value(Value),
}

/// A sentence split at its placeholders.
pub(crate) fn parts(mut sentence: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let next = |text: &str| {
        let found =
            Value::ALL.iter().filter_map(|(name, value)| Some((text.find(name)?, *name, *value)));
        found.min_by_key(|(at, ..)| *at)
    };
    while let Some((at, name, value)) = next(sentence) {
        let (words, rest) = sentence.split_at(at);
        if !words.is_empty() {
            parts.push(Part::Words(words.to_owned()));
        }
        parts.push(Part::Value(value));
        sentence = rest.strip_prefix(name).unwrap_or_default();
    }
    if !sentence.is_empty() {
        parts.push(Part::Words(sentence.to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_of_the_slider_is_a_size() {
        for diameter in DIAMETER_BOUNDS.0..=DIAMETER_BOUNDS.1 {
            assert!(Reading::of_diameter(diameter).0.is_some(), "{diameter}");
        }
    }

    #[test]
    fn a_reading_fills_a_sentence() {
        let reading = Reading::of_diameter(165);
        assert_eq!(reading.fill("Tu talla: {mm} mm", ","), "Tu talla: 51,8 mm");
        assert_eq!(reading.fill("US {us}, UK {uk}, ES {es}", "."), "US 6, UK L½, ES 12");
        assert_eq!(reading.fill("?size={whole}", "."), "?size=52");
        assert_eq!(Reading::of_diameter(9000).fill("{mm} {whole}", "."), "– –");
    }

    #[test]
    fn a_sentence_is_split_at_its_placeholders() {
        let words = |text: &str| Part::Words(text.to_owned());
        assert_eq!(parts("Hay {total}"), [words("Hay {total}")]);
        assert_eq!(
            parts("{us}: {mm} mm"),
            [Part::Value(Value::Us), words(": "), Part::Value(Value::Millimetres), words(" mm")]
        );
    }

    #[test]
    fn a_coin_is_as_large_as_the_scale_says() {
        // 96 CSS pixels to the inch of 25.4 mm.
        assert_eq!(scaled_px(COIN.width_tenths_mm, 378), 96);
        assert_eq!(scaled_px(CARD.height_tenths_mm, 1000), 856);
    }
}
