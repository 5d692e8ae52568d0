//! A place where one Roster can live: a folder, and a database of one kind. Gone when removed, unless it is to be kept.

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
    folder: PathBuf,
    /// The same, of a site that is not kept.
    temporary: Option<TempDir>,
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
        copy_folder(&self.folder, &copy.folder)?;
        if let (Some(from), Some(to)) = (&self.name, &copy.name) {
            server(&format!("CREATE DATABASE {to} TEMPLATE {from}")).await?;
        }
        Ok(copy)
    }

    /// The one that is kept in a folder, or an empty one that will be. One whose database is not on this PostgreSQL server is lost.
    pub(crate) async fn keep(kind: Kind, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let mut site = Self::at(kind, folder, None)?;
        if kind == Kind::Postgres {
            let name = fs::read_to_string(site.path().join(NAME)).unwrap_or_default();
            if name.is_empty() || !is_there(&name).await? {
                site.name = None;
                site.empty().await?;
            } else {
                site.settings.database = postgres::url_of(&name)?;
                site.name = Some(name);
            }
        }
        Ok(site)
    }

    /// Takes everything out of a kept one. No process may be using it.
    pub(crate) async fn empty(&mut self) -> Result<()> {
        if let Some(name) = self.name.take() {
            server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        }
        fs::remove_dir_all(&self.folder)?;
        fs::create_dir_all(&self.folder)?;
        if self.kind == Kind::Postgres {
            let name = format!("bench_kept_{}", unique());
            server(&format!("CREATE DATABASE {name}")).await?;
            fs::write(self.folder.join(NAME), &name)?;
            self.settings.database = postgres::url_of(&name)?;
            self.name = Some(name);
        }
        Ok(())
    }

    fn folder_only(kind: Kind) -> Result<Self> {
        let temporary = tempfile::Builder::new()
            .prefix("site-")
            .tempdir_in(work_folder()?)?;
        let folder = temporary.path().to_owned();
        let label = folder.file_name().context("no name")?;
        let label = label.to_string_lossy().replace('-', "_").to_lowercase();
        let name = (kind == Kind::Postgres).then(|| format!("bench_{label}_{}", unique()));
        let mut site = Self::at(kind, folder, name)?;
        site.temporary = Some(temporary);
        Ok(site)
    }

    fn at(kind: Kind, folder: PathBuf, name: Option<String>) -> Result<Self> {
        let database = match (&name, kind) {
            (Some(name), _) => postgres::url_of(name)?,
            (None, Kind::Postgres) => postgres::url()?,
            (None, Kind::Sqlite) => format!("sqlite://{}", folder.join("roster.db").display()),
        };
        let settings = roster::Settings {
            database,
            folder: folder.clone(),
            heartbeat: None,
        };
        Ok(Self {
            kind,
            settings,
            folder,
            temporary: None,
            name,
        })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
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

    /// Lets PostgreSQL look at what was written, as it would by itself some minutes later, in the midst of a measurement.
    pub(crate) async fn settle(&self) -> Result<()> {
        if self.kind == Kind::Postgres {
            let mut conn = self.connect().await?;
            conn.execute("VACUUM (ANALYZE)").await?;
            conn.close().await?;
        }
        Ok(())
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

    /// Removes it, whoever is still connected; one that is kept stays.
    pub(crate) async fn remove(self) -> Result<()> {
        let Some(temporary) = self.temporary else {
            return Ok(());
        };
        if let Some(name) = &self.name {
            server(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(temporary.close()?)
    }
}

/// The file of a kept site's folder with the name of its database.
const NAME: &str = "database";

async fn is_there(database: &str) -> Result<bool> {
    let mut conn = Conn::open(&postgres::url()?).await?;
    let sql = format!(
        "SELECT count(*)::text FROM pg_database WHERE datname = '{}'",
        database.trim()
    );
    let count = conn.text(&sql).await?;
    conn.close().await?;
    Ok(count == "1")
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
