//! What a reader is told about a decision: the conclusion, every reason with what can be done about it, the steps in
//! order with their sources, who paid what; all from the value that decided.

use crate::advice::{Advice, Advised, MOST_STEPS, advised};
use crate::binding::Status;
pub use crate::case::Case;
use crate::conclusion::{Facts, conclusion};
use crate::decision::{Answer, Changes, Decision, Found, Outcome, Step};
use crate::facts::{Draw, Settlement};
use crate::law::Policies;
use crate::money::Fen;
use crate::policy::Cite;
use crate::reason::{Arg, Reason};
use crate::request::Body;
use crate::text_keys::{check_word, figure_word};
use crate::texts::{Reader, Viewer};
use crate::words::Mode;
use serde::Serialize;

/// Everything a reader is told about one decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What came of it, in one line.
    pub conclusion: String,
    /// The state of the money; absent where the request is not about anybody's money.
    pub money: Option<String>,
    /// Whether it was refused.
    pub refused: bool,
    /// What is to be paid in cash, where a bill was settled.
    pub cash: Option<String>,
    /// The reasons of a refusal, or what is to be said about something that is done; most fixable first.
    pub reasons: Vec<Told>,
    /// How it came to that, in order.
    pub steps: Vec<StepLine>,
    /// Who pays what, for a bill that is settled.
    pub split: Vec<Share>,
}

/// A reason, told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// How much it weighs.
    pub severity: Severity,
    /// Its code.
    pub code: &'static str,
    /// One line of at most 24 characters.
    pub line: String,
    /// One or two sentences with the person's own facts.
    pub why: String,
    /// What can be done, step by step; every step is one that the rules allow.
    pub todo: Vec<String>,
    /// The same as words, for interfaces that lead there.
    pub advice: Vec<&'static str>,
    /// For the till.
    pub till: String,
    /// For the printed slip.
    pub slip: String,
    /// In official words, for clerks and auditors.
    pub staff: String,
    /// The rule, like `R-E2`.
    pub rule: String,
    /// What says so.
    pub source: Option<SourceLine>,
}

/// How much a reason weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It refused the request.
    Refused,
    /// A purse paid part of what it was asked for.
    Partly,
    /// A purse paid nothing, or a part of the bill is not for accounts.
    Note,
}

/// One step of a decision, as a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepLine {
    /// The rule, like `R-E2`.
    pub rule: String,
    /// Whether a condition holds; absent for amounts.
    pub holds: Option<bool>,
    /// What was found, readable.
    pub text: String,
    /// What says so.
    pub source: Option<SourceLine>,
}

/// Where a value of the law was said, and when it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceLine {
    /// Document, article, date.
    pub text: String,
    /// How sure it is: a word of [`crate::words::Certainty`].
    pub certainty: &'static str,
    /// The same, readable.
    pub certainty_text: String,
    /// A remark for readers, may be empty.
    pub note: String,
    /// First day in force.
    pub from: String,
    /// Last day in force, where it is known.
    pub to: Option<String>,
    /// The policy file and the line in it.
    pub place: String,
}

/// What one side pays of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Fund, own account, a giver by name, or cash.
    pub who: String,
    /// The amount, without its unit.
    pub amount: String,
}

/// What is told about a decision, each part when it is asked for: whoever prints a slip pays for no more than is on it.
pub struct Telling<'a> {
    case: Case<'a>,
    decision: &'a Decision,
    /// Who reads it.
    pub reader: Reader<'a>,
    /// The reasons of a refusal, or what is to be said about something that is done; most fixable first, each with what
    /// helps first.
    pub reasons: Vec<Advised>,
}

