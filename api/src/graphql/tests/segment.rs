//! Segments made up by rules.

use super::harness::{House, both};
use domain::viewer::Viewer;
use serde_json::{Value as Json, json};

const CREATE: &str = "mutation ($name: String!, $rules: [SegmentRuleInput!]!) {
    createSegment(input: {name: $name, rules: $rules}) { segment { id kind rules { name filter } } userErrors { field code } }
}";

async fn segment(house: &House, viewer: &Viewer, name: &str, rules: Json) -> String {
    let data = house
        .ask(viewer, CREATE, json!({ "name": name, "rules": rules }))
        .await;
    assert_eq!(data["createSegment"]["userErrors"], json!([]), "{name}");
    data["createSegment"]["segment"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Ada and Bob with a title, Cem without.
async fn people(house: &House, viewer: &Viewer) -> Vec<String> {
    let mut ids = Vec::new();
    for (name, title) in [("Ada", Some("Dr.")), ("Bob", Some("Prof.")), ("Cem", None)] {
        ids.push(
            house
                .contact(viewer, json!({ "name": name, "title": title }))
                .await,
        );
    }
    ids
}

#[tokio::test]
async fn a_contact_belongs_while_any_rule_holds() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let ids = people(&house, &viewer).await;
        let rules = json!([
            { "name": "Doctors", "filter": { "title": { "eq": "dr." } } },
            { "filter": { "name": { "startsWith": "C" }, "createdAt": { "inLast": "P1D" } } },
        ]);
        let id = segment(&house, &viewer, "Some", rules).await;
        house.segment(&viewer, "List", &ids[1..2]).await;
        let query = "query ($id: ID!, $bob: ID!) {
            contacts(segmentId: $id, orderBy: [{column: \"name\"}]) { nodes { name segments { name } } totalCount { value } }
            not: contacts(filter: {segments: {noneOf: [$id]}}) { nodes { name segments { name } } }
            segments { nodes { name contactCount { value } contacts { nodes { name } } explain(contactId: $bob) { member rules { holds failing } } } }
        }";
        let data = house.ask(&viewer, query, json!({ "id": id, "bob": ids[1] })).await;
        let some = json!([{ "name": "Some" }]);
        assert_eq!(data["contacts"]["nodes"], json!([{ "name": "Ada", "segments": some }, { "name": "Cem", "segments": some }]));
        assert_eq!(data["contacts"]["totalCount"]["value"], 2);
        assert_eq!(data["not"]["nodes"], json!([{ "name": "Bob", "segments": [{ "name": "List" }] }]));
        let [list, some] = data["segments"]["nodes"].as_array().unwrap().as_slice() else { panic!("{data}") };
        assert_eq!((&list["contactCount"]["value"], &some["contactCount"]["value"]), (&json!(1), &json!(2)));
        assert_eq!(some["contacts"]["nodes"], json!([{ "name": "Cem" }, { "name": "Ada" }]));
        assert_eq!(list["explain"], json!({ "member": true, "rules": [] }));
        assert_eq!(some["explain"], json!({ "member": false, "rules": [
            { "holds": false, "failing": ["title eq \"dr.\""] },
            { "holds": false, "failing": ["name startsWith \"C\""] },
        ] }));
        let change = "mutation ($contact: ID!) {
            updateContact(input: {id: $contact, contact: {title: \"DR.\"}}) { contact { segments { name } } } }";
        let data = house.ask(&viewer, change, json!({ "contact": ids[1] })).await;
        assert_eq!(data["updateContact"]["contact"]["segments"], json!([{ "name": "Some" }, { "name": "List" }]));
    })
    .await;
}

#[tokio::test]
async fn a_stored_rule_keeps_its_zone() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let zone = "mutation ($zone: TimeZone!) { updateWorkspace(input: {timeZone: $zone}) { userErrors { code } } }";
        house.ask(&viewer, zone, json!({ "zone": "Asia/Kolkata" })).await;
        let rules = json!([{ "filter": { "not": { "createdAt": { "on": "2026-11-21", "before": null } } } }]);
        let data = house.ask(&viewer, CREATE, json!({ "name": "Some", "rules": rules })).await;
        let stored = json!({ "not": { "createdAt": { "on": "2026-11-21", "timeZone": "Asia/Kolkata" } } });
        assert_eq!(data["createSegment"]["segment"]["rules"][0]["filter"], stored);
    })
    .await;
}

#[tokio::test]
async fn segments_may_name_segments_but_not_in_a_circle() {
    both(async |house| {
        let viewer = house.owner("one").await;
        people(&house, &viewer).await;
        let named = |id: &str| json!([{ "filter": { "segments": { "anyOf": [id] } } }]);
        let first = segment(&house, &viewer, "First", json!([{ "filter": { "title": { "isSet": true } } }])).await;
        let second = segment(&house, &viewer, "Second", named(&first)).await;
        let third = segment(&house, &viewer, "Third", json!([{ "filter": { "not": { "segments": { "allOf": [second] } } } }])).await;
        let query = "query ($id: ID!) { contacts(segmentId: $id) { nodes { name } } }";
        let data = house.ask(&viewer, query, json!({ "id": third })).await;
        assert_eq!(data["contacts"]["nodes"], json!([{ "name": "Cem" }]));
        let update = "mutation ($id: ID!, $rules: [SegmentRuleInput!]) {
            updateSegment(input: {id: $id, rules: $rules}) { userErrors { field code } } }";
        for id in [&first, &second, &third] {
            let data = house.ask(&viewer, update, json!({ "id": first, "rules": named(id) })).await;
            assert_eq!(data["updateSegment"]["userErrors"], json!([{ "field": ["rules", "0", "filter"], "code": "CYCLE" }]));
        }
        let all = json!([{ "filter": { "segments": { "isEmpty": true } } }]);
        let data = house.ask(&viewer, CREATE, json!({ "name": "None", "rules": all })).await;
        assert_eq!(data["createSegment"]["userErrors"][0]["code"], "INVALID");
        let delete = "mutation ($id: ID!) { deleteSegment(input: {id: $id}) { deletedId userErrors { code message } } }";
        let data = house.ask(&viewer, delete, json!({ "id": first })).await;
        assert_eq!(data["deleteSegment"]["userErrors"][0]["code"], "IN_USE");
        assert!(data["deleteSegment"]["userErrors"][0]["message"].as_str().unwrap().contains("Second"));
        for id in [third, second, first] {
            let data = house.ask(&viewer, delete, json!({ "id": id })).await;
            assert_eq!(data["deleteSegment"]["deletedId"], json!(id));
        }
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_where_it_stands() {
    both(async |house| {
        let viewer = house.owner("one").await;
        house.attribute(&viewer, "plan", "TEXT").await;
        for (rules, path) in [
            (json!([{ "filter": {} }, { "filter": { "or": [{ "attribute": { "key": "nonsense", "isSet": true } }] } }]), json!(["rules", "1", "filter", "or", "0", "attribute", "key"])),
            (json!([{ "filter": { "attribute": { "key": "plan", "number": { "eq": 1 } } } }]), json!(["rules", "0", "filter", "attribute"])),
        ] {
            let answer = house.answer(&viewer, CREATE, json!({ "name": "x", "rules": rules })).await;
            assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "BAD_USER_INPUT", "path": path }));
        }
        let data = house.ask(&viewer, CREATE, json!({ "name": "x", "rules": [] })).await;
        assert_eq!(data["createSegment"]["userErrors"], json!([{ "field": ["rules"], "code": "INVALID" }]));
        segment(&house, &viewer, "Größe", json!([{ "filter": {} }])).await;
        let data = house.ask(&viewer, CREATE, json!({ "name": "Größere", "rules": [{ "filter": {} }] })).await;
        assert_eq!(data["createSegment"]["userErrors"], json!([]));
        let data = house.ask(&viewer, CREATE, json!({ "name": "GRÖSSE", "rules": [{ "filter": {} }] })).await;
        assert_eq!(data["createSegment"]["userErrors"], json!([{ "field": ["name"], "code": "TAKEN" }]));
    })
    .await;
}
