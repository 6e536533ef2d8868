//! The document: every route with what it takes and answers.

use super::{Asked, Description, Doc, Operation};
use crate::{
    error::{ApiError, shown},
    openai,
    routes::Endpoint,
};
use actix_web::http::Method;
use lectern_domain::executor::Overloaded;
use lectern_service::{ServiceError, app::App};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Required, Response, ResponseBuilder,
    example::ExampleBuilder,
    path::{self, HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem},
    request_body::{RequestBody, RequestBodyBuilder},
    schema::{AdditionalProperties, ObjectBuilder, Schema},
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

/// The name of the one way to say who is calling.
const SCHEME: &str = "token";

const ABOUT: &str = "Accounts, conversations and search under `/api/v2`; models, collections and documents under `/api/v1`. Times are UTC without a zone, under `/api/v1` \
seconds since 1970. Fields that are not known are ignored unless said otherwise. An error is `{\"detail\": …}`: a text, or for 422 a list of what is wrong with the \
request; where requests have OpenAI's shape, so have errors: `{\"error\": {\"message\", \"type\", \"param\", \"code\"}}`. Every answer has an `X-Request-Id`. \
Where one of the two indexes is down, an answer that rests on a search does without it and names it in `Lectern-Degraded`: `lexical` or `vectors`.";

/// Describes these routes.
pub(crate) fn document(endpoints: Vec<Endpoint>, app: &App) -> OpenApi {
    let (mut paths, mut schemas) = (PathsBuilder::new(), Vec::new());
    for endpoint in endpoints {
        for (method, operation) in endpoint.methods.iter().zip(&endpoint.operations) {
            (operation.schemas)(&mut schemas);
            if let Some(method) = http_method(method) {
                paths = paths.path(endpoint.path, PathItem::new(method, described(operation, app)));
            }
        }
    }
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A session's token from `POST /api/v2/sign_in`, or an API token from `POST /api/v2/user/token/new`."))
        .build();
    let components = ComponentsBuilder::new().schemas_from_iter(schemas).security_scheme(SCHEME, SecurityScheme::Http(scheme)).build();
    let info = InfoBuilder::new().title("Lectern").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT)).build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

fn http_method(method: &Method) -> Option<HttpMethod> {
    Some(match method.as_str() {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => return None,
    })
}

fn described(operation: &Operation, app: &App) -> path::Operation {
    let mut requests = Description::default();
    (operation.describe)(&mut requests, app);
    let words: Vec<&str> = operation.handler.split("::").skip_while(|word| *word != "routes").skip(1).collect();
    let mut builder = OperationBuilder::new().tag(words.first().copied().unwrap_or("other")).operation_id(Some(words.join("_")));
    builder = builder.summary(Some(operation.doc.summary));
    let validated = !(requests.path.is_empty() && requests.query.is_empty() && requests.body.is_none());
    let parameters = [(ParameterIn::Path, requests.path), (ParameterIn::Query, requests.query)];
    for (place, asked) in parameters.into_iter().flat_map(|(place, fields)| fields.into_iter().map(move |asked| (place.clone(), asked))) {
        builder = builder.parameter(parameter(place, asked));
    }
    if let Some((fields, closed)) = requests.body {
        builder = builder.request_body(Some(body(fields, closed, requests.form, &operation.doc)));
    }
    if requests.authenticated {
        builder = builder.security(SecurityRequirement::new(SCHEME, Vec::<String>::new()));
    }
    builder = builder.response(operation.status.to_string(), success(operation));
    for (status, examples) in refusals(&operation.doc, &requests.errors, requests.authenticated, validated && !requests.like_openai) {
        builder = builder.response(status.to_string(), examples);
    }
    if let Some((meaning, example)) = &operation.doc.otherwise {
        let content = ContentBuilder::new().example(Some(example.clone())).build();
        builder = builder.response("default", ResponseBuilder::new().description(*meaning).content("application/json", content).build());
    }
    for (status, when) in &operation.doc.statuses {
        builder = builder.response(status.to_string(), ResponseBuilder::new().description(*when).build());
    }
    builder.build()
}

