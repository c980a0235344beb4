//! `gongji his`: a synthetic HIS. It takes a base URL through a day of a hospital and of a pharmacy, keeps its own books
//! from the answers it got, reconciles at night, and reports behaviour by behaviour whether all was as it should be.

pub mod report;
pub mod sender;

mod amounts;
mod bill;
mod books;
mod clinic;
mod desk;
mod night;
mod patients;
mod probes;
mod ward;

use crate::cli::failed;
use clap::Args;
use desk::Desk;
use domain::day::Moment;
use indicatif::{ProgressBar, ProgressStyle};
use patients::Shown;
use report::Report;
use sender::{Account, Scheme, Sender};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

/// What is to be tried, and as whom.
#[derive(Debug, Args)]
pub struct Options {
    /// Where messages are sent; `{infno}` in it stands for the transaction's number.
    #[arg(long, value_name = "URL")]
    base: String,
    /// A hospital, or a pharmacy alone.
    #[arg(long, value_name = "CODE")]
    institution: String,
    /// Its access key.
    #[arg(long, value_name = "ACCESS")]
    key: String,
    /// Its secret.
    #[arg(long, env = "GONGJI_HIS_SECRET", hide_env_values = true)]
    secret: Hidden,
    /// How messages are signed.
    #[arg(long, value_enum, default_value = "api")]
    scheme: Scheme,
    /// A pharmacy beside the hospital.
    #[arg(long, value_name = "CODE", requires_all = ["pharmacy_key", "pharmacy_secret"])]
    pharmacy: Option<String>,
    /// Its access key.
    #[arg(long, value_name = "ACCESS")]
    pharmacy_key: Option<String>,
    /// Its secret.
    #[arg(long, value_name = "SECRET", env = "GONGJI_HIS_PHARMACY_SECRET", hide_env_values = true)]
    pharmacy_secret: Option<Hidden>,
    /// Patients as CSV: `mdtrt_cert_type`, `mdtrt_cert_no`, `card_sn`. Without it, people of the demo world.
    #[arg(long, value_name = "FILE")]
    patients: Option<PathBuf>,
    /// So many of a hundred answers are thrown away before they are looked at.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=60))]
    lost_answers: u64,
    /// What is left to chance follows from this number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Bills of the out-patient clinic, and of the pharmacy.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    bills: u32,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

/// A secret, which no complaint shows.
#[derive(Clone)]
struct Hidden(String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl FromStr for Hidden {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Hidden, Self::Err> {
        Ok(Hidden(text.to_owned()))
    }
}

/// A day as it is planned.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Patients of a file; without them, people of the demo world.
    pub patients: Option<Vec<Shown>>,
    /// So many of a hundred answers are thrown away.
    pub lost: u64,
    /// What is left to chance follows from it.
    pub seed: u64,
    /// Bills of the clinic, and of the pharmacy.
    pub bills: u32,
}

impl Plan {
    fn patients_of(&self, institution: &str) -> Vec<Shown> {
        self.patients.clone().unwrap_or_else(|| patients::of_demo(institution))
    }
}

/// Does what was said.
pub async fn run(options: Options, machine: fn() -> Moment) -> ExitCode {
    let json = options.json;
    let done = tokio::task::spawn_blocking(move || tried(&options, machine)).await;
    let report = match done {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => return failed(&error),
        Err(error) => return failed(&error),
    };
    match json {
        true => println!("{}", report.json()),
        false => print!("{}", report.printed()),
    }
    if report.failures().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tried(options: &Options, machine: fn() -> Moment) -> Result<Report, csv::Error> {
    let patients = options.patients.as_deref().map(patients::of_file).transpose()?;
    let plan = Plan { patients, lost: options.lost_answers, seed: options.seed, bills: options.bills };
    let account = |institution: &str, key: &str, secret: &Hidden| Account {
        institution: institution.to_owned(),
        access_key: key.to_owned(),
        secret: secret.0.clone(),
        scheme: options.scheme,
    };
    let mut accounts = vec![account(&options.institution, &options.key, &options.secret)];
    if let (Some(code), Some(key), Some(secret)) =
        (&options.pharmacy, &options.pharmacy_key, &options.pharmacy_secret)
    {
        accounts.push(account(code, key, secret));
    }
    let bar = ProgressBar::new(u64::from(plan.bills) * accounts.len() as u64 + 2);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} bills, {elapsed}") {
        bar.set_style(style);
    }
    let report = day(&options.base, accounts, &plan, machine, &bar);
    bar.finish_and_clear();
    Ok(report)
}

/// A day of each institution, the one after the other.
pub fn day(
    base: &str,
    accounts: Vec<Account>,
    plan: &Plan,
    machine: fn() -> Moment,
    bar: &ProgressBar,
) -> Report {
    let mut report = Report::default();
    for account in accounts {
        let sender = Sender::new(base, account, machine);
        Desk::new(sender, &mut report, plan, bar).day();
    }
    report
}

impl Desk<'_> {
    /// From signing in to signing out.
    fn day(mut self) {
        let Some(sign_no) = self.sign_in() else { return };
        self.probe_gate();
        self.catalogue();
        self.map_codes();
        let patients = self.patients();
        self.report
            .check("person", !patients.is_empty(), || "没有可用的患者 no patient is insured".to_owned());
        self.bills(&patients);
        if !self.is_pharmacy() {
            self.stays(&patients);
        }
        self.unmap_codes();
        self.night(&patients);
        self.sign_out(&sign_no);
    }
}
