//! One seed's world: the store that misbehaves, the clock that jumps, the lane that is lost, and what was asked so far.

use crate::audit::{Audit, chain_notices};
use crate::cast::Cast;
use crate::coverage::Coverage;
use crate::dice::Dice;
use crate::rules;
use crate::scene::{Asked, Scene, kind, sender};
use crate::stage::Stage;
use crate::statistics::Recount;
use crate::{Answers, agency, codes, counter, family, now, packs, sight};
use domain::chain::encode;
use domain::day::{Day, Moment};
use domain::decision::{Decision, Outcome, Turn, decide};
use domain::ids::{Digest, Serial};
use domain::needs::Needs;
use domain::request::{Body, Key, Request, Sender, Settle};
use server::clock::Clock;
use server::turn::{Deciding, NoAnswer, Submission, Told, turn};
use server::vault::Vault;
use server::verify::verify;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::faulty::{Faults, Faulty};
use store::{Attachments, Books, Fault, LAST_SERIAL, Lane, LaneNo, Page, Query, Record, Store};

/// What went wrong that must not.
pub type Red = String;

/// One seed's world.
pub struct World<'a> {
    stage: &'a Stage,
    dice: Dice,
    clock: Clock,
    cast: Cast,
    faulty: Faulty<Arc<dyn Books>>,
    lane: Option<Box<dyn Lane>>,
    deciding: Deciding,
    crashes: u32,
    sent: Vec<Sent>,
    late: Vec<Request>,
    audit: Audit,
    recount: Recount,
    /// How often each thing happened.
    pub coverage: Coverage,
    /// What happened, in words, where somebody wants to read it.
    pub history: Option<Vec<String>>,
    /// What every turn was answered with, where somebody compares it.
    pub answers: Option<Vec<Answers>>,
}

/// A request that was sent at least once.
struct Sent {
    request: Request,
    answer: Option<Vec<u8>>,
}

/// A request on its way in a batch.
struct Ask {
    sent: usize,
    request: Request,
    other_body: bool,
}

