//! What many who watch the same cost.

use super::harness::both;
use domain::{
    contact::{self, Input, Matching},
    live::{Counted, Counts},
};
use futures_util::{StreamExt, future::join_all};
use std::pin::pin;

#[tokio::test]
async fn however_many_begin_to_watch_a_count_at_once_one_looks() {
    const MANY: usize = 20;
    both(async |house| {
        let viewer = house.owner("mine").await;
        let counts = Counts::new(house.db.clone());
        let begun = (0..MANY).map(|_| counts.watch(&viewer, Matching::default(), 0));
        let begun = join_all(begun).await.into_iter();
        let mut watching: Vec<_> = begun.map(|stream| Box::pin(stream.unwrap())).collect();
        for stream in &mut watching {
            assert_eq!(value(stream.next().await), 0);
        }
        let tx = house.db.write().await.unwrap();
        contact::create(&tx, &viewer, Input::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let before = house.db.statements();
        for stream in &mut watching {
            assert_eq!(value(pin!(stream).next().await), 1);
        }
        let looked = house.db.statements() - before;
        // Attributes, workspace, the number; on SQLite once more for the change that the database's version tells of.
        assert!(looked <= 6, "{looked}");
    })
    .await;
}

fn value(counted: Option<Counted>) -> u64 {
    match counted {
        Some(Counted::Count(count)) => count.value,
        other => panic!("{other:?}"),
    }
}
