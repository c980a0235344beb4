//! Which facts a request is decided on, and kept with for ever.

use crate::world::World;
use domain::needs::Needs;
use domain::words::{Scheme, Sex};

const PLACE: &str = "H32030000001";

/// R-E18: if this fails, a patient with many bills of one day at one place makes each record as long as all before it; or the
/// bill that would be paid twice is not found.
#[test]
fn of_a_days_bills_only_the_same_again_is_looked_at() {
    let mut world = World::at("2025-06-16 10:00");
    world.resident("李小明", "2016-06-01", Sex::Male, "320300");
    for amount in ["10.00", "20.00", "30.00"] {
        let bill = world.bill("李小明", Scheme::Resident, amount);
        world.settle(PLACE, bill);
    }
    world.later("2025-06-16 10:02");
    for (amount, kept) in [("20.00", 1), ("20.01", 0)] {
        let decided = world.settle(PLACE, world.bill("李小明", Scheme::Resident, amount));
        let all = domain::world::World::from(decided.facts.clone());
        let needed = all.within(&Needs::of([&decided.request], decided.turn.at), decided.turn.at);
        assert_eq!(needed.settlements.len(), kept, "{amount}");
    }
}
