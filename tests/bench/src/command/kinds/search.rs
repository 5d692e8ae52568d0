//! Kinds of page that the search box chooses.

use super::question::{Aim, Asking, Question, Scene};
use crate::{crowd::word, random::Random};

/// The beginning of a last name, in small letters.
pub(super) fn name(random: &mut Random, length: usize) -> String {
    let name = word::last_name(random).to_lowercase();
    name.chars().take(length).collect()
}

fn found(text: String) -> Asking {
    Asking::all().with("search", text)
}

pub(super) fn questions(scene: &Scene) -> Vec<Question> {
    let crowd = scene.crowd;
    vec![
        Question::page("search, 2 letters", Aim::Served, |random| {
            found(name(random, 2))
        }),
        Question::page("search, 3 letters", Aim::Served, |random| {
            found(name(random, 3))
        }),
        // Out of the middle: beginnings of six letters are those of many.
        Question::page("search, 6 letters", Aim::Served, |random| {
            found(name(random, 9).chars().skip(3).collect())
        }),
        Question::page("search, 9 characters", Aim::Served, move |random| {
            let email = crowd.customer(1 + random.below(crowd.rows)).email;
            let local = email.split('@').next().unwrap_or_default();
            found(local.chars().skip(local.len().saturating_sub(9)).collect())
        }),
        Question::page("search, two words", Aim::Served, move |random| {
            let customer = crowd.customer(1 + random.below(crowd.rows));
            found(customer.name)
        }),
        Question::page("search, letters that none has", Aim::Served, |random| {
            let letters = (0..8).map(|_| *random.pick(&['q', 'x', 'j', 'v', 'w', 'y']));
            found(letters.collect())
        }),
        // No number begins so, but each three of its digits stand in many.
        Question::page("search, digits that none has", Aim::Served, |random| {
            found(format!("0199{:07}", random.below(10_000_000)))
        }),
    ]
}
