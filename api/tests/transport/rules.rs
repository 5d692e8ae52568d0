//! Rules of validation that are Roster's own. `tests/clients` holds many more documents against the reference implementation.

use serde_json::{Value, json};

use crate::http;
use crate::toy::{Server, code, serve};

async fn ask(server: &Server, query: &str, variables: &Value) -> (u16, Value) {
    let body = json!({ "query": query, "variables": variables });
    let (status, body) = http::ask(server, http::RESPONSE, body).await;
    (status.as_u16(), body)
}

/// Documents, and what the message says of them.
const REFUSED: [(&str, &str); 11] = [
    (
        "{ people { id } people { id: relatives { id } } }",
        "Fields \"id\" conflict",
    ),
    (
        "{ a: people(first: 1) { id } ...F } fragment F on Query { a: people(first: 2) { id } }",
        "differing arguments",
    ),
    (
        "{ a: hello ... { a: viewer } }",
        "\"hello\" and \"viewer\" are different fields",
    ),
    (
        "query ($n: String) { people(first: $n) { id } }",
        "position expecting type \"Int!\"",
    ),
    (
        "query ($n: Int = null) { sum(of: [$n]) }",
        "position expecting type \"Int!\"",
    ),
    (
        "query ($n: [Int!]) { ...F } fragment F on Query { sum(of: $n) }",
        "position expecting type \"[Int!]!\"",
    ),
    (
        "query ($n: Int) { hello @skip(if: $n) }",
        "position expecting type \"Boolean!\"",
    ),
    (
        "query ($n: Int @skip(if: true)) { people(first: $n) { id } }",
        "VARIABLE_DEFINITION",
    ),
    (
        "mutation { attach(input: { file: null, file: null }) { size } }",
        "only one input field named \"file\"",
    ),
    (
        "mutation { attach(input: 3) { size } }",
        "\"Attachment\" is an object, and this is 3",
    ),
    (
        "mutation ($n: Attachment!) { attach(input: $n) { size } }",
        "\"Attachment\" is an object, and this is 3",
    ),
];

#[tokio::test]
async fn what_cannot_be_one_field_or_does_not_fit_is_refused() {
    let server = serve().await;
    for (query, because) in REFUSED {
        let (status, body) = ask(&server, query, &json!({ "n": 3 })).await;
        assert_eq!(
            (status, code(&body)),
            (400, "BAD_USER_INPUT"),
            "{query}: {body}"
        );
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(because), "{query}: {message}");
        assert_eq!(body.get("data"), None);
        assert!(
            body["errors"][0]["locations"][0]["column"].is_u64(),
            "{query}: {body}"
        );
    }
}

#[tokio::test]
async fn a_refusal_says_where() {
    let server = serve().await;
    for (query, locations) in [
        (
            "{\n  people { id }\n  people { id: relatives { id } }\n}",
            json!([{ "line": 2, "column": 12 }, { "line": 3, "column": 12 }]),
        ),
        (
            "mutation {\n e: attach(input: {\n  file: null,\n  file: null }) { size } }",
            json!([{ "line": 4, "column": 3 }]),
        ),
        (
            "query ($n: String) {\n  people(first: $n) { id } }",
            json!([{ "line": 2, "column": 17 }]),
        ),
    ] {
        let (_, body) = ask(&server, query, &json!({})).await;
        assert_eq!(body["errors"][0]["locations"], locations, "{query}: {body}");
    }
    // Of a large value only the beginning comes back.
    let large = format!(
        "mutation {{ attach(input: \"{}\") {{ size }} }}",
        "ä".repeat(30_000)
    );
    let (_, body) = ask(&server, &large, &json!({})).await;
    assert!(body.to_string().len() < 500, "{body}");
}

#[tokio::test]
async fn what_looks_like_it_and_is_allowed() {
    let server = serve().await;
    for query in [
        "{ people(first: 1) { id } ...F ...F } fragment F on Query { people(first: 1) { id relatives { id } } }",
        "query ($n: Int = 2) { people(first: $n) { id } }",
        "query ($n: Int!) { sum(of: [$n, 1]) people(first: $n) { id friends(first: $n) { id } } }",
        "query ($n: Int) { people(first: $n) { id friends(first: $n) { id } } }",
        "query A($n: Int!) { ...F } fragment F on Query { sum(of: [$n]) }",
    ] {
        let (status, body) = ask(&server, query, &json!({ "n": 3 })).await;
        assert_eq!((status, body.get("errors")), (200, None), "{query}: {body}");
    }
}
