//! The kinds of shoppers, and how frequent each is.

use rand::Rng as _;
use rand::rngs::StdRng;

/// A kind of shopper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pays by card; delivery in Lima.
    Buys,
    /// Pays in dollars; delivery abroad.
    BuysAbroad,
    /// The card is declined; pays with another card.
    IsDeclined,
    /// The card is declined; cancels the order.
    CancelsOrder,
    /// Passes 3-D Secure.
    Authenticates,
    /// Fails 3-D Secure and leaves.
    FailsToAuthenticate,
    /// Pays by bank debit, which is decided later.
    PaysLate,
    /// Pays by bank debit, which fails later.
    FailsLate,
    /// Leaves the payment page without paying.
    LeavesWithoutPaying,
    /// Clicks twice on *Pay*.
    ClicksTwice,
    /// Changes the address after the payment page was opened.
    ChangesAddress,
    /// Two shoppers want the same piece at the same time.
    Races,
    /// Sends invented prices, pieces and webhooks.
    Tampers,
    /// Pays and gets a full refund.
    IsRefunded,
    /// Pays and gets refunds in parts.
    IsRefundedInParts,
}

impl Kind {
    /// How many in a hundred are of each kind.
    const FREQUENCIES: [(Self, u32); 15] = [
        (Self::Buys, 32),
        (Self::BuysAbroad, 8),
        (Self::IsDeclined, 7),
        (Self::CancelsOrder, 5),
        (Self::Authenticates, 6),
        (Self::FailsToAuthenticate, 3),
        (Self::PaysLate, 5),
        (Self::FailsLate, 4),
        (Self::LeavesWithoutPaying, 8),
        (Self::ClicksTwice, 4),
        (Self::ChangesAddress, 3),
        (Self::Races, 4),
        (Self::Tampers, 3),
        (Self::IsRefunded, 4),
        (Self::IsRefundedInParts, 4),
    ];

    /// A random kind.
    pub(crate) fn random(random: &mut StdRng) -> Self {
        let mut at =
            random.random_range(0..Self::FREQUENCIES.iter().map(|(_, frequency)| frequency).sum());
        for (kind, frequency) in Self::FREQUENCIES {
            if at < frequency {
                return kind;
            }
            at -= frequency;
        }
        Self::Buys
    }
}
