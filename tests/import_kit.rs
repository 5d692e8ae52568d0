//! The steps that the tests of imports have in common.

use crate::harness::{Harness, mock};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// What tests look at; within an import.
const FIELDS: &str = "id kind status fileName matchBy country
    inspection { encoding delimiter rowCount headers problems { field code message } }
    mapping { header column { key } newAttribute { key type } ignore }
    progress { done total } createdCount updatedCount unchangedCount failedCount duplicateCount discardedCount
    errors(first: 200) { nodes { row line header value code message cellDropped } }
    failure { code message header } failureMessage segmentName segment { id name contactCount { value } }
    channel { id } sourceFile { url } resultFile { url } failedRowsFile { url } createdByName startedAt finishedAt";

/// The first headers of a broadcast list.
pub(crate) const LIST: &str =
    "user.username,user.phone_no,user.email,user.first_name,user.last_name,user.title,user.account";

/// The whole answer to an upload. Consent is given unless `input` says otherwise.
pub(crate) async fn upload(
    t: &Harness,
    token: &str,
    mut input: Value,
    file: impl Into<Vec<u8>>,
) -> Value {
    if input.get("consentConfirmed").is_none() {
        input["consentConfirmed"] = true.into();
    }
    let query = format!(
        "mutation ($input: CreateImportInput!) {{ createImport(input: $input) {{
            import {{ {FIELDS} }} userErrors {{ field code message }} }} }}"
    );
    t.upload(token, &query, json!({ "input": input }), "a.csv", file)
        .await
}

/// Uploads a file that must be taken, and returns its import.
pub(crate) async fn create(t: &Harness, input: Value, file: impl Into<Vec<u8>>) -> Value {
    let mut answer = upload(t, &t.owner, input, file).await;
    let errors = &answer["data"]["createImport"]["userErrors"];
    assert_eq!(*errors, json!([]), "{answer:#}");
    answer["data"]["createImport"]["import"].take()
}

/// Starts an import; returns the payload, or the whole answer where it has errors.
pub(crate) async fn start(t: &Harness, id: &Value, mut input: Value) -> Value {
    input["id"] = id.clone();
    let query = format!(
        "mutation ($input: StartImportInput!) {{ startImport(input: $input) {{
            import {{ {FIELDS} }} userErrors {{ field code message }} }} }}"
    );
    t.data(&t.owner, &query, json!({ "input": input })).await["startImport"].take()
}

/// Cancels an import; returns the payload.
pub(crate) async fn cancel(t: &Harness, id: &Value) -> Value {
    let query = format!(
        "mutation ($id: ID!) {{ cancelImport(input: {{ id: $id }}) {{
            import {{ {FIELDS} }} userErrors {{ field code message }} }} }}"
    );
    t.data(&t.owner, &query, json!({ "id": id })).await["cancelImport"].take()
}

/// The import as it is now.
pub(crate) async fn import(t: &Harness, id: &Value) -> Value {
    let query = format!("query ($id: ID!) {{ import(id: $id) {{ {FIELDS} }} }}");
    t.data(&t.owner, &query, json!({ "id": id })).await["import"].take()
}

