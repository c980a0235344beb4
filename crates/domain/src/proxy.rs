//! Proxy purchase (代购): somebody who cannot come for a stated reason entrusts somebody else with buying their medicine.
//! It is bought on the patient's own code or card; reason, agent and the ID documents of both are recorded (R-G1).

use crate::case::Case;
use crate::day::{Day, Moment};
use crate::decision::{Answer, Changes, Check, Decision, Found, Matter, Notice, NoticeKind, Steps};
use crate::ids::{InstitutionCode, Lookup, PersonNo, ProxyNo, SettlementNo};
use crate::people::Person;
use crate::policy::Silent;
use crate::reason::Reason;
use crate::request::Actor;
use crate::settle::Bill;
use crate::visit::refuse;
use crate::words::{Channel, Standing, words};
use serde::{Deserialize, Serialize};

words! {
    /// Why a patient cannot come (R-G1).
    ProxyReason {
        /// 生病、行动不便.
        Illness = "illness",
        /// 年老体弱.
        Age = "age",
        /// 年幼.
        Childhood = "childhood",
        /// 在住院、隔离或养老、托养机构.
        InCare = "in_care",
        /// 在外地、路远或交通不便.
        Distance = "distance",
    }
}

words! {
    /// An ID document that was shown (`psn_cert_type`).
    Paper {
        /// 居民身份证, 01.
        IdCard = "id_card",
        /// 户口簿, 01.
        Household = "household",
        /// 军官证、警官证, 02 and 03.
        Service = "service",
        /// 港澳台居民居住证或通行证, 04 to 06 and 17.
        Compatriot = "compatriot",
        /// 护照、外国人永久居留证, 07, 08 and 16.
        Passport = "passport",
    }
}

words! {
    /// Whose ID document is not recorded.
    MissingPaper {
        /// The patient's.
        Patient = "patient",
        /// The agent's.
        Agent = "agent",
        /// Both.
        Both = "both",
    }
}

/// The ID documents of patient and agent, as far as they are recorded: what they are, never their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Papers {
    /// The patient's.
    pub patient: Option<Paper>,
    /// The agent's.
    pub agent: Option<Paper>,
}

impl Papers {
    /// These, and what is missing of them taken from others.
    pub fn or(self, others: Papers) -> Papers {
        Papers { patient: self.patient.or(others.patient), agent: self.agent.or(others.agent) }
    }

    /// Whose is missing.
    pub fn missing(self) -> Option<MissingPaper> {
        match (self.patient, self.agent) {
            (Some(_), Some(_)) => None,
            (None, Some(_)) => Some(MissingPaper::Patient),
            (Some(_), None) => Some(MissingPaper::Agent),
            (None, None) => Some(MissingPaper::Both),
        }
    }
}

/// An entrusted purchase: good for one purchase, until its last day or until it is revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// Our number.
    pub no: ProxyNo,
    /// For whom it is bought: the principal (委托人).
    pub patient: PersonNo,
    /// Who buys it (代办人).
    pub agent: PersonNo,
    /// Why the patient cannot come.
    pub reason: ProxyReason,
    /// The only place where it may be bought; `None`: anywhere.
    pub place: Option<InstitutionCode>,
    /// The documents that were recorded when it was entrusted.
    pub papers: Papers,
    /// The clerk who recorded it, at a hall.
    pub clerk: Option<u64>,
    /// Since when.
    pub since: Moment,
    /// The last day on which it may be bought.
    pub last_day: Day,
    /// When it was revoked.
    pub revoked: Option<Moment>,
    /// The settlement that used it and stands.
    pub used: Option<SettlementNo>,
}

impl Proxy {
    /// Where it was recorded (R-D9).
    pub fn channel(&self) -> Channel {
        if self.clerk.is_some() { Channel::Hall } else { Channel::App }
    }

    /// Why nothing more can be bought by it on a day, nor anything be changed about it; `None` while it is open.
    pub fn closed(&self, today: Day) -> Option<Reason> {
        if let Some(at) = self.revoked {
            return Some(Reason::ProxyRevoked { at });
        }
        if let Some(settlement) = self.used {
            return Some(Reason::ProxyUsed { settlement });
        }
        (self.last_day < today).then_some(Reason::ProxyExpired { last: self.last_day })
    }
}

/// By whom a settlement was bought for the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoughtBy {
    /// By which entrustment.
    pub proxy: ProxyNo,
    /// Who bought it.
    pub agent: PersonNo,
}

/// Entrust a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntrustProxy {
    /// For whom is to be bought.
    pub patient: Lookup,
    /// Who is to buy.
    pub agent: Lookup,
    /// Why the patient cannot come.
    pub reason: ProxyReason,
    /// The only place; `None`: anywhere.
    pub place: Option<InstitutionCode>,
    /// The documents of both, as far as they are recorded now.
    pub papers: Papers,
    /// The last day.
    pub last_day: Day,
}

