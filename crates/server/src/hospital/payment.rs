//! 1312 医保目录, 1316 匹配, 1318 限价, 1319 先自付比例: the payment catalogue of an area, as bills are judged by it.

use super::json::{Json, object};
use super::lines::{chrgitm_lv, med_chrgitm_type};
use super::paging::Paging;
use super::wire::{Malformed, Node};
use super::{Asked, Asking};
use domain::catalogue::Row;
use domain::day::Day;
use domain::ids::Area;
use domain::parameters::PriceLimit;
use domain::payment_catalogue::{Item, PaymentCatalogue};
use domain::reason::Reason;

/// Fields of an item that are words of code tables, and how they are found: shown, and asked for.
type Coded = (&'static str, fn(&Item<'_>) -> &'static str);

const CODED: &[Coded] = &[
    ("med_chrgitm_type", |it| med_chrgitm_type(it.row.map_or(it.code, |row| &row.category))),
    ("chrgitm_lv", |it| chrgitm_lv(it.basis)),
    ("lmt_used_flag", |it| if it.row.is_some_and(Row::is_limited) { "1" } else { "0" }),
    ("list_type", |it| list_type(it.code)),
    ("med_use_flag", is_paid),
    ("matn_used_flag", is_paid),
];

/// What nobody here keeps of an item, and nobody can ask by.
const NOT_HELD: &[&str] = &["wubi", "pinyin", "hilist_use_type", "lmt_cpnd_type", "rid"];

fn is_paid(it: &Item<'_>) -> &'static str {
    if chrgitm_lv(it.basis) == "03" { "0" } else { "1" }
}

/// 101 西药中成药, 201 医疗服务项目: services have fifteen digits.
pub(super) fn list_type(code: &str) -> &'static str {
    if code.bytes().all(|it| it.is_ascii_digit()) { "201" } else { "101" }
}

/// Turns a question away that asks by something that is not kept: an answer without it would be another answer.
pub(super) fn not_held(node: &Node<'_>, fields: &[&str]) -> Result<(), Malformed> {
    for field in fields {
        if node.maybe(field)?.is_some() {
            return Err(node.complain(field, "本平台没有此项数据，不能按它查询，请留空"));
        }
    }
    Ok(())
}

/// What is asked of which catalogue.
struct Question<'a> {
    node: Node<'a>,
    paging: Paging,
    area: Area,
    catalogue: PaymentCatalogue<'a>,
    code: Option<&'a str>,
    changed_since: Option<Day>,
    begun_since: Option<Day>,
    is_valid: bool,
}

impl<'a> Question<'a> {
    fn of(asked: &'a Asked<'a>, not_kept: &[&str]) -> Result<Question<'a>, Asking> {
        let node = asked.call.envelope.one("data")?;
        not_held(&node, not_kept)?;
        let day = node.maybe_day("query_date")?.unwrap_or(asked.at.day());
        let area = area(asked, &node)?;
        let catalogue = PaymentCatalogue::of(asked.law, area.pooling(), day);
        Ok(Question {
            paging: Paging::of(&node)?,
            catalogue: catalogue.map_err(|it| Asking::Refused(vec![it]))?,
            code: node.maybe("hilist_code")?,
            changed_since: node.maybe_day("updt_time")?,
            begun_since: node.maybe_day("begndate")?,
            is_valid: node.flag("vali_flag")?.is_none_or(|it| it),
            node,
            area,
        })
    }

    /// Whether what began and was last changed on this day is asked for. What is in force is all there is.
    fn is_in_time(&self, since: Day) -> bool {
        self.is_valid
            && self.changed_since.is_none_or(|it| it <= since)
            && self.begun_since.is_none_or(|it| it <= since)
    }

    /// Whether an item is asked for by its code, or by the catalogue's own number.
    fn is_called(&self, item: &Item<'_>) -> bool {
        self.code.is_none_or(|it| it == item.code || item.row.is_some_and(|row| it == row.row_id))
    }

    /// Items that are asked for, each changed last on this day.
    fn items(&self, changed: Day) -> impl Iterator<Item = Item<'_>> {
        self.catalogue.items().filter(move |it| self.is_in_time(changed) && self.is_called(it))
    }

    /// What all rows end with.
    fn end(&self, row: &mut Json, of: (&str, &str), since: Day, until: Option<Day>) {
        row.add("insu_admdvs", Json::text_of(self.area));
        row.add("begndate", since);
        row.add("enddate", until.map_or(Json::from(""), Json::from));
        row.add("vali_flag", "1");
        row.add("rid", format!("{}-{}-{}", self.catalogue.edition.name(), of.0, of.1));
        row.add("updt_time", since);
        for name in ["crter_id", "crter_name", "crte_time", "crte_optins_no", "opter_id", "opter_name"] {
            row.add(name, "");
        }
        row.add("opt_time", "");
        row.add("optins_no", "");
        row.add("poolarea_no", Json::text_of(self.area.pooling()));
    }
}

