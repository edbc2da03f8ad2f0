//! Makes the files that the server serves: the islands, the stylesheet, fonts, icons.
//!
//! ```text
//! target/…/islands.wasm ─ wasm-bindgen ────────────┐
//! app/islands/src/boot.js ─────────────────────────┤
//! style/*.css ─ lightningcss ──────────────────────┼─→ $SITE_DIR/…  and  $SITE_DIR/assets.json
//! public/** ───────────────────────────────────────┘
//! ```
//!
//! It is used instead of `cargo-leptos`, which takes 39 CPU minutes to build where this takes two, and
//! needs a newer compiler than the shop does.
//!
//! **Names.** A file that pages find through the manifest has a hash of its content in its name
//! (`/pkg/site.3f2a….css`) and never changes under that name. A file with a well-known path
//! (`/favicon.ico`) keeps it. `assets.json` maps logical names to both:
//!
//! ```json
//! { "assets": { "site.css": { "path": "/pkg/site.3f2a….css", "integrity": "sha384-…",
//!   "immutable": true, "encodings": ["br", "gzip"], "bytes": 30211, "brotli_bytes": 7100 } } }
//! ```
//!
//! `encodings` lists the compressed files `<path>.br` and `<path>.gz` that exist.
//! Logical names: `site.css`, `islands.js`, `islands_glue.js`, `islands.wasm`, and every file of
//! `public/` by its path there (`fonts/fraunces.woff2`, `favicon.svg`).
//!
//! **Stylesheets** become one file in the order of their layers (`styles.rs`); within a layer they are
//! in the order of the file names.
//!
//! **Browsers** that are supported are listed in `browsers.json` (`promise.rs`).

mod bindings;
mod promise;
mod site;
mod styles;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;

use promise::Promise;
use site::Site;

/// Command line of `pack`.
#[derive(Debug, Parser)]
#[command(about = "Puts together the files that the shop's server hands out")]
struct Options {
    /// The islands as `cargo build --target wasm32-unknown-unknown` made them.
    #[arg(long)]
    wasm: PathBuf,
    /// The module that starts the islands.
    #[arg(long, default_value = "app/islands/src/boot.js")]
    boot: PathBuf,
    /// Folder of stylesheets.
    #[arg(long, default_value = "style")]
    style: PathBuf,
    /// Folder of files to be copied.
    #[arg(long, default_value = "public")]
    public: PathBuf,
    /// Folder to write. It is replaced as a whole.
    #[arg(long, env = "SITE_DIR", default_value = "target/site")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let next = options.out.with_extension("next");
    let mut site = Site::create(&next)?;

    copy_public(&mut site, &options.public)?;
    let promise = Promise::read()?;
    let css = styles::build(&options.style, &site, promise.targets()?)?;
    site.add_hashed("site.css", css.as_bytes())?;
    add_islands(&mut site, &options, &promise)?;

    site.finish()?;
    replace(&options.out, &next)
}

fn add_islands(site: &mut Site, options: &Options, promise: &Promise) -> Result<()> {
    let bindings = bindings::generate(&options.wasm)?;
    promise.check_module(&bindings.wasm)?;
    let wasm = site.add_hashed("islands.wasm", &bindings.wasm)?;
    let glue = site.add_hashed("islands_glue.js", bindings.glue.as_bytes())?;
    let boot = std::fs::read_to_string(&options.boot)
        .with_context(|| format!("reading {}", options.boot.display()))?;
    let boot = bindings::boot(&boot, &glue, &wasm)?;
    site.add_hashed("islands.js", boot.as_bytes())?;
    Ok(())
}

/// Copies the public files. Fonts and scripts get hashed names, because only the stylesheet and pages
/// refer to them; the others keep the paths that browsers expect.
fn copy_public(site: &mut Site, public: &Path) -> Result<()> {
    for name in files_below(public)? {
        let content = std::fs::read(public.join(&name))?;
        if name.ends_with(".woff2") || name.ends_with(".js") {
            site.add_hashed(&name, &content)?;
        } else {
            site.add_plain(&name, &content)?;
        }
    }
    Ok(())
}

/// Every file below a folder, as sorted paths with `/`.
fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("reading the folder {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{name}/")));
            } else {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

/// Replaces the folder by two renames, so that a server that starts now finds a complete site.
fn replace(out: &Path, next: &Path) -> Result<()> {
    let last = out.with_extension("last");
    if last.exists() {
        std::fs::remove_dir_all(&last)?;
    }
    if out.exists() {
        std::fs::rename(out, &last)?;
    }
    std::fs::rename(next, out)
        .with_context(|| format!("renaming {} to {}", next.display(), out.display()))?;
    if last.exists() {
        std::fs::remove_dir_all(&last)?;
    }
    Ok(())
}
