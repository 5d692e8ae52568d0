//! One process of the real program: what it prints, how it is asked, how it ends.

use super::{client::Client, until, within};
use serde_json::{Value, json};
use std::{
    ops::Deref,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    task::JoinHandle,
    time::{Instant, sleep},
};

/// How long a whole import may take on a machine that builds something beside it.
const IMPORT_PATIENCE: Duration = Duration::from_secs(120);

const IMPORT: &str =
    "query ($id: ID!) { import(id: $id) { status failureMessage progress { total done }
    createdCount updatedCount unchangedCount failedCount duplicateCount discardedCount
    resultFile { url } failedRowsFile { url } } }";

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Output {
    /// Its exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A running process; dropped it is killed.
pub(crate) struct Process {
    child: Child,
    stdout: Stream,
    stderr: Stream,
    /// What its server is asked with.
    pub(crate) token: String,
    client: Option<Client>,
}

impl Process {
    /// Starts it; its server, if it becomes one, is asked with `token`.
    pub(super) fn start(mut command: Command, token: &str) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        Self {
            stdout: Stream::read(child.stdout.take().unwrap()),
            stderr: Stream::read(child.stderr.take().unwrap()),
            child,
            token: token.to_owned(),
            client: None,
        }
    }

    /// Hundredths of a second of a processor that it has used so far.
    pub(crate) fn cpu_ticks(&self) -> u64 {
        let stat = format!("/proc/{}/stat", self.child.id().unwrap());
        let stat = std::fs::read_to_string(stat).unwrap();
        // Behind its name, which may have spaces: the times in user mode and in the kernel are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let times = fields.split(' ').skip(11).take(2);
        times.map(|time| time.parse::<u64>().unwrap()).sum()
    }

    /// Waits until it says that it serves.
    pub(crate) async fn ready(&mut self) {
        until("a server that is ready", async || {
            self.address().is_some() || self.stdout.is_closed()
        })
        .await;
        let Some(address) = self.address() else {
            panic!("no server: {}", self.stderr());
        };
        self.client = Some(Client::new(address.parse().unwrap()));
    }

    fn address(&self) -> Option<String> {
        let stdout = self.stdout();
        let (_, rest) = stdout.split_once("ready at http://")?;
        Some(rest.split_once(" (")?.0.to_owned())
    }

    /// What it has printed so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has logged so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// The tokens that it has printed.
    pub(crate) fn first_token(&self) -> Option<String> {
        let stdout = self.stdout();
        let line = stdout.lines().find(|line| line.starts_with("  rst_"))?;
        Some(line.trim().to_owned())
    }

    /// Kills it, as a power cut would.
    pub(crate) async fn kill(mut self) {
        self.child.start_kill().unwrap();
        within("the end of what was killed", self.child.wait())
            .await
            .unwrap();
    }

    /// Asks it to stop.
    pub(crate) async fn terminate(&self) {
        let Some(id) = self.child.id() else {
            return;
        };
        // The shell's own `kill`: no package need be there.
        let script = format!("kill -TERM {id}");
        let asked = Command::new("sh").args(["-c", &script]).status().await;
        assert!(asked.unwrap().success());
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn end(mut self) -> Output {
        self.client = None;
        let status = within("the process' end", self.child.wait()).await.unwrap();
        Output {
            code: status.code(),
            stdout: self.stdout.whole().await,
            stderr: self.stderr.whole().await,
        }
    }

    /// Asks it to stop, and waits until it has; returns how long that took.
    pub(crate) async fn stop(self) -> (Output, Duration) {
        let begun = Instant::now();
        self.terminate().await;
        let output = self.end().await;
        (output, begun.elapsed())
    }

    /// Runs a query or mutation that must have no errors, with the site's token; returns its `data`.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Value {
        self.data(&self.token, query, variables).await
    }

    /// Takes a file in and starts it, unless `input`, which is that of `createImport`, says otherwise; returns the import's id.
    pub(crate) async fn import(&self, mut input: Value, file: &str) -> String {
        const CREATE: &str = "mutation ($input: CreateImportInput!) { createImport(input: $input) {
            import { id status failureMessage } userErrors { field code message } } }";
        input["consentConfirmed"] = true.into();
        let starts = input["start"] != false;
        input["start"] = starts.into();
        let input = json!({ "input": input });
        let answer = self
            .upload(&self.token, CREATE, input, "people.csv", file)
            .await;
        let import = &answer["data"]["createImport"]["import"];
        let expected = if starts { "QUEUED" } else { "INSPECTED" };
        assert_eq!(import["status"], expected, "{answer:#}");
        import["id"].as_str().unwrap().to_owned()
    }

    /// How an import is now.
    pub(crate) async fn look(&self, id: &str) -> Value {
        self.ask(IMPORT, json!({ "id": id })).await["import"].take()
    }

    /// Looks at an import until it is as wanted; returns it then.
    pub(crate) async fn watch(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let import = self.look(id).await;
            if wanted(&import) {
                return import;
            }
            assert!(
                begun.elapsed() < IMPORT_PATIENCE,
                "waited in vain: {import:#}\n{}",
                self.stderr()
            );
            // Often enough to see it pass, seldom enough to leave it the machine.
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until an import is COMPLETED, and its files are there.
    pub(crate) async fn completed(&self, id: &str) -> Value {
        let import = self.watch(id, |import| {
            ["COMPLETED", "FAILED", "CANCELLED"].contains(&import["status"].as_str().unwrap())
        });
        let import = import.await;
        assert_eq!(import["status"], "COMPLETED", "{import:#}");
        import
    }
}

/// Asks its server.
impl Deref for Process {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.client.as_ref().expect("a server that was waited for")
    }
}

/// What a process writes to one of its streams.
struct Stream {
    text: Arc<Mutex<Vec<u8>>>,
    reading: JoinHandle<()>,
}

impl Stream {
    fn read(mut from: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let text = Arc::<Mutex<Vec<u8>>>::default();
        let to = Arc::clone(&text);
        let reading = tokio::spawn(async move {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut bytes).await {
                to.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self { text, reading }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    fn is_closed(&self) -> bool {
        self.reading.is_finished()
    }

    async fn whole(mut self) -> String {
        within("the end of what it writes", &mut self.reading)
            .await
            .unwrap();
        self.text()
    }
}
