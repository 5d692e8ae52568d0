//! `bench kill`: whatever moment an import is killed at, a restart ends it as if nothing had happened.

use super::{describe, open};
use crate::{
    Common,
    database::Kind,
    import as imports,
    random::Random,
    report::{Report, progress, say},
    roster::Roster,
    site::Site,
    snapshot::Snapshot,
    source::Source,
};
use anyhow::{Context, Result};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Kills on each database.
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// Rows of the file; every third contact is there before.
    #[arg(long, default_value_t = 20_000)]
    rows: u64,
    /// Roster's --job-heartbeat.
    #[arg(long, default_value = "1s")]
    heartbeat: String,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// An import that takes longer after a restart hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// How soon after a restart an import must go on.
const TAKEN_UP: Duration = Duration::from_secs(5);

/// Runs it; exit 1 on any difference.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let kinds = args.common.database.kinds();
    let columns = [
        "database",
        "run",
        "killed at ms",
        "rows then",
        "status then",
        "goes on after ms",
        "ends after ms",
        "equal",
    ];
    let title = format!("{} imports of {} rows, killed", args.runs, args.rows);
    let mut report = Report::new(title, &columns);
    describe(&mut report, &kinds, args.common.seed).await?;
    report.fact("job-heartbeat", &args.heartbeat);
    let mut failures = 0;
    for kind in kinds {
        failures += measure(kind, args, &mut report).await?;
    }
    report.note("Killed: SIGKILL, after startImport was sent, at a moment drawn over the length of an undisturbed run.");
    report.note("Goes on: from the restarted process being ready to the first row, or the end, seen over the API. Aim: 5 s or less.");
    report.note("Equal: contacts, addresses, segment members, imports, rows, errors (but ids and times), both files byte for byte.");
    report.print();
    say(format!("\n{failures} failed"));
    Ok(ExitCode::from(u8::from(failures > 0)))
}

/// A site with the file taken in and not started, and what its import comes to.
struct Bed {
    site: Site,
    token: String,
    import: String,
    expected: Snapshot,
    takes: Duration,
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<usize> {
    let bed = Bed::make(kind, args).await?;
    let takes = bed.takes.as_millis();
    report.note(format!(
        "{kind}: undisturbed {takes} ms; {}",
        bed.expected.sizes()
    ));
    let mut random = Random::new(args.common.seed);
    let (mut failures, mut late) = (0, 0);
    for number in 1..=args.runs {
        let moment = bed.takes.mul_f64(random.fraction());
        progress(format!("{kind}: run {number}, killed at {moment:?}"));
        let run = bed.run(moment).await;
        let (cells, differences) = match run {
            Ok(run) => {
                late += usize::from(run.goes_on > TAKEN_UP);
                (run.cells(), run.differences)
            }
            Err(error) => (vec!["-".to_owned(); 4], vec![format!("{error:#}")]),
        };
        let verdict = if differences.is_empty() { "yes" } else { "NO" };
        failures += usize::from(!differences.is_empty());
        for difference in &differences {
            say(format!("{kind}, run {number}: {difference}"));
        }
        let head = [
            kind.to_string(),
            number.to_string(),
            moment.as_millis().to_string(),
        ];
        let cells = head.into_iter().chain(cells);
        report.row(cells.chain([verdict.to_owned()]));
    }
    if late > 0 {
        report.note(format!("{kind}: {late} went on late"));
    }
    bed.site.remove().await?;
    Ok(failures)
}

/// What became of a killed import.
struct Run {
    rows: String,
    status: String,
    goes_on: Duration,
    ends: Duration,
    differences: Vec<String>,
}

impl Run {
    fn cells(&self) -> Vec<String> {
        vec![
            self.rows.clone(),
            self.status.clone(),
            self.goes_on.as_millis().to_string(),
            self.ends.as_millis().to_string(),
        ]
    }
}

impl Bed {
    async fn make(kind: Kind, args: &Args) -> Result<Self> {
        progress(format!("{kind}: an undisturbed run"));
        let (mut site, roster, client) = open(kind).await?;
        site.settings.heartbeat = Some(args.heartbeat.clone());
        let source = Source::new(args.common.seed, 1, args.rows);
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
        let copy = bed.site.copy().await?;
        let roster = Roster::start(&copy.settings).await?;
        let client = roster.client_with(&bed.token)?;
        let begun = Instant::now();
        imports::start(&client, &bed.import).await?;
        let state = imports::watch(&client, &bed.import).await?;
        bed.takes = begun.elapsed();
        state.check(
            &file.expected,
            state.created + state.updated + state.unchanged,
        )?;
        let mut conn = copy.connect().await?;
        bed.expected = Snapshot::take(&mut conn, &client, &bed.import).await?;
        conn.close().await?;
        roster.stop().await?;
        copy.remove().await?;
        Ok(bed)
    }

    /// Does it all on a copy; where something breaks, what Roster said is told too.
    async fn run(&self, moment: Duration) -> Result<Run> {
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
        let (rows, status) = self.left_behind(site).await?;
        let roster = Roster::start(&site.settings).await;
        let roster = roster.context("after the kill")?;
        let client = roster.client_with(&self.token)?;
        let begun = Instant::now();
        let mut goes_on = None;
        let before: u64 = rows.parse()?;
        let seen = |state: &imports::State| {
            if goes_on.is_none() && (state.done > before || state.is_final()) {
                goes_on = Some(begun.elapsed());
            }
        };
        let state = imports::poll(&client, &self.import, PATIENCE, seen).await;
        let state = state.context("after the restart")?;
        let ends = begun.elapsed();
        let goes_on = goes_on.context("it never went on")?;
        let mut conn = site.connect().await?;
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
            goes_on,
            ends,
            differences,
        })
    }

    /// The rows and the status that the kill left.
    async fn left_behind(&self, site: &Site) -> Result<(String, String)> {
        let number = self.import.rsplit('_').next().context("no id")?;
        let mut conn = site.connect().await?;
        let sql =
            format!("SELECT cast(cursor AS text) || ' ' || status FROM import WHERE id = {number}");
        let line = conn.text(&sql).await?;
        conn.close().await?;
        let (rows, status) = line.split_once(' ').context("no status")?;
        Ok((rows.to_owned(), status.to_owned()))
    }
}
