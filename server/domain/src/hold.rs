//! How many pieces may be held unpaid at a time, so that nobody can block the whole shop.
//!
//! Pieces are counted, not requests, because pieces are scarce. A mailbox and a visitor have a fixed
//! limit. A network has a share of the free pieces, because a whole village may use one network.

/// Whose pieces are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Holder {
    /// The reader of an e-mail address, see [`mailbox`].
    Mailbox,
    /// A visitor's session.
    Visitor,
    /// A network address.
    Network,
}

/// How much the association allows. A limit of 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldLimits {
    /// Pieces per mailbox.
    pub per_mailbox: u32,
    /// Pieces per visitor.
    pub per_visitor: u32,
    /// Percent of all pieces that are free or held from the network. One piece is always allowed.
    pub per_network_percent: u32,
}

/// Pieces that are held unpaid already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// With the same mailbox.
    pub mailbox: u32,
    /// By the same visitor.
    pub visitor: u32,
    /// From the same network.
    pub network: u32,
}

/// More pieces would be held than is allowed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize,
)]
#[error("{held} pieces are held, {wanted} are wanted, {most} are allowed ({holder:?})")]
pub struct TooManyHeld {
    /// Whose limit it is.
    pub holder: Holder,
    /// Pieces that may be held at a time.
    pub most: u32,
    /// Pieces that are held already.
    pub held: u32,
    /// Pieces that are wanted in addition.
    pub wanted: u32,
}

impl HoldLimits {
    /// Nobody is limited.
    pub const NONE: Self = Self { per_mailbox: 0, per_visitor: 0, per_network_percent: 0 };

    /// Whether anything has to be counted.
    #[must_use]
    pub fn limits_anybody(&self) -> bool {
        *self != Self::NONE
    }

    /// How many pieces must be free so that one network may hold `wanted` more. `None` if it does not
    /// matter.
    #[must_use]
    pub fn free_needed(&self, held: u32, wanted: u32) -> Option<u32> {
        let percent = u64::from(self.per_network_percent);
        let together = u64::from(held) + u64::from(wanted);
        if percent == 0 || together <= 1 {
            return None;
        }
        let needed = (together * 100).div_ceil(percent).saturating_sub(u64::from(held));
        Some(u32::try_from(needed).unwrap_or(u32::MAX))
    }

    /// Whether somebody who holds nothing yet may hold so many pieces, as far as that is known
    /// without counting.
    ///
    /// # Errors
    /// [`TooManyHeld`] with the limit.
    pub fn judge_size(&self, wanted: u32) -> Result<(), TooManyHeld> {
        self.judge_own(Held::default(), wanted)
    }

    /// Whether `wanted` more pieces may be held. `free` is the number of pieces that nobody holds,
    /// including the wanted ones; it need not be counted beyond [`Self::free_needed`].
    ///
    /// # Errors
    /// [`TooManyHeld`] with the first limit that is exceeded.
    pub fn judge(&self, held: Held, wanted: u32, free: u32) -> Result<(), TooManyHeld> {
        self.judge_own(held, wanted)?;
        if self.free_needed(held.network, wanted).is_some_and(|needed| free < needed) {
            let all = u64::from(free) + u64::from(held.network);
            let share = (all * u64::from(self.per_network_percent) / 100).max(1);
            let most = u32::try_from(share).unwrap_or(u32::MAX);
            return Err(TooManyHeld { holder: Holder::Network, most, held: held.network, wanted });
        }
        Ok(())
    }

    fn judge_own(&self, held: Held, wanted: u32) -> Result<(), TooManyHeld> {
        for (holder, most, held) in [
            (Holder::Visitor, self.per_visitor, held.visitor),
            (Holder::Mailbox, self.per_mailbox, held.mailbox),
        ] {
            if most > 0 && held.saturating_add(wanted) > most {
                return Err(TooManyHeld { holder, most, held, wanted });
            }
        }
        Ok(())
    }
}

