//! Binding at the counter (R-D9): what is wanted, every condition with its remedy, the commitment read out and signed on
//! paper, and only then the binding itself, in the customer's name.

use super::counter::{Counter, Wanted};
use super::frame::Frame;
use super::hall_people::People;
use super::opening::Opening;
use super::receipt::Done;
use super::told::Explained;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use askama::Template;
use axum::response::Response;
use domain::words::Relation;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Template)]
#[template(path = "web/hall_bind.html")]
struct BindPage {
    frame: Frame,
    people: People,
    relations: Vec<(&'static str, String)>,
    wanted: Wanted,
    checked: Option<Checked>,
    wrongs: Wrongs,
}

impl BindPage {
    /// The fields that may be left out: name, label, what stands in them.
    fn limits(&self) -> [(&'static str, &'static str, &str); 6] {
        let (frame, it) = (&self.frame, &self.wanted);
        [
            (
                "from",
                frame.say("哪天开始（只在当地允许时）", "From which day (where allowed)"),
                shown(&it.from),
            ),
            ("last_day", frame.say("最后一天", "The last day"), shown(&it.last_day)),
            ("per_bill", frame.say("每笔最多（元）", "For each bill (yuan)"), shown(&it.per_bill)),
            ("per_month", frame.say("每月最多（元）", "For each month (yuan)"), shown(&it.per_month)),
            ("per_year", frame.say("每年最多（元）", "For each year (yuan)"), shown(&it.per_year)),
            (
                "quota",
                frame.say("共济额度（元，只在额度方式时）", "Quota (yuan, where shared by quota)"),
                shown(&it.quota),
            ),
        ]
    }
}

/// As a field shows it.
fn shown(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// What the conditions came to.
struct Checked {
    told: Explained,
    /// Where it is possible: the letter to be read out and signed.
    letter: Option<Letter>,
}

/// The commitment as it is read out and signed.
#[derive(Deserialize)]
pub(super) struct Letter {
    pub(super) version: String,
    pub(super) text: String,
    pub(super) digest: String,
}

#[derive(Deserialize)]
struct Asked {
    explanation: Explained,
    /// The binding as it would be, where it is possible.
    binding: Option<serde::de::IgnoredAny>,
}

impl Wanted {
    /// What the form says; what is wrong is noted.
    fn read(opening: &Opening, wrongs: &mut Wrongs) -> Wanted {
        let relation = opening.form.text("relation");
        if Relation::parse(relation).is_none() {
            wrongs.add("relation", "请选择关系", "Choose the relation");
        }
        Wanted {
            gives: opening.form.text("side") != "beneficiary",
            relation: relation.to_owned(),
            documents: opening.form.filled("documents").is_some(),
            from: wrongs.day(&opening.form, "from"),
            last_day: wrongs.day(&opening.form, "last_day"),
            per_bill: wrongs.amount(&opening.form, "per_bill"),
            per_month: wrongs.amount(&opening.form, "per_month"),
            per_year: wrongs.amount(&opening.form, "per_year"),
            quota: wrongs.amount(&opening.form, "quota"),
        }
    }

    /// The two, and what they are to each other; `None` where one of the two is missing.
    fn pair(&self, counter: &Counter) -> Option<Value> {
        let customer = json!({ "no": counter.customer? });
        let relative = json!(counter.relative.as_ref()?);
        let (giver, beneficiary) = if self.gives { (customer, relative) } else { (relative, customer) };
        Some(json!({ "giver": giver, "beneficiary": beneficiary, "relation": self.relation }))
    }

    /// The body that asks for it; `None` where one of the two is missing.
    fn body(&self, counter: &Counter) -> Option<Value> {
        let mut body = self.pair(counter)?;
        body["proof"] = json!(if self.documents { "documents" } else { "commitment" });
        body["from"] = json!(self.from);
        body["last_day"] = json!(self.last_day);
        body["limits"] =
            json!({ "per_bill": self.per_bill, "per_month": self.per_month, "per_year": self.per_year });
        body["quota"] = json!(self.quota);
        Some(body)
    }
}

/// A body with one field more.
fn with(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[name] = value;
    body
}

impl Opening {
    /// Every condition of what is wanted; the binding as it would be, where it is possible.
    async fn check_wanted(&self, wanted: &Wanted, body: &Value) -> Result<Asked, Trouble> {
        let starter = if wanted.gives { "giver" } else { "beneficiary" };
        self.ask("/explain/binding", &with(body, "starter", json!(starter))).await
    }

    /// The letter that the customer signs for what is wanted; `None` where one of the two is missing.
    pub(super) async fn letter_about(
        &self,
        counter: &Counter,
        wanted: &Wanted,
    ) -> Result<Option<Letter>, Trouble> {
        match (wanted.pair(counter), counter.customer) {
            (Some(pair), Some(customer)) => {
                let asked = with(&pair, "on_behalf_of", json!({ "no": customer }));
                Ok(Some(self.ask("/commitment", &asked).await?))
            }
            (_, _) => Ok(None),
        }
    }
}

async fn bind_page(opening: &Opening, counter: &Counter, wrongs: Wrongs) -> Result<BindPage, Trouble> {
    let people = People::of(opening, counter).await?;
    let wanted = counter.wanted.clone();
    let body = wanted.as_ref().filter(|_| wrongs.is_empty()).and_then(|it| it.body(counter));
    let checked = match (&wanted, &body) {
        (Some(wanted), Some(body)) => {
            let asked = opening.check_wanted(wanted, body).await?;
            let letter = match asked.binding {
                Some(_) => opening.letter_about(counter, wanted).await?,
                None => None,
            };
            Some(Checked { told: asked.explanation, letter })
        }
        _ => None,
    };
    let fresh = Wanted { gives: true, relation: Relation::Child.word().to_owned(), ..Wanted::default() };
    Ok(BindPage {
        frame: opening.frame("绑定家庭共济", "Bind for family sharing"),
        people,
        relations: opening.relations(),
        wanted: wanted.unwrap_or(fresh),
        checked,
        wrongs,
    })
}

/// `GET /hall/bind`: what is wanted, and what the conditions say about it.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    if counter.customer.is_none() || counter.relative.is_none() {
        return Ok(opening.go("/hall#scan"));
    }
    opening.page(&bind_page(&opening, &counter, Wrongs::default()).await?)
}

