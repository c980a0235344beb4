//! `gongji login`: logins of staff, from the console. The first operator's comes from here.

use super::{invite, key_of, revoke};
use crate::app::App;
use crate::cli::failed;
use crate::second_factor;
use crate::tokens::{NewToken, Role};
use clap::Subcommand;
use domain::ids::{Area, InstitutionCode};
use std::process::ExitCode;

/// What can be done about logins.
#[derive(Debug, Subcommand)]
pub enum LoginCommand {
    /// Make a login for staff or a till, or give one a new activation code; the code is shown once and entered at
    /// /activate. Citizens' logins are activated at the hall.
    Create {
        /// What they sign in with.
        name: String,
        /// clerk, supervisor, institution, operator or auditor.
        #[arg(long)]
        role: String,
        /// Region whose people they reach; 000000 is the whole country.
        #[arg(long, default_value = "000000")]
        area: String,
        /// For an institution: its code.
        #[arg(long)]
        institution: Option<String>,
        /// Who it is, in words.
        #[arg(long)]
        label: String,
    },
    /// End the second step of a login: the password alone signs in, or, where staff have to have one, sets up another.
    EndSecondFactor {
        /// What they sign in with.
        name: String,
    },
    /// End a login: nobody signs in with it any more, and its sessions end.
    End {
        /// What they signed in with.
        name: String,
    },
}

/// Does what was said about logins.
pub async fn run(app: &App, what: LoginCommand) -> ExitCode {
    match what {
        LoginCommand::Create { name, role, area, institution, label } => {
            let role = Role::parse(&role).filter(|it| *it != Role::Citizen);
            let (Some(role), Some(area)) = (role, Area::parse(&area)) else {
                return failed(
                    &"role is clerk, supervisor, institution, operator or auditor; area has six digits",
                );
            };
            let institution = match institution.as_deref().map(InstitutionCode::parse) {
                Some(None) => {
                    return failed(&"an institution is H or P and eleven digits, like H32030000001");
                }
                found => found.flatten(),
            };
            let new = NewToken { label, role, area, person: None, institution, expires: None };
            match invite(app, &name, new).await {
                Ok((code, until)) => {
                    println!("login {name} ({}): activation code {code}, until {until}", role.word());
                    ExitCode::SUCCESS
                }
                Err(error) => failed(&error),
            }
        }
        LoginCommand::EndSecondFactor { name } => match second_factor::end(app, &key_of(app, &name)).await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => failed(&format!("the login {name} has no second step")),
            Err(fault) => failed(&fault),
        },
        LoginCommand::End { name } => match revoke(app, &name).await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => failed(&format!("there is no login {name}")),
            Err(fault) => failed(&fault),
        },
    }
}
