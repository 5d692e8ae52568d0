//! Support: somebody asks for a person. Every contact who is marked for it gets a message with a link to the conversation, and the bot is silent for
//! who asked until a member switches it on.

use crate::{
    attribute::Attributes,
    channel, clock, contact,
    content::{Pattern, Person, Ready, unbraced},
    conversation,
    db::Tx,
    error::{Error, Result, UserError},
    message::{self, Draft, is_window_open},
    viewer::Viewer,
    workspace,
};
use entity::{
    channel::{ChannelStatus, Model as Channel},
    contact::{Column, ContactStatus, Entity, Model as Contact},
    contact_channel,
    content::{Content, Variable},
    conversation::Model as Conversation,
    id::{ChannelId, ContactId},
    template,
    workspace::Model as Workspace,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

/// What operators read where the workspace says nothing else.
pub const TEXT: &str = "{{user.name}} asks for support: {{conversation.url}}";

/// What stands for the conversation in the texts of support.
pub(crate) const PLACEHOLDERS: [&str; 2] = ["conversation.url", "conversation.number"];

/// Operators who are told at most.
const MOST: u64 = 100;

/// Asks for support in a contact's name over a channel; the conversation, opened where there is none.
///
/// # Errors
/// NOT_FOUND at `contactId` or `channelId`; when the database is away.
pub async fn request(
    tx: &Tx,
    viewer: &Viewer,
    contact_id: ContactId,
    channel_id: ChannelId,
) -> Result<Conversation> {
    let found = channel::get(&**tx, viewer, channel_id).await?;
    let channel = found.ok_or_else(|| UserError::not_found("channelId", "channel"))?;
    let found = contact::locked(tx, viewer, contact_id).await?;
    let asking = found.ok_or_else(|| UserError::not_found("contactId", "contact"))?;
    let conversation = conversation::opened(tx, viewer, &channel, &asking, clock::now()).await?;
    contact::silence_bot(tx, viewer, contact_id).await?;
    tell(tx, viewer, &channel, &asking, &conversation).await?;
    message::announce(tx, viewer.workspace_id).await?;
    contact::announce(
        tx,
        viewer.workspace_id,
        contact::Which::These(&[contact_id]),
    )
    .await?;
    Ok(conversation)
}

async fn tell(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    asking: &Contact,
    conversation: &Conversation,
) -> Result<()> {
    // Operators are told whoever asks: what they read tells the asker nothing.
    let all = Viewer::command_line(viewer.workspace_id);
    let operators = all
        .find::<Entity>()
        .filter(Column::ReceivesSupportRequests.eq(true))
        .filter(Column::Status.eq(ContactStatus::Active))
        .filter(Column::BlockedAt.is_null())
        .filter(Column::Id.ne(asking.id))
        .order_by_asc(Column::Id)
        .limit(MOST)
        .all(&**tx)
        .await?;
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    let attributes = Attributes::load(&**tx, &all).await?;
    let link = workspace.conversation_url.as_deref().unwrap_or("{number}");
    let number = conversation.number.to_string();
    let more = [
        (PLACEHOLDERS[0], link.replace("{number}", &number)),
        (PLACEHOLDERS[1], number),
    ];
    let person = Person {
        contact: asking,
        attributes: &attributes,
        zone: workspace::zone(&workspace),
        more: &more,
    };
    let channels = channel::list(&**tx, &all).await?;
    let ids: Vec<ContactId> = operators.iter().map(|row| row.id).collect();
    let addresses = contact::addresses(&**tx, &all, &ids).await?;
    for operator in &operators {
        let own: Vec<_> = addresses
            .iter()
            .filter(|row| row.contact_id == operator.id)
            .collect();
        let ways = ways(&channels, channel, &own);
        let mut told = false;
        for way in ways {
            if let Some(content) = content(tx, &all, &workspace, way, &own, &person).await? {
                let draft = Draft {
                    channel: way,
                    contact_id: operator.id,
                    conversation_id: None,
                };
                draft.write(tx, viewer, content).await?;
                message::enqueue(tx, operator.id, way.id).await?;
                told = true;
                break;
            }
        }
        if !told {
            tracing::warn!(operator = %operator.id, conversation = %conversation.id, "an operator cannot be told of a request for support");
        }
    }
    Ok(())
}

/// The channels that work on which somebody has an address, the one at hand first.
fn ways<'a>(
    channels: &'a [Channel],
    first: &Channel,
    own: &[&contact_channel::Model],
) -> Vec<&'a Channel> {
    let mut ways: Vec<&Channel> = channels
        .iter()
        .filter(|channel| channel.status == ChannelStatus::Ready)
        .filter(|channel| own.iter().any(|row| row.channel_id == channel.id))
        .collect();
    ways.sort_by_key(|channel| channel.id != first.id);
    ways
}

/// What an operator gets over a channel: a text within the service window, else the template that the workspace names for it.
async fn content(
    tx: &Tx,
    viewer: &Viewer,
    workspace: &Workspace,
    channel: &Channel,
    own: &[&contact_channel::Model],
    person: &Person<'_>,
) -> Result<Option<Content>> {
    let there: Vec<&contact_channel::Model> = own
        .iter()
        .copied()
        .filter(|row| row.channel_id == channel.id)
        .collect();
    if is_window_open(channel, &there) {
        let text = Pattern::read(workspace.support_text.as_deref().unwrap_or(TEXT));
        return Ok(Some(Content::Text(unbraced(&text.shown(person).0))));
    }
    let Some(Content::Template { id, variables }) = &workspace.support_template else {
        return Ok(None);
    };
    let found = viewer.by_ids::<template::Entity>(&**tx, [*id]).await?;
    if !found
        .iter()
        .any(|template| template.channel_id == channel.id)
    {
        return Ok(None);
    }
    let variables = variables.iter().map(|variable| {
        let filled = Pattern::read(&variable.value).fill(person);
        let value = filled.ok().or_else(|| variable.fallback.clone());
        Variable {
            name: variable.name.clone(),
            // WhatsApp takes no empty variables.
            value: unbraced(&value.unwrap_or_else(|| "-".to_owned())),
            fallback: None,
        }
    });
    let content = Content::Template {
        id: *id,
        variables: variables.collect(),
    };
    let ready = Ready::load(&**tx, viewer, &content).await?;
    Ok(ready
        .is_ok_and(|ready| ready.fault().is_none())
        .then_some(content))
}

/// The text that operators read, as it is kept.
///
/// # Errors
/// INVALID at `supportText`.
pub(crate) fn checked_text(text: &str, attributes: &Attributes) -> Result<String> {
    let mut errors = Vec::new();
    if text.trim().is_empty() || text.chars().count() > 1_000 || text.contains('\0') {
        let message = "The text has 1 to 1,000 characters, and no NUL.";
        errors.push(UserError::new("supportText", "INVALID", message));
    }
    Pattern::read(text).check("supportText", attributes, &PLACEHOLDERS, &mut errors);
    if errors.is_empty() {
        Ok(text.to_owned())
    } else {
        Err(Error::User(errors))
    }
}
