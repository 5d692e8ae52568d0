//! `bench kill`: whatever moment an import is killed at, a restart ends it as if nothing had happened.

use super::{bed::Bed, describe};
use crate::{
    Common,
    database::Kind,
    random::Random,
    report::{Report, progress, say},
};
use anyhow::Result;
use std::{process::ExitCode, time::Duration};

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

/// How soon after a restart the job must have a worker again.
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
        "taken up after ms",
        "ends after ms",
        "equal",
    ];
    let title = format!("{} imports of {} rows, killed", args.runs, args.rows);
    let mut report = Report::new(title, &columns);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    report.fact("job-heartbeat", &args.heartbeat);
    let mut failures = 0;
    for kind in kinds {
        failures += measure(kind, args, &mut report).await?;
    }
    report.note("Killed: SIGKILL, after startImport was sent, at a moment drawn over the length of an undisturbed run.");
    report.note("Taken up: from the restarted process being ready to a living worker having the job. Aim: 5 s or less. Ends: from the same moment.");
    report.note("Equal: contacts, addresses, segment members, imports, rows, errors (but ids and times), both files byte for byte.");
    report.print();
    say(format!("\n{failures} failed"));
    Ok(ExitCode::from(u8::from(failures > 0)))
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<usize> {
    let bed = Bed::make(kind, args.common.seed, args.rows, &args.heartbeat).await?;
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
                late += usize::from(run.taken_up > TAKEN_UP);
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
        report.note(format!("{kind}: {late} were taken up late"));
    }
    bed.site.remove().await?;
    Ok(failures)
}
