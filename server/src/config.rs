//! What the command line and the environment say, checked before anything starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::contact::Phone;
use domain::country::Country;
use domain::hold::HoldLimits;
use domain::language::Language;
use domain::shipping::ShippingTariff;
use domain::slug::Slug;
use domain::tax::TaxPolicy;

use crate::kernel::secret::{Secret, checked_origin};
use crate::kernel::settings::{ContactSettings, HoldRules, Settings};

/// The web shop of Divinas en Brillo de Oro.
#[derive(Debug, Parser)]
#[command(name = "server", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the shop until told to stop (Ctrl-C or SIGTERM finish what is under way).
    Serve(Box<ServeArgs>),
    /// Bring the database's schema up to date.
    Migrate(DatabaseArgs),
    /// Load the demonstration catalogue; a second time changes nothing.
    Demo(DemoArgs),
    /// Compare orders, ledger, pieces and payment provider; lists every difference, exit code 1 if any.
    Check(Box<CheckArgs>),
    /// Give back what was paid for an order, or a part of it; the running shop carries it out.
    Refund(RefundArgs),
    /// Record that a sold piece is with us again, whether its money goes back or not: its material
    /// and the loss it left are given back in the books.
    Returned(ReturnedArgs),
    /// List the jobs that gave up, with their last errors, or let them run again.
    Jobs(JobsArgs),
    /// List the newest mails, or print one. This is how to read mails when there is no mail server.
    Mails(MailsArgs),
    /// List which orders hold pieces without being paid: whose, which pieces, until when.
    Holds(HoldsArgs),
    /// Tell how the price of each piece of an order was divided, to the last cent.
    Shares(SharesArgs),
    /// Melt metal of one owner into a new lot: lots, scrap or retired pieces.
    Melt(MeltArgs),
    /// Show a design under another address in one language; its former address redirects there for
    /// ever.
    Address(AddressArgs),
    /// Take in a photograph: make all its files and keep them; a second time changes nothing.
    Photo(TakeInArgs),
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// `sqlite:data/shop.db` or `postgres://user:password@host/name`.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite:data/shop.db",
        hide_env_values = true
    )]
    pub database_url: String,
    /// Database connections of this node (readers, for SQLite).
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub database_connections: u32,
}

/// Which design gets which address.
#[derive(Debug, Clone, Args)]
pub struct AddressArgs {
    /// Where the data is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// `es` or `en`.
    #[arg(value_parser = |text: &str| Language::from_code(text).ok_or("`es` or `en`"))]
    pub language: Language,
    /// An address that the design has or had: `anillo-batea`.
    #[arg(value_parser = Slug::parse)]
    pub known: Slug,
    /// The address that it gets.
    #[arg(value_parser = Slug::parse)]
    pub wanted: Slug,
}

/// Where photographs are.
#[derive(Debug, Clone, Args)]
pub struct PhotoArgs {
    /// A folder, or `s3://bucket/prefix` with the usual AWS_* variables.
    #[arg(long, env = "PHOTO_STORE", default_value = "data/photos")]
    pub photo_store: String,
}

/// Arguments of `photo`.
#[derive(Debug, Args)]
pub struct TakeInArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub photos: PhotoArgs,
    /// A picture as wide as the page instead of a piece.
    #[arg(long)]
    pub wide: bool,
    /// The portrait of the member with this slug: it is shown while she consents.
    #[arg(long, value_name = "SLUG", conflicts_with = "wide")]
    pub portrait_of: Option<String>,
    /// The photograph: JPEG, PNG or WebP.
    pub file: PathBuf,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub photos: PhotoArgs,
    /// Folder with the demonstration's facts and photographs.
    #[arg(long, env = "DEMO_DIR", default_value = "server/demo")]
    pub demo_dir: PathBuf,
    /// Also make this many invented designs, to test the shop with a large catalogue.
    #[arg(long, default_value_t = 0)]
    pub designs: usize,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub stripe: Option<StripeArgs>,
    /// Compare only our own books, without asking the payment provider.
    #[arg(long)]
    pub no_provider: bool,
}

/// Arguments of `refund`.
#[derive(Debug, Args)]
pub struct RefundArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    /// Number of the order, e.g. `D-000147`.
    pub order: String,
    /// How much, in minor units of the order's currency; none: everything that is left of the named
    /// part.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    pub amount_minor: Option<i64>,
    /// Serial of the piece whose price goes back: only its makers' shares are reversed.
    #[arg(long, value_name = "SERIAL")]
    pub piece: Option<String>,
    /// The refund is for the shipping; with a piece, for both in proportion to what is left of
    /// each. Without a piece and without this, it is for everything that is left of the order.
    #[arg(long)]
    pub shipping: bool,
    /// Only book a refund that somebody made by hand at Stripe, after a look there with the keys of
    /// `serve` in the environment; sends no money.
    #[arg(long)]
    pub already_done: bool,
}

