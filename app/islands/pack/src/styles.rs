//! All stylesheets into one, for browsers up to five years old.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use lightningcss::dependencies::{Dependency, DependencyOptions};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::{Browsers, Targets};

use crate::site::Site;

/// Inexpensive phones keep the browser they came with: releases of November 2021.
fn targets() -> Targets {
    let version = |major: u32| Some(major << 16);
    Targets::from(Browsers {
        android: version(95),
        chrome: version(95),
        edge: version(95),
        firefox: version(94),
        ios_saf: version(15),
        safari: version(15),
        samsung: version(15),
        ..Browsers::default()
    })
}

/// Joins the folder's stylesheets in the order of their names, with `url()`s pointing to the
/// hashed files. A `url()` to a file that is not there is an error.
pub(crate) fn build(folder: &Path, site: &Site) -> Result<String> {
    let mut css = String::new();
    for name in crate::files_below(folder)? {
        if name.ends_with(".css") {
            let source = std::fs::read_to_string(folder.join(&name))?;
            css.push_str(&minify(&name, &source, site)?);
            css.push('\n');
        }
    }
    Ok(css)
}

fn minify(name: &str, source: &str, site: &Site) -> Result<String> {
    let options = ParserOptions { filename: name.to_owned(), ..ParserOptions::default() };
    let mut sheet =
        StyleSheet::parse(source, options).map_err(|error| anyhow!("style/{name}: {error}"))?;
    sheet
        .minify(MinifyOptions { targets: targets(), ..MinifyOptions::default() })
        .map_err(|error| anyhow!("style/{name}: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets: targets(),
            analyze_dependencies: Some(DependencyOptions { remove_imports: false }),
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("style/{name}: {error}"))?;

    let mut code = printed.code;
    for dependency in printed.dependencies.unwrap_or_default() {
        match dependency {
            Dependency::Url(url) => {
                let path = resolve(&url.url, site).with_context(|| format!("style/{name}"))?;
                code = code.replace(&url.placeholder, &path);
            }
            Dependency::Import(import) => {
                bail!("style/{name}: @import of {} is not needed here", import.url)
            }
        }
    }
    Ok(code)
}

fn resolve(url: &str, site: &Site) -> Result<String> {
    if !url.starts_with('/') {
        return Ok(url.to_owned()); // data: and fragments
    }
    let asset = site.find(url).with_context(|| format!("url({url}) names no file of public/"))?;
    Ok(asset.path.clone())
}
