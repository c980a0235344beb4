//! Which lane serves whom, where a store is spread by lanes: the lane of the sender's area, the same for ever, so that
//! the same message always meets the same lane.

use domain::ids::{Area, InstitutionCode};
use domain::request::Sender;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Fault, LaneNo, Store};

/// The area that an institution's code says for ever, whatever becomes of its registration: `H32030000001` is of
/// 320300. A token says its own.
pub(crate) fn area_of(sender: Sender) -> Area {
    match sender {
        Sender::Institution(code) => area_in(code),
        Sender::Token(_) => Area::NATION,
    }
}

fn area_in(code: InstitutionCode) -> Area {
    let digits = code.number() % 100_000_000_000 / 100_000;
    u32::try_from(digits).ok().and_then(Area::from_number).unwrap_or(Area::NATION).pooling()
}

/// The lanes that areas are served by, as the store says once and for ever.
pub(crate) struct Routes {
    store: Arc<dyn Store>,
    /// The lanes of this process, of which one is chosen for an area that nobody serves yet.
    lanes: Vec<LaneNo>,
    known: Mutex<BTreeMap<Area, LaneNo>>,
}

impl Routes {
    pub(crate) fn new(store: Arc<dyn Store>, lanes: Vec<LaneNo>) -> Routes {
        Routes { store, lanes, known: Mutex::default() }
    }

    /// The lane that serves an area, where it was asked for before.
    pub(crate) fn known(&self, area: Area) -> Option<LaneNo> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&area.pooling()).copied()
    }

    /// The lane that serves an area, here or in another process.
    pub(crate) async fn lane(&self, area: Area) -> Result<LaneNo, Fault> {
        let area = area.pooling();
        if let Some(lane) = self.known(area) {
            return Ok(lane);
        }
        let lane = self.store.lane_of(area, &self.lanes).await?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(area, lane);
        Ok(lane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::flow::Flow;
    use crate::turn::{NoAnswer, Submission, Told};
    use async_trait::async_trait;
    use domain::day::Moment;
    use domain::ids::Digest;
    use domain::request::{Actor, Body, Key, Publish, Request};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use store::{Attachments, Lane, Page, Query};

    /// A spread store in which every area is served by lane 2, and which counts how often it was asked.
    #[derive(Default)]
    struct Spread(AtomicUsize);

    #[async_trait]
    impl Store for Spread {
        async fn lane(&self, _: LaneNo) -> Result<Box<dyn Lane>, Fault> {
            Err(Fault::Unavailable("there are no lanes here".to_owned()))
        }

        async fn page(&self, _: &Query) -> Result<Page, Fault> {
            Err(Fault::Unavailable("there are no pages here".to_owned()))
        }

        fn is_spread(&self) -> bool {
            true
        }

        async fn lane_of(&self, _: Area, _: &[LaneNo]) -> Result<LaneNo, Fault> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(LaneNo(2))
        }
    }

    fn area(code: &str) -> Area {
        Area::parse(code).expect("an area")
    }

    /// If this fails, districts of one city are served by several lanes, or every message asks the store who serves it.
    #[tokio::test]
    async fn a_city_with_its_districts_has_one_lane_that_is_asked_for_once() {
        let store = Arc::new(Spread::default());
        let routes = Routes::new(Arc::clone(&store) as Arc<dyn Store>, vec![LaneNo(2)]);
        for code in ["320300", "320312", "320300"] {
            assert_eq!(routes.lane(area(code)).await, Ok(LaneNo(2)), "{code}");
        }
        assert_eq!(store.0.load(Ordering::Relaxed), 1);
    }

    /// If this fails, a message of an area that another process serves is decided here too, or waits for nobody.
    #[tokio::test]
    async fn an_area_that_is_served_elsewhere_is_turned_away_at_once() {
        let clock = Clock::machine(|| Moment::from_millis(1_795_310_688_479));
        let (flow, lanes) = Flow::by_area(Vec::new(), clock, Arc::new(Spread::default()));
        assert_eq!(lanes.len(), 0);
        let key = Key { sender: Sender::Token(1), id: "1".to_owned() };
        let (digest, actor) = (Digest::of(&[]), Actor::Operator { token: 1 });
        let request = Request { key, digest, actor, body: Body::Publish(Publish { book: digest }) };
        let (attachments, encode) = (Attachments::default(), Arc::new(|_: &Told<'_>| Vec::new()));
        let submission = Submission { request, attachments, aside: None, encode, is_kept: true };
        assert_eq!(flow.submit_from(area("320300"), submission).await, Err(NoAnswer::Busy));
    }

    /// If this fails, a message that is sent again meets another lane, which decides it a second time.
    #[test]
    fn an_institution_is_of_the_pooling_area_in_its_code() {
        for (code, area) in [
            ("H32030000001", "320300"),
            ("P32031200001", "320300"),
            ("H31011500001", "310000"),
            ("P32990000001", "329900"),
        ] {
            let code = InstitutionCode::parse(code).expect("a code");
            assert_eq!(Some(area_of(Sender::Institution(code))), Area::parse(area));
        }
        assert_eq!(area_of(Sender::Token(7)), Area::NATION);
    }
}
