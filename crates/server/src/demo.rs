//! `gongji demo`: tells the fourteen stories over real HTTP, says plainly where a number differs, then serves the world.

pub mod bindings;
pub mod client;
pub mod stage;
pub mod stories;
pub mod tell;
pub mod world;

use crate::app::App;
use crate::cli::failed;
use crate::clock::Clock;
use crate::gateway_keys::{self, GatewayKey};
use crate::law::shipped;
use crate::logins;
use crate::tokens::{NewToken, Role, create};
use crate::vault::Vault;
use crate::web::{DEMO_STAFF, demo_password};
use clap::Args;
use client::{Client, Trouble};
use domain::day::Moment;
use domain::ids::{Area, InstitutionCode, PersonNo};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use store::sqlite::{Options as StoreOptions, Sqlite};
use stories::{Telling, Told};
use world::World;

/// What the demo is to do.
#[derive(Debug, Args)]
pub struct Options {
    /// Address to serve the demo world on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Exit after the stories; fails if anything differs.
    #[arg(long, conflicts_with = "no_stories")]
    once: bool,
    /// Serve at once.
    #[arg(long)]
    no_stories: bool,
    /// Where the sandbox's clock starts, China Standard Time.
    #[arg(long, default_value = stories::TODAY)]
    now: String,
    /// List keys and tokens of the demo world while serving.
    #[arg(long)]
    keys: bool,
    /// File that describes an identity service, to sign in with beside passwords.
    #[arg(long, value_name = "FILE")]
    identity_service: Option<std::path::PathBuf>,
    /// Judge bills by the last catalogue edition where none is in force; answers say so.
    #[arg(long)]
    catalogue_goes_on: bool,
}

/// The stories, in order.
pub const STORIES: &[Told] = &[
    stories::a_son_pays_with_his_father,
    stories::a_cancellation_gives_everything_back,
    stories::only_who_bound_pays,
    bindings::a_son_in_law_is_no_relation,
    bindings::a_spouse_confirms,
    stories::a_code_link_is_no_binding,
    stories::the_givers_code_too,
    bindings::a_release_lasts_until_midnight,
    stories::a_thousand_stays,
    stories::only_earlier_years,
    bindings::one_giver_in_jinan,
    bindings::across_provinces_by_quota,
    stories::two_givers_in_order,
    stories::three_lines_at_a_pharmacy,
];

/// Tells the stories, then serves the world.
pub async fn run(options: Options, machine: fn() -> Moment) -> ExitCode {
    let Some(now) = Moment::parse(&options.now) else {
        return failed(&format!("`{}` is not a time like {}", options.now, stories::TODAY));
    };
    if !options.no_stories {
        let runtime = tokio::runtime::Handle::current();
        let telling = tokio::task::spawn_blocking(move || tell_all(&runtime, machine));
        match telling.await {
            Ok(0) => println!("\n十四个故事全部分毫不差。All fourteen stories came out to the fen."),
            Ok(differences) => return failed(&format!("{differences} 处与预期不同")),
            Err(error) => return failed(&error),
        }
    }
    if options.once {
        return ExitCode::SUCCESS;
    }
    serve(&options, now, machine).await
}

/// Tells every story and prints it; how much differs.
fn tell_all(runtime: &tokio::runtime::Handle, machine: fn() -> Moment) -> usize {
    let telling = Telling { runtime, machine, house: &stage::Files };
    let mut differences = 0;
    for (number, story) in STORIES.iter().enumerate() {
        match story(telling) {
            Ok(story) => {
                print!("{}", story.printed(number + 1));
                differences += story.differences();
            }
            Err(Trouble(what)) => {
                println!("\n{:>2}. ✗ {what}", number + 1);
                differences += 1;
            }
        }
    }
    differences
}

/// Loads the world afresh and serves it.
async fn serve(options: &Options, now: Moment, machine: fn() -> Moment) -> ExitCode {
    let folder =
        std::env::temp_dir().join(format!("gongji-demo-{}", crate::vault::hex(&crate::vault::random::<6>())));
    if let Err(error) = std::fs::create_dir_all(&folder) {
        return failed(&format!("{}: {error}", folder.display()));
    }
    let code = match open(&folder, options, now, machine).await {
        Ok((app, listener)) => match load(&app, &listener, options, now, machine).await {
            Ok(()) => crate::serve::on(app, listener).await,
            Err(trouble) => failed(&trouble),
        },
        Err(trouble) => failed(&trouble),
    };
    // What cannot be removed is left to the system's temporary folder.
    let _ = std::fs::remove_dir_all(&folder);
    code
}

async fn open(
    folder: &Path,
    options: &Options,
    now: Moment,
    machine: fn() -> Moment,
) -> Result<(App, tokio::net::TcpListener), Trouble> {
    let trouble = |it: &dyn std::fmt::Display| Trouble(it.to_string());
    let store =
        Sqlite::open(&folder.join("gongji.sqlite"), StoreOptions::default()).map_err(|it| trouble(&it))?;
    let identity_service = crate::identity_service::read(options.identity_service.as_deref());
    let identity_service = identity_service.map_err(|it| trouble(&it))?;
    // Whoever tries the demo has their gateway on the same machine.
    let webhooks = crate::outbox::sending::Reach::Anywhere;
    let app = App::new(store, Clock::sandbox(machine, now), Vault::fresh());
    let app = App { identity_service, webhooks, ..app };
    crate::data::serve_as(&app, true).await.map_err(|it| trouble(&it))?;
    app.ensure_law(&shipped(options.catalogue_goes_on)).await.map_err(|it| trouble(&it))?;
    let listener = tokio::net::TcpListener::bind(options.listen).await;
    let listener = listener.map_err(|it| Trouble(format!("{}: {it}", options.listen)))?;
    Ok((app, listener))
}

