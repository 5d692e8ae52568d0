//! Files that are refused as a whole: each is an import, FAILED with the reason, and nothing of it goes in.

use crate::{
    harness::{Harness, MAX_UPLOAD, both},
    import_kit::{
        LIST, attribute, cancel, channel, create, disable_channel, import, start, table,
        unverified_channel, verify_channel,
    },
};
use serde_json::{Value, json};

/// The import failed for this reason, and is in the history so.
async fn assert_refused(t: &Harness, refused: &Value, code: &str, header: Option<&str>) {
    assert_eq!(refused["status"], "FAILED", "{refused:#}");
    let failure = &refused["failure"];
    assert_eq!(failure["code"], code, "{refused:#}");
    assert_eq!(failure["header"], json!(header), "{refused:#}");
    assert_eq!(failure["message"], refused["failureMessage"]);
    assert!(failure["message"].as_str().unwrap().ends_with('.'));
    assert_ne!(refused["finishedAt"], Value::Null);
    for none in ["resultFile", "failedRowsFile", "segment"] {
        assert_eq!(refused[none], Value::Null, "{refused:#}");
    }
    // A link is good for a while, so it changes.
    let (mut now, mut then) = (import(t, &refused["id"]).await, refused.clone());
    assert_eq!(now["sourceFile"].is_null(), then["sourceFile"].is_null());
    now["sourceFile"].take();
    then["sourceFile"].take();
    assert_eq!(now, then);
}

/// Nothing has come of whatever was uploaded, not even an attribute.
async fn assert_nothing(t: &Harness) {
    assert_eq!(table(t, &["id"]).await, json!([]));
    let query = "{ attributes { key } segments { nodes { id } } }";
    let data = t.data(&t.owner, query, json!({})).await;
    assert_eq!(
        data,
        json!({ "attributes": [], "segments": { "nodes": [] } })
    );
}

