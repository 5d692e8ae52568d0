//! Segments: named groups of contacts.

mod mutation;
mod rule;

pub(crate) use mutation::SegmentMutation;

use super::{
    connection::{Count, connection, count_limit},
    contact::{ContactConnection, ContactOrder},
    error::{Failure, Result},
    import::Import,
    loader::{Loader, Once, once, read_id},
};
use async_graphql::{Context, Enum, ID, Object};
use domain::scalar::DateTime;
use domain::{
    contact::Matching,
    filter::ContactFilter,
    page::{self, Window},
    segment,
};
use entity::{
    id::{ImportId, SegmentId},
    role::Role,
    segment::Model,
};
use rule::{SegmentExplanation, SegmentRule};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

/// How a segment is made up. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::segment::SegmentKind")]
pub(crate) enum SegmentKind {
    /// Its contacts are named one by one.
    Static,
    /// A contact belongs while any of its rules holds.
    Rules,
}

type Counts = HashMap<SegmentId, page::Count>;

/// The segments of one list: they are counted at once, by the first that is asked.
pub(crate) struct Group {
    ids: BTreeSet<SegmentId>,
    /// The imports that made them.
    import_ids: BTreeSet<ImportId>,
    imports: Once<Arc<HashMap<ImportId, Import>>>,
    /// By the limit up to which they are counted.
    counts: Mutex<HashMap<u64, Arc<Once<Arc<Counts>>>>>,
}

impl Group {
    pub(super) fn new<'a>(rows: impl IntoIterator<Item = &'a Model> + Clone) -> Arc<Self> {
        let imports = rows.clone().into_iter();
        Arc::new(Self {
            ids: rows.into_iter().map(|row| row.id).collect(),
            import_ids: imports.filter_map(|row| row.created_by_import_id).collect(),
            imports: Once::new(),
            counts: Mutex::default(),
        })
    }

    async fn imports(&self, loader: &Loader) -> Result<Arc<HashMap<ImportId, Import>>> {
        let ids = self.import_ids.iter().copied();
        once(&self.imports, Import::by_ids(loader, ids)).await
    }

    async fn counts(&self, loader: &Loader, limit: u64) -> Result<Arc<Counts>> {
        let known = loader.attributes().await?;
        let cell = {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(counts.entry(limit).or_default())
        };
        once(&cell, async {
            let ids: Vec<_> = self.ids.iter().copied().collect();
            let (db, viewer) = (loader.db(), loader.viewer());
            let counts = segment::counts(db.read(), viewer, &known.all, &ids, limit);
            Ok(Arc::new(counts.await?))
        })
        .await
    }
}

#[derive(Clone)]
pub(crate) struct Segment {
    pub(super) row: Arc<Model>,
    group: Arc<Group>,
}

impl Segment {
    pub(super) fn new(row: Model, group: &Arc<Group>) -> Self {
        Self {
            row: Arc::new(row),
            group: Arc::clone(group),
        }
    }

    /// The segments of a list, in its order.
    pub(super) fn group(rows: Vec<Model>) -> Vec<Self> {
        let group = Group::new(&rows);
        rows.into_iter().map(|row| Self::new(row, &group)).collect()
    }
}

/// A named group of contacts. FORBIDDEN to agents.
#[Object]
#[allow(
    clippy::too_many_arguments,
    reason = "they are the arguments of the field"
)]
impl Segment {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// Its name, 1 to 100 characters, unique in the workspace without regard to case.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// How it is made up.
    async fn kind(&self) -> SegmentKind {
        self.row.kind.into()
    }

    /// How many contacts it has, whatever their status.
    async fn contact_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default = 10000,
            desc = "Where counting stops: `value` then equals it and `exact` is false. 0 counts all, which takes longer. A negative one is BAD_USER_INPUT."
        )]
        limit: i32,
    ) -> Result<Count> {
        let counts = self
            .group
            .counts(Loader::of(ctx)?, count_limit(limit)?)
            .await?;
        // Deleted meanwhile: it has none.
        let none = page::Count {
            value: 0,
            exact: true,
        };
        Ok(counts.get(&self.row.id).copied().unwrap_or(none).into())
    }

    /// One page of its contacts, whatever their status.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Those of them for whom this holds.")] filter: Option<ContactFilter>,
        #[graphql(desc = "Those of them whom the search box finds: see `contacts`.")]
        search: Option<String>,
        #[graphql(
            desc = "Sorted by this column. Left out: the newest first. A second entry is BAD_USER_INPUT."
        )]
        order_by: Option<Vec<ContactOrder>>,
        #[graphql(
            desc = "That many from the beginning, or after `after`: 1 to 500. 50 where neither `first` nor `last` is given; both are BAD_USER_INPUT."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor of the same list in the same order.")]
        after: Option<String>,
        #[graphql(
            desc = "That many from the end, or before `before`, in the list's own order: 1 to 500."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor of the same list in the same order.")]
        before: Option<String>,
    ) -> Result<ContactConnection> {
        let matching = Matching {
            inbox: None,
            segment_id: Some(self.row.id),
            status: None,
            filter,
            search,
        };
        let window = Window::new(first, after, last, before)?;
        ContactConnection::load(ctx, matching, order_by, window).await
    }

    /// RULES: a contact belongs while any of these holds. Empty for others.
    async fn rules(&self) -> Vec<SegmentRule> {
        self.row.rules.0.iter().cloned().map(SegmentRule).collect()
    }

    /// STATIC, made by an import: which one; null for others, and for whom imports are FORBIDDEN.
    async fn created_by_import(&self, ctx: &Context<'_>) -> Result<Option<Import>> {
        let loader = Loader::of(ctx)?;
        match self.row.created_by_import_id {
            Some(id) if loader.viewer().sees_imports().is_ok() => {
                Ok(self.group.imports(loader).await?.get(&id).cloned())
            }
            _ => Ok(None),
        }
    }

    /// Which rules put a contact in, and which conditions keep it out.
    async fn explain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact. BAD_USER_INPUT where there is none.")] contact_id: ID,
    ) -> Result<SegmentExplanation> {
        let loader = Loader::of(ctx)?;
        let known = loader.attributes().await?;
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let id = read_id(&contact_id);
        let found = segment::explain(conn, viewer, &known.all, &self.row, id).await?;
        let found = found.map(SegmentExplanation::from);
        found.ok_or_else(|| Failure::bad_input("contactId", "There is no such contact."))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }
}

connection!(
    /// A page of segments.
    SegmentConnection,
    /// A segment on a page.
    SegmentEdge,
    Segment
);

#[derive(Default)]
pub(crate) struct SegmentQuery;

#[Object]
impl SegmentQuery {
    /// One page of the segments, the newest first. FORBIDDEN to agents.
    async fn segments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Those whose name has this in it, without regard to case and accents.")]
        search: Option<String>,
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
    ) -> Result<SegmentConnection> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let window = Window::new(first, after, last, before)?;
        let (db, viewer) = (loader.db(), loader.viewer());
        let page = segment::list(db.read(), viewer, search.as_deref(), &window)
            .await
            .map_err(Failure::from)?;
        Ok(SegmentConnection::new(page, Segment::group))
    }
}
