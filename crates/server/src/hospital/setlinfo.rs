//! `setlinfo` and `setldetail`: a settlement, its preview or its cancellation in the fields of the interface.

use super::json::{Json, object};
use crate::people::Identity;
use crate::turn::Told;
use domain::day::Day;
use domain::decision::{Answer, Outcome};
use domain::facts::Settlement;
use domain::ids::SettlementNo;
use domain::money::{Fen, Total};
use domain::people::{Enrolment, Person};
use domain::words::{Category, Purpose, Scheme, Sex};

/// As what a settlement is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// A preview: without its number.
    Preview,
    /// A settlement.
    Settled,
    /// The cancellation of one: every amount negated.
    Cancelled,
    /// Asked for later (5203).
    Asked,
    /// A cancellation, asked for later.
    CancellationAsked,
}

impl Shown {
    fn is_asked(self) -> bool {
        matches!(self, Shown::Asked | Shown::CancellationAsked)
    }

    fn amount(self, amount: Fen) -> Json {
        let negated = matches!(self, Shown::Cancelled | Shown::CancellationAsked);
        Json::from(if negated { Total::debit(amount) } else { Total::credit(amount) })
    }
}

/// What a settlement is shown with.
pub(super) struct Context<'a> {
    /// Who the patient is.
    pub(super) identity: Option<&'a Identity>,
    /// The patient.
    pub(super) person: Option<&'a Person>,
    /// The enrolment that paid.
    pub(super) enrolment: Option<&'a Enrolment>,
    /// The first day of the visit.
    pub(super) begun: Option<Day>,
    /// The message the settlement came in.
    pub(super) msgid: &'a str,
}

/// The output of a settlement that was just decided.
pub(super) fn of_answer(told: &Told<'_>, shown: Shown) -> Json {
    let Outcome::Done(done) = &told.decision.outcome else { return Json::Null };
    match &done.answer {
        Answer::Settled(no, _) | Answer::Cancelled(no) | Answer::Refunded(no, _) => of(told, *no, shown),
        Answer::Done
        | Answer::Person(_)
        | Answer::Visit(_)
        | Answer::Lines(_)
        | Answer::Charged(_)
        | Answer::Binding(_)
        | Answer::Proxy(_)
        | Answer::Reversed(_)
        | Answer::Barred => Json::Null,
    }
}

fn of(told: &Told<'_>, no: SettlementNo, shown: Shown) -> Json {
    let Some(settlement) = told.facts.settlements.get(&no) else { return Json::Null };
    let visit = told.facts.visits.get(&settlement.visit);
    let identity = told.identity(settlement.patient);
    let context = Context {
        identity: identity.as_deref(),
        person: told.facts.persons.get(&settlement.patient),
        enrolment: visit.and_then(|it| told.facts.enrolments.get(&it.enrolment)),
        begun: visit.map(|it| it.begun.day()),
        msgid: &told.request.key.id,
    };
    write(settlement, &context, shown)
}

/// A settlement in the fields of the interface.
pub(super) fn write(settlement: &Settlement, context: &Context<'_>, shown: Shown) -> Json {
    let mut info = Vec::with_capacity(MOST_FIELDS);
    // The table of 2305 names nobody.
    let stay = settlement.purpose == Purpose::Inpatient;
    if !stay || shown != Shown::Cancelled {
        identity_fields(&mut info, settlement, context);
    }
    amount_fields(&mut info, settlement, shown);
    reference_fields(&mut info, settlement, context, shown);
    if stay {
        stay_fields(&mut info, settlement, context, shown);
    }
    object! { "setlinfo": Json::Object(info), "setldetail": details(settlement, shown) }
}