/// Whose catalogue is asked for: the area that is named, else that of the visit, else that of the institution.
fn area(asked: &Asked<'_>, node: &Node<'_>) -> Result<Area, Asking> {
    let wrong = || node.complain("insu_admdvs", "应是六位医保区划");
    if let Some(named) = node.maybe("insu_admdvs")? {
        return Ok(Area::parse(named).ok_or_else(wrong)?);
    }
    let envelope = &asked.call.envelope;
    let own = asked.rows.facts.institutions.get(&envelope.institution).map(|it| it.area);
    let unknown = || Asking::Refused(vec![Reason::InstitutionUnknown { institution: envelope.institution }]);
    Area::parse(&envelope.area).or(own).ok_or_else(unknown)
}

/// 1312: items by code, name and any of the coded fields.
pub(super) fn items(asked: &Asked<'_>) -> Result<Json, Asking> {
    let question = Question::of(asked, NOT_HELD)?;
    let node = question.node;
    let name = node.maybe("hilist_name")?;
    let mut coded = Vec::new();
    for (field, of) in CODED {
        coded.extend(node.maybe(field)?.map(|wanted| (*of, wanted)));
    }
    let edition = question.catalogue.edition;
    let found = question.items(edition.first_day()).filter(|item| {
        name.is_none_or(|it| item.name.contains(it)) && coded.iter().all(|(of, wanted)| of(item) == *wanted)
    });
    Ok(question.paging.write(found, |item| {
        let mut row = object! { "hilist_code": item.code.to_owned(), "hilist_name": item.name.to_owned() };
        for (field, of) in CODED {
            row.add(field, of(&item));
        }
        for field in ["hilist_use_type", "lmt_cpnd_type", "wubi", "pinyin"] {
            row.add(field, "");
        }
        row.add("memo", remark(&item));
        let of = (item.row.map_or("", |it| &it.row_id), item.code);
        question.end(&mut row, of, edition.first_day(), Some(edition.last_day()));
        row
    }))
}

/// The catalogue's own number of an item, with the printed form and limit.
fn remark(item: &Item<'_>) -> String {
    let Some(row) = item.row else { return String::new() };
    let parts = [&row.row_id, &row.form, &row.remark].map(String::as_str);
    let said: Vec<&str> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    said.join(" ").chars().take(500).collect()
}

/// 1316: national codes, and the items of the payment catalogue that they are.
pub(super) fn matches(asked: &Asked<'_>) -> Result<Json, Asking> {
    let question = Question::of(asked, &["rid"])?;
    let (code, kind) = (question.node.maybe("med_list_codg")?, question.node.maybe("list_type")?);
    let edition = question.catalogue.edition;
    let found = question.items(edition.first_day()).filter(|item| {
        // A row that no national code is known of matches none.
        item.row.is_none_or(|it| it.row_id != item.code)
            && code.is_none_or(|it| it == item.code)
            && kind.is_none_or(|it| it == list_type(item.code))
    });
    Ok(question.paging.write(found, |item| {
        let mut row = object! {
            "med_list_codg": item.code.to_owned(),
            "hilist_code": item.code.to_owned(),
            "list_type": list_type(item.code),
            "memo": remark(&item),
        };
        let of = (item.row.map_or("", |it| &it.row_id), item.code);
        question.end(&mut row, of, edition.first_day(), Some(edition.last_day()));
        row
    }))
}

/// 1318: highest prices that count; `GJ_LEVEL` in `exp_content` says at institutions of which levels.
pub(super) fn limits(asked: &Asked<'_>) -> Result<Json, Asking> {
    let question = Question::of(asked, &["hilist_lmtpric_type", "overlmt_dspo_way", "rid", "tabname"])?;
    let since = question.catalogue.limits.cite.from;
    let found = (1..).zip(question.catalogue.limits.value).filter(|(_, it): &(u32, &PriceLimit)| {
        question.is_in_time(since) && question.code.is_none_or(|code| code == it.code)
    });
    Ok(question.paging.write(found, |(number, it)| {
        let levels: Vec<&str> = it.level.iter().flatten().map(|it| it.word()).collect();
        let mut row = object! {
            "hilist_code": it.code.clone(),
            "hilist_lmtpric_type": "",
            "overlmt_dspo_way": "",
            "hilist_pric_uplmt_amt": it.yuan,
            "tabname": "",
            "exp_content": object! { "GJ_LEVEL": levels }.written(),
        };
        question.end(&mut row, (&number.to_string(), &it.code), since, None);
        row
    }))
}

/// 1319: first-pay shares, nothing for 甲, the area's for 乙, the whole for what is outside.
pub(super) fn shares(asked: &Asked<'_>) -> Result<Json, Asking> {
    let not_kept = ["selfpay_prop_psn_type", "selfpay_prop_type", "rid", "tabname"];
    let question = Question::of(asked, &not_kept)?;
    let (since, until) = (question.catalogue.shares_since(), question.catalogue.edition.last_day());
    Ok(question.paging.write(question.items(since), |item| {
        let mut row = object! {
            "hilist_code": item.code.to_owned(),
            "selfpay_prop_psn_type": "",
            "selfpay_prop_type": "",
            "selfpay_prop": item.first_pay_share,
            "tabname": "",
        };
        let of = (item.row.map_or("", |it| &it.row_id), item.code);
        question.end(&mut row, of, since, Some(until));
        row
    }))
}
