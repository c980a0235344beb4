//! A few hundred seeds with every test run; ten thousand with `cargo run --release -p simulator`.

use simulator::coverage::Coverage;
use simulator::run;
use simulator::stage::Stage;

/// If this fails, some fault, some order of requests or some date breaks the books, a rule or an answer.
#[test]
fn three_hundred_seeds_are_green() {
    let stage = Stage::new();
    let mut coverage = Coverage::default();
    for seed in 0..300 {
        match run(&stage, seed, 200, false).came {
            Ok(more) => coverage.add(&more),
            Err(red) => panic!("replay with `cargo run --release -p simulator -- --seed {seed}`: {red}"),
        }
    }
    let rare = coverage.rare();
    assert!(rare.is_empty(), "too rarely: {rare:?}\n{coverage}");
}

/// If this fails, a red seed cannot be replayed.
#[test]
fn a_seed_runs_the_same_way_again() {
    let stage = Stage::new();
    for seed in [7, 8] {
        assert_eq!(run(&stage, seed, 120, true).history, run(&stage, seed, 120, true).history);
    }
}
