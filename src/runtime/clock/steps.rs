//! Waiting in short steps, because timers stand still while the computer sleeps.

use std::time::Duration;

use tokio::time::sleep;

use crate::app::Moment;

/// The longest step.
const STEP: Duration = Duration::from_secs(5);
/// The longest step where it doesn't matter when exactly it ends.
const LONG_STEP: Duration = Duration::from_secs(60 * 60);

/// Waits until then by this clock.
pub async fn until(moment: Moment, now: fn() -> Moment) {
    in_steps(moment, now, STEP).await;
}

/// Waits until at most an hour after then.
pub async fn until_about(moment: Moment, now: fn() -> Moment) {
    in_steps(moment, now, LONG_STEP).await;
}

async fn in_steps(moment: Moment, now: fn() -> Moment, step: Duration) {
    loop {
        match moment.since(now()) {
            Duration::ZERO => return,
            left => sleep(left.min(step)).await,
        }
    }
}
