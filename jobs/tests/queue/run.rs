//! Single runs: when they start, how they end, what follows.

use std::time::{Duration, Instant};

use domain::queue;

use crate::harness::{Deed, Event, Log, Process, QUEUE, Store, enqueue, idle, until};

crate::on_both!(
    a_poked_worker_starts_at_once,
    a_failing_job_is_retried_then_exhausted,
    a_permanent_failure_is_not_retried,
    a_panic_is_a_failure,
    an_unreadable_argument_harms_nobody_else,
    concurrency_is_kept,
);

async fn a_poked_worker_starts_at_once(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |_| ()).await;
    enqueue(&db, 0, Deed::Finish).await;
    idle(&db).await;
    let mut waits = Vec::new();
    for number in 1..=30 {
        enqueue(&db, number, Deed::Finish).await;
        let pushed = Instant::now();
        worker.wake.poke();
        let started = Event::Started {
            number,
            attempt: 1,
            by: "a",
        };
        waits.push(log.wait(&started).await.saturating_duration_since(pushed));
        idle(&db).await;
    }
    worker.halt().await;
    waits.sort();
    eprintln!(
        "push to start: median {:?}, slowest {:?}",
        waits[15], waits[29]
    );
    // Without the poke it would be half a second.
    assert!(waits[15] < Duration::from_millis(100), "{waits:?}");
}

async fn a_failing_job_is_retried_then_exhausted(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |_| ()).await;
    enqueue(&db, 1, Deed::Fail).await;
    idle(&db).await;
    worker.halt().await;
    let started = |attempt| Event::Started {
        number: 1,
        attempt,
        by: "a",
    };
    let error = "as told".to_owned();
    let exhausted = Event::Exhausted { number: 1, error };
    assert_eq!(
        log.events(),
        [started(1), started(2), started(3), exhausted]
    );
}

async fn a_permanent_failure_is_not_retried(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |_| ()).await;
    enqueue(&db, 1, Deed::FailForGood).await;
    idle(&db).await;
    worker.halt().await;
    let started = Event::Started {
        number: 1,
        attempt: 1,
        by: "a",
    };
    let error = "for good".to_owned();
    assert_eq!(
        log.events(),
        [started, Event::Exhausted { number: 1, error }]
    );
}

async fn a_panic_is_a_failure(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |_| ()).await;
    enqueue(&db, 1, Deed::Panic).await;
    idle(&db).await;
    worker.halt().await;
    let started = |attempt| Event::Started {
        number: 1,
        attempt,
        by: "a",
    };
    assert_eq!(
        log.events(),
        [started(1), started(2), Event::Ended { number: 1 }]
    );
}

async fn an_unreadable_argument_harms_nobody_else(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |spec| spec.concurrency = 2).await;
    enqueue(&db, 1, Deed::Endure).await;
    log.wait(&Event::Started {
        number: 1,
        attempt: 1,
        by: "a",
    })
    .await;
    queue::enqueue(&db, QUEUE, b"{}", None).await.unwrap();
    enqueue(&db, 2, Deed::Finish).await;
    let left = async || queue::unfinished(&db).await.unwrap();
    until("all but the first", async || left().await == 1).await;
    worker.halt().await;
    // The first run was not cut off.
    assert_eq!(log.events().len(), 3, "{:?}", log.events());
    assert_eq!(left().await, 1);
}

async fn concurrency_is_kept(store: Store) {
    let (db, log) = (store.connect().await, Log::default());
    let worker = Process::start(&store, &log, "a", |spec| spec.concurrency = 2).await;
    for number in 0..6 {
        enqueue(&db, number, Deed::Take(Duration::from_millis(300))).await;
    }
    worker.wake.poke();
    idle(&db).await;
    worker.halt().await;
    let (mut running, mut most) = (0_usize, 0);
    for event in log.events() {
        match event {
            Event::Started { .. } => running += 1,
            _ => running -= 1,
        }
        most = most.max(running);
    }
    assert_eq!(most, 2);
}
