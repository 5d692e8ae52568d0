//! Who may import, what is not there, and when an import starts and ends.

use crate::{
    harness::{Harness, both},
    import_kit::{
        LIST, cancel, channel, counts, create, file, finish, import, lines, start, table, upload,
    },
};
use serde_json::{Value, json};

const CSV: &str = "email\na@example.com\nb@example.com\n";

/// Field and code of the only error of a payload without an import.
fn refusal(payload: &Value) -> (Value, Value) {
    assert_eq!(payload["import"], Value::Null, "{payload:#}");
    let errors = payload["userErrors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{payload:#}");
    (errors[0]["field"].clone(), errors[0]["code"].clone())
}

fn is(field: &str, code: &str) -> (Value, Value) {
    (json!([field]), json!(code))
}

async fn restricted(t: &Harness) -> String {
    let query = "mutation { createApiToken(input: { name: \"x\", role: MANAGER, restrictions: [NO_IMPORT] }) { secret userErrors { code } } }";
    let data = t.data(&t.owner, query, json!({})).await;
    data["createApiToken"]["secret"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn none(t: &Harness) {
    let data = t
        .data(&t.owner, "{ imports { nodes { id } } }", json!({}))
        .await;
    assert_eq!(data["imports"]["nodes"], json!([]));
}

both! {
    async fn nobody_is_imported_without_consent(t: &Harness) {
        let list = lines(&[LIST, ",919876543210,,,,,"]);
        for (kind, csv) in [("CONTACTS", CSV.to_owned()), ("BROADCAST_LIST", list)] {
            let input = json!({ "kind": kind, "consentConfirmed": false });
            let answer = upload(t, &t.owner, input, csv).await;
            let payload = &answer["data"]["createImport"];
            assert_eq!(refusal(payload), is("consentConfirmed", "CONSENT_REQUIRED"));
        }
        none(t).await;
    }

    async fn who_may_not_import_is_told_so(t: &Harness) {
        let made = create(t, json!({}), CSV).await;
        for token in [&t.agent, &restricted(t).await] {
            let answer = upload(t, token, json!({}), CSV).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
            for mutation in ["startImport", "cancelImport"] {
                let query = format!("mutation ($id: ID!) {{ {mutation}(input: {{ id: $id }}) {{ userErrors {{ code }} }} }}");
                let answer = t.graphql(token, &query, json!({ "id": made["id"] })).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
            }
        }
        let answer = t.graphql(&t.agent, "{ imports { nodes { id } } }", json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
        let data = t.data(&t.owner, "{ imports { nodes { id status } } }", json!({})).await;
        assert_eq!(data["imports"]["nodes"], json!([{ "id": made["id"], "status": "INSPECTED" }]));
    }

    async fn what_is_elsewhere_is_not_there(t: &Harness) {
        let query = "mutation { createChannel(input: { kind: WHATSAPP, provider: HTTP, name: \"Far\" }) { channel { id } } }";
        let data = t.data(&t.stranger, query, json!({})).await;
        let far_channel = data["createChannel"]["channel"]["id"].clone();
        let mut answer = upload(t, &t.stranger, json!({}), CSV).await;
        let far_import = answer["data"]["createImport"]["import"]["id"].take();
        let made = create(t, json!({}), CSV).await;

        for id in [far_channel, json!("channel_999999"), json!("nonsense"), json!("")] {
            let answer = upload(t, &t.owner, json!({ "channelId": id }), CSV).await;
            let payload = &answer["data"]["createImport"];
            assert_eq!(refusal(payload), is("channelId", "NOT_FOUND"), "{id}");
            assert_eq!(payload["userErrors"][0]["message"], "There is no such channel.");
            let payload = start(t, &made["id"], json!({ "channelId": id })).await;
            assert_eq!(refusal(&payload), is("channelId", "NOT_FOUND"), "{id}");
        }
        for id in [far_import, json!("import_999999"), json!("nonsense"), json!("")] {
            for payload in [start(t, &id, json!({})).await, cancel(t, &id).await] {
                assert_eq!(refusal(&payload), is("id", "NOT_FOUND"), "{id}");
                assert_eq!(payload["userErrors"][0]["message"], "There is no such import.");
            }
            assert_eq!(import(t, &id).await, Value::Null);
            let mut watching = t.subscribe(&t.owner, "subscription ($id: ID!) { importProgress(id: $id) { id } }", json!({ "id": id })).await;
            let answer = watching.next().await.unwrap();
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        }
        let data = t.data(&t.owner, "{ imports { nodes { id } } }", json!({})).await;
        assert_eq!(data["imports"]["nodes"], json!([{ "id": made["id"] }]));
    }

    async fn an_import_starts_once(t: &Harness) {
        let made = create(t, json!({}), CSV).await;
        let done = finish(t, &made["id"], json!({})).await;
        assert_eq!(counts(&done), [2, 0, 0, 0, 0, 0]);
        assert_eq!(refusal(&start(t, &made["id"], json!({})).await), is("id", "CONFLICT"));
        assert_eq!(refusal(&cancel(t, &made["id"]).await), is("id", "CONFLICT"));
        let made = create(t, json!({ "start": true }), CSV).await;
        assert_eq!(made["status"], "QUEUED");
        assert_eq!(refusal(&start(t, &made["id"], json!({})).await), is("id", "CONFLICT"));
        t.drained().await;
    }

    async fn what_is_cancelled_before_its_start_never_starts(t: &Harness) {
        let made = create(t, json!({}), CSV).await;
        let cancelled = cancel(t, &made["id"]).await;
        assert_eq!(cancelled["import"]["status"], "CANCELLED");
        assert_eq!(refusal(&start(t, &made["id"], json!({})).await), is("id", "CONFLICT"));
        assert_eq!(refusal(&cancel(t, &made["id"]).await), is("id", "CONFLICT"));
        t.drained().await;
        assert_eq!(table(t, &["id"]).await, json!([]));
    }

    async fn what_is_cancelled_in_the_queue_says_that_nothing_went_in(t: &Harness) {
        let made = create(t, json!({ "start": true, "segmentName": "S" }), CSV).await;
        let cancelled = cancel(t, &made["id"]).await;
        assert_eq!(cancelled["import"]["status"], "CANCELLED");
        t.drained().await;
        let end = import(t, &made["id"]).await;
        assert_eq!((&end["status"], counts(&end)), (&json!("CANCELLED"), [0; 6]));
        assert_eq!(end["segment"]["contactCount"]["value"], 0);
        let comment = "Not imported: the import was cancelled before this row [CANCELLED]\r\n";
        let expected = format!("\u{feff}email,Comments\r\na@example.com,{comment}b@example.com,{comment}");
        assert_eq!(file(t, &end, "resultFile").await, expected);
        assert_eq!(end["failedRowsFile"], Value::Null);
        assert_eq!(table(t, &["id"]).await, json!([]));
    }

    async fn those_who_went_in_are_in_the_segment(t: &Harness) {
        channel(t, "WHATSAPP", "Main").await;
        let first = create(t, json!({ "segmentName": " Spring " }), CSV).await;
        let first = finish(t, &first["id"], json!({})).await;
        let csv = lines(&["email,channel", "b@example.com,", "c@example.com,Nowhere", "d@example.com,", "d@example.com,"]);
        let second = create(t, json!({}), csv).await;
        let second = finish(t, &second["id"], json!({ "segmentName": "SPRING" })).await;
        assert_eq!(counts(&second), [1, 0, 1, 1, 1, 0]);
        assert_eq!(first["segment"]["name"], "Spring");
        assert_eq!(second["segment"]["id"], first["segment"]["id"]);
        assert_eq!(second["segment"]["contactCount"]["value"], 3);
    }
}
