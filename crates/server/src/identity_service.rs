//! The identity service that vouches for citizens in production: OpenID Connect, authorization code with PKCE. The
//! service tells who somebody is; what they may do is decided here.

use chrono::{DateTime, Utc};
use domain::day::Moment;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use ureq::tls::{RootCerts, TlsConfig};

/// How long an answer of the service is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the operator says about the service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Its address, as its discovery document states it.
    pub issuer: String,
    /// Under which name we are registered there.
    pub client_id: String,
    /// The secret that belongs to it.
    pub client_secret: String,
    /// Our own address as browsers see it, like `https://gongji.example.gov.cn`.
    pub our_address: String,
    /// The claim of the ID token that carries the ID number.
    #[serde(default = "usual_claim")]
    pub id_number_claim: String,
    /// What has to be asked for beside `openid`, so that the claim is there.
    #[serde(default)]
    pub scopes: Vec<String>,
}

fn usual_claim() -> String {
    "id_number".to_owned()
}

/// Sign-ins that wait for the service at a time: each takes a thread.
const AT_ONCE: usize = 16;
/// Sign-ins that are begun in a minute: each leaves a row for ten.
const MOST_A_MINUTE: u32 = 1_200;

/// The service.
#[derive(Debug, Clone)]
pub struct IdentityService {
    settings: Arc<Settings>,
    agent: ureq::Agent,
    turns: Arc<Semaphore>,
    /// A minute, and how many were begun in it.
    begun: Arc<Mutex<(i64, u32)>>,
}

/// A sign-in on its way: what has to come back with the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Where the browser is sent.
    pub address: String,
    /// What the browser brings back.
    pub state: String,
    /// What the ID token has to repeat.
    nonce: String,
    /// Proves that who asks for the token is who began.
    verifier: String,
}

/// Why the service did not tell who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The settings are wrong.
    #[error("the settings of the identity service are wrong: {0}")]
    Settings(String),
    /// The service cannot be reached, or answers something else.
    #[error("the identity service did not answer as it has to: {0}")]
    Service(String),
    /// It answered, and what it says does not hold.
    #[error("what the identity service said does not hold: {0}")]
    Untrue(String),
    /// It does not say the ID number.
    #[error("the identity service states no claim `{0}`")]
    NoIdNumber(String),
}

