//! The page of a design.

use std::collections::BTreeSet;

use domain::piece::PieceState;
use store::catalogue::Stock;
use store::db::{DbResult, inconsistent};
use store::design::{ContributionRow, PieceRow};
use store::metal::{LotRow, LotSums};
use store::version::Version;

use app::backend::shop::{
    Availability, Category, DesignCard, DesignView, MakerCard, MetalOrigin, MoneyBreakdown,
    PieceAvailability, PieceView, Provenance, Visit, Whereabouts, WorkshopFacts,
};
use domain::contribution::Contribution;
use domain::metal::Metal;
use domain::money::{Currency, Money};
use domain::policy::policy_in_force;
use domain::slug::Slug;
use domain::split::{FeeSchedule, estimate_split};
use domain::tax::Destination;

use super::bag::piece_availability;
use super::facts::{DesignFacts, PieceFacts};
use super::money::Estimate;
use super::reference::{Reference, count, day, tally};
use super::{Catalogue, cards, money, origin, shipping};
use crate::kernel::error::ShopResult;
use crate::workshop::making;

impl Catalogue {
    /// A design with its pieces.
    pub(crate) async fn read_design(
        &self,
        visit: &Visit,
        slug: &str,
    ) -> ShopResult<Option<DesignView>> {
        let (version, reference) = self.reference(visit.now.as_microsecond()).await?;
        let Some(facts) = self.design_facts((version, &reference), visit, slug).await? else {
            return Ok(None);
        };
        let id = facts.design.id.as_str();
        let shown = std::iter::once(id).chain(facts.related.iter().map(|card| card.id.as_str()));
        let stock = store::catalogue::stock(&self.db, &shown.collect::<Vec<_>>()).await?;
        // The design was withdrawn a moment ago.
        let Some(own) = stock.get(id) else { return Ok(None) };
        let pieces = store::design::pieces(&self.db, id).await?;
        let prices = reference.prices(visit.currency, visit.now.as_microsecond());
        let related = cards::with_stock(&facts.related, &stock, &prices);
        Ok(Some(self.assemble(visit, &reference, &facts, (*own, &pieces), related)?))
    }

    /// Where an address leads that shows no design.
    pub(crate) async fn read_whereabouts(
        &self,
        visit: &Visit,
        slug: &str,
    ) -> ShopResult<Option<Whereabouts>> {
        if Slug::parse(slug).is_err() {
            return Ok(None);
        }
        let owner = store::slug::owner_shown(&self.db, slug, visit.language).await?;
        Ok(owner.map(|owner| match owner.published {
            true => Whereabouts::Moved(owner.slugs.into()),
            false => Whereabouts::Withdrawn,
        }))
    }

    fn assemble(
        &self,
        visit: &Visit,
        reference: &Reference,
        facts: &DesignFacts,
        (stock, pieces): (Stock, &[PieceRow]),
        related: Vec<DesignCard>,
    ) -> ShopResult<DesignView> {
        let design = &facts.design;
        let wrong = |what: &str| inconsistent("design", &design.id, what);
        let prices = reference.prices(visit.currency, visit.now.as_microsecond());
        let price = Money::new(design.price_minor, Currency::Pen);
        let availability =
            cards::availability(stock.available, stock.held, design.made_to_order_days);
        let making_days = match availability {
            Availability::MadeToOrder { business_days } => {
                u16::try_from(business_days).unwrap_or(u16::MAX)
            }
            _ => 0,
        };
        Ok(DesignView {
            category: Category::from_code(&design.category).ok_or_else(|| wrong("category"))?,
            metal: Metal::from_name(&design.metal).ok_or_else(|| wrong("metal"))?,
            fineness_permille: u32::try_from(design.fineness_permille)
                .map_err(|_| wrong("fineness"))?,
            dimensions: facts.dimensions.clone(),
            stones: facts.stones.clone(),
            techniques: facts.techniques.clone(),
            photos: facts.photos.clone(),
            pieces: piece_views(visit, reference, pieces, facts)?,
            provenances: told(pieces)
                .into_iter()
                .map(|piece| provenance(reference, facts, piece, visit))
                .collect::<DbResult<_>>()?,
            money: match pieces.first() {
                Some(piece) => self.price_taken_apart(
                    reference,
                    visit,
                    prices.shown(price),
                    piece,
                    facts.of_piece(&piece.id),
                )?,
                None => None,
            },
            delivery: shipping::estimates(&self.settings.tariff, visit, making_days),
            return_days: self.settings.return_days,
            charged: prices.shown(price),
            otherwise: prices.otherwise(price),
            made_to_order_days: design.made_to_order_days.map(tally),
            weight_mg: design.weight_mg,
            gold_750_mg: design.gold_750_mg,
            slug: facts.slug.clone(),
            name: design.name.clone(),
            description: design.description.clone(),
            care: design.care.clone(),
            price,
            availability,
            makers: makers_of(visit, reference, pieces, facts)?,
            related,
        })
    }

