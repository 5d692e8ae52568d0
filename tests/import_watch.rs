//! Imports watched while they run.

use crate::{
    harness::{both, within},
    import_kit::{cancel, create, finish, start},
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

const PROGRESS: &str = "subscription ($id: ID!) { importProgress(id: $id) { id status progress { done total } createdCount } }";
const CHANGED: &str = "subscription { importChanged { id status resultFile { size } } }";
const CSV: &str = "email\na@example.com\nb@example.com\n";

fn status(event: &Value) -> &Value {
    &event["data"]["importProgress"]["status"]
}

both! {
    async fn who_comes_late_hears_the_present_state_at_once(t: &Harness) {
        let made = create(t, json!({}), CSV).await;
        let id = json!({ "id": made["id"] });
        // Before the start.
        let mut early = t.subscribe(&t.owner, PROGRESS, id.clone()).await;
        let state = early.next().await.unwrap();
        let expected = json!({ "id": made["id"], "status": "INSPECTED", "progress": { "done": 0, "total": 2 }, "createdCount": 0 });
        assert_eq!(state["data"]["importProgress"], expected);
        // In the queue, where nobody works yet.
        start(t, &made["id"], json!({})).await;
        early.until(|event| status(event) == "QUEUED").await;
        let mut second = t.subscribe(&t.manager, PROGRESS, id.clone()).await;
        assert_eq!(*status(&second.next().await.unwrap()), "QUEUED");
        t.drained().await;
        let done = json!({ "id": made["id"], "status": "COMPLETED", "progress": { "done": 2, "total": 2 }, "createdCount": 2 });
        // Both hear the last one, and then that it was.
        for watching in [&mut early, &mut second] {
            let heard = watching.until(|event| status(event) == "COMPLETED").await;
            assert_eq!(heard.last().unwrap()["data"]["importProgress"], done);
            assert_eq!(watching.next().await, None);
        }
        // After the end.
        let mut late = t.subscribe(&t.owner, PROGRESS, id).await;
        assert_eq!(late.next().await.unwrap()["data"]["importProgress"], done);
        assert_eq!(late.next().await, None);
    }

    async fn the_last_state_can_be_a_cancelled_or_failed_one(t: &Harness) {
        let made = create(t, json!({}), CSV).await;
        let mut watching = t.subscribe(&t.owner, PROGRESS, json!({ "id": made["id"] })).await;
        assert_eq!(*status(&watching.next().await.unwrap()), "INSPECTED");
        cancel(t, &made["id"]).await;
        assert_eq!(*status(&watching.next().await.unwrap()), "CANCELLED");
        assert_eq!(watching.next().await, None);
        let failed = create(t, json!({}), "").await;
        let mut watching = t.subscribe(&t.owner, PROGRESS, json!({ "id": failed["id"] })).await;
        assert_eq!(*status(&watching.next().await.unwrap()), "FAILED");
        assert_eq!(watching.next().await, None);
    }

    async fn agents_watch_nothing(t: &Harness) {
        let made = create(t, json!({}), CSV).await;
        for (query, variables) in [(PROGRESS, json!({ "id": made["id"] })), (CHANGED, json!({}))] {
            let mut watching = t.subscribe(&t.agent, query, variables).await;
            let answer = watching.next().await.unwrap();
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
        }
    }

    async fn the_history_hears_of_every_change(t: &Harness) {
        let mut watching = t.subscribe(&t.manager, CHANGED, json!({})).await;
        let mut far = t.subscribe(&t.stranger, CHANGED, json!({})).await;
        // It begins with nothing, so one has to be heard before it is sure that it has begun.
        let heard = AtomicBool::new(false);
        let uploads = async {
            while !heard.load(Ordering::Relaxed) {
                create(t, json!({}), CSV).await;
            }
        };
        let first = async {
            let event = watching.next().await;
            heard.store(true, Ordering::Relaxed);
            event
        };
        let ((), first) = within("the first change", async { tokio::join!(uploads, first) }).await;
        assert_eq!(first.unwrap()["data"]["importChanged"]["status"], "INSPECTED");

        let made = create(t, json!({}), CSV).await;
        let failed = create(t, json!({}), "").await;
        let of = |event: &Value, import: &Value, status: &str| {
            let change = &event["data"]["importChanged"];
            change["id"] == import["id"] && change["status"] == status
        };
        watching.until(|event| of(event, &made, "INSPECTED")).await;
        watching.until(|event| of(event, &failed, "FAILED")).await;
        start(t, &made["id"], json!({})).await;
        watching.until(|event| of(event, &made, "QUEUED")).await;
        t.work();
        let heard = watching.until(|event| of(event, &made, "COMPLETED")).await;
        // Whoever is slow may miss that it ran, but nothing comes twice or out of turn.
        let states: Vec<&Value> = heard.iter().map(|event| &event["data"]["importChanged"]["status"]).collect();
        assert!(states == ["RUNNING", "COMPLETED"] || states == ["COMPLETED"], "{states:?}");
        assert_ne!(heard.last().unwrap()["data"]["importChanged"]["resultFile"], Value::Null);

        // A cancelled one is told of twice: when it ends, and when its files are there.
        let made = create(t, json!({}), CSV).await;
        start(t, &made["id"], json!({})).await;
        let payload = cancel(t, &made["id"]).await;
        if payload["userErrors"] == json!([]) {
            let with_file = |event: &Value| of(event, &made, "CANCELLED") && !event["data"]["importChanged"]["resultFile"].is_null();
            watching.until(with_file).await;
        }
        t.drained().await;

        // Elsewhere none of it was heard: the first change there is its own.
        let uploads = async {
            let input = json!({});
            let answer = crate::import_kit::upload(t, &t.stranger, input, CSV).await;
            answer["data"]["createImport"]["import"]["id"].clone()
        };
        let (id, event) = within("a change elsewhere", async { tokio::join!(uploads, far.next()) }).await;
        assert_eq!(event.unwrap()["data"]["importChanged"]["id"], id);
    }

    async fn a_second_import_is_watched_for_itself(t: &Harness) {
        let made = create(t, json!({}), CSV).await;
        let other = create(t, json!({}), CSV).await;
        let mut watching = t.subscribe(&t.owner, PROGRESS, json!({ "id": made["id"] })).await;
        assert_eq!(*status(&watching.next().await.unwrap()), "INSPECTED");
        finish(t, &other["id"], json!({})).await;
        finish(t, &made["id"], json!({})).await;
        let heard = watching.until(|event| status(event) == "COMPLETED").await;
        assert!(heard.iter().all(|event| event["data"]["importProgress"]["id"] == made["id"]));
    }
}
