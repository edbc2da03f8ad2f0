//! What a piece is made of and who made it, as recorded in the books. This is the only way to make the
//! input of the split, for the page before a sale and for the sale itself.
//!
//! **Material**: for each lot, the fine milligrams in the piece are rounded; their cost is rounded in
//! the currency of the lot's price; that cost is converted to the currency of the sale and rounded.
//! Stones and findings are priced in soles.
//!
//! **Work that counts**: the work that was closed by the moment of the payment, in the order in which
//! it was closed (then by its id). Work that is still open then has no share. A page before the sale
//! shows the same and says so.

use crate::contribution::Contribution;
use crate::id::PieceId;
use crate::money::{Currency, Money, MoneyError};
use crate::rates::Rates;
use crate::rounding::scale_half_even;
use crate::split::{MaterialCost, MaterialSource, PieceSale};

/// The metal of one lot in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetalUsed {
    /// Whose lot it was.
    pub source: MaterialSource,
    /// Fine metal of it in the piece, in mg.
    pub fine_mg: i64,
    /// What a gram of fine metal of the lot costs.
    pub price_per_fine_g: Money,
}

impl MetalUsed {
    /// What it costs, in the currency of the lot.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn cost(&self) -> Result<Money, MoneyError> {
        let price = self.price_per_fine_g;
        scale_half_even(self.fine_mg, price.amount_minor, 1_000)
            .map(|cost_minor| Money::new(cost_minor, price.currency))
            .ok_or(MoneyError::Overflow)
    }
}

/// A contribution as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedWork {
    /// Its id, which decides the order of work that was closed at the same moment.
    pub id: String,
    /// Who did what.
    pub contribution: Contribution,
    /// When an inspection closed it; `None` while it is open.
    pub closed_at_us: Option<i64>,
}

impl RecordedWork {
    /// Whether it was closed by the moment of a payment.
    #[must_use]
    pub const fn counts_at(&self, paid_at_us: i64) -> bool {
        matches!(self.closed_at_us, Some(closed_at_us) if closed_at_us <= paid_at_us)
    }
}

/// A piece as recorded in the books. The server makes it out of its rows in one place, which a test
/// of the server compares with the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making {
    /// Which piece.
    pub piece_id: PieceId,
    /// Its metal, lot by lot.
    pub metal: Vec<MetalUsed>,
    /// What its stones cost, in minor units of PEN.
    pub stones_minor: i64,
    /// What its findings cost, in minor units of PEN.
    pub findings_minor: i64,
    /// Who worked on it.
    pub work: Vec<RecordedWork>,
}

impl Making {
    /// The piece as sold for this price at this moment.
    ///
    /// # Errors
    /// [`MoneyError`] when the rate of a material's currency is not known, or for absurd amounts.
    pub fn sold_for(
        &self,
        price: Money,
        rates: &Rates,
        paid_at_us: i64,
    ) -> Result<PieceSale, MoneyError> {
        Ok(PieceSale {
            piece_id: self.piece_id.clone(),
            price_minor: price.amount_minor,
            material: self.material(price.currency, rates)?,
            contributions: self.work_that_counts(paid_at_us),
        })
    }

    /// The work that was closed by the moment of a payment, in the order in which it was closed.
    #[must_use]
    pub fn work_that_counts(&self, paid_at_us: i64) -> Vec<Contribution> {
        let mut counts: Vec<&RecordedWork> =
            self.work.iter().filter(|work| work.counts_at(paid_at_us)).collect();
        counts.sort_by(|one, other| {
            (one.closed_at_us, &one.id).cmp(&(other.closed_at_us, &other.id))
        });
        counts.into_iter().map(|work| work.contribution.clone()).collect()
    }

    /// Whether there is work that a payment at this moment would not count.
    #[must_use]
    pub fn has_open_work(&self, at_us: i64) -> bool {
        self.work.iter().any(|work| !work.counts_at(at_us))
    }

