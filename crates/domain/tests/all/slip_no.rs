//! Slip numbers: read back as people write them, wrong in one character never, a neighbour's never by counting.

use domain::ids::Serial;
use domain::slip_no::{SlipKey, SlipNo};
use proptest::prelude::*;

const KEY: SlipKey = SlipKey([7; 32]);
const LETTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn number(serial: u64) -> String {
    SlipNo::of(Serial(serial), &KEY).expect("fifty bits").to_string()
}

proptest! {
    /// If this fails, a citizen with a slip is told about somebody else's case, or about none.
    #[test]
    fn a_number_leads_back_to_its_serial(serial in 0..1_u64 << 50) {
        let text = number(serial);
        prop_assert!(text.len() <= 13);
        let read = SlipNo::parse(&text).expect("our own number");
        prop_assert_eq!(read.serial(&KEY), Serial(serial));
    }

    /// As read over the telephone or written by hand.
    #[test]
    fn a_number_is_read_as_people_write_it(serial in 0..1_u64 << 50) {
        let text = number(serial);
        let sloppy = text.to_lowercase().replace('0', "o").replace('1', "l").replace('-', " ");
        prop_assert_eq!(SlipNo::parse(&sloppy), SlipNo::parse(&text));
        let upper = text.replace('0', "O").replace('1', "I").replace('-', "");
        prop_assert_eq!(SlipNo::parse(&format!(" {upper} ")), SlipNo::parse(&text));
    }

    /// Every wrong character and every exchange of neighbours is noticed.
    #[test]
    fn one_wrong_character_is_caught(serial in 0..1_u64 << 50) {
        let plain: Vec<char> = number(serial).replace('-', "").chars().collect();
        for at in 0..plain.len() {
            for letter in LETTERS.chars().filter(|it| *it != plain[at]) {
                let mut wrong = plain.clone();
                wrong[at] = letter;
                let wrong: String = wrong.into_iter().collect();
                prop_assert_eq!(SlipNo::parse(&wrong), None, "{}", wrong);
            }
            if at > 0 && plain[at] != plain[at - 1] {
                let mut swapped = plain.clone();
                swapped.swap(at, at - 1);
                let swapped: String = swapped.into_iter().collect();
                prop_assert_eq!(SlipNo::parse(&swapped), None, "{}", swapped);
            }
        }
    }

    /// Whatever is typed, reading it does not panic, and what is read is written back.
    #[test]
    fn anything_can_be_typed(text in ".{0,14}") {
        if let Some(number) = SlipNo::parse(&text) {
            prop_assert_eq!(SlipNo::parse(&number.to_string()), Some(number));
        }
    }
}

#[test]
fn neighbours_look_nothing_alike_and_another_key_gives_other_numbers() {
    let differ = |a: &str, b: &str| a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
    for serial in 1..200 {
        assert!(differ(&number(serial), &number(serial + 1)) >= 3);
    }
    let other = SlipNo::of(Serial(1), &SlipKey([8; 32])).expect("fifty bits").to_string();
    assert_ne!(other, number(1));
}

#[test]
fn a_serial_beyond_fifty_bits_has_no_number() {
    assert_eq!(SlipNo::of(Serial(1 << 50), &KEY), None);
    for text in ["", "7K2M", "7K2M-9QXD-4A05", "7K2M-9QXD-4AU", "号"] {
        assert_eq!(SlipNo::parse(text), None, "{text}");
    }
}
