//! Files of people who do not exist: the same for the same arguments, and as untidy as real ones.

use super::{Process, Site};
use serde_json::{Value, json};
use std::fmt::Write;

/// Numbers that look random and come again (SplitMix64).
pub(crate) struct Generator(pub(crate) u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number from 0 to just below 1.
    pub(crate) fn part(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }

    /// One of a list.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// The name of the channel that the addresses are on.
pub(crate) const CHANNEL: &str = "Shop";

const HEADER: &str =
    "First Name,Last Name,Email,Phone,Channel,Address,Company,Score,Since,Partner\n";

/// A file of the people `first` to `last`. A twentieth of its rows is wrong in one of ten ways, a fiftieth is doubled later in the file;
/// `edition` changes what the same people are called.
pub(crate) fn file(first: usize, last: usize, edition: &str) -> String {
    let mut text = HEADER.to_owned();
    let mut random = Generator(first as u64);
    for n in first..last {
        // A twin stands before the one whose row counts.
        let who = if n % 50 == 11 { n + 9 } else { n };
        let mut row = row(who, edition, &mut random);
        if n % 20 == 7 {
            spoil(&mut row, n / 20 % 10);
        }
        let _ = writeln!(text, "{}", row.join(","));
    }
    text
}

fn row(n: usize, edition: &str, random: &mut Generator) -> Vec<String> {
    let company = match n % 9 {
        0 => format!("\"Smith, Jones & \"\"{n}\"\"\nLtd\""),
        1 => String::new(),
        _ => format!("Company {}", random.below(400)),
    };
    let (channel, address) = match n % 3 {
        0 => (CHANNEL.to_owned(), format!("customer-{n}")),
        _ => (String::new(), String::new()),
    };
    vec![
        format!("{edition}{}", n % 97),
        format!("Müller-{n}"),
        format!("Person{n}@example.com"),
        format!("+49 30 {:07}", 2_000_000 + n),
        channel,
        address,
        company,
        format!("{}.5", random.below(100_000)),
        format!("2024-{:02}-{:02}", 1 + n % 12, 1 + n % 28),
        ["yes", "no", ""][n % 3].to_owned(),
    ]
}

/// One of ten ways to get it wrong.
fn spoil(row: &mut Vec<String>, how: usize) {
    match how {
        0 => row[2] = "not an address".to_owned(),
        1 => row[2].clear(),
        2 => row[3] = "4.91E+11".to_owned(),
        3 => row[3] = "12".to_owned(),
        4 => {
            (row[4], row[5]) = ("Nowhere".to_owned(), "customer-0".to_owned());
        }
        5 => row[7] = "many".to_owned(),
        6 => row[7] = "12345678901234567890".to_owned(),
        7 => row[8] = "2024-02-30".to_owned(),
        8 => row[9] = "perhaps".to_owned(),
        _ => row.push("one too many".to_owned()),
    }
}

/// What `createImport` is told about such a file; the attributes are made.
pub(crate) fn input() -> Value {
    let attributes = [
        ("Company", "company", "TEXT"),
        ("Score", "score", "NUMBER"),
        ("Since", "since", "DATE"),
        ("Partner", "partner", "BOOLEAN"),
    ];
    let mapping: Value = attributes
        .into_iter()
        .map(|(header, key, kind)| {
            json!({ "header": header, "newAttribute": { "key": key, "type": kind } })
        })
        .collect();
    json!({ "country": "DE", "matchBy": ["EMAIL"], "segmentName": "Newcomers", "mapping": mapping })
}

/// Makes the channel that the files name.
pub(crate) async fn make_channel(server: &Process) {
    let query =
        "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id }
        userErrors { message } } }";
    let input = json!({ "kind": "CUSTOM", "provider": "HTTP", "name": CHANNEL });
    let made = server.ask(query, json!({ "input": input })).await;
    assert_eq!(made["createChannel"]["userErrors"], json!([]), "{made:#}");
}

/// A site whose server has the channel.
pub(crate) async fn site(kind: super::Kind, arguments: &[&str]) -> (Site, Process) {
    let site = Site::new(kind).await;
    let server = site.serve(arguments).await;
    make_channel(&server).await;
    (site, server)
}

/// How many rows of an import have an outcome. The counts must say the same at any moment.
pub(crate) fn done(import: &Value) -> i64 {
    let number = |value: &Value| value.as_i64().unwrap();
    let counts = import
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.ends_with("Count"));
    let done = number(&import["progress"]["done"]);
    assert_eq!(
        counts.map(|(_, count)| number(count)).sum::<i64>(),
        done,
        "{import:#}"
    );
    done
}