/// Explains a decision to a reader. `case` is what was decided on: the same request, turn, facts and law.
pub fn explain(case: Case<'_>, decision: &Decision, reader: Reader<'_>) -> Explanation {
    let telling = Telling::of(case, decision, reader, MOST_STEPS);
    Explanation {
        conclusion: telling.conclusion(),
        money: telling.money(),
        refused: telling.refused(),
        cash: telling.cash().map(|it| reader.texts.money(it)),
        reasons: telling.reasons.iter().map(|it| telling.told(it)).collect(),
        steps: if telling.to_anyone() { Vec::new() } else { step_lines(case, decision, reader) },
        split: telling.split(),
    }
}

impl<'a> Telling<'a> {
    /// What is to be told about a decision, with so many steps for each reason. `case` is what was decided on.
    pub fn of(case: Case<'a>, decision: &'a Decision, reader: Reader<'a>, most_steps: usize) -> Telling<'a> {
        Telling { case, decision, reader, reasons: advised(case, decision, most_steps) }
    }

    /// Whoever holds only the slip number reads the till's texts, which speak of nobody.
    fn to_anyone(&self) -> bool {
        self.reader.viewer == Viewer::Anyone
    }

    /// What came of it, in one line.
    pub fn conclusion(&self) -> String {
        conclusion(self.case, self.decision, self.reader)
    }

    /// The state of the money; `None` where the request is not about anybody's money.
    pub fn money(&self) -> Option<String> {
        money(self.case, self.decision, self.reader)
    }

    /// Whether it was refused.
    pub fn refused(&self) -> bool {
        matches!(self.decision.outcome, Outcome::Refused(_))
    }

    fn settled(&self) -> Option<&'a Settlement> {
        settlement(self.decision).filter(|_| !self.to_anyone())
    }

    /// What is to be paid in cash, where a bill was settled.
    pub fn cash(&self) -> Option<Fen> {
        self.settled().map(|it| it.cash)
    }

    /// Who bought it for the patient, where somebody did.
    pub fn bought_by(&self) -> Option<String> {
        let agent = self.settled()?.bought_by?.agent;
        Some(self.reader.texts.fill("proxy.bought_by", &[("agent", self.reader.person(agent))]))
    }

    /// Who pays what, for a bill that is settled.
    pub fn split(&self) -> Vec<Share> {
        self.settled().map(|it| split(it, self.reader)).unwrap_or_default()
    }

    /// The codes of all reasons, in order.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.reasons.iter().map(|it| it.reason.code())
    }

    /// A reason, for the till.
    pub fn till(&self, it: &Advised) -> String {
        self.reader.say_of(&it.reason, "till")
    }

    /// A reason, for the printed slip.
    pub fn slip(&self, it: &Advised) -> String {
        self.reader.say_of(&it.reason, if self.to_anyone() { "till" } else { "slip" })
    }

    /// A reason, in official words.
    pub fn staff(&self, it: &Advised) -> String {
        if self.to_anyone() { String::new() } else { self.reader.say_of(&it.reason, "staff") }
    }

    /// What can be done about a reason, step by step.
    pub fn todo(&self, it: &Advised) -> impl Iterator<Item = String> {
        let said = |step: &Advice| {
            let (name, args) = step.said();
            self.reader.say(&format!("advice.{name}"), &args)
        };
        it.steps.iter().filter(|_| !self.to_anyone()).map(said)
    }

    /// A reason with all its texts.
    fn told(&self, it: &Advised) -> Told {
        let (reason, reader, anyone) = (&it.reason, self.reader, self.to_anyone());
        let fails = |step: &&Step| matches!(&step.found, Found::Fails(found) if found == reason);
        let cite = self.decision.steps.iter().find(fails).and_then(|it| it.cite);
        Told {
            severity: severity(self.decision, reason),
            code: reason.code(),
            line: reader.say_of(reason, if anyone { "till" } else { "citizen.line" }),
            why: if anyone { String::new() } else { reader.say_of(reason, "citizen.why") },
            todo: self.todo(it).collect(),
            advice: it.steps.iter().filter(|_| !anyone).map(|it| it.said().0).collect(),
            till: self.till(it),
            slip: self.slip(it),
            staff: self.staff(it),
            rule: reason.rule().to_owned(),
            source: cite.and_then(|it| source_line(&self.case.law.policies, it, reader)),
        }
    }
}

