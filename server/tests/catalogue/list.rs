//! Finding a piece: filters, counts, search, sorting, pages.

use app::backend::shop::{CatalogueQuery, Category, MetalFilter, ShopBackend as _, Sort};
use domain::language::Language;
use domain::metal::Metal;

use super::house::{House, slugs};
use crate::support::TestDb;

fn ask() -> CatalogueQuery {
    CatalogueQuery::default()
}

async fn the_newest_come_first_and_everything_is_counted(test: TestDb) {
    let house = House::open(test).await;
    let all = house.list(&ask()).await;
    assert_eq!((all.total, all.pages, all.page, all.pieces_available), (15, 1, 1, 23));
    assert_eq!(slugs(&all)[..3], ["batea-ring", "condor-earrings", "rio-ring"]);
    let categories: Vec<(Category, u32)> =
        all.categories.iter().map(|f| (f.value, f.count)).collect();
    assert_eq!(categories[0], (Category::Ring, 6));
    assert_eq!(categories.iter().map(|(_, count)| count).sum::<u32>(), 15);
    assert_eq!(all.metals.iter().map(|f| f.count).collect::<Vec<_>>(), [13, 1, 1]);
    assert_eq!(all.prices.iter().map(|f| f.count).collect::<Vec<_>>(), [1, 9, 5]);
    assert_eq!((all.available_count, all.made_to_order_count), (13, 4));
    assert!(all.ring_sizes_mm.is_sorted_by(|a, b| a.value < b.value));
    assert!(all.makers.is_sorted_by(|a, b| a.count >= b.count));
}

/// For every query, the number beside a filter is the number of designs that choosing it shows.
async fn counts_keep_their_word(test: TestDb) {
    let house = House::open(test).await;
    let questions = [
        ask(),
        CatalogueQuery { categories: vec![Category::Ring], ..ask() },
        CatalogueQuery { available: true, text: "plata".into(), ..ask() },
        CatalogueQuery { price_max_minor: Some(36_000), made_to_order: true, ..ask() },
        CatalogueQuery { ring_sizes_mm: vec![54, 56], makers: vec!["lucia-p".into()], ..ask() },
    ];
    for question in questions {
        let view = house.list(&question).await;
        for facet in &view.categories {
            let chosen = CatalogueQuery { categories: vec![facet.value], ..question.clone() };
            assert_eq!(house.list(&chosen).await.total, facet.count, "{chosen:?}");
        }
        for facet in &view.metals {
            let chosen = CatalogueQuery { metals: vec![facet.value], ..question.clone() };
            assert_eq!(house.list(&chosen).await.total, facet.count, "{chosen:?}");
        }
        for facet in &view.makers {
            let chosen =
                CatalogueQuery { makers: vec![facet.value.slug.clone()], ..question.clone() };
            assert_eq!(house.list(&chosen).await.total, facet.count, "{chosen:?}");
        }
        for facet in &view.ring_sizes_mm {
            let chosen = CatalogueQuery { ring_sizes_mm: vec![facet.value], ..question.clone() };
            assert_eq!(house.list(&chosen).await.total, facet.count, "{chosen:?}");
        }
        for facet in &view.prices {
            let (price_min_minor, price_max_minor) = facet.value;
            let chosen = CatalogueQuery { price_min_minor, price_max_minor, ..question.clone() };
            assert_eq!(house.list(&chosen).await.total, facet.count, "{chosen:?}");
        }
        let chosen = CatalogueQuery { available: true, made_to_order: false, ..question.clone() };
        assert_eq!(house.list(&chosen).await.total, view.available_count, "{chosen:?}");
        let chosen = CatalogueQuery { available: false, made_to_order: true, ..question.clone() };
        assert_eq!(house.list(&chosen).await.total, view.made_to_order_count, "{chosen:?}");
    }
}

async fn search_forgives_accents_and_endings(test: TestDb) {
    let house = House::open(test).await;
    for (text, found) in [
        ("cóndor", "condor-earrings"),
        ("CONDOR", "condor-earrings"),
        ("opalos rosados", "rio-ring"),
        ("quinuas", "quinoa-ring"),
        ("espiral plat", "batea-pendant"),
        ("batea ani", "batea-ring"),
        ("alianzas de oro", "arena-band-gold"),
    ] {
        let view = house.list(&CatalogueQuery { text: text.into(), ..ask() }).await;
        assert!(slugs(&view).contains(&found), "{text}: {:?}", slugs(&view));
        assert!(view.total < 10, "{text} finds {}", view.total);
    }
    let english = house.visit(Language::En);
    let view = house
        .shop
        .catalogue
        .catalogue(&english, &CatalogueQuery { text: "hoops".into(), ..ask() })
        .await
        .unwrap();
    assert_eq!(slugs(&view), ["totora-hoops"]);
}

