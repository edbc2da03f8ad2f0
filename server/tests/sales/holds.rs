//! No visitor can hold the whole shop: limits on pieces that are held unpaid, when they no longer
//! count, and how a hold ends.

use std::net::IpAddr;
use std::sync::Arc;

use app::backend::shop::{CheckoutForm, CheckoutTrouble};
use domain::hold::{HoldLimits, Holder, TooManyHeld};
use server::kernel::payments::{CheckoutState, PaymentStatus};
use server::kernel::settings::{HoldRules, Settings};
use server::sales::cancel::{Cancelled, cancel};
use server::sales::{Asker, checkout};
use server::tell;

use super::provider::Fault;
use super::test_shop::{DESIGNS, PIECES, TestShop, form, piece, settings};
use crate::support::{TestDb, key};

on_both_engines!(
    one_visitor_does_not_hold_the_whole_shop,
    many_sessions_mails_or_networks_hold_no_more,
    each_setting_limits_alone_and_not_at_all,
    a_village_behind_one_address_buys,
    all_at_once_hold_no_more_than_one_after_the_other,
    who_changes_her_order_is_not_in_her_own_way,
    a_bag_that_is_too_large_is_said_before_and_costs_nothing,
    who_held_what_is_forgotten,
    who_holds_what_is_told,
    a_short_hold_ends_at_the_provider_first,
);

const USUAL: HoldLimits = HoldLimits { per_mailbox: 5, per_visitor: 5, per_network_percent: 50 };
/// Pieces of the catalogue.
const ALL: usize = DESIGNS * PIECES;

async fn shop_with(test: TestDb, limits: HoldLimits) -> TestShop {
    let mut test_shop = TestShop::new(test).await;
    let holds = HoldRules { limits, ..settings().holds };
    test_shop.shop.settings = Arc::new(Settings { holds, ..settings() });
    test_shop
}

fn asker(session: usize, network: usize) -> Asker {
    let network = IpAddr::from([10, 0, (network / 256) as u8, (network % 256) as u8]);
    Asker {
        session: Some(key(&format!("session-{session}"))),
        network: Some(network),
        ..Asker::default()
    }
}

fn nth(number: usize) -> String {
    piece(number % DESIGNS, number / DESIGNS)
}

/// Asks for one piece under an attempt of its own.
async fn ask(
    test_shop: &TestShop,
    number: usize,
    email: &str,
    asker: &Asker,
) -> Result<String, TooManyHeld> {
    let typed = CheckoutForm {
        email: email.to_owned(),
        ..form(&format!("{number}-{}", store::ids::new_id()))
    };
    let placed = test_shop.place_as(typed, &[nth(number)], asker).await.unwrap();
    match placed {
        Ok(placed) => Ok(placed.secret),
        Err(refused) => match refused.view.trouble {
            Some(CheckoutTrouble::TooManyHeld(too_many)) => {
                assert_eq!(refused.view.form.street, "Av. Larco 123", "what was typed is kept");
                assert!(refused.gone.is_empty());
                Err(too_many)
            }
            other => panic!("{other:?}"),
        },
    }
}

async fn held(test_shop: &TestShop) -> i64 {
    test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM piece WHERE state = 'checkout'").await
}

