//! Whom the day is about: people of a file, or of the demo world.

use super::amounts::or_zero;
use super::books::text;
use super::desk::Desk;
use crate::demo::world::World;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// What a patient shows.
#[derive(Debug, Clone, Deserialize)]
pub struct Shown {
    /// 01 medical code, 02 ID document, 03 card.
    pub mdtrt_cert_type: String,
    /// Its number.
    pub mdtrt_cert_no: String,
    /// Serial of a card.
    #[serde(default)]
    pub card_sn: String,
}

/// A patient, as 1101 told.
#[derive(Debug, Clone)]
pub(super) struct Patient {
    shown: Shown,
    pub(super) psn_no: String,
    pub(super) insutype: String,
    /// The area that insures.
    pub(super) area: String,
}

/// Reads a CSV with a line of column names: `mdtrt_cert_type`, `mdtrt_cert_no`, `card_sn`.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn of_file(path: &Path) -> Result<Vec<Shown>, csv::Error> {
    csv::Reader::from_path(path)?.deserialize().collect()
}

/// People of the demo world who are insured in an institution's area all the time.
pub(super) fn of_demo(institution: &str) -> Vec<Shown> {
    let area = institution.get(1..7).unwrap_or_default();
    let whole = |it: &&crate::demo::world::Person| {
        it.area == area && it.paused.is_none() && it.died.is_none() && it.moved.is_none()
    };
    let world = World::shipped();
    let people = world.person.iter().filter(whole);
    let shown = |it: &crate::demo::world::Person| Shown {
        mdtrt_cert_type: "03".to_owned(),
        mdtrt_cert_no: it.card(),
        card_sn: it.card_serial(),
    };
    people.map(shown).collect()
}

impl Patient {
    /// Fields that name the patient in a message.
    pub(super) fn identity(&self) -> Value {
        let Shown { mdtrt_cert_type, mdtrt_cert_no, card_sn } = &self.shown;
        json!({
            "psn_no": self.psn_no, "insutype": self.insutype, "mdtrt_cert_type": mdtrt_cert_type,
            "mdtrt_cert_no": mdtrt_cert_no, "card_sn": card_sn,
        })
    }
}

impl Desk<'_> {
    /// Asks who somebody is (1101).
    fn who_is(&mut self, shown: &Shown) -> Option<Value> {
        let Shown { mdtrt_cert_type, mdtrt_cert_no, card_sn } = shown;
        let data = json!({
            "mdtrt_cert_type": mdtrt_cert_type, "mdtrt_cert_no": mdtrt_cert_no, "card_sn": card_sn,
            "begntime": "", "psn_cert_type": "01", "certno": "", "psn_name": "",
        });
        self.done("person", "1101", &json!({ "data": data }))
    }

    /// The patients that the other side knows and insures.
    pub(super) fn patients(&mut self) -> Vec<Patient> {
        let mut found = Vec::new();
        for shown in &self.plan.patients_of(&self.sender.account.institution) {
            let Some(output) = self.who_is(shown) else { continue };
            let psn_no = text(&output["baseinfo"], "psn_no");
            self.report.check("person", !psn_no.is_empty(), || "1101: baseinfo.psn_no".to_owned());
            let rows = output["insuinfo"].as_array().cloned().unwrap_or_default();
            let Some(insured) = rows.iter().find(|it| text(it, "psn_insu_stas") == "1") else { continue };
            let (insutype, area) = (text(insured, "insutype"), text(insured, "insuplc_admdvs"));
            found.push(Patient { shown: shown.clone(), psn_no, insutype, area });
        }
        found
    }

    /// What the patient's own account holds, in fen.
    pub(super) fn balance(&mut self, of: &Patient) -> Option<i64> {
        let output = self.who_is(&of.shown)?;
        let mut rows = output["insuinfo"].as_array().into_iter().flatten();
        rows.find(|it| text(it, "insutype") == of.insutype).map(|it| or_zero(it, "balc"))
    }
}
