//! Kinds of page of all contacts, in some order.

use super::{
    Floor,
    choice::{attribute, frequent_plan},
    question::{Aim, Asking, Question, Scene},
};
use crate::{client::Client, page_sql::page, random::Random};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The attributes that the table can be sorted by.
const SORTABLE: [&str; 5] = ["plan", "city", "score", "signup", "lastOrder"];

/// How many places halfway down the list are asked for.
const PLACES: u64 = 40;

fn sorted(column: &str, direction: &str, nulls: &str) -> Value {
    json!([{ "column": column, "direction": direction, "nulls": nulls }])
}

pub(super) fn questions(scene: &Scene) -> Vec<Question> {
    let halfway = scene.halfway.clone();
    let by_score = Floor(|slots, random| {
        let (slot, direction) = (slots.of("score"), *random.pick(&["ASC", "DESC"]));
        let order = format!("{slot} {direction}, id {direction}");
        page(&format!("{slot} IS NOT NULL"), &order)
    });
    let deep = Floor(|slots, random| {
        let (slot, from) = (slots.of("score"), threshold(random));
        let condition = format!("{slot} IS NOT NULL AND ({slot}, id) > ({from}, 0)");
        page(&condition, &format!("{slot}, id"))
    });
    vec![
        Question::page("newest first", Aim::Served, |_| Asking::all()),
        Question::page("sorted by an attribute", Aim::Served, |random| {
            let key = format!("attr.{}", random.pick(&SORTABLE));
            let direction = *random.pick(&["ASC", "DESC"]);
            Asking::all().with("orderBy", sorted(&key, direction, "LAST"))
        })
        .beside(by_score),
        Question::page("the same behind half of them", Aim::Served, move |random| {
            Asking::all()
                .with("orderBy", sorted("attr.score", "ASC", "LAST"))
                .with("after", random.pick(&halfway).as_str())
        })
        .beside(deep),
        Question::page("sorted, those without first", Aim::Served, |random| {
            let key = format!("attr.{}", random.pick(&SORTABLE));
            let direction = *random.pick(&["ASC", "DESC"]);
            Asking::all().with("orderBy", sorted(&key, direction, "FIRST"))
        }),
        Question::page("sorted by name", Aim::Served, |random| {
            let direction = *random.pick(&["ASC", "DESC"]);
            Asking::all().with("orderBy", sorted("name", direction, "LAST"))
        }),
        Question::page("sorted, of a frequent value", Aim::Served, |random| {
            let filter = frequent_plan(random);
            Asking::filter(filter).with("orderBy", sorted("attr.score", "DESC", "LAST"))
        }),
    ]
}

/// A score behind which are less than half of the contacts: one in ten has none and stands at the end.
fn threshold(random: &mut Random) -> u64 {
    5_600 + random.below(1_000)
}

/// Cursors behind half of the contacts. A cursor says where it stands in the order, not in which choice, so the first contact of each
/// score will do, and nobody must walk there.
pub(super) async fn halfway(client: &Client) -> Result<Vec<String>> {
    let query = "query($filter: ContactFilter, $orderBy: [ContactOrder!]) {
        contacts(filter: $filter, orderBy: $orderBy, first: 1) { pageInfo { endCursor } } }";
    let mut random = Random::new(1);
    let mut cursors = Vec::new();
    for _ in 0..PLACES {
        let from = threshold(&mut random);
        let near = json!({ "gte": from, "lt": from + 200 });
        let filter = attribute("score", "number", near);
        let order = sorted("attr.score", "ASC", "LAST");
        let variables = json!({ "filter": filter, "orderBy": order });
        let data = client.query(query, variables).await?;
        let cursor = data["contacts"]["pageInfo"]["endCursor"].as_str();
        cursors.push(cursor.context("nobody has such a score")?.to_owned());
    }
    Ok(cursors)
}
