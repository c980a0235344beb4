//! Every parameter of the law (the rules marked P), with the type of its value and the rule it serves.
//! Whoever adds one adds a line here, a value in `policies/national/`, and the code that asks for it.

use crate::benefit::{self, Benefit};
use crate::ids::Area;
use crate::money::{Fen, Share};
use crate::policy::{Cite, Dated, Param, Source};
use crate::words::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// At most so many, or no limit (`"none"` in policy files).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "NumberOrNone")]
pub struct AtMost(pub Option<u16>);

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrNone {
    Number(u16),
    Word(String),
}

impl TryFrom<NumberOrNone> for AtMost {
    type Error = String;

    fn try_from(value: NumberOrNone) -> Result<AtMost, String> {
        match value {
            NumberOrNone::Number(number) => Ok(AtMost(Some(number))),
            NumberOrNone::Word(word) if word == "none" => Ok(AtMost(None)),
            NumberOrNone::Word(word) => Err(format!("`{word}` is neither a number nor \"none\"")),
        }
    }
}

/// An amount in yuan, written as text: `"1000.00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Amount(#[serde(deserialize_with = "benefit::yuan")] pub Fen);

/// Where a drug has to come with the trace code of its pack (R-J5).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceRule {
    /// At pharmacies.
    pub pharmacy: bool,
    /// In out-patient bills of medical institutions.
    pub medical: bool,
    /// National codes of drugs that may be sold without (无码库): packs of theirs may have none.
    #[serde(default)]
    pub without: BTreeSet<String>,
}

impl TraceRule {
    /// Whether what is bought so has to come with codes; in-patient stays never.
    pub fn asks(&self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Pharmacy => self.pharmacy,
            Purpose::Medical => self.medical,
            Purpose::Inpatient | Purpose::Premium | Purpose::CarePremium => false,
        }
    }
}

/// A share in per cent, written as text: `"10"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PerCent(#[serde(deserialize_with = "benefit::percent")] pub Share);

/// How many of each relation one giver may have bound at once; parents told apart by sex. A relation that is
/// not named has no limit of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composition {
    /// Spouses.
    pub spouse: Option<u16>,
    /// Fathers.
    pub father: Option<u16>,
    /// Mothers.
    pub mother: Option<u16>,
    /// Children.
    pub child: Option<u16>,
}

/// Who of the two has to confirm, beside the one who started, before a binding exists (R-D3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The relations in which the beneficiary has to confirm.
    #[serde(default)]
    pub relations: BTreeSet<Relation>,
    /// The age from which a beneficiary in these relations has to confirm; a younger one's guardian need not.
    /// Absent: at any age.
    pub from_age: Option<u16>,
}

/// Which parts of the personal share an account may pay, by kind of place (R-E12).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayableParts {
    /// At medical institutions.
    pub medical: BTreeSet<BillPart>,
    /// At pharmacies.
    pub pharmacy: BTreeSet<BillPart>,
    /// Of in-patient stays; absent: as at medical institutions.
    pub inpatient: Option<BTreeSet<BillPart>>,
}

impl PayableParts {
    /// The parts that may be paid where this is bought.
    pub fn of(&self, purpose: Purpose) -> &BTreeSet<BillPart> {
        match purpose {
            Purpose::Pharmacy => &self.pharmacy,
            Purpose::Inpatient => self.inpatient.as_ref().unwrap_or(&self.medical),
            Purpose::Medical | Purpose::Premium | Purpose::CarePremium => &self.medical,
        }
    }
}

/// Parameters about which the nation is silent on purpose: an area that says nothing refuses.
pub(crate) const LOCAL: &[&str] = &["employee_inpatient", "resident_inpatient"];

/// What an area calls the channel, as citizens know it (R-D9).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelNames {
    /// The insurer's application.
    pub app: String,
    /// The service hall.
    pub hall: String,
}

/// Where people are served in person (R-D9).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceHall {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// Its telephone number.
    pub phone: String,
    /// When it is open.
    pub hours: String,
}

/// The class of medical service items, by the first digits of their code; the longest prefix decides (R-J2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct ServiceClasses(pub BTreeMap<String, ServiceClass>);

/// Whether and how a service item enters the reimbursable range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceClass {
    /// In full, like 甲.
    A,
    /// After first-pay, like 乙.
    B,
    /// Not at all.
    Out,
}

/// The highest price of an item that counts (R-J2): what lies above is over-limit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceLimit {
    /// National code of the item.
    pub code: String,
    /// Levels of institutions it holds for; absent: all.
    pub level: Option<BTreeSet<Level>>,
    /// Price of one unit, in yuan.
    #[serde(deserialize_with = "benefit::yuan")]
    pub yuan: Fen,
}

