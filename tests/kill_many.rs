//! A server that is killed amid a bulk operation and an export: everyone is changed once, and the file is whole.

use crate::harness::{
    Process, both_kinds,
    crowd::{self, Generator},
    until,
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// Short, so that a test need not wait long for a job to be taken for orphaned.
const HEARTBEAT: [&str; 2] = ["--job-heartbeat", "500ms"];

/// How often it is killed.
const KILLS: usize = 3;

const STATE: &str = "query ($ids: [ID!]!) { nodes(ids: $ids) {
    ... on BulkOperation { status failureMessage changedCount unchangedCount failedCount progress { done total } }
    ... on Export { status failureMessage rowCount progress { done total } file { url size } } } }";

async fn state(server: &Process, ids: &Value) -> Value {
    server.ask(STATE, json!({ "ids": ids })).await["nodes"].take()
}

/// Asks for both; returns their ids.
async fn begin(server: &Process) -> Value {
    let query = "mutation {
        tagContacts(input: { tagNames: [\"everyone\"], contacts: { matching: {} } }) { operation { id } }
        exportContacts(input: { contacts: { matching: {} } }) { export { id } } }";
    let begun = server.ask(query, json!({})).await;
    json!([
        begun["tagContacts"]["operation"]["id"],
        begun["exportContacts"]["export"]["id"]
    ])
}

both_kinds! {
    async fn everyone_is_changed_once_and_the_file_is_whole(kind: Kind) {
        let mut moments = Generator(20_261_121);
        let (site, mut server) = crowd::site(kind, &HEARTBEAT).await;
        let import = server.import(crowd::input(), &crowd::file(0, 6_000, "Name")).await;
        server.completed(&import).await;
        let people = server.ask("{ contacts { totalCount(limit: 0) { value } } }", json!({})).await;
        let people = people["contacts"]["totalCount"]["value"].clone();
        let ids = begin(&server).await;
        for kill in 0..KILLS {
            // Not a condition but the very thing: any moment will do.
            sleep(Duration::from_millis(1_000).mul_f64(moments.part())).await;
            println!("kill {kill}: {}", state(&server, &ids).await);
            server.kill().await;
            server = site.serve(&HEARTBEAT).await;
        }
        until("both ends", async || {
            let now = state(&server, &ids).await;
            [&now[0], &now[1]].iter().all(|work| work["status"] == "COMPLETED")
        })
        .await;
        let ended = state(&server, &ids).await;
        let all = json!({ "done": people, "total": people });
        assert_eq!((&ended[0]["changedCount"], &ended[0]["progress"]), (&people, &all));
        assert_eq!((&ended[1]["rowCount"], &ended[1]["progress"]), (&people, &all));
        let query = "query ($after: String) { contacts(first: 500, after: $after) { rows(columns: [\"version\"]) pageInfo { endCursor } } }";
        let (mut after, mut seen) = (Value::Null, 0);
        loop {
            let page = server.ask(query, json!({ "after": after })).await;
            let rows = page["contacts"]["rows"].as_array().unwrap();
            assert!(rows.iter().all(|row| row[0] == 2), "somebody was changed twice, or not at all");
            seen += rows.len();
            after = page["contacts"]["pageInfo"]["endCursor"].clone();
            if rows.len() < 500 {
                break;
            }
        }
        assert_eq!(people, seen);
        let file = server.download(ended[1]["file"]["url"].as_str().unwrap()).await.1;
        assert_eq!(ended[1]["file"]["size"].as_f64().unwrap(), file.len() as f64);
        let names = String::from_utf8(file).unwrap();
        assert_eq!(names.matches("Person").count(), seen);
        site.drained().await;
        let (output, _) = server.stop().await;
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        site.finish().await;
    }
}
