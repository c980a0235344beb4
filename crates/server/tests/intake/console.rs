//! The operator's console: `gongji intake` and `gongji institution` as they are typed.

use crate::bureau::files;
use crate::cluster;
use std::path::Path;
use std::process::{Command, Output};

fn gongji(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongji"));
    let (what, rest) = arguments.split_first().expect("a command");
    command.arg(what).arg("--data").arg(folder).args(rest).env_remove("GONGJI_STORE");
    command.output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// If this fails, files that differ from their control totals are taken in, or a report is not where it is said to be.
#[test]
fn files_are_taken_in_at_the_console() {
    let (folder, town) = (tempfile::tempdir().expect("a folder"), files(70));
    let data = folder.path();
    let path = |name: &str| town.path().join(name).display().to_string();
    let persons = path("persons.csv");
    let missing = gongji(data, &["intake", "persons", &persons]);
    assert!(!missing.status.success() && !data.join("gongji.sqlite").exists(), "{}", text(&missing.stderr));
    assert!(gongji(data, &["token", "create", "--role", "operator", "--label", "x"]).status.success());
    let wrong = gongji(data, &["intake", "persons", &persons, "--rows", "71"]);
    assert!(text(&wrong.stderr).contains("there are 70 lines, and were to be 71"), "{}", text(&wrong.stderr));
    let checked = gongji(data, &["intake", "persons", &persons, "--check", "--json"]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let said: serde_json::Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!((&said["check"], &said["taken"], &said["rejected"]), (&true.into(), &70.into(), &0.into()));
    let taken = gongji(data, &["intake", "persons", &persons]);
    assert!(
        text(&taken.stdout).contains("70 taken in, 0 were before, 0 rejected"),
        "{}",
        text(&taken.stdout)
    );
    let accounts = path("accounts.csv");
    let early = gongji(data, &["intake", "accounts", &accounts]);
    let report = std::fs::read_to_string(path("accounts.csv.rejected.csv")).expect("a report");
    assert!(!early.status.success() && report.contains("ACCOUNT_UNKNOWN"), "{report}");
    let institutions = gongji(data, &["intake", "institutions", &path("institutions.csv")]);
    assert!(institutions.status.success(), "{}", text(&institutions.stderr));
}

/// R-L1: if this fails, the agency cannot change an institution without a server.
#[test]
fn institutions_are_changed_at_the_console() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    assert!(gongji(data, &["token", "create", "--role", "operator", "--label", "x"]).status.success());
    let code = "H32030000001";
    let add = ["institution", "add", code, "--name", "徐州一院", "--area", "320382", "--kind", "hospital"];
    let add = [&add[..], &["--level", "tertiary", "--from", "2020-01-01"]].concat();
    let cases: [(&[&str], bool, &str); 9] = [
        (&["institution", "show", code], false, "there is no institution"),
        (&add, true, "320300  hospital  tertiary  designated  徐州一院"),
        (
            &["institution", "suspend", code, "--from", "2020-01-01", "--why", "核查"],
            true,
            "suspended from 2020-01-01: 核查",
        ),
        (
            &["institution", "suspend", code, "--from", "2020-02-01", "--why", "核查"],
            false,
            "DATES_CONTRADICT",
        ),
        (
            &["institution", "resume", code, "--from", "2020-03-01"],
            true,
            "suspended 2020-01-01 to 2020-02-29: 核查",
        ),
        (
            &["institution", "capability", code, "shared", "--from", "2025-07-01"],
            true,
            "shared from 2025-07-01",
        ),
        (&["institution", "capability", code, "inpatient"], true, "inpatient never"),
        (
            &["institution", "end-designation", code, "--to", "2021-12-31"],
            true,
            "designated 2020-01-01 to 2021-12-31",
        ),
        (&["institution", "designate", code, "--from", "2023-01-01"], true, "designated from 2023-01-01"),
    ];
    for (arguments, done, said) in cases {
        let came = gongji(data, arguments);
        let all = text(&[came.stdout, came.stderr].concat());
        assert_eq!((came.status.success(), all.contains(said)), (done, true), "{arguments:?}: {all}");
    }
    let list = gongji(data, &["institution", "list"]);
    assert!(text(&list.stdout).starts_with(code) && list.status.success());
}

/// If this fails, an operator who brings a store up to date is not told what was done, or spoils something by doing it
/// again.
#[test]
fn a_store_is_brought_up_to_date_at_the_console() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let missing = gongji(data, &["migrate"]);
    assert!(!missing.status.success() && text(&missing.stderr).contains("no store here"), "{missing:?}");
    assert!(gongji(data, &["token", "create", "--role", "operator", "--label", "x"]).status.success());
    let tokens = gongji(data, &["token", "list"]).stdout;
    let mut cases = vec![("a file", vec!["migrate"], "schema 1 is the newest; nothing was done"); 2];
    let url = cluster::database();
    if let Some(url) = &url {
        let migrate = vec!["migrate", "--store", url];
        cases.push(("an empty database", migrate.clone(), "there was no store; one was made, with schema 2"));
        cases.push(("a database", migrate, "schema 2 is the newest; nothing was done"));
    }
    for (what, arguments, said) in cases {
        let done = gongji(data, &arguments);
        assert!(done.status.success() && text(&done.stdout).contains(said), "{what}: {done:?}");
    }
    assert_eq!(gongji(data, &["token", "list"]).stdout, tokens, "what was there is there");
}
