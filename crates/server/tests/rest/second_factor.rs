//! Second factors, where two things happen to one at the same moment: between any two looks at the desk.

use crate::world::World;
use async_trait::async_trait;
use domain::day::Moment;
use server::app::App;
use server::logins::LoginKey;
use server::second_factor::{begin, code, confirm, end, find, step_of};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use store::{Desk, Fault, Kept};

const NOW: &str = "2025-06-16 10:00";

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A desk on which somebody else does something before a call.
struct Between {
    desk: Arc<dyn Desk>,
    /// So many calls go before, and what is done then.
    next: Mutex<(usize, Option<Work>)>,
}

impl Between {
    async fn pass(&self) {
        let due = {
            let mut next = self.next.lock().expect("nobody panics here");
            let due = if next.0 == 0 { next.1.take() } else { None };
            next.0 = next.0.saturating_sub(1);
            due
        };
        if let Some(work) = due {
            work.await;
        }
    }
}

#[async_trait]
impl Desk for Between {
    async fn put(&self, drawer: &str, key: &str, value: &[u8], until: Option<Moment>) -> Result<(), Fault> {
        self.pass().await;
        self.desk.put(drawer, key, value, until).await
    }

    async fn claim(
        &self,
        drawer: &str,
        key: &str,
        value: &[u8],
        until: Moment,
        at: Moment,
    ) -> Result<bool, Fault> {
        self.pass().await;
        self.desk.claim(drawer, key, value, until, at).await
    }

    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault> {
        self.pass().await;
        self.desk.get(drawer, key, at).await
    }

    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        self.desk.list(drawer, at).await
    }

    async fn remove(&self, drawer: &str, key: &str) -> Result<(), Fault> {
        self.pass().await;
        self.desk.remove(drawer, key).await
    }

    async fn sweep(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        self.desk.sweep(before, most).await
    }

    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<Kept>, Fault> {
        self.desk.all(after, limit).await
    }
}

/// What can be done to a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Find,
    Confirm,
    End,
}

/// What the device of a login shows.
async fn shown(app: &App, key: &LoginKey) -> String {
    let factor = find(app, key).await.expect("the desk is there").expect("it was begun");
    let letters = factor.secret_text();
    let value = |it: char| match it {
        'A'..='Z' => u32::from(it) - u32::from('A'),
        _ => u32::from(it) - u32::from('2') + 26,
    };
    let letters = letters.chars().filter(|it| !it.is_whitespace()).map(value);
    let bits: Vec<bool> = letters.flat_map(|it| (0..5).rev().map(move |at| it >> at & 1 == 1)).collect();
    let byte = |bits: &[bool]| bits.iter().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
    let secret: Vec<u8> = bits.chunks_exact(8).map(byte).collect();
    code(&secret, step_of(app.clock.machine_now()))
}

/// Does it; whether there was one.
async fn done(app: &App, key: &LoginKey, act: Act, shown: &str) -> bool {
    let done = match act {
        Act::Find => find(app, key).await.map(|it| it.is_some()),
        Act::Confirm => confirm(app, key, shown).await,
        Act::End => end(app, key).await,
    };
    done.expect("the desk is there")
}

/// If this fails, a second step that its owner or the hall has ended at the very moment in which it was confirmed is asked
/// for ever after; or one that is asked for is not found for a moment, and a password alone signs in.
#[tokio::test]
async fn whatever_happens_in_between_what_is_ended_is_ended_and_what_is_on_is_found() {
    let world = World::empty(NOW).await;
    let app = &world.app;
    for (one, other) in [(Act::End, Act::Confirm), (Act::Confirm, Act::End), (Act::Find, Act::Confirm)] {
        let mut moments = 0;
        loop {
            let key = LoginKey(format!("{one:?} {other:?} {moments}"));
            assert!(begin(app, &key).await.expect("the desk is there"));
            let shown = shown(app, &key).await;
            let (own, theirs, digits) = (app.clone(), key.clone(), shown.clone());
            let work: Work = Box::pin(async move {
                done(&own, &theirs, other, &digits).await;
            });
            let between = Between { desk: Arc::clone(&app.desk), next: Mutex::new((moments, Some(work))) };
            let between = Arc::new(between);
            let desk = Arc::clone(&between) as Arc<dyn Desk>;
            let there = done(&App { desk, ..app.clone() }, &key, one, &shown).await;
            if between.next.lock().expect("nobody panics here").1.is_some() {
                break;
            }
            let is_left = find(app, &key).await.expect("the desk is there").is_some();
            match one {
                Act::Find => assert!(there && is_left, "{one:?}, before its call {moments} {other:?}"),
                Act::Confirm | Act::End => assert!(!is_left, "{one:?}, before its call {moments} {other:?}"),
            }
            moments += 1;
        }
        assert!(moments > 1, "{one:?}: nothing happened in between");
    }
}
