//! What a filter may not say: BAD_USER_INPUT, with a path that leads to the place.

use crate::{
    harness::{Harness, both},
    import_kit::attribute,
};
use serde_json::{Value, json};

const QUERY: &str = "query ($filter: ContactFilter) { contacts(filter: $filter) { nodes { id } totalCount { value } } }";

async fn asked(t: &Harness, filter: &Value) -> Value {
    t.graphql(&t.owner, QUERY, json!({ "filter": filter }))
        .await
}

/// Where the refusal points.
async fn place(t: &Harness, filter: Value) -> String {
    let answer = asked(t, &filter).await;
    let error = &answer["errors"][0]["extensions"];
    let shown: String = answer.to_string().chars().take(500).collect();
    assert_eq!(error["code"], "BAD_USER_INPUT", "{shown}");
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{shown}");
    let steps = error["path"].as_array().unwrap().iter();
    steps
        .map(|step| step.as_str().unwrap())
        .collect::<Vec<_>>()
        .join(".")
}

async fn taken(t: &Harness, filter: Value) {
    let answer = asked(t, &filter).await;
    let shown: String = answer.to_string().chars().take(500).collect();
    assert_eq!(answer.get("errors"), None, "{shown}");
}

async fn attributes(t: &Harness) {
    for kind in ["TEXT", "NUMBER", "DATE", "ARRAY", "LOCATION"] {
        attribute(t, &kind.to_lowercase(), kind).await;
    }
}

/// `levels` filters, each in the one before.
fn nested(levels: usize) -> Value {
    (1..levels).fold(
        json!({ "blocked": true }),
        |inner, _| json!({ "not": inner }),
    )
}

