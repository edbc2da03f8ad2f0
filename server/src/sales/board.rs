//! Notices that the board must get at once, as mails.

use domain::calendar::lima_date;
use domain::id::RefundId;
use domain::money::Money;
use domain::order::RefundReason;
use jiff::Timestamp;
use store::db::{DbResult, Tx};
use store::ids::new_key;
use store::mail::{MailRow, MailState};
use store::order::OrderRow;
use store::payment::PaymentRow;
use store::refund::RefundRow;
use store::text::Text;
use store::{job, mail};

use app::mail::Mail;
use app::mail::board::{BoardNotice, RefusedBy};

use super::{Shop, order_number};
use crate::kernel::payments::DisputeFacts;

/// What happened.
#[derive(Debug)]
pub(super) enum Notice<'a> {
    /// A payment goes back in full.
    TurnedBack {
        /// The order it was for.
        order: &'a OrderRow,
        /// What was received.
        received: Money,
        /// Why.
        reason: RefundReason,
        /// The refund's key.
        refund_id: &'a RefundId,
    },
    /// Money in a currency the shop cannot hold.
    ForeignMoney {
        /// The order it was for.
        order: &'a OrderRow,
        /// Amount in the provider's units.
        amount_minor: i64,
        /// The provider's code.
        currency: &'a str,
    },
    /// Money was given back at the provider without the shop.
    RefundedOutside {
        /// The order.
        order: &'a OrderRow,
        /// Its payment.
        payment: &'a PaymentRow,
        /// How much of it went back according to the books.
        refunded_minor: i64,
        /// What was booked now; `None` when it does not fit what is left of the payment.
        booked: Option<Money>,
    },
    /// A refund that is booked as done came back to the provider.
    RefundCameBack {
        /// What the provider says.
        gap: Gap<'a>,
        /// The sum of the booked refunds.
        done_minor: i64,
    },
    /// The payer's bank disputes a payment.
    Disputed {
        /// The order it was for.
        order: &'a OrderRow,
        /// What the provider says of it.
        dispute: &'a DisputeFacts,
    },
    /// The provider opens no payment page, and only the association can fix it.
    PaymentsRefused {
        /// An order that got no page; its pieces are free again.
        order: &'a OrderRow,
        /// The provider's code.
        code: &'a str,
        /// The provider's words.
        why: &'a str,
        /// The time of the notice: there is one a day.
        now: Timestamp,
    },
    /// Metal is priced in a currency without an exchange rate, so it cannot be sold.
    NoRate {
        /// Code of the currency.
        currency: &'a str,
        /// The time of the notice: there is one a day.
        now: Timestamp,
    },
    /// Money cannot be given back.
    RefundRefused {
        /// The order.
        order: &'a OrderRow,
        /// The refund.
        refund: &'a RefundRow,
        /// Who refused it.
        by: RefusedBy<'a>,
    },
}

/// A difference between the refunds at the provider and those in the books.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap<'a> {
    /// The order.
    pub(super) order: &'a OrderRow,
    /// Its payment.
    pub(super) payment: &'a PaymentRow,
    /// The currency of what was received.
    pub(super) currency: &'a str,
    /// What the provider gave back in all.
    pub(super) there_minor: i64,
}

impl Notice<'_> {
    fn reason(&self) -> String {
        match self {
            Self::TurnedBack { refund_id, .. } => format!("board:turned_back:{refund_id}"),
            Self::ForeignMoney { order, .. } => format!("board:foreign_money:{}", order.id),
            Self::RefundedOutside { payment, refunded_minor, booked, .. } => {
                let booked = if booked.is_some() { "booked" } else { "open" };
                format!("board:refunded_outside:{}:{refunded_minor}:{booked}", payment.id)
            }
            Self::RefundCameBack { gap, done_minor } => {
                format!(
                    "board:refund_came_back:{}:{done_minor}:{}",
                    gap.payment.id, gap.there_minor
                )
            }
            Self::Disputed { dispute, .. } => {
                format!("board:disputed:{}:{}", dispute.id, dispute.status)
            }
            Self::PaymentsRefused { code, now, .. } => {
                format!("board:payments_refused:{code}:{}", lima_date(now.as_microsecond()))
            }
            Self::NoRate { currency, now } => {
                format!("board:no_rate:{currency}:{}", lima_date(now.as_microsecond()))
            }
            Self::RefundRefused { refund, .. } => format!("board:refund_refused:{}", refund.id),
        }
    }

    /// The order it is about.
    const fn order(&self) -> Option<&OrderRow> {
        match self {
            Self::TurnedBack { order, .. }
            | Self::ForeignMoney { order, .. }
            | Self::Disputed { order, .. }
            | Self::RefundedOutside { order, .. }
            | Self::PaymentsRefused { order, .. }
            | Self::RefundRefused { order, .. } => Some(order),
            Self::RefundCameBack { gap, .. } => Some(gap.order),
            Self::NoRate { .. } => None,
        }
    }

    /// The notice with the types of the sentences.
    fn told(&self) -> BoardNotice<'_> {
        let number = || self.order().map(|order| order_number(order.number)).unwrap_or_default();
        match self {
            Self::TurnedBack { received, reason, .. } => {
                BoardNotice::TurnedBack { order: number(), received: *received, reason: *reason }
            }
            Self::ForeignMoney { amount_minor, currency, .. } => {
                BoardNotice::ForeignMoney { order: number(), amount_minor: *amount_minor, currency }
            }
            Self::RefundedOutside { booked, .. } => {
                BoardNotice::RefundedOutside { order: number(), booked: *booked }
            }
            Self::RefundCameBack { gap, done_minor } => BoardNotice::RefundCameBack {
                order: number(),
                missing_minor: done_minor - gap.there_minor,
                currency: gap.currency,
            },
            Self::Disputed { dispute, .. } => BoardNotice::Disputed {
                order: number(),
                dispute: &dispute.id,
                reason: &dispute.reason,
                status: &dispute.status,
                amount_minor: dispute.amount_minor,
                currency: &dispute.currency,
                answer_by: dispute.answer_by,
            },
            Self::PaymentsRefused { why, .. } => {
                BoardNotice::PaymentsRefused { order: number(), why }
            }
            Self::NoRate { currency, .. } => BoardNotice::NoRate { currency },
            Self::RefundRefused { refund, by, .. } => BoardNotice::RefundRefused {
                order: number(),
                amount_minor: refund.amount_minor,
                currency: &refund.currency,
                by: *by,
            },
        }
    }
}

/// Writes the notice and enqueues its sending, in the transaction of its cause.
pub(super) async fn tell(
    tx: &mut Tx,
    shop: &Shop,
    notice: &Notice<'_>,
    now_us: i64,
) -> DbResult<()> {
    let Mail { subject, text, html } = notice.told().mail();
    let reason = notice.reason();
    let row = MailRow {
        id: new_key(),
        dedup_key: reason.clone(),
        order_id: notice.order().map(|order| Text(order.id.clone())),
        to_address: shop.settings.board_email.clone(),
        subject,
        body_text: text,
        body_html: html,
        state: MailState::Queued,
        created_at_us: now_us,
    };
    mail::insert_once(tx, &row).await?;
    job::enqueue_mail(tx, &reason, now_us).await
}
