//! Photos: decode, orient, resize, encode, keep, serve.
//!
//! ```text
//! bytes ─ decode ─ upright sRGB pixels ─ resize ─ 4 widths ─ encode ─ 12 files ─ store
//! ```
//!
//! - [`Photos::ingest`] takes an original as a phone sends it and answers with what a page
//!   needs to show it. It may be called again with the same bytes at any time, on any node:
//!   names are made of the content, and what is there is not made twice.
//! - Location and all other metadata end in `decode`, which hands on pixels only. Not even
//!   the master kept for later renditions (`originals/`, never served) has any.
//! - Pictures from outside are hostile until proven otherwise: headers are judged before
//!   anything is decoded, and the pixels in memory at one time are bounded for the process.
//!
//! To change a setting of an encoder or a step of the widths, raise `PIPELINE_VERSION`.

mod decode;
mod encode;
mod error;
mod keys;
mod probe;
mod resize;
mod serve;
mod store;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, num::NonZeroUsize, sync::Arc, time::Instant};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use image::RgbImage;
use object_store::{GetResult, ObjectStore, ObjectStoreExt as _, path::Path};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

pub use self::{
    error::MediaError,
    keys::{ImageFormat, Policy, StoredPhoto, Widths},
    probe::{MARKER, Patience, probe},
    serve::{Answer, Rendition, router},
    store::open_store,
};

/// Files of one photo that are sent to the store at one time.
const PUTS_AT_ONCE: usize = 4;

/// The limits of one process for photos.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest file that is accepted, in bytes.
    pub max_bytes: usize,
    /// Largest picture that is accepted, and the limit for all pictures in work together, in
    /// pixels. Each pixel needs some 15 bytes of memory.
    pub max_pixels: u64,
    /// Photos in work at one time, if their pixels fit the limit.
    pub at_once: NonZeroUsize,
    /// Threads that encode.
    pub threads: NonZeroUsize,
}

impl Default for Limits {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            max_bytes: 30 * 1024 * 1024,
            max_pixels: 50_000_000,
            at_once: NonZeroUsize::MIN.saturating_add(1),
            threads,
        }
    }
}

/// The photo store and the workers that fill it. Clones share both.
#[derive(Debug, Clone)]
pub struct Photos {
    store: Arc<dyn ObjectStore>,
    limits: Limits,
    /// One permit for each thousand pixels that may be in memory.
    budget: Arc<Semaphore>,
    workers: Arc<rayon::ThreadPool>,
}

impl Photos {
    /// Starts the workers.
    ///
    /// # Errors
    /// [`MediaError::Workers`] if the system gives no threads.
    pub fn new(store: Arc<dyn ObjectStore>, limits: Limits) -> Result<Self, MediaError> {
        let workers = rayon::ThreadPoolBuilder::new()
            .num_threads(limits.threads.get())
            .thread_name(|n| format!("photo-{n}"))
            .build()?;
        let budget = Semaphore::new(permits(limits.max_pixels) as usize);
        Ok(Self { store, limits, budget: Arc::new(budget), workers: Arc::new(workers) })
    }

    /// Takes in an original: makes all renditions, keeps them, and says what they are. Calling it
    /// again with the same bytes and steps changes nothing and is quick. A second call completes
    /// one that was interrupted.
    ///
    /// # Errors
    /// Errors for which [`MediaError::is_senders`] holds say what is wrong with the picture. The
    /// others mean that it should be tried again.
    pub async fn ingest(
        &self,
        original: Bytes,
        widths: Widths,
        policy: Policy,
    ) -> Result<StoredPhoto, MediaError> {
        let started = Instant::now();
        let limits = self.limits;
        let (original, digest, checked) = spawn_blocking(move || {
            let checked = decode::check(&original, &limits)?;
            let digest: [u8; 32] = Sha256::digest(&original).into();
            Ok::<_, MediaError>((original, digest, checked))
        })
        .await
        .map_err(MediaError::Interrupted)??;

        let hash = keys::photo_hash(&digest, widths, policy);
        if let Some(photo) = self.kept(&hash).await? {
            return Ok(photo);
        }
        let permit = self.admit(checked.pixels).await;
        let workers = Arc::clone(&self.workers);
        let made = spawn_blocking(move || {
            // Held here and not by the caller, so that a cancelled request does not make room for
            // another one while its photo is still in work.
            let _permit = permit;
            workers.install(|| make(&original, &checked, widths, (hash, policy)))
        })
        .await
        .map_err(MediaError::Interrupted)??;

        self.keep(&digest, &made).await?;
        let bytes: usize = made.renditions.iter().map(|(_, bytes)| bytes.len()).sum();
        let ms = started.elapsed().as_millis();
        tracing::info!(
            hash = made.photo.hash,
            files = made.renditions.len(),
            bytes,
            ms,
            "photo taken in"
        );
        Ok(made.photo)
    }

