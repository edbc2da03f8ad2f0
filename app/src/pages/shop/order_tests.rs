//! What an order's page says in each of its states.

use domain::language::Language;
use domain::money::{Currency, Money};
use domain::shipping::DeliveryKind;
use jiff::Timestamp;
use jiff::civil::date;

use super::{order, test_visit};
use crate::backend::shop::{
    DeliveryEstimate, MailedCopy, OrderLineView, OrderSums, OrderView, ShownStatus, TurnedBack,
    TurnedBackWhy, WayBack,
};
use domain::order::OrderStatus;

fn soles(minor: i64) -> Money {
    Money::new(minor, Currency::Pen)
}

fn view(status: ShownStatus) -> OrderView {
    let line = OrderLineView {
        slug: "batea-ring".into(),
        name: "Anillo Batea".into(),
        serial: "0147".into(),
        weight_mg: 3_910,
        inner_circumference_tenths_mm: Some(540),
        makers: Vec::new(),
        price: soles(38_000),
        photo: None,
    };
    OrderView {
        number: "D-000147".into(),
        secret: "s3cret".into(),
        status,
        placed_at: Timestamp::UNIX_EPOCH,
        paid_at: None,
        held_until: Some(Timestamp::UNIX_EPOCH),
        payment_url: Some("https://pay.example/1".into()),
        lines: vec![line],
        sums: OrderSums {
            items: soles(38_000),
            shipping: Some(soles(1_800)),
            tax_included: Some(soles(6_071)),
            total: soles(39_800),
        },
        name: "Ana Quispe".into(),
        email: "ana@example.com".into(),
        copy: MailedCopy::Sent,
        address: vec!["Jr. Unión 512".into()],
        delivery: DeliveryEstimate {
            kind: DeliveryKind::Courier,
            from: date(2026, 11, 26),
            to: date(2026, 11, 28),
        },
        gift_message: None,
        refunded: None,
        refund_coming: None,
        turned_back: None,
        money: None,
    }
}

fn page(order: &OrderView) -> String {
    let visit = test_visit::visit(Language::Es, "/es/pedido/s3cret");
    order::page(&visit, order, order::Reader::Anyone, false).html
}

#[test]
fn an_unpaid_order_can_be_paid_or_cancelled() {
    let html = page(&view(ShownStatus::Of(OrderStatus::PendingPayment)));
    assert!(html.contains("href=\"https://pay.example/1\""));
    assert!(html.contains("action=\"/es/pedido/s3cret/cancelar\""));
    assert!(html.contains("hasta las 19:00 (hora de Lima)"));
}

#[test]
fn while_a_payment_is_processed_no_second_one_is_offered() {
    let html = page(&OrderView {
        payment_url: None,
        ..view(ShownStatus::Of(OrderStatus::PendingPayment))
    });
    assert!(html.contains("Esperamos la confirmación del pago"));
    assert!(!html.contains("Seguir pagando") && !html.contains("cancelar"));
}

#[test]
fn only_a_paid_order_says_when_it_arrives() {
    let paid = page(&view(ShownStatus::Of(OrderStatus::Paid)));
    assert!(paid.contains("Gracias, Ana") && paid.contains("Llega del 26 al 28 de noviembre"));
    assert!(paid.contains("aria-current=\"step\""));
    for status in [
        ShownStatus::Of(OrderStatus::PendingPayment),
        ShownStatus::Of(OrderStatus::Expired),
        ShownStatus::Of(OrderStatus::Cancelled),
        ShownStatus::TurnedBack,
        ShownStatus::ForeignMoney,
    ] {
        let html = page(&view(status));
        assert!(!html.contains("Llega del") && !html.contains("Gracias"), "{status:?}");
    }
}

