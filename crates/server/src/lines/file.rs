//! A file of lines and, beside it, FILE.state: up to which byte the file is whole, and what of the books is in it. The state is
//! written after the bytes that it speaks of are on the disk; what is beyond it in the file is cut off the next time.

use super::reading::Part;
use super::row::{header, row};
use super::{Trouble, Wanted};
use crate::vault::Vault;
use domain::day::Day;
use domain::decision::Turn;
use domain::ids::Serial;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use store::LaneNo;

/// What a state begins with; another number where the columns become others.
const FORMAT: &str = "gongji lines 1";
/// Only its owner reads a file of what people were treated with.
const OWNER_ONLY: u32 = 0o600;

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    format: String,
    /// Which books these are: the hash of their first block.
    books: String,
    from: String,
    to: String,
    area: String,
    pseudonyms: bool,
    /// So many bytes of the file are whole rows.
    pub bytes: u64,
    /// So many rows are in it, the first line not counted.
    pub rows: u64,
    /// So many settlements.
    pub settlements: u64,
    /// So many that were undone.
    pub undone: u64,
    /// The last request of each lane that was looked at.
    pub lanes: BTreeMap<u16, u64>,
    /// When the last of them was decided; none was yet where this is missing.
    pub whole_to: Option<String>,
    /// Whether something was decided after the last day: then no more comes.
    pub days_are_over: bool,
}

impl State {
    /// A file in which nothing is yet.
    pub(super) fn new(wanted: &Wanted, pseudonyms: bool, books: String) -> State {
        State {
            format: FORMAT.to_owned(),
            books,
            from: wanted.from.to_string(),
            to: wanted.to.to_string(),
            area: wanted.area.to_string(),
            pseudonyms,
            bytes: 0,
            rows: 0,
            settlements: 0,
            undone: 0,
            lanes: BTreeMap::new(),
            whole_to: None,
            days_are_over: false,
        }
    }

    /// Where each lane is.
    ///
    /// # Errors
    /// [`Trouble::Wrong`] where the state names a lane or a serial that cannot be.
    pub fn position(&self) -> Result<BTreeMap<LaneNo, Serial>, Trouble> {
        let position = |(lane, serial): (&u16, &u64)| {
            let (lane, serial) = (LaneNo(*lane), Serial(*serial));
            (LaneNo::of(serial) == lane).then_some((lane, serial))
        };
        let damaged = || Trouble::Wrong("the state names a serial that its lane never gave".to_owned());
        self.lanes.iter().map(position).collect::<Option<_>>().ok_or_else(damaged)
    }

    /// This state, for what is wanted now: the same, or the same with a later last day.
    fn go_on(self, wanted: &State) -> Result<State, String> {
        let same = [
            ("--from", &self.from, &wanted.from),
            ("--area", &self.area, &wanted.area),
            ("these books", &self.books, &wanted.books),
        ];
        if let Some((what, before, _)) = same.iter().find(|(_, before, now)| before != now) {
            let before = if *what == "these books" { "other ones" } else { before.as_str() };
            return Err(format!("it was begun with {before} for {what}; write into another file"));
        }
        if self.pseudonyms != wanted.pseudonyms {
            let with = if self.pseudonyms { "with" } else { "without" };
            return Err(format!("it was begun {with} --pseudonyms; write into another file"));
        }
        let days = Day::parse(&self.to).zip(Day::parse(&wanted.to));
        match days {
            Some((before, now)) if before < now => {
                Ok(State { to: wanted.to.clone(), days_are_over: false, ..self })
            }
            Some((before, now)) if before == now => Ok(self),
            Some(_) | None => Err(format!("it has days up to {} already; write into another file", self.to)),
        }
    }
}

/// A file that is written.
pub(super) struct Export {
    state: State,
    state_file: PathBuf,
    out: PathBuf,
    rows: csv::Writer<File>,
}

