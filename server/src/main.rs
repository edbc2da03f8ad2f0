//! The command line: serve, migrate, demo, check, refund.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use server::config::{Cli, Command, DatabaseArgs, DemoArgs, RefundArgs};
use server::db::Db;
use server::media::{Limits, Photos, open_store};
use server::shop::refund::{self, Asked};
use server::{demo, serve};

/// What a command that failed says, in one line that names the variable or file to look at.
type Outcome = Result<ExitCode, String>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let log_json = matches!(&cli.command, Command::Serve(args) if args.log_json);
    start_logging(log_json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("server: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(run(cli)).unwrap_or_else(|message| {
        eprintln!("server: {message}");
        ExitCode::FAILURE
    })
}

async fn run(cli: Cli) -> Outcome {
    match cli.command {
        Command::Serve(args) => serve::serve(*args).await,
        Command::Migrate(args) => migrate(&args).await,
        Command::Demo(args) => load_demo(args).await,
        Command::Check(args) => server::check::check(*args).await,
        Command::Refund(args) => give_back(args).await,
    }
}

fn start_logging(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("info,sqlx=warn,tower_sessions_core=error")
    });
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        lines.json().init();
    } else {
        lines.compact().init();
    }
}

async fn open(args: &DatabaseArgs) -> Result<Db, String> {
    serve::open_database(args).await
}

async fn migrate(args: &DatabaseArgs) -> Outcome {
    let db = open(args).await?;
    db.migrate().await.map_err(|e| e.to_string())?;
    db.close().await;
    println!("the schema is up to date");
    Ok(ExitCode::SUCCESS)
}

async fn load_demo(args: DemoArgs) -> Outcome {
    let db = open(&args.database).await?;
    db.migrate().await.map_err(|e| e.to_string())?;
    let store = open_store(&args.photos.photo_store).map_err(|e| format!("PHOTO_STORE: {e}"))?;
    let photos = Photos::new(Arc::clone(&store), Limits::default()).map_err(|e| e.to_string())?;
    let report = demo::load(&db, &photos, &args.demo_dir, jiff::Timestamp::now())
        .await
        .map_err(|e| e.to_string())?;
    println!("{report}");
    if args.designs > 0 {
        let made = demo::load_synthetic(&db, args.designs, 1).await.map_err(|e| e.to_string())?;
        println!("{made} invented designs added");
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn give_back(args: RefundArgs) -> Outcome {
    let db = open(&args.database).await?;
    let asked = refund::ask_by_number(&db, &args.order, args.amount_minor, jiff::Timestamp::now())
        .await
        .map_err(|e| e.to_string())?;
    db.close().await;
    match asked {
        Some(Asked::Intended(id)) => println!("refund {id} is on its way"),
        Some(Asked::NotPaid) => {
            return Err(format!("{} was not paid, or its payment goes back by itself", args.order));
        }
        Some(Asked::TooMuch { left }) => {
            return Err(format!(
                "only {} {} are left of it",
                left.amount_minor,
                left.currency.code()
            ));
        }
        None => return Err(format!("there is no order {}", args.order)),
    }
    Ok(ExitCode::SUCCESS)
}
