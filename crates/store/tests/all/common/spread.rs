//! A coordinator and two workers with Citus, thrown away afterwards, where Citus is installed.

use super::cluster::{self, Cluster};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

/// The servers of this binary of tests.
static SHARED: OnceCell<Option<Spread>> = OnceCell::const_new();

static COUNT: AtomicU32 = AtomicU32::new(0);

/// What every server is told. Nothing is ever reported to anybody.
const SETTINGS: &str = "shared_preload_libraries = 'citus'\nmax_prepared_transactions = 200\n\
                        citus.node_conninfo = 'sslmode=prefer'\ncitus.enable_statistics_collection = off\n\
                        citus.recover_2pc_interval = '2s'\nmax_worker_processes = 64\n\
                        citus.shard_count = 8\nlock_timeout = '5s'\nmax_connections = 400\n";

/// A coordinator and two workers.
pub(crate) struct Spread {
    pub(crate) coordinator: Cluster,
    pub(crate) workers: [Cluster; 2],
}

/// The address of a new database that knows its workers, on the servers of this binary; `None` where there is no Citus.
pub(crate) async fn database() -> Option<String> {
    match SHARED.get_or_init(Spread::start).await {
        Some(servers) => Some(servers.database().await),
        None => None,
    }
}

async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connects");
    tokio::spawn(connection);
    client
}

impl Spread {
    /// New servers; `None` where Citus is not installed, which is an error where it has to be.
    pub(crate) async fn start() -> Option<Spread> {
        if !is_installed().await {
            assert!(std::env::var_os("GONGJI_NEED_CITUS").is_none(), "Citus is not installed");
            eprintln!(
                "\n*** Citus is not installed: the store spread over several servers is NOT tested ***\n"
            );
            return None;
        }
        let server = || Cluster::with(SETTINGS).expect("PostgreSQL is where Citus is");
        Some(Spread { coordinator: server(), workers: [server(), server()] })
    }

    pub(crate) fn all(&self) -> [&Cluster; 3] {
        [&self.coordinator, &self.workers[0], &self.workers[1]]
    }

    /// A new database.
    pub(crate) async fn database(&self) -> String {
        let name = format!("spread_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        for server in self.all() {
            let url = server.database_called(&name);
            client(&url).await.batch_execute("CREATE EXTENSION citus").await.expect("Citus is installed");
        }
        let url = self.coordinator.url(&name);
        let client = client(&url).await;
        let [coordinator, one, two] = self.all().map(Cluster::host);
        for know in [
            format!("SELECT citus_set_coordinator_host('{coordinator}', 5432)"),
            format!("SELECT citus_add_node('{one}', 5432)"),
            format!("SELECT citus_add_node('{two}', 5432)"),
        ] {
            until_known(&client, &know).await;
        }
        url
    }
}

/// A server that is busy with another test's database may not answer at once.
async fn until_known(client: &Client, know: &str) {
    for _ in 0..50 {
        if client.batch_execute(know).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    client.batch_execute(know).await.expect("a server is known");
}

/// Whether the PostgreSQL of the tests has Citus.
async fn is_installed() -> bool {
    let Some(url) = cluster::database() else { return false };
    let known = "SELECT FROM pg_available_extensions WHERE name = 'citus'";
    !client(&url).await.query(known, &[]).await.expect("asks").is_empty()
}
