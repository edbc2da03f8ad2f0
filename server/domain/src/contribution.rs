//! Who did what on a piece, and the weight of that work when the makers' part is divided.

use serde::{Deserialize, Serialize};

use crate::id::MemberId;

/// A step of making a piece, from the workshop's own list. [`Step::Other`] is for any other work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Diseño.
    Design,
    /// Modelado en cera.
    WaxModelling,
    /// Fundición, vaciado.
    Casting,
    /// Laminado y trefilado.
    Rolling,
    /// Trabajo de banco: aserrado, limado, forja.
    Smithing,
    /// Batido con martillo.
    Hammering,
    /// Soldadura.
    Soldering,
    /// Filigrana.
    Filigree,
    /// Granulado.
    Granulation,
    /// Cincelado y repujado.
    Chasing,
    /// Grabado.
    Engraving,
    /// Engaste de piedras.
    StoneSetting,
    /// Tejido de cadena.
    ChainMaking,
    /// Esmalte.
    Enamelling,
    /// Pátina.
    Patina,
    /// Pulido.
    Polishing,
    /// Acabado.
    Finishing,
    /// Control de calidad.
    Inspection,
    /// Cualquier otro trabajo.
    Other,
}

impl Step {
    /// Every step, in the usual order of work.
    pub const ALL: [Self; 19] = [
        Self::Design,
        Self::WaxModelling,
        Self::Casting,
        Self::Rolling,
        Self::Smithing,
        Self::Hammering,
        Self::Soldering,
        Self::Filigree,
        Self::Granulation,
        Self::Chasing,
        Self::Engraving,
        Self::StoneSetting,
        Self::ChainMaking,
        Self::Enamelling,
        Self::Patina,
        Self::Polishing,
        Self::Finishing,
        Self::Inspection,
        Self::Other,
    ];

    /// The name in the database and in the locale files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::WaxModelling => "wax_modelling",
            Self::Casting => "casting",
            Self::Rolling => "rolling",
            Self::Smithing => "smithing",
            Self::Hammering => "hammering",
            Self::Soldering => "soldering",
            Self::Filigree => "filigree",
            Self::Granulation => "granulation",
            Self::Chasing => "chasing",
            Self::Engraving => "engraving",
            Self::StoneSetting => "stone_setting",
            Self::ChainMaking => "chain_making",
            Self::Enamelling => "enamelling",
            Self::Patina => "patina",
            Self::Polishing => "polishing",
            Self::Finishing => "finishing",
            Self::Inspection => "inspection",
            Self::Other => "other",
        }
    }

    /// The step of a stored name; `None` for any other text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == name)
    }
}

/// How a contribution is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Time at the bench.
    Minutes(u32),
    /// A rate agreed for the step, in minor units of PEN.
    PieceRateMinor(u32),
}

impl Effort {
    /// The weight in the makers' part: the agreed worth of the work in minor units of PEN.
    ///
    /// Minutes count at `minute_rate_minor` (from the split policy), so that minutes and piece rates can stand
    /// side by side. Only the ratio between weights matters.
    #[must_use]
    pub fn weight(self, minute_rate_minor: u32) -> u64 {
        match self {
            Self::Minutes(minutes) => u64::from(minutes) * u64::from(minute_rate_minor),
            Self::PieceRateMinor(rate) => u64::from(rate),
        }
    }
}

/// One step that one member did on one piece. Closed at inspection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Who did it.
    pub member_id: MemberId,
    /// What she did.
    pub step: Step,
    /// How much.
    pub effort: Effort,
}

impl Contribution {
    /// Whose work it is, and how much.
    #[must_use]
    pub const fn effort_of_member(&self) -> (&MemberId, Effort) {
        (&self.member_id, self.effort)
    }
}

/// The weight of each member in this work, every member once, in the order of her first
/// contribution: the stable order that breaks ties.
#[must_use]
pub fn weights_by_member<'a>(
    work: impl IntoIterator<Item = (&'a MemberId, Effort)>,
    minute_rate_minor: u32,
) -> Vec<(&'a MemberId, u64)> {
    let mut weights: Vec<(&MemberId, u64)> = Vec::new();
    for (member_id, effort) in work {
        let weight = effort.weight(minute_rate_minor);
        match weights.iter_mut().find(|(member, _)| *member == member_id) {
            Some((_, sum)) => *sum = sum.saturating_add(weight),
            None => weights.push((member_id, weight)),
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for step in Step::ALL {
            assert_eq!(Step::from_name(step.as_str()), Some(step));
        }
        assert_eq!(Step::from_name("DESIGN"), None);
    }

    #[test]
    fn the_steps_of_one_member_are_added_up() {
        let of = |member: &str, effort| Contribution {
            member_id: MemberId::parse(member).unwrap(),
            step: Step::Smithing,
            effort,
        };
        let work = [
            of("b", Effort::Minutes(10)),
            of("a", Effort::PieceRateMinor(300)),
            of("b", Effort::Minutes(5)),
        ];
        let weights = weights_by_member(work.iter().map(Contribution::effort_of_member), 20);
        assert_eq!(
            weights,
            [(&MemberId::parse("b").unwrap(), 300), (&MemberId::parse("a").unwrap(), 300)]
        );
    }
}
