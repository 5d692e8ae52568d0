//! The people of a benchmark: made from a seed and a number, as a row of a CSV file has them, and as the database stores them.

use crate::random::Random;
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};

/// Names with how they sort. Some have accents, as names do.
const FIRST: [(&str, &str); 16] = [
    ("Anna", "anna"),
    ("Ben", "ben"),
    ("Chloé", "chloe"),
    ("David", "david"),
    ("Elif", "elif"),
    ("Finn", "finn"),
    ("Greta", "greta"),
    ("Hannah", "hannah"),
    ("Jörg", "jorg"),
    ("Karin", "karin"),
    ("Lukas", "lukas"),
    ("Mira", "mira"),
    ("Noah", "noah"),
    ("Priya", "priya"),
    ("Samuel", "samuel"),
    ("Zoë", "zoe"),
];
const LAST: [(&str, &str); 16] = [
    ("Becker", "becker"),
    ("Fischer", "fischer"),
    ("García", "garcia"),
    ("Hoffmann", "hoffmann"),
    ("Khan", "khan"),
    ("Klein", "klein"),
    ("Kowalski", "kowalski"),
    ("Krüger", "kruger"),
    ("Meyer", "meyer"),
    ("Nguyen", "nguyen"),
    ("Patel", "patel"),
    ("Richter", "richter"),
    ("Schäfer", "schafer"),
    ("Schmidt", "schmidt"),
    ("Wagner", "wagner"),
    ("Yılmaz", "yilmaz"),
];
/// Cities with how they sort.
pub(crate) const CITY: [(&str, &str); 10] = [
    ("Aachen", "aachen"),
    ("Berlin", "berlin"),
    ("Bremen", "bremen"),
    ("Düsseldorf", "dusseldorf"),
    ("Hamburg", "hamburg"),
    ("Köln", "koln"),
    ("Leipzig", "leipzig"),
    ("München", "munchen"),
    ("Nürnberg", "nurnberg"),
    ("Stuttgart", "stuttgart"),
];
const PLAN: [&str; 4] = ["basic", "enterprise", "free", "pro"];
const NOTE: [&str; 6] = [
    "asked for a call back",
    "met at the fair, wants a demo",
    "prefers \"Du\" and short messages",
    "paid by invoice",
    "newsletter only",
    "moved; check the address, please",
];

/// Somebody.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) name: String,
    /// The name as it sorts.
    pub(crate) name_key: String,
    /// E.164.
    pub(crate) phone: String,
    pub(crate) city: &'static str,
    pub(crate) city_key: &'static str,
    pub(crate) plan: &'static str,
    pub(crate) score: u32,
    pub(crate) birthday: String,
    pub(crate) newsletter: bool,
    pub(crate) last_order: String,
    pub(crate) note: &'static str,
    /// In hundredths, never whole.
    pub(crate) revenue: u32,
}

impl Person {
    /// The person of this number. No two of one seed share e-mail address or phone number.
    pub(crate) fn of(seed: u64, n: u64) -> Self {
        let mut random = Random::of(seed, n);
        let (first, first_key) = *random.pick(&FIRST);
        let (last, last_key) = *random.pick(&LAST);
        let (city, city_key) = *random.pick(&CITY);
        // A factor without a divisor in common with the range: each number comes once, and neighbours lie far apart.
        let subscriber = n.wrapping_mul(61_803_399).wrapping_add(seed) % 100_000_000;
        let birthday = NaiveDate::default()
            .checked_sub_days(Days::new(random.below(12_000)))
            .unwrap_or_default();
        let seconds = 1_600_000_000 + i64::try_from(random.below(100_000_000)).unwrap_or_default();
        Self {
            email: format!("{first_key}.{last_key}.{n}@example.com"),
            name: format!("{first} {last}"),
            name_key: format!("{first_key} {last_key}"),
            phone: format!("+49151{subscriber:08}"),
            city,
            city_key,
            plan: *random.pick(&PLAN),
            score: u32::try_from(random.below(1_000)).unwrap_or_default(),
            birthday: birthday.to_string(),
            newsletter: random.below(2) == 1,
            last_order: DateTime::from_timestamp(seconds, 0)
                .unwrap_or_default()
                .to_rfc3339_opts(SecondsFormat::AutoSi, true),
            note: *random.pick(&NOTE),
            revenue: 10 * u32::try_from(random.below(1_000_000)).unwrap_or_default() + 5,
        }
    }

