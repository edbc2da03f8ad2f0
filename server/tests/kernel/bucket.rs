//! Photographs in a bucket: the program as it is started, with a store that speaks S3 and with
//! others that do not keep what they are given.
//!
//! The store comes from `TEST_S3_URL` (`make test` starts one). Without it those tests report this
//! and pass only when `TEST_S3_OPTIONAL=1`.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode, header};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// The folder for a shop of one test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("divinas-bucket-{}", store::ids::new_id()));
        std::fs::create_dir_all(folder.join("site")).unwrap();
        std::fs::write(folder.join("site/assets.json"), r#"{"assets":{}}"#).unwrap();
        Self(folder)
    }

    /// The program with everything it needs, its photographs in a bucket at `endpoint`.
    fn server(&self, endpoint: &str, bucket: &str) -> Command {
        let mut server = Command::new(env!("CARGO_BIN_EXE_server"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            server.env_remove(name);
        }
        server
            .env("PHOTO_STORE", format!("s3://{bucket}/shop"))
            .env("AWS_ENDPOINT", endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("DATABASE_URL", format!("sqlite:{}", self.0.join("shop.db").display()))
            .env("SITE_DIR", self.0.join("site"))
            .env("LISTEN", "127.0.0.1:0")
            .env("STRIPE_SECRET_KEY", "sk_test_1")
            .env("STRIPE_WEBHOOK_SECRET", "whsec_1")
            .env("RUST_LOG", "warn")
            .env_remove("METRICS_LISTEN");
        server
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// Serves `site` on a free port. Returns its address.
async fn serve(site: axum::Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, site).await.unwrap() });
    url
}

/// A server that answers every request with `answer`. Returns its address.
async fn answering(
    answer: impl Fn(&Method, &Bytes) -> Response + Clone + Send + Sync + 'static,
) -> String {
    let handle = move |method: Method, body: Bytes| {
        let response = answer(&method, &body);
        async move { response }
    };
    serve(axum::Router::new().fallback(handle)).await
}

fn taken() -> Response {
    ([(header::ETAG, "\"1\"")], "").into_response()
}

fn refusal(status: StatusCode, code: &str) -> Response {
    (status, format!("<Error><Code>{code}</Code></Error>")).into_response()
}

fn given(body: &'static str) -> Response {
    let headers =
        [(header::ETAG, "\"1\""), (header::LAST_MODIFIED, "Thu, 26 Nov 2026 18:00:00 GMT")];
    (headers, body).into_response()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_answers_wrongly_stops_the_start() {
    let place = Place::new();
    let denied = |_: &Method, _: &Bytes| refusal(StatusCode::FORBIDDEN, "AccessDenied");
    let missing = |_: &Method, _: &Bytes| refusal(StatusCode::NOT_FOUND, "NoSuchBucket");
    let page = |_: &Method, _: &Bytes| "<html>Welcome!</html>".into_response();
    let forgetful = |method: &Method, _: &Bytes| match *method {
        Method::GET => given("something else"),
        _ => taken(),
    };
    let (denied, missing, page, forgetful) = (
        answering(denied).await,
        answering(missing).await,
        answering(page).await,
        answering(forgetful).await,
    );
    for (endpoint, step, hint) in [
        (&denied, "writing a probe", "AWS_ACCESS_KEY_ID"),
        (&missing, "writing a probe", "is there such a bucket"),
        (&page, "writing a probe", "is AWS_ENDPOINT a store that speaks S3?"),
        (&forgetful, "reading a probe", "something else than was written"),
    ] {
        let mut command = place.server(endpoint, "photos");
        command.arg("serve");
        let output = run(command).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{said}");
        let line = said.lines().find(|line| line.starts_with("server: ")).unwrap_or_default();
        let named = "server: PHOTO_STORE: `s3://photos/shop` cannot hold photos: ";
        assert!(line.starts_with(&format!("{named}{step}")) && line.contains(hint), "{said}");
        assert!(output.stdout.is_empty(), "nothing listens");
    }
    let mut forbidden = place.server(&denied, "photos");
    forbidden.env("AWS_ALLOW_HTTP", "false").arg("serve");
    let said = run(forbidden).await;
    let said = String::from_utf8_lossy(&said.stderr);
    assert!(said.contains("PHOTO_STORE: ") && said.contains("AWS_ALLOW_HTTP"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_late_is_tried_again() {
    let place = Place::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let content = Arc::new(std::sync::Mutex::new(Bytes::new()));
    let url = answering(move |method, body| {
        // The store fails for the first try and its retries.
        if asked.fetch_add(1, Ordering::SeqCst) < 4 {
            return refusal(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
        }
        match *method {
            Method::PUT => {
                *content.lock().unwrap() = body.clone();
                taken()
            }
            Method::GET => {
                let mut response = given("");
                *response.body_mut() = content.lock().unwrap().clone().into();
                response
            }
            // Objects are deleted by a list.
            _ => "<DeleteResult><Deleted><Key>x</Key></Deleted></DeleteResult>".into_response(),
        }
    })
    .await;
    let mut command = place.server(&url, "photos");
    command.arg("serve");
    let output = run(command).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("PHOTO_STORE does not answer and is tried again"), "{said}");
    assert!(
        said.contains("server: DATABASE_URL: the schema is not up to date"),
        "then it went on: {said}"
    );
}

/// A connection to the store that can be cut.
struct Line {
    url: String,
    open: Arc<AtomicBool>,
}

impl Line {
    async fn to(store: &str) -> Self {
        let store = store.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let open = Arc::new(AtomicBool::new(true));
        let is_open = Arc::clone(&open);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (store, is_open) = (store.clone(), Arc::clone(&is_open));
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(store).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        () = async { while is_open.load(Ordering::SeqCst) { tokio::time::sleep(Duration::from_millis(20)).await } } => {}
                    }
                });
            }
        });
        Self { url, open }
    }
}

