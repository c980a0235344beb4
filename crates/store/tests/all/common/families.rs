//! Families of a giver and a child, and what they buy.

use super::*;

pub(crate) const PHARMACY: &str = "P32030000001";

/// Families of a giver with 300 yuan and a child who may spend it, numbered in their names.
pub(crate) async fn found_families(lane: &mut dyn Lane, families: usize) -> Vec<PersonNo> {
    let names: Vec<[String; 2]> = (0..families).map(|it| [format!("li {it}"), format!("bao {it}")]).collect();
    let all =
        names.iter().flat_map(|[li, bao]| [person(li, "1985-07-15", None), person(bao, "2015-02-28", None)]);
    let place = institution(PHARMACY, "320300", InstitutionKind::Pharmacy, Level::None);
    let people: Vec<Asked> = all.chain([place]).collect();
    let (_, people) = turn(lane, &people, at("2025-01-05 09:00")).await.expect("commits");
    let people: Vec<PersonNo> = people[..2 * families].iter().map(person_no).collect();
    let lives = names.iter().flat_map(|[li, bao]| {
        [
            enrol(li, Scheme::Employee, "320300", Category::Active),
            enrol(bao, Scheme::Resident, "320300", Category::Child),
            credit(li, "0", "300"),
        ]
    });
    let lives: Vec<Asked> = lives.collect();
    let (_, lives) = turn(lane, &lives, at("2025-01-05 09:01")).await.expect("commits");
    lives.iter().for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
    let pairs = names.iter().zip(people.chunks(2));
    let bound: Vec<Asked> =
        pairs.map(|([li, bao], people)| bind((li, people[0]), bao, Relation::Child, None)).collect();
    let (_, bound) = turn(lane, &bound, at("2025-01-06 09:00")).await.expect("commits");
    bound.iter().for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
    people
}

pub(crate) fn buy(id: &str, patient: &str, boxes: &str) -> Asked {
    let scheme = if patient.starts_with("li") { Scheme::Employee } else { Scheme::Resident };
    hospital(PHARMACY, id, purchase(patient, scheme, "2025-02-01 09:00", vec![line("1", boxes, false)]))
}
