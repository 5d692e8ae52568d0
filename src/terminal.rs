//! The two streams: what a command is for goes to standard output, everything said about it to standard error.
//!
//! Unlike the standard library's macros these do not end the program when a reader (`| head`) has gone.

use std::{fmt::Display, io::Write};

/// A line of the result.
pub(crate) fn print(line: impl Display) {
    let mut stream = std::io::stdout().lock();
    let _ = writeln!(stream, "{line}").and_then(|()| stream.flush());
}

/// A line about it.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