impl<'a> World<'a> {
    /// The world of a seed, in an empty store.
    pub fn new(stage: &'a Stage, seed: u64, store: Arc<dyn Books>) -> World<'a> {
        let mut dice = Dice::new(seed);
        let first = Day::new(2024, 12, 20).expect("a day of the calendar");
        let apart = dice.percent(22);
        let (soonest, latest) = if apart { (383, 430) } else { (0, 390) };
        let start = first.plus(i32::try_from(dice.between(soonest, latest)).unwrap_or(0));
        let start = start.start().plus_millis(36_000_000);
        let clock = Clock::sandbox(|| Moment::from_millis(0), start);
        let calm = dice.percent(10);
        let mut some = |most: i64| if calm { 0 } else { u8::try_from(dice.between(0, most)).unwrap_or(0) };
        let faults = Faults { refused: some(9), lost_reply: some(9) };
        let crashes = u32::from(some(70));
        let recount = Recount::new(Arc::clone(&store), seed, faults);
        let faulty = Faulty::new(store, seed, faults);
        let cast = Cast::new(&mut dice, apart);
        let deciding = deciding(stage, &clock, &faulty, dice.number());
        World {
            stage,
            dice,
            clock,
            cast,
            faulty,
            lane: None,
            deciding,
            crashes,
            sent: Vec::new(),
            late: Vec::new(),
            audit: Audit::default(),
            recount,
            coverage: Coverage { seeds: 1, ..Coverage::default() },
            history: None,
            answers: None,
        }
    }

    /// Runs until so many requests are decided, heals, and verifies.
    ///
    /// # Errors
    /// What must not happen.
    pub fn run(&mut self, requests: u64) -> Result<(), Red> {
        let goes_on = self.dice.percent(85);
        for stage in agency::opening(self.stage, &self.cast, goes_on, self.clock.now().day()) {
            for asked in stage {
                self.enlist(asked, None);
            }
            while self.sent.iter().any(|it| it.answer.is_none()) {
                let asks = self.unanswered(8);
                self.turn(asks)?;
            }
        }
        for _ in 0..8 {
            if let Some(asked) = family::bind(&mut self.scene()) {
                self.enlist(asked, None);
            }
        }
        let mut left = requests.saturating_mul(20);
        while self.coverage.requests < requests && left > 0 {
            self.step()?;
            left -= 1;
        }
        self.heal()
    }

    fn step(&mut self) -> Result<(), Red> {
        self.pass_time();
        if self.dice.per_mille(self.crashes) {
            self.crash();
        }
        let mut asks = self.asks();
        let foreseen = self.dice.percent(10).then(|| self.preview(&asks)).transpose()?.flatten();
        for at in (1..asks.len()).rev() {
            if foreseen.is_none() {
                asks.swap(at, self.dice.below(at + 1));
            }
        }
        let first = asks.first().map(|it| it.request.key.clone());
        self.turn(asks)?;
        self.compare(foreseen, first)
    }

    /// Time passes: moments, hours, over midnight, into the next month, over new year.
    fn pass_time(&mut self) {
        const DAY: i64 = 86_400_000;
        let before = self.clock.now();
        let today = before.day();
        let to = match self.dice.below(1_000) {
            0..700 => before.plus_millis(self.dice.between(1, 900_000)),
            700..820 => before.plus_millis(self.dice.between(1, 8 * 3_600_000)),
            820..930 => today.plus(1).start().plus_millis(self.dice.between(-1_000, 30_000)),
            930..970 => before.plus_millis(self.dice.between(DAY, 12 * DAY)),
            970..981 => today.plus_months(1).start().plus_millis(self.dice.between(0, 20 * DAY)),
            _ => Day::new(today.year() + 1, 1, 1)
                .unwrap_or(today)
                .start()
                .plus_millis(self.dice.between(-1_000, 9_000)),
        };
        let to = if to.day().year() > 2028 { before } else { to.max(before) };
        self.clock.move_to(to).expect("a sandbox's clock moves forward");
        let day = to.day();
        let passed = [
            ("midnight", day != today),
            ("new month", day.month() != today.month()),
            ("new year", day.year() != today.year()),
        ];
        for (what, _) in passed.into_iter().filter(|(_, it)| *it) {
            self.coverage.happened(what);
        }
    }

    /// The process dies and comes back: what was in memory is gone, what was committed is not.
    fn crash(&mut self) {
        self.coverage.happened("crash");
        self.note(|_| "  the process dies and starts again".to_owned());
        self.lane = None;
        self.recount.crash();
        self.deciding = deciding(self.stage, &self.clock, &self.faulty, self.dice.number());
    }

    /// What is sent in this step.
    fn asks(&mut self) -> Vec<Ask> {
        let sizes = [(58, 1), (16, 2), (10, 3), (8, 4), (5, 6), (3, 9)];
        let fresh = self.dice.weighed(&sizes).unwrap_or(1);
        let mut asks: Vec<Ask> = (0..fresh).map(|_| self.fresh()).collect();
        if self.dice.percent(60) {
            let others = self.unanswered(3);
            asks.extend(others.into_iter().filter(|it| it.sent + fresh < self.sent.len()));
        }
        if self.dice.percent(12) {
            asks.extend(self.again(false));
        }
        if self.dice.percent(5) {
            asks.extend(self.again(true));
        }
        if self.dice.percent(4) {
            let twice = self.ask(asks[0].sent);
            asks.push(twice);
        }
        if self.dice.percent(25) && !self.late.is_empty() {
            let request = self.late.remove(0);
            self.coverage.happened("late arrival");
            self.sent.push(Sent { request, answer: None });
            asks.push(self.ask(self.sent.len() - 1));
        }
        asks
    }

    fn scene(&mut self) -> Scene<'_> {
        Scene {
            stage: self.stage,
            cast: &self.cast,
            facts: &self.audit.facts,
            at: self.clock.now(),
            dice: &mut self.dice,
        }
    }

