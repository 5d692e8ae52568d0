//! Attributes: the workspace's custom columns. Their values are in `value`.

use super::{
    error::Result,
    idempotent::Idempotent,
    import::Import,
    loader::{Loader, read_id},
    operation::BulkOperation,
    payload::{Settled, UserError},
};
use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use domain::attribute::{self, NewAttribute};
use domain::scalar::DateTime;
use entity::{attribute::Model, id::AttributeId, role::Role};
use std::sync::Arc;

/// The type of an attribute's values, and of a column's cells.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::attribute::AttributeType")]
pub(crate) enum AttributeType {
    /// Text of up to 10,000 characters: a JSON string.
    Text,
    /// A number of at most 15 significant digits: a JSON number.
    Number,
    /// A calendar date: a JSON string `YYYY-MM-DD`.
    Date,
    /// A local time of day: a JSON string `HH:MM:SS`.
    Time,
    /// An instant: a JSON string of RFC 3339, in answers in UTC. One without an offset is read in the workspace's time zone.
    #[graphql(name = "DATETIME")]
    DateTime,
    /// A JSON true or false.
    Boolean,
    /// A JSON array of anything, up to 10,000 characters when written.
    Array,
    /// A JSON object, up to 10,000 characters when written.
    Object,
    /// A place: a JSON object with `latitude` (-90 to 90) and `longitude` (-180 to 180), in degrees, and perhaps a `name`. Of numbers with more
    /// than 15 digits, as devices give them, nine decimal places are kept.
    Location,
}

#[derive(Clone)]
pub(crate) struct Attribute(pub(super) Arc<Model>);

/// A custom column of the workspace.
#[Object]
impl Attribute {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its key, unique in the workspace without regard to case. As a column it is `attr.` and the key.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// What a table shows above it.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// The type of its values, for ever.
    #[graphql(name = "type")]
    async fn type_(&self) -> AttributeType {
        self.0.r#type.into()
    }

    /// What it is for.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Whether it has an index: the table can be sorted by it, and filters on it are quick. While an index is being filled it is not used, and this is
    /// false.
    async fn filterable(&self) -> bool {
        self.0.readable_slot().is_some()
    }

