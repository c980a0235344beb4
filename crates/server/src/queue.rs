//! Requests that wait for a lane: bounded in number and in time, and taken sender by sender in turn, so that a flood
//! from one makes nobody else wait. Whoever has no place is told so at once.

use crate::turn::{Answer, NoAnswer, Submission};
use domain::day::Moment;
use domain::request::{Key, Sender};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// How many requests may wait in a queue.
pub(crate) const WAITING_MOST: usize = 2_048;

/// So many are worth a lane of their own while another one is at work.
const WORTH_A_LANE: usize = 32;

/// How long fewer wait for the lanes that are at work before another one takes them: then those hang.
const PATIENCE_MS: u16 = 50;

/// How long a request may wait, in milliseconds; whoever sent it has given up by then and will ask again.
pub(crate) const WAITING_MOST_MS: i64 = 5_000;

/// A request that waits, and who waits for its answer.
pub(crate) struct Waiting {
    pub(crate) submission: Submission,
    reply: oneshot::Sender<Answer>,
    /// As long as this is there, the request may still be committed: it goes with the request, not with who waits.
    flight: InFlight,
    since: Moment,
}

impl Waiting {
    /// Nothing more can become of the request; whoever still waits is told.
    pub(crate) fn answer(self, answer: Answer) {
        drop(self.flight);
        // A sender that has gone away asks again by key; nothing is lost.
        let _ = self.reply.send(answer);
    }

    /// Nobody knows what became of the request: whoever still waits is told to ask, and it stays on its way until what
    /// this gives is dropped.
    pub(crate) fn break_off(self) -> InFlight {
        let _ = self.reply.send(Err(NoAnswer::Busy));
        self.flight
    }
}

/// Those who have not waited too long; the others are told so.
pub(crate) fn in_time(batch: Vec<Waiting>, now: Moment) -> Vec<Waiting> {
    let is_late = |it: &Waiting| now.millis() - it.since.millis() > WAITING_MOST_MS;
    let (late, in_time): (Vec<_>, Vec<_>) = batch.into_iter().partition(is_late);
    late.into_iter().for_each(|it| it.answer(Err(NoAnswer::Busy)));
    in_time
}

/// How many requests of each key are on their way.
type Flights = Arc<Mutex<BTreeMap<Key, usize>>>;

/// A queue before one lane or several.
pub(crate) struct Queue {
    lines: Mutex<Lines>,
    arrived: Notify,
    in_flight: Flights,
    most: usize,
    /// How many open lanes serve it.
    lanes: AtomicUsize,
    /// How many of them are at a batch.
    at_work: AtomicUsize,
}

