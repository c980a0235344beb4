//! Servers that misbehave in one way each, and the synthetic HIS that has to find it: kinds of treatment, approvals of limited
//! items, and trace codes of packs. Each is our own server, behind somebody who changes what it hears or what it answers.

use crate::client::{Till, run};
use crate::his::{Fault, a_day, behind, changed, failed, plan};
use crate::world::{HOSPITAL, PHARMACY};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use serde_json::{Value, json};
use server::his::report::{Report, Verdict};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Where pharmacies are asked for trace codes from 2025-07-01 on.
const HEFEI: &str = "P34010000001";

/// A change of what is heard: a whole message.
type Hearing = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// How a server misbehaves.
enum Wrong {
    Hears(Hearing),
    Answers(Fault),
}

/// The interface behind somebody who changes messages: their signatures do not cover the body.
fn before(router: Router, hearing: Hearing) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let hearing = Arc::clone(&hearing);
        async move {
            let (mut head, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            // A file comes as a form, and is left alone.
            let Ok(mut sent) = serde_json::from_slice::<Value>(&body) else {
                return next.run(Request::from_parts(head, Body::from(body))).await;
            };
            hearing(&mut sent);
            head.headers.remove("content-length");
            next.run(Request::from_parts(head, Body::from(sent.to_string()))).await
        }
    }))
}

impl Wrong {
    fn router(self, router: Router) -> Router {
        match self {
            Wrong::Hears(hearing) => before(router, hearing),
            Wrong::Answers(fault) => behind(router, fault),
        }
    }
}

/// Hears the lines of these transactions otherwise: a line, and the id of its message.
fn lines(of: &'static [&'static str], change: impl Fn(&mut Value, &str) + Send + Sync + 'static) -> Wrong {
    Wrong::Hears(Arc::new(move |sent: &mut Value| {
        let msgid = sent["msgid"].as_str().unwrap_or_default().to_owned();
        if !of.contains(&sent["infno"].as_str().unwrap_or_default()) {
            return;
        }
        for node in ["drugdetail", "feedetail"] {
            let rows = sent["input"].get_mut(node).and_then(Value::as_array_mut);
            rows.into_iter().flatten().for_each(|it| change(it, &msgid));
        }
    }))
}

