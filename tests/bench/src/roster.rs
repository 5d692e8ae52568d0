//! The program under test, as a process of its own.

use crate::client::Client;
use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};

/// Whatever takes longer to start or to stop is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a server is started.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `DATABASE_URL`.
    pub(crate) database: String,
    /// Its data directory.
    pub(crate) folder: PathBuf,
    /// `--job-heartbeat`, where it is not the default.
    pub(crate) heartbeat: Option<String>,
}

impl Settings {
    fn log(&self) -> PathBuf {
        self.folder.join("roster.log")
    }

    /// Its log so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }
}

/// A running `roster serve`; killed when dropped.
pub(crate) struct Roster {
    child: Child,
    /// Kept open: who writes into a closed pipe fails.
    _stdout: Lines<BufReader<ChildStdout>>,
    pid: u32,
    address: String,
    /// From the start of the process to the first 200 of `/readyz`.
    pub(crate) ready_after: Duration,
}

impl Roster {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(settings: &Settings) -> Result<Self> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(settings.log())?;
        let begun = Instant::now();
        let mut command = command(settings)?;
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "info"]);
        if let Some(heartbeat) = &settings.heartbeat {
            command.args(["--job-heartbeat", heartbeat]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut stdout = BufReader::new(stdout).lines();
        let address = timeout(PATIENCE, address(&mut stdout)).await;
        let address = address
            .context("roster does not start")?
            .with_context(|| settings.said())?;
        let pid = child.id().context("roster has ended")?;
        wait_until_ready(&address).await?;
        Ok(Self {
            child,
            _stdout: stdout,
            pid,
            address,
            ready_after: begun.elapsed(),
        })
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// A client of it with an owner's token, made on the command line beside it.
    pub(crate) async fn client(&self, settings: &Settings) -> Result<Client> {
        let made = run(settings, &["token", "create", "--role", "owner"]).await?;
        Client::new(&self.address, String::from_utf8(made.stdout)?.trim())
    }

    /// The same for another workspace than the first.
    pub(crate) async fn client_of(&self, settings: &Settings, workspace: &str) -> Result<Client> {
        let command = [
            "token",
            "create",
            "--role",
            "owner",
            "--workspace",
            workspace,
        ];
        let made = run(settings, &command).await?;
        Client::new(&self.address, String::from_utf8(made.stdout)?.trim())
    }

    /// The same for a token that is there already.
    pub(crate) fn client_with(&self, token: &str) -> Result<Client> {
        Client::new(&self.address, token)
    }

    /// SIGKILL: no goodbye.
    pub(crate) async fn kill(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    /// SIGTERM, and its end.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.pid)?;
        kill_process(Pid::from_raw(pid).context("no process")?, Signal::TERM)?;
        let ended = timeout(PATIENCE, self.child.wait()).await;
        let status = ended.context("roster does not stop")??;
        ensure!(status.success(), "roster ended with {status}");
        Ok(())
    }
}

/// The line that says where it listens.
async fn address(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<String> {
    while let Some(line) = lines.next_line().await? {
        if let Some((_, rest)) = line.split_once("http://") {
            let end = rest.find([' ', '/']).unwrap_or(rest.len());
            return Ok(format!("http://{}", &rest[..end]));
        }
    }
    bail!("roster ended before it said where it listens")
}

async fn wait_until_ready(address: &str) -> Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{address}/readyz");
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let answer = http.get(&url).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        sleep(Duration::from_millis(1)).await;
    }
    bail!("{url} is never ready")
}

/// Runs another command of the program to its end.
pub(crate) async fn run(settings: &Settings, arguments: &[&str]) -> Result<Output> {
    let output = command(settings)?.args(arguments).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "roster {}: {}\n{said}",
        arguments.join(" "),
        output.status
    );
    Ok(output)
}

fn command(settings: &Settings) -> Result<Command> {
    let mut command = Command::new(program()?);
    command
        .env("DATABASE_URL", &settings.database)
        .env("ROSTER_DATA_DIR", &settings.folder)
        // The mock provider is on this machine.
        .env("ROSTER_ALLOW_PRIVATE_ADDRESSES", "true");
    Ok(command)
}

/// What `roster --version` says, and which file it is.
pub(crate) async fn version() -> Result<String> {
    let program = program()?;
    let output = Command::new(&program).arg("--version").output().await?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let profile = program.parent().and_then(Path::file_name);
    let profile = profile.unwrap_or_default().to_string_lossy();
    Ok(format!("{version} ({profile} build)"))
}

/// The program beside this one, or at `ROSTER_BIN`.
pub(crate) fn program() -> Result<PathBuf> {
    let given = std::env::var_os("ROSTER_BIN").map(PathBuf::from);
    let path = match given {
        Some(path) => path,
        None => std::env::current_exe()?.with_file_name("roster"),
    };
    if path.is_file() {
        return Ok(path);
    }
    Err(anyhow!(
        "{} is not there: build it with `cargo build --release`, or name it with ROSTER_BIN",
        path.display()
    ))
}
