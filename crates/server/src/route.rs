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

    /// The lane that serves an area, here or in another process.
    pub(crate) async fn lane(&self, area: Area) -> Result<LaneNo, Fault> {
        let area = area.pooling();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&area).copied();
        if let Some(lane) = known {
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
