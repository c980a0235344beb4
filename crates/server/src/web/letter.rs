//! The commitment that is read out at the counter, printed, and signed on paper: this exact text is kept by its version and
//! digest (R-D4).

use domain::day::Day;

/// The version of the text. Another text has another version.
pub(super) const VERSION: &str = "hall-1";

/// What the letter says about the two.
pub(super) struct Letter<'a> {
    pub(super) giver: &'a str,
    pub(super) beneficiary: &'a str,
    /// What the beneficiary is to the giver, in Chinese.
    pub(super) relation: &'a str,
    pub(super) day: Day,
}

impl Letter<'_> {
    /// The exact text that is signed, a paragraph to a line: Chinese, in whichever language the console is read.
    pub(super) fn text(&self) -> String {
        let Letter { giver, beneficiary, relation, day } = self;
        let date = format!("{}年{}月{}日", day.year(), day.month(), day.day_of_month());
        [
            "家庭共济授权承诺书".to_owned(),
            format!("授权人：{giver}。使用人：{beneficiary}。使用人是授权人的{relation}。"),
            format!("一、{giver}自愿把职工医保个人账户的资金授权给{beneficiary}使用。花的是{giver}的钱。"),
            "二、上面写的亲属关系是真实的。关系不真实的，由此多付的钱由本人退回。".to_owned(),
            format!(
                "三、看病、买药时用{beneficiary}本人的医保码或社保卡。钱可以共济，卡不能共用，也不能出借。"
            ),
            "四、统筹基金不能共济，各人的医保待遇不变。".to_owned(),
            "五、本人可以随时解除授权。解除当天仍然有效，从第二天起失效；当地另有规定的，按当地规定。"
                .to_owned(),
            "六、每一笔花费，本人都可以在手机上、服务大厅或拨打 12393 查询。".to_owned(),
            format!("以上内容已由工作人员读给本人听，本人看过、听懂并同意。{date}"),
        ]
        .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, the text has changed under the version that earlier signatures name (R-D4).
    #[test]
    fn a_version_has_one_text() {
        let day = Day::parse("2025-06-16").expect("a day");
        let letter = Letter { giver: "甲", beneficiary: "乙", relation: "子女", day };
        let digest = domain::ids::Digest::of(&[letter.text().as_bytes()]).to_string();
        assert_eq!((VERSION, digest.get(..16).unwrap_or_default()), ("hall-1", "9bce8df66aaa6704"));
    }
}
