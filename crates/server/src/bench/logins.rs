//! Logins of the town, so that its pages can be opened as its people open them: of those whose relatives spend their
//! money. A password follows from the seed, as everything does.

use super::Trouble;
use super::people::Options;
use super::town::{FAMILY, Town};
use crate::app::App;
use crate::clock::Clock;
use crate::logins;
use crate::tokens::NewToken;
use crate::vault::Found;
use domain::day::Moment;
use domain::ids::PersonNo;
use domain::needs::Needs;
use store::LaneNo;

/// Keeps logins of so many people of the town in the options' folder; nobody serves it meanwhile.
///
/// # Errors
/// [`Trouble`] where the town is not there, or does not have so many.
pub async fn keep(options: &Options, count: usize, now: fn() -> Moment) -> Result<(), Trouble> {
    let town = Town::new(options.seed, options.people);
    let (store, vault) = options.folder().open().await.map_err(|it| Trouble::new(&it))?;
    let start = Moment::parse(super::people::TAKEN_IN).expect("the moment is written there");
    let app = App::on(store, LaneNo(1)..=LaneNo(1), Clock::sandbox(now, start), vault);
    for (login, password) in of(town, count)? {
        let citizen = NewToken::citizen(number(&app, &login).await?);
        let kept = logins::keep(&app, &login, citizen, Some(&password)).await;
        kept.map_err(|it| Trouble::new(&it))?;
    }
    app.flow.end().await;
    Ok(())
}

/// Who of the town has a login, and the password.
///
/// # Errors
/// [`Trouble`] where fewer have bound somebody.
pub fn of(town: Town, count: usize) -> Result<Vec<(String, String)>, Trouble> {
    let givers = (0..town.families()).filter(|it| town.is_bound(*it)).map(|it| it * FAMILY);
    let found: Vec<_> = givers.take(count).map(|it| (town.person(it).id, town.password(it))).collect();
    if found.len() < count {
        return Err(Trouble(format!("only {} people of the town have bound somebody", found.len())));
    }
    Ok(found)
}

async fn number(app: &App, id: &str) -> Result<PersonNo, Trouble> {
    let lookup = app.vault.lookup(Found::IdDocument, id);
    let needs = Needs { lookups: [lookup].into(), ..Needs::default() };
    let rows = app.rows(needs).await.map_err(|it| Trouble::new(&it))?;
    let person = rows.facts.person_by(lookup).map(|it| it.no);
    person.ok_or_else(|| Trouble("the town is not taken in yet".to_owned()))
}
