//! Search: what is found, in which order, on both engines.

use app::backend::shop::{CatalogueQuery, SearchView, ShopBackend as _, Sort};
use domain::language::Language;

use super::house::{House, now, slugs};
use crate::support::TestDb;

fn ask(text: &str) -> CatalogueQuery {
    CatalogueQuery { text: text.to_owned(), ..CatalogueQuery::default() }
}

/// Questions as people type them, and what is found, the best first, by the Spanish names.
const QUESTIONS: [(&str, &[&str]); 51] = [
    (
        "plata 950",
        &[
            "Alianza Arena, plata",
            "Anillo Quinua",
            "Brazalete Ola",
            "Anillo Batea",
            "Aretes Cóndor",
            "Anillo Río",
            "Argollas Totora",
            "Colgante Batea",
            "Anillo Awayo",
            "Aretes Lago",
            "Colgante Chakana",
            "Tupu Sol",
            "Collar Cadena",
        ],
    ),
    (
        "950 plata",
        &[
            "Alianza Arena, plata",
            "Anillo Quinua",
            "Brazalete Ola",
            "Anillo Batea",
            "Aretes Cóndor",
            "Anillo Río",
            "Argollas Totora",
            "Colgante Batea",
            "Anillo Awayo",
            "Aretes Lago",
            "Colgante Chakana",
            "Tupu Sol",
            "Collar Cadena",
        ],
    ),
    ("silver 925", &["Aretes Salar"]),
    ("925", &["Aretes Salar"]),
    ("sterling silver", &["Aretes Salar"]),
    ("plata ley 925", &["Aretes Salar"]),
    ("plata .925", &["Aretes Salar"]),
    (
        "oro 750",
        &[
            "Alianza Arena, oro",
            "Anillo Batea",
            "Colgante Batea",
            "Collar Cadena",
            "Anillo Quinua",
            "Brazalete Ola",
            "Tupu Sol",
        ],
    ),
    (
        "oro 18 quilates",
        &[
            "Alianza Arena, oro",
            "Anillo Batea",
            "Colgante Batea",
            "Collar Cadena",
            "Anillo Quinua",
            "Brazalete Ola",
            "Tupu Sol",
        ],
    ),
    (
        "oro 18k",
        &[
            "Alianza Arena, oro",
            "Anillo Batea",
            "Colgante Batea",
            "Collar Cadena",
            "Anillo Quinua",
            "Brazalete Ola",
            "Tupu Sol",
        ],
    ),
    (
        "18 kt gold",
        &[
            "Alianza Arena, oro",
            "Anillo Batea",
            "Colgante Batea",
            "Collar Cadena",
            "Anillo Quinua",
            "Brazalete Ola",
            "Tupu Sol",
        ],
    ),
    (
        "ORO18K",
        &[
            "Alianza Arena, oro",
            "Anillo Batea",
            "Colgante Batea",
            "Collar Cadena",
            "Anillo Quinua",
            "Brazalete Ola",
            "Tupu Sol",
        ],
    ),
    ("N.º 0147", &["Anillo Batea"]),
    ("147", &["Anillo Batea"]),
    ("#0147", &["Anillo Batea"]),
    ("No. 145", &["Anillo Río"]),
    ("０１２４", &["Tupu Sol"]),
    (
        "anillos",
        &[
            "Anillo Quinua",
            "Anillo Batea",
            "Anillo Río",
            "Anillo Awayo",
            "Alianza Arena, plata",
            "Alianza Arena, oro",
        ],
    ),
    (
        "rings",
        &[
            "Anillo Quinua",
            "Anillo Batea",
            "Anillo Río",
            "Anillo Awayo",
            "Alianza Arena, plata",
            "Alianza Arena, oro",
        ],
    ),
    (
        "sortija",
        &[
            "Anillo Batea",
            "Anillo Río",
            "Anillo Quinua",
            "Anillo Awayo",
            "Alianza Arena, plata",
            "Alianza Arena, oro",
        ],
    ),
    ("aretes", &["Aretes Cóndor", "Aretes Lago", "Aretes Salar", "Argollas Totora"]),
    ("pendientes", &["Aretes Cóndor", "Argollas Totora", "Aretes Lago", "Aretes Salar"]),
    ("alianza de boda", &["Alianza Arena, plata", "Alianza Arena, oro"]),
    ("wedding band", &["Alianza Arena, plata", "Alianza Arena, oro"]),
    ("cóndor", &["Aretes Cóndor"]),
    ("CONDORES", &["Aretes Cóndor"]),
    ("condor’s feather", &["Aretes Cóndor"]),
    ("codnor", &["Aretes Cóndor"]),
    ("pink opal", &["Anillo Río"]),
    ("ópalo rosado", &["Anillo Río"]),
    ("opalos", &["Anillo Río"]),
    ("crisocolla", &["Aretes Lago"]),
    ("cabujón ovalado", &["Aretes Lago"]),
    ("granulado", &["Anillo Quinua", "Aretes Lago"]),
    ("granulation", &["Anillo Quinua", "Aretes Lago"]),
    ("sand casting", &["Alianza Arena, plata", "Alianza Arena, oro"]),
    ("trefilado", &["Argollas Totora"]),
    ("Rosaura M.", &["Anillo Batea", "Anillo Río", "Aretes Salar"]),
    ("Rosaura’s rings", &["Anillo Batea", "Anillo Río"]),
    ("Rosuara", &["Anillo Batea", "Anillo Río", "Aretes Salar"]),
    ("maker’s family", &["Anillo Awayo"]),
    ("makers family", &["Anillo Awayo"]),
    ("Benita", &[]),
    ("plato", &["Anillo Batea", "Colgante Batea"]),
    ("plate", &["Anillo Batea", "Colgante Batea"]),
    ("river", &["Anillo Río", "Alianza Arena, plata", "Alianza Arena, oro"]),
    ("río", &["Anillo Río", "Alianza Arena, plata", "Alianza Arena, oro"]),
    ("ola bracelet", &["Brazalete Ola"]),
    ("anilo batea", &["Anillo Batea"]),
    ("batea ani", &["Anillo Batea"]),
    ("submarino", &[]),
];

