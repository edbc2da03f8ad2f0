//! Payments that no sale could keep, what the shopper reads of them, and payments that a bank
//! wants back.

use std::time::Duration;

use app::backend::shop::{OrderStatus, TurnedBackWhy, WayBack};
use server::check;
use server::payments::PaymentProvider;
use server::shop::refund::{self, Asked, Wish};

use super::desk::{Desk, piece};
use crate::support::TestDb;

on_both_engines!(
    a_return_that_was_refused_is_asked_for_again,
    money_that_cannot_be_booked_is_said_to_have_come,
    a_disputed_payment_is_told_to_the_board,
);

/// What of a payment that was turned back the order's page says.
async fn way_back(desk: &Desk, order: &str) -> (TurnedBackWhy, WayBack) {
    let view = desk.see(order).await;
    assert_eq!(view.status, OrderStatus::TurnedBack);
    let back = view.turned_back.unwrap();
    (back.why, back.state)
}

async fn mails_to_the_shopper(desk: &Desk) -> Vec<String> {
    let sql = "SELECT subject FROM mail WHERE to_address = 'ana@example.com' ORDER BY id";
    let mails: Vec<(String,)> = desk.shop.db.query(sql).fetch_all().await.unwrap();
    mails.into_iter().map(|(subject,)| subject).collect()
}

async fn told_to_the_board(desk: &Desk) -> Vec<String> {
    let sql = "SELECT body_text FROM mail WHERE to_address = 'junta@shop.example' ORDER BY id";
    let told: Vec<(String,)> = desk.shop.db.query(sql).fetch_all().await.unwrap();
    told.into_iter().map(|(text,)| text).collect()
}

/// An order paid with less than it costs.
async fn paid_too_little(desk: &Desk) -> (String, TurnedBackWhy) {
    let order = desk.order("less", &[piece(0, 0)]).await;
    let session = desk.provider.session_of(&order).unwrap();
    desk.provider.books().sessions.get_mut(&session).unwrap().amount_minor = 100;
    desk.pay(&order).await;
    (order, TurnedBackWhy::Mismatch)
}

/// An order paid when one of its pieces was somebody else's.
async fn paid_too_late(desk: &Desk) -> (String, TurnedBackWhy) {
    desk.provider.books().expiry_lies = true;
    let order = desk.order("late", &[piece(1, 0)]).await;
    desk.pass(32 * 60);
    desk.work().await;
    let other = desk.order("other", &[piece(1, 0)]).await;
    desk.pay(&other).await;
    desk.work().await;
    desk.pay(&order).await;
    (order, TurnedBackWhy::PieceTaken)
}

async fn a_return_that_was_refused_is_asked_for_again(test: TestDb) {
    let desk = Desk::new(test).await;
    desk.provider.books().refunds_refused = true;
    let cases = [paid_too_little(&desk).await, paid_too_late(&desk).await];
    desk.work().await;
    let told = told_to_the_board(&desk).await;
    assert_eq!(told.iter().filter(|text| text.contains("no acepta la devolución")).count(), 2);
    let before = mails_to_the_shopper(&desk).await;
    assert!(!before.iter().any(|subject| subject.contains("devolvimos")), "{before:?}");
    desk.provider.books().refunds_refused = false;
    for (order, why) in cases {
        let ask = |wish: Wish| {
            let (shop, order, now) = (desk.shop.clone(), order.clone(), desk.now());
            async move { refund::ask(&shop, &order, &wish, now).await.unwrap() }
        };
        assert_eq!(way_back(&desk, &order).await, (why, WayBack::Refused));
        for part in [Wish::of(7), Wish::piece("000"), Wish::piece("010")] {
            assert!(matches!(ask(part).await, Asked::OnlyWhole { .. }));
        }
        assert!(matches!(ask(Wish::default()).await, Asked::Intended(_)));
        assert_eq!(way_back(&desk, &order).await, (why, WayBack::OnItsWay));
        assert_eq!(ask(Wish::default()).await, Asked::NotPaid, "it is on its way already");
        desk.work().await;
        assert_eq!(way_back(&desk, &order).await, (why, WayBack::Done));
        assert_eq!(ask(Wish::default()).await, Asked::NotPaid);
    }
    let after = mails_to_the_shopper(&desk).await;
    assert_eq!(after.iter().filter(|subject| subject.contains("devolvimos")).count(), 2);
    desk.settle_down().await;
    desk.audit().await;
}

async fn money_that_cannot_be_booked_is_said_to_have_come(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("pesos", &[piece(0, 0)]).await;
    let session = desk.provider.session_of(&order).unwrap();
    desk.provider.books().sessions.get_mut(&session).unwrap().currency = "CLP".into();
    desk.pay(&order).await;
    desk.work().await;
    assert_eq!(desk.see(&order).await.status, OrderStatus::ForeignMoney);
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "retail");
    let subjects = mails_to_the_shopper(&desk).await;
    assert!(
        matches!(subjects.as_slice(), [one] if one.contains("llegó en otra moneda")),
        "{subjects:?}"
    );
    let asked = refund::ask(&desk.shop, &order, &Wish::default(), desk.now()).await.unwrap();
    assert_eq!(asked, Asked::ForeignMoney);
    // The board gives it back on the provider's page, as it was told to: nothing to write down.
    let amount = desk.provider.books().sessions[&session].amount_minor;
    desk.provider.give_back_by_hand(&session, amount);
    desk.hear("charge.refunded", &session).await;
    desk.settle_down().await;
    assert_eq!(told_to_the_board(&desk).await.len(), 1);
    desk.audit().await;
}

async fn a_disputed_payment_is_told_to_the_board(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("disputed", &[piece(0, 0)]).await;
    desk.pay(&order).await;
    desk.work().await;
    let session = desk.provider.session_of(&order).unwrap();
    desk.provider.books().sessions.get_mut(&session).unwrap().disputed = true;
    for kind in ["created", "created", "closed"] {
        desk.hear(&format!("charge.dispute.{kind}"), &session).await;
    }
    desk.settle_down().await;
    let told = told_to_the_board(&desk).await;
    let [created, closed] = told.as_slice() else { panic!("each state is told once: {told:?}") };
    assert!(created.contains("D-000001") && created.contains("hasta el 30/11/2026"), "{created}");
    assert!(closed.contains("estado: closed") && !closed.contains("hasta el"), "{closed}");
    assert_eq!(desk.order_state(&order).await, "paid", "only a person decides what follows");
    let provider = Some(&*desk.provider as &dyn PaymentProvider);
    let report =
        check::reconcile(&desk.shop.db, provider, desk.now(), Duration::ZERO).await.unwrap();
    assert!(report.open.iter().any(|line| line.contains("bank disputed it")), "{report}");
    desk.audit().await;
}
