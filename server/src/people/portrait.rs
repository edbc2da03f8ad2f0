//! The portrait of a member.

use bytes::Bytes;
use store::db::{Db, DbError};
use store::maker::{self, NewPhoto};

use crate::kernel::media::{MediaError, Photos, Policy, StoredPhoto, Widths};

/// Why a portrait was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PortraitError {
    /// No member has this address.
    #[error("no member has the address {0}")]
    NoSuchMember(String),
    /// The photograph cannot be taken in.
    #[error(transparent)]
    Photo(#[from] MediaError),
    /// The record of the photograph cannot be written.
    #[error("the photograph's record: {0}")]
    Record(#[from] serde_json::Error),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes a photograph the portrait of the member with this slug. It is shown while she consents.
///
/// # Errors
/// [`PortraitError`]; her former portrait stays then.
pub async fn set(
    db: &Db,
    photos: &Photos,
    slug: &str,
    original: Bytes,
) -> Result<StoredPhoto, PortraitError> {
    let photo = photos.ingest(original, Widths::PORTRAIT, Policy::Consented).await?;
    let widths = serde_json::to_string(&photo.widths)?;
    let row = NewPhoto {
        hash: &photo.hash,
        width_px: photo.width_px,
        height_px: photo.height_px,
        colour: &photo.colour,
        widths: &widths,
    };
    let mut tx = db.begin().await?;
    if !maker::set_portrait(&mut tx, slug, row).await? {
        tx.rollback().await?;
        return Err(PortraitError::NoSuchMember(slug.to_owned()));
    }
    tx.commit().await?;
    Ok(photo)
}
