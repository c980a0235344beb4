//! A bill's page, and the steps that put it together: patient, lines, who pays what. None of them moves money.

use super::House;
use super::bill::{Bill, Line, MOST_LINES, Note, Offer, Settled, Shown, State};
use super::catalogue::Item;
use super::messages::Step;
use super::shares::{Shares, words};
use crate::web::form::Form;
use crate::web::frame::Frame;
use crate::web::opening::Opening;
use crate::web::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use domain::proxy::Paper;

/// What is wrong with a form: the field and the sentence, in Chinese and English.
pub(super) type Wrong = (&'static str, &'static str, &'static str);

const NOBODY: Wrong =
    ("code", "请扫医保码，或填卡号和卡识别码，或填身份证号", "Scan a code, or write a card or ID number");
const NO_CARD_SERIAL: Wrong = ("serial", "用社会保障卡时，请填卡识别码", "With a card, write its serial too");
const NO_ITEM: Wrong = ("item", "请填国家编码，或本机构自编码", "Write a national code, or your own");
const NO_PRICE: Wrong = ("price", "单价要大于 0，例如 12.50", "The price is more than 0, like 12.50");
const NO_COUNT: Wrong = ("count", "数量要大于 0，例如 1", "The count is more than 0, like 1");
const TOO_MANY: Wrong =
    ("item", "一张单最多 100 行，请另开一张单", "A bill has 100 lines at most: begin another");

#[derive(Template)]
#[template(path = "web/till_bill.html")]
struct BillPage {
    frame: Frame,
    house: House,
    bill: Bill,
    /// What stands on this page, in short: its forms bring it along.
    seen: String,
    /// Searched for, and found.
    query: String,
    items: Vec<Item>,
    wrong: Option<Wrong>,
    written: Form,
    /// Why it does not pay more.
    reasons: Vec<String>,
    /// Why the last step was not done.
    note: Option<String>,
    /// The documents that can be looked at where an agent buys.
    papers: Vec<(&'static str, String)>,
}

impl BillPage {
    fn offer(&self) -> Option<&Offer> {
        self.bill.offer.as_ref()
    }

    fn settled(&self) -> Option<&Settled> {
        self.bill.state.settled()
    }

    fn is_open(&self) -> bool {
        self.bill.state == State::Open
    }

    /// Whether settling failed: then the state stands in the middle of the page.
    fn failed(&self) -> bool {
        self.is_open() && self.bill.note.as_ref().is_some_and(|it| it.settling)
    }

    fn is(&self, code: &str) -> bool {
        self.bill.note.as_ref().is_some_and(|it| it.code == code)
    }

    /// Whether the giver's code would let relatives' money pay.
    fn wants_giver(&self) -> bool {
        self.offer().is_some_and(|it| it.shares.codes.iter().any(|code| code == "GIVER_CODE_REQUIRED"))
    }

    /// Whether the documents of patient and agent would let it be settled.
    fn wants_papers(&self) -> bool {
        self.is("PROXY_PROOF_MISSING")
    }

    /// The documents that can be looked at, in words.
    fn papers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.papers.iter().map(|(word, text)| (*word, text.as_str()))
    }

    /// Whether this document of the patient (0) or the agent (1) is recorded.
    fn looked_at(&self, whose: usize, word: &str) -> bool {
        let paper = self.bill.proxy.as_ref().and_then(|it| it.papers[whose]);
        paper.is_some_and(|it| it.word() == word)
    }

    /// Whether the packs of a line are scanned here.
    fn wants_packs(&self, line: &Line) -> bool {
        self.house.trace_codes && line.has_packs()
    }

    /// Whether what was scanned for this line is wrong.
    fn wrong_pack(&self, at: &usize) -> bool {
        self.wrong_at("pack").is_some() && self.written.text("line") == at.to_string()
    }

    /// What is said at a field.
    fn wrong_at(&self, field: &str) -> Option<&str> {
        let wrong = self.wrong.filter(|(found, ..)| *found == field);
        wrong.map(|(_, zh, en)| self.frame.say(zh, en))
    }

    /// How a line counts, once that is known.
    fn level(&self, at: &usize) -> &str {
        let level = self.offer().and_then(|it| it.levels.get(*at)).map_or("", String::as_str);
        match level {
            "01" => self.frame.say("甲类", "class A"),
            "02" => self.frame.say("乙类", "class B"),
            "03" => self.frame.say("目录外", "not covered"),
            _ => "",
        }
    }

    fn scheme(&self, scheme: &str) -> &str {
        match scheme {
            "310" => self.frame.say("职工医保", "employee scheme"),
            "390" => self.frame.say("居民医保", "resident scheme"),
            _ => self.frame.say("没有参保记录", "not insured"),
        }
    }
}

impl State {
    pub(super) fn settled(&self) -> Option<&Settled> {
        match self {
            State::Open | State::Sent(_) => None,
            State::Settled(it) | State::Undoing(it, _) | State::Undone(it) => Some(it),
        }
    }

    pub(super) fn shares(&self) -> Option<&Shares> {
        self.settled().map(|it| &it.shares)
    }
}

/// The page of a bill, with what was written into a form that has to be put right.
pub(super) async fn page(opening: &Opening, bill: Bill, wrong: Option<Wrong>) -> Result<Response, Trouble> {
    let language = if opening.view().english { "en" } else { "zh" };
    let texts = &opening.app.texts;
    let shares = bill.state.shares().or(bill.offer.as_ref().map(|it| &it.shares));
    let reasons = shares.map(|it| it.reasons(texts, language)).unwrap_or_default();
    let said = |it: &Note| words(texts, language, &it.code).unwrap_or_else(|| it.said.clone());
    let note = bill.note.as_ref().map(said);
    let query = opening.query.text("q").chars().take(40).collect::<String>();
    let items = if query.is_empty() { Vec::new() } else { opening.items(&query).await? };
    let frame = opening.frame("收费单", "Bill");
    let (house, written) = (opening.house().await?, opening.form.clone());
    let seen = opening.seen(&bill);
    let papers = Paper::ALL.iter().map(|it| (it.word(), opening.word("paper", it.word()))).collect();
    let page = BillPage { frame, house, bill, seen, query, items, wrong, written, reasons, note, papers };
    if wrong.is_some() { opening.again(&page) } else { opening.page(&page) }
}

/// Back to the bill.
pub(super) fn back(opening: &Opening, bill: &Bill) -> Response {
    opening.go(&format!("/till/{}", bill.no))
}

/// Says why a step was not done; the next one is another.
pub(super) async fn refused(opening: &Opening, mut bill: Bill, note: Note) -> Result<Response, Trouble> {
    bill.changed();
    bill.note = Some(note);
    opening.keep_bill(&bill).await?;
    Ok(back(opening, &bill))
}

/// Keeps a bill that was changed, and shows it.
pub(super) async fn changed(opening: &Opening, mut bill: Bill) -> Result<Response, Trouble> {
    bill.changed();
    opening.keep_bill(&bill).await?;
    Ok(back(opening, &bill))
}

/// A bill that may still be changed; nothing where it may not.
pub(super) async fn open_bill(opening: &Opening) -> Result<Result<Bill, Response>, Trouble> {
    let bill = opening.bill().await?;
    Ok(if bill.state == State::Open { Ok(bill) } else { Err(back(opening, &bill)) })
}

/// The line that a form is about; nothing where somebody saw an older bill and may mean another.
pub(super) fn line_meant(opening: &Opening, bill: &Bill) -> Option<usize> {
    let at = opening.form.text("line").parse::<usize>().ok().filter(|it| *it < bill.lines.len());
    at.filter(|_| opening.has_seen(bill))
}

macro_rules! open_or_back {
    ($opening:expr) => {
        match open_bill($opening).await? {
            Ok(bill) => bill,
            Err(back) => return Ok(back),
        }
    };
}

/// A step that moves no money: where it has no answer, it can simply be taken again.
fn unanswered<T>(tried: Result<Step<T>, Trouble>) -> Result<Result<T, Option<Note>>, Trouble> {
    match tried {
        Ok(Ok(done)) => Ok(Ok(done)),
        Ok(Err(note)) => Ok(Err(Some(note))),
        Err(Trouble::Busy) => Ok(Err(None)),
        Err(trouble) => Err(trouble),
    }
}

async fn again_later(opening: &Opening, mut bill: Bill) -> Result<Response, Trouble> {
    bill.note = Some(Note { code: Note::BUSY.to_owned(), said: String::new(), settling: false });
    opening.keep_bill(&bill).await?;
    Ok(back(opening, &bill))
}

/// `GET /till/{bill}`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let bill = opening.bill().await?;
    page(&opening, bill, None).await
}

