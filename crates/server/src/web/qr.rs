//! QR codes as SVG: a path of squares on white, with the quiet zone of four modules around it.

use qrcodegen::{QrCode, QrCodeEcc};

/// The quiet zone around the code, in modules.
const QUIET: i32 = 4;

/// A QR code, ready to be written into a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Qr {
    /// Modules on each side, quiet zone included.
    pub(crate) side: i32,
    /// The dark modules, as an SVG path.
    pub(crate) path: String,
}

impl Qr {
    /// The code of a text; `None` where no code holds so much.
    pub(crate) fn of(text: &str) -> Option<Qr> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let dark = (x..code.size()).take_while(|it| code.get_module(*it, y)).count();
                let dark = i32::try_from(dark).unwrap_or(0);
                if dark > 0 {
                    path.push_str(&format!("M{} {}h{dark}v1h-{dark}z", x + QUIET, y + QUIET));
                }
                x += dark.max(1);
            }
        }
        Some(Qr { side: code.size() + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a scanner finds no edge to the code, or the code does not fit into its picture.
    #[test]
    fn the_quiet_zone_is_free() {
        let qr = Qr::of("0123456789012345678901234567").expect("28 digits fit");
        assert_eq!(qr.side, 21 + 8, "28 digits fit into the smallest code");
        for run in qr.path.split('M').skip(1) {
            let (at, rest) = run.split_once('h').expect("a run");
            let (x, y) = at.split_once(' ').expect("a place");
            let (x, y): (i32, i32) = (x.parse().expect("x"), y.parse().expect("y"));
            let width: i32 = rest.split('v').next().and_then(|it| it.parse().ok()).expect("a width");
            assert!((QUIET..qr.side - QUIET).contains(&y) && x >= QUIET && x + width <= qr.side - QUIET);
        }
    }

    /// If this fails, a text that no code holds brings a page down.
    #[test]
    fn what_is_too_long_has_no_code() {
        assert_eq!(Qr::of(&"x".repeat(4000)), None);
    }
}
