//! Doors for fuzzing: everything that reads what others send, by families, each behind a function over any bytes. They
//! are compiled for tests and fuzz targets only. What has to hold is asserted behind them; seeds pass through them in a
//! test, so that targets and program stay together.

mod intake;

pub use crate::catalogue::fuzzing::catalogue_file;
pub use crate::hospital::fuzzing::{hospital_message, reconciliation_file};
pub use crate::hospital::gateway::fuzzing::gateway;
pub use crate::rest::fuzzing::rest_call;
pub use intake::intake_file;

use crate::app::App;
use crate::clock::Clock;
use crate::rest::id_number;
use crate::vault::Vault;
use domain::book::Book;
use domain::day::Moment;
use std::sync::LazyLock;
use store::memory::Memory;
use tokio::runtime::{Builder, Runtime};

/// An application that nothing is stored of.
pub(crate) struct Bench {
    /// What runs it.
    pub(crate) runtime: Runtime,
    /// The application: a small law book, nobody in it.
    pub(crate) app: App,
}

/// The machine's clock, which stands: the published vectors of the signing schemes were made then.
pub(crate) fn machine() -> Moment {
    Moment::from_millis(1_795_310_688_479)
}

impl Bench {
    pub(crate) fn open() -> Bench {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let guard = runtime.enter();
        let app = App::new(Memory::default(), Clock::machine(machine), Vault::seeded(7));
        drop(guard);
        let published = runtime.block_on(app.ensure_law(&LAW));
        published.unwrap_or_else(|it| panic!("the beginnings of the shipped files are sound: {it}"));
        Bench { runtime, app }
    }
}

/// Made once: reading the law takes longer than a thousand messages.
pub(crate) static BENCH: LazyLock<Bench> = LazyLock::new(Bench::open);

/// How many lines of each file of the catalogue are kept.
const LINES: usize = 6;

/// The shipped policies with a catalogue of a few rows, so that no question takes long. Files that add to rows of another
/// one are kept without theirs.
pub(crate) static LAW: LazyLock<Book> = LazyLock::new(|| {
    let kept = |(path, text): (String, String)| {
        let lines = if path.starts_with("policies/") {
            usize::MAX
        } else if text.starts_with("row_id,name\n") {
            1
        } else {
            LINES
        };
        (path, text.split_inclusive('\n').take(lines).collect())
    };
    Book { files: crate::law::shipped(false).files.into_iter().map(kept).collect() }
});

/// Nobody's ID number is repeated: not in an answer, and so not in a log of answers.
pub(crate) fn tells_no_id_number(said: &str, of: &[u8]) {
    let text = |it: &[u8]| std::str::from_utf8(it).is_ok_and(|it| id_number::read(it).is_some());
    let numbers = of.windows(18).filter(|it| text(it));
    for number in numbers {
        let is_repeated = said.as_bytes().windows(18).any(|it| it == number);
        assert!(!is_repeated, "an ID number is repeated: {said}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn files(folder: &str) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder");
        entries.map(|it| std::fs::read(it.expect("an entry").path()).expect("a file")).collect()
    }

    /// If this fails, fuzzing starts from seeds that lead nowhere, or the program breaks on one of them.
    #[test]
    fn seeds_pass_through_their_doors() {
        type Door = fn(&[u8]);
        let doors: [(&str, Door); 4] = [
            ("catalogue_file", catalogue_file),
            ("gateway", gateway),
            ("reconciliation_file", reconciliation_file),
            ("intake_file", intake_file),
        ];
        for (name, door) in doors {
            let seeds = files(&format!("fuzz/seeds/{name}"));
            assert!(!seeds.is_empty(), "{name} has no seeds");
            seeds.iter().for_each(|it| door(it));
        }
    }

    /// If this fails, the examples of the pages, which fuzzing of messages starts from, are no messages.
    #[test]
    fn the_examples_of_the_pages_pass_through_the_door() {
        let pages = files("docs/hospital/transactions");
        let of_page = |page: &Vec<u8>| {
            let page = String::from_utf8(page.clone()).expect("UTF-8");
            page.split("```json\n").nth(1).and_then(|it| it.split_once("```")).map(|it| it.0.to_owned())
        };
        let examples: Vec<String> = pages.iter().filter_map(of_page).collect();
        assert!(examples.len() > 60, "{} examples", examples.len());
        examples.iter().for_each(|it| hospital_message(it.as_bytes()));
    }

    /// If this fails, fuzzing of the REST interface begins from bodies that it does not take.
    #[test]
    fn the_examples_of_the_documents_pass_through_the_door() {
        for (operation, body) in crate::rest::examples() {
            rest_call(format!("{operation} 1\n{body}").as_bytes());
        }
    }

    /// If this fails, the doors see no ID number where one is repeated.
    #[test]
    fn a_repeated_id_number_is_seen() {
        let sent = "{\"certno\":\"11010519491231002X\"}".as_bytes();
        tells_no_id_number("certno 11010519491231002", sent);
        let seen = std::panic::catch_unwind(|| tells_no_id_number("certno 11010519491231002X", sent));
        assert!(seen.is_err());
    }
}
