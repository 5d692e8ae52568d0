//! One process migrates at a time: an advisory lock on PostgreSQL, a locked file beside the database on SQLite.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
};

/// Any number will do, as long as it stays the same.
const ADVISORY_KEY: i64 = 0x726f_7374_6572;

/// A lock that is held until it is released, or its process ends.
pub(crate) enum Lock {
    Advisory,
    File(File),
    /// A database in memory has one process.
    None,
}

/// Waits for the lock.
pub(crate) async fn acquire(db: &DatabaseConnection) -> Result<Lock, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared(&format!("SELECT pg_advisory_lock({ADVISORY_KEY})"))
            .await?;
        return Ok(Lock::Advisory);
    }
    let Some(mut path) = database_file(db).await? else {
        return Ok(Lock::None);
    };
    path.as_mut_os_string().push(".lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(io)?;
    file.lock().map_err(io)?;
    Ok(Lock::File(file))
}

impl Lock {
    /// Lets the next one in.
    pub(crate) async fn release(self, db: &DatabaseConnection) -> Result<(), DbErr> {
        match self {
            Self::Advisory => {
                db.execute_unprepared(&format!("SELECT pg_advisory_unlock({ADVISORY_KEY})"))
                    .await?;
                Ok(())
            }
            Self::File(file) => file.unlock().map_err(io),
            Self::None => Ok(()),
        }
    }
}

async fn database_file(db: &DatabaseConnection) -> Result<Option<PathBuf>, DbErr> {
    let statement = Statement::from_string(
        DbBackend::Sqlite,
        "SELECT file FROM pragma_database_list WHERE name = 'main'",
    );
    let file: Option<String> = match db.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "file")?,
        None => None,
    };
    Ok(file.filter(|file| !file.is_empty()).map(PathBuf::from))
}

fn io(error: std::io::Error) -> DbErr {
    DbErr::Custom(format!("the lock file beside the database: {error}"))
}
