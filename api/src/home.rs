//! `/`: what answers here, for whoever opens the address in a browser or with curl.

use axum::{
    Router,
    http::{HeaderMap, header::ACCEPT},
    response::{Html, IntoResponse, Response},
    routing::get,
};

const TEXT: &str = "Roster: contacts, segments and imports, as a GraphQL API.

  POST /graphql   queries and mutations (GET for queries, WebSocket and event streams for subscriptions)
  GET  /livez     200 while the process runs
  GET  /readyz    200 while it can serve

Each request to /graphql needs a token (roster token create --role owner makes one):

  curl -s ADDRESS/graphql -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' \\
    -d '{\"query\":\"{ viewer { role workspace { name } } }\"}'

The schema: roster schema
";

/// The route.
pub(crate) fn router() -> Router {
    Router::new().route("/", get(home))
}

async fn home(headers: HeaderMap) -> Response {
    let accept = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !accept.contains("text/html") {
        return TEXT.into_response();
    }
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Roster</title><pre>{TEXT}</pre></html>\n"
    ))
    .into_response()
}