/// Status, head and body of an answer.
async fn ask(method: &str, url: &str) -> (u16, String, Vec<u8>) {
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut line = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    line.write_all(request.as_bytes()).await.unwrap();
    let mut raw = Vec::new();
    line.read_to_end(&mut raw).await.unwrap();
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&raw[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap();
    (status, head, raw[end + 4..].to_vec())
}

/// The shop while it runs.
struct Running {
    process: Child,
    url: String,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut process = command.arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("it listens").to_owned();
        Self { process, url }
    }

    /// Waits until the node says whether it is ready.
    async fn is_ready(&self, status: u16) -> String {
        let mut last = (0, String::new());
        for _ in 0..100 {
            let (now, _, body) = ask("GET", &format!("{}/readyz", self.url)).await;
            last = (now, String::from_utf8_lossy(&body).into_owned());
            if now == status {
                return last.1;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("not {status} within 20 seconds: {last:?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_runs_on_a_bucket() {
    let Ok(store) = std::env::var("TEST_S3_URL") else {
        let optional = std::env::var("TEST_S3_OPTIONAL").is_ok_and(|v| v == "1");
        assert!(optional, "TEST_S3_URL is not set: `make test` starts a store for the tests");
        return;
    };
    let bucket = format!("photos-{}", store::ids::new_id());
    let line = Line::to(&store).await;
    let place = Place::new();
    let server = |what: &[&str]| {
        let mut command = place.server(&line.url, &bucket);
        command.args(what);
        command
    };
    // The store is not there yet: the error names it, and nothing is served.
    let none = run(server(&["serve"])).await;
    let said = String::from_utf8_lossy(&none.stderr);
    assert!(said.contains(&format!("PHOTO_STORE: `s3://{bucket}/shop`")), "{said}");
    assert_eq!(ask("PUT", &format!("{store}/{bucket}")).await.0, 200);

    assert!(run(server(&["migrate"])).await.status.success());
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/phone-orientation-1.jpg");
    let photo = run(server(&["photo", fixture])).await;
    let said = String::from_utf8_lossy(&photo.stdout).into_owned();
    assert!(photo.status.success(), "{}", String::from_utf8_lossy(&photo.stderr));
    let key = said.lines().find(|line| line.ends_with(".jpg")).expect("a file of it").to_owned();

    let shop = Running::start(place.server(&line.url, &bucket));
    shop.is_ready(200).await;
    let (status, head, body) = ask("GET", &format!("{}/{key}", shop.url)).await;
    assert_eq!(status, 200, "{head}");
    assert!(head.contains("content-type: image/jpeg") && body.starts_with(&[0xff, 0xd8]), "{head}");
    let (status, ..) = ask("GET", &format!("{}/photos/0123456789abcdef/480.jpg", shop.url)).await;
    assert_eq!(status, 404, "what is not there is not there");

    // The store goes away and comes back; pages are shown all the while.
    line.open.store(false, Ordering::SeqCst);
    assert!(shop.is_ready(503).await.contains("photographs"));
    assert_eq!(ask("GET", &format!("{}/{key}", shop.url)).await.0, 502);
    assert_eq!(ask("GET", &format!("{}/es", shop.url)).await.0, 200);
    line.open.store(true, Ordering::SeqCst);
    shop.is_ready(200).await;
    assert_eq!(ask("GET", &format!("{}/{key}", shop.url)).await.0, 200);
}
