//! Many values in one statement, of which few texts are ever prepared.

use crate::db::bulk;
use sea_orm::{
    DbBackend, Value,
    sea_query::{Expr, SimpleExpr},
};

/// `column IN (the ids of parameter number `parameter`)`, and that parameter: one, however many ids there are.
pub fn any_of(
    backend: DbBackend,
    column: &str,
    parameter: usize,
    ids: impl IntoIterator<Item = i64>,
) -> (String, Value) {
    let sql = match backend {
        DbBackend::Postgres => format!("{column} = ANY(${parameter}::bigint[])"),
        _ => format!("{column} IN (SELECT value FROM json_each(${parameter}))"),
    };
    let ids: Vec<_> = ids.into_iter().map(bulk::Cell::Int).collect();
    (sql, list(backend, &ids))
}

/// `column IN (ids)` as a condition of other queries, of which few texts are ever prepared, however many ids there are.
pub(crate) fn is_one_of(
    backend: DbBackend,
    column: &str,
    ids: impl IntoIterator<Item = i64>,
) -> SimpleExpr {
    let ids: Vec<i64> = ids.into_iter().collect();
    match backend {
        DbBackend::Postgres => {
            let (sql, list) = any_of(backend, column, 1, ids);
            Expr::cust_with_values(sql, [list])
        }
        _ => padded(column, ids),
    }
}

/// The same of texts.
pub(crate) fn is_one_text(backend: DbBackend, column: &str, texts: &[String]) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => {
            let (sql, list) = any_text(backend, column, 1, texts);
            Expr::cust_with_values(sql, [list])
        }
        _ => padded(column, texts.to_vec()),
    }
}

/// SQLite's planner takes a list of values for what it is, and a subquery of them for more than there are: the last value stands there again until their
/// number is a power of two.
fn padded<T: Clone + Into<Value>>(column: &str, mut values: Vec<T>) -> SimpleExpr {
    let Some(last) = values.last().cloned() else {
        return Expr::value(false);
    };
    values.resize(values.len().next_power_of_two(), last);
    let places = vec!["?"; values.len()].join(", ");
    Expr::cust_with_values(format!("{column} IN ({places})"), values)
}

/// As [`any_of`], of texts.
pub(crate) fn any_text(
    backend: DbBackend,
    column: &str,
    parameter: usize,
    texts: &[String],
) -> (String, Value) {
    let sql = match backend {
        DbBackend::Postgres => format!("{column} = ANY(${parameter}::text[])"),
        _ => format!("{column} IN (SELECT value FROM json_each(${parameter}))"),
    };
    let texts: Vec<_> = texts
        .iter()
        .map(|text| bulk::Cell::Text(text.clone()))
        .collect();
    (sql, list(backend, &texts))
}

/// Many values as one parameter.
pub fn list(backend: DbBackend, values: &[bulk::Cell]) -> Value {
    match backend {
        DbBackend::Postgres => bulk::array_literal(values.iter()).into(),
        _ => bulk::json_array(values).into(),
    }
}
