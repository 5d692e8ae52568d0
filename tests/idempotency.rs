//! A mutation that comes again with its key is answered, and not done again.

use crate::{
    broadcast_kit::Shop,
    harness::{Harness, both},
};
use domain::idempotency;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

const TAG: &str = "mutation ($input: CreateTagInput!) { createTag(input: $input) { tag { id name colour } userErrors { field code message } } }";
const DELETE_TAG: &str = "mutation ($input: DeleteInput!) { deleteTag(input: $input) { deletedId userErrors { field code message } } }";
const CONTACT: &str = "mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id name } userErrors { field code } } }";
const TOKEN: &str = "mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { apiToken { id name } secret userErrors { field code message } } }";
const IMPORT: &str = "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id fileName } userErrors { field code message } } }";

async fn run(t: &Harness, query: &str, input: Value) -> Value {
    t.data(&t.owner, query, json!({ "input": input })).await
}

fn codes(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors
        .map(|error| error["code"].as_str().unwrap().to_owned())
        .collect()
}

async fn tag_names(t: &Harness) -> Vec<String> {
    let data = t
        .data(&t.owner, "{ tags { nodes { name } } }", json!({}))
        .await;
    let tags = data["tags"]["nodes"].as_array().unwrap().iter();
    let mut names: Vec<_> = tags
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// Makes all keys older than they are.
async fn a_day_passes(t: &Harness) {
    let tx = t.db.write().await.unwrap();
    let long_ago = "2020-01-01T00:00:00.000000+00:00";
    let sql = format!("UPDATE idempotency_key SET created_at = '{long_ago}'");
    tx.execute_unprepared(&sql).await.unwrap();
    tx.commit().await.unwrap();
}

/// All that is kept, as text.
async fn kept(t: &Harness) -> String {
    let sql = "SELECT CAST(outcome AS text) AS kept FROM idempotency_key";
    let statement = Statement::from_string(t.db.backend(), sql);
    let rows = t.db.read().query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get::<String>("", "kept").unwrap())
        .collect()
}

