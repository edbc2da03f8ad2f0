//! The mail server, reached through `lettre`.

use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use store::mail::MailRow;

use super::secret::Secret;
use super::settings::Settings;

/// How long the mail server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The result of handing a mail to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// The server took it.
    Taken,
    /// The server refused it for now.
    NotNow(String),
    /// The server refused it for good.
    Never(String),
    /// The connection broke; the server may have taken it.
    Unsure(String),
}

/// The connection to the mail server, if there is one.
#[derive(Debug)]
pub struct Mailer {
    transport: Option<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
    domain: String,
}

impl Mailer {
    /// Built from `smtp://user:password@host:587?tls=required`, `smtps://…`, or nothing.
    ///
    /// # Errors
    /// What is invalid, without the password.
    pub fn new(url: Option<&Secret>, settings: &Settings) -> Result<Self, String> {
        let from: Mailbox = settings.mail_from.parse().map_err(|e| format!("MAIL_FROM: {e}"))?;
        let transport = match url {
            None => None,
            Some(url) => Some(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal())
                    .map_err(|_| {
                        "not of the form smtp://user:password@host:587?tls=required".to_owned()
                    })?
                    .timeout(Some(PATIENCE))
                    .build(),
            ),
        };
        let domain = from.email.domain().to_owned();
        Ok(Self { transport, from, domain })
    }

    /// Whether there is a mail server at all.
    pub const fn is_configured(&self) -> bool {
        self.transport.is_some()
    }

    /// The mail as it is sent. Its Message-ID comes from its key, so that a server that gets it
    /// twice can recognise it.
    ///
    /// # Errors
    /// Why it cannot be put together.
    pub fn letter(&self, row: &MailRow) -> Result<Message, String> {
        let to: Mailbox = row.to_address.parse().map_err(|e| format!("recipient: {e}"))?;
        let builder = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(row.subject.replace(['\r', '\n'], " "))
            .message_id(Some(format!("<{}@{}>", row.id, self.domain)))
            // Automatic replies and mailing lists ignore it (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".into(),
            ));
        let letter = if row.body_html.is_empty() {
            builder.body(row.body_text.clone())
        } else {
            builder.multipart(MultiPart::alternative_plain_html(
                row.body_text.clone(),
                row.body_html.clone(),
            ))
        };
        letter.map_err(|e| e.to_string())
    }

    /// Whether the server answers at all.
    ///
    /// # Errors
    /// Why not.
    pub async fn reach(&self) -> Result<(), String> {
        let Some(transport) = &self.transport else { return Ok(()) };
        match transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("the mail server does not answer".into()),
            Err(error) => Err(format!("mail server: {error}")),
        }
    }

    /// Hands a mail to the server. Only an answer of the server counts as a refusal. After a broken
    /// connection it is unknown whether the mail was taken.
    pub async fn hand(&self, letter: Message) -> Handed {
        let Some(transport) = &self.transport else {
            return Handed::NotNow("no mail server".into());
        };
        match transport.send(letter).await {
            Ok(_) => Handed::Taken,
            Err(error) if error.is_transient() => Handed::NotNow(error.to_string()),
            Err(error) if error.is_permanent() || error.is_client() => {
                Handed::Never(error.to_string())
            }
            Err(error) => Handed::Unsure(error.to_string()),
        }
    }
}