/// Starts an import that must be able to, and waits for its end.
pub(crate) async fn finish(t: &Harness, id: &Value, input: Value) -> Value {
    let payload = start(t, id, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    t.drained().await;
    let import = import(t, id).await;
    assert_eq!(import["status"], "COMPLETED", "{import:#}");
    let count = |of: &str| import[of].as_i64().unwrap();
    let outcomes: i64 = COUNTS.into_iter().map(count).sum();
    assert_eq!(import["progress"]["done"], outcomes, "{import:#}");
    assert_eq!(import["progress"]["total"], outcomes, "{import:#}");
    import
}

/// Uploads a file and imports it to its end.
pub(crate) async fn run(t: &Harness, input: Value, file: impl Into<Vec<u8>>) -> Value {
    let made = create(t, input, file).await;
    finish(t, &made["id"], json!({})).await
}

const COUNTS: [&str; 6] = [
    "createdCount",
    "updatedCount",
    "unchangedCount",
    "failedCount",
    "duplicateCount",
    "discardedCount",
];

/// Created, updated, unchanged, failed, duplicate, discarded.
pub(crate) fn counts(import: &Value) -> [i64; 6] {
    COUNTS.map(|of| import[of].as_i64().unwrap())
}

/// Row and code of each error.
pub(crate) fn codes(import: &Value) -> Vec<(i64, String)> {
    let errors = import["errors"]["nodes"].as_array().unwrap();
    let code = |error: &Value| {
        (
            error["row"].as_i64().unwrap(),
            error["code"].as_str().unwrap().to_owned(),
        )
    };
    errors.iter().map(code).collect()
}

/// One of the import's files, as text.
pub(crate) async fn file(t: &Harness, import: &Value, field: &str) -> String {
    let url = import[field]["url"].as_str();
    let url = url.unwrap_or_else(|| panic!("no {field}: {import:#}"));
    let (status, bytes) = t.download(url).await;
    assert_eq!(status, StatusCode::OK);
    String::from_utf8(bytes).unwrap()
}

/// All contacts, the oldest first, with the cells of these columns.
pub(crate) async fn table(t: &Harness, columns: &[&str]) -> Value {
    let query = "query ($columns: [String!]!) { contacts(first: 500, status: [ACTIVE, INACTIVE]) { rows(columns: $columns) } }";
    let data = t.data(&t.owner, query, json!({ "columns": columns })).await;
    // The newest come first, and those of one batch are of the same moment: their ids order them.
    let rows = data["contacts"]["rows"].as_array().unwrap();
    rows.iter().rev().cloned().collect()
}

/// Makes a contact; returns its id.
pub(crate) async fn contact(t: &Harness, fields: Value) -> Value {
    let query =
        "mutation ($contact: ContactFieldsInput!) { createContact(input: { contact: $contact }) {
        contact { id } userErrors { field code message } } }";
    let data = t.data(&t.owner, query, json!({ "contact": fields })).await;
    assert_eq!(data["createContact"]["userErrors"], json!([]));
    data["createContact"]["contact"]["id"].clone()
}

/// Makes a channel that is READY; returns its id.
pub(crate) async fn channel(t: &Harness, kind: &str, name: &str) -> Value {
    let id = unverified_channel(t, kind, name).await;
    verify_channel(t, &id).await;
    id
}

/// Makes a channel as it is at first; returns its id.
pub(crate) async fn unverified_channel(t: &Harness, kind: &str, name: &str) -> Value {
    let query = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } userErrors { code } } }";
    let input = json!({
        "kind": kind, "provider": "HTTP", "name": name,
        "settings": { "baseUrl": format!("{}/http", mock::url()) }, "credentials": { "signingSecret": mock::SIGNING_SECRET }
    });
    let data = t.data(&t.owner, query, json!({ "input": input })).await;
    assert_eq!(data["createChannel"]["userErrors"], json!([]));
    data["createChannel"]["channel"]["id"].clone()
}

/// Has the provider asked whether a channel works, which it does.
pub(crate) async fn verify_channel(t: &Harness, id: &Value) {
    let query = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status lastError } userErrors { code } } }";
    let data = t.data(&t.owner, query, json!({ "id": id })).await;
    let ready = json!({ "channel": { "status": "READY", "lastError": null }, "userErrors": [] });
    assert_eq!(data["verifyChannel"], ready);
}

/// Switches a channel off.
pub(crate) async fn disable_channel(t: &Harness, id: &Value) {
    let query = "mutation ($id: ID!) { updateChannel(input: { id: $id, disabled: true }) { channel { status } userErrors { code } } }";
    let data = t.data(&t.owner, query, json!({ "id": id })).await;
    assert_eq!(data["updateChannel"]["channel"]["status"], "DISABLED");
}

/// Makes an attribute.
pub(crate) async fn attribute(t: &Harness, key: &str, kind: &str) {
    let query = "mutation ($key: String!, $type: AttributeType!) {
        createAttribute(input: { key: $key, type: $type }) { userErrors { code } } }";
    let data = t
        .data(&t.owner, query, json!({ "key": key, "type": kind }))
        .await;
    assert_eq!(data["createAttribute"]["userErrors"], json!([]));
}

/// A file whose lines end as Windows ends them.
pub(crate) fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}
