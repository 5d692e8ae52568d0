//! Uploads: good ones, too large ones, hostile ones, and those that break off.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::toy::{Server, code, eventually, serve, serve_with};

const UPLOAD: &str =
    "mutation ($file: Upload!) { upload(file: $file) { fileName mediaType size truncated first } }";

fn operations(query: &str, variables: Value) -> String {
    json!({ "query": query, "variables": variables }).to_string()
}

fn form(map: Value) -> Form {
    Form::new()
        .text("operations", operations(UPLOAD, json!({ "file": null })))
        .text("map", map.to_string())
}

fn file(content: impl Into<Vec<u8>>) -> Part {
    Part::bytes(content.into())
        .file_name("people.csv")
        .mime_str("text/csv")
        .unwrap()
}

async fn send(server: &Server, form: Form) -> (u16, Value) {
    let response = server.post().multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn files_reach_their_resolvers() {
    let server = serve().await;
    let form = form(json!({ "0": ["variables.file"] })).part("0", file("hello, world"));
    let (status, body) = send(&server, form).await;
    assert_eq!(status, 200, "{body}");
    let stored = json!({ "fileName": "people.csv", "mediaType": "text/csv", "size": 12, "truncated": false, "first": "hello" });
    assert_eq!(body, json!({ "data": { "upload": stored } }));

    let query = "mutation ($a: [Upload!]!, $b: Attachment!) { uploadAll(files: $a) { first size } attach(input: $b) { fileName } }";
    let variables = json!({ "a": [null, null], "b": { "file": null } });
    let map = json!({ "x": ["variables.a.1", "variables.b.file"], "y": ["variables.a.0"] });
    let form = Form::new()
        .text("operations", operations(query, variables))
        .text("map", map.to_string())
        .part("y", file(vec![b'y'; 700_000]))
        .part("x", Part::bytes(&b"x"[..]).file_name("Übung \"1\".csv"));
    let (status, body) = send(&server, form).await;
    assert_eq!(status, 200, "{body}");
    let first = json!([{ "first": "yyyyy", "size": 700_000 }, { "first": "x", "size": 1 }]);
    assert_eq!(body["data"]["uploadAll"], first, "{body}");
    assert_eq!(body["data"]["attach"]["fileName"], "Übung \"1\".csv");
    eventually(|| server.has_no_files()).await;
}

#[tokio::test]
async fn too_large_is_said_to_the_resolver() {
    let server = serve_with(|settings| settings.max_drain = 2 << 20).await;
    // The last byte that fits, one too many, what is read to its end, what is not.
    for (size, stored, truncated, closes) in [
        (1 << 20, 1 << 20, false, false),
        ((1 << 20) + 1, 1 << 20, true, false),
        (3 << 20, 1 << 20, true, false),
        (12 << 20, 1 << 20, true, true),
    ] {
        let form = form(json!({ "0": ["variables.file"] })).part("0", file(vec![b'a'; size]));
        let response = server.post().multipart(form).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers().contains_key("connection"),
            closes,
            "{size}"
        );
        let body: Value = response.json().await.unwrap();
        let upload = &body["data"]["upload"];
        assert_eq!(upload["size"], stored, "{body}");
        assert_eq!(upload["truncated"], truncated, "{size}");
    }
    eventually(|| server.has_no_files()).await;
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "most of them are a table")]
async fn hostile_maps_are_refused() {
    let server = serve().await;
    let many: Value = (0..11)
        .map(|n| (n.to_string(), json!(["variables.file"])))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for map in [
        json!({ "0": ["file"] }),
        json!({ "0": ["variables"] }),
        json!({ "0": ["variables."] }),
        json!({ "0": ["variables.other"] }),
        json!({ "0": ["variables.file.0"] }),
        json!({ "0": ["0.variables.file"] }),
        json!({ "0": ["query"] }),
        json!({ "0": [] }),
        json!({ "0": "variables.file" }),
        json!({ "0": ["variables.file", "variables.file"] }),
        json!({ "0": ["variables.file"], "1": ["variables.file"] }),
        json!({ "1": ["variables.file"] }),
        json!({}),
        json!([]),
        many,
    ] {
        let form = form(map.clone()).part("0", file("a"));
        let (status, body) = send(&server, form).await;
        assert_eq!(status, 400, "{map}");
        assert_eq!(code(&body), "BAD_USER_INPUT", "{map}");
        assert!(body.get("data").is_none());
    }
    let filled = operations(UPLOAD, json!({ "file": "x" }));
    let map = json!({ "0": ["variables.file"] }).to_string();
    let empty = operations(UPLOAD, json!({ "file": null }));
    for form in [
        Form::new(),
        Form::new().text("operations", empty.clone()),
        Form::new()
            .text("map", map.clone())
            .text("operations", empty.clone()),
        Form::new()
            .part("0", file("a"))
            .text("operations", empty.clone()),
        Form::new()
            .text("operations", filled)
            .text("map", map.clone())
            .part("0", file("a")),
        Form::new().text("operations", "{").text("map", map.clone()),
        Form::new()
            .text("operations", format!("[{empty}]"))
            .text("map", map.clone()),
        form(json!({ "0": ["variables.file"] })),
        form(json!({ "0": ["variables.file"] }))
            .part("0", file("a"))
            .part("0", file("b")),
        form(json!({ "0": ["variables.file"] }))
            .part("0", file("a"))
            .part("1", file("b")),
    ] {
        let (status, body) = send(&server, form).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(code(&body), "BAD_USER_INPUT", "{body}");
    }
    let large = Form::new().text("operations", "x".repeat(2 << 20));
    assert_eq!(send(&server, large).await.0, 413);
    let large = Form::new()
        .text("operations", empty)
        .text("map", "x".repeat(200 << 10));
    assert_eq!(send(&server, large).await.0, 413);
    eventually(|| server.has_no_files()).await;
}

