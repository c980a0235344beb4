//! The golden cases: every file of `cases/` is decided step by step, on facts that real requests have built, by the
//! law of this repository. `cases/README.md` says how a case is written.

mod compare;
mod format;
mod hall;
mod law;
mod proxies;
mod render;
mod stays;
mod steps;
mod world;

use format::Case;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The rules that need a case: the families A to E whole, and those of the rest that are decided here.
const RULES: &[(&str, &[u8])] = &[
    ("A", &[1, 2, 3]),
    ("B", &[1, 2, 3, 4, 5]),
    ("C", &[1, 2, 3]),
    ("D", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ("E", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]),
    ("F", &[1, 3]),
    ("G", &[1]),
    ("J", &[2, 4]),
    ("L", &[1]),
    ("M", &[1, 2, 5]),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases")
}

/// The text of a file below `cases/`.
fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All cases by file name, or what is wrong with the files.
fn cases() -> BTreeMap<String, Result<Case, String>> {
    let entries =
        std::fs::read_dir(folder()).expect("cases/ is there").map(|it| it.expect("readable").path());
    let files = entries.filter(|it| it.extension().is_some_and(|ending| ending == "toml"));
    let read = |path: PathBuf| {
        let name = path.file_name().and_then(|it| it.to_str()).expect("a plain name").to_owned();
        let case = Case::read(&text(&path), |world| text(&folder().join("world").join(world)));
        (name, case)
    };
    files.map(read).collect()
}

#[test]
fn every_case_comes_out_as_it_was_signed() {
    let mut wrong = String::new();
    for (file, case) in cases() {
        let differences = match case {
            Ok(case) => steps::run(&case),
            Err(unreadable) => vec![unreadable],
        };
        for difference in differences {
            wrong.push_str(&format!("\ncases/{file}\n{difference}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_rule_decided_here_has_a_case() {
    let all: BTreeSet<String> = RULES
        .iter()
        .flat_map(|(family, rules)| rules.iter().map(move |it| format!("R-{family}{it}")))
        .collect();
    let cases = cases();
    let named: BTreeSet<String> =
        cases.values().filter_map(|it| it.as_ref().ok()).flat_map(|it| it.rules.clone()).collect();
    let missing: Vec<&String> = all.difference(&named).collect();
    assert!(missing.is_empty(), "no case names {missing:?}");
    let unreadable = |rule: &&String| domain::decision::Rule::parse(rule).is_none();
    assert_eq!(named.iter().find(unreadable), None, "not a rule");
    let without: Vec<&String> = cases
        .iter()
        .filter(|(_, it)| it.as_ref().is_ok_and(|it| it.rules.is_empty()))
        .map(|it| it.0)
        .collect();
    assert!(without.is_empty(), "these cases name no rule: {without:?}");
}
