//! The kinds of files that are taken in, and the columns of each: reading and documentation are made from this table.

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// People.
    Persons,
    /// Enrolments (参保关系).
    Enrolments,
    /// What personal accounts hold when they are taken over, by parts.
    Accounts,
    /// Credits of this year.
    Credits,
    /// Bindings that another system made.
    Bindings,
    /// Institutions.
    Institutions,
}

/// Which columns a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Always, and each line has a value.
    Needed,
    /// The column may be left out, and a value too.
    Free,
    /// One of the two columns that begin alike, `…psn_no` and `…id_number`, and each line has a value.
    Either,
    /// One of the two or neither, and a value may be left out.
    FreeEither,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the first line.
    pub name: &'static str,
    /// Whether it has to be there.
    pub presence: Presence,
    /// What stands in it, in Chinese.
    pub zh: &'static str,
    /// What stands in it, in English.
    pub en: &'static str,
}

use Presence::{Either, Free, FreeEither, Needed};

const fn column(name: &'static str, presence: Presence, zh: &'static str, en: &'static str) -> Column {
    Column { name, presence, zh, en }
}

const PSN_NO: Column = column("psn_no", Either, "人员编号", "National person number.");
const ID_NUMBER: Column = column("id_number", Either, "证件号码", "Number of the ID document.");
const REFERENCE: Column = column(
    "reference",
    Free,
    "流水号：同一流水号只入账一次，无论在哪个文件",
    "The bureau's own number of the credit: credited once, whatever file it is in.",
);

const PERSONS: &[Column] = &[
    column("psn_no", Needed, "人员编号，1 至 30 字符", "National person number, 1 to 30 characters."),
    column("name", Needed, "姓名，1 至 50 字符", "Name, 1 to 50 characters."),
    column("id_type", Free, "证件类型，缺省 01", "Type of the ID document, 01 where it is left out."),
    column("id_number", Needed, "证件号码", "Its number; a resident's ID number proves itself."),
    column("card", Free, "社保卡号", "Number of the social-security card."),
    column("card_serial", Free, "卡识别码", "Its serial."),
    column("born", Needed, "出生日期", "Day of birth."),
    column("sex", Needed, "性别：male、female", "male or female."),
    column("guardian_psn_no", FreeEither, "监护人的人员编号", "Person number of a minor's guardian."),
    column("guardian_id_number", FreeEither, "监护人的证件号码", "ID number of a minor's guardian."),
];

const ENROLMENTS: &[Column] = &[
    PSN_NO,
    ID_NUMBER,
    column("scheme", Needed, "险种：employee（310）、resident（390）", "employee (310) or resident (390)."),
    column("area", Needed, "统筹区", "Region; its pooling area is taken."),
    column(
        "category",
        Needed,
        "人员类别：active、retired、adult、elder、student、child",
        "active, retired, adult, elder, student or child.",
    ),
    column("account", Needed, "有无个人账户：1、0", "1 with a personal account, 0 without."),
    column(
        "contract",
        Free,
        "家庭医生签约：1、0，缺省 0",
        "1 with a family-doctor contract; 0 where it is left out.",
    ),
    column("from", Needed, "参保首日", "First day."),
];

const ACCOUNTS: &[Column] = &[
    PSN_NO,
    ID_NUMBER,
    column("prior", Needed, "历年结余，元", "Money of earlier years, yuan."),
    column("current", Needed, "当年划入，元", "Money of this year, yuan."),
    REFERENCE,
];

const CREDITS: &[Column] =
    &[PSN_NO, ID_NUMBER, column("amount", Needed, "划入金额，元", "Yuan, as money of this year."), REFERENCE];

const BINDINGS: &[Column] = &[
    column("giver_psn_no", Either, "授权人的人员编号", "Person number of the giver."),
    column("giver_id_number", Either, "授权人的证件号码", "ID number of the giver."),
    column("beneficiary_psn_no", Either, "使用人的人员编号", "Person number of the beneficiary."),
    column("beneficiary_id_number", Either, "使用人的证件号码", "ID number of the beneficiary."),
    column(
        "relation",
        Needed,
        "使用人是授权人的：spouse、parent、child、sibling、grandparent、grandchild、spouse_parent、child_spouse、designated",
        "What the beneficiary is to the giver: a word of the list `relation`.",
    ),
    column("since", Needed, "生效时间", "Since when: a day or a time."),
    column(
        "mode",
        Free,
        "live（直接调用）、quota（额度），缺省 live",
        "live or quota; live where it is left out.",
    ),
];

const INSTITUTIONS: &[Column] = &[
    column("code", Needed, "定点机构代码", "H or P and eleven digits."),
    column("name", Needed, "名称，1 至 100 字符", "Name, 1 to 100 characters."),
    column("area", Needed, "统筹区", "Region; its pooling area is taken."),
    column(
        "kind",
        Needed,
        "类别：hospital、clinic、community_centre、village_clinic、pharmacy",
        "hospital, clinic, community_centre, village_clinic or pharmacy.",
    ),
    column(
        "level",
        Needed,
        "等级：tertiary、secondary、primary、none",
        "tertiary, secondary, primary or none.",
    ),
    column("from", Needed, "定点首日", "First day of the designation."),
    column("to", Free, "定点末日", "Its last day, where it is known."),
];

impl Kind {
    /// Every kind, in the order in which a bureau takes them in.
    pub const ALL: [Kind; 6] =
        [Kind::Institutions, Kind::Persons, Kind::Enrolments, Kind::Accounts, Kind::Credits, Kind::Bindings];

    /// The word that names it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Persons => "persons",
            Kind::Enrolments => "enrolments",
            Kind::Accounts => "accounts",
            Kind::Credits => "credits",
            Kind::Bindings => "bindings",
            Kind::Institutions => "institutions",
        }
    }

    /// Reads the word; `None` for any other.
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|it| it.word() == word)
    }

    /// Its columns.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Kind::Persons => PERSONS,
            Kind::Enrolments => ENROLMENTS,
            Kind::Accounts => ACCOUNTS,
            Kind::Credits => CREDITS,
            Kind::Bindings => BINDINGS,
            Kind::Institutions => INSTITUTIONS,
        }
    }

    /// Whether its lines hold money, so that their sum has to be stated.
    pub fn is_money(self) -> bool {
        matches!(self, Kind::Accounts | Kind::Credits)
    }
}
