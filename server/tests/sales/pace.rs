//! How fast the shop sells, the payment provider aside. Not part of the usual run:
//! `cargo test --release -- --ignored pace --nocapture`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use server::jobs;
use server::kernel::payments::PaymentStatus;
use server::sales::webhook;
use tokio::sync::watch;

use super::test_shop::{TestShop, form, settings};
use crate::support::TestDb;

const SHOPPERS: usize = 8;
const EACH: usize = 25;

async fn pace(test: TestDb, engine: &str) {
    let test_shop = TestShop::new(test).await;
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    for number in 0..SHOPPERS * EACH {
        tx.query(
            "INSERT INTO piece (id, serial, design_id, state, weight_mg, inspected_on) \
             VALUES ($1, $1, 'design-0', 'retail', 3910, '2026-11-01')",
        )
        .bind(format!("fast-{number}"))
        .execute()
        .await
        .unwrap();
        tx.query(
            "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, piece_id, at_us) \
             VALUES ('m-' || $1, 'lot', 'into_piece', 3910, $1, 1)",
        )
        .bind(format!("fast-{number}"))
        .execute()
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let (stop, stopping) = watch::channel(false);
    let mailer = server::kernel::mailer::Mailer::new(None, &settings()).unwrap();
    let workers = tokio::spawn(jobs::start(test_shop.shop.clone(), mailer, 4, stopping));
    let sold = AtomicUsize::new(0);
    let start = Instant::now();
    let shoppers = (0..SHOPPERS).map(|shopper| {
        let (test_shop, sold) = (&test_shop, &sold);
        async move {
            for number in 0..EACH {
                let at = shopper * EACH + number;
                let placed = test_shop
                    .place(form(&format!("fast-{at}")), &[format!("fast-{at}")])
                    .await
                    .unwrap()
                    .expect("placed");
                let session = placed.payment_url.unwrap().rsplit('/').next().unwrap().to_owned();
                assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
                let raw = test_shop.provider.event("checkout.session.completed", &session);
                webhook::receive(&test_shop.shop, &raw, "good", test_shop.now()).await.unwrap();
                let order = test_shop.order_of(&placed.secret).await;
                test_shop.see(&order).await;
                sold.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    futures::future::join_all(shoppers).await;
    let took = start.elapsed();
    println!("{engine}: {:.1} purchases a second", (SHOPPERS * EACH) as f64 / took.as_secs_f64());
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.send(true).unwrap();
    workers.await.unwrap();
    assert_eq!(sold.load(Ordering::SeqCst), SHOPPERS * EACH);
    test_shop.settle_down().await;
    test_shop.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn pace_on_sqlite() {
    pace(TestDb::sqlite().await, "SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn pace_on_postgres() {
    if let Some(db) = TestDb::postgres().await {
        pace(db, "PostgreSQL").await;
    }
}
