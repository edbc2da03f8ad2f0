//! The encoders of photographs and their settings. They were chosen by looking at the
//! demonstration's photographs and by measuring the time.
//!
//! A crate of its own, so that it is optimised in every build: `ravif` has inline functions, and
//! the whole AV1 encoder is compiled in the crate that calls them. Within the unoptimised `server`
//! one photograph took a minute of a core instead of three seconds.
//!
//! No format carries more than the pixels and their size; they are sRGB, which is what browsers
//! assume. An error is the encoder's own message, which goes to a log and never to a visitor.

use image::RgbImage;
use jpeg_encoder::{ColorType, SamplingFactor};
use ravif::{BitDepth, Img};
use rgb::FromSlice;

/// Of 100. Below 65 the hammered texture of silver becomes blurred.
const AVIF_QUALITY: f32 = 72.0;

/// From 1 (slow) to 10. 8 takes three times as long for 1 % fewer bytes, 10 saves half the
/// time for 15 % more.
const AVIF_SPEED: u8 = 9;

const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 76;

/// High enough that renditions can be made anew from the master without a visible loss.
const MASTER_QUALITY: u8 = 92;

/// AVIF, for recent browsers.
///
/// # Errors
/// What the encoder says.
pub fn avif(picture: &RgbImage) -> Result<Vec<u8>, String> {
    // Ten bits although the source has eight: with eight, dark backgrounds show visible squares and
    // ivory turns pink.
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

/// WebP, for older browsers.
///
/// # Errors
/// What the encoder says.
pub fn webp(picture: &RgbImage) -> Result<Vec<u8>, String> {
    let mut config =
        webp::WebPConfig::new().map_err(|()| "libwebp has another version".to_owned())?;
    config.quality = WEBP_QUALITY;
    config.method = 4;
    // Without it the halved colour resolution makes the edge of gold on white uneven.
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

/// Progressive JPEG, for everything that shows a picture.
///
/// # Errors
/// What the encoder says.
pub fn jpeg(picture: &RgbImage) -> Result<Vec<u8>, String> {
    encode_jpeg(picture, JPEG_QUALITY, JpegKind::Web)
}

/// The whole picture as a baseline JPEG, from which other renditions can be made later.
///
/// # Errors
/// What the encoder says.
pub fn master(picture: &RgbImage) -> Result<Vec<u8>, String> {
    encode_jpeg(picture, MASTER_QUALITY, JpegKind::Master)
}

fn encode_jpeg(picture: &RgbImage, quality: u8, kind: JpegKind) -> Result<Vec<u8>, String> {
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
