//! The policy files of the repository: they read without a problem, and say what the published rules say.

use domain::benefit::{Benefit, Whom, first_fit};
use domain::day::Day;
use domain::ids::Area;
use domain::law::{self, Policies};
use domain::parameters::{NAMES, Parameters};
use domain::policy::Cite;
use domain::words::{Category, Level};
use std::collections::BTreeMap;
use std::path::Path;

type Files = BTreeMap<String, String>;

fn repository() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Files::new();
    collect(&root, &root.join("policies"), &mut files);
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|it| it == "toml") {
            let name = path.strip_prefix(root).expect("inside").to_str().expect("ASCII").to_owned();
            files.insert(name, std::fs::read_to_string(&path).expect("readable"));
        }
    }
}

fn read(files: &Files) -> Result<Policies, String> {
    law::read(files).map_err(|problems| problems.iter().map(|it| format!("{it}\n")).collect())
}

fn book() -> Policies {
    read(&repository()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn area(code: &str) -> Area {
    Area::parse(code).expect("a region code")
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a date")
}

macro_rules! said {
    ($($name:ident)+) => {
        /// What the law says about a parameter, as its debug text.
        fn said(law: &Parameters, area: Area, day: Day, param: &str) -> String {
            match param {
                $(stringify!($name) => law.$name.on(area, day).map(|it| format!("{:?}", it.value)).expect("the nation speaks"),)+
                _ => panic!("the table asks for `{param}`, which is not listed"),
            }
        }
    };
}

said! {
    relations giver_blocks_binding giver_blocks_use mutual_binding roles_exclusive max_beneficiaries
    max_beneficiaries_ever composition starters proof_app proof_partner confirmation start_day_choice release_effect
    rebind_days released_by release_lock_months shared_part floor max_givers own_first giver_order one_giver_per_bill
    payable_own payable_shared payable_purposes class_b_first_pay giver_credential id_document_schemes scope partners
    mode_area mode_province mode_nation
}

const R3: &str = "{Spouse, Parent, Child}";
const R8: &str = "{Spouse, Parent, Child, Sibling, Grandparent, Grandchild}";
const WITH_SPOUSE_PARENTS: &str = "{Spouse, Parent, Child, SpouseParent}";

/// Name, area, day, parameter, and what the law says. If a row fails, an area's law has changed: look for the
/// source before changing the row.
fn holds(cases: &[(&str, &str, &str, &str, &str)]) {
    let law = book().parameters;
    for (name, code, on, param, expected) in cases {
        assert_eq!(said(&law, area(code), day(on), param), *expected, "{name}");
    }
}

#[test]
#[rustfmt::skip]
fn who_may_be_bound_to_whom() {
    holds(&[
        // R-B1: R3 from document 14, near relatives from the province's own day, in-laws by local rule only.
        ("R-B1 nobody before document 14",  "320300", "2021-04-21", "relations", "{}"),
        ("R-B1 document 14",                "320300", "2021-04-22", "relations", R3),
        ("R-B1 Jiangsu, the eve",           "320300", "2024-10-19", "relations", R3),
        ("R-B1 Jiangsu",                    "320300", "2024-10-20", "relations", R8),
        ("R-B1 Jiangsu, no in-laws",        "320100", "2025-06-16", "relations", R8),
        ("R-B1 the nation, the eve",        "150100", "2024-12-08", "relations", R3),
        ("R-B1 the nation",                 "150100", "2024-12-09", "relations", R8),
        ("R-B1 Guangxi before",             "450100", "2017-12-09", "relations", "{}"),
        ("R-B1 Guangxi",                    "450100", "2017-12-10", "relations", WITH_SPOUSE_PARENTS),
        ("R-B1 Guangxi, 8",                 "450100", "2024-09-16", "relations", R8),
        ("R-B1 Jinan",                      "370100", "2021-01-01", "relations", WITH_SPOUSE_PARENTS),
        ("R-B1 Jinan, no grandchild",       "370100", "2024-06-01", "relations", WITH_SPOUSE_PARENTS),
        ("R-B1 Jinan, ended by Shandong",   "370100", "2024-09-16", "relations", R8),
        ("R-B1 Chongqing, one designated",  "500000", "2022-07-07", "relations", "{Spouse, Parent, Child, Designated}"),
        ("R-B1 Chongqing, later",           "500000", "2024-12-09", "relations", R8),
        ("R-B1 Beijing not yet",            "110000", "2022-11-30", "relations", "{}"),
        ("R-B1 Kunming before Yunnan",      "530100", "2022-04-01", "relations", R3),
        ("R-B1 Dali not yet",               "532900", "2022-04-01", "relations", "{}"),
        ("R-B1 Shenzhen before Guangdong",  "440300", "2024-11-01", "relations", R8),
        ("R-B1 Guangzhou, the same day",    "440100", "2024-11-01", "relations", R3),
        // R-A3, R-B4, R-B5: who, how many, both ways.
        ("R-A3 a paused giver blocks",      "140100", "2025-06-16", "giver_blocks_use", "{Paused, Ended}"),
        ("R-A3 not in Xi'an",               "610100", "2025-06-16", "giver_blocks_use", "{Ended}"),
        ("R-A3 but at binding",             "610100", "2025-06-16", "giver_blocks_binding", "{Paused, Ended}"),
        ("R-B4 Liuzhou",                    "450200", "2025-06-16", "max_beneficiaries", "AtMost(Some(6))"),
        ("R-B4 Sichuan",                    "510100", "2025-06-16", "max_beneficiaries", "AtMost(None)"),
        ("R-B4 Hunan at once",              "430100", "2025-06-16", "max_beneficiaries", "AtMost(Some(10))"),
        ("R-B4 Hunan ever",                 "430100", "2025-06-16", "max_beneficiaries_ever", "AtMost(Some(20))"),
        ("R-B4 Chongqing",                  "500000", "2022-07-07", "max_beneficiaries", "AtMost(Some(1))"),
        ("R-B4 Dalian",                     "210200", "2025-12-01", "composition", "Composition { spouse: Some(1), father: Some(1), mother: Some(1), child: Some(3) }"),
        ("R-B4 Jinan's one giver",          "370100", "2024-06-01", "max_givers", "AtMost(Some(1))"),
        ("R-B4 Shanghai's one network",     "310000", "2025-06-16", "max_givers", "AtMost(Some(1))"),
        ("R-B4 several givers",             "320300", "2025-06-16", "max_givers", "AtMost(None)"),
        ("R-B5 Guangxi",                    "450100", "2025-06-16", "mutual_binding", "true"),
        ("R-B5 elsewhere",                  "320300", "2025-06-16", "mutual_binding", "false"),
        ("R-B5 notice of 2026",             "320300", "2026-01-09", "mutual_binding", "true"),
        ("R-B5 Jinan",                      "370100", "2025-06-16", "roles_exclusive", "true"),
    ]);
}

#[test]
#[rustfmt::skip]
fn how_far_sharing_reaches_and_how_the_money_moves() {
    holds(&[
        // R-C1: how far.
        ("R-C1 an area",                    "320300", "2021-04-22", "scope", "Area"),
        ("R-C1 Jiangsu",                    "320300", "2023-11-13", "scope", "Province"),
        ("R-C1 Nanjing outside",            "320100", "2024-05-19", "scope", "Area"),
        ("R-C1 Nanjing inside",             "320100", "2024-05-20", "scope", "Province"),
        ("R-C1 no nation yet",              "320100", "2024-06-01", "scope", "Province"),
        ("R-C1 Hefei not yet",              "340100", "2024-06-01", "scope", "Area"),
        ("R-C1 Guangdong, last",            "440100", "2024-11-29", "scope", "Area"),
        ("R-C1 the nation",                 "340100", "2026-01-09", "scope", "Nation"),
        ("R-C1 Jiangsu's partner",          "320100", "2026-02-01", "partners", "{RegionCode(340000)}"),
        ("R-C1 Anhui's partner",            "340100", "2026-02-01", "partners", "{RegionCode(320000)}"),
        ("R-C1 not before",                 "340100", "2026-01-08", "partners", "{}"),
        // R-M: modes.
        ("R-M1 live",                       "320300", "2025-06-16", "mode_province", "Live"),
        ("R-M3 Fujian",                     "350100", "2025-06-16", "mode_area", "Pool"),
        ("R-M3 Gansu",                      "620100", "2025-06-16", "mode_province", "Pool"),
        ("R-M3 Qinghai",                    "630100", "2025-06-16", "mode_province", "Pool"),
        ("R-M4 Anhui's wallet",             "340100", "2025-02-04", "mode_nation", "Wallet"),
        ("R-M2 the quota",                  "340100", "2026-01-09", "mode_nation", "Quota"),
    ]);
}

#[test]
#[rustfmt::skip]
fn how_a_binding_is_made_and_released() {
    holds(&[
        // R-D: binding.
        ("R-D1 the giver",                  "320300", "2025-06-16", "starters", "{Giver}"),
        ("R-D1 Fujian",                     "350100", "2025-06-16", "starters", "{Giver, Beneficiary}"),
        ("R-D1 XPCC",                       "660000", "2025-06-16", "starters", "{Giver, Beneficiary}"),
        ("R-D2 the insurer's application",  "320300", "2025-06-16", "proof_app", "Commitment"),
        ("R-D2 WeChat, Alipay",             "320300", "2025-06-16", "proof_partner", "Documents"),
        ("R-D2 Guangdong",                  "440100", "2025-06-16", "proof_app", "Review"),
        ("R-D3 Jiangsu's spouse",           "320300", "2025-06-16", "confirmation", "Confirmation { relations: {Spouse}, from_age: None }"),
        ("R-D3 Gansu from 16",              "620100", "2025-06-16", "confirmation", "Confirmation { relations: {Spouse, Parent, Child, Sibling, Grandparent, Grandchild}, from_age: Some(16) }"),
        ("R-D5 Shaanxi",                    "610100", "2025-06-16", "start_day_choice", "true"),
        ("R-D6 Nanning",                    "450100", "2022-07-01", "release_effect", "NextDay"),
        ("R-D6 Nanning, again",             "450100", "2022-07-01", "rebind_days", "1"),
        ("R-D11 Jiangxi",                   "360100", "2025-06-16", "released_by", "{Giver, Beneficiary}"),
        ("R-D11 Henan",                     "410100", "2025-06-16", "release_lock_months", "3"),
    ]);
}

#[test]
#[rustfmt::skip]
fn who_pays_what_at_the_counter() {
    holds(&[
        // R-E: at the counter.
        ("R-E2 Guangxi",                    "450100", "2025-06-16", "giver_credential", "true"),
        ("R-E2 Sichuan",                    "510100", "2025-06-16", "giver_credential", "true"),
        ("R-E2 elsewhere",                  "320300", "2025-06-16", "giver_credential", "false"),
        ("R-B2 Guangxi",                    "450100", "2025-06-16", "id_document_schemes", "{Resident}"),
        ("R-E5 document 14",                "320100", "2025-06-16", "payable_purposes", "{Medical, Pharmacy, Inpatient}"),
        ("R-E5 notice of 2026",             "320100", "2026-01-09", "payable_purposes", "{Medical, Pharmacy, Premium, CarePremium, Inpatient}"),
        ("R-E5 Shanghai builds networks",   "310000", "2022-07-31", "payable_purposes", "{}"),
        ("R-E6 Hebei",                      "130600", "2025-06-16", "own_first", "MustBeZero"),
        ("R-E6 Shandong",                   "370100", "2025-06-16", "own_first", "ThenShared"),
        ("R-E6 Nanning keeps nothing",      "450100", "2022-07-01", "floor", "Amount(0.00)"),
        ("R-E6 Liuzhou keeps",              "450200", "2025-06-16", "floor", "Amount(1500.00)"),
        ("R-E6 Shanxi keeps",               "140100", "2025-06-16", "floor", "Amount(1000.00)"),
        ("R-E6 Shenzhen keeps",             "440300", "2025-06-16", "floor", "Amount(7778.40)"),
        ("R-E6 Nanning shares all",         "450100", "2022-07-01", "shared_part", "Whole"),
        ("R-E6 Zhejiang",                   "330100", "2025-06-16", "shared_part", "Prior"),
        ("R-E6 Zhejiang, one",              "330100", "2025-06-16", "one_giver_per_bill", "true"),
        ("R-E6 Shanxi, one",                "140100", "2025-06-16", "one_giver_per_bill", "true"),
        ("R-E6 Jiangsu",                    "320300", "2025-06-16", "giver_order", "Oldest"),
        ("R-E6 Shaanxi",                    "610100", "2025-06-16", "giver_order", "Rank"),
        ("R-E12 shared money",              "320300", "2025-06-16", "payable_shared", "PayableParts { medical: {FirstPay, Deductible, RatioShare, OverCeiling}, pharmacy: {FirstPay, Deductible, RatioShare, OverCeiling}, inpatient: None }"),
        ("R-E12 own money",                 "320300", "2025-06-16", "payable_own", "PayableParts { medical: {FirstPay, Deductible, RatioShare, OverCeiling}, pharmacy: {FirstPay, Deductible, RatioShare, OverCeiling}, inpatient: None }"),
        ("R-J2 class 乙",                   "320300", "2025-06-16", "class_b_first_pay", "PerCent(Share(1000))"),
    ]);
}

/// Deductible, share and ceiling as this patient meets them in 2025.
fn terms(benefit: &Benefit, whom: Whom) -> String {
    let deductible = benefit.deductible.as_ref();
    let amount =
        deductible.and_then(|it| first_fit(&it.rows, whom)).map_or("-".to_owned(), |it| it.to_string());
    let period = deductible.map_or("", |it| it.period.word());
    let share = |it: &domain::benefit::Band| first_fit(&it.shares, whom).map(|it| it.to_string());
    let shares: Vec<String> = benefit.bands.iter().filter_map(share).collect();
    let ceiling = first_fit(&benefit.ceilings, whom).map_or("-".to_owned(), |it| it.to_string());
    format!("{amount} {period}, {}, {ceiling}", shares.join(" then "))
}

/// R-E3: every shape of deductible, share and ceiling, on cities that have it.
#[test]
#[rustfmt::skip]
fn benefits_have_the_shapes_of_their_cities() {
    use {Category::*, Level::*};
    let law = book().parameters;
    let cases = [
        ("a visit",              "320300", Adult,   Secondary, 40, false, "30.00 visit, 50%, 1200.00"),
        ("a family doctor",      "320300", Adult,   Secondary, 40, true,  "30.00 visit, 50%, 1800.00"),
        ("a year, retired",      "320300", Retired, Tertiary,  67, false, "350.00 year, 70%, -"),
        ("a year, active",       "320100", Active,  Tertiary,  59, false, "1200.00 year, 60%, 2000.00"),
        ("no deductible",        "450100", Elder,   Secondary, 73, false, "- , 50%, -"),
        ("a ceiling",            "140100", Student, Secondary, 12, false, "- , 50%, 400.00"),
        ("by level",             "330100", Elder,   Secondary, 75, false, "300.00 year, 60%, -"),
        ("another level",        "330100", Elder,   Tertiary,  75, false, "300.00 year, 40%, -"),
        ("a signed community",   "330100", Active,  Primary,   50, true,  "700.00 year, 89%, -"),
        ("deductible by level",  "370100", Active,  Secondary, 46, false, "400.00 year, 70%, 3500.00"),
        ("Guangxi since 2024",   "450100", Active,  Tertiary,  46, false, "300.00 year, 50%, 2000.00"),
        ("by age",               "110000", Retired, Tertiary,  70, false, "1300.00 year, 90% then 80%, -"),
        ("not yet that age",     "110000", Retired, Tertiary,  69, false, "1300.00 year, 85% then 80%, -"),
        ("ceiling of the year",  "440100", Retired, Primary,   60, false, "- , 85%, 11082.00"),
        ("a month",              "610300", Active,  Tertiary,  40, false, "50.00 month, 50%, 500.00"),
        ("every visit, once",    "410100", Retired, Secondary, 70, false, "40.00 visit, 70%, -"),
        ("nobody said anything", "620100", Active,  Tertiary,  40, false, "- , , -"),
    ];
    for (name, code, category, level, age, contract, expected) in cases {
        let employee = matches!(category, Active | Retired);
        let param = if employee { &law.employee_outpatient } else { &law.resident_outpatient };
        let benefit = param.on(area(code), day("2025-06-16")).unwrap().value;
        assert_eq!(terms(benefit, Whom { level, category, age, contract, stay: 0 }), expected, "{name}");
    }
    let pharmacy = law.resident_pharmacy.on(area("320300"), day("2025-06-16")).unwrap().value;
    assert!(pharmacy.bands.is_empty(), "pharmacies: the fund pays nothing");
}

#[test]
fn every_province_and_xpcc_has_a_file() {
    let provinces =
        "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 66";
    let names = book().names;
    let missing: Vec<&str> =
        provinces.split(' ').filter(|it| !names.contains_key(&area(&format!("{it}0000")))).collect();
    assert_eq!(provinces.split(' ').count(), 32);
    assert!(missing.is_empty(), "no file for {missing:?}");
}

/// Otherwise a day long ago has no law somewhere, and an old settlement cannot be judged again.
#[test]
fn the_nation_speaks_about_every_parameter_but_stays_since_2014() {
    let law = book().parameters;
    for (number, name) in (0..).zip(NAMES).filter(|(_, it)| !it.ends_with("_inpatient")) {
        let cite = Cite { param: number, region: Area::NATION, from: day("2014-01-01") };
        assert!(law.source(cite).is_some(), "{name} has no national value from 2014-01-01");
    }
}

/// R-E19: what the fund pays for a stay is local law. If this fails, a stay in an area without such law is settled with
/// nothing from the fund, and nobody notices that the law is missing.
#[test]
fn about_stays_the_nation_is_silent_and_the_area_speaks() {
    let law = book().parameters;
    for (code, speaks) in [("320300", true), ("320100", false), ("110000", false)] {
        for param in [&law.employee_inpatient, &law.resident_inpatient] {
            assert_eq!(param.on(area(code), day("2025-06-16")).is_ok(), speaks, "{code}");
        }
    }
}

/// What nobody published must not pass for law; and a real installation leaves the demo out.
#[test]
fn the_demo_only_assumes_and_is_not_needed() {
    let (demo, real): (Files, Files) =
        repository().into_iter().partition(|(path, _)| path.contains("/demo/"));
    for (path, text) in &demo {
        let mut certainties = text.lines().filter(|it| it.starts_with("certainty"));
        assert!(certainties.all(|it| it == r#"certainty = "assumed""#), "{path}");
    }
    read(&real).unwrap_or_else(|problems| panic!("without the demo: {problems}"));
}

/// R-D8: bindings under these values have to be decided about; a false entry would alarm for nothing.
#[test]
fn a_binding_value_ends_what_started_below_it() {
    let ended = |policies: &Policies, param: &str, code: &str| -> Vec<String> {
        let these = policies.ended.iter().filter(|it| it.param == param && it.region == area(code));
        these.map(|it| it.on.to_string()).collect()
    };
    let policies = book();
    assert_eq!(ended(&policies, "relations", "370100"), ["2024-09-16"], "Jinan's in-laws, by Shandong");
    assert_eq!(ended(&policies, "relations", "450000"), ["2024-12-09"], "only the value then in force");
    assert!(ended(&policies, "relations", "450200").is_empty());

    let mut files = repository();
    let values = r#"
[[floor]]
from = "2030-01-01"
value = "1.00"
binding_below = true
source = "test"
certainty = "assumed"
"#;
    files.insert("policies/x.toml".to_owned(), format!("region = \"000000\"\nname = \"全国\"\n{values}"));
    let policies = read(&files).unwrap();
    assert_eq!(ended(&policies, "floor", "140000"), ["2030-01-01"]);
    let floor = |on| said(&policies.parameters, area("140100"), day(on), "floor");
    assert_eq!((floor("2029-12-31"), floor("2030-01-01")), ("Amount(1000.00)".into(), "Amount(1.00)".into()));
}

/// The text of a file whose values start at line 4.
fn file(region: &str, name: &str, values: &str) -> String {
    format!("region = \"{region}\"\nname = \"{name}\"\n\n{values}")
}

/// One value, in six or seven lines and an empty one.
fn value(param: &str, from: &str, more: &str) -> String {
    format!(
        "[[{param}]]\nfrom = \"{from}\"\nvalue = \"1.00\"\nsource = \"test\"\ncertainty = \"assumed\"\n{more}\n"
    )
}

#[test]
#[rustfmt::skip]
fn what_is_wrong_is_named_by_file_and_line() {
    let xuzhou = |values: &str| file("320300", "徐州市", values);
    let nation = |values: &str| file("000000", "全国", values);
    let open = |from| value("floor", from, "");
    let closed = |from, to: &str| value("floor", from, &format!("to = \"{to}\"\n"));
    let cases = [
        ("an overlap", xuzhou(&(closed("2022-01-01", "2022-06-30") + &open("2022-06-30"))),
            "x.toml:11: floor: overlaps the value at x.toml:4"),
        ("the same day", xuzhou(&(open("2022-01-01") + &open("2022-01-01"))),
            "x.toml:10: floor: overlaps the value at x.toml:4"),
        ("a gap", nation(&(closed("2030-01-01", "2030-06-30") + &open("2031-01-01"))),
            "x.toml:11: floor: no value between this one and x.toml:4"),
        ("an end", nation(&closed("2030-01-01", "2030-06-30")),
            "x.toml:4: floor: the nation's last value ends and nothing follows"),
        ("an unknown parameter", xuzhou(&value("floors", "2022-01-01", "")),
            "x.toml:4: floors: there is no parameter `floors`"),
        ("an unknown key", xuzhou(&value("floor", "2022-01-01", "until = \"2023-01-01\"\n")),
            "x.toml:4: floor: unknown field `until`, expected one of `from`, `to`, `value`, `source`, `certainty`, `binding_below`, `note`"),
        ("no source", xuzhou(&open("2022-01-01").replace("test", " ")),
            "x.toml:4: floor: it has no source"),
        ("no certainty", xuzhou(&open("2022-01-01").replace("certainty = \"assumed\"\n", "")),
            "x.toml:4: floor: missing field `certainty`"),
        ("a bad certainty", xuzhou(&open("2022-01-01").replace("assumed", "sure")),
            "x.toml:4: floor: unknown variant `sure`, expected one of `official`, `press`, `reprint`, `assumed`"),
        ("a bad date", xuzhou(&open("2022-02-29")),
            "x.toml:4: floor: `2022-02-29` is not a date like 2025-01-01"),
        ("the end first", xuzhou(&closed("2022-01-01", "2021-12-31")),
            "x.toml:4: floor: its last day lies before its first day 2022-01-01"),
        ("a bad amount", xuzhou(&open("2022-01-01").replace("1.00", "1.001")),
            "x.toml:4: floor: `1.001` is not an amount in yuan"),
        ("a bad word", xuzhou(&value("own_first", "2022-01-01", "")),
            "x.toml:4: own_first: unknown variant `1.00`, expected one of `must_be_zero`, `then_shared`, `optional`"),
        ("not a list of values", xuzhou("floor = \"1.00\"\n"),
            "x.toml:4: floor: its values are written as `[[floor]]`"),
        ("two at once", xuzhou(&(open("2022-02-30") + &value("floors", "2022-01-01", ""))),
            "x.toml:4: floor: `2022-02-30` is not a date like 2025-01-01\nx.toml:10: floors: there is no parameter `floors`"),
        ("a bad region", file("32030", "徐州市", ""),
            "x.toml:1: `32030` is not a region code of six digits"),
        ("another name", file("320000", "徐州市", ""),
            "x.toml:1: region 320000 is called 江苏省 in another file"),
        ("no region", open("2022-01-01"),
            "x.toml:1: the file does not begin with the code (`region`) and the `name` of its region"),
        ("not TOML", xuzhou("[[floor]\n"),
            "x.toml:4: unclosed array table, expected `]`"),
    ];
    for (name, text, expected) in cases {
        let mut files = repository();
        files.insert("x.toml".to_owned(), text);
        let problems = read(&files).map(|_| ()).unwrap_err();
        assert_eq!(problems.trim_end(), expected, "{name}");
    }
}

#[test]
fn two_files_of_one_region_may_not_speak_about_one_day() {
    let mut files = repository();
    let text = |from| file("320300", "徐州市", &value("floor", from, ""));
    files.insert("x.toml".to_owned(), text("2022-01-01"));
    files.insert("y.toml".to_owned(), text("2023-01-01"));
    assert!(read(&files).is_ok(), "the later one supersedes the open one");
    files.insert("y.toml".to_owned(), text("2022-01-01"));
    let problems = read(&files).map(|_| ()).unwrap_err();
    assert_eq!(problems, "y.toml:4: floor: overlaps the value at x.toml:4\n");
}

#[test]
fn a_nation_that_says_nothing_is_told_so() {
    let mut files = repository();
    files.retain(|path, _| !path.starts_with("policies/national/benefits"));
    let problems = read(&files).map(|_| ()).unwrap_err();
    let expected =
        "policies/national/:1: employee_outpatient: the nation says nothing, so some area has no law";
    assert_eq!(problems.lines().next(), Some(expected));
    assert_eq!(problems.lines().count(), 4);
}
