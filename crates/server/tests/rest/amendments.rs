//! Amendments of what a person is known by: proposed by one, decided by another, in effect only then (R-D12).

use crate::world::{Answer, World, who};
use domain::day::Moment;
use domain::ids::{Area, Digest, PersonNo};
use domain::request::{Key, Request, Sender};
use serde_json::{Value, json};
use server::papers::{self, Kind};
use server::papers_under_way::{self, Papers};
use server::tokens::{Role, authenticate};
use server::turn::{Encoder, Submission};
use std::sync::Arc;
use store::{Attachments, Page, Query};

const NOW: &str = "2025-06-16 10:00";

struct Hall {
    world: World,
    /// Who proposes, who decides, and somebody of another area.
    clerks: [String; 3],
}

async fn hall() -> Hall {
    let world = World::new(NOW).await;
    let of = async |role, area| world.token_of(role, None, Area::parse(area).expect("an area")).await;
    let clerks = [
        of(Role::Clerk, "320300").await,
        of(Role::Supervisor, "320300").await,
        of(Role::Clerk, "450100").await,
    ];
    Hall { world, clerks }
}

fn wanted(field: &str, value: &str) -> Value {
    json!({ "on_behalf_of": who("李明"), field: value, "why": "录入错误",
        "documents": [{ "kind": "change_statement", "seen": "original" }] })
}

impl Hall {
    async fn propose(&self, body: Value) -> Answer {
        self.world.write("POST", "/amendments", &self.clerks[0], body).await
    }

    async fn decide(&self, by: usize, no: &Value, event: &str) -> Answer {
        let path = format!("/persons/{}/amendments/{no}/events", self.world.persons["李明"]);
        self.world
            .write("POST", &path, &self.clerks[by], json!({ "event": event, "why": "核对过材料" }))
            .await
    }

    /// Until when each paper lies on the shelf, in days from now.
    async fn papers(&self) -> Vec<i64> {
        let (app, day) = (&self.world.app, 86_400_000);
        let kept = app.shelf.papers(None, 50).await.expect("the shelf is there");
        let mut days: Vec<i64> =
            kept.iter().map(|it| (it.until.millis() - app.clock.now().millis()) / day).collect();
        days.sort_unstable();
        days
    }

    async fn find(&self, by: Value) -> Answer {
        self.world.send("POST", "/persons/find", Some(&self.clerks[0]), None, by.to_string()).await
    }

    async fn history(&self) -> Value {
        let path = format!("/persons/{}/amendments", self.world.persons["李明"]);
        self.world.get(&path, &self.world.citizen("李明").await).await.is(200)["amendments"].clone()
    }
}

/// R-D12: if this fails, one clerk alone makes somebody somebody else, or an amendment is in effect before it is approved.
#[tokio::test]
async fn an_amendment_takes_effect_when_somebody_else_approves() {
    let hall = hall().await;
    let made = hall.propose(wanted("card", "C-NEW")).await.is(201);
    assert_eq!(
        (&made["state"], &made["before"], &made["after"]),
        (&json!("waiting"), &json!("C990000198503120115 / 03120115"), &json!("C-NEW"))
    );
    let (old, new) = (json!({ "card": "C990000198503120115" }), json!({ "card": "C-NEW" }));
    assert_eq!((hall.find(old.clone()).await.status, hall.find(new.clone()).await.status), (200, 422));
    let own = hall.decide(0, &made["no"], "approve").await;
    assert_eq!(own.codes(), (422, vec!["SECOND_PERSON_NEEDED".to_owned()]));
    assert_eq!(hall.decide(2, &made["no"], "approve").await.status, 403, "another area's");
    let waiting = hall.world.get("/amendments", &hall.clerks[1]).await.is(200);
    assert_eq!(waiting["amendments"][0]["after"], "C-NEW", "what is new is shown");
    for (clerk, count) in [(1, 1), (2, 0)] {
        let waits = hall.world.get("/waiting", &hall.clerks[clerk]).await.is(200);
        assert_eq!(waits["amendments"], json!({ "count": count, "more": false }));
    }
    let elsewhere = hall.world.get("/amendments", &hall.clerks[2]).await.is(200);
    assert_eq!(elsewhere["amendments"], json!([]));
    let done = hall.decide(1, &made["no"], "approve").await.is(200);
    assert_eq!(done["state"], "approved");
    assert_eq!((hall.find(old).await.status, hall.find(new).await.status), (422, 200));
    let again = hall.decide(1, &made["no"], "reject").await;
    assert_eq!(again.codes(), (422, vec!["NOT_POSSIBLE_NOW".to_owned()]));
    let waiting = hall.world.get("/amendments", &hall.clerks[1]).await.is(200);
    assert_eq!(waiting["amendments"], json!([]));
    let record = hall.world.get(&format!("/explain/did/{}", done["serial"]), &hall.clerks[1]).await;
    assert!(!String::from_utf8_lossy(&record.bytes).contains("C-NEW"), "the books do not say it");
}

