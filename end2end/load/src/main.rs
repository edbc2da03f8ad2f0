//! # A load test of the shop
//!
//! Many shoppers buy at the same time, over HTTP, as people do. Each one has their own cookies and
//! goes from the piece page to the thank-you page, and pays on the simulator's page in between.
//!
//! ```text
//! purchase-load --shop http://127.0.0.1:3000 --purchases 500 --connections 8
//! purchase-load --shop … --simulator http://127.0.0.1:12111 --server target/release/server \
//!     --random --faults --purchases 10000
//! ```
//!
//! Without further options it measures purchases per second and latencies. With `--random` some
//! shoppers are declined, leave, pay late, click twice, race for a piece or get refunds. With
//! `--faults` webhooks come twice and in the wrong order, and Stripe fails now and then. At the end
//! the simulated clock is set ahead of the end of every hold. Then `server check` must find no
//! problem, and the books must equal the simulator's sums, which are printed.
//!
//! With `--kills` it starts the shop itself (`--server`, with the settings in the environment) and
//! kills it (SIGKILL) so many times during the purchases, and once more after the last one. A
//! shopper who gets no answer tries again.
//!
//! Refunds are made with `server refund`, as the board makes them; it finds the database by
//! `DATABASE_URL`. The shop must run with `WRITES_PER_MINUTE=0`, `HELD_PER_EMAIL=0`,
//! `HELD_PER_VISITOR=0` and `HELD_PER_NETWORK_PERCENT=0`, because all shoppers have the same e-mail
//! and network address.
//!
//! The exit code is 1 if there was a problem.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

mod browser;
mod kind;
mod page;
mod piece_pages;
mod results;
mod shop_process;
mod shopper;
mod simulator;

use browser::Browser;
use kind::Kind;
use piece_pages::PiecePages;
use results::Results;
use shop_process::ShopProcess;
use shopper::LoadTest;
use simulator::Simulator;

/// A load test of the shop: whole purchases over HTTP.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Options {
    /// The origin of the shop.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    shop: String,
    /// The origin of the simulator, for its control API.
    #[arg(long)]
    simulator: Option<String>,
    /// The shop's program, for refunds; without it there are none.
    #[arg(long)]
    server: Option<PathBuf>,
    /// How many shoppers buy at the same time.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    connections: u64,
    /// How many shoppers there are in all.
    #[arg(long, default_value_t = 200)]
    purchases: u64,
    /// All kinds of shoppers. Without it, all of them simply buy.
    #[arg(long)]
    random: bool,
    /// Webhooks come twice and in the wrong order, and Stripe fails now and then.
    #[arg(long, alias = "mischief")]
    faults: bool,
    /// Start the shop, and kill it so many times during the purchases.
    #[arg(long, default_value_t = 0, requires = "server")]
    kills: u64,
    /// The seed of all random choices.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the load test; returns whether there was no problem.
async fn run(options: Options) -> Result<bool, String> {
    let shop = options.shop.trim_end_matches('/').to_owned();
    let browser = Browser::new(&shop, options.kills > 0);
    let mut process = match &options.server {
        Some(program) if options.kills > 0 => Some(ShopProcess::start(program, &browser).await?),
        _ => None,
    };
    let piece_pages = PiecePages::read(&browser, options.purchases).await?;
    println!("designs {}", piece_pages.len());
    let simulator = options.simulator.as_deref().map(Simulator::new);
    if options.faults {
        simulator.as_ref().ok_or("--faults needs --simulator")?.add_faults().await?;
    }
    let load_test = Arc::new(LoadTest {
        browser: browser.clone(),
        piece_pages,
        server: options.server.clone(),
        results: Results::default(),
    });
    let started = Instant::now();
    let shoppers_left = Arc::new(AtomicU64::new(options.purchases));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..options.connections {
        let random = StdRng::seed_from_u64(options.seed.wrapping_mul(1_000_003) + number);
        tasks.spawn(run_shoppers(
            Arc::clone(&load_test),
            Arc::clone(&shoppers_left),
            options.random,
            random,
        ));
    }
    let all_shoppers = async {
        while let Some(ended) = tasks.join_next().await {
            ended.map_err(|error| error.to_string())?;
        }
        browser.finish();
        Ok(())
    };
    match &mut process {
        None => all_shoppers.await?,
        Some(process) => {
            let kills = process.kill_repeatedly(options.kills, options.purchases, options.seed);
            tokio::try_join!(all_shoppers, kills)?;
        }
    }
    let is_without_problems = load_test.results.print(started.elapsed());
    if let Some(simulator) = &simulator {
        if options.random {
            simulator.remove_faults().await?;
            simulator.end_all_holds().await?;
        }
        simulator.wait_for_deliveries(Duration::from_secs(180)).await?;
        simulator.print_sums().await?;
    }
    if let Some(process) = &mut process {
        process.kill().await?;
        println!("kills {}", options.kills + 1);
    }
    Ok(is_without_problems)
}

/// Runs one shopper after the other until none is left.
async fn run_shoppers(
    load_test: Arc<LoadTest>,
    shoppers_left: Arc<AtomicU64>,
    has_all_kinds: bool,
    mut random: StdRng,
) {
    while shoppers_left
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
        .is_ok()
    {
        let kind = if has_all_kinds { Kind::random(&mut random) } else { Kind::Buys };
        if !load_test.run_shopper(kind, random.random()).await {
            load_test.results.add_problem("sold out", "there is nothing left to buy");
            return;
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("purchase-load: {message}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_valid() {
        use clap::CommandFactory as _;
        Options::command().debug_assert();
    }
}
