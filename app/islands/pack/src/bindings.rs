//! Converts the compiler's WebAssembly to the files that a browser loads.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::{Bindgen, Output};

/// The islands and their JavaScript.
pub(crate) struct Bindings {
    pub(crate) wasm: Vec<u8>,
    pub(crate) glue: String,
}

/// Runs wasm-bindgen.
///
/// No optimiser runs after it. After the linker's LTO, binaryen's current `wasm-opt -Oz` makes the file
/// a fifth smaller but the compressed file only 0.3 %, and every build would need Node.js. The version
/// of Debian 12 breaks the tables of present modules.
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

/// Removes the mark that the module may use reference types. With the mark, wasm-bindgen keeps
/// JavaScript objects in a table of `externref`, which the oldest supported browsers do not have
/// (`promise.rs` checks the result). `.ci/cargo-wasm` compiles without reference types; the mark comes
/// from the precompiled standard library.
fn without_reference_types(mut wasm: Vec<u8>) -> Vec<u8> {
    // As in the section `target_features`: used (+) or not (-), length, name.
    let name = b"\x0freference-types";
    if let Some(at) = wasm.windows(name.len()).position(|bytes| bytes == name)
        && let Some(used) = at.checked_sub(1).and_then(|before| wasm.get_mut(before))
        && *used == b'+'
    {
        *used = b'-';
    }
    wasm
}

/// leptos always includes the browser side of server functions. It exports streams of bodies, so they
/// would be kept with everything that they use: 5 kB for every visitor. No island calls a server
/// function. The JavaScript classes of the streams stay, and are never used.
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

/// Puts the hashed names into the boot module and removes its comments.
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
