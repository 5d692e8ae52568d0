//! Sends: a broadcast on its way, with the state of its ledger.

use crate::{
    content::Content,
    id::{BroadcastId, BroadcastSendId, ChannelId, MemberId, WorkspaceId},
    job::JobStatus,
};
use sea_orm::entity::prelude::*;

/// A send. Once `total` is known, the eight counts add up to it at every moment.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "broadcast_send")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: BroadcastSendId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Of which broadcast.
    pub broadcast_id: BroadcastId,
    /// Over which channel, as the broadcast said when it was asked for.
    pub channel_id: ChannelId,
    /// What is sent, as the broadcast said when it was asked for.
    #[sea_orm(column_type = "JsonBinary")]
    pub content: Content,
    /// To whom of the broadcast's people.
    pub recipients: RecipientChoice,
    /// Who was chosen, and by whom, as `domain` keeps it.
    #[sea_orm(column_type = "JsonBinary")]
    pub selection: Json,
    /// Where it stands.
    pub status: JobStatus,
    /// The run of its job that sends: what another one claimed and did not account for may have been taken.
    pub run: Option<String>,
    /// Who was still to get it when the last run began: a job that is cut off again and again, and comes further each time, is not given up.
    pub mark: Option<i64>,
    /// When it is to begin; none: at once.
    pub scheduled_at: Option<DateTimeUtc>,
    /// After this moment nothing goes out any more.
    pub not_after: Option<DateTimeUtc>,
    /// No delivery of it has a smaller id.
    pub first_delivery: Option<i64>,
    /// No delivery of it has a greater id.
    pub last_delivery: Option<i64>,
    /// Recipients; none until they are fixed.
    pub total: Option<i64>,
    /// Those who are still to get it.
    pub pending: i64,
    /// Those to whom it goes out now.
    pub sending: i64,
    /// Those for whom the provider has taken it.
    pub sent: i64,
    /// Those on whose device it is.
    pub delivered: i64,
    /// Those who have seen it.
    pub read: i64,
    /// Those whom it did not reach.
    pub failed: i64,
    /// Those who were left out, each with a reason.
    pub skipped: i64,
    /// Those for whom the provider may have taken it.
    pub unknown: i64,
    /// It waits until then.
    pub waits_until: Option<DateTimeUtc>,
    /// What for.
    pub waits_for: Option<WaitsFor>,
    /// Why it is FAILED or PAUSED.
    pub failure_message: Option<String>,
    /// Where the result file lies.
    pub result_key: Option<String>,
    /// Its bytes.
    pub result_size: i64,
    /// The member who asked for it.
    pub created_by_member_id: Option<MemberId>,
    /// The member's or the token's name at that time.
    pub created_by_name: String,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When a worker first took it up.
    pub started_at: Option<DateTimeUtc>,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
}

/// To whom of a broadcast's people a send goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RecipientChoice {
    /// To all.
    All,
    /// To those who were named.
    Selected,
    /// To those to whom no earlier send of it was tried.
    NewlyAdded,
}

/// What a send waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum WaitsFor {
    /// The channel has reached as many people as it may in 24 hours.
    DailyLimit,
    /// The provider asked to wait.
    Provider,
    /// The next try of those whom it did not reach yet.
    Retry,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
