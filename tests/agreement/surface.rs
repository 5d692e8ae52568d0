//! Where a filter can be asked, and how each place is: a new one gets a line in [`ALL`].

use super::export;
use crate::harness::Harness;
use serde_json::{Value, json};
use std::{collections::BTreeSet, pin::Pin};

/// What is asked.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) filter: Value,
    /// The statuses beside the filter, where some are given.
    pub(super) status: Option<Value>,
    /// How the table is sorted, where it is.
    pub(super) order: Value,
    /// How many there should be.
    pub(super) size: usize,
}

impl Question {
    /// All but the filter, for people.
    pub(super) fn settings(&self) -> String {
        format!("status {:?}, sorted by {}", self.status, self.order)
    }
}

/// The numbers of those who were chosen, or what is wrong with the answer by itself.
pub(super) type Answer = Result<BTreeSet<String>, String>;

type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;
type Surface = for<'a> fn(&'a Harness, &'a Question) -> Answering<'a>;

/// All that choose contacts by a filter.
pub(super) const ALL: [(&str, Surface); 6] = [
    ("The table", |t, question| {
        Box::pin(table(t, question, json!([]), 100))
    }),
    ("A segment", |t, question| Box::pin(segment(t, question))),
    ("An inbox", |t, question| Box::pin(inbox(t, question))),
    ("An export", |t, question| {
        Box::pin(export::surface(t, question))
    }),
    // One less than there are: the page is found by walking along the order, not by looking up who fits.
    ("The table, walked", |t, question| {
        Box::pin(walked(t, question))
    }),
    ("The sorted table", |t, question| {
        Box::pin(table(
            t,
            question,
            question.order.clone(),
            question.size.saturating_sub(1).min(100),
        ))
    }),
];

/// The pages of the table that the filter narrows.
async fn table(t: &Harness, question: &Question, order: Value, first: usize) -> Answer {
    let asked = json!({
        "filter": question.filter, "status": question.status, "order": order, "first": first.clamp(1, 500),
    });
    pages(t, asked).await
}

/// The pages of the table that are found along its order. What may hold by one of several conditions is not looked up in an index first.
async fn walked(t: &Harness, question: &Question) -> Answer {
    let mut aside = question.clone();
    aside.filter = json!({ "or": [question.filter] });
    table(t, &aside, json!([]), question.size.saturating_sub(1)).await
}

/// The pages of a segment with the filter as its rule.
async fn segment(t: &Harness, question: &Question) -> Answer {
    let create = "mutation ($filter: ContactFilter!) {
        createSegment(input: { name: \"Agreement\", rules: [{ filter: $filter }] }) { segment { id } userErrors { code } } }";
    let mut made = made(t, create, question).await?;
    if made["createSegment"]["userErrors"][0]["code"] == "INVALID" {
        // A rule cannot ask for those who are in no segment.
        return table(t, question, json!([]), 100).await;
    }
    let id = made["createSegment"]["segment"]["id"].take();
    // A segment has contacts of every status, unless some are asked for.
    let speaks = question.filter.to_string().contains("\"status\":");
    let status = match &question.status {
        None if !speaks => json!(["ACTIVE"]),
        status => json!(status),
    };
    let found = pages(t, json!({ "segment": id, "status": status })).await;
    let delete = "mutation ($id: ID!) { deleteSegment(input: { id: $id }) { deletedId } }";
    let gone = t.data(&t.owner, delete, json!({ "id": id })).await;
    assert_eq!(gone["deleteSegment"]["deletedId"], id);
    found
}

/// The pages of an inbox that keeps the filter.
async fn inbox(t: &Harness, question: &Question) -> Answer {
    let create = "mutation ($filter: ContactFilter!) {
        createInbox(input: { name: \"Agreement\", filter: $filter, shared: true }) { inbox { id } userErrors { code } } }";
    let id = made(t, create, question).await?["createInbox"]["inbox"]["id"].take();
    let found = pages(t, json!({ "inbox": id, "status": question.status })).await;
    let delete = "mutation ($id: ID!) { deleteInbox(input: { id: $id }) { deletedId } }";
    let gone = t.data(&t.owner, delete, json!({ "id": id })).await;
    assert_eq!(gone["deleteInbox"]["deletedId"], id);
    found
}

/// What a mutation answers that saves the filter.
async fn made(t: &Harness, create: &str, question: &Question) -> Result<Value, String> {
    let variables = json!({ "filter": question.filter });
    let mut answer = t.graphql(&t.owner, create, variables).await;
    if answer["errors"].is_null() {
        Ok(answer["data"].take())
    } else {
        Err(answer.to_string())
    }
}

/// All pages, and the count beside the first.
async fn pages(t: &Harness, asked: Value) -> Answer {
    let query = "query ($inbox: ID, $segment: ID, $filter: ContactFilter, $status: [ContactStatus!], $order: [ContactOrder!], $first: Int, $after: String, $counted: Boolean!) {
        contacts(inboxId: $inbox, segmentId: $segment, filter: $filter, status: $status, orderBy: $order, first: $first, after: $after) {
            totalCount(limit: 0) @include(if: $counted) { value exact }
            rows(columns: [\"attr.no\"]) pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after, mut count) = (BTreeSet::new(), Value::Null, Value::Null);
    loop {
        let mut variables = asked.clone();
        (variables["after"], variables["counted"]) = (after, count.is_null().into());
        let mut answer = t.graphql(&t.owner, query, variables).await;
        if !answer["errors"].is_null() {
            return Err(answer.to_string());
        }
        let mut page = answer["data"]["contacts"].take();
        if count.is_null() {
            count = page["totalCount"].take();
        }
        for row in page["rows"].as_array().unwrap() {
            let no = row[0].as_str().unwrap();
            if !found.insert(no.to_owned()) {
                return Err(format!("{no} comes twice"));
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
    let expected = json!({ "value": found.len(), "exact": true });
    if count == expected {
        Ok(found)
    } else {
        Err(format!("{count} is counted, and {} come", found.len()))
    }
}
