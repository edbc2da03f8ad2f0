//! What an order's page says in each of its states.

use domain::language::Language;
use domain::money::{Currency, Money};
use domain::shipping::DeliveryKind;
use jiff::Timestamp;
use jiff::civil::date;

use super::order;
use crate::backend::shop::{
    DeliveryEstimate, OrderLineView, OrderStatus, OrderSums, OrderView, Visit,
};

fn soles(minor: i64) -> Money {
    Money::new(minor, Currency::Pen)
}

fn view(status: OrderStatus) -> OrderView {
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
        address: vec!["Jr. Unión 512".into()],
        delivery: DeliveryEstimate {
            kind: DeliveryKind::Courier,
            from: date(2026, 11, 26),
            to: date(2026, 11, 28),
        },
        gift_message: None,
        refunded: None,
        money: None,
    }
}

fn page(order: &OrderView) -> String {
    let visit = Visit {
        language: Language::Es,
        today: date(2026, 11, 23),
        now: Timestamp::UNIX_EPOCH,
        bag_count: 0,
        path: "/es/pedido/s3cret".into(),
        public_url: "https://shop.example".into(),
        demo: false,
    };
    order::page(&visit, order).html
}

#[test]
fn an_unpaid_order_can_be_paid_or_given_up() {
    let html = page(&view(OrderStatus::PendingPayment));
    assert!(html.contains("href=\"https://pay.example/1\""));
    assert!(html.contains("action=\"/es/pedido/s3cret/cancelar\""));
    assert!(html.contains("hasta las 19:00 (hora de Lima)"));
}

#[test]
fn a_payment_under_way_offers_no_second_one() {
    let html = page(&OrderView { payment_url: None, ..view(OrderStatus::PendingPayment) });
    assert!(html.contains("Esperamos la confirmación del pago"));
    assert!(!html.contains("Seguir pagando") && !html.contains("cancelar"));
}

#[test]
fn only_a_paid_order_says_when_it_arrives() {
    let paid = page(&view(OrderStatus::Paid));
    assert!(paid.contains("Gracias, Ana") && paid.contains("Llega del 26 al 28 de noviembre"));
    assert!(paid.contains("aria-current=\"step\""));
    for status in [
        OrderStatus::PendingPayment,
        OrderStatus::Expired,
        OrderStatus::Cancelled,
        OrderStatus::RefundedInFull,
    ] {
        let html = page(&view(status));
        assert!(!html.contains("Llega del") && !html.contains("Gracias"), "{status:?}");
    }
}

#[test]
fn a_full_refund_names_the_sum_and_the_reason() {
    let html =
        page(&OrderView { refunded: Some(soles(39_800)), ..view(OrderStatus::RefundedInFull) });
    assert!(html.contains("Devolvimos S/\u{a0}398.00, todo lo que pagaste"));
    assert!(html.contains("no la vendemos dos veces"));
}

#[test]
fn the_secret_stays_out_of_search_engines() {
    assert!(page(&view(OrderStatus::Paid)).contains("<meta name=\"robots\" content=\"noindex\">"));
}
