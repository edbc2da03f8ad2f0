//! Accepting connections, writing the state file, stopping.
//!
//! axum's own `serve` cannot cut a connection without an answer. hyper does it if the service
//! returns an error.

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
    base::lock::lock,
    http::{api::HangUp, app::App},
    state::store::write_file,
};

/// How long open requests may still take when the simulator stops.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let connections = GracefulShutdown::new();
    let stop = stop_signal();
    tokio::pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        // If this fails, the connection is only slower.
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
                    return Err(io::Error::other("a test asked to cut the connection"));
                }
                Ok(response)
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("connection: {error}");
            }
        });
    }
    tokio::select! {
        () = connections.shutdown() => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!("stopped before all requests were answered"),
    }
}

async fn stop_signal() {
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

/// Writes the state to the file if it has changed.
pub(crate) fn save(app: &App) -> io::Result<()> {
    let Some(file) = &app.file else {
        return Ok(());
    };
    // Two writers at the same time would mix in the same temporary file.
    let _file_lock = lock(&app.file_lock);
    match app.take_changes() {
        Some(bytes) => write_file(file, &bytes?),
        None => Ok(()),
    }
}

/// Writes the state to the file again and again, `delay` after each time.
pub(crate) async fn keep_saving(app: Arc<App>, delay: Duration) {
    if app.file.is_none() {
        return;
    }
    loop {
        tokio::time::sleep(delay).await;
        let app = Arc::clone(&app);
        let result = tokio::task::spawn_blocking(move || save(&app)).await;
        if let Ok(Err(error)) = result {
            tracing::error!("cannot write the state: {error}");
        }
    }
}
