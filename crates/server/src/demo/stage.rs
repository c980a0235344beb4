//! A stage for one story: a throw-away store, a server of its own on loopback, the world freshly loaded, and hands to act.

use super::client::{Client, Heard, Trouble};
use super::stories::Telling;
use super::world::World;
use crate::app::App;
use crate::clock::Clock;
use crate::law::shipped;
use crate::tokens::{NewToken, Role, create};
use crate::vault::Vault;
use domain::day::Moment;
use domain::ids::{Area, PersonNo};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Books;
use store::sqlite::{Options, Sqlite};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// The code of a drug of class 甲, for bills that are class 甲 throughout.
pub const CLASS_A: &str = "ZA04CDX0534010103065";

/// A stage.
pub struct Stage {
    /// The client.
    pub client: Client,
    /// The world that is loaded.
    pub world: World,
    app: App,
    runtime: Handle,
    server: JoinHandle<()>,
    tokens: BTreeMap<String, String>,
    _folder: Option<Folder>,
}

/// Where stages keep their books, and who hears what is answered on them.
pub trait House {
    /// Empty books for a stage, and the folder they are in.
    ///
    /// # Errors
    /// [`Trouble`] where there are none.
    fn books(&self) -> Result<(Arc<dyn Books>, Option<Folder>), Trouble>;

    /// Where answers are written down.
    fn heard(&self) -> Option<Heard> {
        None
    }

    /// Whether staff sign in to the pages in two steps.
    fn staff_second_factor(&self) -> bool {
        false
    }
}

/// A throw-away file for every stage.
pub struct Files;

impl House for Files {
    fn books(&self) -> Result<(Arc<dyn Books>, Option<Folder>), Trouble> {
        let folder =
            std::env::temp_dir().join(format!("gongji-{}", crate::vault::hex(&crate::vault::random::<8>())));
        std::fs::create_dir_all(&folder).map_err(|it| Trouble(it.to_string()))?;
        let folder = Folder(folder);
        let store = Sqlite::open(&folder.0.join("gongji.sqlite"), Options::default());
        Ok((Arc::new(store.map_err(|it| Trouble(it.to_string()))?), Some(folder)))
    }
}

/// A folder that goes away with its stage.
pub struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A visit's answers.
pub struct Visit {
    /// The preview (2206).
    pub preview: Value,
    /// The settlement (2207).
    pub settled: Value,
    /// The visit's number.
    pub mdtrt_id: String,
}

impl Stage {
    /// Opens a stage at a moment, with this world loaded.
    ///
    /// # Errors
    /// [`Trouble`] where something does not start or load.
    pub fn open(telling: Telling<'_>, now: &str, world: World) -> Result<Stage, Trouble> {
        let Telling { runtime, machine, house } = telling;
        let at = Moment::parse(now).ok_or_else(|| Trouble(format!("`{now}` is no moment")))?;
        let (books, folder) = house.books()?;
        let (app, server, base) =
            runtime.block_on(start(books, Clock::sandbox(machine, at), house.staff_second_factor()))?;
        let operator = token(runtime, &app, Role::Operator, None)?;
        let mut stage = Stage {
            client: Client::new(base, operator, machine).heard_by(house.heard()),
            world: world.clone(),
            app,
            runtime: runtime.clone(),
            server,
            tokens: BTreeMap::new(),
            _folder: folder,
        };
        world.load(&mut stage.client, at)?;
        Ok(stage)
    }

