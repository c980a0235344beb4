//! The words of the field that are small closed lists: schemes, relations, kinds and levels of institutions.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$each])* $variant,)+ }

        impl $name {
            /// Every one of them, in order.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The word as policy files, stores and interfaces write it.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Reads the word; `None` for any other.
            pub fn parse(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|it| it.word() == word)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// A scheme of basic medical insurance (险种). Only the employee scheme carries a personal account.
    Scheme {
        /// 职工基本医疗保险, 310.
        Employee = "employee",
        /// 城乡居民基本医疗保险, 390.
        Resident = "resident",
    }
}

words! {
    /// What a member is to the scheme (人员类别): decides deductibles and shares.
    Category {
        /// 在职.
        Active = "active",
        /// 退休.
        Retired = "retired",
        /// 居民（成年）.
        Adult = "adult",
        /// 居民（老年）.
        Elder = "elder",
        /// 大学生、中小学生.
        Student = "student",
        /// 学龄前儿童、新生儿.
        Child = "child",
    }
}

words! {
    /// What the beneficiary is *to the giver* (R-B1).
    Relation {
        /// 配偶.
        Spouse = "spouse",
        /// 父母.
        Parent = "parent",
        /// 子女.
        Child = "child",
        /// 兄弟姐妹.
        Sibling = "sibling",
        /// 祖父母、外祖父母.
        Grandparent = "grandparent",
        /// 孙子女、外孙子女.
        Grandchild = "grandchild",
        /// 配偶的父母: 岳父母、公婆.
        SpouseParent = "spouse_parent",
        /// 子女的配偶: 女婿、儿媳.
        ChildSpouse = "child_spouse",
        /// 指定的一人 (Chongqing 2022).
        Designated = "designated",
    }
}

words! {
    /// How an enrolment stands on a day (R-A3).
    Standing {
        /// 正常参保.
        Normal = "normal",
        /// 暂停参保.
        Paused = "paused",
        /// 终止参保, or not enrolled at all.
        Ended = "ended",
    }
}

words! {
    /// One of the two people of a binding.
    Side {
        /// 共济人.
        Giver = "giver",
        /// 被共济人.
        Beneficiary = "beneficiary",
    }
}

words! {
    /// Where somebody acts (R-D9).
    Channel {
        /// The citizen's own session in the insurer's application.
        App = "app",
        /// WeChat, Alipay and the like.
        Partner = "partner",
        /// A clerk at a service hall.
        Hall = "hall",
    }
}

words! {
    /// What kinship is proved with (R-D2).
    Proof {
        /// A signed commitment (承诺书).
        Commitment = "commitment",
        /// A commitment and uploaded documents.
        Documents = "documents",
        /// A commitment, documents, and review by the agency.
        Review = "review",
    }
}

words! {
    /// How far sharing reaches (R-C1).
    Scope {
        /// Inside one pooling area.
        Area = "area",
        /// Between the areas of one province.
        Province = "province",
        /// Between provinces.
        Nation = "nation",
    }
}

words! {
    /// How the money moves (R-M1 to R-M4).
    Mode {
        /// 即时调用: a settlement debits the giver's account.
        Live = "live",
        /// 共济额度: the giver earmarks an amount, a settlement consumes it.
        Quota = "quota",
        /// 家庭共济账户: the giver transfers to the family's pool.
        Pool = "pool",
        /// 医保钱包转账.
        Wallet = "wallet",
    }
}

words! {
    /// When a release takes effect (R-D6).
    ReleaseEffect {
        /// In force for the rest of the day, ended from the next day's start.
        NextDay = "next_day",
        /// Ended at once.
        AtOnce = "at_once",
    }
}

words! {
    /// What must be true of the beneficiary's own account before shared money pays (R-E6).
    OwnFirst {
        /// Shared money pays nothing while the own account holds anything.
        MustBeZero = "must_be_zero",
        /// The own account pays first, shared money the rest of the same bill.
        ThenShared = "then_shared",
        /// Shared money may pay while the own account is left alone.
        Optional = "optional",
    }
}

words! {
    /// In which order givers pay (R-E6).
    GiverOrder {
        /// Oldest binding first.
        Oldest = "oldest",
        /// Newest binding first.
        Newest = "newest",
        /// The order that was set at binding, then oldest first.
        Rank = "rank",
        /// Largest usable balance first.
        Largest = "largest",
    }
}

words! {
    /// Which part of a personal account pays first (R-E6).
    PartOrder {
        /// 历年 before 当年.
        PriorFirst = "prior_first",
        /// 当年 before 历年.
        CurrentFirst = "current_first",
    }
}

words! {
    /// Which part of the giver's account can be shared (R-C3, R-E6).
    SharedPart {
        /// All of it.
        Whole = "whole",
        /// 历年结余 only.
        Prior = "prior",
    }
}

words! {
    /// A part of what the patient bears (R-E12).
    BillPart {
        /// 全自费.
        FullSelf = "full_self",
        /// 超限价.
        OverLimit = "over_limit",
        /// 先行自付.
        FirstPay = "first_pay",
        /// 起付线.
        Deductible = "deductible",
        /// The patient's share beside the fund's.
        RatioShare = "ratio_share",
        /// What the fund would have paid but for its ceiling (封顶线).
        OverCeiling = "over_ceiling",
    }
}

words! {
    /// What shared money can be spent on (R-E5).
    Purpose {
        /// Costs at medical institutions.
        Medical = "medical",
        /// Drugs, devices and consumables at pharmacies.
        Pharmacy = "pharmacy",
        /// Premiums of the resident scheme.
        Premium = "premium",
        /// Premiums of long-term-care insurance.
        CarePremium = "care_premium",
        /// In-patient stays at medical institutions.
        Inpatient = "inpatient",
    }
}

