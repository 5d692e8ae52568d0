//! A filter chooses the same contacts wherever it is asked, on both databases: those that a plain evaluator chooses, which knows nothing of
//! SQL. The filters are random, and hold for some and not for others since they are drawn from the contacts' own values.
//!
//! `ROSTER_TEST_FILTERS` and `ROSTER_TEST_SEED` set how many there are and where they begin.

mod condition;
mod data;
mod export;
mod filter;
mod naive;
mod person;
mod refusal;
mod search;
mod smaller;
mod surface;
mod unwritten;
mod world;

use crate::harness::{Harness, both};
use domain::clock;
use filter::Filters;
use serde_json::Value;
use std::collections::BTreeSet;
use surface::Question;
use world::World;

fn setting(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(otherwise, |given| given.parse().unwrap())
}

both! {
    async fn a_filter_chooses_the_same_contacts_everywhere(t: &Harness) {
        let (count, seed) = (setting("ROSTER_TEST_FILTERS", 100), setting("ROSTER_TEST_SEED", 1));
        println!("ROSTER_TEST_SEED={seed} ROSTER_TEST_FILTERS={count}");
        let world = World::make(t, seed).await;
        let questions = Filters::new(&world, seed).all();
        let mut telling = 0;
        for (n, mut question) in (0..count).zip(questions) {
            let Err(found) = agreed(t, &world, &mut question).await else {
                telling += u64::from((1..world.people.len()).contains(&question.size));
                continue;
            };
            let least = smaller::least(t, &world, question.clone()).await;
            panic!(
                "seed {seed}, filter {n}, {:?}, {}: {found}\nThe filter: {}\nThe least that still differs: {}",
                t.db.backend(), question.settings(), question.filter, least.filter
            );
        }
        export::round_trip(t, &world.ids["channels"][0]).await;
        t.drained().await;
        println!("{telling} of {count} filters tell contacts apart");
        assert!(telling * 3 > count, "filters that hold for nobody or for everybody find nothing");
    }
}

/// Whether all surfaces choose whom the plain evaluator chooses; else how they differ.
async fn agreed(t: &Harness, world: &World, question: &mut Question) -> Result<(), String> {
    loop {
        let begun = clock::now();
        let expected = world.chosen(question, begun);
        question.size = expected.len();
        let mut answers = Vec::new();
        for (name, surface) in surface::ALL {
            answers.push((name, surface(t, question).await));
        }
        // Where time has passed the edge of an "in the last hours" meanwhile, it is asked again.
        if world.chosen(question, clock::now()) == expected {
            return answers
                .into_iter()
                .try_for_each(|(name, answer)| same(world, name, answer, &expected));
        }
    }
}

fn same(
    world: &World,
    name: &str,
    answer: surface::Answer,
    expected: &BTreeSet<String>,
) -> Result<(), String> {
    let found = answer.map_err(|wrong| format!("{name}: {wrong}"))?;
    if found == *expected {
        return Ok(());
    }
    let who = |some: BTreeSet<&String>| -> Vec<&Value> {
        let is_one = |person: &&Value| some.iter().any(|no| person["no"] == ***no);
        world.people.iter().filter(is_one).take(3).collect()
    };
    let (missing, surplus): (BTreeSet<_>, BTreeSet<_>) = (
        expected.difference(&found).collect(),
        found.difference(expected).collect(),
    );
    Err(format!(
        "{name} misses {missing:?} and has {surplus:?} too many. Some of them: {:#?} {:#?}",
        who(missing.clone()),
        who(surplus.clone())
    ))
}
