//! The shop's process, killed (SIGKILL) and started again in the middle of everything.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use http::Method;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::process::{Child, Command};

use crate::browser::Browser;

/// A shop that does not answer by then will not.
const PATIENCE: Duration = Duration::from_secs(60);
/// Requests that any crowd sends for each shopper, at the least.
const REQUESTS_EACH: u64 = 5;
/// After the request that draws the lot: the work on it is somewhere between begun and done.
const WITHIN_MICROSECONDS: u64 = 30_000;

/// A running shop.
#[derive(Debug)]
pub(crate) struct Keeper<'a> {
    program: &'a Path,
    browser: &'a Browser,
    child: Child,
}

impl<'a> Keeper<'a> {
    /// Starts `program serve`, which finds its settings in the environment.
    pub(crate) async fn start(program: &'a Path, browser: &'a Browser) -> Result<Self, String> {
        let child = launch(program)?;
        let mut keeper = Self { program, browser, child };
        keeper.until_ready().await?;
        Ok(keeper)
    }

    async fn until_ready(&mut self) -> Result<(), String> {
        let (url, started) = (format!("{}/readyz", self.browser.shop()), Instant::now());
        while self.browser.once(Method::GET, &url).await.map(|answer| answer.status) != Ok(200) {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the shop ended by itself: {status}"));
            }
            if started.elapsed() > PATIENCE {
                return Err("the shop does not get ready".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// No warning, no last word.
    pub(crate) async fn kill(&mut self) -> Result<(), String> {
        self.child.kill().await.map_err(|error| format!("the shop cannot be killed: {error}"))
    }

    /// Kills and starts the shop as often as asked while the crowd sends its requests; ends
    /// when that is done.
    pub(crate) async fn torment(
        &mut self,
        kills: u64,
        purchases: u64,
        seed: u64,
    ) -> Result<(), String> {
        let mut chance = StdRng::seed_from_u64(seed);
        let mut when: Vec<u64> =
            (0..kills).map(|_| chance.random_range(1..=purchases.max(1) * REQUESTS_EACH)).collect();
        when.sort_unstable();
        for request in when {
            self.browser.until_sent(request).await;
            tokio::time::sleep(Duration::from_micros(chance.random_range(0..WITHIN_MICROSECONDS)))
                .await;
            self.kill().await?;
            self.child = launch(self.program)?;
            self.until_ready().await?;
        }
        Ok(())
    }
}

fn launch(program: &Path) -> Result<Child, String> {
    Command::new(program)
        .arg("serve")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))
}
