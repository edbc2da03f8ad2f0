//! Lists in pages: `limit`, `starting_after`, `ending_before`, `created`.

use serde_json::{Value, json};

use crate::{
    base::{errors::ApiError, form::Fields},
    objects::object::Object,
};

/// Limits of the time of creation.
#[derive(Debug, Default)]
struct Created {
    gt: Option<i64>,
    gte: Option<i64>,
    lt: Option<i64>,
    lte: Option<i64>,
    exactly: Option<i64>,
}

impl Created {
    /// `created=1` or `created[gte]=1&created[lt]=2`.
    fn take(fields: &mut Fields) -> Result<Self, ApiError> {
        if fields.is_text("created") {
            return Ok(Self { exactly: fields.integer("created")?, ..Self::default() });
        }
        let mut inner = fields.object("created")?.unwrap_or_default();
        let bounds = Self {
            gt: inner.integer("gt")?,
            gte: inner.integer("gte")?,
            lt: inner.integer("lt")?,
            lte: inner.integer("lte")?,
            exactly: None,
        };
        inner.finish()?;
        Ok(bounds)
    }

    fn contains(&self, at: i64) -> bool {
        self.gt.is_none_or(|bound| at > bound)
            && self.gte.is_none_or(|bound| at >= bound)
            && self.lt.is_none_or(|bound| at < bound)
            && self.lte.is_none_or(|bound| at <= bound)
            && self.exactly.is_none_or(|moment| at == moment)
    }
}

/// The page of a list that is requested.
#[derive(Debug)]
pub(crate) struct Page {
    limit: usize,
    after: Option<String>,
    before: Option<String>,
    created: Created,
}

impl Page {
    /// Reads the parameters that all lists have.
    pub(crate) fn take(fields: &mut Fields) -> Result<Self, ApiError> {
        let limit = match fields.integer("limit")? {
            None => 10,
            Some(number @ 1..=100) => usize::try_from(number).unwrap_or(100),
            Some(number) => {
                return Err(ApiError::invalid(format!(
                    "Invalid limit: {number}; must be between 1 and 100."
                ))
                .code("parameter_invalid_integer")
                .param("limit"));
            }
        };
        let after = fields.text("starting_after")?;
        let before = fields.text("ending_before")?;
        if after.is_some() && before.is_some() {
            return Err(ApiError::invalid(
                "You may only specify one of these parameters: starting_after, ending_before.",
            )
            .param("starting_after"));
        }
        Ok(Self { limit, after, before, created: Created::take(fields)? })
    }

    /// The requested page of `found`, which is sorted with the newest first, as Stripe shows it.
    pub(crate) fn render<'a, T: Object + 'a>(
        &self,
        url: &str,
        found: impl Iterator<Item = &'a T>,
        show: impl Fn(&T) -> Value,
    ) -> Result<Value, ApiError> {
        let mut found = found.filter(|item| self.created.contains(item.created()));
        let (items, more) = if let Some(before) = &self.before {
            let mut newer: Vec<&T> = Vec::new();
            loop {
                match found.next() {
                    None => return Err(unknown_cursor(before, "ending_before")),
                    Some(item) if item.id() == before => break,
                    Some(item) => newer.push(item),
                }
            }
            let skipped = newer.len().saturating_sub(self.limit);
            (newer.split_off(skipped), skipped > 0)
        } else {
            if let Some(after) = &self.after
                && !found.by_ref().any(|item| item.id() == after)
            {
                return Err(unknown_cursor(after, "starting_after"));
            }
            let items: Vec<&T> = found.by_ref().take(self.limit).collect();
            (items, found.next().is_some())
        };
        let data: Vec<Value> = items.into_iter().map(show).collect();
        Ok(json!({ "object": "list", "data": data, "has_more": more, "url": url }))
    }
}

fn unknown_cursor(id: &str, param: &str) -> ApiError {
    ApiError::no_such("object", id, param).status(400)
}
