//! A small town and what is asked in it: the law of the repository, a lane loop, requests in a few words.

pub(crate) mod changes;
pub(crate) mod cluster;
pub(crate) mod families;
pub(crate) mod spread;
pub(crate) mod twins;

use domain::bill::Line;
use domain::binding::Limits;
use domain::catalogue::Catalogue;
use domain::chain::{self, Sealed};
use domain::credential::Credential;
use domain::day::{Day, Moment};
use domain::decision::{Answer, Decision, ENGINE, Law, Outcome, Turn, decide};
use domain::ids::{
    Area, BindingNo, Digest, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo, VisitNo,
};
use domain::money::{Fen, Price, Quantity};
use domain::needs::Needs;
use domain::request::*;
use domain::words::*;
use domain::world::World;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use store::{Attachments, Batch, Fault, Lane, LaneNo, Record, Rows};

/// The law of the repository: its policies and its catalogue.
pub(crate) static LAW: LazyLock<Law> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut policies, mut tables) = (BTreeMap::new(), BTreeMap::new());
    collect(&root.join("policies"), "policies", "toml", &mut policies);
    collect(&root.join("data/catalogue"), "catalogue", "csv", &mut tables);
    Law {
        digest: Digest::of(&[b"the law of the repository"]),
        policies: domain::law::read(&policies).expect("the policies of the repository are sound"),
        catalogue: Catalogue::parse(&tables).expect("the catalogue of the repository is sound"),
        catalogue_goes_on: false,
    }
});

fn collect(folder: &Path, name: &str, ending: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("readable").path();
        let name = format!("{name}/{}", path.file_name().and_then(|it| it.to_str()).expect("a plain name"));
        if path.is_dir() {
            collect(&path, &name, ending, files);
        } else if path.extension().is_some_and(|it| it == ending) {
            files.insert(name, std::fs::read_to_string(&path).expect("UTF-8"));
        }
    }
}

/// A request with what travels with it.
pub(crate) type Asked = (Request, Attachments);

/// One turn of a lane, as far as a commit: what was loaded, what was decided, what is to be committed.
pub(crate) async fn decided(
    lane: &mut dyn Lane,
    asked: &[Asked],
    at: Moment,
) -> (Rows, Vec<Decision>, Batch) {
    let requests: Vec<&Request> = asked.iter().map(|(it, _)| it).collect();
    let loaded = lane.load(&requests, at).await.expect("loads");
    let (decisions, batch) = decided_on(loaded.clone(), asked, at);
    (loaded, decisions, batch)
}

/// What is decided on rows, and what is to be committed.
pub(crate) fn decided_on(mut rows: Rows, asked: &[Asked], at: Moment) -> (Vec<Decision>, Batch) {
    let block = rows.head.number + 1;
    let (mut records, mut decisions) = (Vec::new(), Vec::new());
    for (request, attachments) in asked {
        if let Some(earlier) = rows.earlier.get(&request.key) {
            decisions.push(earlier.decision.clone());
            continue;
        }
        let serial = LaneNo(rows.head.lane).next(rows.last, at).expect("room in the month");
        let turn = Turn { serial, at };
        let facts = World::from(rows.facts.clone()).within(&Needs::of([request], at), at);
        let decision = decide(request, turn, &facts, &LAW);
        rows.facts.apply(request, turn, &decision);
        rows.last = Some(serial);
        let record = Record {
            turn,
            request: request.clone(),
            asked: chain::encode(&(&request.actor, &request.body)),
            facts: chain::encode(&facts),
            decision: decision.clone(),
            decided: chain::encode(&decision),
            engine: ENGINE,
            law: LAW.digest,
            answer: format!("answer {}", turn.serial).into_bytes(),
            salt: [turn.serial.0.to_le_bytes()[0]; 16],
            block: (rows.head.lane, block),
        };
        rows.earlier.insert(request.key.clone(), record.clone());
        records.push((record, attachments.clone()));
        decisions.push(decision);
    }
    let batch = sealed(&rows, records);
    (decisions, batch)
}