/// Arguments of `returned`.
#[derive(Debug, Args)]
pub struct ReturnedArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    /// Number of the order, e.g. `D-000147`.
    pub order: String,
    /// Serial of the piece that is with us again; none: all pieces of the order.
    #[arg(long, value_name = "SERIAL")]
    pub piece: Option<String>,
    /// It was inspected and is for sale again; else it waits as returned.
    #[arg(long)]
    pub for_sale: bool,
}

/// Arguments of `melt`.
#[derive(Debug, Args)]
pub struct MeltArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    /// Code of the new lot, e.g. `L-017`.
    pub code: String,
    /// Metal out of the safe: code of the lot and milligrams; may be given several times.
    #[arg(long, value_name = "LOT:MG", value_parser = lot_and_mg)]
    pub stock: Vec<(String, i64)>,
    /// Scrap that was weighed in: code of the lot, and milligrams if not all of it.
    #[arg(long, value_name = "LOT[:MG]", value_parser = lot_and_maybe_mg)]
    pub scrap: Vec<(String, Option<i64>)>,
    /// A retired piece: its serial, and the code of the lot whose metal in it is melted.
    #[arg(long, value_name = "SERIAL:LOT", value_parser = serial_and_lot)]
    pub piece: Vec<(String, String)>,
    /// The weight that came out, in milligrams.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    pub weighed_mg: i64,
    /// Base metal added, in milligrams.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    pub alloy_mg: i64,
    /// The day; none: today in Lima.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Option<jiff::civil::Date>,
    /// Why more was lost than is tolerated.
    #[arg(long)]
    pub reason: Option<String>,
    /// Title of the paper that documents it, e.g. `Acta de fundición 5`.
    #[arg(long)]
    pub paper: Option<String>,
}

fn lot_and_mg(text: &str) -> Result<(String, i64), String> {
    match lot_and_maybe_mg(text)? {
        (lot, Some(mg)) => Ok((lot, mg)),
        (lot, None) => Err(format!("how many milligrams of {lot}? Write {lot}:12000")),
    }
}

fn lot_and_maybe_mg(text: &str) -> Result<(String, Option<i64>), String> {
    let Some((lot, mg)) = text.split_once(':') else { return Ok((text.to_owned(), None)) };
    let mg = mg.parse().map_err(|_| format!("`{mg}` is no whole number of milligrams"))?;
    Ok((lot.to_owned(), Some(mg)))
}

fn serial_and_lot(text: &str) -> Result<(String, String), String> {
    let both = text.split_once(':').ok_or("the serial and the lot, e.g. 0139:L-009")?;
    Ok((both.0.to_owned(), both.1.to_owned()))
}

/// Arguments of `jobs`.
#[derive(Debug, Args)]
pub struct JobsArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    /// Lets this job, or all that gave up, run again; the running shop carries them out.
    #[arg(long, value_name = "ID|all", num_args = 0..=1, default_missing_value = "all")]
    pub revive: Option<String>,
}

/// Arguments of `mails`.
#[derive(Debug, Args)]
pub struct MailsArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    /// The mail to print, by its key in the list.
    pub id: Option<String>,
}

/// Arguments of `holds`.
#[derive(Debug, Args)]
pub struct HoldsArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
}

/// Arguments of `shares`.
#[derive(Debug, Args)]
pub struct SharesArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    /// Number of the order, e.g. `D-000147`.
    pub order: String,
}

/// How Stripe is reached.
#[derive(Debug, Clone, Args)]
pub struct StripeArgs {
    /// Secret key of the Stripe account. Only from the environment.
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    pub stripe_secret_key: Secret,
    /// Secrets of the webhook endpoint, separated by commas while one is being replaced.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", hide_env_values = true)]
    pub stripe_webhook_secret: Secret,
    /// Address of Stripe's API.
    #[arg(long, env = "STRIPE_API_URL", default_value = "https://api.stripe.com")]
    pub stripe_api_url: String,
}

