//! The log: to standard error, so that standard output stays a command's result.

use crate::config::{Config, LogFormat};
use std::{io::IsTerminal, panic};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Begins to log; a command that ends says on its own what matters, so it logs less than one that `serves`. Panics are logged by their place alone: their text may hold what people sent.
pub(crate) fn start(config: &Config, serves: bool) {
    let default = if serves {
        // Without what is said at each start where there is nothing to migrate.
        "info,sea_orm_migration=warn,sqlx::postgres::notice=warn"
    } else {
        "warn"
    };
    // The settings have checked the filter.
    let filter = EnvFilter::try_new(config.log.as_deref().unwrap_or(default)).unwrap_or_default();
    let registry = tracing_subscriber::registry().with(filter);
    let to_stderr = fmt::layer().with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => registry
            .with(to_stderr.with_ansi(std::io::stderr().is_terminal()))
            .init(),
        LogFormat::Json => registry.with(to_stderr.json()).init(),
    }
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}
