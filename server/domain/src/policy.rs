//! The split policy: how the net of a sale is divided, by a decision of an assembly.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::lima_midnight_us;
use crate::id::{FundCode, PolicyId};

/// Basis points in a whole.
pub const BPS_WHOLE: u32 = 10_000;

/// A fund's part of the net.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundShare {
    /// The fund.
    pub fund: FundCode,
    /// Its part of the net, in basis points (1/10 000).
    pub bps: u32,
}

/// A version of the rule by which the net of a sale is divided between funds and makers.
///
/// Adopted by a minute (*acta*) of the assembly, in force from a date, never backwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitPolicy {
    /// The row's id.
    pub id: PolicyId,
    /// 1 for the first policy, then upwards.
    pub version: u32,
    /// Number or id of the minute that adopted it.
    pub adopted_by: String,
    /// The day of that assembly, in Juliaca.
    pub adopted_on: Date,
    /// Sales paid at or after this moment follow it, microseconds UTC.
    pub effective_from_us: i64,
    /// What each fund takes of the net; the rest is the makers'.
    pub funds: Vec<FundShare>,
    /// The fund that bears the loss when a sale costs more than it brings.
    pub loss_fund: FundCode,
    /// The reserve for refunds: it balances every refund and every piece that came back.
    pub reserve_fund: Option<FundCode>,
    /// The agreed value of a minute of work, in minor units of PEN. With it minutes and piece rates are
    /// compared.
    pub minute_rate_minor: u32,
}

/// Why a policy is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It names no minute, so no assembly adopted it.
    #[error("the policy names no minute")]
    NoMinute,
    /// The funds take more than the whole.
    #[error("funds take {bps} of 10000 basis points")]
    MoreThanWhole {
        /// The sum of the parts.
        bps: u64,
    },
    /// A fund is named twice.
    #[error("fund {fund} is named twice")]
    FundTwice {
        /// The fund.
        fund: FundCode,
    },
    /// It would apply to sales before it was adopted.
    #[error("the policy would take effect before it was adopted")]
    Retroactive,
    /// A minute of work has no value.
    #[error("the minute rate is zero")]
    NoMinuteRate,
}

impl SplitPolicy {
    /// Checks the rules that hold for every policy.
    ///
    /// # Errors
    /// The first [`PolicyError`] found.
    pub fn validate(&self) -> Result<(), PolicyError> {
        if self.adopted_by.trim().is_empty() {
            return Err(PolicyError::NoMinute);
        }
        for (index, share) in self.funds.iter().enumerate() {
            if self.funds.iter().take(index).any(|other| other.fund == share.fund) {
                return Err(PolicyError::FundTwice { fund: share.fund.clone() });
            }
        }
        let bps: u64 = self.funds.iter().map(|share| u64::from(share.bps)).sum();
        if bps > u64::from(BPS_WHOLE) {
            return Err(PolicyError::MoreThanWhole { bps });
        }
        if self.effective_from_us < lima_midnight_us(self.adopted_on) {
            return Err(PolicyError::Retroactive);
        }
        if self.minute_rate_minor == 0 {
            return Err(PolicyError::NoMinuteRate);
        }
        Ok(())
    }

    /// The fund that balances refunds: the reserve, or the loss fund if the policy names no reserve.
    #[must_use]
    pub fn reserve(&self) -> &FundCode {
        self.reserve_fund.as_ref().unwrap_or(&self.loss_fund)
    }

    /// The makers' part, in basis points of the net. Zero for a policy whose funds take more than the
    /// whole.
    #[must_use]
    pub fn makers_bps(&self) -> u32 {
        self.funds.iter().fold(BPS_WHOLE, |rest, share| rest.saturating_sub(share.bps))
    }
}

/// The policy for a sale at this moment: the last one that took effect; if two took effect together,
/// the higher version. `None` before the first.
#[must_use]
pub fn policy_in_force(policies: &[SplitPolicy], at_us: i64) -> Option<&SplitPolicy> {
    policies
        .iter()
        .filter(|policy| policy.effective_from_us <= at_us)
        .max_by_key(|policy| (policy.effective_from_us, policy.version))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use jiff::civil::date;

    fn policy(version: u32, effective_from_us: i64) -> SplitPolicy {
        SplitPolicy {
            id: PolicyId::parse(format!("p{version}")).unwrap(),
            version,
            adopted_by: "ACTA-2026-01".into(),
            adopted_on: date(2026, 1, 10),
            effective_from_us,
            funds: vec![FundShare { fund: FundCode::parse("association").unwrap(), bps: 1_500 }],
            loss_fund: FundCode::parse("association").unwrap(),
            reserve_fund: None,
            minute_rate_minor: 25,
        }
    }

    #[test]
    fn without_a_reserve_the_loss_fund_balances_refunds() {
        let mut adopted = policy(1, 0);
        assert_eq!(adopted.reserve().as_str(), "association");
        adopted.reserve_fund = Some(FundCode::parse("refunds").unwrap());
        assert_eq!(adopted.reserve().as_str(), "refunds");
    }

    #[test]
    fn the_last_policy_that_took_effect_is_in_force() {
        let all = [policy(2, 200), policy(1, 100), policy(3, 200)];
        assert_eq!(policy_in_force(&all, 99), None);
        assert_eq!(policy_in_force(&all, 100).unwrap().version, 1);
        assert_eq!(policy_in_force(&all, 199).unwrap().version, 1);
        assert_eq!(policy_in_force(&all, 200).unwrap().version, 3);
    }

    #[test]
    fn an_invalid_policy_is_refused_with_its_reason() {
        let start = lima_midnight_us(date(2026, 1, 10));
        assert_eq!(policy(1, start).validate(), Ok(()));
        assert_eq!(policy(1, start - 1).validate(), Err(PolicyError::Retroactive));
        let mut twice = policy(1, start);
        twice.funds.push(twice.funds[0].clone());
        assert!(matches!(twice.validate(), Err(PolicyError::FundTwice { .. })));
        let mut greedy = policy(1, start);
        greedy.funds[0].bps = 10_001;
        assert_eq!(greedy.validate(), Err(PolicyError::MoreThanWhole { bps: 10_001 }));
        assert_eq!(greedy.makers_bps(), 0);
        let unnamed = SplitPolicy { adopted_by: " ".into(), ..policy(1, start) };
        assert_eq!(unnamed.validate(), Err(PolicyError::NoMinute));
    }
}
