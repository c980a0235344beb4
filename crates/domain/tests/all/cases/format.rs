//! How a case is written: TOML with Chinese keys, nothing unknown allowed.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A case: facts, what happens, what must come out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    #[serde(rename = "案例")]
    pub(crate) name: String,
    #[serde(rename = "规则")]
    pub(crate) rules: Vec<String>,
    #[serde(rename = "现在")]
    pub(crate) now: String,
    #[serde(rename = "说明", default)]
    #[allow(dead_code, reason = "for the reader of the case")]
    pub(crate) note: String,
    /// A file of `cases/world/` whose people, places and bindings are there too; what the case says itself wins.
    #[serde(rename = "人物表")]
    pub(crate) world: Option<String>,
    #[serde(rename = "人", default)]
    pub(crate) people: BTreeMap<String, Person>,
    #[serde(rename = "机构", default)]
    pub(crate) places: BTreeMap<String, Place>,
    #[serde(rename = "共济", default)]
    pub(crate) bindings: Vec<Bound>,
    #[serde(rename = "亲情账户", default)]
    pub(crate) links: Vec<Link>,
    #[serde(rename = "假设", default)]
    pub(crate) assumed: Vec<Assumed>,
    #[serde(rename = "步骤", default)]
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    #[serde(rename = "证件")]
    pub(crate) document: Option<String>,
    #[serde(rename = "出生")]
    pub(crate) born: Option<String>,
    #[serde(rename = "性别")]
    pub(crate) sex: Option<String>,
    #[serde(rename = "参保")]
    pub(crate) scheme: Option<String>,
    #[serde(rename = "地区")]
    pub(crate) area: Option<String>,
    #[serde(rename = "身份")]
    pub(crate) category: Option<String>,
    #[serde(rename = "参保自")]
    pub(crate) since: Option<String>,
    #[serde(rename = "无个人账户", default)]
    pub(crate) no_account: bool,
    #[serde(rename = "签约家庭医生", default)]
    pub(crate) contract: bool,
    #[serde(rename = "监护人")]
    pub(crate) guardian: Option<String>,
    #[serde(rename = "往年")]
    pub(crate) prior: Option<String>,
    #[serde(rename = "当年")]
    pub(crate) current: Option<String>,
}

