//! One customer of a crowd.

use super::{Crowd, PHONES, word};
use crate::random::Random;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat};

/// A plan, and how many of 2,000 customers have it. The others, one in ten, have none.
const PLANS: [(&str, u64); 15] = [
    ("free", 800),
    ("basic", 500),
    ("pro", 412),
    ("enterprise", 20),
    ("partner", 20),
    ("education", 20),
    ("nonprofit", 20),
    ("pilot 1", 1),
    ("pilot 2", 1),
    ("pilot 3", 1),
    ("pilot 4", 1),
    ("pilot 5", 1),
    ("pilot 6", 1),
    ("pilot 7", 1),
    ("pilot 8", 1),
];

/// Plans that many have, that one in a hundred has, and that one in 2,000 has.
pub(crate) const FREQUENT_PLANS: [&str; 3] = ["free", "basic", "pro"];
pub(crate) const SCARCE_PLANS: [&str; 4] = ["enterprise", "partner", "education", "nonprofit"];

/// How many days a sign-up lies back at most, and how many seconds an order.
const SIGNUP_DAYS: u64 = 3_650;
const ORDER_SECONDS: u64 = 2 * 365 * 86_400;

/// Somebody.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) email: String,
    pub(crate) name: String,
    /// E.164.
    pub(crate) phone: String,
    /// Their id on the messenger.
    pub(crate) messenger: Option<String>,
    pub(crate) plan: Option<&'static str>,
    city: Option<String>,
    /// In hundredths.
    score: Option<u64>,
    signup: Option<NaiveDate>,
    pub(crate) last_order: Option<String>,
    vip: Option<bool>,
    interests: Option<Vec<String>>,
    home: Option<String>,
    note: Option<String>,
}

impl Customer {
    pub(super) fn of(crowd: &Crowd, number: u64) -> Self {
        let mut random = Random::of(crowd.seed, number);
        let (first, last) = (word::first_name(&mut random), word::last_name(&mut random));
        let place = random.below(word::CITIES);
        let signup = crowd.day - Days::new(random.below(SIGNUP_DAYS));
        Self {
            email: format!("{first}.{last}.{number}@example.com").to_lowercase(),
            name: format!("{first} {last}"),
            phone: format!("+49151{:08}", scattered(crowd, number, 100_000_000)),
            messenger: set(&mut random, 60)
                .then(|| format!("7{:09}", scattered(crowd, number, 1_000_000_000))),
            plan: plan(&mut random),
            city: set(&mut random, 80).then(|| word::city(place)),
            score: some(&mut random, 90, |random| random.below(1_000_000)),
            signup: set(&mut random, 90).then_some(signup),
            last_order: some(&mut random, 70, |random| order(crowd.day, random)),
            vip: some(&mut random, 80, |random| random.below(20) == 0),
            interests: some(&mut random, 70, interests),
            home: some(&mut random, 75, |random| home(place, random)),
            note: some(&mut random, 50, note),
        }
    }

    /// What a file says of them, in the order of its headers; what they do not have is empty.
    pub(super) fn cells(self) -> [String; 13] {
        let score = |score: u64| format!("{}.{:02}", score / 100, score % 100);
        let text = |value: Option<String>| value.unwrap_or_default();
        [
            self.email,
            self.name,
            self.phone,
            PHONES.to_owned(),
            self.plan.unwrap_or_default().to_owned(),
            text(self.city),
            text(self.score.map(score)),
            text(self.signup.map(|day| day.to_string())),
            text(self.last_order),
            text(self.vip.map(|vip| vip.to_string())),
            text(
                self.interests
                    .map(|items| serde_json::json!(items).to_string()),
            ),
            text(self.home),
            text(self.note),
        ]
    }
}

/// Whether they have something that so many of a hundred have.
fn set(random: &mut Random, of_hundred: u64) -> bool {
    random.below(100) < of_hundred
}

fn some<T>(
    random: &mut Random,
    of_hundred: u64,
    value: impl FnOnce(&mut Random) -> T,
) -> Option<T> {
    set(random, of_hundred).then(|| value(random))
}

/// A factor without a divisor in common with the range: each number comes once, and neighbours lie far apart.
fn scattered(crowd: &Crowd, number: u64, end: u64) -> u64 {
    number.wrapping_mul(61_803_399).wrapping_add(crowd.seed) % end
}

fn plan(random: &mut Random) -> Option<&'static str> {
    let mut drawn = random.below(2_000);
    for (plan, share) in PLANS {
        if drawn < share {
            return Some(plan);
        }
        drawn -= share;
    }
    None
}

fn order(day: NaiveDate, random: &mut Random) -> String {
    let seconds = i64::try_from(random.below(ORDER_SECONDS)).unwrap_or_default();
    let last = day.and_time(NaiveTime::MIN).and_utc().timestamp();
    let instant = DateTime::from_timestamp(last - seconds, 0).unwrap_or_default();
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A few that many have, and one club.
fn interests(random: &mut Random) -> Vec<String> {
    let count = 1 + random.below(4);
    let mut items: Vec<String> = (0..count)
        .map(|_| (*random.pick(&word::INTERESTS)).to_owned())
        .collect();
    items.sort_unstable();
    items.dedup();
    items.push(word::club(random));
    items
}

/// Not far from a city.
fn home(place: u64, random: &mut Random) -> String {
    let (latitude, longitude) = word::place(place);
    let mut near = |degrees: f64| degrees + 0.2 * (random.fraction() - 0.5);
    format!("{:.5},{:.5}", near(latitude), near(longitude))
}

fn note(random: &mut Random) -> String {
    let (verb, thing) = (random.pick(&word::VERBS), random.pick(&word::THINGS));
    format!("{verb} {thing}; case {}", random.below(word::CASES))
}
