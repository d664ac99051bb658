//! Limits what a talkative cloudflared costs: an edge that refuses a tunnel makes it write 12,000
//! lines a second.

use std::time::Duration;

use tokio::time::Instant;

/// Lines that may be logged at once before some are left out.
const BURST: u32 = 500;
/// Lines logged per second in the long run.
const PER_SECOND: u32 = 20;
/// Above this many lines per second the reader slows down, and cloudflared with it.
const READ_PER_SECOND: u32 = 2000;

/// Counts the lines of one pipe.
#[derive(Debug)]
pub struct LogThrottle {
    /// How many more lines may be logged.
    allowance: u32,
    left_out: u64,
    second: Option<Instant>,
    lines_in_second: u32,
}

/// What to do with a line.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    pub is_logged: bool,
    /// How many lines before this one were left out.
    pub left_out: Option<u64>,
    /// How long to wait before the next line is read.
    pub pause: Option<Duration>,
}

impl Default for LogThrottle {
    fn default() -> Self {
        Self {
            allowance: BURST,
            left_out: 0,
            second: None,
            lines_in_second: 0,
        }
    }
}

impl LogThrottle {
    /// Counts a line.
    pub fn take_line(&mut self, now: Instant) -> Verdict {
        let begin = *self.second.get_or_insert(now);
        let passed = now.saturating_duration_since(begin);
        if passed >= Duration::from_secs(1) {
            let earned = u32::try_from(passed.as_secs()).unwrap_or(u32::MAX);
            let earned = earned.saturating_mul(PER_SECOND);
            self.allowance = self.allowance.saturating_add(earned).min(BURST);
            self.second = Some(now);
            self.lines_in_second = 0;
        }
        self.lines_in_second += 1;
        let is_logged = self.allowance > 0;
        let left_out = (is_logged && self.left_out > 0).then(|| std::mem::take(&mut self.left_out));
        if is_logged {
            self.allowance -= 1;
        } else {
            self.left_out += 1;
        }
        let is_fast = self.lines_in_second >= READ_PER_SECOND;
        Verdict {
            is_logged,
            left_out,
            pause: is_fast.then(|| Duration::from_secs(1).saturating_sub(passed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_logged_in_part_and_slowed_down() {
        let mut throttle = LogThrottle::default();
        let start = Instant::now();
        let verdicts: Vec<_> = (0..READ_PER_SECOND)
            .map(|_| throttle.take_line(start))
            .collect();
        let logged = verdicts.iter().filter(|verdict| verdict.is_logged).count();
        assert_eq!(logged, BURST as usize);
        assert_eq!(verdicts.last().unwrap().pause, Some(Duration::from_secs(1)));
        let later = throttle.take_line(start + Duration::from_secs(1));
        assert_eq!(later.left_out, Some(u64::from(READ_PER_SECOND - BURST)));
        assert_eq!(later.pause, None);
    }

    #[test]
    fn an_ordinary_run_is_logged_completely() {
        let mut throttle = LogThrottle::default();
        let start = Instant::now();
        for n in 0..10_000 {
            let verdict = throttle.take_line(start + Duration::from_millis(60) * n);
            assert!(verdict.is_logged, "line {n}");
        }
    }
}
