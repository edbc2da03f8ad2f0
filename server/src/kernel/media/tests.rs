//! The pipeline as its users see it. Pictures are small, except one that a phone sent.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use image::{Rgb, RgbImage};
use object_store::memory::InMemory;
use tower::ServiceExt as _;

use super::*;

const PHONE_1: &[u8] = include_bytes!("../../../tests/fixtures/phone-orientation-1.jpg");
const PHONE_3: &[u8] = include_bytes!("../../../tests/fixtures/phone-orientation-3.jpg");
const PHONE_6_LARGE: &[u8] = include_bytes!("../../../tests/fixtures/phone-12mp-orientation-6.jpg");

const RED: Rgb<u8> = Rgb([220, 30, 30]);
const GREEN: Rgb<u8> = Rgb([30, 200, 30]);
const BLUE: Rgb<u8> = Rgb([30, 30, 220]);
const IVORY: Rgb<u8> = Rgb([240, 234, 224]);

fn room() -> Photos {
    Photos::new(Arc::new(InMemory::new()), Limits::default()).unwrap()
}

/// 80 × 40: red and green above, blue and ivory below.
fn quarters() -> RgbImage {
    RgbImage::from_fn(80, 40, |x, y| match (x < 40, y < 20) {
        (true, true) => RED,
        (false, true) => GREEN,
        (true, false) => BLUE,
        (false, false) => IVORY,
    })
}

/// A JPEG with an EXIF block of the orientation only.
fn jpeg(picture: &RgbImage, orientation: u8) -> Bytes {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    encoder.add_exif_metadata(&exif).unwrap();
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(picture, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes.into()
}

fn png(picture: &image::DynamicImage) -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner().into()
}

async fn rendition(photos: &Photos, photo: &StoredPhoto, format: ImageFormat) -> Bytes {
    let key = photo.key(photo.widths[0], format);
    photos.get(&key).await.unwrap().unwrap().bytes().await.unwrap()
}

async fn all_objects(photos: &Photos) -> Vec<(String, Bytes)> {
    let metas: Vec<_> = photos.store.list(None).try_collect().await.unwrap();
    let mut objects = Vec::new();
    for meta in metas {
        let object = photos.store.get(&meta.location).await.unwrap();
        objects.push((meta.location.to_string(), object.bytes().await.unwrap()));
    }
    objects
}

fn near(one: &Rgb<u8>, other: Rgb<u8>) -> bool {
    one.0.iter().zip(other.0).all(|(a, b)| a.abs_diff(b) < 24)
}

#[tokio::test]
async fn pictures_stand_upright_however_the_phone_was_held() {
    let upright = quarters();
    // The pixels that the sensor stored, for each value of the orientation tag.
    let stored = [
        (1, upright.clone()),
        (2, image::imageops::flip_horizontal(&upright)),
        (3, image::imageops::rotate180(&upright)),
        (6, image::imageops::rotate270(&upright)),
        (8, image::imageops::rotate90(&upright)),
    ];
    for (orientation, sensor) in stored {
        let photos = room();
        let photo =
            photos.ingest(jpeg(&sensor, orientation), Widths::PIECE, Policy::Public).await.unwrap();
        assert_eq!((photo.width_px, photo.height_px), (80, 40), "orientation {orientation}");
        for format in [ImageFormat::Webp, ImageFormat::Jpeg] {
            let bytes = rendition(&photos, &photo, format).await;
            let seen = image::load_from_memory(&bytes).unwrap().into_rgb8();
            let corners = [(10, 10, RED), (70, 10, GREEN), (10, 30, BLUE), (70, 30, IVORY)];
            for (x, y, colour) in corners {
                assert!(near(seen.get_pixel(x, y), colour), "{orientation} {format:?} {x},{y}");
            }
        }
    }
}

#[tokio::test]
async fn no_object_of_the_store_says_where_it_was_taken() {
    let photos = room();
    for original in [PHONE_1, PHONE_3] {
        assert!(contains(original, b"Exif"), "the fixture has lost what this test is about");
        photos.ingest(Bytes::from_static(original), Widths::PIECE, Policy::Public).await.unwrap();
    }
    let objects = all_objects(&photos).await;
    assert!(objects.iter().any(|(key, _)| key.starts_with("originals/")));
    for (key, bytes) in objects {
        for trace in [&b"Exif"[..], b"exif", b"ns.adobe.com", b"ICC_PROFILE", b"2026:11:05"] {
            assert!(!contains(&bytes, trace), "{key} holds {}", trace.escape_ascii());
        }
    }
}

fn contains(bytes: &[u8], trace: &[u8]) -> bool {
    bytes.windows(trace.len()).any(|window| window == trace)
}

