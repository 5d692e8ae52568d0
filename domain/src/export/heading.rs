//! What stands above the columns of a file: names for people, by which an import finds every column again.

use crate::{
    attribute::Attributes,
    column::{self, Column},
};
use std::collections::HashSet;

/// A header for each column: its label, where an import takes that for this very column and nothing else in the file is called so; else its
/// key. The column `id` keeps its key: a file that begins with `ID` is taken for one of another format by a well-known spreadsheet.
pub(super) fn headings(columns: &[Column<'_>], attributes: &Attributes) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut headings = Vec::with_capacity(columns.len());
    for column in columns {
        let (key, label) = (column.key(), column.label());
        let means = column::by_header(label, attributes).map(|found| found.key());
        let fits = key != "id" && label.trim() == label && means.as_ref() == Some(&key);
        if fits && taken.insert(label.to_lowercase()) {
            headings.push(label.to_owned());
        } else {
            taken.insert(key.to_lowercase());
            headings.push(key);
        }
    }
    headings
}
