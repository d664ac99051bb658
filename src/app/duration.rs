//! Lengths of time as people write and read them.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Nobody shares longer. Also keeps sums from overflowing.
const MAX: u64 = 3650 * DAY;

/// A length of time can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    #[error("write a number and m, h, d or w for minutes, hours, days or weeks, such as 90m")]
    Form,
    #[error("it must be at least one minute")]
    TooShort,
    #[error("it must be at most ten years")]
    TooLong,
}

/// Reads `90m`, `2h`, `1h30m`, `3d` or `1w`.
///
/// # Errors
/// It has another form, or is shorter than a minute or longer than ten years.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text.trim();
    let mut seconds = 0_u64;
    // Each unit is smaller than the one before.
    let mut last_unit = u64::MAX;
    if rest.is_empty() {
        return Err(DurationError::Form);
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let unit = match after.bytes().next() {
            Some(b'm' | b'M') => MINUTE,
            Some(b'h' | b'H') => HOUR,
            Some(b'd' | b'D') => DAY,
            Some(b'w' | b'W') => WEEK,
            _ => return Err(DurationError::Form),
        };
        if number.is_empty() || unit >= last_unit {
            return Err(DurationError::Form);
        }
        last_unit = unit;
        let number: u64 = number.parse().map_err(|_| DurationError::TooLong)?;
        seconds = seconds.saturating_add(number.saturating_mul(unit));
        rest = &after[1..];
    }
    match seconds {
        0 => Err(DurationError::TooShort),
        _ if seconds > MAX => Err(DurationError::TooLong),
        _ => Ok(Duration::from_secs(seconds)),
    }
}

/// Whether a share may last this long.
pub fn is_allowed(duration: Duration) -> bool {
    (MINUTE..=MAX).contains(&duration.as_secs())
}

/// The length as its largest one or two units: `90 seconds` becomes `2 min`, `26 h` becomes
/// `1 day 2 h`. Rounded up, to minutes below a day and to hours above.
pub fn in_words(duration: Duration) -> String {
    let step = step(duration).as_secs();
    let seconds = (duration.as_secs() + u64::from(duration.subsec_nanos() > 0))
        .div_ceil(step)
        .saturating_mul(step);
    let (days, hours, minutes) = (seconds / DAY, seconds % DAY / HOUR, seconds % HOUR / MINUTE);
    let days_text = match days {
        0 => None,
        1 => Some("1 day".to_owned()),
        _ => Some(format!("{days} days")),
    };
    let hours_text = (hours > 0).then(|| format!("{hours} h"));
    let minutes_text = (minutes > 0 || seconds == 0).then(|| format!("{minutes} min"));
    let parts: Vec<String> = [days_text, hours_text, minutes_text]
        .into_iter()
        .flatten()
        .collect();
    parts.join(" ")
}

/// The length in whole units, as [`parse`] reads it: `90m`, `3d`.
pub fn compact(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(WEEK, 'w'), (DAY, 'd'), (HOUR, 'h')];
    let unit = units
        .into_iter()
        .find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, letter) = unit.unwrap_or((MINUTE, 'm'));
    format!("{}{letter}", seconds.div_ceil(unit))
}

/// How much time passes until [`in_words`] says something else about the time that is left.
pub fn until_other_words(left: Duration) -> Duration {
    let step = step(left);
    let steps = left.as_nanos() / step.as_nanos();
    let at_step = step * u32::try_from(steps).unwrap_or(u32::MAX);
    match left.saturating_sub(at_step) {
        Duration::ZERO => step.min(left),
        rest => rest,
    }
}

/// The precision of the words.
fn step(duration: Duration) -> Duration {
    let is_long = duration > Duration::from_secs(DAY);
    Duration::from_secs(if is_long { HOUR } else { MINUTE })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("90m", 5400),
            ("2h", 7200),
            ("1h30m", 5400),
            ("3d", 259_200),
            ("1w", 604_800),
            (" 2H ", 7200),
            ("1w1d1h1m", 694_860),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_is_refused_with_a_hint() {
        for (text, error) in [
            ("", DurationError::Form),
            ("90", DurationError::Form),
            ("m", DurationError::Form),
            ("1m1h", DurationError::Form),
            ("1h1h", DurationError::Form),
            ("-1h", DurationError::Form),
            ("1.5h", DurationError::Form),
            ("1 h", DurationError::Form),
            ("1s", DurationError::Form),
            ("1é", DurationError::Form),
            ("0m", DurationError::TooShort),
            ("11000d", DurationError::TooLong),
            ("99999999999999999999999w", DurationError::TooLong),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_compact_length_is_read_again() {
        for text in ["90m", "2h", "3d", "1w"] {
            assert_eq!(compact(parse(text).unwrap()), text);
        }
    }

    #[test]
    fn lengths_are_rounded_up() {
        for (seconds, words) in [
            (0, "0 min"),
            (1, "1 min"),
            (60, "1 min"),
            (61, "2 min"),
            (3599, "1 h"),
            (3600, "1 h"),
            (5400, "1 h 30 min"),
            (86_400, "1 day"),
            (86_401, "1 day 1 h"),
            (604_800, "7 days"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
        assert_eq!(in_words(Duration::from_millis(1)), "1 min");
        assert_eq!(in_words(Duration::from_millis(86_400_001)), "1 day 1 h");
    }

    proptest! {
        #[test]
        fn the_words_change_exactly_when_they_are_said_to(millis in 1_u64..2_000_000_000) {
            let left = Duration::from_millis(millis);
            let time = until_other_words(left);
            prop_assert!(time > Duration::ZERO && time <= left);
            let just_before = left - time + Duration::from_nanos(1);
            prop_assert_eq!(in_words(just_before), in_words(left));
            if time < left {
                prop_assert_ne!(in_words(left - time), in_words(left));
            }
        }

        #[test]
        fn anything_is_read_or_refused(text: String) {
            let _ = parse(&text);
        }
    }
}
