//! The provider that tests speak to: a process of its own.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// A secret of the form that the HTTP channel takes.
pub(crate) const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A running provider. It ends with the process that holds its standard input.
pub(crate) struct Mock {
    /// Where it listens: `http://127.0.0.1:…`.
    pub(crate) url: String,
    ledger: Option<PathBuf>,
    child: Child,
}

/// Where the one listens that all tests of a run share, which does what numbers ask for.
pub(crate) fn url() -> &'static str {
    static MOCK: OnceLock<Mock> = OnceLock::new();
    &MOCK.get_or_init(|| start(None, &[])).url
}

impl Mock {
    /// One of a test's own, that writes its ledger into the folder.
    pub(crate) async fn start(folder: &Path, arguments: &[&str]) -> Self {
        start(Some(folder.join("ledger.jsonl")), arguments)
    }

    /// What it has written down.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.ledger.as_ref().unwrap()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url));
        let answer = request.json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        answer.json().await.unwrap()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(ledger: Option<PathBuf>, arguments: &[&str]) -> Mock {
    let program = super::site::programs().join("examples/mock_provider");
    let mut command = Command::new(&program);
    command.args(["--listen", "127.0.0.1:0"]).args(arguments);
    if let Some(ledger) = &ledger {
        command.arg("--ledger").arg(ledger);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "{}: {error}; tests/run builds it, or cargo build --example mock_provider",
                program.display()
            )
        });
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line
        .trim()
        .strip_prefix("listening on ")
        .unwrap()
        .to_owned();
    Mock { url, ledger, child }
}
