//! The search box: words that must all be found, each anywhere in a contact's search texts, its tags or the names of its channels.

use super::{
    group::{CHANNELS, TAGS, Table, any_of},
    sql::{Shape, Sql},
    text::has,
};
use crate::{
    db::{bulk::Cell, dialect},
    error::{Error, Result},
    phone,
    text::fold,
};

/// Characters of a word that few contacts have: they are looked up at once. A page of what many have is found sooner on the way through all.
const RARE: usize = 5;

/// Words at most.
const MAX_WORDS: usize = 20;
/// Characters at most.
const MAX_CHARACTERS: usize = 1_000;

/// What stands in the search box, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Folded.
    words: Vec<String>,
    /// Digits, where it can be a phone number.
    number: Option<String>,
}

/// What else a word of the search box means: tags and channels by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Tags whose name has the word.
    pub tags: Vec<i64>,
    /// Channels whose name has the word.
    pub channels: Vec<i64>,
}

impl Search {
    /// Reads the box; none where nothing is in it.
    ///
    /// # Errors
    /// When it is too long.
    pub fn read(path: &str, text: &str) -> Result<Option<Self>> {
        if text.chars().count() > MAX_CHARACTERS || text.contains('\0') {
            let message =
                format!("A search has at most {MAX_CHARACTERS} characters, none of them NUL.");
            return Err(Error::bad_input(path, message));
        }
        let words: Vec<String> = fold(text).split_whitespace().map(str::to_owned).collect();
        if words.len() > MAX_WORDS {
            let message = format!("A search has at most {MAX_WORDS} words.");
            return Err(Error::bad_input(path, message));
        }
        let number = number(text);
        Ok((!words.is_empty()).then_some(Self { words, number }))
    }

    /// Its words, folded.
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

/// The digits of a text that has nothing but a phone number in it: without the `00` of dialling abroad and without the `(0)` that some write
/// behind the country.
fn number(text: &str) -> Option<String> {
    let digits = phone::bare(&text.replace("(0)", ""));
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    let is_number = digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.to_owned())
}

/// Whether the index of the search texts knows parts of this length.
pub(super) fn is_indexed(word: &str) -> bool {
    word.chars().nth(2).is_some()
}

/// Whether few have a part of this length.
fn is_rare(word: &str) -> bool {
    word.chars().nth(RARE - 1).is_some()
}

/// Writes the condition. `named` has an entry for each word; `masked`: who asks may see neither phone numbers nor addresses.
pub(super) fn write(sql: &mut Sql, search: &Search, named: &[Named], masked: bool) {
    sql.push("(");
    if let Some(number) = search.number.as_deref().filter(|_| !masked) {
        sql.aside(|sql| parts(sql, &[number], &["reach"]));
        sql.push(" OR ");
    }
    let columns: &[&str] = if masked {
        &["search"]
    } else {
        &["search", "reach"]
    };
    let nothing = Named::default();
    let words = search.words.iter().enumerate();
    let words = words.map(|(n, word)| (word.as_str(), named.get(n).unwrap_or(&nothing)));
    let (plain, named): (Vec<_>, Vec<_>) = words.partition(|(_, named)| **named == nothing);
    let plain: Vec<&str> = plain.into_iter().map(|(word, _)| word).collect();
    parts(sql, &plain, columns);
    for (n, (word, named)) in named.into_iter().enumerate() {
        if n > 0 || !plain.is_empty() {
            sql.push(" AND ");
        }
        // No index has both those with the word and those with the tag or the channel.
        sql.aside(|sql| {
            sql.push("(");
            parts(sql, &[word], columns);
            group(sql, &TAGS, &named.tags);
            group(sql, &CHANNELS, &named.channels);
            sql.push(")");
        });
    }
    sql.push(")");
}

/// Writes that one of the search texts has each word; the index is asked for all at once that it knows.
fn parts(sql: &mut Sql, words: &[&str], columns: &[&str]) {
    let is_sought = |word: &&str| sql.shape == Shape::Seek && is_indexed(word);
    let (sought, read): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| is_sought(word));
    if !sought.is_empty() {
        if sought.iter().any(|word| is_rare(word)) {
            sql.note_index();
        }
        indexed(sql, &sought, columns);
    }
    for (n, word) in read.into_iter().enumerate() {
        if n > 0 || !sought.is_empty() {
            sql.push(" AND ");
        }
        read_part(sql, word, columns);
    }
}

/// Writes ` OR has one of these`.
fn group(sql: &mut Sql, table: &Table, ids: &[i64]) {
    if ids.is_empty() {
        return;
    }
    let cells: Vec<Cell> = ids.iter().copied().map(Cell::Int).collect();
    sql.push(" OR ");
    any_of(sql, table, &cells);
}

/// Writes, without the index, that one of the search texts has a part, or, where it is shorter than three characters, a word that begins with it.
fn read_part(sql: &mut Sql, word: &str, columns: &[&str]) {
    let start = format!(" {word}");
    let wanted = if is_indexed(word) { word } else { &start };
    sql.push("(");
    for (n, column) in columns.iter().enumerate() {
        if n > 0 {
            sql.push(" OR ");
        }
        has(sql, &format!("contact.{column}"), wanted);
    }
    sql.push(")");
}

/// Writes a condition that holds for all who have `word` in one of their search texts, and that an index answers.
pub(super) fn candidates(sql: &mut Sql, word: &str) {
    sql.note_index();
    indexed(sql, &[word], &["search", "reach"]);
}

/// Writes that all of these words are in one of the search texts each, so that the index answers.
fn indexed(sql: &mut Sql, words: &[&str], columns: &[&str]) {
    if sql.is_postgres() {
        for (n, word) in words.iter().enumerate() {
            if n > 0 {
                sql.push(" AND ");
            }
            like(sql, word, columns);
        }
        return;
    }
    let columns = columns.join(" ");
    let phrases = words.iter().map(|word| {
        let word = word.replace('"', "\"\"");
        format!("{{{columns}}} : \"{word}\"")
    });
    let all: Vec<String> = phrases.collect();
    sql.push("contact.id IN (SELECT rowid FROM contact_search WHERE contact_search MATCH ")
        .bind(all.join(" AND "));
    sql.push(")");
}

fn like(sql: &mut Sql, word: &str, columns: &[&str]) {
    let pattern = dialect::pattern(word);
    sql.push("(");
    for (n, column) in columns.iter().enumerate() {
        if n > 0 {
            sql.push(" OR ");
        }
        sql.push("contact.")
            .push(column)
            .push(" LIKE ")
            .bind(pattern.as_str());
    }
    sql.push(")");
}
