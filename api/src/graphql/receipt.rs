//! What the answer to a mutation is made of again when it is asked for a second time: ids and numbers, never what a thing looked like.
//!
//! So a replay shows what the viewer may see now, through the same look-up as `node`.

use super::{
    attribute::Attribute,
    block::Block,
    broadcast::Broadcast,
    channel::Channel,
    contact::Contact,
    conversation::Conversation,
    error::Result,
    export::Export,
    import::Import,
    inbox::Inbox,
    loader::Loader,
    member::Member,
    message::Message,
    node::{self, Node},
    operation::BulkOperation,
    segment::Segment,
    send::BroadcastSend,
    tag::Tag,
    team::Team,
    template::Template,
    token::ApiToken,
    workspace::Workspace,
};
use async_graphql::ID;
use serde_json::Value as Json;

/// What a mutation answers with.
pub(super) trait Receipt: Sized {
    /// The ids and numbers of it.
    fn written(&self) -> Json;

    /// The same again, as the viewer sees it now; none where it cannot be seen any more.
    fn read(loader: &Loader, written: &Json) -> impl Future<Output = Result<Option<Self>>> + Send;
}

/// A thing that has an id of its own.
pub(super) trait Thing: Sized + Send {
    /// Its id.
    fn id_text(&self) -> String;

    /// What was found under its id.
    fn of(node: Node) -> Option<Self>;
}

macro_rules! things {
    ($($thing:ident($this:ident) => $id:expr,)*) => {$(
        impl Thing for $thing {
            fn id_text(&self) -> String {
                let $this = self;
                $id.to_string()
            }

            fn of(node: Node) -> Option<Self> {
                match node {
                    Node::$thing(found) => Some(found),
                    _ => None,
                }
            }
        }
    )*};
}

things! {
    ApiToken(this) => this.0.id,
    Attribute(this) => this.0.id,
    Block(this) => this.0.id,
    Broadcast(this) => this.row.id,
    BroadcastSend(this) => this.row.id,
    BulkOperation(this) => this.row.id,
    Channel(this) => this.0.id,
    Contact(this) => this.row.id,
    Conversation(this) => this.row.id,
    Export(this) => this.0.id,
    Import(this) => this.row.id,
    Inbox(this) => this.0.key(),
    Member(this) => this.0.id,
    Message(this) => this.row.id,
    Segment(this) => this.row.id,
    Tag(this) => this.row.id,
    Team(this) => this.0.id,
    Template(this) => this.0.id,
    Workspace(this) => this.0.id,
}

impl<T: Thing> Receipt for T {
    fn written(&self) -> Json {
        self.id_text().into()
    }

    async fn read(loader: &Loader, written: &Json) -> Result<Option<Self>> {
        let id = ID::from(written.as_str().unwrap_or_default());
        let mut found = node::load(loader, std::slice::from_ref(&id)).await?;
        Ok(found.remove(&id).and_then(T::of))
    }
}

/// A list is what can still be seen of it.
impl<T: Thing> Receipt for Vec<T> {
    fn written(&self) -> Json {
        self.iter().map(T::id_text).collect()
    }

    async fn read(loader: &Loader, written: &Json) -> Result<Option<Self>> {
        let ids = written.as_array().into_iter().flatten();
        let ids: Vec<ID> = ids.filter_map(Json::as_str).map(ID::from).collect();
        let mut found = node::load(loader, &ids).await?;
        let found = ids
            .iter()
            .filter_map(|id| found.remove(id))
            .filter_map(T::of);
        Ok(Some(found.collect()))
    }
}

/// Of what was deleted the id is left.
impl Receipt for ID {
    fn written(&self) -> Json {
        self.as_str().into()
    }

    async fn read(_: &Loader, written: &Json) -> Result<Option<Self>> {
        Ok(written.as_str().map(Self::from))
    }
}

/// Background work that may not have been needed.
impl<T: Thing> Receipt for Option<T> {
    fn written(&self) -> Json {
        match self {
            Some(thing) => thing.written(),
            None => Json::Null,
        }
    }

    async fn read(loader: &Loader, written: &Json) -> Result<Option<Self>> {
        match written {
            Json::Null => Ok(Some(None)),
            written => Ok(T::read(loader, written).await?.map(Some)),
        }
    }
}

/// A number that was told.
impl Receipt for i32 {
    fn written(&self) -> Json {
        (*self).into()
    }

    async fn read(_: &Loader, written: &Json) -> Result<Option<Self>> {
        Ok(written.as_i64().and_then(|number| number.try_into().ok()))
    }
}

impl<A: Receipt + Send, B: Receipt + Send> Receipt for (A, B) {
    fn written(&self) -> Json {
        Json::Array(vec![self.0.written(), self.1.written()])
    }

    async fn read(loader: &Loader, written: &Json) -> Result<Option<Self>> {
        let first = A::read(loader, &written[0]).await?;
        let second = B::read(loader, &written[1]).await?;
        Ok(first.zip(second))
    }
}
