//! The world of a case: one `Facts` that holds everything, built and changed by real requests only, audited after
//! each of them.

use super::format::{Case, Person, Place};
use domain::catalogue::State;
use domain::day::{Day, Moment};
use domain::decision::{Answer, Decision, Law, Outcome, Turn, decide};
use domain::facts::{Facts, Settlement};
use domain::ids::{
    Area, BindingNo, Digest, InstitutionCode, Lookup, PersonNo, ProxyNo, Serial, SettlementNo, VisitNo,
};
use domain::ledger::{Account, Balance};
use domain::money::{Fen, Total};
use domain::request::*;
use domain::words::{Category, InstitutionKind, Level, Mode, Relation, Scheme, Sex};
use std::collections::BTreeMap;

/// The operator's token.
pub(crate) const OPERATOR: u64 = 1;
/// The hall clerk's token.
pub(crate) const CLERK: u64 = 2;

/// A bill of a case, by its label.
#[derive(Debug, Clone)]
pub(crate) struct Bill {
    pub(crate) key: Key,
    pub(crate) patient: String,
    pub(crate) place: InstitutionCode,
    pub(crate) visit: VisitNo,
    pub(crate) settlement: Option<SettlementNo>,
}

#[derive(Clone)]
pub(crate) struct World<'a> {
    pub(crate) law: &'a Law,
    pub(crate) facts: Facts,
    pub(crate) now: Moment,
    pub(crate) names: BTreeMap<PersonNo, String>,
    pub(crate) bills: BTreeMap<String, Bill>,
    /// Entrusted purchases by label.
    pub(crate) proxies: BTreeMap<String, ProxyNo>,
    pub(crate) answers: BTreeMap<Key, Decision>,
    /// Sums of all accounts that are no purses.
    pub(crate) sums: BTreeMap<Account, Total>,
    serial: u64,
}

/// What a person is found by; `what` tells number, code and card apart.
pub(crate) fn lookup(what: &str, name: &str) -> Lookup {
    let Digest(digest) = Digest::of(&[what.as_bytes(), name.as_bytes()]);
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    Lookup(short)
}

pub(crate) fn fen(text: &str) -> Fen {
    Fen::parse(text).unwrap_or_else(|| panic!("`{text}` is not an amount"))
}

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).unwrap_or_else(|| panic!("`{text}` is not a day"))
}

pub(crate) fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap_or_else(|| panic!("`{text}` is not a moment"))
}

pub(crate) fn area(text: &str) -> Area {
    Area::parse(text).unwrap_or_else(|| panic!("`{text}` is not an area"))
}

pub(crate) fn place(text: &str) -> InstitutionCode {
    InstitutionCode::parse(text).unwrap_or_else(|| panic!("`{text}` is not an institution"))
}

/// One of a list of words, by its Chinese.
pub(crate) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> T {
    let found = words.iter().find(|(it, _)| *it == text).map(|(_, it)| *it);
    found.unwrap_or_else(|| {
        panic!("`{text}` is none of {:?}", words.iter().map(|it| it.0).collect::<Vec<_>>())
    })
}

pub(crate) const SCHEMES: &[(&str, Scheme)] = &[("职工", Scheme::Employee), ("居民", Scheme::Resident)];

pub(crate) const CATEGORIES: &[(&str, Category)] = &[
    ("在职", Category::Active),
    ("退休", Category::Retired),
    ("成年居民", Category::Adult),
    ("老年居民", Category::Elder),
    ("学生", Category::Student),
    ("儿童", Category::Child),
];

pub(crate) const RELATIONS: &[(&str, Relation)] = &[
    ("配偶", Relation::Spouse),
    ("父母", Relation::Parent),
    ("子女", Relation::Child),
    ("兄弟姐妹", Relation::Sibling),
    ("祖父母", Relation::Grandparent),
    ("孙子女", Relation::Grandchild),
    ("配偶的父母", Relation::SpouseParent),
    ("子女的配偶", Relation::ChildSpouse),
    ("指定的人", Relation::Designated),
];

const KINDS: &[(&str, InstitutionKind)] = &[
    ("医院", InstitutionKind::Hospital),
    ("诊所", InstitutionKind::Clinic),
    ("社区卫生服务中心", InstitutionKind::CommunityCentre),
    ("村卫生室", InstitutionKind::VillageClinic),
    ("药店", InstitutionKind::Pharmacy),
];

const LEVELS: &[(&str, Level)] = &[
    ("三级", Level::Tertiary),
    ("二级", Level::Secondary),
    ("一级", Level::Primary),
    ("无等级", Level::None),
];

