//! What an agent shows for an entrusted purchase (代购): its number, and ten digits that only we can put after it. They are
//! made from the number, so nothing is kept, and the token reads the same each time it is looked at.

use crate::vault::Vault;
use domain::ids::ProxyNo;

/// What every token begins with: it tells a token from a medical code where both are scanned.
const BEGINS: &str = "DG";
/// How many digits prove that we gave the number.
const PROVING: usize = 10;
/// How many such digits there are.
const PROOFS: u128 = 10_u128.pow(10);

/// The token of an entrusted purchase, in groups of four, as people read it.
pub fn written(vault: &Vault, proxy: ProxyNo) -> String {
    let plain = format!("{proxy}{}", proof(vault, proxy));
    let groups: Vec<&str> =
        (0..plain.len()).step_by(4).map(|at| &plain[at..plain.len().min(at + 4)]).collect();
    format!("{BEGINS} {}", groups.join(" "))
}

/// The entrusted purchase of a token: `None` where it is no token at all, `Some(None)` where it is none of ours.
pub fn read(vault: &Vault, text: &str) -> Option<Option<ProxyNo>> {
    let plain: String =
        text.chars().filter(|it| !it.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let digits = plain.strip_prefix(BEGINS)?;
    let long_enough = digits.len() > PROVING && digits.len() <= 20 + PROVING;
    if !long_enough || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let (number, proving) = digits.split_at(digits.len() - PROVING);
    let proxy = number.parse().ok().map(ProxyNo);
    Some(proxy.filter(|it| proof(vault, *it) == proving))
}

fn proof(vault: &Vault, proxy: ProxyNo) -> String {
    let derived = vault.derived("proxy token", &proxy.to_string());
    let (first, _) = derived.split_first_chunk::<16>().expect("a digest has more bytes than these");
    format!("{:0PROVING$}", u128::from_be_bytes(*first) % PROOFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-G1: if this fails, an agent's token does not lead back to what was entrusted, or a guessed one does.
    #[test]
    fn a_token_leads_back_to_its_number_and_a_changed_one_to_none() {
        let vault = Vault::seeded(7);
        for number in [1, 4_021, 1_374_418_939_408_900] {
            let token = written(&vault, ProxyNo(number));
            assert_eq!(read(&vault, &token), Some(Some(ProxyNo(number))), "{token}");
            assert_eq!(read(&vault, &token.replace(' ', "").to_lowercase()), Some(Some(ProxyNo(number))));
            let last = if token.ends_with('0') { "1" } else { "0" };
            let changed = format!("{}{last}", &token[..token.len() - 1]);
            assert_eq!(read(&vault, &changed), Some(None), "{changed}");
            assert_eq!(read(&Vault::seeded(8), &token), Some(None), "another installation's");
        }
    }

    /// If this fails, a medical code that is scanned into the field of the token is taken for one of somebody.
    #[test]
    fn what_is_no_token_is_told_apart_from_one_that_is_not_ours() {
        let vault = Vault::seeded(7);
        for text in [
            "",
            "DG",
            "DG123",
            "0000000000000000000000000000",
            "DG12345678901x",
            "DG１２３４５６７８９０１２",
        ] {
            assert_eq!(read(&vault, text), None, "{text}");
        }
        assert_eq!(read(&vault, "DG999999999999999999990000000000"), Some(None), "no number is that large");
    }
}
