//! Mails: each is written once, kept, and handed to the mail server at most once.
//!
//! A mail is `queued` when written and `sending` from just before it is handed over. A process that
//! dies in between leaves it `sending`. Then nobody knows whether the server took it, so it becomes
//! `unsure` and is not sent again automatically. Without a mail server every mail is `kept` for the
//! board to read.

use store::ids::new_key;
use store::mail::{self, Change, MailRow, MailState};
use store::text::Text;
use store::{order, version};

use app::backend::shop::{Contents, Visit};
use app::mail::{MailContext, foreign_money, given_back, order_received, refunded_in_full};
use domain::calendar::lima_date;
use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;

use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::mailer::{Handed, Mailer};
use crate::sales::{Shop, order_view, refund};

/// Writes the mail for a reason (`received:<order>`, `refunded:<order>`, `foreign:<order>`,
/// `given_back:<refund>`, or one that is written already) and hands it over.
pub async fn deliver(shop: &Shop, mailer: &Mailer, reason: &str, now: Timestamp) -> ShopResult<()> {
    let row = match mail::by_reason(&shop.db, reason).await? {
        Some(row) => row,
        None => write(shop, mailer, reason, now).await?,
    };
    match row.state {
        MailState::Queued => hand_over(shop, mailer, &row, now).await,
        // The process that began to hand it over died.
        MailState::Sending => {
            mail::advance(
                &shop.db,
                &row.id,
                Change::between(MailState::Sending, MailState::Unsure)
                    .because("the process ended while handing it over"),
            )
            .await?;
            tracing::error!(mail = %row.id, "a mail may or may not have been sent; it is not sent again");
            Ok(())
        }
        MailState::Sent | MailState::Kept | MailState::Failed | MailState::Unsure => Ok(()),
    }
}

/// Renders and stores the mail of a reason.
async fn write(shop: &Shop, mailer: &Mailer, reason: &str, now: Timestamp) -> ShopResult<MailRow> {
    let no_mail = || ShopError::Internal(format!("no mail is written for `{reason}`").into());
    let (kind, id) = reason.split_once(':').ok_or_else(no_mail)?;
    let gave_back = match kind {
        "given_back" => {
            let id = id.parse().map_err(|_| no_mail())?;
            Some(store::refund::by_id(&shop.db, &id).await?.ok_or_else(no_mail)?)
        }
        _ => None,
    };
    let order_id = match &gave_back {
        Some(row) => row.order_id.clone(),
        None => id.parse().map_err(|_| no_mail())?,
    };
    let order = order::by_id(&shop.db, &order_id).await?.ok_or_else(no_mail)?;
    let language = Language::from_code(&order.language).ok_or_else(no_mail)?;
    let shop = &shop.at(version::current(&shop.db).await?);
    let mut visit = Visit {
        language,
        currency: Currency::default(),
        currencies: vec![Currency::default()],
        today: lima_date(now.as_microsecond()),
        now,
        bag_count: 0,
        path: String::new(),
        public_url: shop.settings.public_url.clone(),
        demo: false,
        has: Contents::EVERYTHING,
    };
    shop.catalogue.describe(&mut visit).await?;
    let demo = visit.demo;
    let (order_id, to_address) = (order.id.clone(), order.email.clone());
    let view = order_view::of(shop, &visit, order).await?;
    let context = MailContext { language, public_url: &shop.settings.public_url, demo };
    let written = match kind {
        "received" => order_received(context, &view),
        "refunded" => {
            let back = view.turned_back.as_ref().ok_or_else(no_mail)?;
            refunded_in_full(context, &view, back)
        }
        "foreign" => foreign_money(context, &view),
        "given_back" => {
            let row = gave_back.as_ref().ok_or_else(no_mail)?;
            given_back(context, &view, refund::amount_of(row)?)
        }
        _ => return Err(no_mail()),
    };
    let row = MailRow {
        id: new_key(),
        dedup_key: reason.to_owned(),
        order_id: Some(Text(order_id)),
        to_address,
        subject: written.subject,
        body_text: written.text,
        body_html: written.html,
        state: if mailer.is_configured() { MailState::Queued } else { MailState::Kept },
        created_at_us: now.as_microsecond(),
    };
    if mail::write_once(&shop.db, &row).await? {
        return Ok(row);
    }
    // Another worker was faster: its mail counts.
    mail::by_reason(&shop.db, reason).await?.ok_or_else(no_mail)
}

async fn hand_over(shop: &Shop, mailer: &Mailer, row: &MailRow, now: Timestamp) -> ShopResult<()> {
    if !mailer.is_configured() {
        mail::advance(&shop.db, &row.id, Change::between(MailState::Queued, MailState::Kept))
            .await?;
        return Ok(());
    }
    let letter = match mailer.letter(row) {
        Ok(letter) => letter,
        Err(why) => {
            mail::advance(
                &shop.db,
                &row.id,
                Change::between(MailState::Queued, MailState::Failed).because(&why),
            )
            .await?;
            tracing::error!(mail = %row.id, %why, "a mail cannot be put together");
            return Ok(());
        }
    };
    // The server is tried before the mail becomes `sending`.
    let reached = mailer.reach().await;
    shop.last_uses.mail.note(reached.is_ok());
    reached.map_err(|why| ShopError::Unavailable(why.into()))?;
    if !mail::advance(&shop.db, &row.id, Change::between(MailState::Queued, MailState::Sending))
        .await?
    {
        return Ok(());
    }
    let now_us = now.as_microsecond();
    let handed = mailer.hand(letter).await;
    // A server that refuses a mail is working.
    shop.last_uses.mail.note(matches!(handed, Handed::Taken | Handed::Never(_)));
    match handed {
        Handed::Taken => {
            mail::advance(
                &shop.db,
                &row.id,
                Change {
                    sent_at_us: Some(now_us),
                    ..Change::between(MailState::Sending, MailState::Sent)
                },
            )
            .await?;
            metrics::counter!("mails_sent_total").increment(1);
            Ok(())
        }
        Handed::NotNow(why) => {
            mail::advance(
                &shop.db,
                &row.id,
                Change::between(MailState::Sending, MailState::Queued).because(&why),
            )
            .await?;
            Err(ShopError::Unavailable(why.into()))
        }
        Handed::Never(why) => {
            mail::advance(
                &shop.db,
                &row.id,
                Change::between(MailState::Sending, MailState::Failed).because(&why),
            )
            .await?;
            tracing::error!(mail = %row.id, %why, "the mail server refuses a mail");
            Ok(())
        }
        Handed::Unsure(why) => {
            mail::advance(
                &shop.db,
                &row.id,
                Change::between(MailState::Sending, MailState::Unsure).because(&why),
            )
            .await?;
            tracing::error!(mail = %row.id, %why, "a mail may or may not have been sent; it is not sent again");
            Ok(())
        }
    }
}