/// A lane is counted as long as this is there.
pub(crate) struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn in_(count: &'a AtomicUsize) -> Counted<'a> {
        count.fetch_add(1, Ordering::SeqCst);
        Counted(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Default)]
struct Lines {
    /// Who waits, by sender; no line is empty.
    of: BTreeMap<Sender, VecDeque<Waiting>>,
    /// Whose turn it is; each sender with a line is here once.
    turns: VecDeque<Sender>,
    waiting: usize,
    closed: bool,
}

impl Queue {
    /// An empty queue for so many.
    pub(crate) fn new(most: usize) -> Queue {
        let (lines, arrived) = (Mutex::default(), Notify::new());
        let [lanes, at_work] = [0; 2].map(AtomicUsize::new);
        Queue { lines, arrived, in_flight: Arc::default(), most, lanes, at_work }
    }

    /// Puts a request in, and gives what its answer comes through: [`NoAnswer::Busy`] at once where there is no place for
    /// one more of this sender.
    pub(crate) fn put(&self, submission: Submission, now: Moment) -> oneshot::Receiver<Answer> {
        let (reply, answer) = oneshot::channel();
        let flight = InFlight::new(&self.in_flight, submission.request.key.clone());
        let waiting = Waiting { submission, reply, flight, since: now };
        let (turned_away, waiting) = {
            let mut lines = self.lines();
            (lines.put(waiting, self.most), lines.waiting)
        };
        if let Some(turned_away) = turned_away {
            turned_away.answer(Err(NoAnswer::Busy));
        }
        // The first to wait while lanes are at work makes another one lose patience where they hang.
        if waiting == 1 || self.is_worth_a_lane(waiting) {
            self.arrived.notify_one();
        }
        answer
    }

    /// Whether one more of this sender would find a place.
    pub(crate) fn has_room_for(&self, sender: Sender) -> bool {
        let lines = self.lines();
        lines.waiting < self.most || lines.of.get(&sender).map_or(0, VecDeque::len) + 1 < lines.longest().1
    }

    /// Whether it is closed and empty.
    pub(crate) fn is_over(&self) -> bool {
        let lines = self.lines();
        lines.closed && lines.waiting == 0
    }

    /// Waits until it is worth taking who waits. `false` once the queue is closed and empty.
    pub(crate) async fn somebody_waits(&self, now: impl Fn() -> Moment) -> bool {
        let patience = Duration::from_millis(PATIENCE_MS.into());
        loop {
            let arrived = self.arrived.notified();
            let waiting = {
                let lines = self.lines();
                if lines.waiting == 0 && lines.closed {
                    self.arrived.notify_one();
                    return false;
                }
                lines.waiting
            };
            if self.is_worth_a_lane(waiting) {
                return true;
            }
            if waiting == 0 {
                arrived.await;
            } else if tokio::time::timeout(patience, arrived).await.is_err() && self.lines().has_late(now()) {
                return true;
            }
        }
    }

    /// While a lane is at work, the next takes only a batch that is worth it: what few wait for comes sooner, and
    /// cheaper, when that lane takes them, too.
    fn is_worth_a_lane(&self, waiting: usize) -> bool {
        waiting >= WORTH_A_LANE || (waiting > 0 && self.at_work.load(Ordering::SeqCst) == 0)
    }

    /// Takes up to so many, one of each sender in turn; who has waited too long is told so instead.
    pub(crate) fn take(&self, most: usize, now: Moment) -> Vec<Waiting> {
        let (taken, left) = {
            let mut lines = self.lines();
            (lines.take(most), lines.waiting)
        };
        if self.is_worth_a_lane(left) {
            self.leave_to_others();
        }
        in_time(taken, now)
    }

    /// Another lane may go on with who waits.
    pub(crate) fn leave_to_others(&self) {
        self.arrived.notify_one();
    }

    /// Everybody who waits is told that nobody serves them.
    pub(crate) fn turn_all_away(&self) {
        let all = self.lines().take(usize::MAX);
        all.into_iter().for_each(|it| it.answer(Err(NoAnswer::Busy)));
    }

    /// One more open lane serves the queue, until what this gives is dropped.
    pub(crate) fn served(&self) -> Counted<'_> {
        Counted::in_(&self.lanes)
    }

    /// One more of them is at a batch, until what this gives is dropped.
    pub(crate) fn at_work(&self) -> Counted<'_> {
        Counted::in_(&self.at_work)
    }

    /// Whether an open lane serves the queue.
    pub(crate) fn is_served(&self) -> bool {
        self.lanes.load(Ordering::SeqCst) > 0
    }

    /// Nobody puts anything in any more.
    pub(crate) fn close(&self) {
        self.lines().closed = true;
        self.arrived.notify_one();
    }

    /// Whether a request with this key is on its way.
    pub(crate) fn is_in_flight(&self, key: &Key) -> bool {
        locked(&self.in_flight).contains_key(key)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        // No code panics between two lines of it: the lines are whole at every moment.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// Puts one in. Where there is no place, the last to have come of the longest line is turned away, if that line
    /// stays at least as long as the newcomer's; else the newcomer is.
    fn put(&mut self, waiting: Waiting, most: usize) -> Option<Waiting> {
        let sender = waiting.submission.request.key.sender;
        if self.closed {
            return Some(waiting);
        }
        let full = self.waiting >= most;
        let (longest, length) = if full { self.longest() } else { (sender, 0) };
        if full && self.of.get(&sender).map_or(0, VecDeque::len) + 1 >= length {
            return Some(waiting);
        }
        let line = self.of.entry(sender).or_default();
        if line.is_empty() {
            self.turns.push_back(sender);
        }
        line.push_back(waiting);
        self.waiting += 1;
        if full { self.turn_away(longest) } else { None }
    }

    fn turn_away(&mut self, sender: Sender) -> Option<Waiting> {
        let line = self.of.get_mut(&sender)?;
        let last = line.pop_back();
        self.waiting -= usize::from(last.is_some());
        if line.is_empty() {
            self.of.remove(&sender);
            self.turns.retain(|it| *it != sender);
        }
        last
    }

    /// Whether somebody has lost patience.
    fn has_late(&self, now: Moment) -> bool {
        let first = self.of.values().filter_map(|line| line.front()).map(|it| it.since).min();
        first.is_some_and(|it| now.millis() - it.millis() >= i64::from(PATIENCE_MS))
    }

    /// The longest line.
    fn longest(&self) -> (Sender, usize) {
        let lines = self.of.iter().map(|(sender, line)| (*sender, line.len()));
        lines.max_by_key(|(_, length)| *length).unwrap_or((Sender::Token(0), 0))
    }

    fn take(&mut self, most: usize) -> Vec<Waiting> {
        let mut taken = Vec::with_capacity(most.min(self.waiting));
        while taken.len() < most {
            let Some(sender) = self.turns.pop_front() else { break };
            let Some(line) = self.of.get_mut(&sender) else { continue };
            taken.extend(line.pop_front());
            if line.is_empty() {
                self.of.remove(&sender);
            } else {
                self.turns.push_back(sender);
            }
        }
        self.waiting -= taken.len();
        taken
    }
}

