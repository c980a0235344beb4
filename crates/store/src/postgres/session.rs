//! A connection to the server: how it is made, what is set in it, statements prepared once, errors in our words.

use super::cells::{Column, Columns};
use crate::Fault;
use crate::cells::{Cell, Cells as _, Read};
use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A statement, by the name of its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sql {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// The statement of a file.
macro_rules! sql {
    ($name:literal) => {
        $crate::postgres::session::Sql {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/sql/postgres/", $name, ".sql")),
        }
    };
}
pub(super) use sql;

/// A parameter of a statement.
pub(super) type Param<'p> = &'p (dyn ToSql + Sync);

/// What an error of PostgreSQL means to who asked. Details are left out: they repeat what stands in rows.
pub(super) fn fault(error: tokio_postgres::Error) -> Fault {
    let Some(server) = error.as_db_error() else { return Fault::Unavailable(error.to_string()) };
    let (code, what) = (server.code(), format!("{} ({})", server.message(), server.code().code()));
    let again = [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED];
    if again.contains(&code) || code.code() == "GJ001" || code.code().starts_with("23") {
        Fault::Conflict(what)
    } else if [&SqlState::DATA_CORRUPTED, &SqlState::INDEX_CORRUPTED].contains(&code) {
        Fault::Damaged(what)
    } else {
        Fault::Unavailable(what)
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Lane,
    Pages,
    Desk,
}

/// Where the server is, and how it is reached.
#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    wait_for_commit: Duration,
    /// Whether the tables behind it are spread over servers.
    spread: bool,
}

const BAD_ADDRESS: &str = "the address of the store is not like postgres://user:password@host:5432/database, with \
                           options of libpq and sslrootcert=FILE behind a question mark";

impl Connector {
    /// Reads an address. What is wrong with it is never repeated: it may be the password.
    pub(super) fn new(url: &str, wait_for_commit: Duration) -> Result<Connector, Fault> {
        let bad = || Fault::Unavailable(BAD_ADDRESS.to_owned());
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(bad());
        }
        let (place, options) = url.split_once('?').unwrap_or((url, ""));
        let mut kept = Vec::new();
        let mut root = None;
        for option in options.split('&').filter(|it| !it.is_empty()) {
            match option.strip_prefix("sslrootcert=") {
                Some(file) => root = Some(file.replace("%2F", "/").replace("%2f", "/")),
                // Whoever is checked is always checked as libpq does under that name.
                None if option == "sslmode=verify-full" => kept.push("sslmode=require"),
                None => kept.push(option),
            }
        }
        let mut config: Config = format!("{place}?{}", kept.join("&")).parse().map_err(|_| bad())?;
        config
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3)
            .tcp_user_timeout(Duration::from_secs(30));
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        let demanded = config.get_ssl_mode() == SslMode::Require;
        let tls = match root {
            Some(file) => {
                // A certificate that nobody checks because the server said it has none protects nothing.
                config.ssl_mode(SslMode::Require);
                Some(checked_by(&file)?)
            }
            None if demanded => {
                let what =
                    "sslmode=require needs sslrootcert=FILE: the certificates that the server is checked by";
                return Err(Fault::Unavailable(what.to_owned()));
            }
            None => None,
        };
        Ok(Connector { config, tls, wait_for_commit, spread: false })
    }

    /// The same for a database whose tables are spread over servers.
    pub(super) fn when_spread(self, spread: bool) -> Connector {
        Connector { spread, ..self }
    }

    pub(super) fn is_spread(&self) -> bool {
        self.spread
    }

    /// A new connection with all that is set in it.
    pub(super) async fn connect(&self, what_for: For) -> Result<Session, Fault> {
        let (client, carrier) = match &self.tls {
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(unreachable)?;
                (client, tokio::spawn(carry(connection)))
            }
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await.map_err(unreachable)?;
                (client, tokio::spawn(carry(connection)))
            }
        };
        client.batch_execute(SETTINGS).await.map_err(fault)?;
        let plans = if self.spread { SPREAD_PLANS } else { PLANS };
        client.batch_execute(plans).await.map_err(fault)?;
        if what_for == For::Pages {
            client.batch_execute("SET default_transaction_read_only = on").await.map_err(fault)?;
        }
        let (carrier, wait_for_commit) = (carrier.abort_handle(), self.wait_for_commit);
        Ok(Session { client, carrier, wait_for_commit, statements: Mutex::default() })
    }
}

/// Carries what goes to and fro until the connection ends; or until the server says that it no longer waits for its
/// standby, for it then says `COMMIT` of what only it has. Nobody is to hear that: the outcome is unknown.
async fn carry<S, T>(mut connection: Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        // Known by the place in the server that says so: the words are in the server's language.
        if matches!(&message, AsyncMessage::Notice(it) if it.routine() == Some("SyncRepWaitForLSN")) {
            return;
        }
    }
}

fn unreachable(error: tokio_postgres::Error) -> Fault {
    let cause = std::error::Error::source(&error).map_or(String::new(), |it| format!(": {it}"));
    let look = certificate_refused(&error).unwrap_or_default();
    Fault::Unavailable(format!("PostgreSQL cannot be reached: {error}{cause}{look}"))
}

/// What to look at where the certificate of the server was refused.
fn certificate_refused(error: &tokio_postgres::Error) -> Option<&'static str> {
    let source = std::error::Error::source(error)?.downcast_ref::<std::io::Error>()?;
    let tls = source.get_ref()?.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(why) = tls else { return None };
    use CertificateError::{BadSignature, NotValidForName, NotValidForNameContext, UnknownIssuer};
    if matches!(why, UnknownIssuer | BadSignature) {
        Some("; the certificate of the server is signed by none in the file of sslrootcert")
    } else if matches!(why, NotValidForName | NotValidForNameContext { .. }) {
        Some("; the certificate of the server does not name the host of the address")
    } else {
        None
    }
}

