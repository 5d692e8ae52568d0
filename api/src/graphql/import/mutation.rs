//! Imports made, started and stopped.

use super::{
    file::Files,
    input::{CreateImportInput, StartImportInput},
    object::Import,
};
use crate::graphql::{
    error::Result,
    idempotent::{Idempotent, to_its_end},
    job::JobInput,
    loader::{Loader, read_id},
    payload::payload,
};
use async_graphql::{Context, Object};
use domain::{
    error::Error,
    import::{self, NewImport, Uploaded},
};
use entity::role::{Restriction, Role};
use std::sync::Arc;

payload!(
    /// What became of an import's making, start or end.
    ImportPayload,
    /// The import as it is now; null where the change was refused. A file that is refused as a whole is an import, FAILED, with the
    /// reason in `failure`.
    import: Import
);

fn importer<'a>(ctx: &Context<'a>) -> Result<&'a Loader> {
    let loader = Loader::require(ctx, Role::Manager)?;
    loader.viewer().unrestricted(Restriction::NoImport)?;
    loader.viewer().sees_imports()?;
    Ok(loader)
}

#[derive(Default)]
pub(crate) struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Takes a file in, inspects it meanwhile, and proposes what becomes of its columns. Starts at once where `start` is true and nothing
    /// is left to decide. For owners and managers without NO_IMPORT.
    async fn create_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, and what is said about it.")] input: Idempotent<
            CreateImportInput,
        >,
    ) -> async_graphql::Result<ImportPayload> {
        let (loader, files) = (importer(ctx)?, Files::of(ctx)?);
        let (input, key) = input.open_with_files(ctx).await?;
        let received = input.file.received(ctx)?;
        let uploaded = Uploaded {
            file: received
                .open()
                .map_err(|error| crate::graphql::error::Failure::from(Error::from(error)))?,
            file_name: received.file_name.clone(),
            truncated: received.truncated,
        };
        let new = NewImport {
            kind: input.kind.into(),
            consent_confirmed: input.consent_confirmed,
            start: input.start,
            settings: input.into_settings(),
        };
        // A client that leaves must not leave a file behind that no import names.
        let (db, store) = (loader.db().clone(), files.store.clone());
        let viewer = loader.viewer().clone();
        let done = to_its_end(async move {
            import::create(&db, &store, &viewer, uploaded, new, key.as_ref()).await
        });
        let done = done
            .await
            .map(|ran| ran.map(|row| Import::one(Arc::new(row))));
        Ok(loader.answer(done).await?.into())
    }

    /// Runs an import that is INSPECTED, in the background: watch it with `importProgress`. For owners and managers without NO_IMPORT.
    async fn start_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what is still to be said about it.")] input: Idempotent<
            StartImportInput,
        >,
    ) -> Result<ImportPayload> {
        let loader = importer(ctx)?;
        let (input, key) = input.open(ctx);
        let id = read_id(&input.id);
        let done = loader.write(key, async |tx| {
            import::start(tx, loader.viewer(), id, input.into_settings())
                .await
                .map(|row| Import::one(Arc::new(row)))
        });
        Ok(done.await?.into())
    }

    /// Stops an import that has not ended: from now on no further row goes in. What went in stays, and the counts say what that is. For
    /// owners and managers without NO_IMPORT.
    async fn cancel_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: Idempotent<JobInput>,
    ) -> Result<ImportPayload> {
        let loader = importer(ctx)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            import::cancel(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|row| Import::one(Arc::new(row)))
        });
        Ok(done.await?.into())
    }
}
