//! A small world for tests: people by name, places by code, and everything that happens in it decided by `decide` under
//! the law book and the catalogue of the repository.

#![allow(dead_code, reason = "each test uses the part it needs")]

use domain::bill::Line;
use domain::binding::Limits;
use domain::catalogue::Catalogue;
use domain::credential::Credential;
use domain::day::{Day, Moment};
use domain::decision::{Answer, Decision, Law, Outcome, Turn, decide};
use domain::explanation::Telling;
use domain::facts::Facts;
use domain::ids::{Area, BindingNo, Digest, InstitutionCode, Lookup, PersonNo, Serial};
use domain::law;
use domain::money::{Fen, Price, Quantity};
use domain::request::*;
use domain::texts::{Names, Reader, Texts};
use domain::words::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The law book and the catalogue of the repository.
pub(crate) static LAW: LazyLock<Law> = LazyLock::new(|| {
    let root = root();
    let (mut policies, mut tables) = (BTreeMap::new(), BTreeMap::new());
    collect(&root, &root.join("policies"), "toml", &mut policies);
    collect(&root.join("data"), &root.join("data/catalogue"), "csv", &mut tables);
    Law {
        digest: Digest::of(&[]),
        policies: law::read(&policies).expect("the law book has no problems"),
        catalogue: Catalogue::parse(&tables).expect("the catalogue has no problems"),
        catalogue_goes_on: false,
    }
});

/// The Chinese texts.
pub(crate) static ZH: LazyLock<Texts> = LazyLock::new(|| texts("zh"));

/// The English texts.
pub(crate) static EN: LazyLock<Texts> = LazyLock::new(|| texts("en"));

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(root: &Path, folder: &Path, ending: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(root, &path, ending, files);
        } else if path.extension().is_some_and(|it| it == ending) {
            let name = path.strip_prefix(root).expect("inside").to_str().expect("ASCII").to_owned();
            files.insert(name, std::fs::read_to_string(&path).expect("readable"));
        }
    }
}

/// The text of a file in `texts/`.
pub(crate) fn text_file(language: &str) -> String {
    std::fs::read_to_string(root().join(format!("texts/{language}.toml"))).expect("readable")
}

fn texts(language: &str) -> Texts {
    Texts::parse(&format!("texts/{language}.toml"), &text_file(language)).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|it| format!("{it}\n")).collect::<String>())
    })
}

/// An amount in yuan.
pub(crate) fn yuan(text: &str) -> Fen {
    Fen::parse(text).expect("an amount")
}

/// An area by its code.
pub(crate) fn area(code: &str) -> Area {
    Area::parse(code).expect("a region code")
}

/// A class 甲 drug of the 2024 edition.
pub(crate) const CLASS_A: &str = "ZA04CDX0534010103065";

/// Everything there is, and everybody by name.
pub(crate) struct World {
    /// The facts so far.
    pub(crate) facts: Facts,
    /// Now.
    pub(crate) at: Moment,
    serial: u64,
    people: BTreeMap<String, PersonNo>,
}

/// A request with what it was decided on and what came of it.
pub(crate) struct Decided {
    /// The request.
    pub(crate) request: Request,
    /// Its turn.
    pub(crate) turn: Turn,
    /// The facts before it.
    pub(crate) facts: Facts,
    /// What came of it.
    pub(crate) decision: Decision,
}

impl Decided {
    /// What was decided on.
    pub(crate) fn case(&self) -> domain::decision::Case<'_> {
        domain::decision::Case { request: &self.request, turn: self.turn, facts: &self.facts, law: &LAW }
    }

    /// What is told about it.
    pub(crate) fn telling<'a>(&'a self, reader: Reader<'a>) -> Telling<'a> {
        Telling::of(self.case(), &self.decision, reader, 1)
    }

    /// The codes of the reasons of a refusal.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        self.decision.reasons().iter().map(|it| it.code()).collect()
    }
}

impl Names for World {
    fn person(&self, person: PersonNo) -> Option<String> {
        let name = self.people.iter().find(|(_, no)| **no == person).map(|(name, _)| name)?;
        let mut letters: Vec<char> = name.chars().collect();
        letters[1] = '*';
        Some(letters.into_iter().collect())
    }

