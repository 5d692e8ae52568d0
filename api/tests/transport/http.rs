//! Status codes, media types and the shape of errors over plain HTTP.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::toy::{Server, code, serve, serve_with};

pub(crate) const RESPONSE: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

pub(crate) async fn ask(server: &Server, accept: &str, body: Value) -> (StatusCode, Value) {
    let request = server.post().header("accept", accept).json(&body);
    let response = request.send().await.unwrap();
    let content_type = content_type(&response);
    assert_eq!(content_type, format!("{accept}; charset=utf-8"));
    (response.status(), response.json().await.unwrap())
}

fn content_type(response: &Response) -> &str {
    response.headers()["content-type"].to_str().unwrap()
}

async fn refused(request: reqwest::RequestBuilder, status: u16, code_expected: &str) -> Response {
    let response = request.send().await.unwrap();
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(content_type(&response), "application/json; charset=utf-8");
    let headers = response.headers().clone();
    let body: Value = response.json().await.unwrap();
    assert_eq!(code(&body), code_expected, "{body}");
    assert!(body.get("data").is_none(), "{body}");
    let mut answer = axum::http::Response::new("");
    *answer.headers_mut() = headers;
    answer.into()
}

#[tokio::test]
async fn a_query_is_answered() {
    let server = serve().await;
    for accept in [RESPONSE, JSON] {
        let (status, body) = ask(
            &server,
            accept,
            json!({ "query": "{ viewer a: fresh b: fresh }" }),
        )
        .await;
        assert_eq!(status, 200);
        let fresh = [&body["data"]["a"], &body["data"]["b"]];
        assert_eq!(body["data"]["viewer"], "Ada");
        assert!(
            fresh.contains(&&json!(0)) && fresh.contains(&&json!(1)),
            "{body}"
        );
        assert!(body.get("errors").is_none());
    }
    let response = server.get(&[
        (
            "query",
            "query Q($n: String!) { hello(name: $n) } query R { viewer }",
        ),
        ("operationName", "Q"),
        ("variables", r#"{"n":"Grüße"}"#),
    ]);
    let response = response.send().await.unwrap();
    assert_eq!(content_type(&response), "application/json; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({ "data": { "hello": "hello Grüße" } }));
}

#[tokio::test]
async fn request_errors_have_no_data_and_their_status_depends_on_the_media_type() {
    let server = serve().await;
    for body in [
        json!({ "query": "{" }),
        json!({ "query": "" }),
        json!({ "query": "{ nothing }" }),
        json!({ "query": "query ($n: Int!) { __typename }", "variables": { "n": null } }),
        json!({ "query": "query ($n: String!) { hello(name: $n) }", "variables": { "n": 3 } }),
        json!({ "query": "query A { hello } query B { hello }" }),
        json!({ "query": "query A { hello }", "operationName": "B" }),
        json!({ "query": "query ($n: String!) { hello(name: $n) }" }),
        json!({ "query": "query ($n: String! = \"Ada\") { hello(name: $n) }", "variables": { "n": null } }),
    ] {
        let (status, answer) = ask(&server, RESPONSE, body.clone()).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
        assert!(answer.get("data").is_none(), "{answer}");
        let (status, answer) = ask(&server, JSON, body.clone()).await;
        assert_eq!(status, 200, "{body}");
        assert!(answer.get("data").is_none(), "{answer}");
    }
}

#[tokio::test]
async fn a_missing_variable_is_named_and_a_default_stands_in_for_it() {
    let server = serve().await;
    let query = json!({ "query": "query ($n: String!, $l: [Int!]!) { hello(name: $n) sum(of: $l) }", "variables": { "l": null } });
    let (_, body) = ask(&server, RESPONSE, query).await;
    let errors = body["errors"].as_array().unwrap();
    let messages: Vec<_> = errors.iter().map(|error| &error["message"]).collect();
    let expected = [
        "Variable \"$n\" of required type \"String!\" was not provided.",
        "Variable \"$l\" of non-null type \"[Int!]!\" must not be null.",
    ];
    assert_eq!(messages, expected);
    let query = json!({ "query": "query ($n: String! = \"Ada\") { hello(name: $n) }" });
    let (_, body) = ask(&server, RESPONSE, query).await;
    assert_eq!(body["data"], json!({ "hello": "hello Ada" }));
}

#[tokio::test]
async fn what_nests_without_end_is_refused_before_it_is_read() {
    let server = serve().await;
    let within =
        |open: &str, close: &str, levels: usize| open.repeat(levels) + "1" + &close.repeat(levels);
    let literal =
        |levels| json!({ "query": format!("{{ hello(name: {}) }}", within("[", "]", levels)) });
    let object =
        |levels| json!({ "query": format!("{{ hello(name: {}) }}", within("{a:", "}", levels)) });
    let default = |levels| json!({ "query": format!("query ($n: String = {}) {{ hello }}", within("[", "]", levels)) });
    let fields =
        |levels| json!({ "query": format!("{}{}", "{a".repeat(levels), "}".repeat(levels)) });
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let variable = |levels: usize| {
        let query = "query ($n: String) { hello(name: $n) }";
        json!({ "query": query, "variables": { "n": nested(levels) } })
    };
    for body in [literal(50), object(50), default(50), variable(50)] {
        let (_, answer) = ask(&server, RESPONSE, body.clone()).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{body}");
    }
    for body in [
        literal(100),
        literal(100_000),
        object(100),
        object(50_000),
        default(100_000),
        fields(100),
        fields(100_000),
        variable(100),
    ] {
        let request = server.post().header("accept", RESPONSE).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 400);
        assert_eq!(code(&answer.json().await.unwrap()), "LIMIT_EXCEEDED");
    }
    let (status, _) = ask(&server, RESPONSE, json!({ "query": "{ hello }" })).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn errors_of_fields_keep_their_data_and_have_codes() {
    let server = serve().await;
    let query = json!({ "query": "{ hello broken }" });
    let (status, body) = ask(&server, RESPONSE, query).await;
    assert_eq!(status, 200);
    assert_eq!(
        body["data"],
        json!({ "hello": "hello world", "broken": null })
    );
    assert_eq!(code(&body), "INTERNAL");
    assert_eq!(body["errors"][0]["message"], "internal error");
    assert_eq!(body["errors"][0]["path"], json!(["broken"]));
    assert_eq!(body["errors"][0]["extensions"]["requestId"], "r1");

    let (status, body) = ask(&server, RESPONSE, json!({ "query": "{ forbidden }" })).await;
    assert_eq!(status, 200, "fields were executed");
    assert_eq!(body["data"], Value::Null);
    assert!(body.as_object().unwrap().contains_key("data"));
    assert_eq!(code(&body), "FORBIDDEN");
    assert_eq!(body["errors"][0]["message"], "not yours");

    let query = json!({ "query": r#"{ year(at: "tomorrow") }"# });
    let (_, body) = ask(&server, RESPONSE, query).await;
    assert_eq!(code(&body), "BAD_USER_INPUT", "{body}");

    for accept in [RESPONSE, JSON] {
        let (status, body) = ask(&server, accept, json!({ "query": "{ panics }" })).await;
        assert_eq!(status, 500);
        assert_eq!(code(&body), "INTERNAL");
        assert!(body.get("data").is_none());
    }
}

#[tokio::test]
async fn broken_requests_are_refused_in_the_shape_of_graphql() {
    let server = serve().await;
    for body in [
        r#"{ "not"#,
        "",
        "3",
        "\"{ hello }\"",
        r#"[{"query":"{ hello }"}]"#,
        r#"{"query":3}"#,
        r#"{"qeury":"{ hello }"}"#,
        r#"{"query":"{ hello }","variables":[]}"#,
        r#"{"query":"{ hello }","operationName":1}"#,
        r#"{"query":"{ hello }","extensions":"x"}"#,
    ] {
        let request = server.post().header("content-type", JSON).body(body);
        refused(request, 400, "BAD_USER_INPUT").await;
    }
    let bytes = b"{\"query\":\"{ hello(name: \\\"\xff\\\") }\"}".to_vec();
    let request = server.post().header("content-type", JSON).body(bytes);
    refused(request, 400, "BAD_USER_INPUT").await;
    for query in [
        &[("quarry", "{ hello }")][..],
        &[("query", "{ hello }"), ("variables", "{")],
        &[("query", "{ hello }"), ("variables", "3")],
        &[("query", "{ hello }"), ("query", "{ viewer }")],
    ] {
        refused(server.get(query), 400, "BAD_USER_INPUT").await;
    }
}

#[tokio::test]
async fn content_type_must_be_json_in_utf8() {
    let server = serve().await;
    let body = r#"{"query":"{ hello }"}"#;
    refused(server.post().body(body), 415, "BAD_USER_INPUT").await;
    for content_type in [
        "text/plain",
        "application/graphql",
        "application/json; charset=latin1",
    ] {
        let request = server.post().header("content-type", content_type);
        refused(request.body(body), 415, "BAD_USER_INPUT").await;
    }
    let compressed = server.post().header("content-type", "application/json");
    let compressed = compressed.header("content-encoding", "gzip");
    refused(compressed.body(body), 415, "BAD_USER_INPUT").await;
    for content_type in ["Application/JSON", "application/json;charset=\"UTF-8\""] {
        let request = server.post().header("content-type", content_type);
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), 200, "{content_type}");
    }
}

#[tokio::test]
async fn methods() {
    let server = serve().await;
    let mutation = [("query", r#"mutation { rename(name: "x") }"#)];
    let answer = refused(server.get(&mutation), 405, "BAD_USER_INPUT").await;
    assert_eq!(answer.headers()["allow"], "POST");
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let request = reqwest::Client::new().request(method, server.url());
        let answer = refused(request, 405, "BAD_USER_INPUT").await;
        assert_eq!(answer.headers()["allow"], "GET, POST");
    }
    let subscription = json!({ "query": "subscription { count(to: 1) }" });
    refused(server.post().json(&subscription), 400, "BAD_USER_INPUT").await;
    let request = server.post().header("accept", "text/html");
    refused(request.json(&subscription), 406, "BAD_USER_INPUT").await;
}

#[tokio::test]
async fn only_known_callers() {
    let server = serve().await;
    let client = reqwest::Client::new();
    for request in [
        client.post(server.url()).body("{"),
        client
            .post(server.url())
            .header("authorization", "Bearer bad"),
        client.get(server.url()),
        client
            .post(server.url())
            .multipart(reqwest::multipart::Form::new().text("operations", "{}")),
    ] {
        let answer = refused(request, 401, "UNAUTHENTICATED").await;
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    }
    let request = client.post(server.url());
    refused(
        request.header("authorization", "Bearer later"),
        503,
        "UNAVAILABLE",
    )
    .await;
    // The answer reaches a client that is still sending.
    let request = client.post(server.url()).body(vec![b'x'; 4 << 20]);
    let answer = refused(request, 401, "UNAUTHENTICATED").await;
    assert_eq!(answer.headers()["connection"], "close");
}

#[tokio::test]
async fn large_and_stalled_bodies() {
    let server =
        serve_with(|settings| settings.idle_timeout = std::time::Duration::from_millis(200));
    let server = server.await;
    let body = json!({ "query": format!("{{ hello }} #{}", "x".repeat(2 << 20)) }).to_string();
    let request = server
        .post()
        .header("content-type", JSON)
        .body(body.clone());
    refused(request, 413, "LIMIT_EXCEEDED").await;
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>(body)]);
    let body = reqwest::Body::wrap_stream(pieces);
    let request = server.post().header("content-type", JSON).body(body);
    refused(request, 413, "LIMIT_EXCEEDED").await;
    let stalled = futures_util::stream::pending::<Result<String, std::io::Error>>();
    let body = reqwest::Body::wrap_stream(stalled);
    let request = server.post().header("content-type", JSON).body(body);
    refused(request, 408, "BAD_USER_INPUT").await;
}
