//! The account of a channel: where credentials and addresses may go, and what a call that works ends.

use crate::{
    broadcast_kit::{Shop, number},
    harness::{both, mock},
    viewer::{member, restricted},
};
use sea_orm::{ConnectionTrait, Statement, Value as Cell};
use serde_json::{Value, json};

const UPDATE: &str = "mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { channel { status settings { baseUrl } } userErrors { field code message } } }";
const VERIFY: &str = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status } userErrors { code } } }";

/// What became of a change of the shop's channel.
async fn update(shop: &Shop<'_>, token: &str, mut input: Value) -> Value {
    input["id"] = shop.channel.clone();
    let input = json!({ "input": input });
    shop.t.data(token, UPDATE, input).await["updateChannel"].take()
}

async fn verify(shop: &Shop<'_>) -> Value {
    let id = json!({ "id": shop.channel });
    shop.t.data(&shop.t.owner, VERIFY, id).await["verifyChannel"]["channel"]["status"].take()
}

/// The same server by another name: to whoever calls, another one.
fn elsewhere() -> String {
    mock::url().replace("127.0.0.1", "localhost")
}

fn refused(field: &[&str], code: &str, answer: &Value) {
    let errors = answer["userErrors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{answer:#}");
    assert_eq!(
        (&errors[0]["field"], &errors[0]["code"]),
        (&json!(field), &json!(code)),
        "{answer:#}"
    );
    assert_eq!(answer["channel"], Value::Null);
}

