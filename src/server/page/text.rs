//! Readable sizes, and JSON inside a page.

/// A size as a short number, and the power of 1,000 it is in. The page's script reformats it for the
/// visitor's locale with the same number of digits.
pub fn short_size(bytes: u64) -> (String, usize) {
    const LAST_UNIT: usize = 5;
    if bytes < 1000 {
        return (bytes.to_string(), 0);
    }
    // Precise enough for two digits.
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 1;
    while value >= 999.5 && unit < LAST_UNIT {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if value < 9.95 { 1 } else { 0 };
    (format!("{value:.digits$}"), unit)
}

/// JSON for a `<script>` element: no text in it can end the element.
pub fn script_json(value: &impl serde::Serialize) -> String {
    // Only maps with keys other than strings could fail, and there are none.
    let json = serde_json::to_string(value).unwrap_or_default();
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, number, unit) in [
            (0, "0", 0),
            (999, "999", 0),
            (1000, "1.0", 1),
            (9949, "9.9", 1),
            (9950, "10", 1),
            (999_499, "999", 1),
            (999_500, "1.0", 2),
            (1_500_000_000, "1.5", 3),
            (u64::MAX, "18447", 5),
        ] {
            assert_eq!(short_size(bytes), (number.to_owned(), unit));
        }
    }

    proptest! {
        #[test]
        fn no_text_ends_a_script(text: String) {
            prop_assert!(!script_json(&text).contains('<'));
        }
    }
}
