//! The figures of a sitting: medians of rounds, ratios, and the table that people read. Whole numbers throughout.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What one program did in one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figure {
    /// Settlements (answers, where nothing is settled) a second, in thousandths.
    pub rate_milli: u64,
    /// Half were faster, in microseconds.
    pub p50_us: u64,
    /// All but one in a hundred were faster, in microseconds.
    pub p99_us: u64,
}

/// A number with decimals in thousandths, rounded down: `4336.3` is 4,336,300.
pub fn milli(value: Option<&Value>) -> u64 {
    let text = value.map(Value::to_string).unwrap_or_default();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let thousandths = format!("{rest:0<3.3}");
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    number(whole) * 1_000 + number(&thousandths)
}

/// The one in the middle; of an even number the lower of the two.
pub fn median(values: impl IntoIterator<Item = u64>) -> u64 {
    let mut sorted: Vec<u64> = values.into_iter().collect();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(0)
}

impl Figure {
    /// From what our own driver reported.
    pub fn of_driver(report: &Value) -> Figure {
        let number = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or(0);
        Figure {
            rate_milli: number("settlements_per_s") * 1_000,
            p50_us: number("p50_us"),
            p99_us: number("p99_us"),
        }
    }

    /// From what a peer reported, in milliseconds with decimals.
    pub fn of_peer(report: &Value) -> Figure {
        Figure {
            rate_milli: milli(report.get("settlements_per_s")),
            p50_us: milli(report.get("p50_ms")),
            p99_us: milli(report.get("p99_ms")),
        }
    }

    /// Medians, each for itself.
    pub fn median(rounds: &[Figure]) -> Figure {
        Figure {
            rate_milli: median(rounds.iter().map(|it| it.rate_milli)),
            p50_us: median(rounds.iter().map(|it| it.p50_us)),
            p99_us: median(rounds.iter().map(|it| it.p99_us)),
        }
    }

    fn json(self) -> Value {
        json!({ "per_s_milli": self.rate_milli, "p50_us": self.p50_us, "p99_us": self.p99_us })
    }
}

/// A point of the curve: how long answers take at a rate that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Point {
    /// Bills a second that fell due.
    pub offered: u64,
    /// Bills a second that were settled.
    pub settled: u64,
    /// Messages that heard that the server is busy.
    pub busy: u64,
    /// Bills that fell due and were never sent.
    pub unsent: u64,
    /// Microseconds from when it was due.
    pub p50_us: u64,
    /// Microseconds from when it was due.
    pub p99_us: u64,
    /// Microseconds from when it was due.
    pub p99_9_us: u64,
}

impl Point {
    /// From what the driver reported of a rate.
    pub fn of(offered: u64, report: &Value) -> Point {
        let number = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or(0);
        Point {
            offered,
            settled: number("settlements_per_s"),
            busy: number("busy"),
            unsent: number("unsent"),
            p50_us: number("p50_us"),
            p99_us: number("p99_us"),
            p99_9_us: number("p99_9_us"),
        }
    }

    fn json(self) -> Value {
        json!({
            "offered_per_s": self.offered, "settled_per_s": self.settled, "busy": self.busy, "unsent": self.unsent,
            "p50_us": self.p50_us, "p99_us": self.p99_us, "p99_9_us": self.p99_9_us,
        })
    }
}

/// Everything that a sitting found.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// What the machine is, and how the sitting went: name and value, in order.
    pub facts: Vec<(String, Value)>,
    /// Rounds by program, the first being ours.
    pub programs: Vec<(String, Vec<Figure>)>,
    /// The curve.
    pub curve: Vec<Point>,
    /// Reports of the driver as they came, by what they are of.
    pub reports: BTreeMap<String, Value>,
}

impl Figures {
    /// Adds a round of a program.
    pub fn add(&mut self, program: &str, figure: Figure) {
        match self.programs.iter_mut().find(|(name, _)| name == program) {
            Some((_, rounds)) => rounds.push(figure),
            None => self.programs.push((program.to_owned(), vec![figure])),
        }
    }

    /// The median of a program's rounds.
    pub fn median_of(&self, program: &str) -> Figure {
        let rounds = self.programs.iter().find(|(name, _)| name == program);
        rounds.map(|(_, rounds)| Figure::median(rounds)).unwrap_or_default()
    }

    /// How many hundredths of the first program's rate another one has.
    fn hundredths(&self, of: Figure) -> u64 {
        let first = self.programs.first().map(|(_, rounds)| Figure::median(rounds)).unwrap_or_default();
        of.rate_milli * 100 / first.rate_milli.max(1)
    }

