//! Looking drugs up (R-J1 to R-J4): how each counts in the edition of a day, with an example for an area. Public facts:
//! what answers here needs no token.

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::telling::{AreaRef, Nobody, SourceView, Teller, Viewer};
use super::wire::{Civil, Yuan};
use crate::app::App;
use crate::tokens::Role;
use domain::bill::{Basis, Split, example};
use domain::catalogue::{Class, Edition, Row, RowNo, State};
use domain::day::Day;
use domain::decision::Law;
use domain::drugs::{Findings, GROUPS, Hit, Subject};
use domain::ids::Area;
use domain::money::Fen;
use domain::reason::Reason;
use domain::text_keys::{how_word, outside_word, standing_word};
use domain::texts::Texts;
use serde::Serialize;
use utoipa::ToSchema;

/// The most drugs of an answer.
const MOST: usize = 20;
/// The most characters of a question.
const LONGEST: usize = 100;
/// What the drug of the example costs: 100 yuan.
const EXAMPLE: Fen = Fen::new(10_000).expect("a small amount");

/// A question about drugs.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The area whose first-pay share the example shows.
    pub(crate) area: Option<Area>,
    /// The day whose edition answers; today where left out.
    pub(crate) day: Option<Day>,
    /// Texts in English; in Chinese otherwise.
    pub(crate) english: bool,
}

/// What was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DrugsView {
    edition: EditionView,
    /// The day asked about.
    day: Civil,
    /// The area of the examples.
    area: Option<AreaRef>,
    /// Drugs, the best answer first.
    drugs: Vec<DrugView>,
    /// How many more there are.
    left_off: usize,
    /// What the answer depends on.
    depends: String,
    /// Where no drug was found for sure.
    not_found: Option<NotFoundView>,
}

/// An edition of the catalogue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EditionView {
    /// The year it is called by.
    #[schema(example = "2024")]
    name: String,
    /// The document that publishes it.
    document: String,
    first_day: Civil,
    last_day: Civil,
    /// Said where the day is none of its days: a sandbox goes on with its last edition.
    goes_on: Option<String>,
}

/// A drug.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DrugView {
    /// The row of the edition, by its printed number; null where no row names it.
    #[schema(example = "W-0632-01")]
    row: Option<String>,
    /// The name as printed, or the generic name.
    name: String,
    /// The name it was found by.
    found_by: String,
    /// How: `exact`, `form`, `start`, `inside`, `sounding`, `within` or `near`.
    how: &'static str,
    /// The same in words.
    how_says: String,
    /// The form as printed; null where the name already holds it.
    form: Option<String>,
    /// `a`, `b`, `outside`, `undecided`, `piece` or `piece_not_alone`.
    standing: &'static str,
    /// The same in words.
    says: String,
    /// Why it is not paid.
    why: Option<String>,
    /// Which of the groups that can never be in the catalogue it falls into, where that is known.
    group: Option<GroupView>,
    /// The category and those above it, widest first.
    category: Vec<String>,
    /// The printed limit on payment.
    restriction: Option<String>,
    /// Whether it is centrally procured (集采): `unknown`, as the data do not say.
    procured: &'static str,
    /// The same in words.
    procured_says: String,
    /// What becomes of 100 yuan in the area asked about.
    example: Option<ExampleView>,
}

/// A group of drugs that can never be in the catalogue (R-J3).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct GroupView {
    /// 1 to 8.
    no: usize,
    says: String,
}

/// What becomes of a drug's price, split as bills are, where no price limit takes anything of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExampleView {
    cost: Yuan,
    /// 先行自付.
    first_pay: Yuan,
    /// 符合政策范围.
    in_scope: Yuan,
    /// 全自费.
    full_self: Yuan,
    says: String,
    /// What the law says of the first-pay share, for class 乙.
    law: Option<SourceView>,
}

/// What is said where no drug was found for sure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NotFoundView {
    says: String,
    /// Names that come near.
    near: Vec<String>,
    /// The groups that can never be in the catalogue.
    groups: Vec<GroupView>,
}

/// A row of the catalogue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DrugPage {
    edition: EditionView,
    day: Civil,
    area: Option<AreaRef>,
    drug: DrugView,
    /// The printed page, where it is known.
    page: Option<u16>,
    /// Other rows of the same name: the class belongs to the row, not to the drug.
    other_forms: Vec<OtherForm>,
    /// National codes that are known to stand in this row.
    codes: Vec<CodeName>,
    depends: String,
}

