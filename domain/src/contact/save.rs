//! One contact by hand: made, changed, deleted.

use super::{
    address,
    belonging::{self, Belonging},
    changes::{self, Which},
    input::{Address, Input, prepare},
    patch::derive,
    total::Total,
    write,
};
use crate::{
    clock,
    db::{
        Tx,
        bulk::{self, Cell},
        dialect::{self, Kind},
    },
    error::{Error, Result, UserError},
    viewer::Viewer,
};
use entity::{contact, contact_channel, id::ContactId, role::Restriction};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

/// Makes a contact. Who sees assigned contacts alone is assigned what they would not see otherwise.
///
/// # Errors
/// One for every field that does not hold, at its path, INVALID at `contact.assigneeId` where its maker would not see it; [`Error::Forbidden`]
/// for a script that sees assigned contacts alone.
pub async fn create(tx: &Tx, viewer: &Viewer, input: Input) -> Result<contact::Model> {
    let (belonging, input) = Belonging::of_new(tx, viewer, input).await?;
    let prepared = prepare(tx, viewer, input, belonging, &[]).await?;
    let mut contact = write::blank(viewer.workspace_id);
    contact.id = ContactId(dialect::reserve_ids(&**tx, "contact", 1).await?[0]);
    prepared
        .patch
        .apply(&mut contact, &prepared.attributes, clock::now());
    let addresses = prepared.addresses.unwrap_or_default();
    derive(
        &mut contact,
        addresses.first().map(|address| address.address.as_str()),
    );
    let texts = write::Addresses::from([(contact.id, texts(&addresses))]);
    let contacts = std::slice::from_ref(&contact);
    write::insert(&**tx, contacts, &texts, &prepared.attributes).await?;
    add_addresses(tx, viewer, contact.id, &addresses).await?;
    changes::announce(tx, viewer.workspace_id, Which::These(&[contact.id])).await?;
    if let Some(tags) = &prepared.tags {
        belonging::replace_tags(tx, contact.id, tags).await?;
    }
    Ok(contact)
}

/// Changes a contact; where `if_version` is given, only if it is still at that version. Who sees assigned contacts alone may give one away: what
/// is returned is the contact as it was written, and they do not see it again.
///
/// # Errors
/// NOT_FOUND, CONFLICT, or one for every field that does not hold, at its path.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: ContactId,
    input: Input,
    if_version: Option<i32>,
) -> Result<contact::Model> {
    let belonging = Belonging::find(tx, viewer, &input).await?;
    let mut contact = super::visible(viewer)
        .filter(contact::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or_else(|| UserError::not_found("id", "contact"))?;
    if let Some(seen) = if_version.filter(|seen| *seen != contact.version) {
        let message = format!(
            "The contact has been changed meanwhile: it is at version {}, you saw {seen}. Read it again.",
            contact.version
        );
        return Err(Error::user("ifVersion", "CONFLICT", message));
    }
    sees_what_changes(viewer, &input)?;
    let was = contact.status;
    let old = address::of_contacts(&**tx, viewer, &[id]).await?;
    let prepared = prepare(tx, viewer, input, belonging, &old).await?;
    let mut changed = prepared
        .patch
        .apply(&mut contact, &prepared.attributes, clock::now());
    if let Some(tags) = &prepared.tags {
        changed |= belonging::replace_tags(tx, id, tags).await?;
    }
    let addresses = match prepared.addresses {
        Some(new) => {
            changed |= replace_addresses(tx, viewer, id, &old, &new).await?;
            new
        }
        None => old
            .into_iter()
            .map(|row| Address {
                channel_id: row.channel_id,
                address: row.address,
            })
            .collect(),
    };
    if changed {
        derive(
            &mut contact,
            addresses.first().map(|address| address.address.as_str()),
        );
        contact.version += 1;
        contact.updated_at = clock::now();
        let texts = write::Addresses::from([(id, texts(&addresses))]);
        let changed = [write::Changed { contact, was }];
        write::update(&**tx, &changed, &texts, &prepared.attributes).await?;
        let [
            write::Changed {
                contact: written, ..
            },
        ] = changed;
        contact = written;
        changes::announce(tx, viewer.workspace_id, Which::These(&[id])).await?;
    }
    Ok(contact)
}

/// Refuses changes of what is masked for the viewer: a form that gives back what it was shown would clear it.
fn sees_what_changes(viewer: &Viewer, input: &Input) -> Result<()> {
    if !viewer.is_masked() {
        return Ok(());
    }
    let hidden = [
        ("email", input.email.is_some()),
        ("phone", input.phone.is_some()),
        ("channels", input.channels.is_some()),
    ];
    let given = hidden.into_iter().filter(|(_, is_given)| *is_given);
    let refused = given.map(|(field, _)| {
        let message = "A restriction hides this from you, so you cannot change it: leave it out.";
        UserError::new(&format!("contact.{field}"), "FORBIDDEN", message)
    });
    let errors: Vec<_> = refused.collect();
    if errors.is_empty() {
        return Ok(());
    }
    Err(Error::User(errors))
}

/// Deletes a contact for good; its addresses are free again at once.
///
/// # Errors
/// NOT_FOUND, or [`Error::Forbidden`] for whoever may not delete.
#[allow(
    clippy::disallowed_methods,
    reason = "the contact was found through the scope"
)]
pub async fn delete(tx: &Tx, viewer: &Viewer, id: ContactId) -> Result<()> {
    viewer.unrestricted(Restriction::NoContactDelete)?;
    let found = super::get(&**tx, viewer, id)
        .await?
        .ok_or_else(|| UserError::not_found("id", "contact"))?;
    let gone = contact::Entity::delete_by_id(found.id).exec(&**tx).await?;
    let mut total = Total::default();
    // Whoever deletes them at the same moment has counted.
    if gone.rows_affected > 0 {
        total.went(found.status);
    }
    total.save(&**tx, viewer.workspace_id).await?;
    changes::announce(tx, viewer.workspace_id, Which::These(&[id])).await?;
    Ok(())
}