impl StripeArgs {
    /// Reads only the environment, for a command that seldom asks Stripe and must not fail because
    /// of an empty variable otherwise.
    pub fn from_environment() -> Result<Self, String> {
        #[derive(Parser)]
        struct Alone {
            #[command(flatten)]
            stripe: StripeArgs,
        }
        Alone::try_parse_from(["server"]).map(|alone| alone.stripe).map_err(|_| {
            "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are not set, or STRIPE_API_URL is odd"
                .into()
        })
    }
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub database: DatabaseArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub photos: PhotoArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows a flattened group's own words")]
    pub stripe: StripeArgs,
    /// Address to listen on; port 0 takes a free one and prints it.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// Address for Prometheus to read `/metrics` from; none: no metrics. Keep it private.
    #[arg(long, env = "METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// Scheme and host under which shoppers reach the shop.
    #[arg(long, env = "PUBLIC_URL", default_value = "http://127.0.0.1:3000")]
    pub public_url: String,
    /// Origins of the hosted payment page (comma-separated) that forms may lead to.
    #[arg(
        long,
        env = "PAYMENT_PAGE_ORIGINS",
        default_value = "https://checkout.stripe.com",
        value_delimiter = ','
    )]
    pub payment_page_origins: Vec<String>,
    /// Folder that the build of the site wrote (styles, fonts, islands).
    #[arg(long, env = "SITE_DIR", default_value = "target/site")]
    pub site_dir: PathBuf,
    /// `smtp://user:password@host:587?tls=required`; none: mails are kept for the board to read.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<Secret>,
    /// Sender of mails.
    #[arg(
        long,
        env = "MAIL_FROM",
        default_value = "Divinas en Brillo de Oro <tienda@divinas.example>"
    )]
    pub mail_from: String,
    /// Where the board receives notices.
    #[arg(long, env = "BOARD_EMAIL", default_value = "junta@divinas.example")]
    pub board_email: String,
    /// E-mail shown to shoppers.
    #[arg(long, env = "CONTACT_EMAIL", default_value = "hola@divinas.example")]
    pub contact_email: String,
    /// Phone shown to shoppers.
    #[arg(long, env = "CONTACT_PHONE")]
    pub contact_phone: Option<String>,
    /// IGV in permille of the price without tax.
    #[arg(long, env = "IGV_PERMILLE", default_value_t = 180, value_parser = clap::value_parser!(u16).range(0..=500))]
    pub igv_permille: u16,
    /// Whether parcels abroad carry no IGV.
    #[arg(long, env = "EXPORTS_ZERO_RATED", default_value_t = true, action = clap::ArgAction::Set)]
    pub exports_zero_rated: bool,
    /// Expected payment fee in basis points, for estimates before a sale.
    #[arg(long, env = "PAYMENT_FEE_BPS", default_value_t = 420, value_parser = clap::value_parser!(i64).range(0..=3000))]
    pub payment_fee_bps: i64,
    /// Expected fixed part of the payment fee, in céntimos of sol.
    #[arg(long, env = "PAYMENT_FEE_FIXED_MINOR", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    pub payment_fee_fixed_minor: i64,
    /// Minutes for which a shopper's pieces are held on the payment page. Stripe leaves a page open
    /// for at least 30: with less, the shop asks it to close the page and then frees the pieces.
    #[arg(long, env = "HOLD_MINUTES", default_value_t = 31, value_parser = clap::value_parser!(i64).range(5..=1_440))]
    pub hold_minutes: i64,
    /// Days in which a piece can be changed or returned.
    #[arg(long, env = "RETURN_DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(0..=365))]
    pub return_days: u32,
    /// File with zones, prices and days of delivery (JSON); none: the built-in tariff.
    #[arg(long, env = "SHIPPING_TARIFF")]
    pub shipping_tariff: Option<PathBuf>,
    /// Job workers of this node.
    #[arg(long, env = "JOB_WORKERS", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub job_workers: u32,
    /// Writes one visitor may make in a minute; 0: no limit.
    #[arg(long, env = "WRITES_PER_MINUTE", default_value_t = 60)]
    pub writes_per_minute: u32,
    /// Pieces that may be held unpaid with one e-mail at a time; 0: no limit.
    #[arg(long, env = "HELD_PER_EMAIL", default_value_t = 5)]
    pub held_per_email: u32,
    /// Pieces that one visitor may hold unpaid at a time; 0: no limit.
    #[arg(long, env = "HELD_PER_VISITOR", default_value_t = 5)]
    pub held_per_visitor: u32,
    /// Percent of the free pieces that may be held unpaid from one network (an IPv4 address, an IPv6
    /// /64) at a time; 0: no limit.
    #[arg(long, env = "HELD_PER_NETWORK_PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub held_per_network_percent: u32,
    /// Proxies in front that append to X-Forwarded-For.
    #[arg(long, env = "TRUSTED_PROXIES", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=10))]
    pub trusted_proxies: u8,
    /// Megabytes of rendered pages kept in memory; 0: each is rendered anew.
    #[arg(long, env = "PAGE_CACHE_MB", default_value_t = 64, value_parser = clap::value_parser!(u64).range(0..=16_384))]
    pub page_cache_mb: u64,
    /// Log lines as JSON instead of text.
    #[arg(long, env = "LOG_JSON", default_value_t = false, action = clap::ArgAction::Set)]
    pub log_json: bool,
    /// Also serve the bare handlers that `make bench` compares with.
    #[arg(long, hide = true)]
    pub with_baseline_handlers: bool,
}

