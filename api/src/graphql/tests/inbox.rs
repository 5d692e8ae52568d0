//! Inboxes: whom they show, and to whom they show themselves.

use super::harness::both;
use entity::member;
use serde_json::{Value as Json, json};

const CREATE: &str = "mutation ($input: CreateInboxInput!) {
    createInbox(input: $input) { inbox { id kind name filter search shared createdBy { name } } userErrors { field code } }
}";

#[tokio::test]
async fn an_inbox_shows_whom_it_says() {
    both(async |house| {
        let script = house.owner("one").await;
        let people = "mutation { grace: createMember(input: {name: \"Grace\", email: \"grace@example.com\", role: MANAGER}) { member { id } }
            createTeam(input: {name: \"Sales\"}) { team { id } } }";
        let made = house.ask(&script, people, json!({})).await;
        let (grace, team) = (&made["grace"]["member"]["id"], &made["createTeam"]["team"]["id"]);
        let members = script.find::<member::Entity>();
        let row = sea_orm::QueryOrder::order_by_desc(members, member::Column::Id).one(house.db.read()).await.unwrap();
        let viewer = domain::viewer::Viewer { member: row, ..script.clone() };
        for fields in [
            json!({ "name": "Ada", "assigneeId": grace }),
            json!({ "name": "Bob", "teamId": team }),
            json!({ "name": "Cem", "title": "Dr.", "assigneeId": grace }),
            json!({ "name": "Dan", "title": "Dr.", "status": "INACTIVE" }),
        ] {
            house.contact(&script, fields).await;
        }
        let filter = json!({ "title": { "eq": "DR." }, "status": ["ACTIVE", "INACTIVE"] });
        let data = house.ask(&viewer, CREATE, json!({ "input": { "name": "Doctors", "filter": filter } })).await;
        assert_eq!(data["createInbox"]["inbox"], json!({ "id": "inbox_1", "kind": "CUSTOM", "name": "Doctors", "filter": filter, "search": null, "shared": false, "createdBy": { "name": "Grace" } }));
        let data = house.ask(&script, CREATE, json!({ "input": { "name": "Cs", "search": "ce dr", "filter": {}, "shared": true } })).await;
        assert_eq!(data["createInbox"]["userErrors"], json!([]));
        let query = "{ inboxes { id name kind contactCount { value } } }";
        let told = |data: &Json| -> Vec<(String, Json)> {
            let inboxes = data["inboxes"].as_array().unwrap().iter();
            inboxes.map(|inbox| (inbox["name"].as_str().unwrap().to_owned(), inbox["contactCount"]["value"].clone())).collect()
        };
        let of = |list: &[(&str, i64)]| -> Vec<(String, Json)> { list.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect() };
        let own = house.ask(&viewer, query, json!({})).await;
        assert_eq!(told(&own), of(&[("All", 3), ("Mine", 2), ("Unassigned", 1), ("Sales", 1), ("Doctors", 2), ("Cs", 0)]));
        let script_own = house.ask(&script, query, json!({})).await;
        assert_eq!(told(&script_own), of(&[("All", 3), ("Mine", 0), ("Unassigned", 1), ("Sales", 1), ("Cs", 0)]));
        let query = "query ($id: ID!) { contacts(inboxId: $id, search: \"cem\", filter: {title: {isSet: true}}) { nodes { name } } }";
        for inbox in own["inboxes"].as_array().unwrap() {
            let data = house.ask(&viewer, query, json!({ "id": inbox["id"] })).await;
            let found = ["All", "Mine", "Doctors"].iter().any(|name| inbox["name"] == *name);
            let expected = if found { json!([{ "name": "Cem" }]) } else { json!([]) };
            assert_eq!(data["contacts"]["nodes"], expected, "{inbox}");
        }
        // A private one answers to nobody else.
        let data = house.ask(&script, query, json!({ "id": "inbox_1" })).await;
        assert_eq!(data["contacts"]["nodes"], json!([]));
        let delete = "mutation ($id: ID!) { deleteInbox(input: {id: $id}) { deletedId userErrors { code } } }";
        for (id, code) in [("inbox_1", "NOT_FOUND"), ("inbox_all", "INVALID"), ("inbox_team_99", "NOT_FOUND"), ("", "NOT_FOUND")] {
            let data = house.ask(&script, delete, json!({ "id": id })).await;
            assert_eq!(data["deleteInbox"]["userErrors"], json!([{ "code": code }]), "{id}");
        }
        let data = house.ask(&viewer, delete, json!({ "id": "inbox_1" })).await;
        assert_eq!(data["deleteInbox"]["deletedId"], "inbox_1");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_in_an_inbox_is_refused() {
    both(async |house| {
        let script = house.owner("one").await;
        for (input, error) in [
            (json!({ "name": "x" }), json!({ "field": ["shared"], "code": "INVALID" })),
            (json!({ "name": " ", "shared": true }), json!({ "field": ["name"], "code": "INVALID" })),
        ] {
            let data = house.ask(&script, CREATE, json!({ "input": input })).await;
            assert_eq!(data["createInbox"]["userErrors"], json!([error]));
        }
        let filter = json!({ "and": [{ "attribute": { "key": "gone", "isSet": true } }] });
        let answer = house.answer(&script, CREATE, json!({ "input": { "name": "x", "shared": true, "filter": filter } })).await;
        assert_eq!(answer["errors"][0]["extensions"]["path"], json!(["filter", "and", "0", "attribute", "key"]));
        let segment = "mutation { createSegment(input: {name: \"S\", rules: [{filter: {}}]}) { segment { id } } }";
        let data = house.ask(&script, segment, json!({})).await;
        let id = data["createSegment"]["segment"]["id"].clone();
        let filter = json!({ "not": { "segments": { "anyOf": [id] } } });
        house.ask(&script, CREATE, json!({ "input": { "name": "Others", "shared": true, "filter": filter } })).await;
        let delete = "mutation ($id: ID!) { deleteSegment(input: {id: $id}) { userErrors { code message } } }";
        let data = house.ask(&script, delete, json!({ "id": id })).await;
        let error = &data["deleteSegment"]["userErrors"][0];
        assert_eq!(error["code"], "IN_USE");
        assert!(error["message"].as_str().unwrap().contains("Others"), "{error}");
    })
    .await;
}