    /// A card's design with the breakdown of its price.
    pub(super) async fn price_of_card(
        &self,
        (version, reference): (Version, &Reference),
        visit: &Visit,
        card: &DesignCard,
    ) -> ShopResult<Option<(DesignCard, MoneyBreakdown)>> {
        let slug = card.slug.of(visit.language);
        let facts = self.design_facts((version, reference), visit, slug).await?;
        let Some(facts) = facts else { return Ok(None) };
        let pieces = store::design::pieces(&self.db, &facts.design.id).await?;
        let Some(piece) = pieces.first() else { return Ok(None) };
        let inside = facts.of_piece(&piece.id);
        let money = self.price_taken_apart(reference, visit, card.charged, piece, inside)?;
        Ok(money.map(|money| (card.clone(), money)))
    }

    /// The breakdown of a price by the policy in force, as if the piece were sold in Peru now, in
    /// the currency of the price; `None` before any policy was adopted.
    fn price_taken_apart(
        &self,
        reference: &Reference,
        visit: &Visit,
        price: Money,
        piece: &PieceRow,
        inside: &PieceFacts,
    ) -> ShopResult<Option<MoneyBreakdown>> {
        let now_us = visit.now.as_microsecond();
        let Some(policy) = policy_in_force(&reference.policies, now_us) else { return Ok(None) };
        let others = (piece.stones_cost_minor, piece.findings_cost_minor);
        let making = making::of(&piece.id, &inside.material, others, &inside.work)?;
        let prices = reference.prices(price.currency, now_us);
        let sale = making.sold_for(price, &prices.known(), now_us);
        let sale = sale.map_err(|error| inconsistent("piece", &piece.id, &error.to_string()))?;
        let still_open = making.has_open_work(now_us);
        let maker_count = count(members_who_count(&sale.contributions, &inside.work));
        let fixed = Money::new(self.settings.payment_fee_fixed_minor, Currency::Pen);
        let fixed = prices.convert(fixed, price.currency);
        let fees = FeeSchedule {
            bps: u32::try_from(self.settings.payment_fee_bps).unwrap_or_default(),
            fixed_minor: fixed.map_or(0, |fee| fee.amount_minor),
        };
        let split = estimate_split(
            sale,
            price.currency,
            Destination::Domestic,
            self.settings.tax,
            fees,
            policy,
        );
        let split =
            split.map_err(|error| inconsistent("piece", &piece.id, &format!("split: {error}")))?;
        Ok(Some(money::breakdown(&split, policy, maker_count, Some(Estimate { still_open }))))
    }
}

/// The named makers of these pieces, the one whose work weighs most first.
fn makers_of(
    visit: &Visit,
    reference: &Reference,
    pieces: &[PieceRow],
    facts: &DesignFacts,
) -> DbResult<Vec<MakerCard>> {
    let work = pieces.iter().flat_map(|piece| &facts.of_piece(&piece.id).work);
    let named = reference
        .members_of(work, visit.now.as_microsecond())?
        .into_iter()
        .filter_map(|id| reference.named().find(|maker| maker.id == *id));
    Ok(named.map(|maker| reference.card(maker, visit.language)).collect())
}

