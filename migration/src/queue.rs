//! The queue's own tables, made by apalis' own migrations. Ours are noted in `seaql_migrations`, apalis' in
//! `_sqlx_migrations` (on PostgreSQL in its schema `apalis`, like its tables), so both share a database.

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use sea_orm::{DatabaseConnection, DbBackend, DbErr, RuntimeErr};

/// Brings the queue's tables up to date. May run again, and in several processes at once.
///
/// On SQLite it takes the write lock for its whole run, so the caller must not hold a write transaction on the same
/// file meanwhile.
///
/// # Errors
/// When a migration fails, or the database holds one that this version does not know.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Sqlite => sqlite(db.get_sqlite_connection_pool()).await,
        DbBackend::Postgres => postgres(db.get_postgres_connection_pool()).await,
        other => Err(DbErr::BackendNotSupported {
            db: other.as_str(),
            ctx: "queue migrations",
        }),
    }
}

/// apalis' `setup` would also switch the connection to `synchronous = OFF`, so only its migrations run. sqlx takes no
/// lock on SQLite while it migrates: an immediate transaction around them makes a second process wait, and the whole
/// run all or nothing.
async fn sqlite(pool: &sqlx::SqlitePool) -> Result<(), DbErr> {
    let mut transaction = pool
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(sqlx_error)?;
    SqliteStorage::migrations()
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(migration_error)?;
    transaction.commit().await.map_err(sqlx_error)
}

/// Here sqlx takes an advisory lock of its own.
async fn postgres(pool: &sqlx::PgPool) -> Result<(), DbErr> {
    let mut connection = pool.acquire().await.map_err(sqlx_error)?;
    PostgresStorage::migrations()
        .run_direct(None, &mut *connection, false)
        .await
        .map_err(migration_error)
}

fn migration_error(error: sqlx::migrate::MigrateError) -> DbErr {
    DbErr::Migration(error.to_string())
}

fn sqlx_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}
