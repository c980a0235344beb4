//! What each kind of step asks for.

use super::compare::{Came, differences};
use super::format::{Case, Charge, Step};
use super::law;
use super::render;
use super::world::*;
use domain::asking::{Question, prospects};
use domain::bill::Line;
use domain::binding::Limits;
use domain::clerk::Clerk;
use domain::credential::Credential;
use domain::decision::{Answer, Decision, Outcome};
use domain::ids::{Digest, InstitutionCode, Lookup, PersonNo, SettlementNo, VisitNo};
use domain::money::{Fen, Price, Quantity};
use domain::people::Suspension;
use domain::request::*;
use domain::trace::{Trace, TraceCode};
use domain::words::{Capability, Care, Channel, CredentialKind, InstitutionKind, Proof, Scheme};

/// Runs a case; everything that differs from what was signed.
pub(crate) fn run(case: &Case) -> Vec<String> {
    let assumed = (!case.assumed.is_empty()).then(|| law::with(&case.assumed));
    let mut world = World::of(case, assumed.as_ref().unwrap_or(law::LAW));
    let mut all = Vec::new();
    for (number, step) in (1..).zip(&case.steps) {
        let came = taken(&mut world, step);
        let wrong = differences(&world, &step.expected, &came);
        if !wrong.is_empty() {
            let who = step.who.as_deref().or(step.giver.as_deref()).unwrap_or_default();
            all.push(format!("  《{}》第 {number} 步 {}{who}:\n{}", case.name, step.act, wrong.join("\n")));
        }
    }
    all
}

fn taken(world: &mut World<'_>, step: &Step) -> Came {
    if let Some(decision) = super::stays::taken(world, step).or_else(|| super::hall::taken(world, step)) {
        return Came { decision: Some(decision), usable: None, why_not: Vec::new(), same_as: None };
    }
    let decision = match step.act.as_str() {
        "时间" => {
            world.now = moment(need(&step.to, "到"));
            None
        }
        "看" => None,
        "问可用额" => return asked(world, step),
        "结算" => Some(settle(world, step)),
        "预结算" => Some(settle(&mut world.clone(), step)),
        "登记" => Some(register(world, step)),
        "就诊信息" => Some(state(world, step)),
        "上传" => Some(upload(world, step)),
        "结批" => Some(settle_batch(world, step)),
        "撤销" | "撤销住院结算" | "部分退费" | "冲正" | "撤销登记" | "删除费用" => {
            Some(undo(world, step))
        }
        "绑定" => Some(bind(world, step)),
        "委托代购" | "撤销代购" => Some(super::proxies::taken(world, step)),
        "入账" | "扣回" | "参保" | "参保变更" | "死亡" | "设机构" | "机构变更" | "对照" | "撤销对照"
        | "亲情账户" | "同意亲情账户" => Some(office(world, step)),
        _ => Some(change_binding(world, step)),
    };
    let same_as = step.expected.same_as.as_ref().map(|label| {
        let first = world.bills.get(label).and_then(|it| world.answers.get(&it.key));
        first.is_some() && first == decision.as_ref()
    });
    Came { decision, usable: None, why_not: Vec::new(), same_as }
}

pub(crate) fn need<'s>(field: &'s Option<String>, what: &str) -> &'s str {
    field.as_deref().unwrap_or_else(|| panic!("这一步没有写{what}"))
}

pub(crate) fn person(field: &Option<String>, what: &str) -> Lookup {
    lookup("人", need(field, what))
}

pub(crate) fn at(step: &Step) -> InstitutionCode {
    place(need(&step.at, "在"))
}

fn credential(kind: &str, holder: &str, serial_of: Option<&str>) -> Credential {
    let kinds = [
        ("医保码", CredentialKind::Code),
        ("身份证", CredentialKind::IdDocument),
        ("社保卡", CredentialKind::Card),
    ];
    let serial = serial_of.map(|it| lookup("社保卡", it));
    Credential { kind: word(kind, &kinds), holder: lookup(kind, holder), serial, spoiled: None }
}

pub(crate) fn own_credential(step: &Step) -> Credential {
    let holder = step.holder.as_deref().unwrap_or(need(&step.who, "谁"));
    credential(step.credential.as_deref().unwrap_or("医保码"), holder, step.serial_of.as_deref())
}

