//! What shoppers do, and what the provider and the machine do to them.

use app::backend::shop::{CheckoutForm, CheckoutTrouble, OrderStatus, TurnedBackWhy, WayBack};
use server::payments::{CheckoutState, PaymentStatus};
use server::shop::cancel::{Cancelled, cancel};
use server::shop::webhook::{self, Refusal};

use super::desk::{Desk, form, piece};
use super::provider::Fault;
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
    the_thank_you_page_does_not_wait_for_the_event,
);

async fn a_purchase_ends_in_the_books(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("a", &[piece(0, 0), piece(1, 3)]).await;
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "checkout");
    let pending = desk.see(&order).await;
    assert_eq!(pending.status, OrderStatus::PendingPayment);
    assert!(pending.payment_url.is_some() && pending.held_until.is_some());
    desk.pay(&order).await;
    desk.work().await;
    let view = desk.see(&order).await;
    assert_eq!((view.status, view.number.as_str()), (OrderStatus::Paid, "D-000001"));
    assert_eq!(view.sums.items.amount_minor, 38_000 + 34_050);
    let money = view.money.expect("what was posted");
    let total: i64 = money.parts.iter().map(|part| part.amount.amount_minor).sum();
    assert_eq!(total, view.sums.total.amount_minor, "every céntimo has a place");
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "sold");
    let kept = desk
        .text("SELECT state FROM mail WHERE dedup_key = $1", &format!("received:{order}"))
        .await;
    assert_eq!(kept, "kept", "without a mail server the board reads it");
    desk.settle_down().await;
    desk.audit().await;
}

async fn a_purchase_abroad_in_dollars_carries_no_tax(test: TestDb) {
    let desk = Desk::new(test).await;
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
    let placed = desk.place(typed, &[piece(0, 0), piece(0, 1)]).await.unwrap().expect("placed");
    let order = desk.order_of(&placed.secret).await;
    desk.pay(&order).await;
    desk.work().await;
    let view = desk.see(&order).await;
    assert_eq!(view.status, OrderStatus::Paid);
    assert_eq!(view.sums.tax_included, None);
    assert_eq!(view.sums.items.amount_minor, 2 * 10_128);
    assert_eq!(desk.number("SELECT rate_micro FROM shop_order").await, 3_752_000);
    // The departamento that the form held before the country was changed is no state of it.
    assert_eq!(desk.text("SELECT region FROM shop_order WHERE $1 <> ''", "x").await, "Oregon");
    desk.settle_down().await;
    desk.audit().await;
}

async fn the_same_form_twice_is_one_order(test: TestDb) {
    let desk = Desk::new(test).await;
    let bag = [piece(0, 0)];
    let all = futures::future::join_all((0..6).map(|_| desk.place(form("twin"), &bag))).await;
    let placed: Vec<_> = all.into_iter().map(|one| one.unwrap().expect("the same order")).collect();
    assert!(placed.windows(2).all(|pair| pair[0].secret == pair[1].secret), "{placed:?}");
    assert_eq!(desk.number("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order").await, 1);
    assert_eq!(desk.provider.books().sessions.len(), 1);
    let order = desk.order_of(&placed[0].secret).await;
    desk.pay(&order).await;
    desk.work().await;
    // Once more after it is paid: the order's own page, no second charge.
    let again = desk.place(form("twin"), &bag).await.unwrap().expect("the same order");
    assert_eq!((again.payment_url, again.secret), (None, placed[0].secret.clone()));
    desk.settle_down().await;
    desk.audit().await;
}

async fn another_address_replaces_the_unpaid_order(test: TestDb) {
    let desk = Desk::new(test).await;
    let first = desk.order("x", &[piece(0, 0)]).await;
    let changed = CheckoutForm { street: "Jr. Puno 7".into(), ..form("x") };
    let placed = desk.place(changed, &[piece(0, 0), piece(1, 0)]).await.unwrap().expect("placed");
    let second = desk.order_of(&placed.secret).await;
    assert_ne!(first, second);
    assert_eq!(desk.order_state(&first).await, "cancelled");
    let old = desk.provider.session_of(&first).unwrap();
    assert!(!desk.provider.pay(&old, PaymentStatus::Paid), "the first page is closed");
    desk.pay(&second).await;
    desk.settle_down().await;
    assert_eq!(desk.order_state(&second).await, "paid");
    desk.audit().await;
}

