//! `gongji institution`: registers institutions, designates, suspends and resumes them, and says what their software can
//! do; each as a request of the operator's, decided like everybody else's.

use crate::app::App;
use crate::cli::failed;
use crate::texts::CaseNames;
use crate::turn::{Encoder, NoAnswer, Submission, Told};
use crate::vault::{hex, random};
use clap::{Args, Subcommand};
use domain::chain::encode;
use domain::day::Day;
use domain::decision::Outcome;
use domain::ids::{Area, Digest, InstitutionCode};
use domain::needs::Needs;
use domain::people::{Institution, Suspension};
use domain::request::{
    Actor, Body, ChangeInstitution, InstitutionChange, Key, Request, Sender, SetInstitution,
};
use domain::text_keys::of_reason;
use domain::texts::{Reader, Viewer};
use domain::words::{Capability, InstitutionKind, Level};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use store::{Attachments, Fault, Page, Query};

/// The console's operator: no token has this number.
pub(crate) const CONSOLE: u64 = 0;
/// How many institutions are listed at once.
const LISTED: u32 = 500;
/// The most characters of an institution's name, and of a reason to suspend it.
pub(crate) const NAME_MOST: usize = 100;

/// First and last day of something.
#[derive(Debug, Clone, Copy, Args)]
pub struct Days {
    /// First day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Day,
    /// Last day, where it is known.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
}

/// What can be done about institutions.
#[derive(Debug, Subcommand)]
pub enum InstitutionCommand {
    /// Register an institution, designated from a day.
    Add {
        /// H or P and eleven digits.
        #[arg(value_parser = code)]
        code: InstitutionCode,
        /// Its name.
        #[arg(long)]
        name: String,
        /// Its region; the pooling area it belongs to is taken.
        #[arg(long, value_parser = area)]
        area: Area,
        /// hospital, clinic, community_centre, village_clinic or pharmacy.
        #[arg(long, value_parser = kind)]
        kind: InstitutionKind,
        /// tertiary, secondary, primary or none.
        #[arg(long, value_parser = level)]
        level: Level,
        /// The days.
        #[command(flatten)]
        days: Days,
    },
    /// Show an institution.
    Show {
        /// Its code.
        #[arg(value_parser = code)]
        code: InstitutionCode,
    },
    /// List all institutions.
    List,
    /// Designate an institution again.
    Designate {
        /// Its code.
        #[arg(value_parser = code)]
        code: InstitutionCode,
        /// The days.
        #[command(flatten)]
        days: Days,
    },
    /// End the designation that a day lies in: this day is its last.
    EndDesignation {
        /// Its code.
        #[arg(value_parser = code)]
        code: InstitutionCode,
        /// The last day.
        #[arg(long, value_name = "DAY", value_parser = day)]
        to: Day,
    },
    /// Suspend an institution: costs of these days are not settled.
    Suspend {
        /// Its code.
        #[arg(value_parser = code)]
        code: InstitutionCode,
        /// The days.
        #[command(flatten)]
        days: Days,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Take a suspended institution again from a day.
    Resume {
        /// Its code.
        #[arg(value_parser = code)]
        code: InstitutionCode,
        /// The first day on which it settles again.
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Day,
    },
    /// Say from which day its software can do something; without a day, that it cannot.
    Capability {
        /// Its code.
        #[arg(value_parser = code)]
        code: InstitutionCode,
        /// outpatient, inpatient, purchase or shared.
        #[arg(value_parser = capability)]
        what: Capability,
        /// First day.
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<Day>,
        /// Last day, where it is known.
        #[arg(long, value_name = "DAY", value_parser = day, requires = "from")]
        to: Option<Day>,
    },
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "write the day like 2025-06-16".to_owned())
}

fn code(text: &str) -> Result<InstitutionCode, String> {
    InstitutionCode::parse(text).ok_or_else(|| "write H or P and eleven digits, like H32030000001".to_owned())
}

