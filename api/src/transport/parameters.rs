//! The parameters of a request (`query`, `operationName`, `variables`, `extensions`) from JSON or a query string.
//!
//! Read strictly: a parameter of the wrong type is refused rather than ignored, and so is a batch, which would be a way round the
//! limits of one request.

use async_graphql::parser::types::{DocumentOperations, OperationDefinition};
use async_graphql::{Request, Value as GraphqlValue, Variables};
use axum::extract::Query;
use axum::http::Uri;
use serde_json::{Map, Value};

use super::persisted::Persisted;
use super::refusal::Refusal;
use super::scan;
use super::settings::Limits;

/// What parameters are read with.
pub(super) struct Reader<'a> {
    pub(super) limits: &'a Limits,
    pub(super) persisted: &'a Persisted,
}

impl Reader<'_> {
    /// Reads a JSON body, or the `operations` of a multipart one.
    pub(super) fn json(&self, body: &[u8]) -> Result<Request, Refusal> {
        let body = serde_json::from_slice(body).map_err(|error| {
            Refusal::bad_request(format!("the request cannot be read as JSON: {error}"))
        })?;
        match body {
            Value::Object(parameters) => self.map(parameters),
            Value::Array(_) => Err(Refusal::bad_request(
                "batches are not supported: send one operation in each request",
            )),
            _ => Err(Refusal::bad_request("the request must be a JSON object")),
        }
    }

    /// Reads the query string of a GET request.
    pub(super) fn uri(&self, uri: &Uri) -> Result<Request, Refusal> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| Refusal::bad_request("the query string is not well-formed"))?;
        let mut parameters = Map::new();
        for (name, value) in pairs {
            let value = match name.as_str() {
                "query" => Value::String(value),
                "operationName" if value.is_empty() => continue,
                "operationName" => Value::String(value),
                "variables" | "extensions" if value.is_empty() => continue,
                "variables" | "extensions" => serde_json::from_str(&value).map_err(|error| {
                    Refusal::bad_request(format!("`{name}` is not valid JSON: {error}"))
                })?,
                _ => continue,
            };
            if parameters.insert(name.clone(), value).is_some() {
                return Err(Refusal::bad_request(format!("`{name}` is given twice")));
            }
        }
        self.map(parameters)
    }

    /// Reads parameters that are JSON already, such as the payload of `subscribe`.
    pub(super) fn map(&self, mut parameters: Map<String, Value>) -> Result<Request, Refusal> {
        let sent = match parameters.remove("query") {
            Some(Value::String(query)) => Some(query),
            None | Some(Value::Null) => None,
            Some(_) => return Err(Refusal::bad_request("`query` must be a string")),
        };
        let extensions = object(&mut parameters, "extensions")?;
        let query = self
            .persisted
            .query(sent, &extensions, self.limits.document)?;
        let mut request = Request::new(query);
        request.operation_name = match parameters.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err(Refusal::bad_request("`operationName` must be a string")),
        };
        let variables = Value::Object(object(&mut parameters, "variables")?);
        scan::check(&request.query, &variables, self.limits)?;
        request.variables = Variables::from_value(to_graphql("variables", variables)?);
        for (name, value) in extensions {
            let value = to_graphql("extensions", value)?;
            request.extensions.insert(name, value);
        }
        Ok(request)
    }
}

fn object(parameters: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match parameters.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be an object"))),
    }
}

fn to_graphql(name: &str, value: Value) -> Result<GraphqlValue, Refusal> {
    GraphqlValue::from_json(value)
        .map_err(|error| Refusal::bad_request(format!("`{name}` cannot be read: {error}")))
}

/// The operation that would run, or none where the document or the choice is wrong: execution will say what is.
///
/// The document stays parsed in the request, so this costs nothing where it is right.
pub(super) fn operation(request: &mut Request) -> Option<&OperationDefinition> {
    let name = request.operation_name.clone();
    let document = request.parsed_query().ok()?;
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => {
            Some(&operations.get(name.as_str())?.node)
        }
        (DocumentOperations::Multiple(operations), None) => {
            let mut operations = operations.values();
            let only = operations.next()?;
            operations.next().is_none().then_some(&only.node)
        }
    }
}
