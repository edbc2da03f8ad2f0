//! One rendition in one format.

use image::RgbImage;

use super::{ImageFormat, MediaError};

/// Encodes one rendition.
pub(super) fn encode(picture: &RgbImage, format: ImageFormat) -> Result<Vec<u8>, MediaError> {
    match format {
        ImageFormat::Avif => codecs::avif(picture),
        ImageFormat::Webp => codecs::webp(picture),
        ImageFormat::Jpeg => codecs::jpeg(picture),
    }
    .map_err(|reason| MediaError::Encode { format, reason })
}

/// The whole picture, upright and without metadata, from which other renditions can be made later.
pub(super) fn master(picture: &RgbImage) -> Result<Vec<u8>, MediaError> {
    codecs::master(picture)
        .map_err(|reason| MediaError::Encode { format: ImageFormat::Jpeg, reason })
}
