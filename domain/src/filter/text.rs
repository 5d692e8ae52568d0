//! Conditions on texts: compared folded, as they stand in the contact's comparable document.

use super::{
    TextFilter,
    place::Place,
    search,
    sql::{Shape, Sql},
};
use crate::{
    db::{
        bulk::Cell,
        dialect::{self, Kind},
    },
    error::Result,
    text::{SLOT_CHARACTERS, fold, fold_prefix},
};
use entity::id::WorkspaceId;

/// Where a text stands.
pub(super) struct Source<'a> {
    /// SQL of the whole folded text; NULL where there is none.
    pub(super) value: String,
    /// An indexed column with its first 200 characters.
    pub(super) slot: Option<&'a str>,
    /// Whether each of its words stands in the search texts too.
    pub(super) searched: bool,
    /// Where it is an address of ASCII almost always: an indexed column that is then the folded text, and how a few others are told apart.
    pub(super) plain: Option<Plain>,
}

/// See [`Source::plain`].
#[derive(Clone, Copy)]
pub(super) struct Plain {
    /// Whose contacts.
    pub(super) workspace: WorkspaceId,
    /// The indexed column.
    pub(super) column: &'static str,
    /// Holds for the others; an index of their own has them.
    pub(super) others: &'static str,
}

impl Source<'_> {
    /// The text of this key in the comparable document, and nowhere else.
    pub(super) fn document(sql: &Sql, key: &str) -> Self {
        Self {
            value: dialect::comparable(sql.backend, key),
            slot: None,
            searched: false,
            plain: None,
        }
    }
}

/// Writes all conditions that are given.
pub(super) fn write(
    sql: &mut Sql,
    source: &Source<'_>,
    filter: &TextFilter,
    place: &mut Place,
) -> Result<()> {
    write_with(sql, filter, place, |sql, test| test.write(sql, source))
}

