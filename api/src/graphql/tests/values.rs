//! Attributes of all nine types, and the columns of a table.

use super::harness::both;
use sea_orm::ConnectionTrait;
use serde_json::json;

/// A value of each type as it is given, as it is kept, and as people read it in Berlin.
fn samples() -> [(
    &'static str,
    serde_json::Value,
    serde_json::Value,
    &'static str,
); 9] {
    [
        ("TEXT", json!("a  b"), json!("a  b"), "a  b"),
        ("NUMBER", json!(12.5), json!(12.5), "12.5"),
        (
            "DATE",
            json!("2024-02-29"),
            json!("2024-02-29"),
            "2024-02-29",
        ),
        ("TIME", json!("14:30"), json!("14:30:00"), "14:30"),
        (
            "DATETIME",
            json!("2024-07-01T12:00:00"),
            json!("2024-07-01T10:00:00Z"),
            "2024-07-01 12:00",
        ),
        ("BOOLEAN", json!(false), json!(false), "no"),
        (
            "ARRAY",
            json!(["a", 1, null]),
            json!(["a", 1, null]),
            "a, 1, ",
        ),
        (
            "OBJECT",
            json!({ "a": { "b": 1 } }),
            json!({ "a": { "b": 1 } }),
            "a: {\"b\":1}",
        ),
        (
            "LOCATION",
            json!({ "latitude": 52.5, "longitude": 13.4, "name": "Berlin" }),
            json!({ "latitude": 52.5, "longitude": 13.4, "name": "Berlin" }),
            "Berlin (52.5, 13.4)",
        ),
    ]
}

const VALUES: &str = "query ($id: ID!) { contact(id: $id) { attributes {
    __typename json text attribute { key type }
    ... on NumberValue { number }
    ... on DateValue { date }
    ... on TimeValue { time }
    ... on DateTimeValue { dateTime }
    ... on BooleanValue { boolean }
    ... on ArrayValue { items }
    ... on LocationValue { latitude longitude name }
} } }";

#[tokio::test]
async fn all_nine_types_are_kept_and_read_back_typed() {
    both(async |house| {
        let viewer = house.owner("one").await;
        house.ask(&viewer, "mutation { updateWorkspace(input: {timeZone: \"Europe/Berlin\"}) { workspace { id } } }", json!({})).await;
        // Made with the contact, by their types.
        let given: Vec<_> = samples()
            .iter()
            .map(|(kind, value, ..)| json!({ "key": kind.to_lowercase(), "type": kind, "value": value }))
            .collect();
        let id = house.contact(&viewer, json!({ "name": "x", "attributes": given })).await;
        let data = house.ask(&viewer, VALUES, json!({ "id": id })).await;
        let values = data["contact"]["attributes"].as_array().unwrap();
        for (value, (kind, _, kept, text)) in values.iter().zip(samples()) {
            assert_eq!(value["attribute"], json!({ "key": kind.to_lowercase(), "type": kind }));
            assert_eq!(value["json"], kept);
            assert_eq!(value["text"], text);
        }
        let types: Vec<_> = values.iter().map(|value| value["__typename"].as_str().unwrap()).collect();
        assert_eq!(types, ["TextValue", "NumberValue", "DateValue", "TimeValue", "DateTimeValue", "BooleanValue", "ArrayValue", "ObjectValue", "LocationValue"]);
        assert_eq!(values[1]["number"], 12.5);
        assert_eq!(values[2]["date"], "2024-02-29");
        assert_eq!(values[3]["time"], "14:30:00");
        assert_eq!(values[4]["dateTime"], "2024-07-01T10:00:00Z");
        assert_eq!(values[5]["boolean"], false);
        assert_eq!(values[6]["items"], json!(["a", 1, null]));
        assert_eq!(values[8]["name"], "Berlin");
        assert_eq!((&values[8]["latitude"], &values[8]["longitude"]), (&json!(52.5), &json!(13.4)));
    })
    .await;
}