type Fields = Vec<(&'static str, Json)>;

/// As many as `setlinfo` ever has.
const MOST_FIELDS: usize = 52;

fn identity_fields(info: &mut Fields, settlement: &Settlement, context: &Context<'_>) {
    let Context { identity, person, enrolment, .. } = *context;
    let of = |field: fn(&Identity) -> &String| Json::from(identity.map(|it| field(it).clone()));
    info.extend([
        ("psn_no", of(|it| &it.psn_no)),
        ("psn_name", of(|it| &it.name)),
        ("psn_cert_type", of(|it| &it.id_type)),
        ("certno", of(|it| &it.id_number)),
        ("gend", person.map(|it| gend(it.sex)).into()),
        ("naty", Json::Null),
        ("brdy", person.map(|it| it.born).into()),
        ("age", person.map(|it| age(it, settlement.service_day)).into()),
        ("insutype", insutype(settlement.scheme).into()),
        ("psn_type", enrolment.map(|it| psn_type(it.category)).into()),
        ("cvlserv_flag", "0".into()),
    ]);
}

fn amount_fields(info: &mut Fields, settlement: &Settlement, shown: Shown) {
    let amount = |it: Fen| shown.amount(it);
    let shared = &settlement.shared;
    let (personal, cash) = (shared.personal(), settlement.cash);
    info.extend([
        ("medfee_sumamt", amount(shared.total)),
        ("fulamt_ownpay_amt", amount(shared.full_self)),
        ("overlmt_selfpay", amount(shared.over_limit)),
        ("preselfpay_amt", amount(shared.first_pay)),
        ("inscp_scp_amt", amount(shared.in_scope)),
        ("act_pay_dedc", amount(shared.tally.deductible)),
        ("hifp_pay", amount(shared.basic)),
        ("pool_prop_selfpay", shared.share.into()),
        ("hifob_pay", amount(shared.large)),
        ("fund_pay_sumamt", amount(shared.fund())),
        ("psn_part_amt", amount(personal)),
        ("acct_pay", amount(settlement.accounts())),
        ("psn_cash_pay", amount(cash)),
        ("acct_mulaid_pay", amount(settlement.from_relatives())),
        ("balc", settlement.balance_after.into()),
    ]);
    let others =
        ["cvlserv_pay", "hifes_pay", "hifmi_pay", "maf_pay", "hifdm_pay", "oth_pay", "hosp_part_amt"];
    info.extend(others.map(|name| (name, amount(Fen::ZERO))));
    if shown.is_asked() {
        info.extend([("psn_pay", amount(personal)), ("cash_payamt", amount(cash))]);
    }
}

fn reference_fields(info: &mut Fields, settlement: &Settlement, context: &Context<'_>, shown: Shown) {
    let preview = shown == Shown::Preview;
    let unless_preview = |value: Json| if preview { Json::Null } else { value };
    info.extend([
        ("mdtrt_id", Json::text_of(settlement.visit)),
        ("setl_time", unless_preview(settlement.at.into())),
        ("med_type", settlement.med_type.clone().into()),
        ("medins_setl_id", context.msgid.chars().take(30).collect::<String>().into()),
        ("clr_optins", unless_preview(Json::text_of(settlement.area))),
        ("clr_way", unless_preview("1".into())),
        ("clr_type", clr_type(settlement.purpose).into()),
        ("setl_id", unless_preview(Json::text_of(settlement.no))),
    ]);
    if shown.is_asked() {
        info.extend([
            ("refd_setl_flag", if settlement.undone_by.is_some() { "1" } else { "0" }.into()),
            ("pay_loc", "2".into()),
            ("fixmedins_code", Json::text_of(settlement.institution)),
            ("begndate", context.begun.unwrap_or(settlement.service_day).into()),
            ("enddate", settlement.at.day().into()),
            ("year", Json::text_of(settlement.service_day.year())),
        ]);
    }
}

/// Settlements of stays have fields of their own, and not all of the others: 2303 shows no number, 2305 no kind of
/// treatment or clearing.
fn stay_fields(info: &mut Fields, settlement: &Settlement, context: &Context<'_>, shown: Shown) {
    let left_out: &[&str] = match shown {
        Shown::Preview => &["setl_id"],
        Shown::Cancelled => &["med_type", "clr_way", "clr_type"],
        Shown::Settled | Shown::Asked | Shown::CancellationAsked => &[],
    };
    info.retain(|(name, _)| !left_out.contains(name));
    if matches!(shown, Shown::Preview | Shown::Cancelled) {
        info.extend([
            ("psn_pay", shown.amount(settlement.shared.personal())),
            ("cashPayamt", shown.amount(settlement.cash)),
            ("inscp_amt", shown.amount(settlement.shared.in_scope)),
            ("othfund_pay", shown.amount(Fen::ZERO)),
            ("ownpay_hosp_part", shown.amount(Fen::ZERO)),
        ]);
    }
    if shown == Shown::Cancelled {
        info.extend([
            ("insu_admdvs", Json::text_of(settlement.area)),
            ("begndate", context.begun.into()),
            ("enddate", settlement.at.day().into()),
        ]);
    }
}

/// One row for each fund that paid, and one for personal accounts, own and shared together (I6).
fn details(settlement: &Settlement, shown: Shown) -> Vec<Json> {
    let shared = &settlement.shared;
    let basic = match settlement.scheme {
        Scheme::Employee => ("310100", "城镇职工基本医疗保险统筹基金"),
        Scheme::Resident => ("390100", "城乡居民基本医疗保险基金"),
    };
    let rows = [
        (basic, shared.basic),
        (("330100", "大额医疗费用补助基金"), shared.large),
        (("310200", "城镇职工基本医疗保险个人账户基金"), settlement.accounts()),
    ];
    let row = |((kind, name), paid): ((&'static str, &'static str), Fen)| {
        object! {
            "fund_pay_type": kind,
            "fund_pay_type_name": name,
            "inscp_scp_amt": shown.amount(shared.in_scope),
            "crt_payb_lmt_amt": Json::Null,
            "fund_payamt": shown.amount(paid),
            "setl_proc_info": Json::Null,
        }
    };
    rows.into_iter().filter(|(_, paid)| !paid.is_zero()).map(row).collect()
}

/// Years of age, with the one decimal that the interface asks for.
pub(super) fn age(person: &Person, on: Day) -> Json {
    Json::Number { units: i64::from(on.age_of(person.born)) * 10, places: 1 }
}

/// 清算类别: 41 药店购药, 21 住院, 11 门诊.
pub(super) fn clr_type(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Pharmacy => "41",
        Purpose::Inpatient => "21",
        Purpose::Medical | Purpose::Premium | Purpose::CarePremium => "11",
    }
}

/// 性别.
pub(super) fn gend(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "1",
        Sex::Female => "2",
    }
}

/// 险种类型.
pub(super) fn insutype(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Employee => "310",
        Scheme::Resident => "390",
    }
}

/// 人员类别.
pub(super) fn psn_type(category: Category) -> &'static str {
    match category {
        Category::Active => "11",
        Category::Retired => "12",
        Category::Adult => "15",
        Category::Elder => "16",
        Category::Student => "1403",
        Category::Child => "1402",
    }
}