/// The scheme a step names, else the one the patient is in.
pub(crate) fn scheme(world: &World<'_>, step: &Step) -> Scheme {
    if let Some(text) = &step.scheme {
        return word(text, SCHEMES);
    }
    let enrolled = world.facts.lookups.get(&person(&step.who, "谁")).copied();
    let enrolment = enrolled.and_then(|it| world.facts.enrolment_on(it, world.now.day()));
    enrolment.map_or(Scheme::Resident, |it| it.scheme)
}

fn begun(world: &World<'_>, step: &Step) -> domain::day::Moment {
    step.day.as_ref().map_or(world.now, |it| if it.len() == 10 { day(it).start() } else { moment(it) })
}

pub(crate) fn lines(world: &World<'_>, charges: &[Charge]) -> Vec<Line> {
    let line = |(number, it): (usize, &Charge)| Line {
        sn: it.sn.clone().unwrap_or_else(|| (number + 1).to_string()),
        code: world.item(&it.item),
        own_code: it.own_code.clone(),
        arose: None,
        count: Quantity::parse(it.count.as_deref().unwrap_or("1")).expect("数量"),
        price: Price::parse(it.price.as_deref().unwrap_or(&it.cost)).expect("单价"),
        cost: fen(&it.cost),
        self_paid: it.self_paid,
        traces: traces(it),
    };
    let each = charges.iter().flat_map(|it| std::iter::repeat_n(it, it.times.unwrap_or(1)));
    each.enumerate().map(line).collect()
}

/// The packs of a line: short codes are filled up to twenty digits.
fn traces(it: &Charge) -> Vec<Trace> {
    let trace = |text: &String, split| {
        let code = TraceCode::parse(&format!("{text:0>20}")).expect("追溯码");
        Trace { code, split }
    };
    let whole = it.packs.iter().map(|it| trace(it, false));
    whole.chain(it.split.iter().map(|it| trace(it, true))).collect()
}

fn refused(decision: &Decision) -> bool {
    decision.changes().is_none()
}

/// A whole bill: at a pharmacy in one message, at a hospital registered, stated, uploaded and settled.
fn settle(world: &mut World<'_>, step: &Step) -> Decision {
    let kind = world.facts.institutions.get(&at(step)).map(|it| it.kind);
    if kind == Some(InstitutionKind::Pharmacy) {
        let what = What::Lines { begun: begun(world, step), lines: lines(world, &step.lines) };
        return send_bill(world, step, what, "41");
    }
    let key = Key { sender: Sender::Institution(at(step)), id: step.message.clone().unwrap_or_default() };
    if let Some(answer) = world.answers.get(&key).cloned() {
        return answer;
    }
    let registered = register(world, step);
    let Outcome::Done(done) = &registered.outcome else { return registered };
    let Answer::Visit(visit) = done.answer else { panic!("a registration answers with a visit") };
    let of = VisitRef { visit, patient: person(&step.who, "谁") };
    let med_type = step.med_type.clone().unwrap_or("11".to_owned());
    let stated = Body::StateVisit(StateVisit { of: of.clone(), med_type, begun: begun(world, step) });
    let uploaded = Body::Upload(Upload { of, batches: vec![("1".to_owned(), lines(world, &step.lines))] });
    for body in [stated, uploaded] {
        let decision = world.send(Actor::Institution(at(step)), None, body);
        if refused(&decision) {
            return decision;
        }
    }
    send_bill(world, step, What::Batch { visit, batch: "1".to_owned() }, "11")
}

pub(crate) fn send_bill(world: &mut World<'_>, step: &Step, what: What, med_type: &str) -> Decision {
    let kind = step.shown_kind.as_deref().unwrap_or("医保码");
    let shown = step.shown.iter().map(|it| credential(kind, it, None)).collect();
    let sum = || step.lines.iter().map(|it| fen(&it.cost)).sum();
    let body = Body::Settle(Settle {
        patient: person(&step.who, "谁"),
        credential: own_credential(step),
        giver_credentials: shown,
        scheme: scheme(world, step),
        med_type: step.med_type.clone().unwrap_or(med_type.to_owned()),
        what,
        total: step.total.as_deref().map_or_else(sum, fen),
        stated: step.stated.clone().map(|it| it.map(|amount| fen(&amount))),
        accounts: match step.accounts.unwrap_or(1) {
            0 => AccountFlag::None,
            1 => AccountFlag::Own,
            2 => AccountFlag::Shared,
            other => panic!("账户标志 {other}"),
        },
        repeat: step.repeat,
        proxy: super::proxies::shown(world, step),
    });
    let id = step.message.clone().unwrap_or_else(|| format!("结算{}", world.answers.len()));
    let decision = world.send(Actor::Institution(at(step)), Some(&id), body);
    if let Some(settled) = world.settlement(&decision) {
        let (visit, settlement) = (settled.visit, Some(settled.no));
        remember(world, step, &id, visit, settlement);
    }
    decision
}

