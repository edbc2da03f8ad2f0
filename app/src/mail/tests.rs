#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use domain::money::Currency;
use jiff::civil::date;

use super::*;
use crate::backend::shop::{
    DeliveryEstimate, MailedCopy, OrderSums, ShownStatus, TurnedBackWhy, WayBack,
};
use domain::order::OrderStatus;

fn soles(minor: i64) -> Money {
    Money::new(minor, Currency::Pen)
}

fn order() -> OrderView {
    OrderView {
        number: "D-000147".into(),
        secret: "s3cret".into(),
        status: ShownStatus::Of(OrderStatus::Paid),
        placed_at: "2026-11-23T15:00:00Z".parse().unwrap(),
        paid_at: Some("2026-11-23T15:04:00Z".parse().unwrap()),
        held_until: None,
        payment_url: None,
        lines: vec![OrderLineView {
            slug: "batea-ring".into(),
            name: "Anillo <Batea>".into(),
            serial: "0147".into(),
            weight_mg: 3_910,
            inner_circumference_tenths_mm: Some(540),
            makers: Vec::new(),
            price: soles(38_000),
            photo: None,
        }],
        sums: OrderSums {
            items: soles(38_000),
            shipping: Some(soles(1_800)),
            tax_included: Some(soles(6_071)),
            total: soles(39_800),
        },
        name: "Ana Quispe".into(),
        email: "ana@example.com".into(),
        copy: MailedCopy::Sent,
        address: vec!["Jr. Unión 512".into(), "Lima".into(), "Perú".into()],
        delivery: DeliveryEstimate {
            kind: DeliveryKind::Courier,
            from: date(2026, 11, 26),
            to: date(2026, 11, 28),
        },
        gift_message: Some("Para ti <3".into()),
        refunded: None,
        refund_coming: None,
        turned_back: None,
        money: None,
    }
}

fn context(language: Language) -> MailContext<'static> {
    MailContext { language, public_url: "https://shop.example", demo: true }
}

#[test]
fn a_received_order_names_everything_in_both_languages() {
    let spanish = order_received(context(Language::Es), &order());
    assert_eq!(spanish.subject, "Recibimos tu pedido D-000147");
    for part in [
        "Hola, Ana Quispe:",
        "Anillo <Batea>, n.º 0147: S/\u{a0}380.00",
        "Total: S/\u{a0}398.00",
        "Llega del 26 al 28 de noviembre.",
        "Para ti <3",
        "https://shop.example/es/pedido/s3cret",
        "demostración",
    ] {
        assert!(spanish.text.contains(part), "{part} is missing in\n{}", spanish.text);
    }
    let english = order_received(context(Language::En), &order());
    assert!(english.text.contains("It arrives 26–28 November."));
    assert!(english.text.contains("https://shop.example/en/order/s3cret"));
}

#[test]
fn what_people_typed_is_escaped_in_html() {
    let mail = order_received(context(Language::Es), &order());
    assert!(mail.html.contains("Anillo &lt;Batea&gt;"));
    assert!(mail.html.contains("Para ti &lt;3"));
    assert!(!mail.html.contains("<Batea>"));
    assert!(mail.html.contains("href=\"https://shop.example/es/pedido/s3cret\""));
    // Nothing is fetched when the mail is opened.
    assert!(!mail.html.contains("<img") && !mail.html.contains("url("));
}

#[test]
fn a_refund_names_its_amount_and_no_delivery() {
    let refunded = OrderView { status: ShownStatus::TurnedBack, ..order() };
    for (why, words) in [
        (TurnedBackWhy::PieceTaken, "otra persona la había comprado"),
        (TurnedBackWhy::Mismatch, "no era por el monto o en la moneda de este pedido"),
        (TurnedBackWhy::PaidTwice, "llegó un segundo pago"),
        (TurnedBackWhy::Cancelled, "el pedido ya estaba anulado"),
    ] {
        let back = TurnedBack { why, state: WayBack::Done, amount: soles(39_800) };
        let mail = refunded_in_full(context(Language::Es), &refunded, &back);
        assert!(mail.text.contains(words), "{}", mail.text);
        assert!(mail.text.contains("Devolvimos S/\u{a0}398.00, todo ese pago"));
        assert!(!mail.text.contains("Llega del"));
        assert!(mail.text.contains("https://shop.example/es/piezas"));
    }
}

#[test]
fn a_refund_by_the_board_names_amount_and_order() {
    let mail = given_back(context(Language::Es), &order(), soles(12_050));
    assert_eq!(mail.subject, "Te devolvimos S/\u{a0}120.50 del pedido D-000147");
    assert!(mail.text.contains("Devolvimos S/\u{a0}120.50 de tu pedido"));
    assert!(mail.text.contains("https://shop.example/es/pedido/s3cret"));
    assert!(!mail.text.contains("Llega del") && !mail.text.contains("S/\u{a0}398.00"));
}

#[test]
fn money_that_cannot_be_booked_is_not_called_uncharged() {
    let order = OrderView { status: ShownStatus::ForeignMoney, ..order() };
    let mail = foreign_money(context(Language::En), &order);
    assert!(mail.text.contains("in a currency that we cannot book"));
    assert!(mail.text.contains("will give it back") && mail.text.contains("answer this mail"));
}

#[test]
fn a_subject_is_one_line() {
    let odd = OrderView { number: "D-1\r\nBcc: x@example.com".into(), ..order() };
    assert!(!order_received(context(Language::En), &odd).subject.contains(['\r', '\n']));
}
