//! The GraphQL schema: one file a noun, with its types, queries and mutations.
//!
//! A resolver decodes, authorises, calls `domain` once and wraps; rules are there, not here. Every request brings a fresh [`Loader`]
//! (see [`prepare`]), which knows who asks and reads what many fields share once.

mod attribute;
mod block;
mod broadcast;
mod channel;
mod column;
mod connection;
mod contact;
mod conversation;
mod cost;
mod error;
mod export;
mod idempotent;
mod import;
mod inbox;
mod job;
mod lists;
mod loader;
mod member;
mod message;
mod node;
mod operation;
mod payload;
mod receipt;
mod role;
mod segment;
mod send;
mod table_view;
mod tag;
mod talk;
mod team;
mod template;
mod token;
mod value;
mod viewer;
mod workspace;

#[cfg(test)]
mod tests;

use crate::transport::Weights;
use async_graphql::{MergedObject, MergedSubscription, Request, SDLExportOptions};
use domain::{channel::Providers, db::Db, viewer::Viewer};

pub use import::Files;
pub use loader::Loader;

/// What can be read. Every field answers for the one workspace that the token opens: an id of another one is an id that does not exist.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    viewer::ViewerQuery,
    workspace::WorkspaceQuery,
    contact::ContactQuery,
    column::ColumnQuery,
    attribute::AttributeQuery,
    segment::SegmentQuery,
    inbox::InboxQuery,
    table_view::TableViewQuery,
    tag::TagQuery,
    import::ImportQuery,
    operation::OperationQuery,
    export::ExportQuery,
    channel::ChannelQuery,
    template::TemplateQuery,
    block::BlockQuery,
    conversation::ConversationQuery,
    message::MessageQuery,
    broadcast::BroadcastQuery,
    member::MemberQuery,
    team::TeamQuery,
    token::TokenQuery,
);

/// What can be changed. Every mutation takes one `input` and answers one payload: the thing changed, null where the change was refused,
/// and `userErrors` for what the person can mend. Each is one transaction: all of it happens, or nothing.
///
/// Every input takes an `idempotencyKey`, so that whoever has lost an answer can ask again. A key belongs to the token, and is remembered for 24 hours: what comes
/// with it again changes nothing and is answered with what the first came to, its `userErrors` included. A thing that the answer names looks as it does now (NOT_FOUND
/// at `idempotencyKey` where it is to be seen no more), and a secret is never told twice. With another mutation or another input, files included, the key is a CONFLICT.
/// What ended in an error of the request, such as FORBIDDEN or UNAVAILABLE, has changed nothing, and its key is free.
#[derive(MergedObject, Default)]
pub struct Mutation(
    workspace::WorkspaceMutation,
    contact::ContactMutation,
    attribute::AttributeMutation,
    segment::SegmentMutation,
    inbox::InboxMutation,
    table_view::TableViewMutation,
    tag::TagMutation,
    import::ImportMutation,
    operation::OperationMutation,
    export::ExportMutation,
    channel::ChannelMutation,
    template::TemplateMutation,
    block::BlockMutation,
    conversation::ConversationMutation,
    message::MessageMutation,
    broadcast::BroadcastMutation,
    send::BroadcastSendMutation,
    member::MemberMutation,
    team::TeamMutation,
    token::TokenMutation,
);

/// What can be watched, over WebSocket (graphql-transport-ws) and over Server-Sent Events.
//
// What begins a stream is boxed in each of them (`Box::pin`): async-graphql keeps room for it as long as the stream lasts, and a statement's future
// has tens of kilobytes.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    import::ImportSubscription,
    operation::OperationSubscription,
    export::ExportSubscription,
    send::BroadcastSendSubscription,
    message::MessageSubscription,
    conversation::ConversationSubscription,
    contact::ContactSubscription,
);

/// Those that tell states: each event says all there is to say of one thing, and the present state comes at once.
pub const STATES: [&str; 5] = [
    "importProgress",
    "operationProgress",
    "exportProgress",
    "broadcastSendProgress",
    "contactCount",
];

/// The schema of Roster.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema, to execute requests that [`prepare`] has seen.
///
/// Without `introspection` nobody learns from a slip of the pen what else there is ("Did you mean …"); the transport refuses questions about the schema.
pub fn schema(files: Files, providers: Providers, introspection: bool) -> Schema {
    let builder = build().data(files).data(providers);
    if introspection {
        return builder.finish();
    }
    builder.disable_suggestions().finish()
}

/// What documents of this schema cost.
pub fn weights() -> Weights {
    Weights::of::<Query, Mutation, Subscription>()
}

fn build() -> async_graphql::SchemaBuilder<Query, Mutation, Subscription> {
    // No extensions: one alone moves every field to a slower path.
    async_graphql::Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
}

/// Gives a request who asks and what it reads with. Once for each request, since what is read once for it must not outlive it.
pub fn prepare(request: Request, db: Db, viewer: Viewer) -> Request {
    cost::prepare(request).data(Loader::new(db, viewer))
}

/// The schema in its definition language.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by();
    build().finish().sdl_with_options(options)
}
