//! The floors of DESIGN.md: a room uses only rooms below it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// The floor of each room, as DESIGN.md draws them.
fn floors() -> BTreeMap<String, usize> {
    let design = fs::read_to_string(root().join("DESIGN.md")).unwrap();
    let drawn = design.split("## Rooms").nth(1).unwrap();
    let mut floors = BTreeMap::new();
    for line in drawn.lines().filter(|line| line.starts_with("    ")) {
        let mut words = line.split_whitespace();
        let Some(Ok(floor)) = words.next().map(str::parse::<usize>) else { continue };
        // Names stand before the explanation, which two spaces set off.
        let names = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        let names = names.split("   ").next().unwrap();
        for name in names.split_whitespace() {
            floors.insert(name.to_owned(), floor);
        }
    }
    floors
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that a source names in `crate::room`, comments and strings left out.
fn uses(source: &str) -> Vec<String> {
    let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap()).collect();
    let code = code.join("\n");
    let mut rooms = Vec::new();
    for part in code.split("crate::").skip(1) {
        match part.strip_prefix('{') {
            Some(list) => rooms.extend(list.split('}').next().unwrap().split(',').map(first_name)),
            None => rooms.push(first_name(part)),
        }
    }
    rooms
}

fn first_name(path: &str) -> String {
    path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn rooms_use_only_lower_floors() {
    let floors = floors();
    assert!(floors.len() > 15, "{floors:?}");
    let source = root().join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let mut faults = Vec::new();
    for file in &files {
        let relative = file.strip_prefix(&source).unwrap();
        let room = relative.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        if room == "lib" || room == "main" {
            continue;
        }
        let floor = *floors.get(&room).unwrap_or_else(|| panic!("DESIGN.md has no room '{room}'"));
        for used in uses(&fs::read_to_string(file).unwrap()) {
            let Some(&other) = floors.get(&used) else { continue };
            // The two lowest floors are vocabulary: their rooms may use each other.
            let siblings = other == floor && floor <= 1;
            if used != room && other >= floor && !siblings {
                faults.push(format!("{} (floor {floor}) uses {used} (floor {other})", relative.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_test_sees_imports() {
    let source = "use crate::{error::Error, sink};\nfn f() { crate::cli::main() } // crate::comment\n";
    assert_eq!(uses(source), ["error", "sink", "cli"]);
}

#[test]
fn unsafe_code_is_where_c_is_met() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut lifted: Vec<_> = files
        .iter()
        .filter(|file| fs::read_to_string(file).unwrap().contains("allow(unsafe_code"))
        .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    lifted.sort();
    assert_eq!(lifted, ["buffer.rs", "filter.rs"]);
}
