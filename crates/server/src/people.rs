//! Names and documents of people, as they are sealed into the store and shown to those entitled to see them.

use crate::mistake::Mistake;
use crate::rest::id_number;
use crate::vault::{Found, Vault, random};
use domain::day::Day;
use domain::ids::{Lookup, PersonNo};
use domain::request::{AddPerson, Body};
use domain::words::Sex;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use store::Attachments;

/// The type of a resident's ID card, whose number proves itself.
pub const RESIDENT_CARD: &str = "01";

/// Who a person is to the outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The national person number (`psn_no`).
    pub psn_no: String,
    /// The name.
    pub name: String,
    /// Type of ID document (`psn_cert_type`).
    pub id_type: String,
    /// Number of the ID document.
    pub id_number: String,
    /// Number of the social-security card, where there is one.
    pub card: Option<String>,
    /// Its serial (`card_sn`).
    pub card_serial: Option<String>,
}

impl Identity {
    /// Everything the person is found by.
    pub fn lookups(&self, born: Day, vault: &Vault) -> Vec<Lookup> {
        let number = vault.lookup(Found::PersonNo, &self.psn_no);
        let mut lookups =
            vec![number, vault.lookup(Found::IdDocument, &self.id_number), self.called(number, born, vault)];
        lookups.extend(self.card.as_ref().map(|it| vault.lookup(Found::Card, it)));
        lookups.extend(
            self.card
                .as_ref()
                .zip(self.card_serial.as_ref())
                .map(|(card, serial)| vault.lookup(Found::CardSerial, &format!("{card}/{serial}"))),
        );
        lookups
    }

    /// What the person is found by among all who are called alike: how it begins is theirs together.
    fn called(&self, number: Lookup, born: Day, vault: &Vault) -> Lookup {
        let (Lookup(mut called), _) = namesakes(vault, &self.name, born);
        let rest = called.len() - CALLED;
        called[CALLED..].copy_from_slice(&number.0[..rest]);
        Lookup(called)
    }

    /// The same without blanks around its parts, if it is right: each part has as many characters as it may have, and
    /// a resident's ID number proves itself and says the same day of birth and sex.
    ///
    /// # Errors
    /// The field, and what is wrong with it.
    pub fn checked(self, born: Day, sex: Sex) -> Result<Identity, (&'static str, Mistake)> {
        let filled = |field, text: &str, most: usize| {
            let right = !text.trim().is_empty() && text.chars().count() <= most;
            right.then(|| text.trim().to_owned()).ok_or((field, Mistake::Length(most)))
        };
        if self.id_type == RESIDENT_CARD {
            let said = id_number::read(&self.id_number).ok_or(("id_number", Mistake::IdNumber))?;
            if said.born != born {
                return Err(("born", Mistake::BornDiffers));
            }
            if said.sex != sex {
                return Err(("sex", Mistake::SexDiffers));
            }
        }
        if self.card_serial.is_some() && self.card.is_none() {
            return Err(("card_serial", Mistake::CardMissing));
        }
        let optional =
            |field, text: &Option<String>| text.as_deref().map(|it| filled(field, it, 50)).transpose();
        Ok(Identity {
            psn_no: filled("psn_no", &self.psn_no, 30)?,
            name: filled("name", &self.name, 50)?,
            id_type: filled("id_type", &self.id_type, 3)?,
            id_number: filled("id_number", &self.id_number, 50)?,
            card: optional("card", &self.card)?,
            card_serial: optional("card_serial", &self.card_serial)?,
        })
    }

    /// What takes the person in, and what is sealed beside it.
    pub fn taken_in(
        &self,
        born: Day,
        sex: Sex,
        guardian: Option<Lookup>,
        vault: &Vault,
    ) -> (Body, Attachments) {
        let body = Body::AddPerson(AddPerson { lookups: self.lookups(born, vault), born, sex, guardian });
        let sealed = vault.seal(random(), &self.bytes());
        (body, Attachments { identity: Some(sealed), ..Attachments::default() })
    }

    /// The bytes that are sealed.
    pub fn bytes(&self) -> Vec<u8> {
        domain::chain::encode(self)
    }

    /// The name as strangers may see it: 李*, 李*明.
    pub fn masked(&self) -> String {
        masked(&self.name)
    }
}

/// How many bytes of a lookup say the name and the day of birth; two of a thousand million people who are not called
/// alike begin alike once in a million nations.
const CALLED: usize = 10;

/// Between which lookups all who have this name and day of birth are found.
pub fn namesakes(vault: &Vault, name: &str, born: Day) -> (Lookup, Lookup) {
    let hash = vault.derived("called", &format!("{} {born}", name.trim()));
    let (mut first, mut last) = ([0; 16], [u8::MAX; 16]);
    first[..CALLED].copy_from_slice(&hash[..CALLED]);
    last[..CALLED].copy_from_slice(&hash[..CALLED]);
    (Lookup(first), Lookup(last))
}

/// A name as strangers may see it: the first character, and the last of three or more.
pub fn masked(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    match letters.as_slice() {
        [] => "*".to_owned(),
        [first] | [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

/// A document number as strangers may see it: the first four and last four characters.
pub fn masked_number(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let hidden = letters.len().saturating_sub(8);
    let shown = |(at, it): (usize, &char)| if at >= 4 && at < 4 + hidden { '*' } else { *it };
    if hidden == 0 { "*".repeat(letters.len()) } else { letters.iter().enumerate().map(shown).collect() }
}

/// The people of a case, opened.
#[derive(Debug, Clone, Default)]
pub struct People(pub BTreeMap<PersonNo, Identity>);

impl People {
    /// Opens what is sealed; what cannot be opened is left out.
    pub fn open(vault: &Vault, sealed: &BTreeMap<PersonNo, Vec<u8>>) -> People {
        let open = |bytes: &Vec<u8>| domain::chain::decode(&vault.open(bytes).ok()?).ok();
        People(sealed.iter().filter_map(|(no, bytes)| Some((*no, open(bytes)?))).collect())
    }

    /// A person, if known.
    pub fn get(&self, person: PersonNo) -> Option<&Identity> {
        self.0.get(&person)
    }
}

/// The people of one answer: whoever is named is opened when first named, and no more than once.
#[derive(Debug, Default)]
pub struct Opened(RefCell<BTreeMap<PersonNo, Option<Rc<Identity>>>>);

impl Opened {
    /// A person; `None` where nobody is sealed under this number or the seal cannot be opened.
    pub fn get(
        &self,
        vault: &Vault,
        sealed: &BTreeMap<PersonNo, Vec<u8>>,
        person: PersonNo,
    ) -> Option<Rc<Identity>> {
        let open = || domain::chain::decode(&vault.open(sealed.get(&person)?).ok()?).ok().map(Rc::new);
        self.0.borrow_mut().entry(person).or_insert_with(open).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a stranger at the till reads a whole name or number.
    #[test]
    fn names_and_numbers_are_masked() {
        let names = [("李明", "李*"), ("李小明", "李*明"), ("欧阳小明", "欧**明"), ("李", "李*"), ("", "*")];
        for (name, expected) in names {
            assert_eq!(masked(name), expected);
        }
        assert_eq!(masked_number("990000198503120115"), "9900**********0115");
        assert_eq!(masked_number("12345678"), "********");
    }
}
