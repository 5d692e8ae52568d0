//! Work that comes round by the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jobs::daily::run_cron;
use tokio_util::sync::CancellationToken;

use crate::harness::{until, within};

#[tokio::test]
async fn comes_round_until_it_is_stopped() {
    let (calls, stop) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
    let (count, token) = (Arc::clone(&calls), stop.clone());
    let work = tokio::spawn(run_cron("* * * * * *", token, move |due, stop| {
        let call = count.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(due <= domain::clock::now());
            assert_ne!(call, 0, "a panic does not end the schedule");
            if call == 2 {
                stop.cancelled().await;
            }
            Ok(())
        }
    }));
    until("three calls", async || calls.load(Ordering::SeqCst) == 3).await;
    // The third stands in for those that were due meanwhile.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    stop.cancel();
    within("the end of the schedule", work)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn refuses_what_is_no_schedule() {
    let work = run_cron("every now and then", CancellationToken::new(), |_, _| {
        std::future::ready(Ok(()))
    });
    work.await.unwrap_err();
}
