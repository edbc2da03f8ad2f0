//! Text search: the one place where the engines' full-text searches meet. Both index and
//! question are folded and stemmed by [`domain::search_text`], so both engines find the same.

use domain::language::Language;
use domain::search_text::{search_document, search_terms};

use super::statement::Statement;
use crate::db::{DbResult, Engine, Tx};

/// What a visitor typed, ready for either engine: only lower-case letters and digits are
/// left of it, quoted, so no syntax of a query language survives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchTerms(Vec<String>);

impl SearchTerms {
    /// The terms of a text; `None` when nothing is left to search by.
    pub fn parse(text: &str) -> Option<Self> {
        let terms = search_terms(text);
        (!terms.is_empty()).then_some(Self(terms))
    }

    /// All terms must occur; the last one may be the beginning of a word, because somebody
    /// may still be typing it.
    fn for_engine(&self, engine: Engine) -> String {
        let (quote, prefix, and) = match engine {
            Engine::Sqlite => ('"', "*", " "),
            Engine::Postgres => ('\'', ":*", " & "),
        };
        let last = self.0.len() - 1;
        let quoted = self.0.iter().enumerate().map(|(index, term)| {
            format!("{quote}{term}{quote}{}", if index == last { prefix } else { "" })
        });
        quoted.collect::<Vec<_>>().join(and)
    }
}

/// Adds the condition that the design with the key `column` is found.
pub(super) fn push_found(
    statement: &mut Statement,
    engine: Engine,
    column: &'static str,
    language: Language,
    terms: &SearchTerms,
) {
    statement.push(column).push(" IN (SELECT design_id FROM design_search WHERE language = ");
    statement.value(language.code());
    match engine {
        Engine::Sqlite => {
            statement.push(" AND design_search MATCH ").value(terms.for_engine(engine))
        }
        Engine::Postgres => statement
            .push(" AND words @@ to_tsquery('simple', ")
            .value(terms.for_engine(engine))
            .push(")"),
    };
    statement.push(")");
}

/// Puts what a design says of itself into the index, or replaces it.
pub async fn index(tx: &mut Tx, design_id: &str, language: Language, text: &str) -> DbResult<()> {
    tx.query("DELETE FROM design_search WHERE design_id = $1 AND language = $2")
        .bind(design_id)
        .bind(language.code())
        .execute()
        .await?;
    tx.query("INSERT INTO design_search (design_id, language, body) VALUES ($1, $2, $3)")
        .bind(design_id)
        .bind(language.code())
        .bind(search_document(text))
        .execute()
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

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
        ] {
            if let Some(terms) = SearchTerms::parse(hostile) {
                for engine in [Engine::Sqlite, Engine::Postgres] {
                    let asked = terms.for_engine(engine);
                    let bare: String = asked
                        .chars()
                        .filter(|c| !matches!(c, '"' | '\'' | '*' | ':' | '&' | ' '))
                        .collect();
                    assert!(
                        bare.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase()),
                        "{asked}"
                    );
                }
            }
        }
        assert_eq!(SearchTerms::parse(" ¿? -- "), None);
    }

    #[test]
    fn the_last_word_is_a_beginning() {
        let terms = SearchTerms::parse("plata bat").unwrap();
        assert_eq!(terms.for_engine(Engine::Sqlite), "\"plata\" \"bat\"*");
        assert_eq!(terms.for_engine(Engine::Postgres), "'plata' & 'bat':*");
    }
}
