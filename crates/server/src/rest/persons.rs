//! Persons: taking in, looking at, finding, recording a death.

use super::call::{Answer, Answered, Asking, Call};
use super::enrolments::EnrolmentView;
use super::people::{Touched, Who, of_person};
use super::problem::Problem;
use super::telling::{PersonRef, Teller};
use super::wire::{Civil, words};
use crate::people::{Identity, RESIDENT_CARD, masked_number, namesakes};
use domain::ids::PersonNo;
use domain::needs::Needs;
use domain::request::{Body, RecordDeath};
use serde::{Deserialize, Serialize};
use store::{Page, Query};
use utoipa::ToSchema;

/// So many people of one name and day of birth are looked at: in the whole nation there are no more.
const NAMESAKES: u32 = 200;

/// A person to be taken in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    /// The national person number.
    psn_no: String,
    /// The name.
    #[schema(example = "李明")]
    name: String,
    /// Type of ID document; 01 is the resident's ID card, whose number proves itself.
    #[serde(default = "resident_card")]
    #[schema(example = "01", default = "01")]
    id_type: String,
    /// Number of the ID document.
    #[schema(example = "990000198503120115")]
    id_number: String,
    /// Number of the social-security card.
    card: Option<String>,
    /// Serial of the social-security card.
    card_serial: Option<String>,
    /// Day of birth.
    born: Civil,
    /// Sex.
    sex: words::Sex,
    /// Who acts for a minor.
    guardian: Option<Who>,
}

/// A day of death.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Death {
    /// The day.
    on: Civil,
}

/// A name and a day of birth, as somebody says them at the counter.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Called {
    /// The name, whole.
    #[schema(example = "李明")]
    name: String,
    /// Day of birth.
    born: Civil,
}

/// Everybody of a name and a day of birth whom the caller may look at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CalledView {
    /// In no order.
    persons: Vec<NamesakeView>,
}

/// One of several who are called alike: enough to tell them apart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NamesakeView {
    #[serde(flatten)]
    person: PersonRef,
    /// Number of the ID document, masked.
    #[schema(example = "9900**********0115")]
    id_number: String,
    /// Day of birth.
    born: Civil,
    /// Enrolments, oldest first.
    enrolments: Vec<EnrolmentView>,
}

/// A person, as far as the reader is entitled to know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PersonView {
    #[serde(flatten)]
    person: PersonRef,
    /// The national person number.
    psn_no: Option<String>,
    /// Type of ID document.
    id_type: Option<String>,
    /// Number of the ID document.
    id_number: Option<String>,
    /// Number of the social-security card.
    card: Option<String>,
    /// Day of birth.
    born: Option<Civil>,
    /// Sex.
    sex: Option<words::Sex>,
    /// Day of death.
    died: Option<Civil>,
    /// Who acts for the person, a minor.
    guardian: Option<PersonRef>,
    /// Enrolments, oldest first.
    enrolments: Vec<EnrolmentView>,
}

fn resident_card() -> String {
    RESIDENT_CARD.to_owned()
}

impl NewPerson {
    fn identity(&self) -> Result<Identity, Problem> {
        let sent = Identity {
            psn_no: self.psn_no.clone(),
            name: self.name.clone(),
            id_type: self.id_type.clone(),
            id_number: self.id_number.clone(),
            card: self.card.clone(),
            card_serial: self.card_serial.clone(),
        };
        let checked = sent.checked(self.born.0, self.sex.0);
        checked.map_err(|(field, wrong)| Problem::malformed(field, wrong.en()))
    }
}

impl PersonView {
    /// A person among the facts; `None` where the facts do not have them.
    pub(crate) fn of(teller: &Teller<'_>, no: PersonNo) -> Option<PersonView> {
        teller.facts.persons.get(&no)?;
        Some(PersonView::told(teller, no, teller.identity(no).as_ref()))
    }