    /// The application on the stage.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A REST call as a citizen of the world.
    ///
    /// # Errors
    /// [`Trouble`] where there was no answer.
    pub fn acting(
        &mut self,
        key: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<(u16, Value), Trouble> {
        let known = self.tokens.get(key).cloned();
        let token = match known {
            Some(token) => token,
            None => {
                let person = self.client.people.get(key).copied().map(PersonNo);
                let token = token(&self.runtime, &self.app, Role::Citizen, person)?;
                self.tokens.insert(key.to_owned(), token.clone());
                token
            }
        };
        self.client.rest(&token, method, path, body)
    }

    /// A binding to be started by its giver, who has read and signed the commitment.
    ///
    /// # Errors
    /// [`Trouble`] where there was no answer.
    pub fn signed(&mut self, giver: &str, beneficiary: &str, relation: &str) -> Result<Value, Trouble> {
        let person = |key| self.world.person(key);
        let named = |key| json!({ "id_number": person(key).id, "name": person(key).name });
        let wanted =
            json!({ "giver": named(giver), "beneficiary": named(beneficiary), "relation": relation });
        let (_, letter) = self.acting(giver, "POST", "/commitment", &wanted)?;
        let signed = json!({ "version": letter["version"], "digest": letter["digest"] });
        Ok(merged(&wanted, &json!({ "commitment": signed })))
    }

    /// Moves the clock.
    ///
    /// # Errors
    /// [`Trouble`] where it does not move.
    pub fn clock(&mut self, now: &str) -> Result<(), Trouble> {
        let at = Moment::parse(now).ok_or_else(|| Trouble(format!("`{now}` is no moment")))?;
        let body = json!({ "now": super::world::rfc3339(at) });
        self.client.operator("POST", "/sandbox/clock", &body).map(|_| ())
    }

    /// An out-patient bill of class 甲: register, state, upload, preview, settle; `exp` goes into `exp_content`.
    ///
    /// # Errors
    /// [`Trouble`] where there was no answer.
    pub fn visit(&mut self, place: &str, key: &str, amount: &str, exp: &Value) -> Result<Visit, Trouble> {
        let person = self.world.person(key).clone();
        let now = self.app.clock.now().to_string();
        let insutype = person.scheme.clone();
        let identity = json!({
            "psn_no": person.psn_no(), "insutype": insutype, "mdtrt_cert_type": "03",
            "mdtrt_cert_no": person.card(), "card_sn": person.card_serial(),
        });
        let register =
            merged(&identity, &json!({ "begntime": now, "ipt_otp_no": "MZ0001", "dept_code": "01" }));
        let registered = self.client.message(place, "2201", &json!({ "data": register }))?;
        let mdtrt_id = text(&registered, "/output/data/mdtrt_id");
        let of = json!({ "psn_no": person.psn_no(), "mdtrt_id": mdtrt_id });
        let about = merged(&of, &json!({ "med_type": "11", "begntime": now }));
        self.client.message(place, "2203", &json!({ "mdtrtinfo": about, "diseinfo": [] }))?;
        let line = merged(&of, &line("1", CLASS_A, amount, &now));
        let line = merged(&line, &json!({ "chrg_bchno": "1" }));
        self.client.message(place, "2204", &json!({ "feedetail": [line] }))?;
        let bill = merged(
            &merged(&identity, &of),
            &json!({
                "med_type": "11", "medfee_sumamt": amount, "psn_setlway": "01", "chrg_bchno": "1",
                "acct_used_flag": "1", "exp_content": exp.to_string(),
            }),
        );
        let preview = self.client.message(place, "2206", &json!({ "data": bill }))?;
        let settled = self.client.message(place, "2207", &json!({ "data": bill }))?;
        Ok(Visit { preview, settled, mdtrt_id })
    }

    /// What a person's account holds: `1200.00 / 800.00`.
    ///
    /// # Errors
    /// [`Trouble`] where there was no answer.
    pub fn account(&mut self, key: &str) -> Result<String, Trouble> {
        let no = self.client.people.get(key).copied().unwrap_or(0);
        let (_, view) = self.acting(key, "GET", &format!("/persons/{no}/account"), &Value::Null)?;
        Ok(format!("{} / {}", text(&view, "/accounts/0/prior"), text(&view, "/accounts/0/current")))
    }
}

async fn start(
    books: Arc<dyn Books>,
    clock: Clock,
    staff_second_factor: bool,
) -> Result<(App, JoinHandle<()>, String), Trouble> {
    let trouble = |it: &dyn std::fmt::Display| Trouble(it.to_string());
    let app = App { staff_second_factor, ..App::new(books, clock, Vault::fresh()) };
    app.ensure_law(&shipped(false)).await.map_err(|it| trouble(&it))?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|it| trouble(&it))?;
    let address = listener.local_addr().map_err(|it| trouble(&it))?;
    let router = crate::serve::router(app.clone());
    let server = tokio::spawn(async move {
        // A stage's server ends when its story does.
        let _ = axum::serve(listener, router).await;
    });
    Ok((app, server, format!("http://{address}")))
}

fn token(runtime: &Handle, app: &App, role: Role, person: Option<PersonNo>) -> Result<String, Trouble> {
    let new = NewToken {
        label: "demo".to_owned(),
        role,
        area: Area::NATION,
        person,
        institution: None,
        expires: None,
    };
    let made = runtime.block_on(create(&*app.desk, new, app.clock.now()));
    made.map(|(_, secret)| secret).map_err(|it| Trouble(it.to_string()))
}

/// A bill line of one piece.
pub fn line(sn: &str, code: &str, amount: &str, at: &str) -> Value {
    json!({
        "feedetl_sn": sn, "med_list_codg": code, "medins_list_codg": format!("own-{code}"), "cnt": "1",
        "pric": amount, "det_item_fee_sumamt": amount, "fee_ocur_time": at, "rx_circ_flag": "0",
        "bilg_dept_codg": "01", "bilg_dept_name": "门诊", "bilg_dr_codg": "D1", "bilg_dr_name": "演示",
        "hosp_appr_flag": "0",
    })
}

/// Two objects as one.
pub fn merged(one: &Value, other: &Value) -> Value {
    let mut both = one.clone();
    if let (Value::Object(both), Value::Object(other)) = (&mut both, other) {
        both.extend(other.clone());
    }
    both
}

/// What an answer says at a place: text or number as written, `-` for nothing.
pub fn text(answer: &Value, pointer: &str) -> String {
    match answer.pointer(pointer) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
