//! Tables of figures, with what one must know to judge them; they read well as text and as Markdown.

use crate::proc;
use std::fmt::Display;

/// What a benchmark says in the end.
pub(crate) struct Report {
    title: String,
    facts: Vec<(String, String)>,
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Report {
    /// A report that begins with the machine.
    pub(crate) fn new(title: impl Display, headers: &[&str]) -> Self {
        let mut report = Self {
            title: title.to_string(),
            facts: Vec::new(),
            headers: headers.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        };
        report.fact("machine", proc::machine());
        report
    }

    /// Something that the figures hang on.
    pub(crate) fn fact(&mut self, name: impl Display, value: impl Display) {
        self.facts.push((name.to_string(), value.to_string()));
    }

    /// One line of figures.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Display>) {
        let cells = cells.into_iter().map(|cell| cell.to_string());
        self.rows.push(cells.collect());
    }

    /// Something to say below the table.
    pub(crate) fn note(&mut self, note: impl Display) {
        self.notes.push(note.to_string());
    }

    /// Prints it on standard output.
    pub(crate) fn print(&self) {
        say(format!("\n## {}\n", self.title));
        for (name, value) in &self.facts {
            say(format!("- {name}: {value}"));
        }
        say("");
        let widths: Vec<usize> = (0..self.headers.len()).map(|at| self.width(at)).collect();
        say(line(&self.headers, &widths));
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        say(line(&rules, &widths));
        for row in &self.rows {
            say(line(row, &widths));
        }
        if !self.notes.is_empty() {
            say("");
        }
        for note in &self.notes {
            say(format!("- {note}"));
        }
    }

    fn width(&self, at: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at));
        let cells = cells.chain(self.headers.get(at));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    }
}

/// The first column stands left, figures stand right.
fn line(cells: &[String], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths).enumerate();
    let padded = cells.map(|(at, (cell, &width))| match at {
        0 => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
}

/// One line on standard output.
#[allow(
    clippy::print_stdout,
    reason = "what the program is asked for goes there"
)]
pub(crate) fn say(text: impl Display) {
    println!("{text}");
}

/// What is going on meanwhile, on standard error.
pub(crate) fn progress(text: impl Display) {
    eprintln!("bench: {text}");
}

/// Mebibytes.
pub(crate) fn mib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}