macro_rules! parameters {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $rule:literal,)+) => {
        /// The names of all parameters, in the order that [`Cite::param`] counts; only ever appended to.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// The rule that each parameter serves, in the same order.
        pub const RULES: &[&str] = &[$($rule),+];

        /// What the law says, parameter by parameter.
        #[derive(Debug, Clone)]
        pub struct Parameters { $($(#[$doc])* pub $name: Param<$kind>,)+ }

        impl Parameters {
            /// Parameters about which nobody has said anything.
            pub(crate) fn silent() -> Parameters {
                let mut number = 0;
                let mut next = || { number += 1; number - 1 };
                Parameters { $($name: Param::new(next()),)+ }
            }

            /// Takes in one value of a policy file; an error says what is wrong with it.
            pub(crate) fn take(&mut self, name: &str, region: Area, dated: Dated<toml::Value>)
                -> Result<(), String> {
                let Dated { from, to, value, source, binding_below } = dated;
                match name {
                    $(stringify!($name) => {
                        let value: $kind = value.try_into().map_err(|it: toml::de::Error| it.message().to_owned())?;
                        self.$name.push(region, Dated { from, to, value, source, binding_below });
                        Ok(())
                    })+
                    _ => Err(format!("there is no parameter `{name}`")),
                }
            }

            /// Runs `check` over the values of each parameter.
            pub(crate) fn each(&mut self, check: &mut dyn FnMut(&'static str, Vec<Span<'_>>)) {
                $(check(stringify!($name), spans(&mut self.$name));)+
            }

            /// The sources of all values.
            pub fn sources(&self) -> Vec<&Source> {
                let mut all = Vec::new();
                $(all.extend(self.$name.sources());)+
                all
            }

            /// The source of the value that a cite names, with the value's last day.
            pub fn source(&self, cite: Cite) -> Option<(&Source, Option<crate::day::Day>)> {
                let name = NAMES.get(usize::from(cite.param))?;
                match *name {
                    $(stringify!($name) => self.$name.cited(cite).map(|it| (&it.source, it.to)),)+
                    _ => None,
                }
            }
        }
    };
}

impl Parameters {
    /// The benefits of a scheme where this is bought.
    pub fn benefit(&self, scheme: Scheme, purpose: Purpose) -> &Param<Benefit> {
        match (scheme, purpose) {
            (Scheme::Employee, Purpose::Pharmacy) => &self.employee_pharmacy,
            (Scheme::Employee, Purpose::Inpatient) => &self.employee_inpatient,
            (Scheme::Employee, _) => &self.employee_outpatient,
            (Scheme::Resident, Purpose::Pharmacy) => &self.resident_pharmacy,
            (Scheme::Resident, Purpose::Inpatient) => &self.resident_inpatient,
            (Scheme::Resident, _) => &self.resident_outpatient,
        }
    }
}

/// One value's days, seen without its type.
pub(crate) struct Span<'a> {
    pub(crate) region: Area,
    pub(crate) from: crate::day::Day,
    pub(crate) to: &'a mut Option<crate::day::Day>,
    pub(crate) source: &'a Source,
    pub(crate) binding_below: bool,
}

fn spans<T>(param: &mut Param<T>) -> Vec<Span<'_>> {
    param
        .values_mut()
        .flat_map(|(region, values)| values.iter_mut().map(move |it| (region, it)))
        .map(|(region, it)| Span {
            region,
            from: it.from,
            to: &mut it.to,
            source: &it.source,
            binding_below: it.binding_below,
        })
        .collect()
}