async fn found(house: &House, language: Language, text: &str) -> Vec<String> {
    let spanish = house.visit(language);
    let view = house.shop.catalogue.catalogue(&spanish, &ask(text)).await.unwrap();
    assert_eq!(view.total as usize, view.cards.len(), "{text}");
    slugs(&view).into_iter().map(str::to_owned).collect()
}

async fn questions_find_what_they_should_in_this_order(test: TestDb) {
    let house = House::open(test).await;
    for (text, names) in QUESTIONS {
        let view = house.list(&ask(text)).await;
        let cards: Vec<&str> = view.cards.iter().map(|card| card.name.as_str()).collect();
        assert_eq!(cards, names, "{text}");
        assert_eq!(
            found(&house, Language::Es, text).await,
            found(&house, Language::En, text).await,
            "{text}: both languages find in either"
        );
    }
}

async fn nothing_to_search_by_is_not_the_whole_catalogue(test: TestDb) {
    let house = House::open(test).await;
    for text in ["!!!", "💍", "los", "de la the", "—", "\u{200b}"] {
        let view = house.list(&ask(text)).await;
        assert_eq!((view.search, view.total), (SearchView::NoWords, 0), "{text}");
        assert!(view.cards.is_empty() && !view.suggestions.is_empty(), "{text}");
        assert_eq!(view.other_categories.len(), 6, "{text}: ways out");
    }
    let view = house.list(&ask("  ")).await;
    assert_eq!((view.search, view.total), (SearchView::None, 15));
}

async fn words_no_piece_has_are_named_and_slips_are_told(test: TestDb) {
    let house = House::open(test).await;
    let view = house.list(&ask("anillo bicicleta")).await;
    let unknown = vec!["bicicleta".to_owned()];
    assert_eq!(view.search, SearchView::Words { unknown, read_as: Vec::new() });
    assert_eq!(view.total, 0);
    let view = house.list(&ask("anilo")).await;
    let read_as = vec![("anilo".to_owned(), "anillo".to_owned())];
    assert_eq!(view.search, SearchView::Words { unknown: Vec::new(), read_as });
    assert!(view.total >= 6);
}

async fn withdrawn_consent_leaves_the_search_at_once(test: TestDb) {
    let house = House::open(test).await;
    assert!(!found(&house, Language::Es, "Rosaura").await.is_empty());
    house
        .write(
            "UPDATE member_consent SET withdrawn_at_us = given_at_us
             WHERE purpose = 'site' AND member_id = (SELECT id FROM member WHERE slug = $1)",
            &["rosaura-m"],
        )
        .await;
    for text in ["Rosaura", "Rosuara", "rosaur"] {
        assert_eq!(found(&house, Language::Es, text).await, [""; 0], "{text}");
    }
    let view = house.list(&ask("Rosaura")).await;
    let unknown = vec!["rosaura".to_owned()];
    assert_eq!(view.search, SearchView::Words { unknown, read_as: Vec::new() });
}

