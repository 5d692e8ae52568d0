//! Slots given to attributes that have values, and taken away: what sorts and filters by them, at every moment.

use crate::{
    attribute_kit::{count, die_half_way, filled, give, make, many, outcome, set, slot, sorted},
    harness::{Harness, both, until},
    import_kit::{self, contact},
};
use serde_json::{Value, json};

/// Contacts with a number and a text, by an import; the numbers are in no order.
async fn crowd(t: &Harness, number: i64) {
    let rows = (0..number).map(|n| {
        let score = n * 7_919 % number;
        format!("p{n}@example.com,{score},Plan {score:05}\n")
    });
    let file = format!("email,attr.score,attr.plan\n{}", rows.collect::<String>());
    import_kit::run(t, json!({}), file).await;
}

fn more_than(score: i64) -> Value {
    json!({ "filter": { "attribute": { "key": "score", "number": { "gte": score } } } })
}

async fn is_filterable(t: &Harness, id: &Value) -> bool {
    let query = "query ($id: ID!) { node(id: $id) { ... on Attribute { filterable } } }";
    t.data(&t.owner, query, json!({ "id": id })).await["node"]["filterable"]
        .as_bool()
        .unwrap()
}

fn refused(payload: &Value) -> (Value, Value) {
    assert_eq!(payload["operation"], Value::Null, "{payload:#}");
    let error = &payload["userErrors"][0];
    (error["field"].clone(), error["code"].clone())
}

/// Cells as they are in order: 0, 1, 2 …
fn in_order(number: i64) -> Value {
    (0..number).map(|n| json!([n])).collect()
}

