//! 1301 to 1320 目录下载: catalogues as files, laid down for everybody and fetched with 9102. A file holds the whole
//! catalogue; its version changes exactly when what is in it does.

use super::catalogues::told;
use super::files::{Owner, offer};
use super::json::{Json, object};
use super::wire::{Stamp, answer};
use super::{Answered, Call, Failure, tables};
use crate::app::App;
use domain::catalogue::{Class, Edition, Piece, Row, State};
use domain::day::Day;
use domain::decision::Law;
use domain::ids::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// What is said where nothing is newer than what the client has, and of catalogues that nobody here keeps.
const NOTHING_NEWER: &str = "已经是最新数据";

/// A line: columns as the interface counts them, from 1, and what stands there; the others are empty.
type Line = BTreeMap<usize, String>;

/// How a catalogue is written.
struct Layout {
    called: &'static str,
    columns: usize,
    /// 版本号, and 版本名称 after it.
    version: usize,
    lines: fn(&Law, Option<&Edition>) -> Vec<Line>,
}

/// A catalogue, packed.
struct Packed {
    version: String,
    count: usize,
    zip: Vec<u8>,
}

/// 1301 西药中成药目录.
pub(super) async fn drugs(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    download(app, call, Layout { called: "西药中成药目录", columns: 97, version: 83, lines: drug_lines })
        .await
}

/// 1302 中药饮片目录.
pub(super) async fn pieces(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    download(app, call, Layout { called: "中药饮片目录", columns: 29, version: 18, lines: piece_lines }).await
}

/// 1305 医疗服务项目目录.
pub(super) async fn services(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    download(app, call, Layout { called: "医疗服务项目目录", columns: 16, version: 15, lines: service_lines })
        .await
}

/// Catalogues that nobody here keeps: there never is anything newer.
pub(super) async fn nothing(_: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    call.envelope.one("data")?;
    Ok(nothing_newer(call))
}

fn nothing_newer(call: &Call<'_>) -> Answered {
    Answered::Json(answer(&Stamp::fresh(call), Err(NOTHING_NEWER.to_owned())))
}

async fn download(app: &App, call: &Call<'_>, layout: Layout) -> Result<Answered, Failure> {
    let has = call.envelope.one("data")?.maybe("ver")?.unwrap_or_default().to_owned();
    let (law, today, infno) = (app.law().await?, call.at.day(), call.envelope.infno.clone());
    // Thousands of lines: others are answered meanwhile.
    let packing = tokio::task::spawn_blocking(move || pack(&law, today, &infno, &layout, &has));
    let Some(packed) = packing.await.map_err(|_| Failure::Busy)? else { return Ok(nothing_newer(call)) };
    let name = format!("{}_{}.zip", call.envelope.infno, packed.version);
    let offered = offer(app, Owner::Everybody, &name, &packed.zip).await?;
    told(
        call,
        object! {
            "file_qury_no": offered.no,
            "filename": name,
            "dld_end_time": offered.until.day(),
            "data_cnt": Json::whole(i64::try_from(packed.count).unwrap_or(i64::MAX)),
        },
    )
}

/// The catalogue of a day; nothing where the client has this version.
fn pack(law: &Law, day: Day, infno: &str, layout: &Layout, has: &str) -> Option<Packed> {
    let edition = law.edition(day);
    let mut lines = (layout.lines)(law, edition);
    let written: Vec<String> = lines.iter().map(|it| format!("{it:?}")).collect();
    let digest = Digest::of(&written.iter().map(String::as_bytes).collect::<Vec<_>>()).to_string();
    let named = edition.map_or("0000", Edition::name);
    let version = format!("{named}-{}", &digest[..12]);
    if version == has {
        return None;
    }
    for line in &mut lines {
        line.insert(layout.version, version.clone());
        line.insert(layout.version + 1, format!("{} {version}", layout.called));
    }
    let full =
        |line: &Line| (1..=layout.columns).map(|it| line.get(&it).cloned().unwrap_or_default()).collect();
    let rows = lines.iter().map(|it| -> Vec<String> { full(it) });
    let zip = tables::pack(&format!("{infno}_{version}.txt"), rows);
    Some(Packed { version, count: lines.len(), zip })
}

