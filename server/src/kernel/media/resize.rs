//! Renditions in several sizes, made in linear light.
//!
//! Averaging sRGB values, as most resizers do, dims small highlights such as the sparkle on silver.
//! So pixels are mapped to linear light, resized there, and mapped back.

use std::sync::LazyLock;

use fast_image_resize::{
    FilterType, PixelComponentMapper, PixelType, ResizeAlg, ResizeOptions, Resizer,
    create_srgb_mapper, images::Image, pixels::U16x3,
};
use image::RgbImage;

use super::keys::height_at;

/// Tables between sRGB and linear light; some milliseconds to build.
static SRGB: LazyLock<PixelComponentMapper> = LazyLock::new(create_srgb_mapper);

/// Linear value of each sRGB value.
static LINEAR: LazyLock<[u16; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        let value = value as f64 / 255.0;
        let light =
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
        // In 0..=65535 by construction.
        (light * 65535.0).round() as u16
    })
});

/// The picture at each of these widths, in their order.
pub(super) fn renditions(source: &RgbImage, widths: &[u32]) -> Vec<RgbImage> {
    let (source_width, source_height) = source.dimensions();
    let widest = widths.iter().copied().max().unwrap_or(source_width);
    // Very large sources are averaged by a whole factor first. The result keeps at least
    // twice the pixels of the widest rendition, so nothing is lost, and the linear copy
    // (six bytes per pixel) of a 50-megapixel picture stays small.
    let factor = (source_width / (2 * widest).max(1)).max(1);
    let linear = to_linear(source, factor);
    widths
        .iter()
        .map(|width| {
            if *width == source_width {
                return source.clone();
            }
            resize(&linear, *width, height_at(source_width, source_height, *width))
        })
        .collect()
}

/// The source in linear light. Each pixel is the mean of `factor` × `factor` pixels of the source.
/// Incomplete squares at the right and lower edges are left out.
fn to_linear(source: &RgbImage, factor: u32) -> Image<'static> {
    let (width, height) = (source.width() / factor, source.height() / factor);
    let mut linear = Image::new(width, height, PixelType::U16x3);
    let Some(mut typed) = linear.typed_image_mut::<U16x3>() else { return linear };
    let (row, factor) = (source.width() as usize * 3, factor as usize);
    let table = &*LINEAR;
    let lines = typed.pixels_mut().chunks_exact_mut(width as usize);
    for (line, rows) in lines.zip(source.chunks_exact(row * factor)) {
        for (x, pixel) in line.iter_mut().enumerate() {
            *pixel = U16x3::new(mean(table, rows, row, x, factor));
        }
    }
    linear
}

/// The mean of one square of `rows`, which are `row` bytes long.
fn mean(table: &[u16; 256], rows: &[u8], row: usize, x: usize, factor: usize) -> [u16; 3] {
    let mut sums = [0_u64; 3];
    for y in 0..factor {
        let start = y * row + x * factor * 3;
        for pixel in rows[start..start + factor * 3].chunks_exact(3) {
            for (sum, value) in sums.iter_mut().zip(pixel) {
                *sum += u64::from(table[usize::from(*value)]);
            }
        }
    }
    let count = (factor * factor) as u64;
    // A mean of 16-bit values is a 16-bit value.
    sums.map(|sum| u16::try_from((sum + count / 2) / count).unwrap_or(u16::MAX))
}

fn resize(linear: &Image<'_>, width: u32, height: u32) -> RgbImage {
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    let mut small = Image::new(width, height, PixelType::U16x3);
    let mut out = Image::new(width, height, PixelType::U8x3);
    let done = Resizer::new()
        .resize(linear, &mut small, &options)
        .map_err(|error| error.to_string())
        .and_then(|()| SRGB.backward_map(&small, &mut out).map_err(|error| error.to_string()));
    // Both fail only if the pixel types differ, which are fixed above.
    debug_assert_eq!(done, Ok(()));
    RgbImage::from_raw(width, height, out.into_vec())
        .unwrap_or_else(|| RgbImage::new(width, height))
}

/// The colour that covers most of the picture: the mean of the fullest of 512 bins.
pub(super) fn dominant_colour(picture: &RgbImage) -> String {
    let mut bins = vec![(0_u64, [0_u64; 3]); 512];
    for pixel in picture.pixels() {
        let [r, g, b] = pixel.0.map(|channel| usize::from(channel >> 5));
        let (count, sums) = &mut bins[(r << 6) | (g << 3) | b];
        *count += 1;
        for (sum, channel) in sums.iter_mut().zip(pixel.0) {
            *sum += u64::from(channel);
        }
    }
    // Of equally full bins the first is taken, so that the answer is the same on every machine.
    let (count, sums) =
        bins.into_iter().rev().max_by_key(|(count, _)| *count).unwrap_or((1, [0; 3]));
    let [r, g, b] = sums.map(|sum| (sum + count / 2) / count.max(1));
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn a_plain_colour_stays_what_it_is() {
        for value in [0, 1, 2, 17, 64, 128, 233, 254, 255] {
            let plain = RgbImage::from_pixel(200, 100, Rgb([value, 255 - value, 40]));
            for picture in renditions(&plain, &[20, 40]) {
                assert_eq!(picture.height() * 2, picture.width());
                assert!(picture.pixels().all(|pixel| *pixel == *plain.get_pixel(0, 0)), "{value}");
            }
        }
    }

    #[test]
    fn light_is_averaged_not_its_code() {
        // A fine checkerboard of black and white shines half as bright as white: 188 in sRGB.
        let board = RgbImage::from_fn(256, 256, |x, y| Rgb([[0, 255][((x + y) % 2) as usize]; 3]));
        let small = renditions(&board, &[32]);
        let value = small[0].get_pixel(16, 16).0[0];
        assert!((186..=190).contains(&value), "{value}");
    }

    #[test]
    fn the_ground_gives_the_colour_not_the_ring() {
        let picture = RgbImage::from_fn(100, 100, |x, _| {
            if x < 30 { Rgb([10, 10, 10]) } else { Rgb([240, 234, 224]) }
        });
        assert_eq!(dominant_colour(&picture), "#f0eae0");
    }
}
