//! Text search in the full-text indexes of both engines. The words of both index and query come
//! from [`domain::search_text`] and [`domain::search_match`], and points are counted here by one
//! rule, so both engines find the same in the same order.

use domain::id::DesignId;
use std::collections::BTreeMap;

use domain::search_match::{Reading, is_known_kind};

use super::statement::{Statement, Value, insert_rows};
use crate::db::{Db, DbResult, Engine, Tx};

/// How many designs are indexed again in one batch.
const BATCH: i64 = 500;

/// A field of a design's words: its column, its weight in PostgreSQL, and the points of a word in it.
struct Field {
    column: &'static str,
    weight: char,
    points: i64,
}

/// A name says more than a fact, a fact more than a description.
const FIELDS: [Field; 3] = [
    Field { column: "name", weight: 'A', points: 8 },
    Field { column: "facts", weight: 'B', points: 4 },
    Field { column: "body", weight: 'C', points: 2 },
];
/// Points of a maker's name, the same as those of a fact.
const MAKER_POINTS: i64 = FIELDS[1].points;

/// One word of a query, ready for either engine: letters and digits only, quoted, so it cannot
/// contain syntax of a query language.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchTerm {
    /// What it stands for.
    pub reading: Reading,
    /// Keys of the members whose names it means.
    pub makers: Vec<String>,
}

impl SearchTerm {
    /// The expression for the words it stands for, in the engine's language, in one field or in
    /// any; `None` if there are none.
    fn whole(&self, engine: Engine, field: Option<&Field>) -> Option<String> {
        let words: Vec<String> =
            self.reading.words.iter().map(|word| quoted(engine, word, false, field)).collect();
        let or = match engine {
            Engine::Sqlite => " OR ",
            Engine::Postgres => " | ",
        };
        (!words.is_empty()).then(|| in_field(engine, field, &words.join(or)))
    }

    /// The expression for words that begin with it.
    fn begun(&self, engine: Engine, field: Option<&Field>) -> Option<String> {
        let begun = || quoted(engine, &self.reading.asked, true, field);
        self.reading.begins.then(|| in_field(engine, field, &begun()))
    }

    /// The expression for any word it stands for, in any field.
    fn anywhere(&self, engine: Engine) -> Option<String> {
        let parts: Vec<String> =
            self.whole(engine, None).into_iter().chain(self.begun(engine, None)).collect();
        let or = match engine {
            Engine::Sqlite => " OR ",
            Engine::Postgres => " | ",
        };
        (!parts.is_empty()).then(|| format!("({})", parts.join(or)))
    }
}

fn quoted(engine: Engine, word: &str, begins: bool, field: Option<&Field>) -> String {
    match engine {
        Engine::Sqlite => format!("\"{word}\"{}", if begins { " *" } else { "" }),
        Engine::Postgres => {
            let weight = field.map(|field| field.weight);
            let label: String = begins.then_some('*').into_iter().chain(weight).collect();
            let colon = if label.is_empty() { "" } else { ":" };
            format!("'{word}'{colon}{label}")
        }
    }
}

fn in_field(engine: Engine, field: Option<&Field>, words: &str) -> String {
    match (engine, field) {
        (Engine::Sqlite, Some(field)) => format!("{} : ({words})", field.column),
        (_, _) => format!("({words})"),
    }
}

/// Adds a query for the numbers of the designs that contain the asked words.
fn push_numbers(statement: &mut Statement, engine: Engine, asked: String) {
    match engine {
        Engine::Sqlite => statement
            .push(
                "SELECT rowid AS number FROM design_search_index WHERE design_search_index MATCH ",
            )
            .value(asked),
        Engine::Postgres => statement
            .push("SELECT number FROM design_search_text WHERE words @@ to_tsquery('simple', ")
            .value(asked)
            .push(")"),
    };
}

/// Adds the condition that the design with the key `column` contains the asked words.
fn push_has(statement: &mut Statement, engine: Engine, column: &'static str, asked: String) {
    statement.push(column).push(" IN (SELECT design_id FROM design_search_text WHERE number IN (");
    push_numbers(statement, engine, asked);
    statement.push("))");
}

/// Adds the condition that the design with the key `column` is found: by every term, in its words
/// or by the name of who made it.
pub(super) fn push_found(
    statement: &mut Statement,
    engine: Engine,
    column: &'static str,
    terms: &[SearchTerm],
) {
    let (by_words, by_makers): (Vec<_>, Vec<_>) =
        terms.iter().partition(|term| term.makers.is_empty());
    let asked: Option<Vec<String>> = by_words.iter().map(|term| term.anywhere(engine)).collect();
    let Some(asked) = asked else {
        // A word that stands for nothing finds nothing.
        statement.push("1 = 0");
        return;
    };
    let mut and = "";
    if !asked.is_empty() {
        let all = match engine {
            Engine::Sqlite => asked.join(" AND "),
            Engine::Postgres => asked.join(" & "),
        };
        push_has(statement, engine, column, all);
        and = " AND ";
    }
    for term in by_makers {
        statement.push(and).push("(");
        if let Some(asked) = term.anywhere(engine) {
            push_has(statement, engine, column, asked);
            statement.push(" OR ");
        }
        statement
            .push(column)
            .push(" IN (SELECT design_id FROM design_maker WHERE shown = TRUE AND member_id IN ")
            .list(&term.makers)
            .push("))");
        and = " AND ";
    }
}