/// Revoke an entrusted purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeProxy {
    /// Which.
    pub proxy: ProxyNo,
}

/// What an agent shows at the counter (`GJ_PROXY`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownProxy {
    /// The entrustment that the token names; `None` where the token is none of ours.
    pub proxy: Option<ProxyNo>,
    /// The documents that were looked at there.
    pub papers: Papers,
}

/// Decides [`EntrustProxy`] (R-G1, R-D9). Both are told, whoever did it: a clerk or a guardian may have.
pub(crate) fn entrust(case: Case<'_>, it: &EntrustProxy) -> Decision {
    let mut steps = Steps::default();
    match entrusted(case, it, &mut steps) {
        Ok(Some(proxy)) => {
            let told =
                [(proxy.patient, NoticeKind::ProxyEntrusted), (proxy.agent, NoticeKind::ProxyReceived)];
            let notices = told.map(|(to, what)| Notice { to, about: Matter::Proxy(proxy.no), what }).to_vec();
            let (answer, proxies) = (Answer::Proxy(proxy.no), vec![proxy]);
            Decision::done(answer, Changes { proxies, notices, ..Changes::default() }, steps.list)
        }
        Ok(None) => steps.refusal().expect("what is not entrusted has a reason"),
        Err(reason) => refuse(reason),
    }
}

fn entrusted(case: Case<'_>, it: &EntrustProxy, steps: &mut Steps) -> Result<Option<Proxy>, Reason> {
    let patient = case.person(it.patient, "patient")?;
    let agent = case.person(it.agent, "agent")?;
    if !may_entrust(case, patient.no, agent.no) {
        return Err(Reason::NotYours {});
    }
    if patient.no == agent.no {
        return Err(Reason::ProxySamePerson { person: agent.no });
    }
    [patient, agent].into_iter().filter_map(dead).for_each(|it| steps.refuse(it));
    if let Some(institution) = it.place.filter(|it| !case.facts.institutions.contains_key(it)) {
        steps.refuse(Reason::InstitutionUnknown { institution });
    }
    check_terms(case, it, patient, steps)?;
    let clerk = match case.request.actor {
        Actor::Clerk { clerk, .. } => Some(clerk.token),
        Actor::Citizen(_) | Actor::Institution(_) | Actor::Operator { .. } => None,
    };
    let proxy = Proxy {
        no: ProxyNo(case.turn.serial.creates(0)),
        patient: patient.no,
        agent: agent.no,
        reason: it.reason,
        place: it.place,
        papers: it.papers,
        clerk,
        since: case.turn.at,
        last_day: it.last_day,
        revoked: None,
        used: None,
    };
    Ok(steps.reasons.is_empty().then_some(proxy))
}

/// The patient entrusts, or who acts for a minor. At a hall the agent may come instead, whose documents and the
/// patient's the clerk sees. A family code link entitles nobody: its holder makes it alone.
fn may_entrust(case: Case<'_>, patient: PersonNo, agent: PersonNo) -> bool {
    let comes = matches!(case.request.actor, Actor::Clerk { person, .. } if person == agent);
    comes || crate::bind::acts_for(case, patient)
}

fn dead(person: &Person) -> Option<Reason> {
    person.died.map(|on| Reason::PersonDead { person: person.no, on })
}

/// How long, and with which documents: a clerk records both at once.
fn check_terms(case: Case<'_>, it: &EntrustProxy, patient: &Person, steps: &mut Steps) -> Result<(), Reason> {
    let (law, today) = (&case.law.policies.parameters, case.today());
    let insured = case.facts.enrolment_on(patient.no, today);
    let insured = insured.filter(|it| it.standing(today) != Standing::Ended);
    let area = insured.ok_or(Reason::BeneficiaryNotInsured { person: patient.no })?.area;
    let days = law.proxy_days.on(area, today).map_err(Reason::NoPolicy)?;
    let latest = today.plus(i32::from(*days.value));
    let wrong = match it.last_day {
        last if last < today => Some(Reason::DatesContradict { first: today, last }),
        last if last > latest => Some(Reason::ProxyTooLong { last, latest }),
        _ => None,
    };
    steps.check("R-G1", Some(days.cite), Check::ProxyDays, wrong);
    let papers = law.proxy_papers.on(area, today).map_err(Reason::NoPolicy)?;
    let at_hall = matches!(case.request.actor, Actor::Clerk { .. });
    let missing = it.papers.missing().filter(|_| at_hall && *papers.value);
    let missing = missing.map(|missing| Reason::ProxyProofMissing { missing });
    steps.check("R-G1", Some(papers.cite), Check::ProxyPapers, missing);
    Ok(())
}

