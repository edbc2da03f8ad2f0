//! What can go wrong with a photograph.

use super::ImageFormat;

/// Why a photograph was not taken in, or could not be handed out.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The file is larger than [`Limits::max_bytes`](super::Limits::max_bytes).
    #[error("the file has {bytes} bytes; at most {max_bytes} are taken")]
    TooManyBytes {
        /// Size of the file that was sent.
        bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// The first bytes belong to no format that we read, whatever the name says.
    #[error("the file is not a JPEG, PNG or WebP picture")]
    UnknownFormat,
    /// Decoding would need more memory than a picture of `max_pixels` does.
    #[error("the picture measures {width_px} × {height_px}; at most {max_pixels} pixels are taken")]
    TooManyPixels {
        /// Width the header declares.
        width_px: u32,
        /// Height the header declares.
        height_px: u32,
        /// The limit, in pixels of width × height.
        max_pixels: u64,
    },
    /// The picture is too small to be worth showing.
    #[error("the picture measures {width_px} × {height_px}; each side needs {min_px}")]
    TooSmall {
        /// Width the header declares.
        width_px: u32,
        /// Height the header declares.
        height_px: u32,
        /// The minimum length of a side.
        min_px: u32,
    },
    /// One side is so long that the renditions would exceed the limits of WebP.
    #[error("the picture measures {width_px} × {height_px}, a strip rather than a picture")]
    TooNarrow {
        /// Width the header declares.
        width_px: u32,
        /// Height the header declares.
        height_px: u32,
    },
    /// The file ends before the picture does, for example after an interrupted upload.
    #[error("the file ends before the picture does")]
    Truncated,
    /// The bytes are not what their format prescribes.
    #[error("the picture cannot be read")]
    Undecodable(#[source] image::ImageError),
    /// An encoder refused; not the sender's fault.
    #[error("encoding as {format:?} failed: {reason}")]
    Encode {
        /// The format that was being written.
        format: ImageFormat,
        /// The encoder's own message.
        reason: String,
    },
    /// The worker ended without an answer: a panic in a codec, or the process is stopping.
    #[error("processing the picture was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
    /// The object store failed.
    #[error("the photo store failed")]
    Store(#[from] object_store::Error),
    /// The record of a photo could not be written.
    #[error("the photo's record could not be written")]
    Record(#[from] serde_json::Error),
    /// The threads that encode could not be started.
    #[error("the photo workers could not be started")]
    Workers(#[from] rayon::ThreadPoolBuildError),
    /// The place named by the configuration cannot be used as a store.
    #[error("`{location}` cannot hold photos: {reason}")]
    Location {
        /// What the configuration says.
        location: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl MediaError {
    /// Whether the sender's picture is at fault. Then the sender is told, and no alarm is raised.
    #[must_use]
    pub fn is_senders(&self) -> bool {
        match self {
            Self::TooManyBytes { .. }
            | Self::UnknownFormat
            | Self::TooManyPixels { .. }
            | Self::TooSmall { .. }
            | Self::TooNarrow { .. }
            | Self::Truncated
            | Self::Undecodable(_) => true,
            Self::Encode { .. }
            | Self::Interrupted(_)
            | Self::Store(_)
            | Self::Record(_)
            | Self::Workers(_)
            | Self::Location { .. } => false,
        }
    }
}
