//! The stories that must come out to the fen, first half: paying at hospitals and pharmacies.

use super::client::Trouble;
use super::stage::{CLASS_A, House, Stage, Visit, line, merged, text};
use super::tell::Story;
use super::world::World;
use domain::day::Moment;
use serde_json::{Value, json};
use tokio::runtime::Handle;

/// What a story needs to open its stage.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// The runtime that servers run on.
    pub runtime: &'a Handle,
    /// The machine's time.
    pub machine: fn() -> Moment,
    /// Where stages keep their books.
    pub house: &'a dyn House,
}

/// A story.
pub type Told = fn(Telling<'_>) -> Result<Story, Trouble>;

/// The day most stories start.
pub const TODAY: &str = "2025-06-16 10:00";

/// Xuzhou's tertiary hospital.
const XUZHOU: &str = "H32030000001";

impl Telling<'_> {
    /// A stage at a moment with a world.
    ///
    /// # Errors
    /// [`Trouble`] where it does not open.
    pub fn open(self, now: &str, world: World) -> Result<Stage, Trouble> {
        Stage::open(self, now, world)
    }
}

/// Compares amounts of an answer's `setlinfo`.
fn compare(story: &mut Story, answer: &Value, expected: &[(&str, &str, &str)]) {
    for (what, field, amount) in expected {
        story.check(what, amount, text(answer, &format!("/output/setlinfo/{field}")));
    }
}

/// The extension of an answer, read.
fn extension(answer: &Value) -> Value {
    let written = text(answer, "/output/setlinfo/exp_content");
    serde_json::from_str(&written).unwrap_or(Value::Null)
}

/// Quotes the slip of an answer, or its refusal.
fn quote(story: &mut Story, answer: &Value) {
    let extension = extension(answer);
    match extension.get("GJ_SLIP").and_then(Value::as_array) {
        Some(lines) => lines.iter().filter_map(Value::as_str).for_each(|it| story.say(it)),
        None => story.say(text(answer, "/err_msg")),
    }
}

/// Who paid of relatives: `李* 100.00`.
fn relatives(answer: &Value) -> String {
    let rows = extension(answer).get("GJ_SPLIT").and_then(Value::as_array).cloned().unwrap_or_default();
    let said: Vec<String> =
        rows.iter().map(|it| format!("{} {}", text(it, "/giver"), text(it, "/amount"))).collect();
    if said.is_empty() { "-".to_owned() } else { said.join("，") }
}

/// The codes of an answer.
fn codes(answer: &Value) -> String {
    let rows = extension(answer).get("GJ_CODES").and_then(Value::as_array).cloned().unwrap_or_default();
    rows.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

/// 1: a son's bill, paid by his father.
pub fn a_son_pays_with_his_father(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("李小明在徐州看病 170.00，出示本人的卡：父亲李明的个人账户付 100.00");
    let mut stage = it.open(TODAY, World::shipped())?;
    let visit = stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({}))?;
    let amounts = [
        ("统筹基金", "fund_pay_sumamt", "70.00"),
        ("个人负担", "psn_part_amt", "100.00"),
        ("个人账户", "acct_pay", "100.00"),
        ("其中共济", "acct_mulaid_pay", "100.00"),
        ("现金", "psn_cash_pay", "0.00"),
        ("本人余额", "balc", "0.00"),
    ];
    compare(&mut story, &visit.settled, &amounts);
    story.check("预结算相同", "100.00", text(&visit.preview, "/output/setlinfo/acct_mulaid_pay"));
    story.check("谁付的", "李* 100.00", relatives(&visit.settled));
    story.check("李明 往年 / 当年", "1100.00 / 800.00", stage.account("liming")?);
    quote(&mut story, &visit.settled);
    Ok(story)
}

/// 2: that settlement is cancelled, asked again, and cancelled anew.
pub fn a_cancellation_gives_everything_back(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story =
        Story::new("撤销这笔结算：每一分回到原来的账户和年度；同一报文再问，答复相同；再撤一次被拒");
    let mut stage = it.open(TODAY, World::shipped())?;
    let visit = stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({}))?;
    let input = cancellation(&stage, "lixiaoming", &visit);
    let first = stage.client.message_again(XUZHOU, "2208", "CANCEL-1", &input)?;
    let again = stage.client.message_again(XUZHOU, "2208", "CANCEL-1", &input)?;
    let other = stage.client.message_again(XUZHOU, "2208", "CANCEL-2", &input)?;
    compare(
        &mut story,
        &first,
        &[("退回共济", "acct_mulaid_pay", "-100.00"), ("退回统筹", "fund_pay_sumamt", "-70.00")],
    );
    story.check("李明 往年 / 当年", "1200.00 / 800.00", stage.account("liming")?);
    story.check("同一报文", "答复相同", if first == again { "答复相同" } else { "答复不同" });
    story.check("新的撤销报文", "-1", text(&other, "/infcode"));
    let named = text(&other, "/err_msg").contains(&text(&first, "/output/setlinfo/setl_id"));
    story.check("指出第一次撤销", "是", if named { "是" } else { "否" });
    quote(&mut story, &other);
    Ok(story)
}