#[tokio::test]
async fn twelve_megapixels_from_a_phone_become_twelve_files() {
    let photos = room();
    let original = Bytes::from_static(PHONE_6_LARGE);
    let photo = photos.ingest(original, Widths::PIECE, Policy::Public).await.unwrap();
    assert_eq!((photo.width_px, photo.height_px), (4000, 3000));
    assert_eq!(photo.widths, [320, 640, 960, 1600]);
    assert_eq!(photo.keys().count(), 12);
    for width in &photo.widths {
        let key = photo.key(*width, ImageFormat::Jpeg);
        let bytes = photos.get(&key).await.unwrap().unwrap().bytes().await.unwrap();
        let seen = image::load_from_memory(&bytes).unwrap();
        assert_eq!((seen.width(), seen.height()), (*width, photo.height_at(*width)));
        // A link preview uses a rendition of at most this width, which must not be larger than
        // this.
        assert!(*width > 1200 || bytes.len() <= 300_000, "{width} px: {} bytes", bytes.len());
    }
    // 12 renditions, the master, the record.
    assert_eq!(all_objects(&photos).await.len(), 14);
}

#[tokio::test]
async fn the_same_photo_again_changes_nothing_and_a_broken_one_is_mended() {
    let photos = room();
    let original = jpeg(&quarters(), 1);
    let first = photos.ingest(original.clone(), Widths::PIECE, Policy::Public).await.unwrap();
    let before = all_objects(&photos).await;
    let path = Path::from(first.key(80, ImageFormat::Avif));
    let written = photos.store.head(&path).await.unwrap().e_tag;

    assert_eq!(
        photos.ingest(original.clone(), Widths::PIECE, Policy::Public).await.unwrap(),
        first
    );
    assert_eq!(all_objects(&photos).await, before);
    assert_eq!(photos.store.head(&path).await.unwrap().e_tag, written, "written twice");

    photos.store.delete(&path).await.unwrap();
    assert_eq!(
        photos.ingest(original.clone(), Widths::PIECE, Policy::Public).await.unwrap(),
        first
    );
    assert_eq!(all_objects(&photos).await, before);

    let record = Path::from(keys::record_key(&first.hash));
    photos.store.put(&record, "{".into()).await.unwrap();
    assert_eq!(photos.ingest(original, Widths::PIECE, Policy::Public).await.unwrap(), first);
    assert_eq!(all_objects(&photos).await, before);
}

#[tokio::test]
async fn every_node_gives_a_photo_the_same_name_and_files() {
    let original = jpeg(&quarters(), 1);
    let (one, other) = (room(), room());
    let photo = one.ingest(original.clone(), Widths::PIECE, Policy::Public).await.unwrap();
    assert_eq!(other.ingest(original.clone(), Widths::PIECE, Policy::Public).await.unwrap(), photo);
    assert_eq!(all_objects(&one).await, all_objects(&other).await);
    let wide = one.ingest(original, Widths::WIDE, Policy::Public).await.unwrap();
    assert_ne!(wide.hash, photo.hash);
}

#[tokio::test]
async fn png_and_webp_are_taken_and_transparency_turns_white() {
    let mut clear = image::RgbaImage::from_pixel(64, 64, image::Rgba([200, 0, 0, 0]));
    clear.put_pixel(0, 0, image::Rgba([0, 0, 0, 255]));
    let photos = room();
    let photo = photos.ingest(png(&clear.into()), Widths::PIECE, Policy::Public).await.unwrap();
    assert_eq!(photo.colour, "#ffffff");

    let webp = webp::Encoder::from_rgb(&quarters(), 80, 40).encode(90.0).to_vec();
    let photo = photos.ingest(webp.into(), Widths::PIECE, Policy::Public).await.unwrap();
    assert_eq!(photo.widths, [80]);
}

#[tokio::test]
async fn wide_gamut_colours_become_srgb() {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    encoder.add_icc_profile(&profile).unwrap();
    let picture = RgbImage::from_pixel(64, 64, Rgb([200, 100, 100]));
    encoder.encode(&picture, 64, 64, jpeg_encoder::ColorType::Rgb).unwrap();
    let photo = room().ingest(bytes.into(), Widths::PIECE, Policy::Public).await.unwrap();
    // In sRGB, whose red reaches less far, the same colour needs more red.
    let red = u8::from_str_radix(&photo.colour[1..3], 16).unwrap();
    let green = u8::from_str_radix(&photo.colour[3..5], 16).unwrap();
    assert!(red > 206 && green < 98, "{}", photo.colour);
}

#[tokio::test]
async fn bombs_are_refused_before_they_are_decoded() {
    // A PNG whose header declares 60,000 × 60,000 and has no pixels at all.
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bomb.extend(60_000_u32.to_be_bytes());
    bomb.extend(60_000_u32.to_be_bytes());
    bomb.extend([8, 2, 0, 0, 0]);
    bomb.extend(crc(&bomb[12..]).to_be_bytes());
    bomb.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    let refused = room().ingest(bomb.into(), Widths::PIECE, Policy::Public).await.unwrap_err();
    assert!(matches!(refused, MediaError::TooManyPixels { width_px: 60_000, .. }), "{refused:?}");
    assert!(refused.is_senders());

    let strict = Limits { max_bytes: 100, max_pixels: 100, ..Limits::default() };
    let strict = Photos::new(Arc::new(InMemory::new()), strict).unwrap();
    let refused =
        strict.ingest(jpeg(&quarters(), 1), Widths::PIECE, Policy::Public).await.unwrap_err();
    assert!(matches!(refused, MediaError::TooManyBytes { .. }), "{refused:?}");

    let sliver = png(&RgbImage::new(400, 20).into());
    let refused = room().ingest(sliver, Widths::PIECE, Policy::Public).await.unwrap_err();
    assert!(matches!(refused, MediaError::TooNarrow { .. }), "{refused:?}");
    let speck = png(&RgbImage::new(4, 4).into());
    let refused = room().ingest(speck, Widths::PIECE, Policy::Public).await.unwrap_err();
    assert!(matches!(refused, MediaError::TooSmall { .. }), "{refused:?}");
}

