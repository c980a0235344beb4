//! What became of the messages of a run, by kind, and how it is reported: one JSON object, and a few lines for people.

use super::histogram::Histogram;
use super::messages::Said;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Messages of one kind.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How many were answered, or broke off.
    pub sent: u64,
    /// How many were done.
    pub done: u64,
    /// How many were refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// How many heard that the server is busy.
    pub busy: u64,
    /// How many had an answer that nothing explains, or none.
    pub unknown: u64,
    /// From when they were due to when they were answered, in nanoseconds; of those done and refused.
    pub latency: Histogram,
}

/// A kind of messages: the transaction, and what else tells them from others; nothing for most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind(pub &'static str, pub &'static str);

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = if self.1.is_empty() { self.0.to_owned() } else { format!("{} {}", self.0, self.1) };
        f.pad(&text)
    }
}

/// Messages by kind.
#[derive(Debug, Clone, Default)]
pub struct Tallies {
    kinds: BTreeMap<Kind, Tally>,
    /// The first answer that nothing explains.
    pub first_unknown: Option<String>,
    /// How many bills were settled.
    pub settled: u64,
    /// How many were due and not sent when the time was over.
    pub unsent: u64,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.sent += other.sent;
        self.done += other.done;
        self.busy += other.busy;
        self.unknown += other.unknown;
        for (code, count) in &other.refused {
            *self.refused.entry(code.clone()).or_default() += count;
        }
        self.latency.add(&other.latency);
    }

    fn json(&self) -> Value {
        let micros = |of| self.latency.quantile(of) / 1_000;
        json!({
            "sent": self.sent, "done": self.done, "refused": self.refused, "busy": self.busy,
            "unknown": self.unknown, "p50_us": micros(50_000), "p95_us": micros(95_000),
            "p99_us": micros(99_000), "p99_9_us": micros(99_900), "max_us": self.latency.max() / 1_000,
        })
    }
}

impl Tallies {
    /// Counts an answer to a message of a kind, with the nanoseconds it took.
    pub fn count(&mut self, kind: Kind, said: &Said, nanos: u64) {
        let tally = self.kinds.entry(kind).or_default();
        tally.sent += 1;
        match said {
            Said::Done => tally.done += 1,
            Said::Refused(code) => *tally.refused.entry(code.clone()).or_default() += 1,
            Said::Busy => tally.busy += 1,
            Said::Unexpected(what) => {
                tally.unknown += 1;
                self.first_unknown.get_or_insert_with(|| what.clone());
            }
        }
        if matches!(said, Said::Done | Said::Refused(_)) {
            tally.latency.record(nanos);
        }
    }

    /// Counts all that others counted.
    pub fn add(&mut self, other: Tallies) {
        for (kind, tally) in &other.kinds {
            self.kinds.entry(*kind).or_default().add(tally);
        }
        self.first_unknown = self.first_unknown.take().or(other.first_unknown);
        self.settled += other.settled;
        self.unsent += other.unsent;
    }

    /// What became of each kind.
    pub fn by_kind(&self) -> Vec<(String, &Tally)> {
        self.kinds.iter().map(|(kind, it)| (kind.to_string(), it)).collect()
    }

    /// All kinds together.
    pub fn all(&self) -> Tally {
        let mut all = Tally::default();
        self.kinds.values().for_each(|it| all.add(it));
        all
    }

    /// The report of a run of so many nanoseconds.
    pub fn json(&self, nanos: u64) -> Value {
        let all = self.all();
        let mut report = match all.json() {
            Value::Object(report) => report,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Map::new()
            }
        };
        let kinds: Map<String, Value> =
            self.kinds.iter().map(|(kind, it)| (kind.to_string(), it.json())).collect();
        report.insert("settled".to_owned(), json!(self.settled));
        report.insert("unsent".to_owned(), json!(self.unsent));
        report.insert("milliseconds".to_owned(), json!(nanos / 1_000_000));
        report.insert("settlements_per_s".to_owned(), json!(per_second(self.settled, nanos)));
        report.insert("messages_per_s".to_owned(), json!(per_second(all.sent, nanos)));
        report.insert("first_unknown".to_owned(), json!(self.first_unknown));
        report.insert("kinds".to_owned(), Value::Object(kinds));
        Value::Object(report)
    }

    /// The same for people.
    pub fn text(&self, nanos: u64) -> String {
        let mut lines = vec![format!(
            "{} settled in {}.{:03} s: {} a second",
            self.settled,
            nanos / 1_000_000_000,
            nanos / 1_000_000 % 1_000,
            per_second(self.settled, nanos)
        )];
        let all = self.all();
        for (kind, it) in self.kinds.iter().chain([(&Kind("all", ""), &all)]) {
            let refused: Vec<String> = it.refused.iter().map(|(code, it)| format!("{code} {it}")).collect();
            let micros = |of| it.latency.quantile(of) / 1_000;
            lines.push(format!(
                "{kind:>12}: {} sent, {} done, refused [{}], {} busy, {} unknown; p50 {} p99 {} max {} µs",
                it.sent,
                it.done,
                refused.join(", "),
                it.busy,
                it.unknown,
                micros(50_000),
                micros(99_000),
                it.latency.max() / 1_000
            ));
        }
        if self.unsent > 0 {
            lines.push(format!("{} were due and not sent any more", self.unsent));
        }
        lines.extend(self.first_unknown.iter().map(|it| format!("the first unknown answer: {it}")));
        lines.join("\n")
    }
}

/// How many a second, rounded down; 0 where no time passed.
pub fn per_second(count: u64, nanos: u64) -> u64 {
    let scaled = u128::from(count) * 1_000_000_000;
    u64::try_from(scaled / u128::from(nanos.max(1))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a run looks better than it was.
    #[test]
    fn what_is_reported_is_what_was_counted() {
        let (mut one, mut other) = (Tallies::default(), Tallies::default());
        one.count(Kind("2102", ""), &Said::Done, 1_000_000);
        one.count(Kind("2102", ""), &Said::Busy, 1);
        other.count(Kind("2102", ""), &Said::Refused("DUPLICATE_BILL".to_owned()), 3_000_000);
        other.count(Kind("2103", "replay"), &Said::Unexpected("500".to_owned()), 1);
        (one.settled, other.settled, other.unsent) = (1, 0, 2);
        one.add(other);
        let told = one.json(500_000_000);
        #[rustfmt::skip]
        let cases = [
            ("/sent", json!(4)), ("/done", json!(1)), ("/refused/DUPLICATE_BILL", json!(1)), ("/busy", json!(1)),
            ("/unknown", json!(1)), ("/settled", json!(1)), ("/unsent", json!(2)), ("/settlements_per_s", json!(2)),
            ("/max_us", json!(3_000)), ("/kinds/2102/sent", json!(3)), ("/kinds/2103 replay/unknown", json!(1)),
            ("/first_unknown", json!("500")), ("/milliseconds", json!(500)),
        ];
        for (pointer, value) in cases {
            assert_eq!(told.pointer(pointer), Some(&value), "{pointer}: {told}");
        }
        assert!(one.text(1).contains("the first unknown answer: 500"));
        assert_eq!((per_second(5, 0), per_second(5, 2_000_000_000)), (5_000_000_000, 2));
    }
}
