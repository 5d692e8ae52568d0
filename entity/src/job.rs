//! What all background work has in common.

use sea_orm::entity::prelude::*;

/// Where background work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum JobStatus {
    /// Read, and waiting to be started.
    Inspected,
    /// Waiting for its time.
    Scheduled,
    /// Waiting for a worker.
    Queued,
    /// At work.
    Running,
    /// Stopped by a person or by what went wrong, to go on when somebody says so.
    Paused,
    /// Done.
    Completed,
    /// Refused or broken; the failure says why.
    Failed,
    /// Stopped by a person; what was done stays.
    Cancelled,
}

impl JobStatus {
    /// Whether nothing will happen any more.
    pub fn is_final(self) -> bool {
        match self {
            Self::Inspected | Self::Scheduled | Self::Queued | Self::Running | Self::Paused => {
                false
            }
            Self::Completed | Self::Failed | Self::Cancelled => true,
        }
    }
}