impl<'a> World<'a> {
    /// The facts of a case, by requests.
    pub(crate) fn of(case: &Case, law: &'a Law) -> World<'a> {
        let now = moment(&case.now);
        let (facts, names) = (Facts::default(), BTreeMap::new());
        let (bills, answers, sums) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let proxies = BTreeMap::new();
        let mut world = World { law, facts, now, names, bills, proxies, answers, sums, serial: 0 };
        for (code, place) in &case.places {
            world.must(world.institution(code, place));
        }
        for guarded in [false, true] {
            for (name, person) in case.people.iter().filter(|(_, it)| it.guardian.is_some() == guarded) {
                world.add(name, person);
            }
        }
        for it in &case.bindings {
            let (giver, beneficiary) = (lookup("人", &it.giver), lookup("人", &it.beneficiary));
            let relation = word(&it.relation, RELATIONS);
            let since = moment(&it.since);
            world.must(Body::TakeOver(TakeOver { giver, beneficiary, relation, since, mode: Mode::Live }));
        }
        for it in &case.links {
            let (holder, member) = (lookup("人", &it.holder), lookup("人", &it.member));
            let relation = Some(word(&it.relation, RELATIONS));
            world.must(Body::LinkFamilyCode(LinkFamilyCode { holder, member, relation }));
        }
        world
    }

    fn must(&mut self, body: Body) {
        let decision = self.send(Actor::Operator { token: OPERATOR }, None, body.clone());
        assert!(decision.changes().is_some(), "{body:?}: {:?}", decision.reasons());
    }

    pub(crate) fn institution(&self, code: &str, it: &Place) -> Body {
        let designations = vec![(day(&it.since), it.until.as_deref().map(day))];
        let (kind, level) = (word(&it.kind, KINDS), word(&it.level, LEVELS));
        Body::SetInstitution(SetInstitution {
            code: place(code),
            area: area(&it.area),
            kind,
            level,
            designations,
        })
    }

    fn add(&mut self, name: &str, it: &Person) {
        let said =
            |field: &Option<String>, what| field.clone().unwrap_or_else(|| panic!("{name}: 没有写{what}"));
        let number = it.document.as_deref().unwrap_or(name);
        let lookups = [("人", name), ("医保码", name), ("社保卡", name), ("身份证", name), ("证件", number)];
        let lookups = lookups.map(|(what, text)| lookup(what, text)).to_vec();
        let sex = word(&said(&it.sex, "性别"), &[("男", Sex::Male), ("女", Sex::Female)]);
        let guardian = it.guardian.as_deref().map(|it| lookup("人", it));
        self.must(Body::AddPerson(AddPerson {
            lookups, born: day(&said(&it.born, "出生")), sex, guardian
        }));
        self.names.insert(self.no(name), name.to_owned());
        let scheme = said(&it.scheme, "参保");
        if scheme == "未参保" {
            return;
        }
        self.must(Body::Enrol(Enrol {
            person: lookup("人", name),
            scheme: word(&scheme, SCHEMES),
            area: area(&said(&it.area, "地区")),
            category: word(&said(&it.category, "身份"), CATEGORIES),
            account: !it.no_account,
            contract: it.contract,
            from: day(it.since.as_deref().unwrap_or("2020-01-01")),
        }));
        let amount = |text: &Option<String>| text.as_deref().map_or(Fen::ZERO, fen);
        let (prior, current) = (amount(&it.prior), amount(&it.current));
        if !prior.is_zero() || !current.is_zero() {
            self.must(Body::Credit(Credit { person: lookup("人", name), prior, current }));
        }
    }

    pub(crate) fn no(&self, name: &str) -> PersonNo {
        self.facts.lookups.get(&lookup("人", name)).copied().unwrap_or_else(|| panic!("没有叫{name}的人"))
    }

    /// The latest binding of two people.
    pub(crate) fn binding(&self, pair: &str) -> Option<BindingNo> {
        let (giver, beneficiary) = pair.split_once('→').unwrap_or_else(|| panic!("`{pair}` is not 甲→乙"));
        let (giver, beneficiary) = (self.no(giver), self.no(beneficiary));
        let same = |it: &&domain::binding::Binding| it.giver == giver && it.beneficiary == beneficiary;
        self.facts.bindings.values().filter(same).map(|it| it.no).max()
    }

    /// Decides and applies, as the loop of the server does: an answered key is answered again.
    pub(crate) fn send(&mut self, actor: Actor, message: Option<&str>, body: Body) -> Decision {
        self.serial += 1;
        let sender = match actor {
            Actor::Institution(code) => Sender::Institution(code),
            Actor::Citizen(_) | Actor::Clerk { .. } | Actor::Operator { .. } => Sender::Token(OPERATOR),
        };
        let id = message.map_or_else(|| format!("第{}号", self.serial), str::to_owned);
        let key = Key { sender, id };
        if let Some(answer) = self.answers.get(&key) {
            return answer.clone();
        }
        let digest = Digest::of(&[key.id.as_bytes()]);
        let request = Request { key: key.clone(), digest, actor, body };
        let turn = Turn { serial: Serial(self.serial), at: self.now };
        let decision = decide(&request, turn, &self.facts, self.law);
        self.facts.apply(&request, turn, &decision);
        self.answers.insert(key, decision.clone());
        self.audit(&decision);
        decision
    }

    /// Design invariants 1 to 3, after every request.
    fn audit(&mut self, decision: &Decision) {
        let Some(changes) = decision.changes() else { return };
        for entry in changes.journal.iter().flat_map(|it| it.entries()).filter(|it| !it.account.is_purse()) {
            *self.sums.entry(entry.account).or_insert(Total::ZERO) += entry.amount;
        }
        let purses: Total = self.facts.purses.values().map(|it| Total::credit(it.whole())).sum();
        let others: Total = self.sums.values().copied().sum();
        assert_eq!([purses, others].into_iter().sum::<Total>(), Total::ZERO, "the books sum to zero");
        for it in &changes.settlements {
            let shared = &it.shared;
            let sum = |parts: &[Fen]| parts.iter().copied().sum::<Fen>();
            assert_eq!(shared.total, sum(&[shared.fund(), shared.personal()]));
            assert_eq!(shared.personal(), sum(&[it.accounts(), it.cash]), "personal = account + cash");
            let four = [shared.full_self, shared.over_limit, shared.first_pay, shared.in_scope];
            assert_eq!(shared.total, sum(&four), "the four amounts are the total");
            assert!(it.from_relatives() <= it.accounts(), "shared money is part of account money");
        }
    }

    /// The settlement a decision made, or the one that remains of a refund.
    pub(crate) fn settlement<'d>(&self, decision: &'d Decision) -> Option<&'d Settlement> {
        let Outcome::Done(done) = &decision.outcome else { return None };
        let no = match &done.answer {
            Answer::Settled(no, _) | Answer::Cancelled(no) | Answer::Reversed(Some(no)) => Some(*no),
            Answer::Refunded(cancelled, again) => Some(again.unwrap_or(*cancelled)),
            Answer::Done
            | Answer::Person(_)
            | Answer::Visit(_)
            | Answer::Lines(_)
            | Answer::Charged(_)
            | Answer::Binding(_)
            | Answer::Proxy(_)
            | Answer::Reversed(None)
            | Answer::Barred => None,
        }?;
        done.changes.settlements.iter().find(|it| it.no == no)
    }

    /// What a purse holds today, with what a date alone has brought back to it.
    pub(crate) fn balance(&self, account: Account) -> Balance {
        let (_, after) = domain::purses::returned(&self.facts, self.now);
        let purses = &after.as_ref().unwrap_or(&self.facts).purses;
        purses.get(&account).copied().unwrap_or(Balance::empty(self.now.day().year()))
    }

    /// A person's account: that of the latest enrolment that carries one.
    pub(crate) fn account(&self, name: &str) -> Account {
        let carrying = self.facts.enrolments_of(self.no(name)).filter(|it| it.account);
        let latest = carrying.max_by_key(|it| it.from).unwrap_or_else(|| panic!("{name}没有个人账户"));
        latest.personal_account().expect("it carries one")
    }

    /// A code for an item of a case: a drug of each state in the 2024 edition, or the code itself.
    pub(crate) fn item(&self, item: &str) -> String {
        let code = match item {
            "甲类" => "ZA04CDX0534010103065",
            "乙类" => "ZA01BAX0377010100093",
            "目录外" => "XA12AXX127A001010104187",
            "急诊诊查费" => "001102000030000",
            "" => "",
            code => {
                assert!(code.is_ascii(), "没有叫{code}的项目");
                code
            }
        };
        if let Some(edition) = self.law.catalogue.edition(day("2025-06-16")).filter(|_| !item.is_ascii()) {
            let expected = match edition.state_of(code) {
                State::In { class: domain::catalogue::Class::A, .. } => "甲类",
                State::In { class: domain::catalogue::Class::B, .. } => "乙类",
                State::NotIn { .. } => "目录外",
                State::NotMapped => "急诊诊查费",
            };
            assert_eq!(expected, item, "{code}");
        }
        code.to_owned()
    }
}
