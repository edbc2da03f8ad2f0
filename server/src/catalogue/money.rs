//! Where the money goes: by the policy in force, and as it was posted.

use store::catalogue::{Filter, Order};

use app::backend::shop::{MoneyBreakdown, MoneyPart, MoneyPartKind, MoneyPolicyView, Visit};
use domain::money::{Currency, Money};
use domain::policy::{SplitPolicy, policy_in_force};
use domain::split::SaleSplit;

use super::Catalogue;
use super::reference::tally;
use crate::kernel::error::{ShopError, ShopResult};

/// What a breakdown before a sale cannot know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    /// Whether the piece has recorded work that no inspection has closed. Such work would not
    /// count.
    pub(crate) still_open: bool,
}

/// A split as the bar shows it: makers, material, tax, the funds, delivery, the payment fee.
/// Parts of zero are left out: before a sale there is no delivery yet. The parts sum to the total
/// exactly. What one maker alone is paid is never a part of its own, because pages name her.
pub(crate) fn breakdown(
    split: &SaleSplit,
    policy: &SplitPolicy,
    maker_count: u32,
    estimate: Option<Estimate>,
) -> MoneyBreakdown {
    let of = |amount_minor: i64| Money::new(amount_minor, split.currency);
    let sum =
        |part: fn(&domain::split::PieceSplit) -> i64| split.pieces.iter().map(part).sum::<i64>();
    let mut parts = vec![
        (MoneyPartKind::Makers, sum(domain::split::PieceSplit::makers_minor)),
        (MoneyPartKind::Material, sum(domain::split::PieceSplit::material_minor)),
        (MoneyPartKind::Tax, sum(|piece| piece.igv_minor)),
    ];
    let alone = maker_count == 1;
    if alone {
        parts[0].0 = MoneyPartKind::WorkAndFunds;
    }
    for fund in split.pieces.iter().flat_map(|piece| &piece.funds) {
        if alone {
            parts[0].1 += fund.amount_minor;
            continue;
        }
        let code = fund.fund.as_str();
        match parts
            .iter_mut()
            .find(|(kind, _)| matches!(kind, MoneyPartKind::Fund(known) if known == code))
        {
            Some((_, amount)) => *amount += fund.amount_minor,
            None => parts.push((MoneyPartKind::Fund(code.to_owned()), fund.amount_minor)),
        }
    }
    parts.push((MoneyPartKind::Shipping, sum(|piece| piece.shipping_minor)));
    parts.push((MoneyPartKind::PaymentFee, sum(|piece| piece.fee_minor)));
    parts.retain(|(_, amount)| *amount != 0);
    let total: i64 = parts.iter().map(|(_, amount)| amount).sum();
    MoneyBreakdown {
        total: of(total),
        parts: parts
            .into_iter()
            .map(|(kind, amount)| MoneyPart { kind, amount: of(amount) })
            .collect(),
        maker_count,
        adopted_on: policy.adopted_on,
        policy_version: policy.version,
        estimate: estimate.is_some(),
        still_open: estimate.is_some_and(|estimate| estimate.still_open),
    }
}

impl Catalogue {
    /// The policy in force and what was posted so far.
    pub(crate) async fn read_money(&self, visit: &Visit) -> ShopResult<Option<MoneyPolicyView>> {
        let now_us = visit.now.as_microsecond();
        let (version, reference) = self.reference(now_us).await?;
        let Some(policy) = policy_in_force(&reference.policies, now_us) else { return Ok(None) };
        let to_be_had = Filter { available: true, ..Filter::everything(visit.language) };
        let ids = store::catalogue::page(&self.db, &to_be_had, Order::Newest, 1, 0).await?;
        let cards = self.cards((version, &reference), &ids, visit).await?;
        let example = match cards.first() {
            Some(card) => self.price_of_card((version, &reference), visit, card).await?,
            None => None,
        };
        let mut makers_received = Vec::new();
        for (code, amount_minor) in store::policy::makers_received(&self.db).await? {
            let currency = Currency::from_code(&code).ok_or_else(|| {
                ShopError::Internal(format!("ledger_posting: currency {code}").into())
            })?;
            makers_received.push(Money::new(amount_minor, currency));
        }
        Ok(Some(MoneyPolicyView {
            version: policy.version,
            minute: policy.adopted_by.clone(),
            adopted_on: policy.adopted_on,
            funds: policy
                .funds
                .iter()
                .map(|share| (share.fund.as_str().to_owned(), share.bps))
                .collect(),
            example,
            makers_received,
            pieces_sold: tally(store::policy::pieces_sold(&self.db).await?),
        }))
    }
}