/// If this fails, a person with another name is found by the former one, or is told the former one.
#[tokio::test]
async fn a_name_is_another_everywhere() {
    let hall = hall().await;
    let made = hall.propose(wanted("name", "李铭")).await.is(201);
    hall.decide(1, &made["no"], "approve").await.is(200);
    assert_eq!(hall.find(who("李明")).await.is(200)["name"], "李铭");
    for (name, found) in [("李铭", 1), ("李明", 0)] {
        let body = json!({ "name": name, "born": "1985-03-12" }).to_string();
        let called = hall.world.send("POST", "/persons/called", Some(&hall.clerks[0]), None, body).await;
        assert_eq!(called.is(200)["persons"].as_array().map(Vec::len), Some(found), "{name}");
    }
    let history = hall.history().await;
    assert_eq!((&history[0]["before"], &history[0]["after"]), (&json!("李明"), &json!("李铭")));
    let path = format!("/notices/{}", hall.world.persons["李明"]);
    let told = hall.world.get(&path, &hall.world.citizen("李明").await).await.is(200);
    let words = [0, 1].map(|it| told["notices"][it]["what"].clone());
    assert_eq!(words, [json!("amendment_approved"), json!("amendment_proposed")]);
}

/// If this fails, somebody signs in with a number that was never theirs, or another person's number is taken.
#[tokio::test]
async fn a_number_of_an_id_document_is_another() {
    let hall = hall().await;
    let mut foreign = wanted("id_number", "P1985");
    foreign["id_type"] = json!("99");
    let made = hall.propose(foreign).await.is(201);
    let waiting = hall.propose(wanted("name", "李铭")).await;
    assert_eq!(waiting.codes(), (422, vec!["AMENDMENT_WAITING".to_owned()]), "one at a time");
    hall.decide(1, &made["no"], "approve").await.is(200);
    assert_eq!(hall.find(json!({ "id_number": "P1985" })).await.is(200)["name"], "李明");
    assert_eq!(hall.find(who("李明")).await.status, 422, "nobody is found by the former number");
    // The former number is free: whose it really is can be taken in.
    let real = json!({ "psn_no": "7", "name": "李大明", "id_number": "990000198503120115", "born": "1985-03-12",
        "sex": "male" });
    hall.world.post("/persons", real).await.is(201);
}

/// If this fails, an amendment is on its way that nobody could approve, or nobody is told what is wrong with it.
#[tokio::test]
async fn what_cannot_be_amended_is_named() {
    let hall = hall().await;
    let without = |field: &str, value: Value| {
        let mut body = wanted("name", "李铭");
        body[field] = value;
        body
    };
    for (body, field) in [
        (wanted("name", "李明"), "name"),
        (wanted("name", " "), "name"),
        (wanted("id_number", "990000198503120116"), "id_number"),
        (wanted("id_number", "990000198609150427"), "born"),
        (without("why", json!(" ")), "why"),
        (without("documents", json!([])), "documents"),
        (without("card", json!("C1")), "name"),
    ] {
        assert_eq!(hall.propose(body).await.is(400)["field"], field);
    }
    let taken = hall.propose(wanted("card", "C990000198609150427")).await;
    assert_eq!(taken.codes(), (422, vec!["PERSON_KNOWN".to_owned()]), "赵丽's card");
    assert_eq!(hall.history().await, json!([]), "nothing is on record of what was not proposed");
}

/// If this fails, an amendment is approved that was taken back, or weeks after it was proposed.
#[tokio::test]
async fn an_amendment_is_taken_back_or_lapses() {
    let hall = hall().await;
    let first = hall.propose(wanted("name", "李铭")).await.is(201)["no"].clone();
    let not_his = hall.decide(1, &first, "withdraw").await;
    assert_eq!(not_his.codes(), (422, vec!["NOT_YOURS".to_owned()]));
    assert_eq!(hall.decide(0, &first, "withdraw").await.is(200)["state"], "withdrawn");
    let second = hall.propose(wanted("name", "李铭")).await.is(201)["no"].clone();
    hall.world.post("/sandbox/clock", json!({ "now": "2025-07-01T15:59:59Z" })).await.is(200);
    assert_eq!(hall.history().await[0]["state"], "waiting", "to the end of its last day");
    hall.world.post("/sandbox/clock", json!({ "now": "2025-07-01T16:00:00Z" })).await.is(200);
    let late = hall.decide(1, &second, "approve").await;
    assert_eq!(late.codes(), (422, vec!["NOT_POSSIBLE_NOW".to_owned()]));
    assert_eq!(hall.history().await[0]["state"], "lapsed");
    let path = format!("/notices/{}", hall.world.persons["李明"]);
    let told = hall.world.get(&path, &hall.world.citizen("李明").await).await.is(200);
    assert_eq!(told["notices"][0]["what"], "amendment_lapsed", "nobody wonders what became of it");
    let waiting = hall.world.get("/amendments", &hall.clerks[1]).await.is(200);
    assert_eq!(waiting["amendments"], json!([]));
    let third = hall.propose(wanted("name", "李铭")).await.is(201)["no"].clone();
    assert_eq!(hall.decide(1, &third, "reject").await.is(200)["state"], "rejected");
    assert_eq!(hall.find(who("李明")).await.is(200)["name"], "李明");
}

