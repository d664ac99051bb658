//! Times as MS-DOS had them: in the local time of whoever made the archive, from 1980 to 2107, in
//! steps of two seconds. Windows and Python read no other.

use chrono::{DateTime, Datelike, Local, TimeZone, Timelike};

/// A date, in the upper half, and a time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DosTime(u32);

impl DosTime {
    /// A time in seconds since 1970, in the local time that was valid then.
    pub fn local(unix_s: i64) -> Self {
        Self::of(unix_s, &Local)
    }

    /// The same in any time zone.
    fn of(unix_s: i64, zone: &impl TimeZone) -> Self {
        // A day more in both directions than can be expressed.
        const FIRST: i64 = 315_446_400;
        const LAST: i64 = 4_354_905_600;
        let utc = DateTime::from_timestamp(unix_s.clamp(FIRST, LAST), 0).unwrap_or_default();
        let time = utc.with_timezone(zone);
        let years = match u32::try_from(time.year() - 1980) {
            Ok(years @ 0..=127) => years,
            Ok(_) => return Self(0xff9f_bf7d),
            Err(_) => return Self(0x0021_0000),
        };
        let date = years << 9 | time.month() << 5 | time.day();
        let clock = time.hour() << 11 | time.minute() << 5 | (time.second() / 2);
        Self(date << 16 | clock)
    }

    /// The value of the zip's fields: the time of day, and behind it the date.
    pub fn value(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;
    use proptest::prelude::*;

    use super::*;

    /// Date and time as a zip's reader takes them apart.
    fn shown(unix_s: i64, east_s: i32) -> String {
        let value = DosTime::of(unix_s, &FixedOffset::east_opt(east_s).unwrap()).value();
        let (date, clock) = (value >> 16, value & 0xffff);
        format!(
            "{}-{:02}-{:02} {:02}:{:02}:{:02}",
            1980 + (date >> 9),
            date >> 5 & 15,
            date & 31,
            clock >> 11,
            clock >> 5 & 63,
            (clock & 31) * 2
        )
    }

    #[test]
    fn times_are_those_of_the_local_clock() {
        for (unix_s, east_s, expected) in [
            (784_111_777, 0, "1994-11-06 08:49:36"),
            (784_111_777, 9 * 3600, "1994-11-06 17:49:36"),
            (784_111_777, -11 * 3600, "1994-11-05 21:49:36"),
            // What can't be expressed becomes the first or last time that can.
            (-5, 0, "1980-01-01 00:00:00"),
            (315_532_799, 0, "1980-01-01 00:00:00"),
            (315_532_799, 3600, "1980-01-01 00:59:58"),
            (4_354_819_199, 0, "2107-12-31 23:59:58"),
            (4_354_819_200, 0, "2107-12-31 23:59:58"),
            (4_354_819_200, -3600, "2107-12-31 23:00:00"),
            (i64::MIN, 0, "1980-01-01 00:00:00"),
            (i64::MAX, 0, "2107-12-31 23:59:58"),
        ] {
            assert_eq!(shown(unix_s, east_s), expected, "{unix_s} {east_s}");
        }
    }

    proptest! {
        #[test]
        fn no_file_time_causes_a_panic(unix_s: i64) {
            let _ = DosTime::local(unix_s);
        }
    }
}
