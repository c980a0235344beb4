//! Programs that a sitting runs beside itself, our own among them. Only what was started here is ever stopped here.

use super::Trouble;
use super::machine::{Used, used_by_ended_children};
use super::stopwatch::Stopwatch;
use serde_json::Value;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// How long a program may take until it listens, or until it has stopped.
const PATIENCE: u64 = 120_000_000_000;

/// A program that serves on loopback until it is dropped.
pub struct Server {
    child: Child,
    /// Where it serves.
    pub address: SocketAddr,
}

impl Server {
    /// Starts a program and waits until it listens.
    ///
    /// # Errors
    /// [`Trouble`] where it cannot be started, ends, or does not listen in two minutes.
    pub fn start(program: &Path, arguments: &[String], address: SocketAddr) -> Result<Server, Trouble> {
        if TcpStream::connect(address).is_ok() {
            return Err(Trouble(format!("{address}: another program serves there")));
        }
        let failed = |it: std::io::Error| Trouble(format!("{}: {it}", program.display()));
        let child = Command::new(program).args(arguments).stdout(Stdio::null()).spawn().map_err(failed)?;
        let mut server = Server { child, address };
        let watch = Stopwatch::start();
        while TcpStream::connect(address).is_err() {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(Trouble(format!("{} ended: {status}", program.display())));
            }
            if watch.nanos() > PATIENCE {
                return Err(Trouble(format!("{} does not listen", program.display())));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to stop, it answers what is on its way and puts its file in order. What does not stop is killed.
        let asked = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let watch = Stopwatch::start();
        while asked.is_ok() && watch.nanos() < PATIENCE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end; what it wrote, and what it used of the processors.
///
/// # Errors
/// [`Trouble`] where it cannot be started or fails, with the last it said.
pub fn run(program: &Path, arguments: &[String]) -> Result<(String, Used), Trouble> {
    let before = used_by_ended_children();
    let failed = |it: std::io::Error| Trouble(format!("{}: {it}", program.display()));
    let Output { status, stdout, stderr } =
        Command::new(program).args(arguments).stdin(Stdio::null()).output().map_err(failed)?;
    let used = used_by_ended_children().since(before);
    if status.success() {
        return Ok((String::from_utf8_lossy(&stdout).into_owned(), used));
    }
    let said = String::from_utf8_lossy(&stderr);
    Err(Trouble(format!("{} {}: {status}: {}", program.display(), arguments.join(" "), said.trim())))
}

/// The object in the last line that a program wrote.
///
/// # Errors
/// [`Trouble`] where there is none.
pub fn object(written: &str) -> Result<Value, Trouble> {
    let line = written.lines().rfind(|it| it.starts_with('{')).unwrap_or_default();
    serde_json::from_str(line).map_err(|it| Trouble(format!("no object in `{written}`: {it}")))
}

/// The programs to be measured beside, where they are there.
#[derive(Debug, Clone)]
pub struct Peers {
    /// The script that runs PostgreSQL, and the folder and port of its cluster.
    pub postgres: Option<(PathBuf, PathBuf, u16)>,
    /// The program that settles in SQLite without a server, and its folder.
    pub sqlite: Option<(PathBuf, PathBuf)>,
    /// The program that answers without settling, and where.
    pub http: Option<(PathBuf, SocketAddr)>,
}

/// PostgreSQL, which runs until it is dropped.
pub struct Postgres {
    run: PathBuf,
    folder: String,
    port: String,
}

impl Postgres {
    /// Starts it and fills a fresh database.
    ///
    /// # Errors
    /// [`Trouble`] with what the script said.
    pub fn start(run: &Path, folder: &Path, port: u16, people: u64) -> Result<Postgres, Trouble> {
        let (folder, port) = (folder.display().to_string(), port.to_string());
        let it = Postgres { run: run.to_owned(), folder, port };
        it.say("start", &[])?;
        let hospitals = (people / 1_000).clamp(20, 1_000);
        it.say("load", &[people, hospitals])?;
        Ok(it)
    }

    /// Says something to the script: what it wrote.
    ///
    /// # Errors
    /// [`Trouble`] with what the script said.
    pub fn say(&self, what: &str, numbers: &[u64]) -> Result<String, Trouble> {
        let mut arguments = vec![what.to_owned(), self.folder.clone(), self.port.clone()];
        arguments.extend(numbers.iter().map(u64::to_string));
        // Its server keeps what it inherits open: it must not inherit what we would wait for.
        if what == "start" {
            let mut command = Command::new(&self.run);
            command.args(&arguments).stdin(Stdio::null()).stdout(Stdio::null());
            let status = command.status().map_err(|it| Trouble(format!("{}: {it}", self.run.display())))?;
            return if status.success() {
                Ok(String::new())
            } else {
                Err(Trouble("PostgreSQL did not start".to_owned()))
            };
        }
        run(&self.run, &arguments).map(|(written, _)| written)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(trouble) = self.say("stop", &[]) {
            eprintln!("gongji: {trouble}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a sitting goes on with the figures of a program that failed.
    #[test]
    fn a_program_is_heard_out_and_its_failure_is_said() {
        let shell = |text: &str| run(Path::new("/bin/sh"), &["-c".to_owned(), text.to_owned()]);
        let (written, _) = shell("echo first; echo '{\"a\": 4336.3}'").expect("runs");
        assert_eq!(object(&written).expect("an object")["a"].to_string(), "4336.3");
        let said = shell("echo why >&2; exit 3").expect_err("fails").to_string();
        assert!(said.contains("why"), "{said}");
        assert!(object("nothing").is_err());
        assert!(run(Path::new("/nowhere"), &[]).is_err());
    }
}
