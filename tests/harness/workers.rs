//! Real workers, in the process of the test.

use super::Harness;
use std::time::Duration;

impl Harness {
    /// What runs the jobs, until the harness stops.
    pub(super) fn workers(&self) -> impl Future<Output = ()> + Send + 'static {
        let settings = domain::db::Settings {
            url: self.database.url.clone(),
            max_connections: 4,
        };
        let (db, store, stop) = (self.db.clone(), self.store.clone(), self.stop.clone());
        let pulse = jobs::Pulse::default();
        async move {
            let services = jobs::Services {
                db,
                workers: sea_orm::Database::connect(domain::db::options(&settings))
                    .await
                    .unwrap(),
                store,
                // No webhook's URL is shown by a job.
                providers: super::providers(""),
                sending: jobs::Turns::default(),
                applying: jobs::AtWork::default(),
                pulse,
            };
            let pool = services.workers.clone();
            // One beat a second, the shortest there is: what a worker leaves behind is soon taken up.
            let settings = jobs::Settings {
                heartbeat: Duration::from_secs(1),
            };
            jobs::run(services, settings, stop).await;
            pool.close().await.unwrap();
        }
    }
}
