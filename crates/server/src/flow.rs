//! The one way through: requests wait in a queue, lanes take what waits, turn by turn, and everyone is answered.

use crate::clock::Clock;
use crate::queue::{InFlight, Queue, WAITING_MOST, Waiting, in_time};
use crate::route::{Routes, area_of};
use crate::turn::{Answer, Deciding, NoAnswer, Submission, turn};
use domain::ids::Area;
use domain::request::{Key, Sender};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use store::{Fault, Lane, LaneNo, Store};
use tokio::sync::{oneshot, watch};

/// How many requests a lane takes at once.
pub const BATCH_MOST: usize = 256;

/// How often requests are decided together, when what they were decided on changes before they are committed; and how
/// often each half of them after that.
const TRIES: usize = 3;

/// After which time it is tried again to open a lane that could not be opened.
const OPENED_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// The way into the lanes. Handles share it; when the last is dropped, the lanes end after what waits.
#[derive(Clone)]
pub struct Flow {
    doors: Arc<Doors>,
    clock: Clock,
    /// Each lane that has not ended holds a receiver.
    lanes: Arc<watch::Sender<()>>,
}

/// The queues, closed when nobody can put anything in any more.
enum Doors {
    /// Any lane takes what waits.
    One(Arc<Queue>),
    /// Each lane serves areas of its own.
    EachLane(BTreeMap<LaneNo, Arc<Queue>>, Routes),
}

impl Doors {
    fn all(&self) -> Vec<&Queue> {
        match self {
            Doors::One(queue) => vec![queue],
            Doors::EachLane(queues, _) => queues.values().map(|it| &**it).collect(),
        }
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        self.all().into_iter().for_each(Queue::close);
    }
}

impl Flow {
    /// The way into lanes, and each lane's task, which runs until the last handle is dropped.
    pub fn new(lanes: Vec<(LaneNo, Deciding)>, clock: Clock) -> (Flow, Vec<impl Future<Output = ()> + Send>) {
        let queue = Arc::new(Queue::new(WAITING_MOST));
        let running = watch::Sender::new(());
        let task = |(lane, deciding)| run(running.subscribe(), lane, deciding, Arc::clone(&queue));
        let tasks = lanes.into_iter().map(task).collect();
        (Flow { doors: Arc::new(Doors::One(queue)), clock, lanes: Arc::new(running) }, tasks)
    }

    /// The same on a store that is spread: each lane has a queue of its own, for the areas that it serves.
    pub fn by_area(
        lanes: Vec<(LaneNo, Deciding)>,
        clock: Clock,
        store: Arc<dyn Store>,
    ) -> (Flow, Vec<impl Future<Output = ()> + Send>) {
        let numbers: Vec<LaneNo> = lanes.iter().map(|(lane, _)| *lane).collect();
        let queues = numbers.iter().map(|it| (*it, Arc::new(Queue::new(WAITING_MOST))));
        let queues: BTreeMap<LaneNo, Arc<Queue>> = queues.collect();
        let running = watch::Sender::new(());
        let task = |(lane, deciding)| run(running.subscribe(), lane, deciding, Arc::clone(&queues[&lane]));
        let tasks = lanes.into_iter().map(task).collect();
        let doors = Doors::EachLane(queues, Routes::new(store, numbers));
        (Flow { doors: Arc::new(doors), clock, lanes: Arc::new(running) }, tasks)
    }

    /// Sends a request through and waits for its answer.
    ///
    /// # Errors
    /// [`NoAnswer`]: busy, or the key was used for something else.
    pub async fn submit(&self, submission: Submission) -> Result<Vec<u8>, NoAnswer> {
        let area = area_of(submission.request.key.sender);
        self.submit_from(area, submission).await
    }

    /// Likewise, for a sender who belongs to an area for ever.
    ///
    /// # Errors
    /// [`NoAnswer`]; busy also where the area is served by another process.
    pub async fn submit_from(&self, area: Area, submission: Submission) -> Result<Vec<u8>, NoAnswer> {
        let queue = self.queue(area).await?;
        let answer = queue.put(submission, self.clock.machine_now());
        answer.await.unwrap_or(Err(NoAnswer::Busy))
    }

    /// Sends requests of one sender through, in their order, and gives what each answer comes through. Where that ends
    /// without an answer, nobody knows about the outcome.
    ///
    /// # Errors
    /// [`NoAnswer::Busy`] where the area is served by another process.
    pub async fn put_all(
        &self,
        area: Area,
        submissions: Vec<Submission>,
    ) -> Result<Vec<oneshot::Receiver<Answer>>, NoAnswer> {
        let queue = self.queue(area).await?;
        let now = self.clock.machine_now();
        Ok(submissions.into_iter().map(|it| queue.put(it, now)).collect())
    }

    async fn queue(&self, area: Area) -> Result<&Queue, NoAnswer> {
        let (queues, routes) = match &*self.doors {
            Doors::One(queue) => return Ok(queue),
            Doors::EachLane(queues, routes) => (queues, routes),
        };
        let lane = routes.lane(area).await.map_err(|fault| {
            tracing::warn!(%fault, %area, "nobody knows who serves an area");
            NoAnswer::Busy
        })?;
        queues.get(&lane).map(|it| &**it).ok_or_else(|| {
            tracing::warn!(%area, lane = lane.0, "the lane that serves an area is not served here");
            NoAnswer::Busy
        })
    }

