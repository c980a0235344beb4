//! The fourteen stories, told over HTTP on every store with the same randomness and the same clock.

use super::{a_database, a_file, equal};
use domain::day::Moment;
use server::demo::STORIES;
use server::demo::client::{Heard, Trouble};
use server::demo::stage::{Folder, House};
use server::demo::stories::Telling;
use server::law::Laws;
use server::randomness::{Seeded, seed_this_thread};
use simulator::dice::Dice;
use std::sync::{Arc, Mutex};
use store::Books;
use store::memory::Memory;
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

/// If this fails, hospitals, clerks or citizens get other answers where the books are kept in another store.
#[test]
fn the_fourteen_stories_are_told_the_same_on_every_store() {
    let (expected, memories, _first) = told(Kind::Memory);
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
    }
}
