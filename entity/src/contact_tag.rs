//! The tags that contacts carry.

use crate::id::{ContactId, TagId};
use sea_orm::entity::prelude::*;

/// A contact with a tag.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_tag")]
pub struct Model {
    /// The tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: TagId,
    /// The contact, of the tag's workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: ContactId,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