/// What was shown at the counter, of the fields with this beginning.
fn shown(form: &Form, prefix: &str) -> Result<Shown, Wrong> {
    let text = |name: &str| form.filled(&format!("{prefix}{name}")).map(|it| it.replace(' ', ""));
    let of = |kind: &str, number, serial| Shown { kind: kind.to_owned(), number, serial };
    let none = String::new();
    match (text("code"), text("card"), text("serial"), text("id")) {
        (Some(code), ..) => Ok(of("01", code, none)),
        (None, Some(card), Some(serial), _) => Ok(of("03", card, serial)),
        (None, Some(_), None, _) => Err(NO_CARD_SERIAL),
        (None, None, _, Some(id)) => Ok(of("02", id.to_ascii_uppercase(), none)),
        (None, None, _, None) => Err(NOBODY),
    }
}

/// `POST /till/{bill}/patient`: who it is; sent empty by somebody who begins with another, nobody.
pub(crate) async fn patient(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = open_or_back!(&opening);
    if opening.form.filled("other").is_some() {
        bill.changed();
        opening.leave_visit(&bill).await?;
        (bill.patient, bill.giver, bill.proxy, bill.visit, bill.uploaded) = (None, None, None, None, None);
        return changed(&opening, bill).await;
    }
    let shown = match shown(&opening.form, "") {
        Ok(shown) => shown,
        Err(wrong) => return page(&opening, bill, Some(wrong)).await,
    };
    match unanswered(opening.who(&bill, shown).await)? {
        Ok(patient) => {
            bill.patient = Some(patient);
            bill.another = false;
            changed(&opening, bill).await
        }
        Err(Some(note)) => refused(&opening, bill, note).await,
        Err(None) => again_later(&opening, bill).await,
    }
}

