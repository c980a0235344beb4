//! Papers of the counter: photographs of documents, known by what is in them, and numbers of documents. They lie on the
//! shelf, sealed about their place, under keyed digests: what was decided names them by these and shows nothing of them.

use crate::app::App;
use crate::vault::{Vault, random};
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use store::{Fault, Paper};

/// The most bytes of a photograph.
pub const LARGEST: usize = 4 << 20;
/// The most photographs for one act.
pub const MOST_FOR_AN_ACT: usize = 6;
/// How long a photograph lies there that nothing on record names.
const LOOSE_MS: i64 = 24 * 3_600_000;
/// How long a paper is kept that something on record names: ten years, assumed.
const KEPT_MS: i64 = 3_653 * 24 * 3_600_000;

/// What a paper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A photograph as JPEG.
    Jpeg,
    /// A photograph as PNG.
    Png,
    /// A text: the number of a document, or what was asked for.
    Text,
}

/// A paper, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it is.
    pub kind: Kind,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Jpeg, Kind::Png, Kind::Text];

    /// What a photograph is, by its content, and the photograph alone; `None` where it is none that we take.
    pub fn of_photograph(bytes: &[u8]) -> Option<(Kind, &[u8])> {
        if is_png(bytes) {
            return Some((Kind::Png, bytes));
        }
        jpeg(bytes).map(|it| (Kind::Jpeg, it))
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
            Kind::Text => "text/plain; charset=utf-8",
        }
    }

    const fn letter(self) -> u8 {
        match self {
            Kind::Jpeg => b'J',
            Kind::Png => b'P',
            Kind::Text => b'T',
        }
    }
}

/// A PNG begins with its signature and a header that states a width and a height, and ends with its last chunk.
fn is_png(bytes: &[u8]) -> bool {
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    const HEADER: &[u8] = b"\0\0\0\x0dIHDR";
    const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";
    let Some(rest) = bytes.strip_prefix(SIGNATURE).and_then(|it| it.strip_prefix(HEADER)) else {
        return false;
    };
    let sizes =
        rest.split_first_chunk::<4>().and_then(|(width, rest)| Some((*width, *rest.first_chunk::<4>()?)));
    let has_size = sizes.is_some_and(|(width, height)| width != [0; 4] && height != [0; 4]);
    has_size && bytes.ends_with(END)
}

/// A JPEG is a row of segments, each saying how long it is, with a frame that states a height and a width before the
/// scan; and it ends with its last marker. What some telephones put behind that is left out.
fn jpeg(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.windows(2).rposition(|it| it == b"\xff\xd9")? + 2;
    let whole = bytes.get(..end)?;
    let mut rest = whole.strip_prefix(b"\xff\xd8")?;
    let mut has_frame = false;
    while let [0xff, marker, more @ ..] = rest {
        let (length, segment) = more.split_first_chunk::<2>()?;
        let size = usize::from(u16::from_be_bytes(*length)).checked_sub(2)?;
        let (segment, next) = segment.split_at_checked(size)?;
        match marker {
            0xda => return has_frame.then_some(whole),
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                has_frame = segment.len() > 5 && segment[1..3] != [0; 2] && segment[3..5] != [0; 2];
            }
            _ => {}
        }
        rest = next;
    }
    None
}

fn about(person: PersonNo, digest: Digest) -> String {
    format!("paper/{person}/{digest}")
}

/// The digest a paper of somebody's lies under: keyed, and another for each person, so that nobody finds out by it what is
/// in a paper or whose else it is.
fn digest(vault: &Vault, person: PersonNo, kind: Kind, bytes: &[u8]) -> Digest {
    let own = format!("paper {person} {}", kind.media_type());
    Digest(vault.fingerprint(&own, bytes))
}

