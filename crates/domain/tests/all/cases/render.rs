//! What came out, in the words of the cases.

use super::world::{RELATIONS, World};
use domain::binding::{Binding, Status};
use domain::decision::{Decision, Found};
use domain::ids::{BindingNo, InstitutionCode, PersonNo, SettlementNo};
use domain::ledger::Part;
use domain::reason::{Arg, Reason};

/// A person's name in the case.
pub(crate) fn name(world: &World<'_>, person: PersonNo) -> String {
    world.names.get(&person).cloned().unwrap_or_else(|| format!("人{person}"))
}

/// A reason with its facts: `CODE(甲, 2025-06-16)`.
pub(crate) fn reason(world: &World<'_>, reason: &Reason) -> String {
    let args: Vec<String> = reason.args().iter().map(|(name, it)| arg(world, name, it)).collect();
    format!("{}({})", reason.code(), args.join(", "))
}

fn arg(world: &World<'_>, field: &str, arg: &Arg) -> String {
    match arg {
        Arg::Number(it) if field == "binding" => pair(world, BindingNo(*it)),
        Arg::Number(it) if matches!(field, "settlement" | "first" | "by") => bill(world, SettlementNo(*it)),
        Arg::Person(it) => name(world, *it),
        Arg::Area(it) => it.to_string(),
        Arg::Day(it) => it.to_string(),
        Arg::Moment(it) => it.to_string(),
        Arg::Money(it) => it.to_string(),
        Arg::Number(it) => it.to_string(),
        Arg::Institution(it) => InstitutionCode::to_string(it),
        Arg::Relation(it) => RELATIONS.iter().find(|(_, r)| r == it).map_or("?", |(word, _)| word).to_owned(),
        Arg::Relations(all) => all.iter().map(|it| it.word()).collect::<Vec<_>>().join(" "),
        Arg::Word(_, word) | Arg::WordOf(_, word, _) => (*word).to_owned(),
        Arg::Text(it) => it.clone(),
    }
}

fn pair(world: &World<'_>, binding: BindingNo) -> String {
    let binding = world.facts.bindings.get(&binding);
    binding.map_or("?".to_owned(), |it| format!("{}→{}", name(world, it.giver), name(world, it.beneficiary)))
}

/// The label of a settlement in the case.
fn bill(world: &World<'_>, no: SettlementNo) -> String {
    let labelled = world.bills.iter().find(|(_, it)| it.settlement == Some(no));
    labelled.map_or("未记名".to_owned(), |(label, _)| label.clone())
}

/// How a binding stands now.
pub(crate) fn status(world: &World<'_>, binding: &Binding) -> String {
    match binding.status(world.now) {
        Status::Awaiting(side, _) => format!("待{}确认", name(world, binding.person_on(side))),
        Status::Lapsed(_) => "逾期未确认".to_owned(),
        Status::InReview(_) => "审核中".to_owned(),
        Status::Refused => "未成立".to_owned(),
        Status::NotYet(from) => format!("{}起生效", from.day()),
        Status::Ended(since) => format!("已于{since}结束"),
        Status::NeedsDecision => "待处理".to_owned(),
        Status::OnHold(_) => "已暂停".to_owned(),
        Status::InForce => match binding.ends_at() {
            Some(end) => format!("生效至{end}"),
            None => "生效".to_owned(),
        },
    }
}

/// What kept money back, in the order of the steps.
pub(crate) fn unpaid(world: &World<'_>, decision: &Decision) -> Vec<String> {
    let fails = decision.steps.iter().filter_map(|it| match &it.found {
        Found::Fails(reason) => Some(reason),
        Found::Holds(_) | Found::Amount(..) | Found::Pays(_) | Found::BoughtBy(_) => None,
    });
    fails.map(|it| reason(world, it)).collect()
}

/// The values of the law that the steps cite: `parameter region first-day`.
pub(crate) fn cited(decision: &Decision) -> Vec<String> {
    let cites = decision.steps.iter().filter_map(|it| it.cite);
    cites
        .map(|it| {
            let name = domain::parameters::NAMES.get(usize::from(it.param)).copied().unwrap_or("?");
            format!("{name} {} {}", it.region, it.from)
        })
        .collect()
}

/// Prior-year and current-year money among parts of a draw, as seen from `year`.
pub(crate) fn two_parts(parts: &[(Part, domain::money::Fen)], year: i16) -> [String; 2] {
    let sum = |prior| -> domain::money::Fen {
        parts.iter().filter(|(part, _)| part.is_prior_in(year) == prior).map(|(_, amount)| *amount).sum()
    };
    [sum(true), sum(false)].map(|it| it.to_string())
}
