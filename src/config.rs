//! The settings: each is a flag, an environment variable, a line of `--help`, and a line of `roster.env.example`.

use crate::{
    requests::Requests,
    size::{self, Size},
};
use clap::{Args, ValueEnum, builder::NonEmptyStringValueParser};
use std::{path::PathBuf, time::Duration};
use tracing_subscriber::EnvFilter;

/// The settings of an installation. Not `Debug`: some are secret.
#[derive(Args, Clone)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Config {
    /// Where the database is: sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE. Without it, SQLite in data-dir/roster.db.
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true, value_name = "URL", value_parser = database_url)]
    pub(crate) database_url: Option<String>,

    /// The address to listen on. Port 0 takes any that is free.
    #[arg(
        long,
        env = "ROSTER_LISTEN",
        global = true,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8080"
    )]
    pub(crate) listen: String,

    /// The folder of everything that is not said to be elsewhere: database, files, secret. Made where it is missing.
    #[arg(
        long,
        env = "ROSTER_DATA_DIR",
        global = true,
        value_name = "FOLDER",
        default_value = "./roster-data"
    )]
    pub(crate) data_dir: PathBuf,

    /// What stands before links to files, as clients reach this server. Without it, http:// and the listen address.
    #[arg(long, env = "ROSTER_PUBLIC_URL", global = true, value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,

    /// Where uploads and result files lie: file:///FOLDER, or s3://BUCKET/PREFIX with the usual AWS_ variables. Without it, the
    /// folder objects in data-dir. Several machines need a store that all of them reach.
    #[arg(long, env = "ROSTER_STORE_URL", global = true, hide_env_values = true, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) store_url: Option<String>,

    /// Signs links to files and seals what opens channels' accounts; at least 32 characters, the same on all machines of an installation. Without it, one is made and kept in
    /// data-dir/secret. Better in the environment than as a flag, which other users of the machine can see.
    #[arg(long, env = "ROSTER_SECRET", global = true, hide_env_values = true, value_name = "TEXT", value_parser = secret)]
    pub(crate) secret: Option<String>,

    /// The former secret, after a change: what it sealed is read, and sealed by the new one at the next start of a server. After that it can go.
    #[arg(long, env = "ROSTER_OLD_SECRET", global = true, hide_env_values = true, value_name = "TEXT", value_parser = secret)]
    pub(crate) old_secret: Option<String>,

    /// Call providers at private and loopback addresses too, and without TLS: for sandboxes and tests. Whoever may make a channel can then reach
    /// what this machine reaches.
    #[arg(long, env = "ROSTER_ALLOW_PRIVATE_ADDRESSES", global = true)]
    pub(crate) allow_private_addresses: bool,

    /// The largest file that can be imported.
    #[arg(long, env = "ROSTER_MAX_UPLOAD", global = true, value_name = "SIZE", default_value_t = Size(2 << 30))]
    pub(crate) max_upload: Size,

    /// Where /livez, /readyz and /metrics are answered, and nothing else. Without it a server answers them beside the API, and a worker
    /// does not.
    #[arg(
        long,
        env = "ROSTER_METRICS_LISTEN",
        global = true,
        value_name = "HOST:PORT"
    )]
    pub(crate) metrics_listen: Option<String>,

    /// Where traces go: the address of a collector that takes OTLP over HTTP, such as http://localhost:4318. What else OpenTelemetry lets one set
    /// (headers, sampling, the protocol) is read from its own variables, OTEL_…. Only in a program that was built with the feature otel.
    #[arg(long, env = "ROSTER_OTLP_ENDPOINT", global = true, value_name = "URL", value_parser = otlp)]
    pub(crate) otlp_endpoint: Option<String>,

    /// How often a worker says that it lives. After two beats missed its jobs are taken up by others.
    #[arg(long, env = "ROSTER_JOB_HEARTBEAT", global = true, value_name = "TIME", default_value = "1s", value_parser = size::duration)]
    pub(crate) job_heartbeat: Duration,

    /// What is logged: error, warn, info, debug or trace, also by module, such as info,domain=debug. Without it, info of a server or
    /// worker, and warn of commands that end.
    #[arg(long, env = "ROSTER_LOG", global = true, value_name = "FILTER", value_parser = filter)]
    pub(crate) log: Option<String>,

    /// How the log, on standard error, is written.
    #[arg(
        long,
        env = "ROSTER_LOG_FORMAT",
        global = true,
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub(crate) log_format: LogFormat,

    /// What requests may ask for.
    #[command(flatten)]
    pub(crate) requests: Requests,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

fn database_url(text: &str) -> Result<String, String> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(text.to_owned());
    }
    Err("it begins with sqlite:// or postgres://".to_owned())
}

fn public_url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(['?', '#', ' ']) => Ok(text.to_owned()),
        _ => Err("it begins with https:// or http://, and has no query".to_owned()),
    }
}

fn otlp(text: &str) -> Result<String, String> {
    if !cfg!(feature = "otel") {
        return Err(
            "this program cannot send traces; cargo build --release --features otel makes one that can"
                .to_owned(),
        );
    }
    match text.starts_with("http://") || text.starts_with("https://") {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err("it begins with http:// or https://".to_owned()),
    }
}

fn secret(text: &str) -> Result<String, String> {
    if text.len() >= 32 {
        return Ok(text.to_owned());
    }
    Err("a secret has at least 32 characters; openssl rand -hex 32 makes one".to_owned())
}

fn filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::Cli;
    use clap::CommandFactory;
    use std::fmt::Write;

    /// The example file, as the settings say it is.
    fn example() -> String {
        let mut text = "# The settings of roster, as environment variables. Each is a flag too: see roster --help.\n".to_owned();
        for argument in Cli::command().get_arguments() {
            let Some(variable) = argument.get_env() else {
                continue;
            };
            let help = argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default()
                .replace(". ", ".\n# ");
            let default = argument
                .get_default_values()
                .iter()
                .map(|value| value.to_string_lossy());
            let default: String = default.collect();
            let _ = write!(
                text,
                "\n# {help}.\n#{}={default}\n",
                variable.to_string_lossy()
            );
        }
        text
    }

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_example_file_comes_from_the_settings() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/roster.env.example");
        if std::env::var_os("ROSTER_WRITE_EXAMPLE").is_some() {
            std::fs::write(path, example()).unwrap();
        }
        let there = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(
            there,
            example(),
            "write it anew: ROSTER_WRITE_EXAMPLE=1 cargo test --bin roster example"
        );
    }

    #[test]
    fn every_setting_has_a_flag_a_variable_and_a_line() {
        for argument in Cli::command().get_arguments() {
            let id = argument.get_id().as_str();
            if ["help", "version"].contains(&id) {
                continue;
            }
            let flag = argument.get_long().unwrap_or_default();
            let expected = match id {
                "database_url" => "DATABASE_URL".to_owned(),
                id => format!("ROSTER_{}", id.to_uppercase()),
            };
            assert_eq!(flag, id.replace('_', "-"));
            assert_eq!(
                argument.get_env().and_then(|name| name.to_str()),
                Some(expected.as_str())
            );
            assert!(argument.get_help().is_some(), "{id}");
        }
    }
}
