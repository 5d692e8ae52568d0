//! When the database is to look at its tables again, so that pages and counts stay quick while an import makes them many times as large.

use crate::Services;
use domain::{contact, db::dialect, error::Result, viewer::Viewer};
use entity::import::Model as Import;

/// Contacts that are too few to matter.
const FEW: i64 = 5_000;

/// How far the contacts have grown since the database last looked.
pub(super) struct Growth {
    /// Contacts at that time.
    known: i64,
    /// Those that the import had made by then.
    made: i64,
}

impl Growth {
    /// As a run of an import's job begins.
    pub(super) async fn new(services: &Services, viewer: &Viewer, import: &Import) -> Result<Self> {
        let total = contact::total(services.db.read(), viewer).await?;
        Ok(Self {
            known: total.active + total.inactive,
            made: import.created_count,
        })
    }

    /// Has the database look again once there are twice as many, so that it does so a few times in all, however long the import is.
    pub(super) async fn goes_on(&mut self, services: &Services, import: &Import) -> Result<()> {
        self.look(services, import, self.known).await
    }

    /// The same for the last rows, whose share may be smaller.
    pub(super) async fn ends(mut self, services: &Services, import: &Import) -> Result<()> {
        let least = self.known / 10;
        self.look(services, import, least).await
    }

    async fn look(&mut self, services: &Services, import: &Import, least: i64) -> Result<()> {
        let grown = import.created_count - self.made;
        if grown < least.max(FEW) {
            return Ok(());
        }
        dialect::refresh_statistics(&services.db).await?;
        self.known += grown;
        self.made = import.created_count;
        Ok(())
    }
}
