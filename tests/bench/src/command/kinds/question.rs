//! One kind of page: what is asked, with values that differ each time.

use super::Floor;
use crate::{client::Client, crowd::Crowd, crowd::columns, random::Random};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// What there is to ask about.
pub(super) struct Scene {
    pub(super) crowd: Crowd,
    /// Ids of tags by their names.
    pub(super) tags: BTreeMap<String, String>,
    /// The id of the channel on which three in five have an address.
    pub(super) messenger: String,
    /// Ids of segments with rules.
    pub(super) segments: Vec<String>,
    /// Ids of saved inboxes.
    pub(super) inboxes: Vec<String>,
    /// Cursors of the order by score, behind half of the contacts.
    pub(super) halfway: Vec<String>,
}

/// How long 95 of 100 may take at most.
#[derive(Debug, Clone, Copy)]
pub(super) enum Aim {
    /// A slot, another index or a walk serves.
    Served,
    /// Several conditions, each of which many contacts fulfil.
    Middling,
    /// Contact by contact.
    Unserved,
}

impl Aim {
    pub(super) fn limit(self) -> Duration {
        Duration::from_millis(match self {
            Self::Served => 50,
            Self::Middling => 120,
            Self::Unserved => 300,
        })
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    Page,
    /// A count up to a limit; 0: the whole count.
    Count(u32),
}

/// Makes what is asked.
pub(super) type Draw = Box<dyn Fn(&mut Random) -> Asking>;

/// See the module.
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) aim: Aim,
    pub(super) wanted: Wanted,
    draw: Draw,
    pub(super) floor: Option<Floor>,
}

impl Question {
    pub(super) fn page(
        name: &'static str,
        aim: Aim,
        draw: impl Fn(&mut Random) -> Asking + 'static,
    ) -> Self {
        Self {
            name,
            aim,
            wanted: Wanted::Page,
            draw: Box::new(draw),
            floor: None,
        }
    }

    /// A page chosen by a filter alone.
    pub(super) fn filter(
        name: &'static str,
        aim: Aim,
        draw: impl Fn(&mut Random) -> Value + 'static,
    ) -> Self {
        Self::page(name, aim, move |random| Asking::filter(draw(random)))
    }

    pub(super) fn count(
        name: &'static str,
        aim: Aim,
        limit: u32,
        draw: impl Fn(&mut Random) -> Asking + 'static,
    ) -> Self {
        Self {
            wanted: Wanted::Count(limit),
            ..Self::page(name, aim, draw)
        }
    }

    pub(super) fn beside(self, floor: Floor) -> Self {
        Self {
            floor: Some(floor),
            ..self
        }
    }

    /// Asks once.
    pub(super) async fn ask(&self, client: &Client, random: &mut Random) -> Result<Value> {
        let asking = (self.draw)(random);
        let data = match self.wanted {
            Wanted::Page => asking.page(client).await?,
            Wanted::Count(limit) => asking.count(client, limit).await?,
        };
        Ok(data)
    }

    /// How many contacts the first values drawn find; the page must have as many, or be full.
    pub(super) async fn check(&self, client: &Client, random: &mut Random) -> Result<u64> {
        let asking = (self.draw)(random);
        let data = asking.count(client, 0).await?;
        let matched = data["contacts"]["totalCount"]["value"].as_u64();
        let matched = matched.context("no count")?;
        // Behind a cursor there may be fewer.
        if matches!(self.wanted, Wanted::Page) && asking.0["after"].is_null() {
            let data = asking.page(client).await?;
            let rows = data["contacts"]["rows"].as_array().map_or(0, Vec::len);
            ensure!(
                rows as u64 == matched.min(50),
                "{rows} rows of {matched} contacts"
            );
        }
        Ok(matched)
    }
}

/// The arguments of `contacts`.
pub(super) struct Asking(Value);

impl Asking {
    /// All contacts.
    pub(super) fn all() -> Self {
        Self(json!({}))
    }

    pub(super) fn filter(filter: Value) -> Self {
        Self::all().with("filter", filter)
    }

    /// One more argument.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    async fn page(&self, client: &Client) -> Result<Value> {
        let query = format!(
            "query({VARIABLES}, $orderBy: [ContactOrder!], $after: String, $columns: [String!]!) {{
                contacts({ARGUMENTS}, orderBy: $orderBy, after: $after, first: 50) {{
                    pageInfo {{ hasNextPage endCursor }} rows(columns: $columns) }} }}"
        );
        let mut variables = self.0.clone();
        variables["columns"] = json!(columns());
        client.query(&query, variables).await
    }

    async fn count(&self, client: &Client, limit: u32) -> Result<Value> {
        let query = format!(
            "query({VARIABLES}, $limit: Int!) {{
                contacts({ARGUMENTS}) {{ totalCount(limit: $limit) {{ value exact }} }} }}"
        );
        let mut variables = self.0.clone();
        variables["limit"] = limit.into();
        client.query(&query, variables).await
    }
}

const VARIABLES: &str = "$filter: ContactFilter, $search: String, $segmentId: ID, $inboxId: ID";
const ARGUMENTS: &str =
    "filter: $filter, search: $search, segmentId: $segmentId, inboxId: $inboxId";
