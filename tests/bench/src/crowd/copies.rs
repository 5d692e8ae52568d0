//! A table of customers several times over, by SQL alone, on PostgreSQL: what ten million contacts would take hours for by imports.
//!
//! Each copy is somebody else, with an e-mail address, a phone number and an id on the messenger of their own, and the same values, tags
//! and names.

use crate::{
    database::{Conn, Kind},
    report::progress,
    site::Site,
};
use anyhow::{Result, ensure};
use std::time::Instant;

/// Copies have phone numbers that begin with +49152 to +49199.
const MOST: u64 = 48;

/// Multiplies what a site holds. No Roster may run there.
pub(super) async fn make(site: &Site, copies: u64) -> Result<()> {
    if copies == 1 {
        return Ok(());
    }
    ensure!(
        site.kind == Kind::Postgres,
        "copies are made on PostgreSQL alone"
    );
    ensure!((1..=MOST).contains(&copies), "1 to {MOST} copies");
    let mut conn = site.connect().await?;
    multiply(&mut conn, copies).await?;
    conn.close().await
}

async fn multiply(conn: &mut Conn, copies: u64) -> Result<()> {
    let begun = Instant::now();
    // The copies' references are right as the originals' are.
    conn.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        .await?;
    let stride: u64 = conn
        .text("SELECT max(id)::text FROM contact")
        .await?
        .parse()?;
    // Built at the end, indexes take a tenth of the time.
    let indexes = conn.texts(INDEXES).await?;
    for index in &indexes {
        let (name, _) = index.split_once('|').unwrap_or_default();
        conn.execute(&format!("DROP INDEX {name}")).await?;
    }
    for copy in 1..copies {
        let shift = copy * stride;
        for (table, changes) in tables(copy, shift) {
            copy_rows(conn, table, &changes, stride).await?;
        }
        progress(format!("{} copies after {:.0?}", copy + 1, begun.elapsed()));
    }
    for index in &indexes {
        let (name, definition) = index.split_once('|').unwrap_or_default();
        conn.execute(definition).await?;
        progress(format!("{name} after {:.0?}", begun.elapsed()));
    }
    let rest = format!(
        "UPDATE contact_total SET active = active * {copies}, inactive = inactive * {copies};
        SELECT setval(pg_get_serial_sequence('contact', 'id'), (SELECT max(id) FROM contact))"
    );
    conn.execute(&rest).await
}

/// Those that are not there to keep something unique: name and definition.
const INDEXES: &str = "SELECT indexrelid::regclass::text || '|' || pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid IN ('contact'::regclass, 'contact_channel'::regclass, 'contact_tag'::regclass) AND NOT indisunique";

/// What a copy has for itself in each table: column and SQL. A column with an empty one is left to the database.
type Changes = Vec<(&'static str, String)>;

fn tables(copy: u64, shift: u64) -> [(&'static str, Changes); 3] {
    let prefix = 51 + copy;
    let email = |column: &str| format!("replace({column}, '@', '@c{copy}.')");
    let reach = format!(
        "regexp_replace(replace({}, substr(phone, 4), '1{prefix}' || substr(phone, 7)), ' (7[0-9]+)$', ' {copy}\\1')",
        email("reach")
    );
    let comparable = format!(
        "jsonb_set(comparable, '{{email}}', to_jsonb({}))",
        email("email_key")
    );
    let contact = vec![
        ("id", format!("id + {shift}")),
        ("email", email("email")),
        ("email_key", email("email_key")),
        ("phone", format!("overlay(phone placing '{prefix}' from 5)")),
        ("comparable", comparable),
        ("reach", reach),
        (
            "created_at",
            format!("created_at - interval '{copy} hours'"),
        ),
    ];
    let address = format!(
        "CASE WHEN address LIKE '+%' THEN overlay(address placing '{prefix}' from 5) ELSE '{copy}' || address END"
    );
    let owner = || ("contact_id", format!("contact_id + {shift}"));
    let channel = vec![("id", String::new()), owner(), ("address", address)];
    [
        ("contact", contact),
        ("contact_channel", channel),
        ("contact_tag", vec![owner()]),
    ]
}

/// Copies the rows of the originals, whose contacts have ids up to `last`.
async fn copy_rows(conn: &mut Conn, table: &str, changes: &Changes, last: u64) -> Result<()> {
    let sql = format!(
        "SELECT column_name FROM information_schema.columns
            WHERE table_name = '{table}' AND table_schema = current_schema() ORDER BY ordinal_position"
    );
    let mut names = Vec::new();
    let mut values = Vec::new();
    for name in conn.texts(&sql).await? {
        let change = changes.iter().find(|(column, _)| *column == name);
        let value = change.map_or_else(|| name.clone(), |(_, value)| value.clone());
        if !value.is_empty() {
            names.push(name);
            values.push(value);
        }
    }
    let owner = if table == "contact" {
        "id"
    } else {
        "contact_id"
    };
    let (names, values) = (names.join(", "), values.join(", "));
    let sql = format!(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {owner} <= {last}"
    );
    conn.execute(&sql).await
}