/// Adds a table `(number, points)` of the designs that every term finds, `number` as in
/// `design_search_text`. A word counts in each field that contains it, half as much when only its
/// beginning matches. Points are whole numbers, so that both engines agree.
pub(super) fn push_points(statement: &mut Statement, engine: Engine, terms: &[SearchTerm]) {
    statement.push("(SELECT number, SUM(points) AS points FROM (");
    let mut union = "";
    let mut begin = |statement: &mut Statement, term: usize, points: i64| {
        let term = i64::try_from(term).unwrap_or(i64::MAX);
        statement.push(union).push("SELECT number, CAST(").value(points);
        statement.push(" AS BIGINT) AS points, CAST(").value(term);
        statement.push(" AS BIGINT) AS term FROM (");
        union = " UNION ALL ";
    };
    for (index, term) in terms.iter().enumerate() {
        for field in &FIELDS {
            let counted = [
                (term.whole(engine, Some(field)), field.points),
                (term.begun(engine, Some(field)), field.points / 2),
            ];
            for (asked, points) in counted {
                let Some(asked) = asked else { continue };
                begin(statement, index, points);
                push_numbers(statement, engine, asked);
                statement.push(") AS hit");
            }
        }
        if !term.makers.is_empty() {
            begin(statement, index, MAKER_POINTS);
            statement
                .push(
                    "SELECT number FROM design_search_text WHERE design_id IN
                     (SELECT design_id FROM design_maker WHERE shown = TRUE AND member_id IN ",
                )
                .list(&term.makers)
                .push(")) AS hit");
        }
    }
    if union.is_empty() {
        statement.push("SELECT 0 AS number, CAST(0 AS BIGINT) AS points, 0 AS term WHERE 1 = 0");
    }
    let all = i64::try_from(terms.len()).unwrap_or(i64::MAX);
    statement.push(") AS hits GROUP BY number HAVING COUNT(DISTINCT term) = ").value(all).push(")");
}

/// Every word of the catalogue that has no digit.
pub async fn vocabulary(db: &Db) -> DbResult<Vec<String>> {
    let rows = db.query("SELECT word FROM search_vocabulary").fetch_all::<(String,)>().await?;
    Ok(rows.into_iter().map(|(word,)| word).collect())
}

/// Whether any design must be indexed again.
pub async fn any_stale(db: &Db) -> DbResult<bool> {
    let row = db
        .query("SELECT design_id FROM search_stale LIMIT 1")
        .fetch_optional::<(String,)>()
        .await?;
    Ok(row.is_some())
}

/// Takes some designs that must be indexed again off the list; none when the list is empty or
/// another transaction has taken them.
pub async fn take_stale(tx: &mut Tx) -> DbResult<Vec<String>> {
    let rows = tx
        .query(
            "DELETE FROM search_stale WHERE design_id IN
               (SELECT design_id FROM search_stale ORDER BY design_id LIMIT $1)
             RETURNING design_id",
        )
        .bind(BATCH)
        .fetch_all::<(String,)>()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What is known of a published design that a search may be about.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FactsRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: DesignId,
    /// Code of the category.
    pub category: String,
    /// Code of the metal.
    pub metal: String,
    /// Fineness in permille.
    pub fineness_permille: i64,
    /// Gold of 750 permille in it, in mg.
    pub gold_750_mg: i64,
    /// JSON list of stones.
    pub stones: String,
    /// JSON list of techniques.
    pub techniques: String,
}

/// The texts of a design in one language.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TextRow {
    /// Design.
    #[sqlx(try_from = "String")]
    pub design_id: DesignId,
    /// Code of the language.
    pub language: String,
    /// Name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Words that find it although no page prints them.
    pub keywords: String,
}

/// The published ones among these designs, with their texts and the serials of their pieces.
pub async fn sources(
    tx: &mut Tx,
    design_ids: &[String],
) -> DbResult<(Vec<FactsRow>, Vec<TextRow>, Vec<(String, String)>)> {
    let mut facts = Statement::new(
        "SELECT id, category, metal, fineness_permille, gold_750_mg, stones, techniques
         FROM design WHERE status = 'published' AND id IN ",
    );
    facts.list(design_ids);
    let mut texts = Statement::new(
        "SELECT design_id, language, name, description, keywords FROM design_text WHERE design_id IN ",
    );
    texts.list(design_ids).push(" ORDER BY design_id, language");
    let mut serials = Statement::new("SELECT design_id, serial FROM piece WHERE design_id IN ");
    serials.list(design_ids).push(" ORDER BY design_id, serial");
    Ok((
        facts.fetch_all_in(tx).await?,
        texts.fetch_all_in(tx).await?,
        serials.fetch_all_in(tx).await?,
    ))
}

