//! What people say: it makes them known, opens a conversation, and may be a stop. Statements do not grow with the messages of a transaction, but with those
//! who ask for support.

use super::writer::{clean, name, writer};
use crate::{
    attribute::Attributes,
    contact::{People, Writer},
    conversation::{self, Wrote},
    db::Tx,
    error::Result,
    message::{self, Came},
    support, text,
    viewer::Viewer,
    workspace,
};
use entity::{
    channel::Model as Channel,
    id::{ChannelId, ContactId},
};
use provider::{Incoming, Preference};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Characters of a text that are kept; WhatsApp's own bound.
const LONGEST: usize = 4_096;

/// One thing that somebody says.
pub(super) enum Said {
    /// A message.
    Message(Incoming),
    /// That they want messages, or none.
    Preference(Preference),
}

/// What all of a transaction needs of the workspace.
pub(super) struct Reading {
    attributes: Attributes,
    /// The messages that mean stop, and those that ask for support, bare.
    opt_out_words: Vec<String>,
    support_words: Vec<String>,
}

impl Reading {
    /// What the workspace has set; nobody changes its attributes until the transaction ends.
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
        })
    }
}

/// Applies what people said, over each channel in the order in which it came; the contacts of whom something is new.
///
/// # Errors
/// When the database is away.
pub(super) async fn apply(
    tx: &Tx,
    viewer: &Viewer,
    reading: &Reading,
    said: Vec<(&Channel, Said)>,
) -> Result<BTreeSet<ContactId>> {
    let mut changed = BTreeSet::new();
    if said.is_empty() {
        return Ok(changed);
    }
    let mut channels: BTreeMap<ChannelId, (&Channel, Vec<Said>)> = BTreeMap::new();
    for (channel, said) in said {
        let (_, all) = channels.entry(channel.id).or_insert((channel, Vec::new()));
        all.push(said);
    }
    for (channel, said) in channels.into_values() {
        changed.extend(apply_on(tx, viewer, channel, reading, said).await?);
    }
    message::announce(tx, viewer.workspace_id).await?;
    Ok(changed)
}

/// The same over one channel.
async fn apply_on(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    reading: &Reading,
    said: Vec<Said>,
) -> Result<BTreeSet<ContactId>> {
    let mut known = known(tx, viewer, channel, &said).await?;
    let mut fresh = Vec::new();
    for said in said {
        let (person, is_new) = match &said {
            Said::Message(message) => (&message.from, known.insert(name(message))),
            Said::Preference(preference) => (&preference.person, true),
        };
        // A repetition makes nobody known who has been deleted since.
        if let Some(writer) = writer(channel, person).filter(|_| is_new) {
            fresh.push((writer, said));
        }
    }
    if fresh.is_empty() {
        return Ok(BTreeSet::new());
    }
    let writers: Vec<&Writer> = fresh.iter().map(|(writer, _)| writer).collect();
    let people = People::meet(tx, (viewer, channel, &reading.attributes), &writers).await?;
    let mut talk = Talk {
        channel,
        reading,
        people,
        came: Vec::new(),
        asking: BTreeSet::new(),
        changed: BTreeSet::new(),
    };
    for (writer, said) in fresh {
        match said {
            Said::Message(message) => talk.message(&writer, message),
            Said::Preference(preference) => talk.preference(&writer, &preference),
        }
    }
    talk.write(tx, viewer).await
}

/// What is said over one channel, not written yet.
struct Talk<'a> {
    channel: &'a Channel,
    reading: &'a Reading,
    people: People<'a>,
    came: Vec<Came>,
    /// Those who ask for support.
    asking: BTreeSet<ContactId>,
    /// Those of whom something is new.
    changed: BTreeSet<ContactId>,
}

impl Talk<'_> {
    fn message(&mut self, writer: &Writer, said: Incoming) {
        let Some(met) = self.people.of(writer) else {
            return;
        };
        let provider_id = name(&said);
        let text = said.text.map(|text| clean(&text, LONGEST));
        // The whole message has to be one of the words.
        let words = text.as_deref().map(text::bare).unwrap_or_default();
        let is_one = |of: &[String]| !words.is_empty() && of.contains(&words);
        let stops = is_one(&self.reading.opt_out_words) && met.opt_out(said.at);
        let contact_id = met.contact.id;
        if met.contact.blocked_at.is_some() {
            // Nothing that comes in is shown, so nothing is kept, but that they want no more.
            if stops {
                self.changed.insert(contact_id);
            }
            return;
        }
        if is_one(&self.reading.support_words) && met.contact.bot_active {
            self.asking.insert(contact_id);
        }
        let profile = (writer.profile_name.as_deref(), writer.avatar_url.as_deref());
        met.wrote(self.channel, profile, said.at);
        self.changed.insert(contact_id);
        self.came.push(Came {
            contact_id,
            kind: clean(&said.kind, 50),
            text,
            provider_id,
            at: said.at,
        });
    }

    /// A choice that somebody made in their messenger. Who is not known yet becomes known by it: a list that names them tomorrow must not reach them.
    fn preference(&mut self, writer: &Writer, said: &Preference) {
        if let Some(met) = self.people.of(writer) {
            match said.stop {
                true => met.opt_out(said.at),
                false => met.opt_in(said.at),
            };
            self.changed.insert(met.contact.id);
        }
    }

    async fn write(self, tx: &Tx, viewer: &Viewer) -> Result<BTreeSet<ContactId>> {
        let mut wrote: Vec<Wrote> = Vec::new();
        let mut seen = BTreeSet::new();
        for came in self.came.iter().filter(|came| seen.insert(came.contact_id)) {
            let met = self.people.get(came.contact_id);
            wrote.push(Wrote {
                contact_id: came.contact_id,
                assignee_id: met.and_then(|met| met.contact.assignee_id),
                at: came.at,
            });
        }
        self.people.save(tx).await?;
        let open = conversation::opened_with(tx, viewer, self.channel, &wrote).await?;
        let came = self.came.into_iter().map(|came| {
            let conversation = open.get(&came.contact_id).copied();
            (came, conversation)
        });
        message::insert_came(tx, viewer, self.channel.id, came).await?;
        for id in self.asking {
            support::request(tx, viewer, id, self.channel.id).await?;
        }
        Ok(self.changed)
    }
}

/// The names of those of these messages that are there already.
async fn known(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    said: &[Said],
) -> Result<HashSet<String>> {
    let names = said.iter().filter_map(|said| match said {
        Said::Message(message) => Some(name(message)),
        Said::Preference(_) => None,
    });
    let found = message::named(tx, viewer, channel.id, names).await?;
    Ok(found
        .into_iter()
        .filter_map(|row| row.provider_id)
        .collect())
}
