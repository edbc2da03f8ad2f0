//! What shoppers do, and what the provider and the machine do to them.

use app::backend::shop::{CheckoutForm, CheckoutTrouble, ShownStatus, TurnedBackWhy, WayBack};
use domain::order::OrderStatus;
use server::kernel::payments::{CheckoutState, PaymentStatus};
use server::sales::cancel::{Cancelled, cancel};
use server::sales::webhook::{self, Refusal};

use super::provider::Fault;
use super::test_shop::{TestShop, form, piece};
use crate::support::TestDb;

on_both_engines!(
    a_purchase_ends_in_the_books,
    a_purchase_abroad_in_dollars_carries_no_tax,
    the_same_form_twice_is_one_order,
    another_address_replaces_the_unpaid_order,
    of_many_shoppers_one_gets_the_piece,
    whole_bags_are_fought_over_without_a_knot,
    a_provider_that_is_away_frees_the_pieces_at_once,
    a_double_click_leads_to_the_page_its_twin_opened,
    a_death_while_opening_is_repaired,
    an_unpaid_order_ends_and_its_page_with_it,
    given_up_is_free_at_once,
    paid_at_the_last_moment_counts,
    a_payment_after_the_hold_was_lost_is_taken_or_given_back,
    a_wrong_amount_is_given_back,
    a_delayed_payment_keeps_the_piece,
    events_come_twice_late_and_from_strangers,
    events_that_tell_nothing_to_act_on_make_no_work,
    the_thank_you_page_does_not_wait_for_the_event,
);

