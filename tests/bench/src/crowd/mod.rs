//! A crowd: customers with eight attributes in the table, a long text beside it, two channels and tags, made for filters to choose from.
//!
//! Values are frequent and rare, and most are missing for some. They come from the seed, the number of the customer, and the day of the
//! filling, before which dates lie. How they get into a database stands in [`table`].

mod copies;
mod customer;
pub(crate) mod table;
pub(crate) mod tag;
pub(crate) mod word;

pub(crate) use customer::{Customer, FREQUENT_PLANS, SCARCE_PLANS};

use crate::csv_file::{CsvFile, Expected, Writer};
use anyhow::Result;
use chrono::NaiveDate;
use std::path::Path;

/// The channel on which everyone has their phone number as address.
pub(crate) const PHONES: &str = "Bench SMS";
/// The one on which three in five have an id of the messenger.
pub(crate) const MESSENGER: &str = "Bench Telegram";

/// The custom columns of the table: key, type, whether it has a slot.
pub(crate) const ATTRIBUTES: [(&str, &str, bool); 8] = [
    ("plan", "TEXT", true),
    ("city", "TEXT", true),
    ("score", "NUMBER", true),
    ("signup", "DATE", true),
    ("lastOrder", "DATETIME", true),
    ("vip", "BOOLEAN", false),
    ("interests", "ARRAY", false),
    ("home", "LOCATION", false),
];

/// A text that the table does not show, without a slot.
pub(crate) const NOTE: &str = "note";

/// The columns of a page: five fields and eight attributes.
pub(crate) fn columns() -> Vec<String> {
    let own = ["name", "phone", "email", "status", "createdAt"];
    let custom = ATTRIBUTES.map(|(key, _, _)| format!("attr.{key}"));
    own.map(str::to_owned).into_iter().chain(custom).collect()
}

/// Who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crowd {
    pub(crate) seed: u64,
    pub(crate) rows: u64,
    /// Nothing that a customer did is later.
    pub(crate) day: NaiveDate,
}

impl Crowd {
    /// One of them; numbers begin with 1.
    pub(crate) fn customer(&self, number: u64) -> Customer {
        Customer::of(self, number)
    }

    /// Writes all of them, with their phone numbers as addresses.
    fn write(&self, path: &Path) -> Result<CsvFile> {
        let own = ["email", "name", "phone", "channel"];
        let custom = ATTRIBUTES.map(|(key, _, _)| key);
        let headers: Vec<&str> = own.into_iter().chain(custom).chain([NOTE]).collect();
        let lines = (1..=self.rows).map(|number| self.customer(number).cells().to_vec());
        write(path, &headers, lines)
    }

    /// Writes the ids on the messenger of those who have one; they are known by their e-mail address.
    fn write_messenger(&self, path: &Path) -> Result<CsvFile> {
        let lines = (1..=self.rows).filter_map(|number| {
            let customer = self.customer(number);
            let address = customer.messenger?;
            Some(vec![customer.email, MESSENGER.to_owned(), address])
        });
        write(path, &["email", "channel", "address"], lines)
    }
}

fn write(
    path: &Path,
    headers: &[&str],
    lines: impl Iterator<Item = Vec<String>>,
) -> Result<CsvFile> {
    let mut file = Writer::new(path, headers)?;
    let mut expected = Expected::default();
    for line in lines {
        file.row(&line)?;
        expected.rows += 1;
    }
    expected.good = expected.rows;
    file.finish(path, expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn crowd() -> Crowd {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        Crowd {
            seed: 7,
            rows: 20_000,
            day,
        }
    }

    #[test]
    fn no_two_share_an_address() {
        let crowd = crowd();
        let mut seen = HashSet::new();
        for number in 1..=crowd.rows {
            let Customer {
                email,
                phone,
                messenger,
                ..
            } = crowd.customer(number);
            let all = [Some(email), Some(phone), messenger];
            assert!(
                all.into_iter()
                    .flatten()
                    .all(|address| seen.insert(address))
            );
        }
    }

    #[test]
    fn values_are_frequent_rare_and_missing() {
        let crowd = crowd();
        let all: Vec<Customer> = (1..=crowd.rows).map(|n| crowd.customer(n)).collect();
        let share = |fits: &dyn Fn(&Customer) -> bool| {
            all.iter().filter(|customer| fits(customer)).count() as f64 / all.len() as f64
        };
        let frequent = share(&|customer| customer.plan == Some("free"));
        let rare = share(&|customer| customer.plan == Some("pilot 1"));
        let missing = share(&|customer| customer.last_order.is_none());
        assert!((0.35..0.45).contains(&frequent), "{frequent}");
        assert!((0.0001..0.0012).contains(&rare), "{rare}");
        assert!((0.25..0.35).contains(&missing), "{missing}");
    }
}
