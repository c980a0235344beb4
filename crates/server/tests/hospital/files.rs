//! Files: sent with 9101, fetched with 9102, each institution its own, until they expire.

use crate::client::{Answer, Till, envelope, run, signed};
use crate::world::{HOSPITAL, PHARMACY};
use domain::day::Moment;
use serde_json::{Value, json};

/// A boundary that is in none of the files.
const BOUNDARY: &str = "gongji-boundary";

/// The name of a part and what is in it.
type Part<'a> = (&'a str, &'a [u8]);

/// The body of a form with these parts.
fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
        let file = if *name == "file" { "; filename=\"a.zip\"\r\nContent-Type: application/zip" } else { "" };
        body.extend(format!("{head}{file}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

fn headers(place: &str, kind: &str) -> Vec<(&'static str, String)> {
    let mut headers = signed(place, "9101");
    headers.push(("Content-Type", kind.to_owned()));
    headers
}

fn message(till: &Till, place: &str, name: &str) -> Value {
    let input = json!({ "fsUploadIn": { "in": "", "filename": name, "fixmedins_code": place } });
    envelope(place, "9101", &till.msgid(place), &input)
}

/// Sends a form to an address.
async fn post(till: &Till, place: &str, path: &str, parts: &[Part<'_>]) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    till.raw(path, &headers(place, &kind), &form(parts)).await
}

/// Sends a file: what 9101 answers.
pub(crate) async fn upload(till: &Till, place: &str, name: &str, content: &[u8]) -> Answer {
    let message = message(till, place, name).to_string();
    post(till, place, "/hospital/9101", &[("jsonStr", message.as_bytes()), ("file", content)]).await
}

/// Asks for a file: what 9102 answers.
pub(crate) async fn download(till: &Till, place: &str, no: &str) -> Answer {
    let input =
        json!({ "fsDownloadIn": { "file_qury_no": no, "filename": "a.zip", "fixmedins_code": place } });
    let message = envelope(place, "9102", &till.msgid(place), &input).to_string();
    till.raw("/hospital/9102", &signed(place, "9102"), message.as_bytes()).await
}

/// If this fails, a file is not what was sent, somebody else reads person numbers in it, or it lies here for ever.
#[test]
fn a_file_is_fetched_as_it_was_sent_by_who_sent_it_for_seven_days() {
    run(|| async {
        let till = Till::open().await;
        let long: Vec<u8> = (0..700_000_u32).map(|it| (it % 251) as u8).collect();
        for (name, content) in [("a.zip", long.as_slice()), ("对账 明细.zip", b"\r\n--gongji\r\n")] {
            let answer = upload(&till, HOSPITAL, name, content).await.reply();
            let no = answer.text("/file_qury_no");
            assert!(no.len() <= 30, "{no}");
            assert_eq!(answer.text("/filename"), name);
            assert_eq!(answer.text("/fixmedins_code"), HOSPITAL);
            assert_eq!(answer.text("/dld_endtime"), "2025-06-23 10:00:00");
            let fetched = download(&till, HOSPITAL, &no).await;
            assert_eq!(fetched.kind, "application/octet-stream");
            assert_eq!(fetched.bytes, content);
            assert_eq!(upload(&till, HOSPITAL, name, content).await.reply().text("/file_qury_no"), no);
            let theirs = download(&till, PHARMACY, &no).await.reply();
            assert!(
                theirs.failure().contains("data.file_qury_no") || theirs.failure().contains("file_qury_no")
            );
        }
        let no = upload(&till, HOSPITAL, "b.zip", b"b").await.reply().text("/file_qury_no");
        for kept in till.app.desk.all(("", ""), 1_000).await.expect("a desk") {
            assert!(!kept.value.windows(5).any(|it| it == b"b.zip"), "a name lies open on the desk");
        }
        let last = Moment::parse("2025-06-23 09:59:59").expect("a moment");
        till.app.clock.move_to(last).expect("forward");
        assert_eq!(download(&till, HOSPITAL, &no).await.bytes, b"b");
        till.app.clock.move_to(last.plus_millis(1_000)).expect("forward");
        assert!(download(&till, HOSPITAL, &no).await.reply().failure().contains("已过期"));
    });
}

/// If this fails, an institution fills the disk, or one that sends daily is turned away.
#[test]
fn files_of_an_institution_are_bounded() {
    run(|| async {
        let till = Till::open().await;
        for number in 0..200 {
            upload(&till, HOSPITAL, &format!("{number}.zip"), b"x").await.reply().output();
        }
        let message = upload(&till, HOSPITAL, "200.zip", b"x").await.reply().failure();
        assert!(message.starts_with("[MALFORMED] file：") && message.contains("200 个"), "{message}");
        upload(&till, HOSPITAL, "39.zip", b"x").await.reply().output();
        upload(&till, PHARMACY, "200.zip", b"x").await.reply().output();
        let eight = vec![7; 8 * 1024 * 1024];
        upload(&till, PHARMACY, "long.zip", &eight).await.reply().output();
        let message =
            upload(&till, PHARMACY, "longer.zip", &[eight, vec![7]].concat()).await.reply().failure();
        assert!(message.contains("file") && message.contains("8 MB"), "{message}");
    });
}

/// If this fails, a form that is not right gets no sentence that says what would be.
#[test]
#[rustfmt::skip]
fn forms_that_are_not_right() {
    run(|| async {
        let till = Till::open().await;
        let good = message(&till, HOSPITAL, "a.zip").to_string();
        let with = |from: &str, to: &str| good.replace(from, to).into_bytes();
        let (good, file) = (good.as_bytes(), b"x".as_slice());
        let other = with("\"fixmedins_code\":\"H32030000001\",\"in\"", "\"fixmedins_code\":\"H32030000002\",\"in\"");
        let (asks, nameless) = (with("\"9101\"", "\"1101\""), with("a.zip", ""));
        let cases: Vec<(&str, Vec<Part<'_>>, &str)> = vec![
            ("no message",        vec![("file", file)],                       "jsonStr"),
            ("no file",           vec![("jsonStr", good)],                    "file"),
            ("an empty file",     vec![("jsonStr", good), ("file", b"")],     "file"),
            ("no JSON",           vec![("jsonStr", b"x"), ("file", file)],    "报文"),
            ("another message",   vec![("jsonStr", &asks), ("file", file)],   "infno"),
            ("no name",           vec![("jsonStr", &nameless), ("file", file)], "filename"),
            ("another's file",    vec![("jsonStr", &other), ("file", file)],  "fixmedins_code"),
        ];
        for (name, parts, says) in cases {
            let message = post(&till, HOSPITAL, "/hospital/9101", &parts).await.reply().failure();
            assert!(message.starts_with("[MALFORMED] ") && message.contains(says), "{name}: {message}");
        }
        let body = form(&[("jsonStr", good), ("file", file)]);
        for (name, kind, body) in [
            ("no boundary", "multipart/form-data", body.as_slice()),
            ("another boundary", "multipart/form-data; boundary=other", &body),
            ("cut off", "multipart/form-data; boundary=gongji-boundary", &body[..body.len() - 40]),
        ] {
            let message = till.raw("/hospital/9101", &headers(HOSPITAL, kind), body).await.reply().failure();
            assert!(message.starts_with("[MALFORMED] 报文："), "{name}: {message}");
        }
        // Any address and any order of parts will do; other parts are passed over.
        let parts = [("other", b"1".as_slice()), ("file", file), ("jsonStr", good)];
        post(&till, HOSPITAL, "/fsi/api/rsfComIfsService/callService", &parts).await.reply().output();
        let mut unsigned = headers(HOSPITAL, "multipart/form-data; boundary=gongji-boundary");
        unsigned.retain(|(name, _)| *name != "_api_signature");
        assert_eq!(till.raw("/hospital/9101", &unsigned, &body).await.status, 401);
    });
}
