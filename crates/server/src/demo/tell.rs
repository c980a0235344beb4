//! How a story is told on a terminal: what happened, who paid what, what was expected, and whether it came out so.

use std::fmt::Write as _;

/// What came of a story.
#[derive(Debug, Default)]
pub struct Story {
    /// What happens.
    pub title: String,
    /// What was compared.
    pub checks: Vec<Check>,
    /// What the answers say, in their own words.
    pub said: Vec<String>,
}

/// One thing that was compared.
#[derive(Debug)]
pub struct Check {
    /// What.
    pub what: String,
    /// What has to come out.
    pub expected: String,
    /// What came out.
    pub got: String,
}

impl Story {
    /// A story with a title.
    pub fn new(title: &str) -> Story {
        Story { title: title.to_owned(), ..Story::default() }
    }

    /// Compares.
    pub fn check(&mut self, what: &str, expected: &str, got: impl ToString) {
        let (what, expected, got) = (what.to_owned(), expected.to_owned(), got.to_string());
        self.checks.push(Check { what, expected, got });
    }

    /// Quotes an answer.
    pub fn say(&mut self, text: impl ToString) {
        self.said.push(text.to_string());
    }

    /// How many things differ.
    pub fn differences(&self) -> usize {
        self.checks.iter().filter(|it| it.expected != it.got).count()
    }

    /// The story as it is printed.
    pub fn printed(&self, number: usize) -> String {
        let mut text = format!("\n{number:>2}. {}\n", self.title);
        let width = self.checks.iter().map(|it| columns(&it.what)).max().unwrap_or(0);
        for check in &self.checks {
            let pad = " ".repeat(width - columns(&check.what));
            let same = check.expected == check.got;
            let (mark, note) =
                if same { ("✓", String::new()) } else { ("✗", format!("   应为 {}", check.expected)) };
            writeln!(text, "    {mark} {}{pad}  {}{note}", check.what, check.got).expect("a String grows");
        }
        for said in &self.said {
            writeln!(text, "      │ {said}").expect("a String grows");
        }
        text
    }
}

/// Columns on a terminal: Chinese characters take two.
fn columns(text: &str) -> usize {
    domain::slip::columns(text)
}
