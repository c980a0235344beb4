//! 9101 文件上传, 9102 文件下载. Files are neither money nor law: they lie on the desk in parts, sealed, until they expire.
//! An institution sees its own and those that are everybody's (`plc`), like catalogues.

use super::json::{Json, object};
use super::wire::{Malformed, Stamp, answer};
use super::{Answered, Call, Failure};
use crate::app::App;
use crate::vault::{hex, random};
use domain::chain::{decode, encode};
use domain::day::Moment;
use domain::ids::{Digest, InstitutionCode};
use serde::{Deserialize, Serialize};
use std::fmt;
use store::Fault;

/// The longest file that an institution may send, in bytes.
pub(super) const LONGEST: usize = 8 * 1024 * 1024;
/// How many files of an institution may lie here at a time, and how long they may be together.
const MOST_FILES: usize = 200;
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// How long a file can be fetched: seven days.
const KEPT_MS: i64 = 7 * 86_400_000;
/// How long a part of a file is: so little that who reads or sweeps the desk piece by piece holds nobody up.
const PART: usize = 32 * 1024;
/// The drawer that parts lie in.
const PARTS: &str = "file part";
/// The longest name a file may have, in characters.
const LONGEST_NAME: usize = 200;

/// What is said of a number that finds nothing: whose it would be is not told.
pub(super) const UNKNOWN: &str = "没有这个文件：不存在、已过期（上传后 7 天），或不是本机构的文件";

/// Who may fetch a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Whoever has its number: what the platform publishes.
    Everybody,
    /// This institution alone.
    Institution(InstitutionCode),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Everybody => f.write_str("plc"),
            Owner::Institution(code) => code.fmt(f),
        }
    }
}

impl Owner {
    /// The drawer that says which files there are.
    fn drawer(self) -> String {
        format!("file of {self}")
    }
}

/// Where a file can be fetched, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offered {
    /// 文件查询号.
    pub(super) no: String,
    /// Until when.
    pub(super) until: Moment,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// What is kept about a file, sealed.
#[derive(Serialize, Deserialize)]
struct Card {
    name: String,
    bytes: u64,
    parts: u32,
}

/// Lays a file on the desk for seven days. The same file of the same name gets the same number: offered again, it stays
/// seven days more and takes no further place.
///
/// # Errors
/// [`Failure::Malformed`] where the owner has too many already; [`Failure::Busy`] where the desk is away.
pub(super) async fn offer(app: &App, owner: Owner, name: &str, content: &[u8]) -> Result<Offered, Failure> {
    let told = Digest::of(&[owner.to_string().as_bytes(), name.as_bytes(), content]);
    let no = hex(&app.vault.derived("file number", &told.to_string())[..15]);
    let until = app.clock.now().plus_millis(KEPT_MS);
    let parts = content.chunks(PART);
    let count = u32::try_from(parts.len()).map_err(|_| Malformed::new("file", "过大"))?;
    let card = Card { name: name.to_owned(), bytes: content.len() as u64, parts: count };
    {
        // One after another: two at once would both find the last place.
        let _one = app.once.lock().await;
        finds_place(app, owner, &no, card.bytes).await?;
        let sealed = app.vault.seal_about(no.as_bytes(), random(), &encode(&card));
        app.desk.put(&owner.drawer(), &no, &sealed, Some(until)).await?;
    }
    for (number, part) in (0..).zip(parts) {
        let key = part_key(owner, &no, number);
        let sealed = app.vault.seal_about(key.as_bytes(), random(), part);
        app.desk.put(PARTS, &key, &sealed, Some(until)).await?;
    }
    Ok(Offered { no, until })
}

