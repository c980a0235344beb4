//! Expected against what came out, in Chinese.

use super::format::{Expected, LineSplit, Paid};
use super::render;
use super::world::{World, area};
use domain::decision::{Answer, Decision, NoticeKind, Outcome};
use domain::facts::Settlement;
use domain::ledger::Account;
use domain::money::{Fen, Total};

/// What a step came to: a decision, or an amount that was asked for.
pub(crate) struct Came {
    pub(crate) decision: Option<Decision>,
    pub(crate) usable: Option<Fen>,
    pub(crate) why_not: Vec<String>,
    /// Whether it is the very answer of the step with this label.
    pub(crate) same_as: Option<bool>,
}

/// Everything that differs, a line each.
pub(crate) fn differences(world: &World<'_>, expected: &Expected, came: &Came) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(decision) = &came.decision {
        let got: Vec<String> = decision.reasons().iter().map(|it| render::reason(world, it)).collect();
        codes("拒绝", expected.refused.as_deref().unwrap_or_default(), &got, &mut wrong);
        if let Some(paid) = world.settlement(decision) {
            settled(world, expected, paid, &mut wrong);
        } else if says_amounts(expected) && got.is_empty() {
            wrong.push("  期望结算金额, 实际没有结算".to_owned());
        }
        if let Some(unpaid) = &expected.unpaid {
            codes("未付原因", unpaid, &render::unpaid(world, decision), &mut wrong);
        }
        lines(expected, decision, &mut wrong);
        notices(world, expected, decision, &mut wrong);
        for cite in expected.cited.iter().filter(|it| !render::cited(decision).contains(it)) {
            wrong.push(format!("  依据: 期望 {cite}, 实际 {:?}", render::cited(decision)));
        }
    } else {
        codes("未付原因", expected.unpaid.as_deref().unwrap_or_default(), &came.why_not, &mut wrong);
    }
    let usable = came.usable.map(|it| it.to_string());
    text("可用", expected.usable.as_ref(), usable.as_deref().unwrap_or("(未问)"), &mut wrong);
    if came.same_as == Some(false) {
        wrong.push("  期望与先前的答复完全相同, 实际不同".to_owned());
    }
    standing(world, expected, &mut wrong);
    wrong
}

fn text(what: &str, expected: Option<&String>, got: &str, wrong: &mut Vec<String>) {
    if let Some(expected) = expected.filter(|it| *it != got) {
        wrong.push(format!("  {what}: 期望 {expected}, 实际 {got}"));
    }
}

/// Codes in order; one with brackets is compared with its facts.
fn codes(what: &str, expected: &[String], got: &[String], wrong: &mut Vec<String>) {
    let bare = |it: &str| it.split('(').next().unwrap_or_default().to_owned();
    let same =
        |(one, other): (&String, &String)| if one.contains('(') { one == other } else { *one == bare(other) };
    if expected.len() != got.len() || !expected.iter().zip(got).all(same) {
        wrong.push(format!("  {what}: 期望 {expected:?}\n  {what}: 实际 {got:?}"));
    }
}

fn says_amounts(expected: &Expected) -> bool {
    let amounts = [&expected.total, &expected.fund, &expected.personal, &expected.accounts, &expected.cash];
    amounts.iter().any(|it| it.is_some()) || expected.paid.is_some()
}

fn settled(world: &World<'_>, expected: &Expected, it: &Settlement, wrong: &mut Vec<String>) {
    let amounts = [
        ("总额", &expected.total, it.shared.total),
        ("统筹", &expected.fund, it.shared.fund()),
        ("个人负担", &expected.personal, it.shared.personal()),
        ("起付线", &expected.deductible, it.shared.tally.deductible),
        ("账户支付", &expected.accounts, it.accounts()),
        ("共济支付", &expected.shared, it.from_relatives()),
        ("现金", &expected.cash, it.cash),
        ("本人余额", &expected.own_balance, it.balance_after),
    ];
    for (what, expected, got) in amounts {
        text(what, expected.as_ref(), &got.to_string(), wrong);
    }
    let agent = it.bought_by.map(|it| render::name(world, it.agent));
    text("代购人", expected.bought_by.as_ref(), agent.as_deref().unwrap_or("(本人)"), wrong);
    if let Some(expected) = &expected.paid {
        let paid = it.draws.iter().map(|draw| {
            let [prior, current] = render::two_parts(&draw.parts, it.at.day().year());
            Paid { who: render::name(world, draw.owner), prior, current }
        });
        let paid: Vec<Paid> = paid.collect();
        if *expected != paid {
            wrong.push(format!("  付款: 期望 {}\n  付款: 实际 {}", payments(expected), payments(&paid)));
        }
    }
}