impl Person {
    /// This person with what is not said here taken from `other`.
    fn over(self, other: &Person) -> Person {
        let or = |ours: Option<String>, theirs: &Option<String>| ours.or_else(|| theirs.clone());
        Person {
            document: or(self.document, &other.document),
            born: or(self.born, &other.born),
            sex: or(self.sex, &other.sex),
            scheme: or(self.scheme, &other.scheme),
            area: or(self.area, &other.area),
            category: or(self.category, &other.category),
            since: or(self.since, &other.since),
            no_account: self.no_account || other.no_account,
            contract: self.contract || other.contract,
            guardian: or(self.guardian, &other.guardian),
            prior: or(self.prior, &other.prior),
            current: or(self.current, &other.current),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    #[serde(rename = "名称", default)]
    #[allow(dead_code, reason = "for the reader of the case")]
    pub(crate) name: String,
    #[serde(rename = "类别")]
    pub(crate) kind: String,
    #[serde(rename = "等级")]
    pub(crate) level: String,
    #[serde(rename = "地区")]
    pub(crate) area: String,
    #[serde(rename = "定点自")]
    pub(crate) since: String,
    #[serde(rename = "定点止")]
    pub(crate) until: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bound {
    #[serde(rename = "授权人")]
    pub(crate) giver: String,
    #[serde(rename = "使用人")]
    pub(crate) beneficiary: String,
    #[serde(rename = "关系")]
    pub(crate) relation: String,
    #[serde(rename = "自")]
    pub(crate) since: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    #[serde(rename = "持有人")]
    pub(crate) holder: String,
    #[serde(rename = "成员")]
    pub(crate) member: String,
    #[serde(rename = "关系")]
    pub(crate) relation: String,
}

/// A value of the law that no area has, assumed for this case only.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assumed {
    #[serde(rename = "地区")]
    pub(crate) area: String,
    #[serde(rename = "事项")]
    pub(crate) parameter: String,
    /// As a policy file writes it.
    #[serde(rename = "值")]
    pub(crate) value: String,
    #[serde(rename = "自")]
    pub(crate) from: String,
}

/// One step: what is done, with what, and what must come out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    #[serde(rename = "做")]
    pub(crate) act: String,
    #[serde(rename = "谁")]
    pub(crate) who: Option<String>,
    /// In whose name; `窗口代X` is a clerk acting for X.
    #[serde(rename = "由")]
    pub(crate) by: Option<String>,
    #[serde(rename = "在")]
    pub(crate) at: Option<String>,
    #[serde(rename = "到")]
    pub(crate) to: Option<String>,
    #[serde(rename = "日")]
    pub(crate) day: Option<String>,
    #[serde(rename = "记为")]
    pub(crate) label: Option<String>,
    #[serde(rename = "哪笔")]
    pub(crate) which: Option<String>,
    #[serde(rename = "报文")]
    pub(crate) message: Option<String>,
    #[serde(rename = "费用", default)]
    pub(crate) lines: Vec<Charge>,
    #[serde(rename = "剩余", default)]
    pub(crate) remaining: Vec<Charge>,
    #[serde(rename = "批次")]
    pub(crate) batch: Option<String>,
    #[serde(rename = "总额")]
    pub(crate) total: Option<String>,
    /// Full-self, over-limit, first-pay, in-scope, as the institution repeats them.
    #[serde(rename = "申报四项")]
    pub(crate) stated: Option<[String; 4]>,
    #[serde(rename = "账户标志")]
    pub(crate) accounts: Option<u8>,
    #[serde(rename = "医疗类别")]
    pub(crate) med_type: Option<String>,
    #[serde(rename = "险种")]
    pub(crate) scheme: Option<String>,
    #[serde(rename = "凭证")]
    pub(crate) credential: Option<String>,
    #[serde(rename = "持证人")]
    pub(crate) holder: Option<String>,
    #[serde(rename = "卡面属于")]
    pub(crate) serial_of: Option<String>,
    #[serde(rename = "共济人凭证", default)]
    pub(crate) shown: Vec<String>,
    #[serde(rename = "共济人凭证种类")]
    pub(crate) shown_kind: Option<String>,
    #[serde(rename = "确属两笔", default)]
    pub(crate) repeat: bool,
    #[serde(rename = "授权人")]
    pub(crate) giver: Option<String>,
    #[serde(rename = "使用人")]
    pub(crate) beneficiary: Option<String>,
    #[serde(rename = "关系")]
    pub(crate) relation: Option<String>,
    #[serde(rename = "渠道")]
    pub(crate) channel: Option<String>,
    #[serde(rename = "证明")]
    pub(crate) proof: Option<String>,
    #[serde(rename = "未签承诺书", default)]
    pub(crate) unsigned: bool,
    #[serde(rename = "起始日")]
    pub(crate) first_day: Option<String>,
    #[serde(rename = "终止日")]
    pub(crate) last_day: Option<String>,
    #[serde(rename = "限额")]
    pub(crate) limits: Option<LimitsSet>,
    #[serde(rename = "额度")]
    pub(crate) quota: Option<String>,
    #[serde(rename = "顺位")]
    pub(crate) rank: Option<u16>,
    #[serde(rename = "变更")]
    pub(crate) change: Option<String>,
    #[serde(rename = "地区")]
    pub(crate) area: Option<String>,
    #[serde(rename = "身份")]
    pub(crate) category: Option<String>,
    #[serde(rename = "金额")]
    pub(crate) amount: Option<String>,
    #[serde(rename = "往年")]
    pub(crate) prior: Option<String>,
    #[serde(rename = "当年")]
    pub(crate) current: Option<String>,
    #[serde(rename = "对照")]
    pub(crate) mapping: Option<[String; 2]>,
    #[serde(rename = "代办人")]
    pub(crate) agent: Option<String>,
    #[serde(rename = "原因")]
    pub(crate) reason: Option<String>,
    /// The documents of patient and agent; nothing where none is recorded.
    #[serde(rename = "双方证件")]
    pub(crate) papers: Option<[String; 2]>,
    /// The label of an entrusted purchase; any other word names none.
    #[serde(rename = "代购")]
    pub(crate) proxy: Option<String>,
    #[serde(rename = "机构")]
    pub(crate) place: Option<Place>,
    #[serde(rename = "结果", default)]
    pub(crate) expected: Expected,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsSet {
    #[serde(rename = "每笔")]
    pub(crate) per_bill: Option<String>,
    #[serde(rename = "每月")]
    pub(crate) per_month: Option<String>,
    #[serde(rename = "每年")]
    pub(crate) per_year: Option<String>,
}

/// A line of a bill.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Charge {
    #[serde(rename = "编号")]
    pub(crate) sn: Option<String>,
    /// 甲类, 乙类, 目录外, or a national code.
    #[serde(rename = "项目", default)]
    pub(crate) item: String,
    #[serde(rename = "自有编码", default)]
    pub(crate) own_code: String,
    #[serde(rename = "金额", default = "nothing")]
    pub(crate) cost: String,
    #[serde(rename = "数量")]
    pub(crate) count: Option<String>,
    #[serde(rename = "单价")]
    pub(crate) price: Option<String>,
    /// So many such lines.
    #[serde(rename = "重复")]
    pub(crate) times: Option<usize>,
    #[serde(rename = "自费", default)]
    pub(crate) self_paid: bool,
    /// Trace codes of whole packs.
    #[serde(rename = "追溯码", default)]
    pub(crate) packs: Vec<String>,
    /// Trace codes of packs of which a part is sold.
    #[serde(rename = "拆零", default)]
    pub(crate) split: Vec<String>,
    /// The line of which it takes back part.
    #[serde(rename = "冲减")]
    pub(crate) corrects: Option<String>,
}

/// What must come out of a step. What is not said is not looked at, except that a step that says nothing of
/// a refusal must not be refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// Codes of all reasons, in order; with their facts in brackets where the case wants them.
    #[serde(rename = "拒绝")]
    pub(crate) refused: Option<Vec<String>>,
    #[serde(rename = "与之相同")]
    pub(crate) same_as: Option<String>,
    #[serde(rename = "总额")]
    pub(crate) total: Option<String>,
    #[serde(rename = "统筹")]
    pub(crate) fund: Option<String>,
    #[serde(rename = "个人负担")]
    pub(crate) personal: Option<String>,
    #[serde(rename = "起付线")]
    pub(crate) deductible: Option<String>,
    #[serde(rename = "账户支付")]
    pub(crate) accounts: Option<String>,
    #[serde(rename = "共济支付")]
    pub(crate) shared: Option<String>,
    #[serde(rename = "代购人")]
    pub(crate) bought_by: Option<String>,
    #[serde(rename = "现金")]
    pub(crate) cash: Option<String>,
    #[serde(rename = "本人余额")]
    pub(crate) own_balance: Option<String>,
    /// Who pays how much of which year-part, in order; all of them.
    #[serde(rename = "付款")]
    pub(crate) paid: Option<Vec<Paid>>,
    /// Codes of everything that kept money back, in order; all of them.
    #[serde(rename = "未付原因")]
    pub(crate) unpaid: Option<Vec<String>>,
    #[serde(rename = "明细")]
    pub(crate) lines: Option<Vec<LineSplit>>,
    #[serde(rename = "可用")]
    pub(crate) usable: Option<String>,
    #[serde(rename = "余额", default)]
    pub(crate) balances: BTreeMap<String, [String; 2]>,
    #[serde(rename = "额度余额", default)]
    pub(crate) quotas: BTreeMap<String, [String; 2]>,
    #[serde(rename = "状态", default)]
    pub(crate) statuses: BTreeMap<String, String>,
    #[serde(rename = "欠款", default)]
    pub(crate) owed: BTreeMap<String, String>,
    #[serde(rename = "清算", default)]
    pub(crate) clearing: BTreeMap<String, String>,
    #[serde(rename = "通知")]
    pub(crate) notices: Option<Vec<[String; 2]>>,
    #[serde(rename = "留痕")]
    pub(crate) trace: Option<String>,
    /// Values of the law that were asked, `parameter region first-day`; these at least.
    #[serde(rename = "依据", default)]
    pub(crate) cited: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paid {
    #[serde(rename = "人")]
    pub(crate) who: String,
    #[serde(rename = "往年", default = "nothing")]
    pub(crate) prior: String,
    #[serde(rename = "当年", default = "nothing")]
    pub(crate) current: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineSplit {
    #[serde(rename = "编号")]
    pub(crate) sn: String,
    #[serde(rename = "全自费", default = "nothing")]
    pub(crate) full_self: String,
    #[serde(rename = "超限价", default = "nothing")]
    pub(crate) over_limit: String,
    #[serde(rename = "先行自付", default = "nothing")]
    pub(crate) first_pay: String,
    #[serde(rename = "范围内", default = "nothing")]
    pub(crate) in_scope: String,
}

fn nothing() -> String {
    "0.00".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    #[serde(rename = "人", default)]
    people: BTreeMap<String, Person>,
    #[serde(rename = "机构", default)]
    places: BTreeMap<String, Place>,
    #[serde(rename = "共济", default)]
    bindings: Vec<Bound>,
    #[serde(rename = "亲情账户", default)]
    links: Vec<Link>,
}

/// TOML wants quotes around keys that are not ASCII; people who read cases do not. Outside of strings and comments
/// only keys can hold Chinese, so every such word is a key.
fn with_quoted_keys(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + text.len() / 4);
    for line in text.lines() {
        let mut inside: Option<char> = None;
        let mut word = String::new();
        for it in line.chars() {
            let in_word = inside.is_none() && (it.is_alphanumeric() || matches!(it, '_' | '-' | '→'));
            if in_word {
                word.push(it);
                continue;
            }
            push_word(&mut quoted, &mut word);
            match (inside, it) {
                (None, '#') => break,
                (None, '"' | '\'') => inside = Some(it),
                (Some(open), _) if open == it => inside = None,
                _ => {}
            }
            quoted.push(it);
        }
        push_word(&mut quoted, &mut word);
        quoted.push('\n');
    }
    quoted
}

fn push_word(text: &mut String, word: &mut String) {
    let quote = if word.is_ascii() { "" } else { "\"" };
    text.push_str(&format!("{quote}{word}{quote}"));
    word.clear();
}

impl Case {
    /// Reads a case; `world` gives the text of a file of `cases/world/`.
    pub(crate) fn read(text: &str, world: impl Fn(&str) -> String) -> Result<Case, String> {
        let mut case: Case = toml::from_str(&with_quoted_keys(text)).map_err(|error| error.to_string())?;
        if let Some(name) = &case.world {
            let world: World = toml::from_str(&with_quoted_keys(&world(name)))
                .map_err(|error| format!("{name}: {error}"))?;
            let mut people = world.people;
            for (name, ours) in std::mem::take(&mut case.people) {
                let theirs = people.get(&name).cloned().unwrap_or_default();
                people.insert(name, ours.over(&theirs));
            }
            case.people = people;
            let mut places = world.places;
            places.append(&mut case.places);
            case.places = places;
            let same =
                |it: &Bound, other: &Bound| it.giver == other.giver && it.beneficiary == other.beneficiary;
            let ours = std::mem::take(&mut case.bindings);
            let theirs = world.bindings.into_iter();
            // A day before the family bound: the list stands as it was on the day of the case.
            let kept = |it: &Bound| it.since <= case.now && !ours.iter().any(|other| same(it, other));
            case.bindings = theirs.filter(kept).collect();
            case.bindings.extend(ours);
            case.links.splice(0..0, world.links);
        }
        Ok(case)
    }
}