/// Hears every bill of a visit, or what is said of it, as of one kind.
fn of_kind(med_type: &'static str, of: &'static [&'static str]) -> Wrong {
    Wrong::Hears(Arc::new(move |sent: &mut Value| {
        if of.contains(&sent["infno"].as_str().unwrap_or_default()) {
            for node in ["data", "mdtrtinfo", "adminfo"] {
                sent["input"].get_mut(node).into_iter().for_each(|it| it["med_type"] = json!(med_type));
            }
        }
    }))
}

/// Hears a flag as another one.
fn approval(from: &'static str, to: &'static str) -> Wrong {
    lines(&["2101", "2102"], move |line, _| {
        if line["hosp_appr_flag"] == from {
            line["hosp_appr_flag"] = json!(to);
        }
    })
}

/// Answers a transaction with another value at a place, where there is one.
fn answers(infno: &'static str, pointer: &'static str, value: &'static str) -> Wrong {
    Wrong::Answers(Arc::new(move |it: &str, _: &str, answer: &Value| {
        changed(answer, pointer, value).filter(|_| it == infno)
    }))
}

/// The code of the first pack of a line, where it has one.
fn code(line: &mut Value) -> Option<&mut Value> {
    line.pointer_mut("/durg_trac_info/0/drug_trac_codg")
}

/// Takes the packs of each message for other packs than those of any other message.
fn forgetful() -> Wrong {
    lines(&["2101", "2102"], |line, msgid| {
        let number = msgid.get(msgid.len() - 4..).unwrap_or_default().to_owned();
        if let Some(code) = code(line) {
            let rest = code.as_str().and_then(|it| it.get(4..)).unwrap_or_default();
            *code = json!(format!("{number}{rest}"));
        }
    })
}

/// Takes a pack that is settled by a second message for the first pack of all, which stays sold.
fn unforgiving() -> Wrong {
    let known = Mutex::new((None, BTreeMap::new()));
    lines(&["2102"], move |line, msgid| {
        let Some(code) = code(line) else { return };
        let mut known = known.lock().expect("not poisoned");
        let sold = known.0.get_or_insert_with(|| code.clone()).clone();
        let by = known.1.entry(code.to_string()).or_insert_with(|| msgid.to_owned());
        if by != msgid {
            *code = sold;
        }
    })
}

/// Previews a drug without its code as if it had one.
fn careless() -> Wrong {
    lines(&["2101"], |line, _| {
        if line["durg_trac_info"].is_null() {
            line["durg_trac_info"] = json!([{ "drug_trac_codg": "83690570000000000001" }]);
        }
    })
}

/// Takes back what was refused an approval, whatever is said of the approval then.
fn lenient() -> Wrong {
    lines(&["2301"], |line, _| {
        if line["init_feedetl_sn"] == "2" {
            line["hosp_appr_flag"] = json!("2");
        }
    })
}

/// Somebody at a till of the sandbox, on the first days on which Hefei asks for codes.
async fn asking() -> Till {
    let till = Till::open().await;
    till.app.clock.move_to(till.app.clock.now().plus_millis(17 * 86_400_000)).expect("forward");
    till
}

async fn report_of(place: &str, wrong: Wrong) -> Report {
    let till = if place == HEFEI { asking().await } else { Till::open().await };
    a_day(wrong.router(till.router()), &[place], plan(0, 1, 2)).await
}

/// If this fails, the HIS calls a server right that mixes kinds of treatment, passes over approvals, or sells packs twice.
#[test]
fn each_is_found() {
    let cases: Vec<(&str, &str, Wrong, &str)> = vec![
        ("settles a visit as of any kind", HOSPITAL, of_kind("11", &["2206", "2207"]), "med-differs"),
        ("previews a visit as of any kind", HOSPITAL, of_kind("11", &["2206"]), "med-differs"),
        ("changes the kind of what is settled", HOSPITAL, of_kind("11", &["2203"]), "med-differs"),
        ("changes the kind of a stay", HOSPITAL, of_kind("21", &["2403"]), "med-differs"),
        (
            "tells lines of another kind",
            HOSPITAL,
            answers("5204", "/output/0/med_type", "\"13\""),
            "med-type",
        ),
        ("tells no kind", PHARMACY, answers("2102", "/output/setlinfo/med_type", "\"\""), "med-type"),
        ("knows of no limits", PHARMACY, answers("1312", "/output/data", "[]"), "1312"),
        (
            "tells no limit",
            PHARMACY,
            answers("2101", "/output/detlcutinfo/3/lmt_used_flag", "\"0\""),
            "limited",
        ),
        (
            "tells a limit that is none",
            PHARMACY,
            answers("5204", "/output/0/lmt_used_flag", "\"1\""),
            "limited",
        ),
        (
            "forgets what was refused",
            PHARMACY,
            answers("5204", "/output/5/hosp_appr_flag", "\"0\""),
            "approval",
        ),
        ("covers what was refused", PHARMACY, approval("2", "0"), "approval"),
        ("covers nothing that was approved", PHARMACY, approval("1", "2"), "approval"),
        ("covers nothing", PHARMACY, approval("0", "2"), "approval"),
        (
            "covers half of what nobody approved",
            PHARMACY,
            answers("2101", "/output/detlcutinfo/3/fulamt_ownpay_amt", "0.01"),
            "unapproved",
        ),
        ("takes an approved line back for a refused one", HOSPITAL, lenient(), "flag-kept"),
        ("previews without codes", HEFEI, careless(), "trace-none"),
        ("sells a pack twice", HEFEI, forgetful(), "trace-used"),
        ("keeps a pack that came back", HEFEI, unforgiving(), "trace-freed"),
    ];
    for (name, place, wrong, expected) in cases {
        run(|| async move {
            let report = report_of(place, wrong).await;
            assert!(failed(&report).contains(expected), "{name}: {:?}", report.failures());
            assert!(!report.printed().contains("990000"), "{name}");
        });
    }
}

/// R-J5: if this fails, vendors are told that packs are not looked after where they are, or that they are where nobody asks; or
/// lost answers leave packs sold that nobody bought.
#[test]
fn packs_are_looked_after_where_codes_are_asked_for() {
    let none = || lines(&["2101", "2102"], |line, _| line["durg_trac_info"] = Value::Null);
    let packs = ["trace-none", "trace-used", "trace-freed"];
    run(|| async {
        for lost in [0, 20] {
            let report = a_day(asking().await.router(), &[HEFEI], plan(lost, 2, 12)).await;
            assert_eq!(report.failures(), [], "{lost}");
            packs.iter().for_each(|it| assert_eq!(report.verdict(it), Verdict::Pass, "{lost} {it}"));
        }
        let report = report_of(PHARMACY, none()).await;
        assert_eq!(report.failures(), []);
        packs.iter().for_each(|it| assert_eq!(report.verdict(it), Verdict::NotOffered, "{it}"));
    });
}

/// If this fails, a platform that wants an approval for limited items, as the national text does, is called wrong.
#[test]
fn a_limited_item_without_approval_may_be_self_paid() {
    let strict = lines(&["2101", "2102"], |line, _| {
        // Of the bill that tries approvals, the fourth line is of a limited item that nobody approved.
        if line["feedetl_sn"] == "4" {
            line["hosp_appr_flag"] = json!("2");
        }
    });
    run(|| async {
        let report = report_of(PHARMACY, strict).await;
        assert_eq!((report.failures(), report.verdict("unapproved")), (vec![], Verdict::Pass));
    });
}
