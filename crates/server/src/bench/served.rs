//! A small town that is served on a port of its own, for tests.

use super::people;
use crate::app::App;
use crate::clock::Clock;
use crate::data::Folder;
use domain::day::Moment;
use std::path::Path;

/// People of the town.
pub(super) const PEOPLE: u64 = 2_100;

/// The machine's time.
pub(super) fn now() -> Moment {
    Moment::from_millis(1_795_310_688_479)
}

/// What the town is made with.
pub(super) fn town(folder: &Path) -> people::Options {
    people::Options { data: folder.to_owned(), store: None, people: PEOPLE, seed: 1 }
}

/// The town in a folder, served: the application and its address.
pub(super) async fn served(folder: &Path) -> (App, String) {
    let (store, vault) = Folder::with_file(folder).open().await.expect("opened");
    let clock = Clock::sandbox(now, Moment::parse("2025-06-16 10:00").expect("a moment"));
    let app = App::new(store, clock, vault);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = crate::serve::router(app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (app, base)
}
