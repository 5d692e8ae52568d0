//! Around every request: its id, one line in the log, and an answer even where a handler panics.
//!
//! The log never holds what people send: no query string, no body, no token, and of the path only the route's pattern, since the rest
//! of `/files/…` is a key to a file.

use crate::{code::Code, problem::problem};
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use domain::trace::Trace;
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tracing::field::Empty;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: RequestId;
}

/// Names one request, in its answer (`x-request-id`) and in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// A new one.
    pub(crate) fn new() -> Self {
        Self(ulid::Ulid::generate().to_string().into())
    }

    /// That of the request which this task answers, or a new one.
    pub(crate) fn here() -> Self {
        CURRENT
            .try_with(Clone::clone)
            .unwrap_or_else(|_| Self::new())
    }

    /// Runs what answers the request of this id, which belongs to this trace: all that it logs bears both, and the jobs that it enqueues bear the trace.
    pub(crate) async fn with<F: Future>(self, trace: Option<Trace>, answering: F) -> F::Output {
        let span = tracing::info_span!("request", id = %self, trace = Empty, otel.kind = Empty);
        Trace::scope(trace, span, CURRENT.scope(self, answering)).await
    }

    /// The id that came with the request, if it can stand in a log; else a new one.
    fn of(headers: &HeaderMap) -> Self {
        let is_sane = |id: &&str| {
            (1..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let given = headers
            .get(HEADER)
            .and_then(|value| value.to_str().ok())
            .filter(is_sane);
        given.map_or_else(Self::new, |given| Self(given.into()))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The middleware.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let trace = request.headers().get("traceparent");
    let trace = trace.and_then(|value| value.to_str().ok()?.parse().ok());
    let header = HeaderValue::from_str(&id.0);
    let mut response = id.with(trace, answer(request, next)).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}

/// A method that nobody knows is one of many that anybody may make up.
fn method_label(method: &Method) -> String {
    let known = [
        Method::GET,
        Method::POST,
        Method::HEAD,
        Method::OPTIONS,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
    ];
    if known.contains(method) {
        method.to_string()
    } else {
        "other".to_owned()
    }
}

async fn answer(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let path = route.as_ref().map_or("(no route)", MatchedPath::as_str);
    let response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            Code::Internal,
            "internal error",
        ),
    };
    let (status, ms) = (
        response.status().as_u16(),
        begun.elapsed().as_secs_f64() * 1e3,
    );
    let labels = [
        ("method", method_label(&method)),
        ("route", path.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::counter!("roster_http_requests_total", &labels).increment(1);
    metrics::histogram!("roster_http_request_duration_seconds", "route" => path.to_owned())
        .record(begun.elapsed());
    let ms = (ms * 10.0).round() / 10.0;
    if path == "/livez" || path == "/readyz" {
        // Asked every few seconds by machines: said only to those who want every line.
        tracing::debug!(%method, path, status, ms, "answered");
    } else {
        tracing::info!(%method, path, status, ms, "answered");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware, routing::get};

    #[test]
    fn an_id_that_came_along_stays_if_it_is_sane() {
        let id = |value: &str| {
            let value = HeaderValue::from_str(value).unwrap();
            RequestId::of(&HeaderMap::from_iter([(HEADER, value)])).to_string()
        };
        assert_eq!(id("a1-B.2_c"), "a1-B.2_c");
        for other in ["", "a b", "a\tb", &"a".repeat(65), "ä"] {
            assert_eq!(id(other).len(), 26, "{other}");
        }
    }

    async fn broken() -> StatusCode {
        panic!("a secret")
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_for_and_the_server_goes_on() {
        let router = Router::new()
            .route("/broken", get(broken))
            .route("/fine", get(async || StatusCode::NO_CONTENT))
            .layer(middleware::from_fn(observe));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = reqwest::Client::new();
        for _ in 0..2 {
            let request = http.get(format!("http://{address}/broken"));
            let answer = request.header(HEADER, "mine").send().await.unwrap();
            assert_eq!(answer.status(), 500);
            assert_eq!(answer.headers()[HEADER], "mine");
            let text = answer.text().await.unwrap();
            assert!(
                text.contains("INTERNAL") && !text.contains("secret"),
                "{text}"
            );
        }
        let fine = http
            .get(format!("http://{address}/fine"))
            .send()
            .await
            .unwrap();
        assert_eq!(fine.status(), 204);
        // What cannot stand in a log is replaced.
        let request = http.get(format!("http://{address}/fine"));
        let answer = request.header(HEADER, "a b").send().await.unwrap();
        assert_ne!(answer.headers()[HEADER], "a b");
    }
}
