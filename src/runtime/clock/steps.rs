//! Waiting in short steps, because timers stand still while the computer sleeps.

use std::time::Duration;

use tokio::time::sleep;

use crate::app::Moment;

/// The longest step.
const STEP: Duration = Duration::from_secs(5);

/// Waits until then by this clock.
pub async fn until(moment: Moment, now: fn() -> Moment) {
    loop {
        match moment.since(now()) {
            Duration::ZERO => return,
            left => sleep(left.min(STEP)).await,
        }
    }
}
