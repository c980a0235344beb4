//! What the machine says of itself: time on the processors, sizes of files, how often the disk makes something durable.

use super::Trouble;
use super::stopwatch::Stopwatch;
use super::tally::per_second;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::collections::BTreeMap;
use std::io::{Seek as _, Write as _};
use std::path::Path;

/// Linux counts the time on the processors in hundredths of a second, whatever the machine.
const TICK_MS: u64 = 10;

/// Lets this program, and those that it starts from now on, have as many files open as the system allows them; how many
/// that are.
pub fn open_most_files() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    // Where it may not be raised it stays, and whoever needs more is told how many there are.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Time on the processors, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// In the program.
    pub user_ms: u64,
    /// In the system on its behalf.
    pub system_ms: u64,
}

impl Used {
    /// Both together.
    pub fn all(self) -> u64 {
        self.user_ms + self.system_ms
    }

    /// Together with what something else used.
    pub fn and(self, other: Used) -> Used {
        let (user_ms, system_ms) = (self.user_ms + other.user_ms, self.system_ms + other.system_ms);
        Used { user_ms, system_ms }
    }

    /// What was used since an earlier reading.
    pub fn since(self, earlier: Used) -> Used {
        Used {
            user_ms: self.user_ms.saturating_sub(earlier.user_ms),
            system_ms: self.system_ms.saturating_sub(earlier.system_ms),
        }
    }
}

/// The name, then user and system time at these places behind it, of a line like that of `/proc/1/stat`.
fn read_stat(text: &str, user: usize) -> Option<(String, Used)> {
    // A name may hold blanks and brackets; the last bracket ends it.
    let (head, tail) = text.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let mut fields = tail.split_whitespace().skip(user);
    let mut next = || fields.next()?.parse::<u64>().ok();
    let used = Used { user_ms: next()? * TICK_MS, system_ms: next()? * TICK_MS };
    Some((name, used))
}

/// What a process used since it began; nothing where it has gone.
pub fn used(process: u32) -> Used {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    read_stat(&text, 11).map(|(_, used)| used).unwrap_or_default()
}

/// The same of a process that is called so; nothing where another has its number.
pub fn used_by(process: u32, name: &str) -> Option<Used> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    read_stat(&text, 11).filter(|(found, _)| found == name).map(|(_, used)| used)
}

/// What the children that ended and were waited for used, of this process.
pub fn used_by_ended_children() -> Used {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    read_stat(&text, 13).map(|(_, used)| used).unwrap_or_default()
}

/// What the threads of a process used, by the number and name of each.
pub fn used_by_threads(process: u32) -> BTreeMap<(u32, String), Used> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let number = entry.file_name().to_string_lossy().parse().ok();
        if let (Some(number), Some((name, used))) = (number, read_stat(&text, 11)) {
            found.insert((number, name), used);
        }
    }
    found
}

/// Bytes of all files in a folder and below.
pub fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|it| match it.metadata() {
        Ok(about) if about.is_dir() => size(&it.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

/// How often a second the disk of a folder makes four KiB durable, one after another, over two seconds.
///
/// # Errors
/// [`Trouble`] where nothing can be written there.
pub fn synced_a_second(folder: &Path) -> Result<u64, Trouble> {
    let path = folder.join("bench-probe");
    let probe = || -> std::io::Result<u64> {
        let mut file = std::fs::File::create(&path)?;
        file.write_all(&[0; 1 << 20])?;
        file.sync_all()?;
        let (watch, page, mut count) = (Stopwatch::start(), [7; 4_096], 0);
        while watch.nanos() < 2_000_000_000 {
            file.seek(std::io::SeekFrom::Start(count % 256 * 4_096))?;
            file.write_all(&page)?;
            file.sync_data()?;
            count += 1;
        }
        Ok(per_second(count, watch.nanos()))
    };
    let found = probe().map_err(|it| Trouble(format!("{}: {it}", path.display())));
    // Where it cannot be removed, a file of one MiB stays.
    let _ = std::fs::remove_file(&path);
    found
}

/// What a file of names and values says under a name; nothing where it says nothing.
fn value(file: &str, name: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|it| it.strip_prefix(name)?.split_once(':').map(|it| it.1.to_owned()));
    line.unwrap_or_default().trim().to_owned()
}

/// What a file like `/proc/meminfo` says in KiB, in MiB.
fn mebibytes(file: &str, name: &str) -> u64 {
    let text = value(file, name);
    text.split_whitespace().next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

/// The most memory that a process has had, in MiB.
pub fn most_memory(process: u32) -> u64 {
    mebibytes(&format!("/proc/{process}/status"), "VmHWM")
}

/// How many processors there are, their name, and the memory in MiB.
pub fn about() -> (usize, String, u64) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores, value("/proc/cpuinfo", "model name"), mebibytes("/proc/meminfo", "MemTotal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, the time of another column is reported as time on the processors.
    #[test]
    fn times_are_read_behind_a_name_with_brackets() {
        let line = "77 (a (b) c) S 1 77 77 0 -1 4194304 5 6 7 8 123 45 67 8 20 0 1 0 900 0 0";
        let used = |user_ms, system_ms| Used { user_ms, system_ms };
        assert_eq!(read_stat(line, 11), Some(("a (b) c".to_owned(), used(1_230, 450))));
        assert_eq!(read_stat(line, 13), Some(("a (b) c".to_owned(), used(670, 80))));
        assert_eq!(read_stat("", 11), None);
        assert_eq!(used(5, 7).since(used(2, 9)), used(3, 0));
        assert!(!used_by_threads(std::process::id()).is_empty());
        let own = std::fs::read_to_string("/proc/self/comm").expect("it has a name");
        assert!(used_by(std::process::id(), own.trim()).is_some());
        assert_eq!(used_by(std::process::id(), "another"), None);
    }

    #[test]
    fn a_folder_is_as_large_as_its_files() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("in")).expect("made");
        std::fs::write(folder.path().join("in/a"), [0; 10]).expect("written");
        std::fs::write(folder.path().join("b"), [0; 5]).expect("written");
        assert_eq!(size(folder.path()), 15);
        assert!(synced_a_second(folder.path()).expect("probed") > 0);
        assert_eq!(size(folder.path()), 15, "the probe leaves nothing");
    }
}
