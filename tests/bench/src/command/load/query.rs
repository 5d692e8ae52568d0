//! What `bench load` asks for: three choices, each in three forms.

use crate::{command::edits, person::ATTRIBUTES};
use serde_json::{Value, json};

/// Which contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// A page anywhere in the list of all.
    Plain,
    /// The first page of those of a city with a least score.
    Filtered,
    /// The same with how many there are.
    Counted,
}

impl Choice {
    pub(super) const ALL: [Self; 3] = [Self::Plain, Self::Filtered, Self::Counted];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Filtered => "filtered",
            Self::Counted => "counted",
        }
    }
}

/// How each contact is given.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Typed,
    Cells,
    Rows,
}

impl Form {
    pub(super) const ALL: [Self; 3] = [Self::Typed, Self::Cells, Self::Rows];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Cells => "cells",
            Self::Rows => "rows",
        }
    }

    fn fields(self) -> &'static str {
        match self {
            Self::Typed => TYPED,
            Self::Cells => "nodes { id cells(columns: $columns) { value } }",
            Self::Rows => "rows(columns: $columns)",
        }
    }

    /// The keys of the eight attributes, or of all thirteen columns.
    fn columns(self) -> Vec<String> {
        match self {
            Self::Typed => ATTRIBUTES.map(|(key, _, _)| key.to_owned()).to_vec(),
            Self::Cells | Self::Rows => edits::columns(),
        }
    }
}

const TYPED: &str =
    "nodes { id name phone email status createdAt attributes(keys: $columns) { attribute { key }
    ... on TextValue { text } ... on NumberValue { number } ... on DateValue { date }
    ... on BooleanValue { boolean } ... on DateTimeValue { dateTime } } }";

/// The query, for a first or any other page.
pub(super) fn text(form: Form, choice: Choice) -> String {
    let fields = form.fields();
    let count = match choice {
        Choice::Counted => "totalCount { value exact }",
        Choice::Plain | Choice::Filtered => "",
    };
    format!(
        "query($columns: [String!]!, $filter: ContactFilter, $after: String) {{
            contacts(first: 50, filter: $filter, after: $after) {{ pageInfo {{ hasNextPage endCursor }} {count} {fields} }} }}"
    )
}

/// What a filtered page is chosen by.
pub(super) struct Values {
    pub(super) city: &'static str,
    pub(super) score: u64,
}

/// The variables of a page: behind a cursor, or of a filter.
pub(super) fn variables(form: Form, after: Option<&Value>, values: Option<&Values>) -> Value {
    let filter = values.map(|Values { city, score }| {
        json!({ "and": [
            { "attribute": { "key": "city", "text": { "eq": city } } },
            { "attribute": { "key": "score", "number": { "gte": score } } },
        ] })
    });
    json!({ "columns": form.columns(), "after": after, "filter": filter })
}
