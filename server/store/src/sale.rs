//! Frozen splits of sold pieces.

use domain::contribution::{Contribution, weights_by_member};
use domain::id::{FundCode, MemberId, OrderId, OrderLineId, PieceId, PolicyId};
use domain::money::{Currency, Money};
use domain::policy::SplitPolicy;
use domain::split::{
    FundPart, MakerPart, MaterialCost, MaterialSource, PieceSale, PieceSplit, SaleSplit,
};

use crate::db::{DbResult, Tx, inconsistent, touched};
use crate::ids::new_id;
use crate::{Value, insert_rows};

/// Freezes the split of every piece of an order. `line_ids` follow the order of `split.pieces`.
pub async fn freeze(
    tx: &mut Tx,
    line_ids: &[OrderLineId],
    pieces: &[PieceSale],
    split: &SaleSplit,
    policy: &SplitPolicy,
    at_us: i64,
) -> DbResult<()> {
    let (mut sales, mut shares, mut material) = (Vec::new(), Vec::new(), Vec::new());
    for ((line_id, piece), sold) in line_ids.iter().zip(&split.pieces).zip(pieces) {
        let sale_id = new_id();
        sales.push(sale_row(&sale_id, line_id, piece, split, at_us));
        shares.extend(share_rows(&sale_id, piece, sold, policy));
        material.extend(material_rows(&sale_id, piece));
    }
    let lines: Vec<&str> = line_ids.iter().map(|id| id.as_str()).collect();
    let lines = lines.join(" ");
    let counts = (sales.len() as u64, shares.len() as u64, material.len() as u64);
    let into = "sale (id, order_line_id, policy_id, currency, gross_minor, price_minor, tax_minor, shipping_minor, \
        fee_minor, material_consigned_minor, material_own_minor, net_minor, held_minor, loss_fund, at_us)";
    touched(insert_rows(tx, into, "", sales).await?, counts.0, ("sale", &lines))?;
    let into = "sale_share (sale_id, position, fund, member_id, weight, amount_minor)";
    touched(insert_rows(tx, into, "", shares).await?, counts.1, ("sale_share", &lines))?;
    let into = "sale_material (sale_id, position, source, currency, cost_minor, deducted_minor)";
    touched(insert_rows(tx, into, "", material).await?, counts.2, ("sale_material", &lines))
}

fn material_rows<'a>(
    sale_id: &'a str,
    piece: &'a PieceSplit,
) -> impl Iterator<Item = Vec<Value>> + 'a {
    (1_i64..).zip(&piece.material).map(move |(position, cost)| {
        vec![
            sale_id.into(),
            position.into(),
            source_name(cost.source).into(),
            cost.cost.currency.code().into(),
            cost.cost.amount_minor.into(),
            cost.deducted_minor.into(),
        ]
    })
}

const fn source_name(source: MaterialSource) -> &'static str {
    match source {
        MaterialSource::Consigned => "consigned",
        MaterialSource::Own => "own",
    }
}

/// The source with this stored name.
pub fn source_from_name(name: &str) -> Option<MaterialSource> {
    [MaterialSource::Consigned, MaterialSource::Own]
        .into_iter()
        .find(|source| source_name(*source) == name)
}

fn sale_row(
    id: &str,
    line_id: &str,
    piece: &PieceSplit,
    split: &SaleSplit,
    at_us: i64,
) -> Vec<Value> {
    vec![
        id.into(),
        line_id.into(),
        split.policy_id.as_str().into(),
        split.currency.code().into(),
        piece.gross_minor.into(),
        piece.price_minor.into(),
        piece.igv_minor.into(),
        piece.shipping_minor.into(),
        piece.fee_minor.into(),
        piece.material_of(MaterialSource::Consigned).into(),
        piece.material_of(MaterialSource::Own).into(),
        piece.net_minor().into(),
        piece.held_for_makers_minor.into(),
        piece.loss_fund.as_str().into(),
        at_us.into(),
    ]
}

