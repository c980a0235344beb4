//! Cells as PostgreSQL holds them: rows that come, columns of many rows that go as one array each.
//!
//! PostgreSQL holds no NUL in a text, and a sender may well send one: it stands there as `\0`, a backslash twice.

use crate::cells::{Cell, Cells, Read, damaged};
use bytes::{BufMut, BytesMut};
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

type Encoded<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// The columns of a row, one after the other.
pub(super) struct Columns<'r> {
    row: &'r Row,
    at: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r Row) -> Columns<'r> {
        Columns { row, at: 0 }
    }
}

impl Cells for Columns<'_> {
    fn cell(&mut self) -> Read<Cell<'_>> {
        self.at += 1;
        self.row.try_get(self.at - 1).map_err(|it| damaged(&it.to_string()))
    }
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(of: &Type, raw: &'a [u8]) -> Encoded<Cell<'a>> {
        Ok(match *of {
            Type::INT2 => Cell::Int(i64::from(i16::from_sql(of, raw)?)),
            Type::INT4 => Cell::Int(i64::from(i32::from_sql(of, raw)?)),
            Type::INT8 => Cell::Int(i64::from_sql(of, raw)?),
            Type::BOOL => Cell::Int(i64::from(bool::from_sql(of, raw)?)),
            Type::BYTEA => Cell::Bytes(Cow::Borrowed(raw)),
            _ => Cell::Text(shown(<&str>::from_sql(of, raw)?)),
        })
    }

    fn from_sql_null(_: &Type) -> Encoded<Cell<'a>> {
        Ok(Cell::Null)
    }

    fn accepts(of: &Type) -> bool {
        matches!(*of, Type::INT2 | Type::INT4 | Type::INT8 | Type::BOOL | Type::BYTEA | Type::TEXT)
    }
}

/// A text as it was, from what stands in a column.
fn shown(stored: &str) -> Cow<'_, str> {
    if !stored.contains('\\') {
        return Cow::Borrowed(stored);
    }
    let mut text = String::with_capacity(stored.len());
    let mut rest = stored.chars();
    while let Some(it) = rest.next() {
        text.push(if it != '\\' || rest.next() == Some('\\') { it } else { '\0' });
    }
    Cow::Owned(text)
}

/// A text as it stands in a column.
fn stored(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '\0']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\\', "\\\\").replace('\0', "\\0"))
}

impl ToSql for Cell<'_> {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Encoded<IsNull> {
        match (self, of) {
            (Cell::Null, _) => return Ok(IsNull::Yes),
            (Cell::Int(it), &Type::INT2) => out.put_i16(i16::try_from(*it)?),
            (Cell::Int(it), &Type::INT4) => out.put_i32(i32::try_from(*it)?),
            (Cell::Int(it), &Type::INT8) => out.put_i64(*it),
            (Cell::Int(it), &Type::BOOL) => out.put_u8(u8::from(*it != 0)),
            (Cell::Text(it), &Type::TEXT) => out.put_slice(stored(it).as_bytes()),
            (Cell::Bytes(it), &Type::BYTEA) => out.put_slice(it),
            (Cell::Int(_) | Cell::Text(_) | Cell::Bytes(_), _) => {
                return Err(format!("a parameter is no {of}").into());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(of: &Type) -> bool {
        <Cell<'_> as FromSql<'_>>::accepts(of)
    }

    to_sql_checked!();
}

/// One column of many rows, as an array.
pub(super) struct Column<'r, 'c, const N: usize> {
    pub(super) rows: &'r [[Cell<'c>; N]],
    pub(super) at: usize,
}

impl<const N: usize> fmt::Debug for Column<'_, '_, N> {
    /// Says nothing of what stands in it: parameters may be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} of {} rows", self.at, self.rows.len())
    }
}

impl<const N: usize> ToSql for Column<'_, '_, N> {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Encoded<IsNull> {
        let Kind::Array(member) = of.kind() else { return Err(format!("{of} is no array").into()) };
        let cells = || self.rows.iter().map(|row| &row[self.at]);
        out.put_i32(1); // One dimension,
        out.put_i32(i32::from(cells().any(|it| *it == Cell::Null)));
        out.put_u32(member.oid());
        out.put_i32(i32::try_from(self.rows.len())?);
        out.put_i32(1); // counted from one.
        for cell in cells() {
            let start = out.len();
            out.put_i32(-1);
            if let IsNull::No = cell.to_sql(member, out)? {
                let length = i32::try_from(out.len() - start - 4)?;
                out[start..start + 4].copy_from_slice(&length.to_be_bytes());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(of: &Type) -> bool {
        matches!(of.kind(), Kind::Array(member) if <Cell<'_> as ToSql>::accepts(member))
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a message with a NUL or a backslash in it is refused for ever, or changed by being stored.
    #[test]
    fn texts_that_the_server_cannot_hold_are_read_back() {
        for text in ["", "plain", "\\", "\\0", "\0", "a\0\\0\\\\\0b", "ends\\"] {
            assert!(!stored(text).contains('\0'));
            assert_eq!(shown(&stored(text)), text);
        }
    }
}
