//! From the compiler's WebAssembly to what a browser loads.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::{Bindgen, Output};

/// What `rustc` may emit for this target and every browser of the last five years understands.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The islands with their JavaScript side.
pub(crate) struct Bindings {
    pub(crate) wasm: Vec<u8>,
    pub(crate) glue: String,
}

/// Runs wasm-bindgen, then the optimiser.
pub(crate) fn generate(wasm: &Path, optimizer: &str) -> Result<Bindings> {
    let mut output = Bindgen::new()
        .input_path(wasm)
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
    let wasm = if optimizer.is_empty() { wasm } else { optimize(&wasm, optimizer)? };
    Ok(Bindings { wasm, glue })
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
}

fn optimize(wasm: &[u8], optimizer: &str) -> Result<Vec<u8>> {
    let folder = std::env::temp_dir().join(format!("pack-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (input, output) = (folder.join("in.wasm"), folder.join("out.wasm"));
    std::fs::write(&input, wasm)?;
    let status = Command::new(optimizer)
        .args(["-Oz", "--strip-debug", "--strip-producers"])
        .args(FEATURES)
        .arg(&input)
        .arg("-o")
        .arg(&output)
        .status()
        .with_context(|| format!("starting the optimiser {optimizer}"))?;
    if !status.success() {
        bail!("{optimizer} ended with {status}");
    }
    let optimized = std::fs::read(&output)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(optimized)
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