    fn fresh(&mut self) -> Ask {
        let asked = self.scene().ask();
        if let Body::Reverse(it) = &asked.1 {
            self.hold(it.original.clone());
        }
        let number = self.enlist(asked, None);
        self.ask(number)
    }

    /// Keeps back the message that a reversal speaks of before it arrives.
    fn hold(&mut self, key: Key) {
        let known = self.audit.keys.contains_key(&key) || self.sent.iter().any(|it| it.request.key == key);
        let known = known || self.late.iter().any(|it| it.key == key);
        let Sender::Institution(code) = key.sender else { return };
        let place = self.cast.places.iter().copied().find(|it| it.code == code);
        let Some(place) = place.filter(|_| !known) else { return };
        if let Some((actor, body)) = counter::settle_lines(&mut self.scene(), place) {
            let request = Request { digest: digest(&body), key, actor, body };
            self.late.push(request);
        }
    }

    fn enlist(&mut self, (actor, body): Asked, key: Option<Key>) -> usize {
        let id = format!("m{}", self.sent.len());
        let key = key.unwrap_or(Key { sender: sender(actor), id });
        self.sent.push(Sent { request: Request { key, digest: digest(&body), actor, body }, answer: None });
        self.sent.len() - 1
    }

    fn ask(&self, sent: usize) -> Ask {
        Ask { sent, request: self.sent[sent].request.clone(), other_body: false }
    }

    fn unanswered(&self, most: usize) -> Vec<Ask> {
        let open = (0..self.sent.len()).filter(|it| self.sent[*it].answer.is_none());
        open.take(most).map(|it| self.ask(it)).collect()
    }

    /// Something that was answered, asked again; or its key with another body.
    fn again(&mut self, other_body: bool) -> Option<Ask> {
        let answered: Vec<usize> =
            (0..self.sent.len()).filter(|it| self.sent[*it].answer.is_some()).collect();
        let chosen = *self.dice.pick(&answered)?;
        let mut ask = self.ask(chosen);
        self.coverage.happened(if other_body { "key reused" } else { "replay" });
        if other_body {
            let (actor, body) = self.scene().ask();
            let digest = Digest::of(&[&digest(&body).0, b"another"]);
            ask = Ask { request: Request { key: ask.request.key, digest, actor, body }, other_body, ..ask };
        }
        Some(ask)
    }

    /// One turn of the lane, with everything that must be true of its answers and of what it left behind.
    fn turn(&mut self, asks: Vec<Ask>) -> Result<(), Red> {
        self.coverage.steps += 1;
        let mishaps = self.faulty.mishaps();
        let submissions: Vec<Submission> = asks.iter().map(|it| submission(&it.request)).collect();
        let keys: BTreeSet<&Key> = asks.iter().map(|it| &it.request.key).collect();
        let fresh = keys.into_iter().filter(|it| !self.audit.keys.contains_key(it)).count();
        let answers = self.serve(&submissions);
        if let Some(kept) = &mut self.answers {
            kept.push(answers.clone());
        }
        let after = self.faulty.mishaps();
        let went_wrong = [
            ("call refused", after.refused > mishaps.refused),
            ("reply lost", after.lost_replies > mishaps.lost_replies),
        ];
        for (what, _) in went_wrong.into_iter().filter(|(_, it)| *it) {
            self.coverage.happened(what);
            self.note(|_| format!("  {what}"));
        }
        let at = self.clock.now();
        self.note(|steps| {
            format!(
                "step {steps}, {at}, {} requests: {}",
                asks.len(),
                if answers.is_ok() { "answered" } else { "no answer" }
            )
        });
        let new = self.take_new()?;
        match answers {
            Ok(answers) => {
                let busy = answers.contains(&Err(NoAnswer::Busy));
                demand(!busy, || "deciding a request failed".to_owned())?;
                demand(new == fresh, || format!("{fresh} requests were acknowledged, {new} are stored"))?;
                if self.dice.per_mille(self.crashes / 2) {
                    self.crash();
                    return Ok(());
                }
                asks.iter().zip(answers).try_for_each(|(ask, answer)| self.answered(ask, answer))
            }
            Err(Fault::Unavailable(_)) => {
                self.lane = None;
                demand(new == 0 || new == fresh, || {
                    format!("of {fresh} requests not acknowledged, {new} are stored")
                })
            }
            Err(fault) => Err(format!("the lane gave up: {fault}")),
        }
    }

