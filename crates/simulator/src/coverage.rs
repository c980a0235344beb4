//! How often each thing happened: a simulator that never reaches something proves nothing about it.

use crate::codes::SHOWN;
use crate::scene::ALL_KINDS;
use std::collections::BTreeMap;
use std::fmt;

/// What must happen in at least one of a hundred steps, beside every kind of request.
pub const HAPPENINGS: [&str; 10] = [
    "call refused",
    "reply lost",
    "crash",
    "midnight",
    "new month",
    "new year",
    "replay",
    "key reused",
    "late arrival",
    "preview",
];

/// What must happen at least once in ten thousand steps: the places where money is hard to keep track of,
/// who decides, and who sees what was bought.
pub const PLACES: [&str; 24] = [
    "review passed",
    "review refused",
    "shared money",
    "own and shared",
    "several givers",
    "shared undone",
    "across areas",
    "quota moved",
    "quota spent",
    "quota undone",
    "older year undone",
    "stay on the way",
    "stay for good",
    "stay by relatives",
    "stay undone",
    "stay corrected",
    "lines shown",
    "lines hidden",
    "bought by an agent",
    "agent's bill undone",
    "pack sold",
    "pack free again",
    "pack not scanned",
    "pack sold before",
];

/// How often each thing happened.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// Seeds run.
    pub seeds: u64,
    /// Steps taken.
    pub steps: u64,
    /// Requests decided.
    pub requests: u64,
    /// Of each kind, done and refused.
    pub kinds: BTreeMap<&'static str, [u64; 2]>,
    /// Of each happening.
    pub happenings: BTreeMap<&'static str, u64>,
}

impl Coverage {
    /// A request was decided.
    pub fn request(&mut self, kind: &'static str, done: bool) {
        self.requests += 1;
        self.kinds.entry(kind).or_default()[usize::from(!done)] += 1;
    }

    /// Something happened.
    pub fn happened(&mut self, what: &'static str) {
        *self.happenings.entry(what).or_insert(0) += 1;
    }

    /// This and another.
    pub fn add(&mut self, other: &Coverage) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.requests += other.requests;
        for (kind, [done, refused]) in &other.kinds {
            let sum = self.kinds.entry(kind).or_default();
            sum[0] += done;
            sum[1] += refused;
        }
        for (what, often) in &other.happenings {
            *self.happenings.entry(what).or_insert(0) += often;
        }
    }

    /// How many settlements were asked for.
    fn of_settlements(&self) -> u64 {
        let asked = |kind: &str| self.kinds.get(kind).map_or(0, |[done, refused]| done + refused);
        asked("settle") + asked("settle stay")
    }

    /// What happened too rarely: kinds of requests among requests, what was shown among settlements, the rest among steps.
    pub fn rare(&self) -> Vec<&'static str> {
        let kinds = ALL_KINDS.iter().copied().filter(|kind| {
            let [done, refused] = self.kinds.get(kind).copied().unwrap_or_default();
            (done + refused) * 100 < self.requests
        });
        let often = |what: &str| self.happenings.get(what).copied().unwrap_or(0);
        let happenings = HAPPENINGS.iter().copied().filter(|what| often(what) * 100 < self.steps);
        let places = PLACES.iter().copied().filter(|what| often(what) * 10_000 < self.steps);
        let settlements = self.of_settlements();
        let shown = SHOWN.iter().copied().filter(|what| often(what) * 100 < settlements);
        kinds.chain(happenings).chain(places).chain(shown).collect()
    }
}

/// So much of a whole, in per cent with one decimal.
fn share(part: u64, whole: u64) -> String {
    let tenths = (part * 1_000).checked_div(whole).unwrap_or(0);
    format!("{:>3}.{} %", tenths / 10, tenths % 10)
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} seeds, {} steps, {} requests decided", self.seeds, self.steps, self.requests)?;
        writeln!(f, "{:<18} {:>8} {:>10} {:>10}", "request", "of all", "done", "refused")?;
        for kind in ALL_KINDS {
            let [done, refused] = self.kinds.get(kind).copied().unwrap_or_default();
            let all = share(done + refused, self.requests);
            writeln!(f, "{kind:<18} {all:>8} {done:>10} {refused:>10}")?;
        }
        writeln!(f, "{:<18} {:>8}", "happening", "of steps")?;
        for what in HAPPENINGS.iter().chain(&PLACES) {
            let often = self.happenings.get(what).copied().unwrap_or(0);
            writeln!(f, "{what:<18} {:>8} {often:>10}", share(often, self.steps))?;
        }
        writeln!(f, "{:<18} {:>8}", "shown", "of settlements")?;
        for what in SHOWN {
            let often = self.happenings.get(what).copied().unwrap_or(0);
            writeln!(f, "{what:<18} {:>8} {often:>10}", share(often, self.of_settlements()))?;
        }
        Ok(())
    }
}
