//! The process of the shop, which is killed (SIGKILL) and started again during the load.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use http::Method;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::process::{Child, Command};

use crate::browser::Browser;

/// How long the shop may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Every shopper sends at least so many requests.
const MIN_REQUESTS_PER_SHOPPER: u64 = 5;
/// The kill comes within this time after a request was sent, so that it can hit any moment of the
/// work on the request.
const MAX_DELAY_OF_KILL_US: u64 = 30_000;

/// The running shop.
#[derive(Debug)]
pub(crate) struct ShopProcess<'a> {
    program: &'a Path,
    browser: &'a Browser,
    child: Child,
}

impl<'a> ShopProcess<'a> {
    /// Starts `program serve`, which takes its settings from the environment.
    pub(crate) async fn start(program: &'a Path, browser: &'a Browser) -> Result<Self, String> {
        let child = launch(program)?;
        let mut process = Self { program, browser, child };
        process.wait_until_ready().await?;
        Ok(process)
    }

    async fn wait_until_ready(&mut self) -> Result<(), String> {
        let (url, started) = (format!("{}/readyz", self.browser.shop()), Instant::now());
        while self.browser.send_uncounted(Method::GET, &url).await.map(|answer| answer.status)
            != Ok(200)
        {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the shop stopped by itself: {status}"));
            }
            if started.elapsed() > START_TIMEOUT {
                return Err("the shop did not become ready".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Kills the shop with SIGKILL, so that it cannot finish anything.
    pub(crate) async fn kill(&mut self) -> Result<(), String> {
        self.child.kill().await.map_err(|error| format!("the shop cannot be killed: {error}"))
    }

    /// Kills the shop and starts it again, `kills` times, while the shoppers send their requests.
    pub(crate) async fn kill_repeatedly(
        &mut self,
        kills: u64,
        purchases: u64,
        seed: u64,
    ) -> Result<(), String> {
        let mut random = StdRng::seed_from_u64(seed);
        let mut after_requests: Vec<u64> = (0..kills)
            .map(|_| random.random_range(1..=purchases.max(1) * MIN_REQUESTS_PER_SHOPPER))
            .collect();
        after_requests.sort_unstable();
        for count in after_requests {
            self.browser.wait_until_sent(count).await;
            tokio::time::sleep(Duration::from_micros(random.random_range(0..MAX_DELAY_OF_KILL_US)))
                .await;
            self.kill().await?;
            self.child = launch(self.program)?;
            self.wait_until_ready().await?;
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
