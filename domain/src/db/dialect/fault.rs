//! What the databases' own errors mean.

use sqlx::{error::DatabaseError, postgres::PgDatabaseError, sqlite::SqliteError};

/// PostgreSQL's classes of what passes: connections (08), deadlocks and the like (40), what has run short (53), an administrator who restarts it or cancels
/// a statement (57), the machine below (58).
const PASSING_CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];

/// A lock that cannot be had at once; its class has errors that do not pass.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// SQLite's primary codes of what passes: BUSY, LOCKED, IOERR, FULL.
const PASSING_CODES: [i32; 4] = [5, 6, 10, 13];

/// PostgreSQL's classes of values that do not fit: their form (22), and what constraints say (23).
const VALUE_CLASSES: [&str; 2] = ["22", "23"];

/// SQLite's primary codes of the same: TOOBIG, CONSTRAINT, MISMATCH.
const VALUE_CODES: [i32; 3] = [18, 19, 20];

/// Whether it may work when tried again, with nothing changed.
pub(crate) fn is_passing(error: &dyn DatabaseError) -> bool {
    let is_lock = |code: &str| code == LOCK_NOT_AVAILABLE;
    is_one(error, &PASSING_CLASSES, &PASSING_CODES) || postgres_code(error).is_some_and(is_lock)
}

/// Whether what was to be written does not fit, whoever tries it and however often.
pub(crate) fn is_of_values(error: &dyn DatabaseError) -> bool {
    is_one(error, &VALUE_CLASSES, &VALUE_CODES)
}

fn is_one(error: &dyn DatabaseError, classes: &[&str], codes: &[i32]) -> bool {
    if let Some(code) = postgres_code(error) {
        return classes.iter().any(|class| code.starts_with(class));
    }
    sqlite_code(error).is_some_and(|code| codes.contains(&code))
}

fn postgres_code(error: &dyn DatabaseError) -> Option<&str> {
    Some(error.try_downcast_ref::<PgDatabaseError>()?.code())
}

fn sqlite_code(error: &dyn DatabaseError) -> Option<i32> {
    let code = error.try_downcast_ref::<SqliteError>()?.code()?;
    // The upper bits say more of the same.
    Some(code.parse::<i32>().ok()? & 0xff)
}

#[cfg(test)]
mod tests {
    use crate::{
        db::{Db, Settings},
        error::Error,
    };
    use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

    async fn connect(url: &str) -> DatabaseConnection {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.unwrap()
    }

    async fn refused(conn: &DatabaseConnection, sql: &str) -> Error {
        conn.execute_unprepared(sql).await.unwrap_err().into()
    }

    #[tokio::test]
    async fn what_passes_in_sqlite_is_told_from_what_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("a.db").display());
        let settings = Settings {
            url: url.clone(),
            max_connections: 1,
        };
        let db = Db::open(&settings).await.unwrap();
        let tx = db.write().await.unwrap();
        let sql = "CREATE TABLE a (b integer UNIQUE); INSERT INTO a VALUES (1)";
        tx.execute_unprepared(sql).await.unwrap();
        let other = connect(&url).await;
        let busy = refused(&other, "PRAGMA busy_timeout = 0; BEGIN IMMEDIATE").await;
        assert!(busy.is_temporary() && !busy.is_of_values(), "{busy}");
        tx.commit().await.unwrap();

        let twice = refused(&other, "INSERT INTO a VALUES (1)").await;
        assert!(!twice.is_temporary() && twice.is_of_values(), "{twice}");
        let wrong = refused(&other, "SELECT nothing").await;
        assert!(!wrong.is_temporary() && !wrong.is_of_values(), "{wrong}");
        let sql = "PRAGMA max_page_count = 1; CREATE TABLE c AS SELECT randomblob(100000) AS d";
        let full = refused(&other, sql).await;
        assert!(full.is_temporary() && !full.is_of_values(), "{full}");
    }
}
