//! Notices to the board, in its own language. The board is no visitor of the site, so its sentences
//! are here and not among those of the pages. Plain text says all there is.

use domain::calendar::lima_date;
use domain::language::Language;
use domain::money::{Money, format_money};
use domain::order::RefundReason;
use jiff::Timestamp;

use super::Mail;

/// What the board must know at once. An order is named by its number, e.g. `D-000147`.
#[derive(Debug)]
pub enum BoardNotice<'a> {
    /// A payment goes back in full.
    TurnedBack {
        /// The order it was for.
        order: String,
        /// What was received.
        received: Money,
        /// Why.
        reason: RefundReason,
    },
    /// Money in a currency the shop cannot hold.
    ForeignMoney {
        /// The order it was for.
        order: String,
        /// Amount in the provider's units.
        amount_minor: i64,
        /// The provider's code.
        currency: &'a str,
    },
    /// Money went back at the provider without the shop's doing.
    RefundedOutside {
        /// The order.
        order: String,
        /// What was booked of it; none when it does not fit what is left of the payment.
        booked: Option<Money>,
    },
    /// A refund that the books call done came back to the provider.
    RefundCameBack {
        /// The order.
        order: String,
        /// How much did not arrive, in the currency of what came.
        missing_minor: i64,
        /// Code of that currency.
        currency: &'a str,
    },
    /// The payer's bank disputes a payment.
    Disputed {
        /// The order it was for.
        order: String,
        /// The provider's name of the dispute.
        dispute: &'a str,
        /// The bank's reason, in the provider's words.
        reason: &'a str,
        /// How the dispute stands, in the provider's words.
        status: &'a str,
        /// What the bank wants back, in minor units.
        amount_minor: i64,
        /// Code of its currency.
        currency: &'a str,
        /// Until when the association may answer.
        answer_by: Option<Timestamp>,
    },
    /// The provider opens no payment page, and only the association can mend it.
    PaymentsRefused {
        /// An order that met it.
        order: String,
        /// The provider's words.
        why: &'a str,
    },
    /// Metal is priced in a currency of which no exchange rate is set, so it cannot be sold.
    NoRate {
        /// Code of the currency.
        currency: &'a str,
    },
    /// A refund cannot be made.
    RefundRefused {
        /// The order.
        order: String,
        /// How much was to go back, in minor units.
        amount_minor: i64,
        /// Code of its currency.
        currency: &'a str,
        /// By whom.
        by: RefusedBy<'a>,
    },
}

/// Who refuses a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy<'a> {
    /// The payment provider, in its own words.
    Provider(&'a str),
    /// The bank of who is to receive it.
    Bank,
}

impl BoardNotice<'_> {
    /// The notice as a mail.
    #[must_use]
    pub fn mail(&self) -> Mail {
        let (subject, text) = self.words();
        Mail { subject, text, html: String::new() }
    }

    /// Subject and text.
    fn words(&self) -> (String, String) {
        match self {
            Self::TurnedBack { order: number, received, reason } => {
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
            Self::ForeignMoney { order: number, amount_minor, currency } => (
                format!("Pedido {number}: pago en otra moneda"),
                format!(
                    "Por el pedido {number} llegó un pago de {amount_minor} unidades menores de {currency}, una moneda que la \
                     tienda no maneja. El pedido quedó anulado. Hay que devolverlo a mano en la página del proveedor de pagos.\n"
                ),
            ),
            Self::RefundedOutside { order, booked } => refunded_outside(order, *booked),
            Self::RefundCameBack { order: number, missing_minor, currency } => {
                let amount = amount_of(*missing_minor, currency);
                (
                    format!("Pedido {number}: una devolución no llegó"),
                    format!(
                        "Los libros dan por devueltos {amount} del pedido {number} que volvieron al proveedor de pagos: el \
                         banco no los recibió. Hay que devolverlos por otro camino.\n"
                    ),
                )
            }
            Self::Disputed {
                order: number,
                dispute,
                reason,
                status,
                amount_minor,
                currency,
                answer_by,
            } => {
                let amount = amount_of(*amount_minor, currency);
                let until = until(*answer_by);
                (
                    format!("Pedido {number}: el banco de quien pagó reclama"),
                    format!(
                        "El banco de quien pagó el pedido {number} reclama {amount} (motivo: {reason}; estado: {status}; reclamo \
                         {dispute}).{until} Se responde en la página del proveedor de pagos.\n"
                    ),
                )
            }
            Self::PaymentsRefused { order: number, why } => (
                "La tienda no puede recibir pagos".to_owned(),
                format!(
                    "El proveedor de pagos no abrió la página de pago del pedido {number} y el motivo no está en los datos de \
                     quien compra: {why}. Hay que revisar la cuenta y las claves en la página del proveedor; mientras tanto \
                     puede que nadie consiga pagar. Este aviso se envía una vez al día por cada motivo.\n"
                ),
            ),
            Self::NoRate { currency } => (
                format!("Falta el tipo de cambio de {currency}"),
                format!(
                    "Alguien quiso comprar una pieza cuyo metal tiene su precio en {currency}, y la tienda no tiene un tipo \
                     de cambio de esa moneda: no puede saber cuánto se debe por el metal y no la vende. Hay que fijar el tipo \
                     de cambio. Este aviso se envía una vez al día.\n"
                ),
            ),
            Self::RefundRefused { order: number, amount_minor, currency, by } => {
                let amount = amount_of(*amount_minor, currency);
                let why = match by {
                    RefusedBy::Provider(words) => words,
                    RefusedBy::Bank => "el banco no la recibió",
                };
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

fn until(answer_by: Option<Timestamp>) -> String {
    match answer_by {
        Some(moment) => {
            let day = lima_date(moment.as_microsecond());
            format!(
                " Hay plazo para responder hasta el {} (hora de Lima).",
                day.strftime("%d/%m/%Y")
            )
        }
        None => String::new(),
    }
}

fn amount_of(amount_minor: i64, currency: &str) -> String {
    Money::from_code(amount_minor, currency).map_or_else(
        |_| format!("{amount_minor} {currency}"),
        |money| format_money(money, Language::Es),
    )
}
