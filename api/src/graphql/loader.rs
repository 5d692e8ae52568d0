//! Who asks, and what a request reads once: the workspace, its attributes, channels, members and teams, however many fields need them.
//!
//! What belongs to the rows of a list (addresses, segments) is read once for the whole list: see `contact::Group` and
//! `segment::Group`. So the number of statements does not grow with the rows. Unlike a dataloader that gathers keys for a millisecond,
//! this costs no waiting, and how many statements run does not depend on how the threads happen to meet.

use super::{
    attribute::Attribute,
    channel::Channel,
    column::Column,
    error::{Failure, Result},
    import::Import,
    member::Member,
};
use async_graphql::{Context, ID};
use domain::{
    attribute::{self, Attributes},
    channel,
    db::Db,
    member, team,
    viewer::Viewer,
    workspace,
};
use entity::{
    channel::Model as ChannelRow,
    id::{AttributeId, ChannelId, Id, ImportId, MemberId},
    member::Model as MemberRow,
    role::{Restriction, Role},
    team::Model as TeamRow,
    team_member::Model as Membership,
    workspace::Model as WorkspaceRow,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;

/// Something read once, or the failure to read it: a hundred fields must not try a database that is away a hundred times.
pub(crate) type Once<T> = OnceCell<Result<T>>;

/// What `load` finds the first time.
pub(crate) async fn once<T: Clone>(
    cell: &Once<T>,
    load: impl Future<Output = domain::error::Result<T>>,
) -> Result<T> {
    let loaded = cell.get_or_init(|| async { load.await.map_err(Failure::from) });
    loaded.await.clone()
}

/// The id that a client wrote, or one that leads nowhere: who asks cannot tell a malformed id from one that does not exist.
pub(crate) fn read_id<T: Id>(id: &ID) -> T {
    id.parse().unwrap_or(T::NOWHERE)
}

/// Who asks, and what their request has read. One a request; a subscription calls [`forget`](Self::forget) before each event.
pub struct Loader {
    db: Db,
    viewer: Viewer,
    /// None until something is needed: an event of a subscription may need nothing.
    shared: Mutex<Option<Arc<Shared>>>,
}

/// The workspace's attributes: as `domain` reads them, and as answers share them.
pub(super) struct Known {
    pub(super) all: Attributes,
    shared: Vec<Attribute>,
}

impl Known {
    fn new(all: Attributes) -> Self {
        let shared = all
            .iter()
            .map(|row| Attribute(Arc::new(row.clone())))
            .collect();
        Self { all, shared }
    }

    /// Each, oldest first.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Attribute> {
        self.shared.iter()
    }

    /// By id.
    pub(super) fn by_id(&self, id: AttributeId) -> Option<&Attribute> {
        self.iter().find(|attribute| attribute.0.id == id)
    }

    /// By key, without regard to case; a key that is not there is a slip of the program that asks.
    pub(super) fn by_key(&self, key: &str, path: &str) -> Result<&Attribute> {
        let found = self.all.by_key(key).and_then(|row| self.by_id(row.id));
        found.ok_or_else(|| Failure::bad_input(path, format!("There is no attribute \"{key}\".")))
    }
}

type Usage = HashMap<AttributeId, i64>;
type Imports = HashMap<ImportId, Import>;

/// What many fields need.
#[derive(Default)]
struct Shared {
    workspace: Once<Arc<WorkspaceRow>>,
    attributes: Once<Arc<Known>>,
    attribute_usage: Once<Arc<Usage>>,
    attribute_imports: Once<Arc<Imports>>,
    columns: Mutex<HashMap<Vec<String>, Arc<[Column]>>>,
    channels: Once<Arc<Vec<ChannelRow>>>,
    members: Once<Arc<Vec<MemberRow>>>,
    teams: Once<Arc<Vec<TeamRow>>>,
    memberships: Once<Arc<Vec<Membership>>>,
}

impl Loader {
    /// Nothing read yet.
    pub fn new(db: Db, viewer: Viewer) -> Self {
        Self {
            db,
            viewer,
            shared: Mutex::default(),
        }
    }

