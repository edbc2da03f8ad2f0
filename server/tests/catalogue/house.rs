//! A shop with the demonstration in it, without its photographs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use app::backend::shop::{
    CatalogueQuery, CatalogueView, DesignView, ShopBackend as _, Visit, Whereabouts,
};
use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;
use server::demo::{self, DemoReport};
use server::kernel::media::StoredPhoto;
use server::sales::Shop;

use crate::sales::provider::FakeProvider;
use crate::sales::test_shop::settings;
use crate::support::TestDb;

/// Monday 23 November 2026, ten in the morning in Lima.
pub(crate) const NOW_US: i64 = 1_795_446_000_000_000;

pub(crate) struct House {
    pub(crate) shop: Shop,
    // The folder or database is deleted with it.
    _test: TestDb,
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_microsecond(NOW_US).unwrap()
}

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("demo")
}

/// What the photo module would answer. The pipeline has tests of its own.
fn photographs() -> HashMap<String, StoredPhoto> {
    let files = demo::photo_files(&folder()).unwrap();
    let photo = |(n, (file, widths)): (usize, (String, server::kernel::media::Widths))| {
        let photo = StoredPhoto {
            hash: format!("{n:016x}"),
            width_px: 1600,
            height_px: 1600,
            colour: "#cccccc".into(),
            widths: widths.for_source(1600),
            policy: server::kernel::media::Policy::Public,
        };
        (file, photo)
    };
    files.into_iter().enumerate().map(photo).collect()
}

pub(crate) async fn load(test: &TestDb) -> DemoReport {
    demo::load_facts(&test.db, &folder(), &photographs(), now()).await.unwrap()
}

impl House {
    /// A shop with nothing in it.
    pub(crate) fn empty(test: TestDb) -> Self {
        let shop = Shop::new(test.db.clone(), Arc::new(FakeProvider::default()), settings());
        Self { shop, _test: test }
    }

    /// A shop with the demonstration in it.
    pub(crate) async fn open(test: TestDb) -> Self {
        load(&test).await;
        Self::empty(test)
    }

    pub(crate) fn visit(&self, language: Language) -> Visit {
        Visit {
            language,
            currency: Currency::Pen,
            currencies: vec![Currency::Pen, Currency::Usd],
            today: domain::calendar::lima_date(NOW_US),
            now: now(),
            bag_count: 0,
            path: "/es".into(),
            public_url: "https://shop.example".into(),
            demo: true,
            has: app::backend::shop::Contents::EVERYTHING,
        }
    }

    /// The design that has or had this address in either language.
    pub(crate) async fn design(&self, slug: &str) -> DesignView {
        let visit = self.visit(Language::Es);
        let whereabouts = self.shop.catalogue.whereabouts(&visit, slug).await.unwrap();
        let Some(Whereabouts::Moved(slug)) = whereabouts else { panic!("{slug}: {whereabouts:?}") };
        self.shop.catalogue.design(&visit, slug.of(Language::Es)).await.unwrap().unwrap()
    }

    pub(crate) async fn list(&self, query: &CatalogueQuery) -> CatalogueView {
        self.shop.catalogue.catalogue(&self.visit(Language::Es), query).await.unwrap()
    }

    /// A write of the test's own.
    pub(crate) async fn write(&self, sql: &'static str, values: &[&str]) -> u64 {
        let mut tx = self.shop.db.begin().await.unwrap();
        let rows = tx.query(sql).bind_all(values.iter().copied()).execute().await.unwrap();
        tx.commit().await.unwrap();
        rows
    }
}

/// The English slugs of the cards: those of the demonstration's file.
pub(crate) fn slugs(view: &CatalogueView) -> Vec<&str> {
    view.cards.iter().map(|card| card.slug.of(Language::En)).collect()
}
