//! The site on a real connection: what happens below the router.

use std::time::Duration;

use server::http::listen;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::site::{OURS, Site};
use crate::support::TestDb;

struct Wire {
    site: Site,
    address: std::net::SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Wire {
    async fn open() -> Self {
        let site = Site::open(TestDb::sqlite().await).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let serving = tokio::spawn(listen(listener, site.router.clone(), stopping));
        Self { site, address, stop, serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends everything before it reads anything, as browsers do, then reads to the end.
    async fn send(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        let reading =
            tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
        reading.await.expect("the connection ends").unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn post(path: &str, more: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: shop.example\r\nOrigin: {OURS}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{more}Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_megabytes_are_answered_with_a_page() {
    let wire = Wire::open().await;
    let body = "x".repeat(10 << 20);
    for (path, lang) in [("/es/compra", "lang=\"es\""), ("/en/checkout", "lang=\"en\"")] {
        let answer = wire.send(&post(path, "", &body)).await;
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains(lang), "{answer:.300}");
    }
}

/// A request may be refused before, while or after its body is read. The client always receives the
/// reason.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_too_large_is_answered_before_the_connection_closes() {
    let wire = Wire::open().await;
    let chunked = |path: &str, origin: &str, length: usize| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: shop.example\r\nOrigin: {origin}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n"
        );
        [head.as_bytes(), "x".repeat(length).as_bytes(), b"\r\n0\r\n\r\n"].concat()
    };
    for length in [2 << 20, 6 << 20, 20 << 20] {
        let body = "x".repeat(length);
        for (request, status) in [
            (post("/webhooks/stripe", "", &body), 413),
            (chunked("/webhooks/stripe", OURS, length), 413),
            (post("/es/compra", "", &body), 413),
            (chunked("/en/bag/add", OURS, length), 413),
            (post("/es/pedido/x/cancelar", "", &body), 413),
            (chunked("/es/compra", "https://evil.example", length), 303),
            (post("/es/no-such", "", &body), 413),
            (post("/robots.txt", "", &body), 405),
            (post("/photos/x/y.jpg", "", &body), 405),
        ] {
            let answer = wire.send(&request).await;
            let line = request.split(|byte| *byte == b'\r').next().unwrap();
            let line = String::from_utf8_lossy(line);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {answer:.200}");
        }
    }
    // A client that asks first is refused and need not send the body.
    let asks = format!(
        "POST /es/compra HTTP/1.1\r\nHost: shop.example\r\nOrigin: {OURS}\r\nExpect: 100-continue\r\n\
         Content-Length: {}\r\n\r\n",
        6 << 20
    );
    let answer = wire.send(asks.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer:.200}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_is_never_two() {
    let wire = Wire::open().await;
    let smuggled = "GET /es HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    let both =
        wire.send(&post("/es/bolsa/agregar", "Transfer-Encoding: chunked\r\n", &chunked)).await;
    assert_eq!(both.matches("HTTP/1.1 ").count(), 1, "{both:.400}");
    for more in [
        "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "X: a\r\n b\r\n",
        "X\0: a\r\n",
    ] {
        let answer = wire.send(&post("/es/bolsa/agregar", more, "piece=piece-0-0")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{more:?}: {answer:.200}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{more:?}");
    }
    let heads = format!(
        "GET /es HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let mut stream = wire.connect().await;
    let _ = stream.write_all(heads.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer))
        .await
        .expect("it ends");
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_is_finished() {
    let wire = Wire::open().await;
    let mut idle = wire.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut head = [0; 15];
    idle.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let request = post("/es/bolsa/agregar", "", "piece=piece-0-0");
    let (first, rest) = request.split_at(request.len() - 5);
    let mut slow = wire.connect().await;
    slow.write_all(first).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    wire.stop.send(true).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(wire.address).await.is_err(), "nobody new is let in");
    slow.write_all(rest).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 303 ") && answer.contains("__Host-divinas="),
        "{answer:.300}"
    );
    tokio::time::timeout(Duration::from_secs(5), wire.serving)
        .await
        .expect("all connections end")
        .unwrap();
    drop(wire.site);
}
