//! Files to download, and what makes them.

use crate::graphql::error::{Failure, Result};
use async_graphql::{Context, Object};
use domain::scalar::Url;
use domain::{db::Db, link::Signer, live::Counts, store::Store, watch::Watches};
use entity::{broadcast_send, export, import, operation};

/// Where files lie, how links to them are signed, and what is watched: the same for all requests.
#[derive(Clone)]
pub struct Files {
    pub(super) store: Store,
    signer: Signer,
    pub(super) imports: Watches<import::Model>,
    pub(in crate::graphql) operations: Watches<operation::Model>,
    pub(in crate::graphql) exports: Watches<export::Model>,
    pub(in crate::graphql) sends: Watches<broadcast_send::Model>,
    pub(in crate::graphql) counts: Counts,
}

impl Files {
    /// For one installation.
    pub fn new(db: Db, store: Store, signer: Signer) -> Self {
        Self {
            store,
            signer,
            imports: Watches::new(db.clone()),
            operations: Watches::new(db.clone()),
            exports: Watches::new(db.clone()),
            sends: Watches::new(db.clone()),
            counts: Counts::new(db),
        }
    }

    pub(in crate::graphql) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>()
            .ok_or_else(|| Failure::broken("the schema has no files"))
    }
}

/// A file to download.
pub(crate) struct File {
    pub(in crate::graphql) key: String,
    pub(in crate::graphql) name: String,
    pub(in crate::graphql) size: i64,
}

/// A file to download.
#[Object]
impl File {
    /// The name to save it under.
    async fn name(&self) -> &str {
        &self.name
    }

    /// Its size in bytes.
    #[expect(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
    async fn size(&self) -> f64 {
        self.size as f64
    }

    /// Its media type, such as `text/csv`.
    async fn media_type(&self) -> &'static str {
        MEDIA_TYPE
    }

    /// Where it can be downloaded, without a token, for 15 minutes from this answer on; then ask for a new one.
    async fn url(&self, ctx: &Context<'_>) -> Result<Url> {
        Ok(Url(Files::of(ctx)?
            .signer
            .link(&self.key, &self.name, MEDIA_TYPE)?))
    }
}

const MEDIA_TYPE: &str = "text/csv";
