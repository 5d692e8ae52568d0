//! Faults of the database and of what came in: what passes is tried again, and what never will keeps no other waiting.

use crate::{
    broadcast_kit::{Shop, number},
    harness::{Harness, both, site::attempts, until},
    talk::writes,
};
use domain::error::Error;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

async fn run(t: &Harness, sql: &str) -> Result<(), Error> {
    let tx = t.db.write().await?;
    tx.execute_unprepared(sql).await?;
    Ok(tx.commit().await?)
}

/// Webhooks that wait.
async fn waiting(t: &Harness) -> i64 {
    let sql = "SELECT count(*) AS number FROM webhook WHERE applied_at IS NULL";
    let statement = Statement::from_string(t.db.backend(), sql);
    let row = t.db.read().query_one_raw(statement).await.unwrap();
    row.unwrap().try_get("", "number").unwrap()
}

async fn texts(t: &Harness) -> Vec<Value> {
    let query = "{ contacts { nodes { id } } }";
    let people = t.data(&t.owner, query, json!({})).await;
    let query = "query ($id: ID!) { messages(contactId: $id) { nodes { text } } }";
    let id = json!({ "id": people["contacts"]["nodes"][0]["id"] });
    let mut data = t.data(&t.owner, query, id).await;
    let nodes = data["messages"]["nodes"].as_array_mut().unwrap();
    nodes.iter_mut().map(|node| node["text"].take()).collect()
}

both! {
    async fn what_passes_is_told_from_what_does_not(t: &Harness) {
        if t.db.backend() != DbBackend::Postgres {
            // A unit test has SQLite's.
            return;
        }
        let raise = |code: &str| format!("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$");
        for code in ["40001", "40P01", "53100", "53300", "55P03", "57014", "57P01", "57P02", "57P03", "58030", "08006"] {
            let error = run(t, &raise(code)).await.unwrap_err();
            assert!(error.is_temporary(), "{code}: {error}");
        }
        for code in ["22001", "23505", "42P01", "55000", "P0001", "XX000"] {
            let error = run(t, &raise(code)).await.unwrap_err();
            assert!(!error.is_temporary(), "{code}: {error}");
        }
        for sql in ["SET LOCAL statement_timeout = 10; SELECT pg_sleep(5)", "SELECT pg_terminate_backend(pg_backend_pid())"] {
            let error = run(t, sql).await.unwrap_err();
            assert!(error.is_temporary(), "{sql}: {error}");
        }
    }

    async fn a_webhook_that_cannot_be_applied_keeps_no_other_waiting(t: &Harness) {
        let shop = Shop::open(t).await;
        let bad = "INSERT INTO webhook (workspace_id, channel_id, body, came_at) SELECT workspace_id, id, '{', created_at FROM channel";
        run(t, bad).await.unwrap();
        writes(&shop, &number(1), "Hello").await;
        run(t, bad).await.unwrap();
        writes(&shop, &number(1), "Are you there?").await;
        assert_eq!(texts(t).await, ["Are you there?", "Hello"]);
        assert_eq!(waiting(t).await, 0);
    }

    async fn what_lies_in_no_webhook_leaves_them_waiting(t: &Harness) {
        let shop = Shop::open(t).await;
        run(t, "ALTER TABLE conversation_number RENAME TO conversation_number_away").await.unwrap();
        let said = json!({ "contacts": [{ "wa_id": "4915119000001" }], "messages": [
            { "from": "4915119000001", "id": "in1", "timestamp": "1790000000", "type": "text", "text": { "body": "Hello" } }] });
        let body = json!({ "object": "x", "entry": [{ "changes": [{ "field": "messages", "value": said }] }] });
        let answer = reqwest::Client::new().post(&shop.webhooks).body(body.to_string()).send().await;
        assert_eq!(answer.unwrap().status(), 200);
        t.work();
        until("a run to fail", async || attempts(&t.db).await.into_iter().any(|number| number > 0)).await;
        assert_eq!(waiting(t).await, 1);
        run(t, "ALTER TABLE conversation_number_away RENAME TO conversation_number").await.unwrap();
        t.drained().await;
        assert_eq!(texts(t).await, ["Hello"]);
        assert_eq!(waiting(t).await, 0);
    }
}
