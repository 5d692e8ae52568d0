//! The steps that the tests of attributes' slots and deletions have in common.

use crate::harness::Harness;
use domain::operation::{
    list::{self, Listed},
    run,
};
use domain::viewer::Viewer;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const OPERATION: &str = "operation { id action status }";

/// Makes an attribute; returns its id.
pub(crate) async fn make(t: &Harness, key: &str, kind: &str, filterable: bool) -> Value {
    let query = "mutation ($input: CreateAttributeInput!) { createAttribute(input: $input) { attribute { id } userErrors { code message } } }";
    let input = json!({ "key": key, "type": kind, "filterable": filterable });
    let mut made =
        t.data(&t.owner, query, json!({ "input": input })).await["createAttribute"].take();
    assert_eq!(made["userErrors"], json!([]), "{key}");
    made["attribute"]["id"].take()
}

/// Gives an attribute a slot or takes it away; returns the payload.
pub(crate) async fn set(t: &Harness, id: &Value, filterable: bool) -> Value {
    let query = format!(
        "mutation ($input: UpdateAttributeInput!) {{ updateAttribute(input: $input) {{
            attribute {{ filterable }} {OPERATION} userErrors {{ field code message }} }} }}"
    );
    let input = json!({ "id": id, "filterable": filterable });
    t.data(&t.owner, &query, json!({ "input": input })).await["updateAttribute"].take()
}

/// Deletes an attribute; returns the payload.
pub(crate) async fn delete(t: &Harness, token: &str, id: &Value, expected: Option<i64>) -> Value {
    let query = format!(
        "mutation ($input: DeleteAttributeInput!) {{ deleteAttribute(input: $input) {{
            deletedId {OPERATION} userErrors {{ field code message }} }} }}"
    );
    let input = json!({ "id": id, "expectedCount": expected });
    t.data(token, &query, json!({ "input": input })).await["deleteAttribute"].take()
}

/// Status and changed contacts of an operation.
pub(crate) async fn outcome(t: &Harness, operation: &Value) -> (String, i64) {
    let query = "query ($id: ID!) { node(id: $id) { ... on BulkOperation { status changedCount failureMessage } } }";
    let mut found = t
        .data(&t.owner, query, json!({ "id": operation["id"] }))
        .await["node"]
        .take();
    assert!(found["failureMessage"].is_null(), "{found:#}");
    let status = found["status"].as_str().unwrap().to_owned();
    (status, found["changedCount"].take().as_i64().unwrap())
}

/// The cells of these columns, sorted by one of them; the whole answer where that is refused.
pub(crate) async fn sorted(t: &Harness, by: &str, columns: &[&str]) -> Value {
    let query = "query ($by: String!, $columns: [String!]!) {
        contacts(first: 500, orderBy: [{ column: $by }]) { rows(columns: $columns) } }";
    let variables = json!({ "by": by, "columns": columns });
    let mut answer = t.graphql(&t.owner, query, variables).await;
    match answer.get("errors") {
        None => answer["data"]["contacts"]["rows"].take(),
        Some(_) => answer,
    }
}

/// How many contacts a filter finds, or a search.
pub(crate) async fn count(t: &Harness, asked: Value) -> Value {
    let query = "query ($filter: ContactFilter, $search: String) {
        contacts(filter: $filter, search: $search) { totalCount(limit: 0) { value } } }";
    let mut found = t.data(&t.owner, query, asked).await;
    found["contacts"]["totalCount"]["value"].take()
}

/// Changes a contact's values; none removes one.
pub(crate) async fn give(t: &Harness, contact: &Value, values: &[(&str, Value)]) {
    let values = values.iter();
    let values: Value = values
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    let query = "mutation ($id: ID!, $values: [AttributeInput!]!) {
        updateContact(input: { id: $id, contact: { attributes: $values } }) { userErrors { message } } }";
    let variables = json!({ "id": contact, "values": values });
    let done = t.data(&t.owner, query, variables).await;
    assert_eq!(done["updateContact"]["userErrors"], json!([]));
}

/// The slot of an attribute, such as `n1`.
pub(crate) async fn slot(t: &Harness, key: &str) -> String {
    let sql = format!("SELECT slot FROM attribute WHERE key = '{key}' AND deleted_at IS NULL");
    let statement = domain::db::dialect::statement(t.db.read(), &sql, []);
    let row = t.db.read().query_one_raw(statement).await.unwrap();
    row.unwrap().try_get("", "slot").unwrap()
}

/// How many contacts have something in a slot.
pub(crate) async fn filled(t: &Harness, slot: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM contact WHERE {slot} IS NOT NULL");
    t.number(&sql).await
}

/// Contacts with a value of an attribute each, without workers: those that were begun would take up what a test does by itself.
pub(crate) async fn many(t: &Harness, key: &str, values: impl Iterator<Item = Value>) {
    let values: Vec<Value> = values.collect();
    for some in values.chunks(100) {
        let fields = some.iter().enumerate().map(|(n, value)| {
            format!("c{n}: createContact(input: {{ contact: {{ attributes: [{{ key: \"{key}\", value: {value} }}] }} }}) {{ contact {{ id }} }}\n")
        });
        let query = format!("mutation {{ {} }}", fields.collect::<String>());
        t.data(&t.owner, &query, json!({})).await;
    }
}

/// The first steps of an operation's job, which then dies: all are listed, and one part is done, by two runs at the same time.
pub(crate) async fn die_half_way(t: &Harness, operation: &Value) {
    let id = operation["id"].as_str().unwrap().parse().unwrap();
    let viewer = Viewer::for_job::<entity::operation::Entity>(&t.db, id);
    let viewer = viewer.await.unwrap().unwrap();
    let taken = run::take_up(&t.db, &viewer, id).await.unwrap().unwrap();
    let stop = CancellationToken::new();
    let Listed::Whole(listed) = list::list(&t.db, &viewer, taken, &stop).await.unwrap() else {
        panic!("somebody else lists");
    };
    let advanced = run::advance(&t.db, &viewer, id, listed.cursor).await;
    assert_eq!(advanced.unwrap().unwrap().changed_count, 1_000);
    let twice = run::advance(&t.db, &viewer, id, listed.cursor).await;
    assert!(twice.unwrap().is_none());
}
