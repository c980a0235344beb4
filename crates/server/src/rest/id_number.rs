//! What a citizen's ID number says about itself (GB 11643): its check character, the day of birth, the sex.

use domain::day::Day;
use domain::words::Sex;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// What an ID number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) born: Day,
    pub(crate) sex: Sex,
}

/// Reads the eighteen characters; `None` where the check character or the day of birth is wrong. The division is not
/// looked up: synthetic people have one, 990000, that does not exist.
pub(crate) fn read(text: &str) -> Option<Said> {
    let (digits, check) = text.split_at_checked(17)?;
    let right = text.len() == 18 && digits.bytes().all(|it| it.is_ascii_digit());
    let values = digits.bytes().filter(|_| right).map(|it| u32::from(it - b'0'));
    let values: Vec<u32> = values.collect();
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let expected = CHECKS.get(usize::try_from(sum % 11).ok()?)?;
    if check.as_bytes() != [*expected] {
        return None;
    }
    let part = |range| digits.get(range).unwrap_or("");
    let born = Day::parse(&format!("{}-{}-{}", part(6..10), part(10..12), part(12..14)))?;
    let sex = if values.get(16)? % 2 == 1 { Sex::Male } else { Sex::Female };
    Some(Said { born, sex })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn an_id_number_proves_itself() {
        let cases = [
            ("990000198503120115", Some(("1985-03-12", Sex::Male))),
            ("99000019560220031X", Some(("1956-02-20", Sex::Male))),
            ("990000198609150427", Some(("1986-09-15", Sex::Female))),
            ("990000198503120116", None), ("99000019560220031x", None), ("99000019850312011", None),
            ("9900001985031201150", None), ("99000019851312011X", None), ("", None), ("九九零零零零", None),
        ];
        for (text, expected) in cases {
            let said = read(text).map(|it| (it.born.to_string(), it.sex));
            assert_eq!(said, expected.map(|(born, sex)| (born.to_owned(), sex)), "{text}");
        }
    }
}