pub(super) fn write_with(
    sql: &mut Sql,
    filter: &TextFilter,
    place: &mut Place,
    condition: impl Fn(&mut Sql, &Test<'_>),
) -> Result<()> {
    let TextFilter {
        eq,
        any,
        not_in,
        contains,
        starts_with,
        ends_with,
        is_set,
    } = filter;
    let mut tests: Vec<(&str, Test<'_>)> = Vec::new();
    tests.extend(eq.as_deref().map(|text| ("eq", Test::Eq(text))));
    tests.extend(any.as_deref().map(|texts| ("in", Test::In(texts))));
    tests.extend(not_in.as_deref().map(|texts| ("notIn", Test::NotIn(texts))));
    tests.extend(
        contains
            .as_deref()
            .map(|text| ("contains", Test::Contains(text))),
    );
    tests.extend(
        starts_with
            .as_deref()
            .map(|text| ("startsWith", Test::StartsWith(text))),
    );
    tests.extend(
        ends_with
            .as_deref()
            .map(|text| ("endsWith", Test::EndsWith(text))),
    );
    tests.extend(is_set.map(|is| ("isSet", Test::IsSet(is))));
    sql.join(tests, " AND ", "TRUE", |sql, (name, test)| {
        place.at(name, |place| {
            place.leaf()?;
            test.check(place)?;
            condition(sql, &test);
            Ok(())
        })
    })
}

pub(super) enum Test<'a> {
    Eq(&'a str),
    In(&'a [String]),
    NotIn(&'a [String]),
    Contains(&'a str),
    StartsWith(&'a str),
    EndsWith(&'a str),
    IsSet(bool),
}

impl Test<'_> {
    fn check(&self, place: &Place) -> Result<()> {
        match self {
            Self::Eq(text)
            | Self::Contains(text)
            | Self::StartsWith(text)
            | Self::EndsWith(text) => place.text(text),
            Self::In(texts) | Self::NotIn(texts) => {
                place.list(texts)?;
                texts.iter().try_for_each(|text| place.text(text))
            }
            Self::IsSet(_) => Ok(()),
        }
    }

    fn write(&self, sql: &mut Sql, source: &Source<'_>) {
        match self {
            Self::Eq(text) => equal(sql, source, &fold(text)),
            Self::In(texts) => one_of(sql, source, texts),
            Self::NotIn(texts) => {
                sql.push("(");
                sql.aside(|sql| one_of(sql, source, texts));
                sql.push(") IS NOT TRUE");
            }
            Self::Contains(text) => {
                let text = fold(text);
                search_first(sql, source, &text);
                has(sql, &source.value, &text);
            }
            Self::StartsWith(text) => starts_with(sql, source, &fold(text)),
            Self::EndsWith(text) => {
                let text = fold(text);
                search_first(sql, source, &text);
                ends_with(sql, &source.value, &text);
            }
            Self::IsSet(is) => {
                let value = source.slot.unwrap_or(&source.value);
                sql.push(value).push(is_set(*is));
            }
        }
    }
}

/// ` IS NOT NULL`, or its contrary.
pub(super) fn is_set(is: bool) -> &'static str {
    if is { " IS NOT NULL" } else { " IS NULL" }
}

fn fits_slot(folded: &str) -> bool {
    folded.len() < SLOT_CHARACTERS || folded.chars().count() < SLOT_CHARACTERS
}

fn equal(sql: &mut Sql, source: &Source<'_>, folded: &str) {
    if source.slot.is_some() {
        sql.note_index();
    }
    match source.slot {
        Some(slot) if fits_slot(folded) => {
            sql.push(slot).push(" = ").bind(folded);
        }
        Some(slot) => {
            let start = fold_prefix(folded, SLOT_CHARACTERS);
            sql.push("(").push(slot).push(" = ").bind(start);
            sql.push(" AND ")
                .push(&source.value)
                .push(" = ")
                .bind(folded);
            sql.push(")");
        }
        None => {
            match source.plain {
                Some(plain) => plain_first(sql, plain, folded),
                None => search_first(sql, source, folded),
            }
            sql.push(&source.value).push(" = ").bind(folded);
        }
    }
}

fn one_of(sql: &mut Sql, source: &Source<'_>, texts: &[String]) {
    let folded: Vec<String> = texts.iter().map(|text| fold(text)).collect();
    let slot = source
        .slot
        .filter(|_| folded.iter().all(|text| fits_slot(text)));
    let cells: Vec<Cell> = folded.into_iter().map(Cell::Text).collect();
    if slot.is_some() {
        sql.note_index();
    }
    sql.push(slot.unwrap_or(&source.value))
        .one_of(Kind::Text, &cells);
}

fn starts_with(sql: &mut Sql, source: &Source<'_>, folded: &str) {
    let Some(slot) = source.slot else {
        search_first(sql, source, folded);
        return begins(sql, &source.value, folded);
    };
    let start = fold_prefix(folded, SLOT_CHARACTERS);
    sql.note_index();
    sql.push("(").push(slot).push(" >= ").bind(start.as_str());
    if let Some(end) = after_all_with(&start) {
        sql.push(" AND ").push(slot).push(" < ").bind(end);
    }
    if !fits_slot(folded) {
        sql.push(" AND ");
        begins(sql, &source.value, folded);
    }
    sql.push(")");
}

/// The least text, in the order of code points, that is behind all that begin with `start`; none: there is none.
pub(super) fn after_all_with(start: &str) -> Option<String> {
    let mut chars: Vec<char> = start.chars().collect();
    while let Some(last) = chars.pop() {
        // Behind the last code point before the surrogates comes the first behind them.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// Lets the index of a plain column name the candidates.
fn plain_first(sql: &mut Sql, plain: Plain, folded: &str) {
    sql.note_index();
    sql.push("(").repeat_scope(plain.workspace);
    sql.push(plain.column).push(" = ").bind(folded);
    sql.push(" OR ").repeat_scope(plain.workspace);
    sql.push(plain.others).push(") AND ");
}

/// Lets the index of the search texts name the candidates, by the longest word of `folded`.
fn search_first(sql: &mut Sql, source: &Source<'_>, folded: &str) {
    if sql.shape == Shape::Walk || !source.searched {
        return;
    }
    let longest = folded
        .split_whitespace()
        .max_by_key(|word| word.chars().count());
    if let Some(word) = longest.filter(|word| search::is_indexed(word)) {
        search::candidates(sql, word);
        sql.push(" AND ");
    }
}

/// `value` has `folded` in it.
pub(super) fn has(sql: &mut Sql, value: &str, folded: &str) {
    let function = if sql.is_postgres() {
        "strpos("
    } else {
        "instr("
    };
    sql.push(function).push(value).push(", ").bind(folded);
    sql.push(") > 0");
}

fn begins(sql: &mut Sql, value: &str, folded: &str) {
    let length = folded.chars().count();
    let part = format!("substr({value}, 1, {length}) = ");
    sql.push(&part).bind(folded);
}

pub(super) fn ends_with(sql: &mut Sql, value: &str, folded: &str) {
    let length = folded.chars().count();
    let part = match (length, sql.is_postgres()) {
        // SQLite takes the text from its beginning where it is to take nothing from its end.
        (0, _) => format!("substr({value}, 1, 0) = "),
        (_, true) => format!("right({value}, {length}) = "),
        (_, false) => format!("substr({value}, -{length}) = "),
    };
    sql.push(&part).bind(folded);
}
