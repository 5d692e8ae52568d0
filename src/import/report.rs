//! What a terminal, a file or a program sees of an import.

use super::mapping::{quoted, suggestion};
use crate::terminal::{print, say};
use domain::{import, store::Store};
use entity::{import::Model as Import, job::JobStatus};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sea_orm::ActiveEnum;
use serde_json::{Value, json};
use std::{
    io::IsTerminal,
    sync::Mutex,
    time::{Duration, Instant},
};

/// Plain lines come at most so often.
const LINE: Duration = Duration::from_secs(1);

/// For whom.
pub(super) enum Style {
    /// A person at a terminal.
    Bar(ProgressBar),
    /// A person reading a file.
    Lines,
    /// A program.
    Json,
}

impl Style {
    /// JSON where that was asked for, else what standard output is good for.
    pub(super) fn of(json: bool) -> Self {
        if json {
            return Self::Json;
        }
        if !std::io::stdout().is_terminal() {
            return Self::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} rows  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self::Bar(bar)
    }
}

/// Tells how an import goes.
pub(super) struct Report {
    style: Style,
    /// When a line was last written, and about how many rows.
    last: Mutex<Option<(Instant, i64, JobStatus)>>,
}

impl Report {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            last: Mutex::new(None),
        }
    }

    /// The file is in, and what it holds is known.
    pub(super) fn inspected(&self, import: &Import) {
        let rows = import.row_count.unwrap_or_default();
        let problems = import
            .inspection
            .iter()
            .flat_map(|inspection| &inspection.problems);
        if let Style::Json = self.style {
            let problems: Vec<Value> = problems
                .map(|problem| json!({ "code": problem.code, "message": problem.message }))
                .collect();
            let status = import.status.to_value();
            print(
                json!({ "import": import.id.to_string(), "status": status, "rowCount": rows, "problems": problems }),
            );
            return;
        }
        print(format_args!(
            "{}: {rows} rows in {}",
            import.id, import.file_name
        ));
        for problem in problems {
            say(format_args!("note: {}", problem.message));
        }
    }

    /// Headers must be decided about first.
    pub(super) fn undecided(&self, import: &Import, headers: &[&str]) {
        if let Style::Json = self.style {
            let unmapped: Vec<Value> = headers
                .iter()
                .map(|header| json!({ "header": header, "map": suggestion(header) }))
                .collect();
            print(
                json!({ "import": import.id.to_string(), "status": "CANCELLED", "unmapped": unmapped }),
            );
            return;
        }
        say(
            "Nothing was imported: these headers are not known. Add a line for each, with another column or type where that fits better",
        );
        say("(\"Header=\" ignores one, --ignore-unmapped ignores all of them):\n");
        for header in headers {
            say(format_args!("  --map {} \\", quoted(&suggestion(header))));
        }
    }

    /// How far it is.
    pub(super) fn progress(&self, import: &Import) {
        if !self.is_news(import) {
            return;
        }
        let progress = import::progress(import);
        let seconds = progress.remaining.map(|time| time.num_seconds());
        match &self.style {
            Style::Bar(bar) => {
                bar.set_length(progress.total.unwrap_or_default().unsigned_abs());
                bar.set_position(progress.done.unsigned_abs());
                bar.set_message(speed(import.status, progress.per_second, seconds));
            }
            Style::Lines => {
                let total = progress.total.unwrap_or_default();
                let speed = speed(import.status, progress.per_second, seconds);
                print(format_args!("{} of {total} rows  {speed}", progress.done));
            }
            Style::Json => print(json!({
                "import": import.id.to_string(), "status": import.status.to_value(), "total": progress.total,
                "done": progress.done, "perSecond": progress.per_second.map(f64::round), "remainingSeconds": seconds,
            })),
        }
    }

    /// A bar is drawn again and again; lines only say something new, and the end in any case.
    fn is_news(&self, import: &Import) -> bool {
        if let Style::Bar(_) = self.style {
            return true;
        }
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let news = match *last {
            None => true,
            Some((_, rows, status)) if status != import.status => {
                rows != import.cursor || !import.status.is_final()
            }
            Some((at, rows, _)) => rows != import.cursor && at.elapsed() >= LINE,
        };
        if news {
            *last = Some((Instant::now(), import.cursor, import.status));
        }
        news
    }

    /// The end, whichever it is.
    pub(super) fn end(&self, store: &Store, import: &Import) {
        self.clear();
        let place = |key: &Option<String>| key.as_deref().map(|key| store.place(key));
        let (result, failed) = (place(&import.result_key), place(&import.failed_key));
        if let Style::Json = self.style {
            let failure = import.failure_message.as_ref().map(|message| {
                let code = import.failure_code.map(|code| code.to_value());
                json!({ "code": code, "message": message, "header": import.failure_header })
            });
            print(json!({
                "import": import.id.to_string(), "status": import.status.to_value(), "counts": counts(import),
                "resultFile": result, "failedFile": failed, "failure": failure,
            }));
            return;
        }
        match import.status {
            JobStatus::Failed => say(format_args!("error: {}", failure(import))),
            JobStatus::Cancelled => say("The import was cancelled. What went in stays."),
            _ => {}
        }
        if import.started_at.is_some() {
            let counts = counts(import);
            let counts = [
                "read",
                "created",
                "updated",
                "unchanged",
                "failed",
                "duplicate",
                "discarded",
            ]
            .map(|name| format!("{} {name}", counts[name]));
            print(counts.join(", "));
        }
        if let Some(result) = result {
            print(format_args!("result file: {result}"));
        }
        if let Some(failed) = failed {
            print(format_args!("failed rows: {failed}"));
        }
    }

    /// A signal came before the end.
    pub(super) fn interrupted(&self, import: &Import) {
        self.clear();
        let id = import.id.to_string();
        if let Style::Json = self.style {
            print(json!({ "import": id, "status": "INTERRUPTED" }));
        }
        say(format_args!(
            "Interrupted. What went in stays, and {id} goes on with the next worker: roster serve, roster worker, or another import.\n\
             To end it instead, send this mutation: cancelImport(input: {{ id: \"{id}\" }})"
        ));
    }

    /// It came to no import, or to no end.
    pub(super) fn error(&self, error: &anyhow::Error) {
        self.clear();
        if let Style::Json = self.style {
            print(json!({ "error": format!("{error:#}") }));
        }
    }

    fn clear(&self) {
        if let Style::Bar(bar) = &self.style {
            bar.finish_and_clear();
        }
    }
}

