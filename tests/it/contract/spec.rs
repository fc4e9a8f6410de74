//! Checks one exchange against a contract in `docs/gateways/*.openapi.yaml`: requests and answers may contain only what the
//! file describes.

use http::{HeaderMap, Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// Headers that belong to HTTP itself.
const PLAIN_HEADERS: [&str; 3] = ["accept", "cache-control", "content-type"];

/// A contract, and the address of its paths.
pub(crate) struct Spec {
    document: Value,
    /// Segments before every path; one in braces matches anything.
    prefix: Vec<String>,
}

/// The operation of an exchange.
struct Operation<'a> {
    path_item: &'a Value,
    action: &'a Value,
    /// The path's variables, with their values.
    variables: Vec<(String, String)>,
}

impl Spec {
    pub(crate) fn read(name: &str) -> Self {
        let file = format!("{}/docs/gateways/{name}.openapi.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).unwrap();
        let document: Value = serde_yaml_ng::from_str(&text).unwrap();
        let server = document["servers"][0]["url"].as_str().unwrap();
        let (_, rest) = server.split_once("://").unwrap();
        let prefix = rest.split('/').skip(1).map(str::to_owned).collect();
        Self { document, prefix }
    }

    /// Faults of a request; empty if there are none.
    pub(crate) fn request(&self, request: &Request<bytes::Bytes>) -> Vec<String> {
        let found = match self.find(request.method(), request.uri().path()) {
            Ok(found) => found,
            Err(why) => return vec![why],
        };
        let mut wrong = Vec::new();
        let declared: Vec<&Value> = [found.path_item, found.action]
            .iter()
            .flat_map(|place| place["parameters"].as_array().into_iter().flatten())
            .map(|parameter| self.resolve(parameter))
            .collect();
        let of =
            |place: &str| declared.iter().filter(move |it| it["in"] == place).copied().collect::<Vec<_>>();
        self.parameters("path variable", &of("path"), &found.variables, &mut wrong);
        self.parameters("query parameter", &of("query"), &query(request.uri().query()), &mut wrong);
        self.headers(request.headers(), found.action, &mut wrong);
        self.body(request, found.action, &mut wrong);
        wrong
    }

    /// Faults of an answer to a request; empty if there are none.
    pub(crate) fn response(
        &self,
        method: &Method,
        path: &str,
        response: &Response<bytes::Bytes>,
    ) -> Vec<String> {
        let found = match self.find(method, path) {
            Ok(found) => found,
            Err(why) => return vec![why],
        };
        let status = response.status();
        let status = status.as_str();
        let responses = &found.action["responses"];
        let (declared, is_default) = match (responses.get(status), responses.get("default")) {
            (Some(declared), _) => (declared, false),
            (None, Some(declared)) => (declared, true),
            (None, None) => return vec![format!("status {status} is not described")],
        };
        let declared = self.resolve(declared);
        let mut wrong = Vec::new();
        for (name, header) in declared["headers"].as_object().into_iter().flatten() {
            if let Some(value) = response.headers().get(name.as_str()) {
                let schema = &self.resolve(header)["schema"];
                let value = coerced(value.to_str().unwrap(), schema);
                self.check(schema, &value, &format!("header {name} of the answer"), &mut wrong);
            }
        }
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        if kind.is_some_and(|kind| kind != "application/json" && declared["content"].get(kind).is_some()) {
            return wrong;
        }
        let schema = &declared["content"]["application/json"]["schema"];
        match serde_json::from_slice::<Value>(response.body()) {
            _ if schema.is_null() => {}
            Ok(body) => self.check(schema, &body, &format!("answer with status {status}"), &mut wrong),
            // A body that the contract does not describe need not be JSON.
            Err(_) if is_default => {}
            Err(_) => wrong.push(format!("answer with status {status} is not JSON")),
        }
        wrong
    }

    fn find(&self, method: &Method, path: &str) -> Result<Operation<'_>, String> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let is_variable = |segment: &str| segment.starts_with('{');
        let fits =
            |pattern: &str, given: &str| pattern == given || (is_variable(pattern) && !given.is_empty());
        let unknown = || "the path is not named".to_owned();
        if segments.len() <= self.prefix.len() {
            return Err(unknown());
        }
        let (before, rest) = segments.split_at(self.prefix.len());
        if !self.prefix.iter().zip(before).all(|(pattern, given)| fits(pattern, given)) {
            return Err(unknown());
        }
        let paths = self.document["paths"].as_object().unwrap();
        let candidates = paths.iter().filter(|(template, _)| {
            let pattern: Vec<&str> = template.split('/').skip(1).collect();
            pattern.len() == rest.len()
                && pattern.iter().zip(rest).all(|(pattern, given)| fits(pattern, given))
        });
        // A path without variables has precedence over one with variables.
        let (template, path_item) =
            candidates.min_by_key(|(path, _)| path.contains('{')).ok_or_else(unknown)?;
        let action = path_item
            .get(method.as_str().to_ascii_lowercase())
            .ok_or_else(|| format!("{template} has no method {method}"))?;
        let variables = template
            .split('/')
            .skip(1)
            .zip(rest)
            .filter(|(pattern, _)| is_variable(pattern))
            .map(|(pattern, given)| (pattern.trim_matches(['{', '}']).to_owned(), decoded(given)))
            .collect();
        Ok(Operation { path_item, action, variables })
    }

    fn parameters(
        &self,
        what: &str,
        declared: &[&Value],
        given: &[(String, String)],
        wrong: &mut Vec<String>,
    ) {
        for (name, value) in given {
            match declared.iter().find(|parameter| parameter["name"] == name.as_str()) {
                None => wrong.push(format!("{what} {name} is not described")),
                Some(parameter) => {
                    let schema = &parameter["schema"];
                    let target = self.resolve(schema);
                    self.check(schema, &coerced(value, target), &format!("{what} {name}"), wrong);
                }
            }
        }
        for parameter in declared.iter().filter(|parameter| parameter["required"] == true) {
            let name = parameter["name"].as_str().unwrap();
            let times = given.iter().filter(|(given, _)| given == name).count();
            if times != 1 {
                wrong.push(format!("{what} {name} stands {times} times"));
            }
        }
    }

    /// Credentials in one of the ways that the contract describes, and no undescribed header.
    fn headers(&self, headers: &HeaderMap, operation: &Value, wrong: &mut Vec<String>) {
        let ways = operation.get("security").unwrap_or(&self.document["security"]);
        let schemes = &self.document["components"]["securitySchemes"];
        let header_of = |scheme: &str| match schemes[scheme]["type"].as_str() {
            Some("http") => "authorization".to_owned(),
            _ => schemes[scheme]["name"].as_str().unwrap().to_ascii_lowercase(),
        };
        let ways: Vec<Vec<String>> = ways
            .as_array()
            .unwrap()
            .iter()
            .map(|way| way.as_object().unwrap().keys().map(|scheme| header_of(scheme)).collect())
            .collect();
        let given: Vec<&str> = headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| !PLAIN_HEADERS.contains(name))
            .collect();
        if !ways
            .iter()
            .any(|way| way.len() == given.len() && way.iter().all(|name| given.contains(&name.as_str())))
        {
            wrong.push(format!("the headers {given:?} match none of the ways {ways:?}"));
        }
    }

