//! What the board must know at once: a mail in its own language, kept like every other.

use domain::calendar::lima_date;
use domain::language::Language;
use domain::money::{Money, format_money};
use domain::order::RefundReason;
use jiff::Timestamp;
use store::db::{DbResult, Tx};
use store::ids::new_id;
use store::mail::MailRow;
use store::order::OrderRow;
use store::payment::PaymentRow;
use store::refund::RefundRow;
use store::{job, mail};

use super::{Shop, order_number};
use crate::payments::DisputeFacts;

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
        refund_id: &'a str,
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
    /// Money went back at the provider without the shop's doing.
    RefundedOutside {
        /// The order.
        order: &'a OrderRow,
        /// Its payment.
        payment: &'a PaymentRow,
        /// What the books call gone back of it now.
        refunded_minor: i64,
        /// What was booked of it; none when it does not fit what is left of the payment.
        booked: Option<Money>,
    },
    /// A refund that the books call done came back to the provider.
    RefundCameBack {
        /// What the provider says.
        gap: Gap<'a>,
        /// What the books call done.
        done_minor: i64,
    },
    /// The payer's bank disputes a payment.
    Disputed {
        /// The order it was for.
        order: &'a OrderRow,
        /// What the provider says of it.
        dispute: &'a DisputeFacts,
    },
    /// The provider opens no payment page, and only the association can mend it.
    PaymentsRefused {
        /// An order that met it; its pieces are free again.
        order: &'a OrderRow,
        /// The provider's code.
        code: &'a str,
        /// The provider's words.
        why: &'a str,
        /// When: one notice a day says it.
        now: Timestamp,
    },
    /// Metal is priced in a currency of which no exchange rate is set, so it cannot be sold.
    NoRate {
        /// Code of the currency.
        currency: &'a str,
        /// When: one notice a day says it.
        now: Timestamp,
    },
    /// The provider refuses to give money back.
    RefundRefused {
        /// The order.
        order: &'a OrderRow,
        /// The refund.
        refund: &'a RefundRow,
        /// The provider's words.
        why: &'a str,
    },
}

/// What the provider gave back of a payment, where the books say otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap<'a> {
    /// The order.
    pub(super) order: &'a OrderRow,
    /// Its payment.
    pub(super) payment: &'a PaymentRow,
    /// The currency of what came.
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

    /// The board reads Spanish; it is no visitor of the site, so its sentences are here.
    fn words(&self) -> (String, String) {
        let number = self.order().map(|order| order_number(order.number)).unwrap_or_default();
        match self {
            Self::TurnedBack { received, reason, .. } => {
                let why = match reason {
                    RefundReason::PieceTaken => {
                        "llegó cuando la reserva había terminado y una pieza ya era de otra persona"
                    }
                    RefundReason::OrderCancelled => "llegó cuando el pedido ya estaba anulado",
                    RefundReason::PaidTwice => "es el segundo pago del mismo pedido",
                    RefundReason::AmountMismatch => "no es por el monto del pedido",
                    RefundReason::CurrencyMismatch => "no es en la moneda del pedido",
                };
                let amount = format_money(*received, Language::Es);
                (
                    format!("Pedido {number}: se devuelve un pago"),
                    format!(
                        "El pago de {amount} por el pedido {number} {why}. Se devuelve completo; no hay nada que hacer.\n"
                    ),
                )
            }
            Self::ForeignMoney { amount_minor, currency, .. } => (
                format!("Pedido {number}: pago en otra moneda"),
                format!(
                    "Por el pedido {number} llegó un pago de {amount_minor} unidades menores de {currency}, una moneda que la \
                     tienda no maneja. El pedido quedó anulado. Hay que devolverlo a mano en la página del proveedor de pagos.\n"
                ),
            ),
            Self::RefundedOutside { booked, .. } => refunded_outside(&number, *booked),
            Self::RefundCameBack { gap, done_minor } => {
                let amount = amount_of(done_minor - gap.there_minor, gap.currency);
                (
                    format!("Pedido {number}: una devolución no llegó"),
                    format!(
                        "Los libros dan por devueltos {amount} del pedido {number} que volvieron al proveedor de pagos: el \
                         banco no los recibió. Hay que devolverlos por otro camino.\n"
                    ),
                )
            }
            Self::Disputed { dispute, .. } => disputed(&number, dispute),
            Self::PaymentsRefused { why, .. } => (
                "La tienda no puede recibir pagos".to_owned(),
                format!(
                    "El proveedor de pagos no abrió la página de pago del pedido {number} y el motivo no está en los datos de \
                     quien compra: {why}. Hay que revisar la cuenta y las claves en la página del proveedor; mientras tanto \
                     puede que nadie consiga pagar. Este aviso se envía una vez al día por cada motivo.\n"
                ),
            ),
            Self::NoRate { currency, .. } => (
                format!("Falta el tipo de cambio de {currency}"),
                format!(
                    "Alguien quiso comprar una pieza cuyo metal tiene su precio en {currency}, y la tienda no tiene un tipo \
                     de cambio de esa moneda: no puede saber cuánto se debe por el metal y no la vende. Hay que fijar el tipo \
                     de cambio. Este aviso se envía una vez al día.\n"
                ),
            ),
            Self::RefundRefused { refund, why, .. } => {
                let amount = amount_of(refund.amount_minor, &refund.currency);
                (
                    format!("Pedido {number}: no se pudo devolver"),
                    format!(
                        "El proveedor de pagos no acepta la devolución de {amount} del pedido {number} ({why}). Si ya se \
                         devolvió a mano en su página, se anota con `server refund {number} --already-done`; para \
                         intentarlo otra vez: `server refund {number}`.\n"
                    ),
                )
            }
        }
    }
}

