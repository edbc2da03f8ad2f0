//! The oldest browsers that are supported, and the WebAssembly features that they have.
//!
//! `browsers.json` of this crate has both. The build compiles the stylesheet for these browsers and
//! refuses a module that needs more; a browser test compares the built files with the current
//! compatibility tables. The browsers are those of November 2021, because inexpensive phones keep the
//! browser with which they were sold.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use lightningcss::targets::{Browsers, Targets};
use serde::Deserialize;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// The supported browsers.
#[derive(Debug, Deserialize)]
pub(crate) struct Promise {
    /// Each browser, by its name in MDN's tables, with its oldest version.
    browsers: BTreeMap<String, String>,
    /// WebAssembly proposals, by their names in MDN's tables, that a module may use.
    webassembly: Vec<String>,
}

impl Promise {
    /// Reads `browsers.json`.
    pub(crate) fn read() -> Result<Self> {
        serde_json::from_str(include_str!("../browsers.json")).context("pack/browsers.json")
    }

    /// The browsers for which the stylesheet is compiled.
    pub(crate) fn targets(&self) -> Result<Targets> {
        let mut targets = Browsers::default();
        for (browser, version) in &self.browsers {
            let version = Some(number(version).with_context(|| format!("{browser} {version}"))?);
            match browser.as_str() {
                "chrome" | "chrome_android" => targets.chrome = version,
                "edge" => targets.edge = version,
                "firefox" | "firefox_android" => targets.firefox = version,
                "safari" => targets.safari = version,
                "safari_ios" => targets.ios_saf = version,
                "samsunginternet_android" => targets.samsung = version,
                "webview_android" => targets.android = version,
                other => bail!("no browser is called {other}"),
            }
        }
        Ok(Targets::from(targets))
    }

    /// Fails when a module needs a feature that a supported browser does not have.
    pub(crate) fn check_module(&self, wasm: &[u8]) -> Result<()> {
        // Features that are older than the tables of proposals.
        let mut known = WasmFeatures::MVP | WasmFeatures::MUTABLE_GLOBAL;
        for proposal in &self.webassembly {
            known |= match proposal.as_str() {
                "bulk-memory-operations" => WasmFeatures::BULK_MEMORY,
                "multi-value" => WasmFeatures::MULTI_VALUE,
                "non-trapping-float-to-int-conversions" => WasmFeatures::SATURATING_FLOAT_TO_INT,
                "reference-types" => WasmFeatures::REFERENCE_TYPES,
                "sign-extension-operations" => WasmFeatures::SIGN_EXTENSION,
                other => bail!("no proposal of WebAssembly is called {other}"),
            };
        }
        Validator::new_with_features(known)
            .validate_all(wasm)
            .context("the islands use what a promised browser does not know of WebAssembly")?;
        for payload in Parser::new(0).parse_all(wasm) {
            let Payload::ImportSection(imports) = payload? else { continue };
            for import in imports.into_imports() {
                // What wasm-bindgen would have made instructions of, had the compiler not been
                // asked for a module without references (`.ci/cargo-wasm`).
                let module = import?.module;
                ensure!(
                    !module.starts_with("__wbindgen"),
                    "the islands were compiled for {module}"
                );
            }
        }
        Ok(())
    }
}

/// `15.4` in the notation of lightningcss.
fn number(version: &str) -> Result<u32> {
    let mut parts = version.split('.').map(str::parse::<u32>);
    let major = parts.next().context("no version")??;
    let minor = parts.next().transpose()?.unwrap_or(0);
    Ok(major << 16 | minor << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_written_as_lightningcss_reads_it() {
        assert_eq!(number("15.4").ok(), Some(15 << 16 | 4 << 8));
        assert_eq!(number("95").ok(), Some(95 << 16));
        assert!(number("").is_err());
    }

    #[test]
    fn every_supported_browser_is_a_target_of_the_styles() {
        let targets = Promise::read().and_then(|promise| promise.targets());
        let browsers = targets.expect("the promise can be read").browsers.expect("browsers");
        assert_eq!(browsers.chrome, Some(95 << 16));
        assert_eq!(browsers.samsung, Some(15 << 16));
    }

    #[test]
    fn a_module_with_a_table_of_references_is_refused() {
        let promise = Promise::read().expect("the promise can be read");
        let header = *b"\0asm\x01\0\0\0";
        assert!(promise.check_module(&header).is_ok());
        // A section of tables (4) with one of externref (6f), at least 1 long.
        let table = [4, 4, 1, 0x6f, 0, 1];
        assert!(promise.check_module(&[&header[..], &table[..]].concat()).is_err());
        // A table of functions is as old as WebAssembly.
        let table = [4, 4, 1, 0x70, 0, 1];
        assert!(promise.check_module(&[&header[..], &table[..]].concat()).is_ok());
    }

    #[test]
    fn a_module_that_wasm_bindgen_has_not_finished_is_refused() {
        let promise = Promise::read().expect("the promise can be read");
        // A type of functions (1), and an import (2) of one from `__wbindgen_x` or `a`.
        let module = |from: &str| {
            let import = [&[1, from.len() as u8][..], from.as_bytes(), &[1, b'f', 0, 0]].concat();
            [b"\0asm\x01\0\0\0", &[1, 4, 1, 0x60, 0, 0, 2, import.len() as u8][..], &import]
                .concat()
        };
        assert!(promise.check_module(&module("a")).is_ok());
        assert!(promise.check_module(&module("__wbindgen_x")).is_err());
    }
}
