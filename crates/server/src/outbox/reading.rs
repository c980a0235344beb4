//! Reads on what lanes told people. Serials of one lane become visible in their order, so that the last one that was done says
//! everything; moments tell the order between lanes.

use super::message::Message;
use crate::app::App;
use domain::day::Moment;
use domain::facts::Settlement;
use domain::ids::{Serial, SettlementNo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::told::{Span, Told};
use store::{Fault, LaneNo, Page, Query};

/// Where books are spread over servers, a server that went away in the middle of a commit shows its part late: so long nobody
/// reads on. Elsewhere a commit is seen whole or not at all.
const SETTLED_MS: i64 = 60_000;

/// The last serial of each lane up to which everything is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(BTreeMap<u16, u64>);

/// How far lanes had come a while ago, and how far when they were looked at last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    long_ago: Position,
    seen: Position,
    seen_at: Option<Moment>,
}

impl Settled {
    /// All lanes as they are.
    pub fn at(here: Position, now: Moment) -> Settled {
        Settled { long_ago: here.clone(), seen: here, seen_at: Some(now) }
    }

    /// Lanes are looked at: how far they may be read, which is how far they were a while ago.
    fn look(&mut self, here: Position, now: Moment) -> Position {
        let is_long_ago = self.seen_at.is_none_or(|it| now.millis() - it.millis() >= SETTLED_MS);
        if is_long_ago {
            let seen = std::mem::replace(&mut self.seen, here);
            (self.long_ago, self.seen_at) = (seen, Some(now));
        }
        self.long_ago.clone()
    }
}

/// What comes next, in the order it was decided.
#[derive(Debug)]
pub struct Next {
    /// The messages, each with the lane that decided it.
    messages: Vec<(u16, Message)>,
    /// Where everything that was read is done.
    end: Position,
}

impl Next {
    /// The next messages, so many at most and whatever else is of the decision of the last of them; with where everything up to
    /// them is done.
    pub fn take(&mut self, most: usize) -> (Vec<Message>, Position) {
        let mut taken: Vec<(u16, Message)> = Vec::new();
        while let Some((lane, message)) = self.messages.first() {
            let same = taken.last().is_some_and(|(of, it)| (of, it.serial) == (lane, message.serial));
            if taken.len() >= most && !same {
                break;
            }
            taken.push(self.messages.remove(0));
        }
        let mut done = self.end.clone();
        before(&self.messages, &mut done);
        (taken.into_iter().map(|(_, it)| it).collect(), done)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The moment of the oldest message.
    pub fn oldest(&self) -> Option<Moment> {
        self.messages.first().map(|(_, it)| it.at)
    }
}

/// Where all lanes are.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn here(app: &App) -> Result<Position, Fault> {
    let Page::Lanes(lanes) = app.store.page(&Query::Lanes).await? else {
        return Err(Fault::Damaged("asked for lanes, got another page".to_owned()));
    };
    Ok(Position(lanes.into_iter().map(|(lane, last)| (lane.0, last.0)).collect()))
}

/// The messages after a position: so many of each lane, or a few more. A lane that the position does not know decided nothing before
/// somebody listened: it is read from its beginning.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn next(app: &App, position: &Position, settled: &mut Settled, most: u32) -> Result<Next, Fault> {
    let lanes = here(app).await?;
    let ends = if app.store.is_spread() { settled.look(lanes, app.clock.now()) } else { lanes };
    let mut read = Vec::new();
    for (lane, last) in ends.0 {
        let begin = LaneNo(lane).serials(0).0.0 - 1;
        let done = Serial(position.0.get(&lane).copied().unwrap_or(begin));
        let (messages, upto) = told(app, done, Serial(last), most).await?;
        read.push(Read { lane, messages, upto: upto.max(done), is_whole: upto >= Serial(last) });
    }
    Ok(merged(position, read))
}

/// What was read of a lane.
struct Read {
    lane: u16,
    messages: Vec<Message>,
    /// The serial up to which it was read.
    upto: Serial,
    /// Whether that is its last.
    is_whole: bool,
}

/// What was read of all lanes, in the order of moments. Of a lane that has more to tell, later messages are not known yet: those of
/// other lanes that are later than what is known of it wait for them.
fn merged(position: &Position, read: Vec<Read>) -> Next {
    let known_until = |it: &Read| it.messages.last().filter(|_| !it.is_whole).map(|it| it.at);
    let until = read.iter().filter_map(known_until).min();
    let mut end = position.clone();
    end.0.extend(read.iter().map(|it| (it.lane, it.upto.0)));
    let with_lane = |it: Read| it.messages.into_iter().map(move |message| (it.lane, message));
    let mut all: Vec<(u16, Message)> = read.into_iter().flat_map(with_lane).collect();
    all.sort_by_key(|(_, it)| it.order());
    let first_late = all.partition_point(|(_, it)| until.is_none_or(|until| it.at <= until));
    let late = all.split_off(first_late);
    before(&late, &mut end);
    Next { messages: all, end }
}

