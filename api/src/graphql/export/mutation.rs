//! Exports asked for, and stopped.

use super::{Export, ExportFormat};
use crate::graphql::{
    contact::{ContactOrder, ContactSelection},
    error::Result,
    idempotent::Idempotent,
    job::JobInput,
    loader::{Loader, read_id},
    payload::payload,
};
use async_graphql::{Context, InputObject, Object};
use domain::export::{self, NewExport};
use entity::role::Role;

payload!(
    /// What became of an export's making or end.
    ExportPayload,
    /// The export as it is now, in the background: watch it with `exportProgress`. Null where it was refused.
    export: Export
);

/// Which contacts to export, and how.
#[derive(InputObject)]
pub(crate) struct ExportContactsInput {
    /// Which contacts: an inbox, a segment, a filter and a search together, or some that are named.
    contacts: ContactSelection,
    /// The keys of the columns, from left to right, each once: NOT_FOUND, or INVALID, at its place. Left out: all there are. With `id` among them
    /// an import finds every contact again.
    columns: Option<Vec<String>>,
    /// By which column the rows are sorted. Left out: the newest first. A second entry is BAD_USER_INPUT.
    order_by: Option<Vec<ContactOrder>>,
    /// How the file is written.
    #[graphql(default_with = "ExportFormat::Csv")]
    format: ExportFormat,
}

#[derive(Default)]
pub(crate) struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Writes contacts into a CSV file, in the background and without a limit of rows. FORBIDDEN to agents, and to who may not export; what is
    /// hidden from the viewer is not in the file.
    async fn export_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contacts, and how.")] input: Idempotent<ExportContactsInput>,
    ) -> Result<ExportPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let ExportContactsInput {
            contacts,
            columns,
            order_by,
            format,
        } = input;
        let new = NewExport {
            contacts: contacts.into(),
            columns,
            sort: ContactOrder::sort(order_by)?,
            format: format.into(),
        };
        let done = loader.write(key, async |tx| {
            export::create(tx, loader.viewer(), new)
                .await
                .map(Export::new)
        });
        Ok(done.await?.into())
    }

    /// Stops an export that has not ended; there will be no file. FORBIDDEN to agents, and to who may not export.
    async fn cancel_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: Idempotent<JobInput>,
    ) -> Result<ExportPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            export::cancel(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(Export::new)
        });
        Ok(done.await?.into())
    }
}
