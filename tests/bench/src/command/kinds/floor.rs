//! The floor of some kinds: the same contacts by SQL, with the values written into it.

use crate::{
    crowd::table::Table,
    latency::{ENOUGH, Latency, WARM_UP},
    random::Random,
};
use anyhow::{Context, Result};
use std::{collections::BTreeMap, time::Instant};

/// Writes the statement for values that are drawn.
type Write = fn(&Slots, &mut Random) -> String;

/// See the module.
#[derive(Clone, Copy)]
pub(super) struct Floor(pub(super) Write);

/// The columns in which attributes have their slots, by key.
pub(super) struct Slots(BTreeMap<String, String>);

impl Slots {
    /// The column of an attribute; one without a slot gives SQL that no database takes.
    pub(super) fn of(&self, key: &str) -> &str {
        self.0.get(key).map_or("no_slot", String::as_str)
    }
}

impl Floor {
    /// As many statements as a figure needs, one after the other.
    pub(super) async fn measure(self, table: &Table, seed: u64) -> Result<Latency> {
        let mut conn = table.site.connect().await?;
        let sql = "SELECT key || ' ' || slot FROM attribute WHERE slot IS NOT NULL";
        let lines = conn.texts(sql).await?;
        let slot = |line: &String| {
            let (key, slot) = line.rsplit_once(' ').context("no slot")?;
            Ok((key.to_owned(), slot.to_owned()))
        };
        let slots = Slots(lines.iter().map(slot).collect::<Result<_>>()?);
        let mut random = Random::new(seed);
        let mut latency = Latency::default();
        for turn in 0..WARM_UP + ENOUGH {
            let sql = self.0(&slots, &mut random);
            let begun = Instant::now();
            conn.rows(&sql).await?;
            if turn >= WARM_UP {
                latency.add(begun.elapsed());
            }
        }
        conn.close().await?;
        Ok(latency)
    }
}
