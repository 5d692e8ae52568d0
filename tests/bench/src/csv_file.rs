//! Files of comma-separated cells, and what an import of one must come to.

use anyhow::{Context, Result};
use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

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

/// A file that is being written.
pub(crate) struct Writer {
    file: BufWriter<File>,
}

impl Writer {
    /// A file that has its headers so far.
    pub(crate) fn new(path: &Path, headers: &[&str]) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("cannot make {}", path.display()))?;
        let mut writer = Self {
            file: BufWriter::new(file),
        };
        writer.row(headers)?;
        Ok(writer)
    }

    /// One more line.
    pub(crate) fn row(&mut self, cells: &[impl AsRef<str>]) -> Result<()> {
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

    /// The file, safe on disk.
    pub(crate) fn finish(self, path: &Path, expected: Expected) -> Result<CsvFile> {
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        file.sync_all()?;
        Ok(CsvFile {
            path: path.to_owned(),
            bytes: file.metadata()?.len(),
            expected,
        })
    }
}
