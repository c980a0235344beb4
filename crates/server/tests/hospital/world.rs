//! The demo world behind the hospital interface: an application on a store, seeded by requests like any other.

use domain::day::{Day, Moment};
use domain::decision::Outcome;
use domain::ids::{Area, Digest, InstitutionCode, Lookup};
use domain::money::Fen;
use domain::request::{
    Actor, AddPerson, Body, Credit, Enrol, Key, LinkFamilyCode, Publish, Request, Sender, SetInstitution,
    TakeOver,
};
use domain::words::{Category, InstitutionKind, Level, Mode, Relation, Scheme, Sex};
use serde::Deserialize;
use server::app::App;
use server::clock::Clock;
use server::flow::Flow;
use server::gateway_keys::{self, GatewayKey};
use server::law::{Laws, shipped};
use server::people::Identity;
use server::texts::AllTexts;
use server::turn::{Deciding, Submission, entropy};
use server::vault::{Found, Vault, random};
use std::sync::{Arc, LazyLock, Mutex};
use store::{Attachments, Books, Desk, LaneNo, Shelf, Store};

/// Where the demo's clock starts.
pub(crate) const NOW: &str = "2025-06-16 10:00";
/// What the machine says, for signatures: the moment of the published test vector.
pub(crate) fn machine() -> Moment {
    Moment::from_millis(1_795_310_688_479)
}
/// Tertiary hospital in Xuzhou.
pub(crate) const HOSPITAL: &str = "H32030000001";
/// Pharmacy in Xuzhou.
pub(crate) const PHARMACY: &str = "P32030000001";
/// An operator's token.
const OPERATOR: u64 = 1;

/// The shipped law, read once for all tests.
struct SharedLaw {
    laws: Arc<Laws>,
    digest: Digest,
    bytes: Vec<u8>,
    texts: Arc<AllTexts>,
}

static LAW: LazyLock<SharedLaw> = LazyLock::new(|| {
    let (laws, book) = (Arc::new(Laws::default()), shipped(false));
    let digest = laws.keep(&book).expect("the shipped book is sound").digest;
    SharedLaw { laws, digest, bytes: book.bytes(), texts: Arc::new(AllTexts::shipped()) }
});

#[derive(Deserialize)]
struct File {
    since: String,
    bound_since: String,
    person: Vec<Person>,
    binding: Vec<Pair>,
    link: Vec<Link>,
    place: Vec<Place>,
}

/// Somebody.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Person {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) scheme: String,
    pub(crate) area: String,
    pub(crate) category: String,
    pub(crate) guardian: Option<String>,
    pub(crate) prior: Option<String>,
    pub(crate) current: Option<String>,
}

#[derive(Deserialize)]
struct Pair {
    giver: String,
    beneficiary: String,
    relation: String,
}

#[derive(Deserialize)]
struct Link {
    holder: String,
    member: String,
    relation: String,
}

#[derive(Deserialize)]
struct Place {
    code: String,
    name: String,
    area: String,
    kind: String,
    level: String,
    until: Option<String>,
}

static WORLD: LazyLock<File> = LazyLock::new(|| {
    toml::from_str(include_str!("../../src/demo/world.toml")).expect("the demo world can be read")
});

/// A person of the demo world.
pub(crate) fn person(key: &str) -> &'static Person {
    WORLD.person.iter().find(|it| it.key == key).unwrap_or_else(|| panic!("nobody is called {key}"))
}

/// Everybody of the demo world.
pub(crate) fn everybody() -> &'static [Person] {
    &WORLD.person
}

/// The code of an institution.
pub(crate) fn code(text: &str) -> InstitutionCode {
    InstitutionCode::parse(text).expect("the demo world's codes are valid")
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn fen(text: &str) -> Fen {
    Fen::parse(text).expect("an amount")
}

impl Person {
    pub(crate) fn psn_no(&self) -> String {
        format!("{}{}", self.area, self.id[6..].replace('X', "0"))
    }

    pub(crate) fn card(&self) -> String {
        format!("C{}", self.id)
    }

    pub(crate) fn card_sn(&self) -> String {
        self.id[10..].to_owned()
    }

    pub(crate) fn insutype(&self) -> &str {
        &self.scheme
    }

    fn identity(&self) -> Identity {
        Identity {
            psn_no: self.psn_no(),
            name: self.name.clone(),
            id_type: "01".to_owned(),
            id_number: self.id.clone(),
            card: Some(self.card()),
            card_serial: Some(self.card_sn()),
        }
    }

    fn born(&self) -> Day {
        day(&format!("{}-{}-{}", &self.id[6..10], &self.id[10..12], &self.id[12..14]))
    }
}

/// An application on a store that has the law in force and nobody in it.
pub(crate) fn app_on<S: Books + 'static>(store: Arc<S>, now: &str) -> App {
    let vault = Arc::new(Vault::seeded(7));
    let clock = Clock::sandbox(machine, Moment::parse(now).expect("a moment"));
    let deciding = Deciding {
        store: Arc::clone(&store) as Arc<dyn Store>,
        clock: clock.clone(),
        laws: Arc::clone(&LAW.laws),
        vault: Arc::clone(&vault),
        entropy: entropy(),
    };
    let (flow, lanes) = Flow::new(vec![(LaneNo(1), deciding)], clock.clone());
    lanes.into_iter().for_each(|it| drop(tokio::spawn(it)));
    let desk = Arc::clone(&store) as Arc<dyn Desk>;
    let shelf = Arc::clone(&store) as Arc<dyn Shelf>;
    let (laws, texts) = (Arc::clone(&LAW.laws), Arc::clone(&LAW.texts));
    App {
        store,
        desk,
        shelf,
        uploads: server::uploads::Uploads::default(),
        flow,
        laws,
        clock,
        vault,
        gateway_keys: Arc::default(),
        texts,
        drugs: Arc::default(),
        identity_service: None,
        staff_second_factor: false,
        refusals: Arc::default(),
        checking: server::logins::Checking::default(),
        webhooks: server::outbox::sending::Reach::default(),
        once: Arc::default(),
    }
}

