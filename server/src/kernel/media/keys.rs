//! Names of objects in the store. Everybody may fetch what is below `photos/`. What is below
//! `people/` may be fetched while the person consents. Everything else is never served.

use std::{fmt::Write as _, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Must change whenever the same original would give other renditions. It is hashed into the names,
/// so that a browser that keeps a file for a year never shows a stale rendition.
pub(super) const PIPELINE_VERSION: u8 = 1;

/// Letters of the hash in a URL: 64 bits, enough to tell apart the pictures of one shop.
const HASH_LETTERS: usize = 16;

/// The formats each photo is kept in, best first: the order of `<source>` elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// AV1 still picture, which most browsers accept.
    Avif,
    /// For browsers from before 2022.
    Webp,
    /// For everything else: mail, feeds, previews in messengers.
    Jpeg,
}

impl ImageFormat {
    /// All formats, best first.
    pub const ALL: [Self; 3] = [Self::Avif, Self::Webp, Self::Jpeg];

    /// The media type, for `Content-Type` and `<source type>`.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Avif => "image/avif",
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The ending of file names, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Avif => "avif",
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
        }
    }
}

/// Who may see a photo, and how long a browser may keep it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// A piece, or the site itself: everybody may see it, and browsers keep it for ever.
    #[default]
    Public,
    /// It shows a person: it may be seen while she consents, and every request asks.
    Consented,
}

impl Policy {
    /// The folder of the store, and the first segment of the path on the site.
    const fn folder(self) -> &'static str {
        match self {
            Self::Public => "photos",
            Self::Consented => "people",
        }
    }
}

/// The widths a photo is kept in: four steps, in pixels, rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Widths([u32; 4]);

impl Widths {
    /// For pieces: from a small card on a phone to the zoom on a large screen.
    pub const PIECE: Self = Self([320, 640, 960, 1600]);
    /// For portraits: from a face in a row to the head of her page.
    pub const PORTRAIT: Self = Self([120, 240, 480, 960]);
    /// For pictures as wide as the page.
    pub const WIDE: Self = Self([640, 960, 1600, 2400]);

    /// The widths a source of this width is kept in. Nothing is enlarged: the source's own width
    /// replaces the steps above it, so a smaller source has fewer steps.
    #[must_use]
    pub fn for_source(self, source_width_px: u32) -> Vec<u32> {
        let mut widths: Vec<u32> =
            self.0.into_iter().map(|step| step.min(source_width_px)).collect();
        widths.dedup();
        widths
    }

    /// The widest step.
    #[must_use]
    pub const fn widest(self) -> u32 {
        self.0[3]
    }
}

/// The facts of a stored photo that a page needs to show it without a layout shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPhoto {
    /// Sixteen hexadecimal letters, the photo's name in URLs.
    pub hash: String,
    /// Width of the upright source.
    pub width_px: u32,
    /// Height of the upright source.
    pub height_px: u32,
    /// The colour that covers most of the picture, `#rrggbb`, shown until the photo arrives.
    pub colour: String,
    /// Widths of the renditions, rising; each exists in every [`ImageFormat`].
    pub widths: Vec<u32>,
    /// Who may see it.
    #[serde(default)]
    pub policy: Policy,
}

impl StoredPhoto {
    /// Height of the rendition of this width.
    #[must_use]
    pub fn height_at(&self, width_px: u32) -> u32 {
        height_at(self.width_px, self.height_px, width_px)
    }

    /// The key of one rendition, which is also its path on the site.
    #[must_use]
    pub fn key(&self, width_px: u32, format: ImageFormat) -> String {
        photo_key(self.policy, &self.hash, width_px, format)
    }

    /// The keys of all renditions.
    pub fn keys(&self) -> impl Iterator<Item = String> + '_ {
        self.widths.iter().flat_map(|width| ImageFormat::ALL.map(|format| self.key(*width, format)))
    }
}

/// Height that keeps the proportions of the source at this width, at least one pixel.
pub(super) fn height_at(source_width_px: u32, source_height_px: u32, width_px: u32) -> u32 {
    let (w, h) = (u64::from(source_width_px.max(1)), u64::from(source_height_px));
    let height = (u64::from(width_px) * h + w / 2) / w;
    u32::try_from(height.max(1)).unwrap_or(u32::MAX)
}

/// The key of one rendition: `photos/<hash>/<width>.<ext>`, or `people/…`.
fn photo_key(policy: Policy, hash: &str, width_px: u32, format: ImageFormat) -> String {
    format!("{}/{hash}/{width_px}.{}", policy.folder(), format.extension())
}

/// The folder of a photo's renditions.
pub(super) fn folder_of(policy: Policy, hash: &str) -> String {
    format!("{}/{hash}", policy.folder())
}

