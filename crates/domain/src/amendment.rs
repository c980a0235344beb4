//! Amendments (信息更正) of what a person is known by: name, ID document, social-security card. Whoever serves the person
//! proposes, somebody else approves, and only then it takes effect (R-D12).

use crate::bind::acts_for;
use crate::clerk::Clerk;
use crate::day::{Day, Moment};
use crate::decision::{Answer, Case, Changes, Decision};
use crate::documents::{Act, Document, Shown, seen_rightly};
use crate::ids::{AmendmentNo, Area, Digest, Lookup, PersonNo, Serial};
use crate::notice::{Matter, Notice, NoticeKind};
use crate::people::Person;
use crate::reason::Reason;
use crate::request::Actor;
use crate::visit::refuse;
use crate::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// What of a person is amended.
    Amended {
        /// 姓名.
        Name = "name",
        /// 身份证件.
        IdDocument = "id_document",
        /// 社会保障卡.
        Card = "card",
    }
}

words! {
    /// How far an amendment is.
    AmendmentStage {
        /// Waits for somebody else's decision.
        Waiting = "waiting",
        /// Approved: in effect.
        Approved = "approved",
        /// Rejected.
        Rejected = "rejected",
        /// Taken back by who proposed it.
        Withdrawn = "withdrawn",
    }
}

/// An amendment that nobody decides for so many days lapses (assumed).
pub const DAYS_WAITING: i32 = 15;

/// The state of an amendment that nobody decided in time.
const LAPSED: &str = "lapsed";

/// Who decided an amendment, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The token of the clerk or supervisor.
    pub by: u64,
    /// When.
    pub at: Moment,
    /// The decision.
    pub serial: Serial,
    /// Keyed digest of the sealed paper that says why.
    pub why: Digest,
}

/// An amendment. What was before, what is to be, and why lie on the shelf, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Our number.
    pub no: AmendmentNo,
    /// Whose.
    pub person: PersonNo,
    /// Of what.
    pub what: Amended,
    /// What the person is no longer found by.
    pub forgets: Vec<Lookup>,
    /// What the person is found by from then on.
    pub learns: Vec<Lookup>,
    /// Keyed digest of the sealed paper.
    pub paper: Digest,
    /// Who proposed it.
    pub proposed_by: Clerk,
    /// The area whose halls decide it.
    pub area: Area,
    /// When it was proposed.
    pub proposed: Moment,
    /// How far it is.
    pub stage: AmendmentStage,
    /// Who decided, and when.
    pub settled: Option<Settled>,
}

/// Propose an amendment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeAmendment {
    /// Whose.
    pub person: PersonNo,
    /// Of what.
    pub what: Amended,
    /// What the person is no longer found by.
    pub forgets: Vec<Lookup>,
    /// What the person is found by from then on.
    pub learns: Vec<Lookup>,
    /// Keyed digest of the sealed paper.
    pub paper: Digest,
    /// What was shown for it.
    pub documents: Vec<Document>,
    /// The area whose halls decide it.
    pub area: Area,
}

/// Decide an amendment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideAmendment {
    /// Which.
    pub amendment: AmendmentNo,
    /// Whose.
    pub person: PersonNo,
    /// What it forgets and learns: loaded to see that nobody else is found by it meanwhile.
    pub lookups: Vec<Lookup>,
    /// How.
    pub event: AmendmentEvent,
    /// Keyed digest of the sealed paper that says why.
    pub why: Digest,
}

/// How an amendment is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AmendmentEvent {
    /// Somebody else approves: it takes effect.
    Approve,
    /// Somebody else rejects.
    Reject,
    /// Who proposed it takes it back.
    Withdraw,
}

impl AmendmentStage {
    /// What the person is told when an amendment has come so far.
    const fn told(self) -> NoticeKind {
        match self {
            AmendmentStage::Waiting => NoticeKind::AmendmentProposed,
            AmendmentStage::Approved => NoticeKind::AmendmentApproved,
            AmendmentStage::Rejected => NoticeKind::AmendmentRejected,
            AmendmentStage::Withdrawn => NoticeKind::AmendmentWithdrawn,
        }
    }
}

impl Amendment {
    /// The last day on which it can be decided.
    pub fn until(&self) -> Day {
        self.proposed.day().plus(DAYS_WAITING)
    }

    /// Whether it can be decided at a moment.
    pub fn waits(&self, at: Moment) -> bool {
        self.stage == AmendmentStage::Waiting && at.day() <= self.until()
    }

    /// The word for what it is at a moment: its stage, or `lapsed`.
    pub fn state(&self, at: Moment) -> &'static str {
        let lapsed = self.stage == AmendmentStage::Waiting && !self.waits(at);
        if lapsed { LAPSED } else { self.stage.word() }
    }

    /// Kept as it is, and told to the person.
    fn kept(self) -> Changes {
        let notice = Notice { to: self.person, about: Matter::Amendment(self.no), what: self.stage.told() };
        Changes { amendments: vec![self], notices: vec![notice], ..Changes::default() }
    }
}

