//! Attributes: what of them changes, who has a value, and where they came from.

use super::harness::{House, both, with};
use domain::{
    attribute::{self, NewAttribute},
    viewer::Viewer,
};
use entity::{
    attribute::AttributeType,
    role::{Restriction, Role},
};
use serde_json::{Value as Json, json};

const UPDATE: &str = "mutation ($input: UpdateAttributeInput!) { updateAttribute(input: $input) {
    attribute { key type label description usageCount } userErrors { field code }
} }";

/// How many have a value, by the attribute's key.
async fn usage(house: &House, viewer: &Viewer) -> Json {
    let query = "{ attributes { key usageCount } }";
    let data = house.ask(viewer, query, json!({})).await;
    let of = data["attributes"].as_array().unwrap().iter();
    of.map(|one| {
        (
            one["key"].as_str().unwrap().to_owned(),
            one["usageCount"].clone(),
        )
    })
    .collect::<serde_json::Map<_, _>>()
    .into()
}

#[tokio::test]
async fn an_attribute_is_renamed_and_described() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let foreign = house.owner("two").await;
        let theirs = house.attribute(&foreign, "plan", "TEXT").await;
        let id = house.attribute(&viewer, "plan", "TEXT").await;
        house.contact(&viewer, json!({ "attributes": [{ "key": "plan", "value": "free" }] })).await;
        let update = async |changes: Json| {
            let mut input = changes;
            if input["id"].is_null() {
                input["id"] = json!(id);
            }
            house.ask(&viewer, UPDATE, json!({ "input": input })).await["updateAttribute"].clone()
        };
        let long = "x".repeat(1_000);
        for (changes, label, description) in [
            (json!({}), "plan", Json::Null),
            (json!({ "label": " Tariff\u{200b} " }), "Tariff", Json::Null),
            (json!({ "description": long }), "Tariff", json!(long)),
            (json!({ "label": null }), "Tariff", json!(long)),
            (json!({ "description": " " }), "Tariff", Json::Null),
            (json!({ "description": "What they pay" , "label": "é".repeat(100) }), &"é".repeat(100), json!("What they pay")),
            (json!({ "description": null, "label": "plan" }), "plan", Json::Null),
        ] {
            let done = update(changes.clone()).await;
            let now = json!({ "key": "plan", "type": "TEXT", "label": label, "description": description, "usageCount": 1 });
            assert_eq!(done, json!({ "attribute": now, "userErrors": [] }), "{changes}");
        }
        let error = |field: &str, code: &str| json!({ "field": [field], "code": code });
        for (changes, errors) in [
            (json!({ "label": " " }), json!([error("label", "INVALID")])),
            (json!({ "label": "\u{200b}" }), json!([error("label", "INVALID")])),
            (json!({ "label": "é".repeat(101) }), json!([error("label", "INVALID")])),
            (json!({ "label": "\0", "description": "\0" }), json!([error("label", "INVALID"), error("description", "INVALID")])),
            (json!({ "label": "fine", "description": "é".repeat(1_001) }), json!([error("description", "INVALID")])),
            (json!({ "id": "attribute_99", "label": "" }), json!([error("id", "NOT_FOUND")])),
            (json!({ "id": theirs, "label": "ours" }), json!([error("id", "NOT_FOUND")])),
        ] {
            let refused = update(changes.clone()).await;
            assert_eq!(refused, json!({ "attribute": null, "userErrors": errors }), "{changes}");
        }
        let query = "{ columns { key label attribute { id } } contact(id: \"contact_1\") { version } }";
        let data = house.ask(&viewer, query, json!({})).await;
        let columns = data["columns"].as_array().unwrap();
        assert_eq!(columns.last().unwrap(), &json!({ "key": "attr.plan", "label": "plan", "attribute": { "id": id } }));
        assert_eq!(data["contact"]["version"], 1);
    })
    .await;
}

