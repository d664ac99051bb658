//! Patterns for cloudflared's output.
//!
//! They match bytes: what they look for is ASCII, and a pattern of bytes takes half the memory of one
//! of characters and is faster. Matching takes time linear in the length of the text.

use std::borrow::Cow;

use regex::bytes::{Captures, Regex, RegexBuilder};

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// What a pattern and its groups have matched.
pub struct Found<'a>(Captures<'a>);

impl Pattern {
    /// Compiles a pattern in the syntax of `regex`.
    ///
    /// # Errors
    /// The pattern is invalid.
    pub fn new(pattern: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(pattern).unicode(false).build().map(Self)
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text.as_bytes())
    }

    /// The first match.
    pub fn find<'a>(&self, text: &'a str) -> Option<Found<'a>> {
        self.0.captures(text.as_bytes()).map(Found)
    }

    /// Replaces all matches.
    pub fn replace<'a>(
        &self,
        text: Cow<'a, str>,
        mut by: impl FnMut(&Found<'_>) -> String,
    ) -> Cow<'a, str> {
        let mut matches = self.0.captures_iter(text.as_bytes()).peekable();
        if matches.peek().is_none() {
            return text;
        }
        let mut replaced = Vec::with_capacity(text.len());
        let mut end = 0;
        for found in matches.map(Found) {
            let range = found.range();
            replaced.extend_from_slice(&text.as_bytes()[end..range.start]);
            replaced.extend_from_slice(by(&found).as_bytes());
            end = range.end;
        }
        replaced.extend_from_slice(&text.as_bytes()[end..]);
        Cow::Owned(String::from_utf8_lossy(&replaced).into_owned())
    }
}

impl Found<'_> {
    /// What a group has matched, empty if nothing; 0 is the whole match.
    pub fn group(&self, index: usize) -> Cow<'_, str> {
        let group = self.0.get(index).map_or(&b""[..], |group| group.as_bytes());
        String::from_utf8_lossy(group)
    }

    fn range(&self) -> std::ops::Range<usize> {
        self.0.get_match().range()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_around_a_match_stays_as_it_is() {
        let pattern = Pattern::new("name=([^ ]*)").unwrap();
        let text = Cow::Borrowed("é name=ü ö name= 写");
        let replaced = pattern.replace(text, |found| format!("<{}>", found.group(1)));
        assert_eq!(replaced, "é <ü> ö <> 写");
        let same = pattern.replace(Cow::Borrowed("写真"), |_| "x".into());
        assert!(matches!(same, Cow::Borrowed("写真")));
    }
}
