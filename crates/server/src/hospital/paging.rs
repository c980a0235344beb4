//! Pages of long answers: which one is wanted (`page_num`, `page_size`), and how it is written.

use super::json::{Json, object};
use super::wire::{Malformed, Node};

/// The most rows on a page.
const MOST_ROWS: usize = 1_000;

/// How many rows are on a page where nobody says.
const USUAL_ROWS: usize = 100;

/// The page that is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paging {
    number: usize,
    size: usize,
}

impl Paging {
    /// Reads it; the first page of the usual size where nothing is said.
    pub(super) fn of(node: &Node<'_>) -> Result<Paging, Malformed> {
        let number = positive(node, "page_num")?.unwrap_or(1);
        let size = positive(node, "page_size")?.unwrap_or(USUAL_ROWS);
        if size > MOST_ROWS {
            return Err(node.complain("page_size", format!("每页最多 {MOST_ROWS} 行")));
        }
        Ok(Paging { number, size })
    }

    /// The output: the rows of this page under `data`, and how many there are in all.
    pub(super) fn write<T>(self, rows: impl Iterator<Item = T>, row: impl Fn(T) -> Json) -> Json {
        let skipped = self.size.saturating_mul(self.number - 1);
        let (mut all, mut shown) = (0, Vec::new());
        for it in rows {
            if all >= skipped && shown.len() < self.size {
                shown.push(row(it));
            }
            all += 1;
        }
        let pages = all.div_ceil(self.size);
        let flag = |it: bool| if it { "true" } else { "false" };
        object! {
            "recordCounts": whole(all),
            "pages": whole(pages),
            "pageNum": whole(self.number),
            "pageSize": whole(self.size),
            "size": whole(shown.len()),
            "startRow": whole(if shown.is_empty() { 0 } else { skipped + 1 }),
            "firstPage": flag(self.number == 1),
            "lastPage": flag(self.number >= pages),
            "data": shown,
        }
    }
}

fn whole(count: usize) -> Json {
    Json::whole(i64::try_from(count).unwrap_or(i64::MAX))
}

fn positive(node: &Node<'_>, field: &str) -> Result<Option<usize>, Malformed> {
    let Some(text) = node.maybe(field)? else { return Ok(None) };
    let number = text.parse().ok().filter(|it: &usize| (1..=1_000_000).contains(it));
    number.map(Some).ok_or_else(|| node.complain(field, "应是不小于 1 的整数"))
}
