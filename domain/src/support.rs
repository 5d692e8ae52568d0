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
    text,
    viewer::Viewer,
    workspace,
};
use entity::{
    channel::{ChannelStatus, Model as Channel},
    contact::{Column, ContactStatus, Entity, Model as Contact},
    contact_channel,
    content::{Content, Variable},
    conversation::Model as Conversation,
    id::{ChannelId, ContactId, TemplateId},
    template,
    workspace::Model as Workspace,
};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// What operators read where the workspace says nothing else.
pub const TEXT: &str = "{{user.name}} asks for support: {{conversation.url}}";

/// What stands for the conversation in the texts of support.
pub(crate) const PLACEHOLDERS: [&str; 2] = ["conversation.url", "conversation.number"];

/// Operators who are told at most: it is one transaction, in which others wait.
const MOST: u64 = 1_000;

/// Operators who are read at once.
const CHUNK: u64 = 100;

/// How many of those who receive requests for support were told of one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// To whom a message goes out.
    pub told: u64,
    /// Whom no message reaches, and those beyond the thousandth.
    pub not_told: u64,
}

/// Asks for support in a contact's name over a channel; the conversation, opened where there is none, and who was told.
///
/// # Errors
/// NOT_FOUND at `contactId` or `channelId`; when the database is away.
pub async fn request(
    tx: &Tx,
    viewer: &Viewer,
    contact_id: ContactId,
    channel_id: ChannelId,
) -> Result<(Conversation, Told)> {
    let found = channel::get(&**tx, viewer, channel_id).await?;
    let channel = found.ok_or_else(|| UserError::not_found("channelId", "channel"))?;
    let found = contact::locked(tx, viewer, contact_id).await?;
    let asking = found.ok_or_else(|| UserError::not_found("contactId", "contact"))?;
    let conversation = conversation::opened(tx, viewer, &channel, &asking, clock::now()).await?;
    contact::silence_bot(tx, viewer, contact_id).await?;
    // Operators are told whoever asks: what they read tells the asker nothing.
    let all = Viewer::command_line(viewer.workspace_id);
    let telling = Telling {
        viewer,
        first: &channel,
        channels: channel::list(&**tx, &all).await?,
        words: Words::load(tx, &all, &asking, &conversation).await?,
    };
    let told = telling.tell_all(tx, &all, &asking, &conversation).await?;
    message::announce(tx, viewer.workspace_id).await?;
    contact::announce(
        tx,
        viewer.workspace_id,
        contact::Which::These(&[contact_id]),
    )
    .await?;
    Ok((conversation, told))
}

/// Those who are to be told when somebody asks.
fn operators(all: &Viewer, asking: &Contact) -> Select<Entity> {
    all.find::<Entity>()
        .filter(Column::ReceivesSupportRequests.eq(true))
        .filter(Column::Status.eq(ContactStatus::Active))
        .filter(Column::BlockedAt.is_null())
        .filter(Column::Id.ne(asking.id))
}

/// What operators are told, and over which channels.
struct Telling<'a> {
    viewer: &'a Viewer,
    first: &'a Channel,
    channels: Vec<Channel>,
    words: Words,
}

