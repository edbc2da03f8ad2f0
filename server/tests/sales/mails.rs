//! Mails reach the mail server once, or stay where the board reads them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::backend::shop::MailedCopy;
use server::kernel::mailer::Mailer;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::test_shop::{TestShop, piece, settings};
use crate::support::TestDb;

on_both_engines!(
    a_mail_is_sent_once,
    a_busy_server_gets_it_later,
    a_server_that_refuses_is_not_asked_again,
    a_broken_line_is_never_followed_by_a_second_mail,
    a_process_that_died_handing_it_over_does_not_send_it_again,
    a_server_that_is_away_gets_it_when_it_is_back,
    without_a_mail_server_it_is_kept_and_not_called_sent,
);

/// How the mail server behaves after the message was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Takes,
    BusyOnce,
    Refuses,
    HangsUp,
}

/// A mail server that remembers what it was given.
pub(super) struct MailServer {
    url: String,
    messages: Arc<AtomicUsize>,
    pub(super) texts: Arc<tokio::sync::Mutex<Vec<String>>>,
}

impl MailServer {
    pub(super) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (messages, texts) =
            (Arc::new(AtomicUsize::new(0)), Arc::new(tokio::sync::Mutex::new(Vec::new())));
        let (count, kept) = (Arc::clone(&messages), Arc::clone(&texts));
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(converse(line, manner, Arc::clone(&count), Arc::clone(&kept)));
            }
        });
        Self { url, messages, texts }
    }

    pub(super) fn mailer(&self) -> Mailer {
        Mailer::new(Some(&self.url.parse().unwrap()), &settings()).unwrap()
    }

    fn count(&self) -> usize {
        self.messages.load(Ordering::SeqCst)
    }
}

async fn converse(
    line: TcpStream,
    manner: Manner,
    count: Arc<AtomicUsize>,
    kept: Arc<tokio::sync::Mutex<Vec<String>>>,
) {
    let (reader, mut writer) = line.into_split();
    let mut lines = BufReader::new(reader).lines();
    let _ = writer.write_all(b"220 mail.example ready\r\n").await;
    while let Ok(Some(command)) = lines.next_line().await {
        let verb = command.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "DATA" => {
                let _ = writer.write_all(b"354 go on\r\n").await;
                let mut text = String::new();
                while let Ok(Some(part)) = lines.next_line().await {
                    if part == "." {
                        break;
                    }
                    text.push_str(&part);
                    text.push('\n');
                }
                let before = count.fetch_add(1, Ordering::SeqCst);
                kept.lock().await.push(text);
                match manner {
                    Manner::Takes => b"250 taken\r\n",
                    Manner::BusyOnce if before == 0 => b"451 busy\r\n",
                    Manner::BusyOnce => b"250 taken\r\n",
                    Manner::Refuses => b"554 no\r\n",
                    Manner::HangsUp => return,
                }
            }
            "QUIT" => b"221 good bye\r\n",
            _ => b"250 ok\r\n",
        };
        if writer.write_all(answer).await.is_err() {
            return;
        }
    }
}

const STATE: &str = "SELECT state FROM mail WHERE dedup_key = $1";

/// Pays an order and checks that its page says the same of the mail. Returns the state of the mail.
async fn mail_of_an_order(test_shop: &TestShop) -> String {
    let order = test_shop.order("mail", &[piece(0, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.settle_down().await;
    assert_eq!(test_shop.dead_jobs().await, []);
    let state = test_shop.text(STATE, &format!("received:{order}")).await;
    let told = if state == "sent" { MailedCopy::Sent } else { MailedCopy::Kept };
    assert_eq!(test_shop.see(&order).await.copy, told, "{state}");
    state
}

async fn a_mail_is_sent_once(test: TestDb) {
    let server = MailServer::start(Manner::Takes).await;
    let test_shop = TestShop::with_mailer(test, server.mailer()).await;
    assert_eq!(mail_of_an_order(&test_shop).await, "sent");
    assert_eq!(server.count(), 1);
    let text = server.texts.lock().await[0].clone();
    let id =
        test_shop.text("SELECT id FROM mail WHERE order_id IS NOT NULL AND $1 <> ''", "x").await;
    assert!(text.contains(&format!("Message-ID: <{id}@shop.example>")), "{text}");
    assert!(text.contains("multipart/alternative") && text.contains("D-000001"));
}

async fn a_busy_server_gets_it_later(test: TestDb) {
    let server = MailServer::start(Manner::BusyOnce).await;
    let test_shop = TestShop::with_mailer(test, server.mailer()).await;
    assert_eq!(mail_of_an_order(&test_shop).await, "sent");
    assert_eq!(server.count(), 2);
}

async fn a_server_that_refuses_is_not_asked_again(test: TestDb) {
    let server = MailServer::start(Manner::Refuses).await;
    let test_shop = TestShop::with_mailer(test, server.mailer()).await;
    assert_eq!(mail_of_an_order(&test_shop).await, "failed");
    assert_eq!(server.count(), 1);
}

async fn a_broken_line_is_never_followed_by_a_second_mail(test: TestDb) {
    let server = MailServer::start(Manner::HangsUp).await;
    let test_shop = TestShop::with_mailer(test, server.mailer()).await;
    assert_eq!(mail_of_an_order(&test_shop).await, "unsure");
    assert_eq!(server.count(), 1);
}

async fn a_process_that_died_handing_it_over_does_not_send_it_again(test: TestDb) {
    let server = MailServer::start(Manner::Takes).await;
    let test_shop = TestShop::with_mailer(test, server.mailer()).await;
    assert_eq!(mail_of_an_order(&test_shop).await, "sent");
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    tx.query("UPDATE mail SET state = 'sending'").execute().await.unwrap();
    tx.query("UPDATE job SET state = 'ready' WHERE kind = 'send_mail'").execute().await.unwrap();
    tx.commit().await.unwrap();
    test_shop.settle_down().await;
    assert_eq!(test_shop.text("SELECT state FROM mail WHERE $1 <> ''", "x").await, "unsure");
    assert_eq!(server.count(), 1);
}

async fn a_server_that_is_away_gets_it_when_it_is_back(test: TestDb) {
    let parked = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = parked.local_addr().unwrap();
    drop(parked);
    let mailer =
        Mailer::new(Some(&format!("smtp://{address}").parse().unwrap()), &settings()).unwrap();
    let test_shop = TestShop::with_mailer(test, mailer).await;
    let order = test_shop.order("mail", &[piece(0, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    assert_eq!(test_shop.text(STATE, &format!("received:{order}")).await, "queued");
    assert_eq!(test_shop.see(&order).await.copy, MailedCopy::OnItsWay);
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            tokio::spawn(converse(line, Manner::Takes, Arc::default(), Arc::default()));
        }
    });
    test_shop.settle_down().await;
    assert_eq!(test_shop.text(STATE, &format!("received:{order}")).await, "sent");
}

async fn without_a_mail_server_it_is_kept_and_not_called_sent(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    assert_eq!(mail_of_an_order(&test_shop).await, "kept");
}