impl Export {
    /// Begins a file, or opens one that is to go on: it has to be one of ours, for the same books and lines.
    pub(super) fn open(out: &Path, wanted: State) -> Result<Export, Trouble> {
        let state_file = beside(out, "state");
        let (state, file) = match read_state(&state_file)? {
            None => {
                if out.exists() {
                    return Err(not_ours(out));
                }
                write_state(&state_file, &wanted)?;
                (wanted, created(out)?)
            }
            Some(before) => {
                let wrong = |it: String| Trouble::Wrong(format!("{}: {it}", out.display()));
                let state = before.go_on(&wanted).map_err(wrong)?;
                let file = if state.bytes == 0 && !out.exists() { created(out)? } else { opened(out)? };
                (state, file)
            }
        };
        alone(out, &file)?;
        let mut export =
            Export { rows: csv::Writer::from_writer(file), out: out.to_owned(), state_file, state };
        export.cut()?;
        if export.state.bytes == 0 {
            let names = header(export.state.pseudonyms);
            let written = export.rows.write_record(names);
            written.map_err(|it| failed(&export.out, it.into()))?;
        }
        Ok(export)
    }

    /// How far the file is; what was written since it was last kept is in it.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Cuts off what is not known to be whole.
    fn cut(&mut self) -> Result<(), Trouble> {
        let first = first_line(self.state.pseudonyms);
        let (bytes, out) = (self.state.bytes, self.out.as_path());
        let mut file = self.rows.get_ref();
        let cut = |file: &mut &File| -> std::io::Result<Option<u64>> {
            let mut begins = Vec::new();
            file.seek(SeekFrom::Start(0))?;
            file.take(first.len() as u64).read_to_end(&mut begins)?;
            let length = file.metadata()?.len();
            if !first.as_bytes().starts_with(&begins) || length < bytes {
                return Ok(None);
            }
            file.set_len(bytes)?;
            file.seek(SeekFrom::Start(bytes)).map(Some)
        };
        let not_it = || {
            let says = "this is not the file that its state speaks of; remove both to begin anew";
            Trouble::Wrong(format!("{}: {says}", out.display()))
        };
        cut(&mut file).map_err(|it| failed(out, it))?.map(|_| ()).ok_or_else(not_it)
    }

    /// Writes the rows of a settlement.
    pub(super) fn write(&mut self, part: &Part, pseudonyms: Option<&Vault>) -> Result<(), Trouble> {
        for (nth, line) in (1..).zip(&part.lines) {
            let written = self.rows.write_record(row(part, nth, line, pseudonyms));
            written.map_err(|it| failed(&self.out, it.into()))?;
            self.state.rows += 1;
        }
        match part.settlement.undoes {
            None => self.state.settlements += 1,
            Some(_) => self.state.undone += 1,
        }
        Ok(())
    }

    /// All rows of a request are written.
    pub(super) fn done(&mut self, turn: Turn) {
        self.state.lanes.insert(LaneNo::of(turn.serial).0, turn.serial.0);
        self.state.whole_to = Some(turn.at.to_string());
    }

    /// Brings to the disk what is written, and only then says so in the state.
    pub(super) fn keep(&mut self) -> Result<(), Trouble> {
        let mut kept = || -> std::io::Result<u64> {
            self.rows.flush()?;
            let mut file = self.rows.get_ref();
            file.sync_data()?;
            file.stream_position()
        };
        self.state.bytes = kept().map_err(|it| failed(&self.out, it))?;
        write_state(&self.state_file, &self.state)
    }

    /// The same at the end of what there is to read.
    pub(super) fn end(&mut self, days_are_over: bool) -> Result<(), Trouble> {
        self.state.days_are_over |= days_are_over;
        self.keep()
    }
}

/// The first line of a file.
fn first_line(pseudonyms: bool) -> String {
    header(pseudonyms).collect::<Vec<_>>().join(",") + "\n"
}

fn failed(path: &Path, error: std::io::Error) -> Trouble {
    Trouble::File(path.display().to_string(), error)
}

fn not_ours(out: &Path) -> Trouble {
    Trouble::Wrong(format!(
        "{} is there and is not a file of lines that goes on: name another one",
        out.display()
    ))
}

/// The name of what lies beside a file.
fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn created(path: &Path) -> Result<File, Trouble> {
    let options = OpenOptions::new().read(true).write(true).create_new(true).mode(OWNER_ONLY).open(path);
    options.and_then(|it| named(path).map(|()| it)).map_err(|it| failed(path, it))
}

