//! Ring sizes. They are stored as inner circumference (ISO 8653); other scales are computed and shown
//! as approximate.

#[cfg(not(target_family = "wasm"))]
mod scale;

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

#[cfg(not(target_family = "wasm"))]
pub use scale::{SizeProblem, SizeScale};

/// The inner circumference of a ring, in tenths of a millimetre. 36.0 mm (a child's) to 80.0 mm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct RingSize(u16);

/// A number that is not the size of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a ring size between 36 and 80 mm")]
pub struct BadRingSize;

const MIN_TENTHS: u16 = 360;
const MAX_TENTHS: u16 = 800;

impl RingSize {
    /// A size from its inner circumference in tenths of a millimetre.
    ///
    /// # Errors
    /// [`BadRingSize`] outside 36.0 to 80.0 mm.
    pub const fn from_tenths_mm(tenths: u16) -> Result<Self, BadRingSize> {
        if tenths >= MIN_TENTHS && tenths <= MAX_TENTHS {
            Ok(Self(tenths))
        } else {
            Err(BadRingSize)
        }
    }

    /// A size from its inner circumference in whole millimetres, which is also its EU (FR, DE) size.
    ///
    /// # Errors
    /// [`BadRingSize`] outside 36 to 80 mm.
    pub const fn from_mm(mm: u16) -> Result<Self, BadRingSize> {
        match mm.checked_mul(10) {
            Some(tenths) => Self::from_tenths_mm(tenths),
            None => Err(BadRingSize),
        }
    }

    /// The size of a ring with this inner diameter, in tenths of a millimetre.
    ///
    /// # Errors
    /// [`BadRingSize`].
    pub fn from_diameter_tenths_mm(diameter: u16) -> Result<Self, BadRingSize> {
        let circumference = (f64::from(diameter) * PI).round();
        if circumference > f64::from(MAX_TENTHS) {
            return Err(BadRingSize);
        }
        // Positive and at most 800.
        Self::from_tenths_mm(circumference as u16)
    }

    /// The inner circumference in tenths of a millimetre.
    #[must_use]
    pub const fn tenths_mm(self) -> u16 {
        self.0
    }

    /// The inner circumference in whole millimetres. The catalogue filters by it.
    #[must_use]
    pub const fn whole_mm(self) -> u16 {
        (self.0 + 5) / 10
    }

    /// The inner circumference in millimetres.
    #[must_use]
    pub fn mm(self) -> f64 {
        f64::from(self.0) / 10.0
    }

    /// The inner diameter in tenths of a millimetre, rounded.
    #[must_use]
    pub fn diameter_tenths_mm(self) -> u16 {
        (f64::from(self.0) / PI).round() as u16
    }

    /// The US and Canadian size in quarters: `(mm/π/25.4 − 0.458)/0.032`, rounded to the nearest
    /// quarter. Negative below size 0.
    #[must_use]
    pub fn us_quarters(self) -> i16 {
        let size = (self.mm() / PI / 25.4 - 0.458) / 0.032;
        (size * 4.0).round() as i16
    }

    /// The US and Canadian size as written: `6`, `6¼`, `6½`, `6¾`; `None` below size 0.
    #[must_use]
    pub fn us(self) -> Option<String> {
        let quarters = u16::try_from(self.us_quarters()).ok()?;
        let fraction = ["", "¼", "½", "¾"][usize::from(quarters % 4)];
        let whole = quarters / 4;
        Some(if whole == 0 && !fraction.is_empty() {
            fraction.to_owned()
        } else {
            format!("{whole}{fraction}")
        })
    }