/// The clerk who asks, and the person it is about, whom somebody at the counter is or acts for.
fn served<'a>(case: Case<'a>, person: PersonNo) -> Result<(Clerk, &'a Person), Reason> {
    let Actor::Clerk { clerk, .. } = case.request.actor else { return Err(Reason::NotPermitted {}) };
    let unknown = || Reason::PersonUnknown { field: "person".to_owned() };
    let found = case.facts.persons.get(&person).ok_or_else(unknown)?;
    acts_for(case, person).then_some((clerk, found)).ok_or(Reason::NotYours {})
}

fn decided(changes: Result<Changes, Reason>) -> Decision {
    match changes {
        Ok(changes) => Decision::done(Answer::Done, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

/// Decides [`ProposeAmendment`]: one at a time for a person, and for nothing that somebody is found by already.
pub(crate) fn propose(case: Case<'_>, it: &ProposeAmendment) -> Decision {
    decided(proposed(case, it))
}

fn proposed(case: Case<'_>, it: &ProposeAmendment) -> Result<Changes, Reason> {
    let (clerk, person) = served(case, it.person)?;
    let theirs = case.facts.amendments.values().filter(|other| other.person == person.no);
    if let Some(other) = theirs.into_iter().find(|other| other.waits(case.turn.at)) {
        return Err(Reason::AmendmentWaiting { until: other.until() });
    }
    is_free(case, &it.learns)?;
    if !seen_rightly(&it.documents, true) {
        return Err(Reason::NotPermitted {});
    }
    let no = AmendmentNo(case.turn.serial.creates(0));
    let amendment = Amendment {
        no,
        person: person.no,
        what: it.what,
        forgets: it.forgets.clone(),
        learns: it.learns.clone(),
        paper: it.paper,
        proposed_by: clerk,
        area: it.area,
        proposed: case.turn.at,
        stage: AmendmentStage::Waiting,
        settled: None,
    };
    let act = Act::Amendment(no);
    let shown =
        |it: &Document| Shown { person: person.no, clerk: Some(clerk.token), act, document: it.clone() };
    let documents = it.documents.iter().map(shown).collect();
    Ok(Changes { documents, ..amendment.kept() })
}

/// Nobody is found by what is to be learnt.
fn is_free(case: Case<'_>, learns: &[Lookup]) -> Result<(), Reason> {
    let taken = learns.iter().any(|it| case.facts.lookups.contains_key(it));
    if taken { Err(Reason::PersonKnown {}) } else { Ok(()) }
}

/// Decides [`DecideAmendment`]: who proposed it may take it back, anybody else may decide it.
pub(crate) fn decide(case: Case<'_>, it: &DecideAmendment) -> Decision {
    decided(settled(case, it))
}

fn settled(case: Case<'_>, it: &DecideAmendment) -> Result<Changes, Reason> {
    let (clerk, person) = served(case, it.person)?;
    let found = case.facts.amendments.get(&it.amendment).filter(|other| other.person == person.no);
    let amendment = found.ok_or(Reason::AmendmentUnknown {})?;
    let is_theirs = !clerk.is_other_than(amendment.proposed_by);
    match it.event {
        AmendmentEvent::Withdraw if !is_theirs => return Err(Reason::NotYours {}),
        AmendmentEvent::Approve | AmendmentEvent::Reject if is_theirs => {
            return Err(Reason::SecondPersonNeeded {});
        }
        AmendmentEvent::Withdraw | AmendmentEvent::Approve | AmendmentEvent::Reject => {}
    }
    if !amendment.waits(case.turn.at) {
        let state = amendment.state(case.turn.at).to_owned();
        return Err(Reason::NotPossibleNow { state });
    }
    let stage = match it.event {
        AmendmentEvent::Approve => AmendmentStage::Approved,
        AmendmentEvent::Reject => AmendmentStage::Rejected,
        AmendmentEvent::Withdraw => AmendmentStage::Withdrawn,
    };
    let settled = Some(Settled { by: clerk.token, at: case.turn.at, serial: case.turn.serial, why: it.why });
    let changes = Amendment { stage, settled, ..amendment.clone() }.kept();
    if it.event != AmendmentEvent::Approve {
        return Ok(changes);
    }
    let looked_at = |lookup: &Lookup| it.lookups.contains(lookup);
    if !amendment.forgets.iter().chain(&amendment.learns).all(looked_at) {
        return Err(Reason::AmendmentUnknown {});
    }
    is_free(case, &amendment.learns)?;
    let own = |lookup: &&Lookup| case.facts.lookups.get(*lookup) == Some(&person.no);
    Ok(Changes {
        forgotten: amendment.forgets.iter().filter(own).map(|it| (*it, person.no)).collect(),
        lookups: amendment.learns.iter().map(|it| (*it, person.no)).collect(),
        persons: vec![person.clone()],
        ..changes
    })
}
