//! What the command line tells the board: jobs that gave up, mails, held pieces with their holders,
//! and how a sale was shared.

use std::fmt::Write as _;

use domain::language::Language;
use domain::money::{Currency, Money, format_money};
use domain::split::{MaterialSource, PieceSplit, SaleSplit};
use jiff::Timestamp;
use store::db::{Db, DbResult};
use store::order::LineRow;
use store::{job, mail, maker, order, sale};

use crate::sales::{holds, order_number, parse_order_number};

/// Mails that a list shows, newest first.
const MAILS_SHOWN: i64 = 200;

/// Which jobs are to run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dead<'a> {
    /// Every job that gave up.
    All,
    /// The job with this key.
    One(&'a str),
}

/// Makes a text of any origin fit into one line: nothing in it moves the cursor.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn day_and_time(at_us: i64) -> String {
    Timestamp::from_microsecond(at_us)
        .map_or_else(|_| at_us.to_string(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// The jobs that gave up, each with its last error.
pub async fn dead_jobs(db: &Db) -> DbResult<String> {
    let mut told = String::new();
    for dead in job::dead(db).await? {
        let error = one_line(dead.last_error.as_deref().unwrap_or("no error is known"));
        let about = one_line(&dead.payload);
        let _ = writeln!(
            told,
            "{}  {} of {about}, {} times, since {}\n    {error}",
            dead.id,
            dead.kind,
            dead.attempts,
            day_and_time(dead.created_at_us)
        );
    }
    if told.is_empty() {
        told.push_str("no job has given up\n");
    }
    Ok(told)
}

/// Lets jobs that gave up run again now. Returns how many.
pub async fn revive(db: &Db, which: Dead<'_>, now: Timestamp) -> DbResult<u64> {
    let ids = match which {
        Dead::All => job::dead(db).await?.into_iter().map(|dead| dead.id.into()).collect(),
        Dead::One(id) => vec![id.to_owned()],
    };
    let mut revived = 0;
    let mut tx = db.begin().await?;
    for id in ids {
        revived += u64::from(job::revive(&mut tx, &id, now.as_microsecond()).await?);
    }
    tx.commit().await?;
    Ok(revived)
}

/// How many letters of a mark are shown; enough to see that two marks are the same.
const MARK_SHOWN: usize = 6;

/// Who holds which unpaid pieces and until when, sorted by the end of the hold. Orders from one
/// network, or of one visitor, carry the same mark.
pub async fn held(db: &Db) -> DbResult<String> {
    let orders = holds::held(db, Language::Es).await?;
    let mut told = String::new();
    let mut count = 0;
    for order in &orders {
        let coming = if order.money_is_coming { ", the money is on its way" } else { "" };
        let _ = write!(
            told,
            "{}  {}  {} to {}{coming}",
            order_number(order.number),
            one_line(&order.email),
            day_and_time(order.since_us),
            day_and_time(order.until_us)
        );
        for (what, mark) in [("network", &order.network), ("visitor", &order.visitor)] {
            if let Some(mark) = mark.as_deref().and_then(|mark| mark.get(..MARK_SHOWN)) {
                let _ = write!(told, "  {what} {mark}");
            }
        }
        told.push('\n');
        for (serial, name) in &order.pieces {
            let _ = writeln!(told, "    {serial} {}", one_line(name));
            count += 1;
        }
    }
    if count == 0 {
        return Ok("nobody holds a piece\n".to_owned());
    }
    let _ = writeln!(told, "pieces held: {count}, orders: {}", orders.len());
    Ok(told)
}

/// The newest mails: key, when, state, recipient, subject.
pub async fn mails(db: &Db) -> DbResult<String> {
    let mut told = String::new();
    for row in mail::newest(db, MAILS_SHOWN).await? {
        let _ = writeln!(
            told,
            "{}  {}  {:<7}  {}  {}",
            row.id,
            day_and_time(row.created_at_us),
            row.state.as_str(),
            one_line(&row.to_address),
            one_line(&row.subject)
        );
    }
    if told.is_empty() {
        told.push_str("no mail was written yet\n");
    }
    Ok(told)
}

/// One mail as its recipient reads it, or `None`.
pub async fn mail(db: &Db, id: &str) -> DbResult<Option<String>> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let Some(row) = mail::by_id(db, &id).await? else { return Ok(None) };
    Ok(Some(format!(
        "To: {}\nSubject: {}\nState: {}, written {}\n\n{}\n",
        one_line(&row.to_address),
        one_line(&row.subject),
        row.state.as_str(),
        day_and_time(row.created_at_us),
        row.body_text.trim_end()
    )))
}

/// How the price of each piece of an order was divided, to the cent. `None` when there is no such
/// order, or it was never sold.
pub async fn shares(db: &Db, number: &str) -> DbResult<Option<String>> {
    let Some(number) = parse_order_number(number) else { return Ok(None) };
    let Some(order_id) = order::id_of_number(db, number).await? else { return Ok(None) };
    let Some(split) = sale::read_of_order(db, &order_id).await? else { return Ok(None) };
    let lines = order::lines(db, &order_id, Language::Es.code()).await?;
    let names = maker::names(db).await?;
    let mut told = format!(
        "{}  paid {}, divided under policy {}\n",
        order_number(number),
        format_money(split.gross(), Language::En),
        split.policy_version
    );
    for piece in &split.pieces {
        tell_piece(&mut told, &split, piece, &lines, &names);
    }
    Ok(Some(told))
}

fn tell_piece(
    told: &mut String,
    split: &SaleSplit,
    piece: &PieceSplit,
    lines: &[LineRow],
    names: &[(String, String)],
) {
    let line = lines.iter().find(|line| line.piece_id == piece.piece_id);
    let title = line.map_or_else(
        || piece.piece_id.as_str().to_owned(),
        |line| format!("{} {}", line.serial, line.name),
    );
    let _ = writeln!(told, "\n{title}");
    let parts = parts_of(piece, names);
    let sum = parts.iter().map(|(_, minor)| minor).sum();
    for (what, minor) in parts.iter().filter(|(_, minor)| *minor != 0) {
        tell_amount(told, what, *minor, split.currency);
    }
    tell_amount(told, "together", sum, split.currency);
}

/// Everything a piece's price and delivery were divided into, in the order of the split.
fn parts_of(piece: &PieceSplit, names: &[(String, String)]) -> Vec<(String, i64)> {
    let mut parts = vec![
        ("IGV".to_owned(), piece.igv_minor),
        ("delivery".to_owned(), piece.shipping_minor),
        ("payment fee".to_owned(), piece.fee_minor),
        ("metal, consigned".to_owned(), piece.material_of(MaterialSource::Consigned)),
        ("metal and stones, our own".to_owned(), piece.material_of(MaterialSource::Own)),
    ];
    parts.extend(
        piece.funds.iter().map(|part| (format!("fund: {}", part.fund.as_str()), part.amount_minor)),
    );
    parts.extend(piece.makers.iter().map(|part| {
        let name = names.iter().find(|(id, _)| id == part.member_id.as_str());
        let name = name.map_or(part.member_id.as_str(), |(_, name)| name);
        (format!("maker: {}", one_line(name)), part.amount_minor)
    }));
    parts.push(("waits for its makers".to_owned(), piece.held_for_makers_minor));
    parts
}

fn tell_amount(told: &mut String, what: &str, minor: i64, currency: Currency) {
    let amount = format_money(Money::new(minor, currency), Language::En);
    let _ = writeln!(told, "  {what:<32} {amount:>14}");
}