/// `POST /till/{bill}/giver`: what the giver showed.
pub(crate) async fn giver(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = open_or_back!(&opening);
    let text = |name: &str| opening.form.filled(name).map(|it| it.replace(' ', ""));
    let of = |kind: &str, number| Shown { kind: kind.to_owned(), number, serial: String::new() };
    bill.giver = text("giver_code").map(|it| of("01", it)).or(text("giver_card").map(|it| of("03", it)));
    changed(&opening, bill).await
}

/// `POST /till/{bill}/lines`: one more line.
pub(crate) async fn add(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = open_or_back!(&opening);
    let form = &opening.form;
    let (code, own) = (form.text("item"), form.text("own"));
    // Sent a second time, or from a page that showed an older bill: the line may stand already.
    if !opening.has_seen(&bill) {
        return Ok(back(&opening, &bill));
    }
    let wrong = if bill.lines.len() >= MOST_LINES {
        Some(TOO_MANY)
    } else if (code.is_empty() && own.is_empty()) || code.chars().count() > 50 || own.chars().count() > 50 {
        Some(NO_ITEM)
    } else {
        None
    };
    if wrong.is_some() {
        return page(&opening, bill, wrong).await;
    }
    let name = opening.item_name(code).await?;
    match Line::of((code, own, &name), form.text("price"), form.filled("count").unwrap_or("1")) {
        Ok(line) => bill.lines.push(line),
        Err("count") => return page(&opening, bill, Some(NO_COUNT)).await,
        Err(_) => return page(&opening, bill, Some(NO_PRICE)).await,
    }
    changed(&opening, bill).await
}

/// `POST /till/{bill}/line`: another count of a line, or none of it.
pub(crate) async fn change(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = open_or_back!(&opening);
    let form = &opening.form;
    let Some(at) = line_meant(&opening, &bill) else { return Ok(back(&opening, &bill)) };
    if form.filled("remove").is_some() {
        bill.lines.remove(at);
        return changed(&opening, bill).await;
    }
    let line = bill.lines[at].clone();
    match Line::of((&line.code, &line.own_code, &line.name), &line.price, form.text("count")) {
        Ok(other) => bill.lines[at] = Line { packs: line.packs, ..other },
        Err(_) => return page(&opening, bill, Some(NO_COUNT)).await,
    }
    changed(&opening, bill).await
}

/// `POST /till/{bill}/offer`: who would pay what.
pub(crate) async fn offer(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = open_or_back!(&opening);
    let wanted = match opening.form.text("accounts") {
        "0" => false,
        "1" => true,
        _ => bill.accounts,
    };
    let another = bill.another || opening.form.filled("another").is_some();
    if (wanted, another) != (bill.accounts, bill.another) {
        (bill.accounts, bill.another) = (wanted, another);
        bill.changed();
    }
    if bill.patient.is_none() || bill.lines.is_empty() {
        return Ok(back(&opening, &bill));
    }
    match unanswered(opening.offered(&mut bill).await)? {
        Ok(offer) => {
            (bill.offer, bill.note) = (Some(offer), None);
            opening.keep_bill(&bill).await?;
            Ok(back(&opening, &bill))
        }
        Err(Some(note)) => refused(&opening, bill, note).await,
        Err(None) => again_later(&opening, bill).await,
    }
}

/// `POST /till/{bill}/drop`: nothing comes of it.
pub(crate) async fn drop_it(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = open_or_back!(&opening);
    bill.changed();
    opening.leave_visit(&bill).await?;
    opening.drop_bill(&bill).await?;
    Ok(opening.go("/till"))
}