/// R-D12: if this fails, whoever decides leaves no reason, or the person does not read it.
#[tokio::test]
async fn who_decides_says_why() {
    let hall = hall().await;
    let no = hall.propose(wanted("name", "李铭")).await.is(201)["no"].clone();
    let path = format!("/persons/{}/amendments/{no}/events", hall.world.persons["李明"]);
    for (body, field) in [
        (json!({ "event": "reject" }), "why"),
        (json!({ "event": "reject", "why": " " }), "why"),
        (json!({ "event": "reject", "why": "长".repeat(201) }), "why"),
    ] {
        let answer = hall.world.write("POST", &path, &hall.clerks[1], body).await;
        assert_eq!(answer.is(400)["field"], field);
    }
    hall.decide(1, &no, "reject").await.is(200);
    let history = hall.history().await;
    assert_eq!(
        (&history[0]["state"], &history[0]["decided_why"]),
        (&json!("rejected"), &json!("核对过材料"))
    );
}

/// If this fails, an amendment that was written beside another one takes that one back when it is approved.
#[tokio::test]
async fn what_was_proposed_of_somebody_who_has_changed_is_not_approved() {
    let hall = hall().await;
    let (app, clerk) = (&hall.world.app, Some(hall.clerks[0].as_str()));
    let body = wanted("card", "C-NEW").to_string();
    let made = hall.world.send("POST", "/amendments", clerk, Some("beside"), body).await.is(201);
    hall.decide(0, &made["no"], "withdraw").await.is(200);
    let name = hall.propose(wanted("name", "李铭")).await.is(201);
    hall.decide(1, &name["no"], "approve").await.is(200);
    // The same as it arrives late: read before the name was another, and decided after that.
    let token = authenticate(&*app.desk, &hall.clerks[0], app.clock.now()).await.expect("the desk is there");
    let key = Key { sender: Sender::Token(token.expect("a token").no), id: "beside".to_owned() };
    let Ok(Page::Record(Some(record))) = app.store.page(&Query::Record(key.clone())).await else {
        panic!("what was proposed first is on record")
    };
    let key = Key { id: "late".to_owned(), ..key };
    let request = Request { key, ..record.request };
    let encode: Encoder = Arc::new(|told| told.decision.reasons().iter().map(|_| b'R').collect());
    let late =
        Submission { request, attachments: Attachments::default(), aside: None, encode, is_kept: true };
    assert_eq!(app.flow.submit(late).await, Ok(Vec::new()), "nothing is refused of it");
    let history = hall.history().await;
    let late = history.as_array().expect("amendments").iter().find(|it| it["state"] == "waiting");
    let no = late.expect("it waits")["no"].clone();
    assert_eq!(hall.decide(1, &no, "approve").await.codes(), (409, vec!["OUTDATED".to_owned()]));
    assert_eq!(hall.find(who("李明")).await.is(200)["name"], "李铭", "the name stays");
    assert_eq!(hall.find(json!({ "card": "C-NEW" })).await.status, 422, "nothing took effect");
    assert_eq!(hall.decide(1, &no, "reject").await.is(200)["state"], "rejected", "the way that is advised");
}

