//! Every route: method, path, who may call it, what it takes and gives. Router, documentation and permission test
//! are made from this one table.

use super::binding_view::{BindingView, HistoryView};
use super::call::{Answered, Call};
use super::docs::{Shape, shape};
use super::{
    accounts, amendments, bindings, cases, codes, commitment, contacts, credentials, documents, drugs,
    enrolments, explain, institutions, intake, links, logins, looks, mappings, notices, options, people,
    persons, places, policies, proxies, records, reviews, sandbox, settlements, spending, statistics, terms,
    waiting, webhooks,
};
use crate::tokens::Role;
use crate::uploads::Large;
use std::pin::Pin;

/// How a route is called, and whether it changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `GET`.
    Get,
    /// `POST` that only asks, because what is asked belongs into no URL.
    Ask,
    /// `POST` that changes something: needs an `Idempotency-Key`.
    Post,
    /// `POST` that shows somebody's data and leaves no decision behind: needs an `Idempotency-Key`, and is a look.
    Show,
    /// `POST` of a file: of lines that have keys of their own, or of a photograph, which is the same however often it comes.
    Send,
    /// `PUT`: needs an `Idempotency-Key` too.
    Put,
}

/// A handler at work.
pub(crate) type Handling = Pin<Box<dyn Future<Output = Answered> + Send>>;

/// A route.
pub(crate) struct Route {
    pub(crate) verb: Verb,
    /// The path below `/api/v1`.
    pub(crate) path: &'static str,
    /// Who may call it; empty: everybody, without a token.
    pub(crate) roles: &'static [Role],
    /// What it does.
    pub(crate) says: &'static str,
    /// The parameters it takes after the question mark.
    pub(crate) queries: &'static [&'static str],
    /// The body it takes.
    pub(crate) takes: Option<Shape>,
    /// The media type of that body.
    pub(crate) kind: &'static str,
    /// The body it gives where all is well.
    pub(crate) gives: Shape,
    /// The most bytes of a body.
    pub(crate) body_most: usize,
    /// Where that is much: the turns in which it is read.
    pub(crate) large: Option<Large>,
    pub(crate) handler: fn(Call) -> Handling,
}

impl Verb {
    pub(crate) fn method(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Ask | Verb::Post | Verb::Show | Verb::Send => "POST",
            Verb::Put => "PUT",
        }
    }

    pub(crate) fn writes(self) -> bool {
        matches!(self, Verb::Post | Verb::Show | Verb::Put)
    }
}

/// The most bytes of an ordinary body.
const BODY_MOST: usize = 1 << 20;
/// The most bytes of a file that is taken in.
const FILE_MOST: usize = 32 << 20;
/// The most bytes of a law book with its catalogue.
const BOOK_MOST: usize = 16 << 20;

const ANYONE: &[Role] = &Role::ALL;
const EVERYBODY: &[Role] = &[Role::Citizen, Role::Clerk, Role::Supervisor, Role::Operator, Role::Auditor];
const STAFF: &[Role] = &[Role::Clerk, Role::Supervisor, Role::Operator, Role::Auditor];
const WRITERS: &[Role] = &[Role::Citizen, Role::Clerk, Role::Supervisor, Role::Operator];
const SERVERS: &[Role] = &[Role::Clerk, Role::Supervisor, Role::Operator];
/// People, and those who serve them in person.
const PEOPLE: &[Role] = &[Role::Citizen, Role::Clerk, Role::Supervisor];
/// Where medicine is bought, and who helps there.
const COUNTERS: &[Role] = &[Role::Institution, Role::Clerk, Role::Supervisor];
const CITIZEN: &[Role] = &[Role::Citizen];
const CLERKS: &[Role] = &[Role::Clerk, Role::Supervisor, Role::Operator];
/// Who serves people at a hall.
const HALL: &[Role] = &[Role::Clerk, Role::Supervisor];
const OPEN: &[Role] = &[];
const OPERATOR: &[Role] = &[Role::Operator];
/// Who leads a hall, and who audits it.
const LEADERS: &[Role] = &[Role::Supervisor, Role::Auditor];
/// Who is reached by phone, and who serves them at the counter.
const REACHED: &[Role] = &[Role::Citizen, Role::Clerk, Role::Supervisor];
/// Who answers for the figures of an area.
const BUREAU: &[Role] = &[Role::Supervisor, Role::Operator, Role::Auditor];
/// Who was looked at, and who watches over looking.
const LOOKED_AT: &[Role] = &[Role::Citizen, Role::Supervisor, Role::Auditor];
const OVERSEERS: &[Role] = &[Role::Operator, Role::Auditor];