fn opened(path: &Path) -> Result<File, Trouble> {
    OpenOptions::new().read(true).write(true).open(path).map_err(|it| failed(path, it))
}

/// Without its name in the folder, a file does not outlive a power cut.
fn named(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Two who write into one file spoil it. The system lets go of it when the process dies.
fn alone(out: &Path, file: &File) -> Result<(), Trouble> {
    file.try_lock().map_err(|it| match it {
        TryLockError::WouldBlock => {
            Trouble::Wrong(format!("{}: another process is writing it", out.display()))
        }
        TryLockError::Error(error) => failed(out, error),
    })
}

fn read_state(path: &Path) -> Result<Option<State>, Trouble> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|it| failed(path, it))?,
    };
    let state = serde_json::from_str::<State>(&text).ok().filter(|it| it.format == FORMAT);
    let says = "this is not the state of a file of lines of this version; name another file with --out";
    state.map(Some).ok_or_else(|| Trouble::Wrong(format!("{}: {says}", path.display())))
}

/// Writes a state in place of the one before: whoever reads finds one of them, and whole.
fn write_state(path: &Path, state: &State) -> Result<(), Trouble> {
    let new = beside(path, "new");
    let text = serde_json::to_string_pretty(state).expect("a state is plain data") + "\n";
    let written = || -> std::io::Result<()> {
        let options = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY).open(&new);
        let mut file = options?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        named(path)
    };
    written().map_err(|it| failed(path, it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::Area;

    fn wanted(from: &str, to: &str, area: &str) -> State {
        let day = |text| Day::parse(text).expect("a day");
        let area = Area::parse(area).expect("an area");
        State::new(&Wanted { from: day(from), to: day(to), area }, false, "books".to_owned())
    }

    /// If this fails, a file of other days, areas or books is added to, or one that could go on is refused.
    #[test]
    fn a_file_goes_on_for_the_same_lines_and_later_days() {
        let before = wanted("2025-06-01", "2025-06-30", "320300");
        for (now, is_refused) in [
            (before.clone(), None),
            (wanted("2025-06-01", "2025-07-31", "320300"), None),
            (wanted("2025-06-01", "2025-06-29", "320300"), Some("2025-06-30")),
            (wanted("2025-06-02", "2025-06-30", "320300"), Some("--from")),
            (wanted("2025-06-01", "2025-06-30", "320100"), Some("--area")),
            (State { pseudonyms: true, ..before.clone() }, Some("without --pseudonyms")),
            (State { books: "others".to_owned(), ..before.clone() }, Some("these books")),
        ] {
            let went = before.clone().go_on(&now);
            match is_refused {
                None => assert_eq!(went.expect("goes on").to, now.to),
                Some(says) => assert!(went.is_err_and(|it| it.contains(says)), "{says}"),
            }
        }
    }

    /// If this fails, a file of somebody else is cut off or written over.
    #[test]
    fn what_is_not_ours_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("lines.csv");
        let wanted = wanted("2025-06-01", "2025-06-30", "320300");
        let refused = |says: &str| {
            let before = std::fs::read(&out).ok();
            match Export::open(&out, wanted.clone()) {
                Err(trouble) => assert!(trouble.to_string().contains(says), "{trouble}"),
                Ok(_) => panic!("opened: {says}"),
            }
            assert_eq!(std::fs::read(&out).ok(), before, "{says}");
        };
        std::fs::write(&out, "a thesis").expect("writes");
        refused("is not a file of lines");
        std::fs::write(beside(&out, "state"), "{}").expect("writes");
        refused("not the state of a file of lines");
        write_state(&beside(&out, "state"), &wanted).expect("writes");
        refused("not the file that its state speaks of");
        std::fs::remove_file(&out).expect("removes");
        let export = Export::open(&out, wanted.clone()).expect("begins");
        refused("another process");
        drop(export);
        let state = State { bytes: 9_999, ..wanted.clone() };
        write_state(&beside(&out, "state"), &state).expect("writes");
        refused("not the file that its state speaks of");
        std::fs::remove_file(&out).expect("removes");
        refused("No such file");
    }
}
