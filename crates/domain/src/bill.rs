//! Bill lines and their adjudication (费用分割): each line split into the national amounts (R-J2, R-J4, I8 to I10).

use crate::benefit::Whom;
use crate::catalogue::{Class, Edition, State};
use crate::day::{Day, Moment};
use crate::decision::Law;
use crate::facts::Facts;
use crate::ids::{Area, InstitutionCode};
use crate::law::Policies;
use crate::money::{Fen, Price, Quantity, Share};
use crate::parameters::{PriceLimit, ServiceClass, ServiceClasses};
use crate::policy::Cite;
use crate::reason::Reason;
use crate::trace::Trace;
use serde::{Deserialize, Serialize};

/// A line as the institution sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The institution's number of the line, unique in the visit (`feedetl_sn`).
    pub sn: String,
    /// National code of the item (`med_list_codg`).
    pub code: String,
    /// The institution's own code of the item (`medins_list_codg`).
    pub own_code: String,
    /// When it arose (`fee_ocur_time`), where that is said.
    pub arose: Option<Moment>,
    /// How many.
    pub count: Quantity,
    /// Price of one.
    pub price: Price,
    /// What the line costs, as stated; must be count × price (I8).
    pub cost: Fen,
    /// The institution's doctor found the restriction of the item not met: self-paid (`hosp_appr_flag` 2).
    pub self_paid: bool,
    /// Trace codes of the packs that it sells (`durg_trac_info`), of a drug (R-J5).
    pub traces: Vec<Trace>,
}

/// What takes back part of a line of a stay, or all of it: a line with negative count and cost, as the institution
/// sends it, which names the line it corrects (`init_feedetl_sn`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The line that is corrected.
    pub corrects: String,
    /// What is taken back: of the same item at the same price.
    pub line: Line,
}

/// Why a line counts as it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// A row of the catalogue, by its class.
    Row(crate::catalogue::RowNo, Class),
    /// A service item that the area's list has as class 甲 or 乙.
    Service(Class),
    /// Not in the catalogue, by the checked list.
    NotInCatalogue,
    /// A service item that the area's list leaves out.
    ServiceOut,
    /// The restriction of the item is not met.
    RestrictionNotMet,
}

/// A line split into the national amounts; they always add up to what the line costs (I8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Why.
    pub basis: Basis,
    /// What the line costs.
    pub cost: Fen,
    /// 全自费.
    pub full_self: Fen,
    /// 超限价.
    pub over_limit: Fen,
    /// 先行自付.
    pub first_pay: Fen,
    /// 符合政策范围.
    pub in_scope: Fen,
    /// The first-pay share: nothing for 甲, the area's for 乙, the whole for what is outside.
    pub first_pay_share: Share,
    /// The highest price of one unit that counts, where there is one.
    pub price_limit: Option<Fen>,
    /// Whether the catalogue limits whom or what the item is paid for.
    pub limited: bool,
}

/// Whose law and whose prices a bill is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judged {
    /// The patient's area (R-C3).
    pub area: Area,
    /// The institution whose own codes may be mapped.
    pub institution: InstitutionCode,
    /// The service day.
    pub day: Day,
    /// Level, category, age.
    pub whom: Whom,
}

/// What a bill line needs of the law, found once for the bill.
struct LineLaw<'a> {
    first_pay: (Share, Cite),
    services: &'a ServiceClasses,
    limits: &'a [PriceLimit],
}

/// Splits all lines, or says everything that forbids it: no catalogue, lines that are not mapped, silent law.
/// The second part of the answer is what names the first-pay share.
///
/// # Errors
/// All reasons: [`Reason::NoCatalogue`], [`Reason::ItemNotMapped`] for each such line, [`Reason::NoPolicy`].
pub fn adjudicate(
    lines: &[Line],
    judged: Judged,
    facts: &Facts,
    law_book: &Law,
) -> Result<(Vec<Split>, Cite), Vec<Reason>> {
    let Some(edition) = law_book.edition(judged.day) else {
        return Err(vec![Reason::NoCatalogue { day: judged.day }]);
    };
    let law =
        line_law(judged.area, judged.day, &law_book.policies).map_err(|it| vec![Reason::NoPolicy(it)])?;
    let mut reasons = Vec::new();
    let mut splits = Vec::new();
    for (number, line) in (1_u16..).zip(lines.iter().take(crate::bill_checks::MOST_STAY_LINES)) {
        let code = facts.national_code(judged.institution, line);
        let basis = basis(code, edition, law.services);
        match if line.self_paid { Some(Basis::RestrictionNotMet) } else { basis } {
            Some(basis) => {
                let limited = edition.is_limited(code);
                splits.push(Split { limited, ..split(line, code, basis, &law, judged.whom) });
            }
            None => reasons.push(Reason::ItemNotMapped { line: number }),
        }
    }
    if reasons.is_empty() { Ok((splits, law.first_pay.1)) } else { Err(reasons) }
}

