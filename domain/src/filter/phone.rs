//! Conditions on phone numbers: kept with `+` and digits; whatever else people write between these does not count.

use super::{
    TextFilter,
    place::Place,
    search,
    sql::{Shape, Sql},
    text::{self, Test, after_all_with, has, is_set},
};
use crate::{
    db::{bulk::Cell, dialect::Kind},
    error::Result,
    phone::bare,
};

const VALUE: &str = "contact.phone";

/// Writes all conditions that are given.
pub(super) fn write(sql: &mut Sql, filter: &TextFilter, place: &mut Place) -> Result<()> {
    let digits = TextFilter {
        eq: filter.eq.as_deref().map(bare),
        any: filter
            .any
            .as_ref()
            .map(|all| all.iter().map(|text| bare(text)).collect()),
        not_in: filter
            .not_in
            .as_ref()
            .map(|all| all.iter().map(|text| bare(text)).collect()),
        contains: filter.contains.as_deref().map(bare),
        starts_with: filter.starts_with.as_deref().map(bare),
        ends_with: filter.ends_with.as_deref().map(bare),
        is_set: filter.is_set,
    };
    text::write_with(sql, &digits, place, condition)
}

fn condition(sql: &mut Sql, test: &Test<'_>) {
    if matches!(test, Test::Eq(_) | Test::In(_) | Test::StartsWith(_)) {
        sql.note_index();
    }
    let with_plus = |digits: &&String| Cell::Text(format!("+{digits}"));
    match test {
        Test::Eq(digits) => {
            sql.push(VALUE).push(" = ").bind(format!("+{digits}"));
        }
        Test::In(all) => {
            let cells: Vec<Cell> = all.iter().map(|digits| with_plus(&digits)).collect();
            sql.push(VALUE).one_of(Kind::Text, &cells);
        }
        Test::NotIn(all) => {
            sql.push("(");
            sql.aside(|sql| condition(sql, &Test::In(all)));
            sql.push(") IS NOT TRUE");
        }
        Test::StartsWith(digits) => {
            let start = format!("+{digits}");
            let end = after_all_with(&start).unwrap_or_default();
            sql.push("(").push(VALUE).push(" >= ").bind(start);
            sql.push(" AND ")
                .push(VALUE)
                .push(" < ")
                .bind(end)
                .push(")");
        }
        Test::Contains(digits) => {
            search_first(sql, digits);
            has(sql, VALUE, digits);
        }
        Test::EndsWith(digits) => {
            search_first(sql, digits);
            text::ends_with(sql, VALUE, digits);
        }
        Test::IsSet(is) => {
            sql.push(VALUE).push(is_set(*is));
        }
    }
}

fn search_first(sql: &mut Sql, digits: &str) {
    if sql.shape == Shape::Seek && search::is_indexed(digits) {
        search::candidates(sql, digits);
        sql.push(" AND ");
    }
}
