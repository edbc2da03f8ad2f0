//! The command line: serve, migrate, demo, check, refund, returned, melt, jobs, mails, holds,
//! shares, address, photo.
#![expect(clippy::disallowed_methods, reason = "a command asks the clock and passes the time on")]

use std::process::ExitCode;

use server::command_line::{self, Misread};
use server::config::{
    AddressArgs, Cli, Command, DatabaseArgs, DemoArgs, HoldsArgs, JobsArgs, MailsArgs, MeltArgs,
    RefundArgs, ReturnedArgs, SharesArgs, StripeArgs, TakeInArgs,
};
use server::kernel::media::{Policy, Widths};
use server::kernel::payments::stripe::Stripe;
use server::people::portrait;
use server::sales::address::{self, Readdressed};
use server::sales::refund::{self, Asked, Noted, RefundRequest, Returned};
use server::tell::{self, Dead};
use server::workshop::melt::{self, Taken, TakenFrom};
use server::{demo, serve};
use store::db::Db;

/// A page is thousands of small strings. In a measurement, a fifth more pages were made with this
/// allocator than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The result of a command. An error is one line that names the variable or file to look at.
type Outcome = Result<ExitCode, String>;

fn main() -> ExitCode {
    let cli = match command_line::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(Misread::Usage(usage)) => usage.exit(),
        Err(Misread::Variable(message)) => return failed(&message),
    };
    let log_json = matches!(&cli.command, Command::Serve(args) if args.log_json);
    if let Err(message) = start_logging(log_json) {
        return failed(&message);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("no runtime: {error}")),
    };
    runtime.block_on(run(cli)).unwrap_or_else(|message| failed(&message))
}

