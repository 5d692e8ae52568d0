//! Pages of contacts.

use super::{Contact, ContactOrder, table::Rows};
use crate::graphql::{
    column::Column,
    connection::{Count, PageInfo, count_limit},
    cost,
    error::Result,
    loader::Loader,
};
use async_graphql::{Context, InputType, Lookahead, Object, SimpleObject};
use domain::{
    contact::{self, Background, Chosen, Matching, Part},
    page::{self, Window},
};

/// A contact on a page.
#[derive(SimpleObject)]
pub(crate) struct ContactEdge {
    /// Where the contact stands: for `after` and `before`.
    cursor: String,
    /// The contact.
    node: Contact,
}

/// A page of contacts, and the choice it is a page of.
pub(crate) struct ContactConnection {
    chosen: Chosen,
    edges: Vec<ContactEdge>,
    page_info: PageInfo,
}

/// Fields that need the page itself.
const PAGE_FIELDS: [&str; 4] = ["edges", "nodes", "pageInfo", "rows"];

impl ContactConnection {
    /// The page that is asked for; where only the count is, no row is read.
    pub(crate) async fn load(
        ctx: &Context<'_>,
        matching: Matching,
        order_by: Option<Vec<ContactOrder>>,
        window: Window,
    ) -> Result<Self> {
        let loader = Loader::of(ctx)?;
        let sort = ContactOrder::sort(order_by)?;
        let known = loader.attributes().await?;
        let order = contact::order(loader.viewer(), sort.as_ref(), &known.all)?;
        let chosen = Self::choose(loader, &matching).await?;
        cost::note(ctx, &chosen.scans);
        let look_ahead = ctx.look_ahead();
        let page = if PAGE_FIELDS
            .iter()
            .any(|field| look_ahead.field(field).exists())
        {
            let shown = shown(loader, &look_ahead).await;
            let (conn, reader) = (loader.db().read(), shown.reader(loader.viewer()));
            page::fetch_by(conn, chosen.pick.clone(), &order, &window, &reader).await?
        } else {
            page::Page {
                items: Vec::new(),
                has_next: false,
                has_previous: false,
            }
        };
        let page_info = PageInfo::from(&page);
        let (cursors, rows): (Vec<_>, Vec<_>) = page.items.into_iter().unzip();
        let edges = cursors
            .into_iter()
            .zip(Contact::group(loader.viewer(), rows))
            .map(|(cursor, node)| ContactEdge { cursor, node });
        Ok(Self {
            chosen,
            edges: edges.collect(),
            page_info,
        })
    }

    pub(crate) async fn choose(loader: &Loader, matching: &Matching) -> Result<Chosen> {
        let known = loader.attributes().await?;
        // Only a filter has days, and those that are stored know their zone.
        let workspace = match matching.filter {
            Some(_) => Some(loader.workspace().await?),
            None => None,
        };
        let background = Background::new(&known.all, workspace.as_deref());
        let (db, viewer) = (loader.db(), loader.viewer());
        Ok(contact::matching(db.read(), viewer, &background, matching).await?)
    }
}

/// What of its contacts a page shows: where it is asked for as rows alone, no more than these need.
async fn shown(loader: &Loader, page: &Lookahead<'_>) -> Part {
    if page.field("nodes").exists() || page.field("edges").field("node").exists() {
        return Part::whole();
    }
    let mut keys = Vec::new();
    for field in page.field("rows").selection_fields() {
        // What does not fit is refused where the rows are made.
        let arguments = field.arguments().unwrap_or_default();
        for (_, value) in arguments.into_iter().filter(|(name, _)| name == "columns") {
            keys.extend(Vec::<String>::parse(Some(value)).unwrap_or_default());
        }
    }
    let Ok(columns) = loader.columns(keys).await else {
        return Part::whole();
    };
    let columns: Vec<_> = columns.iter().map(Column::domain).collect();
    Part::of(loader.viewer(), &columns)
}

/// A page of contacts.
#[Object]
impl ContactConnection {
    /// The page's contacts, each with its cursor.
    async fn edges(&self) -> &[ContactEdge] {
        &self.edges
    }

    /// The page's contacts, without cursors.
    async fn nodes(&self) -> Vec<&Contact> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many contacts the whole list has, whatever the page. Counted only when asked for.
    async fn total_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default = 10000,
            desc = "Where counting stops: `value` then equals it and `exact` is false. 0 counts all, which takes longer. A negative one is BAD_USER_INPUT."
        )]
        limit: i32,
    ) -> Result<Count> {
        let loader = Loader::of(ctx)?;
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        Ok(
            contact::count(conn, viewer, &self.chosen, count_limit(limit)?)
                .await?
                .into(),
        )
    }

    /// The page as plain rows: for each contact a JSON value per column, in the order asked for. The same values as `cells`, and the quickest way
    /// to fill a wide table.
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Keys of columns, such as `name` or `attr.plan`. One that is not there is BAD_USER_INPUT."
        )]
        columns: Vec<String>,
    ) -> Result<Rows> {
        let contacts = self.edges.iter().map(|edge| edge.node.clone()).collect();
        Rows::load(Loader::of(ctx)?, contacts, columns).await
    }
}
