//! From the compiler's WebAssembly to what a browser loads.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::{Bindgen, Output};

/// The islands with their JavaScript side.
pub(crate) struct Bindings {
    pub(crate) wasm: Vec<u8>,
    pub(crate) glue: String,
}

/// Runs wasm-bindgen.
///
/// No optimiser follows: after the linker's LTO, binaryen's current `wasm-opt -Oz` takes a fifth
/// off the file but 0.3 % off what is sent, and would bring Node.js into every build; the one of
/// Debian 12 confuses the tables of today's modules.
pub(crate) fn generate(wasm: &Path) -> Result<Bindings> {
    let compiled = std::fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let mut output = Bindgen::new()
        .input_bytes("islands", without_reference_types(compiled))
        .out_name("islands")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("wasm-bindgen on {}", wasm.display()))?;
    let snippets = output.snippets().values().any(|inline| !inline.is_empty());
    ensure!(
        !snippets && output.local_modules().is_empty(),
        "an island brings JavaScript files of its own, which pack does not copy"
    );
    let glue = output.js().to_owned();
    drop_streams(&mut output);
    let wasm = output.wasm_mut().emit_wasm();
    Ok(Bindings { wasm, glue })
}

/// Takes back that the module may use reference types: with that word wasm-bindgen keeps the
/// objects of JavaScript in a table of `externref`, which came too late for a promised browser
/// (`promise.rs` looks at what is made). `.ci/cargo-wasm` asks the compiler for none; the word
/// comes with the standard library, which was compiled before.
fn without_reference_types(mut wasm: Vec<u8>) -> Vec<u8> {
    // As the section `target_features` writes it: used (+) or not (-), length, name.
    let name = b"\x0freference-types";
    if let Some(at) = wasm.windows(name.len()).position(|bytes| bytes == name)
        && let Some(used) = at.checked_sub(1).and_then(|before| wasm.get_mut(before))
        && *used == b'+'
    {
        *used = b'-';
    }
    wasm
}

/// leptos always brings the browser side of server functions, whose streams of bodies are
/// exported and so would be kept, with everything that they use: 5 kB for every visitor.
/// No island calls a server function. Their JavaScript classes stay, and are never made.
fn drop_streams(output: &mut Output) {
    let exports = &mut output.wasm_mut().exports;
    let streams: Vec<_> = exports
        .iter()
        .filter(|export| export.name.trim_start_matches("__wbg_").starts_with("intounderlying"))
        .map(|export| export.id())
        .collect();
    for stream in streams {
        exports.delete(stream);
    }
    walrus::passes::gc::run(output.wasm_mut());
}

/// Fills the hashed names into the boot module and drops its comments.
pub(crate) fn boot(source: &str, glue: &str, wasm: &str) -> Result<String> {
    ensure!(
        source.contains("./islands_glue.js") && source.contains("./islands.wasm"),
        "the boot module does not name its two companions"
    );
    let named = source
        .replace("./islands_glue.js", &format!("./{glue}"))
        .replace("./islands.wasm", &format!("./{wasm}"));
    let lines = named.lines().map(str::trim);
    let code: Vec<&str> =
        lines.filter(|line| !line.is_empty() && !line.starts_with("//")).collect();
    Ok(code.join("\n"))
}
