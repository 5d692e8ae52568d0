//! A place where one Roster can live: a folder, and a database of one kind. Gone when removed.

use crate::{
    database::{Conn, Kind},
    postgres, roster,
};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// See the module.
pub(crate) struct Site {
    pub(crate) kind: Kind,
    /// How Roster is started here.
    pub(crate) settings: roster::Settings,
    folder: TempDir,
    /// The database's name on the PostgreSQL server.
    name: Option<String>,
}

impl Site {
    /// An empty one.
    pub(crate) async fn new(kind: Kind) -> Result<Self> {
        let site = Self::folder_only(kind)?;
        if let Some(name) = &site.name {
            server(&format!("CREATE DATABASE {name}")).await?;
        }
        Ok(site)
    }

    /// The same data once more. No process may be using this site.
    pub(crate) async fn copy(&self) -> Result<Self> {
        let mut copy = Self::folder_only(self.kind)?;
        copy.settings.heartbeat.clone_from(&self.settings.heartbeat);
        copy_folder(self.folder.path(), copy.folder.path())?;
        if let (Some(from), Some(to)) = (&self.name, &copy.name) {
            server(&format!("CREATE DATABASE {to} TEMPLATE {from}")).await?;
        }
        Ok(copy)
    }

    fn folder_only(kind: Kind) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("site-")
            .tempdir_in(work_folder()?)?;
        let label = folder.path().file_name().context("no name")?;
        let label = label.to_string_lossy().replace('-', "_").to_lowercase();
        let name = (kind == Kind::Postgres).then(|| format!("bench_{label}_{}", unique()));
        let database = match &name {
            Some(name) => postgres::url_of(name)?,
            None => format!("sqlite://{}", folder.path().join("roster.db").display()),
        };
        let settings = roster::Settings {
            database,
            folder: folder.path().to_owned(),
            heartbeat: None,
        };
        Ok(Self {
            kind,
            settings,
            folder,
            name,
        })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes the tables.
    pub(crate) async fn migrate(&self) -> Result<()> {
        roster::run(&self.settings, &["migrate"]).await?;
        Ok(())
    }

    /// Plain SQL.
    pub(crate) async fn connect(&self) -> Result<Conn> {
        Conn::open(&self.settings.database).await
    }

    /// Bytes of the database on disk, after a checkpoint; SQLite's write-ahead log counts.
    pub(crate) async fn size(&self) -> Result<u64> {
        let mut conn = self.connect().await?;
        let size = match self.kind {
            Kind::Postgres => {
                conn.execute("CHECKPOINT").await?;
                let sql = "SELECT pg_database_size(current_database())::text";
                conn.text(sql).await?.parse()?
            }
            Kind::Sqlite => {
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
                let bytes = |name: &str| {
                    let file = fs::metadata(self.path().join(name));
                    file.map_or(0, |file| file.len())
                };
                bytes("roster.db") + bytes("roster.db-wal")
            }
        };
        conn.close().await?;
        Ok(size)
    }

    /// Removes it, whoever is still connected.
    pub(crate) async fn remove(self) -> Result<()> {
        if let Some(name) = &self.name {
            server(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(self.folder.close()?)
    }
}

async fn server(sql: &str) -> Result<()> {
    let mut conn = Conn::open(&postgres::url()?).await?;
    conn.execute(sql).await?;
    conn.close().await
}

/// Where files lie meanwhile: below the target folder, which is on a disk, as a folder for temporary files may not be.
pub(crate) fn work_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let profile = program.parent().context("no folder")?;
    let folder = profile.join("bench-data");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn unique() -> u128 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.as_nanos())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
