//! The encoders of photographs and their settings, chosen by eye and by clock on the
//! demonstration's photographs.
//!
//! A crate of its own so that it is optimised in every build: `ravif` is entered through inline
//! functions, and where they are called the whole AV1 encoder is compiled. Within the unoptimised
//! `server` one photograph took a minute of a core instead of three seconds.
//!
//! No format carries more than the pixels and their size; they are sRGB, which is what browsers
//! assume. An error is the encoder's own words: they go to a log, never to a visitor.

use image::RgbImage;
use jpeg_encoder::{ColorType, SamplingFactor};
use ravif::{BitDepth, Img};
use rgb::FromSlice;

/// Of 100. Below 65 the hammering of silver starts to smear.
const AVIF_QUALITY: f32 = 72.0;

/// From 1 (slow) to 10. 8 takes three times as long for 1 % fewer bytes, 10 saves half the
/// time for 15 % more.
const AVIF_SPEED: u8 = 9;

const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 76;

/// High enough that renditions can be made anew from the master without a visible loss.
const MASTER_QUALITY: u8 = 92;

/// AVIF, for browsers of the last years.
///
/// # Errors
/// What the encoder says.
pub fn avif(picture: &RgbImage) -> Result<Vec<u8>, String> {
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

/// WebP, for older ones.
///
/// # Errors
/// What the encoder says.
pub fn webp(picture: &RgbImage) -> Result<Vec<u8>, String> {
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

/// Progressive JPEG, for everything that shows a picture.
///
/// # Errors
/// What the encoder says.
pub fn jpeg(picture: &RgbImage) -> Result<Vec<u8>, String> {
    encode_jpeg(picture, JPEG_QUALITY, JpegKind::Web)
}

/// The whole picture as a baseline JPEG, to make other renditions of one day.
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
