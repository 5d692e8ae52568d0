//! `bench import`: how fast a file goes in, and what it costs.

use super::{describe, open};
use crate::{
    Common,
    client::Client,
    csv_file::CsvFile,
    database::Kind,
    floor::Floor,
    import as imports,
    meter::{COLUMNS, Line, Meter},
    report::{Report, mib, progress},
    roster::Roster,
    site::{Site, work_folder},
    snapshot,
    source::Source,
};
use anyhow::{Context, Result, ensure};
use std::{collections::BTreeMap, time::Instant};

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Rows of the file.
    #[arg(long, default_value_t = 100_000)]
    rows: u64,
    /// How often each is measured. The floor comes before, between and after.
    #[arg(long, default_value_t = 1)]
    times: usize,
    /// Rows of a transaction of the floor on PostgreSQL.
    #[arg(long, default_value_t = 4_000)]
    postgres_batch: usize,
    /// The same on SQLite.
    #[arg(long, default_value_t = 2_000)]
    sqlite_batch: usize,
    /// Rows of one of its prepared statements. The client library passes each statement to a thread and back, which costs as much as a
    /// row; 1 shows it.
    #[arg(long, default_value_t = 50)]
    sqlite_statement: usize,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let source = Source::new(args.common.seed, 1, args.rows);
    let path = work_folder()?.join("import.csv");
    let file = source.write(&path)?;
    let title = format!("Import of {} rows", args.rows);
    let mut report = Report::new(title, &COLUMNS);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    report.fact(
        "file",
        format!("{} MiB; {}", mib(file.bytes), file.expected),
    );
    for kind in kinds {
        let manner = args.floor(kind).manner(kind);
        report.fact(format!("floor on {kind}"), manner);
        measure(kind, args, &source, &file, &mut report).await?;
    }
    report.note("The floor writes the good rows alone, and knows their values beforehand; Roster's rows are all those of the file.");
    report.note("Aims: first import at 60 % of the floor or more; roster's peak 150 MB or less.");
    report.print();
    Ok(std::fs::remove_file(path)?)
}

impl Args {
    fn floor(&self, kind: Kind) -> Floor {
        match kind {
            Kind::Postgres => Floor {
                batch: self.postgres_batch,
                statement: self.postgres_batch,
            },
            Kind::Sqlite => Floor {
                batch: self.sqlite_batch,
                statement: self.sqlite_statement,
            },
        }
    }
}

/// Floor, Roster, floor, Roster … floor.
async fn measure(
    kind: Kind,
    args: &Args,
    source: &Source,
    file: &CsvFile,
    report: &mut Report,
) -> Result<()> {
    let good = file.expected.good;
    let mut floors = Vec::new();
    let mut firsts = Vec::new();
    let mut digests = Vec::new();
    for turn in 0..=args.times {
        settle();
        progress(format!("{kind}: floor"));
        let (line, digest) = run_floor(kind, source, args.floor(kind)).await?;
        report.row(line.cells(format!("{kind}: floor"), good));
        floors.push(line.took.as_secs_f64());
        digests.push(digest);
        if turn < args.times {
            settle();
            progress(format!("{kind}: Roster"));
            let (lines, digest) = run_roster(kind, file).await?;
            for (name, line) in &lines {
                report.row(line.cells(format!("{kind}: {name}"), file.expected.rows));
            }
            firsts.push(lines[1].1.took.as_secs_f64());
            digests.push(digest);
        }
    }
    let equal = digests.windows(2).all(|two| two[0] == two[1]);
    ensure!(equal, "Roster and the floor wrote other contacts");
    let (floor, first) = (
        crate::latency::median(floors),
        crate::latency::median(firsts),
    );
    report.note(format!(
        "{kind}: the first import runs at {:.0} % of the floor ({floor:.2} s against {first:.2} s; medians). Both wrote the same \
         contacts and addresses, compared row by row.",
        100.0 * floor / first
    ));
    Ok(())
}

/// What an earlier run left to write is not the next one's to pay for.
fn settle() {
    let _ = std::process::Command::new("sync").status();
}

/// What a database holds, as far as floor and Roster must agree.
type Digest = [(u64, u64); 2];

async fn digest(site: &Site) -> Result<Digest> {
    let mut conn = site.connect().await?;
    let contacts = conn.digest(&snapshot::contacts()).await?;
    let addresses = conn.digest(&snapshot::addresses()).await?;
    conn.close().await?;
    Ok([contacts, addresses])
}

async fn run_floor(kind: Kind, source: &Source, floor: Floor) -> Result<(Line, Digest)> {
    let site = Site::new(kind).await?;
    site.migrate().await?;
    let meter = Meter::start(kind, None).await?;
    let took = floor.load(&site, source).await?;
    let mut line = meter.read(took)?;
    line.size = Some(site.size().await?);
    let digest = digest(&site).await?;
    site.remove().await?;
    Ok((line, digest))
}

/// Upload, first import, second import.
async fn run_roster(kind: Kind, file: &CsvFile) -> Result<([(&'static str, Line); 3], Digest)> {
    let (site, roster, client) = open(kind).await?;
    let (upload, mut first, id) = import_once(kind, &roster, &client, file).await?;
    let state = imports::state(&client, &id).await?;
    state.check(&file.expected, state.created)?;
    check_codes(&site, file).await?;
    first.size = Some(site.size().await?);
    let digest = digest(&site).await?;
    let (_, mut second, id) = import_once(kind, &roster, &client, file).await?;
    let state = imports::state(&client, &id).await?;
    state.check(&file.expected, state.unchanged)?;
    second.size = Some(site.size().await?);
    roster.stop().await?;
    site.remove().await?;
    let lines = [
        ("upload", upload),
        ("first import", first),
        ("second import", second),
    ];
    Ok((lines, digest))
}

/// An upload and an import, with the id.
async fn import_once(
    kind: Kind,
    roster: &Roster,
    client: &Client,
    file: &CsvFile,
) -> Result<(Line, Line, String)> {
    let meter = Meter::start(kind, Some(roster.pid())).await?;
    let begun = Instant::now();
    let id = imports::create(client, file, None).await?;
    let upload = meter.read(begun.elapsed())?;
    let meter = Meter::start(kind, Some(roster.pid())).await?;
    let begun = Instant::now();
    imports::start(client, &id).await?;
    imports::watch(client, &id).await?;
    let import = meter.read(begun.elapsed())?;
    Ok((upload, import, id))
}

/// Each kind of bad row must have been called what it is.
async fn check_codes(site: &Site, file: &CsvFile) -> Result<()> {
    let mut conn = site.connect().await?;
    let sql = "SELECT code || ' ' || cast(count(*) AS text) FROM import_error GROUP BY code";
    let mut codes = BTreeMap::new();
    for line in conn.texts(sql).await? {
        let (code, count) = line.split_once(' ').context("no count")?;
        codes.insert(code.to_owned(), count.parse()?);
    }
    let expected = &file.expected.codes;
    ensure!(&codes == expected, "errors {codes:?} for {expected:?}");
    conn.close().await
}