fn texts(addresses: &[Address]) -> Vec<String> {
    addresses
        .iter()
        .map(|address| address.address.clone())
        .collect()
}

async fn add_addresses(
    tx: &Tx,
    viewer: &Viewer,
    id: ContactId,
    addresses: &[Address],
) -> Result<()> {
    let written = insert_addresses(tx, viewer, id, addresses).await?;
    // Somebody else took one between the look and the write.
    if written != addresses.len() as u64 {
        return Err(Error::user(
            "contact.channels",
            "TAKEN",
            "Another contact has just taken one of these addresses.",
        ));
    }
    Ok(())
}

/// Gives a contact those of these addresses that nobody has; how many.
pub(super) async fn insert_addresses(
    tx: &Tx,
    viewer: &Viewer,
    id: ContactId,
    addresses: &[Address],
) -> Result<u64> {
    let now = clock::now();
    let rows = addresses.iter().map(|address| {
        vec![
            Cell::Int(viewer.workspace_id.0),
            Cell::Int(id.0),
            Cell::Int(address.channel_id.0),
            Cell::Text(address.address.clone()),
            Cell::Time(now),
        ]
    });
    Ok(bulk::insert(
        &**tx,
        "contact_channel",
        &ADDRESS_COLUMNS,
        rows.collect(),
        "ON CONFLICT DO NOTHING",
    )
    .await?)
}

/// The columns of an address, in the order in which addresses are written.
pub(crate) const ADDRESS_COLUMNS: [bulk::Column; 5] = [
    ("workspace_id", Kind::BigInt),
    ("contact_id", Kind::BigInt),
    ("channel_id", Kind::BigInt),
    ("address", Kind::Text),
    ("created_at", Kind::Time),
];

/// Keeps those that stay, with their ids and times; says whether anything changed.
#[allow(
    clippy::disallowed_methods,
    reason = "the rows were found through the scope"
)]
async fn replace_addresses(
    tx: &Tx,
    viewer: &Viewer,
    id: ContactId,
    old: &[contact_channel::Model],
    new: &[Address],
) -> Result<bool> {
    let same = |row: &contact_channel::Model, address: &Address| {
        row.channel_id == address.channel_id && row.address == address.address
    };
    let gone: Vec<_> = old
        .iter()
        .filter(|row| !new.iter().any(|address| same(row, address)))
        .map(|row| row.id)
        .collect();
    let added: Vec<Address> = new
        .iter()
        .filter(|address| !old.iter().any(|row| same(row, address)))
        .cloned()
        .collect();
    if !gone.is_empty() {
        contact_channel::Entity::delete_many()
            .filter(contact_channel::Column::Id.is_in(gone.iter().copied()))
            .exec(&**tx)
            .await?;
    }
    add_addresses(tx, viewer, id, &added).await?;
    Ok(!gone.is_empty() || !added.is_empty())
}
