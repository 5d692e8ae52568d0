//! Workers that live side by side, die, stop and come back.

use std::time::Duration;

use domain::queue;
use sea_orm::ConnectionTrait;

use crate::harness::{Deed, Event, Log, Process, Store, enqueue, idle, until};

crate::on_both!(
    healthy_workers_never_share_a_job,
    a_long_job_is_not_taken_from_a_living_worker,
    a_dead_workers_job_is_taken_up,
    a_restart_takes_up_what_the_last_start_left,
    a_job_that_kills_its_process_is_given_up,
    a_checkpoint_hands_the_job_on,
    heartbeats_go_on_while_a_worker_stops,
    handlers_that_do_not_stop_are_cut_off,
    a_database_error_is_survived,
);

async fn healthy_workers_never_share_a_job(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let a = Process::start(&store, &log, "a", |spec| spec.concurrency = 4).await;
    let b = Process::start(&store, &log, "b", |spec| spec.concurrency = 4).await;
    for number in 0..60 {
        enqueue(&db, number, Deed::Take(Duration::from_millis(20))).await;
        a.wake.poke();
        b.wake.poke();
    }
    idle(&db).await;
    a.halt().await;
    b.halt().await;
    let mut runs = [0; 60];
    for event in log.events() {
        if let Event::Started { number, .. } = event {
            runs[number] += 1;
        }
    }
    assert_eq!(runs, [1; 60]);
}

async fn a_long_job_is_not_taken_from_a_living_worker(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let a = Process::start(&store, &log, "a", |_| ()).await;
    let b = Process::start(&store, &log, "b", |_| ()).await;
    enqueue(&db, 1, Deed::Take(Duration::from_secs(7))).await;
    idle(&db).await;
    a.halt().await;
    b.halt().await;
    assert_eq!(log.events().len(), 2, "{:?}", log.events());
}

async fn a_dead_workers_job_is_taken_up(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let usual = |spec: &mut jobs::queue::Spec| spec.heartbeat = Duration::from_secs(2);
    let a = Process::start(&store, &log, "a", usual).await;
    enqueue(&db, 1, Deed::Endure).await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "a",
    })
    .await;
    let b = Process::start(&store, &log, "b", usual).await;
    a.kill().await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 2,
        by: "b",
    })
    .await;
    b.halt().await;
}

async fn a_restart_takes_up_what_the_last_start_left(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let usual = |spec: &mut jobs::queue::Spec| spec.heartbeat = Duration::from_secs(1);
    let a = Process::start(&store, &log, "a", usual).await;
    enqueue(&db, 1, Deed::Endure).await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "a",
    })
    .await;
    a.kill().await;
    let begun = std::time::Instant::now();
    let b = Process::start(&store, &log, "b", usual).await;
    let taken = log
        .wait(&Event::Started {
            number: 1,
            attempt: 2,
            by: "b",
        })
        .await;
    eprintln!("taken up {:?} after the restart", taken - begun);
    assert!(taken - begun < Duration::from_secs(5));
    b.halt().await;
}

async fn a_job_that_kills_its_process_is_given_up(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    enqueue(&db, 1, Deed::Endure).await;
    for (attempt, by) in [(1, "a"), (2, "b")] {
        let worker = Process::start(&store, &log, by, |spec| spec.retry.limit = 2).await;
        log.wait(&Event::Started {
            number: 1,
            attempt,
            by,
        })
        .await;
        worker.kill().await;
    }
    let last = Process::start(&store, &log, "c", |spec| spec.retry.limit = 2).await;
    idle(&db).await;
    last.halt().await;
    let events = log.events();
    assert_eq!(events.len(), 3, "{events:?}");
    assert!(matches!(events[2], Event::Exhausted { number: 1, .. }));
}

async fn a_checkpoint_hands_the_job_on(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let a = Process::start(&store, &log, "a", |_| ()).await;
    enqueue(&db, 1, Deed::Endure).await;
    a.wake.poke();
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "a",
    })
    .await;
    let b = Process::start(&store, &log, "b", |spec| spec.concurrency = 2).await;
    // Shows that b is up, and that nothing goes to a worker that is busy.
    enqueue(&db, 2, Deed::Finish).await;
    log.wait(&Event::Started {
        number: 2,
        attempt: 1,
        by: "b",
    })
    .await;
    a.halt().await;
    b.wake.poke();
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "b",
    })
    .await;
    let left = async || queue::unfinished(&db).await.unwrap();
    until("all but the first", async || left().await == 1).await;
    b.halt().await;
    // With nobody there it waits for the next start.
    let c = Process::start(&store, &log, "c", |_| ()).await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "c",
    })
    .await;
    c.halt().await;
    assert_eq!(queue::unfinished(&db).await.unwrap(), 1);
}

async fn heartbeats_go_on_while_a_worker_stops(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let a = Process::start(&store, &log, "a", |_| ()).await;
    enqueue(&db, 1, Deed::Take(Duration::from_secs(6))).await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "a",
    })
    .await;
    a.stop.cancel();
    let b = Process::start(&store, &log, "b", |_| ()).await;
    idle(&db).await;
    a.halt().await;
    b.halt().await;
    assert_eq!(log.events().len(), 2, "{:?}", log.events());
}

async fn handlers_that_do_not_stop_are_cut_off(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let a = Process::start(&store, &log, "a", |spec| {
        spec.grace = Duration::from_millis(100)
    })
    .await;
    enqueue(&db, 1, Deed::Take(Duration::from_secs(60))).await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "a",
    })
    .await;
    a.halt().await;
    let b = Process::start(&store, &log, "b", |spec| spec.grace = Duration::ZERO).await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "b",
    })
    .await;
    b.halt().await;
}

async fn a_database_error_is_survived(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let (away, back) = match &store {
        Store::Sqlite(_) => (
            "ALTER TABLE Jobs RENAME TO Gone",
            "ALTER TABLE Gone RENAME TO Jobs",
        ),
        Store::Postgres(_) => (
            "ALTER TABLE apalis.jobs RENAME TO gone",
            "ALTER TABLE apalis.gone RENAME TO jobs",
        ),
    };
    let worker = Process::start(&store, &log, "a", |spec| spec.concurrency = 2).await;
    enqueue(&db, 1, Deed::Endure).await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "a",
    })
    .await;
    db.execute_unprepared(away).await.unwrap();
    // Time for a tick or two to fail.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    db.execute_unprepared(back).await.unwrap();
    enqueue(&db, 2, Deed::Finish).await;
    log.wait(&Event::Ended { number: 2 }).await;
    // The run that the failure cut off is taken up again: while the table was away nothing could be handed back, so
    // it is by the heartbeats that were missed.
    let starts = async || {
        let of = |event: &Event| matches!(event, Event::Started { number: 1, .. });
        log.events().iter().filter(|event| of(event)).count()
    };
    until("the second start", async || starts().await == 2).await;
    worker.halt().await;
}
