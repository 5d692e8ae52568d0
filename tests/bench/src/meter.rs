//! What a step costs: time, CPU and memory of Roster, those of PostgreSQL told apart, and room on disk.

use crate::{database::Kind, postgres, proc, report::mib};
use anyhow::Result;
use std::time::Duration;

/// The headers of [`Line::cells`].
pub(crate) const COLUMNS: [&str; 9] = [
    "what",
    "rows",
    "seconds",
    "rows/s",
    "roster CPU s",
    "roster peak MiB",
    "PostgreSQL CPU s",
    "PostgreSQL peak MiB",
    "on disk MiB",
];

/// Figures of one step.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) took: Duration,
    roster_cpu: Option<Duration>,
    roster_peak: Option<u64>,
    server_cpu: Option<Duration>,
    server_peak: Option<u64>,
    pub(crate) size: Option<u64>,
}

impl Line {
    /// As a line of a table, with how many rows it was about.
    pub(crate) fn cells(&self, name: String, rows: u64) -> Vec<String> {
        let seconds = |cpu: Option<Duration>| cpu.map(|cpu| format!("{:.2}", cpu.as_secs_f64()));
        let seconds = |cpu| seconds(cpu).unwrap_or_else(|| "-".to_owned());
        let size = |bytes: Option<u64>| bytes.map_or_else(|| "-".to_owned(), mib);
        let took = self.took.as_secs_f64();
        vec![
            name,
            rows.to_string(),
            format!("{took:.2}"),
            format!("{:.0}", rows as f64 / took),
            seconds(self.roster_cpu),
            size(self.roster_peak),
            seconds(self.server_cpu),
            size(self.server_peak),
            size(self.size),
        ]
    }
}

/// CPU time and memory, from a moment on.
pub(crate) struct Meter {
    roster: Option<(u32, Duration)>,
    server: Option<(postgres::Server, Duration, postgres::MemoryWatch)>,
}

impl Meter {
    /// Begins; `pid` is Roster's process, where there is one.
    pub(crate) async fn start(kind: Kind, pid: Option<u32>) -> Result<Self> {
        let server = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => {
                let server = postgres::Server::find().await?;
                Some((server, server.cpu()?, server.watch_memory()))
            }
        };
        let roster = pid.map(|pid| anyhow::Ok((pid, proc::cpu(pid)?)));
        Ok(Self {
            roster: roster.transpose()?,
            server,
        })
    }

    /// What it came to so far, in a step that took so long.
    pub(crate) fn read(&self, took: Duration) -> Result<Line> {
        let mut line = Line {
            took,
            ..Line::default()
        };
        if let Some((pid, before)) = self.roster {
            line.roster_cpu = Some(proc::cpu(pid)?.saturating_sub(before));
            line.roster_peak = Some(proc::peak_memory(pid)?);
        }
        if let Some((server, before, memory)) = &self.server {
            line.server_cpu = Some(server.cpu()?.saturating_sub(*before));
            line.server_peak = Some(memory.peak());
        }
        Ok(line)
    }
}