    fn body(&self, request: &Request<bytes::Bytes>, operation: &Value, wrong: &mut Vec<String>) {
        let body = request.body();
        let Some(declared) = operation.get("requestBody") else {
            if !body.is_empty() {
                wrong.push("there is a body, and none is named".to_owned());
            }
            return;
        };
        if request.headers().get("content-type").is_none_or(|kind| kind != "application/json") {
            wrong.push("the content type is not application/json".to_owned());
        }
        let schema = &self.resolve(declared)["content"]["application/json"]["schema"];
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            wrong.push("the body is no JSON".to_owned());
            return;
        };
        self.check(schema, &value, "body", wrong);
        let known = self.resolve(schema)["properties"].as_object();
        for name in value.as_object().into_iter().flatten().map(|(name, _)| name) {
            if !known.is_some_and(|known| known.contains_key(name)) {
                wrong.push(format!("member {name} of the body is not described"));
            }
        }
    }

    fn check(&self, schema: &Value, value: &Value, what: &str, wrong: &mut Vec<String>) {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": self.document["components"],
        });
        let validator = jsonschema::validator_for(&whole).unwrap();
        wrong.extend(
            validator.iter_errors(value).map(|error| format!("{what}: {} {error}", error.instance_path)),
        );
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

fn query(query: Option<&str>) -> Vec<(String, String)> {
    let pairs = query.into_iter().flat_map(|query| query.split('&'));
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// Converts a text to the type that the schema requires, if possible.
fn coerced(text: &str, schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("integer" | "boolean") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}
