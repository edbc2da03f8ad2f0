//! Tasks that the simulator does by itself when their time comes.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Something to do later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what", content = "id")]
pub(crate) enum Task {
    /// Expire this session if it is still open.
    Expire(String),
    /// Decide the delayed payment of this session.
    Decide(String),
    /// Give this charge its balance transaction.
    Settle(String),
    /// Let this refund succeed if it is pending, otherwise let it fail.
    FinishRefund(String),
    /// Dispute this charge.
    Dispute(String),
}

impl Task {
    fn object_id(&self) -> &str {
        match self {
            Self::Expire(id)
            | Self::Decide(id)
            | Self::Settle(id)
            | Self::FinishRefund(id)
            | Self::Dispute(id) => id,
        }
    }
}

/// All tasks in the order of their times. Tasks of the same time are in the order in which
/// they were added: each has a number.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Schedule {
    #[serde(rename = "agenda", with = "tasks_as_list")]
    tasks: BTreeMap<(i64, u64), Task>,
    #[serde(rename = "agenda_number")]
    last_number: u64,
}

/// JSON has no tuples as keys.
mod tasks_as_list {
    use super::{BTreeMap, Deserialize, Deserializer, Serializer, Task};

    pub(super) fn serialize<S: Serializer>(
        tasks: &BTreeMap<(i64, u64), Task>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(tasks)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<(i64, u64), Task>, D::Error> {
        Ok(Vec::<((i64, u64), Task)>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl Schedule {
    /// Adds a task for a time in Unix seconds.
    pub(crate) fn add(&mut self, at: i64, task: Task) {
        self.last_number += 1;
        self.tasks.insert((at, self.last_number), task);
    }

    /// Makes all tasks of an object due now; returns how many there are.
    pub(crate) fn make_due(&mut self, object_id: &str) -> usize {
        let found = self.tasks.iter().filter(|(_, task)| task.object_id() == object_id);
        let keys: Vec<_> = found.map(|(key, _)| *key).collect();
        for key in &keys {
            if let Some(task) = self.tasks.remove(key) {
                self.add(i64::MIN, task);
            }
        }
        keys.len()
    }

    /// Removes the next task that is due at the time `now`.
    pub(crate) fn take_due(&mut self, now: i64) -> Option<Task> {
        let entry = self.tasks.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_due_in_the_order_of_their_times() {
        let mut schedule = Schedule::default();
        schedule.add(20, Task::Expire("a".into()));
        schedule.add(10, Task::Settle("b".into()));
        schedule.add(10, Task::Dispute("c".into()));
        assert_eq!(schedule.take_due(9), None);
        assert_eq!(schedule.take_due(10), Some(Task::Settle("b".into())));
        assert_eq!(schedule.take_due(10), Some(Task::Dispute("c".into())));
        assert_eq!(schedule.take_due(10), None);
        assert_eq!(schedule.make_due("a"), 1);
        assert_eq!(schedule.take_due(10), Some(Task::Expire("a".into())));
    }

    #[test]
    fn a_schedule_survives_the_state_file() {
        let mut schedule = Schedule::default();
        schedule.add(i64::MIN, Task::Expire("a".into()));
        let text = serde_json::to_string(&schedule).unwrap();
        assert_eq!(
            text,
            r#"{"agenda":[[[-9223372036854775808,1],{"what":"expire","id":"a"}]],"agenda_number":1}"#
        );
        let mut again: Schedule = serde_json::from_str(&text).unwrap();
        assert_eq!(again.take_due(0), Some(Task::Expire("a".into())));
    }
}
