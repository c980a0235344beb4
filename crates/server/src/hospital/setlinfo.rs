//! `setlinfo` and `setldetail`: a settlement, its preview or its cancellation in the fields of the interface.

use super::wire::{signed, yuan};
use crate::people::Identity;
use crate::turn::Told;
use domain::decision::{Answer, Outcome};
use domain::facts::Settlement;
use domain::ids::SettlementNo;
use domain::money::{Fen, Total};
use domain::people::{Enrolment, Person};
use domain::words::{Category, Purpose, Scheme, Sex};
use serde_json::{Map, Value, json};

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

    fn amount(self, amount: Fen) -> Value {
        let total = Total::credit(amount);
        let negated = matches!(self, Shown::Cancelled | Shown::CancellationAsked);
        signed(if negated { total.negated() } else { total })
    }
}

/// What a settlement is shown with.
pub(super) struct Context<'a> {
    /// Who the patient is.
    pub(super) identity: Option<Identity>,
    /// The patient.
    pub(super) person: Option<&'a Person>,
    /// The enrolment that paid.
    pub(super) enrolment: Option<&'a Enrolment>,
    /// The message the settlement came in.
    pub(super) msgid: &'a str,
}

/// The output of a settlement that was just decided.
pub(super) fn of_answer(told: &Told<'_>, shown: Shown) -> Value {
    let Outcome::Done(done) = &told.decision.outcome else { return Value::Null };
    match &done.answer {
        Answer::Settled(no, _) | Answer::Cancelled(no) | Answer::Refunded(no, _) => of(told, *no, shown),
        Answer::Done
        | Answer::Person(_)
        | Answer::Visit(_)
        | Answer::Lines(_)
        | Answer::Binding(_)
        | Answer::Reversed(_)
        | Answer::Barred => Value::Null,
    }
}

fn of(told: &Told<'_>, no: SettlementNo, shown: Shown) -> Value {
    let Some(settlement) = told.facts.settlements.get(&no) else { return Value::Null };
    let visit = told.facts.visits.get(&settlement.visit);
    let context = Context {
        identity: told.identity(settlement.patient),
        person: told.facts.persons.get(&settlement.patient),
        enrolment: visit.and_then(|it| told.facts.enrolments.get(&it.enrolment)),
        msgid: &told.request.key.id,
    };
    write(settlement, &context, shown)
}

/// A settlement in the fields of the interface.
pub(super) fn write(settlement: &Settlement, context: &Context<'_>, shown: Shown) -> Value {
    let mut info = Map::new();
    identity_fields(&mut info, settlement, context);
    amount_fields(&mut info, settlement, shown);
    reference_fields(&mut info, settlement, context, shown);
    json!({ "setlinfo": info, "setldetail": details(settlement, shown) })
}

fn identity_fields(info: &mut Map<String, Value>, settlement: &Settlement, context: &Context<'_>) {
    let Context { identity, person, enrolment, .. } = context;
    let day = settlement.service_day;
    let fields = [
        ("psn_no", json!(identity.as_ref().map(|it| &it.psn_no))),
        ("psn_name", json!(identity.as_ref().map(|it| &it.name))),
        ("psn_cert_type", json!(identity.as_ref().map(|it| &it.id_type))),
        ("certno", json!(identity.as_ref().map(|it| &it.id_number))),
        ("gend", json!(person.map(|it| gend(it.sex)))),
        ("naty", Value::Null),
        ("brdy", json!(person.map(|it| it.born.to_string()))),
        ("age", person.map_or(Value::Null, |it| super::wire::number(&format!("{}.0", day.age_of(it.born))))),
        ("insutype", json!(insutype(settlement.scheme))),
        ("psn_type", json!(enrolment.map(|it| psn_type(it.category)))),
        ("cvlserv_flag", json!("0")),
    ];
    info.extend(fields.map(|(name, value)| (name.to_owned(), value)));
}

