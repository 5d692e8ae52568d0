//! Bulk operations: one change of many contacts, in the background.

mod mutation;

pub(crate) use mutation::OperationMutation;

use super::{
    connection::connection,
    error::{Failure, Result},
    import::Files,
    job::{JobStatus, Progress, whole},
    lists::Lists,
    loader::{Loader, read_id},
    member::Member,
};
use async_graphql::{Context, Enum, ID, Object, SimpleObject, Subscription};
use domain::{operation, page::Window, scalar::DateTime};
use entity::{id::OperationId, operation::Model, operation_error, role::Role};
use futures_util::{Stream, StreamExt};
use std::sync::Arc;

/// What a bulk operation does to each contact. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::operation::BulkAction")]
pub(crate) enum BulkAction {
    /// Gives them tags.
    AddTags,
    /// Takes tags off them.
    RemoveTags,
    /// Puts them into a STATIC segment.
    AddToSegment,
    /// Takes them out of a STATIC segment.
    RemoveFromSegment,
    /// Copies their values of an attribute into its index (`updateAttribute`). Counts those who have one.
    IndexAttribute,
    /// Takes them out of the index that an attribute has given up (`updateAttribute`).
    UnindexAttribute,
    /// Takes what is left of a deleted attribute's values away (`deleteAttribute`). No version counts it, and it cannot be cancelled.
    DeleteAttribute,
}

/// Why a bulk operation did not change a contact. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::operation_error::BulkErrorCode")]
pub(crate) enum BulkErrorCode {
    /// It was deleted after the operation began.
    NotFound,
    /// It would have more of something than a contact may have, such as 100 tags.
    LimitExceeded,
}

/// A contact that a bulk operation could not change.
#[derive(SimpleObject, Clone)]
pub(crate) struct BulkError {
    /// The contact's id. It may be gone.
    contact_id: ID,
    /// For programs.
    code: BulkErrorCode,
    /// For people, in English.
    message: String,
}

impl From<operation_error::Model> for BulkError {
    fn from(row: operation_error::Model) -> Self {
        Self {
            contact_id: row.contact_id.to_string().into(),
            code: row.code.into(),
            message: row.message,
        }
    }
}

connection!(
    /// A page of the contacts that an operation could not change.
    BulkErrorConnection,
    /// A contact that could not be changed, on a page.
    BulkErrorEdge,
    BulkError
);

#[derive(Clone)]
pub(crate) struct BulkOperation {
    pub(super) row: Arc<Model>,
    group: Arc<Group>,
}

/// What the operations of a list share.
struct Group {
    ids: Vec<OperationId>,
    errors: Lists<Window, OperationId, BulkError>,
}

impl Group {
    fn new(ids: Vec<OperationId>) -> Arc<Self> {
        Arc::new(Self {
            ids,
            errors: Lists::new(),
        })
    }
}

impl BulkOperation {
    /// One alone.
    pub(super) fn new(row: impl Into<Arc<Model>>) -> Self {
        let row = row.into();
        let group = Group::new(vec![row.id]);
        Self { row, group }
    }

    /// The operations of a list, in its order.
    pub(super) fn group(rows: Vec<Model>) -> Vec<Self> {
        let group = Group::new(rows.iter().map(|row| row.id).collect());
        let wrap = |row| Self {
            row: Arc::new(row),
            group: Arc::clone(&group),
        };
        rows.into_iter().map(wrap).collect()
    }
}

/// One change of many contacts, in the background: watch it with `operationProgress`. Whom it is for is listed before the first contact is
/// changed, and `progress.done` = `changedCount` + `unchangedCount` + `failedCount` at every moment.
#[Object]
impl BulkOperation {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// What it does to each contact.
    async fn action(&self) -> BulkAction {
        self.row.action.into()
    }

    /// Where it stands.
    async fn status(&self) -> JobStatus {
        self.row.status.into()
    }

    /// How far it is, in contacts; the total is null until they are listed.
    async fn progress(&self) -> Progress {
        operation::progress(&self.row).into()
    }

    /// Why it is FAILED, for people; null where it is not.
    async fn failure_message(&self) -> Option<&str> {
        self.row.failure_message.as_deref()
    }

    /// Contacts that were changed.
    async fn changed_count(&self) -> i32 {
        whole(self.row.changed_count)
    }

    /// Contacts that were as wanted already.
    async fn unchanged_count(&self) -> i32 {
        whole(self.row.unchanged_count)
    }

    /// Contacts that could not be changed: `errors` says why.
    async fn failed_count(&self) -> i32 {
        whole(self.row.failed_count)
    }

    /// The contacts that could not be changed, the oldest first.
    async fn errors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500. 50 where both `first` and `last` are left out.")]
        first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor of the same list.")] after: Option<String>,
        #[graphql(
            desc = "That many from the end, or before `before`, in the list's own order: 1 to 500."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor of the same list.")] before: Option<
            String,
        >,
    ) -> Result<BulkErrorConnection> {
        let loader = Loader::of(ctx)?;
        let window = Window::new(first, after, last, before)?;
        let ids = self.group.ids.iter().copied();
        let load = operation::errors(loader.db().read(), ids, &window);
        let wrap = |rows: Vec<operation_error::Model>| rows.into_iter().map(Into::into).collect();
        let (errors, own) = (&self.group.errors, self.row.id);
        let page = errors.page(window.clone(), own, &window, load, wrap);
        Ok(BulkErrorConnection::new(page.await?, |items| items))
    }

    /// The member who asked for it; null: a script, which `createdByName` names.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let id = self.row.created_by_member_id?;
        let found = async || Loader::of(ctx)?.member(id).await;
        found().await.transpose()
    }

    /// Who asked for it: the name that the member or the token had then.
    async fn created_by_name(&self) -> &str {
        &self.row.created_by_name
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When a worker first took it up.
    async fn started_at(&self) -> Option<DateTime> {
        self.row.started_at.map(DateTime)
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime> {
        self.row.finished_at.map(DateTime)
    }
}

connection!(
    /// A page of bulk operations.
    BulkOperationConnection,
    /// A bulk operation on a page.
    BulkOperationEdge,
    BulkOperation
);

#[derive(Default)]
pub(crate) struct OperationQuery;

#[Object]
impl OperationQuery {
    /// One page of the bulk operations, the newest first. FORBIDDEN to agents.
    async fn operations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500. 50 where both `first` and `last` are left out.")]
        first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor of the same list.")] after: Option<String>,
        #[graphql(
            desc = "That many from the end, or before `before`, in the list's own order: 1 to 500."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor of the same list.")] before: Option<
            String,
        >,
    ) -> Result<BulkOperationConnection> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let window = Window::new(first, after, last, before)?;
        let page = operation::operations(loader.db().read(), loader.viewer(), &window).await?;
        Ok(BulkOperationConnection::new(page, BulkOperation::group))
    }
}

#[derive(Default)]
pub(crate) struct OperationSubscription;

#[Subscription]
impl OperationSubscription {
    /// A bulk operation until it ends: its present state at once, so that who connects late or again misses nothing, then at most ten states a
    /// second, and always the last one. FORBIDDEN to agents; BAD_USER_INPUT where there is no such operation.
    async fn operation_progress<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<impl Stream<Item = BulkOperation> + use<'ctx>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let operations = &Files::of(ctx)?.operations;
        let states = Box::pin(operations.progress(loader.viewer(), read_id(&id))).await?;
        let states = states.ok_or_else(|| Failure::bad_input("id", "There is no such operation."));
        Ok(states?.map(|row| {
            loader.forget();
            BulkOperation::new(row)
        }))
    }
}