    /// The same person as they were before the file: another plan and score.
    pub(crate) fn earlier(mut self) -> Self {
        self.plan = "trial";
        self.score += 1_000;
        self
    }

    /// What a file says of them, in the order of [`HEADERS`].
    pub(crate) fn cells(&self) -> [String; 12] {
        [
            self.email.clone(),
            self.name.clone(),
            self.phone.clone(),
            CHANNEL.to_owned(),
            self.city.to_owned(),
            self.plan.to_owned(),
            self.score.to_string(),
            self.birthday.clone(),
            self.newsletter.to_string(),
            self.last_order.clone(),
            self.note.to_owned(),
            format!("{}.{:02}", self.revenue / 100, self.revenue % 100),
        ]
    }

    /// The values of [`ATTRIBUTES`], as the database stores them.
    pub(crate) fn values(&self) -> [serde_json::Value; 8] {
        [
            self.city.into(),
            self.plan.into(),
            self.score.into(),
            self.birthday.as_str().into(),
            self.newsletter.into(),
            self.last_order.as_str().into(),
            self.note.into(),
            (f64::from(self.revenue) / 100.0).into(),
        ]
    }

    /// The values as filters compare them, as the database stores them.
    pub(crate) fn comparable(&self) -> serde_json::Value {
        let days = self.birthday.parse::<NaiveDate>().unwrap_or_default() - NaiveDate::default();
        let order: DateTime<Utc> = self.last_order.parse().unwrap_or_default();
        serde_json::json!({
            "1": self.city_key,
            "2": self.plan,
            "3": f64::from(self.score),
            "4": days.num_days() as f64,
            "5": self.newsletter,
            "6": order.timestamp_micros(),
            "7": self.note.to_lowercase(),
            "8": f64::from(self.revenue) / 100.0,
            "email": self.email,
            "name": self.name_key,
        })
    }

    /// What the search box looks into: the names and texts, and the ways to reach them.
    pub(crate) fn searched(&self) -> (String, String) {
        let Self {
            name_key,
            city_key,
            plan,
            note,
            ..
        } = self;
        let open = format!(" {name_key} {city_key} {plan} {}", note.to_lowercase());
        let national = self.phone.replacen("+49", "0", 1);
        (open, format!(" {} {national} {}", self.email, self.phone))
    }
}

/// The channel on which everyone has their phone number as address.
pub(crate) const CHANNEL: &str = "Bench SMS";

/// The headers of a file.
pub(crate) const HEADERS: [&str; 12] = [
    "email",
    "name",
    "phone",
    "channel",
    "city",
    "plan",
    "score",
    "birthday",
    "newsletter",
    "last_order",
    "note",
    "revenue",
];

/// The custom columns: key, type, whether it has a slot.
pub(crate) const ATTRIBUTES: [(&str, &str, bool); 8] = [
    ("city", "TEXT", true),
    ("plan", "TEXT", true),
    ("score", "NUMBER", true),
    ("birthday", "DATE", false),
    ("newsletter", "BOOLEAN", false),
    ("last_order", "DATETIME", false),
    ("note", "TEXT", false),
    ("revenue", "NUMBER", false),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_share_an_address() {
        let people: Vec<Person> = (1..=20_000).map(|n| Person::of(7, n)).collect();
        let phones: HashSet<&str> = people.iter().map(|person| person.phone.as_str()).collect();
        let emails: HashSet<&str> = people.iter().map(|person| person.email.as_str()).collect();
        assert_eq!((phones.len(), emails.len()), (people.len(), people.len()));
    }
}
