//! Starting a binding, second half: every condition, what the giver limits, the commitment, all answers once more, done.

use super::bind::{Draft, GiverTerms, Law, Signed, Step, Terms, Told, draft_for, judged};
use super::bound::{Bound, relation_word};
use super::frame::Frame;
use super::inside::Reason;
use super::limits::{Field, amount_in, limit_fields, quota_field, terms_in};
use super::opening::Opening;
use super::papers::{binding_facts, closing, fact, sentences};
use super::trouble::Trouble;
use crate::pdf::Block;
use askama::Template;
use axum::response::Response;
use domain::words::Side;
use serde::Deserialize;
use serde_json::json;

/// A condition as a line.
struct Line {
    holds: bool,
    text: String,
    law: Option<Law>,
}

#[derive(Template)]
#[template(path = "web/bind_check.html")]
struct CheckPage {
    frame: Frame,
    name: String,
    relation: String,
    lines: Vec<Line>,
    /// What stands in the way, with what can be done.
    obstacles: Vec<Told>,
    by_quota: bool,
    /// What would come of it.
    binding: Option<Bound>,
}

/// Conditions that hold only because the next pages ask for what they want: they are not shown before.
const STILL_TO_SIGN: &str = "R-D2";
/// What is asked on the next page is no obstacle yet.
const AMOUNT_DUE: &str = "QUOTA_MISSING";

fn lines(opening: &Opening, steps: Vec<Step>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for step in steps {
        let holds = step.outcome == "holds";
        let reason = step.reason.as_ref().filter(|it| it.code != AMOUNT_DUE);
        let text = match (&step.about, reason) {
            (Some(about), _) if holds && step.rule != STILL_TO_SIGN => {
                opening.text(&format!("checks.{about}")).to_owned()
            }
            (_, Some(reason)) => reason.line.clone(),
            (_, None) => continue,
        };
        if lines.iter().all(|it| it.text != text) {
            lines.push(Line { holds, text, law: step.law.filter(|_| !holds) });
        }
    }
    lines
}

/// Whether what was wanted is possible, as far as it was asked for yet.
fn passes(reasons: &[Reason]) -> bool {
    reasons.iter().all(|it| it.code == AMOUNT_DUE)
}

/// What was answered before limits were asked for: the conditions alone are judged.
fn conditions_of(draft: &Draft) -> Draft {
    Draft { terms: None, ..draft.clone() }
}

/// `GET /bind/check`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/bind/check").await?;
    let judged = judged(&opening, &conditions_of(&draft)).await?;
    let fine = passes(&judged.reasons);
    let relation = draft.relation.map(|it| relation_word(&opening, draft.side(), it));
    opening.page(&CheckPage {
        frame: opening.frame("检查结果", "What was checked"),
        name: draft.name.clone(),
        relation: relation.unwrap_or_default().to_owned(),
        lines: lines(&opening, judged.steps),
        obstacles: if fine { Vec::new() } else { judged.explanation.reasons },
        by_quota: !judged.possible && fine,
        binding: judged.binding,
    })
}

/// `POST /bind/check`: on, where every condition holds.
pub(crate) async fn pass(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/bind/check").await?;
    let judged = judged(&opening, &conditions_of(&draft)).await?;
    if !passes(&judged.reasons) {
        return Ok(opening.go("/bind/check"));
    }
    (draft.checked, draft.by_quota) = (true, !judged.possible);
    let asks = draft.by_quota || (draft.side() == Side::Giver && !offered(&opening).await?.is_empty());
    if !asks {
        draft.terms = Some(Terms::default());
    }
    opening.keep_draft("bind", &draft).await?;
    Ok(opening.go(draft.next()))
}

/// What the giver may limit in their area.
async fn offered(opening: &Opening) -> Result<Vec<String>, Trouble> {
    let me = opening.person()?.0;
    Ok(opening.get::<GiverTerms>(&format!("/persons/{me}/binding-terms")).await?.fields())
}

#[derive(Template)]
#[template(path = "web/bind_limits.html")]
struct LimitsPage {
    frame: Frame,
    quota: Option<Field>,
    fields: Vec<Field>,
    open: bool,
    wrong: Vec<(&'static str, String)>,
}

impl LimitsPage {
    async fn of(opening: &Opening, draft: &Draft) -> Result<LimitsPage, Trouble> {
        let terms = draft.terms.clone().unwrap_or_default();
        let offered = if draft.side() == Side::Giver { offered(opening).await? } else { Vec::new() };
        let fields = limit_fields(opening, &offered, &terms);
        Ok(LimitsPage {
            frame: opening.frame("要不要设限制？", "Do you want to set limits?"),
            quota: draft.by_quota.then(|| quota_field(opening, terms.quota)),
            open: fields.iter().any(|it| !it.value.is_empty()),
            fields,
            wrong: Vec::new(),
        })
    }

    /// All fields that something is wrong with, for the top of the page.
    fn gathered(mut self) -> LimitsPage {
        let all = self.quota.iter().chain(&self.fields).filter(|it| !it.wrong.is_empty());
        self.wrong = all.map(|it| (it.name, it.wrong.clone())).collect();
        self.open = self.fields.iter().any(|it| !it.value.is_empty());
        self
    }

