//! Transactions that wait for each other: committed rows last, a dropped transaction leaves
//! nothing, and a full database never fails silently.

use std::task::Poll;
use std::time::Duration;

use store::db::{Db, DbError};

use crate::support::{Mortal, TestDb};

on_both_engines!(
    many_commit_at_once,
    what_is_dropped_never_was,
    an_end_is_reached_though_nobody_waits,
    who_leaves_takes_nobody_along,
    who_leaves_while_a_transaction_begins_leaves_none
);

async fn add(db: &Db, id: &str) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.query("INSERT INTO supplier (id, name) VALUES ($1, $1)").bind(id).execute().await?;
    tx.commit().await
}

async fn names(db: &Db) -> Vec<String> {
    let rows: Vec<(String,)> =
        db.query("SELECT id FROM supplier ORDER BY id").fetch_all().await.unwrap();
    rows.into_iter().map(|(id,)| id).collect()
}

async fn many_commit_at_once(test: TestDb) {
    let ids: Vec<String> = (0..100).map(|n| format!("s-{n:03}")).collect();
    let seen = futures::future::join_all(ids.iter().map(|id| async {
        add(&test.db, id).await.unwrap();
        // After a commit the next read sees the row.
        names(&test.db).await.contains(id)
    }));
    assert!(seen.await.into_iter().all(|seen| seen));
    assert_eq!(names(&test.db).await, ids);
}

async fn what_is_dropped_never_was(test: TestDb) {
    let all = (0..60).map(|n| {
        let db = &test.db;
        async move {
            let id = format!("s-{n:03}");
            match n % 4 {
                0 => add(db, &id).await.unwrap(),
                1 => {
                    let mut tx = db.begin().await.unwrap();
                    tx.query("INSERT INTO supplier (id, name) VALUES ($1, $1)")
                        .bind(&id)
                        .execute()
                        .await
                        .unwrap();
                    drop(tx);
                }
                2 => {
                    let mut tx = db.begin().await.unwrap();
                    tx.query("INSERT INTO supplier (id, name) VALUES ($1, $1)")
                        .bind(&id)
                        .execute()
                        .await
                        .unwrap();
                    tx.rollback().await.unwrap();
                }
                _ => {
                    // A statement is refused, and the transaction with it.
                    let mut tx = db.begin().await.unwrap();
                    tx.query("INSERT INTO supplier (id, name) VALUES ($1, $1)")
                        .bind(&id)
                        .execute()
                        .await
                        .unwrap();
                    let again = tx
                        .query("INSERT INTO supplier (id, name) VALUES ($1, $1)")
                        .bind(&id)
                        .execute()
                        .await;
                    assert!(matches!(again, Err(DbError::Unique(_))));
                }
            }
        }
    });
    futures::future::join_all(all).await;
    let kept: Vec<String> = (0..60).filter(|n| n % 4 == 0).map(|n| format!("s-{n:03}")).collect();
    assert_eq!(names(&test.db).await, kept);
    add(&test.db, "z").await.unwrap();
}

async fn an_end_is_reached_though_nobody_waits(test: TestDb) {
    for n in 0..40 {
        // The caller is dropped at some point on the way, and the next one is not blocked.
        let id = format!("s-{n:03}");
        let _ = tokio::time::timeout(Duration::from_micros(n * 20), add(&test.db, &id)).await;
    }
    add(&test.db, "z").await.unwrap();
    assert!(names(&test.db).await.contains(&"z".to_owned()));
}

async fn who_leaves_takes_nobody_along(test: TestDb) {
    let all = (0..240_u64).map(|n| {
        let db = &test.db;
        async move {
            let id = format!("s-{n:03}");
            if n % 3 == 0 {
                // The caller is dropped while waiting, beginning, writing or ending.
                let mut adding = std::pin::pin!(add(db, &id));
                let mut left = n / 3 % 10;
                std::future::poll_fn(|context| match adding.as_mut().poll(context) {
                    Poll::Pending if left > 0 => {
                        left -= 1;
                        Poll::Pending
                    }
                    _ => Poll::Ready(()),
                })
                .await;
                None
            } else {
                add(db, &id).await.unwrap();
                Some(id)
            }
        }
    });
    let told: Vec<String> = futures::future::join_all(all).await.into_iter().flatten().collect();
    let names = names(&test.db).await;
    for id in told {
        assert!(names.contains(&id), "{id} was told to last");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_says_so_and_goes_on_when_there_is_room() {
    let test = TestDb::sqlite().await;
    add(&test.db, "before").await.unwrap();
    set_limit(&test.db, "PRAGMA max_page_count = 1").await;
    let big = "x".repeat(60_000);
    let all = (0..20).map(|n| {
        let (db, id) = (&test.db, format!("{n}{big}"));
        async move { add(db, &id).await }
    });
    for result in futures::future::join_all(all).await {
        assert!(matches!(&result, Err(DbError::Unavailable(_))), "{result:?}");
    }
    assert_eq!(names(&test.db).await, ["before"]);
    set_limit(&test.db, "PRAGMA max_page_count = 1073741823").await;
    add(&test.db, "zafter").await.unwrap();
    assert_eq!(names(&test.db).await, ["before", "zafter"]);
}

/// The limit belongs to a connection: set through a transaction, it belongs to the writer's.
async fn set_limit(db: &Db, pragma: &'static str) {
    let mut tx = db.begin().await.unwrap();
    tx.query(pragma).execute().await.unwrap();
    tx.commit().await.unwrap();
}

/// A shopper closes her window, or a time limit passes: the next request on the same connection is
/// not inside the old transaction.
async fn who_leaves_while_a_transaction_begins_leaves_none(test: TestDb) {
    let db = Db::open(&test.url, 1).await.unwrap();
    for polls in 1..12 {
        drop(Mortal::new(db.begin(), polls).await);
        let id = format!("s-{polls}");
        db.write("INSERT INTO supplier (id, name) VALUES ($1, $1)")
            .bind(&id)
            .execute()
            .await
            .unwrap();
        assert!(names(&test.db).await.contains(&id), "after {polls} polls");
    }
    db.close().await;
}