/// Claims beside the standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims(#[serde(default)] BTreeMap<String, serde_json::Value>);

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Ready = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The service that a file describes, where there is one.
///
/// # Errors
/// [`IdentityError::Settings`] for a file that cannot be read, or settings that are wrong.
pub fn read(file: Option<&Path>) -> Result<Option<IdentityService>, IdentityError> {
    let Some(file) = file else { return Ok(None) };
    let wrong = |it: &dyn std::fmt::Display| IdentityError::Settings(format!("{}: {it}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|it| wrong(&it))?;
    // What is wrong is told without the line: it may hold the secret.
    let settings = toml::from_str(&text).map_err(|it: toml::de::Error| wrong(&it.message()))?;
    IdentityService::new(settings).map(Some)
}

impl IdentityService {
    /// A service as an operator describes it. It is asked only when somebody signs in: that it is away keeps nothing
    /// else from working.
    ///
    /// # Errors
    /// [`IdentityError::Settings`] for addresses that are none.
    pub fn new(settings: Settings) -> Result<IdentityService, IdentityError> {
        let wrong = |it: &dyn std::fmt::Display| IdentityError::Settings(it.to_string());
        IssuerUrl::new(settings.issuer.clone()).map_err(|it| wrong(&it))?;
        back_address(&settings)?;
        // Another part of the program may have said so already: then that holds.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = agent.timeout_global(Some(PATIENCE)).tls_config(tls).build();
        let (turns, begun) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::default());
        Ok(IdentityService { settings: Arc::new(settings), agent: agent.into(), turns, begun })
    }

    /// Lets one more begin to sign in, who is nobody yet; none where too many are on their way, so that whoever only
    /// begins uses up neither threads nor the store. The turn ends with what is given back.
    pub fn turn(&self, now: Moment) -> Option<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.turns).try_acquire_owned().ok()?;
        let minute = now.millis().div_euclid(60_000);
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let before = if begun.0 == minute { begun.1 } else { 0 };
        *begun = (minute, before.saturating_add(1));
        (before < MOST_A_MINUTE).then_some(turn)
    }

    /// Begins a sign-in. Waits for the service: not on a thread that others need.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn start(&self) -> Result<Started, IdentityError> {
        let client = self.client()?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut asked = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        for scope in &self.settings.scopes {
            asked = asked.add_scope(Scope::new(scope.clone()));
        }
        let (address, state, nonce) = asked.set_pkce_challenge(challenge).url();
        Ok(Started {
            address: address.to_string(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// The ID number of whoever came back with this code. `now` is the machine's time. Waits for the service.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn finish(&self, started: Started, code: String, now: Moment) -> Result<String, IdentityError> {
        let service = |it: &dyn std::fmt::Display| IdentityError::Service(it.to_string());
        let untrue = |it: &dyn std::fmt::Display| IdentityError::Untrue(it.to_string());
        let client = self.client()?;
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|it| service(&it))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(started.verifier));
        let answer = exchange.request(&|request| self.call(request)).map_err(|it| service(&it))?;
        let token = answer.id_token().ok_or_else(|| untrue(&"there is no ID token"))?;
        let at = move || DateTime::<Utc>::from_timestamp_millis(now.millis()).unwrap_or_default();
        let verifier = client.id_token_verifier().set_time_fn(at);
        let nonce = Nonce::new(started.nonce);
        let claims = token.claims(&verifier, &nonce).map_err(|it| untrue(&it))?;
        let name = &self.settings.id_number_claim;
        let stated = claims.additional_claims().0.get(name).and_then(|it| it.as_str());
        let stated = stated.map(str::trim).filter(|it| !it.is_empty());
        stated.map(str::to_owned).ok_or_else(|| IdentityError::NoIdNumber(name.clone()))
    }

    /// A client by the service's own description, read afresh: its keys change.
    fn client(&self) -> Result<Ready, IdentityError> {
        let settings = &self.settings;
        let wrong = |it: &dyn std::fmt::Display| IdentityError::Settings(it.to_string());
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|it| wrong(&it))?;
        let found = CoreProviderMetadata::discover(&issuer, &|request| self.call(request));
        let found = found.map_err(|it| IdentityError::Service(it.to_string()))?;
        let secret = ClientSecret::new(settings.client_secret.clone());
        let client =
            Client::from_provider_metadata(found, ClientId::new(settings.client_id.clone()), Some(secret));
        Ok(client.set_redirect_uri(back_address(settings)?))
    }

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let mut answer = self.agent.run(request)?;
        let body = answer.body_mut().read_to_vec()?;
        let (parts, _) = answer.into_parts();
        Ok(HttpResponse::from_parts(parts, body))
    }
}

/// Where the service sends browsers back to.
fn back_address(settings: &Settings) -> Result<RedirectUrl, IdentityError> {
    let ours = settings.our_address.trim_end_matches('/');
    let address = RedirectUrl::new(format!("{ours}/sign-in/identity/back"));
    address.map_err(|it| IdentityError::Settings(it.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> IdentityService {
        let text = "issuer = 'https://id.example'\nclient_id = 'gongji'\nclient_secret = 'x'\n\
                    our_address = 'https://gongji.example'\n";
        IdentityService::new(toml::from_str(text).expect("settings")).expect("a service")
    }

    /// If this fails, whoever opens the way to the service again and again takes every thread, or fills the store; or
    /// keeps everybody else out for good.
    #[test]
    fn a_few_at_a_time_and_so_many_a_minute() {
        let (service, now) = (service(), Moment::from_millis(0));
        let turns: Vec<_> = (0..AT_ONCE).map(|_| service.turn(now).expect("a turn")).collect();
        assert!(service.turn(now).is_none(), "all turns are taken");
        drop(turns);
        let begun = (0..2 * MOST_A_MINUTE).filter(|_| service.turn(now).is_some()).count();
        assert!(begun <= usize::try_from(MOST_A_MINUTE).expect("small"), "{begun} in a minute");
        assert!(service.turn(now.plus_millis(60_000)).is_some(), "the next minute begins anew");
    }
}
