//! The demonstration catalogue: invented people, pieces and papers, and computer renders instead of
//! photographs. Facts are data in the demo folder (`manifest.json`, `people.json`, `metal.json`,
//! `money.json`, `designs.json`); this module only loads them.
//!
//! Everything goes in with one transaction, so the demonstration is there as a whole or not at all;
//! a second run finds it and changes nothing. Photographs are taken in every time: existing files
//! are not made twice, and lost files are made again.

mod books;
mod designs;
mod files;
mod people;
mod sales;
mod synthetic;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use store::db::{Db, DbError, Tx};
use store::{Value, insert_rows};

use self::files::Files;
use crate::catalogue::search_words;
use crate::kernel::media::{MediaError, Photos, Policy, StoredPhoto, Widths};

pub use synthetic::load_synthetic;

/// What the loader did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DemoReport {
    /// Photographs looked at.
    pub photos: usize,
    /// Members written.
    pub members: usize,
    /// Lots written.
    pub lots: usize,
    /// Designs written.
    pub designs: usize,
    /// Pieces written.
    pub pieces: usize,
}

impl std::fmt::Display for DemoReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.designs == 0 {
            return write!(
                f,
                "the demonstration is there already ({} photographs checked)",
                self.photos
            );
        }
        write!(
            f,
            "demonstration loaded: {} designs with {} pieces, {} members, {} lots, {} photographs",
            self.designs, self.pieces, self.members, self.lots, self.photos
        )
    }
}

/// Why the demonstration could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file of the demo folder cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file of the demo folder does not hold what it should.
    #[error("{}: {what}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The facts contradict each other or a rule of the association.
    #[error("the demonstration's facts do not fit together: {0}")]
    Unfit(String),
    /// A photograph could not be taken in.
    #[error("{file}: {source}")]
    Photo {
        /// The photograph.
        file: String,
        /// What the photo module says.
        source: MediaError,
    },
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Result of loading.
pub type DemoResult<T> = Result<T, DemoError>;

/// Facts that do not fit together.
fn unfit(what: impl std::fmt::Display) -> DemoError {
    DemoError::Unfit(what.to_string())
}

/// Loads the demonstration from `folder`: photographs first, then everything else.
///
/// # Errors
/// [`DemoError`]; nothing was written to the database then.
pub async fn load(
    db: &Db,
    photos: &Photos,
    folder: &Path,
    now: Timestamp,
) -> DemoResult<DemoReport> {
    let files = Files::read(folder)?;
    let stored = take_in(photos, folder, &files).await?;
    write(db, &files, &stored, now).await
}

/// Loads the demonstration from `folder` with photographs that were taken in before, by the
/// names of their files (see [`photo_files`]).
///
/// # Errors
/// [`DemoError`]; nothing was written to the database then.
pub async fn load_facts(
    db: &Db,
    folder: &Path,
    stored: &HashMap<String, StoredPhoto>,
    now: Timestamp,
) -> DemoResult<DemoReport> {
    write(db, &Files::read(folder)?, stored, now).await
}

/// The photographs of the demonstration: file names and the widths each is kept in.
///
/// # Errors
/// [`DemoError`] if the folder does not hold what it should.
pub fn photo_files(folder: &Path) -> DemoResult<Vec<(String, Widths)>> {
    Ok(photos_of(&Files::read(folder)?)
        .map(|(image, widths)| (image.file.clone(), widths))
        .collect())
}

fn photos_of(files: &Files) -> impl Iterator<Item = (&files::Image, Widths)> {
    let pieces = files
        .manifest
        .designs
        .iter()
        .flat_map(|design| &design.images)
        .map(|image| (image, Widths::PIECE));
    pieces.chain(files.manifest.wide.iter().map(|image| (image, Widths::WIDE)))
}

async fn write(
    db: &Db,
    files: &Files,
    stored: &HashMap<String, StoredPhoto>,
    now: Timestamp,
) -> DemoResult<DemoReport> {
    let mut report = DemoReport { photos: stored.len(), ..DemoReport::default() };
    let mut tx = db.begin().await?;
    if is_there(&mut tx, files).await? {
        tx.rollback().await?;
        return Ok(report);
    }
    let members = people::write(&mut tx, &files.people, now).await?;
    books::write_money(&mut tx, &files.money).await?;
    let mut book = books::write_metal(&mut tx, &files.metal, now).await?;
    designs::write_photos(&mut tx, &files.manifest, stored).await?;
    let written = designs::write(&mut tx, files, stored, &members, &mut book, now).await?;
    report.lots = book.write(&mut tx).await?;
    sales::write(&mut tx, files, &written).await?;
    search_words::refresh_in(&mut tx).await?;
    report.members = members.len();
    report.designs = files.manifest.designs.len();
    report.pieces = written.len();
    tx.commit().await?;
    Ok(report)
}

/// Whether a design of the demonstration is in the database. All of them are written together.
async fn is_there(tx: &mut Tx, files: &Files) -> DemoResult<bool> {
    let Some(design) = files.manifest.designs.first() else {
        return Err(unfit("the manifest names no design"));
    };
    let row = tx
        .query("SELECT id FROM design WHERE slug = $1")
        .bind(design.slug.as_str())
        .fetch_optional::<(String,)>()
        .await?;
    Ok(row.is_some())
}

/// Takes in every photograph. Returns the facts of each stored photo by its file name.
async fn take_in(
    photos: &Photos,
    folder: &Path,
    files: &Files,
) -> DemoResult<HashMap<String, StoredPhoto>> {
    let mut stored = HashMap::new();
    for (image, widths) in photos_of(files) {
        let path = folder.join(&image.file);
        let bytes =
            tokio::fs::read(&path).await.map_err(|source| DemoError::Read { path, source })?;
        let photo = photos.ingest(bytes.into(), widths, Policy::Public).await;
        let photo =
            photo.map_err(|source| DemoError::Photo { file: image.file.clone(), source })?;
        stored.insert(image.file.clone(), photo);
    }
    Ok(stored)
}

/// The moment of that day at which the demonstration's events take place: the afternoon in Lima.
fn afternoon_us(day: Date) -> i64 {
    domain::calendar::lima_midnight_us(day) + 15 * 3_600_000_000
}

/// Inserts rows and asserts that every one was written.
async fn insert(tx: &mut Tx, into: &'static str, rows: Vec<Vec<Value>>) -> DemoResult<usize> {
    let expected = rows.len();
    let written = insert_rows(tx, into, "", rows).await?;
    if usize::try_from(written) == Ok(expected) {
        Ok(expected)
    } else {
        Err(unfit(format!("{into}: {written} of {expected} rows written")))
    }
}
