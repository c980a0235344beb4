//! What a request is made from: the cast, what is committed, the moment, the dice; and how often each kind is asked for.

use crate::cast::{Cast, Place, Player, lookup};
use crate::dice::Dice;
use crate::stage::Stage;
use crate::{agency, counter, family, hall, proxies, ward};
use domain::clerk::Clerk;
use domain::day::Moment;
use domain::facts::Facts;
use domain::ids::{InstitutionCode, Lookup, PersonNo};
use domain::money::Fen;
use domain::request::{Actor, Body, Sender, Settle, What};
use domain::stay::StayEvent;

/// Token of the operator, of the clerk; citizens' tokens follow.
pub const OPERATOR: u64 = 1;
/// The clerk's.
pub const CLERK: u64 = 2;
/// That of the clerk at the next window.
pub const SECOND: u64 = 3;

/// The scene a request is made on.
pub struct Scene<'a> {
    /// Law and goods.
    pub stage: &'a Stage,
    /// Who plays.
    pub cast: &'a Cast,
    /// What is committed.
    pub facts: &'a Facts,
    /// Now.
    pub at: Moment,
    /// The dice.
    pub dice: &'a mut Dice,
}

/// Who asks for what.
pub type Asked = (Actor, Body);

/// A kind of request, before it is made.
type Make = fn(&mut Scene<'_>) -> Option<Asked>;

const KINDS: [(u32, Make); 37] = [
    (18, agency::add_person),
    (19, agency::record_death),
    (18, agency::enrol),
    (48, agency::change_enrolment),
    (45, agency::credit),
    (22, agency::take_back),
    (18, agency::set_institution),
    (22, agency::change_institution),
    (22, agency::map_items),
    (22, agency::unmap_items),
    (18, agency::publish),
    (28, family::link),
    (28, family::confirm_link),
    (90, family::bind),
    (110, family::change_binding),
    (20, family::take_over),
    (21, family::record_documents),
    (21, hall::propose),
    (38, hall::decide),
    (48, proxies::entrust),
    (30, proxies::revoke),
    (65, counter::register),
    (25, counter::cancel_visit),
    (40, counter::state_visit),
    (75, counter::upload),
    (44, counter::remove_lines),
    (230, counter::settle),
    (50, counter::cancel),
    (50, counter::refund_part),
    (32, counter::reverse),
    (56, ward::admit),
    (36, ward::change),
    (85, ward::charge),
    (70, ward::remove),
    (100, ward::discharge),
    (60, ward::undo_discharge),
    (48, ward::cancel),
];

impl<'a> Scene<'a> {
    /// Something somebody asks for.
    pub fn ask(&mut self) -> Asked {
        for _ in 0..20 {
            let make = self.dice.weighed(&KINDS);
            if let Some(asked) = make.and_then(|make| make(self)) {
                return asked;
            }
        }
        agency::credit(self).expect("a credit can always be asked for")
    }

    /// A player, by number.
    pub fn player(&mut self) -> usize {
        self.dice.below(self.cast.players.len())
    }

    /// The player of this number.
    pub fn known(&self, number: usize) -> &'a Player {
        &self.cast.players[number]
    }

    /// What a player is found by; now and then somebody nobody knows.
    pub fn found_by(&mut self, number: usize) -> Lookup {
        if self.dice.per_mille(8) { lookup(9_999, 0) } else { self.known(number).lookups[0] }
    }

    /// A player's number in the books, once they are taken in.
    pub fn person(&self, number: usize) -> Option<PersonNo> {
        self.facts.lookups.get(&self.known(number).lookups[0]).copied()
    }

    /// The player with this number in the books.
    pub fn player_of(&self, person: PersonNo) -> Option<usize> {
        (0..self.cast.players.len()).find(|it| self.person(*it) == Some(person))
    }

    /// A hospital or pharmacy, as the letter of its code says.
    pub fn place(&mut self, hospital: bool) -> Place {
        let of_kind: Vec<Place> =
            self.cast.places.iter().copied().filter(|it| is_hospital(it.code) == hospital).collect();
        *self.dice.pick(&of_kind).expect("a seed has places of both kinds")
    }

    /// The operator; now and then somebody who is none.
    pub fn operator(&mut self) -> Actor {
        if self.dice.per_mille(30) { clerk(PersonNo(0)) } else { Actor::Operator { token: OPERATOR } }
    }

    /// An amount of up to so many yuan, often with odd fen.
    pub fn amount(&mut self, yuan: i64) -> Fen {
        let fen = self.dice.between(1, yuan * 100);
        Fen::new(fen).unwrap_or(Fen::ZERO)
    }
}