    fn area(&self, area: Area) -> Option<String> {
        LAW.policies.names.get(&area).cloned()
    }

    fn institution(&self, institution: InstitutionCode) -> Option<String> {
        (institution.to_string() == "H32030000001").then(|| "徐州市第一人民医院".to_owned())
    }
}

const OPERATOR: Actor = Actor::Operator { token: 1 };

impl World {
    /// An empty world at a moment.
    pub(crate) fn at(moment: &str) -> World {
        let at = Moment::parse(moment).expect("a moment");
        let mut world = World { facts: Facts::default(), at, serial: 0, people: BTreeMap::new() };
        for (code, level) in [
            ("H32030000001", Level::Tertiary),
            ("H32010000001", Level::Tertiary),
            ("H45010000001", Level::Secondary),
            ("H14010000001", Level::Secondary),
            ("H33010000001", Level::Secondary),
            ("H37010000001", Level::Tertiary),
        ] {
            world.place(code, level, None);
        }
        world
    }

    /// Goes on to a later moment.
    pub(crate) fn later(&mut self, moment: &str) {
        self.at = Moment::parse(moment).expect("a moment");
    }

    /// Asks for something; what is done is taken into the facts.
    pub(crate) fn ask(&mut self, actor: Actor, body: Body) -> Decided {
        self.serial += 1;
        let key = Key { sender: Sender::Token(1), id: self.serial.to_string() };
        let request = Request { key, digest: Digest::of(&[]), actor, body };
        let turn = Turn { serial: Serial(self.serial), at: self.at };
        let facts = self.facts.clone();
        let decision = decide(&request, turn, &facts, &LAW);
        self.facts.apply(&request, turn, &decision);
        Decided { request, turn, facts, decision }
    }

    fn done(&mut self, actor: Actor, body: Body) -> Answer {
        match self.ask(actor, body).decision.outcome {
            Outcome::Done(done) => done.answer,
            Outcome::Refused(reasons) => panic!("a test that builds its world is refused: {reasons:?}"),
        }
    }

    fn place(&mut self, code: &str, level: Level, until: Option<Day>) {
        let code = InstitutionCode::parse(code).expect("a code");
        let area = area(&code.to_string()[1..7]);
        let designations = vec![(Day::parse("2020-01-01").expect("a day"), until)];
        let kind = InstitutionKind::Hospital;
        self.done(OPERATOR, Body::SetInstitution(SetInstitution { code, area, kind, level, designations }));
    }

    /// What a person is found by.
    pub(crate) fn lookup(name: &str) -> Lookup {
        let Digest(digest) = Digest::of(&[name.as_bytes()]);
        let mut short = [0; 16];
        short.copy_from_slice(&digest[..16]);
        Lookup(short)
    }

    /// The number of a person.
    pub(crate) fn no(&self, name: &str) -> PersonNo {
        self.people[name]
    }

    /// Takes in a person of the employee scheme, with what the account holds: prior years, this year.
    pub(crate) fn employee(
        &mut self,
        name: &str,
        born: &str,
        sex: Sex,
        code: &str,
        prior: &str,
        current: &str,
    ) {
        let age = self.at.day().age_of(Day::parse(born).expect("a day"));
        let category = if age >= 60 { Category::Retired } else { Category::Active };
        self.someone(name, born, sex, Scheme::Employee, code, category);
        let credit = Credit { person: World::lookup(name), prior: yuan(prior), current: yuan(current) };
        if !credit.prior.is_zero() || !credit.current.is_zero() {
            self.done(OPERATOR, Body::Credit(credit));
        }
    }

    /// Takes in a person of the resident scheme.
    pub(crate) fn resident(&mut self, name: &str, born: &str, sex: Sex, code: &str) {
        self.someone(name, born, sex, Scheme::Resident, code, Category::Adult);
    }

    /// Takes in a person without any insurance.
    pub(crate) fn uninsured(&mut self, name: &str, born: &str, sex: Sex) {
        let born = Day::parse(born).expect("a day");
        let lookups = vec![World::lookup(name)];
        let answer = self.done(OPERATOR, Body::AddPerson(AddPerson { lookups, born, sex, guardian: None }));
        let Answer::Person(no) = answer else { panic!("a person was taken in") };
        self.people.insert(name.to_owned(), no);
    }

