//! Speeds as people write and read them, in bytes in a second.

use super::size::{self, SizeError};

/// Slower than this, pages don't arrive before visitors give up.
const MIN: u64 = 1000;

/// A speed can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpeedError {
    #[error("write a number and kB/s or MB/s, such as 2MB/s")]
    Form,
    #[error("it must be at least 1kB/s")]
    TooSlow,
    #[error("it must be at most a million TB/s")]
    TooFast,
}

/// Reads `2MB/s`, `500 kB/s` or `1.5 MiB/s`, in upper or lower case.
///
/// # Errors
/// It has another form, or nothing would arrive at this speed.
pub fn parse(text: &str) -> Result<u64, SpeedError> {
    let text = text.trim().to_ascii_lowercase();
    let size = text.strip_suffix("/s").ok_or(SpeedError::Form)?;
    match size::parse(size) {
        Ok(speed) if is_allowed(speed) => Ok(speed),
        Ok(_) | Err(SizeError::TooSmall) => Err(SpeedError::TooSlow),
        Err(SizeError::Form) => Err(SpeedError::Form),
        Err(SizeError::TooLarge) => Err(SpeedError::TooFast),
    }
}

/// Whether a share may have this limit.
pub fn is_allowed(speed: u64) -> bool {
    speed >= MIN
}

/// The speed with up to three digits: `2 MB/s`.
pub fn in_words(speed: u64) -> String {
    format!("{}/s", size::in_words(speed))
}

/// The exact speed, as [`parse`] reads it: `2MB/s`.
pub fn compact(speed: u64) -> String {
    format!("{}/s", size::compact(speed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read_as_people_write_them() {
        for (text, speed) in [
            ("2MB/s", 2_000_000),
            ("500 kB/s", 500_000),
            (" 1.5 mib/S ", 1_572_864),
            ("1000B/s", 1000),
        ] {
            assert_eq!(parse(text), Ok(speed), "{text}");
            assert_eq!(parse(&compact(speed)), Ok(speed), "{text}");
        }
        assert_eq!(in_words(2_500_000), "2.5 MB/s");
    }

    #[test]
    fn what_is_no_speed_is_refused_with_a_hint() {
        for (text, error) in [
            ("", SpeedError::Form),
            ("2", SpeedError::Form),
            ("2MB", SpeedError::Form),
            ("2 Mbit/s", SpeedError::Form),
            ("/s", SpeedError::Form),
            ("999B/s", SpeedError::TooSlow),
            ("0kB/s", SpeedError::TooSlow),
            ("9999999TB/s", SpeedError::TooFast),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