    /// As a file for machines.
    pub fn json(&self) -> Value {
        let facts: serde_json::Map<String, Value> = self.facts.iter().cloned().collect();
        let programs: Vec<Value> = self.programs.iter().map(|(name, rounds)| {
            let all: Vec<Value> = rounds.iter().map(|it| it.json()).collect();
            let median = Figure::median(rounds);
            json!({ "program": name, "rounds": all, "median": median.json(), "hundredths_of_first": self.hundredths(median) })
        }).collect();
        let curve: Vec<Value> = self.curve.iter().map(|it| it.json()).collect();
        json!({ "facts": facts, "programs": programs, "curve": curve, "reports": self.reports })
    }

    /// As a page for people.
    pub fn markdown(&self) -> String {
        let mut page = String::from("| | |\n| --- | ---: |\n");
        // Writing into memory does not fail.
        for (name, value) in &self.facts {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = writeln!(page, "| {name} | {text} |");
        }
        page.push_str("\n| Program | a second, median | rounds | p50 ms | p99 ms | ours = 1 |\n");
        page.push_str("| --- | ---: | --- | ---: | ---: | ---: |\n");
        for (name, rounds) in &self.programs {
            let median = Figure::median(rounds);
            let all: Vec<String> = rounds.iter().map(|it| (it.rate_milli / 1_000).to_string()).collect();
            let (share, rate) = (self.hundredths(median), median.rate_milli / 1_000);
            let (p50, p99, all) = (in_ms(median.p50_us), in_ms(median.p99_us), all.join(" "));
            let ratio = format!("{}.{:02}", share / 100, share % 100);
            let _ = writeln!(page, "| {name} | {rate} | {all} | {p50} | {p99} | {ratio} |");
        }
        page.push_str(
            "\n| Offered a second | settled a second | p50 ms | p99 ms | p99.9 ms | busy | unsent |\n",
        );
        page.push_str("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for it in &self.curve {
            let times = [it.p50_us, it.p99_us, it.p99_9_us].map(in_ms).join(" | ");
            let (offered, settled, busy, unsent) = (it.offered, it.settled, it.busy, it.unsent);
            let _ = writeln!(page, "| {offered} | {settled} | {times} | {busy} | {unsent} |");
        }
        page
    }
}

/// Microseconds as milliseconds with three decimals.
pub fn in_ms(micros: u64) -> String {
    format!("{}.{:03}", micros / 1_000, micros % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, the table says something else than the rounds.
    #[test]
    fn medians_and_ratios_are_those_of_the_rounds() {
        let cases: [(&[u64], u64); 4] = [(&[], 0), (&[5], 5), (&[9, 1, 5], 5), (&[1, 2, 3, 4], 2)];
        cases.iter().for_each(|(values, middle)| assert_eq!(median(values.iter().copied()), *middle));
        let texts = [("4336.3", 4_336_300), ("8", 8_000), ("0.0625", 62), ("null", 0), ("\"x\"", 0)];
        for (text, thousandths) in texts {
            let value: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(milli(Some(&value)), thousandths, "{text}");
        }
        let mut figures = Figures::default();
        for (rate, p50) in [(3_000, 7), (1_000, 9), (2_000, 8)] {
            let report = json!({ "settlements_per_s": rate, "p50_us": p50, "p99_us": 10 });
            figures.add("gongji", Figure::of_driver(&report));
        }
        let peer = json!({ "settlements_per_s": 4_500, "p50_ms": 1.5, "p99_ms": 8.087 });
        figures.add("peer", Figure::of_peer(&peer));
        figures.curve.push(Point { offered: 400, settled: 399, p50_us: 1_250, ..Point::default() });
        figures.facts.push(("Disk".to_owned(), json!(812)));
        let page = figures.markdown();
        assert!(page.contains("| gongji | 2000 | 3000 1000 2000 | 0.008 | 0.010 | 1.00 |"), "{page}");
        assert!(page.contains("| peer | 4500 | 4500 | 1.500 | 8.087 | 2.25 |"), "{page}");
        assert!(page.contains("| 400 | 399 | 1.250 | 0.000 | 0.000 | 0 | 0 |"), "{page}");
        assert_eq!(figures.json()["programs"][1]["hundredths_of_first"], json!(225));
        assert_eq!(figures.median_of("gongji").rate_milli, 2_000_000);
    }
}