/// Fifteen writes of one visitor with one e-mail, from one network.
async fn one_visitor_does_not_hold_the_whole_shop(test: TestDb) {
    let test_shop = shop_with(test, USUAL).await;
    for write in 0..15 {
        // She gets the first five, and then tries all the others.
        let wanted = if write < 5 { write } else { 5 + write % (ALL - 5) };
        let asked = ask(&test_shop, wanted, "ana@example.com", &asker(1, 1)).await;
        assert_eq!(asked.is_ok(), write < 5, "{write}: {asked:?}");
        assert!(asked.err().is_none_or(|refused| (refused.most, refused.held) == (5, 5)));
    }
    assert_eq!(held(&test_shop).await, 5);
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn many_sessions_mails_or_networks_hold_no_more(test: TestDb) {
    let test_shop = shop_with(test, USUAL).await;
    let mails = ["ana@example.com", "Ana@Example.com", "ana+1@example.com", "ANA+dos@EXAMPLE.COM"];
    let gmail = ["a.na@gmail.com", "an.a@gmail.com", "ana+x@googlemail.com", "A.N.A@GMAIL.COM"];
    let another = |n: usize| format!("ana{n}@example.com");
    // One mailbox in several spellings, from every network.
    for (mails, holder, most) in [(mails, Holder::Mailbox, 5), (gmail, Holder::Mailbox, 5)] {
        for write in 0..ALL {
            let asked = ask(&test_shop, write, mails[write % 4], &asker(write, write)).await;
            assert_eq!(asked.is_ok(), write < most, "{write}: {asked:?}");
            assert!(asked.err().is_none_or(|refused| refused.holder == holder));
        }
        test_shop.settle_down().await;
    }
    // One session with many mails from many networks.
    for write in 0..ALL {
        let asked = ask(&test_shop, write, &another(write), &asker(1, write)).await;
        assert_eq!(asked.is_ok(), write < 5, "{write}: {asked:?}");
    }
    test_shop.settle_down().await;
    // No session is kept and each mail is different: the network holds half and no more.
    for write in 0..ALL {
        let asker = Asker { session: None, ..asker(0, 7) };
        let asked = ask(&test_shop, write, &another(write), &asker).await;
        assert_eq!(asked.is_ok(), write < ALL / 2, "{write}: {asked:?}");
    }
    // Others can still hold the other half.
    for write in ALL / 2..ALL {
        ask(&test_shop, write, &another(write), &asker(write, 8 + write))
            .await
            .expect("somebody else");
    }
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn each_setting_limits_alone_and_not_at_all(test: TestDb) {
    let mut test_shop = shop_with(test, USUAL).await;
    for (limits, most, holder) in [
        (HoldLimits { per_mailbox: 3, ..HoldLimits::NONE }, 3, Holder::Mailbox),
        (HoldLimits { per_visitor: 2, ..HoldLimits::NONE }, 2, Holder::Visitor),
        (HoldLimits { per_network_percent: 25, ..HoldLimits::NONE }, ALL / 4, Holder::Network),
        (HoldLimits::NONE, ALL, Holder::Mailbox),
    ] {
        let holds = HoldRules { limits, ..settings().holds };
        test_shop.shop.settings = Arc::new(Settings { holds, ..settings() });
        for write in 0..ALL {
            let asked = ask(&test_shop, write, "ana@example.com", &asker(1, 1)).await;
            assert_eq!(asked.is_ok(), write < most, "{limits:?} {write}: {asked:?}");
            if let Err(refused) = asked {
                assert_eq!((refused.holder, refused.most as usize), (holder, most), "{refused}");
            }
        }
        test_shop.settle_down().await;
    }
    test_shop.audit().await;
}

/// As many neighbours as there are pieces, one after the other, from the village's one address.
async fn a_village_behind_one_address_buys(test: TestDb) {
    let test_shop = shop_with(test, USUAL).await;
    let mut waiting: Vec<String> = Vec::new();
    for neighbour in 0..ALL {
        let email = format!("vecina{neighbour}@example.com");
        // When half of the free pieces is held, those who came first pay meanwhile.
        let secret = loop {
            match ask(&test_shop, neighbour, &email, &asker(neighbour, 1)).await {
                Ok(secret) => break secret,
                Err(refused) => assert_eq!(refused.holder, Holder::Network),
            }
            let order = test_shop.order_of(&waiting.remove(0)).await;
            test_shop.pay(&order).await;
            test_shop.work().await;
        };
        waiting.push(secret);
        // Every third pays at once.
        if neighbour % 3 == 0 {
            let order = test_shop.order_of(&waiting.pop().unwrap()).await;
            test_shop.pay(&order).await;
            test_shop.work().await;
        }
    }
    for secret in waiting {
        let order = test_shop.order_of(&secret).await;
        test_shop.pay(&order).await;
    }
    test_shop.settle_down().await;
    let sold =
        test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM piece WHERE state = 'sold'").await;
    assert_eq!(sold as usize, ALL, "everybody has what she came for");
    test_shop.audit().await;
}

async fn all_at_once_hold_no_more_than_one_after_the_other(test: TestDb) {
    let test_shop = shop_with(test, USUAL).await;
    let count =
        |asked: &[Result<String, TooManyHeld>]| asked.iter().filter(|one| one.is_ok()).count();
    let mail = "ana@example.com";
    let one_mailbox = (0..ALL).map(|n| {
        let (test_shop, asker) = (&test_shop, asker(n, n));
        async move { ask(test_shop, n, mail, &asker).await }
    });
    assert_eq!(count(&futures::future::join_all(one_mailbox).await), 5);
    test_shop.settle_down().await;
    let one_network = (0..ALL).map(|n| {
        let (test_shop, asker) = (&test_shop, asker(n, 1));
        async move { ask(test_shop, n, &format!("ana{n}@example.com"), &asker).await }
    });
    assert_eq!(count(&futures::future::join_all(one_network).await), ALL / 2);
    assert_eq!(held(&test_shop).await as usize, ALL / 2);
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn who_changes_her_order_is_not_in_her_own_way(test: TestDb) {
    let test_shop = shop_with(test, USUAL).await;
    let bag: Vec<String> = (0..5).map(nth).collect();
    let first =
        test_shop.place_as(form("changes"), &bag, &asker(1, 1)).await.unwrap().expect("placed");
    let other: Vec<String> = (3..8).map(nth).collect();
    let changed = CheckoutForm { street: "Jr. Puno 7".into(), ..form("changes") };
    let second = test_shop.place_as(changed, &other, &asker(1, 1)).await.unwrap().expect("placed");
    assert_ne!(first.secret, second.secret);
    assert_eq!(held(&test_shop).await, 5);
    // Cancelling makes room, and so does paying.
    assert!(ask(&test_shop, 9, "ana@example.com", &asker(2, 2)).await.is_err());
    let given_up = cancel(&test_shop.shop, &second.secret, test_shop.now()).await.unwrap();
    assert_eq!(given_up, Cancelled::Done);
    let bag: Vec<String> = (0..5).map(nth).collect();
    let third =
        test_shop.place_as(form("again"), &bag, &asker(1, 1)).await.unwrap().expect("placed");
    test_shop.pay(&test_shop.order_of(&third.secret).await).await;
    test_shop.work().await;
    ask(&test_shop, 9, "ana@example.com", &asker(1, 1)).await.expect("what is paid is not held");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_bag_that_is_too_large_is_said_before_and_costs_nothing(test: TestDb) {
    let test_shop = shop_with(test, USUAL).await;
    let small: Vec<String> = (0..4).map(nth).collect();
    test_shop.place_as(form("large"), &small, &asker(1, 1)).await.unwrap().expect("placed");
    let large: Vec<String> = (0..6).map(nth).collect();
    let view =
        checkout::view(&test_shop.shop, &test_shop.visit(), form("large"), &large).await.unwrap();
    let told = |trouble: Option<CheckoutTrouble>| {
        let Some(CheckoutTrouble::TooManyHeld(refused)) = trouble else { panic!("{trouble:?}") };
        assert_eq!((refused.most, refused.held, refused.wanted), (5, 0, 6));
    };
    told(view.trouble);
    let refused = test_shop.place_as(form("large"), &large, &asker(1, 1)).await.unwrap();
    told(refused.expect_err("too many").view.trouble);
    assert_eq!(held(&test_shop).await, 4, "what she holds she keeps");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn who_held_what_is_forgotten(test: TestDb) {
    let test_shop = shop_with(test, USUAL).await;
    let marks = "SELECT CAST(COUNT(*) AS BIGINT) FROM order_hold";
    let paid = ask(&test_shop, 0, "ana@example.com", &asker(1, 1)).await.unwrap();
    let given_up = ask(&test_shop, 1, "eva@example.com", &asker(2, 2)).await.unwrap();
    ask(&test_shop, 2, "rosa@example.com", &asker(3, 3)).await.unwrap();
    assert_eq!(test_shop.number(marks).await, 3);
    let kept: Vec<(String, Option<String>, Option<String>)> = test_shop
        .shop
        .db
        .query("SELECT mailbox, visitor, network FROM order_hold")
        .fetch_all()
        .await
        .unwrap();
    for (mailbox, visitor, network) in kept {
        for mark in [Some(mailbox), visitor, network].into_iter().flatten() {
            assert!(
                mark.len() == 32 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{mark}"
            );
        }
    }
    test_shop.pay(&test_shop.order_of(&paid).await).await;
    test_shop.work().await;
    assert_eq!(test_shop.number(marks).await, 2);
    cancel(&test_shop.shop, &given_up, test_shop.now()).await.unwrap();
    assert_eq!(test_shop.number(marks).await, 1);
    test_shop.settle_down().await;
    assert_eq!(test_shop.number(marks).await, 0, "an expired hold is forgotten too");
    // The hold cannot be written again.
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    let order = test_shop.order_of(&paid).await;
    let late = tx.query("INSERT INTO order_hold (order_id, mailbox) VALUES ($1, 'x')").bind(order);
    assert!(late.execute().await.is_err());
    tx.rollback().await.unwrap();
    test_shop.audit().await;
}

async fn who_holds_what_is_told(test: TestDb) {
    let test_shop = shop_with(test, USUAL).await;
    let db = &test_shop.shop.db;
    assert_eq!(tell::held(db).await.unwrap(), "nobody holds a piece\n");
    let bag = [piece(0, 1), piece(2, 3)];
    test_shop.place_as(form("one"), &bag, &asker(1, 1)).await.unwrap().expect("placed");
    test_shop.pass(60);
    ask(&test_shop, 1, "eva@example.com", &asker(2, 1)).await.unwrap();
    let told = tell::held(db).await.unwrap();
    let lines: Vec<&str> = told.lines().collect();
    let [first, one, two, second, three, sum] = lines.as_slice() else { panic!("{told}") };
    assert!(
        first.starts_with("D-000001  ana@example.com  2026-11-23 15:00 UTC to 2026-11-23 15:31")
    );
    assert!(one.contains("001 Anillo 0") && two.contains("023 Anillo 2"), "{told}");
    assert!(second.starts_with("D-000002  eva@example.com") && three.contains("010 Anillo 1"));
    assert_eq!(*sum, "pieces held: 3, orders: 2");
    let mark = |line: &str, what: &str| {
        line.split_once(what).and_then(|(_, rest)| rest.get(..6)).map(str::to_owned).unwrap()
    };
    assert_eq!(mark(first, "network "), mark(second, "network "), "they came from one network");
    assert_ne!(mark(first, "visitor "), mark(second, "visitor "));
    assert!(!told.contains("10.0.0.1") && !told.contains("session-1"), "{told}");
    test_shop.settle_down().await;
    assert_eq!(tell::held(db).await.unwrap(), "nobody holds a piece\n");
}

/// Stripe leaves a page open for half an hour at least: the shop closes it, then frees the pieces.
async fn a_short_hold_ends_at_the_provider_first(test: TestDb) {
    let mut test_shop = TestShop::new(test).await;
    test_shop.shop.settings = Arc::new(Settings { hold_minutes: 10, ..settings() });
    let state = |test_shop: &TestShop, order: &str| {
        let session = test_shop.provider.session_of(order).expect("a page");
        test_shop.provider.books().sessions[&session].state.clone()
    };
    let left = test_shop.order("left", &[piece(0, 0)]).await;
    let paid = test_shop.order("paid", &[piece(0, 1)]).await;
    test_shop.pass(9 * 60);
    test_shop.work().await;
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "checkout");
    // The payment comes in the last moment, and the shop is not notified.
    assert!(
        test_shop.provider.pay(&test_shop.provider.session_of(&paid).unwrap(), PaymentStatus::Paid)
    );
    test_shop.pass(63);
    // As long as the provider does not say that the page is closed, the piece is not free.
    test_shop.provider.fail_next(Fault::Away);
    test_shop.provider.fail_next(Fault::Away);
    test_shop.work().await;
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "checkout");
    assert!(matches!(state(&test_shop, &left), CheckoutState::Open { .. }));
    test_shop.pass(10);
    test_shop.work().await;
    assert_eq!(
        state(&test_shop, &left),
        CheckoutState::Expired,
        "nobody pays for what is free again"
    );
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    assert_eq!(test_shop.order_state(&left).await, "expired");
    assert_eq!(test_shop.order_state(&paid).await, "paid");
    test_shop.settle_down().await;
    test_shop.audit().await;
}
