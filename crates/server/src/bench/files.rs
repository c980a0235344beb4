//! The synthetic town as a bureau would send it: files to be taken in, each with its control totals.

use super::Trouble;
use super::people::{BOUND_SINCE, SINCE};
use super::town::{Purse, Town};
use csv::Writer;
use std::fs::{File, create_dir_all, write};
use std::path::Path;

type Written = Result<(), csv::Error>;

/// Writes the files of a town into a folder.
///
/// # Errors
/// [`Trouble`] where they cannot be written.
pub fn write_files(town: &Town, folder: &Path) -> Result<(), Trouble> {
    let done = all(town, folder);
    done.map_err(|it| Trouble(format!("{}: {it}", folder.display())))
}

fn all(town: &Town, folder: &Path) -> Written {
    create_dir_all(folder)?;
    let people = || (0..town.people()).map(|it| town.person(it));
    let header = ["code", "name", "area", "kind", "level", "from"];
    file(folder, "institutions", &header, |to| {
        (0..town.institutions()).map(|it| town.institution(it)).try_fold(0, |sum, it| {
            to.write_record([&it.code, &it.name, it.area, it.kind.word(), it.level.word(), SINCE])
                .map(|()| sum)
        })
    })?;
    let header = ["psn_no", "name", "id_number", "card", "card_serial", "born", "sex", "guardian_id_number"];
    file(folder, "persons", &header, |to| {
        people().try_fold(0, |sum, it| {
            let guardian = it.guardian.map(|it| town.person(it).id).unwrap_or_default();
            let (card, born) = (it.card(), it.born.to_string());
            let row =
                [&it.psn_no(), &it.name, &it.id, &card, it.card_serial(), &born, it.sex.word(), &guardian];
            to.write_record(row).map(|()| sum)
        })
    })?;
    let header = ["id_number", "scheme", "area", "category", "account", "from"];
    file(folder, "enrolments", &header, |to| {
        people().try_fold(0, |sum, it| {
            let account = if it.purse == Purse::None { "0" } else { "1" };
            let row = [&it.id, it.scheme.word(), it.area, it.category.word(), account, SINCE];
            to.write_record(row).map(|()| sum)
        })
    })?;
    file(folder, "accounts", &["id_number", "prior", "current"], |to| {
        people().try_fold(0, |sum, it| match it.purse {
            Purse::Holds(prior, current) if prior + current > 0 => {
                to.write_record([&it.id, &yuan(prior), &yuan(current)]).map(|()| sum + prior + current)
            }
            Purse::Holds(..) | Purse::None => Ok(sum),
        })
    })?;
    let header = ["giver_id_number", "beneficiary_id_number", "relation", "since"];
    file(folder, "bindings", &header, |to| {
        (0..town.families()).flat_map(|it| town.bonds(it)).try_fold(0, |sum, it| {
            let (giver, beneficiary) = (town.person(it.giver).id, town.person(it.beneficiary).id);
            to.write_record([&giver, &beneficiary, it.relation.word(), BOUND_SINCE]).map(|()| sum)
        })
    })
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// A writer that counts what it writes.
struct Counting {
    to: Writer<File>,
    rows: u64,
}

impl Counting {
    fn write_record<const N: usize>(&mut self, row: [&str; N]) -> Written {
        self.rows += 1;
        self.to.write_record(row)
    }
}

/// A file and its control totals; `fill` gives the fen that its lines come to.
fn file(
    folder: &Path,
    name: &str,
    header: &[&str],
    fill: impl FnOnce(&mut Counting) -> Result<i64, csv::Error>,
) -> Written {
    let path = folder.join(format!("{name}.csv"));
    let mut to = Counting { to: Writer::from_path(&path)?, rows: 0 };
    to.to.write_record(header)?;
    let fen = fill(&mut to)?;
    to.to.flush()?;
    let sum = if name == "accounts" { format!("sum = \"{}\"\n", yuan(fen)) } else { String::new() };
    let rows = to.rows;
    Ok(write(folder.join(format!("{name}.csv.control")), format!("rows = {rows}\n{sum}"))?)
}
