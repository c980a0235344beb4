//! The fields of the interface that are read and written here, as data (`fields/*.toml`): what the pages for makers of
//! hospital software are written from. In tests a field that is read and is not in the table ends the test.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the table says of a name, whatever transaction it is in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    label: String,
    kind: String,
    #[serde(default)]
    note: String,
}

/// What the table says of transactions that have the same fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    infno: Vec<String>,
    zh: String,
    en: String,
    #[serde(default)]
    readings: Vec<String>,
    #[serde(default)]
    refuses: Vec<String>,
    #[serde(default)]
    input: BTreeMap<String, String>,
    #[serde(default)]
    output: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    transaction: Vec<Written>,
}

/// A field of a node.
#[derive(Debug)]
pub struct Field {
    /// As the interface spells it.
    pub name: String,
    /// Its Chinese label in the interface.
    pub label: &'static str,
    /// Its type there: C30 text, N16,2 number, D day, DT moment, J an object or a list.
    pub kind: &'static str,
    /// How it is read or written here, where the label does not say it all; Chinese and English.
    pub note: &'static str,
    /// `*`: a message without it is malformed. In answers: it is there always.
    pub is_needed: bool,
    read: AtomicBool,
}

impl Field {
    /// Whether a message of this process had it looked at.
    pub fn was_read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }
}

/// The fields of nodes, by the name of the node; those of no node under the empty name.
pub type Nodes = BTreeMap<String, Vec<Field>>;

/// What is known of a transaction.
#[derive(Debug)]
pub struct Described {
    /// Its number.
    pub infno: String,
    /// What it does, in Chinese.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// How we read what the interface leaves open; Chinese and English.
    pub readings: &'static [String],
    /// Codes that it is known to be refused with.
    pub refuses: &'static [String],
    /// What is read of a request.
    pub input: Nodes,
    /// What is written into an answer.
    pub output: Nodes,
}

static NAMES: LazyLock<BTreeMap<String, Name>> =
    LazyLock::new(|| toml::from_str(include_str!("fields/names.toml")).expect("the names can be read"));

static GROUPS: LazyLock<Vec<Written>> = LazyLock::new(|| {
    let files = [
        include_str!("fields/people.toml"),
        include_str!("fields/bills.toml"),
        include_str!("fields/stays.toml"),
        include_str!("fields/queries.toml"),
        include_str!("fields/catalogues.toml"),
    ];
    let read = |text: &str| toml::from_str::<Group>(text).expect("the fields can be read").transaction;
    files.into_iter().flat_map(read).collect()
});

static TABLE: LazyLock<BTreeMap<String, Described>> = LazyLock::new(|| {
    let of = |it: &'static Written| it.infno.iter().map(move |infno| (infno.clone(), described(infno, it)));
    GROUPS.iter().flat_map(of).collect()
});

fn described(infno: &str, it: &'static Written) -> Described {
    let nodes = |nodes: &BTreeMap<String, String>| {
        nodes.iter().map(|(name, it)| (name.clone(), fields(it))).collect()
    };
    Described {
        infno: infno.to_owned(),
        zh: &it.zh,
        en: &it.en,
        readings: &it.readings,
        refuses: &it.refuses,
        input: nodes(&it.input),
        output: nodes(&it.output),
    }
}

/// `psn_no* card_sn`: names, a star behind what is needed.
fn fields(written: &str) -> Vec<Field> {
    let field = |it: &str| {
        let name = it.trim_end_matches('*');
        let known = NAMES.get(name).unwrap_or_else(|| panic!("{name} is not in names.toml"));
        Field {
            name: name.to_owned(),
            label: &known.label,
            kind: &known.kind,
            note: &known.note,
            is_needed: it.ends_with('*'),
            read: AtomicBool::new(false),
        }
    };
    written.split_whitespace().map(field).collect()
}

/// What is known of a transaction.
pub fn of(infno: &str) -> Option<&'static Described> {
    TABLE.get(infno)
}

/// Whether the table has a field that is being read of a request, which it remembers. Of every question a medical code is
/// read first, whatever else it asks, and of what is no transaction nothing is in the table.
pub(super) fn reads(infno: &str, node: &str, field: &str) -> bool {
    let Some(described) = TABLE.get(infno) else { return true };
    let found = described.input.get(node).and_then(|it| it.iter().find(|it| it.name == field));
    if let Some(found) = found {
        found.read.store(true, Ordering::Relaxed);
    }
    found.is_some() || (node == "data" && matches!(field, "mdtrt_cert_type" | "mdtrt_cert_no"))
}

/// Each field of an output, as node and name, with the fields of the rows of a node; a list without a node is one of rows
/// without a name. Texts that hold JSON are texts.
pub fn written(output: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for row in rows(output) {
        for (name, value) in row {
            let inner = if name == "exp_content" { Vec::new() } else { rows(value) };
            if inner.is_empty() && !value.as_array().is_some_and(Vec::is_empty) {
                found.push((String::new(), name.clone()));
            }
            let fields = inner.into_iter().flat_map(|it| it.keys());
            found.extend(fields.map(|field| (name.clone(), field.clone())));
        }
    }
    found
}

fn rows(value: &Value) -> Vec<&serde_json::Map<String, Value>> {
    match value.as_array() {
        Some(rows) => rows.iter().filter_map(Value::as_object).collect(),
        None => value.as_object().into_iter().collect(),
    }
}
