//! Documents that ask for too much are refused before anything runs, and soon.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::toy::{Server, code, serve, serve_with};

/// How long a refusal may take, in a debug build beside other tests.
const SOON: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2_000 } else { 50 });

async fn ask(server: &Server, body: &Value) -> (u16, Value) {
    let answer = server.post().json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The message with which a document is refused; it must come soon, as LIMIT_EXCEEDED.
async fn refused(server: &Server, query: &str, variables: Value) -> String {
    let begun = Instant::now();
    let (status, body) = ask(server, &json!({ "query": query, "variables": variables })).await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!((status, code(&body)), (400, "LIMIT_EXCEEDED"), "{body}");
    assert_eq!(body.get("data"), None);
    body["errors"][0]["message"].as_str().unwrap().to_owned()
}

async fn allowed(server: &Server, query: &str, variables: Value) {
    let (status, body) = ask(server, &json!({ "query": query, "variables": variables })).await;
    assert_eq!((status, body.get("errors")), (200, None), "{body}");
}

#[tokio::test]
async fn hostile_documents_are_refused_soon() {
    let server = serve().await;
    let aliases: String = (0..5_000).map(|n| format!("a{n}: hello ")).collect();
    let message = refused(&server, &format!("{{ {aliases} }}"), json!({})).await;
    assert!(message.contains("tokens"), "{message}");
    let aliases: String = (0..201).map(|n| format!("a{n}: hello ")).collect();
    let message = refused(&server, &format!("{{ {aliases} }}"), json!({})).await;
    assert!(message.contains("201 aliases: 200"), "{message}");
    let deep = format!(
        "{{ people {}{}}}",
        "{ friends ".repeat(200),
        "}".repeat(200)
    );
    assert!(refused(&server, &deep, json!({})).await.contains("nest"));
    let deep = format!(
        "{{ people {} {{ id }} {}}}",
        "{ friends(first: 1) ".repeat(20),
        "}".repeat(20)
    );
    let message = refused(&server, &deep, json!({})).await;
    assert!(message.contains("22 levels deep: 20"), "{message}");
    let long = format!("{{ hello }} #{}", "x".repeat(1_000_000));
    assert!(refused(&server, &long, json!({})).await.contains("bytes"));
    let huge = refused(&server, "{ people(first: 2147483647) { id } }", json!({})).await;
    assert!(huge.contains("costs 2147483648 fields"), "{huge}");
    let many = "query ($n: Int!) { people(first: $n) { id } }";
    refused(&server, many, json!({ "n": 2_147_483_647 })).await;
    allowed(&server, many, json!({ "n": 500 })).await;
    let nested = "{ people(first: 500) { friends(first: 500) { id } } }";
    refused(&server, nested, json!({})).await;
    allowed(
        &server,
        "{ people(first: 500) { friends { id } } }",
        json!({}),
    )
    .await;
    let directives = "@skip(if: false) ".repeat(101);
    let message = refused(&server, &format!("{{ hello {directives} }}"), json!({})).await;
    assert!(message.contains("101 directives"), "{message}");
    let list = "query ($of: [Int!]!) { sum(of: $of) }";
    let message = refused(&server, list, json!({ "of": vec![1; 20_001] })).await;
    assert!(message.contains("20001 entries"), "{message}");
    allowed(&server, list, json!({ "of": vec![1; 20_000] })).await;
}

/// What validation would read again and again, or what hides from a look at the text.
#[tokio::test]
async fn documents_that_are_dear_to_validate_are_refused_soon() {
    let server = serve().await;
    // The parser takes a block without an end for an empty string.
    let hidden = format!("{{ sum(of: [\"\"\"x\" {}", "[".repeat(90_000));
    let rescanned = format!("{{ hello(name: \"\"\"x\"{}", " \\\"\"\"x\"".repeat(12_000));
    let unknown = format!("mutation {{ {} }}", "nameThatIsNot ".repeat(4_900));
    let arguments: String = (0..3_000).map(|n| format!("a{n}: 1 ")).collect();
    let arguments = format!("{{ hello({arguments}) }}");
    let twice = format!("query ({}) {{ hello }}", "$v: [Int!] ".repeat(1_300));
    let again = format!("query ($v: [Int!]) {{ sum({}) }}", "of: $v ".repeat(2_400));
    for query in [
        &hidden,
        &rescanned,
        &unknown,
        &arguments,
        &twice,
        &again,
        "query ($v: [Nope] = [1]) { hello }",
    ] {
        let variables = json!({ "v": vec![1; 20_000] });
        let begun = Instant::now();
        let (status, body) = ask(&server, &json!({ "query": query, "variables": variables })).await;
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        assert_eq!(
            (status < 500, code(&body)),
            (true, "BAD_USER_INPUT"),
            "{body}"
        );
        assert!(body.to_string().len() < 500, "{body}");
    }
    let many = format!("query ($v: [Int!]!) {{ {} }}", "sum(of: $v) ".repeat(60));
    let message = refused(&server, &many, json!({ "v": vec![1; 20_000] })).await;
    assert!(message.contains("1000000 values"), "{message}");
    // All operations are validated, whichever runs.
    let pages: String = (0..50)
        .map(|n| format!("query Q{n} {{ people(first: 9000) {{ id }} }} "))
        .collect();
    let (_, body) = ask(&server, &json!({ "query": pages, "operationName": "Q0" })).await;
    assert_eq!(code(&body), "LIMIT_EXCEEDED", "{body}");
}

#[tokio::test]
async fn lists_and_defaults_count_as_much_as_they_bring() {
    let server = serve().await;
    let default = "query ($n: Int = 500) { people(first: $n) { friends(first: $n) { id } } }";
    refused(&server, default, json!({})).await;
    allowed(&server, default, json!({ "n": 5 })).await;
    let plain = "{ people(first: 1) { relatives { relatives { relatives { relatives { relatives { relatives { id } } } } } } } }";
    let message = refused(&server, plain, json!({})).await;
    assert!(message.contains("costs 1111112 fields"), "{message}");
    allowed(
        &server,
        "{ people { relatives { relatives { id } } } }",
        json!({}),
    )
    .await;
    let schema =
        "{ __type(name: \"Person\") { fields { type { fields { type { fields { name } } } } } } }";
    let message = refused(&server, schema, json!({})).await;
    assert!(message.contains("3 lists of the schema"), "{message}");
    allowed(&server, "{ __schema { types { name fields { name args { name } type { name ofType { name } } } } } }", json!({})).await;
}

#[tokio::test]
async fn fragments_that_unfold_without_end_are_refused_soon() {
    let server = serve().await;
    let doubling: String = (0..60)
        .map(|n| format!("fragment F{n} on Person {{ ...F{0} ...F{0} }} ", n + 1))
        .collect();
    let bomb = format!("{{ people {{ ...F0 }} }} {doubling} fragment F60 on Person {{ a: id }}");
    refused(&server, &bomb, json!({})).await;
    // A page of no entries is validated like any other.
    let empty: String = (0..9)
        .map(|n| {
            let inside = format!("friends(first: 0) {{ ...F{} }} ", n + 1).repeat(30);
            format!("fragment F{n} on Person {{ {inside} }} ")
        })
        .collect();
    let empty = format!("{{ people {{ ...F0 }} }} {empty} fragment F9 on Person {{ id }}");
    assert!(refused(&server, &empty, json!({})).await.contains("costs"));
    let begun = Instant::now();
    for cyclic in [
        "{ people { ...A } } fragment A on Person { id ...A }",
        "{ people { ...A } } fragment A on Person { friends { ...B } } fragment B on Person { friends { ...A } }",
    ] {
        let (_, body) = ask(&server, &json!({ "query": cyclic })).await;
        assert_eq!(code(&body), "BAD_USER_INPUT", "{body}");
        assert_eq!(body.get("data"), None);
    }
    // One that nobody spreads is for validation to refuse.
    let unused = "{ hello } fragment A on Person { ...B } fragment B on Person { ...A }";
    let (_, body) = ask(&server, &json!({ "query": unused })).await;
    assert_eq!(code(&body), "BAD_USER_INPUT", "{body}");
    assert!(begun.elapsed() < 3 * SOON, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn every_limit_is_a_setting() {
    let server = serve_with(|settings| {
        settings.limits.aliases = 1;
        settings.limits.depth = 1;
        settings.limits.directives = 0;
        settings.limits.complexity = 3;
        settings.limits.list = 2;
    })
    .await;
    allowed(&server, "{ a: hello hello }", json!({})).await;
    refused(&server, "{ a: hello b: hello }", json!({})).await;
    refused(&server, "{ people { id } }", json!({})).await;
    refused(&server, "{ hello @skip(if: false) }", json!({})).await;
    refused(
        &server,
        "{ hello ... @skip(if: false) { viewer } }",
        json!({}),
    )
    .await;
    refused(&server, "query @skip(if: false) { hello }", json!({})).await;
    refused(&server, "{ hello viewer fresh a: hello }", json!({})).await;
    refused(&server, "{ sum(of: [1, 2, 3]) }", json!({})).await;
    // Of two operations in one document both must be allowed.
    refused(
        &server,
        "query A { hello } query B { people { id } }",
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn the_schema_can_be_kept_back() {
    let server = serve_with(|settings| settings.limits.introspection = false).await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ hello ...F } fragment F on Query { __type(name: \"Query\") { name } }",
    ] {
        let (_, body) = ask(&server, &json!({ "query": query })).await;
        assert_eq!(code(&body), "BAD_USER_INPUT");
        assert!(
            body["errors"][0]["message"]
                .as_str()
                .unwrap()
                .contains("introspection"),
            "{body}"
        );
    }
    allowed(&server, "{ __typename people { __typename } }", json!({})).await;
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_ended() {
    let server = serve_with(|settings| settings.request_timeout = Duration::from_millis(50)).await;
    let (status, body) = ask(&server, &json!({ "query": "{ slow }" })).await;
    assert_eq!((status, code(&body)), (503, "TIMEOUT"), "{body}");
    assert_eq!(body["errors"][0]["extensions"]["requestId"], "r1");
    assert_eq!(body.get("data"), None);
    assert_eq!(
        server.probe.ended.load(std::sync::atomic::Ordering::SeqCst),
        1
    );
    allowed(&server, "{ hello }", json!({})).await;
}
