//! A connection that nobody on the way can read: only to the server that an authority of ours vouches for.

use crate::common::cluster::Cluster;
use crate::postgres::{assert_sound, client, found_families};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use std::net::TcpListener;
use std::path::Path;
use store::postgres::{Options, Postgres};
use store::{Fault, LaneNo, Store};

const PASSWORD: &str = "s3cret";

/// Who signs the certificates of servers.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as files hold them.
struct Papers {
    certificate: String,
    key: String,
}

impl Authority {
    fn called(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Authority(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// The file that an address names.
    fn file(&self, folder: &Path, name: &str) -> String {
        let file = folder.join(name);
        std::fs::write(&file, self.0.pem()).expect("a file is written");
        file.display().to_string()
    }

    /// For a server that is called so, valid up to a year.
    fn sign(&self, host: &str, until: i32) -> Papers {
        let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Papers { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

/// A port of this machine that nobody listens on.
fn free_port() -> u16 {
    let listening = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listening.local_addr().expect("it has a number").port()
}

/// A server that lets in over the network only who encrypts and knows the password.
struct Guarded {
    cluster: Cluster,
    /// How it is reached from inside the machine.
    inside: String,
    /// Port and database, as addresses end.
    end: String,
    port: u16,
}

impl Guarded {
    async fn start() -> Option<Guarded> {
        let cluster = Cluster::start()?;
        let inside = cluster.database();
        let user = format!("CREATE ROLE teller SUPERUSER LOGIN PASSWORD '{PASSWORD}'");
        client(&inside).await.batch_execute(&user).await.expect("makes");
        let doors = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        cluster.keep("pg_hba.conf", doors);
        let port = free_port();
        let name = inside.rsplit_once('/').expect("an address").1.to_owned();
        let inside = inside.replace(&format!("/{name}"), &format!(":{port}/{name}"));
        Some(Guarded { cluster, inside, end: format!("{port}/{name}"), port })
    }

    /// Starts it anew with other certificates, or with none.
    fn shows(&self, papers: Option<&Papers>) {
        if let Some(Papers { certificate, key }) = papers {
            self.cluster.keep("server.crt", certificate);
            self.cluster.keep("server.key", key);
        }
        let ssl = if papers.is_some() { "on" } else { "off" };
        let listen = format!("listen_addresses = '127.0.0.1'\nport = {}\nssl = {ssl}\n", self.port);
        self.cluster.again_with(&listen);
    }

    /// Its address from elsewhere.
    fn at(&self, host: &str, options: &str) -> String {
        format!("postgres://teller:{PASSWORD}@{host}:{}?connect_timeout=5{options}", self.end)
    }

    /// How many of our connections are encrypted, and how many are not.
    async fn connections(&self) -> (i64, i64) {
        let sql = "SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl) FROM pg_stat_ssl \
                   JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'gongji%'";
        let row = client(&self.inside).await.query_one(sql, &[]).await.expect("asks");
        (row.get(0), row.get(1))
    }
}

/// What is said of an address that is refused.
async fn refused(url: &str) -> String {
    match Postgres::open(url, Options::default()).await.map(|_| ()) {
        Err(Fault::Unavailable(what)) => {
            assert!(!what.contains(PASSWORD), "{what}");
            what
        }
        other => panic!("{other:?}"),
    }
}

/// If this fails, books cannot be reached over a network that is not trusted, or are reached unprotected.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn books_are_kept_over_an_encrypted_connection() {
    let Some(server) = Guarded::start().await else { return };
    let (folder, ours) = (tempfile::tempdir().expect("a folder"), Authority::called("ours"));
    let root = ours.file(folder.path(), "ours.pem");
    server.shows(Some(&ours.sign("localhost", 2999)));
    let encoded = root.replace('/', "%2F");
    for options in [
        format!("&sslrootcert={root}"),
        format!("&sslrootcert={encoded}"),
        format!("&sslmode=require&sslrootcert={root}"),
        format!("&sslmode=verify-full&sslrootcert={root}"),
        format!("&sslmode=disable&sslrootcert={root}"),
        format!("&channel_binding=require&sslrootcert={root}"),
    ] {
        let opened = Postgres::open(&server.at("localhost", &options), Options::default()).await;
        let store = opened.unwrap_or_else(|it| panic!("{options}: {it}"));
        let lane = store.lane(LaneNo(1)).await.expect("free");
        let (encrypted, plain) = server.connections().await;
        assert!(encrypted > 0 && plain == 0, "{options}: {encrypted} encrypted, {plain} not");
        drop(lane);
    }
    let url = server.at("localhost", &format!("&sslrootcert={root}"));
    let store = Postgres::open(&url, Options::default()).await.expect("opens");
    found_families(store.lane(LaneNo(1)).await.expect("free").as_mut(), 2).await;
    assert_sound(&store).await;
}

/// If this fails, somebody in between who shows a certificate of their own reads and changes the books, or who set the
/// address up wrongly is not told what is wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_nobody_vouches_for_is_refused() {
    let Some(server) = Guarded::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, other) = (Authority::called("ours"), Authority::called("other"));
    // Somebody may call themselves what they like.
    let same_name = Authority::called("ours");
    let roots = [(&ours, "ours.pem"), (&other, "other.pem"), (&same_name, "same.pem")];
    let [root, wrong, same] = roots.map(|(it, name)| it.file(folder.path(), name));
    let empty = folder.path().join("empty.pem").display().to_string();
    std::fs::write(&empty, "nothing").expect("a file is written");
    let (right, old) = (ours.sign("localhost", 2999), ours.sign("localhost", 2020));
    let with = |root: &str| format!("&sslrootcert={root}");
    let cases = [
        ("another authority", Some(&right), "localhost", with(&wrong), "signed by none"),
        ("an authority of the same name", Some(&right), "localhost", with(&same), "signed by none"),
        ("another host", Some(&right), "127.0.0.1", with(&root), "does not name the host"),
        ("no certificate to check by", Some(&right), "localhost", with(&empty), "no certificate in the file"),
        ("unchecked", Some(&right), "localhost", "&sslmode=require".to_owned(), "sslrootcert"),
        ("not encrypted", Some(&right), "localhost", String::new(), "no encryption"),
        ("an old certificate", Some(&old), "localhost", with(&root), "expired"),
        ("a server without TLS", None, "localhost", with(&root), "does not support TLS"),
    ];
    for (what, papers, host, options, said) in cases {
        server.shows(papers);
        let found = refused(&server.at(host, &options)).await;
        assert!(found.contains(said), "{what}: {found}");
    }
}

/// If this fails, who does not know the password is let in because their connection is encrypted, or the password is in
/// the log of who mistyped it.
#[tokio::test]
async fn an_encrypted_connection_is_no_password() {
    let Some(server) = Guarded::start().await else { return };
    let (folder, ours) = (tempfile::tempdir().expect("a folder"), Authority::called("ours"));
    let root = ours.file(folder.path(), "ours.pem");
    server.shows(Some(&ours.sign("localhost", 2999)));
    let url = server.at("localhost", &format!("&sslrootcert={root}"));
    let found = refused(&url.replace(":s3cret@", ":s3cret-not@")).await;
    assert!(found.contains("password authentication failed"), "{found}");
}
