//! The demo world on a stage of its own, in memory, with browsers to use its pages.

use crate::browser::Browser;
use domain::day::Moment;
use domain::ids::{Area, InstitutionCode, PersonNo, Serial};
use domain::slip_no::{SlipKey, SlipNo};
use serde_json::Value;
use server::demo::client::Trouble;
use server::demo::keep_login;
use server::demo::stage::{Folder, House, Stage};
use server::demo::stories::Telling;
use server::demo::world::World;
use server::tokens::{NewToken, Role, create};
use std::sync::Arc;
use store::Books;
use store::faulty::{Faults, Faulty};
use store::memory::Memory;
use tokio::runtime::{Builder, Runtime};

/// The day most of it happens.
pub(crate) const TODAY: &str = "2025-06-16 10:00";

/// Books in memory, whose commits can be made to fail.
struct InMemory(Faulty<Memory>);

impl House for InMemory {
    fn books(&self) -> Result<(Arc<dyn Books>, Option<Folder>), Trouble> {
        Ok((Arc::new(self.0.clone()), None))
    }
}

/// A town: the stage, and what it runs on.
pub(crate) struct Town {
    pub(crate) stage: Stage,
    runtime: Runtime,
    books: Faulty<Memory>,
}

impl Town {
    /// The demo world at its usual moment.
    pub(crate) fn new() -> Town {
        Town::at(TODAY)
    }

    /// Another world at the usual moment.
    pub(crate) fn with(world: World) -> Town {
        Town::of(TODAY, world)
    }

    /// The demo world at a moment.
    pub(crate) fn at(now: &str) -> Town {
        Town::of(now, World::shipped())
    }

    fn of(now: &str, world: World) -> Town {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        // The machine's clock stands still: only the sandbox's is moved.
        let machine = || Moment::from_millis(1_750_000_000_000);
        let books = Faulty::new(Memory::default(), 1, Faults::default());
        let telling = Telling { runtime: runtime.handle(), machine, house: &InMemory(books.clone()) };
        let stage = Stage::open(telling, now, world).expect("the demo world loads");
        Town { stage, runtime, books }
    }

    /// From now on the books misbehave so often; with no faults they are well again.
    pub(crate) fn misbehaves(&self, faults: Faults) {
        self.books.set(faults);
    }

    /// A browser that nobody has signed in with.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.stage.client.base())
    }

    /// A browser that somebody of the world has signed in with, by their key.
    pub(crate) fn citizen(&self, key: &str) -> Browser {
        let person = self.stage.world.person(key);
        let number = self.stage.client.people.get(key).copied().map(PersonNo);
        self.signed_in(&person.id.clone(), Role::Citizen, number, None)
    }

    /// A browser of staff.
    pub(crate) fn staff(&self, login: &str, role: Role) -> Browser {
        self.signed_in(login, role, None, None)
    }

    /// A browser of a till.
    pub(crate) fn till(&self, code: &str) -> Browser {
        self.signed_in(code, Role::Institution, None, InstitutionCode::parse(code))
    }

    /// What the REST interface answers to somebody of the staff.
    pub(crate) fn rest(&mut self, role: Role, path: &str) -> Value {
        let app = self.stage.app();
        let new = NewToken {
            label: "test".to_owned(),
            role,
            area: Area::NATION,
            person: None,
            institution: None,
            expires: None,
        };
        let made = self.runtime.block_on(create(&*app.desk, new, app.clock.now()));
        let (_, secret) = made.expect("a token");
        let found = self.stage.client.rest(&secret, "GET", path, &Value::Null);
        found.expect("an answer").1
    }

    /// The number on the slip of a person's latest settlement.
    pub(crate) fn latest_slip(&mut self, key: &str) -> String {
        let path = format!("/persons/{}/settlements", self.stage.client.people[key]);
        let serial = self.rest(Role::Auditor, &path)["settlements"][0]["serial"].as_u64();
        let slip_key = SlipKey(*self.stage.app().vault.slip_key());
        SlipNo::of(Serial(serial.expect("a settlement")), &slip_key).expect("a number").to_string()
    }

    fn signed_in(
        &self,
        login: &str,
        role: Role,
        person: Option<PersonNo>,
        institution: Option<InstitutionCode>,
    ) -> Browser {
        let kept = keep_login(self.stage.app(), login, login, role, person, institution);
        self.runtime.block_on(kept).expect("a login");
        let mut browser = self.browser();
        browser.open("/sign-in");
        let password = format!("demo-{}", if login.len() == 18 { &login[12..] } else { login });
        browser.press("登录", &[("name", login), ("password", &password)]);
        assert!(!browser.at.starts_with("/sign-in"), "{login} signs in: {}", browser.text());
        browser
    }
}
