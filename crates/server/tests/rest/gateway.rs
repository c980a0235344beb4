//! A gateway for text messages, as far as we see one: it hears what is posted to it over real HTTP, and answers as it is told,
//! or does not, or dies.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What was posted.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// How the gateway answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Says {
    /// With a status and a text.
    Status(u16, &'static str),
    /// With a redirect to another path of its own.
    Elsewhere,
    /// With something that is no HTTP.
    Nonsense,
    /// It hangs up.
    HangsUp,
    /// Not at all, with the connection kept open.
    Never,
}

type Saying = Box<dyn FnMut(&Heard) -> Says + Send>;

/// The gateway.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    says: Arc<Mutex<Saying>>,
    dies: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Heard {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON is posted")
    }

    /// The id, as header and body say it.
    pub(crate) fn id(&self) -> String {
        let id = self.headers["gongji-delivery"].clone();
        assert_eq!(self.json()["id"], id, "both say the same");
        id
    }

    /// To whom, and what about.
    pub(crate) fn about(&self) -> (u64, String) {
        let json = self.json();
        (json["person"].as_u64().expect("a number"), json["kind"].as_str().expect("a word").to_owned())
    }
}

impl Gateway {
    /// One that takes everything.
    pub(crate) fn new() -> Gateway {
        Gateway::at("127.0.0.1:0".parse().expect("an address"))
    }

    /// The same at an address where one died before.
    pub(crate) fn at(address: SocketAddr) -> Gateway {
        let listener = TcpListener::bind(address).expect("the address is free");
        let address = listener.local_addr().expect("bound");
        let says: Arc<Mutex<Saying>> = Arc::new(Mutex::new(Box::new(|_| Says::Status(200, ""))));
        let (heard, dies) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (hears, asks, stops) = (Arc::clone(&heard), Arc::clone(&says), Arc::clone(&dies));
        let thread = std::thread::spawn(move || serve(&listener, &hears, &asks, &stops));
        Gateway { address, heard, says, dies, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/in", self.address)
    }

    /// From now on it answers so.
    pub(crate) fn says(&self, says: impl FnMut(&Heard) -> Says + Send + 'static) {
        *self.says.lock().expect("not poisoned") = Box::new(says);
    }

    /// What came since it was asked last.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().expect("not poisoned"))
    }

    /// The same: to whom, what about.
    pub(crate) fn told(&self) -> Vec<(u64, String)> {
        self.heard().iter().map(Heard::about).collect()
    }

    /// Waits until something came; it is not taken away.
    pub(crate) async fn hears(&self) {
        while self.heard.lock().expect("not poisoned").is_empty() {
            tokio::task::yield_now().await;
        }
    }

    /// Nobody listens any more when this returns.
    pub(crate) fn die(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.dies.store(true, Ordering::SeqCst);
        // Wakes it up.
        drop(TcpStream::connect(self.address));
        thread.join().expect("it does not panic");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.die();
    }
}

fn serve(listener: &TcpListener, heard: &Mutex<Vec<Heard>>, says: &Mutex<Saying>, dies: &AtomicBool) {
    let mut open = Vec::new();
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { continue };
        if dies.load(Ordering::SeqCst) {
            return;
        }
        let Some(it) = read(&stream) else { continue };
        let answer = (says.lock().expect("not poisoned"))(&it);
        heard.lock().expect("not poisoned").push(it);
        let text = match answer {
            Says::Status(status, text) => {
                let length = text.len();
                format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}")
            }
            Says::Elsewhere => {
                "HTTP/1.1 307 x\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    .to_owned()
            }
            Says::Nonsense => "SMTP ready\r\n".to_owned(),
            Says::HangsUp => continue,
            Says::Never => {
                open.push(stream);
                continue;
            }
        };
        // Who posted may have gone.
        let _ = stream.write_all(text.as_bytes());
    }
}

fn read(stream: &TcpStream) -> Option<Heard> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.strip_prefix("POST ")?.split(' ').next()?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Heard { path, headers, body })
}
