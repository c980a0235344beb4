//! How names and questions are written for comparing, and how their characters sound.

use pinyin::ToPinyinMulti as _;

/// Readings that drug names use, where the dictionary puts another first. All readings are taken from a question; this
/// one is what likeness is measured by.
const IN_DRUG_NAMES: [(char, &str); 5] =
    [('长', "chang"), ('参', "shen"), ('术', "zhu"), ('朴', "po"), ('柏', "bai")];

/// A text as it is compared: narrow letters, small, without tone marks, spaces, joining marks and brackets; Roman
/// numerals as letters.
pub(super) fn folded(text: &str) -> Vec<char> {
    let mut folded = Vec::new();
    for it in text.chars() {
        match narrow(it) {
            'Ⅰ'..='Ⅻ' => folded.extend(roman(it).chars()),
            it if it.is_alphanumeric() => folded.extend(it.to_lowercase().map(plain)),
            _ => {}
        }
    }
    folded
}

/// A full-width letter, digit or mark as the narrow one that it stands for.
pub(super) fn narrow(it: char) -> char {
    let code = u32::from(it);
    let narrow = (0xFF01..=0xFF5E).contains(&code).then(|| char::from_u32(code - 0xFEE0)).flatten();
    narrow.unwrap_or(it)
}

fn roman(it: char) -> &'static str {
    const NUMERALS: [&str; 12] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
    let nth = u32::from(it).wrapping_sub(u32::from('Ⅰ')) as usize;
    NUMERALS.get(nth).copied().unwrap_or_default()
}

/// A letter of pinyin without its tone mark; ü is typed as v.
fn plain(it: char) -> char {
    match it {
        'ā' | 'á' | 'ǎ' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'v',
        other => other,
    }
}

/// The syllables a character may be read as, in letters a to z, the one that drug names use first; none for what is no
/// Chinese character.
pub(super) fn readings(it: char) -> Vec<String> {
    let Some(known) = it.to_pinyin_multi() else { return Vec::new() };
    let mut found: Vec<String> = Vec::new();
    let preferred = IN_DRUG_NAMES.iter().find(|(of, _)| *of == it).map(|(_, reading)| (*reading).to_owned());
    let all = known.into_iter().map(|it| it.plain().replace('ü', "v"));
    for reading in preferred.into_iter().chain(all) {
        if !reading.is_ascii() || reading.is_empty() {
            continue;
        }
        // Many type lu for lü.
        let without_dots = reading.contains('v').then(|| reading.replace('v', "u"));
        for it in [Some(reading), without_dots].into_iter().flatten() {
            if !found.contains(&it) {
                found.push(it);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-J1: if this fails, a name that is typed in another way is not the same name any more.
    #[test]
    fn texts_are_compared_without_their_dress() {
        let cases = [
            ("ＡＭＸＬ", "amxl"),
            (" Ā mò-xī’lín ", "amoxilin"),
            ("复方氨基酸（18AA-Ⅱ）", "复方氨基酸18aaii"),
            ("LǙ", "lv"),
            ("lǜ", "lv"),
            ("", ""),
            ("（）·- 　", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(folded(text).into_iter().collect::<String>(), expected, "{text}");
        }
    }

    /// R-J1: if this fails, a drug with a character of several readings is found by one of them only.
    #[test]
    fn characters_have_all_their_readings() {
        let cases: [(char, &[&str]); 6] = [
            ('重', &["zhong", "chong", "tong"]),
            ('长', &["chang", "zhang"]),
            ('莫', &["mo", "mu"]),
            ('参', &["shen", "can", "cen"]),
            ('氯', &["lv", "lu"]),
            ('B', &[]),
        ];
        for (it, expected) in cases {
            assert_eq!(readings(it), expected, "{it}");
        }
    }
}
