//! The ordinary simulation, faults and audits and all, on real stores: they must come to what memory comes to.

use super::{a_database, a_file, a_spread_database, equal, records};
use server::copy::copy;
use simulator::stage::Stage;
use simulator::{Run, run_on};
use std::sync::Arc;
use store::Books;
use store::memory::Memory;

/// How many seeds, and how many requests each decides at least: ten thousand in all.
const SEEDS: u64 = 25;
const REQUESTS: u64 = 400;

/// A seed on one store; it has to be green.
fn ran(stage: &Stage, seed: u64, store: &Arc<dyn Books>, what: &str) -> Run {
    let run = run_on(stage, seed, REQUESTS, Arc::clone(store));
    if let Err(red) = &run.came {
        panic!("seed {seed} {what}: {red}");
    }
    run
}

/// If this fails, what a citizen is told depends on where the books are kept; or a fault, a crash, a lost reply breaks
/// the books in a file or a database.
#[test]
fn ten_thousand_requests_are_answered_and_kept_the_same_on_every_store() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _entered = runtime.enter();
    let stage = Stage::new();
    let mut decided = 0;
    for seed in 0..SEEDS {
        let folder = tempfile::tempdir().expect("a folder");
        let memory: Arc<dyn Books> = Arc::new(Memory::default());
        let expected = ran(&stage, seed, &memory, "in memory");
        let others = [
            ("in a file", Some(a_file(&folder, "books"))),
            ("in a database", a_database(runtime.handle())),
            ("in a database on two workers", a_spread_database(runtime.handle())),
        ];
        for (what, store) in others {
            let Some(store) = store else { continue };
            let run = ran(&stage, seed, &store, what);
            assert_eq!(run.answers.len(), expected.answers.len(), "seed {seed} {what}");
            for (number, answers) in run.answers.iter().enumerate() {
                assert_eq!(answers, &expected.answers[number], "seed {seed} {what}, turn {number}");
            }
            runtime.block_on(equal(&*memory, &*store, &stage.laws, what));
        }
        decided += runtime.block_on(records(&*memory));
    }
    assert!(decided >= SEEDS * REQUESTS, "{decided}");
}

/// If this fails, whoever moves from a file to a database, or back, has other books afterwards.
#[test]
fn books_of_many_random_requests_move_from_store_to_store() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _entered = runtime.enter();
    let stage = Stage::new();
    for seed in 100..103 {
        let folder = tempfile::tempdir().expect("a folder");
        let file = a_file(&folder, "books");
        ran(&stage, seed, &file, "in a file");
        let back = a_file(&folder, "back");
        let mut from = Arc::clone(&file);
        for (what, to) in [("into a database", a_database(runtime.handle())), ("into a file", Some(back))] {
            let Some(to) = to else { continue };
            let copied = runtime.block_on(copy(&*from, &*to, &|_| {})).expect("copied");
            assert!(copied.records >= REQUESTS && copied.desk_settled, "{copied:?}");
            runtime.block_on(equal(&*file, &*to, &stage.laws, what));
            from = to;
        }
    }
}
