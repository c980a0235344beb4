//! Reads the repository and demands what no compiler does: rules named by tests, short files, pure crates, fresh
//! generated pages. `UPDATE=1 cargo test -p server --test tidy` rewrites what is generated.

#[path = "tidy/codes.rs"]
mod codes;
#[path = "tidy/links.rs"]
mod links;
#[path = "tidy/steps.rs"]
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

/// Every file below a folder with one of these endings, by its path from the root.
fn files(folder: &str, endings: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| endings.iter().any(|ending| it == *ending)) {
                let name = path.strip_prefix(root()).expect("below the root").display().to_string();
                found.insert(name, std::fs::read_to_string(&path).expect("the repository is UTF-8"));
            }
        }
    }
    found
}

fn compare_or_update(path: &str, fresh: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().expect("in a folder")).expect("a folder");
        std::fs::write(&file, fresh).expect("the repository can be written");
        return;
    }
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(old == fresh, "{path} is stale: run UPDATE=1 cargo test -p server --test tidy");
}

/// If this fails, somebody opens a file and does not know what it is for, or has to scroll to find out.
#[test]
fn every_file_is_short_and_says_what_it_knows() {
    let mut wrong = Vec::new();
    for (name, text) in files("crates", &["rs"]) {
        if !text.starts_with("//! ") {
            wrong.push(format!("{name}: the first line does not say what the file knows"));
        }
        if text.lines().count() > 500 {
            wrong.push(format!("{name}: {} lines, at most 500", text.lines().count()));
        }
        if text.contains(concat!("TO", "DO")) || text.contains(concat!("FIX", "ME")) {
            wrong.push(format!("{name}: leaves something undone"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// If this fails, a planted bug no longer fits the code, and `script/mutants` finds out only at its end.
#[test]
fn every_planted_bug_can_be_planted() {
    let folder = root().join("crates/simulator/patches");
    let mut patches: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the patches are there")
        .map(|it| it.expect("a folder can be listed").path())
        .collect();
    patches.sort();
    assert!(!patches.is_empty(), "no bug is planted");
    let fits = |patch: &PathBuf| {
        let git = Command::new("git").args(["apply", "--check"]).arg(patch).current_dir(root()).output();
        git.expect("git is there").status.success()
    };
    let wrong: Vec<&PathBuf> = patches.iter().filter(|it| !fits(it)).collect();
    assert!(wrong.is_empty(), "these do not apply: {wrong:?}");
}

/// If this fails, a bureau writes files with columns that are not read.
#[test]
fn the_columns_of_files_are_documented() {
    compare_or_update("docs/intake.md", &server::intake::page::page());
}

/// If this fails, a rule could read a clock, a file or the environment, and deciding again would prove nothing.
#[test]
fn the_rules_are_pure() {
    let banned =
        ["async fn", "Mutex", "std::fs", "std::env", "std::net", "thread::", "SystemTime", "f64", "f32"];
    let mut wrong = Vec::new();
    for (name, text) in files("crates/domain/src", &["rs"]) {
        let code = text.lines().filter(|it| !it.trim_start().starts_with("//"));
        for line in code {
            wrong.extend(
                banned.iter().filter(|it| line.contains(*it)).map(|it| format!("{name}: `{it}`: {line}")),
            );
        }
    }
    for (name, text) in files("crates/server/src", &["rs"]) {
        let sql = ["rusqlite", "tokio_postgres"].iter().any(|it| text.contains(it));
        wrong.extend(sql.then(|| format!("{name}: the server sees SQL")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rules that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    for (at, _) in text.match_indices("R-") {
        let rest = &text.as_bytes()[at + 2..];
        let letter = rest.first().filter(|it| it.is_ascii_uppercase());
        let digits: String =
            rest.iter().skip(1).take_while(|it| it.is_ascii_digit()).map(|it| char::from(*it)).collect();
        if let (Some(letter), false) = (letter, digits.is_empty()) {
            rules.insert(format!("R-{}{digits}", char::from(*letter)));
        }
    }
    rules
}

/// Tests of a Rust file with the rules that their comment, name and body name.
fn tests_in(name: &str, text: &str, by_rule: &mut BTreeMap<String, BTreeSet<String>>) {
    let mut from = 0;
    while let Some(at) = text[from..].find("#[test]").map(|it| from + it) {
        let comment_start = text[..at].rfind("\n\n").map_or(0, |it| it + 2);
        let rest = &text[at..];
        let body_end =
            rest.find("\n    }\n").into_iter().chain(rest.find("\n}\n")).min().unwrap_or(rest.len());
        let test = rest[..body_end].split("fn ").nth(1).and_then(|it| it.split('(').next()).unwrap_or("");
        for rule in named(&text[comment_start..at + body_end]) {
            by_rule.entry(rule).or_default().insert(format!("`{}::{test}`", short(name)));
        }
        from = at + 7;
    }
}

/// `crates/domain/src/ledger.rs` is `domain/ledger`.
fn short(name: &str) -> String {
    let name = name.trim_start_matches("crates/").trim_end_matches(".rs");
    name.replace("/src/", "/").replace("/tests/", "/")
}

/// Every test that names a rule.
fn tests_by_rule() -> BTreeMap<String, BTreeSet<String>> {
    let mut by_rule = BTreeMap::new();
    for (name, text) in files("crates", &["rs"]) {
        tests_in(&name, &text, &mut by_rule);
    }
    for (name, text) in files("cases", &["toml"]) {
        let rules = text.lines().filter(|it| it.starts_with("规则"));
        for rule in rules.flat_map(named) {
            by_rule.entry(rule).or_default().insert(format!("`{}`", name.trim_end_matches(".toml")));
        }
    }
    by_rule
}

/// Rules that the first release has to keep.
const NEEDED: &[&str] = &["A", "B", "C", "D", "E", "F1", "F3", "J2", "J4", "K1", "L1", "M1", "M2", "M5"];

/// If this fails, a rule is called done and no test would notice that it is broken.
#[test]
fn every_rule_that_is_done_is_named_by_a_test() {
    let page = std::fs::read_to_string(root().join("docs/rules.md")).expect("docs/rules.md");
    let by_rule = tests_by_rule();
    let (mut fresh, mut rule, mut done, mut wrong) = (String::new(), String::new(), false, Vec::new());
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("#### ") {
            rule = heading.split_whitespace().next().unwrap_or("").to_owned();
        }
        if let Some(state) = line.strip_prefix("State: ") {
            done = state == "done";
            let group = rule.trim_start_matches("R-");
            let needed = NEEDED.iter().any(|it| group == *it || (it.len() == 1 && group.starts_with(*it)));
            wrong.extend((needed && !done).then(|| format!("{rule} has to be done")));
        }
        if line.starts_with("Tests:") {
            let tests: Vec<String> = by_rule.get(&rule).into_iter().flatten().cloned().collect();
            wrong.extend((done && tests.is_empty()).then(|| format!("{rule} is done and no test names it")));
            let tests = if tests.is_empty() { "-".to_owned() } else { tests.join(", ") };
            writeln!(fresh, "Tests: {tests}").expect("a String grows");
        } else {
            writeln!(fresh, "{line}").expect("a String grows");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    compare_or_update("docs/rules.md", &fresh);
}

/// If this fails, the two halves of a statement's life (its file and who runs it) have drifted apart.
#[test]
fn every_statement_is_used() {
    let code: String = files("crates/store/src", &["rs"]).into_values().collect();
    let mut unused = Vec::new();
    for (name, _) in files("crates/store/src/sql", &["sql"]) {
        let statement = Path::new(&name).file_stem().expect("a file").to_string_lossy().into_owned();
        unused.extend((!code.contains(&format!("\"{statement}\""))).then_some(name));
    }
    assert!(unused.is_empty(), "not used: {unused:?}");
}
