//! Promises such as "online within 5 s", checked on a machine that may be busy with other things.
//!
//! Waiting for an event can't check these: the promise is the time. So the time in which something
//! waited for a processor is subtracted, as the kernel measures it for the whole machine. On an idle
//! machine the promise is checked with little slack.

use std::{
    fs,
    sync::OnceLock,
    time::{Duration, Instant},
};

/// How many times longer than promised something may take, not counting waits for a processor.
const SLACK: u32 = 3;

/// When the test began, and how long anything had waited for a processor until then.
static BEGIN: OnceLock<(Instant, Duration)> = OnceLock::new();

/// Starts counting.
pub fn begin() {
    BEGIN.get_or_init(|| (Instant::now(), waited()));
}

/// Asserts that something did not take longer than promised.
pub fn within(promised: Duration, from: Instant, to: Instant, what: &str) {
    let took = to.saturating_duration_since(from);
    let waiting = share_of_waiting();
    println!(
        "{what}: {} ms (promised {} ms), {:.0} % of it waiting for a processor",
        took.as_millis(),
        promised.as_millis(),
        waiting * 100.0
    );
    assert!(
        took.mul_f64(1.0 - waiting) <= promised * SLACK,
        "{what} took {took:?}, promised are {promised:?}"
    );
}

/// The fraction of the time since [`begin`] in which anything waited for a processor.
fn share_of_waiting() -> f64 {
    let Some((begin, before)) = BEGIN.get() else {
        return 0.0;
    };
    let waited = waited().saturating_sub(*before);
    (waited.as_secs_f64() / begin.elapsed().as_secs_f64()).clamp(0.0, 1.0)
}

/// The total since the machine started, or zero if the kernel doesn't measure it.
fn waited() -> Duration {
    let text = fs::read_to_string("/proc/pressure/cpu").unwrap_or_default();
    let total = text
        .lines()
        .find_map(|line| line.strip_prefix("some ")?.rsplit_once("total="));
    let micros = total.and_then(|(_, micros)| micros.parse().ok());
    Duration::from_micros(micros.unwrap_or(0))
}
