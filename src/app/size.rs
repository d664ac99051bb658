//! Amounts of bytes as people write and read them.

const UNITS: [(&str, u64); 4] = [
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

/// An amount of bytes can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    #[error("write a number and MB, GB or TB, such as 20GB")]
    Form,
    #[error("it must be at least one byte")]
    TooSmall,
    #[error("it must be at most a million TB")]
    TooLarge,
}

/// Nobody has more. Also keeps sums from overflowing.
const MAX: u64 = 1_000_000_000_000_000_000;

/// Reads `20GB`, `500 MB` or `1.5 GiB`, in upper or lower case.
///
/// # Errors
/// It has another form, or is nothing or more than a million TB.
pub fn parse(text: &str) -> Result<u64, SizeError> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .ok_or(SizeError::Form)?;
    let (number, unit) = text.split_at(end);
    let unit: u128 = match unit.trim_start().to_ascii_lowercase().as_str() {
        "b" | "byte" | "bytes" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(SizeError::Form),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || part.is_empty() || part.contains('.') {
        return Err(SizeError::Form);
    }
    let whole: u128 = whole.parse().map_err(|_| SizeError::TooLarge)?;
    // More digits say nothing about bytes.
    let part = &part[..part.len().min(15)];
    let scale = 10_u128.pow(u32::try_from(part.len()).unwrap_or_default());
    let part: u128 = part.parse().map_err(|_| SizeError::Form)?;
    let bytes = whole.saturating_mul(unit) + part * unit / scale;
    match u64::try_from(bytes) {
        Ok(0) => Err(SizeError::TooSmall),
        Ok(bytes) if bytes <= MAX => Ok(bytes),
        _ => Err(SizeError::TooLarge),
    }
}

/// The amount with up to three digits: `1.2 GB`, `540 MB`, `1 byte`.
pub fn in_words(bytes: u64) -> String {
    // What would be rounded to a thousand is one of the next unit.
    let unit = UNITS.iter().find(|(_, unit)| bytes >= unit - unit / 2000);
    let Some((name, unit)) = unit else {
        return match bytes {
            1 => "1 byte".into(),
            _ => format!("{bytes} bytes"),
        };
    };
    let rounded = |bytes: u128| (bytes + u128::from(unit / 2)) / u128::from(*unit);
    let tenths = rounded(u128::from(bytes) * 10);
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", rounded(bytes.into()))
    }
}

/// The exact amount, as [`parse`] reads it: `20GB`, `1024B`.
pub fn compact(bytes: u64) -> String {
    let unit = UNITS.iter().find(|(_, unit)| bytes.is_multiple_of(*unit));
    match unit.filter(|_| bytes > 0) {
        Some((name, unit)) => format!("{}{name}", bytes / unit),
        None => format!("{bytes}B"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("20GB", 20_000_000_000),
            ("500MB", 500_000_000),
            ("1.5 GiB", 1_610_612_736),
            (" 2 tb ", 2_000_000_000_000),
            ("100k", 100_000),
            ("0.5GB", 500_000_000),
            ("1024B", 1024),
            ("1 byte", 1),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_a_hint() {
        for (text, error) in [
            ("", SizeError::Form),
            ("20", SizeError::Form),
            ("GB", SizeError::Form),
            ("-1GB", SizeError::Form),
            ("1,5GB", SizeError::Form),
            ("1.GB", SizeError::Form),
            (".5GB", SizeError::Form),
            ("1.2.3GB", SizeError::Form),
            ("1 GB 2", SizeError::Form),
            ("1 Gbit", SizeError::Form),
            ("0GB", SizeError::TooSmall),
            ("0.1B", SizeError::TooSmall),
            ("1000001TB", SizeError::TooLarge),
            (
                "99999999999999999999999999999999999999999TB",
                SizeError::TooLarge,
            ),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn amounts_are_shown_with_two_or_three_digits() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1 kB"),
            (1_250, "1.3 kB"),
            (9_960, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1 MB"),
            (540_000_000, "540 MB"),
            (1_234_567_890, "1.2 GB"),
            (5_000_000_000_000_000, "5000 TB"),
        ] {
            assert_eq!(in_words(bytes), words);
        }
    }

    proptest! {
        #[test]
        fn a_compact_amount_is_read_again(bytes in 1..=MAX) {
            prop_assert_eq!(parse(&compact(bytes)), Ok(bytes));
        }

        #[test]
        fn anything_is_read_or_refused(text: String, bytes: u64) {
            let _ = parse(&text);
            let _ = in_words(bytes);
        }
    }
}
