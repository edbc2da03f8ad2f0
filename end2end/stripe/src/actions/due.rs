//! Tasks whose time has come.

use crate::{
    actions::{disputes, payments, refunds, sessions, settlement},
    state::{schedule::Task, store::Store},
};

/// Does all tasks that are due; returns whether there were any.
pub(crate) fn run_due_tasks(store: &mut Store) -> bool {
    let now = store.now();
    let mut is_changed = false;
    while let Some(task) = store.schedule.take_due(now) {
        is_changed = true;
        match task {
            Task::Expire(session) => {
                // Refused if the session is no longer open. Then there is nothing to do.
                let _ = sessions::expire(store, &session);
            }
            Task::Decide(session) => payments::decide(store, &session),
            Task::Settle(charge) => settlement::settle(store, &charge),
            Task::FinishRefund(refund) => refunds::finish(store, &refund),
            Task::Dispute(charge) => disputes::open(store, &charge),
        }
    }
    is_changed
}
