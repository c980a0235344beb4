//! The demo world: the people, places and bindings of `world.toml`, loaded through REST as a bureau would load its own.

use super::client::{Client, Trouble};
use domain::day::{Day, Moment};
use serde::Deserialize;
use serde_json::{Value, json};

/// What `world.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// First day of all enrolments and designations.
    pub since: String,
    /// Since when the bindings are in force.
    pub bound_since: String,
    /// People.
    pub person: Vec<Person>,
    /// Bindings.
    pub binding: Vec<Pair>,
    /// Family code links.
    pub link: Vec<Link>,
    /// Institutions.
    pub place: Vec<Place>,
}

/// A person of the demo world.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// How stories call the person: names alone are not unique.
    pub key: String,
    /// The name.
    pub name: String,
    /// The ID number.
    pub id: String,
    /// 310 or 390.
    pub scheme: String,
    /// Pooling area.
    pub area: String,
    /// Category of the member.
    pub category: String,
    /// Who acts for a minor.
    pub guardian: Option<String>,
    /// Opening balance of earlier years; absent without an account.
    pub prior: Option<String>,
    /// Opening balance of this year.
    pub current: Option<String>,
    /// First day of a pause that goes on.
    pub paused: Option<String>,
    /// Day of death.
    pub died: Option<String>,
    /// A move to another area.
    pub moved: Option<Move>,
}

/// A move to another pooling area.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Where to.
    pub area: String,
    /// First day there.
    pub from: String,
}

/// A binding of the demo world.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Whose account.
    pub giver: String,
    /// Who may spend it.
    pub beneficiary: String,
    /// What the beneficiary is to the giver.
    pub relation: String,
    /// Since when; the world's day where absent.
    pub since: Option<String>,
}

/// A family code link of the demo world.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Who shows.
    pub holder: String,
    /// Whose code.
    pub member: String,
    /// What the member is to the holder.
    pub relation: String,
}

/// An institution of the demo world.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its pooling area.
    pub area: String,
    /// What it is.
    pub kind: String,
    /// Its level.
    pub level: String,
    /// Last day of its designation.
    pub until: Option<String>,
}

impl Person {
    /// `psn_no`: the area and the last twelve characters of the ID number, X as 0.
    pub fn psn_no(&self) -> String {
        format!("{}{}", self.area, self.id[6..].replace('X', "0"))
    }

    /// The number of the social-security card.
    pub fn card(&self) -> String {
        format!("C{}", self.id)
    }

    /// The card's serial: the last eight characters of the ID number.
    pub fn card_serial(&self) -> String {
        self.id[10..].to_owned()
    }

    fn born(&self) -> String {
        format!("{}-{}-{}", &self.id[6..10], &self.id[10..12], &self.id[12..14])
    }

    fn sex(&self) -> &'static str {
        let odd = self.id.as_bytes().get(16).is_some_and(|it| it % 2 == 1);
        if odd { "male" } else { "female" }
    }
}

