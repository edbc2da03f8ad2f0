//! Reads the command line and the environment. A wrong value of a variable is reported in one line
//! that begins with its name.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, CommandFactory as _, Parser as _};
use tracing_subscriber::EnvFilter;

use crate::config::Cli;

/// What is logged when `RUST_LOG` does not say otherwise.
const USUAL_LOG: &str = "info,sqlx=warn,tower_sessions_core=error";

/// Why a command line cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Misread {
    /// A variable, or the argument in its place: its name and what is wrong.
    #[error("{0}")]
    Variable(String),
    /// Any other error, and requests such as `--help`; clap writes the text.
    #[error(transparent)]
    Usage(#[from] clap::Error),
}

/// Reads arguments, the program's name first, and the environment.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Misread> {
    Cli::try_parse_from(arguments).map_err(|error| match about_variable(&error) {
        Some(message) => Misread::Variable(message),
        None => Misread::Usage(error),
    })
}

/// What is logged, from the text of `RUST_LOG`.
pub fn log_filter(text: Option<&str>) -> Result<EnvFilter, String> {
    let wanted = text.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(USUAL_LOG);
    EnvFilter::try_new(wanted).map_err(|error| format!("RUST_LOG: `{wanted}`: {error}"))
}

fn about_variable(error: &clap::Error) -> Option<String> {
    let argument = match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(argument) => argument,
        ContextValue::Strings(arguments) => arguments.first()?,
        _ => return None,
    };
    let (name, is_secret) = variable_of(argument)?;
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) if !is_secret => format!("`{value}`: "),
        _ => String::new(),
    };
    Some(match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("{name}: it is not set"),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let why = error.source().map_or_else(|| "not allowed".to_owned(), ToString::to_string);
            format!("{name}: {value}{why}")
        }
        _ => return None,
    })
}

