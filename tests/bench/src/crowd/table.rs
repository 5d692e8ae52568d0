//! A running Roster with a crowd in it: filled through the API, or found where an earlier run has kept it.

use super::{ATTRIBUTES, Crowd, MESSENGER, NOTE, PHONES, copies, tag};
use crate::{
    client::Client, csv_file::CsvFile, database::Kind, import as imports, report::progress,
    roster::Roster, site::Site,
};
use anyhow::{Context, Result, ensure};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use std::{
    fs,
    path::PathBuf,
    time::{Instant, SystemTime},
};

/// How the table is wanted.
#[derive(clap::Args)]
pub(crate) struct Wanted {
    /// Contacts of the table.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Keep the filled table in this folder, or take the one that is kept there. On PostgreSQL the database must be there still: set
    /// ROSTER_TEST_POSTGRES, or run several benchmarks in one `tests/postgres --durable sh`.
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// See the module.
pub(crate) struct Table {
    pub(crate) site: Site,
    pub(crate) roster: Roster,
    pub(crate) client: Client,
    pub(crate) crowd: Crowd,
    /// How often each customer is there.
    pub(crate) copies: u64,
}

impl Table {
    /// Opens it, with a Roster that has just been started. Each customer is there `copies` times; more than once on PostgreSQL alone.
    pub(crate) async fn open(kind: Kind, wanted: &Wanted, seed: u64, copies: u64) -> Result<Self> {
        let mut site = match &wanted.keep {
            None => Site::new(kind).await?,
            Some(folder) => {
                // One beside the other, as many as are asked for.
                let name = format!("bench-{kind}-{}-{copies}", wanted.rows);
                Site::keep(kind, &folder.join(name.to_lowercase())).await?
            }
        };
        let crowd = Crowd {
            seed,
            rows: wanted.rows,
            day: today(),
        };
        let kept = read(&site)?;
        if let Some(kept) = &kept {
            ensure!(
                (kept.0.seed, kept.0.rows, kept.1) == (seed, wanted.rows, copies),
                "{} holds a table of the seed {}: remove it, or ask for that one",
                site.path().display(),
                kept.0.seed
            );
        } else {
            if wanted.keep.is_some() {
                site.empty().await?;
            }
            fill(&site, &crowd).await?;
            copies::make(&site, copies).await?;
            site.settle().await?;
            fs::write(site.path().join(NOTE_OF_IT), note(&crowd, copies))?;
        }
        let crowd = kept.map_or(crowd, |(crowd, _)| crowd);
        let roster = Roster::start(&site.settings).await?;
        let client = roster.client(&site.settings).await?;
        let table = Self {
            site,
            roster,
            client,
            crowd,
            copies,
        };
        table.check().await?;
        Ok(table)
    }

    /// How many contacts there are.
    pub(crate) fn contacts(&self) -> u64 {
        self.crowd.rows * self.copies
    }

    /// The same with another Roster: what it holds is not what earlier requests took.
    pub(crate) async fn restart(self) -> Result<Self> {
        self.roster.stop().await?;
        let roster = Roster::start(&self.site.settings).await?;
        let client = roster.client_with(self.client.token())?;
        Ok(Self {
            roster,
            client,
            ..self
        })
    }

    /// Stops Roster, and removes what is not to be kept.
    pub(crate) async fn close(self) -> Result<()> {
        self.roster.stop().await?;
        self.site.remove().await
    }

    async fn check(&self) -> Result<()> {
        let query = "{ contacts { totalCount(limit: 0) { value } } }";
        let data = self.client.query(query, Value::Null).await?;
        let count = data["contacts"]["totalCount"]["value"].as_u64();
        let wanted = self.contacts();
        ensure!(count == Some(wanted), "{count:?} contacts, not {wanted}");
        Ok(())
    }
}

/// The file of a kept site's folder that says what its table holds; written once it is whole.
const NOTE_OF_IT: &str = "table.json";

fn note(crowd: &Crowd, copies: u64) -> String {
    let Crowd { seed, rows, day } = crowd;
    json!({ "seed": seed, "rows": rows, "day": day.to_string(), "copies": copies }).to_string()
}

/// What a site's table holds; none: there is no whole one.
fn read(site: &Site) -> Result<Option<(Crowd, u64)>> {
    let Ok(text) = fs::read_to_string(site.path().join(NOTE_OF_IT)) else {
        return Ok(None);
    };
    let note: Value = serde_json::from_str(&text)?;
    let number = |name: &str| note[name].as_u64().context("the table's note is broken");
    let crowd = Crowd {
        seed: number("seed")?,
        rows: number("rows")?,
        day: note["day"].as_str().unwrap_or_default().parse()?,
    };
    Ok(Some((crowd, number("copies")?)))
}

/// The day, as servers have it that know no time zone.
pub(crate) fn today() -> NaiveDate {
    DateTime::<Utc>::from(SystemTime::now()).date_naive()
}

/// Fills an empty site through the API: two imports, then tags.
async fn fill(site: &Site, crowd: &Crowd) -> Result<()> {
    let roster = Roster::start(&site.settings).await?;
    let client = roster.client(&site.settings).await?;
    imports::make_channel(&client, "SMS", PHONES).await?;
    imports::make_channel(&client, "TELEGRAM", MESSENGER).await?;
    for (key, kind, filterable) in ATTRIBUTES {
        imports::make_attribute(&client, key, kind, filterable).await?;
    }
    imports::make_attribute(&client, NOTE, "TEXT", false).await?;
    let begun = Instant::now();
    let path = site.path().join("fill.csv");
    let state = import(&client, &crowd.write(&path)?).await?;
    ensure!(state.created == crowd.rows, "not all are new: {state:?}");
    progress(format!(
        "{} rows in after {:.0?}",
        crowd.rows,
        begun.elapsed()
    ));
    let state = import(&client, &crowd.write_messenger(&path)?).await?;
    ensure!(state.created == 0, "not all are known: {state:?}");
    progress(format!("the second channel after {:.0?}", begun.elapsed()));
    tag::give(&client).await?;
    progress(format!("tags after {:.0?}", begun.elapsed()));
    fs::remove_file(path)?;
    roster.stop().await
}

async fn import(client: &Client, file: &CsvFile) -> Result<imports::State> {
    let id = imports::begin(client, file).await?;
    let state = imports::watch(client, &id).await?;
    state.check(&file.expected, state.created + state.updated)?;
    Ok(state)
}
