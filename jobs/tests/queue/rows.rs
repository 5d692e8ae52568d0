//! What becomes of rows: enqueuing in a transaction, counting, clearing up, migrating.

use chrono::TimeDelta;
use domain::queue;
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};

use crate::harness::{Deed, Event, Log, Process, QUEUE, Store, enqueue, idle, until, within};

crate::on_both!(
    rolled_back_enqueue_leaves_nothing,
    a_job_waits_for_its_moment,
    retention_respects_age,
    migrations_may_run_at_once,
    a_worker_that_stopped_leaves_no_row,
);

#[allow(clippy::disallowed_methods, reason = "a bare connection, without a Db")]
async fn rolled_back_enqueue_leaves_nothing(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |_| ()).await;
    let transaction = db.begin().await.unwrap();
    enqueue(&transaction, 1, Deed::Finish).await;
    transaction.rollback().await.unwrap();
    assert_eq!(queue::unfinished(&db).await.unwrap(), 0);
    let transaction = db.begin().await.unwrap();
    enqueue(&transaction, 2, Deed::Finish).await;
    transaction.commit().await.unwrap();
    worker.wake.poke();
    log.wait(&Event::Ended { number: 2 }).await;
    idle(&db).await;
    worker.halt().await;
    assert_eq!(log.events().len(), 2, "{:?}", log.events());
}

async fn a_job_waits_for_its_moment(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |_| ()).await;
    let payload = br#"{"number":1,"deed":"Finish"}"#;
    let due = domain::clock::now() + TimeDelta::milliseconds(1500);
    queue::enqueue(&db, QUEUE, payload, Some(due))
        .await
        .unwrap();
    worker.wake.poke();
    log.wait(&Event::Ended { number: 1 }).await;
    assert!(domain::clock::now() >= due);
    worker.halt().await;
}

async fn retention_respects_age(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |_| ()).await;
    enqueue(&db, 1, Deed::Finish).await;
    enqueue(&db, 2, Deed::FailForGood).await;
    idle(&db).await;
    worker.halt().await;
    enqueue(&db, 3, Deed::Finish).await;
    let hour = TimeDelta::hours(1);
    assert_eq!(
        queue::delete_finished(&db, domain::clock::now() - hour)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        queue::delete_finished(&db, domain::clock::now() + hour)
            .await
            .unwrap(),
        2
    );
    assert_eq!(queue::unfinished(&db).await.unwrap(), 1);
}

async fn migrations_may_run_at_once(store: Store) {
    let fresh = match &store {
        Store::Sqlite(path) => Store::Sqlite(path.with_extension("fresh")),
        Store::Postgres(url) => {
            let db = store.connect().await;
            db.execute_unprepared("DROP SCHEMA apalis CASCADE")
                .await
                .unwrap();
            Store::Postgres(url.clone())
        }
    };
    let mut runs = Vec::new();
    for _ in 0..6 {
        let db = fresh.connect().await;
        runs.push(tokio::spawn(async move { migration::queue::up(&db).await }));
    }
    for run in runs {
        within("a migration", run).await.unwrap().unwrap();
    }
    let db = fresh.connect().await;
    migration::queue::up(&db).await.unwrap();
    assert_eq!(queue::unfinished(&db).await.unwrap(), 0);
}

async fn a_worker_that_stopped_leaves_no_row(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let workers = async || {
        let table = match &store {
            Store::Sqlite(_) => "Workers",
            Store::Postgres(_) => "apalis.workers",
        };
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get::<i64>("", "n").unwrap()
    };
    let worker = Process::start(&store, &log, "a", |_| ()).await;
    enqueue(&db, 1, Deed::Finish).await;
    idle(&db).await;
    until("a worker's row", async || workers().await == 1).await;
    worker.halt().await;
    assert_eq!(workers().await, 0);
}