#[test]
fn a_confirmation_that_was_not_sent_is_not_called_sent() {
    for (copy, words) in [
        (MailedCopy::Sent, "Enviamos una copia a ana@example.com."),
        (MailedCopy::OnItsWay, "Una copia va en camino a ana@example.com."),
        (MailedCopy::Kept, "Guarda el enlace de esta página"),
    ] {
        let html = page(&OrderView { copy, ..view(ShownStatus::Of(OrderStatus::Paid)) });
        assert!(html.contains(words), "{copy:?}");
        assert_eq!(html.contains("Enviamos una copia"), copy == MailedCopy::Sent, "{copy:?}");
        assert_eq!(html.contains("copia"), copy != MailedCopy::Kept, "{copy:?}");
    }
}

fn turned_back(status: ShownStatus, why: TurnedBackWhy, state: WayBack) -> String {
    let back = TurnedBack { why, state, amount: soles(39_800) };
    page(&OrderView { turned_back: Some(back), ..view(status) })
}

#[test]
fn a_refunded_payment_names_its_amount_and_reason() {
    for (why, words) in [
        (TurnedBackWhy::PieceTaken, "no la vendemos dos veces"),
        (TurnedBackWhy::Mismatch, "no era por el monto o en la moneda de este pedido"),
        (TurnedBackWhy::Cancelled, "cuando el pedido ya estaba anulado"),
    ] {
        let html = turned_back(ShownStatus::TurnedBack, why, WayBack::Done);
        assert!(html.contains("Te devolvimos tu pago") && html.contains(words), "{why:?}");
        assert!(html.contains("Devolvimos S/\u{a0}398.00, todo ese pago"));
        assert_eq!(html.contains("otra persona"), why == TurnedBackWhy::PieceTaken);
    }
    let html =
        turned_back(ShownStatus::Of(OrderStatus::Paid), TurnedBackWhy::PaidTwice, WayBack::Done);
    assert!(html.contains("Gracias, Ana") && html.contains("llegó un segundo pago"));
}

#[test]
fn only_refunded_money_is_called_returned() {
    for (state, words) in [
        (WayBack::OnItsWay, "Estamos devolviendo S/\u{a0}398.00"),
        (WayBack::Refused, "no aceptó la devolución de S/\u{a0}398.00"),
    ] {
        let html = turned_back(ShownStatus::TurnedBack, TurnedBackWhy::PieceTaken, state);
        assert!(html.contains(words), "{state:?}");
        assert!(!html.contains("Devolvimos") && !html.contains("Te devolvimos"));
    }
    let coming =
        OrderView { refund_coming: Some(soles(500)), ..view(ShownStatus::Of(OrderStatus::Paid)) };
    let html = page(&coming);
    assert!(html.contains("te estamos devolviendo S/\u{a0}5.00"));
    assert!(!html.contains("te hemos devuelto"));
}

#[test]
fn a_fully_refunded_order_promises_no_delivery() {
    let whole = view(ShownStatus::Refunded).sums.total;
    let done = OrderView { refunded: Some(whole), ..view(ShownStatus::Refunded) };
    let html = page(&done);
    assert!(html.contains("Te devolvimos tu pago") && html.contains("todo lo que pagaste"));
    let coming = OrderView { refund_coming: Some(whole), ..view(ShownStatus::Refunded) };
    let other = page(&coming);
    assert!(other.contains("Tu pago va de regreso") && other.contains("Estamos devolviendo"));
    for html in [html, other] {
        for promise in ["Gracias, Ana", "Llega del", "preparan", "aria-current=\"step\""] {
            assert!(!html.contains(promise), "{promise}");
        }
    }
}

#[test]
fn money_that_cannot_be_booked_is_not_called_uncharged() {
    let html = page(&view(ShownStatus::ForeignMoney));
    assert!(html.contains("en una moneda que no podemos anotar"));
    assert!(html.contains("te lo devolverá") && html.contains("D-000147"));
    assert!(!html.contains("No se te ha cobrado nada"));
}

#[test]
fn search_engines_must_not_list_an_order() {
    assert!(
        page(&view(ShownStatus::Of(OrderStatus::Paid)))
            .contains("<meta name=\"robots\" content=\"noindex\">")
    );
}
