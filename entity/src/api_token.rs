//! API tokens: who is asking. The token itself is never stored, only its hash.

use crate::{
    id::{ApiTokenId, MemberId, WorkspaceId},
    role::{Restrictions, Role},
};
use sea_orm::entity::prelude::*;

/// A token of a member or of a script.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: ApiTokenId,
    /// The one workspace it opens.
    pub workspace_id: WorkspaceId,
    /// Whose it is; none: a script's.
    pub member_id: Option<MemberId>,
    /// Says what it is for.
    pub name: String,
    /// What it may do at most; a member's token never more than the member.
    pub role: Role,
    /// What it may not do all the same.
    #[sea_orm(column_type = "JsonBinary")]
    pub restrictions: Restrictions,
    /// Its first characters, to recognise it.
    pub prefix: String,
    /// SHA-256 of the whole token, lower-case hex. A fast hash is enough: tokens are random, not chosen by people.
    #[sea_orm(unique)]
    pub hash: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTimeUtc>,
    /// From then on it is refused; none: never.
    pub expires_at: Option<DateTimeUtc>,
    /// When it was revoked. The row stays, so that history can still name it.
    pub revoked_at: Option<DateTimeUtc>,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