    fn someone(&mut self, name: &str, born: &str, sex: Sex, scheme: Scheme, code: &str, category: Category) {
        self.uninsured(name, born, sex);
        let from = Day::parse("2020-01-01").expect("a day");
        let account = scheme == Scheme::Employee;
        let (person, area) = (World::lookup(name), area(code));
        let enrol = Enrol { person, scheme, area, category, account, contract: false, from };
        self.done(OPERATOR, Body::Enrol(enrol));
    }

    /// Pauses an enrolment.
    pub(crate) fn pause(&mut self, name: &str, scheme: Scheme, from: &str) {
        let change = EnrolmentChange::Pause(Day::parse(from).expect("a day"));
        let person = World::lookup(name);
        self.done(OPERATOR, Body::ChangeEnrolment(ChangeEnrolment { person, scheme, change }));
    }

    /// What a giver who binds somebody sends.
    pub(crate) fn wish(giver: &str, beneficiary: &str, relation: Relation) -> Bind {
        Bind {
            giver: World::lookup(giver),
            beneficiary: World::lookup(beneficiary),
            relation,
            channel: Channel::App,
            commitment: Some(("1".to_owned(), Digest::of(&[]))),
            proof: Proof::Commitment,
            from: None,
            last_day: None,
            limits: Limits::default(),
            quota: None,
            rank: 0,
        }
    }

    /// A giver asks to bind somebody.
    pub(crate) fn bind(&mut self, giver: &str, beneficiary: &str, relation: Relation) -> Decided {
        self.ask(Actor::Citizen(self.no(giver)), Body::Bind(World::wish(giver, beneficiary, relation)))
    }

    /// A binding that another system made, in force.
    pub(crate) fn bound(
        &mut self,
        giver: &str,
        beneficiary: &str,
        relation: Relation,
        since: &str,
    ) -> BindingNo {
        let take_over = TakeOver {
            giver: World::lookup(giver),
            beneficiary: World::lookup(beneficiary),
            relation,
            since: Moment::parse(since).expect("a moment"),
            mode: Mode::Live,
        };
        let answer = self.done(OPERATOR, Body::TakeOver(take_over));
        let Answer::Binding(no) = answer else { panic!("a binding was taken over") };
        no
    }

    /// Something happens to a binding.
    pub(crate) fn change(&mut self, who: &str, binding: BindingNo, event: BindingEvent) -> Decided {
        let actor = Actor::Citizen(self.no(who));
        self.ask(actor, Body::ChangeBinding(ChangeBinding { binding, event }))
    }

    /// A family code link.
    pub(crate) fn link(&mut self, holder: &str, member: &str, relation: Relation) {
        let (actor, relation) = (Actor::Operator { token: 1 }, Some(relation));
        let (holder, member) = (World::lookup(holder), World::lookup(member));
        self.done(actor, Body::LinkFamilyCode(LinkFamilyCode { holder, member, relation }));
    }

    /// A bill of one class 甲 line, with the patient's own code.
    pub(crate) fn bill(&self, patient: &str, scheme: Scheme, amount: &str) -> Settle {
        let price = Price::parse(amount).expect("a price");
        let count = Quantity::parse("1").expect("a quantity");
        let line = Line {
            sn: "1".to_owned(),
            code: CLASS_A.to_owned(),
            own_code: String::new(),
            arose: None,
            count,
            price,
            cost: yuan(amount),
            self_paid: false,
            traces: Vec::new(),
        };
        Settle {
            patient: World::lookup(patient),
            credential: World::code_of(patient),
            giver_credentials: Vec::new(),
            scheme,
            med_type: "11".to_owned(),
            what: What::Lines { begun: self.at, lines: vec![line] },
            total: yuan(amount),
            stated: None,
            accounts: AccountFlag::Own,
            repeat: false,
            proxy: None,
        }
    }

    /// Somebody's own code.
    pub(crate) fn code_of(name: &str) -> Credential {
        Credential { kind: CredentialKind::Code, holder: World::lookup(name), serial: None, spoiled: None }
    }

    /// An institution settles a bill.
    pub(crate) fn settle(&mut self, place: &str, bill: Settle) -> Decided {
        let code = InstitutionCode::parse(place).expect("a code");
        self.ask(Actor::Institution(code), Body::Settle(bill))
    }
}