/// Says, as penalties do, that nothing goes out over the channel before this, in microseconds from now.
async fn penalise(shop: &Shop<'_>, ahead: i64) -> i64 {
    let at = domain::clock::now().timestamp_micros() + ahead;
    let sql = "INSERT INTO channel_pace (channel_id, next_at) VALUES ($1, $2) ON CONFLICT (channel_id) DO UPDATE SET next_at = excluded.next_at";
    let tx = shop.t.db.write().await.unwrap();
    let values = [channel_id(shop), at.into()];
    tx.execute_raw(Statement::from_sql_and_values(
        shop.t.db.backend(),
        sql,
        values,
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();
    at
}

async fn next_at(shop: &Shop<'_>) -> i64 {
    let sql = "SELECT next_at FROM channel_pace WHERE channel_id = $1";
    let statement = Statement::from_sql_and_values(shop.t.db.backend(), sql, [channel_id(shop)]);
    let row = shop.t.db.read().query_one_raw(statement).await.unwrap();
    row.unwrap().try_get("", "next_at").unwrap()
}

fn channel_id(shop: &Shop<'_>) -> Cell {
    let id: entity::id::ChannelId = shop.channel.as_str().unwrap().parse().unwrap();
    id.0.into()
}

both! {
    async fn credentials_go_to_no_other_server_than_they_were_given_for(t: &Harness) {
        let shop = Shop::open(t).await;
        let moved = json!({ "baseUrl": elsewhere() });
        let answer = update(&shop, &t.owner, json!({ "settings": moved })).await;
        refused(&["credentials", "apiKey"], "REQUIRED", &answer);
        // Other credentials that go along make no difference.
        let other = json!({ "settings": moved, "credentials": { "accessToken": "x" } });
        refused(&["credentials", "apiKey"], "REQUIRED", &update(&shop, &t.owner, other).await);
        assert_eq!(verify(&shop).await, "READY", "nothing was changed");
        let with = json!({ "settings": moved, "credentials": { "apiKey": "another" } });
        let answer = update(&shop, &t.owner, with).await;
        assert_eq!(answer["channel"]["settings"]["baseUrl"], json!(elsewhere()), "{answer:#}");
        assert_eq!(verify(&shop).await, "READY");
        // The same server by another path, the provider's own, and from there.
        let path = json!({ "settings": { "baseUrl": format!("{}/sandbox", elsewhere()) } });
        assert_eq!(update(&shop, &t.owner, path).await["userErrors"], json!([]));
        let home = json!({ "settings": { "baseUrl": null } });
        assert_eq!(update(&shop, &t.owner, home).await["userErrors"], json!([]));
        let answer = update(&shop, &t.owner, json!({ "settings": { "baseUrl": mock::url() } })).await;
        refused(&["credentials", "apiKey"], "REQUIRED", &answer);
        let without = json!({ "settings": { "baseUrl": mock::url() }, "credentials": { "apiKey": null } });
        assert_eq!(update(&shop, &t.owner, without).await["userErrors"], json!([]));
    }

    async fn addresses_go_nowhere_by_the_word_of_whom_they_are_hidden_from(t: &Harness) {
        let shop = Shop::open(t).await;
        let owner = member(t, &t.owner).await;
        let masked = restricted(t, &owner, "OWNER", json!(["MASK_PHONE_AND_EMAIL"])).await;
        for url in [json!(elsewhere()), json!(null)] {
            let input = json!({ "settings": { "baseUrl": url }, "credentials": { "apiKey": "key" } });
            refused(&["settings", "baseUrl"], "FORBIDDEN", &update(&shop, &masked, input).await);
        }
        // A form that gives back what it was shown changes nothing.
        let same = json!({ "name": "Store", "settings": { "baseUrl": mock::url() } });
        assert_eq!(update(&shop, &masked, same).await["userErrors"], json!([]));
        let create = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } userErrors { field code } } }";
        let input = json!({ "kind": "SMS", "provider": "HTTP", "name": "Mine", "settings": { "baseUrl": mock::url() } });
        let answer = t.data(&masked, create, json!({ "input": input })).await["createChannel"].take();
        refused(&["settings", "baseUrl"], "FORBIDDEN", &answer);

        let set = "mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { workspace { bot { url } } userErrors { field code } } }";
        let bot = json!({ "botUrl": format!("{}/bot/masked", mock::url()), "botSigningSecret": mock::SIGNING_SECRET });
        let answer = t.data(&masked, set, json!({ "input": bot })).await["updateWorkspace"].take();
        assert_eq!(answer, json!({ "workspace": null, "userErrors": [{ "field": ["botUrl"], "code": "FORBIDDEN" }] }));
        t.data(&t.owner, set, json!({ "input": bot })).await;
        let same = json!({ "botUrl": bot["botUrl"], "timeZone": "Europe/Berlin" });
        let answer = t.data(&masked, set, json!({ "input": same })).await;
        assert_eq!(answer["updateWorkspace"]["userErrors"], json!([]));
        let gone = json!({ "botUrl": null, "botSigningSecret": null });
        let answer = t.data(&masked, set, json!({ "input": gone })).await;
        assert_eq!(answer["updateWorkspace"]["userErrors"][0]["code"], "FORBIDDEN");
        t.data(&t.owner, set, json!({ "input": gone })).await;
    }

    async fn a_channel_that_works_waits_for_no_penalty(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        shop.person(&number(1), json!({})).await;
        penalise(&shop, 365 * 86_400 * 1_000_000).await;
        assert_eq!(verify(&shop).await, "READY");
        let wait = next_at(&shop).await - domain::clock::now().timestamp_micros();
        assert!((0..=2_000_000).contains(&wait), "{wait}");
        let id = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": id })).await;
        assert_eq!(shop.becomes(&send, "COMPLETED").await["counts"]["sent"], 1);
        // Slots that may have been reserved stay what they are, and so does a channel that does not work.
        let near = penalise(&shop, 1_900_000).await;
        verify(&shop).await;
        assert_eq!(next_at(&shop).await, near);
        let wrong = json!({ "credentials": { "apiKey": "wrong" } });
        update(&shop, &t.owner, wrong).await;
        let far = penalise(&shop, 3_600_000_000).await;
        assert_eq!(verify(&shop).await, "FAILING");
        assert_eq!(next_at(&shop).await, far);
        t.drained().await;
    }
}
