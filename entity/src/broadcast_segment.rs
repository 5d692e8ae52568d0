//! The segments to which broadcasts go.

use crate::id::{BroadcastId, SegmentId};
use sea_orm::entity::prelude::*;

/// A broadcast goes to a segment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "broadcast_segment")]
pub struct Model {
    /// The broadcast.
    #[sea_orm(primary_key, auto_increment = false)]
    pub broadcast_id: BroadcastId,
    /// The segment, which is not deleted while this row is there.
    #[sea_orm(primary_key, auto_increment = false)]
    pub segment_id: SegmentId,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
