//! The bindings that somebody is in, as a list: what waits for them, whom they authorised, who authorised them.

use super::bound::Bound;
use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use super::windows::Window;
use askama::Template;
use axum::response::Response;
use domain::ids::PersonNo;
use domain::words::Side;
use serde::Deserialize;

/// The bindings of somebody.
#[derive(Debug, Deserialize)]
pub(crate) struct Bindings {
    pub(crate) given: Vec<Bound>,
    pub(crate) received: Vec<Bound>,
}

/// A binding as a line of a list.
struct Row {
    no: u64,
    name: String,
    relation: String,
    state: String,
    tag: &'static str,
    gives: bool,
    /// The place in the reader's order of givers, where one was set.
    rank: u16,
}

#[derive(Template)]
#[template(path = "web/family.html")]
struct FamilyPage {
    frame: Frame,
    waiting: Vec<Row>,
    given: Vec<Row>,
    received: Vec<Row>,
    over: Vec<Row>,
    /// Whether nobody is authorised at all.
    no_given: bool,
    /// Whether nobody authorised the reader at all.
    no_received: bool,
    window: Window,
}

impl FamilyPage {
    /// Whether a list is spoken of: where some of it stands on this page; on the first page also where there is none.
    fn shows(&self, list: &[Row], none: &bool) -> bool {
        !list.is_empty() || (*none && self.window.is_first())
    }
}

impl Row {
    fn of(opening: &Opening, reader: PersonNo, it: &Bound) -> Row {
        Row {
            no: it.no,
            name: it.other(reader).name.clone(),
            relation: it.relation_of_other(reader, opening).to_owned(),
            state: it.state(opening).to_owned(),
            tag: it.tag(),
            gives: it.side(reader) == Side::Giver,
            rank: it.rank,
        }
    }
}

/// `GET /family`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let me = opening.person()?;
    let Bindings { given, mut received } = opening.get(&format!("/persons/{}/bindings", me.0)).await?;
    received.sort_by_key(|it| (it.rank, it.no));
    let rows = |list: &[Bound], keep: &dyn Fn(&Bound) -> bool| -> Vec<Row> {
        list.iter().filter(|it| keep(it)).map(|it| Row::of(&opening, me, it)).collect()
    };
    let waits = |it: &Bound| it.waits_for(me);
    let stands = |it: &Bound| !it.waits_for(me) && !it.is_over();
    let both = |keep: &dyn Fn(&Bound) -> bool| -> Vec<Row> {
        rows(&given, keep).into_iter().chain(rows(&received, keep)).collect()
    };
    let (waiting, over) = (both(&waits), both(&Bound::is_over));
    let (given, received, mut window) = (rows(&given, &stands), rows(&received, &stands), opening.window());
    opening.page(&FamilyPage {
        frame: opening.frame("我的授权", "My authorisations"),
        no_given: given.is_empty(),
        no_received: received.is_empty(),
        waiting: window.cut(waiting),
        given: window.cut(given),
        received: window.cut(received),
        over: window.cut(over),
        window,
    })
}