/// Sends a request of the operator through; it has to be done.
pub(crate) async fn done(app: &App, body: Body, attachments: Attachments) {
    let said = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&said);
    let id = domain::ids::Digest::of(&[&random::<16>()]).to_string();
    let digest = Digest::of(&[&domain::chain::encode(&body)]);
    let what = format!("{body:?}");
    let request = Request {
        key: Key { sender: Sender::Token(OPERATOR), id },
        digest,
        actor: Actor::Operator { token: OPERATOR },
        body,
    };
    let encode: server::turn::Encoder = Arc::new(move |told| {
        if let Outcome::Refused(reasons) = &told.decision.outcome {
            *heard.lock().expect("not poisoned") = format!("{reasons:?}");
        }
        Vec::new()
    });
    app.flow
        .submit(Submission { request, attachments, aside: None, encode, is_kept: true })
        .await
        .expect("an answer");
    let said = said.lock().expect("not poisoned");
    assert!(said.is_empty(), "{what}: {said}");
}

/// What a person is found by.
pub(crate) fn by_id(app: &App, id: &str) -> Lookup {
    app.vault.lookup(Found::IdDocument, id)
}

/// Takes a person in, enrols them and credits their account.
pub(crate) async fn add_person(app: &App, it: &Person) {
    let identity = it.identity();
    let body = Body::AddPerson(AddPerson {
        lookups: identity.lookups(it.born(), &app.vault),
        born: it.born(),
        sex: if it.id.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female },
        guardian: it.guardian.as_ref().map(|it| by_id(app, &person(it).id)),
    });
    let sealed = app.vault.seal(random(), &identity.bytes());
    done(app, body, Attachments { identity: Some(sealed), ..Attachments::default() }).await;
    let scheme = if it.scheme == "310" { Scheme::Employee } else { Scheme::Resident };
    let enrol = Enrol {
        person: by_id(app, &it.id),
        scheme,
        area: Area::parse(&it.area).expect("an area"),
        category: Category::parse(&it.category).expect("a category"),
        account: it.prior.is_some(),
        contract: false,
        from: day(&WORLD.since),
    };
    done(app, Body::Enrol(enrol), Attachments::default()).await;
    if let (Some(prior), Some(current)) = (&it.prior, &it.current) {
        let (prior, current) = (fen(prior), fen(current));
        if prior != Fen::ZERO || current != Fen::ZERO {
            let body = Body::Credit(Credit { person: by_id(app, &it.id), prior, current });
            done(app, body, Attachments::default()).await;
        }
    }
}

/// Takes over a binding that is in force since the world's day.
pub(crate) async fn bind(app: &App, giver: &Person, beneficiary: &Person, relation: &str) {
    let body = Body::TakeOver(TakeOver {
        giver: by_id(app, &giver.id),
        beneficiary: by_id(app, &beneficiary.id),
        relation: Relation::parse(relation).expect("a relation"),
        since: Moment::parse(&WORLD.bound_since).expect("a moment"),
        mode: Mode::Live,
    });
    done(app, body, Attachments::default()).await;
}

async fn add_place(app: &App, it: &Place) {
    let until = it.until.as_deref().map(day);
    let body = Body::SetInstitution(SetInstitution {
        code: code(&it.code),
        area: Area::parse(&it.area).expect("an area"),
        kind: InstitutionKind::parse(&it.kind).expect("a kind"),
        level: Level::parse(&it.level).expect("a level"),
        designations: vec![(day(&WORLD.since), until)],
    });
    done(app, body, Attachments { name: Some(it.name.clone()), ..Attachments::default() }).await;
    let key = GatewayKey::of(code(&it.code), "api", &secret(&it.code), machine());
    gateway_keys::keep(app, &access_key(&it.code), &key).await.expect("kept");
}

/// The access key of an institution.
pub(crate) fn access_key(place: &str) -> String {
    format!("AK-{place}")
}

/// Its secret.
pub(crate) fn secret(place: &str) -> String {
    format!("SK-{place}")
}

/// Puts the law in force and loads the demo world.
pub(crate) async fn seed(app: &App) {
    let book = Some(LAW.bytes.clone());
    let publish = Body::Publish(Publish { book: LAW.digest });
    done(app, publish, Attachments { book, ..Attachments::default() }).await;
    for place in &WORLD.place {
        add_place(app, place).await;
    }
    let (minors, adults): (Vec<_>, Vec<_>) = WORLD.person.iter().partition(|it| it.guardian.is_some());
    for person in adults.into_iter().chain(minors) {
        add_person(app, person).await;
    }
    for link in &WORLD.link {
        let (holder, member) = (person(&link.holder), person(&link.member));
        let body = Body::LinkFamilyCode(LinkFamilyCode {
            holder: by_id(app, &holder.id),
            member: by_id(app, &member.id),
            relation: Relation::parse(&link.relation),
        });
        done(app, body, Attachments::default()).await;
    }
    for pair in &WORLD.binding {
        bind(app, person(&pair.giver), person(&pair.beneficiary), &pair.relation).await;
    }
}
