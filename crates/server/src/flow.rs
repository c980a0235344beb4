//! The one way through: requests wait in a queue, lanes take what waits, turn by turn, and everyone is answered.

use crate::clock::Clock;
use crate::queue::{Queue, WAITING_MOST, Waiting};
use crate::route::{Routes, area_of};
use crate::turn::{Answer, Deciding, NoAnswer, Submission, turn};
use domain::ids::Area;
use domain::request::{Key, Sender};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use store::{Fault, Lane, LaneNo, Store};

/// How many requests a lane takes at once.
pub const BATCH_MOST: usize = 256;

/// How often requests are decided again together, when what they were decided on changed before they were committed;
/// and how often each by itself after that.
const TRIES: usize = 3;

/// The way into the lanes. Handles share it; when the last is dropped, the lanes end after what waits.
#[derive(Clone)]
pub struct Flow {
    doors: Arc<Doors>,
    clock: Clock,
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
        let lanes = lanes.into_iter().map(|(lane, deciding)| (lane, deciding, Arc::clone(&queue)));
        let tasks = lanes.map(|(lane, deciding, queue)| run(lane, deciding, queue)).collect();
        (Flow { doors: Arc::new(Doors::One(queue)), clock }, tasks)
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
        let lanes = lanes.into_iter().map(|(lane, deciding)| (lane, deciding, Arc::clone(&queues[&lane])));
        let tasks = lanes.map(|(lane, deciding, queue)| run(lane, deciding, queue)).collect();
        let doors = Doors::EachLane(queues, Routes::new(store, numbers));
        (Flow { doors: Arc::new(doors), clock }, tasks)
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
        let answer = queue.put(submission, self.clock.machine_now())?;
        answer.await.unwrap_or(Err(NoAnswer::Busy))
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
    pub fn has_room_for(&self, sender: Sender) -> bool {
        self.doors.all().iter().any(|it| it.has_room_for(sender))
    }
}

async fn run(number: LaneNo, mut deciding: Deciding, queue: Arc<Queue>) {
    let mut lane: Option<Box<dyn Lane>> = None;
    let clock = deciding.clock.clone();
    while let Some(batch) = queue.take(BATCH_MOST, || clock.machine_now()).await {
        let requests = batch.len();
        let open = lane.take();
        // Whoever is not answered when something panics is told that the lane is busy.
        let served = unpanicked(one_batch(number, open, batch, &mut deciding)).await;
        lane = served.unwrap_or_else(|()| {
            tracing::error!(requests, "a lane broke off; it is opened anew");
            None
        });
    }
}

/// Serves a batch, and gives the lane back where it can go on being used.
async fn one_batch(
    number: LaneNo,
    lane: Option<Box<dyn Lane>>,
    batch: Vec<Waiting>,
    deciding: &mut Deciding,
) -> Option<Box<dyn Lane>> {
    let opened = match lane {
        Some(lane) => Ok(lane),
        None => deciding.store.lane(number).await,
    };
    match opened {
        Ok(mut open) => serve(&mut *open, batch, deciding).await.is_ok().then_some(open),
        Err(fault) => {
            refuse_all(batch, &fault);
            None
        }
    }
}

/// What work comes to, or that it panicked; then it is dropped and never polled again.
async fn unpanicked<F: Future>(work: F) -> Result<F::Output, ()> {
    let mut work = Box::pin(work);
    std::future::poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.map_or(Poll::Ready(Err(())), |it| it.map(Ok))
    })
    .await
}

fn refuse_all(batch: Vec<Waiting>, fault: &Fault) {
    tracing::warn!(%fault, requests = batch.len(), "a lane could not answer");
    for waiting in batch {
        waiting.answer(Err(NoAnswer::Busy));
    }
}

/// A batch at once; where it cannot be committed as it was decided, again, and then one by one: one bad request never
/// spoils its batch.
///
/// # Errors
/// The fault after which the lane is not to be used any more.
async fn serve(lane: &mut dyn Lane, batch: Vec<Waiting>, deciding: &mut Deciding) -> Result<(), Fault> {
    let submissions: Vec<&Submission> = batch.iter().map(|it| &it.submission).collect();
    match tried(lane, &submissions, deciding).await {
        Ok(answers) => {
            for (waiting, answer) in batch.into_iter().zip(answers) {
                waiting.answer(answer);
            }
            Ok(())
        }
        Err(Fault::Conflict(_)) if batch.len() > 1 => one_by_one(lane, batch, deciding).await,
        Err(fault) => {
            let lane_is_sound = matches!(fault, Fault::Conflict(_));
            refuse_all(batch, &fault);
            if lane_is_sound { Ok(()) } else { Err(fault) }
        }
    }
}

async fn one_by_one(lane: &mut dyn Lane, batch: Vec<Waiting>, deciding: &mut Deciding) -> Result<(), Fault> {
    let mut batch = batch.into_iter();
    while let Some(waiting) = batch.next() {
        match tried(lane, &[&waiting.submission], deciding).await {
            Ok(mut answers) => waiting.answer(answers.remove(0)),
            Err(Fault::Conflict(what)) => refuse_all(vec![waiting], &Fault::Conflict(what)),
            Err(fault) => {
                refuse_all([waiting].into_iter().chain(batch).collect(), &fault);
                return Err(fault);
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
