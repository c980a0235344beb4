//! What every desk does: things are kept in drawers until they expire.

use domain::day::Moment;
use store::Desk;

fn at(text: &str) -> Moment {
    Moment::parse(text).expect("a moment")
}

/// A desk keeps things until they expire, by drawer.
pub(crate) async fn a_desk_keeps_things<D: Desk>(desk: D) {
    let (early, late) = (at("2025-01-01 09:00"), at("2025-01-01 10:00"));
    desk.put("tokens", "b", b"2", None).await.expect("put");
    desk.put("tokens", "a", b"0", None).await.expect("put");
    desk.put("tokens", "a", b"1", Some(late)).await.expect("put");
    desk.put("other", "a", b"3", None).await.expect("put");
    let before = late.plus_millis(-1);
    assert_eq!(desk.get("tokens", "a", before).await, Ok(Some(b"1".to_vec())));
    assert_eq!(desk.get("tokens", "a", late).await, Ok(None));
    let both = vec![("a".to_owned(), b"1".to_vec()), ("b".to_owned(), b"2".to_vec())];
    assert_eq!(desk.list("tokens", early).await, Ok(both.clone()));
    assert_eq!(desk.list("tokens", late).await, Ok(both[1..].to_vec()));
    everything_lies_in_order(&desk).await;
    desk.remove("tokens", "b").await.expect("removed");
    desk.remove("tokens", "b").await.expect("removed already");
    assert_eq!(desk.list("tokens", late).await, Ok(Vec::new()));
    assert_eq!(desk.get("other", "a", late).await, Ok(Some(b"3".to_vec())));
    what_expired_is_swept_away(&desk, late).await;
    puts_at_once_are_all_kept(&desk, late).await;
    what_is_claimed_goes_to_one(&desk, early, late).await;
}

/// Of those who claim the same at once one gets it, and its value stays until it expires.
async fn what_is_claimed_goes_to_one<D: Desk>(desk: &D, early: Moment, late: Moment) {
    let [one, two, three] = [b"1", b"2", b"3"].map(|it| desk.claim("claimed", "a", it, late, early));
    let (one, two, three) = tokio::join!(one, two, three);
    let got = [one, two, three].map(|it| it.expect("answered"));
    let winners: Vec<usize> = (0..3).filter(|it| got[*it]).collect();
    assert_eq!(winners.len(), 1, "{got:?}");
    let value = (winners[0] + 1).to_string().into_bytes();
    assert_eq!(desk.get("claimed", "a", early).await, Ok(Some(value)));
    assert_eq!(desk.claim("claimed", "a", b"4", late, late.plus_millis(-1)).await, Ok(false));
    let later = late.plus_millis(1_000);
    assert_eq!(desk.claim("claimed", "a", b"5", later, late).await, Ok(true), "it has expired");
    assert_eq!(desk.get("claimed", "a", late).await, Ok(Some(b"5".to_vec())));
    assert_eq!(
        desk.claim("other", "a", b"6", late, early).await,
        Ok(false),
        "put, not claimed: there all the same"
    );
    desk.remove("claimed", "a").await.expect("removed");
}

/// What expired goes, a little at a time; what counts for ever or still counts stays.
async fn what_expired_is_swept_away<D: Desk>(desk: &D, late: Moment) {
    desk.put("swept", "b", b"5", Some(late.plus_millis(-1))).await.expect("put");
    desk.put("swept", "c", b"6", Some(late.plus_millis(-2))).await.expect("put");
    desk.put("swept", "d", b"7", Some(late)).await.expect("put");
    assert_eq!(desk.sweep(late, 1).await, Ok(1));
    assert_eq!(desk.sweep(late, 9).await, Ok(1));
    assert_eq!(desk.sweep(late, 9).await, Ok(0));
    let kept = desk.all(("", ""), 10).await.expect("read");
    let kept: Vec<_> = kept.iter().map(|it| (it.drawer.as_str(), it.key.as_str())).collect();
    assert_eq!(kept, [("other", "a"), ("swept", "d"), ("tokens", "a")]);
}

/// Many who put at the same time are all told, and what they put lies there.
async fn puts_at_once_are_all_kept<D: Desk>(desk: &D, late: Moment) {
    let keys: Vec<String> = (10..40).map(|it| it.to_string()).collect();
    let puts = keys.iter().map(|it| desk.put("many", it, it.as_bytes(), None));
    let told = futures_util::future::join_all(puts).await;
    assert!(told.iter().all(Result::is_ok), "{told:?}");
    let kept: Vec<String> = desk.list("many", late).await.expect("read").into_iter().map(|it| it.0).collect();
    assert_eq!(kept, keys);
}

/// All drawers are read through, whatever the size of the pages; what has expired lies there, too.
async fn everything_lies_in_order<D: Desk>(desk: &D) {
    let all = desk.all(("", ""), 10).await.expect("read");
    let lies: Vec<_> = all.iter().map(|it| (it.drawer.as_str(), it.key.as_str(), it.value[0])).collect();
    assert_eq!(lies, [("other", "a", b'3'), ("tokens", "a", b'1'), ("tokens", "b", b'2')]);
    assert_eq!(all.iter().map(|it| it.until.is_some()).collect::<Vec<_>>(), [false, true, false]);
    let mut after = (String::new(), String::new());
    for kept in all {
        let next = desk.all((&after.0, &after.1), 1).await.expect("read");
        after = (kept.drawer.clone(), kept.key.clone());
        assert_eq!(next, [kept]);
    }
    assert_eq!(desk.all((&after.0, &after.1), 1).await, Ok(Vec::new()));
}
