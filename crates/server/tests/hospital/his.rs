//! The synthetic HIS against our own server over real HTTP: a day without fault, days with lost answers, and faults that
//! it has to find.

use crate::client::{CLASS_A, Till, of_settlement, purchase, run};
use crate::signing::{Signer, keep, own_key};
use crate::world::{HOSPITAL, PHARMACY, access_key, machine, person, secret};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use domain::day::Moment;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use server::gateway_keys::Hash;
use server::his::oauth::Keys;
use server::his::report::{BEHAVIOURS, Report, Verdict};
use server::his::sender::{Account, Scheme};
use server::his::{Plan, day};
use server::shangmi::PrivateKey;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

fn account(place: &str) -> Account {
    Account {
        institution: place.to_owned(),
        access_key: access_key(place),
        secret: secret(place),
        scheme: Scheme::Api,
        digest: Hash::Sm3,
        sm2: None,
    }
}

pub(crate) fn plan(lost: u64, seed: u64, bills: u32) -> Plan {
    Plan { patients: None, lost, seed, bills, token_url: None }
}

/// The time of the HIS: a little after the server's start, since nothing is known of nonces before that.
fn later() -> Moment {
    machine().plus_millis(1_000)
}

/// A day of these places against a router that is served on a port.
pub(crate) async fn a_day(router: Router, places: &[&str], plan: Plan) -> Report {
    played(router, places.iter().map(|it| account(it)).collect(), plan).await
}

async fn played(router: Router, accounts: Vec<Account>, plan: Plan) -> Report {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/hospital/{{infno}}", listener.local_addr().expect("an address"));
    let serving = tokio::spawn(axum::serve(listener, router).into_future());
    let playing =
        tokio::task::spawn_blocking(move || day(&base, accounts, &plan, later, &ProgressBar::hidden()));
    let report = playing.await.expect("a report");
    serving.abort();
    report
}

pub(crate) fn failed(report: &Report) -> BTreeSet<&'static str> {
    report.failures().into_iter().map(|it| it.0).collect()
}

/// The report that the page of the HIS shows is this one; `UPDATE=1` writes it.
fn the_sample_is(printed: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/hospital/his.md");
    let text = std::fs::read_to_string(&page).expect("docs/hospital/his.md");
    let (head, rest) = text.split_once("```report\n").expect("a sample");
    let (_, tail) = rest.split_once("```\n").expect("an end of the sample");
    let fresh = format!("{head}```report\n{printed}```\n{tail}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&page, fresh).expect("the repository can be written");
        return;
    }
    assert!(
        fresh == text,
        "docs/hospital/his.md is stale: run UPDATE=1 cargo test -p server --test hospital his"
    );
}

/// Signatures of answers are of another scheme, Xuzhou asks for no trace codes, and we leave it to the institution whether the
/// limit of an item is met.
const OFFERED_ELSEWHERE: &[&str] = &["sealed", "unapproved", "trace-none", "trace-used", "trace-freed"];

/// If this fails, our own server does not do what its documentation tells software vendors, or the HIS cannot tell.
#[test]
fn a_whole_day_passes_and_agrees_at_night() {
    run(|| async {
        let till = Till::open().await;
        let report = a_day(till.router(), &[HOSPITAL, PHARMACY], plan(0, 1, 12)).await;
        println!("{}", report.printed());
        assert_eq!(report.failures(), []);
        assert_eq!(report.differences, 0);
        for (what, ..) in BEHAVIOURS {
            let expected = if OFFERED_ELSEWHERE.contains(what) { Verdict::NotOffered } else { Verdict::Pass };
            assert_eq!(report.verdict(what), expected, "{what}");
        }
        assert_eq!(report.json()["failed"], json!(0));
        the_sample_is(&report.printed());
    });
}

/// If this fails, the documented repair of lost answers leaves a difference, or takes money twice (R-E9, R-E18).
#[test]
fn lost_answers_are_repaired_until_nothing_differs() {
    run(|| async {
        let (mut lost, mut given_up, mut differences) = (0, 0, 0);
        for seed in 1..=4 {
            let till = Till::open().await;
            let report = a_day(till.router(), &[HOSPITAL, PHARMACY], plan(20, seed, 16)).await;
            println!("{}", report.printed());
            assert_eq!(report.failures(), [], "seed {seed}");
            lost += report.lost;
            given_up += report.given_up;
            differences += report.differences;
        }
        assert!(lost > 100 && given_up > 0 && differences > 0, "{lost} {given_up} {differences}");
    });
}