/// Another row of the same name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OtherForm {
    row: String,
    form: Option<String>,
    standing: &'static str,
    says: String,
}

/// A national drug code and its generic name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CodeName {
    code: String,
    name: String,
}

/// Who tells: the law, the edition that speaks on a day, the texts.
struct Telling<'a> {
    app: &'a App,
    law: &'a Law,
    edition: &'a Edition,
    texts: &'a Texts,
    teller: Teller<'a>,
    area: Option<Area>,
    day: Day,
}

impl<'a> Telling<'a> {
    fn of(
        app: &'a App,
        law: &'a Law,
        nobody: &'a Nobody,
        question: &Question,
    ) -> Result<Telling<'a>, Problem> {
        let at = app.clock.now();
        let viewer = Viewer { role: Role::Citizen, person: None, english: question.english };
        let teller = Teller::of_law(law, nobody, at, viewer, app);
        let day = question.day.unwrap_or(at.day());
        let edition =
            law.edition(day).ok_or_else(|| Problem::refused(&[Reason::NoCatalogue { day }], &teller))?;
        Ok(Telling { app, law, edition, texts: viewer.texts(&app.texts), teller, area: question.area, day })
    }

    fn edition(&self) -> EditionView {
        let (first_day, last_day) = (self.edition.first_day(), self.edition.last_day());
        let says = || self.texts.fill("drug.hint.goes_on", &[("last_day", self.texts.day(last_day))]);
        EditionView {
            name: self.edition.name().to_owned(),
            document: self.edition.document().to_owned(),
            first_day: Civil(first_day),
            last_day: Civil(last_day),
            goes_on: (last_day < self.day).then(says),
        }
    }

    fn area(&self) -> Option<AreaRef> {
        self.area.map(|it| self.teller.area(it))
    }

    fn depends(&self) -> String {
        self.texts.get("drug.hint.depends").to_owned()
    }

    fn word(&self, list: &str, word: &str) -> String {
        self.texts.get(&format!("drug.{list}.{word}")).to_owned()
    }

    fn drug(&self, hit: &Hit) -> Result<DrugView, Problem> {
        let (subject, edition) = (hit.subject, self.edition);
        let row = if let Subject::Row(number) = subject { edition.row(number) } else { None };
        let (how, standing) = (how_word(hit.how), standing_word(subject.standing(edition)));
        let outside = subject.outside(edition);
        let category = row.map(|it| edition.category_path(&it.category)).unwrap_or_default();
        Ok(DrugView {
            row: row.map(|it| it.row_id.clone()),
            name: row.map_or(&hit.name, |it| &it.name).clone(),
            found_by: hit.name.clone(),
            how,
            how_says: self.word("how", how),
            form: row.and_then(form),
            standing,
            says: self.word("says", standing),
            why: outside.map(|it| self.word("why", outside_word(it))),
            group: outside.and_then(|it| it.group()).map(|it| self.group(it)),
            category: category.into_iter().map(str::to_owned).collect(),
            restriction: row.map(|it| it.remark.clone()).filter(|it| !it.is_empty()),
            procured: "unknown",
            procured_says: self.word("procured", "unknown"),
            example: self.example(subject.basis(edition))?,
        })
    }

    fn group(&self, no: usize) -> GroupView {
        GroupView { no, says: self.word("group", GROUPS[no - 1]) }
    }

    /// Decided by what settles bills.
    fn example(&self, basis: Option<Basis>) -> Result<Option<ExampleView>, Problem> {
        let (Some(area), Some(basis)) = (self.area, basis) else { return Ok(None) };
        let split = example(&self.law.policies, area, self.day, basis, EXAMPLE);
        let (split, cite) = split.map_err(|it| Problem::refused(&[Reason::NoPolicy(it)], &self.teller))?;
        let of_class_b = matches!(basis, Basis::Row(_, Class::B));
        Ok(Some(ExampleView {
            cost: Yuan(split.cost),
            first_pay: Yuan(split.first_pay),
            in_scope: Yuan(split.in_scope),
            full_self: Yuan(split.full_self),
            says: self.example_says(&split),
            law: of_class_b.then(|| self.teller.source(cite)),
        }))
    }

    fn example_says(&self, split: &Split) -> String {
        let money = |it| self.texts.money(it);
        let facts = [
            ("cost", money(split.cost)),
            ("first_pay", money(split.first_pay)),
            ("in_scope", money(split.in_scope)),
        ];
        let path = if !split.full_self.is_zero() {
            "drug.example.outside"
        } else if split.first_pay.is_zero() {
            "drug.example.a"
        } else {
            "drug.example.b"
        };
        self.texts.fill(path, &facts)
    }

    fn not_found(&self, findings: &Findings) -> NotFoundView {
        NotFoundView {
            says: self.texts.get("drug.hint.not_found").to_owned(),
            near: findings.near.clone(),
            groups: (1..=GROUPS.len()).map(|it| self.group(it)).collect(),
        }
    }

    fn other_forms(&self, number: RowNo, row: &Row) -> Vec<OtherForm> {
        let others = self.edition.rows().filter(|(it, other)| *it != number && other.name == row.name);
        let view = |(number, other): (RowNo, &Row)| {
            let standing = standing_word(Subject::Row(number).standing(self.edition));
            let says = self.word("says", standing);
            OtherForm { row: other.row_id.clone(), form: form(other), standing, says }
        };
        others.map(view).collect()
    }

    fn codes(&self, number: RowNo) -> Vec<CodeName> {
        let is_of_row =
            |code: &str| matches!(self.edition.state_of(code), State::In { row, .. } if row == number);
        let codes = self.law.catalogue.drugs().filter(|(code, _)| is_of_row(code));
        codes.map(|(code, name)| CodeName { code: code.to_owned(), name: name.to_owned() }).collect()
    }
}

