//! Making, changing and deleting contacts.

use super::harness::both;
use serde_json::{Value as Json, json};

const UPDATE: &str = "mutation ($input: UpdateContactInput!) { updateContact(input: $input) {
    contact { displayName name email phone country language status blockedAt version channels { id address } attributes { text } }
    userErrors { field code }
} }";

#[tokio::test]
async fn what_is_left_out_stays_null_clears_and_a_list_replaces() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        let fields = json!({
            "name": "Ada", "email": "ada@example.com", "country": "GB",
            "attributes": [{ "key": "plan", "type": "TEXT", "value": "pro" }],
            "channels": [{ "channelId": channel, "address": "+4915112345678" }, { "channelId": channel, "address": "+4915112345679" }],
        });
        let id = house.contact(&viewer, fields).await;
        let update = async |contact: Json| {
            let data = house.ask(&viewer, UPDATE, json!({ "input": { "id": id, "contact": contact } })).await;
            assert_eq!(data["updateContact"]["userErrors"], json!([]));
            data["updateContact"]["contact"].clone()
        };
        let unchanged = update(json!({})).await;
        assert_eq!((&unchanged["version"], &unchanged["email"]), (&json!(1), &json!("ada@example.com")));
        let cleared = update(json!({ "name": null, "country": null, "email": "", "status": "INACTIVE", "blocked": true })).await;
        assert_eq!(cleared["displayName"], "+4915112345678");
        assert_eq!((&cleared["name"], &cleared["country"], &cleared["email"]), (&Json::Null, &Json::Null, &Json::Null));
        assert_eq!((&cleared["status"], &cleared["version"]), (&json!("INACTIVE"), &json!(2)));
        assert!(cleared["blockedAt"].is_string());
        let kept = unchanged["channels"][1]["id"].clone();
        let replaced = update(json!({ "channels": [{ "channelId": channel, "address": "+49 151 12345679" }] })).await;
        assert_eq!(replaced["channels"], json!([{ "id": kept, "address": "+4915112345679" }]));
        let emptied = update(json!({ "channels": null, "attributes": [{ "key": "PLAN", "value": null }] })).await;
        assert_eq!((&emptied["channels"], &emptied["attributes"]), (&json!([]), &json!([])));
        assert_eq!(emptied["displayName"], "Unnamed contact");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_what_was_not_seen_is_a_conflict() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let id = house.contact(&viewer, json!({ "name": "Ada" })).await;
        for (seen, done) in [(1, true), (1, false), (2, true)] {
            let input = json!({ "id": id, "contact": { "name": format!("Ada {seen} {done}") }, "ifVersion": seen });
            let data = house.ask(&viewer, UPDATE, json!({ "input": input })).await;
            let errors = if done { json!([]) } else { json!([{ "field": ["ifVersion"], "code": "CONFLICT" }]) };
            assert_eq!(data["updateContact"]["userErrors"], errors);
            assert_eq!(data["updateContact"]["contact"].is_null(), !done);
        }
    })
    .await;
}

#[tokio::test]
async fn every_slip_is_named_beside_its_field_and_nothing_is_written() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        let taken = json!({ "channels": [{ "channelId": channel, "address": "+4915112345678" }] });
        house.contact(&viewer, taken.clone()).await;
        let fields = json!({
            "email": "nonsense", "phone": "12", "name": "x".repeat(501),
            "attributes": [
                { "key": "there is none", "value": 1 },
                { "key": "new", "type": "NUMBER", "value": "no number" },
                { "key": "plan", "type": "TEXT" },
                { "key": "place", "type": "TEXT", "value": "here" },
                { "key": "PLACE", "type": "TEXT", "value": "there" },
            ],
            "channels": taken["channels"],
        });
        let query = "mutation ($contact: ContactFieldsInput!) { createContact(input: {contact: $contact}) { contact { id } userErrors { field code message } } }";
        let data = house.ask(&viewer, query, json!({ "contact": fields })).await;
        assert_eq!(data["createContact"]["contact"], Json::Null);
        let errors = data["createContact"]["userErrors"].as_array().unwrap();
        let mut found: Vec<_> = errors.iter().map(|error| (error["field"].clone(), error["code"].as_str().unwrap())).collect();
        found.sort_by_key(|(field, _)| field.to_string());
        assert_eq!(found, [
            (json!(["contact", "attributes", "0", "key"]), "NOT_FOUND"),
            (json!(["contact", "attributes", "1", "value"]), "VALUE_OF_WRONG_TYPE"),
            (json!(["contact", "attributes", "2", "value"]), "REQUIRED"),
            (json!(["contact", "attributes", "4", "key"]), "INVALID"),
            (json!(["contact", "channels", "0", "address"]), "TAKEN"),
            (json!(["contact", "email"]), "EMAIL_INVALID"),
            (json!(["contact", "name"]), "VALUE_TOO_LONG"),
            (json!(["contact", "phone"]), "PHONE_INVALID"),
        ]);
        assert!(errors.iter().all(|error| !error["message"].as_str().unwrap().is_empty()));
        let data = house.ask(&viewer, "{ attributes { key } contacts { totalCount { value } } }", json!({})).await;
        assert_eq!(data, json!({ "attributes": [], "contacts": { "totalCount": { "value": 1 } } }));
    })
    .await;
}

