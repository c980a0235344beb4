//! The golden cases: every file of `cases/` is decided step by step, on facts that real requests have built, by the
//! law of this repository. `cases/README.md` says how a case is written.

#[path = "cases/compare.rs"]
mod compare;
#[path = "cases/format.rs"]
mod format;
#[path = "cases/law.rs"]
mod law;
#[path = "cases/render.rs"]
mod render;
#[path = "cases/steps.rs"]
mod steps;
#[path = "cases/world.rs"]
mod world;

use format::Case;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
