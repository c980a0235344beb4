//! The demo as a process of its own: served, asked to end, and gone when a test is done with it.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

/// A demo world that is served, until this is dropped.
pub(crate) struct Demo {
    process: Child,
    /// Where it is reached.
    pub(crate) base: String,
    /// What it says stays open to be written to.
    _said: BufReader<ChildStdout>,
}

impl Demo {
    pub(crate) fn serve() -> Demo {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongji"));
        command.args(["demo", "--no-stories", "--listen", &free.to_string()]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the demo starts");
        let mut said = BufReader::new(process.stdout.take().expect("what it says"));
        let serves = said.by_ref().lines().map_while(Result::ok).any(|it| it.contains("演示世界"));
        assert!(serves, "the demo ended before it served");
        Demo { process, base: format!("http://{free}"), _said: said }
    }

    /// Asks it to end, as a service is asked, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let process = Pid::from_child(&self.process);
        kill_process(process, Signal::TERM).expect("it still runs");
        self.process.wait().expect("it ends")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// If this fails, stopping the service kills it instead: what waits in its lanes is left without an answer.
#[test]
fn a_service_that_is_stopped_ends_by_itself() {
    let mut demo = Demo::serve();
    let address = demo.base.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).expect("it is reached");
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").expect("it is asked");
    let mut page = Vec::new();
    connection.read_to_end(&mut page).expect("it answers");
    assert!(page.starts_with(b"HTTP/1.0 200"), "what it serves before it is asked to end");
    assert!(demo.terminate().success());
}
