//! Enrolments: in which scheme, where, as what; pausing, resuming, ending, moving.

use super::call::{Answered, Asking, Call};
use super::people::{Touched, Who};
use super::persons::PersonView;
use super::problem::Problem;
use super::telling::{AreaRef, Teller};
use super::wire::{Civil, Region, words};
use domain::people::Enrolment;
use domain::request::{Body, ChangeEnrolment, Enrol, EnrolmentChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An enrolment to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEnrolment {
    /// Whom.
    person: Who,
    /// In which scheme.
    scheme: words::Scheme,
    /// In which area; the pooling area it belongs to is taken.
    area: Region,
    /// As what.
    category: words::Category,
    /// Whether with a personal account; never in the resident scheme.
    #[serde(default = "with_account")]
    #[schema(default = true)]
    account: bool,
    /// Whether a family-doctor contract is in force.
    #[serde(default)]
    contract: bool,
    /// First day.
    from: Civil,
}

/// How an enrolment changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// Paused from `day`.
    Pause,
    /// Resumed from `day`.
    Resume,
    /// `day` is the last.
    End,
    /// Another `category`, from now on.
    Category,
    /// Moved to `area` from `day`; the account's money goes along.
    Move,
}

/// A change of an enrolment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrolmentChanged {
    /// Whose.
    person: Who,
    /// In which scheme.
    scheme: words::Scheme,
    /// How.
    change: Change,
    /// The day, for all but `category`.
    day: Option<Civil>,
    /// The category, for `category`.
    category: Option<words::Category>,
    /// The area, for `move`.
    area: Option<Region>,
}

/// An enrolment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EnrolmentView {
    scheme: words::Scheme,
    /// The pooling area.
    area: AreaRef,
    category: words::Category,
    /// Whether it carries a personal account.
    account: bool,
    /// Whether a family-doctor contract is in force.
    contract: bool,
    /// First day.
    from: Civil,
    /// Last day, once it has ended or moved.
    to: Option<Civil>,
    /// How it stands today.
    standing: words::Standing,
    /// Since when it is paused, if it is.
    paused_since: Option<Civil>,
}

fn with_account() -> bool {
    true
}

impl EnrolmentView {
    pub(crate) fn of(teller: &Teller<'_>, it: &Enrolment) -> EnrolmentView {
        let today = teller.at.day();
        EnrolmentView {
            scheme: words::Scheme(it.scheme),
            area: teller.area(it.area),
            category: words::Category(it.category),
            account: it.account,
            contract: it.contract,
            from: Civil(it.from),
            to: it.to.map(Civil),
            standing: words::Standing(it.standing(today)),
            paused_since: it.paused_since(today).map(Civil),
        }
    }
}

impl EnrolmentChanged {
    fn change(&self) -> Result<EnrolmentChange, Problem> {
        let needed = |field: &str| Problem::malformed(field, format!("This change needs `{field}`."));
        let day = || self.day.map(|it| it.0).ok_or_else(|| needed("day"));
        let area = || self.area.map(|it| it.0.pooling()).ok_or_else(|| needed("area"));
        let category = || self.category.map(|it| it.0).ok_or_else(|| needed("category"));
        let meant = [
            ("day", self.day.is_some(), self.change != Change::Category),
            ("area", self.area.is_some(), self.change == Change::Move),
            ("category", self.category.is_some(), self.change == Change::Category),
        ];
        if let Some((field, ..)) = meant.into_iter().find(|(_, sent, taken)| *sent && !*taken) {
            return Err(Problem::malformed(field, format!("This change takes no `{field}`.")));
        }
        Ok(match self.change {
            Change::Pause => EnrolmentChange::Pause(day()?),
            Change::Resume => EnrolmentChange::Resume(day()?),
            Change::End => EnrolmentChange::End(day()?),
            Change::Category => EnrolmentChange::Category(category()?),
            Change::Move => EnrolmentChange::Move(area()?, day()?),
        })
    }
}

/// `POST /enrolments`.
pub(crate) async fn add(call: Call) -> Answered {
    let sent: NewEnrolment = call.body()?;
    let area = sent.area.0.pooling();
    call.covers(area)?;
    let person = call.lookup(&sent.person, "person").await?;
    call.may_enrol(person).await?;
    let body = Body::Enrol(Enrol {
        person,
        scheme: sent.scheme.0,
        area,
        category: sent.category.0,
        account: sent.account,
        contract: sent.contract,
        from: sent.from.0,
    });
    let asking = Asking::to(call.operator(), body).creating();
    call.submit(&sent, asking, move |teller, _| {
        teller.facts.person_by(person).and_then(|it| PersonView::of(teller, it.no))
    })
    .await
}

/// `POST /enrolments/changes`.
pub(crate) async fn change(call: Call) -> Answered {
    let sent: EnrolmentChanged = call.body()?;
    let change = sent.change()?;
    let person = call.lookup(&sent.person, "person").await?;
    call.reaches(person, Touched::Enrolment(sent.scheme.0)).await?;
    let body = Body::ChangeEnrolment(ChangeEnrolment { person, scheme: sent.scheme.0, change });
    call.submit(&sent, Asking::to(call.operator(), body), move |teller, _| {
        teller.facts.person_by(person).and_then(|it| PersonView::of(teller, it.no))
    })
    .await
}
