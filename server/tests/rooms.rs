//! The rooms (the top-level modules) of `server/src` use only those before them. Between crates the
//! compiler checks the directions; inside the crate this test does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every room, each after those that it may use.
const ROOMS: [&str; 16] = [
    "kernel",
    "config",
    "people",
    "workshop",
    "catalogue",
    "treasury",
    "sales",
    "mail",
    "jobs",
    "http",
    "serve",
    "check",
    "demo",
    "tell",
    "command_line",
    "main",
];

/// The rooms inside `http`, each with those that it may use. Its audiences do not use each other.
const HTTP: [(&str, &[&str]); 3] =
    [("edge", &[]), ("machines", &["edge", "state"]), ("shop", &["edge", "state"])];

/// The room of a file: the folder or file below `src`.
fn room_of(src: &Path, file: &Path) -> String {
    let below = file.strip_prefix(src).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The rooms that a source names by `crate::` or, as the binary does, by `server::`.
fn named(source: &str) -> BTreeSet<&str> {
    named_after(source, &["crate::", "server::"])
}

/// What code names after one of these paths.
fn named_after<'s>(source: &'s str, roots: &[&str]) -> BTreeSet<&'s str> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut names = BTreeSet::new();
    for line in code {
        for root in roots {
            names.extend(line.split(*root).skip(1).map(|rest| {
                rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap()
            }));
        }
    }
    names
}

#[test]
fn a_room_knows_only_those_before_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    files(&src, &mut sources);
    assert!(sources.len() > 100, "the sources are here");
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    for file in sources {
        let room = room_of(&src, &file);
        if room == "lib" {
            continue;
        }
        let here = place(&room).unwrap_or_else(|| panic!("{room} has no place in the list"));
        let source = std::fs::read_to_string(&file).unwrap();
        for other in named(&source) {
            if place(other).is_some_and(|there| there > here) {
                wrong.push(format!("{} names {other}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn audiences_know_what_surrounds_them_and_not_each_other() {
    let http = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    for (room, known) in HTTP {
        let mut sources = Vec::new();
        files(&http.join(room), &mut sources);
        assert!(!sources.is_empty(), "{room} is here");
        for file in sources {
            let source = std::fs::read_to_string(&file).unwrap();
            assert!(!source.contains("super::super::"), "{}", file.display());
            for other in named_after(&source, &["crate::http::"]) {
                let may = other == room || known.contains(&other);
                assert!(may, "{} names {other}", file.display());
            }
        }
    }
}

/// Only `Making` can make a `PieceSale`, which the compiler checks. This test checks where `Making`
/// is made.
#[test]
fn the_input_of_the_split_is_built_in_one_place() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    files(&server.join("src"), &mut sources);
    files(&server.join("store/src"), &mut sources);
    let makes = |file: &PathBuf| std::fs::read_to_string(file).unwrap().contains("Making {");
    let places: Vec<PathBuf> = sources.into_iter().filter(makes).collect();
    assert_eq!(places, [server.join("src/workshop/making.rs")]);
}

#[test]
fn the_directions_are_read_from_code_and_not_from_comments() {
    let source = "//! crate::http\nuse crate::sales::{self, Shop};\nfn f() { server::mail::x(crate::kernel::E) }";
    assert_eq!(named(source), BTreeSet::from(["kernel", "mail", "sales"]));
}