    /// Puts reasons of the REST interface at the fields that they are about.
    fn told(&mut self, reasons: &[Reason]) {
        for reason in reasons {
            let field = match reason.code.as_str() {
                "QUOTA_MISSING" | "QUOTA_TOO_LARGE" => self.quota.as_mut(),
                // Of two days that contradict each other the last one written is shown as wrong.
                _ => self.fields.iter_mut().rfind(|it| it.kind == "date" && !it.value.is_empty()),
            };
            if let Some(field) = field {
                reason.why.clone_into(&mut field.wrong);
            }
        }
    }
}

/// `GET /bind/limits`.
pub(crate) async fn limits(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/bind/limits").await?;
    opening.page(&LimitsPage::of(&opening, &draft).await?)
}

/// `POST /bind/limits`.
pub(crate) async fn limit(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/bind/limits").await?;
    let mut page = LimitsPage::of(&opening, &draft).await?;
    let mut terms = terms_in(&opening, &mut page.fields);
    terms.quota = page.quota.as_mut().and_then(|it| amount_in(&opening, it));
    let readable = page.quota.iter().chain(&page.fields).all(|it| it.wrong.is_empty());
    draft.terms = Some(terms);
    if readable {
        let judged = judged(&opening, &draft).await?;
        if judged.possible {
            opening.keep_draft("bind", &draft).await?;
            return Ok(opening.go(draft.next()));
        }
        page.told(&judged.reasons);
    }
    let page = page.gathered();
    // What is about no field is about the conditions, which have changed meanwhile.
    if page.wrong.is_empty() { Ok(opening.go("/bind/check")) } else { opening.again(&page) }
}

/// The commitment in force, for the two.
#[derive(Debug, Deserialize)]
struct Commitment {
    version: String,
    text: String,
    digest: String,
    translation: Option<String>,
}

impl Commitment {
    fn is(&self, signed: &Signed) -> bool {
        self.digest == signed.digest && self.version == signed.version
    }
}

async fn commitment(opening: &Opening, draft: &Draft) -> Result<Commitment, Trouble> {
    opening.ask("/commitment", &draft.pair(opening.person()?.0)).await
}

#[derive(Deserialize)]
struct Myself {
    name: String,
}

#[derive(Template)]
#[template(path = "web/bind_letter.html")]
struct LetterPage {
    frame: Frame,
    commitment: Commitment,
    name: String,
    written: String,
    wrong: bool,
}

async fn letter_page(opening: &Opening, draft: &Draft) -> Result<LetterPage, Trouble> {
    let me: Myself = opening.get(&format!("/persons/{}", opening.person()?.0)).await?;
    Ok(LetterPage {
        frame: opening.frame("看完承诺书，签名", "Read the commitment and sign"),
        commitment: commitment(opening, draft).await?,
        name: me.name,
        written: String::new(),
        wrong: false,
    })
}

/// `GET /bind/letter`.
pub(crate) async fn letter(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/bind/letter").await?;
    opening.page(&letter_page(&opening, &draft).await?)
}

/// `POST /bind/letter`: signed by writing one's own name.
pub(crate) async fn sign(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/bind/letter").await?;
    let page = letter_page(&opening, &draft).await?;
    let written = opening.form.text("signature").to_owned();
    if written != page.name || opening.form.text("digest") != page.commitment.digest {
        return opening.again(&LetterPage { written, wrong: true, ..page });
    }
    let Commitment { version, digest, .. } = page.commitment;
    draft.signed = Some(Signed { version, digest });
    opening.keep_draft("bind", &draft).await?;
    Ok(opening.go(draft.next()))
}

#[derive(Template)]
#[template(path = "web/bind_review.html")]
struct ReviewPage {
    frame: Frame,
    gives: bool,
    relation: String,
    name: String,
    number: String,
    terms: Terms,
    version: String,
}

/// An ID number as it may stand on a page that somebody looks at over one's shoulder.
fn masked(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let shown = |at: usize| at < 4 || at + 4 >= letters.len();
    letters.iter().enumerate().map(|(at, it)| if shown(at) { *it } else { '*' }).collect()
}

/// `GET /bind/review`.
pub(crate) async fn review(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/bind/review").await?;
    let relation = draft.relation.map(|it| relation_word(&opening, draft.side(), it));
    opening.page(&ReviewPage {
        frame: opening.frame("核对后提交", "Check and submit"),
        gives: draft.side() == Side::Giver,
        relation: relation.unwrap_or_default().to_owned(),
        number: masked(&draft.id_number),
        name: draft.name,
        terms: draft.terms.unwrap_or_default(),
        version: draft.signed.map(|it| it.version).unwrap_or_default(),
    })
}

/// `POST /bind/review`: once for each binding, however often it is pressed.
pub(crate) async fn submit(opening: Opening) -> Result<Response, Trouble> {
    let draft: Draft = opening.draft("bind").await?;
    if let Some(no) = draft.done {
        return Ok(opening.go(&format!("/bind/done/{no}")));
    }
    let draft = draft_for(&opening, "/bind/review").await?;
    let commitment = commitment(&opening, &draft).await?;
    if !draft.signed.as_ref().is_some_and(|it| commitment.is(it)) {
        // Another text came into force between signing and sending, or a name has changed.
        opening.keep_draft("bind", &Draft { signed: None, ..draft }).await?;
        return Err(Trouble::Due("/bind/letter"));
    }
    let mut wanted = draft.wanted(opening.person()?.0);
    wanted["commitment"] = json!({ "version": commitment.version, "text": commitment.text });
    let made: Bound = opening.send("/bindings", &wanted).await?;
    opening.keep_draft("bind", &Draft { done: Some(made.no), ..Draft::default() }).await?;
    Ok(opening.go(&format!("/bind/done/{}", made.no)))
}

#[derive(Template)]
#[template(path = "web/bind_done.html")]
struct DonePage {
    frame: Frame,
    binding: Bound,
    state: String,
    /// What happens next, in sentences.
    next: Vec<String>,
}

impl DonePage {
    async fn of(opening: &Opening) -> Result<DonePage, Trouble> {
        let binding: Bound = opening.get(&format!("/bindings/{}", opening.number("no")?)).await?;
        let frame = match binding.status.state.as_str() {
            "in_force" => opening.frame("授权已生效", "The authorisation is in force"),
            "awaiting_confirmation" => {
                opening.frame("已提交，等对方确认", "Submitted: awaiting confirmation")
            }
            "in_review" => opening.frame("已提交，等经办机构审核", "Submitted: the agency reviews it"),
            _ => opening.frame("已登记", "Registered"),
        };
        let state = binding.state(opening).to_owned();
        let gives = binding.side(opening.person()?) == Side::Giver;
        Ok(DonePage { next: next(&frame, &binding, gives), frame, binding, state })
    }
}

/// What happens next, in sentences.
fn next(frame: &Frame, it: &Bound, gives: bool) -> Vec<String> {
    let (english, status) = (frame.english, &it.status);
    let untouched = frame.say("在那以前，钱一分也不会动。", "Until then no money is touched.");
    if let Some(waiting) = &status.waiting_for {
        let name = &waiting.name;
        let asked = match (english, &status.until) {
            (false, None) => format!("请{name}登录，在「我的授权」里确认。"),
            (false, Some(day)) => {
                format!("请{name}登录，在「我的授权」里确认。最晚{}。", frame.civil(day))
            }
            (true, None) => format!("Please ask {name} to sign in and confirm under “My authorisations”."),
            (true, Some(day)) => format!(
                "Please ask {name} to sign in and confirm under “My authorisations”, at the latest on {}.",
                frame.civil(day)
            ),
        };
        return vec![
            asked,
            frame.say("确认以前，钱一分也不会动。", "Until then no money is touched.").to_owned(),
        ];
    }
    match (status.state.as_str(), &status.since) {
        ("in_review", _) => {
            vec![
                frame
                    .say(
                        "请打开这份授权，上传亲属关系材料的照片，也可以带到服务大厅。没有材料不能通过审核。",
                        "Open this authorisation and send photographs of documents of kinship, or take them to a hall: it is \
                         not approved without any.",
                    )
                    .to_owned(),
                frame.say("审核结果会发消息给您。", "You are told the result.").to_owned(),
                untouched.to_owned(),
            ]
        }
        ("not_yet_in_force", Some(since)) => {
            let since = frame.moment(since.moment());
            let usable =
                if english { format!("Usable from {since}.") } else { format!("{since}起才能用。") };
            vec![usable, untouched.to_owned()]
        }
        _ => {
            let name = &it.beneficiary.name;
            let code = match (gives, english) {
                (true, false) => format!("看病时用{name}本人的码。"),
                (true, true) => format!("At a counter, show the code of {name}."),
                (false, false) => "看病时用您本人的码。".to_owned(),
                (false, true) => "At a counter, show your own code.".to_owned(),
            };
            let looked_up =
                frame.say("花了多少、在哪里花的，每一笔都能查。", "Every amount and place can be looked up.");
            vec![code, looked_up.to_owned()]
        }
    }
}

/// `GET /bind/done/{no}`.
pub(crate) async fn done(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&DonePage::of(&opening).await?)
}

/// `GET /bind/done/{no}/receipt.pdf`.
pub(crate) async fn done_paper(opening: Opening) -> Result<Response, Trouble> {
    let DonePage { frame, binding, next, .. } = DonePage::of(&opening).await?;
    let mut blocks = vec![fact(frame.say("编号", "No."), binding.no.to_string())];
    blocks.extend(binding_facts(&opening, &frame, &binding));
    blocks.push(fact(frame.say("提交", "Submitted"), frame.moment(binding.started.at.moment())));
    blocks.push(Block::Heading(frame.say("接下来", "What happens next").to_owned()));
    blocks.extend(sentences(next));
    blocks.extend(closing(&frame));
    opening.paper(&frame, binding.recorded.moment(), blocks, &format!("binding-{}", binding.no)).await
}
