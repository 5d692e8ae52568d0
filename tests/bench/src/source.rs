//! The CSV files of a benchmark, and what is known about them beforehand: how many rows go in, and what is wrong with the others.

use crate::{
    csv_file::{CsvFile, Expected, Writer},
    person::{HEADERS, Person},
    random::Random,
};
use anyhow::Result;
use std::{ops::Range, path::Path};

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
        let mut file = Writer::new(path, &HEADERS)?;
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
        let mut file = Writer::new(path, &HEADERS)?;
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
