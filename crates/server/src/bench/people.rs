//! `gongji bench people`: takes a synthetic town into a fresh data folder, by the same decisions as everybody else's, so
//! that the books it leaves can be verified like any others.

use super::Trouble;
use super::town::{Bond, FAMILY, Institution, MOST_PEOPLE, Person, Purse, Town, area};
use crate::app::App;
use crate::clock::Clock;
use crate::data::{self, Folder};
use crate::gateway_keys::{self, GatewayKey};
use crate::law::shipped;
use crate::turn::{Deciding, Encoder, Submission, entropy, turn};
use crate::vault::{Found, Vault};
use clap::Args;
use domain::chain::encode;
use domain::day::{Day, Moment};
use domain::decision::Outcome;
use domain::ids::{Digest, Lookup};
use domain::money::Fen;
use domain::request::{Actor, Body, Credit, Enrol, Key, Publish, Request, Sender, SetInstitution, TakeOver};
use domain::words::Mode;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Arc;
use store::{Attachments, Books, Desk, Lane, LaneNo, Store};
use tokio::sync::mpsc;

/// The operator in whose name the town is taken in.
const OPERATOR: u64 = 0;
/// How many requests are decided together: more are dearer, as each looks through the rows of its batch.
const BATCH: usize = 256;
/// Batches that wait, made beside those that are decided.
const AHEAD: usize = 8;
/// When the town is taken in: the day before the one that the driver's bills are of.
pub(super) const TAKEN_IN: &str = "2025-06-15 08:00";
/// Since when everybody is insured and every institution designated.
pub(super) const SINCE: &str = "2020-01-01";
/// Since when the bindings are in force.
pub(super) const BOUND_SINCE: &str = "2024-01-15 09:00";
/// Where the desk says which town a store holds.
const MARK: (&str, &str) = ("bench", "town");

/// What town is to be taken in, and where.
#[derive(Debug, Clone, Args)]
#[group(id = "town")]
pub struct Options {
    /// Folder that holds the store and the keys.
    #[arg(long, default_value = "gongji-bench")]
    pub data: PathBuf,
    /// PostgreSQL database that holds the store instead of a file in the folder.
    #[arg(long, value_name = "URL", env = "GONGJI_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// How many people.
    #[arg(long, default_value_t = 1_000_000)]
    pub people: u64,
    /// What everything about them follows from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// What is to become of the town.
#[derive(Debug, Clone, Args)]
pub struct Wanted {
    #[command(flatten)]
    options: Options,
    /// Write it into this folder as files that `gongji intake` takes, instead of taking it in.
    #[arg(long, value_name = "FOLDER")]
    csv: Option<PathBuf>,
    /// Let so many of its people sign in to the pages, too.
    #[arg(long, default_value_t = 0)]
    logins: usize,
}

/// Takes the town in, or writes its files.
///
/// # Errors
/// [`Trouble`] where either cannot be done.
pub async fn make(wanted: &Wanted, now: fn() -> Moment) -> Result<(), Trouble> {
    let Options { seed, people, .. } = wanted.options;
    match &wanted.csv {
        Some(folder) => super::files::write_files(&Town::new(seed, people), folder),
        None => {
            run(&wanted.options, now).await?;
            super::logins::keep(&wanted.options, wanted.logins, now).await
        }
    }
}

impl Options {
    /// Where the town is.
    pub fn folder(&self) -> Folder<'_> {
        Folder { database: self.store.as_deref(), ..Folder::with_file(&self.data) }
    }
}

/// Takes the town in; what is there already stays as it is, so that an interrupted attempt can be finished.
///
/// # Errors
/// [`Trouble`] where the store holds another town, is away, or something was refused.
pub async fn run(options: &Options, now: fn() -> Moment) -> Result<(), Trouble> {
    if options.people > MOST_PEOPLE {
        return Err(Trouble(format!("a town has at most {MOST_PEOPLE} people")));
    }
    let town = Town::new(options.seed, options.people);
    let (store, vault) = options.folder().open_or_create().await.map_err(|it| Trouble::new(&it))?;
    take_in(store, vault, town, options, now).await
}

