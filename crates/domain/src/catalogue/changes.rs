//! What a newer edition changes, row by row: a row is known by its name and form, however it is numbered.

use super::wording::key;
use super::{Class, Edition, Row};
use std::collections::BTreeMap;

/// What one edition has otherwise than another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Rows that only the newer one has.
    pub added: Vec<Row>,
    /// Rows that only the older one has.
    pub dropped: Vec<Row>,
    /// Rows with another class: as they are now, and the class before.
    pub class: Vec<(Row, Class)>,
    /// Rows with another limit on payment: as they are now, and the limit before.
    pub limit: Vec<(Row, String)>,
    /// How many rows are as they were.
    pub same: usize,
}

/// What makes a row the same in another edition.
pub fn identity(row: &Row) -> (String, String) {
    (key(&row.name), key(&row.form))
}

impl Changes {
    /// What `after` has otherwise than `before`; lists are in the order of `after`, what was dropped in the order before.
    pub fn between(before: &Edition, after: &[Row]) -> Changes {
        let known: BTreeMap<_, &Row> = before.rows().map(|(_, it)| (identity(it), it)).collect();
        let now: BTreeMap<_, &Row> = after.iter().map(|it| (identity(it), it)).collect();
        let mut changes = Changes::default();
        for row in after {
            let Some(was) = known.get(&identity(row)) else {
                changes.added.push(row.clone());
                continue;
            };
            if was.class != row.class {
                changes.class.push((row.clone(), was.class));
            }
            if was.remark != row.remark {
                changes.limit.push((row.clone(), was.remark.clone()));
            }
            changes.same += usize::from(was.class == row.class && was.remark == row.remark);
        }
        let dropped = before.rows().filter(|(_, it)| !now.contains_key(&identity(it)));
        changes.dropped = dropped.map(|(_, it)| it.clone()).collect();
        changes
    }
}