fn share_rows(
    sale_id: &str,
    piece: &PieceSplit,
    sold: &PieceSale,
    policy: &SplitPolicy,
) -> Vec<Vec<Value>> {
    let work = sold.contributions.iter().map(Contribution::effort_of_member);
    let weights = weights_by_member(work, policy.minute_rate_minor);
    let funds = piece.funds.iter().map(|part| {
        let bps = policy
            .funds
            .iter()
            .find(|share| share.fund == part.fund)
            .map_or(0, |share| i64::from(share.bps));
        (Some(part.fund.as_str().to_owned()), None::<String>, bps, part.amount_minor)
    });
    let makers = piece.makers.iter().map(|part| {
        let weight = weights
            .iter()
            .find(|(member, _)| **member == part.member_id)
            .map_or(0, |(_, weight)| *weight);
        (
            None,
            Some(part.member_id.as_str().to_owned()),
            i64::try_from(weight).unwrap_or(i64::MAX),
            part.amount_minor,
        )
    });
    (1_i64..)
        .zip(funds.chain(makers))
        .map(|(position, (fund, member, weight, amount_minor))| {
            vec![
                sale_id.into(),
                position.into(),
                fund.into(),
                member.into(),
                weight.into(),
                amount_minor.into(),
            ]
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct SaleRow {
    id: String,
    piece_id: String,
    policy_id: String,
    policy_version: i64,
    currency: String,
    gross_minor: i64,
    price_minor: i64,
    tax_minor: i64,
    shipping_minor: i64,
    fee_minor: i64,
    material_consigned_minor: i64,
    material_own_minor: i64,
    net_minor: i64,
    held_minor: i64,
    loss_fund: String,
    reserve_fund: String,
}

#[derive(sqlx::FromRow)]
struct MaterialRow {
    sale_id: String,
    source: String,
    currency: String,
    cost_minor: i64,
    deducted_minor: i64,
}

/// The frozen split of an order, or `None` when it was never sold.
pub async fn of_order(tx: &mut Tx, order_id: &OrderId) -> DbResult<Option<SaleSplit>> {
    let rows: Vec<SaleRow> = tx.query(SALES).bind_text(order_id).fetch_all().await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let shares: Vec<ShareRow> = tx.query(SHARES).bind_text(order_id).fetch_all().await?;
    let material: Vec<MaterialRow> = tx.query(MATERIAL).bind_text(order_id).fetch_all().await?;
    assemble(rows, &shares, &material)
}

/// The same outside a transaction, for pages.
pub async fn read_of_order(db: &crate::db::Db, order_id: &OrderId) -> DbResult<Option<SaleSplit>> {
    let rows: Vec<SaleRow> = db.query(SALES).bind_text(order_id).fetch_all().await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let shares: Vec<ShareRow> = db.query(SHARES).bind_text(order_id).fetch_all().await?;
    let material: Vec<MaterialRow> = db.query(MATERIAL).bind_text(order_id).fetch_all().await?;
    assemble(rows, &shares, &material)
}

const SALES: &str = "SELECT s.id, l.piece_id, s.policy_id, p.version AS policy_version, s.currency, s.gross_minor, s.price_minor, \
    s.tax_minor, s.shipping_minor, s.fee_minor, s.material_consigned_minor, s.material_own_minor, s.net_minor, s.held_minor, s.loss_fund, \
    COALESCE(p.reserve_fund, s.loss_fund) AS reserve_fund \
    FROM sale s JOIN order_line l ON l.id = s.order_line_id JOIN split_policy p ON p.id = s.policy_id \
    WHERE l.order_id = $1 ORDER BY l.position";

const SHARES: &str = "SELECT h.sale_id, h.fund, h.member_id, h.amount_minor FROM sale_share h \
    JOIN sale s ON s.id = h.sale_id JOIN order_line l ON l.id = s.order_line_id \
    WHERE l.order_id = $1 ORDER BY h.sale_id, h.position";

const MATERIAL: &str = "SELECT m.sale_id, m.source, m.currency, m.cost_minor, m.deducted_minor FROM sale_material m \
    JOIN sale s ON s.id = m.sale_id JOIN order_line l ON l.id = s.order_line_id \
    WHERE l.order_id = $1 ORDER BY m.sale_id, m.position";

#[derive(sqlx::FromRow)]
struct ShareRow {
    sale_id: String,
    fund: Option<String>,
    member_id: Option<String>,
    amount_minor: i64,
}

fn assemble(
    rows: Vec<SaleRow>,
    shares: &[ShareRow],
    material: &[MaterialRow],
) -> DbResult<Option<SaleSplit>> {
    let Some(first) = rows.first() else { return Ok(None) };
    let odd = |id: &str, what: &str| inconsistent("sale", id, what);
    let mut split = SaleSplit {
        currency: Currency::from_code(&first.currency).ok_or_else(|| odd(&first.id, "currency"))?,
        policy_id: PolicyId::parse(first.policy_id.clone())
            .map_err(|_| odd(&first.id, "policy"))?,
        policy_version: u32::try_from(first.policy_version)
            .map_err(|_| odd(&first.id, "policy version"))?,
        reserve: FundCode::parse(first.reserve_fund.clone())
            .map_err(|_| odd(&first.id, "reserve"))?,
        pieces: Vec::with_capacity(rows.len()),
    };
    for row in rows {
        let mut piece = PieceSplit {
            piece_id: PieceId::parse(row.piece_id).map_err(|_| odd(&row.id, "piece"))?,
            gross_minor: row.gross_minor,
            price_minor: row.price_minor,
            igv_minor: row.tax_minor,
            shipping_minor: row.shipping_minor,
            fee_minor: row.fee_minor,
            material: Vec::new(),
            funds: Vec::new(),
            makers: Vec::new(),
            held_for_makers_minor: row.held_minor,
            loss_fund: FundCode::parse(row.loss_fund).map_err(|_| odd(&row.id, "loss fund"))?,
        };
        for cost in material.iter().filter(|cost| cost.sale_id == row.id) {
            piece.material.push(material_of(cost).ok_or_else(|| odd(&row.id, "material"))?);
        }
        let of = |source| piece.material_of(source);
        if (of(MaterialSource::Consigned), of(MaterialSource::Own))
            != (row.material_consigned_minor, row.material_own_minor)
        {
            return Err(odd(&row.id, "its material does not sum to what was deducted"));
        }
        for share in shares.iter().filter(|share| share.sale_id == row.id) {
            match (&share.fund, &share.member_id) {
                (Some(fund), None) => piece.funds.push(FundPart {
                    fund: FundCode::parse(fund.clone()).map_err(|_| odd(&row.id, "fund"))?,
                    amount_minor: share.amount_minor,
                }),
                (None, Some(member)) => piece.makers.push(MakerPart {
                    member_id: MemberId::parse(member.clone())
                        .map_err(|_| odd(&row.id, "member"))?,
                    amount_minor: share.amount_minor,
                }),
                _ => return Err(odd(&row.id, "a share is a fund's or a member's")),
            }
        }
        if piece.funds_minor() + piece.makers_minor() != row.net_minor {
            return Err(odd(&row.id, "the shares do not sum to the net"));
        }
        split.pieces.push(piece);
    }
    Ok(Some(split))
}

fn material_of(row: &MaterialRow) -> Option<MaterialCost> {
    Some(MaterialCost {
        source: source_from_name(&row.source)?,
        cost: Money::new(row.cost_minor, Currency::from_code(&row.currency)?),
        deducted_minor: row.deducted_minor,
    })
}