pub(crate) fn remember(
    world: &mut World<'_>,
    step: &Step,
    id: &str,
    visit: VisitNo,
    settlement: Option<SettlementNo>,
) {
    let Some(label) = step.label.clone() else { return };
    let key = Key { sender: Sender::Institution(at(step)), id: id.to_owned() };
    let patient = need(&step.who, "谁").to_owned();
    world.bills.insert(label, Bill { key, patient, place: at(step), visit, settlement });
}

fn register(world: &mut World<'_>, step: &Step) -> Decision {
    let body = Body::Register(Register {
        patient: person(&step.who, "谁"),
        credential: own_credential(step),
        scheme: scheme(world, step),
        begun: begun(world, step),
        own_no: "1".to_owned(),
    });
    let decision = world.send(Actor::Institution(at(step)), None, body);
    if let (Outcome::Done(done), "登记") = (&decision.outcome, step.act.as_str()) {
        let Answer::Visit(visit) = done.answer else { panic!("a registration answers with a visit") };
        remember(world, step, "登记", visit, None);
    }
    decision
}

/// The bill a step speaks of.
pub(crate) fn which(world: &World<'_>, step: &Step) -> Bill {
    let label = need(&step.which, "哪笔");
    world.bills.get(label).cloned().unwrap_or_else(|| panic!("没有记为{label}的一笔"))
}

/// The visit a step speaks of, with the patient and place of the step where it names others.
pub(crate) fn visit_ref(world: &World<'_>, step: &Step) -> (Actor, VisitRef, Bill) {
    let bill = which(world, step);
    let patient = lookup("人", step.who.as_deref().unwrap_or(&bill.patient));
    let place = step.at.as_deref().map_or(bill.place, place);
    (Actor::Institution(place), VisitRef { visit: bill.visit, patient }, bill)
}

fn state(world: &mut World<'_>, step: &Step) -> Decision {
    let (actor, of, _) = visit_ref(world, step);
    let med_type = step.med_type.clone().unwrap_or("11".to_owned());
    world.send(actor, None, Body::StateVisit(StateVisit { of, med_type, begun: begun(world, step) }))
}

fn upload(world: &mut World<'_>, step: &Step) -> Decision {
    let (actor, of, _) = visit_ref(world, step);
    let batch = step.batch.clone().unwrap_or("1".to_owned());
    let body = Body::Upload(Upload { of, batches: vec![(batch, lines(world, &step.lines))] });
    world.send(actor, None, body)
}

/// Settles what was uploaded; the case names patient, place and the label of the visit.
fn settle_batch(world: &mut World<'_>, step: &Step) -> Decision {
    let batch = step.batch.clone().unwrap_or("1".to_owned());
    let what = What::Batch { visit: which(world, step).visit, batch };
    send_bill(world, step, what, "11")
}

fn undo(world: &mut World<'_>, step: &Step) -> Decision {
    if step.act == "冲正" && step.which.is_none() {
        let original =
            Key { sender: Sender::Institution(at(step)), id: need(&step.message, "报文").to_owned() };
        let patient = person(&step.who, "谁");
        let body = Body::Reverse(Reverse { patient, original, infno: "2102".to_owned() });
        return world.send(Actor::Institution(at(step)), None, body);
    }
    let (actor, of, bill) = visit_ref(world, step);
    let settlement = || bill.settlement.expect("这一笔没有结算");
    let body = match step.act.as_str() {
        "撤销" | "撤销住院结算" => {
            let care = if step.act == "撤销" { Care::Outpatient } else { Care::Inpatient };
            Body::Cancel(Cancel { settlement: settlement(), of, care })
        }
        "部分退费" => {
            let remaining = lines(world, &step.remaining);
            Body::RefundPart(RefundPart { settlement: settlement(), of, remaining })
        }
        "冲正" => {
            Body::Reverse(Reverse { patient: of.patient, original: bill.key, infno: "2102".to_owned() })
        }
        "撤销登记" => Body::CancelVisit(of),
        _ => Body::RemoveLines(RemoveLines { of, batch: step.batch.clone() }),
    };
    let id = step.message.clone().unwrap_or_else(|| format!("退{}", world.answers.len()));
    let decision = world.send(actor, Some(&id), body);
    let now = world.settlement(&decision).map(|it| (it.visit, it.no));
    if let (Some((visit, no)), Some(label)) = (now, step.label.clone()) {
        let Actor::Institution(place) = actor else { panic!("an institution undoes") };
        let key = Key { sender: Sender::Institution(place), id };
        world.bills.insert(label, Bill { key, patient: bill.patient, place, visit, settlement: Some(no) });
    }
    decision
}