fn failed(message: &str) -> ExitCode {
    eprintln!("server: {message}");
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> Outcome {
    match cli.command {
        Command::Serve(args) => serve::serve(*args).await,
        Command::Migrate(args) => migrate(&args).await,
        Command::Demo(args) => load_demo(args).await,
        Command::Check(args) => server::check::check(*args).await,
        Command::Refund(args) => give_back(args).await,
        Command::Returned(args) => take_back(args).await,
        Command::Melt(args) => melt_lots(args).await,
        Command::Jobs(args) => jobs(args).await,
        Command::Mails(args) => mails(args).await,
        Command::Holds(args) => held(args).await,
        Command::Shares(args) => shares(args).await,
        Command::Address(args) => readdress(args).await,
        Command::Photo(args) => take_in(args).await,
    }
}

fn start_logging(json: bool) -> Result<(), String> {
    let wanted = std::env::var_os("RUST_LOG");
    let filter =
        command_line::log_filter(wanted.as_ref().map(|text| text.to_string_lossy()).as_deref())?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        lines.json().init();
    } else {
        lines.compact().init();
    }
    Ok(())
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

async fn take_in(args: TakeInArgs) -> Outcome {
    let file = args.file.display();
    let original = std::fs::read(&args.file).map_err(|e| format!("{file}: {e}"))?;
    let photos = serve::open_photos(&args.photos).await?;
    let photo = match &args.portrait_of {
        Some(slug) => {
            let db = open(&args.database).await?;
            let photo = portrait::set(&db, &photos, slug, original.into()).await;
            db.close().await;
            photo.map_err(|e| format!("{file}: {e}"))?
        }
        None => {
            let widths = if args.wide { Widths::WIDE } else { Widths::PIECE };
            let photo = photos.ingest(original.into(), widths, Policy::Public).await;
            photo.map_err(|e| format!("{file}: {e}"))?
        }
    };
    println!("{} {}×{} px, {}", photo.hash, photo.width_px, photo.height_px, photo.colour);
    for key in photo.keys() {
        println!("{key}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn load_demo(args: DemoArgs) -> Outcome {
    let db = open(&args.database).await?;
    db.migrate().await.map_err(|e| e.to_string())?;
    let photos = serve::open_photos(&args.photos).await?;
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
    let (amount_minor, piece, shipping) = (args.amount_minor, args.piece.clone(), args.shipping);
    let request = RefundRequest { amount_minor, piece, shipping };
    let said = if args.already_done {
        note_refund(&db, &args.order, &request).await
    } else {
        ask_for_refund(&db, &args.order, &request).await
    };
    db.close().await;
    println!("{}", said?);
    Ok(ExitCode::SUCCESS)
}

async fn take_back(args: ReturnedArgs) -> Outcome {
    let db = open(&args.database).await?;
    let (number, piece, now) = (&args.order, args.piece.as_deref(), jiff::Timestamp::now());
    let noted = refund::note_return(&db, number, piece, args.for_sale, now).await;
    db.close().await;
    match noted.map_err(|e| e.to_string())? {
        Some(Returned::Noted(serials)) => {
            let now_is = if args.for_sale { "for sale again" } else { "with us again" };
            println!("{}: {now_is}", serials.join(", "));
            Ok(ExitCode::SUCCESS)
        }
        Some(Returned::NotSold) => Err(format!("{number} was not sold")),
        Some(Returned::NoSuchPiece) => {
            Err(format!("{number} has no piece {}", piece.unwrap_or_default()))
        }
        Some(Returned::Known) => Err("it was noted before".to_owned()),
        Some(Returned::OtherRules) => Err(format!(
            "money of {number} went back by the rules of an earlier version; reverse those entries first"
        )),
        None => Err(format!("there is no order {number}")),
    }
}

async fn ask_for_refund(db: &Db, number: &str, request: &RefundRequest) -> Result<String, String> {
    let asked = refund::ask_by_number(db, number, request, jiff::Timestamp::now())
        .await
        .map_err(|e| e.to_string())?;
    match asked {
        Some(Asked::Intended(id)) => Ok(format!("refund {id} is on its way")),
        Some(refused) => Err(why_not(number, request, &refused)),
        None => Err(format!("there is no order {number}")),
    }
}

async fn note_refund(db: &Db, number: &str, request: &RefundRequest) -> Result<String, String> {
    let stripe = StripeArgs::from_environment()?;
    let provider = Stripe::new(
        &stripe.stripe_secret_key,
        &stripe.stripe_webhook_secret,
        &stripe.stripe_api_url,
    )?;
    let noted = refund::note_by_number(db, &provider, number, request, jiff::Timestamp::now())
        .await
        .map_err(|e| e.to_string())?;
    match noted {
        Some(Noted::Booked { amount }) => Ok(format!(
            "{} {} are booked as gone back",
            amount.amount_minor,
            amount.currency.code()
        )),
        Some(Noted::NotThere) => {
            Err(format!("Stripe has no such refund of {number} that the books lack"))
        }
        Some(Noted::Several) => {
            Err(format!("Stripe has several refunds of {number}: --amount-minor must say which"))
        }
        Some(Noted::Refused(refused)) => Err(why_not(number, request, &refused)),
        None => Err(format!("there is no order {number}")),
    }
}

fn why_not(number: &str, request: &RefundRequest, refused: &Asked) -> String {
    match refused {
        Asked::Intended(id) => format!("refund {id} is on its way"),
        Asked::NotPaid => format!("{number} was not paid, or its payment goes back by itself"),
        Asked::TooMuch { left } => {
            format!("only {} {} are left of it", left.amount_minor, left.currency.code())
        }
        Asked::NoSuchPiece => {
            format!("{number} has no piece {}", request.piece.as_deref().unwrap_or_default())
        }
        Asked::OnlyWhole { left } => format!(
            "what was paid for {number} was turned back: its {} {} go back whole",
            left.amount_minor,
            left.currency.code()
        ),
        Asked::ForeignMoney => format!(
            "{number} was paid in a currency the books cannot hold: only Stripe's own page gives it back"
        ),
    }
}

async fn melt_lots(args: MeltArgs) -> Outcome {
    let now = jiff::Timestamp::now();
    let taken = |lot: String, from: TakenFrom, gross_mg: Option<i64>| Taken { lot, from, gross_mg };
    let stock = args.stock.into_iter().map(|(lot, mg)| taken(lot, TakenFrom::Stock, Some(mg)));
    let scrap = args.scrap.into_iter().map(|(lot, mg)| taken(lot, TakenFrom::Scrap, mg));
    let pieces = args.piece.into_iter();
    let pieces = pieces.map(|(serial, lot)| taken(lot, TakenFrom::Piece(serial), None));
    let request = melt::MeltRequest {
        code: args.code,
        melted_on: args.on.unwrap_or_else(|| domain::calendar::lima_date(now.as_microsecond())),
        inputs: stock.chain(scrap).chain(pieces).collect(),
        alloy_mg: args.alloy_mg,
        weighed_mg: args.weighed_mg,
        reason: args.reason,
        paper: args.paper,
    };
    let db = open(&args.database).await?;
    let made = melt::melt(&db, &request, now).await;
    db.close().await;
    let made = made.map_err(|e| e.to_string())?.map_err(|refused| refused.to_string())?;
    let melted = made.melted;
    println!(
        "lot {}: {} mg, {} mg fine, stamp {}; {} mg were lost",
        request.code,
        melted.gross_mg,
        melted.fine_mg,
        melted.fineness.permille(),
        melted.loss_mg
    );
    Ok(ExitCode::SUCCESS)
}

async fn jobs(args: JobsArgs) -> Outcome {
    let db = open(&args.database).await?;
    let told = match args.revive.as_deref() {
        None => tell::dead_jobs(&db).await,
        Some(which) => {
            let which = if which == "all" { Dead::All } else { Dead::One(which) };
            let revived = tell::revive(&db, which, jiff::Timestamp::now()).await;
            revived.map(|count| format!("{count} jobs run again\n"))
        }
    };
    db.close().await;
    print!("{}", told.map_err(|e| e.to_string())?);
    Ok(ExitCode::SUCCESS)
}

async fn mails(args: MailsArgs) -> Outcome {
    let db = open(&args.database).await?;
    let told = match &args.id {
        None => tell::mails(&db).await.map(Some),
        Some(id) => tell::mail(&db, id).await,
    };
    db.close().await;
    print!("{}", told.map_err(|e| e.to_string())?.ok_or("there is no such mail")?);
    Ok(ExitCode::SUCCESS)
}

async fn held(args: HoldsArgs) -> Outcome {
    let db = open(&args.database).await?;
    let told = tell::held(&db).await;
    db.close().await;
    print!("{}", told.map_err(|e| e.to_string())?);
    Ok(ExitCode::SUCCESS)
}

async fn readdress(args: AddressArgs) -> Outcome {
    let db = open(&args.database).await?;
    let AddressArgs { language, known, wanted, .. } = &args;
    let done = address::change(&db, *language, known, wanted).await;
    db.close().await;
    match done.map_err(|e| e.to_string())? {
        Readdressed::Done => println!("{known} leads to {wanted}"),
        Readdressed::Unknown => return Err(format!("no design has the address {known}")),
        Readdressed::Taken => {
            return Err(format!("{wanted} belongs to another design, now or formerly"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn shares(args: SharesArgs) -> Outcome {
    let db = open(&args.database).await?;
    let told = tell::shares(&db, &args.order).await;
    db.close().await;
    let never = || format!("{} is no order that was sold", args.order);
    print!("{}", told.map_err(|e| e.to_string())?.ok_or_else(never)?);
    Ok(ExitCode::SUCCESS)
}
