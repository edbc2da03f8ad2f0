//! The page of a design.

use app::backend::shop::{
    Availability, Category, DesignCard, DesignView, Dimension, MakerCard, MetalOrigin,
    MoneyBreakdown, PieceAvailability, PieceView, Stone, Visit, WorkshopFacts,
};
use domain::contribution::{Contribution, Effort, Step};
use domain::id::{MemberId, PieceId};
use domain::metal::{Fineness, LotOwner, Metal, fine_mg};
use domain::money::{Currency, Money};
use domain::policy::policy_in_force;
use domain::rounding::div_half_even;
use domain::slug::Slug;
use domain::split::{FeeSchedule, MaterialCost, MaterialSource, PieceSale, estimate_split};
use domain::tax::Destination;

use super::bag::{members_of, piece_availability};
use super::reference::{Reference, count, day, odd, tally};
use super::{Shop, cards, money, origin, shipping};
use crate::db::{DbError, DbResult};
use crate::error::ShopResult;
use crate::store;
use crate::store::catalogue::{Filter, Order};
use crate::store::design::{ContributionRow, DesignRow, DimensionJson, PieceRow, StoneJson};
use crate::store::metal::{DocumentRow, LotRow};
use crate::store::rate;

/// Designs that go with it.
const RELATED: usize = 4;

impl Shop {
    /// A design with its pieces.
    pub(in crate::shop) async fn read_design(
        &self,
        visit: &Visit,
        slug: &str,
    ) -> ShopResult<Option<DesignView>> {
        // What is no slug is no design: nothing odd reaches a statement.
        if Slug::parse(slug).is_err() {
            return Ok(None);
        }
        let reference = self.memory.reference(self, visit.now.as_microsecond()).await?;
        let Some(design) = store::design::published_by_slug(&self.db, slug, visit.language).await?
        else {
            return Ok(None);
        };
        let photos = store::design::photos(&self.db, &design.id, visit.language).await?;
        let pieces = store::design::pieces(&self.db, &design.id).await?;
        let ids: Vec<&str> = pieces.iter().map(|piece| piece.id.as_str()).collect();
        let work = store::design::contributions(&self.db, &ids).await?;
        let lots = match pieces.first() {
            Some(piece) => store::metal::lots_of_piece(&self.db, &piece.id).await?,
            None => Vec::new(),
        };
        let lot_ids: Vec<&str> = lots.iter().map(|lot| lot.id.as_str()).collect();
        let documents = store::metal::documents(&self.db, &lot_ids).await?;
        let makers = makers_of(visit, &reference, &work);
        let related = self.related(visit, &reference, &design).await?;
        let facts = Facts { design, photos, pieces, work, lots, documents, makers, related };
        Ok(Some(self.assemble(visit, &reference, facts)?))
    }

    /// Designs of the same category shown just before this one; at the end of the list the newest.
    async fn related(
        &self,
        visit: &Visit,
        reference: &Reference,
        design: &DesignRow,
    ) -> ShopResult<Vec<DesignCard>> {
        let limit = i64::try_from(RELATED).unwrap_or_default();
        let rows = store::catalogue::cards_before(
            &self.db,
            &design.category,
            design.published_at_us,
            visit.language,
            limit,
        )
        .await?;
        let before = cards::assemble(reference, rows)?;
        let mut related: Vec<DesignCard> = Vec::with_capacity(RELATED);
        let mut known: Vec<String> = vec![design.id.clone()];
        for (id, card) in before {
            known.push(id);
            related.push(card);
        }
        if related.len() < RELATED {
            let newest = Filter::everything(visit.language);
            let ids =
                store::catalogue::page(&self.db, &newest, Order::Newest, limit * 2 + 1, 0).await?;
            let missing: Vec<String> = ids
                .into_iter()
                .filter(|id| !known.contains(id))
                .take(RELATED - related.len())
                .collect();
            related.extend(cards::of_ids(&self.db, reference, &missing, visit.language).await?);
        }
        Ok(related)
    }

