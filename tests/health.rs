//! What answers without a token.

use crate::{
    harness::{Client, Harness, both},
    import_kit,
};
use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

async fn metrics(t: &Harness) -> String {
    let answer = t.http.get(t.url("/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.unwrap()
}

/// The figure of this name and labels.
fn figure(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    let value = line.unwrap_or_else(|| panic!("no {name} in\n{metrics}"));
    value.trim().parse().unwrap()
}

both! {
    async fn livez_and_readyz_answer(t: &Harness) {
        for path in ["/livez", "/readyz"] {
            let response = t.http.get(t.url(path)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
        }
    }

    async fn metrics_tell_of_requests_jobs_rows_and_connections(t: &Harness) {
        api::recorder().unwrap();
        let made = import_kit::create(t, json!({ "country": "US" }), "Email\nada@example.com\nnobody\n").await;
        import_kit::start(t, &made["id"], json!({ "matchBy": ["EMAIL"] })).await;
        let waiting = metrics(t).await;
        assert_eq!(figure(&waiting, "roster_jobs{kind=\"run_import\",state=\"waiting\"}"), 1.0, "{waiting}");
        t.drained().await;
        let done = metrics(t).await;
        assert_eq!(figure(&done, "roster_jobs{kind=\"run_import\",state=\"waiting\"}"), 0.0, "{done}");
        // Other tests of this process count here too.
        for (name, least) in [
            ("roster_import_rows_total{outcome=\"created\"}", 1.0),
            ("roster_import_rows_total{outcome=\"failed\"}", 1.0),
            ("roster_job_runs_total{kind=\"run_import\",outcome=\"done\"}", 1.0),
            ("roster_graphql_operations_total{kind=\"mutation\",outcome=\"ok\"}", 2.0),
            ("roster_http_requests_total{method=\"POST\",route=\"/graphql\",status=\"200\"}", 2.0),
            ("roster_http_request_duration_seconds_count{route=\"/graphql\"}", 2.0),
            ("roster_db_connections{state=\"idle\"}", 0.0),
            ("roster_db_statements", 1.0),
        ] {
            assert!(figure(&done, name) >= least, "{name}\n{done}");
        }
        for line in done.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let name = line.split(['{', ' ']).next().unwrap();
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            let described = [name, base].iter().any(|name| done.contains(&format!("# HELP {name} ")));
            assert!(described, "{name} has no help");
        }
    }

    async fn a_trace_goes_from_the_request_into_its_jobs(t: &Harness) {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let headers = HeaderMap::from_iter([(HeaderName::from_static("traceparent"), HeaderValue::from_static(trace))]);
        let http = reqwest::Client::builder().no_proxy().default_headers(headers).build().unwrap();
        let traced = Client { address: t.address, http };
        let waiting = import_kit::create(t, json!({ "country": "US" }), "Email\nada@example.com\n").await;
        let start = "mutation ($id: ID!) { startImport(input: { id: $id, matchBy: [EMAIL] }) { userErrors { code } } }";
        traced.data(&t.owner, start, json!({ "id": waiting["id"] })).await;
        // The file is taken in by a task of its own.
        let create = "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id status } userErrors { code } } }";
        let input = json!({ "input": { "country": "US", "matchBy": ["EMAIL"], "consentConfirmed": true, "start": true } });
        let made = traced.upload(&t.owner, create, input, "people.csv", "Email\nbob@example.com\n").await;
        assert_eq!(made["data"]["createImport"]["import"]["status"], "QUEUED", "{made:#}");
        let (table, job) = match t.db.backend() {
            DbBackend::Postgres => ("apalis.jobs", "convert_from(job, 'UTF8')"),
            _ => ("Jobs", "CAST(job AS text)"),
        };
        let sql = format!("SELECT {job} AS job FROM {table} WHERE status = 'Pending'");
        let rows = t.db.read().query_all_raw(Statement::from_string(t.db.backend(), sql)).await.unwrap();
        let traces = rows.iter().map(|row| {
            let job: Value = serde_json::from_str(&row.try_get::<String>("", "job").unwrap()).unwrap();
            job["traceparent"].clone()
        });
        assert_eq!(traces.collect::<Vec<_>>(), [trace, trace]);
        t.drained().await;
        let import = import_kit::import(t, &waiting["id"]).await;
        assert_eq!(import["status"], "COMPLETED");
    }

    async fn without_a_valid_token_there_is_no_answer(t: &Harness) {
        let mistyped = t.owner.replace("rst_", "rst-");
        let unknown = format!("rst_{}", "0".repeat(38));
        let headers = [None, Some(String::new()), Some(t.owner.clone()), Some(format!("Bearer {mistyped}")), Some(format!("Bearer {unknown}"))];
        for header in headers {
            let mut request = t.http.post(t.url("/graphql")).json(&json!({ "query": "{ __typename }" }));
            if let Some(header) = &header {
                request = request.header(AUTHORIZATION, header);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{header:?}");
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:#}");
            assert_eq!(answer.get("data"), None, "{answer:#}");
        }
    }
}
