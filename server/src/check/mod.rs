//! `server check`, for the treasurer's close: it checks that orders, payment provider, ledger and
//! pieces agree, and reports each difference in a line of its own.
//!
//! Orders are read in parts with everything that belongs to them ([`case`]); each payment that has
//! a page at the provider is looked up there ([`provider`]). An open shop changes while it is
//! checked, so a difference is checked again before it is reported.

mod books;
mod case;
mod judge;
mod metal;
mod provider;
mod report;

use std::collections::HashMap;
use std::process::ExitCode;
use std::time::Duration;

use domain::id::OrderId;
use domain::ledger::AccountCode;
use futures::StreamExt as _;
use jiff::Timestamp;
use store::check as rows;
use store::check::{OrderRow, PaymentRow, Range};
use store::db::{Db, DbResult};

pub use report::{Looked, Report};

use crate::config::CheckArgs;
use crate::kernel::payments::stripe::Stripe;
use crate::kernel::payments::{CheckoutFacts, PaymentError, PaymentProvider};
use case::{Case, Findings};

/// How many orders are read at once.
const PART: i64 = 500;
/// Requests to the provider that run at the same time.
const QUESTIONS: usize = 16;
/// How often a provider that does not answer is asked.
const ASKS: u32 = 3;
/// After this pause, what seemed to differ is looked at again.
const SECOND_LOOK: Duration = Duration::from_secs(3);
/// With more than this many doubts, a second look would only take time.
const DOUBTS_MAX: usize = 200;
/// How many open matters of one kind are listed; the rest is counted.
const LISTED: usize = 50;