    /// The British, Irish and Australian size, to the half letter: `L`, `L½`, `Z+1`; `None`
    /// outside the scale.
    ///
    /// BS 6820:1987: size C is 40 mm and a letter is 1.25 mm, so A is 37.5 mm; after Z come Z+1, Z+2 …
    #[must_use]
    pub fn uk(self) -> Option<String> {
        // Half letters are 0.625 mm; in units of 0.025 mm all numbers are whole.
        let above_a = (i32::from(self.0) - 375) * 4;
        let halves = (above_a + 12).div_euclid(25);
        let halves = u8::try_from(halves).ok()?;
        let (letter, half) = (halves / 2, if halves % 2 == 1 { "½" } else { "" });
        Some(if letter < 26 {
            format!("{}{half}", char::from(b'A' + letter))
        } else {
            format!("Z+{}{half}", letter - 25)
        })
    }

    /// The size in Switzerland, Italy and Spain, in tenths: circumference − 40 mm. Negative below 40 mm.
    #[must_use]
    pub const fn swiss_tenths(self) -> i16 {
        // At most 800, so the cast is exact.
        self.0 as i16 - 400
    }

    /// The size in Switzerland, Italy and Spain as written, to the half: `12`, `12.5`; `None` below 40 mm.
    #[must_use]
    pub fn swiss(self) -> Option<String> {
        let tenths = u16::try_from(self.swiss_tenths()).ok()?;
        let halves = (tenths + 2) / 5;
        Some(if halves % 2 == 0 { format!("{}", halves / 2) } else { format!("{}.5", halves / 2) })
    }

    /// The circumference as it is written, with a decimal only if needed: `52`, `52.5`.
    #[must_use]
    pub fn millimetres(self) -> String {
        if self.0.is_multiple_of(10) {
            format!("{}", self.0 / 10)
        } else {
            format!("{}.{}", self.0 / 10, self.0 % 10)
        }
    }
}

impl TryFrom<u16> for RingSize {
    type Error = BadRingSize;
    fn try_from(tenths: u16) -> Result<Self, BadRingSize> {
        Self::from_tenths_mm(tenths)
    }
}

impl From<RingSize> for u16 {
    fn from(size: RingSize) -> Self {
        size.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_agree_with_published_charts() {
        // Circumference, US, UK, CH/IT/ES.
        for (mm, us, uk, swiss) in [
            (490, "5", "J", "9"),
            (520, "6", "L½", "12"),
            (540, "6¾", "N", "14"),
            (570, "8", "P½", "17"),
            (600, "9¼", "S", "20"),
            (622, "10", "U", "22"),
        ] {
            let size = RingSize::from_tenths_mm(mm).unwrap();
            assert_eq!(size.us().unwrap(), us, "{mm}");
            assert_eq!(size.uk().unwrap(), uk, "{mm}");
            assert_eq!(size.swiss().unwrap(), swiss, "{mm}");
        }
        assert_eq!(RingSize::from_mm(52).unwrap().millimetres(), "52");
        assert_eq!(RingSize::from_tenths_mm(525).unwrap().millimetres(), "52.5");
        assert_eq!(RingSize::from_tenths_mm(525).unwrap().swiss().unwrap(), "12.5");
    }

    #[test]
    fn a_ring_measured_across_gives_its_circumference() {
        let size = RingSize::from_diameter_tenths_mm(165).unwrap();
        assert_eq!(size.tenths_mm(), 518);
        assert_eq!(size.diameter_tenths_mm(), 165);
        for bad in [0, 50, 300, u16::MAX] {
            assert!(bad == 50 || RingSize::from_mm(bad).is_err());
            assert!(RingSize::from_diameter_tenths_mm(bad).is_err());
        }
    }

    proptest! {
        #[test]
        fn every_scale_grows_with_the_ring(tenths in MIN_TENTHS..MAX_TENTHS) {
            let (small, large) = (RingSize::from_tenths_mm(tenths).unwrap(), RingSize::from_tenths_mm(tenths + 1).unwrap());
            prop_assert!(small.us_quarters() <= large.us_quarters());
            prop_assert!(small.swiss_tenths() < large.swiss_tenths());
            prop_assert!(small.diameter_tenths_mm() <= large.diameter_tenths_mm());
            let _ = (small.us(), small.uk(), small.swiss());
        }
    }
}