/// Where the master of an original is kept. Not served.
pub(super) fn master_key(digest: &[u8; 32]) -> String {
    format!("originals/{}.jpg", hex::encode(digest))
}

/// Where the record of a photo is kept. It is written last, so that all other files exist if it
/// does. Not served.
pub(super) fn record_key(hash: &str) -> String {
    format!("records/{hash}.json")
}

/// The name of the renditions made of the original with this digest: the same bytes, steps
/// and pipeline give the same name on every machine.
///
/// A photo under consent has another name than the same photo without: the one name cannot be
/// derived from the other.
pub(super) fn photo_hash(original: &[u8; 32], widths: Widths, policy: Policy) -> String {
    let mut hasher = Sha256::new();
    hasher.update([PIPELINE_VERSION]);
    if policy == Policy::Consented {
        hasher.update(policy.folder());
    }
    for width in widths.0 {
        hasher.update(width.to_be_bytes());
    }
    hasher.update(original);
    let mut name = String::with_capacity(HASH_LETTERS);
    for byte in hasher.finalize().iter().take(HASH_LETTERS / 2) {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// One rendition as a URL names it. Only names that [`photo_key`] would write are accepted, so no
/// request can reach another key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RenditionName {
    hash: String,
    width_px: u32,
    pub(super) format: ImageFormat,
}

impl RenditionName {
    /// Parses the last two segments of the path; `None` for anything malformed.
    pub(super) fn parse(hash: &str, file: &str) -> Option<Self> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if hash.len() != HASH_LETTERS || !hash.bytes().all(lower_hex) {
            return None;
        }
        let (stem, extension) = file.split_once('.')?;
        let format = ImageFormat::ALL.into_iter().find(|f| f.extension() == extension)?;
        let width_px = u32::from_str(stem).ok()?;
        let name = Self { hash: hash.to_owned(), width_px, format };
        // "+320" and "0320" parse as numbers too, but are not the one name of the rendition.
        (width_px.to_string() == stem).then_some(name)
    }

    /// The photo's name.
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    /// The key in the store.
    pub(super) fn key(&self, policy: Policy) -> String {
        photo_key(policy, &self.hash, self.width_px, self.format)
    }

    /// A strong validator: the name stands for the content.
    pub(super) fn etag(&self) -> String {
        format!("\"{}-{}-{}\"", self.hash, self.width_px, self.format.extension())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_enlarged() {
        assert_eq!(Widths::PIECE.for_source(3000), [320, 640, 960, 1600]);
        assert_eq!(Widths::PIECE.for_source(1600), [320, 640, 960, 1600]);
        assert_eq!(Widths::PIECE.for_source(700), [320, 640, 700]);
        assert_eq!(Widths::PIECE.for_source(640), [320, 640]);
        assert_eq!(Widths::PIECE.for_source(100), [100]);
        assert_eq!(Widths::WIDE.widest(), 2400);
    }

    #[test]
    fn heights_keep_the_proportions() {
        assert_eq!(height_at(3000, 4000, 1600), 2133);
        assert_eq!(height_at(2400, 1350, 640), 360);
        assert_eq!(height_at(5000, 1, 320), 1);
    }

    #[test]
    fn names_depend_on_the_original_and_the_steps() {
        let (one, other) = ([1; 32], [2; 32]);
        let name = photo_hash(&one, Widths::PIECE, Policy::Public);
        assert_eq!(name, photo_hash(&one, Widths::PIECE, Policy::Public));
        assert_eq!(name.len(), HASH_LETTERS);
        assert_ne!(name, photo_hash(&other, Widths::PIECE, Policy::Public));
        assert_ne!(name, photo_hash(&one, Widths::WIDE, Policy::Public));
        assert_ne!(name, photo_hash(&one, Widths::PIECE, Policy::Consented));
    }

    #[test]
    fn only_the_one_spelling_of_a_name_is_taken() {
        let hash = "0123456789abcdef";
        let name = RenditionName::parse(hash, "320.avif");
        let key = name.map(|name| name.key(Policy::Public));
        assert_eq!(key, Some(photo_key(Policy::Public, hash, 320, ImageFormat::Avif)));
        for (hash, file) in [
            (hash, "0320.avif"),
            (hash, "+320.avif"),
            (hash, "320.AVIF"),
            (hash, "320.jpeg"),
            (hash, "320.avif.jpg"),
            (hash, "320"),
            (hash, ".avif"),
            (hash, "-1.avif"),
            (hash, "99999999999.avif"),
            (hash, "../../originals/x.jpg"),
            ("0123456789ABCDEF", "320.avif"),
            ("0123456789abcde", "320.avif"),
            ("../originals/abcd", "320.avif"),
            ("..", "320.avif"),
            ("０１２３", "320.avif"),
        ] {
            assert_eq!(RenditionName::parse(hash, file), None, "{hash}/{file}");
        }
    }
}
