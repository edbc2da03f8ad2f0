//! Holds of unpaid pieces, and how many a visitor may have.
//!
//! Mailbox, session and network are stored as keyed hashes, which can only be compared. The schema
//! deletes them when the hold ends. The key is not in the database.

use domain::id::{OrderId, SessionId};
use std::net::IpAddr;

use domain::hold::{Held, TooManyHeld, mailbox};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use store::db::{Db, DbResult, Tx};
use store::hold::{self, HoldRow};
use store::order::OrderRow;

use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::settings::HoldRules;

/// The visitor who wants pieces, besides her e-mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asker {
    /// Her session, if her browser keeps one.
    pub session: Option<SessionId>,
    /// Whether her session has no attempt at buying yet: the form's attempt begins with its order.
    pub begins_attempt: bool,
    /// Her network address, if it is known.
    pub network: Option<IpAddr>,
}

impl HoldRules {
    /// The hashes of the visitor who wants an order's pieces.
    fn marks(&self, order_id: &OrderId, email: &str, asker: &Asker) -> ShopResult<HoldRow> {
        Ok(HoldRow {
            order_id: order_id.clone(),
            mailbox: self.mark("mailbox", &mailbox(email))?,
            visitor: asker.session.as_ref().map(|id| self.mark("visitor", id)).transpose()?,
            network: asker
                .network
                .map(|network| self.mark("network", &network.to_string()))
                .transpose()?,
        })
    }

    fn mark(&self, kind: &str, value: &str) -> ShopResult<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.reveal().as_bytes())
            .map_err(|e| ShopError::about("the key of holds", e))?;
        mac.update(kind.as_bytes());
        mac.update(b":");
        mac.update(value.as_bytes());
        // 16 bytes are more than enough to tell two apart.
        Ok(hex::encode(&mac.finalize().into_bytes()[..16]))
    }
}

/// The hashes that are stored with a new hold, if there are limits; or why it may not hold so many
/// pieces. The caller must have the lock that every new hold takes.
pub(super) async fn judge(
    tx: &mut Tx,
    rules: &HoldRules,
    order: &OrderRow,
    asker: &Asker,
    wanted: usize,
) -> ShopResult<Result<Option<HoldRow>, TooManyHeld>> {
    let limits = &rules.limits;
    if !limits.limits_anybody() {
        return Ok(Ok(None));
    }
    let marks = rules.marks(&order.id, &order.email, asker)?;
    let held = hold::held_by(tx, &marks).await?;
    let held = Held {
        mailbox: count(held.mailbox),
        visitor: count(held.visitor),
        network: count(held.network),
    };
    let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
    let free = match limits.free_needed(held.network, wanted).filter(|_| marks.network.is_some()) {
        Some(enough) => count(hold::free(tx, i64::from(enough)).await?),
        None => u32::MAX,
    };
    Ok(limits.judge(held, wanted, free).map(|()| Some(marks)))
}

fn count(counted: i64) -> u32 {
    u32::try_from(counted).unwrap_or(if counted < 0 { 0 } else { u32::MAX })
}

/// An unpaid order and its held pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldOrder {
    /// Number, as the counter gave it.
    pub number: i64,
    /// The shopper's e-mail.
    pub email: String,
    /// When it was placed.
    pub since_us: i64,
    /// Until when the pieces are held.
    pub until_us: i64,
    /// Whether the shopper finished the payment page and the money is on its way.
    pub money_is_coming: bool,
    /// Mark of the network, the same for orders from one network.
    pub network: Option<String>,
    /// Mark of the session, the same for orders of one visitor.
    pub visitor: Option<String>,
    /// Serial and name of each piece.
    pub pieces: Vec<(String, String)>,
}

/// Every order that holds unpaid pieces, in the sequence in which the holds end. Names in `language`.
pub async fn held(db: &Db, language: domain::language::Language) -> DbResult<Vec<HeldOrder>> {
    let mut orders: Vec<HeldOrder> = Vec::new();
    for row in hold::all(db, language.code()).await? {
        let piece = (row.serial, row.name);
        match orders.last_mut().filter(|order| order.number == row.number) {
            Some(order) => order.pieces.push(piece),
            None => orders.push(HeldOrder {
                number: row.number,
                email: row.email,
                since_us: row.created_at_us,
                until_us: row.hold_until_us,
                money_is_coming: row.payment.as_deref() == Some("processing"),
                network: row.network,
                visitor: row.visitor,
                pieces: vec![piece],
            }),
        }
    }
    Ok(orders)
}
