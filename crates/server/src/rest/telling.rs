//! How people, places, reasons and steps are shown to a caller: by name where the caller is entitled to it, masked
//! otherwise, always with the source of what the law says.

use super::problem::{ReasonView, reasons};
use super::wire::{Civil, Instant, Region, Yuan};
use crate::app::App;
use crate::people::Identity;
use crate::texts::AllTexts;
use crate::tokens::Role;
use crate::turn::Told;
use crate::vault::Vault;
use domain::day::Moment;
use domain::decision::{Found, Law, Step};
use domain::facts::{Draw, Facts};
use domain::ids::{Area, InstitutionCode, PersonNo};
use domain::policy::Cite;
use domain::reason::Arg;
use domain::texts::{Names, Reader, Texts, Viewer as ReadBy};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Rows;
use utoipa::ToSchema;

/// Who reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Viewer {
    pub(crate) role: Role,
    pub(crate) person: Option<PersonNo>,
    /// Reads English; Chinese otherwise.
    pub(crate) english: bool,
}

/// Committed facts and the law they are told by.
pub(crate) struct Seen {
    pub(crate) rows: Rows,
    pub(crate) law: Arc<Law>,
    pub(crate) at: Moment,
}

/// Tells facts to a reader.
pub(crate) struct Teller<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) law: &'a Law,
    pub(crate) at: Moment,
    pub(crate) viewer: Viewer,
    texts: &'a Texts,
    pub(crate) vault: &'a Vault,
    identities: &'a BTreeMap<PersonNo, Vec<u8>>,
    names: &'a BTreeMap<InstitutionCode, String>,
}

/// No facts and nobody's name: what is said of the law alone.
#[derive(Default)]
pub(crate) struct Nobody {
    facts: Facts,
    identities: BTreeMap<PersonNo, Vec<u8>>,
    names: BTreeMap<InstitutionCode, String>,
}

/// A person, named.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PersonRef {
    /// Our number.
    pub(crate) no: u64,
    /// The name, masked where the reader is not entitled to it.
    #[schema(example = "李*")]
    pub(crate) name: String,
}

/// A region, named where a policy file names it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AreaRef {
    pub(crate) code: Region,
    pub(crate) name: Option<String>,
}

/// An institution, named.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PlaceRef {
    /// Its code.
    pub(crate) code: String,
    pub(crate) name: Option<String>,
}

/// Where a value of the law stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SourceView {
    /// The parameter.
    parameter: &'static str,
    /// The level that spoke.
    region: AreaRef,
    /// First day in force.
    from: Civil,
    /// Last day in force, where it has ended.
    to: Option<Civil>,
    /// Document, article or page, and date.
    source: Option<String>,
    /// How sure it is.
    certainty: Option<&'static str>,
}

/// One step of a decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StepView {
    /// The rule.
    #[schema(example = "R-B1")]
    rule: String,
    /// `holds`, `fails`, `amount`, `pays` or `bought_by`.
    outcome: &'static str,
    /// The condition that was checked, or what an amount is.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// Why it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonView>,
    /// The amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Yuan>,
    /// Whose purse pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    purse_of: Option<PersonRef>,
    /// Who buys it for the patient.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonRef>,
    /// What the law says, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    law: Option<SourceView>,
}

impl Seen {
    /// Told to whom.
    pub(crate) fn teller<'a>(&'a self, viewer: Viewer, app: &'a App) -> Teller<'a> {
        Teller {
            facts: &self.rows.facts,
            law: &self.law,
            at: self.at,
            viewer,
            texts: viewer.texts(&app.texts),
            vault: &app.vault,
            identities: &self.rows.identities,
            names: &self.rows.names,
        }
    }
}

impl Viewer {
    pub(crate) fn texts(self, all: &AllTexts) -> &Texts {
        if self.english { &all.en } else { &all.zh }
    }
}

impl Names for Teller<'_> {
    fn person(&self, person: PersonNo) -> Option<String> {
        let identity = self.identity(person)?;
        Some(if self.entitled(person) { identity.name } else { identity.masked() })
    }

    fn area(&self, area: Area) -> Option<String> {
        self.law.policies.names.get(&area).cloned()
    }

    fn institution(&self, institution: InstitutionCode) -> Option<String> {
        self.names.get(&institution).cloned()
    }

    fn acts_for(&self, person: PersonNo) -> bool {
        self.entitled(person)
    }
}

