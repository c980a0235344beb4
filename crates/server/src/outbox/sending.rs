//! Posts a message to a destination: with a time limit, without following anybody elsewhere, and only to addresses that
//! messages may go to.

use super::destinations::Destination;
use super::signature::{DELIVERY, SIGNATURE, TIMESTAMP, signature};
use super::waiting::Answer;
use domain::day::Moment;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use ureq::config::Config;
use ureq::http::{Request, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// How long a connection is waited for, and the whole of an answer.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// So many bytes of an answer are read.
const READ: u64 = 4096;

/// Which addresses messages may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Those that everybody reaches: an address given by mistake or by ill will leads to no machine inside.
    #[default]
    Public,
    /// This machine and private networks too, where the gateway stands there.
    Anywhere,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// The destination has it.
    Acknowledged,
    /// The destination will not have this one; others it may.
    Refused(Answer),
    /// The destination cannot be reached, or takes nothing now.
    Away(Answer),
    /// The destination wants nothing any more.
    Gone(Answer),
}

/// Posts.
#[derive(Debug, Clone)]
pub struct Sender {
    agent: ureq::Agent,
}

/// Finds addresses, and keeps only those that messages may go to: what a name leads to is looked at when it is used.
#[derive(Debug)]
struct Guarded {
    reach: Reach,
    usual: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.usual.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        let may = |it: IpAddr| self.reach == Reach::Anywhere || is_public(it);
        found.iter().filter(|it| may(it.ip())).for_each(|it| kept.push(*it));
        if kept.is_empty() {
            let why =
                "the address is this machine's or private; messages go there only with --webhooks-inside";
            return Err(ureq::Error::Io(std::io::Error::new(std::io::ErrorKind::PermissionDenied, why)));
        }
        Ok(kept)
    }
}

/// Whether everybody reaches an address.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let is_special = it.is_loopback()
        || it.is_private()
        || it.is_link_local()
        || it.is_documentation()
        || it.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

/// Addresses of the global unicast block; what stands for an address of version 4 is as that one is.
fn is_public_v6(it: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, high, low] = it.segments();
    let inner = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b) {
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => is_public_v4(inner),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => is_public_v4(inner),
        // 6to4 carries the address behind its prefix.
        (0x2002, _) => is_public_v4(Ipv4Addr::from((u32::from(b) << 16) | u32::from(c))),
        (0x2001, 0 | 0xdb8) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

impl Sender {
    /// A sender that reaches so far.
    pub fn new(reach: Reach) -> Sender {
        Sender::with_patience(reach, ANSWERED_WITHIN)
    }

    /// A sender that waits so long for the whole of an answer.
    pub fn with_patience(reach: Reach, patience: Duration) -> Sender {
        // Another part of the program may have said so already: then that holds.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent("gongji")
            .timeout_connect(Some(CONNECTED_WITHIN))
            .timeout_global(Some(patience))
            .tls_config(tls)
            .build();
        let resolver = Guarded { reach, usual: DefaultResolver::default() };
        Sender { agent: ureq::Agent::with_parts(config, DefaultConnector::default(), resolver) }
    }

    /// Posts a body. `stamp` is the machine's time, against which the destination holds the signature. Waits for the answer:
    /// not on a thread that others need.
    pub fn post(&self, to: &Destination, id: &str, body: &[u8], stamp: Moment) -> Tried {
        let timestamp = (stamp.millis() / 1000).to_string();
        let request = Request::builder()
            .method("POST")
            .uri(&to.url)
            .header("content-type", "application/json")
            .header(DELIVERY, id)
            .header(SIGNATURE, signature(to.hash, &to.secret, &timestamp, body))
            .header(TIMESTAMP, timestamp)
            .body(body);
        let away = |why: String| Tried::Away(Answer::new(stamp, None, &why));
        let request = match request {
            Ok(request) => request,
            Err(error) => return away(error.to_string()),
        };
        let mut answer = match self.agent.run(request) {
            Ok(answer) => answer,
            Err(error) => return away(error.to_string()),
        };
        let status = answer.status().as_u16();
        let mut beginning = Vec::new();
        // Whatever else it says: the status came, and counts.
        let _ = answer.body_mut().as_reader().take(READ).read_to_end(&mut beginning);
        judged(status, Answer::new(stamp, Some(status), &String::from_utf8_lossy(&beginning)))
    }
}

/// What a status says: about this message, about the destination, or that all is over.
fn judged(status: u16, answer: Answer) -> Tried {
    match status {
        200..=299 => Tried::Acknowledged,
        410 => Tried::Gone(answer),
        401 | 403 | 404 | 405 | 407 | 408 | 425 | 429 => Tried::Away(answer),
        400..=499 => Tried::Refused(answer),
        _ => Tried::Away(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, an address leads to a machine inside that only we reach.
    #[test]
    fn addresses_inside_are_known() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("101.6.6.6", true),
            ("127.0.0.1", false),
            ("127.8.8.8", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("198.18.0.1", false),
            ("192.0.0.8", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("2400:3200::1", true),
            ("::1", false),
            ("::", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("::10.0.0.1", false),
            ("64:ff9b::a00:1", false),
            ("64:ff9b::808:808", true),
            ("2002:a00:1::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().expect("an address")), public, "{address}");
        }
    }

    /// If this fails, a gateway that is being repaired has its messages given up, or a wrong one stops all others.
    #[test]
    fn what_a_status_says() {
        let answer = || Answer::new(Moment::from_millis(0), None, "");
        let word = |status| match judged(status, answer()) {
            Tried::Acknowledged => "acknowledged",
            Tried::Refused(_) => "refused",
            Tried::Away(_) => "away",
            Tried::Gone(_) => "gone",
        };
        for (statuses, wanted) in [
            (&[200, 201, 202, 204][..], "acknowledged"),
            (&[400, 409, 413, 415, 422][..], "refused"),
            (&[301, 302, 307, 308, 401, 403, 404, 408, 429, 500, 502, 503][..], "away"),
            (&[410][..], "gone"),
        ] {
            assert!(statuses.iter().all(|it| word(*it) == wanted), "{wanted}");
        }
    }
}
