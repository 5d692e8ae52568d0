//! Meta's error codes, and what to do about each. Logic hangs on `code` alone: titles change.
//!
//! The table is the one place to correct. Not seen first-hand: that 132001, 132015 and 132016 concern the whole send and not one person.

use crate::{
    call::Answer,
    event::Fault,
    outgoing::{Class, Refusal},
};
use serde_json::Value;
use std::ops::RangeInclusive;

const CLASSES: [(RangeInclusive<i64>, Class); 24] = [
    (130_429..=130_429, Class::SlowDown),
    (4..=4, Class::SlowDown),
    (80_007..=80_007, Class::SlowDown),
    (131_056..=131_056, Class::Pair),
    (1..=2, Class::Later),
    (131_000..=131_000, Class::Later),
    (131_057..=131_057, Class::Later),
    (131_026..=131_026, Class::Final),
    (131_047..=131_047, Class::Final),
    (131_049..=131_049, Class::Final),
    (130_472..=130_472, Class::Final),
    (100..=100, Class::Final),
    (131_008..=131_008, Class::Final),
    (132_000..=132_000, Class::Final),
    (131_050..=131_050, Class::OptedOut),
    (131_048..=131_048, Class::Stop),
    (131_042..=131_042, Class::Stop),
    (131_031..=131_031, Class::Stop),
    (368..=368, Class::Stop),
    (0..=0, Class::Stop),
    (3..=3, Class::Stop),
    (10..=10, Class::Stop),
    (190..=299, Class::Stop),
    (132_001..=132_016, Class::Stop),
];

/// What to do about a code; none for one that is in no table.
fn class(code: i64) -> Option<Class> {
    // Between the codes of templates that are missing or paused lie others that concern one message.
    if (132_002..=132_014).contains(&code) {
        return None;
    }
    let found = CLASSES.iter().find(|(codes, _)| codes.contains(&code));
    found.map(|(_, class)| *class)
}

/// The error object of an answer; none where the answer has none.
pub(crate) fn refusal(answer: &Answer) -> Option<Refusal> {
    let error = &answer.body["error"];
    let code = error["code"].as_i64()?;
    let by_status = match answer.status.as_u16() {
        429 => Class::SlowDown,
        500..=599 => Class::Later,
        _ => Class::Final,
    };
    Some(Refusal {
        class: class(code).unwrap_or(by_status),
        code: code.to_string(),
        message: message(error),
        retry_after: answer.retry_after,
    })
}

/// Why a message failed, of a status webhook's `errors`.
pub(crate) fn fault(errors: &Value) -> Option<Fault> {
    let error = errors.get(0)?;
    let code = error["code"].as_i64();
    let class = code.and_then(class);
    Some(Fault {
        code: match (code, &error["code"]) {
            (Some(code), _) => code.to_string(),
            (None, Value::String(code)) => code.clone(),
            _ => "UNKNOWN".to_owned(),
        },
        message: message(error),
        is_opt_out: class == Some(Class::OptedOut),
        is_retryable: class.is_some_and(Class::is_retryable),
    })
}

/// The most telling words there are.
fn message(error: &Value) -> String {
    let words = [
        &error["error_data"]["details"],
        &error["details"],
        &error["message"],
        &error["title"],
    ];
    let found = words.into_iter().find_map(Value::as_str);
    found
        .unwrap_or("The provider said no more.")
        .chars()
        .take(1_000)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_code_decides_and_no_title_does() {
        for (code, expected) in [
            (130_429, Some(Class::SlowDown)),
            (131_056, Some(Class::Pair)),
            (131_026, Some(Class::Final)),
            (131_050, Some(Class::OptedOut)),
            (250, Some(Class::Stop)),
            (132_000, Some(Class::Final)),
            (132_001, Some(Class::Stop)),
            (132_005, None),
            (999_999, None),
        ] {
            assert_eq!(class(code), expected, "{code}");
        }
    }

    #[test]
    fn an_unknown_code_is_final_and_shown_raw() {
        let answer = Answer {
            status: reqwest::StatusCode::BAD_REQUEST,
            retry_after: None,
            flaw: None,
            body: json!({"error": {"code": 999, "message": "Something new"}}),
        };
        let refusal = refusal(&answer).expect("an error");
        assert_eq!(
            (
                refusal.class,
                refusal.code.as_str(),
                refusal.message.as_str()
            ),
            (Class::Final, "999", "Something new")
        );
    }
}
