//! The contacts of one list, and what belongs to all of them.

use crate::graphql::{
    conversation::Conversation,
    error::Result,
    lists::Lists,
    loader::{Loader, Once, once},
    segment::{self, Segment},
    tag::{self, Tag},
};
use domain::{
    contact, conversation,
    page::{Page, Window},
    viewer::Viewer,
};
use entity::{contact::Model, contact_channel, id::ContactId, tag::Model as TagRow};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

/// Addresses, by whose they are.
pub(super) type Addresses = HashMap<ContactId, Vec<contact_channel::Model>>;

/// Tags by name, by whose they are.
pub(super) type TagRows = HashMap<ContactId, Vec<TagRow>>;

/// The contacts of one list: what belongs to all of them is read at once, by the first that is asked for it.
pub(super) struct Group {
    ids: Vec<ContactId>,
    addresses: Once<Arc<Addresses>>,
    segments: Once<Arc<HashMap<ContactId, Vec<Segment>>>>,
    tag_rows: Once<Arc<TagRows>>,
    tags: OnceLock<Arc<tag::Group>>,
    talks: Lists<Window, ContactId, Conversation>,
}

impl Group {
    fn new(ids: Vec<ContactId>) -> Arc<Self> {
        Arc::new(Self {
            ids,
            addresses: Once::new(),
            segments: Once::new(),
            tag_rows: Once::new(),
            tags: OnceLock::new(),
            talks: Lists::new(),
        })
    }
}

/// Someone the workspace knows.
#[derive(Clone)]
pub(crate) struct Contact {
    pub(in crate::graphql) row: Arc<Model>,
    group: Arc<Group>,
}

impl Contact {
    /// The contacts of a list, in its order.
    pub(crate) fn group(viewer: &Viewer, rows: Vec<Model>) -> Vec<Self> {
        let group = Group::new(rows.iter().map(|row| row.id).collect());
        let wrap = |row| Self {
            row: Arc::new(contact::masked(viewer, row)),
            group: Arc::clone(&group),
        };
        rows.into_iter().map(wrap).collect()
    }

    /// One contact, in no list.
    pub(crate) fn one(viewer: &Viewer, row: Model) -> Self {
        let group = Group::new(vec![row.id]);
        Self {
            row: Arc::new(contact::masked(viewer, row)),
            group,
        }
    }

    pub(super) async fn addresses(&self, loader: &Loader) -> Result<Arc<Addresses>> {
        once(&self.group.addresses, async {
            let found =
                contact::addresses(loader.db().read(), loader.viewer(), &self.group.ids).await?;
            let mut addresses = Addresses::new();
            for address in found {
                let address = contact::masked_address(loader.viewer(), address);
                addresses
                    .entry(address.contact_id)
                    .or_default()
                    .push(address);
            }
            Ok(Arc::new(addresses))
        })
        .await
    }

    pub(super) async fn load_segments(&self, loader: &Loader) -> Result<Vec<Segment>> {
        let known = loader.attributes().await?;
        let segments = once(&self.group.segments, async {
            let (conn, viewer) = (loader.db().read(), loader.viewer());
            let ids = &self.group.ids;
            let found = domain::segment::of_contacts(conn, viewer, &known.all, ids).await?;
            let group = segment::Group::new(found.iter().map(|(_, row)| row));
            let mut segments = HashMap::<_, Vec<_>>::new();
            for (contact, row) in found {
                let segment = Segment::new(row, &group);
                segments.entry(contact).or_default().push(segment);
            }
            Ok(Arc::new(segments))
        })
        .await?;
        Ok(segments.get(&self.row.id).cloned().unwrap_or_default())
    }

    pub(super) async fn tag_rows(&self, loader: &Loader) -> Result<Arc<TagRows>> {
        once(&self.group.tag_rows, async {
            let found = contact::tags(loader.db().read(), loader.viewer(), &self.group.ids).await?;
            let mut tags = TagRows::new();
            for (contact, row) in found {
                tags.entry(contact).or_default().push(row);
            }
            Ok(Arc::new(tags))
        })
        .await
    }

    pub(super) async fn load_tags(&self, loader: &Loader) -> Result<Vec<Tag>> {
        let rows = self.tag_rows(loader).await?;
        // Those of the whole list are counted together.
        let all = || tag::Group::new(rows.values().flatten().map(|row| row.id));
        let group = self.group.tags.get_or_init(all);
        let own = rows.get(&self.row.id).into_iter().flatten();
        Ok(own.map(|row| Tag::new(row.clone(), group)).collect())
    }

    /// A page of their conversations, the newest first: the same page is read for the whole list at once.
    pub(super) async fn load_conversations(
        &self,
        loader: &Loader,
        window: &Window,
    ) -> Result<Page<Conversation>> {
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let load = conversation::of_contacts(conn, viewer, &self.group.ids, window);
        let (talks, own) = (&self.group.talks, self.row.id);
        talks
            .page(window.clone(), own, window, load, Conversation::group)
            .await
    }
}