#[tokio::test]
async fn attributes_come_in_the_order_asked_for() {
    both(async |house| {
        let viewer = house.owner("one").await;
        for key in ["a", "b", "c"] {
            house.attribute(&viewer, key, "TEXT").await;
        }
        let fields = json!({ "attributes": [{ "key": "a", "value": "1" }, { "key": "C", "value": "3" }] });
        let id = house.contact(&viewer, fields).await;
        let query = "query ($id: ID!) { contact(id: $id) {
            some: attributes(keys: [\"c\", \"b\", \"A\"]) { text } none: attribute(key: \"b\") { text } one: attribute(key: \"c\") { text }
        } }";
        let data = house.ask(&viewer, query, json!({ "id": id })).await;
        assert_eq!(data["contact"], json!({ "some": [{ "text": "3" }, { "text": "1" }], "none": null, "one": { "text": "3" } }));
    })
    .await;
}

#[tokio::test]
async fn cells_and_rows_say_the_same_of_every_column() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        let ada = house.member(&viewer, "Ada", "AGENT").await;
        let team = house.team(&viewer, "Support", &[]).await;
        let given: Vec<_> = samples()
            .iter()
            .map(|(kind, value, ..)| json!({ "key": kind.to_lowercase(), "type": kind, "value": value }))
            .collect();
        let full = json!({
            "name": "Full", "firstName": "F", "lastName": "L", "username": "u", "title": "Dr.", "account": "acme",
            "email": "F@example.com", "phone": "+4915112345678", "country": "de", "language": "de-DE", "blocked": true, "optedOut": true,
            "receivesSupportRequests": true, "assigneeId": ada, "teamId": team, "tagNames": ["vip"], "attributes": given, "channels": [{ "channelId": channel, "address": "+49 151 12345678" }],
        });
        let id = house.contact(&viewer, full).await;
        house.contact(&viewer, json!({})).await;
        // Messages write these.
        let times = format!(
            "UPDATE contact SET first_contact_at = created_at, last_interaction_at = created_at, last_incoming_at = created_at WHERE id = {}",
            id.trim_start_matches("contact_")
        );
        house.db.read().execute_unprepared(&times).await.unwrap();
        let data = house.ask(&viewer, "{ columns { key label type builtIn sortable required attribute { key } } }", json!({})).await;
        let columns = data["columns"].as_array().unwrap();
        let required: Vec<_> = columns.iter().filter(|column| column["required"] == true).collect();
        assert_eq!(required.len(), 1);
        assert_eq!(required[0]["key"], "name");
        assert!(columns.iter().all(|column| (column["attribute"].is_null()) == (column["builtIn"] == true)));
        let keys: Vec<_> = columns.iter().map(|column| column["key"].clone()).collect();
        let query = "query ($keys: [String!]!) { contacts(orderBy: [{column: \"createdAt\"}]) {
            nodes { cells(columns: $keys) { column { key } value text } } rows(columns: $keys)
        } }";
        let data = house.ask(&viewer, query, json!({ "keys": keys })).await;
        for n in 0..2 {
            let cells = data["contacts"]["nodes"][n]["cells"].as_array().unwrap();
            for (c, key) in keys.iter().enumerate() {
                assert_eq!(&cells[c]["column"]["key"], key);
                assert_eq!(cells[c]["value"], data["contacts"]["rows"][n][c], "{key}");
                assert_eq!(cells[c]["value"].is_null(), cells[c]["text"].is_null(), "{key}");
                let present = n == 0 || matches!(key.as_str(), Some("id" | "name" | "status" | "botActive" | "receivesSupportRequests" | "version" | "createdAt" | "updatedAt"));
                assert_eq!(!cells[c]["value"].is_null(), present, "{key} {}", cells[c]);
            }
        }
        // Columns that are sortable are what orderBy takes, and no others.
        for column in columns {
            let order = json!({ "order": [{ "column": column["key"] }] });
            let answer = house.answer(&viewer, "query ($order: [ContactOrder!]) { contacts(orderBy: $order) { nodes { id } } }", order).await;
            assert_eq!(answer.get("errors").is_none(), column["sortable"] == true, "{column}");
        }
    })
    .await;
}
