//! Exports: contacts as a CSV file.

mod mutation;

pub(crate) use mutation::ExportMutation;

use super::{
    column::Column,
    connection::connection,
    error::{Failure, Result},
    import::{File, Files},
    job::{JobStatus, Progress, whole},
    loader::{Loader, read_id},
    member::Member,
};
use async_graphql::{Context, Enum, ID, Object, Subscription};
use domain::{export, page::Window, scalar::DateTime};
use entity::{export::Model, role::Role};
use futures_util::{Stream, StreamExt};
use std::sync::Arc;

/// How a file is written.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::export::ExportFormat")]
pub(crate) enum ExportFormat {
    /// As RFC 4180 says: commas, quotes where they are needed, CR LF behind every line; UTF-8.
    Csv,
    /// The same with a byte order mark, by which Excel knows UTF-8.
    CsvExcel,
}

#[derive(Clone)]
pub(crate) struct Export(pub(super) Arc<Model>);

impl Export {
    pub(super) fn new(row: Model) -> Self {
        Self(Arc::new(row))
    }
}

/// Contacts as a CSV file, made in the background: watch it with `exportProgress`. All rows show the same moment. Cells that a spreadsheet would
/// run as a formula begin with an apostrophe, which an import takes off again; so an export that is imported unchanged changes nothing.
#[Object]
impl Export {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Where it stands.
    async fn status(&self) -> JobStatus {
        self.0.status.into()
    }

    /// Why it is FAILED, for people; null where it is not.
    async fn failure_message(&self) -> Option<&str> {
        self.0.failure_message.as_deref()
    }

    /// Its columns from left to right; those that are gone by now are left out.
    async fn columns(&self, ctx: &Context<'_>) -> Result<Vec<Column>> {
        let known = Loader::of(ctx)?.attributes().await?;
        let columns = self.0.columns.0.iter();
        Ok(columns
            .filter_map(|kept| Column::kept(kept, &known))
            .collect())
    }

    /// How the file is written.
    async fn format(&self) -> ExportFormat {
        self.0.format.into()
    }

    /// How far it is, in contacts; the total is null until they are counted.
    async fn progress(&self) -> Progress {
        export::progress(&self.0).into()
    }

    /// The rows of the file, its header not counted; null until it is whole.
    async fn row_count(&self) -> Option<i32> {
        self.0.file_key.as_ref().map(|_| whole(self.0.row_count))
    }

    /// The moment at which the file shows the contacts; null until it began.
    async fn snapshot_at(&self) -> Option<DateTime> {
        self.0.snapshot_at.map(DateTime)
    }

    /// SHA-256 of the file, in 64 hexadecimal digits; null until it is whole.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }

    /// The file; null until it is whole.
    async fn file(&self) -> Option<File> {
        let day = self.0.snapshot_at.unwrap_or(self.0.created_at);
        Some(File {
            key: self.0.file_key.clone()?,
            name: format!("contacts-{}.csv", day.format("%Y-%m-%d")),
            size: self.0.file_size,
        })
    }

    /// The member who asked for it; null: a script, which `createdByName` names.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let id = self.0.created_by_member_id?;
        let found = async || Loader::of(ctx)?.member(id).await;
        found().await.transpose()
    }

    /// Who asked for it: the name that the member or the token had then.
    async fn created_by_name(&self) -> &str {
        &self.0.created_by_name
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When a worker first took it up.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }
}

connection!(
    /// A page of exports.
    ExportConnection,
    /// An export on a page.
    ExportEdge,
    Export
);

#[derive(Default)]
pub(crate) struct ExportQuery;

#[Object]
impl ExportQuery {
    /// One page of the exports, the newest first; to whom contacts or addresses are hidden, those alone that hide them too. FORBIDDEN to agents,
    /// and to who may not export.
    async fn exports(
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
    ) -> Result<ExportConnection> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let window = Window::new(first, after, last, before)?;
        let page = export::exports(loader.db().read(), loader.viewer(), &window).await?;
        Ok(ExportConnection::new(page, |rows| {
            rows.into_iter().map(Export::new).collect()
        }))
    }
}

#[derive(Default)]
pub(crate) struct ExportSubscription;

#[Subscription]
impl ExportSubscription {
    /// An export until it ends: its present state at once, so that who connects late or again misses nothing, then at most ten states a second, and
    /// always the last one. FORBIDDEN to agents, and to who may not export; BAD_USER_INPUT where there is no such export.
    async fn export_progress<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<impl Stream<Item = Export> + use<'ctx>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        export::may_export(loader.viewer())?;
        let exports = &Files::of(ctx)?.exports;
        let states = Box::pin(exports.progress(loader.viewer(), read_id(&id))).await?;
        let states = states.ok_or_else(|| Failure::bad_input("id", "There is no such export."));
        Ok(states?.map(|row| {
            loader.forget();
            Export(row)
        }))
    }
}