impl Telling<'_> {
    async fn tell_all(
        &self,
        tx: &Tx,
        all: &Viewer,
        asking: &Contact,
        conversation: &Conversation,
    ) -> Result<Told> {
        let mut sum = Told::default();
        let mut last = ContactId(0);
        while sum.told + sum.not_told < MOST {
            let chunk = operators(all, asking)
                .filter(Column::Id.gt(last))
                .order_by_asc(Column::Id)
                .limit(CHUNK)
                .all(&**tx)
                .await?;
            let ids: Vec<ContactId> = chunk.iter().map(|row| row.id).collect();
            let Some(end) = ids.last() else {
                return Ok(sum);
            };
            last = *end;
            let addresses = contact::addresses(&**tx, all, &ids).await?;
            for id in ids {
                let own: Vec<_> = addresses
                    .iter()
                    .filter(|row| row.contact_id == id)
                    .collect();
                if self.tell(tx, id, &own).await? {
                    sum.told += 1;
                } else {
                    sum.not_told += 1;
                    tracing::warn!(operator = %id, conversation = %conversation.id, "an operator cannot be told of a request for support");
                }
            }
        }
        let left = operators(all, asking).filter(Column::Id.gt(last));
        let left = left.count(&**tx).await?;
        if left > 0 {
            tracing::warn!(conversation = %conversation.id, operators = left, "more operators than one request for support tells");
        }
        sum.not_told += left;
        Ok(sum)
    }

    /// Writes to an operator who has these addresses; whether a message reaches them.
    async fn tell(&self, tx: &Tx, id: ContactId, own: &[&contact_channel::Model]) -> Result<bool> {
        for way in ways(&self.channels, self.first, own) {
            if let Some(content) = self.words.over(way, own) {
                let draft = Draft {
                    channel: way,
                    contact_id: id,
                    conversation_id: None,
                };
                draft.write(tx, self.viewer, content.clone()).await?;
                message::enqueue(tx, id, way.id).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }
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

/// What every operator gets of one request.
struct Words {
    text: Content,
    /// The template that the workspace names, with the channel it is for; none: it names none that may be sent.
    template: Option<(ChannelId, Content)>,
}

impl Words {
    async fn load(
        tx: &Tx,
        all: &Viewer,
        asking: &Contact,
        conversation: &Conversation,
    ) -> Result<Self> {
        let workspace = workspace::get(&**tx, all.workspace_id).await?;
        let attributes = Attributes::load(&**tx, all).await?;
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
        let text = Pattern::read(workspace.support_text.as_deref().unwrap_or(TEXT));
        Ok(Self {
            text: Content::Text(unbraced(&text.shown(&person).0)),
            template: filled(tx, all, &workspace, &person).await?,
        })
    }

    /// What an operator with these addresses gets over a channel: the text within the service window, else the template.
    fn over(&self, channel: &Channel, own: &[&contact_channel::Model]) -> Option<&Content> {
        let there: Vec<&contact_channel::Model> = own
            .iter()
            .copied()
            .filter(|row| row.channel_id == channel.id)
            .collect();
        if is_window_open(channel, &there) {
            return Some(&self.text);
        }
        let (of, template) = self.template.as_ref()?;
        (*of == channel.id).then_some(template)
    }
}

/// The template that the workspace names for operators, filled.
async fn filled(
    tx: &Tx,
    all: &Viewer,
    workspace: &Workspace,
    person: &Person<'_>,
) -> Result<Option<(ChannelId, Content)>> {
    let Some(Content::Template { id, variables }) = &workspace.support_template else {
        return Ok(None);
    };
    let found = all.by_ids::<template::Entity>(&**tx, [*id]).await?;
    let Some(template) = found.into_iter().next() else {
        return Ok(None);
    };
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
    let ready = Ready::load(&**tx, all, &content).await?;
    if let Some(fault) = ready.map_or_else(Some, |ready| ready.fault()) {
        tracing::warn!(workspace = %workspace.id, template = %id, fault = fault.0, "the template for operators cannot be sent");
        return Ok(None);
    }
    Ok(Some((template.channel_id, content)))
}

/// The template that the viewer's workspace names for operators.
///
/// # Errors
/// When the database is away.
pub(crate) async fn template_of(tx: &Tx, viewer: &Viewer) -> Result<Option<TemplateId>> {
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    Ok(match workspace.support_template {
        Some(Content::Template { id, .. }) => Some(id),
        _ => None,
    })
}

/// The text that operators read, as it is kept.
///
/// # Errors
/// INVALID at `supportText`.
pub(crate) fn checked_text(text: &str, attributes: &Attributes) -> Result<String> {
    let mut errors = Vec::new();
    if text::is_blank(text) || text.chars().count() > 1_000 || text.contains('\0') {
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