both! {
    async fn a_condition_fits_its_attribute(t: &Harness) {
        attributes(t).await;
        let table = [
            (json!({ "key": "nowhere", "isSet": true }), "key"),
            (json!({ "key": "attr.text", "isSet": true }), "key"),
            (json!({ "key": "te\u{0}xt", "isSet": true }), "key"),
            (json!({ "key": "text", "number": { "gt": 1 } }), ""),
            (json!({ "key": "number", "text": { "eq": "1" } }), ""),
            (json!({ "key": "number", "text": { "eq": "1" }, "number": { "gt": 1 } }), ""),
            (json!({ "key": "number", "isSet": true, "number": { "gt": 1 } }), ""),
            (json!({ "key": "number" }), ""),
            (json!({ "key": "number", "number": null }), ""),
            (json!({ "key": "date", "date": { "inLast": "PT12H" } }), "date.inLast"),
            (json!({ "key": "date", "date": { "inNext": "P1DT1S" } }), "date.inNext"),
        ];
        for (filter, path) in table {
            let expected = format!("filter.and.1.attribute.{path}");
            let filter = json!({ "and": [{ "blocked": false }, { "attribute": filter }] });
            assert_eq!(place(t, filter.clone()).await, expected.trim_end_matches('.'), "{filter}");
        }
        taken(t, json!({ "attribute": { "key": "number", "number": {} } })).await;
        taken(t, json!({ "attribute": { "key": "number", "isSet": true, "number": null } })).await;
    }

    async fn a_circle_is_on_earth(t: &Harness) {
        attributes(t).await;
        let circle = |latitude: f64, longitude: f64, radius: f64| {
            let circle = json!({ "latitude": latitude, "longitude": longitude, "radius": radius });
            json!({ "attribute": { "key": "location", "location": { "within": circle } } })
        };
        for wrong in [
            circle(90.1, 0.0, 1.0), circle(-91.0, 0.0, 1.0), circle(0.0, 180.5, 1.0), circle(0.0, -181.0, 1.0),
            circle(0.0, 0.0, -1.0), circle(0.0, 0.0, 20_100_001.0),
        ] {
            assert_eq!(place(t, wrong).await, "filter.attribute.location.within");
        }
        taken(t, circle(-90.0, 180.0, 0.0)).await;
        taken(t, circle(90.0, -180.0, 20_100_000.0)).await;
    }

    async fn a_filter_is_no_larger_than_it_may_be(t: &Harness) {
        let many = |count: usize| json!({ "or": vec![json!({ "blocked": true }); count] });
        taken(t, nested(10)).await;
        assert_eq!(place(t, nested(11)).await, format!("filter{}", ".not".repeat(10)));
        taken(t, many(200)).await;
        assert_eq!(place(t, many(201)).await, "filter.or.200.blocked");
        let two = json!({ "and": [many(150), many(51)] });
        assert_eq!(place(t, two).await, "filter.and.1.or.50.blocked");
        // A filter without a condition counts as one.
        let none = |filter: Value, count: usize| json!({ "or": vec![filter; count] });
        for empty in [json!({}), json!({ "and": [] }), json!({ "name": {} }), json!({ "name": null })] {
            taken(t, none(empty.clone(), 200)).await;
            assert_eq!(place(t, none(empty.clone(), 201)).await, "filter.or.200");
            assert_eq!(place(t, none(empty, 1_001)).await, "filter.or");
        }
    }

    async fn a_list_is_no_longer_than_it_may_be(t: &Harness) {
        attributes(t).await;
        let lists = [
            ("firstName", "in"), ("phone", "notIn"), ("tags", "anyOf"), ("channels", "noneOf"), ("segments", "anyOf"),
            ("imports", "noneOf"), ("team", "in"), ("assignee", "notIn"),
        ];
        for (field, name) in lists {
            let list = |count: usize| json!({ field: { name: vec!["x"; count] } });
            taken(t, list(1_000)).await;
            assert_eq!(place(t, list(1_001)).await, format!("filter.{field}.{name}"));
        }
        let numbers = |count: usize| json!({ "attribute": { "key": "number", "number": { "in": vec![1.5; count] } } });
        taken(t, numbers(1_000)).await;
        assert_eq!(place(t, numbers(1_001)).await, "filter.attribute.number.in");
        let items = |count: usize| json!({ "attribute": { "key": "array", "array": { "noneOf": vec![1; count] } } });
        taken(t, items(1_000)).await;
        assert_eq!(place(t, items(1_001)).await, "filter.attribute.array.noneOf");
        // Of `allOf` each entry is a condition: what has too many of them has too many conditions first.
        let all = json!({ "tags": { "allOf": vec!["x"; 201] } });
        assert_eq!(place(t, all).await, "filter.tags.allOf");
        let all = |count: usize| json!({ "attribute": { "key": "array", "array": { "allOf": vec![1; count] } } });
        taken(t, all(200)).await;
        assert_eq!(place(t, all(201)).await, "filter.attribute.array.allOf");
    }

    async fn a_text_is_what_a_database_can_hold(t: &Harness) {
        attributes(t).await;
        let (longest, longer) = ("ä".repeat(10_000), "ä".repeat(10_001));
        for wrong in [longer.as_str(), "nu\u{0}l"] {
            for name in ["eq", "contains", "startsWith", "endsWith"] {
                assert_eq!(place(t, json!({ "username": { name: wrong } })).await, format!("filter.username.{name}"));
                let inner = json!({ "not": { "attribute": { "key": "text", "text": { name: wrong } } } });
                assert_eq!(place(t, inner).await, format!("filter.not.attribute.text.{name}"));
            }
            assert_eq!(place(t, json!({ "email": { "notIn": ["x", wrong] } })).await, "filter.email.notIn");
            assert_eq!(place(t, json!({ "phone": { "contains": wrong } })).await, "filter.phone.contains");
            for item in [json!(wrong), json!([wrong]), json!({ "a": { "b": wrong } })] {
                let array = json!({ "attribute": { "key": "array", "array": { "anyOf": ["x", item] } } });
                assert_eq!(place(t, array).await, "filter.attribute.array.anyOf");
            }
        }
        for name in ["eq", "contains", "startsWith", "endsWith"] {
            taken(t, json!({ "username": { name: longest } })).await;
            taken(t, json!({ "attribute": { "key": "text", "text": { name: longest } } })).await;
        }
        taken(t, json!({ "attribute": { "key": "array", "array": { "anyOf": [longest] } } })).await;
    }
}
