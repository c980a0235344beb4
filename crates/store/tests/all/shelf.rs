//! What every shelf does: papers are kept under whose they are and their digest, until they no longer count.

use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use store::{KeptPaper, Paper, Shelf};

fn at(text: &str) -> Moment {
    Moment::parse(text).expect("a moment")
}

fn paper(person: u64, what: u8, until: Moment) -> Paper {
    let (person, digest) = (PersonNo(person), Digest([what; 32]));
    Paper { person, digest, until, sealed: vec![what; 5_000] }
}

/// A shelf keeps papers apart by person and digest; one end is not taken for another.
pub(crate) async fn a_shelf_keeps_papers<S: Shelf>(shelf: S) {
    let (late, later) = (at("2025-01-01 10:00"), at("2035-01-01 10:00"));
    let before = late.plus_millis(-1);
    for it in [paper(2, 7, late), paper(1, 9, late), paper(1, 8, late)] {
        shelf.lay(&it).await.expect("laid");
    }
    let find = async |person: u64, what: u8, at: Moment| {
        shelf.paper(PersonNo(person), Digest([what; 32]), at).await.expect("read")
    };
    assert_eq!(find(1, 8, before).await, Some(paper(1, 8, late)));
    assert_eq!(find(1, 8, late).await, None, "it no longer counts");
    assert_eq!((find(1, 7, before).await, find(2, 8, before).await), (None, None), "somebody else's");
    assert_eq!(shelf.keep_until(PersonNo(1), Digest([8; 32]), later).await, Ok(true));
    assert_eq!(shelf.keep_until(PersonNo(1), Digest([8; 32]), late).await, Ok(true));
    assert_eq!(shelf.keep_until(PersonNo(3), Digest([8; 32]), later).await, Ok(false));
    assert_eq!(find(1, 8, late).await, Some(paper(1, 8, later)), "an earlier end changes nothing");
    shelf.lay(&paper(1, 8, late)).await.expect("laid again");
    assert_eq!(find(1, 8, late).await, Some(paper(1, 8, later)), "laid again, it does not end earlier");
    papers_are_read_in_order(&shelf, [late, later]).await;
    assert_eq!(shelf.discard(late, 9).await, Ok(0), "what counts until then is not thrown away");
    let after = late.plus_millis(1);
    assert_eq!(shelf.discard(after, 1).await, Ok(1));
    assert_eq!(shelf.discard(after, 9).await, Ok(1));
    assert_eq!(shelf.discard(after, 9).await, Ok(0));
    let left = shelf.papers(None, 9).await.expect("read");
    assert_eq!(left.iter().map(|it| (it.person.0, it.digest.0[0])).collect::<Vec<_>>(), [(1, 8)]);
}

/// All are read through, whatever the size of the slices.
async fn papers_are_read_in_order<S: Shelf>(shelf: &S, [late, later]: [Moment; 2]) {
    let kept = |person: u64, what: u8, until| KeptPaper {
        person: PersonNo(person),
        digest: Digest([what; 32]),
        until,
    };
    let all = [kept(1, 8, later), kept(1, 9, late), kept(2, 7, late)];
    assert_eq!(shelf.papers(None, 9).await, Ok(all.to_vec()));
    assert_eq!(shelf.papers(None, 2).await, Ok(all[..2].to_vec()));
    let mut after = None;
    for expected in all {
        let slice = shelf.papers(after, 1).await.expect("read");
        assert_eq!(slice, [expected]);
        after = slice.first().map(|it| (it.person, it.digest));
    }
    assert_eq!(shelf.papers(after, 1).await, Ok(Vec::new()));
}