async fn take_in(
    store: Arc<dyn Books>,
    vault: Vault,
    town: Town,
    options: &Options,
    now: fn() -> Moment,
) -> Result<(), Trouble> {
    let mark = format!("seed {} people {}", options.seed, town.people());
    let known = store.get(MARK.0, MARK.1, now()).await.map_err(|it| Trouble::new(&it))?;
    match known.map(|it| String::from_utf8_lossy(&it).into_owned()) {
        Some(known) if known == format!("{mark} complete") => {
            eprintln!("The town is there: {mark}.");
            // An older version may have kept its keys in another form.
            let (app, _) = idle_app(store, vault, now);
            keep_keys(&app, town).await?;
            app.flow.end().await;
            return Ok(());
        }
        Some(known) if known != mark => {
            return Err(Trouble(format!("the store holds another town: {known}")));
        }
        Some(_) | None => {}
    }
    let desk = Arc::clone(&store);
    desk.put(MARK.0, MARK.1, mark.as_bytes(), None).await.map_err(|it| Trouble::new(&it))?;
    let (app, mut deciding) = idle_app(store, vault, now);
    data::serve_as(&app, true).await.map_err(|it| Trouble::new(&it))?;
    let mut lane = app.store.lane(LaneNo(1)).await.map_err(|it| Trouble::new(&it))?;
    law(&app, &mut *lane, &mut deciding).await?;
    everybody(&app, town, &mut *lane, &mut deciding).await?;
    keep_keys(&app, town).await?;
    let mark = format!("{mark} complete");
    desk.put(MARK.0, MARK.1, mark.as_bytes(), None).await.map_err(|it| Trouble::new(&it))?;
    app.flow.end().await;
    Ok(())
}

/// An application, and what decides beside it: the town goes through a lane that is held here. The application's own
/// opens only when something is sent through it.
fn idle_app(store: Arc<dyn Books>, vault: Vault, now: fn() -> Moment) -> (App, Deciding) {
    let start = Moment::parse(TAKEN_IN).expect("the moment is written above");
    let app = App::on(store, LaneNo(1)..=LaneNo(1), Clock::sandbox(now, start), vault);
    let deciding = Deciding {
        store: Arc::clone(&app.store),
        clock: app.clock.clone(),
        laws: Arc::clone(&app.laws),
        vault: Arc::clone(&app.vault),
        entropy: entropy(),
    };
    (app, deciding)
}

async fn law(app: &App, lane: &mut dyn Lane, deciding: &mut Deciding) -> Result<(), Trouble> {
    let book = shipped(false);
    let kept = app.laws.keep(&book).map_err(|_| Trouble("the shipped law has mistakes".to_owned()))?;
    let attachments = Attachments { book: Some(book.bytes()), ..Attachments::default() };
    let body = Body::Publish(Publish { book: kept.digest });
    decide(lane, vec![submission("law".to_owned(), body, attachments)], deciding).await
}

/// Institutions and people, made on a thread beside the one that decides.
async fn everybody(
    app: &App,
    town: Town,
    lane: &mut dyn Lane,
    deciding: &mut Deciding,
) -> Result<(), Trouble> {
    let bar = ProgressBar::new(town.people());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} people, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    let (send, mut made) = mpsc::channel(AHEAD);
    let vault = Arc::clone(&app.vault);
    let making = tokio::task::spawn_blocking(move || {
        let places: Vec<Submission> =
            (0..town.institutions()).map(|it| institution(&town.institution(it))).collect();
        // Where nobody decides any more, nothing more has to be made.
        let _ = batches(&vault, town, places, &send);
    });
    while let Some((batch, families)) = made.recv().await {
        decide(lane, batch, deciding).await?;
        bar.set_position(families * FAMILY);
    }
    bar.finish_and_clear();
    making.await.map_err(|it| Trouble::new(&it))
}

type Made = (Vec<Submission>, u64);

/// Batches of about the same size; with each, up to which family it goes.
fn batches(
    vault: &Vault,
    town: Town,
    places: Vec<Submission>,
    to: &mpsc::Sender<Made>,
) -> Result<(), mpsc::error::SendError<Made>> {
    let mut batch = Vec::with_capacity(BATCH + 32);
    for place in places {
        batch.push(place);
        if batch.len() >= BATCH {
            to.blocking_send((std::mem::take(&mut batch), 0))?;
        }
    }
    for family in 0..town.families() {
        for index in family * FAMILY..(family + 1) * FAMILY {
            person(vault, &town, &town.person(index), &mut batch);
        }
        for bond in town.bonds(family) {
            batch.push(binding(vault, &town, bond));
        }
        if batch.len() >= BATCH {
            to.blocking_send((std::mem::take(&mut batch), family))?;
        }
    }
    to.blocking_send((batch, town.families()))
}

/// Decides a batch; everything in it has to be done.
async fn decide(lane: &mut dyn Lane, batch: Vec<Submission>, deciding: &mut Deciding) -> Result<(), Trouble> {
    let submissions: Vec<&Submission> = batch.iter().collect();
    let answers = turn(lane, &submissions, deciding).await.map_err(|it| Trouble::new(&it))?;
    for (answer, submission) in answers.into_iter().zip(&batch) {
        let said = answer.map_err(|it| Trouble::new(&it))?;
        if !said.is_empty() {
            let said = String::from_utf8_lossy(&said).into_owned();
            return Err(Trouble(format!("{:?}: {said}", submission.request.body)));
        }
    }
    Ok(())
}