/// Compares all books and prints what was found; the exit code is 1 when anything differs.
///
/// # Errors
/// In one line, when the database or the provider cannot be asked at all.
#[expect(clippy::disallowed_methods, reason = "a command asks the clock and passes the time on")]
pub async fn check(args: CheckArgs) -> Result<ExitCode, String> {
    let provider = match (args.no_provider, &args.stripe) {
        (true, _) => None,
        (false, None) => return Err("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are not set; `--no-provider` leaves Stripe out".into()),
        (false, Some(stripe)) => Some(
            Stripe::new(&stripe.stripe_secret_key, &stripe.stripe_webhook_secret, &stripe.stripe_api_url)?,
        ),
    };
    let db = crate::serve::open_database(&args.database).await?;
    let provider = provider.as_ref().map(|stripe| stripe as &dyn PaymentProvider);
    let report = reconcile(&db, provider, Timestamp::now(), SECOND_LOOK)
        .await
        .map_err(|e| format!("DATABASE_URL: {e}"))?;
    db.close().await;
    print!("{report}");
    Ok(if report.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compares all books. Without a provider, it compares only our own. A difference is checked again
/// after `second_look`.
///
/// # Errors
/// [`DbError`](store::db::DbError) when the database cannot be read.
pub async fn reconcile(
    db: &Db,
    provider: Option<&dyn PaymentProvider>,
    now: Timestamp,
    second_look: Duration,
) -> DbResult<Report> {
    let mut report = Report::default();
    let auditor = Auditor { db, provider, now_us: now.as_microsecond() };
    let doubts = auditor.first_look(&mut report).await?;
    auditor.look_again(doubts, second_look, &mut report).await?;
    ledger_as_a_whole(db, &mut report).await?;
    pieces_as_a_whole(db, &mut report).await?;
    metal::metal_as_a_whole(db, &mut report).await?;
    list_open_matters(db, auditor.now_us, &mut report).await?;
    Ok(report)
}

/// Goes through the orders.
struct Auditor<'a> {
    db: &'a Db,
    provider: Option<&'a dyn PaymentProvider>,
    now_us: i64,
}

/// A first finding that is reported only after a second check.
struct Doubt {
    order_id: OrderId,
    differences: Vec<String>,
}

impl Auditor<'_> {
    async fn first_look(&self, report: &mut Report) -> DbResult<Vec<Doubt>> {
        let mut doubts = Vec::new();
        let mut after = String::new();
        loop {
            let orders = rows::orders_after(self.db, &after, PART).await?;
            let Some(last) = orders.last() else { return Ok(doubts) };
            let range = Range {
                after: std::mem::replace(&mut after, last.id.to_string()),
                upto: last.id.to_string(),
            };
            let cases = self.cases(orders, &range).await?;
            count(&cases, self.provider.is_some(), &mut report.looked);
            for (case, found) in cases.iter().zip(self.examine(&cases).await) {
                report.open.extend(found.open);
                if !found.differences.is_empty() {
                    doubts.push(Doubt {
                        order_id: case.order.id.clone(),
                        differences: found.differences,
                    });
                }
            }
        }
    }

    /// Reports what still differs at a second check.
    async fn look_again(
        &self,
        doubts: Vec<Doubt>,
        pause: Duration,
        report: &mut Report,
    ) -> DbResult<()> {
        if doubts.is_empty() || doubts.len() > DOUBTS_MAX {
            report.differences.extend(doubts.into_iter().flat_map(|doubt| doubt.differences));
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        for doubt in doubts {
            // A key that is just before the order's own.
            let after = doubt.order_id[..doubt.order_id.len().saturating_sub(1)].to_owned();
            let mut orders = rows::orders_after(self.db, &after, 32).await?;
            orders.retain(|order| order.id == doubt.order_id);
            let range = Range { after, upto: doubt.order_id.into() };
            let cases = self.cases(orders, &range).await?;
            report
                .differences
                .extend(self.examine(&cases).await.into_iter().flat_map(|found| found.differences));
        }
        Ok(())
    }

    /// These orders with everything that belongs to them.
    async fn cases(&self, orders: Vec<OrderRow>, range: &Range) -> DbResult<Vec<Case>> {
        let mut cases: Vec<Case> = orders.into_iter().map(Case::new).collect();
        let at: HashMap<OrderId, usize> =
            cases.iter().enumerate().map(|(at, case)| (case.order.id.clone(), at)).collect();
        for row in rows::payments(self.db, range).await? {
            if let Some(at) = at.get(&row.order_id) {
                cases[*at].payments.push(row);
            }
        }
        for row in rows::refunds(self.db, range).await? {
            if let Some(at) = at.get(&row.order_id) {
                cases[*at].refunds.push(row);
            }
        }
        for row in rows::lines(self.db, range).await? {
            if let Some(at) = at.get(&row.order_id) {
                cases[*at].lines.push(row);
            }
        }
        for row in rows::shares(self.db, range).await? {
            if let Some(at) = at.get(&row.order_id) {
                cases[*at].shares.push(row);
            }
        }
        for row in rows::material(self.db, range).await? {
            if let Some(at) = at.get(&row.order_id) {
                cases[*at].material.push(row);
            }
        }
        for row in rows::refund_parts(self.db, range).await? {
            if let Some(at) = at.get(&row.order_id) {
                cases[*at].parts.push(row);
            }
        }
        for row in rows::refund_shares(self.db, range).await? {
            if let Some(at) = at.get(&row.order_id) {
                cases[*at].taken.push(row);
            }
        }
        for row in rows::postings(self.db, range).await? {
            if let Some(at) = at.get(&row.order_id) {
                cases[*at].post(row);
            }
        }
        Ok(cases)
    }

    /// The findings of each case, including those from the provider.
    async fn examine(&self, cases: &[Case]) -> Vec<Findings> {
        let mut findings: Vec<Findings> =
            cases.iter().map(|case| case.examine(self.now_us)).collect();
        let Some(provider) = self.provider else { return findings };
        let asked = cases.iter().enumerate().flat_map(|(at, case)| {
            pages_of(case).map(move |(payment, session)| (at, payment, session))
        });
        let asked: Vec<(usize, &PaymentRow, &str)> = asked.collect();
        let mut answers =
            futures::stream::iter(asked)
                .map(|(at, payment, session)| async move {
                    (at, payment, look_up(provider, session).await)
                })
                .buffered(QUESTIONS);
        while let Some((at, payment, answer)) = answers.next().await {
            let case = &cases[at];
            match answer {
                Ok(facts) => {
                    findings[at].differences.extend(provider::compare(case, payment, &facts));
                    findings[at].open.extend(provider::open_matter(case, payment, &facts));
                }
                Err(error) => findings[at].differences.push(format!(
                    "{}: payment {}: {error}",
                    case.name(),
                    payment.id
                )),
            }
        }
        findings
    }
}

/// Payments with a page at the provider.
fn pages_of(case: &Case) -> impl Iterator<Item = (&PaymentRow, &str)> {
    let at_provider = case.payments.iter().filter(|payment| payment.provider == "stripe");
    at_provider
        .filter_map(|payment| payment.session_id.as_deref().map(|session| (payment, session)))
}

async fn look_up(
    provider: &dyn PaymentProvider,
    session: &str,
) -> Result<CheckoutFacts, PaymentError> {
    let mut asks = 1;
    loop {
        match provider.look_up(session).await {
            Err(PaymentError::Unavailable(_)) if asks < ASKS => {
                tokio::time::sleep(Duration::from_secs(1) * asks).await;
                asks += 1;
            }
            answer => return answer,
        }
    }
}

fn count(cases: &[Case], with_provider: bool, looked: &mut Looked) {
    let sum = |of: fn(&Case) -> usize| cases.iter().map(of).sum::<usize>() as u64;
    looked.orders += cases.len() as u64;
    looked.payments += sum(|case| case.payments.len());
    looked.refunds += sum(|case| case.refunds.len());
    looked.entries += sum(|case| case.entries.len());
    if with_provider {
        looked.at_provider += sum(|case| pages_of(case).count());
    }
}

/// Checks that everything sums to zero and that all accounts exist, and makes a trial balance.
async fn ledger_as_a_whole(db: &Db, report: &mut Report) -> DbResult<()> {
    for (kind, reference) in rows::unfinished_entries(db).await? {
        report
            .differences
            .push(format!("ledger: the entry `{kind} {reference}` was never finished"));
    }
    for (kind, reference, currency, sum) in rows::unbalanced_entries(db).await? {
        report.differences.push(format!(
            "ledger: the entry `{kind} {reference}` sums to {sum} {currency}, not to zero"
        ));
    }
    for (kind, reference) in rows::entries_of_no_order(db).await? {
        report.differences.push(format!("ledger: the entry `{kind} {reference}` names no order"));
    }
    for (account, member) in rows::misnamed_members(db).await? {
        report
            .differences
            .push(format!("ledger: a posting on {account} names the member {member:?}"));
    }
    report.balances = store::ledger::balances(db).await?;
    let mut sums: Vec<(&str, i64)> = Vec::new();
    for (account, currency, amount) in &report.balances {
        if account.parse::<AccountCode>().is_err() {
            report.differences.push(format!("ledger: there is no account {account}"));
        }
        if account == "fee:payment" && *amount != 0 {
            report.differences.push(format!("ledger: {amount} {currency} of fees were charged to sales and not taken, or the reverse"));
        }
        match sums.iter_mut().find(|(known, _)| known == currency) {
            Some((_, sum)) => *sum += amount,
            None => sums.push((currency, *amount)),
        }
    }
    for (currency, sum) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
        report
            .differences
            .push(format!("ledger: all accounts sum to {sum} {currency}, not to zero"));
    }
    Ok(())
}

