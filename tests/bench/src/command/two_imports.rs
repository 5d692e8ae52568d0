//! Two imports at once, a part of `bench edits`: neither may wait for the other's end.

use super::{describe, open};
use crate::{
    client::Client,
    csv_file::CsvFile,
    database::Kind,
    import::{self as imports, State},
    report::{Report, progress},
    source::Source,
};
use anyhow::Result;
use std::time::{Duration, Instant};

/// An import that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// Runs it.
pub(super) async fn run(kinds: &[Kind], rows: u64, seed: u64) -> Result<()> {
    let columns = [
        "what",
        "seconds",
        "rows/s",
        "longest pause s",
        "other's rows at 25 %",
        "50 %",
        "75 %",
        "100 %",
    ];
    let title = format!("Two imports at once, {rows} rows each");
    let mut report = Report::new(title, &columns);
    describe(&mut report, kinds, Some(seed)).await?;
    for &kind in kinds {
        measure(kind, rows, seed, &mut report).await?;
    }
    report.note(
        "Pause: the longest time in which an import's rows stood still, asked ten times a second.",
    );
    report.note(
        "Other's rows: how far the other import was when this one had done that share of its rows.",
    );
    report.print();
    Ok(())
}

async fn measure(kind: Kind, rows: u64, seed: u64, report: &mut Report) -> Result<()> {
    progress(format!("{kind}: one import, then two at once"));
    let (site, roster, client) = open(kind).await?;
    let file = |turn: u64| {
        let source = Source::new(seed, 1 + turn * rows, rows);
        source.write(&site.path().join(format!("{turn}.csv")))
    };
    let alone = follow(&client, &file(0)?).await?;
    let (first, second) = (file(1)?, file(2)?);
    let (first, second) = tokio::join!(follow(&client, &first), follow(&client, &second));
    let (first, second) = (first?, second?);
    report.row(alone.cells(format!("{kind}: alone"), rows, None));
    report.row(first.cells(format!("{kind}: first of two"), rows, Some(&second)));
    report.row(second.cells(format!("{kind}: second of two"), rows, Some(&first)));
    let (early, late) = if first.seconds() < second.seconds() {
        (&first, &second)
    } else {
        (&second, &first)
    };
    if let Some(end) = early.steps.last() {
        let share = 100 * late.rows_at(end.0) / rows;
        report.note(format!(
            "{kind}: when one had ended, the other had done {share} % of its rows."
        ));
    }
    roster.stop().await?;
    site.remove().await
}

/// When an import had done how many rows.
struct Course {
    begun: Instant,
    steps: Vec<(Instant, u64)>,
}

async fn follow(client: &Client, file: &CsvFile) -> Result<Course> {
    let id = imports::create(client, file, None).await?;
    let mut course = Course {
        begun: Instant::now(),
        steps: Vec::new(),
    };
    imports::start(client, &id).await?;
    let seen = |state: &State| course.steps.push((Instant::now(), state.done));
    let state = imports::poll(client, &id, PATIENCE, seen).await?;
    state.check(&file.expected, state.created)?;
    Ok(course)
}

impl Course {
    fn seconds(&self) -> f64 {
        let last = self.steps.last().map_or(self.begun, |(when, _)| *when);
        (last - self.begun).as_secs_f64()
    }

    /// The rows done at a moment.
    fn rows_at(&self, moment: Instant) -> u64 {
        let before = self.steps.iter().rev().find(|(when, _)| *when <= moment);
        before.map_or(0, |(_, rows)| *rows)
    }

    /// When it had done that many rows.
    fn reached(&self, rows: u64) -> Option<Instant> {
        let step = self.steps.iter().find(|(_, done)| *done >= rows);
        step.map(|(when, _)| *when)
    }

    fn longest_pause(&self, rows: u64) -> f64 {
        let mut since = self.begun;
        let mut last = 0;
        let mut longest = Duration::ZERO;
        for (when, done) in &self.steps {
            if *done != last {
                longest = longest.max(*when - since);
                (since, last) = (*when, *done);
            }
            if *done >= rows {
                break;
            }
        }
        longest.as_secs_f64()
    }

    fn cells(&self, name: String, rows: u64, other: Option<&Self>) -> Vec<String> {
        let seconds = self.seconds();
        let mut cells = vec![
            name,
            format!("{seconds:.2}"),
            format!("{:.0}", rows as f64 / seconds),
            format!("{:.2}", self.longest_pause(rows)),
        ];
        for quarter in 1..=4 {
            let moment = self.reached(rows * quarter / 4);
            let there = other
                .zip(moment)
                .map(|(other, moment)| other.rows_at(moment));
            cells.push(there.map_or_else(|| "-".to_owned(), |rows| rows.to_string()));
        }
        cells
    }
}
