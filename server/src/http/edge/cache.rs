//! A cache of rendered pages. A page is kept until something that it shows is written.
//!
//! Every request reads the catalogue's version (one primary-key query) and takes a kept page
//! only when it was rendered under that same version. Triggers move the version inside the
//! transaction of any write to what shoppers see, so a write is visible in the very next
//! request on every node. The version is read *before* the page's data: at worst a page with newer
//! data is thrown away one request too early, never too late.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use domain::money::Currency;
use http::{HeaderMap, HeaderValue, header};
use jiff::civil::Date;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use xxhash_rust::xxh3::xxh3_64;

/// Everything except the database on which a rendered page depends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::http) struct PageKey {
    /// Path and query as the shop itself writes them. Other parameters make no other page.
    pub(in crate::http) path: String,
    /// Pieces in the visitor's bag, shown in the header.
    pub(in crate::http) bag_count: u32,
    /// Currency of the prices.
    pub(in crate::http) currency: Currency,
    /// Day in Lima: delivery estimates and certificates depend on it.
    pub(in crate::http) today: Date,
    /// Since when the present rates and policy are in force. Announced ones begin without a write.
    pub(in crate::http) rules_since_us: i64,
}

/// A rendered page.
#[derive(Debug)]
pub(in crate::http) struct Kept {
    /// Version of the catalogue it shows.
    pub(in crate::http) version: i64,
    /// The document.
    pub(in crate::http) html: Bytes,
    /// Strong validator of the document's bytes.
    pub(in crate::http) etag: HeaderValue,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

/// Strong validator of these bytes.
pub(in crate::http) fn etag_of(bytes: &[u8]) -> HeaderValue {
    let etag = format!("\"{:016x}\"", xxh3_64(bytes));
    HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether the visitor has the content that `etag` stands for. The header is a list, and its
/// validators are compared weakly (RFC 9110, 13.1.2). A proxy that packs bodies makes our
/// validators weak.
pub(in crate::http) fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let lists = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|tag| {
        let tag = tag.trim();
        tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
    })
}

/// How a response's body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Packing {
    /// Not packed.
    Plain,
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
}

impl Packing {
    /// The best packing that `accept_encoding` takes.
    pub(in crate::http) fn of(accept_encoding: &str) -> Self {
        let takes = |name: &str| {
            accept_encoding.split(',').any(|part| {
                let mut pieces = part.split(';');
                let same = pieces.next().is_some_and(|n| n.trim().eq_ignore_ascii_case(name));
                same && !pieces.any(|q| matches!(q.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
            })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }
}

impl Kept {
    pub(in crate::http) fn new(version: i64, html: String) -> Self {
        Self {
            version,
            etag: etag_of(html.as_bytes()),
            html: Bytes::from(html),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// The packed document. It is packed once and then kept.
    pub(in crate::http) fn packed(&self, packing: Packing) -> Bytes {
        match packing {
            Packing::Plain => self.html.clone(),
            Packing::Gzip => self.gzip.get_or_init(|| gzip(&self.html)).clone(),
            Packing::Brotli => self.brotli.get_or_init(|| brotli(&self.html)).clone(),
        }
    }
}

fn gzip(html: &Bytes) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(
        Vec::with_capacity(html.len() / 3),
        flate2::Compression::new(6),
    );
    match encoder.write_all(html).and_then(|()| encoder.finish()) {
        Ok(packed) => packed.into(),
        Err(_) => unreachable!("writing to memory does not fail"),
    }
}

fn brotli(html: &Bytes) -> Bytes {
    let mut packed = Vec::with_capacity(html.len() / 3);
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 5, lgwin: 18, ..Default::default() };
    match brotli::BrotliCompress(&mut html.as_ref(), &mut packed, &parameters) {
        Ok(_) => packed.into(),
        Err(_) => unreachable!("writing to memory does not fail"),
    }
}

/// Counts a page together with the memory that its packed forms will need.
#[derive(Debug, Clone)]
struct Weight;

impl Weighter<PageKey, Arc<Kept>> for Weight {
    fn weight(&self, key: &PageKey, kept: &Arc<Kept>) -> u64 {
        (key.path.len() + kept.html.len() * 3 / 2 + 256) as u64
    }
}

/// The pages of this node. Above a weight the least used ones are dropped.
pub struct PageCache {
    pages: Cache<PageKey, Arc<Kept>, Weight>,
}

impl std::fmt::Debug for PageCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageCache").field("pages", &self.pages.len()).finish()
    }
}

impl PageCache {
    /// Room for `bytes` of rendered pages.
    pub fn new(bytes: u64) -> Self {
        Self { pages: Cache::with_weighter((bytes / 40_000).max(16) as usize, bytes, Weight) }
    }

    /// The page, if it was rendered under `version`.
    pub(in crate::http) fn get(&self, key: &PageKey, version: i64) -> Option<Arc<Kept>> {
        self.pages.get(key).filter(|kept| kept.version == version)
    }

    /// Keeps a page.
    pub(in crate::http) fn put(&self, key: PageKey, kept: Arc<Kept>) {
        self.pages.insert(key, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_packing_that_is_taken() {
        assert_eq!(Packing::of("gzip, deflate, br"), Packing::Brotli);
        assert_eq!(Packing::of("br;q=0, gzip"), Packing::Gzip);
        assert_eq!(Packing::of("identity"), Packing::Plain);
        assert_eq!(Packing::of(""), Packing::Plain);
    }

    #[test]
    fn a_validator_is_known_weak_and_in_a_list() {
        let etag = HeaderValue::from_static("\"ab\"");
        let asks = |list: &'static str| {
            is_known(
                &HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(list))]),
                &etag,
            )
        };
        assert!(asks("\"ab\"") && asks("W/\"ab\"") && asks("\"x\", \"ab\""));
        assert!(
            !asks("ab") && !asks("\"abc\"") && !asks("") && !is_known(&HeaderMap::new(), &etag)
        );
    }

    #[test]
    fn a_page_of_another_version_is_not_taken() {
        let cache = PageCache::new(1 << 20);
        let today = jiff::civil::date(2026, 11, 23);
        let currency = Currency::Pen;
        let key = PageKey { path: "/es".into(), bag_count: 0, currency, today, rules_since_us: 0 };
        cache.put(key.clone(), Arc::new(Kept::new(7, "<p>".repeat(500))));
        assert!(cache.get(&key, 7).is_some());
        assert!(cache.get(&key, 8).is_none());
        assert!(cache.get(&PageKey { currency: Currency::Usd, ..key.clone() }, 7).is_none());
        let kept = cache.get(&key, 7).expect("it is there");
        assert!(kept.packed(Packing::Brotli).len() < kept.html.len());
        assert!(kept.packed(Packing::Gzip).len() < kept.html.len());
    }
}