fn area(text: &str) -> Result<Area, String> {
    Area::parse(text).ok_or_else(|| "write the six digits of a region, like 320300".to_owned())
}

fn kind(text: &str) -> Result<InstitutionKind, String> {
    InstitutionKind::parse(text).ok_or_else(|| one_of(InstitutionKind::ALL.iter().map(|it| it.word())))
}

fn level(text: &str) -> Result<Level, String> {
    Level::parse(text).ok_or_else(|| one_of(Level::ALL.iter().map(|it| it.word())))
}

fn capability(text: &str) -> Result<Capability, String> {
    Capability::parse(text).ok_or_else(|| one_of(Capability::ALL.iter().map(|it| it.word())))
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("write one of: {}", words.collect::<Vec<_>>().join(", "))
}

/// A name or a reason as it is kept: without blanks around it, neither empty nor too long, on one line.
pub(crate) fn one_line(text: &str) -> Option<String> {
    let text = text.trim();
    let right = !text.is_empty() && text.chars().count() <= NAME_MOST && !text.contains(char::is_control);
    right.then(|| text.to_owned())
}

/// Does what was said about institutions, and shows how they are then.
pub async fn institution(app: &App, what: InstitutionCommand) -> ExitCode {
    let code = what.code();
    let done = match what.asked() {
        Ok(Some((body, attachments))) => submit(app, body, attachments).await,
        Ok(None) => Ok(()),
        Err(wrong) => Err(wrong),
    };
    match (done, code) {
        (Err(why), _) => failed(&why),
        (Ok(()), Some(code)) => show(app, code).await,
        (Ok(()), None) => list(app).await,
    }
}

impl InstitutionCommand {
    /// The institution it is about; a list is about all.
    fn code(&self) -> Option<InstitutionCode> {
        use InstitutionCommand as C;
        match self {
            C::Add { code, .. }
            | C::Show { code }
            | C::Designate { code, .. }
            | C::EndDesignation { code, .. }
            | C::Suspend { code, .. }
            | C::Resume { code, .. }
            | C::Capability { code, .. } => Some(*code),
            C::List => None,
        }
    }

    /// What is asked for; looking asks for nothing. In words what is wrong with it.
    fn asked(self) -> Result<Option<(Body, Attachments)>, String> {
        use InstitutionCommand as C;
        let text =
            |it: &str| one_line(it).ok_or_else(|| format!("write 1 to {NAME_MOST} characters on one line"));
        let (code, change) = match self {
            C::Show { .. } | C::List => return Ok(None),
            C::Add { code, name, area, kind, level, days } => {
                let designations = vec![(days.from, days.to)];
                let set = SetInstitution { code, area: area.pooling(), kind, level, designations };
                let attachments = Attachments { name: Some(text(&name)?), ..Attachments::default() };
                return Ok(Some((Body::SetInstitution(set), attachments)));
            }
            C::Designate { code, days } => (code, InstitutionChange::Designate(days.from, days.to)),
            C::EndDesignation { code, to } => (code, InstitutionChange::EndDesignation(to)),
            C::Suspend { code, days: Days { from, to }, why } => {
                (code, InstitutionChange::Suspend(Suspension { from, to, why: text(&why)? }))
            }
            C::Resume { code, from } => (code, InstitutionChange::Resume(from)),
            C::Capability { code, what, from, to } => {
                let periods = from.map(|it| (it, to)).into_iter().collect();
                (code, InstitutionChange::Able(what, periods))
            }
        };
        let body = Body::ChangeInstitution(ChangeInstitution { code, change });
        Ok(Some((body, Attachments::default())))
    }
}