fn cancellation(stage: &Stage, key: &str, visit: &Visit) -> Value {
    let person = stage.world.person(key);
    let setl_id = text(&visit.settled, "/output/setlinfo/setl_id");
    json!({ "data": { "psn_no": person.psn_no(), "mdtrt_id": visit.mdtrt_id, "setl_id": setl_id } })
}

/// 3: three relatives have money, one has bound him.
pub fn only_who_bound_pays(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("李明（父辈）在南京看病 80.00：儿子李强绑定过，付 80.00；母亲和岳父没有绑定");
    let mut stage = it.open(TODAY, World::shipped())?;
    let visit = stage.visit("H32010000001", "liming_elder", "80.00", &json!({}))?;
    compare(
        &mut story,
        &visit.settled,
        &[("统筹基金", "fund_pay_sumamt", "0.00"), ("其中共济", "acct_mulaid_pay", "80.00")],
    );
    story.check("谁付的", "李* 80.00", relatives(&visit.settled));
    story.check("李强 往年 / 当年", "220.00 / 200.00", stage.account("liqiang")?);
    for (key, name) in [("zhouguilan", "母亲周桂兰"), ("sundehai", "岳父孙德海")] {
        let body = json!({
            "beneficiary": super::world::who(stage.world.person("liming_elder")),
            "giver": super::world::who(stage.world.person(key)),
            "institution": "H32010000001",
        });
        let answer = stage.client.operator("POST", "/explain/would", &body)?;
        story.check(name, "NOT_BOUND", text(&answer, "/givers/0/reasons/0/code"));
    }
    quote(&mut story, &visit.settled);
    Ok(story)
}

/// 6: a family code link shows a code and pays nothing.
pub fn a_code_link_is_no_binding(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story =
        Story::new("王秀英看病 50.00：自己的账户付；账户为 0 时付现金，儿媳赵丽只绑了亲情账户，不付");
    let mut stage = it.open(TODAY, World::shipped())?;
    let first = stage.visit(XUZHOU, "wangxiuying", "50.00", &json!({}))?;
    compare(
        &mut story,
        &first.settled,
        &[("个人账户", "acct_pay", "50.00"), ("其中共济", "acct_mulaid_pay", "0.00")],
    );
    let empty = World::shipped().with_balance("wangxiuying", "0.00", "0.00");
    let mut stage = it.open(TODAY, empty)?;
    let second = stage.visit(XUZHOU, "wangxiuying", "50.00", &json!({}))?;
    compare(
        &mut story,
        &second.settled,
        &[("第二次 现金", "psn_cash_pay", "50.00"), ("其中共济", "acct_mulaid_pay", "0.00")],
    );
    story.check("原因", "ONLY_FAMILY_CODE_BOUND", codes(&second.settled));
    let slip = extension(&second.settled).to_string();
    let advises = slip.contains("绑定") && slip.contains("请赵");
    story.check("不劝赵丽来绑定（本地不允许）", "不劝", if advises { "劝了" } else { "不劝" });
    story.check("赵丽 往年 / 当年", "0.00 / 600.00", stage.account("zhaoli")?);
    quote(&mut story, &second.settled);
    Ok(story)
}

/// 7: where the giver's code has to be shown too.
pub fn the_givers_code_too(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story =
        Story::new("韦秀兰在南宁看病 120.00：只出示自己的卡，付现金；也出示韦国强的卡，由他付 60.00");
    let mut stage = it.open(TODAY, World::shipped())?;
    let place = "H45010000001";
    let first = stage.visit(place, "weixiulan", "120.00", &json!({}))?;
    let amounts = [
        ("统筹基金", "fund_pay_sumamt", "60.00"),
        ("其中共济", "acct_mulaid_pay", "0.00"),
        ("现金", "psn_cash_pay", "60.00"),
    ];
    compare(&mut story, &first.settled, &amounts);
    story.check("原因", "GIVER_CODE_REQUIRED", codes(&first.settled));
    quote(&mut story, &first.settled);
    let mut stage = it.open(TODAY, World::shipped())?;
    let card = stage.world.person("weiguoqiang").card();
    let shown = json!({ "GJ_GIVER_CERT": [{ "type": "03", "no": card }] });
    let second = stage.visit(place, "weixiulan", "120.00", &shown)?;
    compare(
        &mut story,
        &second.settled,
        &[("也出示他的卡 共济", "acct_mulaid_pay", "60.00"), ("现金", "psn_cash_pay", "0.00")],
    );
    story.check("谁付的", "韦*强 60.00", relatives(&second.settled));
    Ok(story)
}