fn payments(paid: &[Paid]) -> String {
    let one = |it: &Paid| format!("{} 往年 {} 当年 {}", it.who, it.prior, it.current);
    paid.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn lines(expected: &Expected, decision: &Decision, wrong: &mut Vec<String>) {
    let (Some(expected), Outcome::Done(done)) = (&expected.lines, &decision.outcome) else { return };
    let (Answer::Settled(_, splits) | Answer::Lines(splits)) = &done.answer else { return };
    let line = |(sn, it): &(String, domain::bill::Split)| LineSplit {
        sn: sn.clone(),
        full_self: it.full_self.to_string(),
        over_limit: it.over_limit.to_string(),
        first_pay: it.first_pay.to_string(),
        in_scope: it.in_scope.to_string(),
    };
    let got: Vec<LineSplit> = splits.iter().map(line).collect();
    if *expected != got {
        wrong.push(format!("  明细: 期望 {expected:?}\n  明细: 实际 {got:?}"));
    }
}

fn notices(world: &World<'_>, expected: &Expected, decision: &Decision, wrong: &mut Vec<String>) {
    let (Some(expected), Some(changes)) = (&expected.notices, decision.changes()) else { return };
    let what = |kind| match kind {
        NoticeKind::PleaseConfirm => "请确认",
        NoticeKind::InForce => "已生效",
        NoticeKind::Ended => "结束",
        NoticeKind::NeedsDecision => "待处理",
        NoticeKind::OnHold => "已暂停",
        NoticeKind::LinesShown => "可看明细",
        NoticeKind::LinesHidden => "不可看明细",
        NoticeKind::ProxyEntrusted => "已委托代购",
        NoticeKind::ProxyReceived => "受托代购",
        NoticeKind::ProxyRevoked => "代购已撤销",
        NoticeKind::ProxyUsed => "代购已买",
        NoticeKind::ProxyReturned => "代购已退",
        NoticeKind::AmendmentProposed => "已申请更正",
        NoticeKind::AmendmentApproved => "已更正",
        NoticeKind::AmendmentRejected => "更正未批准",
        NoticeKind::AmendmentWithdrawn => "更正已撤回",
        NoticeKind::CodeAsked => "请同意出示码",
        NoticeKind::CodeShown => "码可被出示",
        NoticeKind::CodeLinked => "可出示码",
        NoticeKind::CodeUndone => "亲情账户已取消",
        NoticeKind::InReview => "审核中",
        NoticeKind::ReviewRefused => "审核未通过",
    };
    let got: Vec<[String; 2]> =
        changes.notices.iter().map(|it| [render::name(world, it.to), what(it.what).to_owned()]).collect();
    if *expected != got {
        wrong.push(format!("  通知: 期望 {expected:?}\n  通知: 实际 {got:?}"));
    }
}

/// Balances, statuses, debts: how the world stands after the step.
fn standing(world: &World<'_>, expected: &Expected, wrong: &mut Vec<String>) {
    let year = world.now.day().year();
    let both = |account| {
        let balance = world.balance(account);
        [balance.prior_in(year).to_string(), balance.current_in(year).to_string()]
    };
    for (name, expected) in &expected.balances {
        let got = both(world.account(name));
        if *expected != got {
            wrong.push(format!("  {name}余额(往年, 当年): 期望 {expected:?}, 实际 {got:?}"));
        }
    }
    for (pair, expected) in &expected.quotas {
        let got = both(Account::Quota(world.binding(pair).unwrap_or_else(|| panic!("没有共济关系 {pair}"))));
        if *expected != got {
            wrong.push(format!("  {pair}额度余额(往年, 当年): 期望 {expected:?}, 实际 {got:?}"));
        }
    }
    for (pair, expected) in &expected.statuses {
        let binding = world.binding(pair).and_then(|it| world.facts.bindings.get(&it));
        let got = binding.map_or_else(|| "无".to_owned(), |it| render::status(world, it));
        text(&format!("{pair}状态"), Some(expected), &got, wrong);
    }
    let sum = |account: &Account| world.sums.get(account).copied().unwrap_or(Total::ZERO);
    for (name, expected) in &expected.owed {
        let Account::Personal(person, area) = world.account(name) else { continue };
        let got = sum(&Account::Receivable(person, area)).negated().to_string();
        text(&format!("{name}欠款"), Some(expected), &got, wrong);
    }
    for (pair, expected) in &expected.clearing {
        let (from, to) = pair.split_once('→').unwrap_or_else(|| panic!("`{pair}` is not 甲→乙"));
        let got = sum(&Account::Interarea(area(from), area(to))).to_string();
        text(&format!("清算 {pair}"), Some(expected), &got, wrong);
    }
    if let Some(expected) = &expected.trace {
        let (pair, expected) = expected.split_once(": ").expect("甲→乙: 痕迹");
        let binding = world.binding(pair).and_then(|it| world.facts.bindings.get(&it)).expect("bound");
        let clerk = binding.started.clerk.map_or(String::new(), |it| format!(" 经办员{}", it.token));
        let got = format!(
            "{}发起 {}{clerk} {} 承诺书{} 第{}版 记于{}",
            render::name(world, binding.person_on(binding.started.by)),
            binding.started.channel.word(),
            binding.started.at,
            binding.commitment.version,
            binding.version,
            binding.recorded,
        );
        text(&format!("{pair}留痕"), Some(&expected.to_owned()), &got, wrong);
    }
}
