//! How many statements a batch costs a file, counted by SQLite itself.

use super::{Options, Sqlite, locked};
use crate::common::families::{buy, found_families};
use crate::common::{Asked, at, decided_on};
use crate::{Lane, LaneNo, Store as _};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// What is asked of the file, in its order.
type Heard = Arc<Mutex<Vec<String>>>;

fn listen(store: &Sqlite) -> Heard {
    let heard = Heard::default();
    let hearing = Arc::clone(&heard);
    let tell = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            hearing.lock().expect("not poisoned").push(statement.sql().into_owned());
        }
    };
    let traced = locked(&store.0.writer).trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(tell));
    traced.expect("is told");
    heard
}

/// What was asked to load and to commit purchases: one for each of these families.
async fn asked(lane: &mut dyn Lane, heard: &Heard, families: usize, boxes: &str) -> [Vec<String>; 2] {
    let said = || std::mem::take(&mut *heard.lock().expect("not poisoned"));
    let all: Vec<Asked> = (0..families)
        .map(|it| buy(&format!("{families} {boxes} {it}"), &format!("bao {it}"), boxes))
        .collect();
    let requests: Vec<_> = all.iter().map(|(it, _)| it).collect();
    said();
    let rows = lane.load(&requests, at("2025-02-01 10:00")).await.expect("loads");
    let loading = said();
    let moment = rows.since.expect("founded").max(at("2025-02-01 10:00"));
    let (decisions, batch) = decided_on(rows, &all, moment);
    decisions.iter().for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
    lane.commit(Arc::new(batch)).await.expect("commits");
    [loading, said()]
}

/// How many different ones.
fn kinds(statements: &[String]) -> usize {
    statements.iter().collect::<BTreeSet<_>>().len()
}

/// If this fails, the more bills wait, the more questions each of them costs, and decision 0003 says what is not so.
#[tokio::test]
async fn a_batch_of_many_is_loaded_by_as_many_statements_as_one_bill() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Sqlite::open(&folder.path().join("books"), Options::default()).expect("opens");
    let mut lane = store.lane(LaneNo(1)).await.expect("free");
    let lane = lane.as_mut();
    found_families(lane, 256).await;
    let heard = listen(&store);
    // From the second bill on, everybody has a history.
    asked(lane, &heard, 256, "1").await;
    let [loading, committing] = asked(lane, &heard, 1, "2").await;
    let [loading_many, committing_many] = asked(lane, &heard, 256, "3").await;
    assert_eq!(loading, loading_many, "asked once for all of them");
    assert_eq!(kinds(&committing), kinds(&committing_many));
    assert!(committing_many.len() > 256, "a row at a time: {}", committing_many.len());
    assert_eq!((loading.len(), kinds(&committing)), (16, 13), "the numbers of the decision");
}
