//! The same seeds and the same stories on every store: in memory, in a file, in a database. What is answered and what is
//! kept must be the same, byte for byte.

#[path = "../../../store/tests/all/common/cluster.rs"]
mod cluster;
mod seeds;
#[path = "../../../store/tests/all/common/spread.rs"]
mod spread;
mod stories;

use server::copy::heads;
use server::copy::prove::prove;
use server::law::Laws;
use std::sync::Arc;
use store::postgres::{Options as Settings, Postgres};
use store::sqlite::{Options, Sqlite};
use store::{Books, Page, Query, Store};
use tokio::runtime::Handle;

/// An empty file.
fn a_file(folder: &tempfile::TempDir, name: &str) -> Arc<dyn Books> {
    Arc::new(Sqlite::open(&folder.path().join(name), Options::default()).expect("opens"))
}

/// An empty database, where there is PostgreSQL.
fn a_database(runtime: &Handle) -> Option<Arc<dyn Books>> {
    let url = cluster::database()?;
    Some(Arc::new(runtime.block_on(Postgres::open(&url, Settings::default())).expect("opens")))
}

/// An empty database whose tables are spread over two workers, where there is Citus.
fn a_spread_database(runtime: &Handle) -> Option<Arc<dyn Books>> {
    runtime.block_on(async {
        let url = spread::database().await?;
        Postgres::spread(&url, Settings::default()).await.expect("spreads");
        Some(Arc::new(Postgres::open(&url, Settings::default()).await.expect("opens")) as Arc<dyn Books>)
    })
}

/// Every page of two books is the same, and the second are sound.
async fn equal(one: &dyn Books, other: &dyn Books, laws: &Laws, what: &str) {
    let until = heads(one).await.expect("heads");
    let proof = prove(one, other, &until, &|_| {}).await.expect("compared");
    assert!(proof.is_equal() && !proof.source_went_on, "{what}: {proof:#?}");
    assert_eq!(one.page(&Query::Counts).await, other.page(&Query::Counts).await, "{what}");
    let mut after = (String::new(), String::new());
    loop {
        let (ours, theirs) =
            (one.all((&after.0, &after.1), 100).await, other.all((&after.0, &after.1), 100).await);
        assert_eq!(ours, theirs, "{what}: the desk");
        let Some(last) = ours.expect("read").pop() else { break };
        after = (last.drawer, last.key);
    }
    let report = server::verify::verify(other, laws, &|_| {}).await.expect("verified");
    assert!(report.is_sound(), "{what}: {:?}", report.findings);
}

async fn records(store: &dyn Store) -> u64 {
    match store.page(&Query::Counts).await {
        Ok(Page::Counts(counts)) => counts.records,
        page => panic!("counts were asked for: {page:?}"),
    }
}
