//! An office with a data folder: it takes people in over REST and remembers what it was answered.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use domain::day::Moment;
use domain::ids::Area;
use serde_json::json;
use server::app::App;
use server::clock::Clock;
use server::copy::backup::{BackupError, Outcome, backup};
use server::copy::place::Place;
use server::data::Folder;
use server::tokens::{NewToken, Role, create};
use std::path::Path;
use tower::ServiceExt as _;

/// Something that was asked, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) number: u64,
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// An office.
#[derive(Clone)]
pub(crate) struct Office {
    router: Router,
    token: String,
}

/// An ID number that proves itself, of a woman.
fn id_number(number: u64) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = format!("990000{}0101{:02}0", 1960 + number / 100, number % 100);
    let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(it, weight)| u32::from(it - b'0') * weight).sum();
    format!("{digits}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum as usize % 11])
}

/// Does not tell anybody how far something is.
pub(crate) fn quietly(_: &'static str, _: u64, _: u64) {}

fn clock() -> Clock {
    let start = Moment::parse("2025-06-16 10:00").expect("a moment");
    Clock::sandbox(|| Moment::from_millis(0), start)
}

impl Office {
    /// Opens a folder, makes it where there is none; with the token of an office that was here before.
    pub(crate) async fn open(folder: &Path, token: Option<&str>) -> Office {
        let (store, vault) = Folder::with_file(folder).open_or_create().await.expect("opens");
        let app = App::new(store, clock(), vault);
        server::data::serve_as(&app, true).await.expect("a sandbox");
        app.ensure_law(&server::law::shipped(true)).await.expect("the shipped law");
        let token = match token {
            Some(token) => token.to_owned(),
            None => {
                let (label, area) = ("office".to_owned(), Area::NATION);
                let new = NewToken {
                    label,
                    role: Role::Operator,
                    area,
                    person: None,
                    institution: None,
                    expires: None,
                };
                create(&*app.desk, new, app.clock.now()).await.expect("a token").1
            }
        };
        Office { router: server::rest::router(app), token }
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Takes a person in, under a key that says which: asked again, it must be answered the same.
    pub(crate) async fn take_in(&self, number: u64) -> Answered {
        let id = id_number(number);
        let body = json!({
            "psn_no": format!("320300{}", id[6..].replace('X', "0")), "name": format!("张{number}"), "id_number": id,
            "card": format!("C{number}"), "card_serial": format!("{number:08}"),
            "born": format!("{}-{}-{}", &id[6..10], &id[10..12], &id[12..14]), "sex": "female",
        });
        let request = Request::builder()
            .method("POST")
            .uri("/api/v1/persons")
            .header("authorization", format!("Bearer {}", self.token))
            .header("idempotency-key", format!("person-{number}"));
        let request = request.body(Body::from(body.to_string())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec();
        Answered { number, status, body }
    }
}

/// A folder whose office took in so many people, and a backup of it.
pub(crate) async fn backed_up(folder: &Path, people: u64, file: &Path) -> Outcome {
    let office = Office::open(folder, None).await;
    for number in 0..people {
        let answered = office.take_in(number).await;
        assert!(answered.status < 500, "{answered:?}");
    }
    back_up(folder, file).await.expect("a backup")
}

pub(crate) async fn back_up(folder: &Path, file: &Path) -> Result<Outcome, BackupError> {
    backup(&Place::folder(folder), file, false, &quietly).await
}

/// Everything that lies in a folder, by name.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let name = |it: std::io::Result<std::fs::DirEntry>| {
        it.expect("readable").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}
