//! The queue on real databases: SQLite, and PostgreSQL where `ROSTER_TEST_POSTGRES` says (`tests/run` does).

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "tests")]

mod cron;
mod harness;
mod life;
mod rows;
mod run;

/// Makes a test for each database of every function named.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                crate::harness::sqlite(super::$test).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                crate::harness::postgres(super::$test).await;
            })*
        }
    };
}
pub(crate) use on_both;
