//! Which steps may be advised about a reason: read from the rules' own list of them (`remedies.rs`).

use super::root;
use domain::advice::NAMES;
use std::collections::{BTreeMap, BTreeSet};

/// What the functions of that list come to, besides steps that it names itself.
const THROUGH: &[(&str, &[&str])] = &[
    ("or_cash(", &["pay_cash"]),
    ("place.bind(", &["bind"]),
    ("place.again(", &["bind"]),
    ("place.release(", &["release_first"]),
    ("raise_limit(", &["raise_limit"]),
    ("raise_quota(", &["raise_quota"]),
    ("other_starter(", &["other_starter"]),
    ("enrol_or_pay(", &["enrol", "pay_otherwise"]),
    ("resume_or_pay(", &["resume", "pay_otherwise"]),
    ("entrust_again(", &["entrust_again"]),
];

/// `GiverPaused` as `giver_paused`.
fn snake(name: &str) -> String {
    let letter = |(at, it): (usize, char)| {
        let gap = if at > 0 && it.is_ascii_uppercase() { "_" } else { "" };
        format!("{gap}{}", it.to_ascii_lowercase())
    };
    name.chars().enumerate().map(letter).collect()
}

/// The names that follow a mark.
fn after<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    let name = |it: &'a str| it.split(|it: char| !it.is_ascii_alphanumeric()).next().unwrap_or_default();
    text.split(mark).skip(1).map(name).collect()
}

/// The steps of each code, by their names in the texts.
pub(super) fn steps() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("crates/domain/src/remedies.rs")).expect("the remedies");
    let list = text.split_once("match reason {").and_then(|(_, it)| it.split_once("\n    }\n"));
    let list = list.expect("a list of reasons").0;
    let mut steps: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for arm in list.split("\n        R::") {
        let Some((reasons, todo)) = arm.split_once("=>") else { continue };
        let named = after(todo, "Advice::").into_iter().map(snake);
        let through = THROUGH.iter().filter(|(function, _)| todo.contains(function));
        let through = through.flat_map(|(_, steps)| steps.iter().map(|it| (*it).to_owned()));
        let found: BTreeSet<String> = named.chain(through).collect();
        for step in &found {
            assert!(NAMES.iter().any(|(name, _)| name == step), "{step} is no step");
        }
        for reason in after(&format!("R::{reasons}"), "R::") {
            steps.entry(snake(reason).to_uppercase()).or_default().extend(found.clone());
        }
    }
    steps
}
