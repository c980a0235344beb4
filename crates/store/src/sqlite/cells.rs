//! Cells as SQLite holds them, and statements that read and write them.

use super::fault;
use crate::cells::{Cell, Cells, Read, damaged, int};
use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::vtab::array::Array;
use rusqlite::{Connection, Params, Row, params_from_iter};
use std::borrow::Cow;
use std::rc::Rc;

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Null => ValueRef::Null,
            Cell::Int(it) => ValueRef::Integer(*it),
            Cell::Text(it) => ValueRef::Text(it.as_bytes()),
            Cell::Bytes(it) => ValueRef::Blob(it),
        }))
    }
}

/// Numbers for `IN rarray(?)`.
pub(super) fn array(numbers: impl IntoIterator<Item = u64>) -> Array {
    Rc::new(numbers.into_iter().map(|it| Value::Integer(int(it))).collect())
}

/// The columns of a row, one after the other.
pub(super) struct Columns<'r> {
    row: &'r Row<'r>,
    at: usize,
}

impl Cells for Columns<'_> {
    fn cell(&mut self) -> Read<Cell<'_>> {
        self.at += 1;
        Ok(match self.row.get_ref(self.at - 1).map_err(fault)? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(it) => Cell::Int(it),
            ValueRef::Real(_) => return Err(damaged("a column holds a fraction")),
            ValueRef::Text(it) => {
                let text = std::str::from_utf8(it).map_err(|_| damaged("a text is no text"))?;
                Cell::Text(Cow::Borrowed(text))
            }
            ValueRef::Blob(it) => Cell::Bytes(Cow::Borrowed(it)),
        })
    }
}

/// All rows of a statement, read column after column.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut Columns<'_>) -> Read<T>,
) -> Read<Vec<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    let mut rows = statement.query(params).map_err(fault)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        found.push(read(&mut Columns { row, at: 0 })?);
    }
    Ok(found)
}

/// The one row of a statement, or none.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&mut Columns<'_>) -> Read<T>,
) -> Read<Option<T>> {
    Ok(all(connection, sql, params, read)?.into_iter().next())
}

/// Writes rows, one after another; says how many were changed. A statement is looked up once for all of its rows.
pub(super) fn save<'a, const N: usize>(
    connection: &Connection,
    sql: &str,
    rows: impl IntoIterator<Item = [Cell<'a>; N]>,
) -> Read<usize> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(0);
    }
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    let mut changed = 0;
    for row in rows {
        changed += statement.execute(params_from_iter(row)).map_err(fault)?;
    }
    Ok(changed)
}
