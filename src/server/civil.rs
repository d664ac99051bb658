//! Calendar dates of points in time, in UTC.

/// A date and time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
}

impl Civil {
    /// The date of a time in seconds since 1970, after Howard Hinnant's `civil_from_days`
    /// (<https://howardhinnant.github.io/date_algorithms.html>).
    pub fn from_unix(seconds: i64) -> Civil {
        let days = seconds.div_euclid(86_400);
        // Less than 86,400.
        let of_day = seconds.rem_euclid(86_400) as u32;
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // The year begins in March here, so that the leap day is its last.
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Civil {
            year,
            // 1 to 12 and 1 to 31.
            month: month as u32,
            day: day as u32,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(seconds: i64) -> String {
        let c = Civil::from_unix(seconds);
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            c.year, c.month, c.day, c.hour, c.minute, c.second
        )
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(shown(0), "1970-01-01 00:00:00");
        assert_eq!(shown(-1), "1969-12-31 23:59:59");
        assert_eq!(shown(951_782_399), "2000-02-28 23:59:59");
        assert_eq!(shown(951_782_400), "2000-02-29 00:00:00");
        assert_eq!(shown(4_107_542_400), "2100-03-01 00:00:00");
        assert_eq!(shown(784_111_777), "1994-11-06 08:49:37");
    }

    proptest! {
        #[test]
        fn no_file_time_can_make_it_panic(seconds: i64) {
            let civil = Civil::from_unix(seconds);
            prop_assert!((1..=12).contains(&civil.month) && (1..=31).contains(&civil.day));
        }

        #[test]
        fn dates_agree_with_those_of_http(seconds in 0_i64..253_402_300_799) {
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds as u64);
            let civil = Civil::from_unix(seconds);
            let expected = httpdate::fmt_http_date(time);
            let written = format!("{:02}:{:02}:{:02}", civil.hour, civil.minute, civil.second);
            let (day, year) = (format!(", {:02} ", civil.day), format!(" {:04} ", civil.year));
            prop_assert!(expected.contains(&written));
            prop_assert!(expected.contains(&day) && expected.contains(&year));
        }
    }
}
