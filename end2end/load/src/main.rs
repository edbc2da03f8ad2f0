//! # Shoppers, many of them
//!
//! Buys in the shop as people do: whole purchases over HTTP, each by a visitor of her own with
//! her own cookies, from the piece page to the thank-you page, paying on the simulated Stripe's
//! page in between.
//!
//! ```text
//! purchase-load --shop http://127.0.0.1:3000 --purchases 500 --connections 8
//! purchase-load --shop … --simulator http://127.0.0.1:12111 --server target/release/server \
//!     --random --mischief --purchases 10000
//! ```
//!
//! Plain, it measures: purchases per second and latencies. With `--random` shoppers are
//! declined, leave, pay late, click twice, race for one piece and get their money back, while
//! (`--mischief`) webhooks come twice and in disorder and Stripe fails now and then; in the
//! end the simulated clock passes the end of every hold. What is left behind is judged by
//! `server check` and by the simulator's own sums, which are printed.
//!
//! With `--kills` it starts the shop itself (`--server`, whose settings are in the environment),
//! and kills it (SIGKILL) so many times while the crowd is in it, and once more when everybody
//! has gone. Whoever gets no answer tries again.
//!
//! Refunds go through `server refund`, as the board gives them; it finds the database by
//! `DATABASE_URL`. The shop must run with `WRITES_PER_MINUTE=0`, `HELD_PER_EMAIL=0`,
//! `HELD_PER_VISITOR=0` and `HELD_PER_NETWORK_PERCENT=0`: all shoppers have one address, of both kinds.
//!
//! The exit code is 1 when a shopper met anything but a fair answer.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

mod browser;
mod control;
mod kills;
mod page;
mod shopper;
mod stock;
mod tally;

use browser::Browser;
use control::Simulator;
use kills::Keeper;
use shopper::{Kind, Market};
use stock::Stock;
use tally::Tally;

/// Whole purchases over HTTP.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Options {
    /// Where the shop is.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    shop: String,
    /// Where the simulator is, for its control API.
    #[arg(long)]
    simulator: Option<String>,
    /// The shop's program, for refunds; none: nothing is given back.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Shoppers at the same time.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    connections: u64,
    /// Shoppers altogether.
    #[arg(long, default_value_t = 200)]
    purchases: u64,
    /// All kinds of shoppers instead of those who just buy.
    #[arg(long)]
    random: bool,
    /// Webhooks come twice and in disorder, Stripe fails now and then.
    #[arg(long)]
    mischief: bool,
    /// Start the shop, and kill it so often in the middle of everything.
    #[arg(long, default_value_t = 0, requires = "server")]
    kills: u64,
    /// What chance is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

async fn run(options: Options) -> Result<bool, String> {
    let shop = options.shop.trim_end_matches('/').to_owned();
    let browser = Browser::new(&shop, options.kills > 0);
    let mut keeper = match &options.server {
        Some(program) if options.kills > 0 => Some(Keeper::start(program, &browser).await?),
        _ => None,
    };
    let stock = Stock::take(&browser, options.purchases).await?;
    println!("designs {}", stock.len());
    let simulator = options.simulator.as_deref().map(Simulator::new);
    if options.mischief {
        simulator.as_ref().ok_or("--mischief needs --simulator")?.misbehave().await?;
    }
    let market = Arc::new(Market {
        browser: browser.clone(),
        stock,
        server: options.server.clone(),
        tally: Tally::default(),
    });
    let started = Instant::now();
    let left = Arc::new(AtomicU64::new(options.purchases));
    let mut crowd = tokio::task::JoinSet::new();
    for number in 0..options.connections {
        let chance = StdRng::seed_from_u64(options.seed.wrapping_mul(1_000_003) + number);
        crowd.spawn(come_one_by_one(
            Arc::clone(&market),
            Arc::clone(&left),
            options.random,
            chance,
        ));
    }
    let everybody = async {
        while let Some(ended) = crowd.join_next().await {
            ended.map_err(|error| error.to_string())?;
        }
        browser.no_more();
        Ok(())
    };
    match &mut keeper {
        None => everybody.await?,
        Some(keeper) => {
            let torment = keeper.torment(options.kills, options.purchases, options.seed);
            tokio::try_join!(everybody, torment)?;
        }
    }
    let fair = market.tally.report(started.elapsed());
    if let Some(simulator) = &simulator {
        if options.random {
            simulator.behave().await?;
            simulator.pass_the_end_of_every_hold().await?;
        }
        simulator.wait_for_deliveries(Duration::from_secs(180)).await?;
        simulator.print_sums().await?;
    }
    if let Some(keeper) = &mut keeper {
        keeper.kill().await?;
        println!("kills {}", options.kills + 1);
    }
    Ok(fair)
}

async fn come_one_by_one(
    market: Arc<Market>,
    left: Arc<AtomicU64>,
    random: bool,
    mut chance: StdRng,
) {
    while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    {
        let kind = if random { Kind::draw(&mut chance) } else { Kind::Buys };
        if !market.serve(kind, chance.random()).await {
            market.tally.problem("sold out", "there is nothing left to buy");
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
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Options::command().debug_assert();
    }
}
