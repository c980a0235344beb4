//! The texts of both languages: complete, short enough for where they stand, in words that we use.

use crate::world::{EN, World, ZH, text_file, yuan};
use domain::day::{Day, Moment};
use domain::ids::{Area, BindingNo, InstitutionCode, PersonNo, SettlementNo, VisitNo};
use domain::money::Fen;
use domain::policy::Silent;
use domain::proxy::MissingPaper;
use domain::reason::{CODES, Reason, UsableWhy};
use domain::slip::{columns, wrap};
use domain::text_keys::{of_reason, required};
use domain::texts::{Names, Reader, Texts, Viewer, placeholders};
use domain::words::{BillPart, Capability, Care, LimitKind, Mode, Proof, Relation, Scheme, Side};
use std::collections::BTreeSet;

/// Codes that can stand beside a bill that is settled.
#[rustfmt::skip]
const NOTES: [&str; 23] = [
    "GIVER_CODE_REQUIRED",
    "CONFIRMATION_PENDING",
    "CONFIRMATION_LAPSED",
    "REVIEW_PENDING",
    "NOT_YET_EFFECTIVE",
    "BINDING_EXPIRED",
    "BINDING_NEEDS_DECISION",
    "ONLY_FAMILY_CODE_BOUND",
    "REGION_NOT_COVERED",
    "MODE_NOT_SERVED",
    "GIVER_PAUSED",
    "PERSON_DEAD",
    "QUOTA_USED_UP",
    "BALANCE_ZERO",
    "BALANCE_SHORT",
    "USABLE_ZERO",
    "CAP_REACHED",
    "OWN_FIRST",
    "ONE_GIVER_PER_BILL",
    "PURPOSE_NOT_PAYABLE",
    "SHARED_NOT_ASKED",
    "SHARED_NOT_LINKED",
    "ITEM_NOT_PAYABLE",
];

/// Names of usual length.
struct Usual;

impl Names for Usual {
    fn person(&self, _: PersonNo) -> Option<String> {
        Some("王*英".to_owned())
    }
    fn area(&self, _: Area) -> Option<String> {
        Some("徐州市".to_owned())
    }
    fn institution(&self, _: InstitutionCode) -> Option<String> {
        Some("徐州市第一人民医院".to_owned())
    }
}

fn usual(texts: &Texts) -> Reader<'_> {
    Reader { texts, names: &Usual, viewer: Viewer::Staff }
}

