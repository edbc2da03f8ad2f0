//! The pages of pieces to buy. Only one shopper at a time uses a page, so that two shoppers compete
//! for a piece only if they are meant to.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::browser::Browser;
use crate::page;

/// The paths of the piece pages that no shopper uses now.
#[derive(Debug)]
pub(crate) struct PiecePages(Mutex<VecDeque<String>>);

impl PiecePages {
    /// Reads the sitemap until there are enough pages for so many purchases.
    pub(crate) async fn read(browser: &Browser, purchases: u64) -> Result<Self, String> {
        let wanted = usize::try_from(purchases).unwrap_or(usize::MAX).saturating_mul(2);
        let mut visitor = browser.visitor();
        let index = visitor.get("/sitemap.xml").await?;
        let mut paths = VecDeque::new();
        for part in page::locations(&index.body) {
            let listed = visitor.get(&part).await?;
            if listed.status != 200 {
                return Err(format!("{part} answers {}", listed.status));
            }
            paths.extend(
                page::locations(&listed.body)
                    .into_iter()
                    .filter(|path| path.starts_with("/es/piezas/")),
            );
            if paths.len() >= wanted {
                break;
            }
        }
        if paths.is_empty() {
            Err("the sitemap lists no pieces".to_owned())
        } else {
            Ok(Self(Mutex::new(paths)))
        }
    }

    /// How many pages there are.
    pub(crate) fn len(&self) -> usize {
        self.paths().len()
    }

    /// Takes a page for one shopper.
    pub(crate) fn take(&self) -> Option<String> {
        self.paths().pop_front()
    }

    /// Returns a page, which may have more pieces.
    pub(crate) fn put_back(&self, path: String) {
        self.paths().push_back(path);
    }

    fn paths(&self) -> std::sync::MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