/// Every national drug code that is known, whatever the edition says of it; then rows without one, by the catalogue's
/// own number.
fn drug_lines(law: &Law, edition: Option<&Edition>) -> Vec<Line> {
    let mut coded = BTreeSet::new();
    let mut lines = Vec::new();
    for (code, name) in law.catalogue.drugs() {
        let state = edition.map_or(State::NotMapped, |it| it.state_of(code));
        let row = if let State::In { row, .. } = state { Some(row) } else { None };
        coded.extend(row);
        let printed = edition.zip(row).and_then(|(edition, row)| edition.row(row));
        let level = if matches!(state, State::NotIn { .. }) { "03" } else { printed.map_or("", level) };
        lines.push(drug_line(code, name, printed, level, edition));
    }
    for (number, row) in edition.into_iter().flat_map(Edition::rows) {
        if !coded.contains(&number) && row.is_medical() {
            lines.push(drug_line(&row.row_id, &row.name, Some(row), level(row), edition));
        }
    }
    lines
}

/// 甲 01, 乙 02.
fn level(row: &Row) -> &'static str {
    match row.class {
        Class::A => "01",
        Class::B => "02",
    }
}

fn drug_line(code: &str, name: &str, row: Option<&Row>, level: &str, edition: Option<&Edition>) -> Line {
    let mut line = Line::from([(1, code.to_owned()), (4, name.to_owned()), (79, "1".to_owned())]);
    line.insert(80, record(edition, row.map_or("", |it| &it.row_id), code));
    let is_chinese = row.map_or(code, |it| &it.category).starts_with('Z');
    line.insert(24, if is_chinese { "1" } else { "0" }.to_owned());
    line.insert(92, level.to_owned());
    if let Some(row) = row {
        line.insert(10, row.form.clone());
        line.insert(11, row.form.clone());
        line.insert(57, row.remark.clone());
        line.insert(58, if row.remark.is_empty() { "0" } else { "1" }.to_owned());
        // Rows of the two parts about negotiated drugs (western, Chinese).
        let is_negotiated = ["NW-", "NZ-"].iter().any(|it| row.row_id.starts_with(it));
        line.insert(75, if is_negotiated { "1" } else { "0" }.to_owned());
        line.insert(91, row.form.clone());
    }
    if let Some(edition) = edition.filter(|_| row.is_some()) {
        for (from, to) in [(37, 38), (96, 97)] {
            line.insert(from, edition.first_day().to_string());
            line.insert(to, edition.last_day().to_string());
        }
    }
    line
}

/// Decoction pieces by name: the edition prints no code for them.
fn piece_lines(_: &Law, edition: Option<&Edition>) -> Vec<Line> {
    let line = |(name, piece): (&str, Piece)| {
        let policy = match piece {
            Piece::Payable { single_use_excluded: false } => "可支付",
            Piece::Payable { single_use_excluded: true } => "可支付，单独使用时不予支付",
            Piece::Excluded => "不予支付",
            Piece::NotMapped => "",
        };
        let cells = [(2, name), (14, "1"), (20, name), (25, policy)];
        let mut line: Line = cells.into_iter().map(|(at, it)| (at, it.to_owned())).collect();
        line.insert(15, record(edition, "", name));
        line
    };
    edition.into_iter().flat_map(Edition::pieces).map(line).collect()
}

fn service_lines(law: &Law, edition: Option<&Edition>) -> Vec<Line> {
    let line = |(code, name): (&str, &str)| {
        let cells = [(1, code), (7, "1"), (10, name)];
        let mut line: Line = cells.into_iter().map(|(at, it)| (at, it.to_owned())).collect();
        line.insert(14, record(edition, "", code));
        line
    };
    law.catalogue.services().map(line).collect()
}

/// 唯一记录号: edition, the catalogue's own number, code.
fn record(edition: Option<&Edition>, row: &str, code: &str) -> String {
    format!("{}-{row}-{code}", edition.map_or("0000", Edition::name))
}
