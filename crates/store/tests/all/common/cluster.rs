//! A throw-away PostgreSQL server, with a database for every test. It ends with the process of the tests, however that
//! ends: a shell waits at a pipe that only the tests hold open.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The server of this binary of tests, where PostgreSQL is installed.
static SHARED: LazyLock<Option<Cluster>> = LazyLock::new(Cluster::start);

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The address of a new database on the server of this binary; `None` where there is no PostgreSQL.
pub(crate) fn database() -> Option<String> {
    SHARED.as_ref().map(Cluster::database)
}

/// A server of its own.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    /// Stops the server and removes the folder when this end of its pipe is gone.
    _guard: Child,
}

/// Removes the cluster when nobody holds its standard input open any more.
const GUARD: &str = r#"cat > /dev/null; "$@" stop -D "$0/data" -m immediate -s; rm -rf "$0""#;

const SETTINGS: &str = "listen_addresses = ''\nmax_connections = 200\nshared_buffers = '128MB'\nfsync = on\n\
                        track_functions = none\ntrack_activity_query_size = 4096\n";

/// The folder of the newest PostgreSQL: as Debian installs it, else as the path finds it.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut installed: Vec<PathBuf> =
        installed.map(|it| it.expect("a folder can be listed").path().join("bin")).collect();
    installed.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = installed.into_iter().rev().chain(std::env::split_paths(&path));
    folders.into_iter().find(|it| it.join("initdb").exists() && it.join("createdb").exists())
}

/// A program as who may run a server: PostgreSQL refuses root.
fn as_owner(program: &Path) -> Vec<String> {
    let program = program.display().to_string();
    if is_root() {
        let who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
        return who.map(str::to_owned).into_iter().chain([program]).collect();
    }
    vec![program]
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id is everywhere");
    id.stdout.trim_ascii() == b"0"
}

