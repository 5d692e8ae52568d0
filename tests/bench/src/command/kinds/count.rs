//! Counts, without a page.

use super::{
    choice::scores,
    group::{negated, tagged, three},
    question::{Aim, Asking, Question, Scene},
    search::name,
};
use crate::{crowd::tag, random::Random};

/// Where counting stops unless something else is said.
const LIMIT: u32 = 10_000;

fn span(random: &mut Random) -> Asking {
    Asking::filter(scores(random, 222))
}

pub(super) fn questions(scene: &Scene) -> Vec<Question> {
    let tagged = tagged(scene, &tag::frequent());
    vec![
        Question::count("count to 10,000: range, 2 %", Aim::Served, LIMIT, span),
        Question::count(
            "count to 10,000: three conditions",
            Aim::Middling,
            LIMIT,
            |random| Asking::filter(three(random)),
        ),
        Question::count("count to 10,000: not", Aim::Served, LIMIT, |random| {
            Asking::filter(negated(random))
        }),
        Question::count("count to 10,000: tag", Aim::Served, LIMIT, move |random| {
            Asking::filter(tagged(random))
        }),
        Question::count("count to 10,000: search", Aim::Served, LIMIT, |random| {
            Asking::all().with("search", name(random, 6))
        }),
        Question::count("whole count: range, 2 %", Aim::Served, 0, span),
        Question::count("whole count: all", Aim::Served, 0, |_| Asking::all()),
    ]
}
