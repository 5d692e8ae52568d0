//! The schema of the first version, in the order in which its tables refer to each other.

mod contacts;
mod exports;
mod groups;
mod imports;
mod operations;
mod people;

use crate::sql;
use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_000001_schema"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for part in [
            people::PEOPLE,
            people::CHANNELS,
            &contacts::contacts(),
            groups::GROUPS,
            imports::IMPORTS,
            operations::OPERATIONS,
            exports::EXPORTS,
        ] {
            sql::run(manager, part).await?;
        }
        let own: &[&str] = match manager.get_database_backend() {
            DbBackend::Postgres => &contacts::SEARCH_POSTGRES,
            _ => &contacts::SEARCH_SQLITE,
        };
        for statement in own {
            let conn = manager.get_connection();
            conn.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// SQLite has no transaction around a step, so a step must be able to run again after a crash: hence IF NOT EXISTS throughout.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}