/// If this fails, amendments of other areas hide those of a hall's own, or one is missing between two pages.
#[tokio::test]
async fn those_that_wait_are_read_by_area_page_by_page() {
    let hall = hall().await;
    let (city, province) = (Area::parse("320300"), Area::parse("320000"));
    let of =
        async |area: Option<Area>| hall.world.token_of(Role::Supervisor, None, area.expect("an area")).await;
    let nanjing = of(Area::parse("320100")).await;
    for (clerk, name) in
        [(&hall.clerks[0], "李明"), (&nanjing, "吴敏"), (&hall.clerks[0], "赵丽"), (&nanjing, "孙德海")]
    {
        let mut body = wanted("card", &format!("C-{name}"));
        body["on_behalf_of"] = who(name);
        hall.world.write("POST", "/amendments", clerk, body).await.is(201);
        let later = hall.world.app.clock.now().plus_millis(60_000);
        hall.world.app.clock.move_to(later).expect("a sandbox");
    }
    for (area, expected) in [
        (city, vec!["C-李明", "C-赵丽"]),
        (province, vec!["C-吴敏", "C-孙德海", "C-李明", "C-赵丽"]),
        (Some(Area::NATION), vec!["C-吴敏", "C-孙德海", "C-李明", "C-赵丽"]),
        (Area::parse("450100"), Vec::new()),
    ] {
        let (token, mut read, mut cursor) = (of(area).await, Vec::new(), String::new());
        loop {
            let page = hall.world.get(&format!("/amendments?limit=1&cursor={cursor}"), &token).await.is(200);
            let found = page["amendments"].as_array().expect("amendments");
            read.extend(found.iter().map(|it| it["after"].as_str().expect("a card").to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(read, expected, "{area:?}");
    }
    let wrong = hall.world.get("/amendments?cursor=x", &hall.clerks[0]).await.is(400);
    assert_eq!(wrong["field"], "cursor");
}

/// If this fails, papers of what was refused are kept for ten years, or the same is kept once more each time it is asked
/// again.
#[tokio::test]
async fn papers_are_kept_of_what_was_done_alone() {
    let hall = hall().await;
    let taken = hall.propose(wanted("card", "C990000198609150427")).await;
    assert_eq!(taken.codes(), (422, vec!["PERSON_KNOWN".to_owned()]));
    assert_eq!(hall.papers().await, [1], "thrown away when a day is over");
    let (clerk, body) = (Some(hall.clerks[0].as_str()), wanted("card", "C-NEW").to_string());
    let ask = async || hall.world.send("POST", "/amendments", clerk, Some("once"), body.clone()).await;
    let made = ask().await.is(201);
    assert_eq!(hall.papers().await, [1, 3_653]);
    assert_eq!((ask().await.is(201), hall.papers().await), (made.clone(), vec![1, 3_653]));
    hall.decide(0, &made["no"], "approve").await.is(422);
    assert_eq!(hall.papers().await, [1, 1, 3_653], "the reason of what was refused");
    hall.decide(1, &made["no"], "approve").await.is(200);
    assert_eq!(hall.papers().await, [1, 3_653, 3_653], "the reason was the same");
    // Asked again when the card is theirs already, the answer is the one that was given.
    assert_eq!((ask().await.is(201), hall.papers().await), (made, vec![1, 3_653, 3_653]));
}

/// If this fails, a record names papers that are thrown away a day after a server died, or papers of a request that never
/// came to anything are kept.
#[tokio::test]
async fn what_a_crash_left_is_settled_by_the_books() {
    let hall = hall().await;
    let app = &hall.world.app;
    let token = authenticate(&*app.desk, &hall.clerks[0], app.clock.now()).await.expect("the desk is there");
    let sender = Sender::Token(token.expect("a token").no);
    let body = wanted("card", "C-NEW").to_string();
    hall.world.send("POST", "/amendments", Some(&hall.clerks[0]), Some("done"), body).await.is(201);
    let refused = wanted("card", "C990000198609150427").to_string();
    hall.world.send("POST", "/amendments", Some(&hall.clerks[0]), Some("refused"), refused).await.is(422);
    let person = PersonNo(hall.world.persons["李明"]);
    let mut noted: Vec<(&str, Digest)> = Vec::new();
    for id in ["done", "refused", "never came"] {
        let (paper, _) = papers::lay(app, person, Kind::Text, id.as_bytes()).await.expect("laid");
        let key = Key { sender, id: id.to_owned() };
        Papers { person, named: vec![paper] }.begin(app, &key).await.expect("noted");
        noted.push((id, paper));
    }
    papers_under_way::settle(app).await.expect("settled");
    assert_eq!(hall.papers().await, [1, 1, 1, 1, 3_653], "somebody may still work on them");
    app.clock.move_to(app.clock.now().plus_millis(3_600_000)).expect("a sandbox");
    papers_under_way::settle(app).await.expect("settled");
    let kept: Vec<(Digest, Moment)> =
        app.shelf.papers(None, 50).await.expect("papers").iter().map(|it| (it.digest, it.until)).collect();
    let in_a_year = app.clock.now().plus_millis(365 * 86_400_000);
    for (id, paper) in noted {
        let is_kept = kept.iter().any(|(digest, until)| *digest == paper && *until > in_a_year);
        assert_eq!(is_kept, id == "done", "{id}");
    }
    assert_eq!(app.desk.list("papers-under-way", app.clock.now()).await.expect("the desk").len(), 0);
}
