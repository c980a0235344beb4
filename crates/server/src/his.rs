//! `gongji his`: a synthetic HIS. It takes a base URL through a day of a hospital and of a pharmacy, keeps its own books
//! from the answers it got, reconciles at night, and reports behaviour by behaviour whether all was as it should be.

pub mod oauth;
pub mod report;
pub mod sender;

mod amounts;
mod approval;
mod bill;
mod books;
mod clinic;
mod desk;
mod night;
mod packs;
mod patients;
mod probes;
mod treatment;
mod ward;

use crate::cli::failed;
use crate::gateway_keys::Hash;
use crate::shangmi::{PrivateKey, PublicKey};
use clap::Args;
use desk::Desk;
use domain::day::Moment;
use indicatif::{ProgressBar, ProgressStyle};
use oauth::Keys;
use patients::Shown;
use report::Report;
use sender::{Account, Scheme, Sender};
use std::path::{Path, PathBuf};
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
    /// The hash of the scheme ca: sm3 or sha256.
    #[arg(long, default_value = "sm3", value_parser = digest)]
    digest: Hash,
    /// The institution's own SM2 key, which signs in the scheme oauth: a file of PEM (PKCS#8) or 64 hexadecimal digits.
    #[arg(long, value_name = "FILE", required_if_eq("scheme", "oauth"))]
    sm2_private_key: Option<PathBuf>,
    /// The pharmacy's own SM2 key; the hospital's where none is named.
    #[arg(long, value_name = "FILE", requires = "sm2_private_key")]
    pharmacy_sm2_private_key: Option<PathBuf>,
    /// The platform's SM2 key, by which answers are verified: a file of PEM or hexadecimal digits.
    #[arg(long, value_name = "FILE", requires = "sm2_private_key")]
    platform_sm2_public_key: Option<PathBuf>,
    /// Encrypt what is asked with SM4; answers are encrypted then, too.
    #[arg(long, requires = "sm2_private_key")]
    encrypt: bool,
    /// Where the scheme oauth gives tokens; without it, /auth/oauth/token at the machine of the base.
    #[arg(long, value_name = "URL")]
    token_url: Option<String>,
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
    /// Where tokens are given; without it, at the machine that is tried.
    pub token_url: Option<String>,
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

/// What keeps the day from beginning.
#[derive(Debug, thiserror::Error)]
enum Unready {
    #[error("the patients cannot be read: {0}")]
    Patients(#[from] csv::Error),
    #[error("{}: {error}", .file.display())]
    File { file: PathBuf, error: std::io::Error },
    #[error("{}: no SM2 key; PEM, or hexadecimal digits", .0.display())]
    Key(PathBuf),
    #[error("--sm2-private-key, --platform-sm2-public-key and --encrypt are of --scheme oauth")]
    Scheme,
    #[error("--encrypt: the access key {0} has to have 16 characters, it is the key of SM4")]
    Cipher(String),
}

fn digest(word: &str) -> Result<Hash, &'static str> {
    Hash::parse(word).ok_or("sm3 or sha256")
}

/// A key that lies in a file.
fn key<T>(file: &Path, read: fn(&str) -> Option<T>) -> Result<T, Unready> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Unready::File { file: file.to_owned(), error })?;
    read(&text).ok_or_else(|| Unready::Key(file.to_owned()))
}

impl Options {
    /// Who sends, with these keys.
    fn account(
        &self,
        code: &str,
        access: &str,
        secret: &Hidden,
        own: Option<&Path>,
    ) -> Result<Account, Unready> {
        let asks = own.is_some() || self.encrypt || self.platform_sm2_public_key.is_some();
        if asks && self.scheme != Scheme::Oauth {
            return Err(Unready::Scheme);
        }
        let platform = self.platform_sm2_public_key.as_deref();
        let keys = |own| -> Result<Keys, Unready> {
            let platform = platform.map(|it| key(it, PublicKey::parse)).transpose()?;
            Ok(Keys { own: key(own, PrivateKey::parse)?, platform, encrypts: self.encrypt })
        };
        if self.encrypt && oauth::cipher(access).is_none() {
            return Err(Unready::Cipher(access.to_owned()));
        }
        Ok(Account {
            institution: code.to_owned(),
            access_key: access.to_owned(),
            secret: secret.0.clone(),
            scheme: self.scheme,
            digest: self.digest,
            sm2: own.map(keys).transpose()?,
        })
    }

    fn accounts(&self) -> Result<Vec<Account>, Unready> {
        let own = self.sm2_private_key.as_deref();
        let mut accounts = vec![self.account(&self.institution, &self.key, &self.secret, own)?];
        if let (Some(code), Some(key), Some(secret)) =
            (&self.pharmacy, &self.pharmacy_key, &self.pharmacy_secret)
        {
            let own = self.pharmacy_sm2_private_key.as_deref().or(own);
            accounts.push(self.account(code, key, secret, own)?);
        }
        Ok(accounts)
    }
}

fn tried(options: &Options, machine: fn() -> Moment) -> Result<Report, Unready> {
    let patients = options.patients.as_deref().map(patients::of_file).transpose()?;
    let token_url = options.token_url.clone();
    let plan =
        Plan { patients, lost: options.lost_answers, seed: options.seed, bills: options.bills, token_url };
    let accounts = options.accounts()?;
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
    let token_url = plan.token_url.clone().unwrap_or_else(|| sender::token_url_of(base));
    for account in accounts {
        let sender = Sender::new(base, &token_url, account, machine);
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
        self.probe_packs(&patients);
        self.probe_approval(&patients);
        if !self.is_pharmacy() {
            self.stays(&patients);
        }
        self.unmap_codes();
        self.night(&patients);
        self.sign_out(&sign_no);
    }
}
