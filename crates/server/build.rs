//! Embeds the law book's files, so that one binary carries the law it ships with.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(env("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    collect(&root.join("policies"), "policies", "toml", &mut files);
    collect(&root.join("data/catalogue"), "catalogue", "csv", &mut files);
    files.sort();
    let mut source = String::from("&[\n");
    for (name, path) in files {
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(source, "    ({name:?}, include_str!({:?})),", path.display().to_string())
            .expect("a String grows");
    }
    source.push(']');
    std::fs::write(PathBuf::from(env("OUT_DIR")).join("law_files.rs"), source)
        .expect("OUT_DIR can be written");
}

fn env(name: &str) -> String {
    std::env::var(name).expect("cargo sets it")
}

fn collect(folder: &Path, name: &str, ending: &str, files: &mut Vec<(String, PathBuf)>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder).expect("the law's folders are in the repository") {
        let path = entry.expect("a folder can be listed").path();
        let file = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            collect(&path, &format!("{name}/{file}"), ending, files);
        } else if path.extension().is_some_and(|it| it == ending) {
            files.push((format!("{name}/{file}"), path.canonicalize().expect("it is there")));
        }
    }
}