    fn material(&self, currency: Currency, rates: &Rates) -> Result<Vec<MaterialCost>, MoneyError> {
        let metal = self.metal.iter().map(|used| Ok((used.source, used.cost()?)));
        let others = [self.stones_minor, self.findings_minor]
            .map(|minor| Ok((MaterialSource::Own, Money::new(minor, Currency::Pen))));
        metal
            .chain(others)
            .map(|cost| {
                let (source, cost) = cost?;
                let deducted_minor = rates.convert(cost, currency)?.amount_minor;
                Ok(MaterialCost { source, cost, deducted_minor })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::contribution::{Effort, Step};
    use crate::id::MemberId;

    fn work(id: &str, member: &str, closed_at_us: Option<i64>) -> RecordedWork {
        RecordedWork {
            id: id.into(),
            contribution: Contribution {
                member_id: MemberId::parse(member).unwrap(),
                step: Step::Smithing,
                effort: Effort::Minutes(10),
            },
            closed_at_us,
        }
    }

    fn ring() -> Making {
        let lot = |source, fine_mg, price_minor, currency| MetalUsed {
            source,
            fine_mg,
            price_per_fine_g: Money::new(price_minor, currency),
        };
        Making {
            piece_id: PieceId::parse("ring").unwrap(),
            metal: vec![
                // 3.714 g × 4.10 soles = 15.2274: 15.23.
                lot(MaterialSource::Consigned, 3_714, 410, Currency::Pen),
                // 0.025 g × 0.20 dollars = 0.005: half to even gives nothing.
                lot(MaterialSource::Own, 25, 20, Currency::Usd),
                // 0.031 g × 68.55 dollars = 2.12505: 2.13.
                lot(MaterialSource::Consigned, 31, 6_855, Currency::Usd),
            ],
            stones_minor: 333,
            findings_minor: 0,
            work: vec![
                work("c", "luz", Some(20)),
                work("b", "rosa", Some(30)),
                work("a", "elena", Some(20)),
                work("d", "nieves", None),
            ],
        }
    }

    #[test]
    fn material_is_rounded_per_lot_in_the_currency_of_its_cost_and_then_in_the_orders() {
        let rates = Rates::new([(Currency::Usd, 3_752_000)]).unwrap();
        let sold = |currency| ring().sold_for(Money::new(38_000, currency), &rates, 30).unwrap();
        let costs = |sale: PieceSale| -> Vec<(i64, Currency, i64)> {
            let each = sale.material.iter();
            each.map(|cost| (cost.cost.amount_minor, cost.cost.currency, cost.deducted_minor))
                .collect()
        };
        // 2.13 dollars are 7.99 soles (7.99176); 15.23 soles are 4.06 dollars (4.0592).
        let soles = [
            (1_523, Currency::Pen, 1_523),
            (0, Currency::Usd, 0),
            (213, Currency::Usd, 799),
            (333, Currency::Pen, 333),
            (0, Currency::Pen, 0),
        ];
        let dollars = [
            (1_523, Currency::Pen, 406),
            (0, Currency::Usd, 0),
            (213, Currency::Usd, 213),
            (333, Currency::Pen, 89),
            (0, Currency::Pen, 0),
        ];
        assert_eq!(costs(sold(Currency::Pen)), soles);
        assert_eq!(costs(sold(Currency::Usd)), dollars);
        let unknown = ring().sold_for(Money::new(1, Currency::Pen), &Rates::default(), 30);
        assert_eq!(unknown, Err(MoneyError::NoRate { currency: Currency::Usd }));
    }

    #[test]
    fn work_closed_by_the_payment_counts_in_the_order_in_which_it_was_closed() {
        let members = |paid_at_us| -> Vec<String> {
            let counts = ring().work_that_counts(paid_at_us);
            counts.iter().map(|work| work.member_id.as_str().to_owned()).collect()
        };
        assert_eq!(members(19), [""; 0]);
        assert_eq!(members(20), ["elena", "luz"], "closed at one moment: by their ids");
        assert_eq!(members(29), ["elena", "luz"]);
        assert_eq!(members(i64::MAX), ["elena", "luz", "rosa"], "open work never counts");
        assert!(ring().has_open_work(i64::MAX));
        let mut closed = ring();
        closed.work.pop();
        assert!(closed.has_open_work(29) && !closed.has_open_work(30));
    }
}