/// Messages are not done: their lanes are only as far as before the first of each.
fn before(messages: &[(u16, Message)], done: &mut Position) {
    for (lane, message) in messages.iter().rev() {
        done.0.insert(*lane, message.serial.0 - 1);
    }
}

/// What a lane told after a serial, month by month until something is found; and the serial up to which it was read.
async fn told(app: &App, done: Serial, last: Serial, most: u32) -> Result<(Vec<Message>, Serial), Fault> {
    let (mut done, mut limit) = (done, most);
    while let Some(span) = Span::after(done, last, limit) {
        let Page::Told(told) = app.store.page(&Query::Told(span)).await? else {
            return Err(Fault::Damaged("asked for what was told, got another page".to_owned()));
        };
        if told.upto < span.from {
            limit = limit.saturating_mul(2);
            continue;
        }
        done = told.upto;
        let bought = app.bought(&told.notices).await?;
        let messages = messages(told, &bought)?;
        if !messages.is_empty() {
            return Ok((messages, done));
        }
    }
    Ok((Vec::new(), done))
}

/// What was told as messages, in the order of their decisions.
fn messages(told: Told, bought: &BTreeMap<SettlementNo, Settlement>) -> Result<Vec<Message>, Fault> {
    let (mut messages, mut before) = (Vec::new(), None);
    for (turn, notice) in &told.notices {
        let seq = match before {
            Some((serial, seq)) if serial == turn.serial => seq + 1,
            Some(_) | None => 0,
        };
        before = Some((turn.serial, seq));
        let message = Message::of_notice(*turn, seq, notice, bought);
        let missing = || Fault::Damaged("a message speaks of a settlement that is not there".to_owned());
        messages.push(message.ok_or_else(missing)?);
    }
    messages.extend(told.settlements.iter().flat_map(Message::of_settlement));
    messages.sort_by_key(Message::order);
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::decision::{Matter, Notice, NoticeKind, Turn};
    use domain::ids::{BindingNo, PersonNo};

    fn at(serial: u64) -> Position {
        Position([(1, serial)].into())
    }

    fn message(serial: u64, seq: u32, minute: i64) -> Message {
        let about = Matter::Binding(BindingNo(1));
        let notice = Notice { to: PersonNo(1), about, what: NoticeKind::Ended };
        let turn = Turn { serial: Serial(serial), at: Moment::from_millis(minute * 60_000) };
        Message::of_notice(turn, seq, &notice, &BTreeMap::new()).expect("a binding needs no settlement")
    }

    /// If this fails, messages of two lanes overtake each other, one is passed over, or one decision is done by half.
    #[test]
    fn lanes_are_merged_by_moment_as_far_as_all_of_them_are_known() {
        let lane = |lane, messages: &[(u64, u32, i64)], upto, is_whole| Read {
            lane,
            messages: messages.iter().map(|(serial, seq, minute)| message(*serial, *seq, *minute)).collect(),
            upto: Serial(upto),
            is_whole,
        };
        let read = vec![
            lane(1, &[(11, 0, 10), (12, 0, 20), (12, 1, 20)], 15, false),
            lane(2, &[(21, 0, 15), (25, 0, 20), (28, 0, 30)], 29, true),
            lane(3, &[], 35, true),
        ];
        let mut next = merged(&Position([(1, 10), (2, 20), (3, 30), (4, 40)].into()), read);
        let mut steps = Vec::new();
        for _ in 0..4 {
            let (messages, done) = next.take(2);
            let serials: Vec<u64> = messages.iter().map(|it| it.serial.0).collect();
            steps.push((serials, done.0.into_values().collect::<Vec<u64>>()));
        }
        assert_eq!(
            steps,
            [
                (vec![11, 21], vec![11, 24, 35, 40]),
                (vec![12, 12], vec![15, 24, 35, 40]),
                (vec![25], vec![15, 27, 35, 40]),
                (vec![], vec![15, 27, 35, 40]),
            ]
        );
        let mut next = merged(&at(11), vec![lane(1, &[(12, 0, 1), (12, 1, 1), (12, 2, 1)], 12, true)]);
        assert_eq!(next.take(1).0.len(), 3, "what is of one decision stays together");
    }

    /// If this fails, a message whose part of a commit became visible late is passed over for ever.
    #[test]
    fn where_commits_are_seen_late_lanes_are_read_a_while_later() {
        let now = |seconds: i64| Moment::from_millis(seconds * 1000);
        let mut settled = Settled::at(at(1), now(0));
        for (seconds, here, upto) in
            [(1, 5, 1), (59, 7, 1), (60, 8, 1), (61, 9, 1), (120, 20, 8), (180, 21, 20)]
        {
            assert_eq!(settled.look(at(here), now(seconds)), at(upto), "{seconds}");
        }
    }
}
