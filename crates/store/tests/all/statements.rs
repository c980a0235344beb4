//! How many statements a batch costs a server, counted in the server's own log.

use crate::common::cluster::Cluster;
use crate::common::*;
use crate::postgres::{buy, found_families, open};
use std::sync::Arc;
use store::{Lane, LaneNo, Store as _};

/// Every statement is a line, behind the name of who asked.
const LOGGED: &str = "log_statement = 'all'\nlog_line_prefix = '%a|'\n";

/// Where a commit begins.
const BEGINS: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// What the lane asked the server since it was listened to last.
fn said(cluster: &Cluster, before: &mut usize) -> Vec<String> {
    let log = cluster.log();
    let lines = log.lines().filter_map(|it| it.strip_prefix("gongji lane 1|LOG:  "));
    let asked: Vec<String> = lines
        .filter_map(|it| {
            it.strip_prefix("statement: ").or_else(|| Some(it.strip_prefix("execute ")?.split_once(": ")?.1))
        })
        .map(str::to_owned)
        .collect();
    let new = asked[*before..].to_vec();
    *before = asked.len();
    new
}

/// Loads, decides and commits purchases: one for each of these families.
async fn settle(lane: &mut dyn Lane, families: usize, boxes: &str) {
    let all: Vec<Asked> = (0..families)
        .map(|it| buy(&format!("{families} {boxes} {it}"), &format!("bao {it}"), boxes))
        .collect();
    let requests: Vec<_> = all.iter().map(|(it, _)| it).collect();
    let rows = lane.load(&requests, at("2025-02-01 10:00")).await.expect("loads");
    let moment = rows.since.expect("founded").max(at("2025-02-01 10:00"));
    let (decisions, batch) = decided_on(rows, &all, moment);
    decisions.iter().for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
    lane.commit(Arc::new(batch)).await.expect("commits");
}

/// If this fails, the more bills wait, the more often each of them goes to the server, and decision 0006 says what is not
/// so.
#[tokio::test]
async fn a_batch_of_many_is_as_many_statements_as_one_bill() {
    let Some(cluster) = Cluster::with(LOGGED) else { return };
    let store = open(&cluster.database()).await;
    let mut lane = store.lane(LaneNo(1)).await.expect("free");
    found_families(lane.as_mut(), 256).await;
    // From the second bill on, everybody has a history.
    settle(lane.as_mut(), 256, "1").await;
    let mut heard = 0;
    said(&cluster, &mut heard);
    settle(lane.as_mut(), 1, "2").await;
    let one = said(&cluster, &mut heard);
    settle(lane.as_mut(), 256, "3").await;
    let many = said(&cluster, &mut heard);
    assert_eq!(one, many, "each goes once, with an array of all rows");
    let commit = one.iter().position(|it| it.starts_with(BEGINS)).expect("a commit begins");
    assert_eq!((commit, one.len() - commit), (18, 15), "the numbers of the decision");
}