async fn hostile_words_are_only_words(test: TestDb) {
    let house = House::open(test).await;
    let hostile = [
        "\"",
        "'",
        "''; DROP TABLE design; --",
        "a\" OR \"b",
        "NEAR(",
        "batea AND",
        "OR",
        "*",
        "^x",
        "a:b",
        "{a b}",
        "x & | ! <-> y",
        "\\",
        "%_%",
        "<script>",
        "ñandú\u{301}\u{200b}",
        "\u{202e}oro",
        "१२३ ½ ² 金",
        "(((((",
        "-",
        "𝔹𝕒𝕥𝕖𝕒",
        "a\tb\nc",
    ];
    for text in hostile {
        for language in Language::ALL {
            let query = CatalogueQuery { text: text.repeat(3), ..ask() };
            house
                .shop
                .catalogue
                .catalogue(&house.visit(language), &query)
                .await
                .unwrap_or_else(|e| panic!("{text:?}: {e}"));
        }
    }
    let long = CatalogueQuery { text: "palabra ".repeat(5_000), ..ask() };
    assert_eq!(house.list(&long).await.total, 0);
}

async fn nothing_found_suggests_a_way_out(test: TestDb) {
    let house = House::open(test).await;
    let view = house
        .list(&CatalogueQuery {
            text: "bicicleta".into(),
            categories: vec![Category::Ring],
            page: 9,
            ..ask()
        })
        .await;
    assert_eq!((view.total, view.page, view.pages), (0, 1, 0));
    assert_eq!(view.suggestions.len(), 4);
    assert!(
        view.categories.iter().any(|f| f.value == Category::Ring && f.count == 0),
        "the choice can be taken back"
    );
}

async fn every_order_is_total_and_sorted(test: TestDb) {
    let house = House::open(test).await;
    for sort in [Sort::Best, Sort::PriceUp, Sort::PriceDown, Sort::Name] {
        let view = house.list(&CatalogueQuery { sort, page: 0, ..ask() }).await;
        assert_eq!(view.cards.len(), 15);
        let prices: Vec<i64> = view.cards.iter().map(|card| card.price.amount_minor).collect();
        match sort {
            Sort::PriceUp => assert!(prices.is_sorted()),
            Sort::PriceDown => assert!(prices.is_sorted_by(|a, b| a >= b)),
            Sort::Name => {
                assert_eq!(slugs(&view)[..3], ["arena-band-gold", "arena-band", "awayo-ring"])
            }
            Sort::Best | Sort::Newest => assert_eq!(slugs(&view)[0], "batea-ring"),
        }
    }
}

async fn unknown_values_and_absurd_numbers_do_no_harm(test: TestDb) {
    let house = House::open(test).await;
    let unknown = CatalogueQuery { makers: vec!["nobody".into(), "benita-a".into()], ..ask() };
    assert_eq!(
        house.list(&unknown).await.total,
        15,
        "who does not consent to be named is no filter"
    );
    let absurd = CatalogueQuery {
        price_min_minor: Some(i64::MIN),
        price_max_minor: Some(i64::MAX),
        ring_sizes_mm: vec![0, u32::MAX],
        metals: vec![MetalFilter { metal: Metal::Gold, fineness_permille: u32::MAX }],
        page: u32::MAX,
        ..ask()
    };
    assert_eq!(house.list(&absurd).await.total, 0);
    let many = CatalogueQuery { ring_sizes_mm: (0..10_000).collect(), ..ask() };
    house.list(&many).await;
}

async fn a_sold_piece_is_counted_out_with_the_next_answer(test: TestDb) {
    let house = House::open(test).await;
    let before = house.list(&ask()).await.pieces_available;
    house.write("UPDATE piece SET state = 'workshop' WHERE serial = $1", &["0147"]).await;
    assert_eq!(house.list(&ask()).await.pieces_available, before - 1);
}

on_both_engines!(
    the_newest_come_first_and_everything_is_counted,
    counts_keep_their_word,
    search_forgives_accents_and_endings,
    hostile_words_are_only_words,
    nothing_found_suggests_a_way_out,
    every_order_is_total_and_sorted,
    unknown_values_and_absurd_numbers_do_no_harm,
    a_sold_piece_is_counted_out_with_the_next_answer,
);