/// One reason of each code, with usual facts.
#[rustfmt::skip]
fn every_reason() -> Vec<Reason> {
    use Reason as R;
    let (giver, beneficiary, patient, person) = (PersonNo(1), PersonNo(2), PersonNo(2), PersonNo(2));
    let area = Area::parse("320300").expect("a region");
    let day = Day::parse("2025-11-26").expect("a day");
    let at = Moment::parse("2025-11-26 10:05").expect("a moment");
    let (binding, settlement) = (BindingNo(4021), SettlementNo(4022));
    let institution = InstitutionCode::parse("H32030000001").expect("a code");
    let (small, large) = (yuan("35.00"), yuan("1200.00"));
    let text = || "1".to_owned();
    let proof = Proof::Documents;
    vec![
        R::GiverCodeRequired { giver, area }, R::OwnCredentialRequired { patient }, R::CodeExpired { until: at }, R::CodeUsed { at },
        R::CodeUnknown {}, R::CodeOfGiver {}, R::IdDocumentNotTaken { area },
        R::ProxyProofMissing { missing: MissingPaper::Both }, R::ProxyElsewhere { institution },
        R::ProxyExpired { last: day }, R::ProxyUsed { settlement }, R::ProxyRevoked { at }, R::ProxyOfOther { patient },
        R::ProxyUnknown {}, R::ProxyNotForStay {}, R::ProxyTooLong { last: day, latest: day }, R::ProxySamePerson { person },
        R::ConfirmationPending { waiting: giver, until: day, binding }, R::ConfirmationLapsed { until: day },
        R::ReviewPending { since: at, binding }, R::BindingRefused { binding }, R::NotYetEffective { from: at },
        R::RebindWait { from: day }, R::BindingExpired { giver, since: at }, R::BindingNeedsDecision { binding },
        R::BindingOnHold { giver, since: at },
        R::OnlyFamilyCodeBound { giver, beneficiary }, R::NotBound { giver, beneficiary }, R::AlreadyBound { binding },
        R::AlreadyHasGiver { beneficiary, area, limit: 1 }, R::LimitReached { giver, bound: 6, limit: 6 },
        R::FamilyCodeLimitReached { holder: giver, linked: 6, limit: 6 }, R::LifetimeLimitReached { giver, limit: 20 }, R::RelationTaken { relation: Relation::SpouseParent, limit: 1 },
        R::RolesExclusive { person, area }, R::MutualNotAllowed { area }, R::SamePerson { person },
        R::RelationNotAllowed { relation: Relation::Grandparent, area },
        R::RegionNotCovered { giver_area: area, beneficiary_area: area, opens: None },
        R::ModeNotServed { area, mode: Mode::Pool }, R::GiverNotEmployeeInsured { giver }, R::NoAccount { giver },
        R::GiverPaused { giver, since: day }, R::BeneficiaryNotInsured { person },
        R::InsuranceInterrupted { person, since: day }, R::SchemeNotHeld { person, scheme: Scheme::Resident },
        R::PersonDead { person, on: day }, R::CommitmentMissing {}, R::ProofMissing { needed: proof },
        R::StarterNotAllowed { starter: Side::Beneficiary, area }, R::LimitNotOffered { limit: LimitKind::PerMonth, area },
        R::StartDayNotOffered { area }, R::DatesContradict { first: day, last: day }, R::QuotaMissing {},
        R::QuotaTooLarge { free: large }, R::QuotaTooSmall { spent: large }, R::QuotaUsedUp { giver },
        R::ReleaseLocked { until: day }, R::NotYours {}, R::NotPossibleNow { state: "awaiting_confirmation".to_owned() },
        R::BalanceZero { giver }, R::BalanceShort { giver, paid: large, rest: small },
        R::UsableZero { giver, balance: large, usable: small, why: UsableWhy::Both(large) },
        R::CapReached { giver, kind: LimitKind::PerMonth, room: small }, R::OwnFirst { patient, balance: large },
        R::OneGiverPerBill { giver }, R::PurposeNotPayable { area }, R::SharedNotAsked {},
        R::ItemNotPayable { part: BillPart::RatioShare, amount: small },
        R::PlaceNotDesignated { institution, day, ended: Some(day) },
        R::PlaceSuspended { institution, from: day, to: Some(day), why: "核查费用".to_owned() },
        R::CapabilityMissing { institution, capability: Capability::Outpatient, day }, R::SharedNotLinked { institution, day },
        R::NoCatalogue { day }, R::CatalogueOutdated { day, last: day },
        R::ItemNotMapped { line: 12 }, R::MappingUnknown { line: 12 },
        R::DuplicateRequest { first: settlement, at }, R::PersonUnknown { field: text() }, R::PersonKnown {},
        R::InstitutionUnknown { institution }, R::InstitutionAreaFixed { institution, area }, R::VisitUnknown {}, R::VisitCancelled {}, R::VisitInUse {},
        R::CareDiffers { care: Care::Outpatient }, R::StayOpen { visit: VisitNo(4016), since: at }, R::StayDischarged { at },
        R::StayNotDischarged {}, R::StaySettled { settlement }, R::StayNotSettled { area }, R::TraceCodeMissing { line: 12 }, R::TraceCodeUsed { line: 12 }, R::LineUnknown { sn: text() },
        R::LineSettled { sn: text(), settlement }, R::CorrectionTooLarge { sn: text() }, R::LineCorrected { sn: text() },
        R::MedTypeDiffers { stated: text() }, R::BatchUnknown { batch: text() }, R::BatchKnown { batch: text() },
        R::BatchSettled { batch: text(), settlement }, R::LineCount { count: 2001, most: 2000 },
        R::LineRepeated { sn: text() }, R::LineCostDiffers { line: 12, stated: large, computed: small },
        R::AmountDiffers { field: text(), stated: large, computed: small }, R::AmountOutOfRange { field: text() },
        R::SettlementUnknown {}, R::AlreadyCancelled { by: settlement, at }, R::LaterSettlement { settlement },
        R::RefundTooLarge { line: 12 }, R::NotReversible { infno: text() }, R::MessageBarred {},
        R::ServiceDayFuture { day, today: day }, R::ServiceDayTooOld { day, earliest: day },
        R::EnrolmentUnknown { scheme: Scheme::Resident }, R::EnrolmentKnown { scheme: Scheme::Resident, from: day },
        R::AccountUnknown {}, R::NotPermitted {}, R::BindingUnknown {}, R::SecondPersonNeeded {},
        R::AmendmentWaiting { until: day }, R::AmendmentUnknown {}, R::NoPolicy(Silent { param: 0, area, day }),
    ]
}

