//! Bearer tokens of the REST interface: who bears one, in which role, for which area, until when.
//! Only a digest of the secret is kept.

use crate::vault::{hex, random};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::clerk::Clerk;
use domain::day::Moment;
use domain::ids::{Area, Digest, InstitutionCode, PersonNo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Desk, Fault};

/// The drawer of the desk that tokens lie in, under the digest of their secret.
const DRAWER: &str = "token";
/// The drawer of the desk in which it says who of the staff bears which number, of a token or of a login.
const BEARERS: &str = "bearer";
/// What every secret starts with, so that one that leaked is recognised.
const PREFIX: &str = "gongji_";

/// What the bearer of a token may do; the routes that follow from it are in `rest/routes.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A citizen in their own session.
    Citizen,
    /// A clerk at a service hall, for the person in front of them (R-D9).
    Clerk,
    /// Leads a service hall: does what clerks do, and gives the second word where one is needed.
    Supervisor,
    /// An institution's till: settles, and sees nobody's account.
    Institution,
    /// The agency that runs an area.
    Operator,
    /// Reads everything of an area, writes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 6] =
        [Role::Citizen, Role::Clerk, Role::Supervisor, Role::Institution, Role::Operator, Role::Auditor];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Citizen => "citizen",
            Role::Clerk => "clerk",
            Role::Supervisor => "supervisor",
            Role::Institution => "institution",
            Role::Operator => "operator",
            Role::Auditor => "auditor",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its number: names it in keys of requests and in bindings that a clerk made.
    pub no: u64,
    /// Who bears it, where one person must not do what two are to do: of a login the number of the first token it stood for,
    /// whatever role and area it has now; else the number.
    pub bearer: u64,
    /// What it is for, in the words of whoever made it.
    pub label: String,
    /// What its bearer may do.
    pub role: Role,
    /// Where: the nation, a province, or a pooling area.
    pub area: Area,
    /// Who acts, for a citizen.
    pub person: Option<PersonNo>,
    /// Whose till, for an institution.
    pub institution: Option<InstitutionCode>,
    /// When it was made.
    pub created: Moment,
    /// From when it is no longer taken.
    pub expires: Option<Moment>,
    /// When it was revoked.
    pub revoked: Option<Moment>,
}

impl Token {
    /// Its bearer, at a window.
    pub fn clerk(&self) -> Clerk {
        Clerk { token: self.no, bearer: self.bearer }
    }

    /// What stands for whoever has none, at the few routes that ask for none: it is nobody's, so it reaches nobody.
    pub fn nobody() -> Token {
        Token {
            no: 0,
            bearer: 0,
            label: String::new(),
            role: Role::Citizen,
            area: Area::NATION,
            person: None,
            institution: None,
            created: Moment::from_millis(0),
            expires: None,
            revoked: None,
        }
    }
}

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for.
    pub label: String,
    /// What its bearer may do.
    pub role: Role,
    /// Where.
    pub area: Area,
    /// Who acts: needed for a citizen, meaningless for others.
    pub person: Option<PersonNo>,
    /// Whose till: needed for an institution, meaningless for others.
    pub institution: Option<InstitutionCode>,
    /// From when it is no longer taken.
    pub expires: Option<Moment>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The store is away.
    #[error(transparent)]
    Store(#[from] Fault),
    /// A citizen's token names its citizen, no other does.
    #[error("a token of role citizen names its person, a token of another role names none")]
    Person,
    /// A till's token names its institution, no other does.
    #[error("a token of role institution names its institution, a token of another role names none")]
    Institution,
    /// There is no token of this number.
    #[error("there is no token of number {0}")]
    Unknown(u64),
}

impl NewToken {
    /// A citizen's own, everywhere, for ever.
    pub fn citizen(person: PersonNo) -> NewToken {
        // What it is called says nothing about the person.
        let label = Role::Citizen.word().to_owned();
        let (role, area) = (Role::Citizen, Area::NATION);
        NewToken { label, role, area, person: Some(person), institution: None, expires: None }
    }

    /// Whether the role names what it has to, and nothing else.
    ///
    /// # Errors
    /// [`TokenError::Person`], [`TokenError::Institution`].
    pub fn check(&self) -> Result<(), TokenError> {
        if (self.role == Role::Citizen) != self.person.is_some() {
            return Err(TokenError::Person);
        }
        if (self.role == Role::Institution) != self.institution.is_some() {
            return Err(TokenError::Institution);
        }
        Ok(())
    }

    /// As a token of this number.
    pub fn numbered(self, no: u64, now: Moment) -> Token {
        let NewToken { label, role, area, person, institution, expires } = self;
        Token { no, bearer: no, label, role, area, person, institution, created: now, expires, revoked: None }
    }
}

impl Token {
    /// What it stands for: what its bearer may do, where, and in whose name.
    pub fn stands_for(&self) -> (Role, Area, Option<PersonNo>, Option<InstitutionCode>) {
        (self.role, self.area, self.person, self.institution)
    }

    /// Whether it is taken at a moment.
    pub fn is_taken(&self, at: Moment) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|it| at < it)
    }

    /// Whether it reaches an area.
    pub fn covers(&self, area: Area) -> bool {
        area.levels().contains(&self.area)
    }
}

/// Makes a token. The secret is in the answer and nowhere else: whoever loses it makes another token.
///
/// # Errors
/// [`TokenError`].
pub async fn create(desk: &dyn Desk, new: NewToken, now: Moment) -> Result<(Token, String), TokenError> {
    new.check()?;
    let taken: BTreeSet<u64> = list(desk, now).await?.into_iter().map(|it| it.no).collect();
    let token = new.numbered(free_number(&taken), now);
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<32>()));
    put(desk, &drawer_key(&secret), &token).await?;
    Ok((token, secret))
}

