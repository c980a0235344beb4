//! Every reason that the texts have: who of the demo does what, and on which page its one line stands (R-K1). A code that
//! nobody reaches through the pages is listed with why, so that a new one cannot be forgotten.

use crate::hall::asked_at_the_hall;
use crate::packs::packs_without_and_sold_before;
use crate::proxy::{entrusted_too_long_and_to_oneself, shown_at_the_till, shown_too_late};
use crate::ways::{
    Read, a_pool_in_fujian, a_review_in_guangdong, a_spouse_who_declines, a_spouse_who_waits,
    amended_by_one_alone, an_amount_set_aside, at_the_hall_in_guizhou, bound_both_ways, locked_in_henan,
    no_catalogue_yet, no_purpose_in_shanghai, nothing_left, one_beneficiary_in_chongqing,
    one_family_code_more, one_giver_for_a_bill_in_shanxi, one_mother_in_taian, own_money_first_in_hebei,
    places_that_cannot, put_on_hold, released_and_asked_again, the_last_catalogue_goes_on, two_for_life,
    what_a_binding_is, what_is_on_the_bill, what_paid_less, who_cannot_bind, who_is_at_the_till,
    would_it_work,
};
use domain::reason::CODES;
use std::collections::BTreeSet;

/// Codes, and how somebody comes to read them.
type Way = (&'static [&'static str], fn() -> Read);

const WAYS: &[Way] = &[
    (
        &[
            "ALREADY_BOUND",
            "SAME_PERSON",
            "RELATION_NOT_ALLOWED",
            "REGION_NOT_COVERED",
            "GIVER_NOT_EMPLOYEE_INSURED",
            "NO_ACCOUNT",
            "GIVER_PAUSED",
            "BENEFICIARY_NOT_INSURED",
            "INSURANCE_INTERRUPTED",
            "PERSON_DEAD",
            "PERSON_UNKNOWN",
            "STARTER_NOT_ALLOWED",
            "ALREADY_HAS_GIVER",
            "ROLES_EXCLUSIVE",
        ],
        who_cannot_bind,
    ),
    (&["MUTUAL_NOT_ALLOWED", "NOT_YET_EFFECTIVE"], bound_both_ways),
    (&["LIMIT_REACHED"], one_beneficiary_in_chongqing),
    (&["RELATION_TAKEN"], one_mother_in_taian),
    (&["LIFETIME_LIMIT_REACHED"], two_for_life),
    (&["MODE_NOT_SERVED"], a_pool_in_fujian),
    (&["PROOF_MISSING", "LIMIT_NOT_OFFERED"], at_the_hall_in_guizhou),
    (&["QUOTA_MISSING", "QUOTA_TOO_LARGE", "QUOTA_TOO_SMALL", "QUOTA_USED_UP"], an_amount_set_aside),
    (&["CONFIRMATION_PENDING", "CONFIRMATION_LAPSED"], a_spouse_who_waits),
    (&["BINDING_REFUSED", "NOT_POSSIBLE_NOW"], a_spouse_who_declines),
    (&["REVIEW_PENDING"], a_review_in_guangdong),
    (&["REBIND_WAIT", "BINDING_EXPIRED"], released_and_asked_again),
    (&["RELEASE_LOCKED"], locked_in_henan),
    (&["BINDING_NEEDS_DECISION", "NOT_YOURS"], what_a_binding_is),
    (&["FAMILY_CODE_LIMIT_REACHED"], one_family_code_more),
    (&["SECOND_PERSON_NEEDED", "AMENDMENT_WAITING"], amended_by_one_alone),
    (&["PROXY_TOO_LONG", "PROXY_SAME_PERSON"], entrusted_too_long_and_to_oneself),
    (
        &["PROXY_UNKNOWN", "PROXY_OF_OTHER", "PROXY_PROOF_MISSING", "PROXY_USED", "PROXY_ELSEWHERE"],
        shown_at_the_till,
    ),
    (&["PROXY_REVOKED", "PROXY_EXPIRED"], shown_too_late),
    (&["BINDING_ON_HOLD"], put_on_hold),
    (
        &["ONLY_FAMILY_CODE_BOUND", "PLACE_NOT_DESIGNATED", "USABLE_ZERO", "GIVER_CODE_REQUIRED"],
        would_it_work,
    ),
    (&["NOT_BOUND"], asked_at_the_hall),
    (&["PLACE_SUSPENDED", "SHARED_NOT_LINKED", "CAPABILITY_MISSING"], places_that_cannot),
    (&["PURPOSE_NOT_PAYABLE"], no_purpose_in_shanghai),
    (&["OWN_FIRST"], own_money_first_in_hebei),
    (&["BALANCE_ZERO"], nothing_left),
    (&["BALANCE_SHORT", "CAP_REACHED", "ITEM_NOT_PAYABLE", "SHARED_NOT_ASKED"], what_paid_less),
    (&["ONE_GIVER_PER_BILL"], one_giver_for_a_bill_in_shanxi),
    (
        &[
            "OWN_CREDENTIAL_REQUIRED",
            "CODE_EXPIRED",
            "CODE_USED",
            "CODE_UNKNOWN",
            "CODE_OF_GIVER",
            "ID_DOCUMENT_NOT_TAKEN",
        ],
        who_is_at_the_till,
    ),
    (&["ITEM_NOT_MAPPED", "DUPLICATE_REQUEST", "LATER_SETTLEMENT"], what_is_on_the_bill),
    (&["TRACE_CODE_MISSING", "TRACE_CODE_USED"], packs_without_and_sold_before),
    (&["NO_CATALOGUE"], no_catalogue_yet),
    (&["CATALOGUE_OUTDATED"], the_last_catalogue_goes_on),
];