/// The checksum of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

#[tokio::test]
async fn what_is_no_picture_or_half_of_one_is_refused() {
    let photos = room();
    for rubbish in [&b""[..], b"GIF89a", b"<svg onload=alert(1)>", b"\xff\xd8", b"RIFF1234WAVE"] {
        let refused = photos
            .ingest(Bytes::from_static(rubbish), Widths::PIECE, Policy::Public)
            .await
            .unwrap_err();
        assert!(matches!(refused, MediaError::UnknownFormat), "{refused:?}");
    }
    let whole_jpeg = Bytes::from_static(PHONE_1);
    let whole_png = png(&quarters().into());
    let whole_webp: Bytes =
        webp::Encoder::from_rgb(&quarters(), 80, 40).encode(90.0).to_vec().into();
    for whole in [whole_jpeg, whole_png, whole_webp] {
        for part in [whole.len() - 20, whole.len() / 2, 40] {
            let refused = photos
                .ingest(whole.slice(..part), Widths::PIECE, Policy::Public)
                .await
                .unwrap_err();
            assert!(refused.is_senders(), "{refused:?}");
        }
    }
    let half = Bytes::from_static(PHONE_1).slice(..PHONE_1.len() / 2);
    let refused = photos.ingest(half, Widths::PIECE, Policy::Public).await.unwrap_err();
    assert!(matches!(refused, MediaError::Truncated), "{refused:?}");
    assert!(all_objects(&photos).await.is_empty(), "something was kept of what was refused");
}

#[tokio::test]
async fn many_at_once_wait_for_each_other_and_all_arrive() {
    let tight = Limits { max_pixels: 4000, at_once: NonZeroUsize::MIN, ..Limits::default() };
    let photos = Photos::new(Arc::new(InMemory::new()), tight).unwrap();
    let originals = (0..6).map(|n| {
        let picture = RgbImage::from_pixel(80, 40, Rgb([n * 40, 90, 90]));
        photos.ingest(jpeg(&picture, 1), Widths::PIECE, Policy::Public)
    });
    let taken = futures::future::try_join_all(originals).await.unwrap();
    let names: HashSet<_> = taken.iter().map(|photo| &photo.hash).collect();
    assert_eq!(names.len(), 6);
}

#[tokio::test]
async fn a_folder_holds_the_photos() {
    let folder = std::env::temp_dir().join(format!("photos-{}", ::store::ids::new_id()));
    let photos =
        Photos::new(open_store(folder.to_str().unwrap()).unwrap(), Limits::default()).unwrap();
    let photo = photos.ingest(jpeg(&quarters(), 1), Widths::PIECE, Policy::Public).await.unwrap();
    for key in photo.keys() {
        assert!(folder.join(key).is_file());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn renditions_are_served_for_ever_and_nothing_else_is() {
    let photos = room();
    let photo = photos.ingest(jpeg(&quarters(), 1), Widths::PIECE, Policy::Public).await.unwrap();
    let site = router(photos.clone());
    for format in ImageFormat::ALL {
        let path = format!("/{}", photo.key(80, format));
        let request = Request::get(&path).body(Body::empty()).unwrap();
        let response = site.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], format.mime());
        let forever = "public, max-age=31536000, immutable";
        assert_eq!(response.headers()[header::CACHE_CONTROL], forever);
        let etag = response.headers()[header::ETAG].clone();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body, rendition(&photos, &photo, format).await);

        let again = Request::get(&path).header(header::IF_NONE_MATCH, etag);
        let response = site.clone().oneshot(again.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    }
    let master = all_objects(&photos).await.remove(0).0;
    for path in [
        format!("/photos/{}/81.avif", photo.hash),
        format!("/photos/{}/80.png", photo.hash),
        "/photos/0000000000000000/80.avif".to_owned(),
        format!("/photos/..%2F..%2F{master}/80.avif"),
        format!("/photos/{}/..%2F..%2F{}", photo.hash, master.replace('/', "%2F")),
        "/photos/%ff/80.avif".to_owned(),
        format!("/{master}"),
        format!("/photos/{}/", photo.hash),
    ] {
        let request = Request::get(&path).body(Body::empty()).unwrap();
        let status = site.clone().oneshot(request).await.unwrap().status();
        assert!(status.is_client_error(), "{path}: {status}");
    }
}