fn amount_fields(info: &mut Map<String, Value>, settlement: &Settlement, shown: Shown) {
    let amount = |it: Fen| shown.amount(it);
    let shared = &settlement.shared;
    let (personal, accounts, cash) = (shared.personal(), settlement.accounts(), settlement.cash);
    let share = shared.share.get();
    let none = amount(Fen::ZERO);
    let mut fields = vec![
        ("medfee_sumamt", amount(shared.total)),
        ("fulamt_ownpay_amt", amount(shared.full_self)),
        ("overlmt_selfpay", amount(shared.over_limit)),
        ("preselfpay_amt", amount(shared.first_pay)),
        ("inscp_scp_amt", amount(shared.in_scope)),
        ("act_pay_dedc", amount(shared.tally.deductible)),
        ("hifp_pay", amount(shared.basic)),
        ("pool_prop_selfpay", super::wire::number(&format!("{}.{:04}", share / 10_000, share % 10_000))),
        ("hifob_pay", amount(shared.large)),
        ("fund_pay_sumamt", amount(shared.fund())),
        ("psn_part_amt", amount(personal)),
        ("acct_pay", amount(accounts)),
        ("psn_cash_pay", amount(cash)),
        ("acct_mulaid_pay", amount(settlement.from_relatives())),
        ("balc", yuan(settlement.balance_after)),
    ];
    let others =
        ["cvlserv_pay", "hifes_pay", "hifmi_pay", "maf_pay", "hifdm_pay", "oth_pay", "hosp_part_amt"];
    fields.extend(others.map(|name| (name, none.clone())));
    if shown.is_asked() {
        fields.extend([("psn_pay", amount(personal)), ("cash_payamt", amount(cash))]);
    }
    info.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
}

fn reference_fields(
    info: &mut Map<String, Value>,
    settlement: &Settlement,
    context: &Context<'_>,
    shown: Shown,
) {
    let preview = shown == Shown::Preview;
    let unless_preview = |value: Value| if preview { Value::Null } else { value };
    let mut fields = vec![
        ("mdtrt_id", json!(settlement.visit.to_string())),
        ("setl_time", unless_preview(json!(settlement.at.to_string()))),
        ("med_type", json!(settlement.med_type)),
        ("medins_setl_id", json!(context.msgid.chars().take(30).collect::<String>())),
        ("clr_optins", unless_preview(json!(settlement.area.to_string()))),
        ("clr_way", unless_preview(json!("1"))),
        ("clr_type", json!(clr_type(settlement.purpose))),
        ("setl_id", unless_preview(json!(settlement.no.to_string()))),
    ];
    if shown.is_asked() {
        fields.extend([
            ("refd_setl_flag", json!(if settlement.undone_by.is_some() { "1" } else { "0" })),
            ("pay_loc", json!("2")),
            ("fixmedins_code", json!(settlement.institution.to_string())),
            ("begndate", json!(settlement.service_day.to_string())),
            ("enddate", json!(settlement.at.day().to_string())),
            ("year", json!(settlement.service_day.year().to_string())),
        ]);
    }
    info.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
}

/// One row for each fund that paid, and one for personal accounts, own and shared together (I6).
fn details(settlement: &Settlement, shown: Shown) -> Vec<Value> {
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
    let amount = |it: Fen| shown.amount(it);
    let row = |((kind, name), paid): ((&str, &str), Fen)| {
        let (paid, in_scope) = (amount(paid), amount(shared.in_scope));
        json!({
            "fund_pay_type": kind,
            "fund_pay_type_name": name,
            "inscp_scp_amt": in_scope,
            "crt_payb_lmt_amt": Value::Null,
            "fund_payamt": paid,
            "setl_proc_info": Value::Null,
        })
    };
    rows.into_iter().filter(|(_, paid)| !paid.is_zero()).map(row).collect()
}

/// 清算类别: 41 药店购药, 11 门诊.
fn clr_type(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Pharmacy => "41",
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
