//! The mock provider (`tests/mock_provider`), a process of its own beside Roster.

use crate::{proc, roster};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The provider, killed when dropped.
pub(crate) struct Mock {
    child: Child,
    /// Where it listens: `http://127.0.0.1:…`.
    pub(crate) url: String,
}

impl Mock {
    /// Starts it with these arguments; `--help` of it tells them.
    pub(crate) async fn start(arguments: &[&str]) -> Result<Self> {
        let program = roster::program()?
            .with_file_name("examples")
            .join("mock_provider");
        let mut child = Command::new(&program)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{}: cargo build --release --examples", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let line = lines.next_line().await?.unwrap_or_default();
        let url = line.strip_prefix("listening on ").context("no address")?;
        Ok(Self {
            url: url.to_owned(),
            child,
        })
    }

    /// Its CPU time so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        proc::cpu(self.child.id().context("the mock has ended")?)
    }

    /// How many messages it was asked to take so far.
    pub(crate) async fn requests(&self) -> Result<u64> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let request = http.get(format!("{}/mock/state", self.url));
        let state: Value = request.send().await?.json().await?;
        state["requests"].as_u64().context("no requests")
    }
}

/// What one that was started with `--ledger` has written down, a line for each message.
pub(crate) fn ledger(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().map(serde_json::from_str);
    Ok(lines.collect::<Result<_, _>>()?)
}
