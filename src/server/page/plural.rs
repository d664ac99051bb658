//! Texts with a count.

use serde::Serialize;

use super::messages::{Read, words};

words! {
    /// One text for each plural form of Unicode CLDR.
    #[derive(Serialize)]
    Plural {
        zero: Option<String>,
        one: Option<String>,
        two: Option<String>,
        few: Option<String>,
        many: Option<String>,
        other: String,
    }
}

impl Plural {
    /// The text for `count`, in the plural form of the language.
    pub fn of(&self, language: &str, count: u64) -> String {
        let form = match form(language, count) {
            Form::Zero => &self.zero,
            Form::One => &self.one,
            Form::Two => &self.two,
            Form::Few => &self.few,
            Form::Many => &self.many,
            Form::Other => &None,
        };
        let text = form.as_ref().unwrap_or(&self.other);
        text.replace("{n}", &count.to_string())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Zero,
    One,
    Two,
    Few,
    Many,
    Other,
}

/// The plural form of a whole number
/// (<https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html>).
fn form(language: &str, count: u64) -> Form {
    match (language, count) {
        ("ja", _) => Form::Other,
        ("ar", 0) => Form::Zero,
        ("ar", 2) => Form::Two,
        ("ar", count) if (3..=10).contains(&(count % 100)) => Form::Few,
        ("ar", count) if (11..=99).contains(&(count % 100)) => Form::Many,
        ("fr", 0) | (_, 1) => Form::One,
        // As in "un millón de carpetas".
        ("fr" | "es", count) if count > 0 && count % 1_000_000 == 0 => Form::Many,
        _ => Form::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arabic_counts_in_six_forms() {
        let forms: Vec<_> = [0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111]
            .map(|count| form("ar", count))
            .to_vec();
        use Form::{Few, Many, One, Other, Two, Zero};
        assert_eq!(
            forms,
            [
                Zero, One, Two, Few, Few, Many, Many, Other, Other, Few, Many
            ]
        );
    }
}
