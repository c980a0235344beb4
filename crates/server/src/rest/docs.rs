//! The OpenAPI document, made from the table of routes, and the page that shows it. Both are public: they hold no data.

use super::call::Decided;
use super::examples::examples;
use super::problem::Said;
use super::routes::{Route, Verb, routes};
use super::wire::schema_ref;
use crate::uploads::Large;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, RefOr, Required,
};
use utoipa::{PartialSchema, ToSchema};

/// Takes a type's schema, with those it refers to, into a list, and refers to it.
pub(crate) type Shape = fn(&mut Vec<(String, RefOr<Schema>)>) -> RefOr<Schema>;

/// The shape of a type.
pub(crate) fn shape<T: ToSchema + PartialSchema>(into: &mut Vec<(String, RefOr<Schema>)>) -> RefOr<Schema> {
    let name = T::name();
    T::schemas(into);
    into.push((name.to_string(), T::schema()));
    schema_ref(&name)
}

const INTRODUCTION: &str = "Family sharing of medical-insurance personal accounts.\n\n\
    Every route that does not say otherwise needs a bearer token; `gongji token` makes one. Every write needs an `Idempotency-Key`: the same key \
    and body give the same answer for ever, the same key with another body is a conflict, and after a 503 the same \
    request is sent again with the same key. Amounts are yuan with two decimals; days are civil days of China Standard \
    Time; moments are UTC. Who of the staff looked at a person's data is recorded and shown to that person; why, the \
    header `Look-Reason` says: in_person, phone, review, complaint, inspection or unstated. Whatever is no success is a problem of RFC 9457 with a code, the reasons, and what became \
    of the money.";

/// The OpenAPI document.
pub fn openapi() -> OpenApi {
    let mut schemas = Vec::new();
    shape::<Said>(&mut schemas);
    shape::<Decided>(&mut schemas);
    let mut paths = PathsBuilder::new();
    for route in routes() {
        let path = format!("/api/v1{}", route.path.replace("{*", "{"));
        let method = match route.verb {
            Verb::Get => HttpMethod::Get,
            Verb::Ask | Verb::Post | Verb::Show | Verb::Send => HttpMethod::Post,
            Verb::Put => HttpMethod::Put,
        };
        let operation = operation(&route, &mut schemas);
        paths = paths.path(path, utoipa::openapi::PathItem::new(method, operation));
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("token", SecurityScheme::Http(bearer));
    let info = InfoBuilder::new().title("Gongji 共济").version("1").description(Some(INTRODUCTION));
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths.build())
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new("token", Vec::<String>::new())]))
        .build()
}

fn operation(route: &Route, schemas: &mut Vec<(String, RefOr<Schema>)>) -> OperationBuilder {
    let roles: Vec<&str> = route.roles.iter().map(|it| it.word()).collect();
    let resource = route.path.split('/').nth(1).unwrap_or_default();
    let mut operation = OperationBuilder::new()
        .tag(resource)
        .operation_id(Some(operation_id(route)))
        .summary(Some(route.says))
        .description(Some(readers(&roles)));
    if roles.is_empty() {
        operation = operation.security(SecurityRequirement::default());
    }
    for name in route.path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}')) {
        let name = name.trim_start_matches('*');
        operation = operation.parameter(parameter(name, ParameterIn::Path, Required::True));
    }
    for name in route.queries {
        operation = operation.parameter(parameter(name, ParameterIn::Query, Required::False));
    }
    if route.verb.writes() {
        operation = operation.parameter(parameter("Idempotency-Key", ParameterIn::Header, Required::True));
    }
    if let Some(takes) = route.takes {
        let example = examples().get(&operation_id(route)).cloned();
        let content = ContentBuilder::new().schema(Some(takes(schemas))).example(example).build();
        let body = RequestBodyBuilder::new().content(route.kind, content);
        operation = operation.request_body(Some(body.required(Some(Required::True)).build()));
    }
    let gives = (route.gives)(schemas);
    let gives: RefOr<Schema> = if route.verb.writes() {
        Schema::from(AllOfBuilder::new().item(schema_ref(&Decided::name())).item(gives)).into()
    } else {
        gives
    };
    operation.responses(responses(route, gives).build())
}

fn readers(roles: &[&str]) -> String {
    if roles.is_empty() {
        "For everybody, without a token.".to_owned()
    } else {
        format!("For: {}.", roles.join(", "))
    }
}

/// `POST /bindings/{no}/events` is `post_bindings_events`.
pub(super) fn operation_id(route: &Route) -> String {
    let words = route.path.split('/').filter(|it| !it.is_empty() && !it.starts_with('{'));
    let by_number = route.path.ends_with('}').then_some("one");
    let words: Vec<&str> = [route.verb.method()].into_iter().chain(words).chain(by_number).collect();
    words.join("_").to_lowercase().replace('-', "_")
}

fn parameter(name: &str, at: ParameterIn, required: Required) -> ParameterBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    ParameterBuilder::new().name(name).parameter_in(at).required(required).schema(Some(text))
}

fn responses(route: &Route, gives: RefOr<Schema>) -> ResponsesBuilder {
    let content = ContentBuilder::new().schema(Some(gives)).build();
    let well = ResponseBuilder::new().description("Done").content("application/json", content);
    let mut all = ResponsesBuilder::new().response("2XX", well.build());
    let mut problems = vec![
        ("400", "Malformed: nothing happened, the key stays free"),
        ("401", "No valid token"),
        ("403", "Outside the token's reach"),
        ("404", "Not found"),
        ("422", "Refused, with all reasons"),
        ("503", "Busy: the outcome is not known, send it again with the same key"),
    ];
    if route.verb.writes() {
        problems.push(("409", "The key was used for another body"));
    }
    if route.takes.is_some() {
        problems.push(("413", "The body is too large"));
    }
    if route.large == Some(Large::Photograph) {
        problems.push(("429", "Too many were sent within a day"));
    }
    for (status, says) in problems {
        let content = ContentBuilder::new().schema(Some(schema_ref(&Said::name()))).build();
        let problem = ResponseBuilder::new().description(says).content("application/problem+json", content);
        all = all.response(status, problem.build());
    }
    all
}

/// The document's text, as it is served and as it is kept in `docs/api/openapi.json`.
///
/// # Panics
/// Never: the document is plain data.
pub fn openapi_json() -> String {
    let mut text = openapi().to_pretty_json().expect("the document is plain data");
    text.push('\n');
    text
}

/// `GET /api/docs/openapi.json`.
pub(crate) async fn json() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json())
}

/// `GET /api/docs`.
pub(crate) async fn page() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}