    fn assemble(
        &self,
        visit: &Visit,
        reference: &Reference,
        facts: Facts,
    ) -> ShopResult<DesignView> {
        let Facts { design, photos, pieces, work, lots, documents, makers, related } = facts;
        let wrong = |what: &str| odd("design", &design.id, what);
        let now_us = visit.now.as_microsecond();
        let price = Money::new(design.price_minor, Currency::Pen);
        let availability = cards::availability(
            design.pieces_available,
            design.pieces_held,
            design.made_to_order_days,
        );
        let making_days = match availability {
            Availability::MadeToOrder { business_days } => {
                u16::try_from(business_days).unwrap_or(u16::MAX)
            }
            _ => 0,
        };
        // Facts of one piece are told of a piece that is or was in the shop, never of a fair's sample.
        let told = pieces.first().filter(|piece| piece.state != "fair");
        let usd = rate::in_force(&reference.rates, Currency::Usd, now_us);
        Ok(DesignView {
            category: Category::from_code(&design.category).ok_or_else(|| wrong("category"))?,
            metal: Metal::from_name(&design.metal).ok_or_else(|| wrong("metal"))?,
            fineness_permille: u32::try_from(design.fineness_permille)
                .map_err(|_| wrong("fineness"))?,
            dimensions: dimensions(&design)?,
            stones: stones(&design)?,
            techniques: serde_json::from_str(&design.techniques)
                .map_err(|_| wrong("techniques"))?,
            photos: photos.into_iter().map(cards::photo).collect::<DbResult<_>>()?,
            pieces: piece_views(reference, &pieces, &work)?,
            origins: match told {
                Some(_) => origins(reference, &design, &lots, &documents, visit)?,
                None => Vec::new(),
            },
            workshop: told.map(|piece| workshop(reference, piece, &lots, &work)).transpose()?,
            money: match pieces.first() {
                Some(piece) => {
                    self.price_taken_apart(reference, visit, price, piece, &lots, &work)?
                }
                None => None,
            },
            delivery: shipping::estimates(&self.settings.tariff, visit, making_days),
            return_days: self.settings.return_days,
            price_usd: usd.and_then(|rate| rate.convert(price).ok()),
            made_to_order_days: design.made_to_order_days.map(tally),
            weight_mg: design.weight_mg,
            gold_750_mg: design.gold_750_mg,
            slug: design.slug,
            name: design.name,
            description: design.description,
            care: design.care,
            price,
            availability,
            makers,
            related,
        })
    }

    /// The price by the policy in force, as if the piece were sold in Peru now; `None` before
    /// any policy was adopted.
    fn price_taken_apart(
        &self,
        reference: &Reference,
        visit: &Visit,
        price: Money,
        piece: &PieceRow,
        lots: &[LotRow],
        work: &[ContributionRow],
    ) -> ShopResult<Option<MoneyBreakdown>> {
        let now_us = visit.now.as_microsecond();
        let Some(policy) = policy_in_force(&reference.policies, now_us) else { return Ok(None) };
        let mut contributions = Vec::new();
        for row in work.iter().filter(|row| row.piece_id == piece.id) {
            contributions.push(contribution(row)?);
        }
        let maker_count = count(members_of(work, &piece.id).len());
        let sale = PieceSale {
            piece_id: PieceId::parse(piece.id.clone())
                .map_err(|_| odd("piece", &piece.id, "id"))?,
            price_minor: price.amount_minor,
            material: material(reference, piece, lots, now_us)?,
            contributions,
        };
        let fees = FeeSchedule {
            bps: u32::try_from(self.settings.payment_fee_bps).unwrap_or_default(),
            fixed_minor: self.settings.payment_fee_fixed_minor,
        };
        let split = estimate_split(
            sale,
            price.currency,
            Destination::Domestic,
            self.settings.tax,
            fees,
            policy,
        );
        let split = split.map_err(|error| odd("piece", &piece.id, &format!("split: {error}")))?;
        Ok(Some(money::breakdown(&split, policy, maker_count, true)))
    }
}

