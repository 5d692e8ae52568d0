//! Columns: all that a table can show.

use super::{
    attribute::{Attribute, AttributeType},
    error::{Failure, Result},
    loader::{Known, Loader},
};
use async_graphql::{Context, Object, SimpleObject};
use domain::{
    column::{self, BuiltIn, Column as DomainColumn},
    contact,
};
use entity::{column::ColumnRef, role::Role};
use serde_json::Value as Json;

/// Something that a table can show.
#[derive(Clone)]
pub(crate) enum Column {
    BuiltIn(&'static BuiltIn),
    Attribute(Attribute),
}

impl Column {
    /// The column of this key; one that is not there is a slip of the program that asks.
    pub(super) fn find(key: &str, known: &Known, path: &str) -> Result<Self> {
        column::find(key, &known.all)
            .and_then(|column| Self::new(&column, known))
            .ok_or_else(|| Failure::bad_input(path, format!("There is no column \"{key}\".")))
    }

    /// The column that was kept; none where it is no longer there.
    pub(super) fn kept(kept: &ColumnRef, known: &Known) -> Option<Self> {
        Self::new(&column::kept(kept, &known.all)?, known)
    }

    pub(super) fn new(column: &DomainColumn<'_>, known: &Known) -> Option<Self> {
        Some(match column {
            DomainColumn::BuiltIn(built_in) => Self::BuiltIn(built_in),
            DomainColumn::Attribute(row) => Self::Attribute(known.by_id(row.id)?.clone()),
        })
    }

    pub(super) fn domain(&self) -> DomainColumn<'_> {
        match self {
            Self::BuiltIn(built_in) => DomainColumn::BuiltIn(built_in),
            Self::Attribute(attribute) => DomainColumn::Attribute(&attribute.0),
        }
    }
}

/// Something that a table can show: a field that every contact has, or an attribute.
#[Object]
impl Column {
    /// Stable, the same everywhere: `name`, `email`, `createdAt` …, and `attr.` with the key for attributes.
    async fn key(&self) -> String {
        self.domain().key()
    }

    /// What a table shows above it.
    async fn label(&self) -> String {
        self.domain().label().to_owned()
    }

    /// The type of its cells.
    #[graphql(name = "type")]
    async fn type_(&self) -> AttributeType {
        self.domain().r#type().into()
    }

    /// Whether every workspace has it; false: it is an attribute.
    async fn built_in(&self) -> bool {
        matches!(self, Self::BuiltIn(_))
    }

    /// The attribute; null for a built-in column.
    async fn attribute(&self) -> Option<&Attribute> {
        match self {
            Self::BuiltIn(_) => None,
            Self::Attribute(attribute) => Some(attribute),
        }
    }

    /// Whether `orderBy` takes it from this viewer. An attribute of a type that can be sorted gets there by `updateAttribute(filterable: true)`.
    async fn sortable(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Loader::of(ctx)?.viewer();
        Ok(contact::can_order_by(viewer, &self.domain()))
    }

    /// Whether a table must show it. True for `name` alone.
    async fn required(&self) -> bool {
        matches!(self, Self::BuiltIn(built_in) if built_in.key == "name")
    }
}

/// What a table shows for one contact in one column.
#[derive(SimpleObject)]
pub(crate) struct Cell {
    /// The column.
    pub(super) column: Column,
    /// The value as JSON, as the column's type says; null where there is none.
    pub(super) value: Option<Json>,
    /// The value written for people, times in the workspace's time zone; null where there is none.
    pub(super) text: Option<String>,
}

#[derive(Default)]
pub(crate) struct ColumnQuery;

#[Object]
impl ColumnQuery {
    /// All that a table can show: the built-in columns in the order in which a table offers them, then the attributes, oldest first. FORBIDDEN
    /// to agents.
    async fn columns(&self, ctx: &Context<'_>) -> Result<Vec<Column>> {
        let known = Loader::require(ctx, Role::Manager)?.attributes().await?;
        Ok(column::all(&known.all)
            .filter_map(|column| Column::new(&column, &known))
            .collect())
    }
}
