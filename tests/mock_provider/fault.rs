//! What goes wrong with a message, by chance or since its number asks for it.

use clap::Args;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often what goes wrong, each a part of 1.
#[derive(Args, Clone)]
pub(crate) struct Rates {
    /// Answered 429, and not accepted.
    #[arg(long, default_value_t = 0.0)]
    too_fast: f64,
    /// Answered 500, and not accepted.
    #[arg(long, default_value_t = 0.0)]
    broken: f64,
    /// Accepted, and never answered.
    #[arg(long, default_value_t = 0.0)]
    hang: f64,
    /// Accepted, and the connection reset.
    #[arg(long, default_value_t = 0.0)]
    reset: f64,
    /// Refused for good, with Meta's code 131026.
    #[arg(long, default_value_t = 0.0)]
    refuse: f64,
    /// Where chance begins.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    TooFast,
    Broken,
    Hang,
    Reset,
    /// With this code of Meta's.
    Refuse(i64),
}

impl Fault {
    /// Whether the message is accepted nevertheless.
    pub(crate) fn is_accepted(self) -> bool {
        matches!(self, Self::None | Self::Hang | Self::Reset)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "ok",
            Self::TooFast => "429",
            Self::Broken => "500",
            Self::Hang => "hang",
            Self::Reset => "reset",
            Self::Refuse(_) => "refused",
        }
    }
}

/// Chooses faults.
pub(crate) struct Faults {
    rates: Rates,
    state: AtomicU64,
}

impl Faults {
    pub(crate) fn new(rates: Rates) -> Self {
        let state = AtomicU64::new(rates.seed);
        Self { rates, state }
    }

    /// 0 to 1, by splitmix64.
    #[allow(clippy::cast_precision_loss, reason = "53 bits are kept")]
    pub(crate) fn chance(&self) -> f64 {
        let mut z = self
            .state
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// What becomes of a message to this number. Behind +49 15112 its last six digits may ask for something: an error of Meta's by its code, `000429` to be told to
    /// come later the first time, `000500` for an error each time, `000408` for no answer, `000104` for a connection that is reset.
    pub(crate) fn of(&self, to: &str, reference: &str) -> Fault {
        let asked = to.trim_start_matches('+').strip_prefix("4915112");
        let asked = asked.unwrap_or_default();
        match asked {
            "000429" if reference.ends_with(".1") => return Fault::TooFast,
            "000500" => return Fault::Broken,
            "000408" => return Fault::Hang,
            "000104" => return Fault::Reset,
            _ if asked.starts_with("13") => {
                return Fault::Refuse(asked.parse().unwrap_or(131_026));
            }
            _ => {}
        }
        let rates = [
            (self.rates.too_fast, Fault::TooFast),
            (self.rates.broken, Fault::Broken),
            (self.rates.hang, Fault::Hang),
            (self.rates.reset, Fault::Reset),
            (self.rates.refuse, Fault::Refuse(131_026)),
        ];
        let mut left = self.chance();
        for (rate, fault) in rates {
            if left < rate {
                return fault;
            }
            left -= rate;
        }
        Fault::None
    }
}