#[tokio::test]
async fn a_request_reads_what_it_has_written() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let query = "mutation {
            first: createContact(input: {contact: {name: \"a\"}}) { contact { attributes { text } } }
            attribute: createAttribute(input: {key: \"plan\", type: TEXT}) { attribute { key filterable } }
            second: createContact(input: {contact: {attributes: [{key: \"plan\", value: \"pro\"}]}}) { contact { attributes { text } } }
            same: createAttribute(input: {key: \"PLAN\", type: NUMBER}) { attribute { key } userErrors { field code } }
        }";
        let data = house.ask(&viewer, query, json!({})).await;
        assert_eq!(data["first"]["contact"]["attributes"], json!([]));
        assert_eq!(data["attribute"]["attribute"], json!({ "key": "plan", "filterable": true }));
        assert_eq!(data["second"]["contact"]["attributes"], json!([{ "text": "pro" }]));
        assert_eq!(data["same"], json!({ "attribute": null, "userErrors": [{ "field": ["key"], "code": "ATTRIBUTE_TYPE_CONFLICT" }] }));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_contact_is_gone_and_its_address_free() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        let fields = json!({ "status": "INACTIVE", "channels": [{ "channelId": channel, "address": "+4915112345678" }] });
        let id = house.contact(&viewer, fields.clone()).await;
        let by_address = "query ($channel: ID!) { contactByAddress(channelId: $channel, address: \" 0049 151/12345678\") { id } }";
        let data = house.ask(&viewer, by_address, json!({ "channel": channel })).await;
        assert_eq!(data["contactByAddress"], json!({ "id": id }));
        let delete = "mutation ($id: ID!) { deleteContact(input: {id: $id}) { deletedId userErrors { field code } } }";
        let data = house.ask(&viewer, delete, json!({ "id": id })).await;
        assert_eq!(data["deleteContact"], json!({ "deletedId": id, "userErrors": [] }));
        let data = house.ask(&viewer, delete, json!({ "id": id })).await;
        assert_eq!(data["deleteContact"], json!({ "deletedId": null, "userErrors": [{ "field": ["id"], "code": "NOT_FOUND" }] }));
        let data = house.ask(&viewer, by_address, json!({ "channel": channel })).await;
        assert_eq!(data["contactByAddress"], Json::Null);
        house.contact(&viewer, fields).await;
    })
    .await;
}

#[tokio::test]
async fn status_narrows_unless_a_segment_is_named() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let active = house.contact(&viewer, json!({ "name": "active" })).await;
        let inactive = house.contact(&viewer, json!({ "name": "inactive", "status": "INACTIVE" })).await;
        let segment = house.segment(&viewer, "all", &[active, inactive]).await;
        let query = "query ($segment: ID, $status: [ContactStatus!]) {
            contacts(segmentId: $segment, status: $status) { nodes { name } totalCount { value } }
        }";
        for (segment, status, expected) in [
            (Json::Null, Json::Null, json!(["active"])),
            (Json::Null, json!(["INACTIVE", "ACTIVE"]), json!(["inactive", "active"])),
            (json!(segment), Json::Null, json!(["inactive", "active"])),
            (json!(segment), json!(["INACTIVE"]), json!(["inactive"])),
            (Json::Null, json!([]), json!([])),
        ] {
            let data = house.ask(&viewer, query, json!({ "segment": segment, "status": status })).await;
            let found = data["contacts"]["nodes"].as_array().unwrap().iter();
            let found: Vec<_> = found.map(|contact| contact["name"].clone()).collect();
            assert_eq!(data["contacts"]["totalCount"]["value"], found.len());
            assert_eq!(Json::from(found), expected);
        }
        let query = "query ($id: ID!) { node(id: $id) { ... on Segment { name kind contactCount { value exact }
            contacts(orderBy: [{column: \"name\"}], last: 1) { nodes { name } totalCount { value } } } } }";
        let data = house.ask(&viewer, query, json!({ "id": segment })).await;
        assert_eq!(data["node"], json!({
            "name": "all", "kind": "STATIC", "contactCount": { "value": 2, "exact": true },
            "contacts": { "nodes": [{ "name": "inactive" }], "totalCount": { "value": 2 } },
        }));
    })
    .await;
}
