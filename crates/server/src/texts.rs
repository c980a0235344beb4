//! The texts for people that the binary carries, by language, and the names they speak of.

use crate::people::{Identity, masked};
use crate::turn::Told;
use domain::ids::{Area, InstitutionCode, PersonNo};
use domain::law::RegionNames;
use domain::texts::{Names, Texts};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Texts in every language.
#[derive(Debug)]
pub struct AllTexts {
    /// Chinese.
    pub zh: Texts,
    /// English.
    pub en: Texts,
}

impl AllTexts {
    /// The texts that the binary carries.
    ///
    /// # Panics
    /// Never in a released binary: a test reads them.
    pub fn shipped() -> AllTexts {
        let read = |file: &str, text: &str| Texts::parse(file, text).expect("a test reads the shipped texts");
        AllTexts {
            zh: read("texts/zh.toml", include_str!("../../../texts/zh.toml")),
            en: read("texts/en.toml", include_str!("../../../texts/en.toml")),
        }
    }

    /// The texts of a language: `en`, or else Chinese.
    pub fn of(&self, language: &str) -> &Texts {
        if language.starts_with("en") { &self.en } else { &self.zh }
    }
}

/// Names of a case, as sealed; shown in full or as strangers may see them.
pub struct CaseNames<'a> {
    /// Names of regions.
    pub regions: &'a RegionNames,
    /// Names of institutions.
    pub institutions: &'a BTreeMap<InstitutionCode, String>,
    /// Finds a person.
    pub identity: &'a dyn Fn(PersonNo) -> Option<Rc<Identity>>,
    /// Whether people's names are masked.
    pub mask: bool,
}

impl<'a> CaseNames<'a> {
    /// The names of a decision that was just made, masked.
    pub fn masked(
        told: &'a Told<'a>,
        identity: &'a dyn Fn(PersonNo) -> Option<Rc<Identity>>,
    ) -> CaseNames<'a> {
        CaseNames { regions: &told.law.policies.names, institutions: told.names, identity, mask: true }
    }
}

impl Names for CaseNames<'_> {
    fn person(&self, person: PersonNo) -> Option<String> {
        let name = &(self.identity)(person)?.name;
        Some(if self.mask { masked(name) } else { name.clone() })
    }

    fn area(&self, area: Area) -> Option<String> {
        self.regions.get(&area).cloned()
    }

    fn institution(&self, institution: InstitutionCode) -> Option<String> {
        self.institutions.get(&institution).cloned()
    }
}
