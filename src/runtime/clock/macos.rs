//! macOS: the monotonic clock counts while the computer sleeps.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::steps;
use crate::app::Moment;

/// What time it is.
pub fn now() -> Moment {
    let time = clock_gettime(ClockId::Monotonic);
    // Neither is negative.
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Moment::after_start(Duration::new(seconds, nanos))
}

/// Waits until then.
pub async fn until(moment: Moment) {
    steps::until(moment, now).await;
}

/// Waits until about then, waking up rarely.
pub async fn until_about(moment: Moment) {
    steps::until_about(moment, now).await;
}
