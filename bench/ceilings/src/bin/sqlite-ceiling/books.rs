//! The tables and the people in them, as in `bench/postgres/schema.sql`, and whether all is right.

use clap::ValueEnum;
use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};
use std::path::Path;

/// Accounts of hospitals have numbers above this, those of people below.
pub(crate) const FIRST_HOSPITAL: i64 = 1_000_000_000;

/// What is on each personal account at first: so much that it never ends.
const FULL: i64 = 100_000_000_000;

/// How settlements are laid down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// A row for each line, and an index of entries by account.
    Rows,
    /// Lines as one blob in the settlement's row, and no index of entries by account.
    Packed,
}

impl Layout {
    /// As it is written on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Layout::Rows => "rows",
            Layout::Packed => "packed",
        }
    }
}

const TABLES: &str = "
    CREATE TABLE plan(plan_id INTEGER PRIMARY KEY, deductible INT NOT NULL, share INT NOT NULL,
        ceiling INT NOT NULL, first_pay INT NOT NULL);
    CREATE TABLE person(person_id INTEGER PRIMARY KEY, plan_id INT NOT NULL, active INT NOT NULL);
    CREATE TABLE account(account_id INTEGER PRIMARY KEY, owner TEXT NOT NULL, bill_limit INT NOT NULL,
        balance INT NOT NULL, active INT NOT NULL, CHECK (balance >= 0 OR owner = 'H'));
    CREATE TABLE binding(beneficiary INT NOT NULL, rank INT NOT NULL, giver INT NOT NULL,
        bill_limit INT NOT NULL, PRIMARY KEY (beneficiary, rank)) WITHOUT ROWID;
    CREATE TABLE entry(entry_id INTEGER PRIMARY KEY, settlement_id INT NOT NULL, account_id INT NOT NULL,
        amount INT NOT NULL, balance INT, booked_at INT NOT NULL);
    CREATE TABLE settlement(settlement_id INTEGER PRIMARY KEY, hospital INT NOT NULL,
        request_key BLOB NOT NULL, patient INT NOT NULL, total INT NOT NULL, covered INT NOT NULL,
        by_fund INT NOT NULL, by_accounts INT NOT NULL, by_cash INT NOT NULL, settled_at INT NOT NULL,
        lines BLOB, UNIQUE (hospital, request_key));";

const TABLES_OF_ROWS: &str = "
    CREATE TABLE bill_line(settlement_id INT NOT NULL, line_no INT NOT NULL, code INT NOT NULL,
        class TEXT NOT NULL, quantity INT NOT NULL, price INT NOT NULL, amount INT NOT NULL,
        covered INT NOT NULL, PRIMARY KEY (settlement_id, line_no)) WITHOUT ROWID;
    CREATE INDEX entry_by_account ON entry(account_id, entry_id);";

/// Opens the file, and fills it if it is new: then all of it is written at once, or nothing.
pub(crate) fn open(file: &Path, layout: Layout, people: i64, hospitals: i64) -> Result<Connection> {
    let mut books = Connection::open(file)?;
    books.pragma_update(None, "journal_mode", "wal")?;
    books.pragma_update(None, "cache_size", -1024 * 1024)?; // 1 GiB: reading never waits for the disk.
    if !books.table_exists(None, "plan")? {
        books.pragma_update(None, "synchronous", "off")?; // Nothing is lost yet that cannot be made again.
        let filling = books.transaction_with_behavior(TransactionBehavior::Immediate)?;
        filling.execute_batch(TABLES)?;
        if layout == Layout::Rows {
            filling.execute_batch(TABLES_OF_ROWS)?;
        }
        fill(&filling, people, hospitals)?;
        filling.commit()?;
        books.execute_batch("ANALYZE")?;
    }
    books.pragma_update(None, "synchronous", "full")?;
    empty_log(&books)?;
    Ok(books)
}

/// Moves the log into the file, as after a quiet hour.
fn empty_log(books: &Connection) -> Result<()> {
    books.query_row("PRAGMA wal_checkpoint(truncate)", [], |_| Ok(()))
}

fn fill(filling: &Transaction<'_>, people: i64, hospitals: i64) -> Result<()> {
    for no in 0..16 {
        let terms = params![no, 1_000 + no % 4 * 500, 5_000 + no % 8 * 500, 500_000, 1_000];
        filling.execute("INSERT INTO plan VALUES (?, ?, ?, ?, ?)", terms)?;
    }
    let mut person = filling.prepare("INSERT INTO person VALUES (?, ?, 1)")?;
    let mut account = filling.prepare("INSERT INTO account VALUES (?, ?, ?, ?, 1)")?;
    let mut binding = filling.prepare("INSERT INTO binding VALUES (?, ?, ?, ?)")?;
    for no in 0..people {
        person.execute(params![no, no % 16])?;
        account.execute(params![no, "P", 8_000 + no * 7_919 % 24_000, FULL])?;
        // Three in a row are a family, and each may use the accounts of the two others.
        for rank in 1..=2 {
            let giver = no - no % 3 + (no + rank) % 3;
            if giver < people {
                binding.execute(params![no, rank, giver, 4_000 + (no * 31 + rank * 17) % 16_000])?;
            }
        }
    }
    for no in 1..=hospitals {
        account.execute(params![FIRST_HOSPITAL + no, "H", 0, 0])?;
    }
    Ok(())
}

/// How many settlements there are.
pub(crate) fn settlements(books: &Connection) -> Result<i64> {
    books.query_row("SELECT count(*) FROM settlement", [], |row| row.get(0))
}

/// Whether each settlement's entries make zero and its parts the total, and balances are what entries make.
pub(crate) fn are_right(books: &Connection, people: i64) -> Result<bool> {
    let none = |query: &str| books.query_row(query, [], |row| Ok(row.get::<_, i64>(0)? == 0));
    let unbalanced =
        "SELECT count(*) FROM (SELECT 1 FROM entry GROUP BY settlement_id HAVING sum(amount) <> 0)";
    let without_entries =
        "SELECT (SELECT count(*) FROM settlement) - (SELECT count(DISTINCT settlement_id) FROM entry)";
    let wrong_split = "SELECT count(*) FROM settlement WHERE total <> by_fund + by_accounts + by_cash";
    let drift = format!(
        "SELECT (SELECT sum(balance) FROM account) - {people} * {FULL}
            - (SELECT coalesce(sum(amount), 0) FROM entry WHERE account_id >= 0)"
    );
    Ok(none(unbalanced)? && none(without_entries)? && none(wrong_split)? && none(&drift)?)
}
