//! Tags: labels that contacts carry.

use super::{
    connection::connection,
    error::{Failure, Result},
    idempotent::Idempotent,
    loader::{Loader, Once, once, read_id},
    payload::{DeleteInput, DeletePayload, payload},
};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::{page::Window, tag};
use entity::{id::TagId, role::Role, tag::Model};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// The tags of one list: they are counted at once, by the first that is asked.
pub(crate) struct Group {
    ids: BTreeSet<TagId>,
    counts: Once<Arc<HashMap<TagId, i64>>>,
}

impl Group {
    pub(super) fn new(ids: impl IntoIterator<Item = TagId>) -> Arc<Self> {
        Arc::new(Self {
            ids: ids.into_iter().collect(),
            counts: Once::new(),
        })
    }
}

#[derive(Clone)]
pub(crate) struct Tag {
    pub(super) row: Model,
    group: Arc<Group>,
}

impl Tag {
    pub(super) fn new(row: Model, group: &Arc<Group>) -> Self {
        Self {
            row,
            group: Arc::clone(group),
        }
    }

    /// The tags of a list, in its order.
    pub(super) fn group(rows: Vec<Model>) -> Vec<Self> {
        let group = Group::new(rows.iter().map(|row| row.id));
        rows.into_iter().map(|row| Self::new(row, &group)).collect()
    }

    /// One tag, in no list.
    fn one(row: Model) -> Self {
        let group = Group::new([row.id]);
        Self { row, group }
    }
}

/// A label that contacts carry. Agents see those of the contacts whom they see.
#[Object]
impl Tag {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// Its name, 1 to 100 characters, unique in the workspace without regard to case and accents.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// `#` and six hexadecimal digits in lower case; null: none was given.
    async fn colour(&self) -> Option<&str> {
        self.row.colour.as_deref()
    }

    /// How many contacts have it, whatever their status; of those the viewer sees.
    async fn contact_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let loader = Loader::of(ctx)?;
        let counts = once(&self.group.counts, async {
            let ids: Vec<_> = self.group.ids.iter().copied().collect();
            let counts = tag::counts(loader.db().read(), loader.viewer(), &ids).await?;
            Ok(Arc::new(counts))
        })
        .await?;
        let count = counts.get(&self.row.id).copied().unwrap_or_default();
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

connection!(
    /// A page of tags.
    TagConnection,
    /// A tag on a page.
    TagEdge,
    Tag
);

payload!(
    /// What became of a tag's making or change.
    TagPayload,
    /// The tag as it is now; null where the change was refused.
    tag: Tag
);

/// A tag to make.
#[derive(InputObject)]
pub(crate) struct CreateTagInput {
    /// 1 to 100 characters, unique in the workspace without regard to case and accents: else INVALID or TAKEN.
    name: String,
    /// `#` and six hexadecimal digits, such as `#1a2b3c`: else INVALID. Left out: none.
    colour: Option<String>,
}

/// What to change in a tag. What is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateTagInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
    /// 1 to 100 characters, unique in the workspace without regard to case and accents: else INVALID or TAKEN. null stays.
    name: Option<String>,
    /// `#` and six hexadecimal digits, such as `#1a2b3c`: else INVALID. null takes it off.
    colour: MaybeUndefined<String>,
}

/// Which tags to merge into which.
#[derive(InputObject)]
pub(crate) struct MergeTagsInput {
    /// Those that are to go, at most 1,000: more are LIMIT_EXCEEDED. NOT_FOUND for each that is not there, IN_USE for each that a segment's
    /// rules, the filter of an inbox or a broadcast, or a send whose recipients are not fixed yet names, INVALID for `intoId` itself.
    ids: Vec<ID>,
    /// The one that stays. NOT_FOUND where there is none.
    into_id: ID,
}

#[derive(Default)]
pub(crate) struct TagQuery;

#[Object]
impl TagQuery {
    /// One page of the tags, the newest first. FORBIDDEN to agents.
    async fn tags(
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
    ) -> Result<TagConnection> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let window = Window::new(first, after, last, before)?;
        let (db, viewer) = (loader.db(), loader.viewer());
        let page = tag::list(db.read(), viewer, search.as_deref(), &window)
            .await
            .map_err(Failure::from)?;
        Ok(TagConnection::new(page, Tag::group))
    }
}

#[derive(Default)]
pub(crate) struct TagMutation;

#[Object]
impl TagMutation {
    /// Makes a tag. FORBIDDEN to agents.
    async fn create_tag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tag to make.")] input: Idempotent<CreateTagInput>,
    ) -> Result<TagPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let CreateTagInput { name, colour } = input;
        let done = loader.write(key, async |tx| {
            tag::create(tx, loader.viewer(), &name, colour.as_deref())
                .await
                .map(Tag::one)
        });
        Ok(done.await?.into())
    }

    /// Renames a tag, or gives it another colour. Its contacts' versions stay. FORBIDDEN to agents.
    async fn update_tag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which tag.")] input: Idempotent<UpdateTagInput>,
    ) -> Result<TagPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let UpdateTagInput { id, name, colour } = input;
        let colour: Option<Option<String>> = colour.into();
        let colour = colour.as_ref().map(Option::as_deref);
        let viewer = loader.viewer();
        let done = loader.write(key, async |tx| {
            tag::update(tx, viewer, read_id(&id), name.as_deref(), colour)
                .await
                .map(Tag::one)
        });
        Ok(done.await?.into())
    }

    /// Takes a tag off everyone who has it, and deletes it; the contacts' versions stay. One that a segment's rules, the filter of an inbox or a broadcast,
    /// or a send whose recipients are not fixed yet names is IN_USE. FORBIDDEN to agents.
    async fn delete_tag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tag.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            tag::delete(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }

    /// Merges tags: everyone who has one of `ids` has `intoId` instead, and `ids` are deleted; the contacts' versions stay. FORBIDDEN to agents.
    async fn merge_tags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tags to merge into which.")] input: Idempotent<MergeTagsInput>,
    ) -> Result<TagPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let ids: Vec<TagId> = input.ids.iter().map(read_id).collect();
        let done = loader.write(key, async |tx| {
            tag::merge(tx, loader.viewer(), &ids, read_id(&input.into_id))
                .await
                .map(Tag::one)
        });
        Ok(done.await?.into())
    }
}
