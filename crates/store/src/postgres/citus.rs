//! How a database is spread over servers with Citus: what has to be there first, which table is spread how.
//!
//! Citus itself is installed by who runs the servers; nothing of it is here but its functions' names.

use super::lane::HOLDING;
use super::schema::{ALONE, plain};
use super::session::Session;
use crate::cells::{Cells as _, Read};
use crate::{Fault, LANES};

/// Tables with a home, all of them spread by it in the same way: one home is on one server, with all its tables.
const SPREAD: [&str; 26] = [
    "guard",
    "person",
    "lookup",
    "enrolment",
    "purse",
    "binding",
    "binding_history",
    "usage",
    "link",
    "proxy",
    "visit",
    "stay",
    "batch",
    "charge",
    "settlement",
    "involved",
    "tally",
    "record",
    "request_key",
    "entry",
    "block",
    "notice",
    "document",
    "amendment",
    "trace",
    // The last, by which a database is known to be spread.
    SPREAD_BY,
];

/// The table that the others are spread like.
const SPREAD_BY: &str = "home";

/// Tables that every server has whole.
const EVERYWHERE: [&str; 8] = ["word", "institution", "mapping", "book", "law", "fence", "lane", "area_lane"];

/// Whether the tables of a database are spread over servers.
pub(super) async fn is_spread(session: &Session) -> Read<bool> {
    let known = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('pg_catalog.pg_dist_partition')";
    if count(session, known).await? == 0 {
        return Ok(false);
    }
    let spread = "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = to_regclass('home')";
    Ok(count(session, spread).await? > 0)
}

/// Spreads the tables of a database that nothing was decided in yet; those that are spread already stay as they are.
pub(super) async fn spread(session: &Session) -> Read<()> {
    has_extension(session).await?;
    session.command("CREATE EXTENSION IF NOT EXISTS citus").await?;
    has_servers(session).await?;
    session.command("BEGIN").await?;
    // What breaks off is rolled back with its connection.
    session.command(ALONE).await?;
    if !is_spread(session).await? {
        is_unused(session).await?;
    }
    for table in EVERYWHERE {
        let call = format!("SELECT create_reference_table('{table}')");
        unless_done(session, table, &call).await?;
    }
    let first = format!("SELECT create_distributed_table('{SPREAD_BY}', 'home', colocate_with => 'none')");
    unless_done(session, SPREAD_BY, &first).await?;
    for table in SPREAD {
        let call =
            format!("SELECT create_distributed_table('{table}', 'home', colocate_with => '{SPREAD_BY}')");
        unless_done(session, table, &call).await?;
    }
    session.command("COMMIT").await
}

async fn unless_done(session: &Session, table: &'static str, call: &str) -> Read<()> {
    let done = format!("SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = '{table}'::regclass");
    if session.number(&done).await? == 0 { session.command(call).await } else { Ok(()) }
}

/// Ends what a server left half committed when it went away, where that is allowed; else Citus does so by itself, a
/// minute later. Until then it is locked: nobody sees half of it and goes on.
pub(super) async fn recover(session: &Session) {
    let recover = "SELECT CASE WHEN has_function_privilege('recover_prepared_transactions()', 'EXECUTE') \
                   THEN recover_prepared_transactions() END";
    // A server that is away is no reason not to serve those who live on another.
    let _ = session.command(recover).await;
}

async fn count(session: &Session, sql: &'static str) -> Read<i64> {
    Ok(session.row(plain(sql), &[], |it| it.next::<i64>()).await?.unwrap_or(0))
}

fn refused(what: &str) -> Fault {
    Fault::Unavailable(what.to_owned())
}

async fn has_extension(session: &Session) -> Read<()> {
    if count(session, "SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'").await? == 0 {
        return Err(refused("Citus is not installed on this server; install it on every server first"));
    }
    let loaded =
        "SELECT count(*) FROM pg_settings WHERE name = 'shared_preload_libraries' AND setting ~ 'citus'";
    if count(session, loaded).await? == 0 {
        return Err(refused(
            "Citus is not loaded: add it to shared_preload_libraries and start the server anew",
        ));
    }
    Ok(())
}

async fn has_servers(session: &Session) -> Read<()> {
    if count(session, "SELECT count(*) FROM pg_dist_node WHERE groupid = 0").await? == 0 {
        return Err(refused(
            "this server does not know itself as coordinator: SELECT citus_set_coordinator_host(HOST, PORT)",
        ));
    }
    let workers =
        "SELECT count(*) FROM pg_dist_node WHERE isactive AND shouldhaveshards AND noderole = 'primary'";
    if count(session, workers).await? == 0 {
        return Err(refused("there are no workers: SELECT citus_add_node(HOST, PORT) for each of them"));
    }
    Ok(())
}

/// What was decided on one server has its home there for ever; a lane that is open believes in one home.
async fn is_unused(session: &Session) -> Read<()> {
    if count(session, "SELECT count(*) FROM (SELECT 1 FROM block LIMIT 1) AS it").await? > 0 {
        let what = "something was decided in this database already, and where it lives was settled by that: only a \
                    database that nothing was decided in can be spread";
        return Err(refused(what));
    }
    let last = LANES - 1;
    let held = format!(
        "SELECT count(*) FROM generate_series(1, {last}) AS lane WHERE NOT pg_try_advisory_xact_lock({HOLDING}, lane)"
    );
    if session.number(&held).await? > 0 {
        return Err(refused("the database is being served: stop every `gongji serve` on it first"));
    }
    Ok(())
}