/// Every claim on a piece has a line of an order, counts are right, numbers have no gaps.
async fn pieces_as_a_whole(db: &Db, report: &mut Report) -> DbResult<()> {
    (report.looked.held, report.looked.sold) = rows::claimed_pieces(db).await?;
    for (serial, state) in rows::pieces_of_no_line(db).await? {
        report
            .differences
            .push(format!("piece {serial}: {state} for an order that has no line for it"));
    }
    for (slug, available, held, really_available, really_held) in
        rows::miscounted_designs(db).await?
    {
        report.differences.push(format!(
            "design {slug}: counts {available} available and {held} held pieces, there are {really_available} and {really_held}"
        ));
    }
    let (orders, highest, counter) = rows::numbering(db).await?;
    if orders != highest || highest != counter {
        report.differences.push(format!(
            "orders: {orders} of them, numbered up to {highest}, the counter stands at {counter}"
        ));
    }
    Ok(())
}

/// Lists events that were not acted on, jobs that gave up, and mails that failed or may not have
/// left.
async fn list_open_matters(db: &Db, now_us: i64, report: &mut Report) -> DbResult<()> {
    let why = |error: Option<String>| error.map_or_else(String::new, |error| format!(": {error}"));
    let (late, fresh): (Vec<_>, Vec<_>) = rows::unprocessed_events(db)
        .await?
        .into_iter()
        .partition(|(_, _, received_at_us)| received_at_us + case::LATE_US < now_us);
    if !fresh.is_empty() {
        report
            .open
            .push(format!("{} events of the last five minutes wait to be acted on", fresh.len()));
    }
    list(
        report,
        "event",
        late.into_iter()
            .map(|(id, kind, _)| format!("event {id} ({kind}) was not acted on"))
            .collect(),
    );
    let jobs = rows::dead_jobs(db).await?.into_iter();
    list(
        report,
        "job",
        jobs.map(|(kind, payload, error)| format!("job {kind} {payload} gave up{}", why(error)))
            .collect(),
    );
    let mails = rows::doubtful_mails(db).await?.into_iter();
    list(
        report,
        "mail",
        mails
            .map(|(reason, state, error)| format!("mail {reason} is {state}{}", why(error)))
            .collect(),
    );
    Ok(())
}

fn list(report: &mut Report, noun: &str, mut lines: Vec<String>) {
    let more = lines.len().saturating_sub(LISTED);
    lines.truncate(LISTED);
    report.open.append(&mut lines);
    if more > 0 {
        report.open.push(format!("and {more} more of the kind `{noun}`"));
    }
}
