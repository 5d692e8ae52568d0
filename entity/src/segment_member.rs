//! The members of STATIC segments.

use crate::id::{ContactId, SegmentId};
use sea_orm::entity::prelude::*;

/// A contact in a segment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "segment_member")]
pub struct Model {
    /// The segment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub segment_id: SegmentId,
    /// The contact, of the segment's workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: ContactId,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
