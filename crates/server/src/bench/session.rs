//! One connection of the load generator: what it sends, one message after another, and what it makes of the answers.

use super::chance::Chance;
use super::drive::Mix;
use super::messages::{Bill, Office, Patient, Said, Visit, cancel, number, said, settle};
use super::stopwatch::Stopwatch;
use super::tally::{Kind, Tallies};
use super::town::AREAS;
use super::wire::Wire;
use std::sync::Arc;

/// What all connections do.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// What is sent.
    pub mix: Mix,
    /// One institution sends everything.
    pub one_institution: bool,
    /// The first institution sends so many times its share.
    pub greedy: u64,
}

/// A connection with its own chance and its own counts.
pub struct Session {
    office: Arc<Office>,
    wire: Wire,
    chance: Chance,
    watch: Stopwatch,
    habits: Habits,
    name: String,
    sent: u64,
    request: Vec<u8>,
    /// The answer to the request.
    answer: Vec<u8>,
    last: Option<Last>,
    settled: Option<Settled>,
    /// What became of its messages.
    pub tallies: Tallies,
}

/// The last message that may be sent again, with the answer it had.
struct Last {
    infno: &'static str,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// The last settlement that may be cancelled.
struct Settled {
    infno: &'static str,
    institution: u64,
    psn_no: String,
    visit: String,
    settlement: String,
}

impl Session {
    /// The session with this number.
    pub fn new(
        office: Arc<Office>,
        wire: Wire,
        chance: Chance,
        number: u64,
        habits: Habits,
        watch: Stopwatch,
    ) -> Session {
        Session {
            office,
            wire,
            chance,
            watch,
            habits,
            name: format!("x{number}x"),
            sent: 0,
            request: Vec::with_capacity(8 * 1024),
            answer: Vec::with_capacity(8 * 1024),
            last: None,
            settled: None,
            tallies: Tallies::default(),
        }
    }

    /// The next thing that happens, due at a time of the stopwatch; now, where none is given.
    pub async fn next(&mut self, due: Option<u64>) {
        match self.habits.mix {
            Mix::Purchase => self.purchase(due).await,
            Mix::Visit => self.visit(due).await.unwrap_or(()),
            // About one message in a hundred each, as a visit is five of them.
            Mix::Day => match self.chance.below(100) {
                0..2 if self.last.is_some() => self.replay(due).await,
                2..4 if self.settled.is_some() => self.cancel(due).await,
                0..70 => self.purchase(due).await,
                _ => self.visit(due).await.unwrap_or(()),
            },
        }
    }

    /// A pharmacy (even) or hospital (odd) by chance.
    fn institution(&mut self, odd: u64) -> u64 {
        if self.habits.one_institution {
            return odd;
        }
        let more = self.habits.greedy.saturating_sub(1);
        let all = self.office.town.institutions() / 2;
        self.chance.below(all + more).saturating_sub(more) * 2 + odd
    }

    fn patient(&mut self, institution: u64) -> Patient {
        let code = self.office.institutions[usize::try_from(institution).unwrap_or_default()].area;
        let area = AREAS.iter().position(|it| *it == code).unwrap_or_default();
        self.office.patient(area, &mut self.chance)
    }

    /// A purchase at a pharmacy.
    async fn purchase(&mut self, due: Option<u64>) {
        let institution = self.institution(0);
        let patient = self.patient(institution);
        let input = self.office.purchase(&patient, &Bill::of_three(&mut self.chance));
        let said = self.message("2102", institution, &input, due).await;
        if said == Said::Done {
            self.settled("2103", institution, &patient);
        }
    }

    /// A visit to a hospital, up to the message that is not done.
    async fn visit(&mut self, due: Option<u64>) -> Option<()> {
        let institution = self.institution(1);
        let patient = self.patient(institution);
        let bill = Bill::of_three(&mut self.chance);
        let office = Arc::clone(&self.office);
        self.done("2201", institution, &office.register(&patient), due).await?;
        let Some(number) = number(&self.answer, "mdtrt_id").map(str::to_owned) else {
            self.tallies.first_unknown.get_or_insert_with(|| "2201: no mdtrt_id".to_owned());
            return None;
        };
        let visit = Visit { patient: &patient, number: &number };
        self.done("2203", institution, &office.state(&visit), None).await?;
        self.done("2204", institution, &office.upload(&visit, &bill), None).await?;
        let bill = settle(&visit, &bill);
        self.done("2206", institution, &bill, None).await?;
        self.done("2207", institution, &bill, None).await?;
        self.settled("2208", institution, &patient);
        Some(())
    }

    async fn done(&mut self, infno: &'static str, at: u64, input: &str, due: Option<u64>) -> Option<()> {
        (self.message(infno, at, input, due).await == Said::Done).then_some(())
    }

    /// Counts a settlement; remembers it as one that a transaction may cancel.
    fn settled(&mut self, infno: &'static str, institution: u64, patient: &Patient) {
        self.tallies.settled += 1;
        let text = |name| number(&self.answer, name).map(str::to_owned);
        if self.habits.mix == Mix::Day
            && let (Some(visit), Some(settlement)) = (text("mdtrt_id"), text("setl_id"))
        {
            let psn_no = patient.psn_no.clone();
            self.settled = Some(Settled { infno, institution, psn_no, visit, settlement });
        }
    }

    /// Cancels the last settlement of this connection.
    async fn cancel(&mut self, due: Option<u64>) {
        let Some(it) = self.settled.take() else { return };
        let input = cancel(&it.psn_no, &it.visit, &it.settlement);
        self.message(it.infno, it.institution, &input, due).await;
    }

    /// Sends the last message again: the answer has to be the same, byte for byte.
    async fn replay(&mut self, due: Option<u64>) {
        let Some(it) = self.last.take() else { return };
        self.request.clone_from(&it.request);
        let since = due.unwrap_or_else(|| self.watch.nanos());
        let said = self.call().await;
        let differs = matches!(said, Said::Done | Said::Refused(_)) && self.answer != it.answer;
        let different = || Said::Unexpected(format!("{} sent again was answered differently", it.infno));
        let said = if differs { different() } else { said };
        self.tallies.count(Kind(it.infno, "replay"), &said, self.watch.nanos().saturating_sub(since));
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
        let number = format!("{}{}", self.name, self.sent);
        self.office.write(&mut self.request, infno, institution, &number, input);
        let since = due.unwrap_or_else(|| self.watch.nanos());
        let said = self.call().await;
        let greedy = if self.habits.greedy > 1 && institution < 2 { "greedy" } else { "" };
        self.tallies.count(Kind(infno, greedy), &said, self.watch.nanos().saturating_sub(since));
        // What is only looked at is answered under a new reference each time.
        if self.habits.mix == Mix::Day && infno != "2206" && matches!(said, Said::Done | Said::Refused(_)) {
            self.last = Some(Last { infno, request: self.request.clone(), answer: self.answer.clone() });
        }
        said
    }

    async fn call(&mut self) -> Said {
        match self.wire.call(&self.request).await {
            Ok((status, body)) => {
                self.answer.clear();
                self.answer.extend_from_slice(body);
                said(status, body)
            }
            Err(error) => Said::Unexpected(error.to_string()),
        }
    }
}
