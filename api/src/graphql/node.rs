//! Any object by its id.

use super::{
    attribute::Attribute,
    block::Block,
    broadcast::Broadcast,
    channel::Channel,
    contact::{Contact, ContactChannel},
    conversation::Conversation,
    error::{Failure, Result},
    export::Export,
    import::Import,
    inbox::{Inbox, read_key},
    loader::Loader,
    member::Member,
    message::Message,
    operation::BulkOperation,
    segment::Segment,
    send::{BroadcastSend, Delivery},
    tag::Tag,
    team::Team,
    template::Template,
    token::ApiToken,
    workspace::Workspace,
};
use async_graphql::{Context, ID, Interface, Object};
use domain::{broadcast, contact, conversation, export, inbox, message, send, template};
use entity::{
    api_token, block, broadcast_send,
    id::{
        ApiTokenId, AttributeId, BlockId, BroadcastId, BroadcastSendId, ChannelId, ContactId,
        ExportId, Id, ImportId, MemberId, OperationId, SegmentId, TagId, TeamId, TemplateId,
        WorkspaceId,
    },
    import, member, operation,
    role::Role,
    segment, tag, team,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Anything that has an id and can be asked for by it.
#[derive(Interface, Clone)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Its id: unique among all objects, and the same for ever. What it looks like may change."
))]
pub(crate) enum Node {
    Workspace(Workspace),
    Member(Member),
    Team(Team),
    ApiToken(ApiToken),
    Channel(Channel),
    Attribute(Attribute),
    Contact(Contact),
    ContactChannel(ContactChannel),
    Segment(Segment),
    Inbox(Inbox),
    Tag(Tag),
    Import(Import),
    BulkOperation(BulkOperation),
    Export(Export),
    Template(Template),
    Block(Block),
    Conversation(Conversation),
    Message(Message),
    Broadcast(Broadcast),
    BroadcastSend(BroadcastSend),
    Delivery(Delivery),
}

/// Ids that one request may name: `nodes` is for refreshing what a screen shows.
const MAX_IDS: usize = 500;

/// The ids of one kind.
fn of_kind<T: Id>(ids: &[ID]) -> Vec<T> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}

/// What these ids lead to, as far as the viewer may see it: a statement a kind, of some kinds two.
pub(super) async fn load(loader: &Loader, ids: &[ID]) -> Result<HashMap<ID, Node>> {
    let mut nodes: Vec<(String, Node)> = Vec::new();
    open_to_all(loader, ids, &mut nodes).await?;
    if loader.check_administers().is_ok() {
        let rows = loader
            .viewer()
            .by_ids::<api_token::Entity>(loader.db().read(), of_kind::<ApiTokenId>(ids));
        let rows = rows
            .await
            .map_err(Failure::from)?
            .into_iter()
            .filter(|row| row.revoked_at.is_none());
        nodes.extend(rows.map(|row| (row.id.to_string(), ApiToken(row).into())));
    }
    people(loader, ids, &mut nodes).await?;
    talks(loader, ids, &mut nodes).await?;
    if loader.viewer().require(Role::Manager).is_ok() {
        contacts_module(loader, ids, &mut nodes).await?;
    }
    Ok(nodes
        .into_iter()
        .map(|(id, node)| (id.into(), node))
        .collect())
}

async fn open_to_all(loader: &Loader, ids: &[ID], nodes: &mut Vec<(String, Node)>) -> Result<()> {
    let (conn, viewer) = (loader.db().read(), loader.viewer());
    if of_kind::<WorkspaceId>(ids).contains(&viewer.workspace_id) {
        let row = loader.workspace().await?;
        nodes.push((row.id.to_string(), Workspace(row).into()));
    }
    let members = viewer.by_ids::<member::Entity>(conn, of_kind::<MemberId>(ids));
    let members = members.await.map_err(Failure::from)?.into_iter();
    nodes.extend(members.map(|row| (row.id.to_string(), Member(row).into())));

    let templates = template::by_ids(conn, viewer, &of_kind::<TemplateId>(ids)).await?;
    let templates = templates.into_iter();
    nodes.extend(templates.map(|row| (row.id.to_string(), Template(row).into())));
    let blocks = viewer.by_ids::<block::Entity>(conn, of_kind::<BlockId>(ids));
    let blocks = blocks.await?.into_iter();
    let blocks = blocks.filter(|row| row.deleted_at.is_none());
    nodes.extend(blocks.map(|row| (row.id.to_string(), Block(row).into())));
    Ok(())
}

async fn contacts_module(
    loader: &Loader,
    ids: &[ID],
    nodes: &mut Vec<(String, Node)>,
) -> Result<()> {
    let (conn, viewer) = (loader.db().read(), loader.viewer());
    let segments = viewer
        .by_ids::<segment::Entity>(conn, of_kind::<SegmentId>(ids))
        .await?;
    let written: Vec<_> = segments.iter().map(|row| row.id.to_string()).collect();
    let segments = Segment::group(segments).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(segments));

    // Each has a statement of its own, where it has one at all: nobody refreshes many inboxes by their ids.
    for key in ids.iter().filter_map(read_key) {
        if let Some(found) = inbox::get(conn, viewer, key).await? {
            nodes.push((key.to_string(), Inbox(found).into()));
        }
    }
    let tags = viewer
        .by_ids::<tag::Entity>(conn, of_kind::<TagId>(ids))
        .await?;
    let written: Vec<_> = tags.iter().map(|row| row.id.to_string()).collect();
    let tags = Tag::group(tags).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(tags));

    let teams = viewer.by_ids::<team::Entity>(conn, of_kind::<TeamId>(ids));
    let teams = teams.await?.into_iter();
    nodes.extend(teams.map(|row| (row.id.to_string(), Team(row).into())));

    background_work(loader, ids, nodes).await?;
    let attributes = of_kind::<AttributeId>(ids);
    if !attributes.is_empty() {
        let known = loader.attributes().await?;
        let found = attributes.into_iter().filter_map(|id| known.by_id(id));
        nodes.extend(found.map(|found| (found.0.id.to_string(), found.clone().into())));
    }
    let channels = of_kind::<ChannelId>(ids);
    if !channels.is_empty() {
        let rows = loader.channels().await?;
        let found = rows.iter().filter(|row| channels.contains(&row.id));
        nodes.extend(found.map(|row| (row.id.to_string(), Channel(row.clone()).into())));
    }
    Ok(())
}