/// Decides [`RevokeProxy`]: the patient or who acts for them, or the agent, as long as nothing was bought by it.
pub(crate) fn revoke(case: Case<'_>, it: &RevokeProxy) -> Decision {
    match revoked(case, it) {
        Ok(proxy) => {
            let notice = |to| Notice { to, about: Matter::Proxy(proxy.no), what: NoticeKind::ProxyRevoked };
            let notices = [proxy.patient, proxy.agent].map(notice).to_vec();
            let changes = Changes { proxies: vec![proxy], notices, ..Changes::default() };
            Decision::done(Answer::Done, changes, Vec::new())
        }
        Err(reason) => refuse(reason),
    }
}

fn revoked(case: Case<'_>, it: &RevokeProxy) -> Result<Proxy, Reason> {
    let proxy = case.facts.proxies.get(&it.proxy).ok_or(Reason::ProxyUnknown {})?;
    let theirs = [proxy.patient, proxy.agent].into_iter().any(|it| crate::bind::acts_for(case, it));
    if !theirs {
        return Err(Reason::NotYours {});
    }
    proxy.closed(case.today()).map_or_else(|| Ok(Proxy { revoked: Some(case.turn.at), ..proxy.clone() }), Err)
}

/// Who buys a bill for the patient, where somebody does: everything that speaks against it goes to the steps.
pub(crate) fn bought_by(
    case: Case<'_>,
    shown: Option<&ShownProxy>,
    bill: &Bill<'_>,
    steps: &mut Steps,
) -> Option<BoughtBy> {
    let shown = shown?;
    let known = shown.proxy.and_then(|it| case.facts.proxies.get(&it));
    let Some(proxy) = known else {
        steps.refuse(Reason::ProxyUnknown {});
        return None;
    };
    if proxy.patient != bill.patient.person.no {
        // Whose it is concerns nobody here.
        steps.refuse(Reason::ProxyOfOther { patient: bill.patient.person.no });
        return None;
    }
    against(case, proxy, bill).into_iter().for_each(|it| steps.refuse(it));
    match check_papers(case, proxy, shown, bill, steps) {
        Ok(()) => Some(BoughtBy { proxy: proxy.no, agent: proxy.agent }),
        Err(silent) => {
            steps.refuse(Reason::NoPolicy(silent));
            None
        }
    }
}

/// What speaks against buying a bill by this entrustment, its documents apart.
fn against(case: Case<'_>, proxy: &Proxy, bill: &Bill<'_>) -> Vec<Reason> {
    let here = bill.patient.institution.code;
    let agent = case.facts.persons.get(&proxy.agent).and_then(dead);
    let elsewhere = proxy.place.filter(|it| *it != here);
    let elsewhere = elsewhere.map(|institution| Reason::ProxyElsewhere { institution });
    let stay = bill.stay.is_some().then_some(Reason::ProxyNotForStay {});
    [proxy.closed(case.today()), elsewhere, stay, agent].into_iter().flatten().collect()
}

/// The documents of both are recorded: when it was entrusted, or at the counter (art. 17).
fn check_papers(
    case: Case<'_>,
    proxy: &Proxy,
    shown: &ShownProxy,
    bill: &Bill<'_>,
    steps: &mut Steps,
) -> Result<(), Silent> {
    let law = &case.law.policies.parameters;
    let papers = law.proxy_papers.on(bill.patient.institution.area, case.today())?;
    let missing = proxy.papers.or(shown.papers).missing().filter(|_| *papers.value);
    let missing = missing.map(|missing| Reason::ProxyProofMissing { missing });
    if missing.is_none() {
        steps.push("R-G1", Some(papers.cite), Found::BoughtBy(proxy.agent));
    }
    steps.check("R-G1", Some(papers.cite), Check::ProxyPapers, missing);
    Ok(())
}

/// The entrustment by which a bill was bought, as it stands once this settlement is there.
pub(crate) fn used(case: Case<'_>, bought: Option<BoughtBy>, by: Option<SettlementNo>) -> Option<Proxy> {
    let proxy = case.facts.proxies.get(&bought?.proxy)?;
    Some(Proxy { used: by, ..proxy.clone() })
}

/// The patient is told what was bought for them, or that it was given back whole.
pub(crate) fn told(
    bought: Option<BoughtBy>,
    patient: PersonNo,
    what: NoticeKind,
    no: SettlementNo,
) -> Vec<Notice> {
    let notice = |_| Notice { to: patient, about: Matter::Settlement(no), what };
    bought.map(notice).into_iter().collect()
}
