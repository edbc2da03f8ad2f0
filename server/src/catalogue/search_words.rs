//! Keeps the words of designs ready for the search. The schema's triggers put a design on a list
//! whenever a text changes by which it may be found. Its words are read again before the next
//! search, so that no writer has to think of it.

use store::db::{Db, DbResult, Tx, inconsistent};
use store::search::{self, Document, FactsRow, TextRow};

use app::backend::shop::Category;
use app::pages::shop::search_words::{self as said, Codes};
use domain::metal::Metal;
use domain::search_text::{serial_words, words};

use super::facts::stones_of;

/// Reads the words of every design on the list again, inside a transaction.
///
/// # Errors
/// When the database does not answer, or holds codes that no page knows.
pub async fn refresh_in(tx: &mut Tx) -> DbResult<()> {
    while refresh_some(tx).await? {}
    Ok(())
}

/// Reads the words of every design on the list again.
///
/// # Errors
/// As [`refresh_in`].
pub async fn refresh(db: &Db) -> DbResult<()> {
    while search::any_stale(db).await? {
        let mut tx = db.begin().await?;
        refresh_some(&mut tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Reads the words of some designs on the list again. Returns whether there were any.
async fn refresh_some(tx: &mut Tx) -> DbResult<bool> {
    let ids = search::take_stale(tx).await?;
    if ids.is_empty() {
        return Ok(false);
    }
    let (facts, texts, serials) = search::sources(tx, &ids).await?;
    let mut documents = Vec::with_capacity(facts.len());
    for row in &facts {
        let of_it = texts.iter().filter(|text| text.design_id == row.id);
        let serials = serials.iter().filter(|(id, _)| **id == *row.id).map(|(_, serial)| serial);
        documents.push(document(row, of_it, serials)?);
    }
    search::replace(tx, &ids, &documents).await?;
    Ok(true)
}

/// The words of one design.
fn document<'a>(
    row: &FactsRow,
    texts: impl Iterator<Item = &'a TextRow>,
    serials: impl Iterator<Item = &'a String>,
) -> DbResult<Document> {
    let odd = |what: &str| inconsistent("design", &row.id, what);
    let stones = stones_of(&row.stones).map_err(|_| odd("stones"))?;
    let techniques: Vec<String> =
        serde_json::from_str(&row.techniques).map_err(|_| odd("techniques"))?;
    let codes = Codes {
        category: Category::from_code(&row.category).ok_or_else(|| odd("category"))?,
        metal: Metal::from_name(&row.metal).ok_or_else(|| odd("metal"))?,
        fineness_permille: u32::try_from(row.fineness_permille).map_err(|_| odd("fineness"))?,
        gold_750_mg: row.gold_750_mg,
        stones: &stones,
        techniques: &techniques,
    };
    let mut document = Document { design_id: row.id.to_string(), ..Document::default() };
    document.facts = words(&said::facts(&codes));
    document.body = words(&said::besides(&codes));
    for text in texts {
        document.name.extend(words(&text.name));
        document.facts.extend(words(&text.keywords));
        document.body.extend(words(&text.description));
    }
    document.facts.extend(serials.flat_map(|serial| serial_words(serial)));
    for field in [&mut document.name, &mut document.facts, &mut document.body] {
        field.sort_unstable();
        field.dedup();
    }
    Ok(document)
}