/// Loads through a server of its own, so that nothing is served half loaded.
async fn load(
    app: &App,
    listener: &tokio::net::TcpListener,
    options: &Options,
    now: Moment,
    machine: fn() -> Moment,
) -> Result<(), Trouble> {
    let trouble = |it: &dyn std::fmt::Display| Trouble(it.to_string());
    let loading = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|it| trouble(&it))?;
    let base = format!("http://{}", loading.local_addr().map_err(|it| trouble(&it))?);
    let router = crate::serve::router(app.clone());
    let server = tokio::spawn(async move { axum::serve(loading, router).await });
    let operator = token(app, Role::Operator, "demo operator", None).await?;
    let bearer = operator.clone();
    let loaded = tokio::task::spawn_blocking(move || {
        let mut client = Client::new(base, bearer, machine);
        World::shipped().load(&mut client, now).map(|()| client)
    });
    let client = loaded.await.map_err(|it| trouble(&it))??;
    server.abort();
    keep_known_keys(app).await?;
    keep_known_logins(app, &client).await?;
    let address = listener.local_addr().map_err(|it| trouble(&it))?;
    announce(app, &client, &operator, options.keys, address).await
}

/// Keys that documentation can name: the access key is the institution's code, the secret `demo-` and the code.
async fn keep_known_keys(app: &App) -> Result<(), Trouble> {
    for place in World::shipped().place {
        let institution = InstitutionCode::parse(&place.code);
        let institution =
            institution.ok_or_else(|| Trouble(format!("`{}` is no institution", place.code)))?;
        let secret = format!("demo-{}", place.code);
        let key = GatewayKey::of(institution, "api", &secret, app.clock.machine_now());
        gateway_keys::keep(app, &place.code, &key).await.map_err(|it| Trouble(it.to_string()))?;
    }
    Ok(())
}

/// Logins that documentation can name: a citizen's is the ID number, its password `demo-` and its last six characters.
async fn keep_known_logins(app: &App, client: &Client) -> Result<(), Trouble> {
    for person in World::shipped().person {
        let number = client.people.get(&person.key).copied().map(PersonNo);
        keep_login(app, &person.id, &person.name, Role::Citizen, number, None).await?;
    }
    for (name, login, role, place) in DEMO_STAFF {
        keep_login(app, login, name, *role, None, place.and_then(InstitutionCode::parse)).await?;
    }
    Ok(())
}

/// Keeps a login as the demo world has them.
///
/// # Errors
/// [`Trouble`] where it cannot be kept.
pub async fn keep_login(
    app: &App,
    login: &str,
    name: &str,
    role: Role,
    person: Option<PersonNo>,
    institution: Option<InstitutionCode>,
) -> Result<(), Trouble> {
    // What a citizen's login is called says nothing about the person.
    let label = if role == Role::Citizen { "citizen" } else { name }.to_owned();
    let new = NewToken { label, role, area: Area::NATION, person, institution, expires: None };
    let kept = logins::keep(app, login, new, Some(&demo_password(login))).await;
    kept.map(|_| ()).map_err(|it| Trouble(it.to_string()))
}

async fn token(app: &App, role: Role, label: &str, person: Option<PersonNo>) -> Result<String, Trouble> {
    let new = NewToken {
        label: label.to_owned(),
        role,
        area: Area::NATION,
        person,
        institution: None,
        expires: None,
    };
    let made = create(&*app.desk, new, app.clock.now()).await;
    made.map(|(_, secret)| secret).map_err(|it| Trouble(it.to_string()))
}

/// Says where the world is served and, when asked, with which keys.
async fn announce(
    app: &App,
    client: &Client,
    operator: &str,
    keys: bool,
    address: SocketAddr,
) -> Result<(), Trouble> {
    println!("\n演示世界 http://{address}/  （时钟 {}，只在沙盒里可以拨动）", app.clock.now());
    println!("经办令牌 operator token: {operator}");
    println!(
        "医院接口密钥 hospital keys: _api_access_key = 机构编号, secret = demo-机构编号 (H32030000001 …)"
    );
    if !keys {
        println!("人物和其他令牌 people and other tokens: --keys");
        return Ok(());
    }
    let clerk = token(app, Role::Clerk, "demo clerk", None).await?;
    let second = token(app, Role::Clerk, "demo second clerk", None).await?;
    let auditor = token(app, Role::Auditor, "demo auditor", None).await?;
    println!("大厅令牌 clerk: {clerk}\n第二位大厅令牌 second clerk: {second}\n审计令牌 auditor: {auditor}");
    for person in World::shipped().person {
        let number = client.people.get(&person.key).copied().map(PersonNo);
        let secret = token(app, Role::Citizen, &person.key, number).await?;
        println!(
            "{} {} psn_no {}  card {}  card_sn {}  token {secret}",
            person.name,
            person.id,
            person.psn_no(),
            person.card(),
            person.card_serial()
        );
    }
    Ok(())
}