/// Whether there is place for one more file of an institution. What the platform publishes always has some.
async fn finds_place(app: &App, owner: Owner, no: &str, bytes: u64) -> Result<(), Failure> {
    let Owner::Institution(_) = owner else { return Ok(()) };
    let lies = app.desk.list(&owner.drawer(), app.clock.now()).await?;
    let mut others = Vec::new();
    for (other, sealed) in lies.iter().filter(|(it, _)| it != no) {
        others.push(opened(app, other, sealed)?.bytes);
    }
    if others.len() < MOST_FILES && others.iter().sum::<u64>() + bytes <= MOST_BYTES {
        return Ok(());
    }
    let megabytes = MOST_BYTES / 1024 / 1024;
    let what =
        format!("本机构未过期的文件已达 {MOST_FILES} 个或 {megabytes} MB，请待其过期（上传后 7 天）后再传");
    Err(Malformed::new("file", what).into())
}

/// The file of this number, if it is this owner's, whole and not expired.
pub(super) async fn fetch(app: &App, owner: Owner, no: &str) -> Result<Option<File>, Fault> {
    let now = app.clock.now();
    let Some(sealed) = app.desk.get(&owner.drawer(), no, now).await? else { return Ok(None) };
    let card = opened(app, no, &sealed)?;
    let mut content = Vec::new();
    for number in 0..card.parts {
        let key = part_key(owner, no, number);
        let Some(sealed) = app.desk.get(PARTS, &key, now).await? else { return Ok(None) };
        content.extend(app.vault.open_about(key.as_bytes(), &sealed).map_err(|_| damaged())?);
    }
    Ok(Some(File { name: card.name, content }))
}

/// The institution's own file of this number, or the one that is everybody's.
pub(super) async fn fetch_for(
    app: &App,
    institution: InstitutionCode,
    no: &str,
) -> Result<Option<File>, Fault> {
    let own = fetch(app, Owner::Institution(institution), no).await?;
    if own.is_some() { Ok(own) } else { fetch(app, Owner::Everybody, no).await }
}

fn opened(app: &App, no: &str, sealed: &[u8]) -> Result<Card, Fault> {
    let card = app.vault.open_about(no.as_bytes(), sealed).map_err(|_| damaged())?;
    decode(&card).map_err(|_| damaged())
}

fn part_key(owner: Owner, no: &str, number: u32) -> String {
    format!("{owner}/{no}/{number:05}")
}

fn damaged() -> Fault {
    Fault::Damaged("a file cannot be read".to_owned())
}

/// 9101: the file comes beside the message, in the part `file`.
pub(super) async fn upload(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let node = call.envelope.one("fsUploadIn")?;
    let name = node.short("filename", LONGEST_NAME)?;
    of_the_sender(call, node.maybe("fixmedins_code")?)?;
    let content = call.file.filter(|it| !it.is_empty());
    let content = content.ok_or_else(|| {
        Malformed::new("file", "缺少文件内容：应以 multipart/form-data 上传，jsonStr 为报文，file 为文件")
    })?;
    let megabytes = LONGEST / 1024 / 1024;
    if content.len() > LONGEST {
        return Err(Malformed::new("file", format!("超过 {megabytes} MB")).into());
    }
    let offered = offer(app, Owner::Institution(call.envelope.institution), name, content).await?;
    let output = object! {
        "file_qury_no": offered.no,
        "filename": name.to_owned(),
        "fixmedins_code": Json::text_of(call.envelope.institution),
        "dld_endtime": offered.until,
    };
    Ok(Answered::Json(answer(&Stamp::fresh(call), Ok(output))))
}

/// Files are sent and asked for in the sender's own name; `plc` stands for what is everybody's.
fn of_the_sender(call: &Call<'_>, stated: Option<&str>) -> Result<(), Malformed> {
    let own = call.envelope.institution.to_string();
    if stated.is_none_or(|it| it == own || it == "plc") {
        return Ok(());
    }
    Err(Malformed::new("fixmedins_code", "应是本机构的编号；下载平台发布的目录文件时填 plc"))
}

/// 9102: the file itself; a failure is a message.
pub(super) async fn download(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let node = call.envelope.one("fsDownloadIn")?;
    of_the_sender(call, node.maybe("fixmedins_code")?)?;
    let no = node.short("file_qury_no", 64)?;
    let found = fetch_for(app, call.envelope.institution, no).await?;
    Ok(Answered::File(found.ok_or_else(|| node.complain("file_qury_no", UNKNOWN))?))
}