    /// That of the request.
    pub(super) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(Failure::unauthenticated)
    }

    /// That of the request, for whoever has at least `role`.
    pub(super) fn require<'a>(ctx: &Context<'a>, role: Role) -> Result<&'a Self> {
        let loader = Self::of(ctx)?;
        loader.viewer.require(role)?;
        Ok(loader)
    }

    /// That of the request, for whoever may change the workspace's settings, people, channels and tokens.
    pub(super) fn administer<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        let loader = Self::of(ctx)?;
        loader.check_administers()?;
        Ok(loader)
    }

    pub(super) fn check_administers(&self) -> Result<()> {
        self.viewer.require(Role::Owner)?;
        self.viewer.unrestricted(Restriction::NoWorkspaceSettings)?;
        Ok(())
    }

    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    pub(super) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    fn shared(&self) -> Arc<Shared> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shared.get_or_insert_default())
    }

    /// Reads everything anew from now on: something was changed.
    pub fn forget(&self) {
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The viewer's workspace.
    pub(super) async fn workspace(&self) -> Result<Arc<WorkspaceRow>> {
        once(&self.shared().workspace, async {
            let id = self.viewer.workspace_id;
            Ok(Arc::new(workspace::get(self.db.read(), id).await?))
        })
        .await
    }

    /// Its attributes.
    pub(super) async fn attributes(&self) -> Result<Arc<Known>> {
        once(&self.shared().attributes, async {
            let all = Attributes::load(self.db.read(), &self.viewer).await?;
            Ok(Arc::new(Known::new(all)))
        })
        .await
    }

    /// How many contacts have a value of each of them.
    pub(super) async fn attribute_usage(&self) -> Result<Arc<Usage>> {
        once(&self.shared().attribute_usage, async {
            let usage = attribute::usage(self.db.read(), &self.viewer);
            Ok(Arc::new(usage.await?))
        })
        .await
    }

    /// The imports that brought one of them.
    pub(super) async fn attribute_imports(&self) -> Result<Arc<Imports>> {
        let known = self.attributes().await?;
        let ids = known.iter().filter_map(|of| of.0.created_by_import_id);
        let ids = BTreeSet::from_iter(ids);
        once(&self.shared().attribute_imports, Import::by_ids(self, ids)).await
    }

    /// The columns of these keys, found once for all rows that ask for the same.
    pub(super) async fn columns(&self, keys: Vec<String>) -> Result<Arc<[Column]>> {
        let known = self.attributes().await?;
        let shared = self.shared();
        let mut found = shared
            .columns
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(columns) = found.get(&keys) {
            return Ok(Arc::clone(columns));
        }
        let columns = keys.iter().enumerate();
        let columns: Arc<[Column]> = columns
            .map(|(n, key)| Column::find(key, &known, &format!("columns.{n}")))
            .collect::<Result<_>>()?;
        found.insert(keys, Arc::clone(&columns));
        Ok(columns)
    }

    /// Its channels, oldest first, with those that were deleted.
    pub(super) async fn channels(&self) -> Result<Arc<Vec<ChannelRow>>> {
        once(&self.shared().channels, async {
            Ok(Arc::new(
                channel::list_all(self.db.read(), &self.viewer).await?,
            ))
        })
        .await
    }

    /// The channel that a row names.
    pub(super) async fn channel(&self, id: ChannelId) -> Result<Channel> {
        let channels = self.channels().await?;
        let found = channels.iter().find(|channel| channel.id == id);
        let found = found.cloned().map(Channel);
        found.ok_or_else(|| Failure::broken("a row names a channel that is not there"))
    }

    /// Its members, oldest first.
    pub(super) async fn members(&self) -> Result<Arc<Vec<MemberRow>>> {
        once(&self.shared().members, async {
            Ok(Arc::new(member::list(self.db.read(), &self.viewer).await?))
        })
        .await
    }

    /// One of its members; none where they were deleted.
    pub(super) async fn member(&self, id: MemberId) -> Result<Option<Member>> {
        let members = self.members().await?;
        let found = members.iter().find(|member| member.id == id);
        Ok(found.cloned().map(Member))
    }

    /// Its teams, oldest first.
    pub(super) async fn teams(&self) -> Result<Arc<Vec<TeamRow>>> {
        once(&self.shared().teams, async {
            Ok(Arc::new(team::list(self.db.read(), &self.viewer).await?))
        })
        .await
    }

    /// Who is in which of them.
    pub(super) async fn memberships(&self) -> Result<Arc<Vec<Membership>>> {
        once(&self.shared().memberships, async {
            let found = team::memberships(self.db.read(), &self.viewer).await?;
            Ok(Arc::new(found))
        })
        .await
    }
}
