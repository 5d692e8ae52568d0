//! The provider that tests speak to: a process of its own, one for all tests of a run.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// A secret of the form that the HTTP channel takes.
pub(crate) const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A running provider. It ends with the process that holds its standard input.
struct Mock {
    url: String,
    _child: Child,
}

/// Where it listens: `http://127.0.0.1:…`.
pub(crate) fn url() -> &'static str {
    static MOCK: OnceLock<Mock> = OnceLock::new();
    &MOCK.get_or_init(start).url
}

fn start() -> Mock {
    let folder = Path::new(env!("CARGO_BIN_EXE_roster")).parent().unwrap();
    let program = folder.join("examples/mock_provider");
    let mut child = Command::new(&program)
        .args(["--listen", "127.0.0.1:0"])
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
    Mock { url, _child: child }
}