fn counts(import: &Import) -> Value {
    json!({
        "read": import.cursor, "created": import.created_count, "updated": import.updated_count,
        "unchanged": import.unchanged_count, "failed": import.failed_count, "duplicate": import.duplicate_count,
        "discarded": import.discarded_count,
    })
}

/// Why the whole file was refused.
fn failure(import: &Import) -> String {
    let message = import
        .failure_message
        .as_deref()
        .unwrap_or("the import failed");
    match (&import.failure_header, import.failure_code) {
        (Some(header), Some(code)) => format!("{header}: {message} [{}]", code.to_value()),
        (None, Some(code)) => format!("{message} [{}]", code.to_value()),
        _ => message.to_owned(),
    }
}

fn speed(status: JobStatus, per_second: Option<f64>, remaining: Option<i64>) -> String {
    match (status, per_second, remaining) {
        (JobStatus::Queued, ..) => "waiting for a worker".to_owned(),
        (JobStatus::Cancelled, ..) => "cancelled, writing the result file".to_owned(),
        // All rows are through, and the result file is being made.
        (JobStatus::Running, Some(rate), Some(0)) => {
            format!("{rate:.0} rows/s, writing the result file")
        }
        (_, Some(rate), Some(seconds)) => format!("{rate:.0} rows/s, {} left", time(seconds)),
        (_, Some(rate), None) => format!("{rate:.0} rows/s"),
        _ => "reading the file".to_owned(),
    }
}

fn time(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}