/// In whose name a step is asked: a citizen, `窗口代X`, `窗口二代X` (another clerk), or the agency.
pub(crate) fn actor(world: &World<'_>, step: &Step, otherwise: Option<&str>) -> Actor {
    let by = step.by.as_deref().or(otherwise).unwrap_or("经办机构");
    if let Some(person) = by.strip_prefix("窗口二代") {
        return at_window(CLERK + 1, world.no(person));
    }
    match by.strip_prefix("窗口代") {
        _ if by == "经办机构" => Actor::Operator { token: OPERATOR },
        Some(person) => at_window(CLERK, world.no(person)),
        None => Actor::Citizen(world.no(by)),
    }
}

/// In these stories everybody has one token.
fn at_window(token: u64, person: PersonNo) -> Actor {
    Actor::Clerk { clerk: Clerk { token, bearer: token }, person }
}

fn limits(step: &Step) -> Limits {
    let set = step.limits.clone();
    let amount = |text: Option<String>| text.map(|it| fen(&it));
    set.map_or(Limits::default(), |it| Limits {
        per_bill: amount(it.per_bill),
        per_month: amount(it.per_month),
        per_year: amount(it.per_year),
    })
}

fn bind(world: &mut World<'_>, step: &Step) -> Decision {
    let channels = [("本人", Channel::App), ("合作平台", Channel::Partner), ("窗口", Channel::Hall)];
    let proofs = [("承诺", Proof::Commitment), ("材料", Proof::Documents)];
    let commitment = ("2025-1".to_owned(), Digest::of(&["承诺书".as_bytes()]));
    let body = Body::Bind(Bind {
        giver: person(&step.giver, "授权人"),
        beneficiary: person(&step.beneficiary, "使用人"),
        relation: word(need(&step.relation, "关系"), RELATIONS),
        channel: word(step.channel.as_deref().unwrap_or("本人"), &channels),
        commitment: (!step.unsigned).then_some(commitment),
        proof: word(step.proof.as_deref().unwrap_or("承诺"), &proofs),
        from: step.first_day.as_deref().map(day),
        last_day: step.last_day.as_deref().map(day),
        limits: limits(step),
        quota: step.quota.as_deref().map(fen),
        rank: step.rank.unwrap_or(0),
    });
    world.send(actor(world, step, step.giver.as_deref()), None, body)
}

fn change_binding(world: &mut World<'_>, step: &Step) -> Decision {
    let pair = format!("{}→{}", need(&step.giver, "授权人"), need(&step.beneficiary, "使用人"));
    let event = match step.act.as_str() {
        "确认" => BindingEvent::Confirm,
        "拒绝" => BindingEvent::Decline,
        "撤回" => BindingEvent::Withdraw,
        "审核通过" => BindingEvent::Approve(None),
        "审核不通过" => BindingEvent::Reject(Digest::of(&["理由".as_bytes()])),
        "解除" => BindingEvent::Release,
        "撤回解除" => BindingEvent::KeepOn,
        "设限额" => BindingEvent::SetLimits(step.last_day.as_deref().map(day), limits(step)),
        "设额度" => BindingEvent::SetQuota(fen(need(&step.quota, "额度"))),
        "设顺位" => BindingEvent::SetRank(step.rank.unwrap_or(0)),
        "标记待处理" => BindingEvent::MarkNeedsDecision,
        "允许再用" => BindingEvent::AllowAgain,
        "告知现状" => BindingEvent::TellStatus,
        "暂停" => BindingEvent::Hold,
        "恢复" => BindingEvent::Lift,
        "允许看明细" => BindingEvent::ShowLines,
        "不再允许看明细" => BindingEvent::HideLines,
        other => panic!("没有叫{other}的步骤"),
    };
    let binding = world.binding(&pair).unwrap_or_else(|| panic!("没有共济关系 {pair}"));
    world.send(actor(world, step, None), None, Body::ChangeBinding(ChangeBinding { binding, event }))
}