/// R-K1: a code without a text would leave somebody at the counter without an answer.
#[test]
fn every_code_has_a_sample_here() {
    let samples: Vec<&str> = every_reason().iter().map(Reason::code).collect();
    assert_eq!(samples, CODES);
}

/// Each text stands where there is room for so many characters and no more.
#[test]
#[rustfmt::skip]
fn texts_are_short_enough_for_where_they_stand() {
    let limits: [(&str, &Texts, &str, usize); 6] = [
        ("zh", &ZH, "till", 24), ("zh", &ZH, "citizen.line", 24), ("zh", &ZH, "slip", 64),
        ("en", &EN, "till", 26), ("en", &EN, "citizen.line", 40), ("en", &EN, "slip", 120),
    ];
    for (language, texts, text, most) in limits {
        for reason in every_reason() {
            let said = usual(texts).say(&of_reason(reason.code(), text), &reason.args());
            assert!(said.chars().count() <= most, "{language} {} {text}: {} 字 {said}", reason.code(), said.chars().count());
            assert!(!said.contains(['{', '}']), "{language} {} {text}: {said}", reason.code());
        }
    }
}

/// Beside a settled bill the till says that it is settled, and then why a relative did not pay.
#[test]
fn a_note_at_the_till_leaves_room_for_what_came_of_it() {
    for (texts, most) in [(&ZH, 24), (&EN, 40)] {
        for reason in every_reason().iter().filter(|it| NOTES.contains(&it.code())) {
            let why = usual(texts).say(&of_reason(reason.code(), "till"), &reason.args());
            let said = texts.fill("conclusion.settled_but", &[("why", why)]);
            assert!(said.chars().count() <= most, "{said}");
        }
    }
}

/// A slip says one reason in at most four lines.
#[test]
fn a_reason_takes_at_most_four_lines_of_a_slip() {
    for texts in [&ZH, &EN] {
        for reason in every_reason() {
            let said = usual(texts).say(&of_reason(reason.code(), "slip"), &reason.args());
            let lines = wrap(&format!("* {said}"));
            assert!(lines.len() <= 4 && lines.iter().all(|it| columns(it) <= 32), "{lines:?}");
        }
    }
}

/// What other people see over a shoulder names nobody and no amount.
#[test]
fn the_till_names_nobody() {
    use domain::reason::Arg;
    for texts in [&ZH, &EN] {
        for reason in every_reason() {
            let personal: Vec<&str> = reason
                .args()
                .iter()
                .filter(|(_, arg)| matches!(arg, Arg::Person(_) | Arg::Money(_) | Arg::Relation(_)))
                .map(|(name, _)| *name)
                .collect();
            let text = texts.get(&of_reason(reason.code(), "till"));
            assert!(placeholders(text).all(|it| !personal.contains(&it)), "{}: {text}", reason.code());
        }
    }
}

/// Words that say nothing, blame or threaten.
#[test]
fn no_text_uses_a_forbidden_word() {
    let zh = [
        "操作失败",
        "系统繁忙",
        "参数错误",
        "未知异常",
        "请联系管理员",
        "非法",
        "亲情账号",
        "失败",
        "错误",
        "异常",
        "违规",
        "你",
        "请稍后再试",
        "无效",
    ];
    let en = ["failed", "error", "illegal", "invalid", "busy", "administrator", "unknown exception"];
    for (language, words) in [("zh", zh.as_slice()), ("en", en.as_slice())] {
        for (number, line) in (1..).zip(text_file(language).lines()) {
            let text = line.to_lowercase();
            let found = words.iter().find(|it| text.contains(**it));
            assert!(found.is_none(), "texts/{language}.toml:{number}: {found:?} in {line}");
        }
    }
}