fn line_law(area: Area, day: Day, policies: &Policies) -> Result<LineLaw<'_>, crate::policy::Silent> {
    let law = &policies.parameters;
    let first_pay = law.class_b_first_pay.on(area, day)?;
    Ok(LineLaw {
        first_pay: (first_pay.value.0, first_pay.cite),
        services: law.service_classes.on(area, day)?.value,
        limits: law.price_limits.on(area, day)?.value,
    })
}

/// How a cost counts in an area on a day where no price limit takes anything of it, and what names the first-pay share:
/// the worked example of the look-up (R-J2), split as a line of a bill is.
///
/// # Errors
/// [`crate::policy::Silent`] where the area's law says nothing.
pub fn example(
    policies: &Policies,
    area: Area,
    day: Day,
    basis: Basis,
    cost: Fen,
) -> Result<(Split, Cite), crate::policy::Silent> {
    let (share, cite) = line_law(area, day, policies)?.first_pay;
    Ok((split_within(basis, cost, share), cite))
}

/// How a code counts; `None` where nobody has decided.
pub(crate) fn basis(code: &str, edition: &Edition, services: &ServiceClasses) -> Option<Basis> {
    match edition.state_of(code) {
        State::In { row, class } => Some(Basis::Row(row, class)),
        State::NotIn { .. } => Some(Basis::NotInCatalogue),
        State::NotMapped => service_basis(code, services),
    }
}

/// The first-pay share (先行自付比例): nothing for 甲, the area's for 乙, the whole for what is outside (R-J2).
pub(crate) fn first_pay_share(basis: Basis, of_class_b: Share) -> Share {
    match basis {
        Basis::Row(_, Class::A) | Basis::Service(Class::A) => Share::NONE,
        Basis::Row(_, Class::B) | Basis::Service(Class::B) => of_class_b,
        Basis::NotInCatalogue | Basis::ServiceOut | Basis::RestrictionNotMet => Share::WHOLE,
    }
}

/// The class of a service item: the longest prefix of its code decides; no prefix, no class.
fn service_basis(code: &str, classes: &ServiceClasses) -> Option<Basis> {
    let is_service = code.len() == 15 && code.bytes().all(|it| it.is_ascii_digit());
    let class =
        (1..=code.len()).rev().filter(|_| is_service).find_map(|it| classes.0.get(code.get(..it)?))?;
    Some(match class {
        ServiceClass::A => Basis::Service(Class::A),
        ServiceClass::B => Basis::Service(Class::B),
        ServiceClass::Out => Basis::ServiceOut,
    })
}

/// The split of a cost of which no price limit takes anything.
fn split_within(basis: Basis, cost: Fen, of_class_b: Share) -> Split {
    let first_pay_share = first_pay_share(basis, of_class_b);
    let nothing = Split {
        basis,
        cost,
        full_self: Fen::ZERO,
        over_limit: Fen::ZERO,
        first_pay: Fen::ZERO,
        in_scope: Fen::ZERO,
        first_pay_share,
        price_limit: None,
        limited: false,
    };
    if matches!(basis, Basis::NotInCatalogue | Basis::ServiceOut | Basis::RestrictionNotMet) {
        return Split { full_self: cost, ..nothing };
    }
    // Rounding, first place of two (R-E17): a line's first-pay, half up to the fen.
    let (first_pay, in_scope) = cost.split(cost.share_half_up(first_pay_share));
    Split { first_pay, in_scope, ..nothing }
}

fn split(line: &Line, code: &str, basis: Basis, law: &LineLaw<'_>, whom: Whom) -> Split {
    if matches!(basis, Basis::NotInCatalogue | Basis::ServiceOut | Basis::RestrictionNotMet) {
        return split_within(basis, line.cost, law.first_pay.0);
    }
    let fits =
        |it: &&PriceLimit| it.code == code && it.level.as_ref().is_none_or(|it| it.contains(&whom.level));
    let price_limit = law.limits.iter().find(fits).map(|it| it.yuan);
    let most = price_limit.and_then(|it| line.count.times_half_up(Price::of(it))).unwrap_or(line.cost);
    let (within, over_limit) = line.cost.split(most);
    Split { cost: line.cost, over_limit, price_limit, ..split_within(basis, within, law.first_pay.0) }
}
