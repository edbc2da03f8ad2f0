//! What was counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
struct Counts {
    steps: BTreeMap<&'static str, Vec<Duration>>,
    ends: BTreeMap<String, u64>,
    problems: BTreeMap<String, u64>,
    bought: u64,
}

/// Latencies by step, ends by kind of shopper, problems by what went wrong.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Counts>);

impl Tally {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A step took so long.
    pub(crate) fn step(&self, name: &'static str, since: Instant) {
        let took = since.elapsed();
        self.counts().steps.entry(name).or_default().push(took);
    }

    /// A shopper left.
    pub(crate) fn ended(&self, how: &str, bought: bool) {
        let mut counts = self.counts();
        *counts.ends.entry(how.to_owned()).or_default() += 1;
        counts.bought += u64::from(bought);
    }

    /// Something that no shopper should meet.
    pub(crate) fn problem(&self, step: &str, what: &str) {
        let what: String = what.chars().take(160).collect();
        *self.counts().problems.entry(format!("{step}: {what}")).or_default() += 1;
    }

    /// Prints everything; whether there was no problem.
    pub(crate) fn report(&self, elapsed: Duration) -> bool {
        let mut counts = self.counts();
        let seconds = elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 53 bits")]
        let rate = counts.bought as f64 / seconds;
        println!("bought {} in {seconds:.2} s\npurchases_per_second {rate:.1}", counts.bought);
        for (name, took) in &mut counts.steps {
            took.sort_unstable();
            let at =
                |permille: usize| took[(took.len() - 1) * permille / 1000].as_secs_f64() * 1000.0;
            println!(
                "latency {name:12} n {:6} p50 {:8.2} ms p99 {:8.2} ms",
                took.len(),
                at(500),
                at(990)
            );
        }
        for (how, count) in &counts.ends {
            println!("shoppers {count:6} {how}");
        }
        for (what, count) in &counts.problems {
            println!("problem {count:6} {what}");
        }
        println!("problems {}", counts.problems.values().sum::<u64>());
        counts.problems.is_empty()
    }
}
