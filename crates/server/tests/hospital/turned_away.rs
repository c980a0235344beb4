//! Every way to sign wrongly, under every scheme, over real HTTP: nothing is read and nothing is stored.

use crate::client::run;
use crate::schemes::{Served, bill, turned_away};
use crate::signing::{ALL, Message, Signer};
use crate::world::{HOSPITAL, PHARMACY, machine};
use server::gateway_keys::Hash;
use server::shangmi::PrivateKey;

/// What is changed before a message is signed, and after; and what the refusal names.
type Before = fn(&mut Signer);
type After = fn(&mut Message);

fn keep_it(_: &mut Message) {}
fn as_is(_: &mut Signer) {}

fn replace(message: &mut Message, from: &str, to: &str) {
    let text = String::from_utf8(message.body.clone()).expect("UTF-8");
    assert!(text.contains(from), "{text}");
    message.body = text.replacen(from, to, 1).into_bytes();
}

fn put(message: &mut Message, name: &str, value: &str) {
    let header = message.headers.iter_mut().find(|(it, _)| *it == name).expect("a header");
    header.1 = value.to_owned();
}

fn stale(signer: &mut Signer) {
    signer.at = machine().plus_millis(-30 * 60_000 - 1_000);
}

fn early(signer: &mut Signer) {
    signer.at = machine().plus_millis(30 * 60_000 + 1_000);
}

#[rustfmt::skip]
const WRONG: &[(&str, &str, Before, After, &str)] = &[
    ("api", "another secret", |it| it.secret.push('x'), keep_it, "_api_signature"),
    ("tif", "another secret", |it| it.secret.push('x'), keep_it, "x-tif-signature"),
    ("ca", "another secret", |it| it.secret.push('x'), keep_it, "x-ca-signature"),
    ("apikey", "another secret", |it| it.secret.push('x'), keep_it, "apikey"),
    ("oauth", "another private key", |it| it.own = PrivateKey::of(&[9; 32]).expect("a key"), keep_it, "cainfo"),
    ("api", "an unknown key", |it| it.access_key.push('x'), keep_it, "_api_access_key 未登记"),
    ("tif", "an unknown key", |it| it.access_key.push('x'), keep_it, "x-tif-paasid 未登记"),
    ("ca", "an unknown key", |it| it.access_key.push('x'), keep_it, "x-ca-key 未登记"),
    ("apikey", "an unknown key", |it| it.access_key.push('x'), keep_it, "apikey 未登记"),
    ("oauth", "a token of nobody's", |it| it.token.push('x'), keep_it, "access_token"),
    ("oauth", "no token", |it| it.token.clear(), keep_it, "authorization"),
    ("oauth", "no bearer", as_is, |it| put(it, "authorization", "Basic QTpC"), "Bearer"),
    ("api", "a key of another scheme", |it| it.access_key = "xtifP32030000001".to_owned(), keep_it, "api 方式"),
    ("tif", "a key of another scheme", |it| it.access_key = "xxcaP32030000001".to_owned(), keep_it, "tif 方式"),
    ("ca", "a key of another scheme", |it| it.access_key = "apikP32030000001".to_owned(), keep_it, "ca 方式"),
    ("apikey", "a key of another scheme", |it| it.access_key = "xxcaP32030000001".to_owned(), keep_it, "apikey 方式"),
    ("api", "a stale time", stale, keep_it, "_api_timestamp 超出"),
    ("tif", "a stale time", stale, keep_it, "x-tif-timestamp 超出"),
    ("ca", "a stale time", stale, keep_it, "x-ca-signature 超出"),
    ("api", "a future time", early, keep_it, "_api_timestamp 超出"),
    ("tif", "a future time", early, keep_it, "x-tif-timestamp 超出"),
    ("ca", "a future time", early, keep_it, "x-ca-signature 超出"),
    ("tif", "a time before the start", |it| it.at = machine().plus_millis(-1_000), keep_it, "重新签名"),
    ("tif", "a time that is none", as_is, |it| put(it, "x-tif-timestamp", "now"), "10 位秒"),
    ("tif", "milliseconds", as_is, |it| put(it, "x-tif-timestamp", "1795310688479"), "10 位秒"),
    ("ca", "a time that is none", as_is, |it| put(it, "x-ca-signature", "now:AA"), "13 位毫秒"),
    ("ca", "no time", as_is, |it| put(it, "x-ca-signature", "AABB"), "13 位毫秒"),
    ("tif", "another nonce", as_is, |it| put(it, "x-tif-nonce", "n-2"), "x-tif-signature"),
    ("tif", "no hexadecimal", as_is, |it| put(it, "x-tif-signature", &"+f".repeat(32)), "x-tif-signature"),
    ("tif", "half a signature", as_is, |it| it.headers[3].1.truncate(32), "x-tif-signature"),
    ("ca", "no hexadecimal", as_is, |it| put(it, "x-ca-signature", "1795310688479:zz"), "x-ca-signature"),
    ("ca", "another digest", |it| it.digest = Hash::Sha256, keep_it, "x-ca-signature"),
    ("ca", "another bill", as_is, |it| replace(it, "20.00", "19.00"), "x-ca-signature"),
    ("ca", "a space", as_is, |it| it.body.push(b' '), "x-ca-signature"),
    ("oauth", "another bill", as_is, |it| replace(it, "20.00", "19.00"), "cainfo"),
    ("oauth", "a space in the input", as_is, |it| replace(it, "\"input\":{", "\"input\":{ "), "cainfo"),
    ("oauth", "the input twice", as_is, |it| replace(it, "\"input\":{", "\"input\":{},\"input\":{"), "重复"),
    ("oauth", "the input twice, spelt otherwise", as_is, |it| replace(it, "\"input\":{", "\"inp\\u0075t\":{},\"input\":{"), "重复"),
    ("oauth", "no signature", as_is, |it| replace(it, "\"cainfo\":\"", "\"cainfo\":\"\",\"was\":\""), "cainfo"),
    ("oauth", "no Base64", as_is, |it| replace(it, "\"cainfo\":\"", "\"cainfo\":\"*"), "cainfo"),
    ("oauth", "too long a signature", as_is, |it| replace(it, "\"cainfo\":\"", "\"cainfo\":\"AAAA"), "cainfo"),
    ("oauth", "another algorithm", as_is, |it| replace(it, "\"SM2\"", "\"RSA\""), "signtype"),
    ("oauth", "another cipher", as_is, |it| replace(it, "\"signtype\"", "\"enc_type\":\"AES\",\"signtype\""), "enc_type"),
    ("oauth", "encrypted with another key", |it| it.cipher = Some([1; 16]), keep_it, "SM4"),
    ("oauth", "plain and called encrypted", as_is, |it| replace(it, "\"signtype\"", "\"enc_type\":\"SM4\",\"signtype\""), "SM4"),
    ("oauth", "no JSON", as_is, |it| it.body.truncate(40), "JSON"),
    ("apikey", "no secret", as_is, |it| put(it, "apikey", "apikP32030000001"), "apikey"),
    ("apikey", "an empty secret", as_is, |it| put(it, "apikey", "apikP32030000001."), "apikey"),
];

