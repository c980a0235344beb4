//! Keys through their life: made at the console, rotated, revoked; and tokens that expire.

use crate::client::{Till, envelope, run};
use crate::schemes::{Served, turned_away};
use crate::signing::{ALL, Signer, own_key};
use crate::world::{HOSPITAL, NOW, PHARMACY, machine};
use clap::Parser;
use domain::day::Moment;
use serde_json::json;
use server::app::App;
use server::clock::Clock;
use server::gateway_keys::command::{KeyCommand, done};
use server::gateway_keys::{self, Hash};
use server::hospital::router;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// An application on the same store, in a process of its own whose clock can be moved.
fn elsewhere(app: &App, ahead: &Arc<AtomicI64>) -> App {
    let ahead = Arc::clone(ahead);
    let clock = move || machine().plus_millis(ahead.load(Ordering::SeqCst));
    let now = Moment::parse(NOW).expect("a moment");
    App { clock: Clock::sandbox(clock, now), gateway_keys: Arc::default(), ..app.clone() }
}

/// If this fails, what was stolen goes on spending after its institution said so, or a rotation stops a whole hospital.
#[test]
fn revoked_rotated_and_expired_keys_and_tokens() {
    run(|| async {
        let ahead = Arc::new(AtomicI64::new(0));
        let first = Served::open().await;
        let app = elsewhere(&first.till.app, &ahead);
        let served = Served::on(Till::open().await, router(app.clone())).await;
        for scheme in ALL {
            ahead.store(0, Ordering::SeqCst);
            let signer = served.signer(scheme, PHARMACY).await;
            let passes = async |signer: &Signer, after: i64, nonce: &str| {
                ahead.store(after, Ordering::SeqCst);
                let at = machine().plus_millis(after + 1_000);
                let signer = Signer { at, nonce: nonce.to_owned(), ..signer.clone() };
                served
                    .send(signer.sign(&envelope(PHARMACY, "GJ01", "Q", &json!({"data": {"omsgid": "X"}}))))
                    .await
                    .0
            };
            assert_eq!(passes(&signer, 0, "1").await, 200, "{scheme}");
            // Another process gives a new secret; the old one counts for an hour.
            let until = machine().plus_millis(3_600_000);
            let rotated =
                gateway_keys::rotate(&first.till.app, &signer.access_key, until).await.expect("a store");
            let secret = rotated.expect("a secret");
            assert_eq!(passes(&signer, 5_000, "2").await, 200, "{scheme}: the old secret, for a while");
            let mut renewed = Signer { secret, ..signer.clone() };
            if scheme == "oauth" {
                let (client, secret) = (&renewed.access_key, &renewed.secret);
                let form = format!("grant_type=password&username={PHARMACY}&password={secret}");
                let (_, answer) = served.ask(Some(&format!("{client}:{secret}")), &form).await;
                renewed.token = answer["access_token"].as_str().expect("a token").to_owned();
            }
            assert_eq!(passes(&renewed, 3_599_999, "3").await, 200, "{scheme}: the new secret");
            assert_eq!(passes(&signer, 3_599_999, "4").await, 200, "{scheme}: the old one's last moment");
            assert_eq!(passes(&signer, 3_600_000, "5").await, 401, "{scheme}: the old one is over");
            let revoked = gateway_keys::revoke(&first.till.app, &signer.access_key).await;
            assert_eq!(revoked, Ok(true));
            assert_eq!(passes(&renewed, 3_604_998, "6").await, 200, "{scheme}: not known here yet");
            assert_eq!(passes(&renewed, 3_604_999, "7").await, 401, "{scheme}: revoked");
        }
        ahead.store(0, Ordering::SeqCst);
        let signer = served.signer("oauth", HOSPITAL).await;
        let ask = signer.sign(&envelope(HOSPITAL, "GJ01", "Q", &json!({"data": {"omsgid": "X"}})));
        ahead.store(7_199_999, Ordering::SeqCst);
        assert_eq!(served.send(ask.clone()).await.0, 200);
        ahead.store(7_200_000, Ordering::SeqCst);
        turned_away(&served, ask, "access_token 已过期", "two hours later").await;
    });
}

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    what: KeyCommand,
}

/// What the console says to a line.
async fn say(app: &App, line: &[&str]) -> Result<String, String> {
    let line = Line::try_parse_from([&["key"], line].concat()).map_err(|it| it.to_string())?;
    done(app, line.what).await
}

/// The secret in what the console said.
fn secret_in(said: &str) -> String {
    let line = said.lines().find_map(|it| it.strip_prefix("secret ")).expect("a secret");
    line.to_owned()
}