/// The named makers of these pieces, she who put in most first.
fn makers_of(visit: &Visit, reference: &Reference, work: &[ContributionRow]) -> Vec<MakerCard> {
    let mut minutes: Vec<(&str, i64)> = Vec::new();
    for row in work {
        match minutes.iter_mut().find(|(id, _)| *id == row.member_id) {
            Some((_, sum)) => *sum += row.minutes,
            None => minutes.push((&row.member_id, row.minutes)),
        }
    }
    minutes.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let named =
        minutes.iter().filter_map(|(id, _)| reference.named().find(|maker| maker.id == *id));
    named.map(|maker| reference.card(maker, visit.language)).collect()
}

/// A card's design with its price taken apart.
pub(super) async fn price_of_card(
    shop: &Shop,
    reference: &Reference,
    visit: &Visit,
    card: &DesignCard,
) -> ShopResult<Option<(DesignCard, MoneyBreakdown)>> {
    let Some(design) =
        store::design::published_by_slug(&shop.db, &card.slug, visit.language).await?
    else {
        return Ok(None);
    };
    let pieces = store::design::pieces(&shop.db, &design.id).await?;
    let Some(piece) = pieces.first() else { return Ok(None) };
    let work = store::design::contributions(&shop.db, &[piece.id.as_str()]).await?;
    let lots = store::metal::lots_of_piece(&shop.db, &piece.id).await?;
    let money = shop.price_taken_apart(reference, visit, card.price, piece, &lots, &work)?;
    Ok(money.map(|money| (card.clone(), money)))
}

/// Everything read for the page, before it is put together.
struct Facts {
    design: DesignRow,
    photos: Vec<store::design::PhotoRow>,
    pieces: Vec<PieceRow>,
    work: Vec<ContributionRow>,
    lots: Vec<LotRow>,
    documents: Vec<DocumentRow>,
    makers: Vec<MakerCard>,
    related: Vec<DesignCard>,
}

fn dimensions(design: &DesignRow) -> DbResult<Vec<Dimension>> {
    let list: Vec<DimensionJson> = serde_json::from_str(&design.dimensions)
        .map_err(|_| odd("design", &design.id, "dimensions"))?;
    Ok(list
        .into_iter()
        .map(|d| Dimension { code: d.code, hundredths_mm: d.hundredths_mm })
        .collect())
}

fn stones(design: &DesignRow) -> DbResult<Vec<Stone>> {
    let list: Vec<StoneJson> =
        serde_json::from_str(&design.stones).map_err(|_| odd("design", &design.id, "stones"))?;
    let view = |s: StoneJson| Stone {
        kind: s.kind,
        origin: s.origin,
        cut: s.cut,
        weight_hundredths_ct: s.weight_hundredths_ct,
        count: s.count,
    };
    Ok(list.into_iter().map(view).collect())
}

/// Pieces that are or were for sale.
fn piece_views(
    reference: &Reference,
    pieces: &[PieceRow],
    work: &[ContributionRow],
) -> DbResult<Vec<PieceView>> {
    let mut views = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let availability: Option<PieceAvailability> =
            piece_availability(&piece.id, &piece.state, piece.held_until_us, piece.sold_at_us)?;
        let Some(availability) = availability else { continue };
        views.push(PieceView {
            id: piece.id.clone(),
            serial: piece.serial.clone(),
            weight_mg: piece.weight_mg,
            inner_circumference_tenths_mm: piece
                .circumference_tenths_mm
                .and_then(|tenths| u32::try_from(tenths).ok()),
            makers: members_of(work, &piece.id)
                .into_iter()
                .filter_map(|(id, _)| reference.name(id))
                .collect(),
            availability,
        });
    }
    Ok(views)
}

