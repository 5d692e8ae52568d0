//! Where a filter can be asked, and how each place is: a new one gets a line in [`ALL`].

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
pub(super) const ALL: [(&str, Surface); 3] = [
    ("The table", |t, question| {
        Box::pin(table(t, question, json!([]), 100))
    }),
    // One less than there are: the page is found by walking along the order, not by looking up who fits.
    ("The table, walked", |t, question| {
        Box::pin(table(
            t,
            question,
            json!([]),
            question.size.saturating_sub(1),
        ))
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

/// All pages, and the count beside the first.
async fn table(t: &Harness, question: &Question, order: Value, first: usize) -> Answer {
    let query = "query ($filter: ContactFilter, $status: [ContactStatus!], $order: [ContactOrder!], $first: Int, $after: String, $counted: Boolean!) {
        contacts(filter: $filter, status: $status, orderBy: $order, first: $first, after: $after) {
            totalCount(limit: 0) @include(if: $counted) { value exact }
            rows(columns: [\"attr.no\"]) pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after, mut count) = (BTreeSet::new(), Value::Null, Value::Null);
    loop {
        let variables = json!({
            "filter": question.filter, "status": question.status, "order": order, "first": first.clamp(1, 500),
            "after": after, "counted": count.is_null(),
        });
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
