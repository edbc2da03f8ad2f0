//! Turns `locales/<folder>/<language>/<namespace>.json` into one Rust function per sentence
//! (`OUT_DIR/i18n.rs`, shown as `app::i18n::<folder>::<namespace>`), so that a missing
//! translation, a misspelt key or a forgotten value is an error of the build.
//!
//! A folder is an audience's, or `shared`. Its `languages.json` says in which languages each
//! sentence must be there, and in which it may: where that one is missing, the Spanish sentence
//! takes its place.
//!
//! A value is one of
//! - `"text"`: `fn key(Language) -> &'static str`;
//! - `"text with {name}"`: `fn key(Language, name: impl Display, …) -> String`, arguments
//!   in the order in which the Spanish sentence names them;
//! - `{"one": "…", "other": "…"}`: the same with `count: u32` first;
//! - `["…", "…"]`: paragraphs, `fn key(Language) -> &'static [&'static str]`.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

type Sentences = BTreeMap<String, Value>;

/// Every folder.
const FOLDERS: [&str; 3] = ["shared", "shop", "board"];

/// In which languages the sentences of a folder are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Languages {
    required: BTreeSet<String>,
    #[serde(default)]
    welcome: BTreeSet<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("locales");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=locales");
    let mut code = String::new();
    let mut faults = Vec::new();
    for folder in FOLDERS {
        writeln!(code, "/// Sentences of `{folder}`.\npub mod {folder} {{")?;
        folder_of_sentences(&root.join(folder), &mut code, &mut faults)?;
        code.push_str("}\n");
    }
    if !faults.is_empty() {
        return Err(format!("locales do not agree:\n  {}", faults.join("\n  ")).into());
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("i18n.rs"), code)?;
    Ok(())
}

fn folder_of_sentences(
    folder: &Path,
    code: &mut String,
    faults: &mut Vec<String>,
) -> Result<(), Box<dyn Error>> {
    let languages: Languages = read(&folder.join("languages.json"))?;
    let known = BTreeSet::from(["es".to_owned(), "en".to_owned()]);
    if !languages.required.contains("es")
        || !known.is_superset(&languages.required)
        || !known.is_superset(&languages.welcome)
    {
        return Err(
            format!("{}: Spanish is required; es and en are known", folder.display()).into()
        );
    }
    let is_english_required = languages.required.contains("en");
    let (spanish, english) = (namespaces(&folder.join("es"))?, namespaces(&folder.join("en"))?);
    for namespace in english.difference(&spanish) {
        faults.push(format!("{}: {namespace}.json: missing in Spanish", folder.display()));
    }
    for namespace in &spanish {
        let es: Sentences = read(&folder.join("es").join(format!("{namespace}.json")))?;
        let en: Sentences = match english.contains(namespace) {
            true => read(&folder.join("en").join(format!("{namespace}.json")))?,
            false => Sentences::new(),
        };
        for key in en.keys().filter(|key| !es.contains_key(*key)) {
            faults.push(format!("{namespace}.{key}: missing in Spanish"));
        }
        writeln!(code, "/// Sentences of `{namespace}.json`.\npub mod {namespace} {{")?;
        if !es.is_empty() {
            code.push_str("use domain::language::Language;\n");
        }
        for (key, spanish) in &es {
            let english = en.get(key).or((!is_english_required).then_some(spanish));
            match english {
                None => faults.push(format!("{namespace}.{key}: missing in English")),
                Some(english) => match sentence(key, spanish, english) {
                    Ok(function) => code.push_str(&function),
                    Err(fault) => faults.push(format!("{namespace}.{key}: {fault}")),
                },
            }
        }
        code.push_str("}\n");
    }
    Ok(())
}

