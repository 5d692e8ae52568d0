//! A page of rows reads no more of its contacts than its columns need: each shows alone what it shows among all.

use super::harness::{House, both};
use domain::viewer::Viewer;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

#[tokio::test]
async fn each_column_shows_alone_what_it_shows_among_all() {
    both(async |house| {
        let viewer = house.owner("mine").await;
        furnish(&house, &viewer).await;
        let data = house.ask(&viewer, "{ columns { key } }", json!({})).await;
        let keys: Vec<&str> = data["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column["key"].as_str().unwrap())
            .collect();
        let cells = "query ($columns: [String!]!) { contacts { nodes { cells(columns: $columns) { value } } } }";
        let all = house.ask(&viewer, cells, json!({ "columns": keys })).await;
        let all: Vec<&Value> = all["contacts"]["nodes"][0]["cells"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cell| &cell["value"])
            .collect();
        let rows = "query ($columns: [String!]!) { contacts { rows(columns: $columns) } }";
        for (key, among_all) in keys.iter().zip(all) {
            assert!(!among_all.is_null(), "{key} shows nothing");
            let alone = house.ask(&viewer, rows, json!({ "columns": [key] })).await;
            assert_eq!(alone["contacts"]["rows"][0], json!([among_all]), "{key}");
        }
        // Asked for twice, and beside the contacts themselves.
        let query = r#"{ contacts { a: rows(columns: ["email"]) b: rows(columns: ["phone", "tags"]) } }"#;
        let twice = &house.ask(&viewer, query, json!({})).await["contacts"];
        assert_eq!(twice["a"], json!([["ada@example.com"]]));
        assert_eq!(twice["b"], json!([["+4915112345678", ["New"]]]));
        let query = r#"{ contacts { rows(columns: ["email"]) edges { node { title } } } }"#;
        let beside = &house.ask(&viewer, query, json!({})).await["contacts"];
        assert_eq!(beside["edges"][0]["node"]["title"], "Dr.");
    })
    .await;
}

/// One contact who has everything.
async fn furnish(house: &House, viewer: &Viewer) {
    let channel = house.channel(viewer, "W").await;
    house.tag(viewer, "New").await;
    let member = house.member(viewer, "Mo", "MANAGER").await;
    let team = house.team(viewer, "Sales", &[]).await;
    house.attribute(viewer, "plan", "TEXT").await;
    let fields = json!({
        "name": "Ada L.", "firstName": "Ada", "lastName": "Lovelace", "username": "ada", "title": "Dr.", "account": "A1",
        "email": "ada@example.com", "phone": "+4915112345678", "country": "DE", "language": "de", "status": "ACTIVE",
        "botActive": false, "receivesSupportRequests": true, "assigneeId": member, "teamId": team, "tagNames": ["New"],
        "blocked": true, "optedOut": true, "channels": [{ "channelId": channel, "address": "+4915112345678" }],
        "attributes": [{ "key": "plan", "value": "pro" }],
    });
    house.contact(viewer, fields).await;
    // What only messages set.
    let sql = "UPDATE contact SET first_contact_at = created_at, last_interaction_at = created_at, last_incoming_at = created_at";
    house.db.read().execute_unprepared(sql).await.unwrap();
}