async fn a_purchase_ends_in_the_books(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("a", &[piece(0, 0), piece(1, 3)]).await;
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "checkout");
    let pending = test_shop.see(&order).await;
    assert_eq!(pending.status, ShownStatus::Of(OrderStatus::PendingPayment));
    assert!(pending.payment_url.is_some() && pending.held_until.is_some());
    test_shop.pay(&order).await;
    test_shop.work().await;
    let view = test_shop.see(&order).await;
    assert_eq!(
        (view.status, view.number.as_str()),
        (ShownStatus::Of(OrderStatus::Paid), "D-000001")
    );
    assert_eq!(view.sums.items.amount_minor, 38_000 + 34_050);
    let money = view.money.expect("what was posted");
    let total: i64 = money.parts.iter().map(|part| part.amount.amount_minor).sum();
    assert_eq!(total, view.sums.total.amount_minor, "every céntimo has a place");
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "sold");
    let kept = test_shop
        .text("SELECT state FROM mail WHERE dedup_key = $1", &format!("received:{order}"))
        .await;
    assert_eq!(kept, "kept", "without a mail server the board reads it");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_purchase_abroad_in_dollars_carries_no_tax(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let typed = CheckoutForm {
        country: "US".into(),
        region: "Oregon".into(),
        city: "Portland".into(),
        street: "1 Main St".into(),
        postal_code: "97201".into(),
        phone: "+1 503 555 0100".into(),
        delivery: "post".into(),
        currency: "USD".into(),
        ..form("usd")
    };
    let placed =
        test_shop.place(typed, &[piece(0, 0), piece(0, 1)]).await.unwrap().expect("placed");
    let order = test_shop.order_of(&placed.secret).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    let view = test_shop.see(&order).await;
    assert_eq!(view.status, ShownStatus::Of(OrderStatus::Paid));
    assert_eq!(view.sums.tax_included, None);
    assert_eq!(view.sums.items.amount_minor, 2 * 10_128);
    assert_eq!(test_shop.number("SELECT rate_micro FROM shop_order").await, 3_752_000);
    // The departamento that was chosen before the country was changed is not stored as the state.
    assert_eq!(test_shop.text("SELECT region FROM shop_order WHERE $1 <> ''", "x").await, "Oregon");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn the_same_form_twice_is_one_order(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let bag = [piece(0, 0)];
    let all = futures::future::join_all((0..6).map(|_| test_shop.place(form("twin"), &bag))).await;
    let placed: Vec<_> = all.into_iter().map(|one| one.unwrap().expect("the same order")).collect();
    assert!(placed.windows(2).all(|pair| pair[0].secret == pair[1].secret), "{placed:?}");
    assert_eq!(test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order").await, 1);
    assert_eq!(test_shop.provider.books().sessions.len(), 1);
    let order = test_shop.order_of(&placed[0].secret).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    // The form is sent again after payment: the answer is the order's own page, without a second
    // charge.
    let again = test_shop.place(form("twin"), &bag).await.unwrap().expect("the same order");
    assert_eq!((again.payment_url, again.secret), (None, placed[0].secret.clone()));
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn another_address_replaces_the_unpaid_order(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let first = test_shop.order("x", &[piece(0, 0)]).await;
    let changed = CheckoutForm { street: "Jr. Puno 7".into(), ..form("x") };
    let placed =
        test_shop.place(changed, &[piece(0, 0), piece(1, 0)]).await.unwrap().expect("placed");
    let second = test_shop.order_of(&placed.secret).await;
    assert_ne!(first, second);
    assert_eq!(test_shop.order_state(&first).await, "cancelled");
    let old = test_shop.provider.session_of(&first).unwrap();
    assert!(!test_shop.provider.pay(&old, PaymentStatus::Paid), "the first page is closed");
    test_shop.pay(&second).await;
    test_shop.settle_down().await;
    assert_eq!(test_shop.order_state(&second).await, "paid");
    test_shop.audit().await;
}

async fn of_many_shoppers_one_gets_the_piece(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let wanted = [piece(0, 0)];
    let race = (0..200).map(|n| test_shop.place(form(&format!("racer-{n}")), &wanted));
    let all = futures::future::join_all(race).await;
    let mut winners = Vec::new();
    for one in all {
        match one.unwrap() {
            Ok(placed) => winners.push(placed),
            Err(refused) => {
                let trouble = refused.view.trouble;
                assert!(
                    matches!(&trouble, Some(CheckoutTrouble::Taken(names)) if names.len() == 1),
                    "{trouble:?}"
                );
                assert_eq!(refused.gone, wanted);
            }
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(test_shop.provider.books().sessions.len(), 1, "nobody else was even asked to pay");
    let order = test_shop.order_of(&winners[0].secret).await;
    test_shop.pay(&order).await;
    test_shop.settle_down().await;
    assert_eq!(test_shop.order_state(&order).await, "paid");
    test_shop.audit().await;
}

async fn whole_bags_are_fought_over_without_a_knot(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    for round in 0..4 {
        // Everybody wants three of the same few pieces, each in a different sequence.
        let bags: Vec<Vec<String>> = (0..40_usize)
            .map(|n| {
                (0..3)
                    .map(|k| piece((n * 7 + k * 5 + round) % 3, (n + k * (1 + n % 2)) % 4))
                    .collect()
            })
            .collect();
        let race = bags.iter().enumerate().map(|(n, bag)| {
            let test_shop = &test_shop;
            async move {
                let placed = test_shop.place(form(&format!("bag-{round}-{n}")), bag).await.unwrap();
                let Ok(placed) = placed else { return 0 };
                let order = test_shop.order_of(&placed.secret).await;
                match n % 3 {
                    // The order is paid and reported twice at once, cancelled, or left alone.
                    0 => {
                        let session = test_shop.provider.session_of(&order).unwrap();
                        test_shop.provider.pay(&session, PaymentStatus::Paid);
                        let (a, b) = tokio::join!(test_shop.see(&order), test_shop.see(&order));
                        assert_eq!(
                            (a.status, b.status),
                            (
                                ShownStatus::Of(OrderStatus::Paid),
                                ShownStatus::Of(OrderStatus::Paid)
                            )
                        );
                    }
                    1 => {
                        let given_up =
                            cancel(&test_shop.shop, &placed.secret, test_shop.now()).await.unwrap();
                        assert_eq!(given_up, Cancelled::Done);
                    }
                    _ => {}
                }
                1
            }
        });
        let placed: i32 = futures::future::join_all(race).await.into_iter().sum();
        assert!(placed > 0 || round > 0);
    }
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_provider_that_is_away_frees_the_pieces_at_once(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    for (attempt, fault) in [("away", Fault::Away), ("lost", Fault::LostAnswer)] {
        test_shop.provider.fail_next(fault);
        let refused =
            test_shop.place(form(attempt), &[piece(0, 0)]).await.unwrap().expect_err("refused");
        assert_eq!(refused.view.trouble, Some(CheckoutTrouble::PaymentUnavailable));
        assert_eq!(refused.view.form.name, "Ana Quispe", "what was typed is kept");
        assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    }
    // The page that was opened without the shop's knowledge is found and closed.
    test_shop.pass(10);
    test_shop.work().await;
    let states: Vec<CheckoutState> =
        test_shop.provider.books().sessions.values().map(|s| s.state.clone()).collect();
    assert!(states.iter().all(|state| *state == CheckoutState::Expired), "{states:?}");
    // The same form is sent again, and now it works.
    let order = test_shop.order("lost", &[piece(0, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_double_click_leads_to_the_page_its_twin_opened(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let bag = [piece(0, 0)];
    for _ in 0..3 {
        test_shop.provider.fail_next(Fault::Busy);
    }
    let placed = test_shop.place(form("twice"), &bag).await.unwrap().expect("placed");
    assert!(placed.payment_url.is_some(), "a little patience was enough");
    // A second request takes very long: the answer is the order's own page, and nothing is freed.
    for _ in 0..20 {
        test_shop.provider.fail_next(Fault::Busy);
    }
    let waiting = test_shop.place(form("long"), &[piece(1, 0)]).await.unwrap().expect("placed");
    assert_eq!(waiting.payment_url, None);
    let order = test_shop.order_of(&waiting.secret).await;
    assert_eq!(test_shop.order_state(&order).await, "pending_payment");
    assert_eq!(test_shop.piece_state(&piece(1, 0)).await, "checkout");
    assert_eq!(test_shop.see(&order).await.payment_url, None);
    // The same form is sent again when the provider is free: the answer is the same order and its
    // payment page.
    let again = test_shop.place(form("long"), &[piece(1, 0)]).await.unwrap().expect("placed");
    assert_eq!(again.secret, waiting.secret);
    assert!(again.payment_url.is_some());
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_death_while_opening_is_repaired(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let patience = std::time::Duration::from_millis(700);
    for (number, fault) in [Fault::HangBefore, Fault::HangAfter].into_iter().enumerate() {
        // The shopper tries again with the same form and gets the same order and its page.
        test_shop.provider.fail_next(fault);
        let attempt = format!("dies-{number}");
        let died =
            tokio::time::timeout(patience, test_shop.place(form(&attempt), &[piece(0, number)]))
                .await;
        assert!(died.is_err());
        assert_eq!(test_shop.piece_state(&piece(0, number)).await, "checkout");
        let order = test_shop.order(&attempt, &[piece(0, number)]).await;
        test_shop.pay(&order).await;
        test_shop.work().await;
        assert_eq!(test_shop.order_state(&order).await, "paid");
        // The shopper never comes back: the hold ends by itself.
        test_shop.provider.fail_next(fault);
        let left = [piece(1, number)];
        assert!(
            tokio::time::timeout(patience, test_shop.place(form(&format!("gone-{number}")), &left))
                .await
                .is_err()
        );
        test_shop.pass(32 * 60);
        test_shop.work().await;
        assert_eq!(test_shop.piece_state(&left[0]).await, "retail");
    }
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn an_unpaid_order_ends_and_its_page_with_it(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("slow", &[piece(0, 0)]).await;
    test_shop.pass(30 * 60);
    test_shop.work().await;
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "checkout", "not a minute too early");
    // At the end of the hold the provider is away: the piece stays held until the result is
    // certain.
    test_shop.pass(2 * 60);
    test_shop.provider.fail_next(Fault::Away);
    test_shop.work().await;
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "checkout");
    test_shop.pass(10);
    test_shop.work().await;
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    assert_eq!(test_shop.see(&order).await.status, ShownStatus::Of(OrderStatus::Expired));
    let session = test_shop.provider.session_of(&order).unwrap();
    assert!(!test_shop.provider.pay(&session, PaymentStatus::Paid));
    test_shop.settle_down().await;
    test_shop.audit().await;
    // A provider that forgot the page altogether keeps no piece from being sold. (The close
    // names such a payment as a difference, and rightly so.)
    let order = test_shop.order("forgotten", &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.provider.books().sessions.remove(&session);
    test_shop.pass(32 * 60);
    test_shop.settle_down().await;
    assert_eq!(test_shop.order_state(&order).await, "expired");
}

async fn given_up_is_free_at_once(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("up", &[piece(0, 0)]).await;
    let secret = test_shop.see(&order).await.secret;
    test_shop.provider.fail_next(Fault::Away);
    assert_eq!(
        cancel(&test_shop.shop, &secret, test_shop.now()).await.unwrap(),
        Cancelled::Unavailable
    );
    assert_eq!(cancel(&test_shop.shop, &secret, test_shop.now()).await.unwrap(), Cancelled::Done);
    assert_eq!(cancel(&test_shop.shop, &secret, test_shop.now()).await.unwrap(), Cancelled::Closed);
    assert_eq!(
        cancel(&test_shop.shop, "nobody's", test_shop.now()).await.unwrap(),
        Cancelled::Unknown
    );
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    assert_eq!(test_shop.see(&order).await.status, ShownStatus::Of(OrderStatus::Cancelled));
    // The order is paid in one window and cancelled in another: it is paid.
    let order = test_shop.order("both", &[piece(0, 0)]).await;
    let secret = test_shop.text("SELECT secret FROM shop_order WHERE id = $1", &order).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    assert_eq!(cancel(&test_shop.shop, &secret, test_shop.now()).await.unwrap(), Cancelled::Paid);
    assert_eq!(test_shop.order_state(&order).await, "paid");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn paid_at_the_last_moment_counts(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("last", &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.pass(31 * 60 - 3);
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    test_shop.pass(60);
    // The event never comes; the job that ends the hold finds out.
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&order).await, "paid");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_payment_after_the_hold_was_lost_is_taken_or_given_back(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    test_shop.provider.books().expiry_lies = true;
    let late = test_shop.order("late", &[piece(0, 0), piece(0, 1)]).await;
    let later = test_shop.order("later", &[piece(1, 0), piece(1, 1)]).await;
    test_shop.pass(32 * 60);
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&late).await, "expired");
    // The piece is free again, so the late payment claims it.
    test_shop.pay(&late).await;
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&late).await, "paid");
    // Another shopper has one of the two pieces by now: the whole payment goes back, the other
    // piece stays free.
    let other = test_shop.order("other", &[piece(1, 1)]).await;
    test_shop.pay(&later).await;
    test_shop.work().await;
    let view = test_shop.see(&later).await;
    assert_eq!(view.status, ShownStatus::TurnedBack);
    let back = view.turned_back.unwrap();
    assert_eq!((back.why, back.state), (TurnedBackWhy::PieceTaken, WayBack::Done));
    assert_eq!((back.amount, view.refunded), (view.sums.total, None));
    assert_eq!(test_shop.piece_state(&piece(1, 0)).await, "retail");
    let reason = format!("refunded:{later}");
    assert_eq!(
        test_shop.text("SELECT to_address FROM mail WHERE dedup_key = $1", &reason).await,
        "ana@example.com"
    );
    assert_eq!(
        test_shop
            .number(
                "SELECT CAST(COUNT(*) AS BIGINT) FROM mail WHERE to_address = 'junta@shop.example'"
            )
            .await,
        1
    );
    test_shop.pay(&other).await;
    test_shop.settle_down().await;
    assert_eq!(test_shop.order_state(&other).await, "paid");
    test_shop.audit().await;
}

async fn a_wrong_amount_is_given_back(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    for (attempt, amount, currency) in [("less", Some(100), None), ("dollars", None, Some("USD"))] {
        let order = test_shop.order(attempt, &[piece(0, 0)]).await;
        let session = test_shop.provider.session_of(&order).unwrap();
        {
            let mut books = test_shop.provider.books();
            let session = books.sessions.get_mut(&session).unwrap();
            session.amount_minor = amount.unwrap_or(session.amount_minor);
            session.currency = currency.unwrap_or("PEN").into();
        }
        test_shop.pay(&order).await;
        test_shop.work().await;
        let view = test_shop.see(&order).await;
        assert_eq!(view.status, ShownStatus::TurnedBack);
        assert_eq!(view.turned_back.map(|back| back.why), Some(TurnedBackWhy::Mismatch));
        assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    }
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_delayed_payment_keeps_the_piece(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let good = test_shop.order("good", &[piece(0, 0)]).await;
    let bad = test_shop.order("bad", &[piece(0, 1)]).await;
    for order in [&good, &bad] {
        let session = test_shop.provider.session_of(order).unwrap();
        assert!(test_shop.provider.pay(&session, PaymentStatus::Processing));
        test_shop.hear("checkout.session.completed", &session).await;
    }
    test_shop.work().await;
    test_shop.pass(26 * 3_600);
    test_shop.work().await;
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "checkout", "held beyond the first hold");
    let (session, lost) = (
        test_shop.provider.session_of(&good).unwrap(),
        test_shop.provider.session_of(&bad).unwrap(),
    );
    test_shop.provider.end_delay(&session, PaymentStatus::Paid);
    test_shop.provider.end_delay(&lost, PaymentStatus::Failed);
    test_shop.hear("checkout.session.async_payment_succeeded", &session).await;
    test_shop.hear("checkout.session.async_payment_failed", &lost).await;
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&good).await, "paid");
    assert_eq!(test_shop.order_state(&bad).await, "expired");
    assert_eq!(test_shop.piece_state(&piece(0, 1)).await, "retail");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn events_come_twice_late_and_from_strangers(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    for (signature, why) in [("", "no signature"), ("forged", "bad signature"), ("old", "stale")] {
        let refused = webhook::receive(
            &test_shop.shop,
            b"evt_1|checkout.session.completed|cs_x",
            signature,
            test_shop.now(),
        )
        .await;
        assert!(
            matches!(&refused, Err(Refusal::NotBelieved(said)) if said.to_string() == why),
            "{refused:?}"
        );
    }
    let order = test_shop.order("events", &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    // Events before anything was paid, and about an unknown session.
    test_shop.hear("checkout.session.completed", &session).await;
    test_shop.hear("checkout.session.completed", "cs_nobody").await;
    test_shop.hear("customer.created", "cus_1").await;
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&order).await, "pending_payment");
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    // The fee is not known yet: the job is tried again, and nothing is half done.
    test_shop.provider.books().fee_unknown = true;
    let raw = test_shop.provider.event("checkout.session.completed", &session);
    for _ in 0..3 {
        webhook::receive(&test_shop.shop, &raw, "good", test_shop.now()).await.unwrap();
    }
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&order).await, "pending_payment");
    test_shop.provider.books().fee_unknown = false;
    test_shop.hear("checkout.session.expired", &session).await;
    test_shop.pass(5);
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&order).await, "paid");
    assert_eq!(test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM webhook_event").await, 5);
    assert_eq!(
        test_shop
            .number(
                "SELECT CAST(COUNT(*) AS BIGINT) FROM webhook_event WHERE outcome LIKE 'ignored%'"
            )
            .await,
        2
    );
    // The event is replayed after the process died between settling and noting it.
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    tx.query("UPDATE webhook_event SET processed_at_us = NULL, outcome = NULL WHERE kind LIKE 'checkout%'")
        .execute()
        .await
        .unwrap();
    tx.query("UPDATE job SET state = 'ready' WHERE kind = 'process_event'")
        .execute()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    test_shop.settle_down().await;
    assert_eq!(test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry").await, 2);
    test_shop.audit().await;
}

/// Stripe sends five events for one payment. Only the checkout's own event enqueues a job.
async fn events_that_tell_nothing_to_act_on_make_no_work(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("silent", &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    test_shop.hear("checkout.session.completed", &session).await;
    test_shop.work().await;
    let looked_up = test_shop.provider.books().looked_up;
    for kind in
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"]
    {
        test_shop.hear(kind, &session).await;
    }
    assert_eq!(
        test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM webhook_event WHERE outcome = 'ignored: of no concern'").await,
        4,
        "they are kept, and nothing is left to do for them"
    );
    assert_eq!(
        test_shop
            .number("SELECT CAST(COUNT(*) AS BIGINT) FROM job WHERE kind = 'process_event'")
            .await,
        1
    );
    assert_eq!(test_shop.provider.books().looked_up, looked_up);
    test_shop.audit().await;
}

async fn the_thank_you_page_does_not_wait_for_the_event(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("quick", &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    test_shop.provider.fail_next(Fault::Away);
    assert_eq!(
        test_shop.see(&order).await.status,
        ShownStatus::Of(OrderStatus::PendingPayment),
        "the page stands without the provider"
    );
    // However often the page is reloaded and by how many, the provider is asked only once in a
    // while.
    assert_eq!(test_shop.see(&order).await.status, ShownStatus::Of(OrderStatus::PendingPayment));
    assert_eq!(test_shop.provider.books().looked_up, 1);
    test_shop.pass(3);
    let all = futures::future::join_all((0..8).map(|_| test_shop.see(&order))).await;
    for view in all {
        // On a busy machine the page may stop waiting before the answer comes. Then the next page
        // shows it.
        let slow = view.status != ShownStatus::Of(OrderStatus::Paid);
        assert!(
            !slow || test_shop.see(&order).await.status == ShownStatus::Of(OrderStatus::Paid),
            "all hear the one answer"
        );
    }
    assert_eq!(test_shop.provider.books().looked_up, 2);
    assert_eq!(test_shop.see(&order).await.status, ShownStatus::Of(OrderStatus::Paid));
    test_shop.hear("checkout.session.completed", &session).await;
    test_shop.settle_down().await;
    test_shop.audit().await;
}
