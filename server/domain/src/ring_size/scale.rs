//! Reads ring sizes as people type them, in the scale of their country.

use std::f64::consts::PI;

use super::RingSize;
use crate::keyboard::plain;

/// A scale of ring sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeScale {
    /// Inner circumference in millimetres (ISO 8653): France, Germany.
    Circumference,
    /// Inner diameter in millimetres.
    Diameter,
    /// The United States and Canada.
    Us,
    /// The United Kingdom, Ireland, Australia: letters and half letters.
    Uk,
    /// Switzerland, Italy, Spain.
    Swiss,
}

/// Why a size could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SizeProblem {
    /// Nothing was typed.
    #[error("missing")]
    Missing,
    /// Not written like a size of the scale.
    #[error("not a size of this scale")]
    Malformed,
    /// Smaller or larger than any ring.
    #[error("no ring has this size")]
    OutOfRange,
}

impl SizeScale {
    /// Every scale.
    pub const ALL: [Self; 5] =
        [Self::Circumference, Self::Diameter, Self::Us, Self::Uk, Self::Swiss];
    /// Most UTF-16 units of a size as typed.
    pub const MAX: u16 = 12;

    /// The name in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Circumference => "mm",
            Self::Diameter => "diameter",
            Self::Us => "us",
            Self::Uk => "uk",
            Self::Swiss => "ch",
        }
    }

    /// The scale of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scale| scale.as_str() == name)
    }

    /// Reads a size as people write it: `17,5`, `１７.５`, `6 1/2`, `6½`, `l½`, `Z+1`.
    ///
    /// # Errors
    /// [`SizeProblem`].
    pub fn read(self, text: &str) -> Result<RingSize, SizeProblem> {
        let typed = with_plain_fractions(text);
        if typed.is_empty() {
            return Err(SizeProblem::Missing);
        }
        if text.encode_utf16().count() > usize::from(Self::MAX) {
            return Err(SizeProblem::Malformed);
        }
        let mm = match self {
            Self::Uk => uk_millimetres(&typed),
            scale => number(typed.trim_end_matches(['m', ' '])).map(|size| match scale {
                Self::Diameter => size * PI,
                Self::Us => (size * 0.032 + 0.458) * 25.4 * PI,
                Self::Swiss => size + 40.0,
                Self::Circumference | Self::Uk => size,
            }),
        }
        .ok_or(SizeProblem::Malformed)?;
        let tenths = (mm * 10.0).round();
        if !(0.0..=f64::from(u16::MAX)).contains(&tenths) {
            return Err(SizeProblem::OutOfRange);
        }
        // Within the range just asked for.
        RingSize::from_tenths_mm(tenths as u16).map_err(|_| SizeProblem::OutOfRange)
    }
}

/// Plain text in small letters, with a point for decimals and with `½` written as `1/2`.
fn with_plain_fractions(text: &str) -> String {
    // This is done before NFKC, which would turn `6½` into `61⁄2`.
    let apart = text.replace('¼', " 1/4").replace('½', " 1/2").replace('¾', " 3/4");
    plain(&apart).to_lowercase().replace([',', '٫', '、', '。'], ".").replace('⁄', "/")
}

/// `6`, `6.5`, `6 1/2`, `1/2`.
fn number(text: &str) -> Option<f64> {
    let (whole, fraction) = match text.rsplit_once(' ') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None if text.contains('/') => ("0", Some(text)),
        None => (text, None),
    };
    let decimal = |text: &str| {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        text.parse::<f64>().ok().filter(|_| plain)
    };
    Some(decimal(whole)? + fraction.map_or(Some(0.0), quarters)?)
}

fn quarters(fraction: &str) -> Option<f64> {
    match fraction {
        "1/4" => Some(0.25),
        "1/2" => Some(0.5),
        "3/4" => Some(0.75),
        _ => None,
    }
}

