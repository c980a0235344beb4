//! What people can do about a reason. No step is advised that the same rules would refuse: each is first taken, on a
//! copy of the facts, and what was asked is decided again after it.

use crate::case::Case;
use crate::day::Day;
use crate::decision::{Decision, Found, Outcome};
use crate::ids::{Area, BindingNo, PersonNo, ProxyNo, SettlementNo};
use crate::money::Fen;
use crate::reason::{Arg, CODES, Reason};
use crate::remedies::candidates;
use crate::trial::Trial;
use crate::words::{LimitKind, Proof, Relation, Scheme};

/// A step that somebody can take.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields say what they are")]
pub enum Advice {
    /// The giver's code is shown too.
    ShowGiverCode { giver: PersonNo },
    /// The patient's own code is shown.
    ShowOwnCode { patient: PersonNo },
    /// Whoever has to confirm does.
    Confirm { waiting: PersonNo, binding: BindingNo },
    /// The giver binds the patient.
    Bind { giver: PersonNo, beneficiary: PersonNo, relation: Relation },
    /// The giver earmarks more.
    RaiseQuota { giver: PersonNo, binding: BindingNo },
    /// The giver raises a limit.
    RaiseLimit { giver: PersonNo, binding: BindingNo, kind: LimitKind },
    /// Another binding is released first.
    ReleaseFirst { giver: PersonNo, beneficiary: PersonNo, binding: BindingNo },
    /// The giver releases one of their bindings first.
    ReleaseOne { giver: PersonNo },
    /// The holder undoes one of their family code links first.
    UnlinkOne { holder: PersonNo },
    /// Somebody enrols first.
    Enrol { person: PersonNo },
    /// Somebody's enrolment is resumed first.
    Resume { person: PersonNo, scheme: Scheme },
    /// The commitment is signed.
    Sign,
    /// Documents are brought along.
    BringProof { needed: Proof },
    /// Somebody of the family who has a personal account gives instead.
    OtherGiver,
    /// One of the relatives is chosen whom the area has allowed since a day, as a document says.
    AllowedRelatives { area: Area, relations: Vec<Relation>, since: Day, source: String },
    /// The other side starts.
    OtherStarter { person: PersonNo },
    /// The dates are corrected.
    MendDates,
    /// A limit is left out.
    DropLimit { kind: LimitKind },
    /// A quota is stated.
    FillQuota,
    /// A smaller quota is stated.
    StateQuota { free: Fen },
    /// The institution settles with shared money.
    AskShared,
    /// The institution maps its own code.
    MapItems { line: u16 },
    /// The institution says that it means another bill.
    RepeatMeant,
    /// A later settlement is cancelled first.
    CancelLaterFirst { settlement: SettlementNo },
    /// The ID documents of patient and agent are shown and recorded.
    ShowPapers,
    /// The code on the pack of a line is scanned.
    ScanPack { line: u16 },
    /// Another pack is handed out for a line.
    OtherPack { line: u16 },
    /// The patient entrusts the purchase again.
    EntrustAgain { patient: PersonNo, proxy: ProxyNo },
    /// It is asked for again from a day on.
    WaitUntil { day: Day },
    /// What is left is paid another way.
    PayCash { amount: Fen },
    /// The bill is paid by the patient.
    PayOtherwise,
    /// The hotline or the hall looks into it.
    AskHall,
    /// The institution checks its bill.
    AskInstitution,
}

