//! Split policies as assemblies adopted them, and what was posted under them.

use domain::id::{FundCode, PolicyId};
use domain::policy::{FundShare, SplitPolicy, policy_in_force};

use crate::db::{Db, DbResult, Tx, inconsistent};

/// A policy joined with one of its funds, or with none.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PolicyRow {
    id: String,
    version: i64,
    minute: String,
    adopted_on: String,
    effective_from_us: i64,
    loss_fund: String,
    reserve_fund: Option<String>,
    minute_rate_minor: i64,
    fund: Option<String>,
    share_bps: Option<i64>,
}

const EVERY_POLICY: &str = "SELECT p.id, p.version, p.minute, p.adopted_on, p.effective_from_us, p.loss_fund, p.reserve_fund, p.minute_rate_minor,
     f.fund, f.share_bps
   FROM split_policy p LEFT JOIN split_policy_fund f ON f.policy_id = p.id
   ORDER BY p.version, f.position";

/// Every policy, oldest first.
pub async fn all(db: &Db) -> DbResult<Vec<SplitPolicy>> {
    assemble(db.query(EVERY_POLICY).fetch_all().await?)
}

/// The policy that a sale at this moment follows, read inside the sale's transaction.
pub async fn in_force(tx: &mut Tx, at_us: i64) -> DbResult<Option<SplitPolicy>> {
    let policies = assemble(tx.query(EVERY_POLICY).fetch_all().await?)?;
    Ok(policy_in_force(&policies, at_us).cloned())
}

fn assemble(rows: Vec<PolicyRow>) -> DbResult<Vec<SplitPolicy>> {
    let mut policies: Vec<SplitPolicy> = Vec::new();
    for row in rows {
        let wrong = |what: &str| inconsistent("split_policy", &row.id, what);
        if policies.last().is_none_or(|last| last.id.as_str() != row.id) {
            policies.push(SplitPolicy {
                id: PolicyId::parse(row.id.clone()).map_err(|_| wrong("id"))?,
                version: u32::try_from(row.version).map_err(|_| wrong("version"))?,
                adopted_by: row.minute.clone(),
                adopted_on: row.adopted_on.parse().map_err(|_| wrong("adopted_on"))?,
                effective_from_us: row.effective_from_us,
                funds: Vec::new(),
                loss_fund: FundCode::parse(row.loss_fund.clone())
                    .map_err(|_| wrong("loss_fund"))?,
                reserve_fund: row
                    .reserve_fund
                    .clone()
                    .map(FundCode::parse)
                    .transpose()
                    .map_err(|_| wrong("reserve_fund"))?,
                minute_rate_minor: u32::try_from(row.minute_rate_minor)
                    .map_err(|_| wrong("minute_rate_minor"))?,
            });
        }
        if let (Some(policy), Some(fund), Some(bps)) =
            (policies.last_mut(), &row.fund, row.share_bps)
        {
            policy.funds.push(FundShare {
                fund: FundCode::parse(fund.clone()).map_err(|_| wrong("fund"))?,
                bps: u32::try_from(bps).map_err(|_| wrong("share_bps"))?,
            });
        }
    }
    Ok(policies)
}

/// What was credited to makers from sales, less what refunds took back, per currency. In the ledger
/// a credit is negative; here the sign is changed.
pub async fn makers_received(db: &Db) -> DbResult<Vec<(String, i64)>> {
    db.query(
        "SELECT p.currency, CAST(SUM(-p.amount_minor) AS BIGINT)
         FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
         WHERE p.member_id IS NOT NULL AND e.sealed AND e.kind IN ('sale', 'refund', 'reversal')
         GROUP BY p.currency ORDER BY p.currency",
    )
    .fetch_all()
    .await
}

/// Pieces sold in this shop.
pub async fn pieces_sold(db: &Db) -> DbResult<i64> {
    let (count,) = db
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM piece WHERE state = 'sold'")
        .fetch_one::<(i64,)>()
        .await?;
    Ok(count)
}
