//! Which trace something belongs to: W3C's `traceparent`, from the request that caused it into the jobs that it enqueues.
//!
//! What lives here: how a trace is written, and how it goes along with work. What does not: spans are `tracing`'s, and whoever sends them to a
//! collector of traces is a [`Collector`].

use std::{fmt, str::FromStr, sync::OnceLock};
use tracing::{Instrument, Span};

tokio::task_local! {
    static CURRENT: Option<Trace>;
}

static COLLECTOR: OnceLock<Box<dyn Collector>> = OnceLock::new();

/// Knows which trace a span is recorded in, where spans are recorded at all.
pub trait Collector: Send + Sync {
    /// Hears of a span before it begins, and of what caused it, where that is known.
    fn begin(&self, span: &Span, cause: Option<Trace>);

    /// The trace of a span, itself as the parent of what it causes; none where it is not recorded.
    fn trace_of(&self, span: &Span) -> Option<Trace>;
}

/// From now on this one is told of spans; the first that comes, for ever.
pub fn collect(collector: impl Collector + 'static) {
    let _ = COLLECTOR.set(Box::new(collector));
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
        let collected = COLLECTOR.get().map(|to| to.trace_of(&Span::current()));
        let given = || CURRENT.try_with(|trace| *trace).ok().flatten();
        collected.flatten().or_else(given)
    }

    /// Work that another task is to do, in the same span and as part of the same trace.
    pub fn carry<F: Future>(work: F) -> impl Future<Output = F::Output> {
        let given = CURRENT.try_with(|trace| *trace).ok().flatten();
        CURRENT.scope(given, work).instrument(Span::current())
    }

    /// Does work in a span, as part of a trace, or of none that is known. The span has a field `trace`, so that the log names it, and `otel.kind` for
    /// the collector.
    pub async fn scope<F: Future>(trace: Option<Self>, span: Span, work: F) -> F::Output {
        let mut named = trace;
        if let Some(collector) = COLLECTOR.get() {
            collector.begin(&span, trace);
            named = collector.trace_of(&span).or(trace);
        }
        if let Some(trace) = named {
            span.record("trace", format!("{:032x}", trace.id));
        }
        CURRENT.scope(trace, work).instrument(span).await
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
        let current = async { Trace::current() };
        assert_eq!(Trace::scope(trace, Span::none(), current).await, trace);
        assert_eq!(Trace::current(), None);
    }
}
