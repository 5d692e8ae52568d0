//! The CSV files of a benchmark, and what is known about them beforehand: how many rows go in, and what is wrong with the others.

use crate::{
    person::{HEADERS, Person},
    random::Random,
};
use anyhow::{Context, Result};
use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    io::{BufWriter, Write},
    ops::Range,
    path::{Path, PathBuf},
};

/// What is wrong with a row; each is one row in 200.
const FAULTS: [&str; 10] = [
    "PHONE_INVALID",
    "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER",
    "EMAIL_INVALID",
    "KEY_MISSING",
    "VALUE_OF_WRONG_TYPE",
    "VALUE_OUT_OF_RANGE",
    "NUMBER_TOO_LONG",
    "VALUE_TOO_LONG",
    "TOO_FEW_CELLS",
    DUPLICATE,
];
const DUPLICATE: &str = "DUPLICATE_IN_FILE";

/// Which people a file holds.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    seed: u64,
    numbers: Range<u64>,
}

/// What an import of a file must come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) rows: u64,
    /// Rows that go in.
    pub(crate) good: u64,
    pub(crate) failed: u64,
    pub(crate) duplicate: u64,
    /// Rows with each error.
    pub(crate) codes: BTreeMap<String, u64>,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bad = self.failed + self.duplicate;
        let share = 100.0 * bad as f64 / self.rows as f64;
        let Self { rows, good, .. } = self;
        write!(f, "{rows} rows, {good} good, {bad} bad ({share:.1} %):")?;
        self.codes
            .iter()
            .try_for_each(|(code, count)| write!(f, " {code} {count}"))
    }
}

/// A file on disk.
#[derive(Debug, Clone)]
pub(crate) struct CsvFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) expected: Expected,
}

impl Source {
    /// `rows` people from the `first`th on.
    pub(crate) fn new(seed: u64, first: u64, rows: u64) -> Self {
        Self {
            seed,
            numbers: first..first + rows,
        }
    }

    /// Those who go in, in the order of the file.
    pub(crate) fn people(&self) -> impl Iterator<Item = Person> {
        let good = self.numbers.clone().filter(|n| self.fault(*n).is_none());
        good.map(|n| Person::of(self.seed, n))
    }

    /// Writes the file, with its bad rows.
    pub(crate) fn write(&self, path: &Path) -> Result<CsvFile> {
        let mut expected = Expected::default();
        let mut file = Output::new(path)?;
        for n in self.numbers.clone() {
            let mut cells = Person::of(self.seed, n).cells().to_vec();
            expected.rows += 1;
            match self.fault(n) {
                None => expected.good += 1,
                Some(fault) => {
                    self.spoil(&mut cells, n, fault);
                    *expected.codes.entry(fault.to_owned()).or_default() += 1;
                    match fault {
                        DUPLICATE => expected.duplicate += 1,
                        _ => expected.failed += 1,
                    }
                }
            }
            file.row(&cells)?;
        }
        file.finish(path, expected)
    }

    /// Writes every third of the good rows, most as they were before: what the database holds before an import.
    pub(crate) fn write_earlier(&self, path: &Path) -> Result<CsvFile> {
        let mut file = Output::new(path)?;
        let mut expected = Expected::default();
        for (n, person) in self.people().step_by(3).enumerate() {
            let unchanged = n % 4 == 0;
            let person = if unchanged { person } else { person.earlier() };
            file.row(&person.cells())?;
            expected.rows += 1;
        }
        expected.good = expected.rows;
        file.finish(path, expected)
    }

    /// What is wrong with a row. One at the file's end has no later one that it could repeat.
    fn fault(&self, n: u64) -> Option<&'static str> {
        let fault = self.drawn(n)?;
        (fault != DUPLICATE || self.next_good(n).is_some()).then_some(fault)
    }

    fn drawn(&self, n: u64) -> Option<&'static str> {
        let drawn = Random::of(!self.seed, n).below(20 * FAULTS.len() as u64);
        FAULTS.get(usize::try_from(drawn).ok()?).copied()
    }

    fn next_good(&self, n: u64) -> Option<u64> {
        (n + 1..self.numbers.end).find(|later| self.drawn(*later).is_none())
    }

    fn spoil(&self, cells: &mut Vec<String>, n: u64, fault: &str) {
        let (column, cell) = match fault {
            "PHONE_INVALID" => (2, "12".to_owned()),
            "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER" => (2, "4.91512E+12".to_owned()),
            "EMAIL_INVALID" => (0, "nobody at example".to_owned()),
            "KEY_MISSING" => (0, String::new()),
            "VALUE_OF_WRONG_TYPE" => (6, "many".to_owned()),
            "VALUE_OUT_OF_RANGE" => (7, "2023-02-30".to_owned()),
            "NUMBER_TOO_LONG" => (11, "1234567890123.4567".to_owned()),
            "VALUE_TOO_LONG" => (1, "x".repeat(501)),
            DUPLICATE => {
                let later = self.next_good(n).unwrap_or(n);
                (0, Person::of(self.seed, later).email)
            }
            _ => {
                cells.truncate(10);
                return;
            }
        };
        cells[column] = cell;
    }
}

/// A file that is being written.
struct Output {
    file: BufWriter<File>,
}

impl Output {
    fn new(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("cannot make {}", path.display()))?;
        let mut output = Self {
            file: BufWriter::new(file),
        };
        output.row(&HEADERS)?;
        Ok(output)
    }

    fn row(&mut self, cells: &[impl AsRef<str>]) -> Result<()> {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.file.write_all(b",")?;
            }
            let cell = cell.as_ref();
            if cell.contains([',', '"', ';']) {
                write!(self.file, "\"{}\"", cell.replace('"', "\"\""))?;
            } else {
                self.file.write_all(cell.as_bytes())?;
            }
        }
        Ok(self.file.write_all(b"\r\n")?)
    }

    fn finish(self, path: &Path, expected: Expected) -> Result<CsvFile> {
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        file.sync_all()?;
        Ok(CsvFile {
            path: path.to_owned(),
            bytes: file.metadata()?.len(),
            expected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_in_twenty_is_bad() {
        let source = Source::new(3, 1, 20_000);
        let bad = 20_000 - source.people().count();
        assert!((900..1_100).contains(&bad), "{bad}");
    }
}
