//! Facts in memory are dropped with the write that changes them, and not before.

use store::db::Engine;
use store::db::sqlite_triggers::{Content, SHOWN, Shown};
use store::version;

use app::backend::shop::{Availability, PieceAvailability, ShopBackend as _};
use domain::language::Language;

use super::house::House;
use crate::support::TestDb;

/// Columns that change with every hold and sale. They are read for every page and never kept in
/// memory.
const STOCK: [(&str, &[&str]); 2] = [
    ("design", &["pieces_available", "pieces_held"]),
    ("piece", &["state", "order_id", "held_until_us", "sold_at_us"]),
];

async fn columns_of(house: &House, table: &'static str) -> Vec<String> {
    let sql = match house.shop.db.engine() {
        Engine::Sqlite => "SELECT name FROM pragma_table_info($1)",
        Engine::Postgres => {
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = $1"
        }
    };
    let rows: Vec<(String,)> = house.shop.db.query(sql).bind(table).fetch_all().await.unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

async fn only_stock_leaves_the_content_alone(test: TestDb) {
    let house = House::open(test).await;
    for (table, stock) in STOCK {
        let columns = columns_of(&house, table).await;
        assert!(stock.iter().all(|name| columns.iter().any(|column| column == name)));
        for column in columns {
            let before = version::current(&house.shop.db).await.unwrap();
            let mut tx = house.shop.db.begin().await.unwrap();
            let write = format!(
                "UPDATE {table} SET {column} = {column} WHERE id = (SELECT MIN(id) FROM {table})"
            );
            assert_eq!(tx.query(write).execute().await.unwrap(), 1);
            tx.commit().await.unwrap();
            let after = version::current(&house.shop.db).await.unwrap();
            assert!(after.version > before.version, "{table}.{column}");
            let is_stock = stock.contains(&column.as_str());
            assert_eq!(after.content == before.content, is_stock, "{table}.{column}");
        }
    }
}

/// Of both engines: `tests/store/db.rs` compares the list with PostgreSQL's triggers.
#[test]
fn whatever_is_seen_is_content_but_sales() {
    for Shown { table, content } in SHOWN {
        assert_eq!(content == Content::Never, table == "sale", "{table}");
    }
}

async fn a_page_shows_the_last_write_whatever_was_remembered(test: TestDb) {
    let house = House::open(test).await;
    let before = house.design("batea-ring").await;
    let free = before
        .pieces
        .iter()
        .filter(|piece| piece.availability == PieceAvailability::Available)
        .count();
    assert!(free > 0);
    let content = version::current(&house.shop.db).await.unwrap().content;

    let taken = before.pieces[0].serial.as_str();
    house.write("UPDATE piece SET state = 'fair' WHERE serial = $1", &[taken]).await;
    let after = house.design("batea-ring").await;
    let left = after
        .pieces
        .iter()
        .filter(|piece| piece.availability == PieceAvailability::Available)
        .count();
    assert_eq!(left, free - 1);
    assert!(!matches!(after.availability, Availability::Pieces(n) if n as usize == free));
    assert_eq!(version::current(&house.shop.db).await.unwrap().content, content);

    house.write("UPDATE design SET price_minor = 99900 WHERE slug = $1", &["batea-ring"]).await;
    assert_eq!(house.design("batea-ring").await.price.amount_minor, 99_900);
    let listed = house.list(&Default::default()).await;
    let card = listed.cards.iter().find(|card| card.slug.of(Language::En) == "batea-ring").unwrap();
    assert_eq!(card.price.amount_minor, 99_900);

    let rename = "UPDATE design_text SET name = 'Otro nombre' WHERE language = 'es' AND design_id = (SELECT id FROM design WHERE slug = $1)";
    house.write(rename, &["batea-ring"]).await;
    assert_eq!(house.design("batea-ring").await.name, "Otro nombre");

    house.write("UPDATE design SET status = 'withdrawn' WHERE slug = $1", &["batea-ring"]).await;
    let gone =
        house.shop.catalogue.design(&house.visit(Language::Es), "anillo-batea").await.unwrap();
    assert!(gone.is_none());
    assert!(
        house
            .list(&Default::default())
            .await
            .cards
            .iter()
            .all(|c| c.slug.of(Language::En) != "batea-ring")
    );
}

on_both_engines!(
    only_stock_leaves_the_content_alone,
    a_page_shows_the_last_write_whatever_was_remembered,
);
