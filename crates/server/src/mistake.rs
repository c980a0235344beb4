//! What can be wrong with a value that a bureau enters, singly or in a file: one code, said in both languages. No text
//! repeats the value.

use std::borrow::Cow;

/// What is wrong with a value, or with the line it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// The line has more or fewer columns than the first one.
    ColumnCount,
    /// The line is longer than any right one.
    LineTooLong,
    /// The line holds bytes that are no text in the file's encoding.
    NoText,
    /// A quotation mark is opened and not closed, or stands in the middle.
    Quotes,
    /// The value holds a control character, such as NUL.
    ControlCharacter,
    /// The value is empty or has more characters than this.
    Length(usize),
    /// The value is none of the words that the column takes.
    Word,
    /// The value is neither 1 nor 0.
    Flag,
    /// The value is no day that exists.
    Day,
    /// The value is neither a day nor a time of a day.
    Time,
    /// The value is no amount with two decimals.
    Amount,
    /// The value is no code of a region.
    Region,
    /// The value is no code of an institution.
    Institution,
    /// The ID number does not prove itself.
    IdNumber,
    /// The ID number says another day of birth.
    BornDiffers,
    /// The ID number says another sex.
    SexDiffers,
    /// A serial belongs to a card.
    CardMissing,
    /// The same person, enrolment, account, binding, institution or reference stands in the file more than once.
    Repeated,
    /// The guardian has a guardian too.
    GuardianIsWard,
    /// The reference was used for something else before.
    ReferenceReused,
}

/// One of each, as documentation lists them.
pub const ALL: [Mistake; 20] = [
    Mistake::ColumnCount,
    Mistake::LineTooLong,
    Mistake::NoText,
    Mistake::Quotes,
    Mistake::ControlCharacter,
    Mistake::Length(50),
    Mistake::Word,
    Mistake::Flag,
    Mistake::Day,
    Mistake::Time,
    Mistake::Amount,
    Mistake::Region,
    Mistake::Institution,
    Mistake::IdNumber,
    Mistake::BornDiffers,
    Mistake::SexDiffers,
    Mistake::CardMissing,
    Mistake::Repeated,
    Mistake::GuardianIsWard,
    Mistake::ReferenceReused,
];

impl Mistake {
    /// The code for machines.
    pub fn code(self) -> &'static str {
        match self {
            Mistake::ColumnCount => "COLUMN_COUNT",
            Mistake::LineTooLong => "LINE_TOO_LONG",
            Mistake::NoText => "NO_TEXT",
            Mistake::Quotes => "QUOTES",
            Mistake::ControlCharacter => "CONTROL_CHARACTER",
            Mistake::Length(_) => "LENGTH",
            Mistake::Word => "WORD",
            Mistake::Flag => "FLAG",
            Mistake::Day => "DAY",
            Mistake::Time => "TIME",
            Mistake::Amount => "AMOUNT",
            Mistake::Region => "REGION",
            Mistake::Institution => "INSTITUTION",
            Mistake::IdNumber => "ID_NUMBER",
            Mistake::BornDiffers => "BORN_DIFFERS",
            Mistake::SexDiffers => "SEX_DIFFERS",
            Mistake::CardMissing => "CARD_MISSING",
            Mistake::Repeated => "REPEATED",
            Mistake::GuardianIsWard => "GUARDIAN_IS_WARD",
            Mistake::ReferenceReused => "REFERENCE_REUSED",
        }
    }

    /// What is wrong, in Chinese.
    pub fn zh(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Mistake::ColumnCount => "列数与首行不符",
            Mistake::LineTooLong => "一行超过 64 KiB",
            Mistake::NoText => "有不能按文件编码读出的字节",
            Mistake::Quotes => "引号没有成对",
            Mistake::ControlCharacter => "含有控制字符",
            Mistake::Length(most) => return Cow::Owned(format!("应为 1 至 {most} 个字符")),
            Mistake::Word => "不是这一列可用的代码",
            Mistake::Flag => "应为 1 或 0",
            Mistake::Day => "不是存在的日期，应写作 2025-06-16",
            Mistake::Time => "不是存在的日期或时间，应写作 2025-06-16 或 2025-06-16 10:00",
            Mistake::Amount => "应为不带符号、恰有两位小数的元，如 120.40",
            Mistake::Region => "不是六位区划代码",
            Mistake::Institution => "不是定点机构代码（H 或 P 加十一位数字）",
            Mistake::IdNumber => "身份证号码的校验码或出生日期不对",
            Mistake::BornDiffers => "与身份证号码里的出生日期不同",
            Mistake::SexDiffers => "与身份证号码里的性别不同",
            Mistake::CardMissing => "有卡识别码就要有卡号",
            Mistake::Repeated => "在本文件里不止一行，各行都没有收",
            Mistake::GuardianIsWard => "监护人自己也有监护人",
            Mistake::ReferenceReused => "这个流水号用于过另一笔",
        })
    }

    /// What would be right, in English.
    pub fn en(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Mistake::ColumnCount => "The line does not have as many columns as the first one.",
            Mistake::LineTooLong => "The line is longer than 64 KiB.",
            Mistake::NoText => "The line holds bytes that are no text in the file's encoding.",
            Mistake::Quotes => "Quotation marks come in pairs around a whole value.",
            Mistake::ControlCharacter => "The value holds a control character.",
            Mistake::Length(most) => return Cow::Owned(format!("Write 1 to {most} characters.")),
            Mistake::Word => "Write one of the words that this column takes.",
            Mistake::Flag => "Write 1 or 0.",
            Mistake::Day => "Write a day that exists, like 2025-06-16.",
            Mistake::Time => "Write a day or a time that exists, like 2025-06-16 or 2025-06-16 10:00.",
            Mistake::Amount => "Write yuan without a sign and with exactly two decimals, like 120.40.",
            Mistake::Region => "Write the six digits of a region, like 320300.",
            Mistake::Institution => "Write H or P and eleven digits, like H32030000001.",
            Mistake::IdNumber => "The check character or the day of birth is wrong.",
            Mistake::BornDiffers => "The ID number says another day of birth.",
            Mistake::SexDiffers => "The ID number says another sex.",
            Mistake::CardMissing => "A serial belongs to a card: send `card` too.",
            Mistake::Repeated => "It stands in the file more than once; none of these lines is taken in.",
            Mistake::GuardianIsWard => "The guardian has a guardian too.",
            Mistake::ReferenceReused => "This reference was used for something else.",
        })
    }
}