/// The variable that can replace an argument, given as clap writes it, and whether its value is a
/// secret.
fn variable_of(argument: &str) -> Option<(String, bool)> {
    let mut command = Cli::command();
    // clap knows how its arguments are written only after the command is built.
    command.build();
    let mut all = command.get_subcommands().flat_map(clap::Command::get_arguments);
    let found: &Arg = all.find(|known| known.to_string() == argument)?;
    let name = found.get_env()?.to_str()?.to_owned();
    Some((name, found.is_hide_env_values_set()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Command;
    use crate::serve;

    /// A command line that is valid except for one value.
    fn with(flag: &str, value: &str) -> Vec<OsString> {
        let mut line = vec!["server", "serve"];
        for (usual_flag, usual) in
            [("--stripe-secret-key", "sk_test_1"), ("--stripe-webhook-secret", "whsec_1")]
        {
            if usual_flag != flag {
                line.extend([usual_flag, usual]);
            }
        }
        // Flag and value are one word, so that a value may begin with a dash.
        let differs = format!("{flag}={value}");
        line.push(&differs);
        line.into_iter().map(OsString::from).collect()
    }

    /// The error that this value causes at the start; empty when it is valid.
    fn said(flag: &str, value: &str) -> String {
        match read(with(flag, value)) {
            Err(misread) => misread.to_string(),
            Ok(Cli { command: Command::Serve(args) }) => {
                serve::prepared(&args).err().unwrap_or_default()
            }
            Ok(_) => "not what was asked".to_owned(),
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name_of_its_variable() {
        for (name, value) in [
            ("STRIPE_SECRET_KEY", ""),
            ("STRIPE_SECRET_KEY", "pk_test_1"),
            ("STRIPE_SECRET_KEY", "sk_"),
            ("STRIPE_SECRET_KEY", "sk_test_1\n2"),
            ("STRIPE_SECRET_KEY", "sk_test_ñ"),
            ("STRIPE_WEBHOOK_SECRET", ","),
            ("STRIPE_WEBHOOK_SECRET", "whsec_1,"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_"),
            ("STRIPE_WEBHOOK_SECRET", "sk_test_1"),
            ("STRIPE_API_URL", "api.stripe.com"),
            ("PUBLIC_URL", "shop.example"),
            ("PAYMENT_PAGE_ORIGINS", "https://checkout.stripe.com,x"),
            ("LISTEN", "3000"),
            ("METRICS_LISTEN", "here"),
            ("DATABASE_CONNECTIONS", "0"),
            ("SMTP_URL", "mail.example"),
            ("MAIL_FROM", "nobody"),
            ("BOARD_EMAIL", "junta@"),
            ("CONTACT_EMAIL", "hola"),
            ("CONTACT_PHONE", "call us"),
            ("IGV_PERMILLE", "18%"),
            ("EXPORTS_ZERO_RATED", "maybe"),
            ("PAYMENT_FEE_BPS", "5000"),
            ("PAYMENT_FEE_FIXED_MINOR", "0.3"),
            ("HOLD_MINUTES", "4"),
            ("RETURN_DAYS", "366"),
            ("SHIPPING_TARIFF", "/no/such/file.json"),
            ("JOB_WORKERS", "65"),
            ("WRITES_PER_MINUTE", "many"),
            ("HELD_PER_EMAIL", "1.5"),
            ("HELD_PER_VISITOR", "-1"),
            ("HELD_PER_NETWORK_PERCENT", "101"),
            ("TRUSTED_PROXIES", "10.0.0.1"),
            ("TRUSTED_PROXIES", "11"),
            ("PAGE_CACHE_MB", "99999999999999"),
            ("LOG_JSON", "2"),
        ] {
            let flag = format!("--{}", name.to_lowercase().replace('_', "-"));
            let said = said(&flag, value);
            assert!(said.starts_with(&format!("{name}: ")), "{name}={value}: {said}");
            assert!(!name.starts_with("STRIPE_SECRET") || !said.contains("test_1"), "{said}");
        }
    }

    #[test]
    fn a_melt_is_read_as_it_is_written() {
        let line = "server melt L-020 --stock L-005:12000 --scrap L-006 --scrap L-007:40 --piece 0139:L-009 \
                    --weighed-mg 31000 --on 2026-11-20";
        match read(line.split_whitespace().map(OsString::from)) {
            Ok(Cli { command: Command::Melt(args) }) => {
                assert_eq!(args.stock, [("L-005".to_owned(), 12_000)]);
                assert_eq!(
                    args.scrap,
                    [("L-006".to_owned(), None), ("L-007".to_owned(), Some(40))]
                );
                assert_eq!(args.piece, [("0139".to_owned(), "L-009".to_owned())]);
            }
            other => panic!("{other:?}"),
        }
        for wrong in ["--stock L-005", "--scrap L-005:many", "--piece 0139"] {
            let line = format!("server melt L-020 {wrong} --weighed-mg 5");
            assert!(read(line.split_whitespace().map(OsString::from)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_set_is_named() {
        let line = ["server", "serve", "--stripe-secret-key", "sk_test_1"].map(OsString::from);
        let said = read(line).map(|_| ()).map_err(|misread| misread.to_string());
        if std::env::var_os("STRIPE_WEBHOOK_SECRET").is_none() {
            assert_eq!(said, Err("STRIPE_WEBHOOK_SECRET: it is not set".into()));
        }
        assert!(matches!(read(["server", "--help"].map(OsString::from)), Err(Misread::Usage(_))));
        assert!(matches!(read(["server", "sing"].map(OsString::from)), Err(Misread::Usage(_))));
    }

    #[test]
    fn a_proxy_that_nobody_trusts_is_doubted() {
        let doubt = |url: &str, proxies: &str| {
            let mut line = with("--public-url", url);
            line.extend(["--trusted-proxies", proxies].map(OsString::from));
            match read(line) {
                Ok(Cli { command: Command::Serve(args) }) => args.doubts(),
                _ => None,
            }
        };
        let said = doubt("https://shop.example", "0");
        assert!(said.is_some_and(|said| said.starts_with("TRUSTED_PROXIES: ")), "{said:?}");
        assert_eq!(doubt("https://shop.example", "1"), None);
        assert_eq!(doubt("http://127.0.0.1:3000", "0"), None);
    }

    #[test]
    fn what_is_logged_is_understood_or_refused() {
        for good in [None, Some(""), Some("warn"), Some("info,sqlx=debug")] {
            assert!(log_filter(good).is_ok(), "{good:?}");
        }
        let refused = log_filter(Some("info,sqlx=loud")).map(|_| ());
        assert!(refused.is_err_and(|said| said.starts_with("RUST_LOG: ")));
    }

    #[test]
    fn every_variable_is_in_the_example() {
        let example = include_str!("../../.env.example");
        let command = Cli::command();
        let known = command
            .get_subcommands()
            .flat_map(clap::Command::get_arguments)
            .filter_map(|argument| argument.get_env()?.to_str())
            .chain(["RUST_LOG", "DATA_DIR", "DEMO", "DESIGNS", "SIMULATOR_LISTEN"])
            .chain(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT"])
            .chain(["AWS_ALLOW_HTTP"]);
        for name in known {
            let stands = |line: &str| {
                line.trim_start_matches('#').split_once('=').is_some_and(|(left, _)| left == name)
            };
            assert!(example.lines().any(stands), "{name} is missing in .env.example");
        }
    }
}
