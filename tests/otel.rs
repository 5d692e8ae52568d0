//! Traces go to a collector: a job beneath the request that caused it, in the trace that the caller began. `tests/run --features otel --test roster otel`.

use crate::harness::{Site, both_kinds};
use axum::{Json, Router, extract::State, routing::post};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

type Spans = Arc<Mutex<Vec<Value>>>;

/// Takes spans as JSON.
async fn collector() -> (String, Spans) {
    let spans = Spans::default();
    let take = async |State(spans): State<Spans>, Json(sent): Json<Value>| {
        let resources = sent["resourceSpans"].as_array().unwrap();
        for scope in resources
            .iter()
            .flat_map(|resource| resource["scopeSpans"].as_array().unwrap())
        {
            spans
                .lock()
                .unwrap()
                .extend(scope["spans"].as_array().unwrap().iter().cloned());
        }
        Json(json!({}))
    };
    let router = Router::new()
        .route("/v1/traces", post(take))
        .with_state(Arc::clone(&spans));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, spans)
}

both_kinds! {
    async fn a_job_stands_beneath_its_request_in_the_callers_trace(kind: Kind) {
        let (url, spans) = collector().await;
        let site = Site::new(kind).await.with("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
        // What is not logged is traced nevertheless.
        let server = site.serve(&["--otlp-endpoint", &url, "--log", "error"]).await;
        let mut input = crate::harness::crowd::input();
        (input["start"], input["mapping"]) = (false.into(), json!([]));
        let id = server.import(input, "Email\nada@example.com\n").await;
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let start = "mutation ($id: ID!) { startImport(input: { id: $id }) { userErrors { code } } }";
        let request = server.http.post(server.url("/graphql")).bearer_auth(&server.token);
        let request = request.header("traceparent", format!("00-{trace}-{parent}-01"));
        let request = request.json(&json!({ "query": start, "variables": { "id": id } }));
        assert_eq!(request.send().await.unwrap().status(), 200);
        server.completed(&id).await;
        site.drained().await;
        // What has not been sent yet is sent at the end.
        let (output, _) = server.stop().await;
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
        let spans = spans.lock().unwrap().clone();
        let mine: Vec<_> = spans.iter().filter(|span| span["traceId"] == trace).collect();
        let request = mine.iter().find(|span| span["name"] == "request").unwrap_or_else(|| panic!("{spans:#?}"));
        assert_eq!((&request["parentSpanId"], &request["kind"]), (&json!(parent), &json!(2)));
        let job = mine.iter().find(|span| span["name"] == "job").unwrap_or_else(|| panic!("{spans:#?}"));
        assert_eq!((&job["parentSpanId"], &job["kind"]), (&request["spanId"], &json!(5)));
        // Requests without a trace begin one.
        let others = spans.iter().filter(|span| span["name"] == "request" && span["traceId"] != trace);
        assert!(others.count() > 0);
        site.finish().await;
    }
}
