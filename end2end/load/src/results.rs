//! The results: latencies, purchases and problems.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
struct Counts {
    steps: BTreeMap<&'static str, Vec<Duration>>,
    /// How many shoppers of each kind left.
    shoppers: BTreeMap<String, u64>,
    problems: BTreeMap<String, u64>,
    bought: u64,
}

/// Latencies by step, shoppers by kind, problems by message.
#[derive(Debug, Default)]
pub(crate) struct Results(Mutex<Counts>);

impl Results {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the latency of a step that began at `since`.
    pub(crate) fn add_step(&self, name: &'static str, since: Instant) {
        let took = since.elapsed();
        self.counts().steps.entry(name).or_default().push(took);
    }

    /// Adds a shopper who left.
    pub(crate) fn add_shopper(&self, kind: &str, bought: bool) {
        let mut counts = self.counts();
        *counts.shoppers.entry(kind.to_owned()).or_default() += 1;
        counts.bought += u64::from(bought);
    }

    /// Adds a problem.
    pub(crate) fn add_problem(&self, step: &str, message: &str) {
        let message: String = message.chars().take(160).collect();
        *self.counts().problems.entry(format!("{step}: {message}")).or_default() += 1;
    }

    /// Prints everything; returns whether there was no problem.
    pub(crate) fn print(&self, elapsed: Duration) -> bool {
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
        for (kind, count) in &counts.shoppers {
            println!("shoppers {count:6} {kind}");
        }
        for (message, count) in &counts.problems {
            println!("problem {count:6} {message}");
        }
        println!("problems {}", counts.problems.values().sum::<u64>());
        counts.problems.is_empty()
    }
}