/// Lays a paper of somebody's on the shelf, for a day: gives its digest, and until when it lies there.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn lay(app: &App, person: PersonNo, kind: Kind, bytes: &[u8]) -> Result<(Digest, Moment), Fault> {
    let digest = digest(&app.vault, person, kind, bytes);
    let until = app.clock.now().plus_millis(LOOSE_MS);
    let plain = [&[kind.letter()], bytes].concat();
    let sealed = app.vault.seal_about(about(person, digest).as_bytes(), random(), &plain);
    app.shelf.lay(&Paper { person, digest, until, sealed }).await?;
    Ok((digest, until))
}

/// Holds a paper for a day more, so that it outlives a request that names it; whether it is there.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn hold(app: &App, person: PersonNo, digest: Digest) -> Result<bool, Fault> {
    app.shelf.keep_until(person, digest, app.clock.now().plus_millis(LOOSE_MS)).await
}

/// Until when a paper is kept that something names which was recorded at a moment.
pub fn kept_until(recorded: Moment) -> Moment {
    recorded.plus_millis(KEPT_MS)
}

/// Opens a paper; `None` where it is not there or no longer counts.
///
/// # Errors
/// A [`Fault`] where the store is away, or the paper does not open in its place.
pub async fn open(app: &App, person: PersonNo, digest: Digest) -> Result<Option<Opened>, Fault> {
    let found = app.shelf.paper(person, digest, app.clock.now()).await?;
    found.map(|it| opened(&app.vault, &it)).transpose()
}

/// Whether a paper opens in its place as what its digest says.
pub fn is_sound(vault: &Vault, paper: &Paper) -> bool {
    opened(vault, paper).is_ok_and(|it| digest(vault, paper.person, it.kind, &it.bytes) == paper.digest)
}

fn opened(vault: &Vault, paper: &Paper) -> Result<Opened, Fault> {
    let damaged = || Fault::Damaged("a paper does not open in its place".to_owned());
    let about = about(paper.person, paper.digest);
    let plain = vault.open_about(about.as_bytes(), &paper.sealed).map_err(|_| damaged())?;
    let (letter, bytes) = plain.split_first().ok_or_else(damaged)?;
    let kind = Kind::ALL.into_iter().find(|it| it.letter() == *letter).ok_or_else(damaged)?;
    Ok(Opened { kind, bytes: bytes.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest picture of each kind that every browser shows.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xae\x42\x60\x82";
    const JPEG: &[u8] =
        b"\xff\xd8\xff\xe0\0\x04AB\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xda\0\x02xyz\xff\xd9";

    /// If this fails, a program or a page is kept as a photograph and shown to a clerk's browser, or a photograph is refused.
    #[test]
    fn photographs_are_known_by_their_content() {
        let with_more = [JPEG, b"<script>"].concat();
        for (sent, taken) in
            [(PNG, (Kind::Png, PNG)), (JPEG, (Kind::Jpeg, JPEG)), (with_more.as_slice(), (Kind::Jpeg, JPEG))]
        {
            assert_eq!(Kind::of_photograph(sent), Some(taken));
        }
        let cut = |bytes: &[u8], at: usize| bytes[..at].to_vec();
        let flat = PNG.iter().enumerate().map(|(at, it)| if (16..20).contains(&at) { 0 } else { *it });
        let wrong = [
            Vec::new(),
            b"<html>".to_vec(),
            b"%PDF-1.7".to_vec(),
            cut(PNG, PNG.len() - 1),
            cut(JPEG, JPEG.len() - 2),
            [PNG, b"<script>"].concat(),
            b"\xff\xd8\xff\xd9".to_vec(),
            b"\xff\xd8\xff\xe0\xff\xff\xff\xd9".to_vec(),
            b"\xff\xd8\xff\xe0\0\0\xff\xd9".to_vec(),
            b"\xff\xd8\xff\xda\0\x02xyz\xff\xd9".to_vec(),
            flat.collect(),
        ];
        for bytes in wrong {
            assert_eq!(Kind::of_photograph(&bytes), None, "{bytes:?}");
        }
    }
}