/// The names of a language's files; none when the folder has nothing in that language.
fn namespaces(folder: &Path) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let mut names = BTreeSet::new();
    if !folder.is_dir() {
        return Ok(names);
    }
    for entry in fs::read_dir(folder)? {
        let file = entry?.file_name().into_string().map_err(|_| "a file name is no UTF-8")?;
        let name = file.strip_suffix(".json").ok_or(format!("{file} is no JSON file"))?;
        names.insert(name.to_owned());
    }
    Ok(names)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", path.display());
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// The function of one sentence.
fn sentence(key: &str, es: &Value, en: &Value) -> Result<String, String> {
    if key.is_empty()
        || !key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    {
        return Err("keys are lower case with underscores".to_owned());
    }
    match (es, en) {
        (Value::String(es), Value::String(en)) => plain(key, es, en),
        (Value::Array(es), Value::Array(en)) => paragraphs(key, es, en),
        (Value::Object(es), Value::Object(en)) => {
            let form = |map: &serde_json::Map<String, Value>, name: &str| {
                map.get(name)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
                    .ok_or(format!("`{name}` is missing"))
            };
            plural(
                key,
                [&form(es, "one")?, &form(es, "other")?],
                [&form(en, "one")?, &form(en, "other")?],
            )
        }
        _ => Err("not of the same kind in both languages".to_owned()),
    }
}

fn plain(key: &str, es: &str, en: &str) -> Result<String, String> {
    let arguments = placeholders(es)?;
    same_set(&arguments, &placeholders(en)?)?;
    let mut out = format!("/// es: {}\n///\n/// en: {}\n#[must_use]\n", doc(es), doc(en));
    if arguments.is_empty() {
        let _ = writeln!(
            out,
            "pub const fn {key}(language: Language) -> &'static str {{ match language {{ Language::Es => {es:?}, Language::En => {en:?} }} }}"
        );
    } else {
        let _ = writeln!(
            out,
            "pub fn {key}(language: Language, {}) -> String {{ match language {{ Language::Es => format!({es:?}), Language::En => format!({en:?}) }} }}",
            parameters(&arguments)
        );
    }
    Ok(out)
}

fn plural(key: &str, es: [&str; 2], en: [&str; 2]) -> Result<String, String> {
    let mut arguments = placeholders(es[1])?;
    same_set(&arguments, &placeholders(en[1])?)?;
    for text in [es[0], en[0]] {
        if let Some(unknown) =
            placeholders(text)?.into_iter().find(|name| !arguments.contains(name))
        {
            return Err(format!("`{unknown}` stands only in the singular"));
        }
    }
    arguments.retain(|name| name != "count");
    let mut out = format!("/// es: {}\n///\n/// en: {}\n#[must_use]\n", doc(es[1]), doc(en[1]));
    let rest =
        if arguments.is_empty() { String::new() } else { format!(", {}", parameters(&arguments)) };
    let [es_one, es_other, en_one, en_other] = [es[0], es[1], en[0], en[1]].map(|text| {
        if text.contains('{') {
            format!("format!({text:?})")
        } else {
            format!("{text:?}.to_owned()")
        }
    });
    let _ = writeln!(
        out,
        "pub fn {key}(language: Language, count: u32{rest}) -> String {{ match (language, count) {{ \
         (Language::Es, 1) => {es_one}, (Language::Es, _) => {es_other}, \
         (Language::En, 1) => {en_one}, (Language::En, _) => {en_other} }} }}"
    );
    Ok(out)
}

fn paragraphs(key: &str, es: &[Value], en: &[Value]) -> Result<String, String> {
    let texts = |values: &[Value]| {
        values
            .iter()
            .map(|v| v.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .ok_or("not all are texts")
    };
    let (es, en) = (texts(es)?, texts(en)?);
    if es.len() != en.len() {
        return Err("not the same number of paragraphs in both languages".to_owned());
    }
    Ok(format!(
        "/// Paragraphs.\n#[must_use]\npub const fn {key}(language: Language) -> &'static [&'static str] {{ match language {{ Language::Es => &{es:?}, Language::En => &{en:?} }} }}\n"
    ))
}

fn parameters(arguments: &[String]) -> String {
    arguments
        .iter()
        .map(|name| format!("{name}: impl std::fmt::Display"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn same_set(es: &[String], en: &[String]) -> Result<(), String> {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    if sorted(es) == sorted(en) { Ok(()) } else { Err(format!("values differ: {es:?} and {en:?}")) }
}

/// Names in braces, each once, in order.
fn placeholders(text: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let close = rest[open..].find('}').ok_or("a brace is not closed")? + open;
        let name = &rest[open + 1..close];
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return Err(format!("`{{{name}}}` is not a name"));
        }
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        rest = &rest[close + 1..];
    }
    Ok(names)
}

/// One line that rustdoc does not read as markup.
fn doc(text: &str) -> String {
    text.replace('\n', " ").replace(['[', ']', '<', '>', '`'], "·")
}