/// 9: what has to stay in the giver's account.
pub fn a_thousand_stays(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("郭小雨在太原看病 1,200.00：郭志远账户须留 1,000.00，付 500.00，其余现金");
    let mut stage = it.open(TODAY, World::shipped())?;
    let visit = stage.visit("H14010000001", "guoxiaoyu", "1200.00", &json!({}))?;
    let amounts = [
        ("统筹基金", "fund_pay_sumamt", "400.00"),
        ("个人负担", "psn_part_amt", "800.00"),
        ("其中共济", "acct_mulaid_pay", "500.00"),
        ("现金", "psn_cash_pay", "300.00"),
    ];
    compare(&mut story, &visit.settled, &amounts);
    story.check("原因", "USABLE_ZERO", codes(&visit.settled));
    story.check("郭志远 往年 / 当年", "1000.00 / 0.00", stage.account("guozhiyuan")?);
    quote(&mut story, &visit.settled);
    Ok(story)
}

/// 10: only money of earlier years can be shared.
pub fn only_earlier_years(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("沈玉珍在杭州看病 425.00：沈建华只有历年结余 200.00 能共济，其余现金");
    let mut stage = it.open(TODAY, World::shipped())?;
    let visit = stage.visit("H33010000001", "shenyuzhen", "425.00", &json!({}))?;
    let amounts = [
        ("统筹基金", "fund_pay_sumamt", "75.00"),
        ("个人负担", "psn_part_amt", "350.00"),
        ("其中共济", "acct_mulaid_pay", "200.00"),
        ("现金", "psn_cash_pay", "150.00"),
    ];
    compare(&mut story, &visit.settled, &amounts);
    story.check("沈建华 往年 / 当年", "0.00 / 900.00", stage.account("shenjianhua")?);
    quote(&mut story, &visit.settled);
    Ok(story)
}

/// 13: two givers, the oldest binding first.
pub fn two_givers_in_order(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("李小明看病 1,430.00：先用绑定最早的李明 60.00，再用赵丽 600.00，其余现金");
    let world = World::shipped().with_balance("liming", "0.00", "60.00").with_binding(
        "zhaoli",
        "lixiaoming",
        "child",
        "2025-06-01 00:00",
    );
    let mut stage = it.open(TODAY, world)?;
    let visit = stage.visit(XUZHOU, "lixiaoming", "1430.00", &json!({}))?;
    let amounts = [
        ("统筹基金", "fund_pay_sumamt", "700.00"),
        ("个人负担", "psn_part_amt", "730.00"),
        ("其中共济", "acct_mulaid_pay", "660.00"),
        ("现金", "psn_cash_pay", "70.00"),
    ];
    compare(&mut story, &visit.settled, &amounts);
    story.check("谁付的", "李* 60.00，赵* 600.00", relatives(&visit.settled));
    quote(&mut story, &visit.settled);
    Ok(story)
}

/// 14: a pharmacy, three lines of three kinds.
pub fn three_lines_at_a_pharmacy(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("李小明在徐州药店买三样药 65.00：甲类 20.00，乙类 30.00，目录外 15.00");
    let mut stage = it.open(TODAY, World::shipped())?;
    let person = stage.world.person("lixiaoming").clone();
    let now = "2025-06-16 10:00:00";
    let lines = [
        line("1", CLASS_A, "20.00", now),
        line("2", "ZA01BAX0377010100093", "30.00", now),
        line("3", "XA12AXX127A001010104187", "15.00", now),
    ];
    let bill = json!({
        "psn_no": person.psn_no(), "mdtrt_cert_type": "03", "mdtrt_cert_no": person.card(),
        "card_sn": person.card_serial(), "begntime": now, "medfee_sumamt": "65.00", "insutype": "390",
        "acct_used_flag": "1", "med_type": "41",
    });
    let input = json!({ "druginfo": merged(&bill, &json!({ "invono": "FP1" })), "drugdetail": lines });
    let answer = stage.client.message("P32030000001", "2102", &input)?;
    let at = |row: usize, field: &str| text(&answer, &format!("/output/detlcutinfo/{row}/{field}"));
    story.check("甲类 范围内", "20.00", at(0, "inscp_scp_amt"));
    story.check("乙类 先行自付", "3.00", at(1, "preselfpay_amt"));
    story.check("乙类 范围内", "27.00", at(1, "inscp_scp_amt"));
    story.check("目录外 全自费", "15.00", at(2, "fulamt_ownpay_amt"));
    let amounts = [
        ("统筹基金", "fund_pay_sumamt", "0.00"),
        ("其中共济", "acct_mulaid_pay", "50.00"),
        ("现金", "psn_cash_pay", "15.00"),
    ];
    compare(&mut story, &answer, &amounts);
    story.check("谁付的", "李* 50.00", relatives(&answer));
    quote(&mut story, &answer);
    Ok(story)
}