    /// How many contacts have a value, whatever their status; of those the viewer sees. Asked for, it costs a look at every contact, once for all
    /// attributes of a request.
    async fn usage_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let usage = Loader::of(ctx)?.attribute_usage().await?;
        let count = usage.get(&self.0.id).copied().unwrap_or_default();
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// The import that brought it; null where it was made in another way, and for whom imports are FORBIDDEN.
    async fn created_by_import(&self, ctx: &Context<'_>) -> Result<Option<Import>> {
        let loader = Loader::of(ctx)?;
        match self.0.created_by_import_id {
            Some(id) if loader.viewer().sees_imports().is_ok() => {
                Ok(loader.attribute_imports().await?.get(&id).cloned())
            }
            _ => Ok(None),
        }
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

/// What became of an attribute's making or change.
#[derive(SimpleObject)]
pub(crate) struct AttributePayload {
    /// The attribute as it is now; null where it was refused.
    attribute: Option<Attribute>,
    /// What fills or empties its index, in the background: watch it with `operationProgress`. Null where there is nothing to do.
    operation: Option<BulkOperation>,
    /// What the person can mend. Empty where the change was made; otherwise nothing was changed.
    user_errors: Vec<UserError>,
}

impl From<Settled<(Attribute, Option<BulkOperation>)>> for AttributePayload {
    fn from(settled: Settled<(Attribute, Option<BulkOperation>)>) -> Self {
        let (done, user_errors) = match settled {
            Ok(done) => (Some(done), Vec::new()),
            Err(errors) => (None, errors),
        };
        let (attribute, operation) = done.unzip();
        Self {
            attribute,
            operation: operation.flatten(),
            user_errors,
        }
    }
}

/// An attribute to make. A workspace has at most 500.
#[derive(InputObject)]
pub(crate) struct CreateAttributeInput {
    /// Its key, without `attr.`: begins with a letter or digit and has at most 64 letters, digits, spaces and `_ - .`, else INVALID. Unique in
    /// the workspace without regard to case: else TAKEN, or ATTRIBUTE_TYPE_CONFLICT where the other one has another type.
    key: String,
    /// What a table shows above it, at most 100 characters; left out or empty: the key.
    label: Option<String>,
    /// The type of its values, for ever.
    r#type: AttributeType,
    /// What it is for, at most 1000 characters.
    description: Option<String>,
    /// Whether it gets one of the workspace's indexes (ten for TEXT, ten for NUMBER, DATE, TIME and DATETIME together). Left out: while half
    /// of them are free, TIME excepted. true answers LIMIT_EXCEEDED where none is free, INVALID for the other types.
    filterable: Option<bool>,
}

impl From<CreateAttributeInput> for NewAttribute {
    fn from(input: CreateAttributeInput) -> Self {
        let CreateAttributeInput {
            key,
            label,
            r#type,
            description,
            filterable,
        } = input;
        Self {
            key,
            label,
            r#type: r#type.into(),
            description,
            filterable,
            import_id: None,
        }
    }
}

/// What to change in an attribute. Its key and its type are for ever.
#[derive(InputObject)]
pub(crate) struct UpdateAttributeInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
    /// What a table shows above it, 1 to 100 characters: else INVALID. Left out or null: it stays.
    label: Option<String>,
    /// What it is for, at most 1000 characters: else INVALID. Left out: it stays; null or blank: none.
    description: MaybeUndefined<String>,
    /// Whether it has one of the workspace's indexes (ten for TEXT, ten for NUMBER, DATE, TIME and DATETIME together). true gives it a free one,
    /// LIMIT_EXCEEDED where none is free and INVALID for the other types: the table can be sorted by it once the payload's `operation` is
    /// COMPLETED. false takes it away: at once nothing is sorted by it any more, filters on it work all the same but more slowly, and
    /// the index is free for another attribute once the `operation` is COMPLETED. Left out or null: it stays. Where an operation
    /// on it was cancelled or has FAILED, asking again goes on.
    filterable: Option<bool>,
}

/// What to delete.
#[derive(InputObject)]
pub(crate) struct DeleteAttributeInput {
    /// Its id. NOT_FOUND where there is none, IN_USE while the rules of a segment, the filter of an inbox, a broadcast (its filter or its text), a block or a
    /// send that has not ended names it, or an import that is under way writes to it.
    id: ID,
    /// How many contacts have a value, as the person saw it (`usageCount`): CONFLICT where it is another number by now, and nothing is deleted.
    /// REQUIRED where anybody has one.
    expected_count: Option<i32>,
}

/// What became of an attribute's deletion.
#[derive(SimpleObject)]
pub(crate) struct DeleteAttributePayload {
    /// The id that no longer exists; null where the deletion was refused.
    deleted_id: Option<ID>,
    /// What takes the values away from the contacts, in the background: watch it with `operationProgress`. Null where the deletion was refused.
    operation: Option<BulkOperation>,
    /// What the person can mend. Empty where it was deleted; otherwise nothing was changed.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct AttributeQuery;

#[Object]
impl AttributeQuery {
    /// The workspace's custom columns, oldest first. FORBIDDEN to agents.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<Attribute>> {
        let attributes = Loader::require(ctx, Role::Manager)?.attributes().await?;
        Ok(attributes.iter().cloned().collect())
    }
}

#[derive(Default)]
pub(crate) struct AttributeMutation;

#[Object]
impl AttributeMutation {
    /// Makes a custom column. FORBIDDEN to agents.
    async fn create_attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attribute to make.")] input: Idempotent<CreateAttributeInput>,
    ) -> Result<AttributePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            let row = attribute::create(tx, loader.viewer(), input.into()).await?;
            Ok((Attribute(Arc::new(row)), None))
        });
        Ok(done.await?.into())
    }

    /// Changes how a custom column is called and described, and whether it has an index; no contact changes. FORBIDDEN to agents.
    async fn update_attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which attribute.")] input: Idempotent<
            UpdateAttributeInput,
        >,
    ) -> Result<AttributePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let UpdateAttributeInput {
            id,
            label,
            description,
            filterable,
        } = input;
        let change = attribute::Update {
            label,
            description: description.into(),
            filterable,
        };
        let done = loader.write(key, async |tx| {
            let written = attribute::update(tx, loader.viewer(), read_id(&id), change).await?;
            let (row, operation) = written;
            Ok((Attribute(Arc::new(row)), operation.map(BulkOperation::new)))
        });
        Ok(done.await?.into())
    }

    /// Deletes a custom column with the values of all contacts. It disappears at once from columns, table views, attributes and filters, and its key may
    /// be given to a new one of any type; a filter that names it is BAD_USER_INPUT, and an export that does and has not begun FAILS. The values,
    /// which nobody sees any more, leave the contacts and the search box in the background; no version counts that. Where that operation has
    /// FAILED, asking again begins another one. FORBIDDEN to agents, and to whoever sees assigned contacts alone.
    async fn delete_attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how many have a value.")] input: Idempotent<
            DeleteAttributeInput,
        >,
    ) -> Result<DeleteAttributePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let id: AttributeId = read_id(&input.id);
        let expected = input.expected_count.map(i64::from);
        let done = loader.write(key, async |tx| {
            let operation = attribute::delete(tx, loader.viewer(), id, expected).await?;
            Ok((ID::from(id.to_string()), BulkOperation::new(operation)))
        });
        let (done, user_errors) = match done.await? {
            Ok(done) => (Some(done), Vec::new()),
            Err(errors) => (None, errors),
        };
        let (deleted_id, operation) = done.unzip();
        Ok(DeleteAttributePayload {
            deleted_id,
            operation,
            user_errors,
        })
    }
}