/// One origin per lot in the piece, the design's own metal first.
fn origins(
    reference: &Reference,
    design: &DesignRow,
    lots: &[LotRow],
    documents: &[DocumentRow],
    visit: &Visit,
) -> DbResult<Vec<MetalOrigin>> {
    let mut inside: Vec<&LotRow> = lots.iter().filter(|lot| lot.in_pieces_mg > 0).collect();
    inside.sort_by_key(|lot| lot.metal != design.metal);
    inside
        .into_iter()
        .map(|lot| origin::origin_of(reference, lot, lot.in_pieces_mg, documents, visit.today))
        .collect()
}

/// The metal book and the work of one piece.
fn workshop(
    reference: &Reference,
    piece: &PieceRow,
    lots: &[LotRow],
    work: &[ContributionRow],
) -> DbResult<WorkshopFacts> {
    let sum = |part: fn(&LotRow) -> i64| lots.iter().map(part).sum::<i64>();
    let steps = members_of(work, &piece.id).into_iter().map(|(member, _)| {
        let hers = work.iter().filter(|row| row.piece_id == piece.id && row.member_id == member);
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

fn contribution(row: &ContributionRow) -> DbResult<Contribution> {
    let wrong = |what: &str| odd("contribution", &row.piece_id, what);
    Ok(Contribution {
        member_id: MemberId::parse(row.member_id.clone()).map_err(|_| wrong("member"))?,
        step: Step::from_name(&row.step).ok_or_else(|| wrong("step"))?,
        effort: Effort::Minutes(u32::try_from(row.minutes).map_err(|_| wrong("minutes"))?),
    })
}

/// What the material of a piece cost, in soles: fine metal at the lot's price, stones, findings.
fn material(
    reference: &Reference,
    piece: &PieceRow,
    lots: &[LotRow],
    now_us: i64,
) -> DbResult<Vec<MaterialCost>> {
    let mut costs = Vec::with_capacity(lots.len() + 1);
    for lot in lots.iter().filter(|lot| lot.in_pieces_mg > 0) {
        let source = match LotOwner::from_name(&lot.owner) {
            Some(LotOwner::Consigned) => MaterialSource::Consigned,
            Some(LotOwner::Bought) => MaterialSource::Own,
            None => return Err(odd("material_lot", &lot.id, "owner")),
        };
        costs.push(MaterialCost { source, cost_minor: metal_cost(reference, lot, now_us)? });
    }
    let others = piece.stones_cost_minor + piece.findings_cost_minor;
    if others > 0 {
        costs.push(MaterialCost { source: MaterialSource::Own, cost_minor: others });
    }
    Ok(costs)
}

/// The fine metal of a lot in the piece at the lot's price, in minor units of PEN.
fn metal_cost(reference: &Reference, lot: &LotRow, now_us: i64) -> DbResult<i64> {
    let wrong = |what: &str| -> DbError { odd("material_lot", &lot.id, what) };
    let permille = u16::try_from(lot.fineness_permille).map_err(|_| wrong("fineness"))?;
    let fineness = Fineness::from_permille(permille).map_err(|_| wrong("fineness"))?;
    let fine = fine_mg(lot.in_pieces_mg, fineness);
    let cost = div_half_even(i128::from(fine) * i128::from(lot.price_per_fine_g_minor), 1_000)
        .and_then(|cost| i64::try_from(cost).ok())
        .ok_or_else(|| wrong("price"))?;
    let currency = Currency::from_code(&lot.price_currency).ok_or_else(|| wrong("currency"))?;
    if currency == Currency::Pen {
        return Ok(cost);
    }
    let rate = rate::in_force(&reference.rates, currency, now_us)
        .ok_or_else(|| wrong("no exchange rate"))?;
    let soles = rate.convert(Money::new(cost, currency)).map_err(|_| wrong("price"))?;
    Ok(soles.amount_minor)
}
