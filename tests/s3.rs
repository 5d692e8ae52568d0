//! The object store on a server that speaks S3: moto, which `tests/run` installs.

use crate::harness::within;
use domain::store::Store;
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};

/// An S3 server with an empty bucket; it ends when it is dropped.
struct Server {
    address: String,
    _process: Child,
}

impl Server {
    async fn start() -> Self {
        let program = std::env::var("ROSTER_TEST_MOTO").unwrap_or_else(|_| "moto_server".into());
        let mut process = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program}: {error}. `tests/run` installs moto into the target folder, and says why where it cannot")
            });
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = loop {
            let line = within("the S3 server", lines.next_line()).await.unwrap();
            let line = line.expect("the S3 server says where it listens");
            if let Some((_, address)) = line.split_once("Running on ") {
                break address.trim().to_owned();
            }
        };
        // It goes on talking, and would stop at a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let bucket = reqwest::Client::builder().no_proxy().build().unwrap();
        let made = bucket.put(format!("{address}/bucket")).send().await;
        assert!(made.unwrap().status().is_success());
        Self {
            address,
            _process: process,
        }
    }

    fn store(&self, folder: &std::path::Path) -> Store {
        // As the variables AWS_ENDPOINT and so on would say it.
        let options = [
            ("aws_endpoint", self.address.as_str()),
            ("aws_allow_http", "true"),
            ("aws_access_key_id", "test"),
            ("aws_secret_access_key", "test"),
        ];
        let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Store::open_with(Some("s3://bucket/some/prefix"), folder, options).unwrap()
    }
}

/// Bytes of which no part equals another.
fn bytes(count: u32) -> Vec<u8> {
    (0..count / 4).flat_map(u32::to_le_bytes).collect()
}

async fn read(store: &Store, key: &str) -> Vec<u8> {
    let (size, mut reader) = store.read(key).await.unwrap();
    let mut found = Vec::new();
    reader.read_to_end(&mut found).await.unwrap();
    assert_eq!(size, found.len() as u64);
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_any_size_come_back_and_go() {
    let server = Server::start().await;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = server.store(folder.path());
    // One request, and several parts.
    for (key, size) in [("a/small.csv", 12), ("a/large.csv", 12 * 1024 * 1024)] {
        let content = bytes(size);
        let mut writer = store.writer(key);
        writer.write_all(&content).await.unwrap();
        assert!(store.read(key).await.is_err(), "{key} is there too early");
        writer.shutdown().await.unwrap();
        assert!(read(&store, key).await == content, "{key} has changed");

        let mut blocking = store.read_blocking(key).await.unwrap();
        let found = tokio::task::spawn_blocking(move || {
            let mut found = Vec::new();
            blocking.read_to_end(&mut found).map(|_| found)
        });
        assert!(
            found.await.unwrap().unwrap() == content,
            "{key} has changed"
        );

        store.delete(key).await.unwrap();
        assert!(store.read(key).await.is_err(), "{key} is still there");
        // Twice is no error: a job may run twice.
        store.delete(key).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_put_whole_and_an_upload_given_up_leaves_nothing() {
    let server = Server::start().await;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = server.store(folder.path());
    let content = bytes(6 * 1024 * 1024);
    let mut file = store.temporary().unwrap();
    std::io::Write::write_all(&mut file, &content).unwrap();
    let size = store.put_file("result.csv", file).await.unwrap();
    assert_eq!(size, content.len() as u64);
    assert!(read(&store, "result.csv").await == content);

    let mut writer = store.writer("given-up.csv");
    writer.write_all(&content).await.unwrap();
    writer.abort().await.unwrap();
    assert!(store.read("given-up.csv").await.is_err());
}
