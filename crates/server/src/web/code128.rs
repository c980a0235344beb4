//! Bar codes of digits: Code 128 in its set C, two digits to a symbol, as SVG. For scanners that read no QR codes.

/// The quiet zone on each side, in modules.
const QUIET: u32 = 10;
/// Starts a code in set C.
const START_C: u32 = 105;
/// Ends a code: one bar more than other symbols.
const STOP: &str = "2331112";

/// Widths of bar, space, bar, space, bar, space of the symbols 0 to 105, eleven modules each (ISO/IEC 15417).
#[rustfmt::skip]
const SYMBOLS: [&str; 106] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232",
];

/// A bar code, ready to be written into a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bars {
    /// Width in modules, quiet zones included.
    pub(crate) width: u32,
    /// The bars, as an SVG path one module high.
    pub(crate) path: String,
}

impl Bars {
    /// The code of an even number of digits; `None` for anything else.
    pub(crate) fn of(digits: &str) -> Option<Bars> {
        let (mut width, mut path) = (QUIET, String::new());
        for symbol in symbols(digits)? {
            for (at, modules) in symbol.bytes().map(|it| u32::from(it - b'0')).enumerate() {
                if at % 2 == 0 {
                    path.push_str(&format!("M{width} 0h{modules}v1h-{modules}z"));
                }
                width += modules;
            }
        }
        Some(Bars { width: width + QUIET, path })
    }
}

/// Start, pairs of digits, check symbol, stop.
fn symbols(digits: &str) -> Option<Vec<&'static str>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2).filter_map(|at| digits.get(at..at + 2)?.parse::<u32>().ok());
    let pairs: Vec<u32> = pairs.collect();
    let check = (1..).zip(&pairs).fold(START_C, |sum, (weight, value)| (sum + weight * value) % 103);
    let values = [START_C].into_iter().chain(pairs).chain([check]);
    let symbols = values.filter_map(|it| SYMBOLS.get(usize::try_from(it).ok()?).copied());
    Some(symbols.chain([STOP]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// If this fails, a symbol was mistyped: each has eleven modules, an even number of them dark, and none is another.
    #[test]
    fn symbols_are_as_the_standard_wants_them() {
        for symbol in SYMBOLS {
            let widths: Vec<u32> = symbol.bytes().map(|it| u32::from(it - b'0')).collect();
            assert_eq!(widths.iter().sum::<u32>(), 11, "{symbol}");
            assert_eq!(widths.iter().step_by(2).sum::<u32>() % 2, 0, "{symbol}");
        }
        assert_eq!(SYMBOLS.iter().collect::<BTreeSet<_>>().len(), SYMBOLS.len());
    }

    /// If this fails, scanners read another number, or none.
    #[test]
    fn a_number_is_read_back() {
        for digits in ["00", "123456", "0123456789012345678901234567", "9999999999999999999999999999"] {
            let symbols = symbols(digits).expect("digits");
            let value = |symbol: &&str| SYMBOLS.iter().position(|it| it == symbol);
            let values: Vec<usize> = symbols.iter().filter_map(value).collect();
            assert_eq!((values.first(), symbols.last()), (Some(&105), Some(&STOP)));
            let [start, pairs @ .., check] = values.as_slice() else { panic!("too few symbols") };
            let sum: usize = pairs.iter().enumerate().map(|(at, it)| (at + 1) * it).sum();
            assert_eq!((start + sum) % 103, *check);
            let read: String = pairs.iter().map(|it| format!("{it:02}")).collect();
            assert_eq!(read, digits);
            let width = u32::try_from(11 * values.len()).expect("short") + 13 + 2 * QUIET;
            assert_eq!(Bars::of(digits).map(|it| it.width), Some(width));
        }
        // 123456 in set C has the check symbol 44: (105 + 12 + 2 * 34 + 3 * 56) mod 103.
        assert_eq!(symbols("123456").expect("digits")[4], SYMBOLS[44]);
    }

    /// If this fails, a code of something else than pairs of digits is drawn wrongly instead of not at all.
    #[test]
    fn what_is_no_pair_of_digits_has_no_bars() {
        for text in ["", "1", "12a4", "１２"] {
            assert_eq!(Bars::of(text), None, "{text}");
        }
    }
}
