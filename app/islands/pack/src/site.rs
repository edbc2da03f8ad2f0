//! The folder that the server serves, and its manifest.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use sha2::{Digest as _, Sha256, Sha384};

/// File types that are compressed already.
const PACKED_ALREADY: [&str; 6] = ["woff2", "ico", "png", "jpg", "webp", "avif"];
/// Hex digits of the content's hash in a name: 48 bits are enough for a few dozen files.
const NAME_DIGITS: usize = 12;

/// One file of the manifest.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Asset {
    /// Path on the site.
    pub(crate) path: String,
    /// Subresource integrity.
    integrity: String,
    /// Whether the content under this path can never change.
    immutable: bool,
    /// Encodings of the compressed files that exist, best first.
    encodings: Vec<&'static str>,
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    brotli_bytes: Option<usize>,
}

/// A site while it is built.
#[derive(Debug)]
pub(crate) struct Site {
    folder: PathBuf,
    assets: BTreeMap<String, Asset>,
}

impl Site {
    /// Starts with an empty folder.
    pub(crate) fn create(folder: &Path) -> Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)
            .with_context(|| format!("creating {}", folder.display()))?;
        Ok(Self { folder: folder.to_path_buf(), assets: BTreeMap::new() })
    }

    /// Adds a file under its own name.
    pub(crate) fn add_plain(&mut self, name: &str, content: &[u8]) -> Result<()> {
        self.add(name, format!("/{name}"), false, content)
    }

    /// Adds a file whose name carries its content's hash; returns that file name.
    ///
    /// A logical name without a folder goes to `/pkg/`.
    pub(crate) fn add_hashed(&mut self, name: &str, content: &[u8]) -> Result<String> {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("pkg", name));
        let (stem, extension) = file.rsplit_once('.').unwrap_or((file, "bin"));
        let hash = hex::encode(Sha256::digest(content));
        let file = format!("{stem}.{}.{extension}", &hash[..NAME_DIGITS]);
        self.add(name, format!("/{folder}/{file}"), true, content)?;
        Ok(file)
    }

    /// The asset whose source has this path on the site (`/fonts/fraunces.woff2`).
    pub(crate) fn find(&self, source_path: &str) -> Option<&Asset> {
        self.assets.get(source_path.strip_prefix('/')?)
    }

    fn add(&mut self, name: &str, path: String, immutable: bool, content: &[u8]) -> Result<()> {
        let file = self.folder.join(path.trim_start_matches('/'));
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, content).with_context(|| format!("writing {}", file.display()))?;

        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let mut asset = Asset {
            path,
            integrity: format!("sha384-{}", BASE64.encode(Sha384::digest(content))),
            immutable,
            encodings: Vec::new(),
            bytes: content.len(),
            brotli_bytes: None,
        };
        if !PACKED_ALREADY.contains(&extension) {
            let brotli = brotli(content)?;
            asset.brotli_bytes = Some(brotli.len());
            write_if_smaller(&file, "br", &brotli, content, "br", &mut asset)?;
            write_if_smaller(&file, "gz", &gzip(content)?, content, "gzip", &mut asset)?;
        }
        self.assets.insert(name.to_owned(), asset);
        Ok(())
    }

    /// Writes the manifest and prints the sizes.
    pub(crate) fn finish(&self) -> Result<()> {
        let manifest = serde_json::json!({ "assets": self.assets });
        std::fs::write(self.folder.join("assets.json"), serde_json::to_vec_pretty(&manifest)?)?;
        for (name, asset) in &self.assets {
            let sent = asset.brotli_bytes.unwrap_or(asset.bytes).min(asset.bytes);
            println!("{name:<36} {:>9} B  {sent:>8} B as sent", asset.bytes);
        }
        Ok(())
    }
}

fn write_if_smaller(
    file: &Path,
    suffix: &str,
    packed: &[u8],
    content: &[u8],
    encoding: &'static str,
    asset: &mut Asset,
) -> Result<()> {
    if packed.len() < content.len() {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{suffix}"));
        std::fs::write(&name, packed)?;
        asset.encodings.push(encoding);
    }
    Ok(())
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}
