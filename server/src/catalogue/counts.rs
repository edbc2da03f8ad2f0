//! How many designs each choice of a filter has.

use store::catalogue::{self as rows, CubeRow, Filter};
use store::db::{Db, DbResult};

/// What is counted: the filter, and the bands of prices in soles.
pub(super) type Counted = (Filter, Vec<(i64, i64)>);

/// The numbers of one filter, whatever the order and the page.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) cube: Vec<CubeRow>,
    pub(super) makers: Vec<(String, i64)>,
    pub(super) sizes: Vec<(i64, i64)>,
}

impl Counts {
    pub(super) async fn read(db: &Db, (filter, bands): &Counted) -> DbResult<Self> {
        Ok(Self {
            cube: rows::cube(db, filter, bands).await?,
            makers: rows::maker_counts(db, filter).await?,
            sizes: rows::size_counts(db, filter).await?,
        })
    }
}