impl Explanation {
    /// Who pays what, as one line: `统筹 70.00 / 李* 100.00 / 现金 0.00`.
    pub fn split_line(&self) -> String {
        let shares: Vec<String> = self.split.iter().map(|it| format!("{} {}", it.who, it.amount)).collect();
        shares.join(" / ")
    }

    /// The codes of all reasons, in order.
    pub fn codes(&self) -> Vec<&'static str> {
        self.reasons.iter().map(|it| it.code).collect()
    }
}

/// A note is about part of the money where its giver paid some of the bill.
fn severity(decision: &Decision, reason: &Reason) -> Severity {
    if matches!(decision.outcome, Outcome::Refused(_)) {
        return Severity::Refused;
    }
    let giver = reason.args().into_iter().find_map(|(name, arg)| {
        if let Arg::Person(person) = arg { (name == "giver").then_some(person) } else { None }
    });
    let paid = settlement(decision)
        .is_some_and(|it| it.draws.iter().any(|draw| draw.binding.is_some() && Some(draw.owner) == giver));
    if paid { Severity::Partly } else { Severity::Note }
}

/// The settlement that a decision made, if it settled a bill.
fn settlement(decision: &Decision) -> Option<&Settlement> {
    let Outcome::Done(done) = &decision.outcome else { return None };
    match done.answer {
        Answer::Settled(no, _) | Answer::Refunded(_, Some(no)) => {
            done.changes.settlements.iter().find(|it| it.no == no)
        }
        Answer::Done
        | Answer::Person(_)
        | Answer::Visit(_)
        | Answer::Lines(_)
        | Answer::Charged(_)
        | Answer::Binding(_)
        | Answer::Proxy(_)
        | Answer::Cancelled(_)
        | Answer::Refunded(_, None)
        | Answer::Reversed(_)
        | Answer::Barred => None,
    }
}

/// The state of the money, said always where there could be a doubt about it.
fn money(case: Case<'_>, decision: &Decision, reader: Reader<'_>) -> Option<String> {
    let texts = reader.texts;
    let (name, facts) = match &decision.outcome {
        Outcome::Refused(reasons) => (refused_money(&case.request.body, reasons), Vec::new()),
        Outcome::Done(_) if reader.viewer == Viewer::Anyone => return None,
        Outcome::Done(done) => match &done.answer {
            Answer::Settled(..) => paid(settlement(decision)?, reader),
            Answer::Cancelled(_) | Answer::Refunded(..) | Answer::Reversed(Some(_)) => {
                returned(&done.changes, reader)
            }
            Answer::Binding(_) => (binding_money(case, &done.changes), Vec::new()),
            Answer::Proxy(_) | Answer::Reversed(None) | Answer::Barred => ("none", Vec::new()),
            Answer::Done | Answer::Person(_) | Answer::Visit(_) | Answer::Lines(_) | Answer::Charged(_) => {
                return None;
            }
        },
    };
    Some(texts.fill(&format!("money.{name}"), &facts))
}

fn refused_money(body: &Body, reasons: &[Reason]) -> &'static str {
    let earlier = |it: &Reason| {
        matches!(
            it,
            Reason::DuplicateRequest { .. } | Reason::BatchSettled { .. } | Reason::AlreadyCancelled { .. }
        )
    };
    if reasons.iter().any(earlier) {
        "earlier_counts"
    } else if matches!(body, Body::Cancel(_) | Body::RefundPart(_) | Body::Reverse(_)) {
        "not_returned"
    } else {
        "none"
    }
}

fn paid(it: &Settlement, reader: Reader<'_>) -> (&'static str, Facts) {
    let cash = ("cash", reader.texts.money(it.cash));
    if it.accounts().is_zero() {
        return ("cash_only", vec![cash]);
    }
    ("paid", vec![("accounts", reader.texts.money(it.accounts())), cash])
}

