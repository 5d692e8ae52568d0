//! Requests that nest deep: what is allowed is read and answered, the rest is refused, and the server lives on.

use crate::harness::both;
use serde_json::{Value, json};

const COUNT: &str =
    "query ($filter: ContactFilter) { contacts(filter: $filter) { totalCount { value } } }";

/// A filter in so many others, each a list of one, or without the brackets, which GraphQL adds.
fn nested(levels: usize, in_list: bool) -> Value {
    let mut filter = json!({ "name": { "eq": "Ada" } });
    for _ in 0..levels {
        filter = if in_list {
            json!({ "and": [filter] })
        } else {
            json!({ "and": filter })
        };
    }
    filter
}

/// As it stands in a document.
fn literal(filter: &Value) -> String {
    filter
        .to_string()
        .replace(['"'], "")
        .replace("Ada", "\"Ada\"")
}

both! {
    async fn deep_filters_are_refused_and_harm_nobody(t: &Harness) {
        for (levels, in_list, code) in [
            (9, true, None),
            (9, false, None),
            (11, true, Some("BAD_USER_INPUT")),
            (27, true, Some("BAD_USER_INPUT")),
            (56, false, Some("BAD_USER_INPUT")),
            (58, true, Some("LIMIT_EXCEEDED")),
            (110, false, Some("LIMIT_EXCEEDED")),
        ] {
            let filter = nested(levels, in_list);
            let document = format!("{{ contacts(filter: {}) {{ totalCount {{ value }} }} }}", literal(&filter));
            let answers = [
                t.graphql(&t.owner, COUNT, json!({ "filter": filter })).await,
                t.graphql(&t.manager, &document, json!({})).await,
            ];
            for answer in answers {
                let found = answer["errors"][0]["extensions"]["code"].as_str();
                assert_eq!(found, code, "{levels} {in_list} {answer}");
            }
        }
        let deep = "[".repeat(200_000);
        let answer = t.graphql(&t.owner, &format!("{{ contacts(filter: {deep}) {{ totalCount {{ value }} }} }}"), json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
        let data = t.data(&t.owner, "{ contacts { totalCount { value } } }", json!({})).await;
        assert_eq!(data["contacts"]["totalCount"]["value"], 0);
    }
}