/// Contacts, and addresses, each with the others of its contact.
async fn people(loader: &Loader, ids: &[ID], nodes: &mut Vec<(String, Node)>) -> Result<()> {
    let (conn, viewer) = (loader.db().read(), loader.viewer());
    let contacts = contact::by_ids(conn, viewer, &of_kind::<ContactId>(ids)).await?;
    let written: Vec<_> = contacts.iter().map(|row| row.id.to_string()).collect();
    let contacts = Contact::group(viewer, contacts).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(contacts));

    let asked = contact::addresses_by_ids(conn, viewer, &of_kind(ids)).await?;
    let whose: BTreeSet<ContactId> = asked.iter().map(|row| row.contact_id).collect();
    if whose.is_empty() {
        return Ok(());
    }
    let all = contact::addresses(conn, viewer, &Vec::from_iter(whose)).await?;
    let mut of_each = BTreeMap::<_, Vec<_>>::new();
    for row in all {
        let row = contact::masked_address(viewer, row);
        of_each.entry(row.contact_id).or_default().push(row);
    }
    for own in of_each.into_values() {
        let written: Vec<_> = own.iter().map(|row| row.id.to_string()).collect();
        let own = ContactChannel::all(own).into_iter().map(Node::from);
        nodes.extend(written.into_iter().zip(own));
    }
    Ok(())
}

async fn talks(loader: &Loader, ids: &[ID], nodes: &mut Vec<(String, Node)>) -> Result<()> {
    let (conn, viewer) = (loader.db().read(), loader.viewer());
    let rows = conversation::by_ids(conn, viewer, &of_kind(ids)).await?;
    let written: Vec<_> = rows.iter().map(|row| row.id.to_string()).collect();
    let conversations = Conversation::group(rows).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(conversations));

    let rows = message::by_ids(conn, viewer, &of_kind(ids)).await?;
    let written: Vec<_> = rows.iter().map(|row| row.id.to_string()).collect();
    let messages = Message::group(rows).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(messages));
    Ok(())
}

async fn background_work(
    loader: &Loader,
    ids: &[ID],
    nodes: &mut Vec<(String, Node)>,
) -> Result<()> {
    let (conn, viewer) = (loader.db().read(), loader.viewer());
    let seen = match viewer.sees_imports() {
        Ok(()) => of_kind::<ImportId>(ids),
        Err(_) => Vec::new(),
    };
    let imports = viewer.by_ids::<import::Entity>(conn, seen).await?;
    let written: Vec<_> = imports.iter().map(|row| row.id.to_string()).collect();
    let imports = Import::group(imports).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(imports));

    let operations = viewer
        .by_ids::<operation::Entity>(conn, of_kind::<OperationId>(ids))
        .await?;
    let written: Vec<_> = operations.iter().map(|row| row.id.to_string()).collect();
    let operations = BulkOperation::group(operations).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(operations));

    let broadcasts = broadcast::by_ids(conn, viewer, &of_kind::<BroadcastId>(ids)).await?;
    let written: Vec<_> = broadcasts.iter().map(|row| row.id.to_string()).collect();
    let broadcasts = Broadcast::group(broadcasts).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(broadcasts));

    let sends = viewer.by_ids::<broadcast_send::Entity>(conn, of_kind::<BroadcastSendId>(ids));
    let sends = sends.await?;
    let written: Vec<_> = sends.iter().map(|row| row.id.to_string()).collect();
    let sends = BroadcastSend::group(sends).into_iter().map(Node::from);
    nodes.extend(written.into_iter().zip(sends));

    let deliveries = send::deliveries_by_ids(conn, viewer, &of_kind(ids)).await?;
    let written: Vec<_> = deliveries.iter().map(|row| row.id.to_string()).collect();
    let deliveries = Delivery::group(deliveries, viewer.is_masked()).into_iter();
    nodes.extend(written.into_iter().zip(deliveries.map(Node::from)));

    let exports = export::by_ids(conn, viewer, &of_kind::<ExportId>(ids)).await?;
    let exports = exports.into_iter();
    nodes.extend(exports.map(|row| (row.id.to_string(), Export::new(row).into())));
    Ok(())
}

#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Any object by its id; null where there is none, and for what the viewer may not see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Node>> {
        let read = async || -> Result<Option<Node>> {
            let ids = [id];
            Ok(load(Loader::of(ctx)?, &ids).await?.remove(&ids[0]))
        };
        read().await.transpose()
    }

    /// Objects by their ids, in the order of the ids; null where there is none, and for what the viewer may not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their ids, 500 at most: more are BAD_USER_INPUT.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_IDS {
            let message = format!("Ask for at most {MAX_IDS} ids at once.");
            return Err(Failure::bad_input("ids", message));
        }
        let nodes = load(Loader::of(ctx)?, &ids).await?;
        Ok(ids.iter().map(|id| nodes.get(id).cloned()).collect())
    }
}