/// The next search finds everything that was written, whoever wrote it.
async fn what_is_written_is_found_by_the_next_search(test: TestDb) {
    let house = House::open(test).await;
    assert_eq!(found(&house, Language::Es, "zampoña").await, [""; 0]);
    house
        .write("UPDATE design_text SET name = 'Anillo Zampoña' WHERE name = $1", &["Anillo Batea"])
        .await;
    assert_eq!(found(&house, Language::Es, "zampona").await, ["batea-ring"]);
    house.write("UPDATE piece SET serial = 'K-07' WHERE serial = $1", &["0147"]).await;
    assert_eq!(found(&house, Language::Es, "n.º K-07").await, ["batea-ring"]);
    assert_eq!(found(&house, Language::Es, "0147").await, [""; 0]);
    house.write("UPDATE design SET fineness_permille = 585 WHERE metal = $1", &["gold"]).await;
    assert_eq!(found(&house, Language::Es, "oro 14k").await, ["arena-band-gold"]);
    house.write("UPDATE design SET status = 'withdrawn' WHERE slug = $1", &["batea-ring"]).await;
    assert_eq!(found(&house, Language::Es, "zampoña").await, [""; 0]);
    // The design's own word went with it: a misspelling is no longer read as a word that no design
    // has.
    let view = house.list(&ask("zampoña")).await;
    assert!(matches!(view.search, SearchView::Words { unknown, .. } if unknown == ["zampona"]));
    house.write("UPDATE design SET status = 'published' WHERE slug = $1", &["batea-ring"]).await;
    assert_eq!(found(&house, Language::Es, "zampoña").await, ["batea-ring"]);
}

async fn a_search_may_be_sorted_and_filtered_like_any_list(test: TestDb) {
    let house = House::open(test).await;
    let best = house.list(&ask("anillo")).await;
    for sort in [Sort::Newest, Sort::PriceUp, Sort::PriceDown, Sort::Name] {
        let view = house.list(&CatalogueQuery { sort, ..ask("anillo") }).await;
        assert_eq!(view.total, best.total);
        let prices: Vec<i64> = view.cards.iter().map(|card| card.price.amount_minor).collect();
        match sort {
            Sort::PriceUp => assert!(prices.is_sorted()),
            Sort::PriceDown => assert!(prices.is_sorted_by(|a, b| a >= b)),
            _ => {}
        }
    }
    let few = CatalogueQuery { price_max_minor: Some(30_000), ..ask("anillo rosaura") };
    let many = ask("anillo rosaura");
    assert!(house.list(&few).await.total <= house.list(&many).await.total);
}

/// Measured by hand: `cargo test -p server --test all search_in_twenty -- --ignored --nocapture`.
async fn search_in_twenty_thousand_designs(test: TestDb) {
    let house = House::open(test).await;
    let started = std::time::Instant::now();
    server::demo::load_synthetic(&house.shop.db, 20_000, 1).await.unwrap();
    println!("loaded in {:?} {:?}", started.elapsed(), now());
    for text in
        ["plata 950", "anillo nevado", "vicuna", "estrela", "plata", "S000123-0", "rosaura anillo"]
    {
        for sort in [Sort::Best, Sort::Newest] {
            let started = std::time::Instant::now();
            let view = house.list(&CatalogueQuery { sort, ..ask(text) }).await;
            let first = started.elapsed();
            let started = std::time::Instant::now();
            house.list(&CatalogueQuery { sort, ..ask(text) }).await;
            println!(
                "{text} {sort:?}: {} found, first {first:?}, then {:?}",
                view.total,
                started.elapsed()
            );
        }
    }
}

on_both_engines!(
    questions_find_what_they_should_in_this_order,
    nothing_to_search_by_is_not_the_whole_catalogue,
    words_no_piece_has_are_named_and_slips_are_told,
    withdrawn_consent_leaves_the_search_at_once,
    what_is_written_is_found_by_the_next_search,
    a_search_may_be_sorted_and_filtered_like_any_list,
);

mod measured {
    use super::TestDb;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "a measurement, not a claim"]
    async fn search_in_twenty_thousand_designs_sqlite() {
        super::search_in_twenty_thousand_designs(TestDb::sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "a measurement, not a claim"]
    async fn search_in_twenty_thousand_designs_postgres() {
        if let Some(db) = TestDb::postgres().await {
            super::search_in_twenty_thousand_designs(db).await;
        }
    }
}