/// What went back: the cancellation, less what was settled anew.
fn returned(changes: &Changes, reader: Reader<'_>) -> (&'static str, Facts) {
    let sum = |undoing: bool, amount: fn(&Settlement) -> Fen| -> Fen {
        let fresh = changes.settlements.iter().filter(|it| it.undone_by.is_none());
        fresh.filter(|it| it.undoes.is_some() == undoing).map(amount).sum()
    };
    let back = |amount| reader.texts.money(sum(true, amount).less(sum(false, amount)));
    ("returned", vec![("accounts", back(Settlement::accounts)), ("cash", back(|it| it.cash))])
}

fn binding_money(case: Case<'_>, changes: &Changes) -> &'static str {
    let set_aside = changes.bindings.last().is_some_and(|it| {
        it.mode == Mode::Quota && it.end.is_none() && it.status(case.turn.at) == Status::InForce
    });
    if set_aside && changes.journal.is_some() { "earmarked" } else { "none" }
}

/// The steps in order, each once: a condition that is checked for two reasons is said once.
fn step_lines(case: Case<'_>, decision: &Decision, reader: Reader<'_>) -> Vec<StepLine> {
    let line = |step: &Step| StepLine {
        rule: step.rule.to_string(),
        holds: match &step.found {
            Found::Holds(_) => Some(true),
            Found::Fails(_) => Some(false),
            Found::Amount(..) | Found::Pays(_) | Found::BoughtBy(_) => None,
        },
        text: step_text(&step.found, reader),
        source: step.cite.and_then(|it| source_line(&case.law.policies, it, reader)),
    };
    let first = |at: usize, step: &Step| !decision.steps.iter().take(at).any(|it| it == step);
    let once = decision.steps.iter().enumerate().filter(|(at, step)| first(*at, step));
    once.map(|(_, step)| line(step)).collect()
}

fn step_text(found: &Found, reader: Reader<'_>) -> String {
    let texts = reader.texts;
    match found {
        Found::Holds(check) => {
            let checked = texts.get(&format!("checks.{}", check_word(*check)));
            format!("{checked} · {}", texts.get("verdict.holds"))
        }
        Found::Fails(reason) => reader.say_of(reason, "citizen.line"),
        Found::Amount(figure, amount) => {
            let what = texts.get(&format!("figures.{}", figure_word(*figure)));
            format!("{what} {}", texts.money(*amount))
        }
        Found::BoughtBy(agent) => texts.fill("proxy.bought_by", &[("agent", reader.person(*agent))]),
        Found::Pays(draw) => format!("{} {}", payer(draw, reader), texts.money(draw.amount())),
    }
}

fn payer(draw: &Draw, reader: Reader<'_>) -> String {
    match draw.binding {
        Some(_) => reader.person(draw.owner),
        None => reader.texts.get("split.own").to_owned(),
    }
}

fn split(it: &Settlement, reader: Reader<'_>) -> Vec<Share> {
    let share = |who: String, amount: Fen| Share { who, amount: crate::texts::plain_amount(amount) };
    let named = |name: &str, amount| share(reader.texts.get(name).to_owned(), amount);
    let mut shares = vec![named("split.fund", it.shared.fund())];
    shares.extend(it.draws.iter().map(|draw| share(payer(draw, reader), draw.amount())));
    shares.push(named("split.cash", it.cash));
    shares
}

fn source_line(policies: &Policies, cite: Cite, reader: Reader<'_>) -> Option<SourceLine> {
    let (source, to) = policies.parameters.source(cite)?;
    let certainty = source.certainty.word();
    Some(SourceLine {
        text: source.text.clone(),
        certainty,
        certainty_text: reader.texts.get(&format!("certainty.{certainty}")).to_owned(),
        note: source.note.clone(),
        from: reader.texts.day(cite.from),
        to: to.map(|it| reader.texts.day(it)),
        place: format!("{}:{}", source.file, source.line),
    })
}