fn checked_by(file: &str) -> Result<MakeRustlsConnect, Fault> {
    let wrong = |what: String| Fault::Unavailable(format!("sslrootcert: {what}"));
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|it| wrong(it.to_string()))? {
        let certificate = certificate.map_err(|it| wrong(it.to_string()))?;
        roots.add(certificate).map_err(|it| wrong(it.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("there is no certificate in the file".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|it| wrong(it.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Every statement finds what it wants by an index, however little is in the tables yet: plans are made once, for
/// years. What the commit of a lane promises is on disk. Nobody holds locks for ever.
const SETTINGS: &str = "
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET max_parallel_workers_per_gather = 0; SET jit = off;
    SET synchronous_commit = on;
    SET statement_timeout = '30s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
    SET client_min_messages = warning; SET application_name = 'gongji'";

/// Plans are made once, when a lane opens.
const PLANS: &str = "SET plan_cache_mode = force_generic_plan";

/// A plan without the home in it goes to every server, or nowhere. Whatever is asked of a server in a transaction is
/// asked through one connection, which sees all of it as of one moment.
const SPREAD_PLANS: &str = "SET plan_cache_mode = auto; SET citus.max_adaptive_executor_pool_size = 1";

/// A connection with its prepared statements.
pub(super) struct Session {
    client: Client,
    carrier: AbortHandle,
    wait_for_commit: Duration,
    statements: Mutex<BTreeMap<&'static str, Statement>>,
}

impl Session {
    /// Whether the connection is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// A statement that was prepared before; nothing is waited for.
    fn prepared(&self, sql: Sql) -> Option<Statement> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql.name).cloned()
    }

    /// A statement, prepared now unless it was.
    pub(super) async fn statement(&self, sql: Sql) -> Result<Statement, Fault> {
        if let Some(known) = self.prepared(sql) {
            return Ok(known);
        }
        let statement = self.client.prepare(sql.text).await.map_err(fault)?;
        let mut known = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(sql.name, statement.clone());
        Ok(statement)
    }

    /// The rows of a statement, read column after column.
    pub(super) async fn rows<T>(
        &self,
        sql: Sql,
        params: &[Param<'_>],
        read: fn(&mut Columns<'_>) -> Read<T>,
    ) -> Read<Vec<T>> {
        let statement = self.statement(sql).await?;
        let rows = self.client.query(&statement, params).await.map_err(fault)?;
        rows.iter().map(|row| read(&mut Columns::of(row))).collect()
    }

    /// The one row of a statement, or none.
    pub(super) async fn row<T>(
        &self,
        sql: Sql,
        params: &[Param<'_>],
        read: fn(&mut Columns<'_>) -> Read<T>,
    ) -> Read<Option<T>> {
        Ok(self.rows(sql, params, read).await?.into_iter().next())
    }

    /// Runs a statement, and gives how many rows it changed.
    pub(super) async fn run(&self, sql: Sql, params: &[Param<'_>]) -> Read<u64> {
        let statement = self.statement(sql).await?;
        self.in_time(self.client.execute(&statement, params)).await
    }

    /// Runs a statement that was prepared before: it is on its way when this was polled once, or it fails at once.
    pub(super) async fn pass(&self, sql: Sql, params: &[Param<'_>]) -> Read<()> {
        let Some(statement) = self.prepared(sql) else {
            return Err(Fault::Unavailable(format!("{} is not prepared", sql.name)));
        };
        self.client.execute(&statement, params).await.map(|_| ()).map_err(fault)
    }

    /// Runs a statement that was prepared before on rows: each column is an array, behind what comes first.
    pub(super) async fn save<const N: usize>(
        &self,
        sql: Sql,
        first: &[Param<'_>],
        rows: &[[Cell<'_>; N]],
    ) -> Read<()> {
        let columns: [Column<'_, '_, N>; N] = std::array::from_fn(|at| Column { rows, at });
        let columns = columns.iter().map(|it| -> Param<'_> { it });
        let params: Vec<Param<'_>> = first.iter().copied().chain(columns).collect();
        self.pass(sql, &params).await
    }

    /// Runs a plain command that commits.
    pub(super) async fn commit(&self, command: &str) -> Read<()> {
        self.in_time(self.client.batch_execute(command)).await
    }

    /// Waits for what commits, but not for ever: what the server waits for its standby, no time-out of its own ends.
    /// The connection is given up then; the server goes on waiting, and what it holds stays held.
    async fn in_time<T>(
        &self,
        committing: impl Future<Output = Result<T, tokio_postgres::Error>> + Send,
    ) -> Read<T> {
        match tokio::time::timeout(self.wait_for_commit, committing).await {
            Ok(committed) => committed.map_err(fault),
            Err(_) => {
                self.carrier.abort();
                let what = "the server did not commit in time: does its standby follow?";
                Err(Fault::Unavailable(what.to_owned()))
            }
        }
    }

    /// The one number that a question comes to that is asked once.
    pub(super) async fn number(&self, question: &str) -> Read<i64> {
        let row = self.client.query_one(question, &[]).await.map_err(fault)?;
        Columns::of(&row).next::<i64>()
    }

    /// Runs plain commands.
    pub(super) async fn command(&self, commands: &str) -> Read<()> {
        self.client.batch_execute(commands).await.map_err(fault)
    }
}
