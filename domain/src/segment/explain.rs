//! Why somebody is in a segment, or is not.

use super::rules;
use crate::{
    attribute::Attributes,
    contact,
    error::Result,
    filter::{self, Asked, ContactFilter, Scope, Shape, Stored},
    viewer::Viewer,
};
use entity::{
    contact as person,
    id::ContactId,
    segment::{self, SegmentRule},
    segment_member,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{CaseStatement, Expr, SimpleExpr},
};
use serde_json::Value as Json;

/// Why somebody is in a segment, or is not.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Whether they are.
    pub member: bool,
    /// What each rule says; none of a STATIC segment.
    pub rules: Vec<RuleExplanation>,
}

/// What a rule says of somebody.
#[derive(Debug, Clone)]
pub struct RuleExplanation {
    /// The rule.
    pub rule: SegmentRule,
    /// Whether it holds.
    pub holds: bool,
    /// Its conditions that do not, each in words.
    pub failing: Vec<String>,
}

/// Explains; none where the viewer sees no such contact.
///
/// # Errors
/// BAD_USER_INPUT where a rule fits no longer; or when the database is away.
pub async fn explain(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    attributes: &Attributes,
    segment: &segment::Model,
    contact: ContactId,
) -> Result<Option<Explanation>> {
    let all = rules(conn, viewer).await?;
    let scope = Scope::stored(viewer, attributes, &all);
    let mut conditions = Vec::new();
    let mut select = contact::visible(viewer)
        .filter(person::Column::Id.eq(contact))
        .select_only()
        .expr_as(is_named(segment, contact), "named");
    for (n, rule) in segment.rules.0.iter().enumerate() {
        for (label, filter) in split(&rule.filter)? {
            let holds = condition(conn, &scope, &filter)?;
            select = select.expr_as(
                CaseStatement::new().case(holds, true).finally(false),
                format!("c{}", conditions.len()),
            );
            conditions.push((n, label));
        }
    }
    let Some(row) = conn.query_one(&select.into_query()).await? else {
        return Ok(None);
    };
    let mut rules: Vec<RuleExplanation> = segment
        .rules
        .0
        .iter()
        .cloned()
        .map(|rule| RuleExplanation {
            rule,
            holds: true,
            failing: Vec::new(),
        })
        .collect();
    for (n, (rule, label)) in conditions.into_iter().enumerate() {
        if !row.try_get::<bool>("", &format!("c{n}"))? {
            rules[rule].holds = false;
            rules[rule].failing.push(label);
        }
    }
    let member = row.try_get::<bool>("", "named")? || rules.iter().any(|rule| rule.holds);
    Ok(Some(Explanation { member, rules }))
}

#[allow(
    clippy::disallowed_methods,
    reason = "the segment and the contact were found through the scope"
)]
fn is_named(segment: &segment::Model, contact: ContactId) -> SimpleExpr {
    let row = segment_member::Entity::find()
        .select_only()
        .column(segment_member::Column::ContactId)
        .filter(segment_member::Column::SegmentId.eq(segment.id))
        .filter(segment_member::Column::ContactId.eq(contact));
    Expr::exists(row.into_query())
}

fn condition(
    conn: &impl ConnectionTrait,
    scope: &Scope<'_>,
    filter: &ContactFilter,
) -> Result<SimpleExpr> {
    let asked = Asked {
        segment: None,
        inbox: None,
        filter: Some(filter),
        search: None,
    };
    let compiled = filter::compile(conn.get_database_backend(), Shape::Walk, scope, &asked)?;
    Ok(compiled.map_or(Expr::val(true), |compiled| compiled.holds))
}

/// The conditions that must all hold, each with words for it.
fn split(filter: &Json) -> Result<Vec<(String, ContactFilter)>> {
    let mut parts = Vec::new();
    for (key, value) in filter.as_object().into_iter().flatten() {
        if key == "and" {
            for inner in value.as_array().into_iter().flatten() {
                parts.extend(split(inner)?);
            }
        } else {
            let alone = Json::from_iter([(key.clone(), value.clone())]);
            parts.push((words(key, value), Stored::read(&alone)?));
        }
    }
    Ok(parts)
}

/// A condition in the words of the filter language: `name contains "ada"`.
fn words(key: &str, value: &Json) -> String {
    let part = |filter: &Json| {
        let entries = filter.as_object().into_iter().flatten();
        entries
            .map(|(key, value)| words(key, value))
            .collect::<Vec<_>>()
            .join(" and ")
    };
    match (key, value) {
        ("or" | "and", Json::Array(filters)) => {
            let parts: Vec<String> = filters
                .iter()
                .map(|filter| format!("({})", part(filter)))
                .collect();
            parts.join(&format!(" {key} "))
        }
        ("not", filter) => format!("not ({})", part(filter)),
        ("attribute", Json::Object(entries)) => {
            let name = entries
                .get("key")
                .and_then(Json::as_str)
                .unwrap_or_default();
            let condition = entries.iter().filter(|(key, _)| *key != "key");
            let conditions: Vec<String> = condition
                .map(|(_, value)| tests(&format!("attr.{name}"), value))
                .collect();
            conditions.join(" and ")
        }
        (key, value) => tests(key, value),
    }
}

fn tests(of: &str, value: &Json) -> String {
    match value {
        Json::Object(entries) => {
            let zone = entries.get("timeZone").and_then(Json::as_str);
            let tests = entries.iter().filter(|(key, _)| *key != "timeZone");
            let tests: Vec<String> = tests
                .map(|(key, value)| format!("{of} {key} {value}"))
                .collect();
            let tests = tests.join(" and ");
            zone.map_or_else(|| tests.clone(), |zone| format!("{tests} ({zone})"))
        }
        value => format!("{of} {value}"),
    }
}

#[cfg(test)]
mod tests_of_words {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_have_words() {
        let filter = json!({
            "and": [{ "name": { "contains": "ada" } }],
            "attribute": { "key": "seats", "number": { "gte": 3.0 } },
            "not": { "or": [{ "blocked": true }, { "createdAt": { "inLast": "P7D", "timeZone": "UTC" } }] },
        });
        let labels: Vec<String> = split(&filter)
            .unwrap()
            .into_iter()
            .map(|(label, _)| label)
            .collect();
        assert_eq!(
            labels,
            [
                "name contains \"ada\"",
                "attr.seats gte 3.0",
                "not ((blocked true) or (createdAt inLast \"P7D\" (UTC)))",
            ]
        );
    }
}
