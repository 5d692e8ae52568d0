//! Table views: which columns who asks sees in a table, and how it is sorted.

use super::{
    column::Column,
    contact::{ContactOrder, Direction, Nulls},
    error::{Failure, Result},
    idempotent::Idempotent,
    inbox::Inbox,
    loader::Loader,
    payload::payload,
    receipt::Receipt,
};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use domain::{
    inbox::InboxKey,
    table_view::{self, NewColumn},
};
use entity::role::Role;
use serde_json::Value as Json;

pub(crate) struct TableView(table_view::TableView);

/// How who asks wants one table: each member has a view of their own of every inbox, whatever their token, and so has each token of a script.
#[Object]
impl TableView {
    /// Its id: the same whether it was ever saved or not, and the same for everyone who looks at this inbox; not for `node`.
    async fn id(&self) -> ID {
        match &self.0.inbox {
            Some(inbox) => format!("view_{}", inbox.key()).into(),
            None => "view_contacts".into(),
        }
    }

    /// The inbox whose table it is; null: it is that of all contacts, without an inbox.
    async fn inbox(&self) -> Option<Inbox> {
        self.0.inbox.clone().map(Inbox)
    }

    /// The columns from left to right; `name` is always among them. An attribute that was deleted is left out.
    async fn columns(&self, ctx: &Context<'_>) -> Result<Vec<TableColumn>> {
        let known = Loader::of(ctx)?.attributes().await?;
        let shown = self.0.columns(&known.all).into_iter();
        let shown = shown.filter_map(|shown| {
            let column = Column::new(&shown.column, &known)?;
            let width = shown.width;
            Some(TableColumn { column, width })
        });
        Ok(shown.collect())
    }

    /// What the table is sorted by, as `contacts(orderBy:)` takes it: one entry, or none for the newest first. A column that it can no longer be
    /// sorted by is left out: a deleted attribute, one that lost its index, phone number and e-mail address where they are hidden by now.
    async fn order_by(&self, ctx: &Context<'_>) -> Result<Vec<TableOrder>> {
        let loader = Loader::of(ctx)?;
        let known = loader.attributes().await?;
        let sorted = self.0.order(loader.viewer(), &known.all).into_iter();
        let sorted = sorted.filter_map(|sorted| {
            Some(TableOrder {
                column: Column::new(&sorted.column, &known)?,
                direction: Direction::of(sorted.descending),
                nulls: sorted.nulls.into(),
            })
        });
        Ok(sorted.collect())
    }
}

/// A column of a table.
#[derive(SimpleObject)]
pub(crate) struct TableColumn {
    /// Which.
    column: Column,
    /// Its width in pixels; null: none was given, it is as wide as you like.
    width: Option<i32>,
}

/// What a table is sorted by.
#[derive(SimpleObject)]
pub(crate) struct TableOrder {
    /// By which column.
    column: Column,
    /// Upwards or downwards.
    direction: Direction,
    /// Where contacts without a value stand, whatever the direction.
    nulls: Nulls,
}

payload!(
    /// What became of a table view's change.
    TableViewPayload,
    /// The view as it is now; null where the change was refused.
    table_view: TableView
);

/// What to change in the view of a table. What is left out stays, null is as by default again.
#[derive(InputObject)]
pub(crate) struct UpdateTableViewInput {
    /// The inbox whose table it is. Left out or null: that of all contacts, without an inbox. NOT_FOUND where there is none.
    inbox_id: Option<ID>,
    /// The columns from left to right, at most 100: more are LIMIT_EXCEEDED. REQUIRED where `name` is not among them.
    columns: MaybeUndefined<Vec<TableColumnInput>>,
    /// What the table is sorted by: one entry, else LIMIT_EXCEEDED; an empty list is the newest first, which is the default. NOT_FOUND for a column
    /// that is not there, INVALID for one that is not `sortable`, FORBIDDEN for one that is hidden from you.
    order_by: MaybeUndefined<Vec<ContactOrder>>,
}

/// A column to show.
#[derive(InputObject)]
pub(crate) struct TableColumnInput {
    /// Its key, such as `name` or `attr.plan`. NOT_FOUND where there is none, INVALID where it is named before.
    column: String,
    /// Its width in pixels, 20 to 2000: else INVALID. Left out or null: none.
    width: Option<i32>,
}

#[derive(Default)]
pub(crate) struct TableViewQuery;

#[Object]
impl TableViewQuery {
    /// How who asks wants the table of one inbox, or that of all contacts. Where nothing was saved: name, phone, email, channel, status, blockedAt,
    /// firstContactAt, lastInteractionAt and createdAt, the newest first. FORBIDDEN to agents.
    async fn table_view(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The inbox. Left out: the table of all contacts, without an inbox. BAD_USER_INPUT where there is none."
        )]
        inbox_id: Option<ID>,
    ) -> Result<TableView> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let found = table_view::get(conn, viewer, read_inbox(inbox_id)).await?;
        let missing = || Failure::bad_input("inboxId", "There is no such inbox.");
        found.map(TableView).ok_or_else(missing)
    }
}

/// It has no id of its own: the inbox says which it is.
impl Receipt for TableView {
    fn written(&self) -> Json {
        self.0
            .inbox
            .as_ref()
            .map(|inbox| inbox.key().to_string())
            .into()
    }

    async fn read(loader: &Loader, written: &Json) -> Result<Option<Self>> {
        let inbox = read_inbox(written.as_str().map(ID::from));
        let found = table_view::get(loader.db().read(), loader.viewer(), inbox).await?;
        Ok(found.map(Self))
    }
}

#[derive(Default)]
pub(crate) struct TableViewMutation;

#[Object]
impl TableViewMutation {
    /// Saves how who asks wants the table of one inbox, or that of all contacts: which columns, how wide, in which order the contacts. Nobody else's
    /// view changes. FORBIDDEN to agents.
    async fn update_table_view(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which table, and what to change.")] input: Idempotent<
            UpdateTableViewInput,
        >,
    ) -> Result<TableViewPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let UpdateTableViewInput {
            inbox_id,
            columns,
            order_by,
        } = input;
        let columns = columns.map_value(|new| new.into_iter().map(NewColumn::from).collect());
        let order = order_by.map_value(|new| new.into_iter().map(Into::into).collect());
        let change = table_view::Change {
            columns: columns.into(),
            order: order.into(),
        };
        let done = loader.write(key, async |tx| {
            table_view::update(tx, loader.viewer(), read_inbox(inbox_id), change)
                .await
                .map(TableView)
        });
        Ok(done.await?.into())
    }
}

impl From<TableColumnInput> for NewColumn {
    fn from(input: TableColumnInput) -> Self {
        let TableColumnInput { column, width } = input;
        Self { column, width }
    }
}

/// The inbox that a client named; one that cannot be is one that does not exist.
fn read_inbox(id: Option<ID>) -> Option<InboxKey> {
    id.map(|id| id.parse().unwrap_or(InboxKey::NOWHERE))
}