fn run(command: &[String], arguments: &[&str]) {
    let mut run = Command::new(&command[0]);
    run.args(&command[1..]).args(arguments).stdin(Stdio::null()).current_dir("/");
    let done = run.output().expect("a program of PostgreSQL runs");
    assert!(done.status.success(), "{command:?} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A folder of its own for a server.
fn new_folder() -> PathBuf {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("gongji-pg-{}-{number}", std::process::id()));
    std::fs::create_dir(&folder).expect("a place for a server");
    if is_root() {
        run(&["chown".to_owned()], &["postgres:", &folder.display().to_string()]);
    }
    folder
}

/// Adds settings, in place of earlier ones.
fn set(folder: &Path, settings: &str) {
    let file = OpenOptions::new().append(true).open(folder.join("data/postgresql.auto.conf"));
    file.expect("settings").write_all(settings.as_bytes()).expect("a setting is written");
}

impl Cluster {
    /// A new server; `None` where PostgreSQL is not installed, which is an error where it has to be.
    pub(crate) fn start() -> Option<Cluster> {
        Cluster::with("")
    }

    /// A new server with some more settings.
    pub(crate) fn with(more: &str) -> Option<Cluster> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("GONGJI_NEED_POSTGRES").is_none(), "PostgreSQL is not installed");
            eprintln!("\n*** PostgreSQL is not installed: the store for it is NOT tested ***\n");
            return None;
        };
        let folder = new_folder();
        let data = folder.join("data").display().to_string();
        let trust = ["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"];
        run(&as_owner(&programs.join("initdb")), &trust);
        let settings = format!("{SETTINGS}unix_socket_directories = '{}'\n{more}", folder.display());
        let file = folder.join("data/postgresql.auto.conf");
        std::fs::write(&file, settings).expect("a setting is written");
        Some(Cluster::of(programs, folder))
    }

    /// The server of a folder, which is started.
    fn of(programs: PathBuf, folder: PathBuf) -> Cluster {
        let guard = Command::new("sh")
            .args(["-c", GUARD, &folder.display().to_string()])
            .args(as_owner(&programs.join("pg_ctl")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            .spawn()
            .expect("a shell is everywhere");
        let cluster = Cluster { programs, folder, _guard: guard };
        cluster.up();
        cluster
    }

    fn control(&self, arguments: &[&str]) {
        let data = self.folder.join("data").display().to_string();
        let arguments: Vec<&str> = arguments.iter().copied().chain(["-D", &data, "-s", "-w"]).collect();
        run(&as_owner(&self.programs.join("pg_ctl")), &arguments);
    }

    /// Starts the server.
    pub(crate) fn up(&self) {
        let log = self.folder.join("log").display().to_string();
        self.control(&["start", "-l", &log]);
    }

    /// Stops the server as a power cut would: nothing is written, nobody is told.
    #[allow(dead_code, reason = "not every binary of tests cuts the power")]
    pub(crate) fn cut(&self) {
        self.control(&["stop", "-m", "immediate"]);
    }

    /// A standby of this server, which from now on waits for it with every commit.
    #[allow(dead_code, reason = "not every binary of tests has a standby")]
    pub(crate) fn standby(&self) -> Cluster {
        let folder = new_folder();
        let data = folder.join("data").display().to_string();
        let from = format!("host={} user=postgres application_name=standby", self.folder.display());
        let copy = ["-D", &data, "-d", &from, "-R", "-C", "-S", "standby", "-c", "fast", "--no-sync"];
        run(&as_owner(&self.programs.join("pg_basebackup")), &copy);
        // When it is promoted, it waits for nobody.
        let own =
            format!("unix_socket_directories = '{}'\nsynchronous_standby_names = ''\n", folder.display());
        set(&folder, &own);
        let standby = Cluster::of(self.programs.clone(), folder);
        self.set("synchronous_standby_names = 'standby'\n");
        self.reload();
        standby
    }

    /// Adds settings, which count when the server is reloaded or started.
    #[allow(dead_code, reason = "not every binary of tests changes settings")]
    pub(crate) fn set(&self, settings: &str) {
        set(&self.folder, settings);
    }

    /// Lets the server read its settings again.
    #[allow(dead_code, reason = "not every binary of tests changes settings")]
    pub(crate) fn reload(&self) {
        self.control(&["reload"]);
    }

    /// Makes a standby the primary.
    #[allow(dead_code, reason = "not every binary of tests has a standby")]
    pub(crate) fn promote(&self) {
        self.control(&["promote"]);
    }

    /// Writes a file beside the books, which the server alone can read.
    #[allow(dead_code, reason = "not every binary of tests gives a server files")]
    pub(crate) fn keep(&self, name: &str, text: &str) {
        let file = self.folder.join("data").join(name);
        std::fs::write(&file, text).expect("a file is written");
        let file = file.display().to_string();
        run(&["chmod".to_owned()], &["600", &file]);
        if is_root() {
            run(&["chown".to_owned()], &["postgres:", &file]);
        }
    }

    /// Starts the server anew with some more settings.
    #[allow(dead_code, reason = "not every binary of tests changes settings")]
    pub(crate) fn again_with(&self, settings: &str) {
        self.set(settings);
        self.control(&["restart", "-m", "fast", "-l", &self.folder.join("log").display().to_string()]);
    }

    /// What the server wrote into its log since it was made.
    #[allow(dead_code, reason = "not every binary of tests reads it")]
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder.join("log")).expect("a log")).into_owned()
    }

    /// Where the server is, as libpq calls it.
    pub(crate) fn host(&self) -> String {
        self.folder.display().to_string()
    }

    /// The address of a database.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://postgres@{}/{name}", self.folder.display().to_string().replace('/', "%2F"))
    }

    /// A new database.
    pub(crate) fn database(&self) -> String {
        self.database_called(&format!("books_{}", COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    /// A new database of this name.
    pub(crate) fn database_called(&self, name: &str) -> String {
        let make = ["-h", &self.host(), "-U", "postgres", "-T", "template0", name];
        run(&[self.programs.join("createdb").display().to_string()], &make);
        self.url(name)
    }
}
