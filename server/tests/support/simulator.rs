//! The Stripe simulator as a process of one test, a shopper on its pay page, and a receiver of its
//! webhooks. All requests go over HTTP, exactly as to Stripe.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use std::io::{BufRead as _, BufReader};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Key of the account.
pub(crate) const KEY: &str = "sk_test_of_a_test";
/// What webhooks are signed with.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_of_a_test";

/// A running simulator; it ends with the test.
pub(crate) struct Simulator {
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
    process: Child,
}

impl Simulator {
    /// Starts one on a free port; `more` are further arguments.
    pub(crate) fn start(more: &[&str]) -> Self {
        let mut process = Command::new(program())
            .args([
                "--listen",
                "127.0.0.1:0",
                "--secret-key",
                KEY,
                "--webhook-secret",
                WEBHOOK_SECRET,
            ])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .expect("the first line names the address")
            .to_owned();
        Self { url, process }
    }

    fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// A request with a body of any form, and its answer: status, `Location`, body.
    async fn ask(&self, method: &str, path: &str, form: &str, body: &str) -> Answer {
        let mut line = TcpStream::connect(self.host()).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {form}\r\nContent-Length: {}\r\n\r\n{body}",
            self.host(),
            body.len()
        );
        line.write_all(request.as_bytes()).await.unwrap();
        let mut raw = String::new();
        line.read_to_string(&mut raw).await.unwrap();
        let (head, body) = raw.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap();
        let location =
            head.lines().find_map(|line| line.strip_prefix("location: ")).map(str::to_owned);
        Answer { status, location, body: body.to_owned() }
    }

    /// The shopper posts the form of a pay page.
    pub(crate) async fn pay(&self, page_url: &str, fields: &str) -> Answer {
        let path = page_url.strip_prefix(&self.url).expect("the pay page is the simulator's");
        self.ask("POST", path, "application/x-www-form-urlencoded", fields).await
    }

    /// A request to the control API.
    pub(crate) async fn control(&self, path: &str, json: &str) -> Answer {
        let answer =
            self.ask("POST", &format!("/_simulator/{path}"), "application/json", json).await;
        assert_eq!(answer.status, 200, "{path} {json}: {}", answer.body);
        answer
    }

    /// How many sessions of this state there are.
    pub(crate) async fn sessions(&self, state: &str) -> u64 {
        let answer = self.ask("GET", "/_simulator/summary", "application/json", "").await;
        let summary: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        summary["sessions"][state].as_u64().unwrap_or(0)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

/// `SIMULATOR_BIN`, or what cargo built beside this test.
fn program() -> PathBuf {
    let beside = || {
        let test = std::env::current_exe().unwrap();
        test.parent().and_then(|deps| deps.parent()).unwrap().join("stripe-simulator")
    };
    let program = std::env::var_os("SIMULATOR_BIN").map_or_else(beside, PathBuf::from);
    assert!(
        program.is_file(),
        "{} is missing: `cargo build -p stripe-simulator` makes it, or SIMULATOR_BIN names another",
        program.display()
    );
    program
}

/// Notifications as they came: signature and raw body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ear(Arc<Mutex<Vec<Heard>>>);

/// Signature and raw body.
type Heard = (String, Vec<u8>);

impl Ear {
    /// Starts to listen. Returns the address for webhooks.
    pub(crate) async fn open() -> (Self, String) {
        let ear = Self::default();
        let heard = ear.clone();
        let hear = move |headers: axum::http::HeaderMap, body: axum::body::Bytes| async move {
            let signature = headers
                .get("stripe-signature")
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned();
            heard.0.lock().unwrap().push((signature, body.to_vec()));
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let site = axum::Router::new().route("/webhooks", axum::routing::post(hear));
        tokio::spawn(async move { axum::serve(listener, site).await.unwrap() });
        (ear, url)
    }

    /// Waits until the body of some notification contains `text`.
    pub(crate) async fn wait_for(&self, text: &str) -> Heard {
        for _ in 0..200 {
            let heard = self.0.lock().unwrap().clone();
            if let Some(found) =
                heard.into_iter().find(|(_, body)| String::from_utf8_lossy(body).contains(text))
            {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no notification with `{text}` came within ten seconds");
    }
}