    fn told(teller: &Teller<'_>, no: PersonNo, identity: Option<&Identity>) -> PersonView {
        let person = teller.facts.persons.get(&no);
        let identity = identity.filter(|_| teller.entitled(no));
        PersonView {
            person: identity
                .map_or_else(|| teller.person(no), |it| PersonRef { no: no.0, name: it.name.clone() }),
            psn_no: identity.map(|it| it.psn_no.clone()),
            id_type: identity.map(|it| it.id_type.clone()),
            id_number: identity.map(|it| it.id_number.clone()),
            card: identity.and_then(|it| it.card.clone()),
            born: person.map(|it| Civil(it.born)),
            sex: person.map(|it| words::Sex(it.sex)),
            died: person.and_then(|it| it.died).map(Civil),
            guardian: person.and_then(|it| it.guardian).map(|it| teller.person(it)),
            enrolments: teller.facts.enrolments_of(no).map(|it| EnrolmentView::of(teller, it)).collect(),
        }
    }
}

/// `POST /persons`.
pub(crate) async fn add(call: Call) -> Answered {
    let sent: NewPerson = call.body()?;
    let identity = sent.identity()?;
    let guardian = match &sent.guardian {
        Some(who) => Some(call.lookup(who, "guardian").await?),
        None => None,
    };
    let (body, attachments) = identity.taken_in(sent.born.0, sent.sex.0, guardian, &call.app.vault);
    let asking = Asking::to(call.operator(), body).creating();
    let asking = Asking { attachments, ..asking };
    call.submit(&sent, asking, move |teller, answer| {
        let domain::decision::Answer::Person(no) = answer else { return None };
        Some(PersonView::told(teller, *no, Some(&identity)))
    })
    .await
}

/// `GET /persons/{no}`.
pub(crate) async fn show(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let view = PersonView::of(&seen.teller(call.viewer(), &call.app), person);
    view.map(|it| Answer::ok(&it)).ok_or_else(|| Problem::not_found("person"))
}

/// `POST /persons/find`.
pub(crate) async fn find(call: Call) -> Answered {
    let who: Who = call.body()?;
    let person = call.find(&who, "body").await?;
    let seen = call.see(of_person(person)).await?;
    let view = PersonView::of(&seen.teller(call.viewer(), &call.app), person);
    view.map(|it| Answer::ok(&it)).ok_or_else(|| Problem::not_found("person"))
}

/// `POST /persons/called`: whoever is meant is chosen from what is found.
pub(crate) async fn called(call: Call) -> Answered {
    let sent: Called = call.body()?;
    let name = sent.name.trim();
    if name.is_empty() {
        return Err(Problem::malformed("name", "Write the whole name."));
    }
    let (from, to) = namesakes(&call.app.vault, name, sent.born.0);
    let query = Query::FoundBetween { from, to, limit: NAMESAKES };
    let Page::FoundBetween(found) = call.app.store.page(&query).await? else { return Err(Problem::busy()) };
    let needs = Needs { persons: found.into_iter().collect(), ..Needs::default() };
    let wanted = needs.persons.clone();
    let seen = call.see(needs).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let view = |no: PersonNo| {
        let identity = teller.identity(no).filter(|it| it.name == name)?;
        call.may_see(teller.facts, no).ok()?;
        Some(NamesakeView {
            person: teller.person(no),
            id_number: masked_number(&identity.id_number),
            born: Civil(teller.facts.persons.get(&no)?.born),
            enrolments: teller.facts.enrolments_of(no).map(|it| EnrolmentView::of(&teller, it)).collect(),
        })
    };
    Ok(Answer::ok(&CalledView { persons: wanted.into_iter().filter_map(view).collect() }))
}

/// `POST /persons/{no}/death`.
pub(crate) async fn death(call: Call) -> Answered {
    let sent: Death = call.body()?;
    let no = call.person()?;
    let person = call.lookup_of(no, "no").await?;
    call.reaches(person, Touched::Person).await?;
    let body = Body::RecordDeath(RecordDeath { person, on: sent.on.0 });
    call.submit(&sent, Asking::to(call.operator(), body), move |teller, _| PersonView::of(teller, no)).await
}