#[tokio::test]
async fn a_value_counts_for_whom_the_viewer_sees() {
    both(async |house| {
        let owner = house.owner("one").await;
        let foreign = house.owner("two").await;
        house.contact(&foreign, json!({ "attributes": [{ "key": "plan", "value": "free", "type": "TEXT" }] })).await;
        let member = house.member(&owner, "ada", "MANAGER").await;
        for (key, kind) in [("plan", "TEXT"), ("seats", "NUMBER"), ("on", "BOOLEAN"), ("box", "OBJECT"), ("unused", "ARRAY")] {
            house.attribute(&owner, key, kind).await;
        }
        let mut ids = Vec::new();
        for (fields, values) in [
            (json!({ "assigneeId": member }), json!([{ "key": "plan", "value": "free" }, { "key": "on", "value": false }])),
            (json!({ "status": "INACTIVE" }), json!([{ "key": "plan", "value": "" }, { "key": "seats", "value": 0 }])),
            (json!({}), json!([{ "key": "plan", "value": "free" }, { "key": "box", "value": { "plan": 1, "2": null } }])),
        ] {
            let mut fields = fields;
            fields["attributes"] = values;
            ids.push(house.contact(&owner, fields).await);
        }
        assert_eq!(usage(&house, &owner).await, json!({ "plan": 3, "seats": 1, "on": 1, "box": 1, "unused": 0 }));
        let ada = house.log_in(&owner, Some(&member), &[Restriction::OnlyAssignedContacts]).await;
        assert_eq!(usage(&house, &ada).await, json!({ "plan": 1, "seats": 0, "on": 1, "box": 0, "unused": 0 }));
        let script = with(&owner, Role::Manager, &[Restriction::OnlyAssignedContacts]);
        assert_eq!(usage(&house, &script).await["plan"], 0);
        assert_eq!(usage(&house, &foreign).await, json!({ "plan": 1 }));
        let clear = "mutation ($id: ID!) { updateContact(input: {id: $id, contact: {attributes: [{key: \"plan\", value: null}]}}) { userErrors { code } } }";
        house.ask(&owner, clear, json!({ "id": ids[2] })).await;
        assert_eq!(usage(&house, &owner).await["plan"], 2);
    })
    .await;
}

/// Makes attributes that one of these imports brought, by turns.
async fn brought(house: &House, viewer: &Viewer, imports: &[String], keys: std::ops::Range<usize>) {
    for n in keys {
        let new = NewAttribute {
            key: format!("k{n}"),
            label: None,
            r#type: AttributeType::Boolean,
            description: None,
            filterable: None,
            import_id: Some(imports[n % imports.len()].parse().unwrap()),
        };
        let tx = house.db.write().await.unwrap();
        attribute::create(&tx, viewer, new).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn many_attributes_cost_as_many_statements_as_one() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        let imports = [house.import(&viewer, &channel).await, house.import(&viewer, &channel).await];
        house.contact(&viewer, json!({ "attributes": [{ "key": "by hand", "value": "x", "type": "TEXT" }] })).await;
        let query = "{ attributes { key usageCount createdByImport { id fileName channel { name } } }
            columns { attribute { usageCount createdByImport { id } } }
            contacts { nodes { attributes { attribute { usageCount createdByImport { id } } } } } }";
        let mut costs = Vec::new();
        for keys in [0..1, 1..30] {
            brought(&house, &viewer, &imports, keys).await;
            let before = house.db.statements();
            let data = house.ask(&viewer, query, json!({})).await;
            costs.push(house.db.statements() - before);
            let found = data["attributes"].as_array().unwrap();
            assert_eq!((&found[0]["usageCount"], &found[0]["createdByImport"]), (&json!(1), &Json::Null));
            for (n, attribute) in found[1..].iter().enumerate() {
                let import = json!({ "id": imports[n % 2], "fileName": "list.csv", "channel": { "name": "WhatsApp" } });
                assert_eq!((&attribute["usageCount"], &attribute["createdByImport"]), (&json!(0), &import));
            }
        }
        // The attributes, who has them, their imports with the channels, and the page of contacts.
        assert_eq!(costs, [5, 5]);
        for restriction in [Restriction::OnlyAssignedContacts, Restriction::MaskPhoneAndEmail] {
            let less = with(&viewer, Role::Owner, &[restriction]);
            let data = house.ask(&less, "{ attributes { createdByImport { id } } }", json!({})).await;
            let mut found = data["attributes"].as_array().unwrap().iter();
            assert!(found.all(|attribute| attribute["createdByImport"].is_null()));
        }
    })
    .await;
}
