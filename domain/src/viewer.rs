//! Who is asking, and the one way to a query: scoped to their workspace.

use crate::{
    db::{Db, Tx},
    error::{Error, Result},
};
use entity::{
    api_token, attribute, block, bot_event, broadcast, broadcast_send, channel, contact,
    contact_channel, conversation, export,
    id::{ApiTokenId, Id, WorkspaceId},
    import, inbox, member, message, operation,
    role::{Restriction, Role},
    segment, table_view, tag, team, template, webhook,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select,
    sea_query::LockType,
};

/// Who is asking: a member or a script, in one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The one workspace they see.
    pub workspace_id: WorkspaceId,
    /// What they may do at most.
    pub role: Role,
    /// What they may not do all the same; sorted, each once.
    pub restrictions: Vec<Restriction>,
    /// The member; none: a script.
    pub member: Option<member::Model>,
    /// The token they came with; none: the command line.
    pub token_id: Option<ApiTokenId>,
    /// The member's name, else the token's; stands beside what they did.
    pub name: String,
}

impl Viewer {
    /// The command line, which whoever may run it holds the database anyway.
    pub fn command_line(workspace_id: WorkspaceId) -> Self {
        Self {
            workspace_id,
            role: Role::Owner,
            restrictions: Vec::new(),
            member: None,
            token_id: None,
            name: "command line".to_owned(),
        }
    }

    /// The one way to a query: rows of the viewer's workspace, and no others.
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the function that scopes"
    )]
    pub fn find<E: Scoped>(&self) -> Select<E> {
        E::find().filter(E::workspace().eq(self.workspace_id))
    }

    /// Those rows of these ids that are of the viewer's workspace, in no order; contacts have [`contact::by_ids`](crate::contact::by_ids).
    ///
    /// # Errors
    /// When the database is away.
    pub async fn by_ids<E: Scoped>(
        &self,
        conn: &impl ConnectionTrait,
        ids: impl IntoIterator<Item = impl Id>,
    ) -> Result<Vec<E::Model>> {
        let ids: Vec<i64> = ids.into_iter().map(Id::number).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self
            .find::<E>()
            .filter(E::id().is_in(ids))
            .all(conn)
            .await?)
    }

    /// Whether there is such a row in the viewer's workspace; if so, nobody deletes it until the transaction ends.
    pub(crate) async fn hold<E: Scoped>(&self, tx: &Tx, id: impl Id) -> Result<bool> {
        let query = self.find::<E>().filter(E::id().eq(id.number()));
        let found = query.lock(LockType::KeyShare).one(&**tx).await?;
        Ok(found.is_some())
    }

    /// A row of the viewer's workspace; nobody else changes it until the transaction ends.
    pub(crate) async fn lock<E: Scoped>(&self, tx: &Tx, id: impl Id) -> Result<Option<E::Model>> {
        let query = self.find::<E>().filter(E::id().eq(id.number()));
        Ok(query.lock_exclusive().one(&**tx).await?)
    }

    /// Who acts for the job of a row of background work: its workspace is the row's own. None where the row is gone.
    ///
    /// # Errors
    /// When the database is away.
    #[allow(
        clippy::disallowed_methods,
        reason = "a job carries ids alone; the row names the workspace"
    )]
    pub async fn for_job<E: Scoped>(db: &Db, id: impl Id) -> Result<Option<Self>> {
        let workspace = E::find()
            .filter(E::id().eq(id.number()))
            .select_only()
            .column(E::workspace())
            .into_tuple::<WorkspaceId>()
            .one(db.read())
            .await?;
        Ok(workspace.map(Self::command_line))
    }

    /// Whether they may do and see what `other` may, no more and no less.
    pub fn has_rights_of(&self, other: &Self) -> bool {
        let who = |viewer: &Self| viewer.member.as_ref().map(|member| member.id);
        (self.workspace_id, self.role, &self.restrictions, who(self))
            == (
                other.workspace_id,
                other.role,
                &other.restrictions,
                who(other),
            )
    }

    /// Whether they see every contact of the workspace: agents see those in their conversations, and a restriction narrows others.
    pub fn sees_every_contact(&self) -> bool {
        let narrowed = &Restriction::OnlyAssignedContacts;
        self.role > Role::Agent && !self.restrictions.contains(narrowed)
    }

    /// Whether phone numbers, e-mail addresses and channel addresses are hidden from them.
    pub fn is_masked(&self) -> bool {
        self.restrictions.contains(&Restriction::MaskPhoneAndEmail)
    }

    /// Refuses what would tell what is masked.
    pub fn cannot_speak_of_masked(what: &str) -> Error {
        Error::Forbidden(format!(
            "A restriction hides phone numbers, e-mail addresses and addresses on channels from you: you cannot ask by {what}."
        ))
    }

    /// Refuses to keep what means the same for everyone and would tell what is masked.
    pub fn cannot_keep_masked(what: &str) -> Error {
        Error::Forbidden(format!(
            "A restriction hides phone numbers, e-mail addresses and addresses on channels from you, and a {what} looks at them: you cannot save one."
        ))
    }

    /// Refuses whoever may not see the imports: they name everybody in their files, with phone numbers and addresses.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn sees_imports(&self) -> Result<()> {
        self.require(Role::Manager)?;
        self.unrestricted(Restriction::OnlyAssignedContacts)?;
        self.unrestricted(Restriction::MaskPhoneAndEmail)
    }

    /// Refuses whoever has less than `role`.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require(&self, role: Role) -> Result<()> {
        if self.role >= role {
            return Ok(());
        }
        let needed = match role {
            Role::Owner => "This is for owners.",
            Role::Manager => {
                "This is for owners and managers: agents do not have the contacts module."
            }
            Role::Agent => "This is for members.",
        };
        Err(Error::Forbidden(needed.to_owned()))
    }

    /// Refuses whoever has this restriction.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn unrestricted(&self, restriction: Restriction) -> Result<()> {
        if self.restrictions.contains(&restriction) {
            let what = match restriction {
                Restriction::NoContactDelete => "delete contacts",
                Restriction::NoImport => "import",
                Restriction::NoExport => "export",
                Restriction::NoBroadcast => "make, change, delete or send broadcasts",
                Restriction::OnlyAssignedContacts => "see contacts that are not assigned to you",
                Restriction::MaskPhoneAndEmail => "see phone numbers and e-mail addresses",
                Restriction::NoWorkspaceSettings => "change the workspace's settings",
            };
            return Err(Error::Forbidden(format!(
                "A restriction says that you may not {what}."
            )));
        }
        Ok(())
    }
}

/// A table whose rows belong to a workspace.
pub trait Scoped: EntityTrait {
    /// The column that says to which.
    fn workspace() -> impl ColumnTrait;

    /// The column of its ids.
    fn id() -> impl ColumnTrait;
}

macro_rules! scoped {
    ($($table:ident),*) => {$(
        impl Scoped for $table::Entity {
            fn workspace() -> impl ColumnTrait {
                $table::Column::WorkspaceId
            }

            fn id() -> impl ColumnTrait {
                $table::Column::Id
            }
        }
    )*};
}

scoped!(
    api_token,
    attribute,
    block,
    bot_event,
    broadcast,
    broadcast_send,
    channel,
    contact,
    contact_channel,
    conversation,
    export,
    import,
    inbox,
    member,
    message,
    operation,
    segment,
    table_view,
    tag,
    team,
    template,
    webhook
);