/// If this fails, a second program, or a second run on the same day, takes the business of the first for its own mistakes.
#[test]
fn what_another_program_settled_is_booked_at_night() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        for price in ["77.00", "78.00"] {
            let bought = till.send(PHARMACY, "2102", &purchase(child, &[(CLASS_A, "1", price)])).await;
            if price == "78.00" {
                till.send(PHARMACY, "2103", &of_settlement(child, bought.info())).await.output();
            }
        }
        let report = a_day(till.router(), &[PHARMACY], plan(0, 1, 3)).await;
        assert_eq!((report.failures(), report.differences), (vec![], 1));
    });
}

/// A change of what is answered: transaction, message id, answer.
pub(crate) type Fault = Arc<dyn Fn(&str, &str, &Value) -> Option<Value> + Send + Sync>;

/// The interface behind somebody who changes answers.
pub(crate) fn behind(router: Router, fault: Fault) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let fault = Arc::clone(&fault);
        async move {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
            let response = next.run(Request::from_parts(head, Body::from(body))).await;
            let (mut head, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.expect("a body");
            let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let text = |field: &str| sent[field].as_str().unwrap_or_default().to_owned();
            match fault(&text("infno"), &text("msgid"), &answer) {
                Some(changed) => {
                    head.headers.remove("content-length");
                    Response::from_parts(head, Body::from(changed.to_string()))
                }
                None => Response::from_parts(head, Body::from(bytes)),
            }
        }
    }))
}

/// The answer with another value at a place, where there is one.
pub(crate) fn changed(answer: &Value, pointer: &str, value: &str) -> Option<Value> {
    let mut answer = answer.clone();
    *answer.pointer_mut(pointer)? = serde_json::from_str(value).expect("JSON");
    Some(answer)
}

/// If this fails, the HIS calls a server right that is wrong: its reports prove nothing.
#[test]
#[rustfmt::skip]
fn planted_faults_are_found() {
    let seen = Mutex::new(BTreeSet::new());
    let repeated = move |infno: &str, msgid: &str| {
        infno == "2102" && !seen.lock().expect("not poisoned").insert(msgid.to_owned())
    };
    let of = |infno: &'static str, pointer: &'static str, value: &'static str| -> Fault {
        Arc::new(move |it: &str, _: &str, answer: &Value| changed(answer, pointer, value).filter(|_| it == infno))
    };
    let info = "/output/setlinfo";
    let cases: Vec<(&str, Fault, &[&str])> = vec![
        ("a fund that paid a fen more", of("2102", "/output/setlinfo/fund_pay_sumamt", "0.01"), &["I1", "I3", "I6", "I12", "kept"]),
        ("another preview", of("2101", "/output/setlinfo/psn_cash_pay", "0.01"), &["I2", "I12"]),
        ("another balance", of("2102", "/output/setlinfo/balc", "7777.00"), &["I7"]),
        ("a balance not restored", of("2103", "/output/setlinfo/balc", "7777.00"), &["I11"]),
        ("one decimal", of("2102", "/output/setlinfo/balc", "0.0"), &["decimals"]),
        ("the code as text", of("9001", "/infcode", "\"0\""), &["infcode"]),
        ("another line", of("5204", "/output/0/preselfpay_amt", "0.01"), &["I8", "I9", "I10"]),
        ("a wrong total", of("3201", "/output/stmtinfo/stmt_rslt", "\"1\""), &["details", "agrees"]),
        ("another answer later", of("GJ01", "/output/result/GJ_ANSWER", "null"), &["asked"]),
        ("another number when asked again", Arc::new(move |infno, msgid, answer| {
            changed(answer, &format!("{info}/setl_id"), "\"4\"").filter(|_| repeated(infno, msgid))
        }), &["same"]),
    ];
    for (name, fault, expected) in cases {
        run(|| async move {
            let till = Till::open().await;
            let report = a_day(behind(till.router(), fault), &[PHARMACY], plan(0, 1, 3)).await;
            let failed = failed(&report);
            assert!(expected.iter().all(|it| failed.contains(it)), "{name}: {:?}", report.failures());
            assert!(!failed.contains("visit") && !report.printed().contains("990000"), "{name}");
        });
    }
}