/// What the agency enters.
fn office(world: &mut World<'_>, step: &Step) -> Decision {
    let amount = |text: &Option<String>| text.as_deref().map_or(Fen::ZERO, fen);
    let who = || person(&step.who, "谁");
    let body = match step.act.as_str() {
        "入账" => {
            Body::Credit(Credit { person: who(), prior: amount(&step.prior), current: amount(&step.current) })
        }
        "扣回" => Body::TakeBack(TakeBack { person: who(), amount: amount(&step.amount) }),
        "死亡" => Body::RecordDeath(RecordDeath { person: who(), on: day(need(&step.day, "日")) }),
        "设机构" => world.institution(need(&step.at, "在"), step.place.as_ref().expect("机构")),
        "机构变更" => {
            Body::ChangeInstitution(ChangeInstitution { code: at(step), change: place_change(step) })
        }
        "对照" => {
            let [own, item] = step.mapping.clone().expect("对照");
            Body::MapItems(MapItems { institution: at(step), pairs: vec![(own, world.item(&item))] })
        }
        "撤销对照" => {
            let [own, item] = step.mapping.clone().expect("对照");
            let stated = Some(item).filter(|it| !it.is_empty()).map(|it| world.item(&it));
            Body::UnmapItems(UnmapItems { institution: at(step), codes: vec![(own, stated)] })
        }
        "参保" => Body::Enrol(Enrol {
            person: who(),
            scheme: word(need(&step.scheme, "险种"), SCHEMES),
            area: area(need(&step.area, "地区")),
            category: word(need(&step.category, "身份"), CATEGORIES),
            account: true,
            contract: false,
            from: day(need(&step.day, "日")),
        }),
        "亲情账户" => {
            let holder = lookup("人", need(&step.holder, "持证人"));
            let relation = step.relation.as_deref().map(|it| word(it, RELATIONS));
            Body::LinkFamilyCode(LinkFamilyCode { holder, member: who(), relation })
        }
        "同意亲情账户" => {
            let holder = lookup("人", need(&step.holder, "持证人"));
            Body::ConfirmFamilyCode(ConfirmFamilyCode { holder, member: who() })
        }
        _ => {
            let on = || day(need(&step.day, "日"));
            let change = match need(&step.change, "变更") {
                "暂停" => EnrolmentChange::Pause(on()),
                "恢复" => EnrolmentChange::Resume(on()),
                "终止" => EnrolmentChange::End(on()),
                "转移" => EnrolmentChange::Move(area(need(&step.area, "地区")), on()),
                "身份" => EnrolmentChange::Category(word(need(&step.category, "身份"), CATEGORIES)),
                other => panic!("没有叫{other}的变更"),
            };
            Body::ChangeEnrolment(ChangeEnrolment { person: who(), scheme: scheme(world, step), change })
        }
    };
    world.send(actor(world, step, None), None, body)
}

/// A change of an institution; a capability without a first day is there on none.
fn place_change(step: &Step) -> InstitutionChange {
    let from = step.first_day.as_deref().map(day);
    let to = step.last_day.as_deref().map(day);
    let first = || from.expect("起始日");
    let able = |what| InstitutionChange::Able(what, from.map(|it| (it, to)).into_iter().collect());
    match need(&step.change, "变更") {
        "定点" => InstitutionChange::Designate(first(), to),
        "定点终止" => InstitutionChange::EndDesignation(to.expect("终止日")),
        "暂停" => {
            InstitutionChange::Suspend(Suspension { from: first(), to, why: "核查费用".to_owned() })
        }
        "恢复" => InstitutionChange::Resume(first()),
        "门诊能力" => able(Capability::Outpatient),
        "购药能力" => able(Capability::Purchase),
        "共济能力" => able(Capability::Shared),
        other => panic!("没有叫{other}的变更"),
    }
}

/// How much of a giver's account a beneficiary may spend at a place now. The giver's code counts as shown, unless
/// the step says whose codes are.
fn asked(world: &World<'_>, step: &Step) -> Came {
    let (giver, patient) =
        (world.no(need(&step.giver, "授权人")), world.no(need(&step.beneficiary, "使用人")));
    let question = Question {
        beneficiary: patient,
        giver: Some(giver),
        institution: at(step),
        day: begun(world, step).day(),
        shown: &[giver],
    };
    let found = prospects(&world.facts, world.law, world.now, &question).expect("the nation speaks");
    let [prospect] = found.givers.as_slice() else { panic!("one giver was asked for") };
    let usable = prospect.purse.as_ref().map_or(Fen::ZERO, |(purse, _)| purse.usable);
    let why_not = prospect.reasons.iter().map(|(reason, _)| render::reason(world, reason)).collect();
    Came { decision: None, usable: Some(usable), why_not, same_as: None }
}
