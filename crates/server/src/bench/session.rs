//! One connection of the load generator: what it sends, one message after another, and what it makes of the answers.

use super::chance::Chance;
use super::messages::{Bill, Office, Patient, Said, said};
use super::stopwatch::Stopwatch;
use super::tally::Tallies;
use super::town::AREAS;
use super::wire::Wire;
use std::net::SocketAddr;
use std::sync::Arc;

/// A connection with its own chance and its own counts.
pub struct Session {
    office: Arc<Office>,
    address: SocketAddr,
    wire: Option<Wire>,
    chance: Chance,
    watch: Stopwatch,
    number: String,
    sent: u64,
    request: Vec<u8>,
    one_institution: bool,
    /// What became of its messages.
    pub tallies: Tallies,
}

impl Session {
    /// The session with this number.
    pub fn new(
        office: Arc<Office>,
        address: SocketAddr,
        seed: u64,
        number: u64,
        one_institution: bool,
        watch: Stopwatch,
    ) -> Session {
        Session {
            office,
            address,
            wire: None,
            chance: Chance::new(seed, number),
            watch,
            number: format!("x{number}x"),
            sent: 0,
            request: Vec::with_capacity(8 * 1024),
            one_institution,
            tallies: Tallies::default(),
        }
    }

    /// A pharmacy (even) or hospital (odd) by chance.
    fn institution(&mut self, odd: u64) -> u64 {
        if self.one_institution {
            return odd;
        }
        self.chance.below(self.office.town.institutions() / 2) * 2 + odd
    }

    fn patient(&mut self, institution: u64) -> Patient {
        let code = self.office.institutions[usize::try_from(institution).unwrap_or_default()].area;
        let area = AREAS.iter().position(|it| *it == code).unwrap_or_default();
        self.office.patient(area, &mut self.chance)
    }

    /// A purchase at a pharmacy, due at a time of the stopwatch.
    pub async fn purchase(&mut self, due: Option<u64>) {
        let institution = self.institution(0);
        let patient = self.patient(institution);
        let input = self.office.purchase(&patient, &Bill::of_three(&mut self.chance));
        let said = self.message("2102", institution, &input, due).await;
        self.tallies.settled += u64::from(said == Said::Done);
    }

    /// Sends a message and counts what comes back.
    async fn message(
        &mut self,
        infno: &'static str,
        institution: u64,
        input: &str,
        due: Option<u64>,
    ) -> Said {
        self.sent += 1;
        let number = format!("{}{}", self.number, self.sent);
        self.office.write(&mut self.request, infno, institution, &number, input);
        let since = due.unwrap_or_else(|| self.watch.nanos());
        let said = match self.call().await {
            Ok(said) => said,
            Err(error) => {
                self.wire = None;
                Said::Unexpected(format!("{infno}: {error}"))
            }
        };
        self.tallies.count(infno, &said, self.watch.nanos().saturating_sub(since));
        said
    }

    async fn call(&mut self) -> std::io::Result<Said> {
        let wire = match &mut self.wire {
            Some(wire) => wire,
            none => none.insert(Wire::open(self.address).await?),
        };
        let (status, body) = wire.call(&self.request).await?;
        Ok(said(status, body))
    }
}
