//! Who is in which team.

use crate::id::{MemberId, TeamId};
use sea_orm::entity::prelude::*;

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_member")]
pub struct Model {
    /// The team.
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: TeamId,
    /// The member, of the team's workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