/// If this fails, an operator cannot give a hospital its key, or the console shows a secret twice.
#[test]
fn keys_are_made_and_ended_at_the_console() {
    run(|| async {
        let served = Served::open().await;
        let app = &served.till.app;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("hospital.key");
        let hexadecimal = own_key().public().hex();
        std::fs::write(&file, &hexadecimal).expect("written");
        let file = file.to_str().expect("a path");
        let question = envelope(PHARMACY, "GJ01", "Q", &json!({ "data": { "omsgid": "X" } }));
        let mut secrets = Vec::new();
        for (scheme, more) in [
            ("api", &[][..]),
            ("tif", &[]),
            ("ca", &["--digest", "sha256"]),
            ("apikey", &[]),
            ("oauth", &["--sm2-public-key", &hexadecimal]),
            ("oauth", &["--sm2-public-key", file]),
        ] {
            let line = [&["create", "--institution", PHARMACY, "--scheme", scheme], more].concat();
            let made = say(app, &line).await.expect("made");
            let access_key =
                made.lines().next().and_then(|it| it.strip_prefix("access key ")).expect("a key");
            let digest = if more.contains(&"sha256") { Hash::Sha256 } else { Hash::Sm3 };
            let access_key = access_key.to_owned();
            let signer =
                Signer { access_key, secret: secret_in(&made), digest, ..Signer::of(scheme, PHARMACY) };
            let signer = served.with_token(signer, PHARMACY).await;
            assert_eq!(served.send(signer.sign(&question)).await.0, 200, "{scheme}");
            let rotated =
                say(app, &["rotate", &signer.access_key, "--overlap-hours", "0"]).await.expect("rotated");
            let old = Signer { nonce: "n-2".to_owned(), ..signer.clone() };
            assert_eq!(served.send(old.sign(&question)).await.0, 401, "{scheme}: the old secret");
            let renewed = Signer { secret: secret_in(&rotated), ..old };
            let renewed = served.with_token(renewed, PHARMACY).await;
            assert_eq!(served.send(renewed.sign(&question)).await.0, 200, "{scheme}: the new one");
            let listed = say(app, &["list"]).await.expect("a list");
            let line = listed.lines().find(|it| it.starts_with(&signer.access_key)).expect("its line");
            assert!(
                line.contains(PHARMACY) && line.contains(scheme) && line.contains("since 2026-11-22"),
                "{line}"
            );
            secrets.extend([signer.secret.clone(), renewed.secret.clone()]);
            assert!(secrets.iter().all(|it| !listed.contains(it)), "{listed}");
            say(app, &["revoke", &renewed.access_key]).await.expect("revoked");
            let last = Signer { nonce: "n-3".to_owned(), ..renewed.clone() };
            assert_eq!(served.send(last.sign(&question)).await.0, 401, "{scheme}: revoked");
            assert!(!say(app, &["list"]).await.expect("a list").contains(&renewed.access_key));
        }
        assert_eq!(say(app, &["platform"]).await, Ok(app.vault.answer_key().public().hex()));
    });
}

/// If this fails, a slip of the operator's makes a key that lets in nobody, or ends one that is needed.
#[test]
fn the_console_says_what_is_wrong() {
    run(|| async {
        let till = Till::open().await;
        let key = Signer::of("api", PHARMACY).access_key;
        let until = ["rotate", &key, "--until", "soon"];
        let cases: &[(&[&str], &str)] = &[
            (&["create", "--institution", PHARMACY, "--scheme", "API"], "api, tif, ca, oauth, apikey"),
            (&["create", "--institution", PHARMACY, "--scheme", "oauth"], "sm2_public_key"),
            (
                &["create", "--institution", PHARMACY, "--scheme", "oauth", "--sm2-public-key", "04"],
                "sm2_public_key",
            ),
            (&["create", "--institution", PHARMACY, "--scheme", "ca", "--digest", "md5"], "sm3 or sha256"),
            (&["create", "--institution", "X1", "--scheme", "ca"], "H or P and eleven digits"),
            (&["create", "--institution", "H99999999999", "--scheme", "ca"], "no institution H99999999999"),
            (&["create", "--institution", PHARMACY], "--scheme"),
            (&until, "`soon` is not a time"),
            (&["rotate", &key, "--overlap-hours", "9999"], "9999"),
            (&["rotate", &key, "--overlap-hours", "1", "--until", "2026-11-23 10:00"], "cannot be used"),
            (&["rotate", "nobody"], "no access key `nobody`"),
            (&["revoke", "nobody"], "no access key `nobody`"),
        ];
        for (line, says) in cases {
            let said = say(&till.app, line).await.expect_err("refused");
            assert!(said.contains(says), "{line:?}: {said}");
        }
        let said = say(&till.app, &["rotate", &key, "--until", "2026-11-23 10:00"]).await.expect("rotated");
        assert!(said.ends_with("the old secret counts until 2026-11-23 10:00:00"), "{said}");
        let listed = say(&till.app, &["list"]).await.expect("a list");
        let lines: Vec<&str> = listed.lines().filter(|it| it.starts_with(&key)).collect();
        assert!(
            lines[0].ends_with("until -") && lines[1].ends_with("until 2026-11-23 10:00:00"),
            "{lines:?}"
        );
    });
}
