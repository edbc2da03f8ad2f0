//! Statements whose length depends on the request: filters, lists of keys, many rows at once. Text
//! is assembled from constant fragments only; every value is bound.

use std::ops::Deref;

use crate::db::{AnyRow, Db, DbResult, Query, Tx};

/// A value to bind.
#[derive(Debug, Clone)]
pub enum Value {
    /// TEXT.
    Text(Option<String>),
    /// BIGINT.
    Int(Option<i64>),
    /// BOOLEAN.
    Bool(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

/// A `String`, or a key of any type.
impl<T: Deref<Target = str>> From<&T> for Value {
    fn from(text: &T) -> Self {
        Self::Text(Some((**text).to_owned()))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

fn bind(query: Query<'_>, value: Value) -> Query<'_> {
    match value {
        Value::Text(text) => query.bind(text),
        Value::Int(number) => query.bind(number),
        Value::Bool(truth) => query.bind(truth),
    }
}

/// A statement being assembled.
#[derive(Debug, Clone, Default)]
pub(super) struct Statement {
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    /// Begins with a fragment.
    pub(super) fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), values: Vec::new() }
    }

    /// Adds a fragment.
    pub(super) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a parameter with its value.
    pub(super) fn value(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.sql.push('$');
        self.sql.push_str(&self.values.len().to_string());
        self
    }

    /// Adds `($n, $n+1, …)`. An empty list is `(NULL)`, which contains nothing.
    pub(super) fn list<V: Into<Value>>(
        &mut self,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return self.push("(NULL)");
        }
        self.push("(");
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.value(value);
        }
        self.push(")")
    }

    /// All rows, outside any transaction.
    pub(super) async fn fetch_all<R: AnyRow>(self, db: &Db) -> DbResult<Vec<R>> {
        self.values.into_iter().fold(db.query(self.sql), bind).fetch_all().await
    }

    /// All rows, inside a transaction.
    pub(super) async fn fetch_all_in<R: AnyRow>(self, tx: &mut Tx) -> DbResult<Vec<R>> {
        self.values.into_iter().fold(tx.query(self.sql), bind).fetch_all().await
    }

    /// Runs it inside a transaction and tells how many rows it touched.
    pub(super) async fn execute_in(self, tx: &mut Tx) -> DbResult<u64> {
        self.values.into_iter().fold(tx.query(self.sql), bind).execute().await
    }
}

/// Maximum number of parameters of one statement: SQLite takes 32,766, PostgreSQL 65,535.
const PARAMETERS_MAX: usize = 16_000;

/// Inserts many rows with few statements. `into` is `table (column, …)`, `tail` is what follows the
/// rows, such as `ON CONFLICT DO NOTHING`. Every row has as many values as there are columns.
/// Returns how many rows were written.
pub async fn insert_rows(
    tx: &mut Tx,
    into: &'static str,
    tail: &'static str,
    rows: Vec<Vec<Value>>,
) -> DbResult<u64> {
    let mut written = 0;
    let mut rows = rows.into_iter().peekable();
    while let Some(width) = rows.peek().map(Vec::len) {
        let mut statement = Statement::new("INSERT INTO ");
        statement.push(into).push(" VALUES ");
        let take = (PARAMETERS_MAX / width.max(1)).clamp(1, 500);
        for (index, row) in rows.by_ref().take(take).enumerate() {
            if index > 0 {
                statement.push(", ");
            }
            statement.list(row);
        }
        statement.push(" ").push(tail);
        written +=
            statement.values.into_iter().fold(tx.query(statement.sql), bind).execute().await?;
    }
    Ok(written)
}
