//! An example of each body that is sent, by the operation's name in the OpenAPI document. A test sends every one of them.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static EXAMPLES: LazyLock<BTreeMap<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).expect("the examples can be read"));

/// The examples, by operation.
pub fn examples() -> &'static BTreeMap<String, Value> {
    &EXAMPLES
}
