//! Connections. `axum::serve` waits for ever for a request's head; here a client who sends one
//! letter a minute does not keep a connection for ever. HTTP/1.1 only: what speaks HTTP/2 to
//! browsers is the proxy in front, which speaks HTTP/1.1 to us.

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

/// Within this a request's head has arrived, or the connection ends. It counts on a connection
/// without a request too, so it is longer than proxies keep one (60 s): they end it first.
const HEAD_TIMEOUT: Duration = Duration::from_secs(65);
/// A pause when no connection can be taken: there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(200);

/// Serves `site` until told to stop, then finishes what is under way.
pub async fn listen(listener: TcpListener, site: Router, mut stopping: watch::Receiver<bool>) {
    // Each connection holds a receiver: when all are gone, all is finished.
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
    // Answers go out as they are written; a connection that refuses this is slower, not worse.
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
