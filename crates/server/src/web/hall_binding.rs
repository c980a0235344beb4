//! What a clerk does about a binding that there is, in the customer's name (R-D9): confirming, declining, withdrawing,
//! releasing and keeping on, limits, quota, the place in the order.

use super::bound::{Options, Review, SignedText, review_of};
use super::dates::Dates;
use super::frame::Frame;
use super::hall_people::{Binding, BindingLine};
use super::inside::Reason;
use super::opening::Opening;
use super::receipt::Done;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use askama::Template;
use axum::response::Response;
use serde_json::{Value, json};

#[derive(Template)]
#[template(path = "web/hall_bindings.html")]
struct BindingsPage {
    frame: Frame,
    given: Vec<BindingLine>,
    received: Vec<BindingLine>,
}

#[derive(Template)]
#[template(path = "web/hall_binding.html")]
struct BindingPage {
    frame: Frame,
    line: BindingLine,
    /// In whose name it can be changed, if somebody is served.
    customer: Option<u64>,
    wrongs: Wrongs,
    /// Whether the letter that was signed can be written again.
    letter: bool,
    /// How the agency's review ended, where there was one.
    review: Option<Review>,
}

impl BindingPage {
    fn is_givers(&self) -> bool {
        self.customer == Some(self.line.it.giver.no)
    }

    fn is_beneficiarys(&self) -> bool {
        self.customer == Some(self.line.it.beneficiary.no)
    }

    /// What may come next; whether it is allowed is decided when it is asked for.
    fn is(&self, states: &[&str]) -> bool {
        states.contains(&self.line.it.status.state.as_str())
    }

    fn is_lasting(&self) -> bool {
        self.is(&["in_force", "not_yet_in_force", "needs_decision", "on_hold"])
    }

    fn may_end(&self) -> bool {
        self.is_lasting() && self.line.it.end.is_none()
    }

    fn may_go_on(&self) -> bool {
        self.is_lasting() && self.line.it.end.is_some()
    }

    /// The giver's limits: name, label, what they are.
    fn limits(&self) -> [(&'static str, &'static str, String); 3] {
        let (frame, it) = (&self.frame, &self.line.it.limits);
        let text = |it: &Option<crate::rest::Yuan>| it.map(|it| it.0.to_string()).unwrap_or_default();
        [
            ("per_bill", frame.say("每笔最多（元）", "For each bill (yuan)"), text(&it.per_bill)),
            ("per_month", frame.say("每月最多（元）", "For each month (yuan)"), text(&it.per_month)),
            ("per_year", frame.say("每年最多（元）", "For each year (yuan)"), text(&it.per_year)),
        ]
    }

    fn last_day(&self) -> String {
        self.line.it.last_day.map(|it| it.0.to_string()).unwrap_or_default()
    }

    fn quota(&self) -> String {
        self.line.it.quota.map(|it| it.0.to_string()).unwrap_or_default()
    }
}

/// `GET /hall/bindings`: all bindings of the customer.
pub(crate) async fn list(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall")) };
    let (given, received) = opening.bindings_of(customer).await?;
    let frame = opening.frame("解除和更改授权", "Release and change");
    opening.page(&BindingsPage { frame, given, received })
}

async fn binding_page(
    opening: &Opening,
    customer: Option<u64>,
    wrongs: Wrongs,
) -> Result<BindingPage, Trouble> {
    let no = opening.number("no")?;
    let binding: Binding = opening.get(&format!("/bindings/{no}")).await?;
    let signed: SignedText = opening.get(&format!("/bindings/{no}/commitment")).await?;
    Ok(BindingPage {
        review: review_of(opening, no, binding.reviewed).await?,
        frame: opening.frame("授权", "Binding"),
        line: opening.binding_line(binding),
        customer,
        wrongs,
        letter: signed.text.is_some(),
    })
}

/// `GET /hall/bindings/{no}`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    opening.page(&binding_page(&opening, counter.customer, Wrongs::of(&opening)).await?)
}

#[derive(Template)]
#[template(path = "web/hall_release.html")]
struct ReleasePage {
    frame: Frame,
    line: BindingLine,
    /// The dates that it would have, where it is possible.
    dates: Option<Dates>,
    reasons: Vec<Reason>,
}

/// `GET /hall/bindings/{no}/release`: both dates, before anything is done.
pub(crate) async fn release(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall")) };
    let no = opening.number("no")?;
    let binding: Binding = opening.get(&format!("/bindings/{no}")).await?;
    let path = format!("/bindings/{no}/options?on_behalf_of={customer}");
    let options: Options = opening.get(&path).await?;
    let choice = options.take("release").ok_or(Trouble::NotFound)?;
    let end = choice.end.as_ref().filter(|_| choice.possible);
    opening.page(&ReleasePage {
        frame: opening.frame("解除授权", "Release"),
        line: opening.binding_line(binding),
        dates: end.map(|it| Dates::read_at(opening.app.clock.now(), it)),
        reasons: choice.reasons,
    })
}

/// What the form asks for; what is wrong is noted.
fn event(opening: &Opening, wrongs: &mut Wrongs) -> Value {
    let (form, word) = (&opening.form, opening.form.text("event"));
    match word {
        "set_limits" => json!({
            "event": word,
            "last_day": wrongs.day(form, "last_day"),
            "limits": {
                "per_bill": wrongs.amount(form, "per_bill"),
                "per_month": wrongs.amount(form, "per_month"),
                "per_year": wrongs.amount(form, "per_year"),
            },
        }),
        "set_quota" => {
            let quota = wrongs.amount(form, "quota");
            if quota.is_none() {
                wrongs.add("quota", "请填写共济额度", "Write the quota");
            }
            json!({ "event": word, "quota": quota })
        }
        "set_rank" => {
            let rank: Option<u16> = form.text("rank").parse().ok();
            if rank.is_none() {
                wrongs.add("rank", "顺序写成 0、1、2 这样的数", "Write a number like 0, 1 or 2");
            }
            json!({ "event": word, "rank": rank })
        }
        _ => json!({ "event": word }),
    }
}

/// `POST /hall/bindings/{no}`: what happens to it, in the customer's name.
pub(crate) async fn change(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall")) };
    let mut wrongs = Wrongs::of(&opening);
    let mut body = event(&opening, &mut wrongs);
    if !wrongs.is_empty() {
        return opening.again(&binding_page(&opening, Some(customer), wrongs).await?);
    }
    body["on_behalf_of"] = json!({ "no": customer });
    let done: Done = opening.send(&format!("/bindings/{}/events", opening.number("no")?), &body).await?;
    opening.receipt(counter, &done).await
}
