//! An export: of those whom a filter chooses, and on its way round, which changes nothing.

use super::surface::{Answer, Question};
use crate::{export_kit, harness::Harness, import_kit};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whom the file names.
pub(super) async fn surface(t: &Harness, question: &Question) -> Answer {
    let matching = json!({ "filter": question.filter, "status": question.status });
    let input = json!({ "contacts": { "matching": matching }, "columns": ["attr.no"], "orderBy": question.order });
    let answer = export_kit::ask(t, &t.owner, input).await;
    if !answer["errors"].is_null() {
        return Err(answer.to_string());
    }
    let export = export_kit::ended(t, &answer["data"]["exportContacts"]["export"]["id"]).await;
    if export["status"] != "COMPLETED" {
        return Err(export.to_string());
    }
    let file = export_kit::file(t, &export).await;
    let mut found = BTreeSet::new();
    for no in file.lines().skip(1) {
        if !found.insert(no.to_owned()) {
            return Err(format!("{no} comes twice"));
        }
    }
    if export["rowCount"] == found.len() {
        Ok(found)
    } else {
        Err(format!("{export} has {} rows", found.len()))
    }
}

/// Exports everyone, in both formats, and those whom the address of their first channel tells apart, and imports the files: nobody changes.
pub(super) async fn round_trip(t: &Harness, first_channel: &str) {
    let everyone = json!({ "status": ["ACTIVE", "INACTIVE"] });
    let on_channel = json!({ "status": ["ACTIVE", "INACTIVE"], "filter": { "channels": { "anyOf": [first_channel] } } });
    let columns: Vec<Value> = t.data(&t.owner, "{ columns { key } }", json!({})).await["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["key"].clone())
        .collect();
    let without_id: Vec<&Value> = columns.iter().filter(|key| **key != "id").collect();
    for (matching, columns, format, match_by) in [
        (&everyone, json!(columns), "CSV", "ID"),
        (&everyone, Value::Null, "CSV_EXCEL", "ID"),
        (&on_channel, json!(without_id), "CSV", "CHANNEL_ADDRESS"),
        (
            &on_channel,
            json!(without_id),
            "CSV_EXCEL",
            "CHANNEL_ADDRESS",
        ),
    ] {
        let before = state(t).await;
        let input =
            json!({ "contacts": { "matching": matching }, "columns": columns, "format": format });
        let export = export_kit::made(t, input).await;
        let file = export_kit::bytes(t, &export).await;
        let import = import_kit::run(t, json!({ "matchBy": [match_by] }), file).await;
        let rows = export["rowCount"].as_i64().unwrap();
        assert!(rows > 20, "{export:#}");
        assert_eq!(
            import_kit::counts(&import),
            [0, 0, rows, 0, 0, 0],
            "{format} by {match_by}: {import:#}"
        );
        assert_eq!(state(t).await, before);
    }
}

async fn state(t: &Harness) -> Value {
    import_kit::table(t, &["id", "version", "updatedAt"]).await
}
