//! What people write: it makes them known, opens a conversation, and may be a stop.

use super::variant::variants;
use crate::{
    attribute::Attributes,
    contact::{self, Writer},
    conversation,
    db::{Tx, dialect},
    error::Result,
    message, phone, support, text,
    viewer::Viewer,
    workspace,
};
use entity::{
    channel::Model as Channel,
    delivery::DeliveryStatus,
    id::{ChannelId, ContactId},
    message::{self as messages, Direction},
};
use provider::{Event, Incoming, Person, Preference};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect, Set};
use std::collections::{BTreeMap, HashSet};

/// Characters of a text that are kept; WhatsApp's own bound.
const LONGEST: usize = 4_096;
/// Characters of a profile's name that are kept.
const LONGEST_NAME: usize = 200;
/// Characters of a URL that are kept; a longer one would lead nowhere when it is cut.
const LONGEST_URL: usize = 2_000;

/// Messages that are there already, by channel and the provider's name.
pub(super) type Known = HashSet<(ChannelId, String)>;

/// What all messages of a transaction need.
pub(super) struct Reading {
    attributes: Attributes,
    /// The messages that mean stop, and those that ask for support, bare.
    opt_out_words: Vec<String>,
    support_words: Vec<String>,
    /// The messages that are there already, those that were applied before among them.
    pub(super) known: Known,
}

impl Reading {
    /// What the workspace has set; messages that are there already are not among it.
    ///
    /// # Errors
    /// When the database is away.
    pub(super) async fn load(tx: &Tx, viewer: &Viewer) -> Result<Self> {
        let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
        let bare = |words: &[String]| words.iter().map(|word| text::bare(word)).collect();
        let support_words = workspace.support_words.as_ref();
        Ok(Self {
            attributes: Attributes::hold(tx, viewer).await?,
            opt_out_words: bare(&workspace::opt_out_words(&workspace)),
            support_words: support_words
                .map(|words| bare(&words.0))
                .unwrap_or_default(),
            known: Known::new(),
        })
    }
}

/// Applies a message; the contact who wrote it, where it was new.
pub(super) async fn message(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    reading: &mut Reading,
    said: Incoming,
) -> Result<Option<ContactId>> {
    let Some(writer) = writer(channel, &said.from) else {
        return Ok(None);
    };
    let provider_id = name(&said);
    if !reading.known.insert((channel.id, provider_id.clone())) {
        return Ok(None);
    }
    let attributes = &reading.attributes;
    let mut met = contact::meet(tx, viewer, channel, &writer, attributes).await?;
    let id = met.contact.id;
    let text = said.text.map(|text| clean(&text, LONGEST));
    // The whole message has to be one of the words.
    let words = text.as_deref().map(text::bare).unwrap_or_default();
    let is_one = |of: &[String]| !words.is_empty() && of.contains(&words);
    let stops = is_one(&reading.opt_out_words) && met.opt_out(said.at);
    if met.contact.blocked_at.is_some() {
        // Nothing that comes in is shown, so nothing is kept, but that they want no more.
        if stops {
            met.save(tx, attributes).await?;
        }
        return Ok(stops.then_some(id));
    }
    let conversation = conversation::opened(tx, viewer, channel, &met.contact, said.at).await?;
    let row = messages::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        contact_id: Set(id),
        channel_id: Set(channel.id),
        conversation_id: Set(Some(conversation.id)),
        direction: Set(Direction::Incoming),
        kind: Set(clean(&said.kind, 50)),
        text: Set(text.clone()),
        status: Set(DeliveryStatus::Received),
        provider_id: Set(Some(provider_id)),
        at: Set(said.at),
        ..Default::default()
    };
    message::insert(tx, row).await?;
    let asks = is_one(&reading.support_words) && met.contact.bot_active;
    met.wrote(tx, channel, &writer, said.at, attributes).await?;
    if asks {
        support::request(tx, viewer, id, channel.id).await?;
    }
    Ok(Some(id))
}

/// Applies a choice that somebody made in their messenger; the contact. Who is not known yet becomes known by it: a list that names them tomorrow
/// must not reach them.
pub(super) async fn preference(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    reading: &Reading,
    said: Preference,
) -> Result<Option<ContactId>> {
    let Some(writer) = writer(channel, &said.person) else {
        return Ok(None);
    };
    let mut met = contact::meet(tx, viewer, channel, &writer, &reading.attributes).await?;
    let id = met.contact.id;
    let chooses = match said.stop {
        true => met.opt_out(said.at),
        false => met.opt_in(said.at),
    };
    if chooses {
        met.save(tx, &reading.attributes).await?;
    }
    // Whoever was not known is there by now.
    Ok(Some(id))
}

/// The messages of these events that are there already, by channel and name.
pub(super) async fn known(tx: &Tx, viewer: &Viewer, events: &[(&Channel, Event)]) -> Result<Known> {
    let mut names: BTreeMap<ChannelId, Vec<String>> = BTreeMap::new();
    for (channel, event) in events {
        if let Event::Message(said) = event {
            names.entry(channel.id).or_default().push(name(said));
        }
    }
    let backend = tx.get_database_backend();
    let mut known = Known::new();
    for (channel, names) in names {
        let found: Vec<Option<String>> = viewer
            .find::<messages::Entity>()
            .filter(messages::Column::ChannelId.eq(channel))
            .filter(dialect::is_one_text(backend, "message.provider_id", &names))
            .select_only()
            .column(messages::Column::ProviderId)
            .into_tuple()
            .all(&**tx)
            .await?;
        known.extend(found.into_iter().flatten().map(|name| (channel, name)));
    }
    Ok(known)
}

/// By which a message is known again.
fn name(said: &Incoming) -> String {
    clean(&said.id, 256)
}

/// Who wrote; none where nothing of it can be an address.
fn writer(channel: &Channel, person: &Person) -> Option<Writer> {
    let given = [&person.address, &person.user_id];
    let addresses: Vec<String> = given
        .into_iter()
        .flatten()
        .filter_map(|address| kept(channel, address))
        .collect();
    let first = addresses.first()?;
    let variants = match contact::is_phone_channel(channel.kind) {
        true => variants(first),
        false => Vec::new(),
    };
    let name = person
        .profile_name
        .as_deref()
        .map(|name| clean(name, LONGEST_NAME));
    let url = person.picture_url.as_deref().map(str::trim);
    let url = url.filter(|url| url.starts_with("https://") && url.len() <= LONGEST_URL);
    Some(Writer {
        variants,
        addresses,
        profile_name: name.filter(|name| !text::fold(name).trim().is_empty()),
        avatar_url: url.map(|url| clean(url, LONGEST_URL)),
    })
}

/// An address in the form in which addresses are kept. Channels tell numbers without `+`, and know some that no plan of numbers has: those stay as they are told.
fn kept(channel: &Channel, address: &str) -> Option<String> {
    let address = clean(address, 256);
    let is_number = !address.is_empty() && address.bytes().all(|b| b.is_ascii_digit());
    if contact::is_phone_channel(channel.kind) && is_number {
        let number = format!("+{address}");
        let read = phone::parse(&number, None).map(phone::E164::into_string);
        return Some(read.unwrap_or(number));
    }
    contact::normalise_address(channel.kind, &address, None)
        .ok()
        .or_else(|| Some(address).filter(|address| !address.is_empty()))
}

/// Without NUL, which neither database keeps, and not longer than this.
fn clean(text: &str, longest: usize) -> String {
    let text = text.trim().chars().filter(|c| *c != '\0');
    text.take(longest).collect()
}