/// A request of the operator under an id that says what it is; the answer is empty, or why it was refused.
fn submission(id: String, body: Body, attachments: Attachments) -> Submission {
    let digest = Digest::of(&[&encode(&body)]);
    let request = Request {
        key: Key { sender: Sender::Token(OPERATOR), id },
        digest,
        actor: Actor::Operator { token: OPERATOR },
        body,
    };
    let encode: Encoder = Arc::new(|told| match &told.decision.outcome {
        Outcome::Done(_) => Vec::new(),
        Outcome::Refused(reasons) => format!("{reasons:?}").into_bytes(),
    });
    Submission { request, attachments, aside: None, encode, is_kept: true }
}

/// Adds what takes a person in, enrols them and credits their account.
fn person(vault: &Vault, town: &Town, it: &Person, to: &mut Vec<Submission>) {
    let guardian = it.guardian.map(|it| found(vault, &town.person(it)));
    let (add, attachments) = it.identity().taken_in(it.born, it.sex, guardian, vault);
    to.push(submission(format!("person {}", it.index), add, attachments));
    let lookup = found(vault, it);
    let enrol = Body::Enrol(Enrol {
        person: lookup,
        scheme: it.scheme,
        area: area(it.area),
        category: it.category,
        account: it.purse != Purse::None,
        contract: false,
        from: since(),
    });
    to.push(submission(format!("enrolment {}", it.index), enrol, Attachments::default()));
    if let Purse::Holds(prior, current) = it.purse
        && prior + current > 0
    {
        let fen = |it| Fen::new(it).unwrap_or(Fen::ZERO);
        let credit = Body::Credit(Credit { person: lookup, prior: fen(prior), current: fen(current) });
        to.push(submission(format!("credit {}", it.index), credit, Attachments::default()));
    }
}

fn since() -> Day {
    Day::parse(SINCE).expect("the day is written above")
}

fn found(vault: &Vault, it: &Person) -> Lookup {
    vault.lookup(Found::IdDocument, &it.id)
}

fn binding(vault: &Vault, town: &Town, bond: Bond) -> Submission {
    let lookup = |index| found(vault, &town.person(index));
    let body = Body::TakeOver(TakeOver {
        giver: lookup(bond.giver),
        beneficiary: lookup(bond.beneficiary),
        relation: bond.relation,
        since: Moment::parse(BOUND_SINCE).expect("the moment is written above"),
        mode: Mode::Live,
    });
    submission(format!("binding {} {}", bond.giver, bond.beneficiary), body, Attachments::default())
}

fn institution(it: &Institution) -> Submission {
    let body = Body::SetInstitution(SetInstitution {
        code: it.parsed().expect("a test reads the codes of the town"),
        area: area(it.area),
        kind: it.kind,
        level: it.level,
        designations: vec![(since(), None)],
    });
    let attachments = Attachments { name: Some(it.name.clone()), ..Attachments::default() };
    submission(format!("institution {}", it.code), body, attachments)
}

async fn keep_keys(app: &App, town: Town) -> Result<(), Trouble> {
    for index in 0..town.institutions() {
        keep_key(app, &town.institution(index)).await?;
    }
    Ok(())
}

async fn keep_key(app: &App, it: &Institution) -> Result<(), Trouble> {
    let institution = it.parsed().ok_or_else(|| Trouble(format!("`{}` is no code", it.code)))?;
    let key = GatewayKey::of(institution, "api", &it.secret, app.clock.machine_now());
    gateway_keys::keep(app, &it.code, &key).await.map_err(|it| Trouble::new(&it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Laws;
    use crate::verify::verify_with;

    /// If this fails, everything is measured on books that no bureau would accept.
    #[tokio::test]
    async fn the_books_of_a_town_are_sound_and_taking_it_in_again_adds_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = || Moment::from_millis(1_795_310_688_479);
        let options = |people| Options { data: folder.path().to_owned(), store: None, people, seed: 1 };
        run(&options(700), now).await.expect("taken in");
        let (store, records) = Folder::with_file(folder.path()).open_books().await.expect("books");
        let keys = Folder::with_file(folder.path()).keys(&*store).await.expect("keys");
        let laws = Laws::default();
        let report = verify_with(&*store, &laws, keys.as_ref(), &|_| ()).await.expect("verified");
        assert!(report.is_sound() && report.decided_otherwise.is_empty(), "{:?}", report.findings);
        assert!(records > 1_600, "{records}");
        drop(store);
        run(&options(700), now).await.expect("is there already");
        run(&options(1_400), now).await.expect_err("another town");
        let (_, again) = Folder::with_file(folder.path()).open_books().await.expect("books");
        assert_eq!(again, records);
    }
}