impl<'a> Teller<'a> {
    /// Who reads, for texts.
    pub(crate) fn reader(&self) -> Reader<'_> {
        let viewer = self.viewer.person.map_or(ReadBy::Staff, ReadBy::Citizen);
        Reader { texts: self.texts, names: self, viewer }
    }

    pub(crate) fn of(told: &Told<'a>, viewer: Viewer, texts: &'a AllTexts) -> Teller<'a> {
        Teller {
            facts: told.facts,
            law: told.law,
            at: told.turn.at,
            viewer,
            texts: viewer.texts(texts),
            vault: told.vault,
            identities: told.identities,
            names: told.names,
        }
    }

    /// Tells what the law says, and nothing of anybody.
    pub(crate) fn of_law(
        law: &'a Law,
        nobody: &'a Nobody,
        at: Moment,
        viewer: Viewer,
        app: &'a App,
    ) -> Teller<'a> {
        Teller {
            facts: &nobody.facts,
            law,
            at,
            viewer,
            texts: viewer.texts(&app.texts),
            vault: &app.vault,
            identities: &nobody.identities,
            names: &nobody.names,
        }
    }

    /// Tells other facts with the same names.
    pub(crate) fn with_facts<'b>(&'b self, facts: &'b Facts) -> Teller<'b> {
        Teller { facts, ..*self }
    }

    pub(crate) fn identity(&self, person: PersonNo) -> Option<Identity> {
        let plain = self.vault.open(self.identities.get(&person)?).ok()?;
        domain::chain::decode(&plain).ok()
    }

    /// Whether the reader may read the names and documents of a person: staff may; a citizen their own and those
    /// of the minors they act for; a till nobody's.
    pub(crate) fn entitled(&self, person: PersonNo) -> bool {
        let guardian = || self.facts.persons.get(&person).and_then(|it| it.guardian_on(self.at.day()));
        let own = |reader| reader == person || Some(reader) == guardian();
        match self.viewer.role {
            Role::Citizen => self.viewer.person.is_some_and(own),
            Role::Institution => false,
            Role::Clerk | Role::Supervisor | Role::Operator | Role::Auditor => true,
        }
    }

    pub(crate) fn person(&self, no: PersonNo) -> PersonRef {
        let name = Names::person(self, no).unwrap_or_else(|| "*".to_owned());
        PersonRef { no: no.0, name }
    }

    pub(crate) fn area(&self, area: Area) -> AreaRef {
        AreaRef { code: Region(area), name: Names::area(self, area) }
    }

    pub(crate) fn place(&self, code: InstitutionCode) -> PlaceRef {
        PlaceRef { code: code.to_string(), name: Names::institution(self, code) }
    }

    /// One fact of a reason.
    pub(crate) fn arg(&self, arg: &Arg) -> Value {
        match arg {
            Arg::Person(person) => json!(self.person(*person)),
            Arg::Area(area) => json!(self.area(*area)),
            Arg::Day(day) => json!(Civil(*day)),
            Arg::Moment(moment) => json!(Instant::of(*moment)),
            Arg::Money(amount) => json!(Yuan(*amount)),
            Arg::Number(number) => json!(number),
            Arg::Institution(code) => json!(self.place(*code)),
            Arg::Relation(relation) => json!(relation.word()),
            Arg::Relations(all) => all.iter().map(|it| it.word()).collect(),
            Arg::Word(_, word) => json!(word),
            Arg::WordOf(_, word, amount) => json!({ "word": word, "amount": Yuan(*amount) }),
            Arg::Text(text) => json!(text),
        }
    }

    pub(crate) fn source(&self, cite: Cite) -> SourceView {
        let found = self.law.policies.parameters.source(cite);
        let parameter = domain::parameters::NAMES.get(usize::from(cite.param)).copied().unwrap_or("?");
        SourceView {
            parameter,
            region: self.area(cite.region),
            from: Civil(cite.from),
            to: found.and_then(|(_, to)| to).map(Civil),
            source: found.map(|(source, _)| source.text.clone()),
            certainty: found.map(|(source, _)| source.certainty.word()),
        }
    }

    pub(crate) fn steps(&self, steps: &[Step]) -> Vec<StepView> {
        steps.iter().map(|it| self.step(it)).collect()
    }

    fn step(&self, step: &Step) -> StepView {
        let view = |outcome, about: Option<String>| StepView {
            rule: step.rule.to_string(),
            outcome,
            about,
            reason: None,
            amount: None,
            purse_of: None,
            person: None,
            law: step.cite.map(|it| self.source(it)),
        };
        match &step.found {
            Found::Holds(check) => view("holds", Some(word_of(check))),
            Found::Fails(reason) => {
                let reason = reasons(std::slice::from_ref(reason), self).into_iter().next();
                StepView { reason, ..view("fails", None) }
            }
            Found::Amount(figure, amount) => {
                StepView { amount: Some(Yuan(*amount)), ..view("amount", Some(word_of(figure))) }
            }
            Found::BoughtBy(agent) => {
                StepView { person: Some(self.person(*agent)), ..view("bought_by", None) }
            }
            Found::Pays(draw) => self.paying(draw, view("pays", None)),
        }
    }

    fn paying(&self, draw: &Draw, view: StepView) -> StepView {
        StepView { amount: Some(Yuan(draw.amount())), purse_of: Some(self.person(draw.owner)), ..view }
    }
}

/// A unit variant's name as a word: `OwnCredential` is `own_credential`.
pub(crate) fn word_of(variant: &impl std::fmt::Debug) -> String {
    let mut word = String::new();
    for letter in format!("{variant:?}").chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}
