//! What operations refuse, in words for a terminal.

use domain::error::Error;

/// An operation's error as the program's: what a person can mend in sentences, everything else as it is.
pub(crate) fn explain(error: Error) -> anyhow::Error {
    explain_with(error, |_| None)
}

/// The same, naming the flag that holds the input at fault: `flag` knows it by the first part of the input's path.
pub(crate) fn explain_with(error: Error, flag: fn(&str) -> Option<&'static str>) -> anyhow::Error {
    let Error::User(errors) = error else {
        return error.into();
    };
    let sentences = errors.iter().map(|error| {
        let flag = error.field.first().and_then(|field| flag(field));
        flag.map_or_else(
            || error.message.clone(),
            |flag| format!("{flag}: {}", error.message),
        )
    });
    anyhow::anyhow!("{}", sentences.collect::<Vec<_>>().join("\n       "))
}
