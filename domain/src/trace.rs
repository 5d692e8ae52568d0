//! Which trace something belongs to: W3C's `traceparent`, from the request that caused it into the jobs that it enqueues.

use std::{fmt, str::FromStr};

tokio::task_local! {
    static CURRENT: Option<Trace>;
}

/// A `traceparent` of version 00: `00-TRACE-PARENT-FLAGS`, in lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The whole of what was asked for.
    pub id: u128,
    /// The span that caused this.
    pub parent: u64,
    /// Whether it is recorded, and what later versions say.
    pub flags: u8,
}

impl Trace {
    /// That of the work at hand.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|trace| *trace).ok().flatten()
    }

    /// Does work that belongs to this trace, or to none.
    pub async fn scope<F: Future>(trace: Option<Self>, work: F) -> F::Output {
        CURRENT.scope(trace, work).await
    }
}

impl FromStr for Trace {
    type Err = ();

    /// Later versions may say more behind the flags; what cannot be read is as if it had not come.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.trim().split('-');
        let mut part = |length: usize| {
            let part = parts.next().filter(|part| part.len() == length).ok_or(())?;
            let is_hex = part
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            if is_hex { Ok(part) } else { Err(()) }
        };
        let version = part(2)?;
        let (id, parent, flags) = (part(32)?, part(16)?, part(2)?);
        let trace = Self {
            id: u128::from_str_radix(id, 16).map_err(|_| ())?,
            parent: u64::from_str_radix(parent, 16).map_err(|_| ())?,
            flags: u8::from_str_radix(flags, 16).map_err(|_| ())?,
        };
        let ends = version != "00" || parts.next().is_none();
        let is_some = trace.id != 0 && trace.parent != 0 && version != "ff";
        if ends && is_some { Ok(trace) } else { Err(()) }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.id, self.parent, self.flags
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_and_written() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(text.parse::<Trace>().unwrap().to_string(), text);
        assert!(
            format!("cc{}-what-comes-later", &text[2..])
                .parse::<Trace>()
                .is_ok()
        );
        for bad in [
            "",
            "00",
            &text.to_uppercase(),
            &format!("{text}-more"),
            &format!("ff{}", &text[2..]),
            &text.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &text.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &text.replace("4bf9", "+bf9"),
            &text.replace("-01", "-1"),
        ] {
            assert_eq!(bad.parse::<Trace>(), Err(()), "{bad}");
        }
    }

    #[tokio::test]
    async fn it_goes_with_the_work() {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            .parse()
            .ok();
        assert_eq!(Trace::scope(trace, async { Trace::current() }).await, trace);
        assert_eq!(Trace::current(), None);
    }
}
