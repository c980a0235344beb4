//! The doors of messages and of the files that come with them.

use super::list::List;
use super::tables::{pack, unpack};
use super::wire::{Envelope, Malformed};
use super::{Answered, Call, Failure, Kind, Transaction, asking, received, sent, transactions};
use crate::fuzzing::{BENCH, tells_no_id_number};
use axum::body::Body as Sent;
use axum::http::{Request, header};
use domain::chain::{decode, encode};
use domain::request::Body;
use serde_json::Value;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A message that begins with a brace is one. Otherwise the first byte chooses a transaction, and the rest is the text of
/// its input.
///
/// # Panics
/// Where something does not hold that has to.
pub fn hospital_message(data: &[u8]) {
    let Some((choice, input)) = data.split_first() else { return };
    let all: Vec<&Transaction> = transactions().collect();
    let chosen = all[usize::from(*choice) % all.len()];
    let message = match choice {
        b'{' => data.to_vec(),
        _ => {
            let head = format!(
                r#"{{"infno":"{}","msgid":"M","fixmedins_code":"H32030000001","mdtrtarea_admvs":"320300","input":"#,
                chosen.infno
            );
            [head.as_bytes(), input, b"}"].concat()
        }
    };
    let answer = BENCH.runtime.block_on(answered(&message));
    if let Some(Ok(answer)) = answer.map(String::from_utf8) {
        let read: Value = serde_json::from_str(&answer).expect("an answer is JSON");
        let said = read["err_msg"].as_str().expect("an answer says what came of it");
        assert!(said.chars().count() <= 200, "{said}");
        if read["infcode"] != 0 {
            tells_no_id_number(&answer, &message);
        }
    }
}

/// The answer to a message; none where it would have to be decided, and for a file.
async fn answered(message: &[u8]) -> Option<Vec<u8>> {
    match told(message).await {
        Ok(Answered::Json(answer)) => Some(answer),
        Ok(Answered::File(_)) => None,
        Err(failure) => failure.told(&BENCH.app).ok(),
    }
}

async fn told(message: &[u8]) -> Result<Answered, Failure> {
    let app = &BENCH.app;
    let envelope = Envelope::read(message, None)?;
    let input = Value::Object(envelope.input.clone());
    assert_eq!(received::read(&input.to_string()).as_ref(), Ok(&input), "an input, written and read again");
    let transaction = transactions().find(|it| it.infno == envelope.infno);
    let transaction = transaction.ok_or_else(|| Malformed::new("infno", "未知交易编号"))?;
    let call = Call { envelope: &envelope, vault: &app.vault, at: app.clock.now(), proved: None, file: None };
    match &transaction.kind {
        Kind::Commits(read, _) | Kind::Previews(read, _) => {
            let body = read(&call)?;
            assert_eq!(decode::<Body>(&encode(&body)).as_ref(), Ok(&body), "a request that is kept");
            let again = Envelope { input: envelope.input.clone(), ..envelope.clone() };
            assert_eq!(read(&Call { envelope: &again, ..call }), Ok(body), "a message that is sent again");
            Ok(Answered::Json(br#"{"err_msg":"","infcode":0}"#.to_vec()))
        }
        Kind::Asks(needs, answers) => asking::ask(app, &call, *needs, *answers).await,
        Kind::Greets(greet) => {
            Ok(Answered::Json(super::answer(&super::Stamp::fresh(&call), Ok(greet(&call)?))))
        }
        Kind::Runs(run) => run(app, &call).await,
    }
}

/// The first byte chooses what the rest is: `0` a packed list, `1` the text of a list, `2` the parts of an upload.
///
/// # Panics
/// Where something does not hold that has to.
pub fn reconciliation_file(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    match choice % 3 {
        0 => list(rest, rest),
        1 => list(&packed(rest), rest),
        _ => parts(rest),
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    const TO_MEMORY: &str = "what is written to memory is written";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("list.txt", SimpleFileOptions::default()).expect(TO_MEMORY);
    zip.write_all(text).expect(TO_MEMORY);
    zip.finish().expect(TO_MEMORY).into_inner()
}

/// The rows of a packed table.
fn rows(packed: &[u8]) -> Result<Vec<Vec<String>>, Malformed> {
    let mut rows = Vec::new();
    let row = |_, cells: &[&str]| {
        rows.push(cells.iter().map(|it| (*it).to_owned()).collect());
        Ok(())
    };
    unpack("file", packed, row).map(|()| rows)
}

fn list(packed: &[u8], sent: &[u8]) {
    let list = match List::read("file", packed) {
        Ok(list) => list,
        Err(wrong) => return tells_no_id_number(&wrong.to_string(), sent),
    };
    list.wrong.iter().for_each(|it| tells_no_id_number(&it.what, sent));
    assert_eq!(list.named.len(), list.rows.len());
    // What was read once is read the same again. Packed, an empty value is longer: a line may be too long then.
    let first = rows(packed).expect("it was read");
    let Ok(second) = rows(&pack("t.txt", &first)) else { return };
    assert_eq!(rows(&pack("t.txt", &second)).as_ref(), Ok(&second), "a table that was read, packed and read");
    let again = list.rows.iter().map(|it| {
        let named = &list.named[&it.line];
        let flag = if it.refunded { "1" } else { "0" };
        let amounts = [it.amounts.total, it.amounts.fund, it.amounts.accounts].map(|it| it.to_string());
        let [total, fund, accounts] = amounts;
        let visit = it.visit.map(|it| it.to_string()).unwrap_or_default();
        [it.settlement.to_string(), visit, named.patient.clone(), total, fund, accounts, flag.to_owned()]
    });
    let Ok(again) = List::read("file", &pack("t.txt", again)) else { return };
    // A name of control characters alone is empty when it is packed.
    if again.wrong.is_empty() {
        let told = |list: &List| {
            list.rows.iter().map(|it| (it.settlement, it.visit, it.amounts)).collect::<Vec<_>>()
        };
        assert_eq!((told(&again), again.sums), (told(&list), list.sums), "a list that was written again");
    }
}

fn parts(body: &[u8]) {
    let request = Request::post("/").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    let (head, sent) = request.body(Sent::from(body.to_vec())).expect("a request").into_parts();
    match BENCH.runtime.block_on(sent::read(&head, sent)) {
        Err(wrong) => tells_no_id_number(&wrong.to_string(), body),
        Ok(read) => {
            let stands = |part: &[u8]| part.is_empty() || body.windows(part.len()).any(|it| it == part);
            assert!(!read.message.is_empty() && stands(&read.message));
            assert!(read.file.is_none_or(|it| stands(&it)));
        }
    }
}
