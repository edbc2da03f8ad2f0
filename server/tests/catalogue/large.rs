//! A smaller version of a catalogue that no workshop has: what holds for 1,200 designs holds for
//! 20,000.

use std::collections::HashSet;

use app::backend::shop::{CatalogueQuery, Category, Sort};
use server::demo::load_synthetic;

use super::house::House;
use crate::support::TestDb;

async fn pages_neither_overlap_nor_miss(test: TestDb) {
    let house = House::open(test).await;
    assert_eq!(load_synthetic(&house.shop.db, 1_200, 1).await.unwrap(), 1_200);
    assert_eq!(
        load_synthetic(&house.shop.db, 1_200, 1).await.unwrap(),
        0,
        "a second run adds nothing"
    );
    for sort in [Sort::Newest, Sort::PriceUp, Sort::PriceDown, Sort::Name] {
        let mut seen = HashSet::new();
        let first = house.list(&CatalogueQuery { sort, ..Default::default() }).await;
        assert_eq!(first.total, 1_215);
        for page in 1..=first.pages {
            let view = house.list(&CatalogueQuery { sort, page, ..Default::default() }).await;
            assert!(
                view.cards.into_iter().all(|card| seen.insert(card.slug)),
                "{sort:?} page {page}"
            );
        }
        assert_eq!(seen.len(), 1_215);
    }
    let rings =
        CatalogueQuery { categories: vec![Category::Ring], available: true, ..Default::default() };
    let view = house.list(&rings).await;
    let counted = view.categories.iter().find(|f| f.value == Category::Ring).unwrap().count;
    assert_eq!(view.total, counted);
    let last = house.list(&CatalogueQuery { page: u32::MAX, ..rings }).await;
    assert_eq!(last.page, last.pages);
    let one = house.design("modelo-000042").await;
    assert!(one.related.len() == 4 && one.money.is_some() != one.pieces.is_empty());
}

async fn it_stands_without_the_demonstration(test: TestDb) {
    let house = House::empty(test);
    assert_eq!(load_synthetic(&house.shop.db, 60, 7).await.unwrap(), 60);
    let view = house.list(&CatalogueQuery { text: "anillo".into(), ..Default::default() }).await;
    assert!(view.total > 0 && !view.makers.is_empty());
    assert!(view.cards.iter().all(|card| card.photo.is_none()));
}

on_both_engines!(pages_neither_overlap_nor_miss, it_stands_without_the_demonstration);

/// Not a test but a measurement: `cargo test -p server --test all figures -- --ignored --nocapture`.
mod figures {
    use std::time::Instant;

    use app::backend::shop::{CatalogueQuery, Category, ShopBackend as _, Sort};
    use domain::language::Language;
    use server::demo::load_synthetic;

    use super::House;
    use crate::support::TestDb;

    async fn measure(name: &str, test: TestDb) {
        let house = House::open(test).await;
        for designs in [200, 20_000] {
            let began = Instant::now();
            load_synthetic(&house.shop.db, designs, 1).await.unwrap();
            println!("{name} {designs:>6} designs loaded in {:?}", began.elapsed());
            let filtered = CatalogueQuery {
                categories: vec![Category::Ring],
                sort: Sort::PriceUp,
                page: 50,
                ..Default::default()
            };
            let questions = [
                ("catalogue, page 1", CatalogueQuery::default()),
                ("rings by price, page 50", filtered),
                (
                    "by name, page 50",
                    CatalogueQuery { sort: Sort::Name, page: 50, ..Default::default() },
                ),
                ("search", CatalogueQuery { text: "anillo zorro".into(), ..Default::default() }),
                ("maker", CatalogueQuery { makers: vec!["yeny-t".into()], ..Default::default() }),
                ("size", CatalogueQuery { ring_sizes_mm: vec![54], ..Default::default() }),
            ];
            for (what, query) in &questions {
                house
                    .write("UPDATE member SET community = community WHERE slug = $1", &["yeny-t"])
                    .await;
                let began = Instant::now();
                house.list(query).await;
                let first = began.elapsed();
                let began = Instant::now();
                for _ in 0..20 {
                    house.list(query).await;
                }
                println!(
                    "{name} {designs:>6} {what}: first {first:?}, then {:?}",
                    began.elapsed() / 20
                );
            }
            let visit = house.visit(Language::Es);
            let began = Instant::now();
            for _ in 0..50 {
                house.design("batea-ring").await;
            }
            println!("{name} {designs:>6} design: {:?}", began.elapsed() / 50);
            let began = Instant::now();
            for _ in 0..20 {
                house.shop.catalogue.home(&visit).await.unwrap();
            }
            println!("{name} {designs:>6} home: {:?}", began.elapsed() / 20);
            let began = Instant::now();
            house.shop.catalogue.maker(&visit, "yeny-t").await.unwrap();
            println!("{name} {designs:>6} maker: {:?}", began.elapsed());
            let began = Instant::now();
            house.shop.catalogue.origin(&visit).await.unwrap();
            println!("{name} {designs:>6} origin: {:?}", began.elapsed());
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "a measurement"]
    async fn figures() {
        measure("sqlite", TestDb::sqlite().await).await;
        if let Some(test) = TestDb::postgres().await {
            measure("postgres", test).await;
        }
    }
}
