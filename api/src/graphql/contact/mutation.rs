//! Making, changing and deleting a contact.

use super::{Contact, input::ContactFieldsInput};
use crate::graphql::{
    error::Result,
    idempotent::Idempotent,
    loader::{Loader, read_id},
    payload::{DeleteInput, DeletePayload, payload},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::contact;
use entity::role::Role;

payload!(
    /// What became of a contact's making or change.
    ContactPayload,
    /// The contact as it is now; null where the change was refused.
    contact: Contact
);

/// A contact to make.
#[derive(InputObject)]
pub(crate) struct CreateContactInput {
    /// Its fields. None is required.
    contact: ContactFieldsInput,
}

/// What to change in a contact.
#[derive(InputObject)]
pub(crate) struct UpdateContactInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
    /// The fields to change; what is left out stays.
    contact: ContactFieldsInput,
    /// The version you saw: where the contact is at another one, nothing changes and the answer is CONFLICT. Left out: whatever it is.
    if_version: Option<i32>,
}

#[derive(Default)]
pub(crate) struct ContactMutation;

#[Object]
impl ContactMutation {
    /// Makes a contact. With ONLY_ASSIGNED_CONTACTS it is assigned to who makes it, unless a team of theirs is named. FORBIDDEN to agents, and with
    /// that restriction to a script, which would not see it.
    async fn create_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact to make.")] input: Idempotent<CreateContactInput>,
    ) -> Result<ContactPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            contact::create(tx, loader.viewer(), input.contact.into())
                .await
                .map(|row| Contact::one(loader.viewer(), row))
        });
        Ok(done.await?.into())
    }

    /// Changes a contact. One that changes nothing leaves its version. With ONLY_ASSIGNED_CONTACTS a contact may be given away: the answer has it as
    /// it was written, and nothing later finds it. FORBIDDEN to agents.
    async fn update_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which contact.")] input: Idempotent<UpdateContactInput>,
    ) -> Result<ContactPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let UpdateContactInput {
            id,
            contact,
            if_version,
        } = input;
        let (id, fields) = (read_id(&id), contact.into());
        let done = loader.write(key, async |tx| {
            contact::update(tx, loader.viewer(), id, fields, if_version)
                .await
                .map(|row| Contact::one(loader.viewer(), row))
        });
        Ok(done.await?.into())
    }

    /// Deletes a contact for good; its addresses are free again at once. FORBIDDEN to agents and with NO_CONTACT_DELETE.
    async fn delete_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contact.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            contact::delete(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }
}
