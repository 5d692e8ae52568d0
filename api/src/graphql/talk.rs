//! Whom a list of conversations or messages is with: read once for the list.

use super::{
    contact::Contact,
    error::Result,
    loader::{Loader, Once, once},
};
use domain::contact;
use entity::id::ContactId;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// The contacts of a list.
pub(super) struct People {
    ids: BTreeSet<ContactId>,
    contacts: Once<Arc<HashMap<ContactId, Contact>>>,
    secrets: Once<Arc<HashMap<ContactId, Vec<String>>>>,
}

impl People {
    /// Nobody is read yet.
    pub(super) fn new(ids: impl IntoIterator<Item = ContactId>) -> Arc<Self> {
        Arc::new(Self {
            ids: ids.into_iter().collect(),
            contacts: Once::new(),
            secrets: Once::new(),
        })
    }

    /// One of them; none where they were deleted meanwhile.
    pub(super) async fn get(&self, loader: &Loader, id: ContactId) -> Result<Option<Contact>> {
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let contacts = once(&self.contacts, async {
            let ids: Vec<ContactId> = self.ids.iter().copied().collect();
            let rows = contact::by_ids(conn, viewer, &ids).await?;
            let ids: Vec<ContactId> = rows.iter().map(|row| row.id).collect();
            let contacts = ids.into_iter().zip(Contact::group(viewer, rows));
            Ok(Arc::new(contacts.collect::<HashMap<_, _>>()))
        });
        Ok(contacts.await?.get(&id).cloned())
    }

    /// A text of one of them, or to them, as the viewer may read it.
    pub(super) async fn shown(&self, loader: &Loader, id: ContactId, text: &str) -> Result<String> {
        let secrets = once(&self.secrets, async {
            let (conn, viewer) = (loader.db().read(), loader.viewer());
            let ids: Vec<ContactId> = self.ids.iter().copied().collect();
            Ok(Arc::new(contact::secrets(conn, viewer, &ids).await?))
        });
        let secrets = secrets.await?;
        let own = secrets.get(&id).map_or(&[][..], Vec::as_slice);
        Ok(contact::masked_text(text, own))
    }
}