fn list(header: &str) -> Vec<u8> {
    format!("{header}\n,919876543210,,Asha,,,,1\n").into_bytes()
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
const ZIP: &[u8] = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0";

both! {
    async fn a_file_that_is_no_table_fails_as_a_whole(t: &Harness) {
        let wide = (1..=501).map(|n| format!("h{n}")).collect::<Vec<_>>().join(",");
        let cases: [(&[u8], &str, Option<&str>); 10] = [
            (b"", "EMPTY_FILE", None),
            (b"\n\n  \n", "EMPTY_FILE", None),
            (b"\xef\xbb\xbf", "EMPTY_FILE", None),
            (b"email,\na@example.com,1\n", "NO_HEADER", None),
            (b"email;Name;name \na@example.com;A;B\n", "DUPLICATE_HEADER", Some("name")),
            (PNG, "NOT_CSV", None),
            (ZIP, "NOT_CSV", None),
            (b"<html><table><tr><td>email</td></tr></table></html>", "NOT_CSV", None),
            (b"\"email,name\na@example.com,A\n", "NOT_CSV", None),
            (wide.as_bytes(), "TOO_MANY_COLUMNS", None),
        ];
        let mut ids = Vec::new();
        for (file, code, header) in cases {
            for kind in ["CONTACTS", "BROADCAST_LIST"] {
                let input = json!({ "kind": kind, "start": true });
                let refused = create(t, input, file).await;
                assert_refused(t, &refused, code, header).await;
                assert_eq!(refused["inspection"], Value::Null);
                assert_ne!(refused["sourceFile"], Value::Null);
                ids.insert(0, json!({ "id": refused["id"] }));
            }
        }
        let query = "{ imports { nodes { id } } }";
        let data = t.data(&t.manager, query, json!({})).await;
        assert_eq!(data["imports"]["nodes"], json!(ids));
        assert_nothing(t).await;
    }

    async fn a_file_that_is_too_large_is_not_kept(t: &Harness) {
        let mut file = b"email\n".to_vec();
        file.resize(usize::try_from(MAX_UPLOAD).unwrap(), b'x');
        let taken = create(t, json!({}), file.clone()).await;
        assert_eq!(taken["status"], "INSPECTED");
        // On the same connection, whose chunks have grown meanwhile.
        file.push(b'x');
        let refused = create(t, json!({}), file).await;
        assert_refused(t, &refused, "FILE_TOO_LARGE", None).await;
        assert_eq!(refused["sourceFile"], Value::Null);
    }

    async fn a_list_keeps_its_fixed_headers(t: &Harness) {
        let swapped = LIST.replace("user.email,user.first_name", "user.first_name,user.email");
        let cases = [
            (LIST.replace("user.title,", ""), "HEADER_MISSING", "user.title"),
            (LIST.replace("user.phone_no", "phone"), "HEADER_MISSING", "user.phone_no"),
            (LIST.replace("user.username", "User.Username"), "HEADER_MISSING", "user.username"),
            (swapped, "HEADER_OUT_OF_ORDER", "user.first_name"),
            (format!("city,{LIST}"), "HEADER_OUT_OF_ORDER", "city"),
            (format!("{LIST},||NUMBER"), "HEADER_UNKNOWN", "||NUMBER"),
            (format!("{LIST},a/b||NUMBER"), "HEADER_UNKNOWN", "a/b||NUMBER"),
            (format!("{LIST},age||INTEGER"), "ATTRIBUTE_TYPE_UNKNOWN", "age||INTEGER"),
            (format!("{LIST},age||"), "ATTRIBUTE_TYPE_UNKNOWN", "age||"),
            (format!("{LIST},age||NUMBER,Age||TEXT"), "DUPLICATE_HEADER", "Age||TEXT"),
            (format!("{LIST},age,age"), "DUPLICATE_HEADER", "age"),
        ];
        let channel = channel(t, "WHATSAPP", "Main").await;
        for (header, code, about) in cases {
            let input = json!({ "kind": "BROADCAST_LIST", "channelId": channel, "segmentName": "S", "start": true });
            let refused = create(t, input, list(&header)).await;
            assert_refused(t, &refused, code, Some(about)).await;
        }
        assert_nothing(t).await;
    }

    async fn a_key_has_one_type_for_ever(t: &Harness) {
        let channel = channel(t, "WHATSAPP", "Main").await;
        let input = json!({ "kind": "BROADCAST_LIST", "channelId": channel, "country": "IN" });
        let header = format!("{LIST},Age||TEXT");
        // Both are fine until one of them brings the attribute, with another type.
        let waiting = create(t, input.clone(), list(&header)).await;
        assert_eq!(waiting["status"], "INSPECTED");
        attribute(t, "age", "NUMBER").await;
        let late = start(t, &waiting["id"], json!({})).await;
        assert_eq!(late["userErrors"], json!([]));
        assert_refused(t, &late["import"], "ATTRIBUTE_TYPE_CONFLICT", Some("Age||TEXT")).await;
        let refused = create(t, input.clone(), list(&header)).await;
        assert_refused(t, &refused, "ATTRIBUTE_TYPE_CONFLICT", Some("Age||TEXT")).await;
        let message = refused["failure"]["message"].as_str().unwrap();
        assert!(message.contains("TEXT") && message.contains("NUMBER"), "{message}");
        // Without a type it is TEXT, which is another one too.
        let refused = create(t, input, list(&format!("{LIST},age"))).await;
        assert_refused(t, &refused, "ATTRIBUTE_TYPE_CONFLICT", Some("age")).await;
        assert_eq!(table(t, &["id"]).await, json!([]));
    }

    async fn a_channel_must_be_ready(t: &Harness) {
        let channel = unverified_channel(t, "WHATSAPP", "Main").await;
        let with = json!({ "kind": "BROADCAST_LIST", "channelId": channel, "country": "IN" });
        let without = json!({ "kind": "BROADCAST_LIST", "country": "IN", "segmentName": "S" });
        let header = format!("{LIST},age||NUMBER");
        let refused = create(t, with.clone(), list(&header)).await;
        assert_refused(t, &refused, "CHANNEL_NOT_READY", None).await;
        let again = start(t, &refused["id"], json!({})).await;
        assert_eq!(again["userErrors"][0]["code"], "CONFLICT");
        let again = cancel(t, &refused["id"]).await;
        assert_eq!(again["userErrors"][0]["code"], "CONFLICT");

        // Chosen at the start.
        let made = create(t, without, list(&header)).await;
        assert_eq!(made["status"], "INSPECTED");
        let started = start(t, &made["id"], json!({ "channelId": channel })).await;
        assert_eq!(started["userErrors"], json!([]));
        assert_refused(t, &started["import"], "CHANNEL_NOT_READY", None).await;

        // READY at first, and no longer at the start.
        verify_channel(t, &channel).await;
        let made = create(t, with, list(&header)).await;
        assert_eq!(made["status"], "INSPECTED");
        disable_channel(t, &channel).await;
        let started = start(t, &made["id"], json!({})).await;
        assert_refused(t, &started["import"], "CHANNEL_NOT_READY", None).await;
        assert_nothing(t).await;
    }

    async fn a_list_waits_for_its_channel(t: &Harness) {
        let input = json!({ "kind": "BROADCAST_LIST", "country": "IN", "start": true });
        let made = create(t, input, list(&format!("{LIST},age||NUMBER"))).await;
        assert_eq!(made["status"], "INSPECTED");
        let refused = start(t, &made["id"], json!({})).await;
        assert_eq!(refused["import"], Value::Null);
        let errors = &refused["userErrors"];
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!(["channelId"]), &json!("REQUIRED")));
        let email = channel(t, "EMAIL", "Mail").await;
        let refused = start(t, &made["id"], json!({ "channelId": email })).await;
        let errors = &refused["userErrors"];
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!(["channelId"]), &json!("INVALID")));
        assert_eq!(import(t, &made["id"]).await["status"], "INSPECTED");
        assert_nothing(t).await;
    }
}
