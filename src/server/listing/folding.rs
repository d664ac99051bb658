//! Names without case and accents, which is how people type what they search for.

use std::borrow::Cow;

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Accents and other marks that combine with the letter before them.
const MARKS: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';

/// A text that is looked for in names. The page's script compares in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought(String);

impl Sought {
    /// `None` if there is nothing to look for.
    pub fn new(text: &str) -> Option<Self> {
        let folded = folded(text.trim());
        (!folded.is_empty()).then_some(Self(folded))
    }

    /// Whether it is in a name.
    pub fn is_in(&self, name: &[u8]) -> bool {
        if self.0.is_ascii() && name.is_ascii() {
            let length = self.0.len();
            let mut parts = name.windows(length);
            return parts.any(|part| part.eq_ignore_ascii_case(self.0.as_bytes()));
        }
        folded(&String::from_utf8_lossy(name)).contains(&self.0)
    }
}

fn folded(text: &str) -> String {
    let lower = if text.is_ascii() {
        return text.to_ascii_lowercase();
    } else {
        text.to_lowercase()
    };
    let normalizer = DecomposingNormalizerBorrowed::new_nfkd();
    let apart: Cow<'_, str> = normalizer.normalize(&lower);
    apart.chars().filter(|c| !MARKS.contains(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_typed() {
        let found = |text: &str, name: &str| Sought::new(text).unwrap().is_in(name.as_bytes());
        for (text, name) in [
            ("cafe", "Café.txt"),
            ("CAFÉ", "cafe\u{301}.TXT"),
            (" 1.j ", "photo1.JPG"),
            ("fi", "oﬃce"),
            ("ωρα", "Ώρα"),
            ("日本", "日本語.txt"),
            ("a", "a"),
        ] {
            assert!(found(text, name), "{text} in {name}");
        }
        for (text, name) in [("b", "a"), ("ab", "a"), ("caf e", "cafe")] {
            assert!(!found(text, name), "{text} in {name}");
        }
        assert!(Sought::new("x").unwrap().is_in(b"\xffX"));
        for nothing in ["", " ", "\u{301}"] {
            assert_eq!(Sought::new(nothing), None);
        }
    }
}