#[tokio::test]
async fn a_map_says_of_each_part_once_where_it_belongs() {
    let server = serve().await;
    // The second would take the place of the first, whose file nobody would miss.
    let twice = r#"{ "0": ["variables.file"], "0": ["variables.other"] }"#;
    let form = Form::new()
        .text(
            "operations",
            operations(UPLOAD, json!({ "file": null, "other": null })),
        )
        .text("map", twice)
        .part("0", file("a"));
    let (status, body) = send(&server, form).await;
    assert_eq!((status, code(&body)), (400, "BAD_USER_INPUT"), "{body}");
    assert!(
        body["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("twice"),
        "{body}"
    );
    eventually(|| server.has_no_files()).await;
}

#[tokio::test]
async fn ten_thousand_parts_are_refused_at_the_first_that_nobody_asked_for() {
    let server = serve().await;
    let body = (0..10_000).fold(beginning(), |body, number| {
        body + &format!(
            "\r\n--b\r\ncontent-disposition: form-data; name={number}; filename=a\r\n\r\n"
        )
    });
    let socket = begin(&server, body.len(), &body).await;
    let answer = answer(socket).await;
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("`0` is sent twice"),
        "{answer}"
    );
    let many: serde_json::Map<_, _> = (0..3_000)
        .map(|n| (n.to_string(), json!(["variables.file"])))
        .collect();
    let (status, body) = send(&server, form(many.into()).part("0", file("a"))).await;
    assert_eq!((status, code(&body)), (400, "BAD_USER_INPUT"), "{body}");
    eventually(|| server.has_no_files()).await;
}

#[tokio::test]
async fn a_placeholder_without_its_file_is_a_wrong_value() {
    let server = serve().await;
    for value in ["#__upload__:0", "#__upload__:x", "#__graphql_file__:0", "x"] {
        let body = json!({ "query": UPLOAD, "variables": { "file": value } });
        let response = server.post().json(&body).send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        assert_eq!(code(&body), "BAD_USER_INPUT", "{body}");
    }
}

/// Writes a request by hand; what follows the parts is up to the caller.
async fn begin(server: &Server, length: usize, parts: &str) -> TcpStream {
    let mut socket = TcpStream::connect(&server.address).await.unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\nconnection: close\r\ncontent-length: {length}\r\n\
         content-type: multipart/form-data; boundary=b\r\n\r\n{parts}"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

fn beginning() -> String {
    let disposition = "\r\ncontent-disposition: form-data; name=";
    let operations = operations(UPLOAD, json!({ "file": null }));
    format!(
        "--b{disposition}operations\r\n\r\n{operations}\r\n--b{disposition}map\r\n\r\n{{\"0\":[\"variables.file\"]}}\r\n\
         --b{disposition}0; filename=a.csv\r\n\r\nname,phone\r\n"
    )
}

async fn answer(mut socket: TcpStream) -> String {
    let mut answer = String::new();
    let read = socket.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(5), read)
        .await
        .unwrap()
        .unwrap();
    answer
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let server = serve().await;
    let socket = begin(&server, 1 << 20, &beginning()).await;
    eventually(|| !server.has_no_files()).await;
    assert_eq!(
        server.uploads.path().read_dir().unwrap().count(),
        0,
        "it has no name"
    );
    drop(socket);
    eventually(|| server.has_no_files()).await;

    // The whole length, but no last boundary.
    let parts = beginning();
    let socket = begin(&server, parts.len(), &parts).await;
    let answer = answer(socket).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("BAD_USER_INPUT"), "{answer}");
    eventually(|| server.has_no_files()).await;
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let server = serve_with(|settings| settings.idle_timeout = Duration::from_millis(200)).await;
    let socket = begin(&server, 1 << 20, &beginning()).await;
    let answer = answer(socket).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    eventually(|| server.has_no_files()).await;
}

#[tokio::test]
async fn headers_without_end_are_not_gathered() {
    let server = serve().await;
    for beginning in ["", "--b\r\ncontent-disposition: "] {
        let parts = beginning.to_owned() + &"x".repeat(1 << 20);
        let mut socket = begin(&server, 1 << 30, &parts).await;
        let mut answer = vec![0; 12];
        socket.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 400");
    }
}
