//! Connections, the file, and the end.
//!
//! axum's own `serve` cannot cut a line without an answer; hyper can, when the service fails.

use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tower::ServiceExt as _;

use crate::{
    api::HangUp,
    app::{App, locked},
    state,
};

/// Requests that are under way when the end comes get so long.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn until_told(listener: TcpListener, router: Router) {
    let open = GracefulShutdown::new();
    let told = told();
    tokio::pin!(told);
    loop {
        let stream = tokio::select! {
            () = &mut told => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        // A line that cannot be made quick is only slower.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let router = router.clone();
            async move {
                let response = match router.oneshot(request.map(Body::new)).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                };
                if response.extensions().get::<HangUp>().is_some() {
                    return Err(io::Error::other("told to hang up"));
                }
                Ok(response)
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("connection: {error}");
            }
        });
    }
    tokio::select! {
        () = open.shutdown() => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!("requests were cut off at the end"),
    }
}

async fn told() {
    let streams = signal(SignalKind::interrupt()).and_then(|interrupt| {
        signal(SignalKind::terminate()).map(|terminate| (interrupt, terminate))
    });
    match streams {
        Ok((mut interrupt, mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            tracing::error!("cannot listen for signals: {error}");
            std::future::pending::<()>().await;
        }
    }
}

/// Writes the state to its file if it changed.
pub(crate) fn save(app: &App) -> io::Result<()> {
    let Some(file) = &app.file else {
        return Ok(());
    };
    // The last save must not meet the one before it in the same new file.
    let _alone = locked(&app.saving);
    match app.changed() {
        Some(bytes) => state::write_file(file, &bytes?),
        None => Ok(()),
    }
}

/// Writes the state a short while after each change.
pub(crate) async fn keep_saving(app: Arc<App>, delay: Duration) {
    if app.file.is_none() {
        return;
    }
    loop {
        tokio::time::sleep(delay).await;
        let app = Arc::clone(&app);
        let saved = tokio::task::spawn_blocking(move || save(&app)).await;
        if let Ok(Err(error)) = saved {
            tracing::error!("cannot write the state: {error}");
        }
    }
}
