//! Serves the shop: checks and assembles everything, then runs requests and jobs until told to
//! stop.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use store::db::Db;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::catalogue::search_words;
use crate::config::{DatabaseArgs, PhotoArgs, ServeArgs};
use crate::http::{
    AppParts, AppState, PageCache, Readiness, SiteAssets, VisitorLimit, listen, router,
};
use crate::jobs;
use crate::kernel::mailer::Mailer;
use crate::kernel::media::{Limits, Patience, Photos, open_store, probe};
use crate::kernel::payments::stripe::Stripe;
use crate::kernel::settings::Settings;
use crate::sales::Shop;

/// How long requests and jobs under way may take to finish after the signal to stop.
const GRACE: Duration = Duration::from_secs(25);

/// Opens the database, making the folder of an SQLite file when it is missing.
pub async fn open_database(args: &DatabaseArgs) -> Result<Db, String> {
    if let Some(file) = args.database_url.strip_prefix("sqlite:") {
        let file = file.trim_start_matches("//").split('?').next().unwrap_or_default();
        if let Some(folder) =
            Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)
                .map_err(|e| format!("DATABASE_URL: {}: {e}", folder.display()))?;
        }
    }
    Db::open(&args.database_url, args.database_connections)
        .await
        .map_err(|e| format!("DATABASE_URL: {e}"))
}

/// Opens the photo store, after a test that it keeps what is written to it.
pub async fn open_photos(args: &PhotoArgs) -> Result<Photos, String> {
    let store = open_store(&args.photo_store).map_err(|e| format!("PHOTO_STORE: {e}"))?;
    probe(&*store, &args.photo_store, Patience::OF_A_START)
        .await
        .map_err(|e| format!("PHOTO_STORE: {e}"))?;
    Photos::new(store, Limits::default()).map_err(|e| e.to_string())
}

/// What can be made from the environment without touching anything else.
pub(crate) struct Prepared {
    settings: Settings,
    form_targets: Vec<String>,
    stripe: Stripe,
    mailer: Mailer,
}

/// Checks what the environment says; the message begins with the name of the variable.
pub(crate) fn prepared(args: &ServeArgs) -> Result<Prepared, String> {
    let settings = args.settings()?;
    let form_targets = args.form_targets()?;
    let stripe = Stripe::new(
        &args.stripe.stripe_secret_key,
        &args.stripe.stripe_webhook_secret,
        &args.stripe.stripe_api_url,
    )?;
    let mailer =
        Mailer::new(args.smtp_url.as_ref(), &settings).map_err(|e| format!("SMTP_URL: {e}"))?;
    Ok(Prepared { settings, form_targets, stripe, mailer })
}

/// Serves the shop until told to stop.
pub async fn serve(args: ServeArgs) -> Result<ExitCode, String> {
    let Prepared { settings, form_targets, stripe, mailer } = prepared(&args)?;
    if let Some(doubt) = args.doubts() {
        tracing::warn!("{doubt}");
    }
    let assets = SiteAssets::load(&args.site_dir)?;
    let photos = open_photos(&args.photos).await?;
    let db = open_database(&args.database).await?;
    if !db.is_migrated().await.map_err(|e| format!("DATABASE_URL: {e}"))? {
        return Err("DATABASE_URL: the schema is not up to date: run `server migrate` first".into());
    }
    search_words::refresh(&db).await.map_err(|e| format!("DATABASE_URL: {e}"))?;
    start_metrics(args.metrics_listen)?;

    let proxies = usize::from(args.trusted_proxies);
    let shop = Shop::new(db.clone(), Arc::new(stripe), settings);
    let state = AppState::new(AppParts {
        shop: shop.clone(),
        cache: Arc::new(PageCache::new(args.page_cache_mb * 1024 * 1024)),
        assets: Arc::new(assets),
        writes: Arc::new(VisitorLimit::per_minute(args.writes_per_minute, proxies)),
        readiness: Arc::new(Readiness::default()),
        form_targets: Arc::new(form_targets),
    });
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|e| format!("LISTEN: {}: {e}", args.listen))?;
    let address = listener.local_addr().map_err(|e| format!("LISTEN: {e}"))?;
    // The first line of standard output: scripts and tests read the port from it.
    println!("listening on http://{address}");

    let (stop, stopping) = watch::channel(false);
    let workers = jobs::start(shop, mailer, args.job_workers, stopping.clone());
    let sweeping = tokio::spawn(sweep(state.clone(), stopping.clone()));
    state.readiness.set(true);
    let mut site = router(state.clone(), photos);
    if args.with_baseline_handlers {
        site = site.merge(crate::http::baseline::router(db.clone()));
    }
    let serving = tokio::spawn(listen(listener, site, stopping));

    told_to_stop().await;
    tracing::info!("stopping: what is under way is finished first");
    state.readiness.set(false);
    let _ = stop.send(true);
    let finished = tokio::time::timeout(GRACE, async {
        let _ = serving.await;
        workers.await;
        let _ = sweeping.await;
    });
    if finished.await.is_err() {
        tracing::warn!(
            "some work did not finish in time; jobs are taken up again at the next start"
        );
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Regularly forgets the senders that were counted for the limits.
async fn sweep(state: AppState, mut stopping: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(Duration::from_secs(60)) => {
                state.writes.sweep();
            }
        }
    }
}

fn start_metrics(listen: Option<SocketAddr>) -> Result<(), String> {
    let Some(listen) = listen else { return Ok(()) };
    metrics_exporter_prometheus::PrometheusBuilder::new()
        .with_http_listener(listen)
        .install()
        .map_err(|e| format!("METRICS_LISTEN: {listen}: {e}"))
}

async fn told_to_stop() {
    let mut terminate =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(error) => {
                tracing::warn!(%error, "SIGTERM is not listened to");
                let _ = tokio::signal::ctrl_c().await;
                return;
            }
        };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