words! {
    /// How a patient is treated: what is used of deductible and ceiling is counted for each apart (R-E19).
    Care {
        /// 门诊和购药.
        Outpatient = "outpatient",
        /// 住院.
        Inpatient = "inpatient",
    }
}

words! {
    /// Which day's law a stay is settled by (R-E19).
    StayDay {
        /// The day of admission.
        Admission = "admission",
        /// The day of discharge; as long as it is not known, the day of the settlement.
        Discharge = "discharge",
    }
}

words! {
    /// Whether a patient is discharged before the final settlement of a stay or after it (R-E20).
    DischargeOrder {
        /// Either.
        Any = "any",
        /// Discharge first.
        DischargeFirst = "discharge_first",
        /// Settlement first.
        SettlementFirst = "settlement_first",
    }
}

words! {
    /// A freedom that a binding's giver has (R-D7).
    LimitKind {
        /// An end date.
        EndDate = "end_date",
        /// An amount for each bill.
        PerBill = "per_bill",
        /// An amount for each calendar month.
        PerMonth = "per_month",
        /// An amount for each calendar year.
        PerYear = "per_year",
    }
}

words! {
    /// The kind of a designated institution (R-L1).
    InstitutionKind {
        /// 医院.
        Hospital = "hospital",
        /// 门诊部、诊所.
        Clinic = "clinic",
        /// 社区卫生服务机构.
        CommunityCentre = "community_centre",
        /// 村卫生室.
        VillageClinic = "village_clinic",
        /// 定点零售药店.
        Pharmacy = "pharmacy",
    }
}

words! {
    /// What an institution's software can do with us, beside being designated (R-L1).
    Capability {
        /// 门诊结算.
        Outpatient = "outpatient",
        /// 住院结算.
        Inpatient = "inpatient",
        /// 药店购药结算.
        Purchase = "purchase",
        /// 共济: its software is linked for shared money.
        Shared = "shared",
    }
}

words! {
    /// The level of an institution (R-L1).
    Level {
        /// 三级.
        Tertiary = "tertiary",
        /// 二级.
        Secondary = "secondary",
        /// 一级及以下、社区.
        Primary = "primary",
        /// 无等级.
        None = "none",
    }
}

words! {
    /// A document that proves who somebody is at the counter (就诊凭证, R-E1).
    CredentialKind {
        /// 医保电子凭证, 01.
        Code = "code",
        /// 居民身份证, 02.
        IdDocument = "id_document",
        /// 社会保障卡, 03.
        Card = "card",
    }
}

words! {
    /// Which settlements may be cancelled (R-E15).
    CancelOrder {
        /// Any, in whatever order.
        Any = "any",
        /// Only the latest of those that used the same deductible or ceiling.
        LatestFirst = "latest_first",
    }
}

words! {
    /// What `acct_used_flag` 2 means (R-E11).
    FlagTwo {
        /// The own account first, by the order of the area.
        OwnFirst = "own_first",
        /// Shared money only.
        SharedOnly = "shared_only",
    }
}

words! {
    /// How sure a policy value is.
    Certainty {
        /// A government site, or text of the national bureau.
        Official = "official",
        /// Mainstream or local press.
        Press = "press",
        /// A reprint or aggregator.
        Reprint = "reprint",
        /// Nobody published it: a cautious value chosen here.
        Assumed = "assumed",
    }
}

words! {
    /// Over what time a deductible is counted.
    Period {
        /// A calendar year.
        Year = "year",
        /// A calendar month.
        Month = "month",
        /// Each visit.
        Visit = "visit",
    }
}

words! {
    /// The pooled funds that the benefits here know.
    FundKind {
        /// 基本医疗保险统筹基金.
        Basic = "basic",
        /// 职工大额医疗费用补助基金.
        Large = "large",
    }
}

words! {
    /// The sex of a person, as the ID document has it.
    Sex {
        /// 男.
        Male = "male",
        /// 女.
        Female = "female",
    }
}

impl Care {
    /// The other one.
    pub const fn other(self) -> Care {
        match self {
            Care::Outpatient => Care::Inpatient,
            Care::Inpatient => Care::Outpatient,
        }
    }
}

impl Purpose {
    /// The kind of care that it pays for; premiums, which are for none, are counted with out-patient care.
    pub const fn care(self) -> Care {
        match self {
            Purpose::Inpatient => Care::Inpatient,
            Purpose::Medical | Purpose::Pharmacy | Purpose::Premium | Purpose::CarePremium => {
                Care::Outpatient
            }
        }
    }
}

impl Relation {
    /// What the giver is to the beneficiary.
    pub const fn reversed(self) -> Relation {
        match self {
            Relation::Spouse => Relation::Spouse,
            Relation::Parent => Relation::Child,
            Relation::Child => Relation::Parent,
            Relation::Sibling => Relation::Sibling,
            Relation::Grandparent => Relation::Grandchild,
            Relation::Grandchild => Relation::Grandparent,
            Relation::SpouseParent => Relation::ChildSpouse,
            Relation::ChildSpouse => Relation::SpouseParent,
            Relation::Designated => Relation::Designated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_read_back_and_relations_turn_around() {
        for relation in Relation::ALL {
            assert_eq!(Relation::parse(relation.word()), Some(*relation));
            assert_eq!(relation.reversed().reversed(), *relation);
        }
    }
}
