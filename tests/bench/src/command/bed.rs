//! What `bench kill` kills: imports of one file into copies of one database, compared with one that was left alone.

use super::open;
use crate::{
    database::{Conn, Kind},
    import as imports,
    report::progress,
    roster::Roster,
    site::Site,
    snapshot::Snapshot,
    source::Source,
};
use anyhow::{Context, Result, ensure};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// An import that takes longer after a restart hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Undisturbed runs; the shortest counts, so that few kills come too late.
const UNDISTURBED: usize = 3;

/// A site with the file taken in and not started, and what its import comes to.
pub(super) struct Bed {
    pub(super) site: Site,
    token: String,
    import: String,
    /// What an undisturbed run comes to, and how long it takes.
    pub(super) expected: Snapshot,
    pub(super) takes: Duration,
}

/// What became of a killed import.
pub(super) struct Run {
    rows: String,
    status: String,
    pub(super) taken_up: Duration,
    ends: Duration,
    /// From the undisturbed run.
    pub(super) differences: Vec<String>,
}

impl Run {
    /// Rows and status that the kill left, taken up, ended.
    pub(super) fn cells(&self) -> Vec<String> {
        vec![
            self.rows.clone(),
            self.status.clone(),
            self.taken_up.as_millis().to_string(),
            self.ends.as_millis().to_string(),
        ]
    }
}

impl Bed {
    /// A third of the contacts are there before.
    pub(super) async fn make(kind: Kind, seed: u64, rows: u64, heartbeat: &str) -> Result<Self> {
        progress(format!("{kind}: an undisturbed run"));
        let (mut site, roster, client) = open(kind).await?;
        site.settings.heartbeat = Some(heartbeat.to_owned());
        let source = Source::new(seed, 1, rows);
        let earlier = source.write_earlier(&site.path().join("earlier.csv"))?;
        let id = imports::begin(&client, &earlier).await?;
        let state = imports::watch(&client, &id).await?;
        state.check(&earlier.expected, state.created)?;
        let file = source.write(&site.path().join("file.csv"))?;
        let import = imports::create(&client, &file, Some("Killed")).await?;
        let token = client.token().to_owned();
        roster.stop().await?;
        let mut bed = Self {
            site,
            token,
            import,
            expected: Snapshot::default(),
            takes: Duration::ZERO,
        };
        for _ in 0..UNDISTURBED {
            let (snapshot, took, state) = bed.undisturbed().await?;
            let went_in = state.created + state.updated + state.unchanged;
            state.check(&file.expected, went_in)?;
            if bed.takes.is_zero() {
                bed.expected = snapshot;
                bed.takes = took;
            } else {
                let differences = bed.expected.differences(&snapshot).join("\n");
                ensure!(differences.is_empty(), "two runs differ: {differences}");
                bed.takes = bed.takes.min(took);
            }
        }
        Ok(bed)
    }

    /// One import that nobody kills.
    async fn undisturbed(&self) -> Result<(Snapshot, Duration, imports::State)> {
        let copy = self.site.copy().await?;
        let roster = Roster::start(&copy.settings).await?;
        let client = roster.client_with(&self.token)?;
        let begun = Instant::now();
        imports::start(&client, &self.import).await?;
        let state = imports::watch(&client, &self.import).await?;
        let took = begun.elapsed();
        let mut conn = copy.connect().await?;
        let snapshot = Snapshot::take(&mut conn, &client, &self.import).await?;
        conn.close().await?;
        roster.stop().await?;
        copy.remove().await?;
        Ok((snapshot, took, state))
    }

    /// Does it all on a copy; where something breaks, what Roster said is told too.
    pub(super) async fn run(&self, moment: Duration) -> Result<Run> {
        let site = self.site.copy().await?;
        let run = self.run_on(&site, moment).await;
        let run = run.with_context(|| format!("roster said:\n{}", site.settings.said()));
        site.remove().await?;
        run
    }

    /// Starts the import, kills the process at `moment`, and sees the import to its end.
    async fn run_on(&self, site: &Site, moment: Duration) -> Result<Run> {
        let roster = Roster::start(&site.settings).await?;
        let client = roster.client_with(&self.token)?;
        let started = imports::start(&client, &self.import).await;
        started.context("before the kill")?;
        sleep(moment).await;
        roster.kill().await?;
        let mut conn = site.connect().await?;
        let (rows, status) = self.left_behind(&mut conn).await?;
        let dead = conn.texts(&holders(site.kind)).await?;
        let roster = Roster::start(&site.settings).await;
        let roster = roster.context("after the kill")?;
        let client = roster.client_with(&self.token)?;
        let begun = Instant::now();
        let taken_up = taken_up(&mut conn, site.kind, &dead);
        let ended = imports::poll(&client, &self.import, PATIENCE, |_| ());
        let (taken_up, state) = tokio::join!(taken_up, ended);
        let ends = begun.elapsed();
        let state = state.context("after the restart")?;
        let found = Snapshot::take(&mut conn, &client, &self.import).await?;
        conn.close().await?;
        let mut differences = self.expected.differences(&found);
        if state.status != "COMPLETED" {
            differences.push(format!("ended as {state:?}"));
        }
        roster.stop().await?;
        Ok(Run {
            rows,
            status,
            taken_up: taken_up?,
            ends,
            differences,
        })
    }

    /// The rows and the status that the kill left.
    async fn left_behind(&self, conn: &mut Conn) -> Result<(String, String)> {
        let number = self.import.rsplit('_').next().context("no id")?;
        let sql =
            format!("SELECT cast(cursor AS text) || ' ' || status FROM import WHERE id = {number}");
        let line = conn.text(&sql).await?;
        let (rows, status) = line.split_once(' ').context("no status")?;
        Ok((rows.to_owned(), status.to_owned()))
    }
}

/// A query of the workers that hold unfinished jobs; an empty text for a job that nobody holds.
fn holders(kind: Kind) -> String {
    let jobs = match kind {
        Kind::Postgres => "apalis.jobs",
        Kind::Sqlite => "Jobs",
    };
    format!(
        "SELECT coalesce(lock_by, '') FROM {jobs} WHERE status IN ('Pending', 'Queued', 'Running')"
    )
}

/// How long it takes until another worker than a dead one has every unfinished job.
async fn taken_up(conn: &mut Conn, kind: Kind, dead: &[String]) -> Result<Duration> {
    let begun = Instant::now();
    let query = holders(kind);
    loop {
        let holders = conn.texts(&query).await?;
        let orphan = |holder: &String| holder.is_empty() || dead.contains(holder);
        if !holders.iter().any(orphan) {
            return Ok(begun.elapsed());
        }
        ensure!(begun.elapsed() < PATIENCE, "nobody takes the job up");
        sleep(Duration::from_millis(20)).await;
    }
}