/// `POST /hall/wanted`: what is wanted is checked; nothing is done yet.
pub(crate) async fn want(opening: Opening) -> Result<Response, Trouble> {
    let (opening, mut counter) = opening.at_counter().await?;
    let mut wrongs = Wrongs::of(&opening);
    counter.wanted = Some(Wanted::read(&opening, &mut wrongs));
    if !wrongs.is_empty() {
        return opening.again(&bind_page(&opening, &counter, wrongs).await?);
    }
    opening.keep_counter(&counter).await?;
    Ok(opening.go("/hall/bind"))
}

/// `POST /hall/bind`: the letter is signed, the binding is asked for in the customer's name.
pub(crate) async fn sign(opening: Opening) -> Result<Response, Trouble> {
    let (opening, mut counter) = opening.at_counter().await?;
    let (Some(customer), Some(wanted)) = (counter.customer, counter.wanted.clone()) else {
        return Ok(opening.go("/hall"));
    };
    let body = wanted.body(&counter).ok_or(Trouble::Unreadable)?;
    if opening.form.filled("signed").is_none() {
        let wrong = ("请先读完承诺书，让客户签名", "Read the letter out and have it signed first");
        return not_signed(&opening, &counter, Some(wrong)).await;
    }
    if opening.check_wanted(&wanted, &body).await?.binding.is_none() {
        // It has become impossible since: the page says why, and nothing is sent that nobody could have signed.
        return not_signed(&opening, &counter, None).await;
    }
    let letter = opening.letter_about(&counter, &wanted).await?.ok_or(Trouble::Unreadable)?;
    if letter.digest != opening.form.text("digest") {
        let wrong = (
            "承诺书的文字变了。请重新读给客户听，重新签名",
            "The letter says something else now: read it out and have it signed once more",
        );
        return not_signed(&opening, &counter, Some(wrong)).await;
    }
    let body = with(&body, "commitment", json!({ "version": letter.version, "text": letter.text }));
    let body = with(&body, "on_behalf_of", json!({ "no": customer }));
    let done: Done = opening.send("/bindings", &body).await?;
    counter.wanted = None;
    opening.receipt(counter, &done).await
}

/// The page again, for nothing was signed that could be sent.
async fn not_signed(
    opening: &Opening,
    counter: &Counter,
    wrong: Option<(&'static str, &'static str)>,
) -> Result<Response, Trouble> {
    let mut wrongs = Wrongs::of(opening);
    if let Some((zh, en)) = wrong {
        wrongs.add("signed", zh, en);
    }
    opening.again(&BindPage { wrongs, ..bind_page(opening, counter, Wrongs::of(opening)).await? })
}