fn parameter(place: ParameterIn, asked: Asked) -> Parameter {
    let required = if asked.required { Required::True } else { Required::False };
    ParameterBuilder::new().name(asked.name).parameter_in(place).required(required).schema(Some(asked.schema)).build()
}

fn body(fields: Vec<Asked>, closed: bool, form: Option<Vec<Asked>>, doc: &Doc) -> RequestBody {
    let mut json = object(fields);
    if closed {
        json = json.additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    }
    let content = ContentBuilder::new().schema(Some(Schema::Object(json.build()))).example(doc.body.clone()).build();
    let mut body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
    if let Some(parts) = form {
        body = body.content("multipart/form-data", ContentBuilder::new().schema(Some(Schema::Object(object(parts).build()))).build());
    }
    body.build()
}

fn object(fields: Vec<Asked>) -> ObjectBuilder {
    fields.into_iter().fold(ObjectBuilder::new(), |object, asked| {
        let object = object.property(asked.name, asked.schema);
        if asked.required { object.required(asked.name) } else { object }
    })
}

fn success(operation: &Operation) -> Response {
    let mut response = ResponseBuilder::new().description("What was asked for");
    let doc = &operation.doc;
    if let Some((kind, mut content)) = (operation.answer)() {
        content.example = doc.answer.clone();
        return response.content(kind, content).build();
    }
    if let Some(example) = doc.answer.clone() {
        let content = ContentBuilder::new().schema(doc.shape.map(|shape| shape())).example(Some(example)).build();
        response = response.content("application/json", content);
    }
    if let Some((kind, example)) = doc.content {
        response = response.content(kind, ContentBuilder::new().example(Some(Value::from(example))).build());
    }
    response.build()
}

/// What is refused, by status, each with an example for every text.
fn refusals(doc: &Doc, of_requests: &[ApiError], authenticated: bool, validated: bool) -> Vec<(u16, Response)> {
    let caller = [ServiceError::NoCredentials, ServiceError::UserNotConfirmed, ServiceError::Unauthorized, ServiceError::UserNotFound];
    let caller = caller.iter().filter(|_| authenticated).map(shown);
    let own = doc.refusals.iter().map(|refusal| openai::shown(refusal).filter(|_| doc.openai).unwrap_or_else(|| shown(refusal)));
    let busy = shown(&ServiceError::Overloaded(Overloaded));
    let wrong = json!({ "detail": [{ "type": "missing", "loc": ["body", "name"], "msg": "Field required", "input": {} }] });
    let wrong = validated.then_some((422, wrong));
    let before = of_requests.iter().chain(&doc.errors).map(ApiError::shown);
    let mut by_status: BTreeMap<u16, Vec<Value>> = BTreeMap::new();
    for (status, value) in caller.chain(before).chain(own).chain(wrong).chain([busy]) {
        let known = by_status.entry(status).or_default();
        if !known.contains(&value) {
            known.push(value);
        }
    }
    by_status.into_iter().map(|(status, examples)| (status, refusal(&examples))).collect()
}

/// The answers of one status.
fn refusal(examples: &[Value]) -> Response {
    let text = |value: &'_ Value| value["detail"].as_str().or_else(|| value["error"]["message"].as_str()).map(str::to_owned);
    let texts: Vec<String> = examples.iter().filter_map(text).map(|text| text.trim_end_matches('.').to_owned()).collect();
    let description = if texts.is_empty() { "What is wrong with the request".to_owned() } else { texts.join("; ") };
    let named = examples
        .iter()
        .enumerate()
        .map(|(number, value)| (format!("{}", number + 1), ExampleBuilder::new().value(Some(value.clone())).build()));
    ResponseBuilder::new()
        .description(description)
        .content("application/json", ContentBuilder::new().examples_from_iter(named).build())
        .build()
}