/// The words of a design, by field, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Design.
    pub design_id: String,
    /// Words of its names.
    pub name: Vec<String>,
    /// Words of its facts.
    pub facts: Vec<String>,
    /// Words of its other texts.
    pub body: Vec<String>,
}

/// Replaces the indexed words of these designs. Designs without a document are no longer found.
pub async fn replace(tx: &mut Tx, design_ids: &[String], documents: &[Document]) -> DbResult<()> {
    let mut old = Statement::new(
        "SELECT name || ' ' || facts || ' ' || body FROM design_search_text WHERE design_id IN ",
    );
    old.list(design_ids);
    let mut change: BTreeMap<String, i64> = BTreeMap::new();
    for (words,) in old.fetch_all_in::<(String,)>(tx).await? {
        count(&mut change, words.split(' '), -1);
    }
    let mut gone = Statement::new("DELETE FROM design_search_text WHERE design_id IN ");
    gone.list(design_ids);
    gone.execute_in(tx).await?;
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(documents.len());
    for document in documents {
        let fields = [&document.name, &document.facts, &document.body];
        count(&mut change, fields.into_iter().flatten().map(String::as_str), 1);
        let texts = fields.map(|words| Value::from(words.join(" ")));
        rows.push([Value::from(&document.design_id)].into_iter().chain(texts).collect());
    }
    insert_rows(tx, "design_search_text (design_id, name, facts, body)", "", rows).await?;
    change_vocabulary(tx, change).await
}

/// Counts the different words of one design.
fn count<'a>(change: &mut BTreeMap<String, i64>, words: impl Iterator<Item = &'a str>, by: i64) {
    let mut different: Vec<&str> = words.filter(|word| is_known_kind(word)).collect();
    different.sort_unstable();
    different.dedup();
    for word in different {
        *change.entry(word.to_owned()).or_default() += by;
    }
}

/// Changes the counts in the order of the words, so that two transactions never deadlock.
async fn change_vocabulary(tx: &mut Tx, change: BTreeMap<String, i64>) -> DbResult<()> {
    let (more, less): (Vec<_>, Vec<_>) =
        change.into_iter().filter(|(_, by)| *by != 0).partition(|(_, by)| *by > 0);
    let more = more.into_iter().map(|(word, by)| vec![word.into(), by.into()]).collect();
    insert_rows(
        tx,
        "search_vocabulary (word, designs)",
        "ON CONFLICT (word) DO UPDATE SET designs = search_vocabulary.designs + excluded.designs",
        more,
    )
    .await?;
    for (word, by) in less {
        tx.query("UPDATE search_vocabulary SET designs = designs + $2 WHERE word = $1")
            .bind(word)
            .bind(by)
            .execute()
            .await?;
    }
    tx.query("DELETE FROM search_vocabulary WHERE designs = 0").execute().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use domain::search_match::{Asked, Vocabulary};

    use super::*;

    fn terms(text: &str, known: &str) -> Vec<SearchTerm> {
        let Asked::Words(asked) = Asked::parse(text) else { return Vec::new() };
        let vocabulary = Vocabulary::new(domain::search_text::words(known));
        let term = |reading| SearchTerm { reading, makers: Vec::new() };
        vocabulary.read(&asked).into_iter().map(term).collect()
    }

    #[test]
    fn no_query_syntax_survives() {
        for hostile in [
            "\"",
            "'",
            "a\" OR \"b",
            "NEAR(a b)",
            "x:*",
            "-- ;",
            "a' | 'b",
            "*",
            "AND",
            "{a b}: c",
            "\0",
            "1:*A",
            "18k:A",
        ] {
            for term in terms(hostile, hostile) {
                for engine in [Engine::Sqlite, Engine::Postgres] {
                    let asked = term.anywhere(engine).unwrap();
                    let words = asked.replace(" OR ", " ");
                    assert!(
                        words.chars().all(|c| (c.is_alphanumeric() && !c.is_uppercase())
                            || "\"'*:|() ".contains(c)),
                        "{asked}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_last_word_is_a_beginning_and_fields_are_told_apart() {
        let terms = terms("plata bat", "plata platas batea");
        let whole = |engine, field| terms[0].whole(engine, field).unwrap();
        assert_eq!(whole(Engine::Sqlite, None), "(\"plata\" OR \"platas\")");
        assert_eq!(whole(Engine::Sqlite, Some(&FIELDS[0])), "name : (\"plata\" OR \"platas\")");
        assert_eq!(whole(Engine::Postgres, Some(&FIELDS[1])), "('plata':B | 'platas':B)");
        assert_eq!(terms[0].begun(Engine::Sqlite, None), None);
        assert_eq!(terms[1].anywhere(Engine::Sqlite).unwrap(), "((\"bat\" *))");
        assert_eq!(terms[1].begun(Engine::Postgres, Some(&FIELDS[2])).unwrap(), "('bat':*C)");
    }
}
