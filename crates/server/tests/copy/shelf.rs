//! Papers go where the books go: each is copied, compared, and opened in its place.

use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use server::copy::shelf::{compare, mirror};
use server::law::Laws;
use server::vault::Vault;
use server::verify::verify_with;
use store::memory::Memory;
use store::{Paper, Shelf as _};

fn paper(person: u64, what: u8, sealed: &[u8]) -> Paper {
    let until = Moment::parse("2035-01-01 10:00").expect("a moment");
    Paper { person: PersonNo(person), digest: Digest([what; 32]), until, sealed: sealed.to_vec() }
}

/// If this fails, photographs are left behind when books move, or come out as others.
#[tokio::test]
async fn every_paper_is_copied_and_compared() {
    let (source, target) = (Memory::default(), Memory::default());
    for it in [paper(1, 7, b"one"), paper(1, 8, b"two"), paper(2, 7, b"three")] {
        source.lay(&it).await.expect("laid");
    }
    assert_eq!(compare(&source, &target).await.expect("read").0, 0, "the first is missing");
    target.lay(&paper(2, 7, b"another")).await.expect("laid");
    assert_eq!(mirror(&source, &target).await.expect("copied"), 2);
    let (compared, differs) = compare(&source, &target).await.expect("read");
    assert!(compared == 2 && differs.is_some_and(|it| it.contains("of person 2")), "another one lies there");
    let target = Memory::default();
    assert_eq!(mirror(&source, &target).await.expect("copied"), 3);
    assert_eq!(mirror(&source, &target).await.expect("copied"), 0, "all are there");
    assert_eq!(compare(&source, &target).await.expect("read"), (3, None));
    let longer = Moment::parse("2036-01-01 10:00").expect("a moment");
    source.keep_until(PersonNo(1), Digest([8; 32]), longer).await.expect("kept");
    assert_eq!(mirror(&source, &target).await.expect("copied"), 1, "it is kept longer there, too");
}

/// If this fails, a photograph that was put in another's place is shown as theirs, and verifying says that all is well.
#[tokio::test]
async fn a_paper_that_is_not_its_own_is_found() {
    let books = Memory::default();
    books.lay(&paper(1, 7, b"sealed by nobody")).await.expect("laid");
    let (laws, vault) = (Laws::default(), Vault::seeded(1));
    let report = verify_with(&books, &laws, Some(&vault), &|_| ()).await.expect("verified");
    assert_eq!(report.papers, 1);
    assert!(report.findings.iter().any(|it| it.contains("is not its own")), "{:?}", report.findings);
    let unopened = verify_with(&books, &laws, None, &|_| ()).await.expect("verified");
    assert!(unopened.is_sound(), "without keys nothing is opened");
}
