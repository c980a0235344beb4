//! The programs of the quick start, run against the demo as its page says.

use crate::demo::Demo;
use std::path::PathBuf;
use std::process::{Command, Stdio};

fn program(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/hospital/quickstart").join(name)
}

/// Whether a program is there that can be asked for its version.
fn is_there(name: &str) -> bool {
    let asked = Command::new(name).arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok()
}

/// If this fails, the first program that a maker of hospital software runs does not work.
#[test]
fn the_programs_of_the_quick_start_settle_a_bill() {
    let demo = Demo::serve();
    let programs = [
        (["sh", "curl", "openssl"].as_slice(), "quickstart.sh"),
        (&["python3"], "quickstart.py"),
        (&["java"], "Quickstart.java"),
    ];
    for (needs, name) in programs {
        if let Some(missing) = needs.iter().find(|it| !is_there(it)) {
            let needed = *missing == "java" && std::env::var_os("GONGJI_NEED_JAVA").is_some();
            assert!(!needed, "java is needed");
            eprintln!("there is no {missing} here: {name} is not run");
            continue;
        }
        let mut command = Command::new(needs[0]);
        let ran = command.arg(program(name)).env("BASE", &demo.base).output().expect("runs");
        let (said, complained) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{name}: {said}{complained}");
        let lines: Vec<&str> = said.lines().collect();
        let expected = [
            "1101 psn_no 320300201606010116",
            "2101 acct_mulaid_pay 20.00 psn_cash_pay 0.00",
            "2102 setl_id ",
            "2102 again: the same answer",
            "GJ01 done",
            "2103 acct_mulaid_pay -20.00",
        ];
        assert_eq!(lines.len(), expected.len(), "{name}: {said}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected), "{name}: {line}, not {expected}");
        }
    }
}
