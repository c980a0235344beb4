//! HTTP/1.1 with as little work as possible: one connection kept open, one request on it at a time, the answer read into
//! a buffer that is used again.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection.
pub struct Wire {
    address: SocketAddr,
    stream: TcpStream,
    inbox: Vec<u8>,
}

/// What came back: the status and where in the inbox the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    status: u16,
    body: (usize, usize),
    closes: bool,
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    /// Where nobody listens.
    pub async fn open(address: SocketAddr) -> std::io::Result<Wire> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Wire { address, stream, inbox: vec![0; 32 * 1024] })
    }

    /// Sends a whole request and waits for its answer: status and body.
    ///
    /// # Errors
    /// Where the connection breaks, or what comes back is not HTTP/1.1 with a length.
    pub async fn call(&mut self, request: &[u8]) -> std::io::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        let head = self.receive().await?;
        if head.closes {
            // The next request needs a new connection; the answer that is here stays in the inbox.
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            self.stream = stream;
        }
        Ok((head.status, &self.inbox[head.body.0..head.body.1]))
    }

    async fn receive(&mut self) -> std::io::Result<Head> {
        let mut filled = 0;
        let mut head: Option<Head> = None;
        loop {
            if filled == self.inbox.len() {
                self.inbox.resize(filled * 2, 0);
            }
            let read = self.stream.read(&mut self.inbox[filled..]).await?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            if head.is_none() {
                head = read_head(&self.inbox[..filled])?;
            }
            if let Some(head) = head.filter(|it| filled >= it.body.1) {
                return Ok(head);
            }
        }
    }
}

/// Reads the head of an answer once it is whole.
fn read_head(bytes: &[u8]) -> std::io::Result<Option<Head>> {
    let Some(end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let wrong = || std::io::Error::from(std::io::ErrorKind::InvalidData);
    let text = std::str::from_utf8(&bytes[..end]).map_err(|_| wrong())?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|it| it.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    let (mut length, mut closes) = (None, false);
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            closes = value.trim().eq_ignore_ascii_case("close");
        }
    }
    let (status, length) = (status.ok_or_else(wrong)?, length.ok_or_else(wrong)?);
    Ok(Some(Head { status, body: (end + 4, end + 4 + length), closes }))
}

/// Where a part begins, if it is there.
pub fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|it| *it == first) {
        if bytes[from + at..].starts_with(part) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, the driver takes half an answer for a whole one, or waits for ever.
    #[test]
    fn an_answer_is_whole_when_its_length_is_there() {
        let head = |text: &str| read_head(text.as_bytes());
        let whole = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nContent-Length: 2\r\n\r\n{}";
        let body = (whole.len() - 2, whole.len());
        assert_eq!(head(whole).expect("reads"), Some(Head { status: 503, body, closes: false }));
        for end in 0..whole.len() - 2 {
            assert_eq!(head(&whole[..end]).expect("waits"), None, "{end}");
        }
        let closing = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        assert!(head(closing).expect("reads").is_some_and(|it| it.closes));
        for wrong in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/2 200\r\ncontent-length: 1\r\n\r\n", "\r\n\r\n"] {
            assert!(head(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_part_is_found_where_it_begins() {
        let cases = [("aab", "ab", Some(1)), ("aab", "b", Some(2)), ("aab", "ba", None), ("", "a", None)];
        for (text, part, at) in cases {
            assert_eq!(find(text.as_bytes(), part.as_bytes()), at, "{text} {part}");
        }
    }
}