async fn of_many_shoppers_one_gets_the_piece(test: TestDb) {
    let desk = Desk::new(test).await;
    let wanted = [piece(0, 0)];
    let race = (0..200).map(|n| desk.place(form(&format!("racer-{n}")), &wanted));
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
    assert_eq!(desk.provider.books().sessions.len(), 1, "nobody else was even asked to pay");
    let order = desk.order_of(&winners[0].secret).await;
    desk.pay(&order).await;
    desk.settle_down().await;
    assert_eq!(desk.order_state(&order).await, "paid");
    desk.audit().await;
}

async fn whole_bags_are_fought_over_without_a_knot(test: TestDb) {
    let desk = Desk::new(test).await;
    for round in 0..4 {
        // Everybody wants three of the same few pieces, each in another order.
        let bags: Vec<Vec<String>> = (0..40_usize)
            .map(|n| {
                (0..3)
                    .map(|k| piece((n * 7 + k * 5 + round) % 3, (n + k * (1 + n % 2)) % 4))
                    .collect()
            })
            .collect();
        let race = bags.iter().enumerate().map(|(n, bag)| {
            let desk = &desk;
            async move {
                let placed = desk.place(form(&format!("bag-{round}-{n}")), bag).await.unwrap();
                let Ok(placed) = placed else { return 0 };
                let order = desk.order_of(&placed.secret).await;
                match n % 3 {
                    // Paid and heard of twice at once, given up, or left alone.
                    0 => {
                        let session = desk.provider.session_of(&order).unwrap();
                        desk.provider.pay(&session, PaymentStatus::Paid);
                        let (a, b) = tokio::join!(desk.see(&order), desk.see(&order));
                        assert_eq!((a.status, b.status), (OrderStatus::Paid, OrderStatus::Paid));
                    }
                    1 => {
                        let given_up =
                            cancel(&desk.shop, &placed.secret, desk.now()).await.unwrap();
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
    desk.settle_down().await;
    desk.audit().await;
}

async fn a_provider_that_is_away_frees_the_pieces_at_once(test: TestDb) {
    let desk = Desk::new(test).await;
    for (attempt, fault) in [("away", Fault::Away), ("lost", Fault::LostAnswer)] {
        desk.provider.fail_next(fault);
        let refused =
            desk.place(form(attempt), &[piece(0, 0)]).await.unwrap().expect_err("refused");
        assert_eq!(refused.view.trouble, Some(CheckoutTrouble::PaymentUnavailable));
        assert_eq!(refused.view.form.name, "Ana Quispe", "what was typed is kept");
        assert_eq!(desk.piece_state(&piece(0, 0)).await, "retail");
    }
    // The page that was opened without our hearing of it is found and closed.
    desk.pass(10);
    desk.work().await;
    let states: Vec<CheckoutState> =
        desk.provider.books().sessions.values().map(|s| s.state.clone()).collect();
    assert!(states.iter().all(|state| *state == CheckoutState::Expired), "{states:?}");
    // The same form again, and now it works.
    let order = desk.order("lost", &[piece(0, 0)]).await;
    desk.pay(&order).await;
    desk.settle_down().await;
    desk.audit().await;
}

async fn a_double_click_leads_to_the_page_its_twin_opened(test: TestDb) {
    let desk = Desk::new(test).await;
    let bag = [piece(0, 0)];
    for _ in 0..3 {
        desk.provider.fail_next(Fault::Busy);
    }
    let placed = desk.place(form("twice"), &bag).await.unwrap().expect("placed");
    assert!(placed.payment_url.is_some(), "a little patience was enough");
    // A twin that takes very long: her order's own page, and nothing is let go.
    for _ in 0..20 {
        desk.provider.fail_next(Fault::Busy);
    }
    let waiting = desk.place(form("long"), &[piece(1, 0)]).await.unwrap().expect("placed");
    assert_eq!(waiting.payment_url, None);
    let order = desk.order_of(&waiting.secret).await;
    assert_eq!(desk.order_state(&order).await, "pending_payment");
    assert_eq!(desk.piece_state(&piece(1, 0)).await, "checkout");
    assert_eq!(desk.see(&order).await.payment_url, None);
    // The same form once more, when the provider is free again: the same order, its page.
    let again = desk.place(form("long"), &[piece(1, 0)]).await.unwrap().expect("placed");
    assert_eq!(again.secret, waiting.secret);
    assert!(again.payment_url.is_some());
    desk.settle_down().await;
    desk.audit().await;
}

async fn a_death_while_opening_is_repaired(test: TestDb) {
    let desk = Desk::new(test).await;
    let patience = std::time::Duration::from_millis(700);
    for (number, fault) in [Fault::HangBefore, Fault::HangAfter].into_iter().enumerate() {
        // The shopper tries again with the same form: the same order, its page.
        desk.provider.fail_next(fault);
        let attempt = format!("dies-{number}");
        let died =
            tokio::time::timeout(patience, desk.place(form(&attempt), &[piece(0, number)])).await;
        assert!(died.is_err());
        assert_eq!(desk.piece_state(&piece(0, number)).await, "checkout");
        let order = desk.order(&attempt, &[piece(0, number)]).await;
        desk.pay(&order).await;
        desk.work().await;
        assert_eq!(desk.order_state(&order).await, "paid");
        // The shopper never comes back: the hold ends by itself.
        desk.provider.fail_next(fault);
        let left = [piece(1, number)];
        assert!(
            tokio::time::timeout(patience, desk.place(form(&format!("gone-{number}")), &left))
                .await
                .is_err()
        );
        desk.pass(32 * 60);
        desk.work().await;
        assert_eq!(desk.piece_state(&left[0]).await, "retail");
    }
    desk.settle_down().await;
    desk.audit().await;
}

async fn an_unpaid_order_ends_and_its_page_with_it(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("slow", &[piece(0, 0)]).await;
    desk.pass(30 * 60);
    desk.work().await;
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "checkout", "not a minute too early");
    // At the end of the hold the provider is away: the piece stays held until it is certain.
    desk.pass(2 * 60);
    desk.provider.fail_next(Fault::Away);
    desk.work().await;
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "checkout");
    desk.pass(10);
    desk.work().await;
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "retail");
    assert_eq!(desk.see(&order).await.status, OrderStatus::Expired);
    let session = desk.provider.session_of(&order).unwrap();
    assert!(!desk.provider.pay(&session, PaymentStatus::Paid));
    desk.settle_down().await;
    desk.audit().await;
    // A provider that forgot the page altogether keeps no piece from being sold. (The close
    // names such a payment as a difference, and rightly so.)
    let order = desk.order("forgotten", &[piece(0, 0)]).await;
    let session = desk.provider.session_of(&order).unwrap();
    desk.provider.books().sessions.remove(&session);
    desk.pass(32 * 60);
    desk.settle_down().await;
    assert_eq!(desk.order_state(&order).await, "expired");
}

async fn given_up_is_free_at_once(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("up", &[piece(0, 0)]).await;
    let secret = desk.see(&order).await.secret;
    desk.provider.fail_next(Fault::Away);
    assert_eq!(cancel(&desk.shop, &secret, desk.now()).await.unwrap(), Cancelled::Unavailable);
    assert_eq!(cancel(&desk.shop, &secret, desk.now()).await.unwrap(), Cancelled::Done);
    assert_eq!(cancel(&desk.shop, &secret, desk.now()).await.unwrap(), Cancelled::Closed);
    assert_eq!(cancel(&desk.shop, "nobody's", desk.now()).await.unwrap(), Cancelled::Unknown);
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "retail");
    assert_eq!(desk.see(&order).await.status, OrderStatus::Cancelled);
    // Paid in one window, given up in another: it is paid.
    let order = desk.order("both", &[piece(0, 0)]).await;
    let secret = desk.text("SELECT secret FROM shop_order WHERE id = $1", &order).await;
    let session = desk.provider.session_of(&order).unwrap();
    assert!(desk.provider.pay(&session, PaymentStatus::Paid));
    assert_eq!(cancel(&desk.shop, &secret, desk.now()).await.unwrap(), Cancelled::Paid);
    assert_eq!(desk.order_state(&order).await, "paid");
    desk.settle_down().await;
    desk.audit().await;
}

async fn paid_at_the_last_moment_counts(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("last", &[piece(0, 0)]).await;
    let session = desk.provider.session_of(&order).unwrap();
    desk.pass(31 * 60 - 3);
    assert!(desk.provider.pay(&session, PaymentStatus::Paid));
    desk.pass(60);
    // The event never comes; the job that ends the hold finds out.
    desk.work().await;
    assert_eq!(desk.order_state(&order).await, "paid");
    desk.settle_down().await;
    desk.audit().await;
}

async fn a_payment_after_the_hold_was_lost_is_taken_or_given_back(test: TestDb) {
    let desk = Desk::new(test).await;
    desk.provider.books().expiry_lies = true;
    let late = desk.order("late", &[piece(0, 0), piece(0, 1)]).await;
    let later = desk.order("later", &[piece(1, 0), piece(1, 1)]).await;
    desk.pass(32 * 60);
    desk.work().await;
    assert_eq!(desk.order_state(&late).await, "expired");
    // Free again: it is claimed again.
    desk.pay(&late).await;
    desk.work().await;
    assert_eq!(desk.order_state(&late).await, "paid");
    // One of two pieces is somebody else's by now: everything goes back, the other stays free.
    let other = desk.order("other", &[piece(1, 1)]).await;
    desk.pay(&later).await;
    desk.work().await;
    let view = desk.see(&later).await;
    assert_eq!(view.status, OrderStatus::TurnedBack);
    let back = view.turned_back.unwrap();
    assert_eq!((back.why, back.state), (TurnedBackWhy::PieceTaken, WayBack::Done));
    assert_eq!((back.amount, view.refunded), (view.sums.total, None));
    assert_eq!(desk.piece_state(&piece(1, 0)).await, "retail");
    let reason = format!("refunded:{later}");
    assert_eq!(
        desk.text("SELECT to_address FROM mail WHERE dedup_key = $1", &reason).await,
        "ana@example.com"
    );
    assert_eq!(
        desk.number(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM mail WHERE to_address = 'junta@shop.example'"
        )
        .await,
        1
    );
    desk.pay(&other).await;
    desk.settle_down().await;
    assert_eq!(desk.order_state(&other).await, "paid");
    desk.audit().await;
}

async fn a_wrong_amount_is_given_back(test: TestDb) {
    let desk = Desk::new(test).await;
    for (attempt, amount, currency) in [("less", Some(100), None), ("dollars", None, Some("USD"))] {
        let order = desk.order(attempt, &[piece(0, 0)]).await;
        let session = desk.provider.session_of(&order).unwrap();
        {
            let mut books = desk.provider.books();
            let session = books.sessions.get_mut(&session).unwrap();
            session.amount_minor = amount.unwrap_or(session.amount_minor);
            session.currency = currency.unwrap_or("PEN").into();
        }
        desk.pay(&order).await;
        desk.work().await;
        let view = desk.see(&order).await;
        assert_eq!(view.status, OrderStatus::TurnedBack);
        assert_eq!(view.turned_back.map(|back| back.why), Some(TurnedBackWhy::Mismatch));
        assert_eq!(desk.piece_state(&piece(0, 0)).await, "retail");
    }
    desk.settle_down().await;
    desk.audit().await;
}

async fn a_delayed_payment_keeps_the_piece(test: TestDb) {
    let desk = Desk::new(test).await;
    let good = desk.order("good", &[piece(0, 0)]).await;
    let bad = desk.order("bad", &[piece(0, 1)]).await;
    for order in [&good, &bad] {
        let session = desk.provider.session_of(order).unwrap();
        assert!(desk.provider.pay(&session, PaymentStatus::Processing));
        desk.hear("checkout.session.completed", &session).await;
    }
    desk.work().await;
    desk.pass(26 * 3_600);
    desk.work().await;
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "checkout", "held beyond the first hold");
    let (session, lost) =
        (desk.provider.session_of(&good).unwrap(), desk.provider.session_of(&bad).unwrap());
    desk.provider.end_delay(&session, PaymentStatus::Paid);
    desk.provider.end_delay(&lost, PaymentStatus::Failed);
    desk.hear("checkout.session.async_payment_succeeded", &session).await;
    desk.hear("checkout.session.async_payment_failed", &lost).await;
    desk.work().await;
    assert_eq!(desk.order_state(&good).await, "paid");
    assert_eq!(desk.order_state(&bad).await, "expired");
    assert_eq!(desk.piece_state(&piece(0, 1)).await, "retail");
    desk.settle_down().await;
    desk.audit().await;
}

async fn events_come_twice_late_and_from_strangers(test: TestDb) {
    let desk = Desk::new(test).await;
    for (signature, why) in [("", "no signature"), ("forged", "bad signature"), ("old", "stale")] {
        let refused = webhook::receive(
            &desk.shop,
            b"evt_1|checkout.session.completed|cs_x",
            signature,
            desk.now(),
        )
        .await;
        assert!(
            matches!(&refused, Err(Refusal::NotBelieved(said)) if said.to_string() == why),
            "{refused:?}"
        );
    }
    let order = desk.order("events", &[piece(0, 0)]).await;
    let session = desk.provider.session_of(&order).unwrap();
    // Before anything was paid, and about what nobody knows.
    desk.hear("checkout.session.completed", &session).await;
    desk.hear("checkout.session.completed", "cs_nobody").await;
    desk.hear("customer.created", "cus_1").await;
    desk.work().await;
    assert_eq!(desk.order_state(&order).await, "pending_payment");
    assert!(desk.provider.pay(&session, PaymentStatus::Paid));
    // The fee is not known yet: tried again, nothing half done.
    desk.provider.books().fee_unknown = true;
    let raw = desk.provider.event("checkout.session.completed", &session);
    for _ in 0..3 {
        webhook::receive(&desk.shop, &raw, "good", desk.now()).await.unwrap();
    }
    desk.work().await;
    assert_eq!(desk.order_state(&order).await, "pending_payment");
    desk.provider.books().fee_unknown = false;
    desk.hear("checkout.session.expired", &session).await;
    desk.pass(5);
    desk.work().await;
    assert_eq!(desk.order_state(&order).await, "paid");
    assert_eq!(desk.number("SELECT CAST(COUNT(*) AS BIGINT) FROM webhook_event").await, 5);
    assert_eq!(
        desk.number(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM webhook_event WHERE outcome LIKE 'ignored%'"
        )
        .await,
        2
    );
    // Replayed after the process died between settling and noting it.
    let mut tx = desk.shop.db.begin().await.unwrap();
    tx.query("UPDATE webhook_event SET processed_at_us = NULL, outcome = NULL")
        .execute()
        .await
        .unwrap();
    tx.query("UPDATE job SET state = 'ready' WHERE kind = 'process_event'")
        .execute()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    desk.settle_down().await;
    assert_eq!(desk.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry").await, 2);
    desk.audit().await;
}

async fn the_thank_you_page_does_not_wait_for_the_event(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("quick", &[piece(0, 0)]).await;
    let session = desk.provider.session_of(&order).unwrap();
    assert!(desk.provider.pay(&session, PaymentStatus::Paid));
    desk.provider.fail_next(Fault::Away);
    assert_eq!(
        desk.see(&order).await.status,
        OrderStatus::PendingPayment,
        "the page stands without the provider"
    );
    // However often and by how many it is reloaded, the provider is asked once in a while.
    assert_eq!(desk.see(&order).await.status, OrderStatus::PendingPayment);
    assert_eq!(desk.provider.books().looked_up, 1);
    desk.pass(3);
    let all = futures::future::join_all((0..8).map(|_| desk.see(&order))).await;
    for view in all {
        // On a busy machine a page's patience may end before the answer; the next look has it.
        let slow = view.status != OrderStatus::Paid;
        assert!(
            !slow || desk.see(&order).await.status == OrderStatus::Paid,
            "all hear the one answer"
        );
    }
    assert_eq!(desk.provider.books().looked_up, 2);
    assert_eq!(desk.see(&order).await.status, OrderStatus::Paid);
    desk.hear("checkout.session.completed", &session).await;
    desk.settle_down().await;
    desk.audit().await;
}