/// Codes that no page of ours leads to, by why.
const NOWHERE: &[(&str, &[&str])] = &[
    (
        "only software of an institution states it: a till works out sums, numbers of lines and days by itself",
        &[
            "AMOUNT_DIFFERS",
            "AMOUNT_OUT_OF_RANGE",
            "BATCH_KNOWN",
            "BATCH_SETTLED",
            "BATCH_UNKNOWN",
            "LINE_COST_DIFFERS",
            "LINE_COUNT",
            "LINE_REPEATED",
            "MAPPING_UNKNOWN",
            "MED_TYPE_DIFFERS",
            "MESSAGE_BARRED",
            "NOT_REVERSIBLE",
            "REFUND_TOO_LARGE",
            "SCHEME_NOT_HELD",
            "SERVICE_DAY_FUTURE",
            "SERVICE_DAY_TOO_OLD",
            "SETTLEMENT_UNKNOWN",
            "VISIT_CANCELLED",
            "VISIT_IN_USE",
            "VISIT_UNKNOWN",
        ],
    ),
    ("two windows that refund one bill are led to the same refund", &["ALREADY_CANCELLED"]),
    (
        "in-patient stays come from the software of hospitals alone",
        &[
            "CARE_DIFFERS",
            "CORRECTION_TOO_LARGE",
            "LINE_CORRECTED",
            "LINE_SETTLED",
            "LINE_UNKNOWN",
            "PROXY_NOT_FOR_STAY",
            "STAY_DISCHARGED",
            "STAY_NOT_DISCHARGED",
            "STAY_NOT_SETTLED",
            "STAY_OPEN",
            "STAY_SETTLED",
        ],
    ),
    (
        "a bureau takes people, enrolments and institutions in over REST and files; no page does",
        &[
            "ACCOUNT_UNKNOWN",
            "ENROLMENT_KNOWN",
            "ENROLMENT_UNKNOWN",
            "INSTITUTION_AREA_FIXED",
            "INSTITUTION_UNKNOWN",
            "PERSON_KNOWN",
        ],
    ),
    (
        "a page asks for it before it sends anything, or does not offer it where it would be refused",
        &["COMMITMENT_MISSING", "DATES_CONTRADICT", "START_DAY_NOT_OFFERED"],
    ),
    (
        "such a page is not there, or for others: it says so itself",
        &["AMENDMENT_UNKNOWN", "BINDING_UNKNOWN", "NOT_PERMITTED"],
    ),
    ("the shipped law has a value for every parameter, which a test holds it to", &["NO_POLICY"]),
];

/// The sentences of a code that stand on pages, each as the pieces around its facts: the one line, the one at a field, a
/// till's words, and those for staff.
fn lines(code: &str) -> Vec<Vec<String>> {
    let texts: toml::Value = toml::from_str(include_str!("../../../../texts/zh.toml")).expect("the texts");
    let reason = &texts["reason"][code];
    let of = |text: &toml::Value| -> Vec<String> {
        let text = text.as_str().expect("a text");
        let pieces = text.split('{').enumerate();
        let around =
            pieces.map(|(at, it)| if at == 0 { it } else { it.split_once('}').map_or("", |it| it.1) });
        around.filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    vec![
        of(&reason["citizen"]["line"]),
        of(&reason["citizen"]["why"]),
        of(&reason["till"]),
        of(&reason["staff"]),
    ]
}

/// Whether the one line of a code stands on a page.
fn says(page: &str, code: &str) -> bool {
    lines(code).iter().any(|pieces| !pieces.is_empty() && pieces.iter().all(|it| page.contains(it)))
}

/// R-K1: if this fails, somebody is refused and no page tells them why in one line.
#[test]
fn every_reason_is_read_by_somebody() {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let halves: Vec<_> =
            WAYS.chunks(WAYS.len().div_ceil(2)).map(|ways| scope.spawn(|| missing(ways))).collect();
        halves.into_iter().flat_map(|it| it.join().expect("every way is gone")).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The codes that were not read where they should be.
fn missing(ways: &[Way]) -> Vec<String> {
    let mut failed = Vec::new();
    for (codes, way) in ways {
        let Ok(read) = std::thread::spawn(*way).join() else {
            failed.push(format!("the way to {codes:?} breaks off"));
            continue;
        };
        let unread = codes.iter().filter(|code| !read.iter().any(|page| says(page, code)));
        failed.extend(unread.map(|code| format!("{code} is not on\n{}", read.join("\n--\n"))));
    }
    failed
}

/// If this fails, a reason was added that nobody can reach through the pages, or one is reached that is said not to be.
#[test]
fn every_reason_has_a_way_or_a_reason_for_none() {
    let mut listed = BTreeSet::new();
    let ways = WAYS.iter().map(|(codes, _)| codes).chain(NOWHERE.iter().map(|(_, codes)| codes));
    for code in ways.flat_map(|it| it.iter()) {
        assert!(CODES.contains(code), "{code} is no reason");
        assert!(listed.insert(*code), "{code} is listed twice");
    }
    let left: Vec<_> = CODES.iter().filter(|it| !listed.contains(*it)).collect();
    assert!(left.is_empty(), "no way to {left:?}");
}