    fn serve(&mut self, submissions: &[Submission]) -> Answers {
        if self.lane.is_none() {
            self.lane = Some(now(self.faulty.lane(LaneNo(1)))?);
        }
        let Some(lane) = &mut self.lane else { return Err(Fault::Unavailable("no lane".to_owned())) };
        let all: Vec<&Submission> = submissions.iter().collect();
        now(turn(&mut **lane, &all, &mut self.deciding))
    }

    /// Looks at everything that is stored since the last time.
    fn take_new(&mut self) -> Result<usize, Red> {
        let query = Query::Records { from: self.audit.next.0, to: LAST_SERIAL, limit: 10_000 };
        let Page::Records(records) = self.page(&query)? else {
            return Err("records were asked for".to_owned());
        };
        for record in &records {
            let done = matches!(record.decision.outcome, Outcome::Done(_));
            self.coverage.request(kind(&record.request.body), done);
            let met =
                rules::reached(record).into_iter().chain(codes::shown(record)).chain(sight::reached(record));
            met.chain(packs::reached(record)).for_each(|it| self.coverage.happened(it));
            self.note(|_| crate::history::line(record));
            self.audit.take(record, self.clock.now())?;
            self.recount.take(record, &self.audit.facts);
        }
        self.recount.step();
        let query = Query::Purses { after: None, limit: 10_000 };
        let Page::Purses(purses) = self.page(&query)? else { return Err("purses were asked for".to_owned()) };
        self.audit.books.compare(&purses, self.clock.now().day().year())?;
        Ok(records.len())
    }

    /// A page of what is really stored.
    fn page(&self, query: &Query) -> Result<Page, Red> {
        now(self.faulty.inner().page(query)).map_err(|it| it.to_string())
    }

    fn answered(&mut self, ask: &Ask, answer: Result<Vec<u8>, NoAnswer>) -> Result<(), Red> {
        let key = &ask.request.key;
        match (answer, ask.other_body) {
            (Err(NoAnswer::KeyReused), true) => Ok(()),
            (Ok(answer), false) => {
                let known = self.sent[ask.sent].answer.get_or_insert_with(|| answer.clone());
                demand(*known == answer, || format!("{key:?} was answered in two ways"))
            }
            (answer, _) => Err(format!("{key:?} was answered with {answer:?}")),
        }
    }

    /// A settlement decided and not committed: changes nothing, and foretells what comes if nothing happens before.
    fn preview(&mut self, asks: &[Ask]) -> Result<Option<Foreseen>, Red> {
        let Some(ask) = asks.first() else { return Ok(None) };
        self.coverage.happened("preview");
        let turn = Turn { serial: Serial(0), at: self.clock.now() };
        let before = format!("{:?}", self.page(&Query::Counts)?);
        let needs = Needs::of([&ask.request], turn.at);
        let Ok(Page::Facts(rows)) = now(self.faulty.page(&Query::Facts(Box::new(needs), turn.at))) else {
            return Ok(None);
        };
        let law = rows.law.and_then(|it| self.stage.laws.get(it)).ok_or("there is no law")?;
        let decision = decide(&ask.request, turn, &rows.facts, &law);
        let after = format!("{:?}", self.page(&Query::Counts)?);
        demand(before == after, || "a preview changed something".to_owned())?;
        demand(self.take_new()? == 0, || "a preview was committed".to_owned())?;
        Ok(Foreseen::of(&ask.request, &decision))
    }

