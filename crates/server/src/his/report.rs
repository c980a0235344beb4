//! What is reported: a line for each behaviour, passed, failed or not offered, for people and as JSON.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// All behaviours: number, Chinese and English name.
pub const BEHAVIOURS: &[(&str, &str, &str)] = &[
    ("sign", "签到、签退 9001 9002", "sign in and out"),
    ("person", "人员信息获取 1101", "who a patient is"),
    ("catalogue", "目录下载 1301 9102", "a catalogue is downloaded once"),
    ("mapping", "目录对照上传、撤销 3301 3302", "own codes are mapped and taken back"),
    ("visit", "门诊挂号、就诊信息、明细上传 2201 2203 2204", "a visit is registered and its lines uploaded"),
    ("outpatient", "门诊预结算、结算 2206 2207", "out-patient bills"),
    ("pharmacy", "药店预结算、结算 2101 2102", "pharmacy bills"),
    ("stay", "入院、出院 2401 2402", "admission and discharge"),
    ("charges", "住院费用明细与冲减 2301", "charges of a stay and corrections"),
    ("inpatient", "住院预结算、结算 2303 2304", "in-patient bills"),
    ("cancel", "结算撤销 2208 2103 2305", "settlements are cancelled"),
    ("withdrawn", "明细、挂号撤销 2205 2202", "lines and visits are taken back"),
    ("stay-undone", "出院、明细、入院撤销 2405 2302 2404", "a stay is taken back step by step"),
    ("med-type", "一次就诊一个医疗类别 med_type", "one visit has one kind of treatment"),
    ("med-differs", "医疗类别不一致被拒 2206 2207 2203 2403", "another kind of treatment is refused"),
    ("1312", "医保目录信息查询 1312", "what is covered, and what is limited"),
    ("limited", "限制使用标志与目录一致 lmt_used_flag", "a line tells the limit of its item"),
    ("approval", "审批标志决定明细是否自费 hosp_appr_flag", "a line counts as its approval says"),
    ("unapproved", "限制使用项目未经审批为自费", "a limited item without approval is self-paid"),
    ("flag-kept", "冲减须重复原明细的审批标志 2301", "a correction repeats the approval of its line"),
    ("trace-none", "要求追溯码时，未传被拒 durg_trac_info", "a drug without its trace code is refused"),
    ("trace-used", "追溯码已用过被拒", "a pack is sold once"),
    ("trace-freed", "撤销后追溯码可再用", "a pack that came back is sold again"),
    ("I1", "总费用＝基金＋个人负担＋医院负担 I1", "bill = funds + patient + hospital"),
    ("I2", "个人负担＝个账＋现金 I2", "patient = accounts + cash"),
    ("I3", "基金合计＝各项基金之和 I3", "funds add up"),
    ("I4", "总费用＝自费＋超限价＋先行自付＋符合范围 I4", "bill = the four parts of its lines"),
    ("I5", "个账支付包含共济支付 I5", "accounts contain relatives' money"),
    ("I6", "基金明细之和＝基金＋个账＋医院负担 I6", "rows of funds add up"),
    ("I7", "余额只减少本人个账支付 I7", "the balance falls by own money only"),
    ("I8", "明细金额＝数量×单价＝四项之和 I8", "a line is count × price and its parts"),
    ("I9", "先行自付＝金额×自付比例 I9", "first-pay share of a line"),
    ("I10", "明细之和＝结算各项 I10", "lines add up to the bill"),
    ("I11", "撤销各项取负、余额恢复 I11", "a cancellation mirrors its settlement"),
    ("I12", "结算与预结算一致 I12", "a settlement repeats its preview"),
    ("infcode", "infcode 是数字 0 或 −1", "infcode is a number"),
    ("decimals", "金额保留两位小数", "amounts have two decimals"),
    ("same", "相同 msgid 得到相同应答", "the same msgid gets the same bytes"),
    ("reused", "msgid 相同、内容不同被拒 KEY_REUSED", "another body under a msgid is refused"),
    ("asked", "报文结果查询 GJ01", "what became of a message"),
    ("reversed", "冲正 2601", "a lost message is reversed"),
    ("barred", "冲正未到达的报文后，该报文被拒", "a message that never came is barred"),
    ("unknown", "未知交易编号被拒", "an unknown number is refused"),
    ("signature", "签名错误得到 401", "a wrong signature is turned away"),
    ("stale", "时间戳过期得到 401", "a stale time is turned away"),
    ("sealed", "应答签名、加密正确 cainfo", "answers are signed and encrypted rightly"),
    ("5201", "就诊信息查询 5201", "visits are told"),
    ("5202", "诊断信息查询 5202", "diagnoses are told as they were stated"),
    ("5203", "结算信息查询与结算一致 5203", "a settlement is told as it was"),
    ("5204", "费用明细查询与结算一致 5204", "lines are told as they were settled"),
    ("5205", "慢特病用药查询 5205", "medicines of chronic diseases"),
    ("5206", "累计信息查询 5206", "sums of the year"),
    ("totals", "对总账 3201", "totals of a day"),
    ("details", "对明细账 9101 3202 9102", "differences of a day, one by one"),
    ("planted", "清单少列一行，明细账指出该行", "a row left out is found"),
    ("kept", "已应答的结算都在账上，金额一致", "what was answered is kept as answered"),
    ("agrees", "按 memo 处理后总账相符", "totals agree after the repairs"),
];