fn refunded_outside(number: &str, booked: Option<Money>) -> (String, String) {
    let subject = format!("Pedido {number}: devolución hecha fuera de la tienda");
    let Some(amount) = booked else {
        return (
            subject,
            format!(
                "En la página del proveedor de pagos se devolvió dinero del pedido {number} sin pasar por la tienda, y el monto \
                 no cuadra con lo que quedaba por devolver. Hay que compararlo con `server check`.\n"
            ),
        );
    };
    let amount = format_money(amount, Language::Es);
    (
        subject,
        format!(
            "En la página del proveedor de pagos se devolvieron {amount} del pedido {number} sin pasar por la tienda. Ya está \
             en los libros, repartido entre todo lo que quedaba del pedido, y quien compró lo ve en la página de su pedido; \
             no hay nada que hacer.\n"
        ),
    )
}

fn disputed(number: &str, dispute: &DisputeFacts) -> (String, String) {
    let DisputeFacts { id, reason, status, .. } = dispute;
    let amount = amount_of(dispute.amount_minor, &dispute.currency);
    let until = match dispute.answer_by {
        Some(moment) => {
            let day = lima_date(moment.as_microsecond());
            format!(
                " Hay plazo para responder hasta el {} (hora de Lima).",
                day.strftime("%d/%m/%Y")
            )
        }
        None => String::new(),
    };
    (
        format!("Pedido {number}: el banco de quien pagó reclama"),
        format!(
            "El banco de quien pagó el pedido {number} reclama {amount} (motivo: {reason}; estado: {status}; reclamo \
             {id}).{until} Se responde en la página del proveedor de pagos.\n"
        ),
    )
}

fn amount_of(amount_minor: i64, currency: &str) -> String {
    Money::from_code(amount_minor, currency).map_or_else(
        |_| format!("{amount_minor} {currency}"),
        |money| format_money(money, Language::Es),
    )
}

/// Writes the notice and enqueues its sending, in the transaction of what happened.
pub(super) async fn tell(
    tx: &mut Tx,
    shop: &Shop,
    notice: &Notice<'_>,
    now_us: i64,
) -> DbResult<()> {
    let (subject, body_text) = notice.words();
    let reason = notice.reason();
    let row = MailRow {
        id: new_id(),
        dedup_key: reason.clone(),
        order_id: notice.order().map(|order| order.id.clone()),
        to_address: shop.settings.board_email.clone(),
        subject,
        body_text,
        // Plain text says all there is; a notice of the house has no finery.
        body_html: String::new(),
        state: "queued".to_owned(),
        created_at_us: now_us,
    };
    mail::insert_once(tx, &row).await?;
    job::enqueue_mail(tx, &reason, now_us).await
}
