//! Pages, forward and backward, in every order.

use super::harness::{House, both};
use domain::viewer::Viewer;
use serde_json::{Value as Json, json};

const QUERY: &str =
    "query ($order: [ContactOrder!], $first: Int, $after: String, $last: Int, $before: String) {
    contacts(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { displayName } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount { value exact }
    }
}";

fn names(page: &Json) -> Vec<String> {
    let edges = page["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| edge["node"]["displayName"].as_str().unwrap().to_owned())
        .collect()
}

/// Walks the whole list in pages of two and gives its names, in the list's order.
async fn walk(house: &House, viewer: &Viewer, order: &Json, forward: bool) -> Vec<String> {
    let (size, from, more, edge) = if forward {
        ("first", "after", "hasNextPage", "endCursor")
    } else {
        ("last", "before", "hasPreviousPage", "startCursor")
    };
    let mut variables = json!({ "order": order, size: 2 });
    let mut all = Vec::new();
    loop {
        let page = house.ask(viewer, QUERY, variables.clone()).await["contacts"].take();
        let found = names(&page);
        assert!(!found.is_empty(), "an empty page where more was promised");
        let at = if forward { all.len() } else { 0 };
        all.splice(at..at, found);
        if page["pageInfo"][more] == false {
            return all;
        }
        variables[from] = page["pageInfo"][edge].clone();
    }
}

async fn people(house: &House, viewer: &Viewer) {
    house.attribute(viewer, "score", "NUMBER").await;
    house.attribute(viewer, "since", "DATETIME").await;
    house.attribute(viewer, "plan", "TEXT").await;
    for (name, score, plan) in [
        ("a", Some(2.5), Some("Pro")),
        ("b", None, None),
        ("c", Some(-1.0), Some("äpfel")),
        ("d", None, Some("free")),
        ("e", Some(2.5), Some("Apfel")),
        ("f", Some(1e9), None),
        ("g", None, None),
    ] {
        let since = score.map(|score| format!("2024-01-01T00:00:0{}Z", score as i64 & 7));
        let fields = json!({ "name": name, "attributes": [
            { "key": "score", "value": score },
            { "key": "plan", "value": plan },
            { "key": "since", "value": since },
        ] });
        house.contact(viewer, fields).await;
    }
}

#[tokio::test]
async fn pages_cross_the_stretches_of_an_order_both_ways() {
    both(async |house| {
        let viewer = house.owner("one").await;
        people(&house, &viewer).await;
        for (column, direction, nulls, expected) in [
            ("attr.score", "ASC", "LAST", "c a e f b d g"),
            ("attr.score", "ASC", "FIRST", "b d g c a e f"),
            ("attr.score", "DESC", "LAST", "f e a c b d g"),
            ("attr.score", "DESC", "FIRST", "b d g f e a c"),
            ("attr.plan", "ASC", "LAST", "c e d a b f g"),
            ("attr.plan", "DESC", "FIRST", "b f g a d e c"),
            ("name", "DESC", "LAST", "g f e d c b a"),
            ("createdAt", "ASC", "LAST", "a b c d e f g"),
            ("email", "ASC", "LAST", "a b c d e f g"),
            ("status", "ASC", "LAST", "a b c d e f g"),
        ] {
            let order = json!([{ "column": column, "direction": direction, "nulls": nulls }]);
            let expected: Vec<&str> = expected.split(' ').collect();
            for forward in [true, false] {
                let all = walk(&house, &viewer, &order, forward).await;
                assert_eq!(all, expected, "{order} forward: {forward}");
            }
        }
        for forward in [true, false] {
            let all = walk(&house, &viewer, &Json::Null, forward).await;
            assert_eq!(all, ["g", "f", "e", "d", "c", "b", "a"]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_between_two_cursors() {
    both(async |house| {
        let viewer = house.owner("one").await;
        people(&house, &viewer).await;
        let order = json!([{ "column": "attr.score" }]);
        let all = house.ask(&viewer, QUERY, json!({ "order": order })).await;
        let cursor = |n: usize| all["contacts"]["edges"][n]["cursor"].clone();
        let between = json!({ "order": order, "after": cursor(1), "before": cursor(5), "last": 2 });
        let page = house.ask(&viewer, QUERY, between).await;
        assert_eq!(names(&page["contacts"]), ["f", "b"]);
        assert_eq!(page["contacts"]["pageInfo"]["hasPreviousPage"], true);
        assert_eq!(
            page["contacts"]["totalCount"],
            json!({ "value": 7, "exact": true })
        );
    })
    .await;
}

#[tokio::test]
async fn counts_stop_at_their_limit() {
    both(async |house| {
        let viewer = house.owner("one").await;
        people(&house, &viewer).await;
        let query = "{ contacts {
            three: totalCount(limit: 3) { value exact } seven: totalCount(limit: 7) { value exact } all: totalCount(limit: 0) { value exact }
        } }";
        let before = house.db.statements();
        let data = house.ask(&viewer, query, json!({})).await;
        assert_eq!(data["contacts"], json!({
            "three": { "value": 3, "exact": false },
            "seven": { "value": 7, "exact": true },
            "all": { "value": 7, "exact": true },
        }));
        // The attributes, which say what can be sorted by, and the three counts: the page was not asked for.
        assert_eq!(house.db.statements() - before, 4);
    })
    .await;
}

#[tokio::test]
async fn slips_of_a_program_name_their_argument() {
    both(async |house| {
        let viewer = house.owner("one").await;
        people(&house, &viewer).await;
        let one = house.ask(&viewer, "{ contacts(first: 1) { pageInfo { endCursor } } }", json!({})).await;
        let cursor = one["contacts"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
        for (arguments, path) in [
            ("(first: 0)", json!(["first"])),
            ("(first: 501)", json!(["first"])),
            ("(last: -1)", json!(["last"])),
            ("(first: 1, last: 1)", json!(["last"])),
            ("(after: \"nonsense\")", json!(["after"])),
            (&format!("(orderBy: [{{column: \"name\"}}], before: \"{cursor}\")"), json!(["before"])),
            ("(orderBy: [{column: \"nonsense\"}])", json!(["orderBy", "0", "column"])),
            ("(orderBy: [{column: \"firstName\"}])", json!(["orderBy", "0", "column"])),
            ("(orderBy: [{column: \"name\"}, {column: \"phone\"}])", json!(["orderBy", "1"])),
        ] {
            let query = format!("{{ contacts{arguments} {{ nodes {{ id }} }} }}");
            let refusal = house.refusal(&viewer, &query).await;
            assert_eq!(refusal, json!({ "code": "BAD_USER_INPUT", "path": path }), "{query}");
        }
        for (field, path) in [
            ("totalCount(limit: -1) { value }", json!(["limit"])),
            ("rows(columns: [\"name\", \"attr.nonsense\"])", json!(["columns", "1"])),
            ("nodes { cells(columns: [\"nonsense\"]) { text } }", json!(["columns", "0"])),
            ("nodes { attributes(keys: [\"score\", \"nonsense\"]) { text } }", json!(["keys", "1"])),
        ] {
            let query = format!("{{ contacts(first: 1) {{ {field} }} }}");
            let refusal = house.refusal(&viewer, &query).await;
            assert_eq!(refusal, json!({ "code": "BAD_USER_INPUT", "path": path }), "{query}");
        }
        // A nullable field is null beside its error, and the rest is there.
        let answer = house.answer(&viewer, "{ contacts(first: 1) { nodes { attribute(key: \"nonsense\") { text } displayName } } }", json!({})).await;
        assert_eq!(answer["data"]["contacts"]["nodes"][0], json!({ "attribute": null, "displayName": "g" }));
        assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "BAD_USER_INPUT", "path": ["key"] }));
    })
    .await;
}

#[tokio::test]
async fn segments_are_found_by_name_as_it_is_written() {
    both(async |house| {
        let viewer = house.owner("one").await;
        for name in ["Über 50 %", "under_score", "Plain"] {
            house.segment(&viewer, name, &[]).await;
        }
        for (search, expected) in [
            ("UBER", json!(["Über 50 %"])),
            ("%", json!(["Über 50 %"])),
            ("_", json!(["under_score"])),
            ("", json!(["Plain", "under_score", "Über 50 %"])),
        ] {
            let query = "query ($search: String) { segments(search: $search) { nodes { name } } }";
            let data = house.ask(&viewer, query, json!({ "search": search })).await;
            let found = data["segments"]["nodes"].as_array().unwrap().iter();
            let found: Vec<_> = found.map(|segment| segment["name"].clone()).collect();
            assert_eq!(Json::from(found), expected, "{search}");
        }
        let page = "query ($after: String) { segments(first: 2, after: $after) { edges { cursor node { name } } pageInfo { hasNextPage endCursor } } }";
        let first = house.ask(&viewer, page, json!({})).await;
        assert_eq!(first["segments"]["pageInfo"]["hasNextPage"], true);
        let after = first["segments"]["pageInfo"]["endCursor"].clone();
        let second = house.ask(&viewer, page, json!({ "after": after })).await;
        assert_eq!(second["segments"]["edges"][0]["node"]["name"], "Über 50 %");
        assert_eq!(second["segments"]["pageInfo"]["hasNextPage"], false);
        let refusal = house.refusal(&viewer, "{ segments(search: \"\\u0000\") { nodes { id } } }").await;
        assert_eq!(refusal["code"], "BAD_USER_INPUT");
    })
    .await;
}