/// Every token ever made, the latest first. Those expired and revoked are among them: their numbers stay taken.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn list(desk: &dyn Desk, now: Moment) -> Result<Vec<Token>, Fault> {
    let stored = desk.list(DRAWER, now).await?;
    let mut tokens = stored.iter().map(|(_, it)| read(it)).collect::<Result<Vec<_>, _>>()?;
    tokens.sort_by_key(|it| std::cmp::Reverse((it.created, it.no)));
    Ok(tokens)
}

/// Revokes a token: from now on nobody is let in with it.
///
/// # Errors
/// [`TokenError`].
pub async fn revoke(desk: &dyn Desk, no: u64, now: Moment) -> Result<Token, TokenError> {
    for (key, stored) in desk.list(DRAWER, now).await? {
        let token = read(&stored)?;
        if token.no == no {
            let token = Token { revoked: token.revoked.or(Some(now)), ..token };
            put(desk, &key, &token).await?;
            return Ok(token);
        }
    }
    Err(TokenError::Unknown(no))
}

/// The token with this secret, if there is one that is taken now.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn authenticate(desk: &dyn Desk, secret: &str, now: Moment) -> Result<Option<Token>, Fault> {
    let Some(stored) = desk.get(DRAWER, &drawer_key(secret), now).await? else { return Ok(None) };
    Ok(Some(read(&stored)?).filter(|it| it.is_taken(now)))
}

/// Looked up by digest, the time a comparison takes says nothing about a secret.
fn drawer_key(secret: &str) -> String {
    hex(&Digest::of(&[b"token", secret.as_bytes()]).0)
}

/// Token 0 is the system itself.
fn free_number(taken: &BTreeSet<u64>) -> u64 {
    loop {
        let no = u64::from(u32::from_be_bytes(random()));
        if no != 0 && !taken.contains(&no) {
            return no;
        }
    }
}

/// Keeps what a number of the staff is called, so that what was done under it names who did it, later too.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn keep_bearer(desk: &dyn Desk, token: &Token) -> Result<(), Fault> {
    match token.role {
        Role::Citizen | Role::Institution => Ok(()),
        Role::Clerk | Role::Supervisor | Role::Operator | Role::Auditor => {
            desk.put(BEARERS, &token.no.to_string(), token.label.as_bytes(), None).await
        }
    }
}

/// Who of the staff bears a number, in the words of whoever made the token or login; `None` where nobody does.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn bearer(desk: &dyn Desk, no: u64, now: Moment) -> Result<Option<String>, Fault> {
    let stored = desk.get(BEARERS, &no.to_string(), now).await?;
    Ok(stored.and_then(|it| String::from_utf8(it).ok()))
}

async fn put(desk: &dyn Desk, key: &str, token: &Token) -> Result<(), Fault> {
    keep_bearer(desk, token).await?;
    desk.put(DRAWER, key, &domain::chain::encode(token), None).await
}

fn read(stored: &[u8]) -> Result<Token, Fault> {
    domain::chain::decode(stored).map_err(|it| Fault::Damaged(format!("a token: {it}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::memory::Memory;

    fn moment(text: &str) -> Moment {
        Moment::parse(text).expect("a moment")
    }

    fn new(role: Role, person: Option<PersonNo>, expires: Option<Moment>) -> NewToken {
        NewToken {
            label: "窗口一".to_owned(), role, area: Area::NATION, person, institution: None, expires
        }
    }

    /// If this fails, somebody gets in with a token that was revoked, has expired, or never was.
    #[tokio::test]
    async fn a_token_is_taken_until_it_expires_or_is_revoked() {
        let desk = Memory::default();
        let (now, later) = (moment("2025-06-16 10:00"), moment("2025-06-17 10:00"));
        let made = create(&desk, new(Role::Clerk, None, Some(later)), now).await;
        let (token, secret) = made.expect("a token");
        assert_eq!(authenticate(&desk, &secret, now).await, Ok(Some(token.clone())));
        assert_eq!(authenticate(&desk, &secret, later).await, Ok(None), "expired");
        assert_eq!(authenticate(&desk, "gongji_x", now).await, Ok(None), "never made");
        assert_eq!(list(&desk, later).await, Ok(vec![token.clone()]), "its number stays taken");
        revoke(&desk, token.no, now).await.expect("revoked");
        assert_eq!(authenticate(&desk, &secret, now).await, Ok(None), "revoked");
        assert!(matches!(revoke(&desk, token.no + 1, now).await, Err(TokenError::Unknown(_))));
    }

    /// If this fails, a receipt does not say who of the staff did it, or a citizen's label stands where a clerk's should.
    #[tokio::test]
    async fn a_number_of_the_staff_is_somebodys() {
        let (desk, now) = (Memory::default(), moment("2025-06-16 10:00"));
        for (role, person, known) in [(Role::Clerk, None, true), (Role::Citizen, Some(PersonNo(1)), false)] {
            let (token, _) = create(&desk, new(role, person, None), now).await.expect("a token");
            let found = bearer(&desk, token.no, now).await.expect("the desk is there");
            assert_eq!(found, known.then(|| "窗口一".to_owned()), "{role:?}");
        }
    }

    #[tokio::test]
    async fn only_a_citizens_token_names_a_person() {
        let (desk, now) = (Memory::default(), moment("2025-06-16 10:00"));
        for (role, person) in [(Role::Citizen, None), (Role::Operator, Some(PersonNo(1)))] {
            assert!(matches!(create(&desk, new(role, person, None), now).await, Err(TokenError::Person)));
        }
    }
}
