//! The fourteen stories, told over HTTP on every store with the same randomness and the same clock.

use super::{a_database, a_file, equal};
use domain::day::{Moment, Month};
use domain::ids::Area;
use domain::statistics::{By, Line, Statistics};
use server::clock::Clock;
use server::demo::STORIES;
use server::demo::client::{Heard, Trouble};
use server::demo::stage::{Folder, House};
use server::demo::stories::Telling;
use server::law::Laws;
use server::randomness::{Seeded, seed_this_thread};
use server::statistics::counting::Counter;
use server::statistics::of_month;
use simulator::dice::Dice;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use store::memory::Memory;
use store::{Books, Desk, Store};
use tokio::runtime::{Builder, Handle, Runtime};

/// A kind of store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Memory,
    File,
    Database,
}

/// A house that makes books of one kind and keeps them after the stages are gone.
struct Kept {
    kind: Kind,
    runtime: Handle,
    folder: tempfile::TempDir,
    books: Mutex<Vec<Arc<dyn Books>>>,
    heard: Heard,
}

impl House for Kept {
    fn books(&self) -> Result<(Arc<dyn Books>, Option<Folder>), Trouble> {
        let mut made = self.books.lock().expect("nobody panics while they hold it");
        let books = match self.kind {
            Kind::Memory => Arc::new(Memory::default()),
            Kind::File => a_file(&self.folder, &format!("books-{}", made.len())),
            Kind::Database => a_database(&self.runtime).ok_or_else(|| Trouble("no PostgreSQL".to_owned()))?,
        };
        made.push(Arc::clone(&books));
        Ok((books, None))
    }

    fn heard(&self) -> Option<Heard> {
        Some(Arc::clone(&self.heard))
    }
}

/// The machine's clock stands still: signatures and answers of two runs bear the same time.
fn standing() -> Moment {
    Moment::from_millis(1_750_000_000_000)
}

/// A runtime whose threads all draw from one seed, as this thread does.
fn seeded_runtime() -> Runtime {
    let mut dice = Dice::new(14);
    let seeded: Seeded = Arc::new(Mutex::new(move |bytes: &mut [u8]| dice.fill(bytes)));
    seed_this_thread(Some(Arc::clone(&seeded)));
    let start = move || seed_this_thread(Some(Arc::clone(&seeded)));
    Builder::new_multi_thread()
        .worker_threads(1)
        .on_thread_start(start)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Tells all stories: every answer in order, and all books.
fn told(kind: Kind) -> (Vec<String>, Vec<Arc<dyn Books>>, Runtime) {
    let runtime = seeded_runtime();
    let folder = tempfile::tempdir().expect("a folder");
    let (books, heard) = (Mutex::default(), Heard::default());
    let house = Kept { kind, runtime: runtime.handle().clone(), folder, books, heard };
    for story in STORIES {
        let telling = Telling { runtime: runtime.handle(), machine: standing, house: &house };
        let story = story(telling).expect("a story is told");
        assert_eq!(story.differences(), 0, "{kind:?}: {}", story.printed(0));
        house.heard.lock().expect("nobody panics while they hold it").push(story.printed(0));
    }
    seed_this_thread(None);
    let heard = std::mem::take(&mut *house.heard.lock().expect("nobody panics while they hold it"));
    let books = std::mem::take(&mut *house.books.lock().expect("nobody panics while they hold it"));
    (heard, books, runtime)
}

/// Person-times, fen, and person-times at pharmacies of each month and giver's area, of all books together.
type Counted = BTreeMap<(&'static str, String), (i64, i64, i64)>;

/// The months in which stories are told.
const MONTHS: [&str; 4] = ["2022-07", "2024-06", "2025-06", "2026-02"];

/// What came of the stories, added up by hand from what they tell: 100.00, 660.00 (two givers, one person-time) and 50.00 at
/// a pharmacy in Xuzhou; what was cancelled is nothing; 80.00, 60.00, 500.00 and 200.00 elsewhere.
fn by_hand() -> Counted {
    let june = |area: &str, counted| (("2025-06", area.to_owned()), counted);
    [
        june("320300", (3, 81_000, 1)),
        june("320100", (1, 8_000, 0)),
        june("450100", (1, 6_000, 0)),
        june("140100", (1, 50_000, 0)),
        june("330100", (1, 20_000, 0)),
    ]
    .into()
}

/// What the statistics say of these books; their desks stay as they are.
async fn counted(all: &[Arc<dyn Books>]) -> Counted {
    let mut statistics: BTreeMap<&'static str, Statistics> = BTreeMap::new();
    for books in all {
        let desk = Arc::new(Memory::default());
        let clock = Clock::machine(standing);
        let (store, kept) = (Arc::clone(books) as Arc<dyn Store>, Arc::clone(&desk) as Arc<dyn Desk>);
        Counter::new(store, kept, clock).step().await.expect("counted");
        for name in MONTHS {
            let month = Month::parse(name).expect("a month");
            let counted = of_month(&*desk, month, standing()).await.expect("read");
            statistics.entry(name).or_default().add(counted);
        }
    }
    let line = |(area, it): (Area, Line)| {
        (area.to_string(), (it.all.times, it.all.amount.get(), it.pharmacies.times))
    };
    let of = |(month, it): (&'static str, Statistics)| {
        it.lines(By::Giver, Area::NATION).into_iter().map(move |it| (month, line(it))).collect::<Vec<_>>()
    };
    let all = statistics.into_iter().flat_map(of);
    all.map(|(month, (area, counted))| ((month, area), counted)).collect()
}

/// R-K4: if this fails, hospitals, clerks or citizens get other answers where the books are kept in another store, or the
/// statistics are not what the stories come to.
#[test]
fn the_fourteen_stories_are_told_the_same_on_every_store() {
    let (expected, memories, first) = told(Kind::Memory);
    assert_eq!(first.block_on(counted(&memories)), by_hand());
    assert!(expected.len() > 1_000, "{} answers", expected.len());
    let kinds =
        if super::cluster::database().is_some() { &[Kind::File, Kind::Database][..] } else { &[Kind::File] };
    for kind in kinds {
        let (heard, books, runtime) = told(*kind);
        for (number, (heard, expected)) in heard.iter().zip(&expected).enumerate() {
            assert_eq!(heard, expected, "{kind:?}, answer {number}");
        }
        assert_eq!((heard.len(), books.len()), (expected.len(), memories.len()), "{kind:?}");
        for (one, other) in memories.iter().zip(&books) {
            runtime.block_on(equal(&**one, &**other, &Laws::default(), &format!("{kind:?}")));
        }
        assert_eq!(runtime.block_on(counted(&books)), by_hand(), "{kind:?}");
    }
}
