//! Connections. `axum::serve` waits for a request's head without a limit; here a client that sends
//! one letter a minute loses its connection. HTTP/1.1 only: the proxy in front speaks HTTP/2 to
//! browsers and HTTP/1.1 to us.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt as _;

/// How long a request's head may take to arrive. The limit holds for idle connections too. Proxies
/// keep an idle connection for 60 s, so they end it before this limit does.
const HEAD_TIMEOUT: Duration = Duration::from_secs(65);
/// The pause when no connection can be accepted because there are no file descriptors left.
const PAUSE: Duration = Duration::from_millis(200);

/// Serves `site` until it is told to stop, then completes the running requests.
pub async fn listen(listener: TcpListener, site: Router, mut stopping: watch::Receiver<bool>) {
    // Each connection holds a receiver: when all are dropped, every connection has ended.
    let (finished, under_way) = watch::channel(());
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (site, stopping, under_way) =
                    (site.clone(), stopping.clone(), under_way.clone());
                tokio::spawn(async move {
                    converse(stream, peer, site, stopping).await;
                    drop(under_way);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop((listener, under_way));
    finished.closed().await;
}

/// One connection, to its end.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    site: Router,
    mut stopping: watch::Receiver<bool>,
) {
    // Answers are sent as soon as they are written. Without this a connection is only slower.
    let _ = stream.set_nodelay(true);
    let site = site.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let mut connection =
        pin!(http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(site)));
    let told = async {
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