/// The mailbox that an e-mail address most likely belongs to. Letter case does not matter. The text
/// after a `+` is a label. At Gmail dots do not matter; at Yahoo the text after a hyphen is a label.
#[must_use]
pub fn mailbox(address: &str) -> String {
    let address = address.trim().to_lowercase();
    let Some((local, domain)) = address.rsplit_once('@') else { return address };
    let domain = if domain == "googlemail.com" { "gmail.com" } else { domain };
    let before = |local: &str, mark: char| {
        let name = local.split(mark).next().unwrap_or_default();
        if name.is_empty() { local.to_owned() } else { name.to_owned() }
    };
    let mut name = before(local, '+');
    if domain == "gmail.com" {
        name.retain(|letter| letter != '.');
    }
    let is_yahoo = domain.starts_with("yahoo.") || matches!(domain, "ymail.com" | "rocketmail.com");
    if is_yahoo {
        name = before(&name, '-');
    }
    format!("{name}@{domain}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    const USUAL: HoldLimits =
        HoldLimits { per_mailbox: 5, per_visitor: 5, per_network_percent: 50 };

    fn network(held: u32, wanted: u32, free: u32) -> Option<u32> {
        let limits = HoldLimits { per_mailbox: 0, per_visitor: 0, ..USUAL };
        let judged = limits.judge(Held { network: held, ..Held::default() }, wanted, free);
        judged.err().map(|refused| refused.most)
    }

    #[test]
    fn a_mailbox_and_a_visitor_hold_five_pieces() {
        let own = |mailbox, visitor, wanted| {
            let held = Held { mailbox, visitor, network: 0 };
            USUAL.judge(held, wanted, 1_000).err().map(|refused| (refused.holder, refused.held))
        };
        assert_eq!(own(0, 0, 5), None);
        assert_eq!(own(0, 0, 6), Some((Holder::Visitor, 0)));
        assert_eq!(own(4, 0, 1), None);
        assert_eq!(own(4, 0, 2), Some((Holder::Mailbox, 4)));
        assert_eq!(own(0, 5, 1), Some((Holder::Visitor, 5)));
        assert_eq!(own(u32::MAX, 0, u32::MAX), Some((Holder::Visitor, 0)));
    }

    #[test]
    fn a_network_holds_half_of_what_is_free_and_always_one() {
        assert_eq!(network(0, 6, 13), None);
        assert_eq!(network(0, 7, 13), Some(6));
        assert_eq!(network(6, 1, 7), Some(6));
        assert_eq!(network(5, 1, 7), None, "one of them was paid");
        assert_eq!(network(0, 1, 1), None, "the last piece can be bought");
        assert_eq!(network(0, 2, 3), Some(1));
        assert_eq!(network(1, 1, 1), Some(1));
    }

    #[test]
    fn without_limits_everything_is_allowed() {
        assert!(!HoldLimits::NONE.limits_anybody() && USUAL.limits_anybody());
        let held = Held { mailbox: 900, visitor: 900, network: 900 };
        assert_eq!(HoldLimits::NONE.judge(held, 900, 0), Ok(()));
        assert_eq!(HoldLimits::NONE.free_needed(900, 900), None);
    }

    #[test]
    fn addresses_of_one_mailbox_count_as_one() {
        for (one, other) in [
            ("Ana@Example.com", "ana@example.com"),
            ("ana+1@example.com", "ana+dos@example.com"),
            ("a.na@gmail.com", "an.a+x@googlemail.com"),
            ("ana-1@yahoo.com.pe", "ana-2@yahoo.com.pe"),
            ("+1@example.com", "+1@Example.com"),
        ] {
            assert_eq!(mailbox(one), mailbox(other), "{one} {other}");
        }
        for (one, other) in [
            ("a.na@example.com", "ana@example.com"),
            ("ana-1@example.com", "ana-2@example.com"),
            ("+1@example.com", "+2@example.com"),
            ("ana@gmail.com", "ana@example.com"),
        ] {
            assert_ne!(mailbox(one), mailbox(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn a_network_never_holds_more_than_its_share_and_nobody_waits_for_ever(
            percent in 1_u32..=100, pieces in 1_u32..60, wishes in prop::collection::vec(1_u32..6, 1..40),
        ) {
            let limits = HoldLimits { per_network_percent: percent, ..HoldLimits::NONE };
            let mut held = 0;
            for wanted in wishes.into_iter().filter(|wanted| *wanted <= pieces) {
                let free = pieces - held;
                let counted = limits.free_needed(held, wanted).map_or(0, |needed| needed.min(free));
                if wanted <= free && limits.judge(Held { network: held, ..Held::default() }, wanted, counted).is_ok() {
                    held += wanted;
                }
                prop_assert!(held <= (pieces * percent / 100).max(1));
            }
            // Somebody who holds nothing may hold one.
            prop_assert_eq!(limits.judge(Held::default(), 1, pieces), Ok(()));
        }

        #[test]
        fn any_text_has_one_mailbox(text in any::<String>()) {
            prop_assert_eq!(mailbox(&mailbox(&text)), mailbox(&text));
        }
    }
}
