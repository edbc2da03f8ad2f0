//! The queue of jobs: claims and leases.

use store::job::{self, JobRow, Lease};

use crate::support::TestDb;

on_both_engines!(
    who_lost_the_lease_cannot_end_the_job,
    a_prolonged_lease_keeps_others_away,
    a_job_is_enqueued_once,
);

/// Ends a claimed job.
async fn done(test: &TestDb, claimed: &JobRow) -> Lease {
    let mut tx = test.db.begin().await.unwrap();
    let lease = job::done(&mut tx, claimed).await.unwrap();
    tx.commit().await.unwrap();
    lease
}

/// Enqueues one job that is due at once.
async fn enqueue(test: &TestDb) {
    let mut tx = test.db.begin().await.unwrap();
    job::enqueue_mail(&mut tx, "received:x", 0).await.unwrap();
    tx.commit().await.unwrap();
}

async fn who_lost_the_lease_cannot_end_the_job(test: TestDb) {
    enqueue(&test).await;
    let paused = job::claim(&test.db, 1, 100).await.unwrap().expect("it is due");
    assert!(job::claim(&test.db, 50, 100).await.unwrap().is_none(), "it is leased");
    let successor = job::claim(&test.db, 101, 100).await.unwrap().expect("the lease is over");
    assert_eq!(successor.attempts, 2);
    assert_eq!(done(&test, &paused).await, Lease::Lost);
    assert_eq!(job::failed(&test.db, &paused, true, 0, "late").await.unwrap(), Lease::Lost);
    assert_eq!(job::postpone(&test.db, &paused, 0).await.unwrap(), Lease::Lost);
    assert_eq!(job::prolong(&test.db, &paused, 900).await.unwrap(), Lease::Lost);
    let mut tx = test.db.begin().await.unwrap();
    assert_eq!(job::done(&mut tx, &paused).await.unwrap(), Lease::Lost);
    tx.commit().await.unwrap();
    // The successor's result counts, even if its attempts begin anew.
    assert_eq!(job::postpone(&test.db, &successor, 300).await.unwrap(), Lease::Held);
    let third = job::claim(&test.db, 300, 100).await.unwrap().expect("it is due again");
    assert_eq!((third.attempts, paused.attempts), (1, 1));
    assert_eq!(done(&test, &paused).await, Lease::Lost);
    assert_eq!(done(&test, &third).await, Lease::Held);
}

async fn a_prolonged_lease_keeps_others_away(test: TestDb) {
    enqueue(&test).await;
    let long = job::claim(&test.db, 1, 100).await.unwrap().unwrap();
    assert_eq!(job::prolong(&test.db, &long, 1_000).await.unwrap(), Lease::Held);
    assert!(job::claim(&test.db, 900, 100).await.unwrap().is_none());
    assert_eq!(done(&test, &long).await, Lease::Held);
    assert_eq!(job::prolong(&test.db, &long, 2_000).await.unwrap(), Lease::Lost, "it is done");
}

async fn a_job_is_enqueued_once(test: TestDb) {
    enqueue(&test).await;
    enqueue(&test).await;
    let once = job::claim(&test.db, 1, 100).await.unwrap().unwrap();
    assert_eq!((once.kind.as_str(), once.payload.as_str()), ("send_mail", "received:x"));
    assert!(job::claim(&test.db, 1, 100).await.unwrap().is_none());
}