fn sealed(rows: &Rows, records: Vec<(Record, Attachments)>) -> Batch {
    let journals = records.iter().filter_map(|(it, _)| it.decision.changes()?.journal.as_ref());
    let touched = journals.flat_map(|it| it.entries()).map(|it| it.account).filter(|it| it.is_purse());
    let purses = touched.map(|it| (it, rows.facts.purses[&it])).collect();
    let seals: Vec<Sealed<'_>> = records.iter().map(|(it, _)| it.sealed()).collect();
    let block = chain::next(&rows.head, &seals);
    Batch { records, purses, block }
}

/// One whole turn; nothing is committed where nothing is new.
pub(crate) async fn turn(
    lane: &mut dyn Lane,
    asked: &[Asked],
    at: Moment,
) -> Result<(Rows, Vec<Decision>), Fault> {
    let (rows, decisions, batch) = decided(lane, asked, at).await;
    if !batch.records.is_empty() {
        lane.commit(Arc::new(batch)).await?;
    }
    Ok((rows, decisions))
}

pub(crate) fn at(text: &str) -> Moment {
    Moment::parse(text).expect("a moment")
}

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

pub(crate) fn yuan(text: &str) -> Fen {
    Fen::parse(text).expect("an amount")
}

pub(crate) fn area(code: &str) -> Area {
    Area::parse(code).expect("an area")
}

pub(crate) fn place(code: &str) -> InstitutionCode {
    InstitutionCode::parse(code).expect("a code")
}

/// What somebody is found by.
pub(crate) fn by(name: &str) -> Lookup {
    let digest = Digest::of(&[name.as_bytes()]);
    Lookup(digest.0[..16].try_into().expect("16 of 32 bytes"))
}

pub(crate) fn request(sender: Sender, id: &str, actor: Actor, body: Body) -> Asked {
    let digest = Digest::of(&[format!("{body:?}").as_bytes()]);
    let request = Request { key: Key { sender, id: id.to_owned() }, digest, actor, body };
    (request, Attachments::default())
}

/// The agency asks.
pub(crate) fn agency(id: &str, body: Body) -> Asked {
    request(Sender::Token(1), id, Actor::Operator { token: 1 }, body)
}

/// A citizen asks; a token number may be as large as they come.
pub(crate) fn citizen(id: &str, person: PersonNo, body: Body) -> Asked {
    request(Sender::Token(u64::MAX), id, Actor::Citizen(person), body)
}

/// An institution asks.
pub(crate) fn hospital(code: &str, id: &str, body: Body) -> Asked {
    request(Sender::Institution(place(code)), id, Actor::Institution(place(code)), body)
}

pub(crate) fn person(name: &str, born: &str, guardian: Option<&str>) -> Asked {
    let lookups = vec![by(name), by(&format!("{name}'s card"))];
    let guardian = guardian.map(by);
    let body = Body::AddPerson(AddPerson { lookups, born: day(born), sex: Sex::Female, guardian });
    let (request, attachments) = agency(&format!("add {name}"), body);
    (request, Attachments { identity: Some(name.as_bytes().to_vec()), ..attachments })
}

pub(crate) fn enrol(name: &str, scheme: Scheme, code: &str, category: Category) -> Asked {
    let body = Body::Enrol(Enrol {
        person: by(name),
        scheme,
        area: area(code),
        category,
        account: scheme == Scheme::Employee,
        contract: false,
        from: day("2020-01-01"),
    });
    agency(&format!("enrol {name} {}", scheme.word()), body)
}

pub(crate) fn credit(name: &str, prior: &str, current: &str) -> Asked {
    let body = Body::Credit(Credit { person: by(name), prior: yuan(prior), current: yuan(current) });
    agency(&format!("credit {name} {prior} {current}"), body)
}

pub(crate) fn institution(code: &str, in_area: &str, kind: InstitutionKind, level: Level) -> Asked {
    let body = Body::SetInstitution(SetInstitution {
        code: place(code),
        area: area(in_area),
        kind,
        level,
        designations: vec![(day("2015-01-01"), Some(day("2018-12-31"))), (day("2019-01-01"), None)],
    });
    let (request, attachments) = agency(&format!("set {code}"), body);
    (request, Attachments { name: Some(format!("机构 {code}")), ..attachments })
}