/// The name of each advice in the texts, and the facts that its text may speak of.
pub const NAMES: &[(&str, &[&str])] = &[
    ("show_giver_code", &["giver"]),
    ("show_own_code", &["patient"]),
    ("confirm", &["waiting"]),
    ("bind", &["giver", "beneficiary"]),
    ("raise_quota", &["giver"]),
    ("raise_limit", &["giver", "kind"]),
    ("release_first", &["giver", "beneficiary"]),
    ("release_one", &["giver"]),
    ("unlink_one", &["holder"]),
    ("enrol", &["person"]),
    ("resume", &["person"]),
    ("sign", &[]),
    ("bring_proof", &["needed"]),
    ("other_giver", &[]),
    ("allowed_relatives", &["area", "relations", "since", "source"]),
    ("other_starter", &["person"]),
    ("mend_dates", &[]),
    ("drop_limit", &["kind"]),
    ("fill_quota", &[]),
    ("state_quota", &["free"]),
    ("ask_shared", &[]),
    ("map_items", &["line"]),
    ("repeat_meant", &[]),
    ("cancel_later_first", &[]),
    ("show_papers", &[]),
    ("scan_pack", &["line"]),
    ("other_pack", &["line"]),
    ("entrust_again", &["patient"]),
    ("wait_until", &["day"]),
    ("pay_cash", &["amount"]),
    ("pay_otherwise", &[]),
    ("ask_hall", &[]),
    ("ask_institution", &[]),
];

impl Advice {
    /// Its name in the texts and the facts of its sentence.
    pub fn said(&self) -> (&'static str, Vec<(&'static str, Arg)>) {
        use Advice as A;
        let person = |name, it: &PersonNo| (name, Arg::Person(*it));
        match self {
            A::ShowGiverCode { giver } => ("show_giver_code", vec![person("giver", giver)]),
            A::ShowOwnCode { patient } => ("show_own_code", vec![person("patient", patient)]),
            A::Confirm { waiting, .. } => ("confirm", vec![person("waiting", waiting)]),
            A::Bind { giver, beneficiary, .. } => {
                ("bind", vec![person("giver", giver), person("beneficiary", beneficiary)])
            }
            A::RaiseQuota { giver, .. } => ("raise_quota", vec![person("giver", giver)]),
            A::RaiseLimit { giver, kind, .. } => {
                ("raise_limit", vec![person("giver", giver), ("kind", Arg::Word("limit", kind.word()))])
            }
            A::ReleaseFirst { giver, beneficiary, .. } => {
                ("release_first", vec![person("giver", giver), person("beneficiary", beneficiary)])
            }
            A::ReleaseOne { giver } => ("release_one", vec![person("giver", giver)]),
            A::UnlinkOne { holder } => ("unlink_one", vec![person("holder", holder)]),
            A::Enrol { person: it } => ("enrol", vec![person("person", it)]),
            A::Resume { person: it, .. } => ("resume", vec![person("person", it)]),
            A::Sign => ("sign", Vec::new()),
            A::BringProof { needed } => ("bring_proof", vec![("needed", Arg::Word("proof", needed.word()))]),
            A::OtherGiver => ("other_giver", Vec::new()),
            A::AllowedRelatives { area, relations, since, source } => {
                let relations = ("relations", Arg::Relations(relations.clone()));
                let law = [("since", Arg::Day(*since)), ("source", Arg::Text(source.clone()))];
                let all = [("area", Arg::Area(*area)), relations].into_iter().chain(law);
                ("allowed_relatives", all.collect())
            }
            A::OtherStarter { person: it } => ("other_starter", vec![person("person", it)]),
            A::MendDates => ("mend_dates", Vec::new()),
            A::DropLimit { kind } => ("drop_limit", vec![("kind", Arg::Word("limit", kind.word()))]),
            A::FillQuota => ("fill_quota", Vec::new()),
            A::StateQuota { free } => ("state_quota", vec![("free", Arg::Money(*free))]),
            A::AskShared => ("ask_shared", Vec::new()),
            A::MapItems { line } => ("map_items", vec![("line", Arg::Number(u64::from(*line)))]),
            A::RepeatMeant => ("repeat_meant", Vec::new()),
            A::CancelLaterFirst { .. } => ("cancel_later_first", Vec::new()),
            A::ShowPapers => ("show_papers", Vec::new()),
            A::ScanPack { line } => ("scan_pack", vec![("line", Arg::Number(u64::from(*line)))]),
            A::OtherPack { line } => ("other_pack", vec![("line", Arg::Number(u64::from(*line)))]),
            A::EntrustAgain { patient, .. } => ("entrust_again", vec![person("patient", patient)]),
            A::WaitUntil { day } => ("wait_until", vec![("day", Arg::Day(*day))]),
            A::PayCash { amount } => ("pay_cash", vec![("amount", Arg::Money(*amount))]),
            A::PayOtherwise => ("pay_otherwise", Vec::new()),
            A::AskHall => ("ask_hall", Vec::new()),
            A::AskInstitution => ("ask_institution", Vec::new()),
        }
    }

    /// Whether it is only about whom to ask, which relative to choose or how else to pay, which no rule refuses.
    pub fn is_free(&self) -> bool {
        matches!(
            self,
            Advice::PayCash { .. }
                | Advice::PayOtherwise
                | Advice::OtherGiver
                | Advice::AllowedRelatives { .. }
                | Advice::AskHall
                | Advice::AskInstitution
        )
    }
}

