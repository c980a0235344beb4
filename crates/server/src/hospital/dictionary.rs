//! 1901 字典表查询: the code tables of the interface, as the binary carries them (`data/codes`).

use super::Call;
use super::json::{Json, object};
use super::wire::Malformed;
use std::sync::LazyLock;

/// One value of a code table.
struct Entry {
    table: &'static str,
    value: &'static str,
    label: &'static str,
    parent: &'static str,
}

/// All tables, table by table, values in order.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let lines = include_str!("../../../../data/codes/code_tables.csv").lines().skip(1);
    let entry = |line: &'static str| {
        let mut fields = line.split(',');
        let mut next = || fields.next().expect("a line has four fields");
        Entry { table: next(), value: next(), label: next(), parent: next() }
    };
    lines.map(entry).collect()
});

/// 1901: a table by its name, in any case; of one parent, where that is stated.
pub(super) fn list(call: &Call<'_>) -> Result<Json, Malformed> {
    let node = call.envelope.one("data")?;
    let table = node.short("type", 30)?;
    let parent = node.maybe("parent_value")?.filter(|it| *it != "0");
    let valid = ["Vali_Flag", "vali_flag"].into_iter().find_map(|it| node.maybe(it).transpose());
    let valid = valid.transpose()?.is_none_or(|it| !matches!(it, "0" | "00"));
    let of_table = || ENTRIES.iter().filter(|it| it.table.eq_ignore_ascii_case(table));
    if of_table().next().is_none() {
        return Err(node.complain("type", "没有此字典类型，可查的类型见接口说明"));
    }
    let wanted = of_table().filter(|it| valid && parent.is_none_or(|parent| parent == it.parent));
    Ok(object! { "list": (1..).zip(wanted).map(|(at, it)| row(at, it)).collect::<Vec<Json>>() })
}

fn row(at: i64, it: &Entry) -> Json {
    object! {
        "type": it.table,
        "label": it.label,
        "value": it.value,
        "parentValue": it.parent,
        "sort": Json::whole(at),
        "valiFlag": "1",
        "createUser": "",
        "createDate": "",
        "version": Json::whole(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// If this fails, a client that fills its lists from the dictionary shows a value twice, without a name, or below
    /// a value that is not there.
    #[test]
    fn every_table_is_whole() {
        let keys: BTreeSet<_> = ENTRIES.iter().map(|it| (it.table, it.value)).collect();
        assert_eq!(keys.len(), ENTRIES.len());
        for it in ENTRIES.iter() {
            assert!(!it.label.is_empty() && !it.value.is_empty(), "{}", it.table);
            assert!(
                it.parent.is_empty() || keys.contains(&(it.table, it.parent)),
                "{} {}",
                it.table,
                it.value
            );
        }
        for known in ["insutype", "med_type", "chrgitm_lv", "list_type", "fixmedins_type", "acct_used_flag"] {
            assert!(ENTRIES.iter().any(|it| it.table == known), "{known}");
        }
    }
}
