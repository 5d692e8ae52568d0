//! What a database holds after an import, less what may differ between two runs of it: ids and times.

use crate::{client::Client, database::Conn, import};
use anyhow::Result;
use std::collections::BTreeMap;

const CONTACT: &str = "display_name name_key named name first_name last_name username title account email email_key phone country
    language status blocked_at opted_out_at bot_active receives_support_requests attributes search reach version
    n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10";
const IMPORT: &str = "kind status file_name source_size source_sha256 inspection mapping country segment_name match_by on_invalid
    empty_clears time_zone row_limit row_count cursor created_count updated_count unchanged_count failed_count duplicate_count
    discarded_count failure_code failure_message failure_header result_size failed_size created_by_name";
const ERROR: &str = "import_id row seq line header value code message dropped";

/// A query of one text for each contact: all that it says of itself.
pub(crate) fn contacts() -> String {
    format!("SELECT {} FROM contact", line("contact", CONTACT))
}

/// The same for addresses, and whose they are.
pub(crate) fn addresses() -> String {
    let own = line("contact_channel", "channel_id address");
    format!(
        "SELECT {own} || '|' || contact.email_key FROM contact_channel JOIN contact ON contact.id = contact_id"
    )
}

fn line(table: &str, columns: &str) -> String {
    let cell = |name: &str| format!("coalesce(cast({table}.{name} AS text), '∅')");
    let cells: Vec<String> = columns.split_whitespace().map(cell).collect();
    cells.join(" || '|' || ")
}

/// All of it, by what it is; lines are sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Snapshot(BTreeMap<&'static str, Vec<String>>);

impl Snapshot {
    /// Takes it, with the files of one import.
    pub(crate) async fn take(conn: &mut Conn, client: &Client, import: &str) -> Result<Self> {
        let queries = [
            ("contacts", contacts()),
            ("addresses", addresses()),
            (
                "segment members",
                "SELECT segment.name || '|' || contact.email_key FROM segment_member
                    JOIN segment ON segment.id = segment_id JOIN contact ON contact.id = contact_id"
                    .to_owned(),
            ),
            ("imports", format!("SELECT {} FROM import", line("import", IMPORT))),
            (
                "rows",
                format!(
                    "SELECT {} || '|' || coalesce(contact.email_key, '∅') FROM import_row LEFT JOIN contact ON contact.id = contact_id",
                    line("import_row", "import_id row outcome")
                ),
            ),
            (
                "errors",
                format!("SELECT {} FROM import_error", line("import_error", ERROR)),
            ),
        ];
        let mut all = BTreeMap::new();
        for (name, sql) in queries {
            let mut lines = conn.texts(&sql).await?;
            lines.sort_unstable();
            all.insert(name, lines);
        }
        let [result, failed] = import::files(client, import).await?;
        all.insert("result file", lines_of(&result));
        all.insert("failed-rows file", lines_of(&failed));
        Ok(Self(all))
    }

    /// How many lines of each kind there are.
    pub(crate) fn sizes(&self) -> String {
        let sizes = self.0.iter();
        let sizes: Vec<String> = sizes
            .map(|(name, lines)| format!("{} {name}", lines.len()))
            .collect();
        sizes.join(", ")
    }

    /// What is different in another one; empty where nothing is.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        for (name, expected) in &self.0 {
            let found = other.0.get(name).map_or(&[][..], Vec::as_slice);
            if expected != found {
                differences.push(difference(name, expected, found));
            }
        }
        differences
    }
}

/// Line by line, their ends included: equal lines are equal bytes.
fn lines_of(file: &[u8]) -> Vec<String> {
    file.split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.escape_ascii().to_string())
        .collect()
}

fn difference(name: &str, expected: &[String], found: &[String]) -> String {
    let only = |here: &[String], there: &[String]| {
        let mut count: BTreeMap<&str, i64> = BTreeMap::new();
        here.iter()
            .for_each(|line| *count.entry(line).or_default() += 1);
        there
            .iter()
            .for_each(|line| *count.entry(line).or_default() -= 1);
        let more = count.into_iter().filter(|(_, count)| *count > 0);
        more.map(|(line, _)| line.to_owned()).collect::<Vec<_>>()
    };
    let (missing, extra) = (only(expected, found), only(found, expected));
    let example = |lines: &[String]| {
        let first = lines.first().map_or("-", String::as_str);
        first.chars().take(300).collect::<String>()
    };
    format!(
        "{name}: {} lines for {}; {} are missing, such as\n      {}\n    {} are too many, such as\n      {}",
        found.len(),
        expected.len(),
        missing.len(),
        example(&missing),
        extra.len(),
        example(&extra)
    )
}