/// The state of the money is said once, by the state of the money: a text that can stand beside a bill that is
/// settled must not say that nothing was charged.
#[test]
fn notes_beside_a_settled_bill_do_not_speak_of_charges() {
    for code in NOTES {
        for text in domain::text_keys::REASON_TEXTS {
            assert!(!ZH.get(&of_reason(code, text)).contains("没有扣钱"), "{code} {text}");
            assert!(!EN.get(&of_reason(code, text)).contains("charged"), "{code} {text}");
        }
    }
}

/// Clerks of both languages read the same facts.
#[test]
fn staff_reads_the_same_facts_in_both_languages() {
    let facts = |texts: &Texts, path: &str| -> BTreeSet<String> {
        placeholders(texts.get(path)).map(str::to_owned).collect()
    };
    for (path, _) in required().into_iter().filter(|(path, _)| path.ends_with(".staff")) {
        assert_eq!(facts(&ZH, &path), facts(&EN, &path), "{path}");
    }
}

/// A file with mistakes names each with its line.
#[test]
fn mistakes_in_a_file_are_named_with_their_lines() {
    let right = text_file("zh");
    let line_of = |part: &str| right.lines().position(|it| it.contains(part)).expect("there") + 1;
    let cases = [
        ("till = \"授权正在审核\"", "till = \"{nobody}\"", line_of("授权正在审核"), "speaks of {nobody}"),
        ("till = \"授权正在审核\"", "till = \" \"", line_of("授权正在审核"), "is empty"),
        ("till = \"授权正在审核\"", "tell = \"授权正在审核\"", line_of("授权正在审核"), "there is no text"),
        ("till = \"授权正在审核\"", "", 1, "`reason.REVIEW_PENDING.till` is missing"),
        ("till = \"授权正在审核\"", "till = 3", line_of("授权正在审核"), "is not a text"),
    ];
    for (right_part, wrong_part, line, says) in cases {
        let problems = Texts::parse("zh", &right.replace(right_part, wrong_part)).expect_err("a mistake");
        let named = problems.iter().any(|it| it.line == line && it.what.contains(says));
        assert!(named, "{wrong_part}: {problems:?}");
    }
}

/// Money, days and moments as people write them.
#[test]
#[rustfmt::skip]
fn money_and_days_are_written_as_people_write_them() {
    let amounts = [
        ("0.05", "0.05 元", "0.05 yuan"), ("120.4", "120.40 元", "120.40 yuan"), ("9999.99", "9999.99 元", "9999.99 yuan"),
        ("10000", "10,000.00 元", "10,000.00 yuan"), ("1234567.8", "1,234,567.80 元", "1,234,567.80 yuan"),
    ];
    for (amount, zh, en) in amounts {
        let amount: Fen = yuan(amount);
        assert_eq!((ZH.money(amount).as_str(), EN.money(amount).as_str()), (zh, en));
    }
    let at = Moment::parse("2026-07-02 00:00").expect("a moment");
    assert_eq!((ZH.day(at.day()).as_str(), EN.day(at.day()).as_str()), ("2026年7月2日", "2 Jul 2026"));
    assert_eq!((ZH.moment(at).as_str(), EN.moment(at).as_str()), ("2026年7月2日 0:00", "2 Jul 2026 0:00"));
}

/// Amounts are never cut in two, whatever stands around them.
#[test]
fn a_line_never_cuts_an_amount() {
    for fill in 0..40 {
        for (amount, unit) in [("1,234,567.80", "元"), ("35.00", "yuan")] {
            let text = format!("{}付 {amount} {unit}，其余付现金", "字".repeat(fill));
            let lines = wrap(&text);
            let whole = format!("{amount} {unit}");
            assert!(lines.iter().any(|it| it.contains(&whole)), "{lines:?}");
            assert!(lines.iter().all(|it| columns(it) <= 32 && !it.starts_with('，')), "{lines:?}");
        }
    }
}

/// A world without names says so in neutral words.
#[test]
fn unknown_names_are_neutral_words() {
    let world = World::at("2025-06-16 10:00");
    let reader = Reader { texts: &ZH, names: &world, viewer: Viewer::Citizen(PersonNo(7)) };
    let institution = InstitutionCode::parse("P99990000001").expect("a code");
    let said = [
        reader.person(PersonNo(8)),
        reader.person(PersonNo(7)),
        reader.area(Area::parse("999900").expect("a region")),
        reader.institution(institution),
    ];
    assert_eq!(said, ["家人", "您", "当地", "这家机构"]);
}