parameters! {
    // Asked of the giver's area (R-C3).
    /// What the beneficiary may be to the giver.
    relations: BTreeSet<Relation> = "R-B1",
    /// Standings of the giver that block binding.
    giver_blocks_binding: BTreeSet<Standing> = "R-A3",
    /// Standings of the giver that block use.
    giver_blocks_use: BTreeSet<Standing> = "R-A3",
    /// Whether two people may bind each other.
    mutual_binding: bool = "R-B5",
    /// Whether a giver cannot be a beneficiary and the reverse.
    roles_exclusive: bool = "R-B5",
    /// How many beneficiaries at once.
    max_beneficiaries: AtMost = "R-B4",
    /// How many different beneficiaries ever; the same person again counts once.
    max_beneficiaries_ever: AtMost = "R-B4",
    /// How many of each relation at once.
    composition: Composition = "R-B4",
    /// Who may start a binding.
    starters: BTreeSet<Side> = "R-D1",
    /// Proof of kinship in the insurer's application.
    proof_app: Proof = "R-D2",
    /// Proof of kinship in partners' applications.
    proof_partner: Proof = "R-D2",
    /// Proof of kinship at a service hall.
    proof_hall: Proof = "R-D2",
    /// Who has to confirm.
    confirmation: Confirmation = "R-D3",
    /// Days after which a pending confirmation expires.
    confirmation_days: u16 = "R-D3",
    /// Whether the giver may choose a later first day.
    start_day_choice: bool = "R-D5",
    /// When a release takes effect.
    release_effect: ReleaseEffect = "R-D6",
    /// Days from the day of the release until the same two may bind again.
    rebind_days: u16 = "R-D6",
    /// What limits the giver may set.
    limits: BTreeSet<LimitKind> = "R-D7",
    /// Names of the channels.
    channel_names: ChannelNames = "R-D9",
    /// Who may release.
    released_by: BTreeSet<Side> = "R-D11",
    /// Months before which a binding cannot be released.
    release_lock_months: u16 = "R-D11",
    /// Whether a release can be withdrawn before the end of its day.
    release_withdrawal: bool = "R-D11",
    /// Which part of the giver's account can be shared.
    shared_part: SharedPart = "R-E6",
    /// What must stay in the giver's account.
    floor: Amount = "R-E6",
    // Asked of the beneficiary's area.
    /// Standings of the beneficiary that block binding.
    beneficiary_blocks_binding: BTreeSet<Standing> = "R-A3",
    /// Standings of the beneficiary that block use.
    beneficiary_blocks_use: BTreeSet<Standing> = "R-A3",
    /// Schemes in which a beneficiary may be.
    beneficiary_schemes: BTreeSet<Scheme> = "R-B2",
    /// How many givers at once.
    max_givers: AtMost = "R-B4",
    /// The own account before shared money.
    own_first: OwnFirst = "R-E6",
    /// Order of the givers.
    giver_order: GiverOrder = "R-E6",
    /// Whether one bill takes money of one giver only.
    one_giver_per_bill: bool = "R-E6",
    /// Order of an account's parts.
    part_order: PartOrder = "R-E6",
    /// Parts of the personal share that the own account pays.
    payable_own: PayableParts = "R-E12",
    /// Parts of the personal share that shared money pays.
    payable_shared: PayableParts = "R-E12",
    /// What shared money can be spent on.
    payable_purposes: BTreeSet<Purpose> = "R-E5",
    /// First-pay share of class 乙 items.
    class_b_first_pay: PerCent = "R-J2",
    /// Classes of service items.
    service_classes: ServiceClasses = "R-J2",
    /// Highest prices that count.
    price_limits: Vec<PriceLimit> = "R-J2",
    /// Whether `acct_used_flag` 1 means shared money too.
    flag_one_shares: bool = "R-E11",
    /// What `acct_used_flag` 2 means.
    flag_two: FlagTwo = "R-E11",
    /// Order in which settlements may be cancelled.
    cancel_order: CancelOrder = "R-E15",
    /// Out-patient benefits of the employee scheme.
    employee_outpatient: Benefit = "R-E3",
    /// Out-patient benefits of the resident scheme.
    resident_outpatient: Benefit = "R-E3",
    /// Pharmacy benefits of the employee scheme.
    employee_pharmacy: Benefit = "R-E3",
    /// Pharmacy benefits of the resident scheme.
    resident_pharmacy: Benefit = "R-E3",
    // Asked of the institution's area.
    /// Whether the giver's code or card must be shown too.
    giver_credential: bool = "R-E2",
    /// Whether an ID document is taken as the patient's credential.
    id_document: bool = "R-E1",
    /// Schemes whose members may show an ID document even where others may not.
    id_document_schemes: BTreeSet<Scheme> = "R-B2",
    /// Minutes within which the same bill under another message id is refused as a duplicate.
    duplicate_minutes: u16 = "R-E18",
    /// How many days back a service day may lie.
    service_days_back: u16 = "R-E13",
    // Asked of both areas: both must allow it.
    /// How far sharing reaches.
    scope: Scope = "R-C1",
    /// Regions of other provinces with which sharing is open.
    partners: BTreeSet<RegionCode> = "R-C1",
    /// Mode inside one pooling area.
    mode_area: Mode = "R-M1",
    /// Mode between areas of one province.
    mode_province: Mode = "R-M1",
    /// Mode between provinces.
    mode_nation: Mode = "R-M2",
    // Of in-patient stays: the first three are asked of the patient's area, the last of the institution's.
    /// In-patient benefits of the employee scheme. The nation says nothing: without local law stays are refused.
    employee_inpatient: Benefit = "R-E19",
    /// In-patient benefits of the resident scheme. The nation says nothing: without local law stays are refused.
    resident_inpatient: Benefit = "R-E19",
    /// Which day's law a stay is settled by.
    stay_day: StayDay = "R-E19",
    /// Discharge before the final settlement or after it.
    discharge_order: DischargeOrder = "R-E20",
    // Asked of the area that people look into.
    /// Service halls; none where the area has published none.
    service_halls: Vec<ServiceHall> = "R-D9",
    // Asked of the area that insures the holder of a family code link.
    /// How many members' codes somebody can show at once.
    max_family_codes: AtMost = "R-F2",
    // Of proxy purchases: days are asked of the patient's area, documents of the patient's and the institution's.
    /// For how many days after today a purchase may be entrusted.
    proxy_days: u16 = "R-G1",
    /// Whether the ID documents of patient and agent have to be recorded.
    proxy_papers: bool = "R-G1",
    // Asked of the institution's area.
    /// Where a drug has to come with the trace code of its pack.
    trace_codes: TraceRule = "R-J5",
}

/// A region code in a policy file; `"000000"` stands for the whole country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct RegionCode(pub Area);

impl TryFrom<String> for RegionCode {
    type Error = String;

    fn try_from(text: String) -> Result<RegionCode, String> {
        let area = Area::parse(&text).map(RegionCode);
        area.ok_or_else(|| format!("`{text}` is not a region code of six digits"))
    }
}