    /// An object of the store, `None` if there is none. Callers must not pass keys that come from a
    /// request.
    ///
    /// # Errors
    /// [`MediaError::Store`] if the store cannot answer.
    pub async fn get(&self, key: &str) -> Result<Option<GetResult>, MediaError> {
        match self.store.get(&Path::from(key)).await {
            Ok(object) => Ok(Some(object)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the store answers and is the one that was tried at the start, see [`probe`].
    pub async fn is_there(&self) -> bool {
        matches!(self.get(MARKER).await, Ok(Some(_)))
    }

    /// The record of a photo, if all its renditions are there.
    async fn kept(&self, hash: &str) -> Result<Option<StoredPhoto>, MediaError> {
        let Some(record) = self.get(&keys::record_key(hash)).await? else { return Ok(None) };
        let Ok(photo) = serde_json::from_slice::<StoredPhoto>(&record.bytes().await?) else {
            // A record that cannot be read proves nothing; it is written again.
            return Ok(None);
        };
        let folder = Path::from(keys::folder_of(photo.policy, hash));
        let there: HashSet<String> = self
            .store
            .list(Some(&folder))
            .map_ok(|object| object.location.to_string())
            .try_collect()
            .await?;
        let whole = photo.keys().all(|key| there.contains(&key));
        Ok(whole.then_some(photo))
    }

    /// Waits until the picture's pixels fit beside those in work.
    async fn admit(&self, pixels: u64) -> Option<OwnedSemaphorePermit> {
        let all = permits(self.limits.max_pixels);
        let least = all / u32::try_from(self.limits.at_once.get()).unwrap_or(u32::MAX);
        let wanted = permits(pixels).clamp(least.max(1), all);
        // The semaphore is never closed.
        Arc::clone(&self.budget).acquire_many_owned(wanted).await.ok()
    }

    /// Stores the files, the record last.
    async fn keep(&self, digest: &[u8; 32], made: &Made) -> Result<(), MediaError> {
        let master = (keys::master_key(digest), made.master.clone());
        let files = std::iter::once(master).chain(made.renditions.iter().cloned());
        stream::iter(files)
            .map(|(key, bytes)| async move {
                self.store.put(&Path::from(key), bytes.into()).await.map(drop)
            })
            .buffer_unordered(PUTS_AT_ONCE)
            .try_collect::<()>()
            .await?;
        let record = serde_json::to_vec(&made.photo)?;
        self.store.put(&Path::from(keys::record_key(&made.photo.hash)), record.into()).await?;
        Ok(())
    }
}

/// Permits of the budget for this number of pixels.
fn permits(pixels: u64) -> u32 {
    u32::try_from(pixels.div_ceil(1000)).unwrap_or(u32::MAX)
}

/// All files that are made of one original.
struct Made {
    photo: StoredPhoto,
    master: Bytes,
    /// Key and content.
    renditions: Vec<(String, Bytes)>,
}

/// The whole pipeline, on the threads of the pool it is called in.
fn make(
    original: &[u8],
    checked: &decode::Checked,
    widths: Widths,
    (hash, policy): (String, Policy),
) -> Result<Made, MediaError> {
    let source = decode::decode(original, checked)?;
    let (width_px, height_px) = source.dimensions();
    let widths = widths.for_source(width_px);
    let (master, pictures) =
        rayon::join(|| encode::master(&source), || resize::renditions(&source, &widths));
    // Encoders need memory of their own, and the large picture is no longer needed.
    drop(source);
    let colour = pictures.first().map(resize::dominant_colour).unwrap_or_default();
    let photo = StoredPhoto { hash, width_px, height_px, colour, widths, policy };
    Ok(Made { master: master?.into(), renditions: encode_all(&photo, &pictures)?, photo })
}

/// Every picture in every format. The slowest come first, so that none of them runs alone at the
/// end.
fn encode_all(
    photo: &StoredPhoto,
    pictures: &[RgbImage],
) -> Result<Vec<(String, Bytes)>, MediaError> {
    let tasks: Vec<(ImageFormat, &RgbImage)> = ImageFormat::ALL
        .into_iter()
        .flat_map(|format| pictures.iter().rev().map(move |picture| (format, picture)))
        .collect();
    tasks
        .into_par_iter()
        .with_max_len(1)
        .map(|(format, picture)| {
            let bytes = encode::encode(picture, format)?;
            Ok((photo.key(picture.width(), format), bytes.into()))
        })
        .collect()
}
