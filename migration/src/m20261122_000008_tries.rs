//! How often a delivery was tried in vain, apart from how many calls it had: who is tried again by hand begins anew.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000008_tries"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let count = "integer NOT NULL DEFAULT 0";
        let columns = [("tries", count), ("slow_tries", count)];
        sql::add_columns(manager, "delivery", &columns).await
    }

    /// As the first step: it can run again after a crash.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}
