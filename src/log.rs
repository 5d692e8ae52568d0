//! The log: to standard error, so that standard output stays a command's result.

use crate::config::{Config, LogFormat};
use anyhow::Result;
use std::{io::IsTerminal, panic};
use tracing_subscriber::{EnvFilter, fmt, prelude::*, registry};

#[cfg(feature = "otel")]
use crate::otel::Tracing;

/// Nothing sends traces.
#[cfg(not(feature = "otel"))]
pub(crate) struct Tracing;

#[cfg(not(feature = "otel"))]
impl Tracing {
    fn new(_config: &Config) -> Result<Option<Self>> {
        Ok(None)
    }

    fn layer(&self) -> tracing_subscriber::layer::Identity {
        tracing_subscriber::layer::Identity::new()
    }
}

/// Begins to log; a command that ends says on its own what matters, so it logs less than one that `serves`. Panics are logged by their place alone: their text may hold what people sent.
///
/// What is returned sends traces, where the settings want that, until it is dropped.
///
/// # Errors
/// Settings of OpenTelemetry that make no sense.
pub(crate) fn start(config: &Config, serves: bool) -> Result<Option<Tracing>> {
    let default = if serves {
        // Without what is said at each start where there is nothing to migrate.
        "info,sea_orm_migration=warn,sqlx::postgres::notice=warn"
    } else {
        "warn"
    };
    // The settings have checked the filter.
    let filter = EnvFilter::try_new(config.log.as_deref().unwrap_or(default)).unwrap_or_default();
    let to_stderr = fmt::layer().with_writer(std::io::stderr);
    let log = match config.log_format {
        LogFormat::Text => to_stderr.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => to_stderr.json().boxed(),
    };
    let tracing = Tracing::new(config)?;
    let traces = tracing.as_ref().map(Tracing::layer);
    // Each with a filter of its own: what is not logged may be traced.
    registry().with(traces).with(log.with_filter(filter)).init();
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
    Ok(tracing)
}
