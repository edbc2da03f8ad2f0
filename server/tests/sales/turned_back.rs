//! Payments that no sale could keep, what the shopper reads of them, and payments that a bank
//! wants back.

use std::time::Duration;

use app::backend::shop::{ShownStatus, TurnedBackWhy, WayBack};
use server::check;
use server::kernel::payments::PaymentProvider;
use server::sales::refund::{self, Asked, RefundRequest};

use super::test_shop::{TestShop, piece};
use crate::support::{TestDb, key};

on_both_engines!(
    a_return_that_was_refused_is_asked_for_again,
    money_that_cannot_be_booked_is_said_to_have_come,
    a_disputed_payment_is_told_to_the_board,
);

/// What the order's page says about a payment that was turned back.
async fn way_back(test_shop: &TestShop, order: &str) -> (TurnedBackWhy, WayBack) {
    let view = test_shop.see(order).await;
    assert_eq!(view.status, ShownStatus::TurnedBack);
    let back = view.turned_back.unwrap();
    (back.why, back.state)
}

async fn mails_to_the_shopper(test_shop: &TestShop) -> Vec<String> {
    let sql = "SELECT subject FROM mail WHERE to_address = 'ana@example.com' ORDER BY id";
    let mails: Vec<(String,)> = test_shop.shop.db.query(sql).fetch_all().await.unwrap();
    mails.into_iter().map(|(subject,)| subject).collect()
}

async fn told_to_the_board(test_shop: &TestShop) -> Vec<String> {
    let sql = "SELECT body_text FROM mail WHERE to_address = 'junta@shop.example' ORDER BY id";
    let told: Vec<(String,)> = test_shop.shop.db.query(sql).fetch_all().await.unwrap();
    told.into_iter().map(|(text,)| text).collect()
}

/// An order paid with less than it costs.
async fn paid_too_little(test_shop: &TestShop) -> (String, TurnedBackWhy) {
    let order = test_shop.order("less", &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.provider.books().sessions.get_mut(&session).unwrap().amount_minor = 100;
    test_shop.pay(&order).await;
    (order, TurnedBackWhy::Mismatch)
}

/// An order that was paid when another shopper had one of its pieces.
async fn paid_too_late(test_shop: &TestShop) -> (String, TurnedBackWhy) {
    test_shop.provider.books().expiry_lies = true;
    let order = test_shop.order("late", &[piece(1, 0)]).await;
    test_shop.pass(32 * 60);
    test_shop.work().await;
    let other = test_shop.order("other", &[piece(1, 0)]).await;
    test_shop.pay(&other).await;
    test_shop.work().await;
    test_shop.pay(&order).await;
    (order, TurnedBackWhy::PieceTaken)
}

async fn a_return_that_was_refused_is_asked_for_again(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    test_shop.provider.books().refunds_refused = true;
    let cases = [paid_too_little(&test_shop).await, paid_too_late(&test_shop).await];
    test_shop.work().await;
    let told = told_to_the_board(&test_shop).await;
    assert_eq!(told.iter().filter(|text| text.contains("no acepta la devolución")).count(), 2);
    let before = mails_to_the_shopper(&test_shop).await;
    assert!(!before.iter().any(|subject| subject.contains("devolvimos")), "{before:?}");
    test_shop.provider.books().refunds_refused = false;
    for (order, why) in cases {
        let ask = |request: RefundRequest| {
            let (shop, order, now) = (test_shop.shop.clone(), order.clone(), test_shop.now());
            async move { refund::ask(&shop, &key(&order), &request, now).await.unwrap() }
        };
        assert_eq!(way_back(&test_shop, &order).await, (why, WayBack::Refused));
        for part in [RefundRequest::of(7), RefundRequest::piece("000"), RefundRequest::piece("010")]
        {
            assert!(matches!(ask(part).await, Asked::OnlyWhole { .. }));
        }
        assert!(matches!(ask(RefundRequest::default()).await, Asked::Intended(_)));
        assert_eq!(way_back(&test_shop, &order).await, (why, WayBack::OnItsWay));
        assert_eq!(ask(RefundRequest::default()).await, Asked::NotPaid, "it is on its way already");
        test_shop.work().await;
        assert_eq!(way_back(&test_shop, &order).await, (why, WayBack::Done));
        assert_eq!(ask(RefundRequest::default()).await, Asked::NotPaid);
    }
    let after = mails_to_the_shopper(&test_shop).await;
    assert_eq!(after.iter().filter(|subject| subject.contains("devolvimos")).count(), 2);
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn money_that_cannot_be_booked_is_said_to_have_come(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("pesos", &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.provider.books().sessions.get_mut(&session).unwrap().currency = "CLP".into();
    test_shop.pay(&order).await;
    test_shop.work().await;
    assert_eq!(test_shop.see(&order).await.status, ShownStatus::ForeignMoney);
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    let subjects = mails_to_the_shopper(&test_shop).await;
    assert!(
        matches!(subjects.as_slice(), [one] if one.contains("llegó en otra moneda")),
        "{subjects:?}"
    );
    let asked =
        refund::ask(&test_shop.shop, &key(&order), &RefundRequest::default(), test_shop.now())
            .await
            .unwrap();
    assert_eq!(asked, Asked::ForeignMoney);
    // The board gives it back on the provider's page, as it was told to. Then it need not record
    // anything.
    let amount = test_shop.provider.books().sessions[&session].amount_minor;
    test_shop.provider.give_back_by_hand(&session, amount);
    test_shop.hear("charge.refunded", &session).await;
    test_shop.settle_down().await;
    assert_eq!(told_to_the_board(&test_shop).await.len(), 1);
    test_shop.audit().await;
}

async fn a_disputed_payment_is_told_to_the_board(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("disputed", &[piece(0, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.provider.books().sessions.get_mut(&session).unwrap().disputed = true;
    for kind in ["created", "created", "closed"] {
        test_shop.hear(&format!("charge.dispute.{kind}"), &session).await;
    }
    test_shop.settle_down().await;
    let told = told_to_the_board(&test_shop).await;
    let [created, closed] = told.as_slice() else { panic!("each state is told once: {told:?}") };
    assert!(created.contains("D-000001") && created.contains("hasta el 30/11/2026"), "{created}");
    assert!(closed.contains("estado: closed") && !closed.contains("hasta el"), "{closed}");
    assert_eq!(test_shop.order_state(&order).await, "paid", "only a person decides what follows");
    let provider = Some(&*test_shop.provider as &dyn PaymentProvider);
    let report = check::reconcile(&test_shop.shop.db, provider, test_shop.now(), Duration::ZERO)
        .await
        .unwrap();
    assert!(report.open.iter().any(|line| line.contains("bank disputed it")), "{report}");
    test_shop.audit().await;
}
