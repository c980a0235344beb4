//! The commitment (承诺书) that people sign to start a binding: its texts by version, and how names, relation and who signs
//! are filled in (R-D2, R-D4). A text depends on nothing else, so what was signed can be written again and proved by its
//! digest.

use crate::texts::AllTexts;
use domain::day::Day;
use domain::words::{Relation, Side};
use sm3::Digest as _;

/// The version in force. Another text is another version.
pub const VERSION: &str = "2026-11";
/// A translation of the version in force, to read beside it; it is not what is signed.
const IN_ENGLISH: &str = include_str!("../../../texts/commitments/2026-11.en.txt");
/// Every version that was ever signed, by its name. None is changed or taken away.
const TEXTS: [(&str, &str); 3] = [
    (VERSION, include_str!("../../../texts/commitments/2026-11.zh.txt")),
    ("2025-06", include_str!("../../../texts/commitments/2025-06.zh.txt")),
    ("hall-1", include_str!("../../../texts/commitments/hall-1.zh.txt")),
];

/// What a commitment says about people, and who signs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// The giver's name.
    pub giver: String,
    /// The beneficiary's name.
    pub beneficiary: String,
    /// What the beneficiary is to the giver.
    pub relation: Relation,
    /// The name of whoever signs.
    pub signer: String,
    /// On whose side they sign.
    pub side: Side,
    /// Whether they sign for a minor on that side.
    pub is_guardian: bool,
    /// The day of signing, which only `hall-1` states.
    pub day: Day,
}

impl Commitment {
    /// The exact text of the version in force: always in Chinese.
    pub fn text(&self, texts: &AllTexts) -> String {
        self.filled(TEXTS[0].1, texts, "zh")
    }

    /// The exact text of a version; `None` where it is none of ours.
    pub fn text_of(&self, version: &str, texts: &AllTexts) -> Option<String> {
        let (_, text) = TEXTS.iter().find(|(it, _)| *it == version)?;
        Some(self.filled(text, texts, "zh"))
    }

    /// The translation of the version in force.
    pub fn in_english(&self, texts: &AllTexts) -> String {
        self.filled(IN_ENGLISH, texts, "en")
    }

    /// As whom they sign.
    fn capacity(&self, language: &str) -> &'static str {
        let (zh, en) = match (self.side, self.is_guardian) {
            (Side::Giver, false) => ("授权人本人", "the giver"),
            (Side::Beneficiary, false) => ("使用人本人", "the beneficiary"),
            (Side::Giver, true) => ("授权人的监护人", "the giver's guardian"),
            (Side::Beneficiary, true) => ("使用人的监护人", "the beneficiary's guardian"),
        };
        if language == "en" { en } else { zh }
    }

    fn filled(&self, text: &str, texts: &AllTexts, language: &str) -> String {
        let relation = texts.of(language).get(&format!("words.relation.{}", self.relation.word()));
        let day = format!("{}年{}月{}日", self.day.year(), self.day.month(), self.day.day_of_month());
        let gap = |name: &str| match name {
            "giver" => self.giver.as_str(),
            "beneficiary" => self.beneficiary.as_str(),
            "signer" => self.signer.as_str(),
            "relation" => relation,
            "capacity" => self.capacity(language),
            "day" => day.as_str(),
            unknown => unreachable!("the texts of commitments have no gap {unknown}"),
        };
        let mut parts = text.split('{');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').expect("every gap of the shipped texts is closed");
            out.push_str(gap(name));
            out.push_str(rest);
        }
        out
    }
}

/// Whether a version is one of ours, in force or not.
pub fn is_ours(version: &str) -> bool {
    TEXTS.iter().any(|(it, _)| *it == version)
}

/// The digest by which a text is kept.
pub fn digest(text: &str) -> [u8; 32] {
    sm3::Sm3::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::hex;
    use std::fmt::Write as _;

    /// All that a version can say of two people, one text after another.
    fn all_of(version: &str) -> String {
        let texts = AllTexts::shipped();
        let mut all = String::new();
        for relation in Relation::ALL.iter().copied() {
            for (side, signer) in [(Side::Giver, "甲"), (Side::Beneficiary, "乙")] {
                for (signer, is_guardian) in [(signer, false), ("丙", true)] {
                    let it = Commitment {
                        giver: "甲".to_owned(),
                        beneficiary: "乙".to_owned(),
                        relation,
                        signer: signer.to_owned(),
                        side,
                        is_guardian,
                        day: Day::parse("2025-06-16").expect("a day"),
                    };
                    writeln!(all, "{}", it.text_of(version, &texts).expect("a version"))
                        .expect("a String grows");
                }
            }
        }
        all
    }

    /// If this fails, a text has changed under a version that people have signed, and no longer gives the digest that was
    /// kept (R-D4).
    #[test]
    fn a_version_has_one_text() {
        let digests = TEXTS.map(|(version, _)| (version, hex(&digest(&all_of(version))[..8])));
        let digests = digests.each_ref().map(|(version, it)| (*version, it.as_str()));
        assert_eq!(
            digests,
            [
                ("2026-11", "c470b0e0e8c12e81"),
                ("2025-06", "e5a585ce2b39a8d6"),
                ("hall-1", "4e0ea3ebe55cb9cc")
            ]
        );
    }

    /// If this fails, somebody signs what another one would have to promise, or for whom is left out (R-D2).
    #[test]
    fn it_says_who_signs_for_whom() {
        let texts = AllTexts::shipped();
        let text = |signer: &str, side, is_guardian| {
            let (giver, beneficiary) = ("王秀英".to_owned(), "李{day}".to_owned());
            let (signer, relation) = (signer.to_owned(), Relation::Child);
            let day = Day::parse("2025-06-16").expect("a day");
            Commitment { giver, beneficiary, relation, signer, side, is_guardian, day }.text(&texts)
        };
        for (signer, side, is_guardian, line) in [
            ("王秀英", Side::Giver, false, "签署人：王秀英（授权人本人）"),
            ("李{day}", Side::Beneficiary, false, "签署人：李{day}（使用人本人）"),
            ("赵丽", Side::Beneficiary, true, "签署人：赵丽（使用人的监护人）"),
            ("赵丽", Side::Giver, true, "签署人：赵丽（授权人的监护人）"),
        ] {
            let text = text(signer, side, is_guardian);
            assert!(text.lines().any(|it| it == line), "{text}");
            assert!(
                text.contains("使用人是授权人的：子女\n") && text.contains("看病的人（使用人）：李{day}\n")
            );
        }
        assert_eq!(TEXTS[0].1.matches('{').count(), IN_ENGLISH.matches('{').count());
    }
}