/// Whether the code is a hospital's.
pub fn is_hospital(code: InstitutionCode) -> bool {
    code.number() < 200_000_000_000
}

/// The clerk at the first window, for a person.
pub fn clerk(person: PersonNo) -> Actor {
    at_window(CLERK, person)
}

/// The clerk with this token, for a person. Everybody has one token.
pub fn at_window(token: u64, person: PersonNo) -> Actor {
    Actor::Clerk { clerk: Clerk { token, bearer: token }, person }
}

/// Under whose name a request's key stands.
pub fn sender(actor: Actor) -> Sender {
    match actor {
        Actor::Institution(code) => Sender::Institution(code),
        Actor::Citizen(person) => Sender::Token(1_000 + person.0),
        Actor::Clerk { clerk, .. } => Sender::Token(clerk.token),
        Actor::Operator { token } => Sender::Token(token),
    }
}

/// The name of a kind of request.
pub fn kind(body: &Body) -> &'static str {
    match body {
        Body::AddPerson(_) => "add person",
        Body::RecordDeath(_) => "record death",
        Body::Enrol(_) => "enrol",
        Body::ChangeEnrolment(_) => "change enrolment",
        Body::Credit(_) => "credit",
        Body::TakeBack(_) => "take back",
        Body::SetInstitution(_) => "set institution",
        Body::ChangeInstitution(_) => "change institution",
        Body::MapItems(_) => "map items",
        Body::UnmapItems(_) => "unmap items",
        Body::LinkFamilyCode(_) => "link family code",
        Body::ConfirmFamilyCode(_) => "agree to family code",
        Body::Bind(_) => "bind",
        Body::ChangeBinding(_) => "change binding",
        Body::TakeOver(_) => "take over",
        Body::RecordDocuments(_) => "record documents",
        Body::ProposeAmendment(_) => "propose amendment",
        Body::DecideAmendment(_) => "decide amendment",
        Body::EntrustProxy(_) => "entrust proxy",
        Body::RevokeProxy(_) => "revoke proxy",
        Body::Register(_) => "register",
        Body::CancelVisit(_) => "cancel visit",
        Body::StateVisit(_) => "state visit",
        Body::Upload(_) => "upload",
        Body::RemoveLines(_) => "remove lines",
        Body::Stay(StayEvent::Admit(_)) => "admit",
        Body::Stay(StayEvent::Change(_)) => "change stay",
        Body::Stay(StayEvent::Charge(_)) => "charge",
        Body::Stay(StayEvent::Remove(_)) => "remove charges",
        Body::Stay(StayEvent::Discharge(_)) => "discharge",
        Body::Stay(StayEvent::UndoDischarge(_)) => "undo discharge",
        Body::Stay(StayEvent::Cancel(_)) => "cancel stay",
        Body::Settle(Settle { what: What::Stay { .. }, .. }) => "settle stay",
        Body::Settle(_) => "settle",
        Body::Cancel(_) => "cancel",
        Body::RefundPart(_) => "refund part",
        Body::Reverse(_) => "reverse",
        Body::Publish(_) => "publish",
    }
}

/// Every kind of request.
pub const ALL_KINDS: [&str; 38] = [
    "add person",
    "record death",
    "enrol",
    "change enrolment",
    "credit",
    "take back",
    "set institution",
    "change institution",
    "map items",
    "unmap items",
    "link family code",
    "agree to family code",
    "bind",
    "change binding",
    "take over",
    "record documents",
    "propose amendment",
    "decide amendment",
    "entrust proxy",
    "revoke proxy",
    "register",
    "cancel visit",
    "state visit",
    "upload",
    "remove lines",
    "admit",
    "change stay",
    "charge",
    "remove charges",
    "discharge",
    "undo discharge",
    "cancel stay",
    "settle stay",
    "settle",
    "cancel",
    "refund part",
    "reverse",
    "publish",
];
