//! What all seeds share: two law books, read once, and the goods that bills are made of.

use domain::catalogue::{Class, State};
use domain::day::Day;
use domain::decision::Law;
use server::law::{Laws, shipped};
use std::sync::Arc;

/// Law and goods.
pub struct Stage {
    /// Both books, kept.
    pub laws: Arc<Laws>,
    /// The shipped book with [`NANJING`]; the same with a catalogue that goes on after its last edition.
    pub books: [Arc<Law>; 2],
    /// National codes by what the catalogue says of them.
    pub goods: Goods,
}

/// National codes by what the catalogue says of them.
#[derive(Debug, Clone, Default)]
pub struct Goods {
    /// Class 甲.
    pub a: Vec<String>,
    /// Class 乙.
    pub b: Vec<String>,
    /// Looked for and not in it.
    pub out: Vec<String>,
    /// Nobody has decided.
    pub unmapped: Vec<String>,
    /// Services, with a highest price in some areas.
    pub services: Vec<String>,
}

/// One area where what is rare elsewhere holds from the first day on: drugs come with trace codes (R-J5), whose day
/// seeds seldom reach, and the agency reviews bindings (R-D2).
const NANJING: &str = r#"
region = "320100"
name = "南京市"

[[trace_codes]]
from = "2020-01-01"
value = { pharmacy = true, medical = true }
source = "模拟假定值"
certainty = "assumed"

[[proof_app]]
from = "2020-01-01"
value = "review"
source = "模拟假定值"
certainty = "assumed"

[[proof_hall]]
from = "2020-01-01"
value = "review"
source = "模拟假定值"
certainty = "assumed"
"#;

/// How many codes of each kind are used.
const ENOUGH: usize = 24;

impl Stage {
    /// Reads the law.
    ///
    /// # Panics
    /// Where the shipped book has mistakes.
    pub fn new() -> Stage {
        let laws = Arc::new(Laws::default());
        let [strict, goes_on] = [false, true].map(|goes_on| {
            let mut book = shipped(goes_on);
            book.files.insert("policies/simulator/320100-nanjing.toml".to_owned(), NANJING.to_owned());
            laws.keep(&book).expect("the shipped law book has no mistakes: `check-policies` says so")
        });
        let goods = goods(&strict);
        Stage { laws, books: [strict, goes_on], goods }
    }
}

impl Default for Stage {
    fn default() -> Stage {
        Stage::new()
    }
}

fn goods(law: &Law) -> Goods {
    let book = shipped(false);
    let table = book.files.get("catalogue/drug_codes.csv").map(String::as_str).unwrap_or_default();
    let edition = Day::new(2025, 6, 16).and_then(|it| law.edition(it)).expect("2025 has an edition");
    let mut goods = Goods::default();
    for code in table.lines().skip(1).filter_map(|it| it.split(',').next()) {
        let list = match edition.state_of(code) {
            State::In { class: Class::A, .. } => &mut goods.a,
            State::In { class: Class::B, .. } => &mut goods.b,
            State::NotIn { .. } => &mut goods.out,
            State::NotMapped => &mut goods.unmapped,
        };
        if list.len() < ENOUGH {
            list.push(code.to_owned());
        }
    }
    let services = ["001102000030000", "001109000010100", "001201000030000", "001105000010000"];
    goods.services = services.map(str::to_owned).to_vec();
    goods
}
