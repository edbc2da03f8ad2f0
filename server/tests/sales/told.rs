//! What the command line tells the board, and which jobs it starts again.

use server::tell::{self, Dead};

use super::provider::Fault;
use super::test_shop::{TestShop, piece};
use crate::support::TestDb;

on_both_engines!(what_gave_up_is_told_and_taken_up_again, mails_and_shares_are_told);

async fn what_gave_up_is_told_and_taken_up_again(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let db = &test_shop.shop.db;
    assert_eq!(tell::dead_jobs(db).await.unwrap(), "no job has given up\n");
    // For days Stripe does not answer the shop's questions about a payment.
    let order = test_shop.order("a", &[piece(0, 0)]).await;
    test_shop.pay(&order).await;
    let mut tx = db.begin().await.unwrap();
    let tired = "UPDATE job SET attempts = 899 WHERE kind = 'process_event'";
    tx.query(tired).execute().await.unwrap();
    tx.commit().await.unwrap();
    test_shop.provider.fail_next(Fault::Away);
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&order).await, "pending_payment");
    let told = tell::dead_jobs(db).await.unwrap();
    assert!(told.contains("process_event") && told.contains("so it was told"), "{told}");
    let id = told.split_whitespace().next().unwrap().to_owned();

    assert_eq!(tell::revive(db, Dead::One("no-such-job"), test_shop.now()).await.unwrap(), 0);
    assert_eq!(tell::revive(db, Dead::One(&id), test_shop.now()).await.unwrap(), 1);
    assert_eq!(tell::revive(db, Dead::All, test_shop.now()).await.unwrap(), 0, "none is left");
    assert_eq!(tell::dead_jobs(db).await.unwrap(), "no job has given up\n");
    test_shop.work().await;
    assert_eq!(test_shop.order_state(&order).await, "paid");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn mails_and_shares_are_told(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let db = &test_shop.shop.db;
    assert_eq!(tell::mails(db).await.unwrap(), "no mail was written yet\n");
    // The second piece has no recorded maker yet.
    let order = test_shop.order("a", &[piece(0, 1), piece(1, 3)]).await;
    assert_eq!(tell::shares(db, "D-000001").await.unwrap(), None, "it is not sold yet");
    test_shop.pay(&order).await;
    test_shop.work().await;

    let list = tell::mails(db).await.unwrap();
    let line = list.lines().find(|line| line.contains("ana@example.com")).expect("her mail");
    assert!(line.contains("kept") && line.contains("D-000001"), "{line}");
    let id = line.split_whitespace().next().unwrap();
    let mail = tell::mail(db, id).await.unwrap().expect("the mail");
    assert!(mail.starts_with("To: ana@example.com\nSubject: "), "{mail}");
    assert!(mail.contains("/es/pedido/"), "with the link to her order: {mail}");
    assert_eq!(tell::mail(db, "no-such-mail").await.unwrap(), None);

    let told = tell::shares(db, "D-000001").await.unwrap().expect("it was sold");
    for part in ["maker: rosa", "maker: lidia", "maker: marta", "fund: workshop", "payment fee"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(told.contains("waits for its makers"), "{told}");
    // Each piece's parts sum to its line, and the lines to what was paid.
    let cents = |line: &str| -> i64 {
        line.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    let amount = |line: &str| cents(line.rsplit("S/").next().unwrap());
    let mut pieces = Vec::new();
    for block in told.split("\n\n").skip(1) {
        let (together, parts): (Vec<&str>, Vec<&str>) =
            block.lines().skip(1).partition(|line| line.contains("together"));
        let sum: i64 = parts.into_iter().map(amount).sum();
        assert_eq!(sum, amount(together[0]), "{block}");
        pieces.push(sum);
    }
    assert_eq!(pieces.len(), 2);
    let paid = test_shop.number("SELECT total_minor FROM shop_order").await;
    assert_eq!(pieces.iter().sum::<i64>(), paid);
    for nothing in ["D-000002", "x", ""] {
        assert_eq!(tell::shares(db, nothing).await.unwrap(), None, "{nothing}");
    }
}
