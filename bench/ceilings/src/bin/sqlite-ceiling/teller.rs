//! Settles one bill inside an open transaction, with the reads and the rows of `bench/postgres/settle.sql`.

use crate::bill::{Bill, LINES};
use crate::books::{FIRST_HOSPITAL, Layout};
use rusqlite::{Connection, Result, Statement, params};

const SEEN: &str = "SELECT 1 FROM settlement WHERE hospital = ? AND request_key = ?";

const TERMS: &str = "
    SELECT deductible, share, ceiling, first_pay FROM person JOIN plan USING (plan_id)
    WHERE person_id = ? AND active";

const USABLE: &str = "
    SELECT account_id, min(bill_limit, balance), 0 AS rank FROM account WHERE account_id = ?1 AND active
    UNION ALL
    SELECT giver, min(binding.bill_limit, account.bill_limit, balance), rank
    FROM binding JOIN account ON account_id = giver WHERE beneficiary = ?1 AND active
    ORDER BY rank";

const SETTLEMENT: &str = "INSERT INTO settlement VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const LINE: &str = "INSERT INTO bill_line VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

const MOVE: &str = "UPDATE account SET balance = balance + ? WHERE account_id = ? RETURNING balance";

const ENTRY: &str = "INSERT INTO entry VALUES (NULL, ?, ?, ?, ?, ?)";

/// The fund's entries stand under this number, which nobody else's do: it has no balance.
const FUND: i64 = -1;

/// What a plan says.
struct Terms {
    deductible: i64,
    share: i64,
    ceiling: i64,
    first_pay: i64,
}

/// Who pays how much of a bill.
struct Split {
    total: i64,
    covered: i64,
    fund: i64,
    draws: Vec<(i64, i64)>,
    cash: i64,
}

impl Split {
    fn accounts(&self) -> i64 {
        self.total - self.fund - self.cash
    }
}

/// The statements, prepared once.
pub(crate) struct Teller<'a> {
    books: &'a Connection,
    seen: Statement<'a>,
    terms: Statement<'a>,
    usable: Statement<'a>,
    settlement: Statement<'a>,
    /// None where lines are packed.
    line: Option<Statement<'a>>,
    transfer: Statement<'a>,
    entry: Statement<'a>,
}

impl<'a> Teller<'a> {
    pub(crate) fn new(books: &'a Connection, layout: Layout) -> Result<Teller<'a>> {
        Ok(Teller {
            books,
            seen: books.prepare(SEEN)?,
            terms: books.prepare(TERMS)?,
            usable: books.prepare(USABLE)?,
            settlement: books.prepare(SETTLEMENT)?,
            line: if layout == Layout::Rows { Some(books.prepare(LINE)?) } else { None },
            transfer: books.prepare(MOVE)?,
            entry: books.prepare(ENTRY)?,
        })
    }

    /// Settles a bill and says how many personal accounts paid.
    pub(crate) fn settle(&mut self, bill: &Bill, now: i64) -> Result<usize> {
        assert!(!self.seen.exists(params![bill.hospital, bill.key])?, "a key was drawn twice");
        let terms = self.terms.query_row([bill.patient], |row| {
            Ok(Terms {
                deductible: row.get(0)?,
                share: row.get(1)?,
                ceiling: row.get(2)?,
                first_pay: row.get(3)?,
            })
        })?;
        let split = self.split(bill, &terms)?;
        let no = self.write(bill, &split, &terms, now)?;
        for (giver, part) in &split.draws {
            self.book(no, *giver, -part, now)?;
        }
        if split.fund > 0 {
            self.entry.execute(params![no, FUND, -split.fund, None::<i64>, now])?;
        }
        self.book(no, FIRST_HOSPITAL + bill.hospital, split.fund + split.accounts(), now)?;
        Ok(split.draws.len())
    }

    fn split(&mut self, bill: &Bill, terms: &Terms) -> Result<Split> {
        let total = bill.lines.iter().map(|it| it.amount()).sum::<i64>();
        let covered = bill.lines.iter().map(|it| it.covered(terms.first_pay)).sum::<i64>();
        let fund = ((covered - terms.deductible).max(0) * terms.share / 10_000).min(terms.ceiling);
        let mut cash = total - fund;
        let mut draws = Vec::with_capacity(3);
        let mut usable = self.usable.query([bill.patient])?;
        while cash > 0 {
            let Some(row) = usable.next()? else { break };
            let part = cash.min(row.get(1)?);
            if part > 0 {
                draws.push((row.get(0)?, part));
                cash -= part;
            }
        }
        Ok(Split { total, covered, fund, draws, cash })
    }

    /// Writes the settlement and its lines, and tells its number.
    fn write(&mut self, bill: &Bill, split: &Split, terms: &Terms, now: i64) -> Result<i64> {
        let Split { total, covered, fund, cash, .. } = split;
        let packed = if self.line.is_none() { Some(pack(bill, terms)) } else { None };
        let by = [bill.hospital, bill.patient];
        self.settlement.execute(params![
            by[0],
            bill.key,
            by[1],
            total,
            covered,
            fund,
            split.accounts(),
            cash,
            now,
            packed
        ])?;
        let no = self.books.last_insert_rowid();
        if let Some(statement) = &mut self.line {
            for (line_no, line) in (1..).zip(&bill.lines) {
                let class = ["A", "B", "C"][usize::from(line.class())];
                let covered = line.covered(terms.first_pay);
                statement.execute(params![
                    no,
                    line_no,
                    line.code,
                    class,
                    line.quantity,
                    line.price,
                    line.amount(),
                    covered
                ])?;
            }
        }
        Ok(no)
    }

    /// Moves an account's balance and says so in an entry.
    fn book(&mut self, no: i64, account: i64, amount: i64, now: i64) -> Result<()> {
        let balance: i64 = self.transfer.query_row([amount, account], |row| row.get(0))?;
        self.entry.execute(params![no, account, amount, balance, now])?;
        Ok(())
    }
}

/// Code, class, quantity, price and what is covered, of each line, without names.
fn pack(bill: &Bill, terms: &Terms) -> Vec<u8> {
    let mut packed = Vec::with_capacity(LINES * 25);
    for line in &bill.lines {
        packed.extend(u32::try_from(line.code).expect("codes are short").to_le_bytes());
        packed.push(line.class());
        packed.extend(u32::try_from(line.quantity).expect("quantities are small").to_le_bytes());
        packed.extend(line.price.to_le_bytes());
        packed.extend(line.covered(terms.first_pay).to_le_bytes());
    }
    packed
}
