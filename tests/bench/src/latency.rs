//! How long requests took.

use std::time::Duration;

/// Requests that warm caches, pools and plans, and are not counted.
pub(crate) const WARM_UP: usize = 20;

/// As many samples a figure needs at least.
pub(crate) const ENOUGH: usize = 200;

/// The durations of requests of one kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latency(Vec<Duration>);

impl Latency {
    /// Counts one more.
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Counts all of another's.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many were counted.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The duration that `share` of all stay within.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }

    /// Samples, then min, median, p95, p99 and max in ms.
    pub(crate) fn cells(&self) -> Vec<String> {
        let quantiles = [0.0, 0.5, 0.95, 0.99, 1.0].map(|share| ms(self.quantile(share)));
        [self.0.len().to_string()]
            .into_iter()
            .chain(quantiles)
            .collect()
    }
}

/// The headers of [`Latency::cells`].
pub(crate) const COLUMNS: [&str; 6] = ["samples", "min ms", "median", "p95", "p99", "max"];

/// Milliseconds.
pub(crate) fn ms(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}

/// The one in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples() {
        let mut latency = Latency::default();
        (1..=100).for_each(|n| latency.add(Duration::from_millis(n)));
        let of = |share| latency.quantile(share).as_millis();
        assert_eq!([of(0.0), of(0.5), of(0.99), of(1.0)], [1, 50, 99, 100]);
        assert!((median(vec![3.0, 1.0, 2.0, 10.0]) - 2.5).abs() < 1e-9);
    }
}
