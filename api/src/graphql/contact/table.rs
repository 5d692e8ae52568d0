//! Rows of a table, as cells and as plain values.

use super::group::{Addresses, Contact, TagRows};
use crate::graphql::{
    column::{Cell, Column},
    error::Result,
    loader::Loader,
};
use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};
use domain::{
    column::{Beside, Row},
    workspace,
};
use entity::{channel, member, team};
use serde_json::Value as Json;
use std::{borrow::Cow, sync::Arc};

/// What the columns of a row read beside the contact; nothing where no column needs it.
#[derive(Default)]
struct Surroundings {
    addresses: Arc<Addresses>,
    channels: Arc<Vec<channel::Model>>,
    members: Arc<Vec<member::Model>>,
    teams: Arc<Vec<team::Model>>,
    tags: Arc<TagRows>,
}

impl Surroundings {
    async fn load(loader: &Loader, contact: &Contact, columns: &[Column]) -> Result<Self> {
        let mut around = Self::default();
        for column in columns {
            // What was read once is there the next time.
            match column.domain().beside() {
                Beside::Nothing => {}
                Beside::Addresses => {
                    around.addresses = contact.addresses(loader).await?;
                    around.channels = loader.channels().await?;
                }
                Beside::Members => around.members = loader.members().await?,
                Beside::Teams => around.teams = loader.teams().await?,
                Beside::Tags => around.tags = contact.tag_rows(loader).await?,
            }
        }
        Ok(around)
    }

    fn row<'a>(&'a self, contact: &'a Contact) -> Row<'a> {
        let addresses = self.addresses.get(&contact.row.id);
        let tags = self.tags.get(&contact.row.id);
        Row {
            contact: &contact.row,
            addresses: addresses.map_or(&[], Vec::as_slice),
            channels: &self.channels,
            members: &self.members,
            teams: &self.teams,
            tags: tags.map_or(&[], Vec::as_slice),
        }
    }
}

/// The cells of one contact; their text only where it is wanted.
pub(super) async fn cells(
    loader: &Loader,
    contact: &Contact,
    columns: Vec<String>,
    with_text: bool,
) -> Result<Vec<Cell>> {
    let columns = loader.columns(columns).await?;
    let around = Surroundings::load(loader, contact, &columns).await?;
    let workspace = if with_text {
        Some(loader.workspace().await?)
    } else {
        None
    };
    let zone = workspace.map(|workspace| workspace::zone(&workspace));
    let row = around.row(contact);
    let cell = |column: &Column| {
        let of = column.domain();
        Cell {
            column: column.clone(),
            value: Some(of.value(&row).into_owned()).filter(|value| !value.is_null()),
            text: zone.and_then(|zone| of.text(&row, zone)),
        }
    };
    Ok(columns.iter().map(cell).collect())
}

/// A page as plain rows. Written in one piece: a list of lists of fields would cost a future for each value.
pub(super) struct Rows {
    contacts: Vec<Contact>,
    columns: Arc<[Column]>,
    around: Surroundings,
}

impl Rows {
    pub(super) async fn load(
        loader: &Loader,
        contacts: Vec<Contact>,
        columns: Vec<String>,
    ) -> Result<Self> {
        let columns = loader.columns(columns).await?;
        let around = match contacts.first() {
            Some(first) => Surroundings::load(loader, first, &columns).await?,
            None => Surroundings::default(),
        };
        Ok(Self {
            contacts,
            columns,
            around,
        })
    }

    fn values(&self, contact: &Contact) -> Value {
        let row = self.around.row(contact);
        let values = self.columns.iter().map(|column| {
            // A value that is no JSON cannot come out of a JSON document.
            Value::from_json(column.domain().value(&row).into_owned()).unwrap_or_default()
        });
        Value::List(values.collect())
    }
}

/// What the schema says that [`Rows`] is.
type Shape = Vec<Vec<Option<Json>>>;

impl OutputType for Rows {
    fn type_name() -> Cow<'static, str> {
        <Shape as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Shape as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Shape as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let rows = self.contacts.iter().map(|contact| self.values(contact));
        Ok(Value::List(rows.collect()))
    }
}