    /// Whether a request with this key is on its way right now.
    pub fn is_in_flight(&self, key: &Key) -> bool {
        self.doors.all().iter().any(|it| it.is_in_flight(key))
    }

    /// Whether a request of this sender would find a place; to turn it away before any work is done for it.
    /// Who belongs to an area that nobody asked for yet finds out by asking.
    pub fn has_room_for(&self, sender: Sender) -> bool {
        let queue = match &*self.doors {
            Doors::One(queue) => Some(queue),
            Doors::EachLane(queues, routes) => routes.known(area_of(sender)).and_then(|it| queues.get(&it)),
        };
        queue.is_none_or(|it| it.has_room_for(sender))
    }

    /// Lets nobody in any more, and waits until the lanes have served who waits and let go of the store.
    pub async fn end(&self) {
        self.doors.all().into_iter().for_each(Queue::close);
        self.lanes.closed().await;
    }
}

/// A lane's task: opens the lane when somebody waits, serves, and opens it anew at once where it broke off. The first
/// argument is dropped last: when it is gone, so is everything else of the lane.
async fn run(_running: watch::Receiver<()>, number: LaneNo, mut deciding: Deciding, queue: Arc<Queue>) {
    let mut broken_off: Vec<InFlight> = Vec::new();
    let clock = deciding.clock.clone();
    let now = || clock.machine_now();
    while !queue.is_over() && (!broken_off.is_empty() || queue.somebody_waits(now).await) {
        let Some(mut lane) = opened(number, &*deciding.store, &queue).await else { continue };
        // By now the store has done what it was at when the lane broke off, or never will: asking tells.
        broken_off.clear();
        let _serving = queue.served();
        broken_off = serve_all(&mut *lane, &queue, &mut deciding).await;
        queue.leave_to_others();
    }
}

/// The lane; or, a little later, that it cannot be opened, and who waits is left to the others or told so.
async fn opened(number: LaneNo, store: &dyn Store, queue: &Queue) -> Option<Box<dyn Lane>> {
    let fault = match unpanicked(store.lane(number)).await {
        Ok(lane) => return Some(lane),
        Err(fault) => fault,
    };
    tracing::warn!(%fault, lane = number.0, "a lane cannot be opened");
    if queue.is_served() {
        queue.leave_to_others();
    } else {
        queue.turn_all_away();
    }
    tokio::time::sleep(OPENED_AGAIN_AFTER).await;
    None
}

/// Serves until the lane breaks off, and gives what marks those as being on their way of whom nobody knows what became;
/// or until the queue is closed and empty.
async fn serve_all(lane: &mut dyn Lane, queue: &Queue, deciding: &mut Deciding) -> Vec<InFlight> {
    let clock = deciding.clock.clone();
    let now = || clock.machine_now();
    while queue.somebody_waits(now).await {
        let _at_work = queue.at_work();
        let batch = queue.take(BATCH_MOST, now());
        if let Err(broken_off) = serve(lane, batch, deciding).await {
            return broken_off;
        }
    }
    Vec::new()
}

/// What the store did, or that it panicked; then the work is dropped and never polled again.
async fn unpanicked<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let mut work = Box::pin(work);
    let polled = std::future::poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(Fault::Unavailable("something panicked".to_owned()))))
    });
    polled.await
}

/// A batch at once; where it cannot be committed as it was decided, again, and then in halves: one bad request never
/// spoils its batch.
///
/// # Errors
/// The lane broke off: what marks those as being on their way of whom nobody knows what became.
async fn serve(
    lane: &mut dyn Lane,
    batch: Vec<Waiting>,
    deciding: &mut Deciding,
) -> Result<(), Vec<InFlight>> {
    let mut parts = vec![batch];
    while let Some(part) = parts.pop() {
        let mut part = in_time(part, deciding.clock.machine_now());
        if part.is_empty() {
            continue;
        }
        let submissions: Vec<&Submission> = part.iter().map(|it| &it.submission).collect();
        match unpanicked(tried(lane, &submissions, deciding)).await {
            Ok(answers) => part.into_iter().zip(answers).for_each(|(waiting, it)| waiting.answer(it)),
            Err(Fault::Conflict(_)) if part.len() > 1 => {
                let rest = part.split_off(part.len() / 2);
                parts.extend([rest, part]);
            }
            Err(Fault::Conflict(what)) => {
                tracing::warn!(what, "a request could not be committed as it was decided");
                part.into_iter().for_each(|it| it.answer(Err(NoAnswer::Busy)));
            }
            Err(fault) => {
                let left: Vec<Waiting> = parts.into_iter().flatten().chain(part).collect();
                tracing::error!(%fault, requests = left.len(), "a lane broke off; it is opened anew");
                return Err(left.into_iter().map(Waiting::break_off).collect());
            }
        }
    }
    Ok(())
}

/// Turns until what was decided could be committed, or it is not worth trying any more.
async fn tried(
    lane: &mut dyn Lane,
    submissions: &[&Submission],
    deciding: &mut Deciding,
) -> Result<Vec<Answer>, Fault> {
    let mut answers = turn(lane, submissions, deciding).await;
    for _ in 1..TRIES {
        if !matches!(answers, Err(Fault::Conflict(_))) {
            break;
        }
        answers = turn(lane, submissions, deciding).await;
    }
    answers
}
