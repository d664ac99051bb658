//! The texts of the page, one file per language in `messages/`. A file is parsed when it is first needed.

use std::sync::OnceLock;

use actix_web::http::header::HeaderMap;
use toml::{Table, Value};

use crate::server::common::{preferred_language, script_json};

/// The languages, as the pages for visitors have them. The first is the default.
const LANGUAGES: [(&str, &str); 6] = [
    ("en", include_str!("messages/en.toml")),
    ("de", include_str!("messages/de.toml")),
    ("fr", include_str!("messages/fr.toml")),
    ("es", include_str!("messages/es.toml")),
    ("ja", include_str!("messages/ja.toml")),
    ("ar", include_str!("messages/ar.toml")),
];

static READ: [OnceLock<Texts>; LANGUAGES.len()] = [const { OnceLock::new() }; LANGUAGES.len()];

/// All texts of one language.
pub struct Texts {
    /// The value of HTML's `lang`.
    pub language: &'static str,
    table: Value,
    /// For the script.
    pub json: String,
}

impl Texts {
    /// The texts in the language of a request with these headers.
    pub fn of(headers: &HeaderMap) -> &'static Self {
        let wanted = preferred_language(headers);
        let found = LANGUAGES
            .iter()
            .position(|(language, _)| *language == wanted);
        Self::in_language(found.unwrap_or(0))
    }

    fn in_language(index: usize) -> &'static Self {
        READ[index].get_or_init(|| {
            let (language, text) = LANGUAGES[index];
            // A test parses every file, so this can't fail.
            let table: Table = text.parse().unwrap_or_default();
            Self {
                language,
                json: script_json(&table),
                table: Value::Table(table),
            }
        })
    }

    /// The text with this name, such as `empty.title`; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = name
            .split('.')
            .try_fold(&self.table, |table, key| table.get(key));
        found.and_then(Value::as_str).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const TEMPLATE: &str = include_str!("templates/dashboard.html");
    const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

    /// All texts by their names. The forms of a plural count as one, under the name of `other`.
    fn texts(table: &Table, prefix: &str, into: &mut BTreeMap<String, String>) {
        for (key, value) in table {
            match value {
                Value::Table(table) => texts(table, &format!("{prefix}{key}."), into),
                Value::String(text) if key == "other" || !PLURALS.contains(&key.as_str()) => {
                    into.insert(format!("{prefix}{key}"), text.clone());
                }
                _ => {}
            }
        }
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        let parts = text.split('{').skip(1);
        parts
            .filter_map(|part| part.split_once('}'))
            .map(|(name, _)| name)
            .collect()
    }

    fn all(text: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        texts(&text.parse().unwrap(), "", &mut all);
        all
    }

    #[test]
    fn every_language_has_the_same_texts_with_the_same_placeholders() {
        let english = all(LANGUAGES[0].1);
        for (language, text) in LANGUAGES {
            let other = all(text);
            let names: BTreeSet<_> = other.keys().collect();
            assert_eq!(names, english.keys().collect(), "{language}");
            for (name, text) in &other {
                assert!(!text.trim().is_empty(), "{language}: {name}");
                let same = placeholders(&english[name]);
                assert_eq!(placeholders(text), same, "{language}: {name}");
            }
        }
    }

    #[test]
    fn the_template_names_texts_that_exist() {
        for index in 0..LANGUAGES.len() {
            let texts = Texts::in_language(index);
            let names = TEMPLATE.split("texts.get(\"").skip(1);
            for name in names
                .filter_map(|rest| rest.split_once('"'))
                .map(|(name, _)| name)
            {
                assert!(!texts.get(name).is_empty(), "{}: {name}", texts.language);
            }
        }
    }
}