impl World {
    /// The world that the binary carries.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn shipped() -> World {
        toml::from_str(include_str!("world.toml")).expect("a test reads the demo world")
    }

    /// A person by key.
    ///
    /// # Panics
    /// For a key that is not in the world: stories are part of the program.
    pub fn person(&self, key: &str) -> &Person {
        self.person.iter().find(|it| it.key == key).expect("stories speak of people of the world")
    }

    /// The same world with another opening balance of a person.
    pub fn with_balance(mut self, key: &str, prior: &str, current: &str) -> World {
        for person in self.person.iter_mut().filter(|it| it.key == key) {
            person.prior = Some(prior.to_owned());
            person.current = Some(current.to_owned());
        }
        self
    }

    /// The same world with one more binding, in place of one of the same two.
    pub fn with_binding(mut self, giver: &str, beneficiary: &str, relation: &str, since: &str) -> World {
        self.binding.retain(|it| it.giver != giver || it.beneficiary != beneficiary);
        self.binding.push(Pair {
            giver: giver.to_owned(),
            beneficiary: beneficiary.to_owned(),
            relation: relation.to_owned(),
            since: Some(since.to_owned()),
        });
        self
    }

    /// Loads the world through REST; bindings that begin after `now` are left out.
    ///
    /// # Errors
    /// The first answer that was not what a fresh load gets.
    pub fn load(&self, client: &mut Client, now: Moment) -> Result<(), Trouble> {
        for place in &self.place {
            self.load_place(client, place)?;
        }
        // Guardians first: a minor's entry names them.
        let (minors, adults): (Vec<&Person>, Vec<&Person>) =
            self.person.iter().partition(|it| it.guardian.is_some());
        for person in adults.into_iter().chain(minors) {
            self.load_person(client, person)?;
        }
        for person in &self.person {
            live_on(client, person, now.day())?;
        }
        for link in &self.link {
            let (holder, member) = (self.person(&link.holder), self.person(&link.member));
            let body = json!({ "holder": who(holder), "member": who(member), "relation": link.relation });
            client.operator("POST", "/family-links", &body)?;
        }
        for pair in &self.binding {
            let since = pair.since.as_ref().unwrap_or(&self.bound_since);
            let since = Moment::parse(since).ok_or_else(|| Trouble(format!("`{since}` is no moment")))?;
            if since <= now {
                self.load_binding(client, pair, since)?;
            }
        }
        Ok(())
    }

    fn load_place(&self, client: &mut Client, place: &Place) -> Result<(), Trouble> {
        let body = json!({
            "name": place.name,
            "area": place.area,
            "kind": place.kind,
            "level": place.level,
            "designations": [{ "from": self.since, "to": place.until }],
        });
        client.operator("PUT", &format!("/institutions/{}", place.code), &body)?;
        let path = format!("/institutions/{}/credentials", place.code);
        let keys = client.operator("POST", &path, &json!({ "scheme": "api" }))?;
        let text = |name: &str| keys.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        client.keys.insert(place.code.clone(), (text("access_key"), text("secret")));
        Ok(())
    }

    fn load_person(&self, client: &mut Client, person: &Person) -> Result<(), Trouble> {
        let guardian = person.guardian.as_ref().map(|it| who(self.person(it)));
        let body = json!({
            "psn_no": person.psn_no(),
            "name": person.name,
            "id_number": person.id,
            "card": person.card(),
            "card_serial": person.card_serial(),
            "born": person.born(),
            "sex": person.sex(),
            "guardian": guardian,
        });
        let added = client.operator("POST", "/persons", &body)?;
        let number = added.get("no").and_then(Value::as_u64);
        let number = number.ok_or_else(|| Trouble(format!("no number in {added}")))?;
        client.people.insert(person.key.clone(), number);
        let employee = person.scheme == "310";
        let body = json!({
            "person": who(person),
            "scheme": if employee { "employee" } else { "resident" },
            "area": person.area,
            "category": person.category,
            "account": person.prior.is_some(),
            "from": self.since,
        });
        client.operator("POST", "/enrolments", &body)?;
        match (&person.prior, &person.current) {
            (Some(prior), Some(current)) if prior != "0.00" || current != "0.00" => {
                let body = json!({ "person": who(person), "prior": prior, "current": current });
                client.operator("POST", "/accounts/credits", &body).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    fn load_binding(&self, client: &mut Client, pair: &Pair, since: Moment) -> Result<(), Trouble> {
        let (giver, beneficiary) = (self.person(&pair.giver), self.person(&pair.beneficiary));
        let body = json!({
            "giver": who(giver),
            "beneficiary": who(beneficiary),
            "relation": pair.relation,
            "since": rfc3339(since),
            "mode": "live",
        });
        client.operator("POST", "/bindings/takeovers", &body).map(|_| ())
    }
}

/// What happened to a person up to a day.
fn live_on(client: &mut Client, person: &Person, today: Day) -> Result<(), Trouble> {
    let happened = |on: &&String| Day::parse(on).is_some_and(|it| it <= today);
    let scheme = if person.scheme == "310" { "employee" } else { "resident" };
    if let Some(on) = person.paused.as_ref().filter(happened) {
        let body = json!({ "person": who(person), "scheme": scheme, "change": "pause", "day": on });
        client.operator("POST", "/enrolments/changes", &body)?;
    }
    if let Some(to) = person.moved.as_ref().filter(|it| happened(&&it.from)) {
        let body = json!({
            "person": who(person), "scheme": scheme, "change": "move", "day": to.from, "area": to.area,
        });
        client.operator("POST", "/enrolments/changes", &body)?;
    }
    if let Some(on) = person.died.as_ref().filter(happened) {
        let number = client.people.get(&person.key).copied().unwrap_or(0);
        client.operator("POST", &format!("/persons/{number}/death"), &json!({ "on": on }))?;
    }
    Ok(())
}

/// Names a person in a REST body.
pub fn who(person: &Person) -> Value {
    json!({ "id_number": person.id })
}

/// A moment as REST wants it.
pub fn rfc3339(at: Moment) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(at.millis());
    timestamp.map(|it| it.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, the demo and every page that speaks of its families starts from something broken.
    #[test]
    fn the_demo_world_reads_and_its_numbers_are_synthetic() {
        let world = World::shipped();
        assert_eq!(world.person.len(), 26);
        assert!(world.person.iter().all(|it| it.id.starts_with("990000") && it.id.len() == 18));
        assert_eq!(world.person("zhaojianguo").psn_no(), "320300195602200310");
        for pair in &world.binding {
            assert_ne!(world.person(&pair.giver).key, world.person(&pair.beneficiary).key);
        }
    }
}