fn form(row: &Row) -> Option<String> {
    Some(row.form.clone()).filter(|it| !it.is_empty())
}

/// Looks drugs up by a text of 1 to 100 characters.
pub(crate) async fn found(app: &App, text: &str, question: &Question) -> Result<DrugsView, Problem> {
    if text.trim().is_empty() || text.chars().count() > LONGEST {
        let remedy = format!("Write a name, its pinyin or its initials: 1 to {LONGEST} characters.");
        return Err(Problem::malformed("q", remedy));
    }
    let (law, nobody) = (app.law().await?, Nobody::default());
    let telling = Telling::of(app, &law, &nobody, question)?;
    let findings = telling.app.drugs.of(&law, telling.edition).find(telling.edition, text, MOST);
    let surely = findings.hits.first().is_some_and(|it| it.how != domain::drugs::How::Near);
    let drugs = findings.hits.iter().map(|it| telling.drug(it)).collect::<Result<_, _>>()?;
    Ok(DrugsView {
        edition: telling.edition(),
        day: Civil(telling.day),
        area: telling.area(),
        drugs,
        left_off: findings.left_off,
        depends: telling.depends(),
        not_found: (!surely).then(|| telling.not_found(&findings)),
    })
}

/// Shows a row, by its printed number.
pub(crate) async fn page(app: &App, row: &str, question: &Question) -> Result<DrugPage, Problem> {
    let (law, nobody) = (app.law().await?, Nobody::default());
    let telling = Telling::of(app, &law, &nobody, question)?;
    let known = telling.edition.rows().find(|(_, it)| it.row_id == row);
    let (number, row) = known.ok_or_else(|| Problem::not_found("row in the edition of that day"))?;
    let hit = Hit { subject: Subject::Row(number), name: row.name.clone(), how: domain::drugs::How::Exact };
    Ok(DrugPage {
        edition: telling.edition(),
        day: Civil(telling.day),
        area: telling.area(),
        drug: telling.drug(&hit)?,
        page: Some(row.page).filter(|it| *it > 0),
        other_forms: telling.other_forms(number, row),
        codes: telling.codes(number),
        depends: telling.depends(),
    })
}

impl Question {
    fn read(call: &Call) -> Result<Question, Problem> {
        let area = call.query.get("area").map(|it| {
            Area::parse(it).ok_or_else(|| Problem::malformed("area", "Write six digits, like 320300."))
        });
        let day = call.query.get("day").map(|it| {
            Day::parse(it).ok_or_else(|| Problem::malformed("day", "Write a day like 2025-06-16."))
        });
        Ok(Question { area: area.transpose()?, day: day.transpose()?, english: call.english })
    }
}

/// `GET /drugs`.
pub(crate) async fn find(call: Call) -> Answered {
    let text = call.query.get("q").map_or("", String::as_str);
    Ok(Answer::ok(&found(&call.app, text, &Question::read(&call)?).await?))
}

/// `GET /drugs/{row}`.
pub(crate) async fn show(call: Call) -> Answered {
    Ok(Answer::ok(&page(&call.app, &call.text("row"), &Question::read(&call)?).await?))
}