    /// What the preview said is what was decided, where the request was the first to be decided after it.
    fn compare(&self, foreseen: Option<Foreseen>, first: Option<Key>) -> Result<(), Red> {
        let (Some(foreseen), Some(key)) = (foreseen, first) else { return Ok(()) };
        let Page::Record(Some(record)) = self.page(&Query::Record(key))? else { return Ok(()) };
        if record.turn.at != self.clock.now() {
            return Ok(());
        }
        let came = Foreseen::of(&record.request, &record.decision);
        demand(came.as_ref() == Some(&foreseen), || {
            format!("the preview said {foreseen:?}, it came to {came:?}")
        })
    }

    /// No more faults: everyone is answered, with the answer on record; then the whole store is verified.
    fn heal(&mut self) -> Result<(), Red> {
        self.faulty.set(Faults::default());
        self.crashes = 0;
        for request in std::mem::take(&mut self.late) {
            self.sent.push(Sent { request, answer: None });
        }
        while self.sent.iter().any(|it| it.answer.is_none()) {
            let asks = self.unanswered(16);
            self.turn(asks)?;
        }
        self.note(|_| "everything is asked again".to_owned());
        for first in (0..self.sent.len()).step_by(32) {
            let asks = (first..self.sent.len().min(first + 32)).map(|it| self.ask(it)).collect();
            self.turn(asks)?;
        }
        self.audit.books.sums()?;
        let Page::Records(records) =
            self.page(&Query::Records { from: Serial(0), to: LAST_SERIAL, limit: 100_000 })?
        else {
            return Err("records were asked for".to_owned());
        };
        self.recount.compare()?;
        self.whole(&records)
    }

    fn whole(&self, records: &[Record]) -> Result<(), Red> {
        demand(records.len() == self.audit.keys.len(), || "a key has not exactly one record".to_owned())?;
        chain_notices(records)?;
        let report =
            now(verify(&**self.faulty.inner(), &self.stage.laws, &|_| {})).map_err(|it| it.to_string())?;
        demand(report.is_sound() && report.decided_otherwise.is_empty(), || {
            format!("verify found {:?}", report.findings)
        })
    }

    fn note(&mut self, line: impl FnOnce(u64) -> String) {
        let steps = self.coverage.steps;
        if let Some(history) = &mut self.history {
            history.push(line(steps));
        }
    }
}

/// What a preview says about a settlement, without numbers that only a commit gives.
#[derive(Debug, PartialEq, Eq)]
struct Foreseen(Result<String, Vec<domain::reason::Reason>>);

impl Foreseen {
    fn of(request: &Request, decision: &Decision) -> Option<Foreseen> {
        let Body::Settle(Settle { .. }) = &request.body else { return None };
        let settlement = decision.changes().and_then(|it| it.settlements.first());
        let said =
            settlement.map(|it| format!("{:?} {:?} {} {}", it.shared, it.draws, it.cash, it.balance_after));
        Some(Foreseen(said.ok_or_else(|| decision.reasons().to_vec())))
    }
}

fn demand(yes: bool, what: impl FnOnce() -> String) -> Result<(), Red> {
    if yes { Ok(()) } else { Err(what()) }
}

fn digest(body: &Body) -> Digest {
    Digest::of(&[&encode(body)])
}

fn submission(request: &Request) -> Submission {
    let encode = Arc::new(|told: &Told<'_>| encode(&(told.turn, &told.decision.outcome)));
    Submission {
        request: request.clone(),
        attachments: Attachments::default(),
        aside: None,
        encode,
        is_kept: true,
    }
}

fn deciding(stage: &Stage, clock: &Clock, faulty: &Faulty<Arc<dyn Books>>, seed: u64) -> Deciding {
    let mut dice = Dice::new(seed);
    Deciding {
        store: Arc::new(faulty.clone()),
        clock: clock.clone(),
        laws: Arc::clone(&stage.laws),
        vault: Arc::new(Vault::seeded(7)),
        entropy: Box::new(move |bytes| dice.fill(bytes)),
    }
}