both! {
    async fn a_slot_given_later_sorts_as_one_that_was_always_there(t: &Harness) {
        let id = make(t, "score", "NUMBER", false).await;
        let plan = make(t, "plan", "TEXT", false).await;
        crowd(t, 2_300).await;
        let without = contact(t, json!({ "name": "Without" })).await;
        let sum = "SELECT CAST(sum(version) AS bigint) FROM contact";
        let before = (count(t, more_than(400)).await, t.number(sum).await, t.number("SELECT count(DISTINCT updated_at) FROM contact").await);
        let refusal = sorted(t, "attr.score", &["attr.score"]).await;
        assert_eq!(refusal["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        for (id, key) in [(&id, "attr.score"), (&plan, "attr.plan")] {
            let asked = set(t, id, true).await;
            assert_eq!((&asked["attribute"]["filterable"], &asked["operation"]["action"]), (&json!(false), &json!("INDEX_ATTRIBUTE")), "{asked:#}");
            t.drained().await;
            assert_eq!(outcome(t, &asked["operation"]).await, ("COMPLETED".to_owned(), 2_300));
            assert!(is_filterable(t, id).await);
            let rows = sorted(t, key, &["attr.score"]).await;
            assert_eq!(rows, in_order(500), "{key}");
        }
        let after = (count(t, more_than(400)).await, t.number(sum).await, t.number("SELECT count(DISTINCT updated_at) FROM contact").await);
        assert_eq!(before, after);
        assert_eq!(before.0, 1_900);
        let descending = "{ contacts(first: 2, orderBy: [{ column: \"attr.score\", direction: DESC, nulls: FIRST }]) { nodes { id } rows(columns: [\"attr.score\"]) } }";
        let found = t.data(&t.owner, descending, json!({})).await;
        assert_eq!((&found["contacts"]["nodes"][0]["id"], &found["contacts"]["rows"][1]), (&without, &json!([2_299])));
        // Asked for again, there is nothing to do.
        assert_eq!(set(t, &id, true).await, json!({ "attribute": { "filterable": true }, "operation": null, "userErrors": [] }));
    }

    async fn what_is_written_meanwhile_is_not_missed(t: &Harness) {
        let id = make(t, "score", "NUMBER", false).await;
        let mut ids = Vec::new();
        for score in [5, 4, 3] {
            ids.push(contact(t, json!({ "attributes": [{ "key": "score", "value": score }] })).await);
        }
        ids.push(contact(t, json!({ "name": "Later" })).await);
        let asked = set(t, &id, true).await;
        // Nobody is at work yet: all of this comes between the question and the job.
        give(t, &ids[0], &[("score", json!(1))]).await;
        give(t, &ids[1], &[("score", Value::Null)]).await;
        give(t, &ids[3], &[("score", json!(0))]).await;
        contact(t, json!({ "attributes": [{ "key": "score", "value": 2 }] })).await;
        assert!(!is_filterable(t, &id).await);
        assert_eq!(count(t, more_than(1)).await, 3);
        t.drained().await;
        assert_eq!(outcome(t, &asked["operation"]).await, ("COMPLETED".to_owned(), 4));
        assert_eq!(sorted(t, "attr.score", &["attr.score"]).await, json!([[0], [1], [2], [3], [null]]));
        assert_eq!(count(t, more_than(1)).await, 3);
    }

    async fn an_import_at_work_fills_a_slot_from_the_moment_it_is_given(t: &Harness) {
        let id = make(t, "score", "NUMBER", false).await;
        make(t, "plan", "TEXT", false).await;
        let rows = (0..8_000).map(|n| format!("p{n}@example.com,{n},x\n"));
        let file = format!("email,attr.score,attr.plan\n{}", rows.collect::<String>());
        let import = import_kit::create(t, json!({}), file).await["id"].clone();
        import_kit::start(t, &import, json!({})).await;
        t.work();
        let begun = async || import_kit::import(t, &import).await["progress"]["done"].as_i64() > Some(0);
        until("the first rows", begun).await;
        let asked = set(t, &id, true).await;
        t.drained().await;
        assert_eq!(outcome(t, &asked["operation"]).await.0, "COMPLETED");
        assert_eq!(import_kit::import(t, &import).await["createdCount"], 8_000);
        assert_eq!(filled(t, &slot(t, "score").await).await, 8_000);
    }

    async fn a_slot_is_empty_before_another_attribute_has_it(t: &Harness) {
        let mut ids = Vec::new();
        for n in 0..10 {
            ids.push(make(t, &format!("a{n}"), "NUMBER", true).await);
        }
        let last = make(t, "last", "DATE", false).await;
        let one = contact(t, json!({ "name": "One", "attributes": [{ "key": "a0", "value": 7 }, { "key": "last", "value": "2026-01-01" }] })).await;
        let two = contact(t, json!({ "name": "Two", "attributes": [{ "key": "a0", "value": 8 }] })).await;
        let save = "mutation { updateTableView(input: { orderBy: [{ column: \"attr.a0\" }] }) { userErrors { code } } }";
        t.data(&t.owner, save, json!({})).await;
        let view = "{ tableView { orderBy { column { key } } } }";
        assert_eq!(t.data(&t.owner, view, json!({})).await["tableView"]["orderBy"][0]["column"]["key"], "attr.a0");
        let full = (json!(["filterable"]), json!("LIMIT_EXCEEDED"));
        assert_eq!(refused(&set(t, &last, true).await), full);
        let given_up = slot(t, "a0").await;
        let emptied = set(t, &ids[0], false).await;
        assert_eq!((&emptied["attribute"]["filterable"], &emptied["operation"]["action"]), (&json!(false), &json!("UNINDEX_ATTRIBUTE")));
        // At once nothing reads it, and nobody else has it.
        assert_eq!(t.data(&t.owner, view, json!({})).await["tableView"]["orderBy"], json!([]));
        let seven = json!({ "filter": { "attribute": { "key": "a0", "number": { "eq": 7 } } } });
        assert_eq!(count(t, seven.clone()).await, 1);
        assert_eq!(refused(&set(t, &last, true).await), full);
        give(t, &two, &[("a0", json!(9))]).await;
        assert_eq!(filled(t, &given_up).await, 1);
        t.drained().await;
        assert_eq!(outcome(t, &emptied["operation"]).await.0, "COMPLETED");
        assert_eq!(filled(t, &given_up).await, 0);
        let taken = set(t, &last, true).await;
        t.drained().await;
        assert_eq!(outcome(t, &taken["operation"]).await, ("COMPLETED".to_owned(), 1));
        assert_eq!(slot(t, "last").await, given_up);
        let rows = sorted(t, "attr.last", &["name", "attr.last", "attr.a0"]).await;
        assert_eq!(rows, json!([["One", "2026-01-01", 7], ["Two", null, 9]]));
        give(t, &one, &[("a0", json!(70))]).await;
        assert_eq!(sorted(t, "attr.last", &["attr.last"]).await, json!([["2026-01-01"], [null]]));
    }

    async fn what_was_stopped_goes_on_when_it_is_asked_for_again(t: &Harness) {
        let id = make(t, "score", "NUMBER", false).await;
        make(t, "plan", "TEXT", false).await;
        for score in [2, 1, 0] {
            contact(t, json!({ "attributes": [{ "key": "score", "value": score }] })).await;
        }
        let first = set(t, &id, true).await["operation"].clone();
        assert_eq!(set(t, &id, true).await["operation"], first, "the same goes on");
        let cancel = "mutation ($id: ID!) { cancelOperation(input: { id: $id }) { userErrors { code } } }";
        t.data(&t.owner, cancel, json!({ "id": first["id"] })).await;
        assert!(!is_filterable(t, &id).await);
        t.drained().await;
        assert!(!is_filterable(t, &id).await);
        let second = set(t, &id, true).await["operation"].clone();
        // The contrary ends it, and what comes last counts.
        let third = set(t, &id, false).await["operation"].clone();
        let fourth = set(t, &id, true).await["operation"].clone();
        t.drained().await;
        let ends = [&first, &second, &third, &fourth].map(async |operation| outcome(t, operation).await.0);
        let [first, second, third, fourth] = ends;
        assert_eq!(first.await, "CANCELLED");
        // With three contacts the worker may be quicker than the next request.
        for ended in [second.await, third.await] {
            assert!(["CANCELLED", "COMPLETED"].contains(&&*ended), "{ended}");
        }
        assert_eq!(fourth.await, "COMPLETED");
        assert_eq!(sorted(t, "attr.score", &["attr.score"]).await, json!([[0], [1], [2]]));
        let cancelled = set(t, &id, false).await["operation"].clone();
        t.data(&t.owner, cancel, json!({ "id": cancelled["id"] })).await;
        assert!(!is_filterable(t, &id).await);
        let again = set(t, &id, false).await["operation"].clone();
        t.drained().await;
        assert_eq!(outcome(t, &again).await.0, "COMPLETED");
        assert_eq!(set(t, &id, false).await["operation"], Value::Null);
        assert_eq!(t.number("SELECT count(*) FROM attribute WHERE slot IS NOT NULL").await, 0);
    }

    async fn a_job_that_died_half_way_runs_on(t: &Harness) {
        let id = make(t, "score", "NUMBER", false).await;
        many(t, "score", (0..1_100).rev().map(Value::from)).await;
        let asked = set(t, &id, true).await["operation"].clone();
        die_half_way(t, &asked).await;
        assert!(!is_filterable(t, &id).await);
        assert_eq!(count(t, more_than(100)).await, 1_000);
        t.drained().await;
        assert_eq!(outcome(t, &asked).await, ("COMPLETED".to_owned(), 1_100));
        assert_eq!(sorted(t, "attr.score", &["attr.score"]).await, in_order(500));
    }

    async fn what_cannot_have_a_slot_is_refused(t: &Harness) {
        let id = make(t, "on", "BOOLEAN", false).await;
        assert_eq!(refused(&set(t, &id, true).await), (json!(["filterable"]), json!("INVALID")));
        assert_eq!(set(t, &id, false).await["userErrors"], json!([]));
        let foreign = "mutation ($id: ID!) { updateAttribute(input: { id: $id, filterable: true }) { userErrors { code } } }";
        let answer = t.data(&t.stranger, foreign, json!({ "id": id })).await;
        assert_eq!(answer["updateAttribute"]["userErrors"], json!([{ "code": "NOT_FOUND" }]));
    }
}
