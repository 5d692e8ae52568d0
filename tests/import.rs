//! The first whole path: a file goes in, is watched, and comes back with what was wrong.

use crate::harness::{Harness, both};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The file of the README's first five minutes.
const CSV: &str = include_str!("../examples/contacts.csv");

const CREATE: &str = "mutation ($input: CreateImportInput!) { createImport(input: $input) {
    import { id status inspection { encoding delimiter rowCount } mapping { header column { key } } }
    userErrors { field code message } } }";

const START: &str = "mutation ($input: StartImportInput!) { startImport(input: $input) {
    import { status } userErrors { field code message } } }";

const WATCH: &str = "subscription ($id: ID!) { importProgress(id: $id) {
    status progress { done total } createdCount updatedCount unchangedCount failedCount duplicateCount } }";

/// Uploads the file; returns the import.
async fn upload(t: &Harness) -> Value {
    let input = json!({ "input": { "country": "US", "consentConfirmed": true } });
    let answer = t.upload(&t.owner, CREATE, input, "contacts.csv", CSV).await;
    let payload = &answer["data"]["createImport"];
    assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
    payload["import"].clone()
}

async fn start(t: &Harness, id: &Value, mapping: Value) {
    let input = json!({ "input": { "id": id, "matchBy": ["EMAIL"], "mapping": mapping } });
    let data = t.data(&t.owner, START, input).await;
    let expected = json!({ "import": { "status": "QUEUED" }, "userErrors": [] });
    assert_eq!(data["startImport"], expected);
}

/// The five columns that nobody recognises, as new attributes.
fn new_attributes() -> Value {
    let attributes = [
        ("City", "city", "TEXT"),
        ("Plan", "plan", "TEXT"),
        ("Seats", "seats", "NUMBER"),
        ("Customer Since", "customer_since", "DATE"),
        ("Newsletter", "newsletter", "BOOLEAN"),
    ];
    let new = |(header, key, kind)| json!({ "header": header, "newAttribute": { "key": key, "type": kind } });
    attributes.map(new).into_iter().collect()
}

/// The same columns, once the attributes are there.
fn old_attributes() -> Value {
    let mut mapping = new_attributes();
    for entry in mapping.as_array_mut().unwrap() {
        let key = entry["newAttribute"]["key"].as_str().unwrap().to_owned();
        *entry = json!({ "header": entry["header"], "column": format!("attr.{key}") });
    }
    mapping
}

/// The last state that somebody who watches sees.
async fn end(t: &Harness, id: &Value) -> Value {
    let mut watching = t.subscribe(&t.manager, WATCH, json!({ "id": id })).await;
    t.work();
    let heard = watching
        .until(|event| event["data"]["importProgress"]["status"] == "COMPLETED")
        .await;
    heard.last().unwrap()["data"]["importProgress"].clone()
}

both! {
    async fn a_file_goes_in_and_says_what_was_wrong(t: &Harness) {
        let import = upload(t).await;
        assert_eq!(import["status"], "INSPECTED");
        assert_eq!(import["inspection"], json!({ "encoding": "UTF-8", "delimiter": ",", "rowCount": 20 }));
        assert_eq!(import["mapping"][0], json!({ "header": "First Name", "column": { "key": "firstName" } }));
        let id = &import["id"];
        start(t, id, new_attributes()).await;
        let done = json!({
            "status": "COMPLETED", "progress": { "done": 20, "total": 20 },
            "createdCount": 13, "updatedCount": 0, "unchangedCount": 0, "failedCount": 6, "duplicateCount": 1,
        });
        assert_eq!(end(t, id).await, done);
        t.drained().await;

        let query = "{ contacts(first: 2, orderBy: [{ column: \"attr.seats\", direction: DESC }]) {
            totalCount { value } rows(columns: [\"name\", \"attr.seats\", \"attr.customer_since\"]) } }";
        let contacts = t.data(&t.owner, query, json!({})).await["contacts"].clone();
        assert_eq!(contacts["totalCount"]["value"], 13);
        assert_eq!(contacts["rows"][0], json!(["Mei Tanaka", 320, "2018-04-02"]));

        let query = "query ($id: ID!) { import(id: $id) {
            errors { nodes { row code } } resultFile { url } failedRowsFile { url } } }";
        let import = t.data(&t.owner, query, json!({ "id": id })).await["import"].clone();
        let errors = import["errors"]["nodes"].as_array().unwrap();
        assert_eq!(errors.len(), 7, "{errors:#?}");
        let (status, file) = t.download(import["resultFile"]["url"].as_str().unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        let file = String::from_utf8(file).unwrap();
        assert_eq!(file.lines().count(), 21);
        assert!(file.starts_with("\u{feff}First Name,"));
        assert!(file.contains("[PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER]"));
        let (_, file) = t.download(import["failedRowsFile"]["url"].as_str().unwrap()).await;
        assert_eq!(String::from_utf8(file).unwrap().lines().count(), 7);
    }

    async fn the_same_file_again_changes_nothing(t: &Harness) {
        let first = upload(t).await;
        start(t, &first["id"], new_attributes()).await;
        t.drained().await;
        let second = upload(t).await;
        start(t, &second["id"], old_attributes()).await;
        let end = end(t, &second["id"]).await;
        assert_eq!((&end["createdCount"], &end["updatedCount"], &end["unchangedCount"]), (&json!(0), &json!(0), &json!(13)));
        t.drained().await;
    }

    async fn a_link_that_was_changed_opens_nothing(t: &Harness) {
        let (status, _) = t.download(&t.url("/files/eyJrIjoieCJ9.AAAA")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}