/// Sends a request of the console's operator; in words why it was not done.
async fn submit(app: &App, body: Body, attachments: Attachments) -> Result<(), String> {
    let texts = Arc::clone(&app.texts);
    let encode_answer: Encoder = Arc::new(move |told: &Told<'_>| match &told.decision.outcome {
        Outcome::Done(_) => Vec::new(),
        Outcome::Refused(reasons) => {
            let nobody = |_| None;
            let names = CaseNames::masked(told, &nobody);
            let reader = Reader { texts: texts.of("zh"), names: &names, viewer: Viewer::Staff };
            let say = |it: &domain::reason::Reason| reader.say(&of_reason(it.code(), "staff"), &it.args());
            let said = reasons.iter().map(|it| format!("[{}] {}", it.code(), say(it)));
            said.collect::<Vec<_>>().join("\n").into_bytes()
        }
    });
    let request = Request {
        key: Key { sender: Sender::Token(CONSOLE), id: format!("institution:{}", hex(&random::<8>())) },
        digest: Digest::of(&[&encode(&body)]),
        actor: Actor::Operator { token: CONSOLE },
        body,
    };
    let submission = Submission { request, attachments, aside: None, encode: encode_answer, is_kept: true };
    match app.flow.submit(submission).await {
        Ok(said) if said.is_empty() => Ok(()),
        Ok(said) => Err(String::from_utf8_lossy(&said).into_owned()),
        Err(NoAnswer::Busy) => {
            Err("nobody decides here now: another process serves these books; use REST".to_owned())
        }
        Err(it @ NoAnswer::KeyReused) => Err(it.to_string()),
    }
}

async fn show(app: &App, code: InstitutionCode) -> ExitCode {
    let rows = match app.rows(Needs { institutions: [code].into(), ..Needs::default() }).await {
        Ok(rows) => rows,
        Err(fault) => return failed(&fault),
    };
    match rows.facts.institutions.get(&code) {
        Some(it) => {
            print(it, rows.names.get(&code).map(String::as_str), app.clock.now().day());
            ExitCode::SUCCESS
        }
        None => failed(&format!("there is no institution {code}")),
    }
}

async fn list(app: &App) -> ExitCode {
    match every(app).await {
        Ok(all) => {
            let today = app.clock.now().day();
            all.iter().for_each(|(it, name)| println!("{}", line(it, name.as_deref(), today)));
            ExitCode::SUCCESS
        }
        Err(fault) => failed(&fault),
    }
}

async fn every(app: &App) -> Result<Vec<(Institution, Option<String>)>, Fault> {
    let mut all: Vec<(Institution, Option<String>)> = Vec::new();
    loop {
        let after = all.last().map(|(it, _)| it.code);
        let page = app.store.page(&Query::Institutions { after, limit: LISTED }).await?;
        let Page::Institutions(found) = page else {
            return Err(Fault::Damaged("asked for institutions, got another page".to_owned()));
        };
        if found.is_empty() {
            return Ok(all);
        }
        all.extend(found);
    }
}

/// An institution in one line, as it stands on a day.
fn line(it: &Institution, name: Option<&str>, today: Day) -> String {
    let state = match (it.is_designated(today), it.suspended_on(today)) {
        (false, _) => "not designated",
        (true, Some(_)) => "suspended",
        (true, None) => "designated",
    };
    let (kind, level) = (it.kind.word(), it.level.word());
    format!("{}  {}  {kind}  {level}  {state}  {}", it.code, it.area, name.unwrap_or("-"))
}

fn print(it: &Institution, name: Option<&str>, today: Day) {
    println!("{}", line(it, name, today));
    let days = |(from, to): &(Day, Option<Day>)| match to {
        Some(to) => format!("{from} to {to}"),
        None => format!("from {from}"),
    };
    it.designations.iter().for_each(|it| println!("  designated {}", days(it)));
    it.suspensions.iter().for_each(|it| println!("  suspended {}: {}", days(&(it.from, it.to)), it.why));
    let capabilities: &BTreeMap<Capability, Vec<_>> = &it.capabilities;
    for (what, periods) in capabilities {
        let said = periods.iter().map(days).collect::<Vec<_>>().join(", ");
        println!("  {} {}", what.word(), if said.is_empty() { "never" } else { &said });
    }
}