/// Marks a key as being on its way, until it is dropped. The same key may be on its way several times.
pub(crate) struct InFlight {
    flights: Flights,
    key: Key,
}

impl InFlight {
    fn new(flights: &Flights, key: Key) -> InFlight {
        *locked(flights).entry(key.clone()).or_default() += 1;
        InFlight { flights: Arc::clone(flights), key }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut flights = locked(&self.flights);
        if let Some(count) = flights.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                flights.remove(&self.key);
            }
        }
    }
}

fn locked(flights: &Flights) -> MutexGuard<'_, BTreeMap<Key, usize>> {
    // A count is right at every moment, also where somebody panicked beside it.
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::Digest;
    use domain::request::{Actor, Body, Publish, Request};
    use store::Attachments;

    fn now() -> Moment {
        Moment::from_millis(1_795_310_688_479)
    }

    fn submission(sender: u64, id: &str) -> Submission {
        let digest = Digest::of(&[]);
        let key = Key { sender: Sender::Token(sender), id: id.to_owned() };
        let body = Body::Publish(Publish { book: digest });
        let request = Request { key, digest, actor: Actor::Operator { token: sender }, body };
        Submission {
            request,
            attachments: Attachments::default(),
            aside: None,
            encode: Arc::new(|_| Vec::new()),
            is_kept: true,
        }
    }

    fn put(queue: &Queue, sender: u64, id: &str) -> oneshot::Receiver<Answer> {
        queue.put(submission(sender, id), now())
    }

    fn take(queue: &Queue, most: usize) -> Vec<(u64, String)> {
        let taken = queue.take(most, now());
        let who = |it: Waiting| match it.submission.request.key {
            Key { sender: Sender::Token(sender), id } => (sender, id),
            Key { sender: Sender::Institution(_), .. } => panic!("no institution sends here"),
        };
        taken.into_iter().map(who).collect()
    }

    /// If this fails, one hospital's backlog stands before everybody else's next patient.
    #[test]
    fn senders_are_served_in_turn() {
        let queue = Queue::new(100);
        let answers: Vec<_> = [(1, "a"), (1, "b"), (1, "c"), (2, "d"), (3, "e"), (3, "f")]
            .map(|(it, id)| put(&queue, it, id))
            .into();
        let taken = take(&queue, 4);
        assert_eq!(taken.iter().map(|(_, it)| it.as_str()).collect::<String>(), "adeb");
        let taken = take(&queue, 4);
        assert_eq!(taken.iter().map(|(_, it)| it.as_str()).collect::<String>(), "fc");
        drop(answers);
    }

    /// If this fails, a flood from one sender fills every place, and the others are told that the system is busy.
    #[test]
    fn a_full_queue_turns_away_who_fills_it() {
        let queue = Queue::new(3);
        let flood: Vec<_> = ["a", "b", "c", "d"].map(|it| put(&queue, 1, it)).into();
        let (mut flood, quiet) = (flood.into_iter(), put(&queue, 2, "e"));
        let busy = |it: Option<oneshot::Receiver<Answer>>| it.map(|mut it| it.try_recv());
        assert!(busy(flood.next()).is_some_and(|it| it.is_err()), "the first still waits");
        assert!(busy(flood.next()).is_some_and(|it| it.is_err()), "the second still waits");
        assert_eq!(
            busy(flood.next()),
            Some(Ok(Err(NoAnswer::Busy))),
            "the third made place for another sender"
        );
        assert_eq!(busy(flood.next()), Some(Ok(Err(NoAnswer::Busy))), "the fourth found none");
        assert!(!queue.has_room_for(Sender::Token(1)) && queue.has_room_for(Sender::Token(3)));
        let taken = take(&queue, 9);
        assert_eq!(taken.len(), 3);
        drop(quiet);
    }

    /// If this fails, the queue serves people who have long gone, and never those who still wait.
    #[test]
    fn who_waited_too_long_is_told_so() {
        let queue = Queue::new(3);
        let mut late = put(&queue, 1, "a");
        let fresh = queue.put(submission(2, "b"), now().plus_millis(WAITING_MOST_MS));
        let taken = queue.take(9, now().plus_millis(WAITING_MOST_MS + 1));
        assert_eq!((taken.len(), late.try_recv()), (1, Ok(Err(NoAnswer::Busy))));
        drop(fresh);
    }

    /// If this fails, each of several lanes decides a few, at the price of many; or a lane that hangs makes everybody wait
    /// for it while the others are idle.
    #[tokio::test]
    async fn few_wait_for_a_lane_at_work_unless_it_hangs() {
        let queue = Queue::new(100);
        let late = || now().plus_millis(PATIENCE_MS.into());
        let waiting: Vec<_> = (1..10).map(|it| put(&queue, it, "a")).collect();
        assert!(queue.somebody_waits(now).await, "nobody is at work");
        let at_work = queue.at_work();
        assert!(!queue.is_worth_a_lane(9) && queue.is_worth_a_lane(WORTH_A_LANE));
        assert!(queue.somebody_waits(late).await, "the lane at work hangs");
        drop(at_work);
        assert!(queue.is_worth_a_lane(1) && !queue.is_worth_a_lane(0));
        drop(waiting);
    }

    /// If this fails, a server that is told to stop forgets those who still wait, or never stops.
    #[tokio::test]
    async fn a_closed_queue_is_emptied_first() {
        let queue = Queue::new(3);
        let waiting = put(&queue, 1, "a");
        queue.close();
        assert!(queue.somebody_waits(now).await, "who waits is served first");
        assert_eq!(take(&queue, 9).len(), 1);
        for _ in 0..2 {
            assert!(!queue.somebody_waits(now).await, "every lane hears of it");
        }
        assert_eq!(put(&queue, 1, "b").try_recv(), Ok(Err(NoAnswer::Busy)));
        drop(waiting);
    }

    /// If this fails, a retry that hears "busy" makes its original look as if it had never been sent.
    #[test]
    fn a_key_is_on_its_way_until_the_last_of_its_requests_is_answered() {
        let flights = Flights::default();
        let key = Key { sender: Sender::Token(1), id: "1".to_owned() };
        let original = InFlight::new(&flights, key.clone());
        drop(InFlight::new(&flights, key.clone()));
        assert!(locked(&flights).contains_key(&key));
        drop(original);
        assert!(!locked(&flights).contains_key(&key));
    }
}