macro_rules! route {
    ($verb:ident $path:literal, $roles:ident, $($module:ident)::+ ($($takes:ty)?) -> $gives:ty $(, $query:literal)*; $says:literal) => {
        Route {
            verb: Verb::$verb,
            path: $path,
            roles: $roles,
            says: $says,
            queries: &[$($query),*],
            takes: route!(@takes $($takes)?),
            kind: "application/json",
            gives: shape::<$gives>,
            body_most: BODY_MOST,
            large: None,
            handler: |call| Box::pin($($module)::+(call)),
        }
    };
    (@takes) => { None };
    (@takes $takes:ty) => { Some(shape::<$takes>) };
}

/// Every route.
pub(crate) fn routes() -> Vec<Route> {
    [
        people_routes(),
        login_routes(),
        place_routes(),
        money_routes(),
        binding_routes(),
        document_routes(),
        asking_routes(),
        webhook_routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[rustfmt::skip]
fn people_routes() -> Vec<Route> {
    use persons::{Death, NewPerson, PersonView};
    let send = route!(Send "/intake/{kind}", OPERATOR, intake::send(intake::CsvFile) -> intake::IntakeView, "rows", "sum", "check", "again";
        "Take in a file of institutions, persons, enrolments, accounts, credits or bindings, held to its control totals");
    vec![
        Route { body_most: FILE_MOST, large: Some(Large::File), kind: "text/csv", ..send },
        route!(Get "/me", ANYONE, sandbox::me() -> sandbox::MeView;
            "Who the bearer of the token is"),
        route!(Post "/persons", OPERATOR, persons::add(NewPerson) -> PersonView;
            "Take a person in"),
        route!(Ask "/persons/find", STAFF, persons::find(people::Who) -> PersonView;
            "Find a person; ID numbers belong into no URL"),
        route!(Ask "/persons/called", STAFF, persons::called(persons::Called) -> persons::CalledView;
            "Find people by name and day of birth, where they have no document with them"),
        route!(Get "/persons/{no}", EVERYBODY, persons::show() -> PersonView;
            "A person, by our number: 123 or no:123"),
        route!(Post "/persons/{no}/death", OPERATOR, persons::death(Death) -> PersonView;
            "Record a death: enrolments and bindings end"),
        route!(Post "/enrolments", OPERATOR, enrolments::add(enrolments::NewEnrolment) -> PersonView;
            "Enrol a person"),
        route!(Post "/enrolments/changes", OPERATOR, enrolments::change(enrolments::EnrolmentChanged) -> PersonView;
            "Pause, resume, end or move an enrolment, or change its category"),
        route!(Get "/medical-codes", CITIZEN, codes::list() -> codes::CodesView;
            "Whose medical codes the caller can show, and what each proves"),
        route!(Ask "/medical-codes", CITIZEN, codes::show(codes::CodeWanted) -> codes::CodeView;
            "Show a medical code, for a minute"),
        route!(Get "/persons/{no}/looks", LOOKED_AT, looks::at() -> looks::LooksView, "cursor", "limit";
            "Who of the staff looked at a person's data, by which route, why, when"),
        route!(Get "/looks", LEADERS, looks::within() -> looks::LooksView, "area", "day", "cursor", "limit";
            "Who of the staff looked at people of an area on a day"),
        route!(Get "/notices/{no}", EVERYBODY, notices::of() -> notices::NoticesView, "limit";
            "Messages to a person, latest first: of bindings, and of what relatives spent of their money"),
        route!(Post "/notices/{no}/read", CITIZEN, notices::read(notices::ReadUntil) -> notices::ReadView;
            "Say that messages have been read"),
        route!(Get "/persons/{no}/contact", REACHED, contacts::show() -> contacts::ContactView;
            "To which phones messages to a person go, masked, what goes there, and who changed it"),
        route!(Show "/persons/{no}/contact/changes", REACHED, contacts::change(contacts::ContactChanged) -> contacts::ContactView;
            "Change to which phones messages to a person go, or what goes there; the numbers before are told"),
    ]
}

#[rustfmt::skip]
fn login_routes() -> Vec<Route> {
    use logins::{ActivationView, ActivationWanted, EndedView, LoginEnded, LoginWanted, SecondFactorEnded, SecondFactorLost};
    vec![
        route!(Show "/logins/activations", SERVERS, logins::activation(ActivationWanted) -> ActivationView;
            "Give a citizen an activation code for the pages, shown once"),
        route!(Post "/logins", OPERATOR, logins::make(LoginWanted) -> ActivationView;
            "Make a login for staff or a till, or give one a new activation code, shown once"),
        route!(Post "/logins/endings", OPERATOR, logins::end(LoginEnded) -> EndedView;
            "End a login and its sessions"),
        route!(Show "/logins/second-factor-endings", SERVERS, logins::end_second_factor(SecondFactorLost) -> SecondFactorEnded;
            "End the second step of a citizen's login who has lost their device; they get a message"),
    ]
}

#[rustfmt::skip]
fn webhook_routes() -> Vec<Route> {
    use webhooks::{DeliveriesView, DeliveryChanged, NewWebhook, WebhookChanged, WebhookMade, WebhookView, WebhooksView};
    vec![
        route!(Get "/webhooks", OPERATOR, webhooks::list() -> WebhooksView;
            "Destinations to which messages to people are carried, and how far behind each is"),
        route!(Post "/webhooks", OPERATOR, webhooks::make(NewWebhook) -> WebhookMade;
            "Register a destination for messages; its secret is shown once"),
        route!(Post "/webhooks/{no}/changes", OPERATOR, webhooks::change(WebhookChanged) -> WebhookView;
            "Pause, resume or remove a destination"),
        route!(Get "/webhooks/{no}/deliveries", OPERATOR, webhooks::deliveries() -> DeliveriesView, "limit";
            "Messages that a destination has not acknowledged: those that wait, and those that were given up"),
        route!(Post "/webhooks/{no}/deliveries/{id}/changes", OPERATOR, webhooks::deliver(DeliveryChanged) -> DeliveriesView;
            "Send a message that was given up again, or forget it"),
    ]
}

#[rustfmt::skip]
fn place_routes() -> Vec<Route> {
    use credentials::{CredentialView, CredentialWanted, CredentialsView, RevokedView, RotatedView, RotationWanted};
    use institutions::{InstitutionChanged, InstitutionSet, InstitutionView, InstitutionsView, Mapped, Mappings};
    vec![
        route!(Put "/institutions/{code}", OPERATOR, institutions::set(InstitutionSet) -> InstitutionView;
            "Register an institution or change it"),
        route!(Get "/institutions", STAFF, institutions::list() -> InstitutionsView, "cursor", "limit";
            "Institutions, by code"),
        route!(Post "/institutions/{code}/changes", OPERATOR, institutions::change(InstitutionChanged) -> InstitutionView;
            "Designate, suspend or resume an institution, or say what its software can do"),
        route!(Get "/areas", OPEN, places::areas() -> places::AreasView;
            "Areas, what their channels are called, and their service halls"),
        route!(Get "/places", OPEN, places::list() -> places::PlacesView, "area", "kind", "name", "cursor", "limit";
            "Institutions of an area, by kind and name: designated today or not"),
        route!(Get "/institutions/{code}", ANYONE, institutions::show() -> InstitutionView;
            "An institution"),
        route!(Post "/institutions/{code}/credentials", OPERATOR, credentials::make(CredentialWanted) -> CredentialView;
            "Make a gateway credential; its secret is shown once"),
        route!(Get "/institutions/{code}/credentials", OPERATOR, credentials::list() -> CredentialsView;
            "The gateway credentials of an institution, without their secrets"),
        route!(Post "/institutions/{code}/credentials/{access_key}/rotations", OPERATOR,
            credentials::rotate(RotationWanted) -> RotatedView;
            "Give a credential a new secret, shown once; the old one counts for a while longer"),
        route!(Post "/institutions/{code}/credentials/{access_key}/revocation", OPERATOR,
            credentials::revoke() -> RevokedView;
            "Revoke a credential"),
        route!(Put "/institutions/{code}/mappings", OPERATOR, institutions::map(Mappings) -> Mapped;
            "Map an institution's own codes to national ones"),
        route!(Get "/institutions/{code}/mappings", OPERATOR, mappings::list() -> mappings::MappingsView, "cursor", "limit";
            "An institution's own codes and what they stand for, by own code"),
        route!(Post "/institutions/{code}/mappings/removals", OPERATOR, mappings::remove(mappings::Unmappings) -> mappings::Unmapped;
            "Take own codes of an institution back: they stand for nothing from now on, what was settled stays"),
    ]
}

#[rustfmt::skip]
fn money_routes() -> Vec<Route> {
    use accounts::{AccountView, EntriesView, NewCredit, NewTakeBack};
    use settlements::{BillView, NewRefund, RefundView, SettlementsView};
    vec![
        route!(Post "/accounts/credits", OPERATOR, accounts::credit(NewCredit) -> AccountView;
            "Credit a personal account"),
        route!(Post "/accounts/take-backs", OPERATOR, accounts::take_back(NewTakeBack) -> AccountView;
            "Take back a credit that was wrong; what is spent of it is owed"),
        route!(Get "/persons/{no}/account", EVERYBODY, accounts::show() -> AccountView;
            "What a person has, and what of it can be shared"),
        route!(Get "/persons/{no}/entries", EVERYBODY, accounts::entries() -> EntriesView, "cursor", "limit";
            "Entries of a person's accounts, latest first"),
        route!(Get "/persons/{no}/settlements", EVERYBODY, settlements::of() -> SettlementsView, "cursor", "limit";
            "Settlements a person had or paid for, latest first"),
        route!(Get "/persons/{no}/spending", EVERYBODY, spending::of() -> spending::SpendingView, "month", "side", "with", "lines";
            "What was spent in a month of a person's money, or by the person of relatives' money"),
        route!(Get "/statistics", BUREAU, statistics::of() -> statistics::StatisticsView, "from", "to", "by", "area";
            "Person-times and amounts of sharing by area and month, within reach"),
        route!(Get "/settlements/{no}", EVERYBODY, settlements::show() -> BillView;
            "A settlement, split by purse, with its lines for the patient and whom the patient lets see them"),
        route!(Post "/settlements/{no}/refunds", OPERATOR, settlements::refund(NewRefund) -> RefundView;
            "Refund part of a settlement, acting for the institution that settled it"),
    ]
}

#[rustfmt::skip]
fn binding_routes() -> Vec<Route> {
    use bindings::{BindingsView, NewBinding, NewEvent, NewTakeOver};
    vec![
        route!(Post "/family-links", WRITERS, links::link(links::LinkWanted) -> links::LinkView;
            "Ask for a family code, agree to it or undo it; it moves no money"),
        route!(Get "/persons/{no}/family-links", EVERYBODY, links::of() -> links::LinksView;
            "Family codes that a person can show, and who can show the person's"),
        route!(Post "/proxies", PEOPLE, proxies::entrust(proxies::ProxyWanted) -> proxies::ProxyView;
            "Entrust somebody with buying medicine for a patient who cannot come"),
        route!(Post "/proxies/{no}/revocation", PEOPLE, proxies::revoke(proxies::RevocationWanted) -> proxies::ProxyView;
            "Revoke an entrusted purchase, as patient or as agent"),
        route!(Get "/persons/{no}/proxies", EVERYBODY, proxies::of() -> proxies::ProxiesView, "limit";
            "Purchases entrusted by a person, and those that a person makes for others"),
        route!(Ask "/proxies/check", COUNTERS, proxies::check(proxies::TokenShown) -> proxies::ProxyCheck;
            "Whether an agent's token is good here and now, for whom, with which documents"),
        route!(Post "/bindings", WRITERS, bindings::start(NewBinding) -> BindingView;
            "Start a binding"),
        route!(Post "/bindings/takeovers", OPERATOR, bindings::take_over(NewTakeOver) -> BindingView;
            "Take over a binding that another system made"),
        route!(Get "/bindings/{no}", EVERYBODY, bindings::show() -> BindingView, "at";
            "A binding, as it is at a moment"),
        route!(Post "/bindings/{no}/events", WRITERS, bindings::event(NewEvent) -> BindingView;
            "Confirm, decline, withdraw, release, keep, limit, mark, hold or lift a binding, show or hide its bills' lines"),
        route!(Get "/reviews", HALL, reviews::list() -> reviews::ReviewsView, "cursor", "limit";
            "Bindings that the agency reviews, of givers within reach, by area, oldest first"),
        route!(Get "/bindings/{no}/review", EVERYBODY, reviews::show() -> reviews::ReviewView;
            "The agency's review of a binding: since when it waits, or how it ended and why"),
        route!(Post "/bindings/{no}/review", CLERKS, reviews::end(reviews::ReviewEnded) -> BindingView;
            "End the agency's review of a binding that somebody else started"),
        route!(Get "/bindings/{no}/options", PEOPLE, options::show() -> options::OptionsView, "on_behalf_of";
            "What the caller, or whom a clerk acts for, can do with a binding now, each event decided and none kept"),
        route!(Get "/bindings/{no}/history", EVERYBODY, bindings::history() -> HistoryView, "as_of", "known_at";
            "What a binding was, by business date and by recording date"),
        route!(Show "/cases", PEOPLE, cases::open(cases::NewCase) -> cases::CaseView;
            "Say that a bill was none of one's relative's: the binding is put on hold and a clerk looks into it"),
        route!(Get "/cases", STAFF, cases::list() -> cases::CasesView, "cursor", "limit", "state";
            "Cases of the givers within reach, open ones first"),
        route!(Get "/cases/{no}", EVERYBODY, cases::show() -> cases::CaseView;
            "A case"),
        route!(Show "/cases/{no}/close", CLERKS, cases::close(cases::CaseClosed) -> cases::CaseView;
            "Say what came of a case; the giver lifts the hold"),
        route!(Get "/waiting", HALL, waiting::show() -> waiting::WaitingView;
            "How many open cases and how many undecided amendments and reviews wait within reach; shows nobody"),
        route!(Get "/persons/{no}/bindings", EVERYBODY, bindings::of() -> BindingsView, "at";
            "Bindings of a person, given and received"),
        route!(Get "/persons/{no}/binding-terms", EVERYBODY, terms::show() -> terms::TermsView;
            "What the law lets a binding by this giver be"),
        route!(Ask "/commitment", PEOPLE, commitment::show(commitment::CommitmentAsked) -> commitment::CommitmentText;
            "The commitment that is signed to start a binding, for two people: what is read and signed"),
        route!(Get "/bindings/{no}/commitment", EVERYBODY, commitment::signed() -> commitment::SignedText;
            "The commitment that was signed for a binding"),
    ]
}

#[rustfmt::skip]
fn document_routes() -> Vec<Route> {
    use amendments::{AmendmentDecided, AmendmentView, AmendmentWanted, AmendmentsView};
    use documents::{DocumentsSent, DocumentsView, PhotographFile, PhotographLaid, PhotographView};
    let lay = route!(Send "/persons/{no}/photographs", PEOPLE, documents::lay(PhotographFile) -> PhotographLaid;
        "Lay a photograph of a document aside, JPEG or PNG: what is on record within a day names it by its digest");
    vec![
        Route { body_most: crate::papers::LARGEST, large: Some(Large::Photograph), kind: "image/*", ..lay },
        route!(Post "/documents", PEOPLE, documents::record(DocumentsSent) -> DocumentsView;
            "Record which documents the person at the counter has shown, for a binding or a case; or send some for a binding that is reviewed"),
        route!(Get "/persons/{no}/documents", EVERYBODY, documents::of() -> DocumentsView, "limit", "amendment";
            "Documents that a person has shown at the counter or sent, latest first, or all that was shown for an amendment"),
        route!(Post "/amendments", HALL, amendments::propose(AmendmentWanted) -> AmendmentView;
            "Propose another name, ID document or social-security card of the person at the counter"),
        route!(Get "/amendments", HALL, amendments::waiting() -> AmendmentsView, "cursor", "limit";
            "Amendments that wait for somebody's decision, of people within reach, by area, oldest first"),
        route!(Get "/persons/{no}/amendments", EVERYBODY, amendments::of() -> AmendmentsView;
            "Amendments of what a person is known by, latest first"),
        route!(Post "/persons/{no}/amendments/{amendment}/events", HALL,
            amendments::decide(AmendmentDecided) -> AmendmentView;
            "Approve or reject an amendment that somebody else proposed, or take back one's own"),
        route!(Get "/persons/{no}/photographs/{digest}", EVERYBODY, documents::photograph() -> PhotographView;
            "A photograph of a document; staff say why they look"),
    ]
}

#[rustfmt::skip]
fn asking_routes() -> Vec<Route> {
    use explain::{BindingAnswer, BindingAsked, WouldAsked, WouldView};
    let publish = route!(Post "/policies", OPERATOR, policies::publish(policies::NewBook) -> policies::BookView;
        "Publish a law book: the law from the next decision on");
    vec![
        route!(Ask "/explain/would", EVERYBODY, explain::would(WouldAsked) -> WouldView;
            "Whose money somebody could spend at a place, and why not"),
        route!(Ask "/explain/binding", EVERYBODY, explain::binding(BindingAsked) -> BindingAnswer;
            "Whether a binding would be possible, with every condition"),
        route!(Get "/drugs", ANYONE, drugs::find() -> drugs::DrugsView, "q", "area", "day";
            "Look drugs up by name, pinyin or initials: how each counts in the edition of a day, with an example for an area"),
        route!(Get "/drugs/{row}", ANYONE, drugs::show() -> drugs::DrugPage, "area", "day";
            "A row of the drug catalogue: class, limit, category, other forms, national codes"),
        route!(Get "/explain/did/{serial}", EVERYBODY, records::did() -> records::DecisionView;
            "Why something was decided as it was, with every step and source"),
        route!(Get "/explain/slip/{number}", OPEN, records::slip() -> records::SlipView;
            "What became of the bill with this slip number, without a word about anybody"),
        route!(Get "/requests/{sender}/{*id}", EVERYBODY, records::request() -> records::RequestView;
            "What became of a request: sender me, token-<number> or an institution, and its key"),
        Route { body_most: BOOK_MOST, large: Some(Large::File), ..publish },
        route!(Get "/policies/current", OVERSEERS, policies::show() -> policies::BookView;
            "The law book in force"),
        route!(Post "/sandbox/clock", ANYONE, sandbox::clock(sandbox::ClockSet) -> sandbox::ClockView;
            "Move a sandbox's clock forward; there is no such route elsewhere"),
    ]
}
