//! The steps that the tests of exports have in common.

use crate::harness::Harness;
use reqwest::StatusCode;
use serde_json::{Value, json};

const FIELDS: &str = "id status failureMessage columns { key } format progress { done total } rowCount snapshotAt sha256
    file { name size mediaType url } createdBy { name } createdByName startedAt finishedAt";

/// Asks for an export; returns the whole answer.
pub(crate) async fn ask(t: &Harness, token: &str, input: Value) -> Value {
    let query = format!(
        "mutation ($input: ExportContactsInput!) {{ exportContacts(input: $input) {{
            export {{ {FIELDS} }} userErrors {{ field code message }} }} }}"
    );
    t.graphql(token, &query, json!({ "input": input })).await
}

/// The export as it is now.
pub(crate) async fn export(t: &Harness, token: &str, id: &Value) -> Value {
    let query = format!("query ($id: ID!) {{ node(id: $id) {{ ... on Export {{ {FIELDS} }} }} }}");
    t.data(token, &query, json!({ "id": id })).await["node"].take()
}

/// Waits for an export's end.
pub(crate) async fn ended(t: &Harness, id: &Value) -> Value {
    t.work();
    // By subscription, which ends with it: the state it began with is the first event, the last one the end.
    let query = "subscription ($id: ID!) { exportProgress(id: $id) { status } }";
    let mut watching = t.subscribe(&t.owner, query, json!({ "id": id })).await;
    while watching.next().await.is_some() {}
    export(t, &t.owner, id).await
}

/// Makes an export that must be taken, to its end.
pub(crate) async fn made(t: &Harness, input: Value) -> Value {
    let answer = ask(t, &t.owner, input).await;
    let payload = &answer["data"]["exportContacts"];
    assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
    let ended = ended(t, &payload["export"]["id"]).await;
    assert_eq!(ended["status"], "COMPLETED", "{ended:#}");
    ended
}

/// The file.
pub(crate) async fn bytes(t: &Harness, export: &Value) -> Vec<u8> {
    let url = export["file"]["url"].as_str();
    let url = url.unwrap_or_else(|| panic!("no file: {export:#}"));
    let (status, bytes) = t.download(url).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(export["file"]["size"].as_f64().unwrap(), bytes.len() as f64);
    bytes
}

/// The file, as text.
pub(crate) async fn file(t: &Harness, export: &Value) -> String {
    String::from_utf8(bytes(t, export).await).unwrap()
}
