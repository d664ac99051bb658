//! File times as dates in UTC, and the time now.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use time::{OffsetDateTime, PrimitiveDateTime};

/// The date and time of day for a time in seconds since 1970. File systems can report times beyond the
/// year 9999 in either direction; these become the last or first valid date.
pub fn date_time(unix_s: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(unix_s).unwrap_or_else(|_| {
        let nearest = if unix_s < 0 {
            PrimitiveDateTime::MIN
        } else {
            PrimitiveDateTime::MAX
        };
        nearest.assume_utc()
    })
}

/// Now, also in milliseconds since 1970.
pub fn now() -> (Instant, u64) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    (Instant::now(), u64::try_from(millis).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_without_a_date_get_the_nearest_date() {
        assert_eq!(date_time(784_111_777).year(), 1994);
        assert_eq!(date_time(i64::MAX).year(), 9999);
        assert_eq!(date_time(i64::MIN).year(), -9999);
    }

    proptest! {
        #[test]
        fn no_file_time_causes_a_panic(unix_s: i64) {
            let _ = date_time(unix_s);
        }
    }
}
