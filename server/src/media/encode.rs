//! The encoders and their settings, chosen by eye and by clock on the demo photographs.

use image::RgbImage;
use jpeg_encoder::{ColorType, SamplingFactor};
use ravif::{BitDepth, Img};
use rgb::FromSlice;

use super::{ImageFormat, MediaError};

/// Of 100. Below 65 the hammering of silver starts to smear.
const AVIF_QUALITY: f32 = 72.0;

/// From 1 (slow) to 10. 8 takes three times as long for 1 % fewer bytes, 10 saves half the
/// time for 15 % more.
const AVIF_SPEED: u8 = 9;

const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 76;

/// High enough that renditions can be made anew from the master without a visible loss.
const MASTER_QUALITY: u8 = 92;

/// Encodes one rendition. No format carries more than the pixels and their size; they are
/// sRGB, which is what browsers assume.
pub(super) fn encode(picture: &RgbImage, format: ImageFormat) -> Result<Vec<u8>, MediaError> {
    match format {
        ImageFormat::Avif => avif(picture),
        ImageFormat::Webp => webp(picture),
        ImageFormat::Jpeg => jpeg(picture, JPEG_QUALITY, JpegKind::Web),
    }
    .map_err(|reason| MediaError::Encode { format, reason })
}

/// The whole picture, upright and without metadata, to make other renditions of one day.
pub(super) fn master(picture: &RgbImage) -> Result<Vec<u8>, MediaError> {
    jpeg(picture, MASTER_QUALITY, JpegKind::Master)
        .map_err(|reason| MediaError::Encode { format: ImageFormat::Jpeg, reason })
}

fn avif(picture: &RgbImage) -> Result<Vec<u8>, String> {
    // Ten bits although the source has eight: at eight the dark grounds fall into visible
    // squares and ivory turns pink.
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    ravif::Encoder::new()
        .with_quality(AVIF_QUALITY)
        .with_speed(AVIF_SPEED)
        .with_bit_depth(BitDepth::Ten)
        .with_num_threads(Some(1))
        .encode_rgb(Img::new(picture.as_raw().as_rgb(), width, height))
        .map(|encoded| encoded.avif_file)
        .map_err(|error| error.to_string())
}

fn webp(picture: &RgbImage) -> Result<Vec<u8>, String> {
    let mut config =
        webp::WebPConfig::new().map_err(|()| "libwebp has another version".to_owned())?;
    config.quality = WEBP_QUALITY;
    config.method = 4;
    // Without it the halved colour resolution frays the edge of gold on white.
    config.use_sharp_yuv = 1;
    webp::Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height())
        .encode_advanced(&config)
        .map(|memory| memory.to_vec())
        .map_err(|error| format!("{error:?}"))
}

enum JpegKind {
    /// Progressive, colour at half resolution.
    Web,
    /// Baseline, which needs little memory, and all of the colour.
    Master,
}

fn jpeg(picture: &RgbImage, quality: u8, kind: JpegKind) -> Result<Vec<u8>, String> {
    let side = |side: u32| u16::try_from(side).map_err(|_| "larger than a JPEG can be".to_owned());
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    match kind {
        JpegKind::Web => {
            encoder.set_progressive(true);
            encoder.set_optimized_huffman_tables(true);
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
        }
        JpegKind::Master => encoder.set_sampling_factor(SamplingFactor::F_1_1),
    }
    encoder
        .encode(picture.as_raw(), width, height, ColorType::Rgb)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}