/// If this fails, somebody without the key spends a family's money, or changes a bill on its way.
#[test]
fn every_scheme_turns_away_who_does_not_hold_its_key() {
    run(|| async {
        let served = Served::open().await;
        let before = served.till.books().await;
        for (scheme, what, change, tamper, says) in WRONG {
            let mut signer = served.signer(scheme, PHARMACY).await;
            change(&mut signer);
            let mut message = signer.sign(&bill("WRONG-1"));
            tamper(&mut message);
            turned_away(&served, message, says, &format!("{scheme}, {what}")).await;
        }
        for scheme in ALL {
            let right = served.signer(scheme, PHARMACY).await.sign(&bill("WRONG-1"));
            for at in 0..right.headers.len() {
                let (name, value) = right.headers[at].clone();
                let mut without = right.clone();
                without.headers.remove(at);
                turned_away(&served, without, name, &format!("{scheme} without {name}")).await;
                let mut twice = right.clone();
                twice.headers.push((name, value));
                turned_away(&served, twice, "重复", &format!("{scheme} with {name} twice")).await;
            }
            for other in ALL.into_iter().filter(|it| *it != scheme) {
                let mut both = right.clone();
                both.headers.extend(served.signer(other, PHARMACY).await.sign(&bill("WRONG-1")).headers);
                turned_away(&served, both, "同时有", &format!("{scheme} and {other}")).await;
            }
            let signer = served.signer(scheme, HOSPITAL).await;
            let (_, answer) = served.send(signer.sign(&bill("WRONG-1"))).await;
            let read = signer.read(&answer, &served.till.app.vault.answer_key().public());
            assert!(
                read["err_msg"].to_string().contains("fixmedins_code"),
                "{scheme}: another's bill: {read}"
            );
            assert!(
                !served.till.is_taken(PHARMACY, "WRONG-1").await
                    && !served.till.is_taken(HOSPITAL, "WRONG-1").await
            );
        }
        assert_eq!(served.till.books().await, before);
    });
}
