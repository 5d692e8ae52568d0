//! An import.

use super::{
    error::{ImportError, ImportErrorCode, ImportErrorConnection, ImportFailure},
    file::File,
    inspection::{ColumnMapping, CsvInspection},
    setting::{ImportKind, MatchBy, OnInvalid},
};
use crate::graphql::{
    channel::Channel,
    error::Result,
    job::{JobStatus, Progress, whole},
    lists::Lists,
    loader::{Loader, Once, once},
    member::Member,
    segment::Segment,
};
use async_graphql::{Context, ID, Object};
use domain::scalar::{CountryCode, DateTime, TimeZone};
use domain::{import, page::Window};
use entity::{
    id::{ImportId, SegmentId},
    import::Model,
    import_error, member, segment,
};
use std::{collections::HashMap, sync::Arc};

/// What the imports of one list share: the segments and members that they name, read once for all of them.
struct Group {
    rows: Vec<Arc<Model>>,
    segments: Once<Arc<HashMap<SegmentId, Segment>>>,
    members: Once<Arc<Vec<member::Model>>>,
    errors: Lists<Asked, ImportId, ImportError>,
}

/// What is asked for of each import's errors: of which kind, and which page of them.
type Asked = (Option<import_error::ImportErrorCode>, Window);

impl Group {
    fn new(rows: Vec<Arc<Model>>) -> Arc<Self> {
        Arc::new(Self {
            rows,
            segments: Once::default(),
            members: Once::default(),
            errors: Lists::new(),
        })
    }
}

#[derive(Clone)]
pub(crate) struct Import {
    pub(in crate::graphql) row: Arc<Model>,
    group: Arc<Group>,
}

impl Import {
    /// One alone.
    pub(crate) fn one(row: Arc<Model>) -> Self {
        let group = Group::new(vec![Arc::clone(&row)]);
        Self { row, group }
    }

    /// The imports of a list, in its order.
    pub(crate) fn group(rows: Vec<Model>) -> Vec<Self> {
        let rows: Vec<Arc<Model>> = rows.into_iter().map(Arc::new).collect();
        let group = Group::new(rows.clone());
        rows.into_iter()
            .map(|row| Self {
                row,
                group: Arc::clone(&group),
            })
            .collect()
    }

    /// Those of these ids, by id, in one statement.
    pub(crate) async fn by_ids(
        loader: &Loader,
        ids: impl IntoIterator<Item = ImportId>,
    ) -> domain::error::Result<Arc<HashMap<ImportId, Self>>> {
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let rows = viewer.by_ids::<entity::import::Entity>(conn, ids).await?;
        let imports = Self::group(rows).into_iter();
        Ok(Arc::new(
            imports.map(|import| (import.row.id, import)).collect(),
        ))
    }

    async fn find_channel(&self, ctx: &Context<'_>) -> Result<Option<Channel>> {
        let channels = Loader::of(ctx)?.channels().await?;
        Ok(channels
            .iter()
            .find(|channel| Some(channel.id) == self.row.channel_id)
            .cloned()
            .map(Channel))
    }

    async fn find_segment(&self, ctx: &Context<'_>) -> Result<Option<Segment>> {
        let Some(id) = self.row.segment_id else {
            return Ok(None);
        };
        let loader = Loader::of(ctx)?;
        let segments = once(&self.group.segments, async {
            let ids = self.group.rows.iter().filter_map(|row| row.segment_id);
            let (conn, viewer) = (loader.db().read(), loader.viewer());
            let rows = viewer.by_ids::<segment::Entity>(conn, ids).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let segments = ids.into_iter().zip(Segment::group(rows));
            Ok(Arc::new(segments.collect::<HashMap<_, _>>()))
        })
        .await?;
        Ok(segments.get(&id).cloned())
    }

    async fn find_creator(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let Some(id) = self.row.created_by_member_id else {
            return Ok(None);
        };
        let loader = Loader::of(ctx)?;
        let rows = once(&self.group.members, async {
            let ids = self
                .group
                .rows
                .iter()
                .filter_map(|row| row.created_by_member_id)
                .collect::<Vec<_>>();
            Ok(Arc::new(
                loader
                    .viewer()
                    .by_ids::<member::Entity>(loader.db().read(), ids)
                    .await?,
            ))
        })
        .await?;
        Ok(rows.iter().find(|row| row.id == id).cloned().map(Member))
    }

    fn file(&self, key: Option<&String>, size: i64, suffix: &str) -> Option<File> {
        let stem = self
            .row
            .file_name
            .strip_suffix(".csv")
            .unwrap_or(&self.row.file_name);
        let name = if suffix.is_empty() {
            self.row.file_name.clone()
        } else {
            format!("{stem}-{suffix}.csv")
        };
        Some(File {
            key: key?.clone(),
            name,
            size,
        })
    }
}