/// Prices and days of delivery when the environment names no other file; an example of its form.
const BUILT_IN_TARIFF: &str = include_str!("../tariff.json");

impl ServeArgs {
    /// The association's settings from these arguments, or a message that names the variable that
    /// is invalid.
    pub fn settings(&self) -> Result<Settings, String> {
        let public_url = checked_origin("PUBLIC_URL", &self.public_url)?;
        let (tariff_name, tariff_text) = match &self.shipping_tariff {
            None => ("built-in".to_owned(), BUILT_IN_TARIFF.to_owned()),
            Some(path) => {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|e| format!("SHIPPING_TARIFF: {name}: {e}"))?;
                (name, text)
            }
        };
        let tariff: ShippingTariff = serde_json::from_str(&tariff_text)
            .map_err(|e| format!("SHIPPING_TARIFF: {tariff_name}: {e}"))?;
        tariff.validate().map_err(|e| format!("SHIPPING_TARIFF: {tariff_name}: {e}"))?;
        for (name, value) in [
            ("BOARD_EMAIL", &self.board_email),
            ("CONTACT_EMAIL", &self.contact_email),
            ("MAIL_FROM", &self.mail_from),
        ] {
            if value.parse::<lettre::message::Mailbox>().is_err() {
                return Err(format!("{name}: `{value}` is not an e-mail address"));
            }
        }
        if let Some(phone) = self
            .contact_phone
            .as_deref()
            .filter(|phone| Phone::parse(phone, Country::peru()).is_err())
        {
            return Err(format!("CONTACT_PHONE: `{phone}` is not a phone number"));
        }
        Ok(Settings {
            public_url,
            tax: TaxPolicy {
                igv_permille: self.igv_permille,
                exports_zero_rated: self.exports_zero_rated,
            },
            payment_fee_bps: self.payment_fee_bps,
            payment_fee_fixed_minor: self.payment_fee_fixed_minor,
            hold_minutes: self.hold_minutes,
            holds: self.hold_rules()?,
            return_days: self.return_days,
            tariff,
            contact: ContactSettings {
                email: self.contact_email.clone(),
                phone: self.contact_phone.clone(),
            },
            mail_from: self.mail_from.clone(),
            mails_leave: self.smtp_url.is_some(),
            board_email: self.board_email.clone(),
        })
    }

    /// All nodes of a shop have the same Stripe account. A key that is derived from the account's
    /// key tells shoppers apart on all nodes, and it is not in the database.
    fn hold_rules(&self) -> Result<HoldRules, String> {
        let account = self.stripe.stripe_secret_key.reveal();
        Ok(HoldRules {
            limits: HoldLimits {
                per_mailbox: self.held_per_email,
                per_visitor: self.held_per_visitor,
                per_network_percent: self.held_per_network_percent,
            },
            key: format!("who holds pieces:{account}").parse()?,
        })
    }

    /// Origins that a form of the shop may lead to: the payment page's.
    pub fn form_targets(&self) -> Result<Vec<String>, String> {
        let mut origins = Vec::new();
        for origin in &self.payment_page_origins {
            origins.push(checked_origin("PAYMENT_PAGE_ORIGINS", origin)?);
        }
        let api = checked_origin("STRIPE_API_URL", &self.stripe.stripe_api_url)?;
        if !api.ends_with(".stripe.com") && !origins.contains(&api) {
            origins.push(api);
        }
        Ok(origins)
    }

    /// A setting that is valid but probably not intended.
    pub fn doubts(&self) -> Option<&'static str> {
        let is_public = self.public_url.to_ascii_lowercase().starts_with("https://");
        (is_public && self.trusted_proxies == 0).then_some(
            "TRUSTED_PROXIES: 0 behind a proxy that speaks TLS: all shoppers count as one, and share \
             one limit on writes and on the pieces they hold",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_built_in_tariff_holds() {
        let tariff: ShippingTariff =
            serde_json::from_str(BUILT_IN_TARIFF).expect("it is of the tariff's form");
        assert_eq!(tariff.validate(), Ok(()));
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(checked_origin("X", "https://a.example/").as_deref(), Ok("https://a.example"));
        assert_eq!(
            checked_origin("X", "https://A.Example:443").as_deref(),
            Ok("https://a.example")
        );
        assert_eq!(checked_origin("X", "http://[::1]:3000").as_deref(), Ok("http://[::1]:3000"));
        for bad in [
            "a.example",
            "https://me:secret@a.example",
            "https://a.example;x",
            "ftp://a.example",
            "https://a.example/shop",
            "https://a.example/?q",
        ] {
            assert!(checked_origin("X", bad).is_err(), "{bad}");
        }
    }
}
