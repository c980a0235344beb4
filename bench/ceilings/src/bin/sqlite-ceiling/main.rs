//! `sqlite-ceiling DIR`: how many settlements a second SQLite can keep, without HTTP and our rules.
#![allow(clippy::print_stdout, reason = "this is a tool for a terminal")]

mod bill;
mod books;
mod teller;

use bill::{Bill, Bills};
use books::Layout;
use clap::Parser;
use rusqlite::{Connection, Result};
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};
use teller::Teller;

/// Settles in batches, each one transaction, and prints one JSON object.
#[derive(Parser)]
struct Options {
    /// Where the file is; one that is there already is used again, grown as it is.
    dir: PathBuf,
    /// How long to settle.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Settlements in a transaction.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// People, each with an account.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(i64).range(1..1_000_000_000))]
    people: i64,
    /// Hospitals.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..))]
    hospitals: i64,
    /// How a settlement is laid down.
    #[arg(long, value_enum, default_value = "rows")]
    layout: Layout,
    /// After how many pages the log is moved into the file, by the same thread.
    #[arg(long, default_value_t = 1_000)]
    checkpoint_pages: u32,
}

/// What one sitting did.
struct Measured {
    batches: Vec<Duration>,
    settlements: u64,
    debits: usize,
    lasted: Duration,
}

/// A number with decimals, kept whole: so many decimals of so many units of the last one.
struct Decimal<const DECIMALS: usize>(u128);

impl<const DECIMALS: usize> fmt::Display for Decimal<DECIMALS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = (0..DECIMALS).fold(1, |one, _| one * 10);
        write!(f, "{}.{:0DECIMALS$}", self.0 / one, self.0 % one)
    }
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let Options { people, hospitals, layout, .. } = options;
    std::fs::create_dir_all(&options.dir).expect("DIR can be made");
    // Whoever asks for other people gets another file.
    let file = options.dir.join(format!("{}-{people}-{hospitals}.sqlite", layout.name()));
    let books = books::open(&file, layout, people, hospitals)?;
    books.pragma_update(None, "wal_autocheckpoint", options.checkpoint_pages)?;
    let before = books::settlements(&books)?;
    let measured = measure(&books, &options)?;
    let balanced = books::are_right(&books, people)?;
    println!("{}", report(&options, before, measured, balanced));
    Ok(if balanced { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(books: &Connection, options: &Options) -> Result<Measured> {
    let mut teller = Teller::new(books, options.layout)?;
    let seed = u64::try_from(wall_clock().as_micros()).expect("the year is before 580000");
    let mut bills = Bills::new(seed, options.people, options.hospitals);
    let mut measured = Measured { batches: Vec::new(), settlements: 0, debits: 0, lasted: Duration::ZERO };
    let started = stopwatch();
    while started.elapsed() < Duration::from_secs(options.seconds) {
        let batch: Vec<Bill> = (0..options.batch).map(|_| bills.draw()).collect();
        let now = i64::try_from(wall_clock().as_micros()).expect("the year is before 290000");
        let begun = stopwatch();
        books.execute_batch("BEGIN IMMEDIATE")?;
        for bill in &batch {
            measured.debits += teller.settle(bill, now)?;
        }
        books.execute_batch("COMMIT")?;
        measured.batches.push(begun.elapsed());
        measured.settlements += u64::from(options.batch);
    }
    measured.lasted = started.elapsed();
    Ok(measured)
}

fn report(options: &Options, before: i64, mut measured: Measured, balanced: bool) -> String {
    let Options { layout, batch, checkpoint_pages, people, seconds, .. } = options;
    let Measured { batches, settlements, debits, lasted } = &mut measured;
    batches.sort();
    let slowest = batches.len() - 1;
    let millis = |hundredths: usize| {
        let at = (batches.len() * hundredths / 100).min(slowest);
        Decimal::<3>(batches[at].as_micros())
    };
    let (p50, p99, max) = (millis(50), millis(99), millis(100));
    let settlements = u128::from(*settlements);
    let rate = Decimal::<1>(settlements * 10_000_000_000 / lasted.as_nanos());
    let debits = u128::try_from(*debits).expect("it is not negative");
    let debits = Decimal::<2>((debits * 100 + settlements / 2) / settlements);
    let (layout, sqlite) = (layout.name(), rusqlite::version());
    format!(
        "{{\"program\": \"sqlite-ceiling\", \"sqlite\": \"{sqlite}\", \"layout\": \"{layout}\", \"batch\": {batch}, \
         \"checkpoint_pages\": {checkpoint_pages}, \"people\": {people}, \"seconds\": {seconds}, \
         \"settlements_before\": {before}, \"settlements_per_s\": {rate}, \"p50_ms\": {p50}, \"p99_ms\": {p99}, \
         \"max_ms\": {max}, \"debits_per_settlement\": {debits}, \"balanced\": {balanced}}}"
    )
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn stopwatch() -> Instant {
    Instant::now()
}

/// The time since 1970.
#[allow(
    clippy::disallowed_methods,
    reason = "what is booked carries the moment, and no two sittings may draw the same keys"
)]
fn wall_clock() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, what is measured is no settlement: money is made or lost, or a grown file is of no use.
    #[test]
    fn books_stay_right_in_both_layouts_and_over_two_sittings() {
        for layout in [Layout::Rows, Layout::Packed] {
            let dir = tempfile::tempdir().unwrap();
            for sitting in 1..=2 {
                let books = books::open(&dir.path().join("books.sqlite"), layout, 30, 2).unwrap();
                let mut teller = Teller::new(&books, layout).unwrap();
                let mut bills = Bills::new(sitting, 30, 2);
                books.execute_batch("BEGIN").unwrap();
                for _ in 0..50 {
                    teller.settle(&bills.draw(), 0).unwrap();
                }
                books.execute_batch("COMMIT").unwrap();
                assert!(books::are_right(&books, 30).unwrap());
                books.execute("UPDATE account SET balance = balance - 1 WHERE account_id = 7", []).unwrap();
                assert!(!books::are_right(&books, 30).unwrap());
                books.execute("UPDATE account SET balance = balance + 1 WHERE account_id = 7", []).unwrap();
                assert_eq!(books::settlements(&books).unwrap(), i64::try_from(sitting * 50).unwrap());
            }
        }
    }
}
