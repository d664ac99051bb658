//! Linux: the boot clock, and a timer on it, which rings right after a suspend.

use std::{io, time::Duration};

use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use tokio::{io::Interest, time::sleep};

use crate::{app::Moment, runtime::async_fd::async_fd};

/// How often to look without a timer.
const PACE: Duration = Duration::from_secs(5);

/// What time it is.
pub fn now() -> Moment {
    let time = clock_gettime(ClockId::Boottime);
    // Neither is negative.
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Moment::after_start(Duration::new(seconds, nanos))
}

/// Waits until then.
pub async fn until(moment: Moment) {
    if let Err(error) = ring_at(moment).await {
        tracing::warn!(%error, "can't set a timer");
        while now() < moment {
            sleep(PACE).await;
        }
    }
}

/// Waits until about then, without waking the computer for it.
pub async fn until_about(moment: Moment) {
    until(moment).await;
}

async fn ring_at(moment: Moment) -> io::Result<()> {
    let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
    let timer = timerfd_create(TimerfdClockId::Boottime, flags)?;
    let since_start = moment.since_start();
    let time = Itimerspec {
        it_interval: Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        },
        it_value: Timespec {
            tv_sec: since_start.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: since_start.subsec_nanos().into(),
        },
    };
    timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME, &time)?;
    let timer = async_fd(timer, Interest::READABLE)?;
    timer.readable().await?.retain_ready();
    Ok(())
}