/// A file of contacts, from its upload to its result. At every moment `progress.done` = `createdCount` + `updatedCount` +
/// `unchangedCount` + `failedCount` + `duplicateCount` + `discardedCount`: every row read has one outcome.
#[Object]
impl Import {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// Which rules hold for it.
    async fn kind(&self) -> ImportKind {
        self.row.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> JobStatus {
        self.row.status.into()
    }

    /// The file's name, without folders.
    async fn file_name(&self) -> &str {
        &self.row.file_name
    }

    /// What was seen while the file came in; null where it could not be read.
    async fn inspection(&self) -> Option<CsvInspection> {
        self.row.inspection.clone().map(CsvInspection)
    }

    /// What becomes of each column, in the file's order: proposed until the import is started.
    async fn mapping(&self) -> Vec<ColumnMapping> {
        self.row
            .mapping
            .0
            .iter()
            .cloned()
            .map(ColumnMapping)
            .collect()
    }

    /// The channel of a broadcast list.
    async fn channel(&self, ctx: &Context<'_>) -> Option<Result<Channel>> {
        self.find_channel(ctx).await.transpose()
    }

    /// The country of phone numbers without a `+`; null: they need one.
    async fn country(&self) -> Option<CountryCode> {
        self.row.country.clone().map(CountryCode)
    }

    /// The name of the segment that those who go in are added to.
    async fn segment_name(&self) -> Option<&str> {
        self.row.segment_name.as_deref()
    }

    /// That segment, once the import is started.
    async fn segment(&self, ctx: &Context<'_>) -> Option<Result<Segment>> {
        self.find_segment(ctx).await.transpose()
    }

    /// The keys by which a row finds its contact: the first that it has a value for. Empty until started, where they are to be
    /// proposed: then all that the mapped columns allow, in the enum's order.
    async fn match_by(&self) -> Vec<MatchBy> {
        self.row
            .match_by
            .0
            .iter()
            .copied()
            .map(Into::into)
            .collect()
    }

    /// What a cell that does not fit does.
    async fn on_invalid(&self) -> OnInvalid {
        self.row.on_invalid.into()
    }

    /// Whether an empty cell removes the value.
    async fn empty_clears(&self) -> bool {
        self.row.empty_clears
    }

    /// The zone of DATETIME cells without an offset.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.row.time_zone.clone())
    }

    /// How far it is, in rows.
    async fn progress(&self) -> Progress {
        import::progress(&self.row).into()
    }

    /// Rows that made a contact.
    async fn created_count(&self) -> i32 {
        whole(self.row.created_count)
    }

    /// Rows that changed a contact.
    async fn updated_count(&self) -> i32 {
        whole(self.row.updated_count)
    }

    /// Rows that found everything as they say.
    async fn unchanged_count(&self) -> i32 {
        whole(self.row.unchanged_count)
    }

    /// Rows with an error. They changed nothing.
    async fn failed_count(&self) -> i32 {
        whole(self.row.failed_count)
    }

    /// Earlier rows of a contact that comes again in the file; its last one counts alone.
    async fn duplicate_count(&self) -> i32 {
        whole(self.row.duplicate_count)
    }

    /// Rows past the row limit of broadcast lists.
    async fn discarded_count(&self) -> i32 {
        whole(self.row.discarded_count)
    }

    /// What was wrong with which row, in the order of the rows.
    async fn errors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this kind alone.")] code: Option<ImportErrorCode>,
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
    ) -> Result<ImportErrorConnection> {
        let loader = Loader::of(ctx)?;
        let window = Window::new(first, after, last, before)?;
        let code = code.map(Into::into);
        let ids = self.group.rows.iter().map(|row| row.id);
        let load = import::errors(loader.db().read(), ids, code, &window);
        let wrap = |rows: Vec<import_error::Model>| rows.into_iter().map(Into::into).collect();
        let (errors, own) = (&self.group.errors, self.row.id);
        let page = errors.page((code, window.clone()), own, &window, load, wrap);
        Ok(ImportErrorConnection::new(page.await?, |items| items))
    }

    /// Why the whole file was refused; null where it was not.
    async fn failure(&self) -> Option<ImportFailure> {
        Some(ImportFailure {
            code: self.row.failure_code?.into(),
            message: self.row.failure_message.clone().unwrap_or_default(),
            header: self.row.failure_header.clone(),
        })
    }

    /// Why it is FAILED, for people; null where it is not.
    async fn failure_message(&self) -> Option<&str> {
        self.row.failure_message.as_deref()
    }

    /// The file as it was uploaded; null where it was too large to be kept.
    async fn source_file(&self) -> Option<File> {
        self.file(self.row.source_key.as_ref(), self.row.source_size, "")
    }

    /// The source with one more column, Comments, which says what was wrong with which row; null until it has ended. That of a
    /// cancelled import follows within moments.
    async fn result_file(&self) -> Option<File> {
        self.file(self.row.result_key.as_ref(), self.row.result_size, "result")
    }

    /// The failed rows alone, with Comments: mend them and upload the file again. Null until it has ended, and where no row failed.
    async fn failed_rows_file(&self) -> Option<File> {
        self.file(self.row.failed_key.as_ref(), self.row.failed_size, "failed")
    }

    /// The member who uploaded it; null: a script or the command line, which `createdByName` names.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        self.find_creator(ctx).await.transpose()
    }

    /// Who uploaded it: the name that the member or the token had then, or `command line`.
    async fn created_by_name(&self) -> &str {
        &self.row.created_by_name
    }

    /// When it was uploaded.
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

    /// When it last moved: changed its status, or brought rows to an end. One that is RUNNING moves several times a second.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at.unwrap_or(self.row.created_at))
    }
}
