//! Messages to one person: asked for by a member or a script, written down, and sent by a job.

use crate::{
    broadcast::SERVICE_WINDOW,
    channel::{self, provider_of},
    clock, contact,
    content::{self, ContentInput, Ready},
    conversation,
    db::Tx,
    error::{Error, Result, UserError},
    job::{self, SendMessages},
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    block,
    channel::{ChannelStatus, Model as Channel},
    contact::Model as Contact,
    contact_channel,
    content::Content,
    delivery::DeliveryStatus,
    id::{BlockId, ChannelId, ContactId, ConversationId},
    message::{self, Direction, Model},
};
use sea_orm::Set;

/// A message to one person.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// To whom.
    pub contact_id: ContactId,
    /// Over which channel.
    pub channel_id: ChannelId,
    /// What they get.
    pub content: ContentInput,
}

/// Sends a message to one person, in the conversation with them, which is opened where there is none; of a block, one after the other. The first
/// of them.
///
/// # Errors
/// NOT_FOUND; CONFLICT for agents, where the open conversation is not theirs; INVALID where the channel is not READY, they have no address on it, are blocked, or a text would come outside the service window; what the
/// content is refused for.
pub async fn send(tx: &Tx, viewer: &Viewer, new: NewMessage) -> Result<Model> {
    let found = channel::get(&**tx, viewer, new.channel_id).await?;
    let channel = found.ok_or_else(|| UserError::not_found("channelId", "channel"))?;
    let contact = contact::locked(tx, viewer, new.contact_id).await?;
    let contact = contact.ok_or_else(|| UserError::not_found("contactId", "contact"))?;
    let content = content::checked(tx, viewer, &channel, new.content).await?;
    let addresses = contact::addresses(&**tx, viewer, &[contact.id]).await?;
    check(&channel, &contact, &addresses, &content)?;
    let ready = Ready::load(&**tx, viewer, &content).await?;
    if let Some(fault) = ready.map_or_else(Some, |ready| ready.fault()) {
        return Err(Error::user("content", "INVALID", fault.0));
    }
    let conversation = conversation::opened(tx, viewer, &channel, &contact, clock::now()).await?;
    let draft = Draft {
        channel: &channel,
        contact_id: contact.id,
        conversation_id: Some(conversation.id),
    };
    let first = draft.write(tx, viewer, content).await?;
    enqueue(tx, contact.id, channel.id).await?;
    Ok(first)
}

/// Why a person cannot be written to over a channel.
fn check(
    channel: &Channel,
    contact: &Contact,
    addresses: &[contact_channel::Model],
    content: &Content,
) -> Result<()> {
    if channel.status != ChannelStatus::Ready {
        let message = format!(
            "The channel \"{}\" is not READY: verify it first.",
            channel.name
        );
        return Err(Error::user("channelId", "INVALID", message));
    }
    let own: Vec<_> = addresses
        .iter()
        .filter(|row| row.channel_id == channel.id)
        .collect();
    if own.is_empty() {
        let message = format!("They have no address on the channel \"{}\".", channel.name);
        return Err(Error::user("contactId", "INVALID", message));
    }
    if contact.blocked_at.is_some() {
        let message = "They are blocked: unblock them first.";
        return Err(Error::user("contactId", "INVALID", message));
    }
    let is_text = !matches!(content, Content::Template { .. });
    if is_text && !is_window_open(channel, &own) {
        let message = "Their last message is more than 24 hours ago: only a template reaches them.";
        return Err(Error::user("content", "INVALID", message));
    }
    Ok(())
}

/// Whether a text reaches somebody with these addresses on the channel now.
pub(crate) fn is_window_open(channel: &Channel, own: &[&contact_channel::Model]) -> bool {
    !has_service_window(channel) || service_window_end(channel, own).is_some()
}

/// Whether texts go out only for a while after a person's last message.
pub fn has_service_window(channel: &Channel) -> bool {
    provider_of(channel).has_service_window()
}

/// Until when a text reaches somebody with these addresses on the channel; none where the window is closed, or the channel has none.
pub fn service_window_end(
    channel: &Channel,
    own: &[&contact_channel::Model],
) -> Option<DateTime<Utc>> {
    let wrote = own.iter().filter_map(|row| row.last_incoming_at).max();
    let end = wrote? + SERVICE_WINDOW;
    (has_service_window(channel) && end > clock::now()).then_some(end)
}

/// Where a message goes.
pub(crate) struct Draft<'a> {
    pub(crate) channel: &'a Channel,
    pub(crate) contact_id: ContactId,
    pub(crate) conversation_id: Option<ConversationId>,
}

impl Draft<'_> {
    /// Writes down what is to be sent; a block is as many messages as it has.
    pub(crate) async fn write(&self, tx: &Tx, viewer: &Viewer, content: Content) -> Result<Model> {
        super::announce(tx, viewer.workspace_id).await?;
        let Content::Block(id) = content else {
            return self.one(tx, viewer, content, None).await;
        };
        let found = viewer.by_ids::<block::Entity>(&**tx, [id]).await?;
        let texts = found.into_iter().flat_map(|block| block.messages.0);
        let texts: Vec<String> = texts.collect();
        let (mut first, last) = (None, texts.len().saturating_sub(1));
        for (n, text) in texts.into_iter().enumerate() {
            let ends = (n == last).then_some(id);
            let row = self.one(tx, viewer, Content::Text(text), ends).await?;
            first = first.or(Some(row));
        }
        first.ok_or_else(|| Error::Broken(format!("{id} has no messages")))
    }

    /// `ends`: the block whose last message it is.
    async fn one(
        &self,
        tx: &Tx,
        viewer: &Viewer,
        content: Content,
        ends: Option<BlockId>,
    ) -> Result<Model> {
        let (kind, template) = match &content {
            Content::Template { id, .. } => ("template", Some(*id)),
            Content::Text(_) | Content::Block(_) => ("text", None),
        };
        let now = clock::now();
        let text = match &content {
            Content::Text(text) => Some(text.clone()),
            _ => None,
        };
        let row = message::ActiveModel {
            workspace_id: Set(viewer.workspace_id),
            contact_id: Set(self.contact_id),
            channel_id: Set(self.channel.id),
            conversation_id: Set(self.conversation_id),
            direction: Set(Direction::Outgoing),
            kind: Set(kind.to_owned()),
            text: Set(text),
            status: Set(DeliveryStatus::Pending),
            at: Set(now),
            template_id: Set(template),
            author_id: Set(viewer.member.as_ref().map(|member| member.id)),
            author_name: Set(Some(viewer.name.clone())),
            content: Set(Some(content)),
            attempts: Set(0),
            next_at: Set(Some(now)),
            block_id: Set(ends),
            ..Default::default()
        };
        super::insert(tx, row).await
    }
}

/// Lets a job send what waits.
pub(crate) async fn enqueue(tx: &Tx, contact_id: ContactId, channel_id: ChannelId) -> Result<()> {
    let job = SendMessages {
        contact_id,
        channel_id,
    };
    job::enqueue(tx, &job).await
}