pub(crate) fn bind(
    giver: (&str, PersonNo),
    beneficiary: &str,
    relation: Relation,
    quota: Option<&str>,
) -> Asked {
    let limits = Limits { per_bill: None, per_month: None, per_year: Some(yuan("9000")) };
    let body = Body::Bind(Bind {
        giver: by(giver.0),
        beneficiary: by(beneficiary),
        relation,
        channel: Channel::App,
        commitment: Some(("2024-1".to_owned(), Digest::of(&[b"text"]))),
        proof: Proof::Review,
        from: None,
        last_day: None,
        limits: if quota.is_some() { Limits::default() } else { limits },
        quota: quota.map(yuan),
        rank: 1,
    });
    citizen(&format!("bind {} {beneficiary}", giver.0), giver.1, body)
}

pub(crate) fn event(id: &str, who: PersonNo, binding: BindingNo, event: BindingEvent) -> Asked {
    citizen(id, who, Body::ChangeBinding(ChangeBinding { binding, event }))
}

/// A drug in class 甲, so many boxes for 10.00 yuan each; by its own code where it is `mapped`.
pub(crate) fn line(sn: &str, boxes: &str, mapped: bool) -> Line {
    let (count, price) = (Quantity::parse(boxes).expect("a number"), Price::of(yuan("10")));
    let code = if mapped { "" } else { "ZA04CDX0534010103065" }.to_owned();
    let cost = count.times_half_up(price).expect("in range");
    let (own_code, traces) = ("XY\"1\\".to_owned(), Vec::new());
    Line { sn: sn.to_owned(), code, own_code, count, price, cost, self_paid: false, arose: None, traces }
}

pub(crate) fn credential(name: &str) -> Credential {
    Credential { kind: CredentialKind::Code, holder: by(name), serial: None, spoiled: None }
}

pub(crate) fn settle(patient: &str, what: What, scheme: Scheme, lines: &[Line]) -> Body {
    let uploaded = matches!(what, What::Batch { .. });
    Body::Settle(Settle {
        patient: by(patient),
        credential: credential(patient),
        giver_credentials: Vec::new(),
        scheme,
        med_type: if uploaded { "11" } else { "41" }.to_owned(),
        what,
        total: lines.iter().map(|it| it.cost).sum(),
        stated: None,
        accounts: AccountFlag::Own,
        repeat: uploaded,
        proxy: None,
    })
}

pub(crate) fn purchase(patient: &str, scheme: Scheme, begun: &str, lines: Vec<Line>) -> Body {
    settle(patient, What::Lines { begun: at(begun), lines: lines.clone() }, scheme, &lines)
}

pub(crate) fn register(patient: &str, scheme: Scheme, begun: &str) -> Body {
    let (patient, credential) = (by(patient), credential(patient));
    Body::Register(Register { patient, credential, scheme, begun: at(begun), own_no: "1".to_owned() })
}

pub(crate) fn of(visit: VisitNo, patient: &str) -> VisitRef {
    VisitRef { visit, patient: by(patient) }
}

pub(crate) fn reverse(patient: &str, sender: &str, original: &str) -> Body {
    let original = Key { sender: Sender::Institution(place(sender)), id: original.to_owned() };
    Body::Reverse(Reverse { patient: by(patient), original, infno: "2207".to_owned() })
}

/// The answer of a request that is expected to be done.
pub(crate) fn answer(decision: &Decision) -> &Answer {
    match &decision.outcome {
        Outcome::Done(done) => &done.answer,
        Outcome::Refused(reasons) => panic!("refused: {reasons:?}"),
    }
}

pub(crate) fn person_no(decision: &Decision) -> PersonNo {
    let Answer::Person(no) = answer(decision) else { panic!("no person: {decision:?}") };
    *no
}

pub(crate) fn visit_no(decision: &Decision) -> VisitNo {
    let Answer::Visit(no) = answer(decision) else { panic!("no visit: {decision:?}") };
    *no
}

pub(crate) fn binding_no(decision: &Decision) -> BindingNo {
    let Answer::Binding(no) = answer(decision) else { panic!("no binding: {decision:?}") };
    *no
}

pub(crate) fn settlement_no(decision: &Decision) -> SettlementNo {
    let Answer::Settled(no, _) = answer(decision) else { panic!("not settled: {decision:?}") };
    *no
}