both! {
    async fn what_was_done_is_answered_again_and_not_done_again(t: &Harness) {
        let input = json!({ "name": "Gold", "colour": "#ffcc00", "idempotencyKey": "a" });
        let first = run(t, TAG, input.clone()).await;
        assert_eq!(first["createTag"]["userErrors"], json!([]));
        assert_eq!(run(t, TAG, input.clone()).await, first);
        // Neither the order of the fields nor where they stand counts.
        let literal = "mutation { createTag(input: { idempotencyKey: \"a\", colour: \"#ffcc00\", name: \"Gold\" }) { tag { id name colour } userErrors { field code message } } }";
        assert_eq!(t.data(&t.owner, literal, json!({})).await, first);
        let by_variable = json!({ "name": "Script", "role": "AGENT", "idempotencyKey": "c" });
        let token = run(t, TOKEN, by_variable).await["createApiToken"]["apiToken"].take();
        let literal = "mutation { createApiToken(input: { name: \"Script\", role: AGENT, idempotencyKey: \"c\" }) { apiToken { id name } } }";
        assert_eq!(t.data(&t.owner, literal, json!({})).await["createApiToken"]["apiToken"], token);
        // Two in one request as well.
        let twice = "mutation ($input: CreateTagInput!) { a: createTag(input: $input) { tag { id } } b: createTag(input: $input) { tag { id } } }";
        let input_b = json!({ "name": "Silver", "idempotencyKey": "b" });
        let both = run(t, twice, input_b).await;
        assert_eq!(both["a"], both["b"]);
        assert_eq!(tag_names(t).await, ["Gold", "Silver"]);
        a_day_passes(t).await;
        let later = run(t, TAG, input).await;
        assert_eq!(codes(&later["createTag"]), ["TAKEN"]);
    }

    async fn a_refusal_is_answered_again_even_where_it_would_not_be_refused_now(t: &Harness) {
        let made = run(t, TAG, json!({ "name": "Gold" })).await;
        let input = json!({ "name": "gold", "idempotencyKey": "a" });
        let first = run(t, TAG, input.clone()).await;
        assert_eq!(codes(&first["createTag"]), ["TAKEN"]);
        run(t, DELETE_TAG, json!({ "id": made["createTag"]["tag"]["id"] })).await;
        assert_eq!(run(t, TAG, input).await, first);
        assert_eq!(tag_names(t).await, Vec::<String>::new());
        run(t, TAG, json!({ "name": "gold", "idempotencyKey": "b" })).await;
        assert_eq!(tag_names(t).await, ["gold"]);
    }

    async fn keys_that_are_good_no_more_are_forgotten(t: &Harness) {
        run(t, TAG, json!({ "name": "Gold", "idempotencyKey": "a" })).await;
        a_day_passes(t).await;
        let input = json!({ "name": "Silver", "idempotencyKey": "b" });
        let silver = run(t, TAG, input.clone()).await;
        assert_eq!(idempotency::drop_old(&t.db).await.unwrap(), 1);
        assert_eq!(idempotency::drop_old(&t.db).await.unwrap(), 0);
        assert_eq!(run(t, TAG, input).await, silver);
    }

    async fn a_key_is_of_one_input_one_mutation_and_one_token(t: &Harness) {
        let made = run(t, TAG, json!({ "name": "Gold", "idempotencyKey": "a" })).await;
        for (query, field, input) in [
            (TAG, "createTag", json!({ "name": "Silver", "idempotencyKey": "a" })),
            (TAG, "createTag", json!({ "name": "Gold", "colour": null, "idempotencyKey": "a" })),
            (DELETE_TAG, "deleteTag", json!({ "id": made["createTag"]["tag"]["id"], "idempotencyKey": "a" })),
        ] {
            let refused = run(t, query, input).await;
            assert_eq!(codes(&refused[field]), ["CONFLICT"]);
            assert_eq!(refused[field]["userErrors"][0]["field"], json!(["idempotencyKey"]));
        }
        assert_eq!(tag_names(t).await, ["Gold"]);
        let variables = json!({ "input": { "name": "Silver", "idempotencyKey": "a" } });
        let other = t.data(&t.manager, TAG, variables).await;
        assert_eq!(other["createTag"]["tag"]["name"], "Silver");
        for key in [json!(""), json!("x".repeat(256)), json!("a\u{0}b"), json!("a\nb")] {
            let variables = json!({ "input": { "name": "Bronze", "idempotencyKey": key } });
            let answer = t.graphql(&t.owner, TAG, variables).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        }
        let longest = json!({ "name": "Bronze", "idempotencyKey": "ä".repeat(255) });
        assert_eq!(run(t, TAG, longest.clone()).await, run(t, TAG, longest).await);
    }

    async fn what_was_deleted_meanwhile_is_said_to_be_gone(t: &Harness) {
        let input = json!({ "name": "Gold", "idempotencyKey": "a" });
        let made = run(t, TAG, input.clone()).await;
        let deletion = json!({ "id": made["createTag"]["tag"]["id"], "idempotencyKey": "b" });
        let gone = run(t, DELETE_TAG, deletion.clone()).await;
        assert_eq!(run(t, DELETE_TAG, deletion).await, gone);
        let again = run(t, TAG, input).await;
        assert_eq!(again["createTag"]["tag"], Value::Null);
        assert_eq!(codes(&again["createTag"]), ["NOT_FOUND"]);
        assert_eq!(tag_names(t).await, Vec::<String>::new());
    }

    async fn a_secret_is_told_once_and_kept_nowhere(t: &Harness) {
        let input = json!({ "name": "Script", "role": "AGENT", "idempotencyKey": "a" });
        let first = run(t, TOKEN, input.clone()).await;
        let secret = first["createApiToken"]["secret"].as_str().unwrap();
        let again = run(t, TOKEN, input.clone()).await;
        assert_eq!(again["createApiToken"]["apiToken"], first["createApiToken"]["apiToken"]);
        assert_eq!(again["createApiToken"]["secret"], Value::Null);
        assert!(!kept(t).await.contains(&secret[10..]));
        // The same key with an input that is refused has no secret either.
        let refused = run(t, TOKEN, json!({ "name": "", "role": "AGENT", "idempotencyKey": "b" })).await;
        assert_eq!(refused["createApiToken"]["secret"], Value::Null);
    }

    async fn a_file_counts_by_what_it_holds(t: &Harness) {
        let input = json!({ "input": { "country": "US", "consentConfirmed": true, "idempotencyKey": "a" } });
        let file = "Email\nada@example.com\n";
        let first = t.upload(&t.owner, IMPORT, input.clone(), "a.csv", file).await;
        assert_eq!(first["data"]["createImport"]["userErrors"], json!([]), "{first}");
        let again = t.upload(&t.owner, IMPORT, input.clone(), "other.csv", file).await;
        assert_eq!(again, first);
        let other = t.upload(&t.owner, IMPORT, input, "a.csv", "Email\nbob@example.com\n").await;
        assert_eq!(codes(&other["data"]["createImport"]), ["CONFLICT"]);
        let no_consent = json!({ "input": { "consentConfirmed": false, "idempotencyKey": "b" } });
        for _ in 0..2 {
            let refused = t.upload(&t.owner, IMPORT, no_consent.clone(), "a.csv", file).await;
            assert_eq!(codes(&refused["data"]["createImport"]), ["CONSENT_REQUIRED"]);
        }
        let imports = t.data(&t.owner, "{ imports { nodes { id } } }", json!({})).await;
        assert_eq!(imports["imports"]["nodes"].as_array().unwrap().len(), 1);
    }

    async fn a_hundred_at_once_have_one_effect(t: &Harness) {
        let input = json!({ "contact": { "name": "Ada" }, "idempotencyKey": "a" });
        let answers = join_all((0..100).map(|_| run(t, CONTACT, input.clone()))).await;
        assert!(answers[0]["createContact"]["contact"]["id"].is_string(), "{}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        let count = t.data(&t.owner, "{ contacts { totalCount { value } } }", json!({})).await;
        assert_eq!(count["contacts"]["totalCount"]["value"], 1);
        // With a file as well, which a hundred bring to the store.
        let variables = json!({ "input": { "country": "US", "consentConfirmed": true, "idempotencyKey": "b" } });
        let uploads = (0..20).map(|_| t.upload(&t.owner, IMPORT, variables.clone(), "a.csv", "Email\na@b.example\n"));
        let answers = join_all(uploads).await;
        assert!(answers[0]["data"]["createImport"]["import"]["id"].is_string(), "{}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    }

    async fn a_provider_is_not_asked_again(t: &Harness) {
        let shop = Shop::open(t).await;
        let verify = "mutation ($input: ChannelInput!) { verifyChannel(input: $input) { channel { id verifiedAt status lastError } userErrors { code } } }";
        let sync = "mutation ($input: ChannelInput!) { syncTemplates(input: $input) { templates { id name } userErrors { code } } }";
        let inputs = [(verify, "verifyChannel", "a"), (sync, "syncTemplates", "b")];
        let inputs = inputs.map(|(query, field, key)| (query, field, json!({ "id": shop.channel, "idempotencyKey": key })));
        let mut answers = Vec::new();
        for (query, field, input) in inputs.clone() {
            answers.push(run(t, query, input).await);
            assert_eq!(answers.last().unwrap()[field]["userErrors"], json!([]));
        }
        // From now on nobody answers there.
        let away = "mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { channel { id } userErrors { code } } }";
        let credentials = json!({ "apiKey": "key" });
        let moved = run(t, away, json!({ "id": shop.channel, "settings": { "baseUrl": "http://127.0.0.1:1" }, "credentials": credentials })).await;
        assert_eq!(moved["updateChannel"]["userErrors"], json!([]));
        let refused = run(t, sync, json!({ "id": shop.channel, "idempotencyKey": "c" })).await;
        assert_eq!(codes(&refused["syncTemplates"]), ["UNAVAILABLE"]);
        let (query, _, input) = inputs[1].clone();
        assert_eq!(run(t, query, input).await, answers[1]);
        let (query, _, input) = inputs[0].clone();
        let again = run(t, query, input).await;
        assert_eq!(again["verifyChannel"]["userErrors"], json!([]));
        // Nobody has found out that the account works no more.
        let channel = &again["verifyChannel"]["channel"];
        assert_eq!((&channel["status"], &channel["lastError"]), (&json!("UNVERIFIED"), &json!(null)), "{again:#}");
    }
}
