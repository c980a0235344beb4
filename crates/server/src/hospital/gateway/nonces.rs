//! Nonces that were taken. They are remembered in this process only: what a process cannot know it refuses.

use super::WINDOW_MS;
use domain::day::Moment;
use domain::ids::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// How many nonces are remembered of one key, 24 bytes each. Whoever sends more within the time window is let in as
/// before; only what was signed before the oldest that is remembered is refused.
const MOST: usize = 65_536;

/// The nonces that were taken lately, by access key.
pub(super) struct Nonces {
    started: Moment,
    taken: Mutex<BTreeMap<String, Taken>>,
}

/// The nonces of one key.
struct Taken {
    /// Of what was signed up to here nothing is known: before the start, or forgotten for want of room. What a process before
    /// this one took could otherwise be sent to this one again.
    unknown_until: Moment,
    /// When each was signed, and its digest.
    nonces: BTreeSet<(Moment, [u8; 16])>,
}

impl Nonces {
    /// No nonces yet, and nothing known of what was signed until now.
    pub(super) fn since(started: Moment) -> Nonces {
        Nonces { started, taken: Mutex::default() }
    }

    /// Takes a nonce of a message that was signed then and verified now.
    ///
    /// # Errors
    /// A text that says what to do, where it was taken before or that cannot be known.
    pub(super) fn take(
        &self,
        access_key: &str,
        sent: Moment,
        nonce: &str,
        now: Moment,
    ) -> Result<(), &'static str> {
        let mut all = self.taken.lock().expect("no code panics while it holds the nonces");
        let fresh = || Taken { unknown_until: self.started, nonces: BTreeSet::new() };
        let taken = all.entry(access_key.to_owned()).or_insert_with(fresh);
        // What the time window refuses need not be remembered.
        let oldest = now.plus_millis(-WINDOW_MS);
        while taken.nonces.first().is_some_and(|(signed, _)| *signed < oldest) {
            taken.nonces.pop_first();
        }
        if sent <= taken.unknown_until {
            return Err("签名时间早于本平台启动或可记录的时刻，请以当前时间重新签名");
        }
        let mut short = [0; 16];
        short.copy_from_slice(&Digest::of(&[nonce.as_bytes()]).0[..16]);
        if !taken.nonces.insert((sent, short)) {
            return Err("x-tif-nonce 已使用过，请换新的随机数重新签名");
        }
        if taken.nonces.len() > MOST
            && let Some((signed, _)) = taken.nonces.pop_first()
        {
            taken.unknown_until = signed;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(1_795_310_688_479).plus_millis(seconds * 1000)
    }

    /// If this fails, headers that were overheard are put before another message.
    #[test]
    fn a_nonce_is_taken_once_by_each_key() {
        let nonces = Nonces::since(at(0));
        let take = |key, sent, nonce, now| nonces.take(key, at(sent), nonce, at(now)).is_ok();
        assert!(!take("A", -1, "n", 1), "a process before this one may have taken it");
        assert!(!take("A", 0, "n", 1));
        assert!(take("A", 1, "n", 1));
        assert!(!take("A", 1, "n", 1), "again");
        assert!(!take("A", 1, "n", 1801), "at the end of the window");
        assert!(take("A", 2, "n", 2), "signed at another time");
        assert!(take("A", 1, "m", 2) && take("B", 1, "n", 2));
        assert!(take("A", 1800, "ahead", 3) && !take("A", 1800, "ahead", 3600));
    }

    /// If this fails, an institution that sends much fills the memory, or sends old headers again once it is full.
    #[test]
    fn what_is_forgotten_is_refused() {
        let nonces = Nonces::since(at(0));
        let most = i64::try_from(MOST).expect("fits");
        let take = |number: i64| nonces.take("A", at(1).plus_millis(number), &number.to_string(), at(70));
        assert!((0..=most).all(|it| take(it).is_ok()));
        assert!(take(0).is_err_and(|it| it.contains("重新签名")));
        assert!(take(1).is_err_and(|it| it.contains("已使用过")), "the oldest that is remembered");
        assert_eq!(nonces.taken.lock().expect("not poisoned")["A"].nonces.len(), MOST);
        assert!(nonces.take("B", at(1), "0", at(70)).is_ok(), "another key does not suffer");
    }
}
