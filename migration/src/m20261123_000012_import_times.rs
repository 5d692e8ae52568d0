//! When an import last moved: for who watches it, and whether it still does.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000012_import_times"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::add_columns(manager, "import", &[("updated_at", "{time}")]).await?;
        let sql = "UPDATE import SET updated_at = COALESCE(finished_at, started_at, created_at) WHERE updated_at IS NULL";
        sql::run(manager, sql).await
    }

    /// As the first step: it can run again after a crash.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}