/// A letter, or a letter and a half: BS 6820, see [`RingSize::uk`]. After Z come Z+1, Z+2 …
fn uk_millimetres(text: &str) -> Option<f64> {
    let (whole, half) = match text.strip_suffix("1/2").or_else(|| text.strip_suffix(".5")) {
        Some(whole) => (whole.trim_end(), 0.5),
        None => (text, 0.0),
    };
    let letters = if let Some(after) = whole.strip_prefix("z+") {
        25 + after.trim().parse::<u8>().ok().filter(|after| *after < 10)?
    } else {
        let [letter @ b'a'..=b'z'] = whole.as_bytes() else { return None };
        letter - b'a'
    };
    Some(37.5 + 1.25 * (f64::from(letters) + half))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_read_from_every_keyboard() {
        for (scale, typed, tenths) in [
            (SizeScale::Circumference, "54", 540),
            (SizeScale::Circumference, "54,5 mm", 545),
            (SizeScale::Circumference, "５４．５", 545),
            (SizeScale::Circumference, "٥٤٫٥", 545),
            (SizeScale::Diameter, "17,5", 550),
            (SizeScale::Diameter, "１７.５", 550),
            (SizeScale::Diameter, "۱۷٫۵", 550),
            (SizeScale::Diameter, "१७.५", 550),
            (SizeScale::Us, "6½", 531),
            (SizeScale::Us, "6 1/2", 531),
            (SizeScale::Us, "6.5", 531),
            (SizeScale::Us, "６，５", 531),
            (SizeScale::Uk, "l½", 519),
            (SizeScale::Uk, "Ｌ １／２", 519),
            (SizeScale::Uk, "L1/2", 519),
            (SizeScale::Uk, "N", 538),
            (SizeScale::Uk, "z+1", 700),
            (SizeScale::Swiss, "12,5", 525),
            (SizeScale::Swiss, "١٤", 540),
        ] {
            assert_eq!(scale.read(typed).unwrap().tenths_mm(), tenths, "{scale:?} {typed}");
        }
        for (scale, typed, problem) in [
            (SizeScale::Us, " ", SizeProblem::Missing),
            (SizeScale::Us, "L", SizeProblem::Malformed),
            (SizeScale::Us, "6 7/8", SizeProblem::Malformed),
            (SizeScale::Us, "inf", SizeProblem::Malformed),
            (SizeScale::Us, "1e1", SizeProblem::Malformed),
            (SizeScale::Uk, "7", SizeProblem::Malformed),
            (SizeScale::Uk, "LL", SizeProblem::Malformed),
            (SizeScale::Uk, "Z+99", SizeProblem::Malformed),
            (SizeScale::Diameter, "5", SizeProblem::OutOfRange),
            (SizeScale::Circumference, "999999999", SizeProblem::OutOfRange),
            (SizeScale::Us, "6666666666666", SizeProblem::Malformed),
        ] {
            assert_eq!(scale.read(typed), Err(problem), "{scale:?} {typed}");
        }
        for scale in SizeScale::ALL {
            assert_eq!(SizeScale::from_name(scale.as_str()), Some(scale));
        }
    }

    proptest! {
        #[test]
        fn what_a_page_prints_is_read_as_the_same_size(tenths in 400_u16..=800) {
            let size = RingSize::from_tenths_mm(tenths).unwrap();
            prop_assert_eq!(SizeScale::Circumference.read(&size.millimetres()), Ok(size));
            if let Some(us) = size.us() {
                prop_assert_eq!(SizeScale::Us.read(&us).map(RingSize::us), Ok(Some(us)));
            }
            if let Some(Ok(read)) = size.uk().map(|uk| SizeScale::Uk.read(&uk)) {
                prop_assert_eq!(read.uk(), size.uk());
            }
            if let Some(Ok(read)) = size.swiss().map(|swiss| SizeScale::Swiss.read(&swiss)) {
                prop_assert_eq!(read.swiss(), size.swiss());
            }
        }

        #[test]
        fn nothing_typed_can_panic(text in any::<String>(), scale in 0..5_usize) {
            let _ = SizeScale::ALL[scale].read(&text);
        }
    }
}