/// A reason with what can be done about it, every step decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advised {
    /// The reason.
    pub reason: Reason,
    /// The steps, at most three.
    pub steps: Vec<Advice>,
}

/// The most steps that one reason shows.
pub const MOST_STEPS: usize = 3;

/// The reasons of a refusal, or the notes of something that is done, most fixable first, each with the advice that passed,
/// up to so many steps.
pub fn advised(case: Case<'_>, decision: &Decision, most: usize) -> Vec<Advised> {
    let reasons = match &decision.outcome {
        Outcome::Refused(reasons) => reasons.clone(),
        Outcome::Done(_) => notes(decision),
    };
    let cash = decision.changes().and_then(|it| it.settlements.last()).map_or(Fen::ZERO, |it| it.cash);
    let mut all: Vec<Advised> = reasons
        .into_iter()
        .map(|reason| Advised { steps: candidates(&reason, case, cash), reason })
        .collect();
    match decision.outcome {
        Outcome::Refused(_) => keep_if_all_help(case, &mut all),
        Outcome::Done(_) => all.iter_mut().for_each(|it| keep_if_it_helps(case, it, most)),
    }
    all.iter_mut().for_each(|it| it.steps.truncate(most));
    all
}

/// What did not hold although the request was done, most fixable first, each once.
fn notes(decision: &Decision) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for step in &decision.steps {
        if let Found::Fails(reason) = &step.found
            && !reasons.contains(reason)
        {
            reasons.push(reason.clone());
        }
    }
    reasons.sort_by_key(|it| CODES.iter().position(|code| *code == it.code()));
    reasons
}

/// A refusal has to be mended as a whole: the steps are taken one after another, and they stay only if nothing then
/// refuses what was asked but mistakes in the bill, which the institution mends.
fn keep_if_all_help(case: Case<'_>, all: &mut [Advised]) {
    if all.iter().flat_map(|it| &it.steps).all(Advice::is_free) {
        return; // They stay whatever a trial would say.
    }
    let mut trial = Trial::of(case);
    for advised in all.iter_mut() {
        advised.steps.retain(|it| it.is_free() || trial.take(it));
    }
    let institution_mends = |reason: &Reason| {
        all.iter().any(|it| it.reason == *reason && it.steps.contains(&Advice::AskInstitution))
    };
    if !trial.refused_by().iter().all(institution_mends) {
        all.iter_mut().for_each(|it| it.steps.retain(Advice::is_free));
    }
}

/// A note stands alone: a step stays if the note is gone after it and nothing is refused. No more are tried than shown.
fn keep_if_it_helps(case: Case<'_>, advised: &mut Advised, most: usize) {
    let reason = &advised.reason;
    let helps = |it: &Advice| {
        it.is_free() || {
            let mut trial = Trial::of(case);
            trial.take(it) && trial.accepted_without(reason)
        }
    };
    advised.steps = std::mem::take(&mut advised.steps).into_iter().filter(helps).take(most).collect();
}
