//! The demo world on a stage of its own, in memory, with browsers to use its pages.

use crate::browser::Browser;
use domain::day::Moment;
use domain::ids::{Area, InstitutionCode, PersonNo, Serial};
use domain::slip_no::{SlipKey, SlipNo};
use serde_json::{Value, json};
use server::demo::client::Trouble;
use server::demo::keep_login;
use server::demo::stage::{Folder, House, Stage};
use server::demo::stories::Telling;
use server::demo::world::World;
use server::outbox::work::Done;
use server::statistics::counting::Counter;
use server::tokens::{NewToken, Role, create};
use std::sync::Arc;
use store::faulty::{Faults, Faulty};
use store::memory::Memory;
use store::{Books, Fault};
use tokio::runtime::{Builder, Runtime};

/// The day most of it happens.
pub(crate) const TODAY: &str = "2025-06-16 10:00";

/// Books in memory, whose commits can be made to fail.
struct InMemory {
    books: Faulty<Memory>,
    staff_second_factor: bool,
}

impl House for InMemory {
    fn books(&self) -> Result<(Arc<dyn Books>, Option<Folder>), Trouble> {
        Ok((Arc::new(self.books.clone()), None))
    }

    fn staff_second_factor(&self) -> bool {
        self.staff_second_factor
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
        Town::of(TODAY, world, false)
    }

    /// The demo world, where staff sign in in two steps.
    pub(crate) fn demanding_second_factor() -> Town {
        Town::of(TODAY, World::shipped(), true)
    }

    /// Another world at another moment.
    pub(crate) fn with_at(now: &str, world: World) -> Town {
        Town::of(now, world, false)
    }

    /// The demo world at a moment.
    pub(crate) fn at(now: &str) -> Town {
        Town::of(now, World::shipped(), false)
    }

    fn of(now: &str, world: World, staff_second_factor: bool) -> Town {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        // The machine's clock stands still: only the sandbox's is moved.
        let machine = || Moment::from_millis(1_750_000_000_000);
        let books = Faulty::new(Memory::default(), 1, Faults::default());
        let house = InMemory { books: books.clone(), staff_second_factor };
        let telling = Telling { runtime: runtime.handle(), machine, house: &house };
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

    /// All that lies in some drawers of the desk: drawer, key and what it is.
    pub(crate) fn on_the_desk(&self, drawers: &[&str]) -> Vec<(String, String, Vec<u8>)> {
        let (desk, now) = (&self.stage.app().desk, self.stage.app().clock.now());
        let of = |drawer: &&str| {
            let found = self.runtime.block_on(desk.list(drawer, now)).expect("the desk is there");
            found.into_iter().map(|(key, value)| ((*drawer).to_owned(), key, value)).collect::<Vec<_>>()
        };
        drawers.iter().flat_map(of).collect()
    }

    /// Puts it there again.
    pub(crate) fn put_on_the_desk(&self, kept: Vec<(String, String, Vec<u8>)>) {
        for (drawer, key, value) in kept {
            let put = self.stage.app().desk.put(&drawer, &key, &value, None);
            self.runtime.block_on(put).expect("the desk is there");
        }
    }

    /// What a step in the carrying of messages comes to.
    pub(crate) fn carried(&self, step: impl Future<Output = Result<Done, Fault>>) -> Done {
        self.runtime.block_on(step).expect("carried on")
    }

    /// Tells people what the law of now makes of their bindings: of how many it told.
    pub(crate) fn told_of_the_law(&self) -> usize {
        self.runtime.block_on(server::law::bindings::step(self.stage.app())).expect("told")
    }

    /// Counts the statistics up to now.
    pub(crate) fn counted(&self) {
        let app = self.stage.app();
        let mut counter = Counter::new(Arc::clone(&app.store), Arc::clone(&app.desk), app.clock.clone());
        self.runtime.block_on(counter.step()).expect("counted");
    }

    /// What the REST interface answers to somebody of the staff.
    pub(crate) fn rest(&mut self, role: Role, path: &str) -> Value {
        self.asks(role, "GET", path, &Value::Null)
    }

    /// The same, with method and body.
    pub(crate) fn asks(&mut self, role: Role, method: &str, path: &str, body: &Value) -> Value {
        self.told(role, method, path, body).1
    }

    /// What the REST interface answers when somebody of the staff asks for something: status and body.
    pub(crate) fn told(&mut self, role: Role, method: &str, path: &str, body: &Value) -> (u16, Value) {
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
        self.stage.client.rest(&secret, method, path, body).expect("an answer")
    }

    /// Publishes the shipped law, and that Xuzhou says more from this day on.
    pub(crate) fn law(&mut self, from: &str, says: &str) {
        let mut files = server::law::shipped(false).files;
        let head = "region = \"320300\"\nname = \"徐州市\"\n";
        let rest = format!("from = \"{from}\"\nsource = \"测试\"\ncertainty = \"assumed\"\n");
        files.insert("policies/test/more.toml".to_owned(), format!("{head}{says}{rest}"));
        self.stage.client.operator("POST", "/policies", &json!({ "files": files })).expect("a law book");
    }

    /// The number on the slip of a person's latest settlement.
    pub(crate) fn latest_slip(&mut self, key: &str) -> String {
        let path = format!("/persons/{}/settlements", self.stage.client.people[key]);
        let serial = self.rest(Role::Auditor, &path)["settlements"][0]["serial"].as_u64();
        let slip_key = SlipKey(*self.stage.app().vault.slip_key());
        SlipNo::of(Serial(serial.expect("a settlement")), &slip_key).expect("a number").to_string()
    }

    /// A login of staff, whose password is `demo-` and its name.
    pub(crate) fn knows(&self, login: &str, role: Role) {
        self.keep(login, role, None, None);
    }

    fn keep(&self, login: &str, role: Role, person: Option<PersonNo>, institution: Option<InstitutionCode>) {
        let kept = keep_login(self.stage.app(), login, login, role, person, institution);
        self.runtime.block_on(kept).expect("a login");
    }

    /// What lies on the desk.
    pub(crate) fn on_desk(&self, drawer: &str, key: &str) -> Vec<u8> {
        let app = self.stage.app();
        let found = self.runtime.block_on(app.desk.get(drawer, key, app.clock.now()));
        found.expect("the desk is there").expect("something lies there")
    }

    /// Puts on the desk what lay there before, as somebody does who was slower than another.
    pub(crate) fn put_back(&self, drawer: &str, key: &str, value: &[u8]) {
        let app = self.stage.app();
        let until = app.clock.now().plus_millis(86_400_000);
        self.runtime.block_on(app.desk.put(drawer, key, value, Some(until))).expect("the desk is there");
    }

    /// How many rows lie in a drawer.
    pub(crate) fn rows_in(&self, drawer: &str) -> usize {
        let app = self.stage.app();
        self.runtime.block_on(app.desk.list(drawer, app.clock.now())).expect("the desk is there").len()
    }

    fn signed_in(
        &self,
        login: &str,
        role: Role,
        person: Option<PersonNo>,
        institution: Option<InstitutionCode>,
    ) -> Browser {
        self.keep(login, role, person, institution);
        let mut browser = self.browser();
        browser.open("/sign-in");
        let password = format!("demo-{}", if login.len() == 18 { &login[12..] } else { login });
        browser.press("登录", &[("name", login), ("password", &password)]);
        assert!(!browser.at.starts_with("/sign-in"), "{login} signs in: {}", browser.text());
        browser
    }
}