/// Cancels the first purchase behind the pharmacy's back, before its answer is told.
fn dropping(till: &Arc<Till>) -> Router {
    let (there, first) = (Arc::clone(till), Arc::new(AtomicBool::new(true)));
    till.router().layer(from_fn(move |request: Request, next: Next| {
        let (there, first) = (Arc::clone(&there), Arc::clone(&first));
        async move {
            let settles = request.uri().path().ends_with("/2102");
            let (head, body) = next.run(request).await.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.expect("a body");
            let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let info = &answer["output"]["setlinfo"];
            if settles && info.is_object() && first.swap(false, Ordering::SeqCst) {
                let fields = ["psn_no", "setl_id", "mdtrt_id"].map(|it| (it.to_owned(), info[it].clone()));
                let named = json!({ "data": Value::Object(fields.into_iter().collect()) });
                there.send(PHARMACY, "2103", &named).await.output();
            }
            Response::from_parts(head, Body::from(bytes))
        }
    }))
}

/// If this fails, a settlement that is lost over there is not noticed before the auditors come.
#[test]
fn a_settlement_that_is_dropped_is_found_at_night() {
    run(|| async {
        let till = Arc::new(Till::open().await);
        let report = a_day(dropping(&till), &[PHARMACY], plan(0, 1, 6)).await;
        assert_eq!(failed(&report), BTreeSet::from(["kept"]), "{:?}", report.failures());
    });
}

/// The keys of a hospital of the scheme oauth.
fn keys(till: &Till, encrypts: bool) -> Option<Keys> {
    let platform = Some(till.app.vault.answer_key().public());
    Some(Keys { own: own_key(), platform, encrypts })
}

/// If this fails, vendors of a region cannot try their platform, because the HIS signs as no client of theirs does.
#[test]
fn the_schemes_of_the_regions_are_spoken() {
    let cases = [
        ("api", Scheme::Api, Hash::Sm3, None),
        ("tif", Scheme::Tif, Hash::Sm3, None),
        ("ca", Scheme::Ca, Hash::Sm3, None),
        ("ca", Scheme::Ca, Hash::Sha256, None),
        ("oauth", Scheme::Oauth, Hash::Sm3, Some(false)),
        ("oauth", Scheme::Oauth, Hash::Sm3, Some(true)),
        ("apikey", Scheme::Apikey, Hash::Sm3, None),
    ];
    for (word, scheme, digest, encrypts) in cases {
        run(|| async move {
            let till = Till::open().await;
            let signer = Signer { digest, ..Signer::of(word, HOSPITAL) };
            keep(&till.app, &signer, HOSPITAL).await;
            let sm2 = encrypts.and_then(|it| keys(&till, it));
            let account = Account { access_key: signer.access_key, scheme, digest, sm2, ..account(HOSPITAL) };
            let report = played(till.router(), vec![account], plan(0, 1, 2)).await;
            assert_eq!((report.failures(), report.differences), (vec![], 0), "{word}");
            let offered = |it: bool| if it { Verdict::Pass } else { Verdict::NotOffered };
            let expected = [
                ("signature", true),
                ("stale", matches!(word, "api" | "tif" | "ca")),
                ("sealed", word == "oauth"),
                ("totals", true),
                ("details", true),
                ("agrees", true),
            ];
            for (what, is_offered) in expected {
                assert_eq!(report.verdict(what), offered(is_offered), "{word} {what}");
            }
        });
    }
}

/// If this fails, a platform that signs its answers wrongly, or with another key, is called right.
#[test]
fn answers_that_another_signed_are_found() {
    run(|| async {
        let till = Till::open().await;
        let signer = Signer::of("oauth", HOSPITAL);
        keep(&till.app, &signer, HOSPITAL).await;
        let stranger = PrivateKey::of(&[9; 32]).map(|it| it.public());
        let sm2 = keys(&till, true).map(|it| Keys { platform: stranger, ..it });
        let scheme = Scheme::Oauth;
        let account = Account { access_key: signer.access_key, scheme, sm2, ..account(HOSPITAL) };
        let report = played(till.router(), vec![account], plan(0, 1, 2)).await;
        assert_eq!(failed(&report), BTreeSet::from(["sealed"]));
    });
}

/// If this fails, a hospital of an area where the bill comes before the discharge cannot be tried, or the other way round.
#[test]
fn areas_differ_in_what_comes_first() {
    run(|| async {
        for place in ["H45010000001", "H14010000001"] {
            let till = Till::open().await;
            let report = a_day(till.router(), &[place], plan(0, 1, 2)).await;
            assert_eq!(report.failures(), [], "{place}");
            for what in ["stay", "inpatient", "stay-undone"] {
                assert_eq!(report.verdict(what), Verdict::Pass, "{place} {what}");
            }
        }
    });
}