/// What is known of a behaviour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    passed: u32,
    failed: u32,
    reason: Option<String>,
    missing: bool,
}

/// A report on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    seen: BTreeMap<&'static str, Seen>,
    /// Messages that were sent.
    pub messages: u32,
    /// Answers that were thrown away.
    pub lost: u32,
    /// Bills that were settled.
    pub bills: u32,
    /// Messages that were given up and reversed.
    pub given_up: u32,
    /// Bills and cancellations that were left to the night.
    pub left: u32,
    /// Differences that the night found and repaired.
    pub differences: u32,
}

/// How a behaviour came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was as it should be each time.
    Pass,
    /// It was not, at least once.
    Fail,
    /// The other side does not know it, or nothing led to it.
    NotOffered,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "PASS",
            Verdict::Fail => "FAIL",
            Verdict::NotOffered => "NOT OFFERED",
        }
    }
}

impl Report {
    fn of(&mut self, what: &'static str) -> &mut Seen {
        debug_assert!(BEHAVIOURS.iter().any(|(it, ..)| *it == what), "{what} is in the table");
        self.seen.entry(what).or_default()
    }

    /// A behaviour was as it should be, or the first reason why not.
    pub fn check(&mut self, what: &'static str, right: bool, reason: impl FnOnce() -> String) {
        let seen = self.of(what);
        match right {
            true => seen.passed += 1,
            false => {
                seen.failed += 1;
                seen.reason.get_or_insert_with(reason);
            }
        }
    }

    /// The other side does not know the transaction.
    pub fn not_offered(&mut self, what: &'static str) {
        self.of(what).missing = true;
    }

    /// How a behaviour came out.
    pub fn verdict(&self, what: &str) -> Verdict {
        match self.seen.get(what) {
            Some(it) if it.failed > 0 => Verdict::Fail,
            Some(it) if it.passed > 0 => Verdict::Pass,
            Some(_) | None => Verdict::NotOffered,
        }
    }

    /// Behaviours that failed, each with the first reason.
    pub fn failures(&self) -> Vec<(&'static str, String)> {
        let failed = self.seen.iter().filter(|(_, it)| it.failed > 0);
        failed.map(|(what, it)| (*what, it.reason.clone().unwrap_or_default())).collect()
    }

    fn remark(&self, what: &str) -> String {
        let Some(seen) = self.seen.get(what) else { return "没有走到 not reached".to_owned() };
        let times = seen.passed + seen.failed;
        match (&seen.reason, seen.missing) {
            (Some(reason), _) => format!("{} / {times}  {reason}", seen.failed),
            (None, true) if times == 0 => "对方未提供 unknown there".to_owned(),
            (None, true) => format!("{times}（部分交易未提供 partly）"),
            (None, false) => times.to_string(),
        }
    }

    /// The report for people.
    pub fn printed(&self) -> String {
        let mut text = String::new();
        for (what, zh, en) in BEHAVIOURS {
            let (word, remark) = (self.verdict(what).word(), self.remark(what));
            writeln!(text, "{word:<12}{what:<12}{zh}  {en}  {remark}").expect("a String grows");
        }
        let Report { messages, lost, bills, given_up, left, differences, .. } = self;
        let failed = self.failures().len();
        write!(
            text,
            "\n报文 messages {messages}，丢失应答 lost {lost}，结算 bills {bills}，放弃并冲正 given up {given_up}，\
             留待对账 left {left}，对账差异 differences {differences}，失败 failed {failed}\n"
        )
        .expect("a String grows");
        text
    }

    /// The report as JSON.
    pub fn json(&self) -> Value {
        let row = |(what, zh, en): &(&str, &str, &str)| {
            let seen = self.seen.get(what).cloned().unwrap_or_default();
            json!({
                "id": what, "zh": zh, "en": en, "verdict": self.verdict(what).word(),
                "passed": seen.passed, "failed": seen.failed, "reason": seen.reason,
            })
        };
        json!({
            "behaviours": BEHAVIOURS.iter().map(row).collect::<Vec<Value>>(),
            "messages": self.messages, "lost": self.lost, "bills": self.bills, "given_up": self.given_up,
            "left": self.left, "differences": self.differences, "failed": self.failures().len(),
        })
    }
}
