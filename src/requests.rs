//! The settings of what requests may ask for.

use crate::size::{self, Size};
use anyhow::{Result, bail};
use api::{Limits, Rate, Settings};
use clap::Args;
use domain::store::Store;
use std::{num::NonZeroU32, time::Duration};

/// What requests may ask for, and from where.
#[derive(Args, Clone)]
#[command(next_help_heading = "Requests")]
pub(crate) struct Requests {
    /// The longest GraphQL document.
    #[arg(long, env = "ROSTER_MAX_DOCUMENT", global = true, value_name = "SIZE", default_value_t = Size(100_000))]
    max_document: Size,

    /// Tokens of a document at most: names, numbers, texts and signs.
    #[arg(
        long,
        env = "ROSTER_MAX_TOKENS",
        global = true,
        value_name = "NUMBER",
        default_value_t = 10_000
    )]
    max_tokens: usize,

    /// Levels of fields at most.
    #[arg(
        long,
        env = "ROSTER_MAX_DEPTH",
        global = true,
        value_name = "NUMBER",
        default_value_t = 20
    )]
    max_depth: usize,

    /// Aliases at most, those of a fragment as often as it is spread.
    #[arg(
        long,
        env = "ROSTER_MAX_ALIASES",
        global = true,
        value_name = "NUMBER",
        default_value_t = 200
    )]
    max_aliases: usize,

    /// Directives at most, those of a fragment as often as it is spread.
    #[arg(
        long,
        env = "ROSTER_MAX_DIRECTIVES",
        global = true,
        value_name = "NUMBER",
        default_value_t = 100
    )]
    max_directives: usize,

    /// Fields at most, those of a page as often as it has entries, those of another list of objects ten times.
    #[arg(
        long,
        env = "ROSTER_MAX_COMPLEXITY",
        global = true,
        value_name = "NUMBER",
        default_value_t = 200_000
    )]
    max_complexity: u64,

    /// Entries of a list in arguments and variables at most.
    #[arg(
        long,
        env = "ROSTER_MAX_LIST",
        global = true,
        value_name = "NUMBER",
        default_value_t = 20_000
    )]
    max_list: usize,

    /// Levels of and, or and not in a filter at most, 1 to 15. What was saved with more is refused until it is changed.
    #[arg(long, env = "ROSTER_MAX_FILTER_DEPTH", global = true, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=15))]
    max_filter_depth: u8,

    /// Conditions of a filter at most, 1 to 500. What was saved with more is refused until it is changed.
    #[arg(long, env = "ROSTER_MAX_FILTER_CONDITIONS", global = true, value_name = "NUMBER", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=500))]
    max_filter_conditions: u16,

    /// How long a query or mutation may take. Uploads and subscriptions are free.
    #[arg(long, env = "ROSTER_REQUEST_TIMEOUT", global = true, value_name = "TIME", default_value = "60s", value_parser = size::duration)]
    request_timeout: Duration,

    /// Requests a second of each token. Without it, any number.
    #[arg(
        long,
        env = "ROSTER_REQUEST_RATE",
        global = true,
        value_name = "NUMBER"
    )]
    request_rate: Option<NonZeroU32>,

    /// Requests of a token that may come at once, where request-rate limits them. Without it, ten seconds' worth.
    #[arg(
        long,
        env = "ROSTER_REQUEST_BURST",
        global = true,
        value_name = "NUMBER"
    )]
    request_burst: Option<NonZeroU32>,

    /// Nobody may ask for the schema, nor learns of it from a slip of the pen. Nobody without a token may in any case.
    #[arg(long, env = "ROSTER_NO_INTROSPECTION", global = true)]
    no_introspection: bool,

    /// What is kept of queries that clients name by their hash (automatic persisted queries).
    #[arg(long, env = "ROSTER_PERSISTED_QUERIES", global = true, value_name = "SIZE", default_value_t = Size(16 << 20))]
    persisted_queries: Size,

    /// Sites whose pages may ask, such as https://app.example.com, with commas between; * is any. Without it, pages of this server alone.
    #[arg(long, env = "ROSTER_CORS_ORIGIN", global = true, value_name = "ORIGINS", value_delimiter = ',', value_parser = origin)]
    cors_origin: Vec<String>,
}

impl Requests {
    /// As the server takes them; `max_upload` and `public_url` stand elsewhere, and uploads on their way lie in the store's temporary folder.
    pub(crate) fn settings(
        &self,
        store: &Store,
        max_upload: u64,
        public_url: &str,
    ) -> Result<Settings> {
        let limits = Limits {
            document: self.max_document.0.try_into().unwrap_or(usize::MAX),
            tokens: self.max_tokens,
            depth: self.max_depth,
            aliases: self.max_aliases,
            directives: self.max_directives,
            complexity: self.max_complexity,
            list: self.max_list,
            introspection: !self.no_introspection,
        };
        let mut origins = self.cors_origin.clone();
        origins.extend(origin_of(public_url));
        Ok(Settings {
            limits,
            request_timeout: self.request_timeout,
            rate: self.rate()?,
            persisted: self.persisted_queries.0,
            origins,
            ..Settings::new(store.temporary_dir(), max_upload)
        })
    }

    fn rate(&self) -> Result<Option<Rate>> {
        let Some(per_second) = self.request_rate else {
            if self.request_burst.is_some() {
                bail!("request-burst without request-rate limits nothing: give both");
            }
            return Ok(None);
        };
        let ten_seconds = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(9));
        let burst = self.request_burst.unwrap_or(ten_seconds);
        Ok(Some(Rate { per_second, burst }))
    }

    /// Those of filters hold wherever a filter is read.
    pub(crate) fn filter_limits(&self) -> domain::filter::Limits {
        domain::filter::Limits {
            depth: self.max_filter_depth.into(),
            conditions: self.max_filter_conditions.into(),
        }
    }
}

/// Scheme, host and port of a URL, as browsers write an origin.
fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    Some(format!("{scheme}://{host}"))
}

fn origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    let known = text.starts_with("https://") || text.starts_with("http://");
    if text == "*" || (known && origin_of(text).as_deref() == Some(text)) {
        return Ok(text.to_owned());
    }
    Err("an origin has a scheme and a host, such as https://app.example.com, and nothing behind them; * is any".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path() {
        for good in ["*", "https://app.example.com", "http://localhost:5173"] {
            assert_eq!(origin(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "app.example.com",
            "https://app.example.com/",
            "ftp://x",
            "https://a/b",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
        assert_eq!(
            origin_of("https://x.example/roster").unwrap(),
            "https://x.example"
        );
    }
}
