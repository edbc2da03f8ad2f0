//! Turns untrusted bytes into upright sRGB pixels. This file returns only pixels, so no metadata
//! can pass.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat as Container, ImageReader, RgbImage,
};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::{Limits, MediaError};

/// A smaller picture is not worth showing, and some codecs handle it badly.
const MIN_SIDE_PX: u32 = 16;

/// The largest ratio of the longer side to the shorter. The widest rendition (2400) may then be
/// 12,000 pixels high, within the 16,383 of WebP.
const MAX_ASPECT: u32 = 5;

/// Bytes per pixel that fit the limit: eight bits of red, green, blue and alpha.
const BYTES_PER_PIXEL: u64 = 4;

/// An original whose header was read and found harmless.
#[derive(Debug)]
pub(super) struct Checked {
    container: Container,
    /// Pixels to be decoded. Those of sixteen-bit pictures count twice.
    pub(super) pixels: u64,
}

/// Reads only the header and refuses what must not be decoded: unknown formats, decompression
/// bombs, very narrow pictures and truncated files.
pub(super) fn check(original: &[u8], limits: &Limits) -> Result<Checked, MediaError> {
    if original.len() > limits.max_bytes {
        return Err(MediaError::TooManyBytes {
            bytes: original.len(),
            max_bytes: limits.max_bytes,
        });
    }
    let container = sniff(original).ok_or(MediaError::UnknownFormat)?;
    let decoder = reader(original, container).into_decoder().map_err(unreadable)?;
    let (width_px, height_px) = decoder.dimensions();
    let pixels = decoder
        .total_bytes()
        .div_ceil(BYTES_PER_PIXEL)
        .max(u64::from(width_px) * u64::from(height_px));
    if pixels > limits.max_pixels {
        let max_pixels = limits.max_pixels;
        return Err(MediaError::TooManyPixels { width_px, height_px, max_pixels });
    }
    let (short, long) = (width_px.min(height_px), width_px.max(height_px));
    if short < MIN_SIDE_PX {
        return Err(MediaError::TooSmall { width_px, height_px, min_px: MIN_SIDE_PX });
    }
    if long > short.saturating_mul(MAX_ASPECT) {
        return Err(MediaError::TooNarrow { width_px, height_px });
    }
    if container == Container::Jpeg && !jpeg_is_whole(original) {
        return Err(MediaError::Truncated);
    }
    Ok(Checked { container, pixels })
}

/// Decodes a picture that [`check`] passed. It is turned upright by its orientation tag, converted
/// to sRGB from the colour profile it carries (phones often send Display P3), and laid on white
/// where it is transparent.
pub(super) fn decode(original: &[u8], checked: &Checked) -> Result<RgbImage, MediaError> {
    let mut decoder = reader(original, checked.container).into_decoder().map_err(unreadable)?;
    // A profile or tag that cannot be read is ignored.
    let profile = decoder.icc_profile().ok().flatten();
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let mut pixels = opaque(picture);
    if let Some(profile) = profile {
        to_srgb(&mut pixels, &profile);
    }
    Ok(pixels)
}

/// The format by the first bytes. The file's name and declared type are ignored.
fn sniff(bytes: &[u8]) -> Option<Container> {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some(Container::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Container::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(Container::WebP)
    } else {
        None
    }
}

fn reader(original: &[u8], container: Container) -> ImageReader<Cursor<&[u8]>> {
    // The reader's default limit of 512 MiB of memory stays in force as a second protection.
    ImageReader::with_format(Cursor::new(original), container)
}

fn unreadable(error: ImageError) -> MediaError {
    match &error {
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            MediaError::Truncated
        }
        _ => MediaError::Undecodable(error),
    }
}

/// Whether a JPEG reaches its end marker. The decoder fills missing parts with grey and reports no
/// error, and a half-grey ring must not go online unnoticed.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xDA;
    const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];
    // Headers are walked segment by segment, because an embedded preview has an end marker
    // of its own; inside the scans these two bytes cannot occur by chance.
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        match rest {
            [0xFF, 0xFF, ..] => rest = &rest[1..],
            [0xFF, START_OF_SCAN, scans @ ..] => {
                return scans.windows(2).any(|pair| pair == END_OF_IMAGE);
            }
            [0xFF, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                match rest.get(2 + length..) {
                    Some(next) => rest = next,
                    None => return false,
                }
            }
            _ => return false,
        }
    }
}

/// Lays transparency on white and narrows to eight bits.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let layered = picture.into_rgba8();
    let mut flat = RgbImage::new(layered.width(), layered.height());
    for (from, to) in layered.pixels().zip(flat.pixels_mut()) {
        let [r, g, b, alpha] = from.0.map(u32::from);
        to.0 = [r, g, b].map(|channel| {
            let mixed = (channel * alpha + 255 * (255 - alpha) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        });
    }
    flat
}

/// Converts in place. With an unusable profile the pixels stay as they are: read as sRGB, their
/// colours are acceptable.
fn to_srgb(pixels: &mut RgbImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let transform = profile.create_transform_8bit(
        Layout::Rgb,
        &ColorProfile::new_srgb(),
        Layout::Rgb,
        TransformOptions::default(),
    );
    let Ok(transform) = transform else { return };
    let row = pixels.width() as usize * 3;
    let mut before = vec![0; row];
    for line in pixels.chunks_exact_mut(row) {
        before.copy_from_slice(line);
        if transform.transform(&before, line).is_err() {
            // Rows have the length the transform was made for; it cannot refuse one of them.
            line.copy_from_slice(&before);
        }
    }
}
