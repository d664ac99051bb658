//! Windows: the performance counter, which the standard library uses, counts while the computer
//! sleeps.

use std::{sync::LazyLock, time::Instant};

use super::steps;
use crate::app::Moment;

/// Only differences between moments matter.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What time it is.
pub fn now() -> Moment {
    Moment::after_start(START.elapsed())
}

/// Waits until then.
pub async fn until(moment: Moment) {
    steps::until(moment, now).await;
}

/// Waits until about then, waking up rarely.
pub async fn until_about(moment: Moment) {
    steps::until_about(moment, now).await;
}
