//! The PostgreSQL server beside the benchmarks: started by `tests/postgres`, which runs this program again with its address.

use crate::{database::Conn, proc};
use anyhow::{Context, Result};
use std::{
    os::unix::process::CommandExt,
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinHandle;

const VARIABLE: &str = "ROSTER_TEST_POSTGRES";

/// Makes sure that there is a server: where there is none this program is replaced by one that starts it, durable as by default, and then
/// this program again.
pub(crate) fn ensure() -> Result<()> {
    if std::env::var_os(VARIABLE).is_some() {
        return Ok(());
    }
    let package = std::env::var_os("CARGO_MANIFEST_DIR");
    let package = package.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    let script = package.parent().context("no folder")?.join("postgres");
    let error = Command::new(&script)
        .arg("--durable")
        .arg(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .exec();
    Err(error).with_context(|| format!("cannot run {}", script.display()))
}

/// The URL of a database to create others from.
pub(crate) fn url() -> Result<String> {
    std::env::var(VARIABLE).context("no PostgreSQL")
}

/// The same for another database of that server.
pub(crate) fn url_of(name: &str) -> Result<String> {
    let url = url()?;
    let (server, _) = url.rsplit_once('/').context("no database in the URL")?;
    Ok(format!("{server}/{name}"))
}

/// Its version and the settings that figures hang on.
pub(crate) async fn settings() -> Result<String> {
    let mut conn = Conn::open(&url()?).await?;
    let sql = "SELECT string_agg(name || '=' || setting || coalesce(unit, ''), ' ' ORDER BY name) FROM pg_settings WHERE name IN
        ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size', 'autovacuum', 'jit')";
    let settings = conn.text(sql).await?;
    conn.close().await?;
    Ok(settings)
}

/// The server's processes on this machine.
#[derive(Clone, Copy)]
pub(crate) struct Server {
    postmaster: u32,
}

impl Server {
    /// Finds it: each connection is served by a child of it.
    pub(crate) async fn find() -> Result<Self> {
        let mut conn = Conn::open(&url()?).await?;
        let backend = conn.text("SELECT pg_backend_pid()::text").await?;
        let postmaster = proc::parent(backend.parse()?)?;
        conn.close().await?;
        Ok(Self { postmaster })
    }

    /// CPU time of all its processes so far.
    pub(crate) fn cpu(self) -> Result<Duration> {
        proc::family_cpu(self.postmaster)
    }

    /// Begins to watch how much memory its processes hold.
    pub(crate) fn watch_memory(self) -> MemoryWatch {
        let peak = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&peak);
        let task = tokio::spawn(async move {
            loop {
                let now = proc::family_memory(self.postmaster);
                seen.fetch_max(now, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        MemoryWatch { peak, task }
    }
}

/// Looks once a second, until it is dropped.
pub(crate) struct MemoryWatch {
    peak: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl MemoryWatch {
    /// The most seen so far, in bytes.
    pub(crate) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}
