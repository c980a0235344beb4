//! How messages to people are written and read: each kind has a number, which also says what the message is about.

use crate::cells::{Cell, Cells, Read, damaged, int, row};
use crate::read::turn;
use domain::decision::{Matter, Notice, NoticeKind, Turn};
use domain::ids::{AmendmentNo, BindingNo, PersonNo, ProxyNo, SettlementNo};

/// All kinds; the number of each is its place here.
const KINDS: [NoticeKind; 22] = [
    NoticeKind::PleaseConfirm,
    NoticeKind::InForce,
    NoticeKind::Ended,
    NoticeKind::NeedsDecision,
    NoticeKind::OnHold,
    NoticeKind::LinesShown,
    NoticeKind::LinesHidden,
    NoticeKind::ProxyEntrusted,
    NoticeKind::ProxyReceived,
    NoticeKind::ProxyRevoked,
    NoticeKind::ProxyUsed,
    NoticeKind::ProxyReturned,
    NoticeKind::AmendmentProposed,
    NoticeKind::AmendmentApproved,
    NoticeKind::AmendmentRejected,
    NoticeKind::AmendmentWithdrawn,
    NoticeKind::CodeAsked,
    NoticeKind::CodeShown,
    NoticeKind::CodeLinked,
    NoticeKind::CodeUndone,
    NoticeKind::InReview,
    NoticeKind::ReviewRefused,
];

pub(crate) fn written(turn: Turn, seq: i64, it: &Notice) -> [Cell<'static>; 5] {
    let about = match it.about {
        Matter::Binding(no) => no.0,
        Matter::Proxy(no) => no.0,
        Matter::Settlement(no) => no.0,
        Matter::Amendment(no) => no.0,
        Matter::FamilyCode(no) => no.0,
    };
    row![int(it.to.0), int(turn.serial.0), seq, int(about), number(it.what)]
}

fn number(what: NoticeKind) -> i64 {
    let place = KINDS.iter().position(|it| *it == what);
    place.and_then(|it| i64::try_from(it).ok()).expect("every kind of message has a number")
}

pub(crate) fn read(it: &mut impl Cells) -> Read<(Turn, Notice)> {
    let turn = turn(it)?;
    let (to, no) = (PersonNo(it.number()?), it.number()?);
    let what = usize::try_from(it.next::<i64>()?).ok().and_then(|it| KINDS.get(it)).copied();
    let what = what.ok_or_else(|| damaged("a message to a person is about nothing"))?;
    Ok((turn, Notice { to, about: matter(what, no), what }))
}

/// What the number of a message stands for.
fn matter(what: NoticeKind, no: u64) -> Matter {
    match what {
        NoticeKind::PleaseConfirm
        | NoticeKind::InForce
        | NoticeKind::Ended
        | NoticeKind::NeedsDecision
        | NoticeKind::OnHold
        | NoticeKind::LinesShown
        | NoticeKind::LinesHidden
        | NoticeKind::InReview
        | NoticeKind::ReviewRefused => Matter::Binding(BindingNo(no)),
        NoticeKind::ProxyEntrusted | NoticeKind::ProxyReceived | NoticeKind::ProxyRevoked => {
            Matter::Proxy(ProxyNo(no))
        }
        NoticeKind::ProxyUsed | NoticeKind::ProxyReturned => Matter::Settlement(SettlementNo(no)),
        NoticeKind::AmendmentProposed
        | NoticeKind::AmendmentApproved
        | NoticeKind::AmendmentRejected
        | NoticeKind::AmendmentWithdrawn => Matter::Amendment(AmendmentNo(no)),
        NoticeKind::CodeAsked | NoticeKind::CodeShown | NoticeKind::CodeLinked | NoticeKind::CodeUndone => {
            Matter::FamilyCode(PersonNo(no))
        }
    }
}