/// Pieces that are or were for sale.
fn piece_views(
    visit: &Visit,
    reference: &Reference,
    pieces: &[PieceRow],
    facts: &DesignFacts,
) -> DbResult<Vec<PieceView>> {
    let mut views = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let availability: Option<PieceAvailability> =
            piece_availability(&piece.id, piece.state, piece.held_until_us, piece.sold_at_us)?;
        let Some(availability) = availability else { continue };
        views.push(PieceView {
            id: piece.id.to_string(),
            serial: piece.serial.clone(),
            weight_mg: piece.weight_mg,
            inner_circumference_tenths_mm: piece
                .circumference_tenths_mm
                .and_then(|tenths| u32::try_from(tenths).ok()),
            makers: reference
                .maker_names(&facts.of_piece(&piece.id).work, visit.now.as_microsecond())?,
            availability,
        });
    }
    Ok(views)
}

/// The most pieces whose origin is shown on one page.
const TOLD: usize = 8;

/// The pieces whose origin is shown: those that are available now or held, else the last sold one.
/// Never a sample for fairs, which nobody can buy here.
fn told(pieces: &[PieceRow]) -> Vec<&PieceRow> {
    let to_be_had = pieces
        .iter()
        .filter(|piece| matches!(piece.state, PieceState::Retail | PieceState::Checkout));
    let told: Vec<&PieceRow> = to_be_had.take(TOLD).collect();
    if told.is_empty() {
        pieces.first().filter(|piece| piece.state != PieceState::Fair).into_iter().collect()
    } else {
        told
    }
}

fn provenance(
    reference: &Reference,
    facts: &DesignFacts,
    piece: &PieceRow,
    visit: &Visit,
) -> DbResult<Provenance> {
    Ok(Provenance {
        origins: origins(reference, facts, piece, visit)?,
        workshop: workshop(visit, reference, piece, facts.of_piece(&piece.id))?,
    })
}

/// One origin per lot in the piece, the design's own metal first.
fn origins(
    reference: &Reference,
    facts: &DesignFacts,
    piece: &PieceRow,
    visit: &Visit,
) -> DbResult<Vec<MetalOrigin>> {
    let mut inside = facts.of_piece(&piece.id).inside();
    inside.sort_by_key(|(lot, _)| lot.metal != facts.design.metal);
    let of_lot = |(lot, in_piece_mg): (&LotRow, i64)| {
        origin::origin_of(reference, lot, in_piece_mg, &facts.documents, visit.today)
    };
    inside.into_iter().map(of_lot).collect()
}

/// The metal book and the work of one piece.
fn workshop(
    visit: &Visit,
    reference: &Reference,
    piece: &PieceRow,
    PieceFacts { work, lots, .. }: &PieceFacts,
) -> DbResult<WorkshopFacts> {
    let sum = |part: fn(&LotSums) -> i64| lots.iter().map(|row| part(&row.sums)).sum::<i64>();
    let members = reference.members_of(work, visit.now.as_microsecond())?;
    let steps = members.into_iter().map(|member| {
        let hers = work.iter().filter(|row| row.member_id == *member);
        let mut steps: Vec<String> = Vec::new();
        for row in hers {
            if !steps.contains(&row.step) {
                steps.push(row.step.clone());
            }
        }
        (reference.name(member), steps)
    });
    Ok(WorkshopFacts {
        serial: piece.serial.clone(),
        issued_mg: sum(|lot| lot.issued_mg),
        in_piece_mg: sum(|lot| lot.in_pieces_mg),
        scrap_mg: sum(|lot| lot.scrap_mg),
        loss_mg: sum(|lot| lot.loss_mg),
        steps: steps.collect(),
        inspected_on: piece
            .inspected_on
            .as_deref()
            .map(|text| day("piece", &piece.id, text))
            .transpose()?,
    })
}

/// How many women share the makers' part: those whose work counts or, while no work counts, all who
/// worked. The page never shows what one woman alone gets.
fn members_who_count(counts: &[Contribution], work: &[ContributionRow]) -> usize {
    let counted: BTreeSet<_> = counts.iter().map(|contribution| &contribution.member_id).collect();
    let worked: BTreeSet<_> = work.iter().map(|row| &row.member_id).collect();
    if counted.is_empty() { worked.len() } else { counted.len() }
}
