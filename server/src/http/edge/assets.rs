//! The files that the build of the site wrote: styles, fonts, islands, icons. All are in memory.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as PathParam, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;

use app::shell::{Asset, Assets};

use super::cache::{Packing, etag_of, is_known};

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

#[derive(Debug, Deserialize)]
struct Manifest {
    assets: HashMap<String, ManifestAsset>,
}

#[derive(Debug, Deserialize)]
struct ManifestAsset {
    path: String,
    integrity: Option<String>,
    immutable: bool,
    #[serde(default)]
    encodings: Vec<String>,
}

#[derive(Debug)]
struct File {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    mime: &'static str,
    immutable: bool,
    etag: HeaderValue,
}

/// Every built file by its path.
#[derive(Debug, Default)]
pub struct SiteAssets {
    files: HashMap<String, File>,
}

impl SiteAssets {
    /// Reads the folder that the build wrote and tells the pages where its files are.
    pub fn load(site_dir: &Path) -> Result<Self, String> {
        let manifest_path = site_dir.join("assets.json");
        let explain = |e: &dyn std::fmt::Display| {
            format!("SITE_DIR: {}: {e} (was the site built?)", manifest_path.display())
        };
        let text = std::fs::read_to_string(&manifest_path).map_err(|e| explain(&e))?;
        let manifest: Manifest = serde_json::from_str(&text).map_err(|e| explain(&e))?;
        let mut files = HashMap::new();
        let mut names = Vec::new();
        for (name, asset) in manifest.assets {
            let on_disk = site_dir.join(asset.path.trim_start_matches('/'));
            let read = |suffix: &str| {
                let mut path = on_disk.clone().into_os_string();
                path.push(suffix);
                std::fs::read(&path)
                    .map(Bytes::from)
                    .map_err(|e| format!("SITE_DIR: {}: {e}", Path::new(&path).display()))
            };
            let has = |encoding: &str| asset.encodings.iter().any(|e| e == encoding);
            let plain = read("")?;
            let file = File {
                brotli: has("br").then(|| read(".br")).transpose()?,
                gzip: has("gzip").then(|| read(".gz")).transpose()?,
                mime: mime_of(&asset.path),
                immutable: asset.immutable,
                etag: etag_of(&plain),
                plain,
            };
            files.insert(asset.path.clone(), file);
            names.push((name, Asset { url: asset.path, integrity: asset.integrity }));
        }
        app::shell::set_assets(names.into_iter().collect::<Assets>());
        Ok(Self { files })
    }

    fn answer(&self, path: &str, request: &HeaderMap) -> Option<Response> {
        let file = self.files.get(path)?;
        let cache = if file.immutable { FOREVER } else { A_DAY };
        if is_known(request, &file.etag) {
            let headers = [(header::ETAG, file.etag.clone()), (header::CACHE_CONTROL, cache)];
            return Some((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        let accepts =
            request.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let (body, encoding) = match (Packing::of(accepts), &file.brotli, &file.gzip) {
            (Packing::Brotli, Some(packed), _) => (packed.clone(), Some("br")),
            (Packing::Brotli | Packing::Gzip, _, Some(packed)) => (packed.clone(), Some("gzip")),
            _ => (file.plain.clone(), None),
        };
        let mut response = (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static(file.mime)),
                (header::CACHE_CONTROL, cache),
                (header::ETAG, file.etag.clone()),
                (header::VARY, HeaderValue::from_static("accept-encoding")),
            ],
            body,
        )
            .into_response();
        if let Some(encoding) = encoding {
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        Some(response)
    }
}

fn mime_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// One route for each file that the build named.
pub(in crate::http) fn router(assets: &Arc<SiteAssets>) -> Router {
    let mut router = Router::new().route("/patterns/{file}", get(pattern));
    for path in assets.files.keys() {
        let wanted = path.clone();
        let serve = move |State(assets): State<Arc<SiteAssets>>, headers: HeaderMap| async move {
            assets
                .answer(&wanted, &headers)
                .unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
        };
        router = router.route(path, get(serve));
    }
    router.with_state(Arc::clone(assets))
}

/// The woven pattern of a maker. It is computed from her slug and never changes.
async fn pattern(PathParam(file): PathParam<String>) -> Response {
    let Some(seed) = file.strip_suffix(".svg").filter(|seed| seed.len() <= 80) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let svg = app::components::pattern::woven_pattern_svg(seed);
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
            (header::CACHE_CONTROL, FOREVER),
        ],
        svg,
    )
        .into_response()
}
