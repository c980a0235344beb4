//! A bureau: books on some store, files of a synthetic town, and what came of taking them in.

use domain::day::Moment;
use domain::decision::Decision;
use domain::ids::Serial;
use domain::request::Request;
use server::app::App;
use server::bench::town::{Person, Town};
use server::clock::Clock;
use server::intake::Trouble;
use server::intake::kinds::Kind;
use server::intake::report::Rejected;
use server::intake::survey::{Controls, Source, Survey};
use server::intake::taking::{Counted, Intake, take_in};
use server::vault::Vault;
use std::path::Path;
use std::sync::Arc;
use store::{Books, LAST_SERIAL, LaneNo, Page, Query};

/// What came of a file.
pub(crate) type Came = (Counted, Vec<Rejected>);

/// A bureau.
pub(crate) struct Bureau {
    pub(crate) app: App,
    store: Arc<dyn Books>,
}

/// Everything that is decided, and what it left.
#[derive(Debug, PartialEq)]
pub(crate) struct Left {
    decided: Vec<(Request, Decision)>,
    pages: Vec<Page>,
}

fn noon() -> Moment {
    Moment::parse("2025-06-16 12:00").expect("a moment")
}

impl Bureau {
    /// On a store; with the same keys on every store.
    pub(crate) async fn on(store: Arc<dyn Books>) -> Bureau {
        let app = App::on(Arc::clone(&store), LaneNo(1)..=LaneNo(1), Clock::machine(noon), Vault::seeded(7));
        app.ensure_law(&server::law::shipped(false)).await.expect("the shipped law");
        Bureau { app, store }
    }

    pub(crate) async fn in_memory() -> Bureau {
        Bureau::on(Arc::new(store::memory::Memory::default())).await
    }

    /// The same books with another process at them.
    pub(crate) async fn again(self) -> Bureau {
        self.app.flow.end().await;
        Bureau::on(self.store).await
    }

    pub(crate) fn look(kind: Kind, bytes: impl Into<Vec<u8>>, check: bool) -> Result<Arc<Intake>, Trouble> {
        let source = Source::Sent(bytes.into().into());
        let survey = Survey::of(kind, &source, &|_| ())?;
        Ok(Arc::new(Intake { kind, source, survey, operator: 0, check, again: false }))
    }

    /// Takes a file in.
    pub(crate) async fn take(&self, kind: Kind, bytes: impl Into<Vec<u8>>) -> Came {
        self.take_looked(Bureau::look(kind, bytes, false).expect("a file")).await
    }

    /// Does everything but taking it in.
    pub(crate) async fn check(&self, kind: Kind, bytes: impl Into<Vec<u8>>) -> Came {
        self.take_looked(Bureau::look(kind, bytes, true).expect("a file")).await
    }

    /// Takes a file in and asks again about what was refused.
    pub(crate) async fn take_again(&self, kind: Kind, bytes: impl Into<Vec<u8>>) -> Came {
        let looked = Bureau::look(kind, bytes, false).expect("a file");
        let looked = Arc::into_inner(looked).expect("nobody else has it");
        self.take_looked(Arc::new(Intake { again: true, ..looked })).await
    }

    pub(crate) async fn take_looked(&self, intake: Arc<Intake>) -> Came {
        let mut rejected = Vec::new();
        let mut hear = |it: Rejected| -> std::io::Result<()> {
            rejected.push(it);
            Ok(())
        };
        let counted = take_in(&self.app, intake, &mut hear, &|_| ()).await.expect("taken in");
        assert_eq!(counted.rejected, rejected.len() as u64);
        (counted, rejected)
    }

    /// Takes all files of a town in.
    pub(crate) async fn take_town(&self, folder: &Path) {
        for kind in FILES {
            let file = folder.join(format!("{}.csv", kind.word()));
            let controls = Controls::beside(&file, kind).expect("control totals");
            let intake = Bureau::look(kind, std::fs::read(&file).expect("a file"), false).expect("a file");
            intake.survey.hold_to(controls).expect("as it was said to be");
            let (counted, rejected) = self.take_looked(intake).await;
            assert_eq!(rejected, Vec::new(), "{}", kind.word());
            assert_eq!(counted.taken + counted.before, controls.rows, "{}", kind.word());
        }
    }

    pub(crate) async fn left(&self) -> Left {
        let mut pages = Vec::new();
        let all = u32::MAX;
        for query in [
            Query::Counts,
            Query::Purses { after: None, limit: all },
            Query::Institutions { after: None, limit: all },
            Query::Journal { from: Serial(0), limit: all },
        ] {
            pages.push(self.app.store.page(&query).await.expect("answers"));
        }
        let query = Query::Records { from: Serial(0), to: LAST_SERIAL, limit: all };
        let Page::Records(records) = self.app.store.page(&query).await.expect("answers") else {
            panic!("records were asked for")
        };
        // Under which key the law was published is left to chance.
        let decided = records.into_iter().skip(1).map(|it| (it.request, it.decision)).collect();
        Left { decided, pages }
    }

    pub(crate) async fn persons(&self) -> u64 {
        let Page::Counts(counts) = self.app.store.page(&Query::Counts).await.expect("answers") else {
            panic!("counts were asked for")
        };
        counts.persons
    }
}

/// The kinds of a town's files, in the order in which they are taken in.
pub(crate) const FILES: [Kind; 5] =
    [Kind::Institutions, Kind::Persons, Kind::Enrolments, Kind::Accounts, Kind::Bindings];

/// The files of a town of so many people.
pub(crate) fn files(people: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    server::bench::files::write_files(&Town::new(1, people), folder.path()).expect("written");
    folder
}

/// Somebody of the town: 0 and 1 have accounts, 4 has a guardian.
pub(crate) fn person(index: u64) -> Person {
    Town::new(1, 7_000).person(index)
}
