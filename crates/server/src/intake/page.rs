//! `docs/intake.md`, made from the tables that files are read by.

use super::kinds::{Kind, Presence};
use crate::mistake;
use std::fmt::Write as _;

const BEFORE: &str = "\
# Taking in files

A bureau that moves to Gongji has its people in files. `gongji intake <kind> FILE…` takes them in; each line becomes a request
of the operator's and is decided like everybody else's, so `gongji verify` proves it like everything else.

```sh
gongji intake institutions institutions.csv --rows 812
gongji intake persons persons.csv --rows 1000000 --check     # does everything but taking in
gongji intake persons persons.csv --rows 1000000
gongji intake enrolments enrolments.csv --rows 1180000
gongji intake accounts accounts.csv --rows 301225 --sum 1230504125.00
gongji intake credits 2025-07.csv --rows 301300 --sum 60260000.00
gongji intake bindings bindings.csv --rows 45100
```

In this order: an enrolment is of a person who is there, money of an enrolment with an account, a binding of two people who
are insured. `--store` names a PostgreSQL database as everywhere. The console decides by itself: where the books are served by
another process, send the file there instead, `POST /api/v1/intake/{kind}?rows=…&sum=…`, with the token of an operator of
the whole country, up to 32 MB at a time. Two files are read and taken in at a time; four more wait ten seconds for their turn.
Whoever is told 503 sends the file again. A file has ten minutes to arrive: half a megabit each second is enough.

## A file

- CSV with commas; values with commas, quotation marks in them stand in quotation marks, those in them are doubled. A value
  never goes on in the next line. Blanks around values do not count; blank lines neither.
- UTF-8, with or without a byte order mark, or GB 18030 (so GBK and GB 2312 too). Which of them is found out. A file that is
  UTF-8 but for some bytes is UTF-8, and the lines with these bytes are rejected.
- The first line names the columns, in any order. A column that is not known here makes the whole file wrong: it could be one
  that is misspelt.
- Amounts are yuan with exactly two decimals, `120.40`; days `2025-06-16`; times `2025-06-16 10:00`, China Standard Time.

## Control totals

How many lines there are beside the first, and for accounts and credits how much money they come to, is stated with `--rows`
and `--sum`, or in a file beside it with the same name and `.control`:

```toml
rows = 301225
sum = \"1230504125.00\"
```

Where count or sum differs, nothing is taken in.

## What is taken in, and what is not

The file is read twice: first to the end, for count, sum and what stands in it more than once; then line by line. A line that
is wrong, or that is refused, is rejected by itself; the others are taken in. What was rejected stands in
`FILE.rejected.csv`, by line, column, code and reason. The report repeats no value: no name, no number of anybody. The command
succeeds only where nothing was rejected; `--json` writes what came of each file as one line.

A line that stands in the file more than once (a person, an enrolment in a scheme, an account, a binding, an institution, a
reference) is rejected each time: nobody knows which is right.

Every line has a key that follows from what the file says and from its number. So a file can be taken in again, after a
kill or a power cut, by whomever: what was taken in is counted as such, the rest follows. A file that was **changed** is
another file. What was refused stays refused under its key, also where the cause has gone meanwhile, as with money taken
in before the accounts: `--again` asks about such lines once more. To send rejected lines again, mended, put them alone
into a new file, under the same first line. A person, an enrolment or a binding that is there already is refused, an
institution is set again; **money is credited again**: give each line of money a `reference`, and it is credited once,
in whatever files it stands.

In the file, a guardian may stand after the child. A guardian who has a guardian is none.

";

const REASONS: &str = "\
## Why a line is rejected

What is wrong with a line as it is written. Whatever else is refused has the codes of
[decisions](hospital/codes.md): `PERSON_KNOWN`, `PERSON_UNKNOWN`, `ENROLMENT_KNOWN`, `ACCOUNT_UNKNOWN`, `DATES_CONTRADICT` and so on.

| Code | 原因 | What would be right |
| --- | --- | --- |
";

/// The page.
pub fn page() -> String {
    let mut page = BEFORE.to_owned();
    for kind in Kind::ALL {
        let _ = write!(
            page,
            "## {}\n\n| Column | | 内容 | What it is |\n| --- | --- | --- | --- |\n",
            kind.word()
        );
        for column in kind.columns() {
            let presence = match column.presence {
                Presence::Needed => "needed",
                Presence::Free => "",
                Presence::Either => "one of the two",
                Presence::FreeEither => "at most one of the two",
            };
            let _ = writeln!(page, "| `{}` | {presence} | {} | {} |", column.name, column.zh, column.en);
        }
        page.push('\n');
    }
    page.push_str(REASONS);
    for mistake in mistake::ALL {
        let _ = writeln!(page, "| `{}` | {} | {} |", mistake.code(), mistake.zh(), mistake.en());
    }
    page
}
