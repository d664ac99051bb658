//! What visitors read, in the language that their browser asks for.
//!
//! The texts are in `messages/`, one file a language. A file is read when the first visitor of
//! its language comes.

use std::sync::OnceLock;

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use serde::{Deserialize, Serialize};

use super::text::short_size;

/// The languages there are; the first is for everybody else.
const LANGUAGES: [(&str, &str); 6] = [
    ("en", include_str!("messages/en.toml")),
    ("de", include_str!("messages/de.toml")),
    ("fr", include_str!("messages/fr.toml")),
    ("es", include_str!("messages/es.toml")),
    ("ja", include_str!("messages/ja.toml")),
    ("ar", include_str!("messages/ar.toml")),
];

static READ: [OnceLock<Words>; LANGUAGES.len()] = [const { OnceLock::new() }; LANGUAGES.len()];

/// All texts of one language.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// As HTML's `lang` has it.
    #[serde(skip)]
    pub language: &'static str,
    /// As HTML's `dir` has it.
    pub direction: String,
    pub list: ListWords,
    pub count: CountWords,
    pub size: SizeWords,
    pub kind: KindWords,
    pub viewer: ViewerWords,
    pub error: ErrorWords,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    pub shared_files: String,
    pub you_are_here: String,
    pub download_all: String,
    pub download: String,
    pub download_folder: String,
    pub entries: String,
    pub sort_by: String,
    pub name: String,
    pub size: String,
    pub changed: String,
    pub kind: String,
    pub ascending: String,
    pub descending: String,
    pub filter: String,
    pub layout: String,
    pub list: String,
    pub gallery: String,
    pub pages: String,
    pub previous_page: String,
    pub next_page: String,
    pub page_of: String,
    pub empty: String,
    pub empty_hint: String,
    pub nothing_matches: String,
    pub matching: String,
    pub loading: String,
    pub not_loaded: String,
    pub gone: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountWords {
    pub folder: Plural,
    pub file: Plural,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeWords {
    /// What stands before the digit of a part.
    pub decimal: String,
    pub byte: Plural,
    pub kilobyte: String,
    pub megabyte: String,
    pub gigabyte: String,
    pub terabyte: String,
    pub petabyte: String,
}

/// One text a plural form of Unicode CLDR.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plural {
    zero: Option<String>,
    one: Option<String>,
    two: Option<String>,
    few: Option<String>,
    many: Option<String>,
    other: String,
}

/// Names of the kinds of files, as [`Kind::word`](super::kind::Kind::word) picks them.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KindWords {
    pub folder: String,
    pub picture: String,
    pub video: String,
    pub audio: String,
    pub pdf: String,
    pub markdown: String,
    pub text: String,
    pub code: String,
    pub document: String,
    pub sheet: String,
    pub slides: String,
    pub archive: String,
    pub font: String,
    pub program: String,
    pub file: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ViewerWords {
    pub close: String,
    pub previous: String,
    pub next: String,
    pub save: String,
    pub open: String,
    pub position: String,
    pub loading: String,
    pub cut: String,
    pub cannot_show: String,
    pub cannot_load: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorWords {
    pub back: String,
    pub again: String,
    pub not_found: Notice,
    pub forbidden: Notice,
    pub read_only: Notice,
    pub wrong_address: Notice,
    pub too_large: Notice,
    pub no_such_part: Notice,
    pub changed: Notice,
    pub busy: Notice,
    pub ended: Notice,
    pub unavailable: Notice,
}

/// What an error page says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub title: String,
    pub text: String,
}

impl Words {
    /// The language of a request's Accept-Language header (RFC 9110, section 12.5.4).
    pub fn of(headers: &HeaderMap) -> &'static Words {
        let header = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Words::in_language(header.map_or(0, choose))
    }

    fn in_language(index: usize) -> &'static Words {
        READ[index].get_or_init(|| {
            let (language, text) = LANGUAGES[index];
            // A test reads every file, so none that is compiled in is ever broken.
            let words: Words = toml::from_str(text).unwrap_or_default();
            Words { language, ..words }
        })
    }

    /// So many folders, in words.
    pub fn folders(&self, count: u64) -> String {
        self.count.folder.of(self.language, count)
    }

    /// So many files, in words.
    pub fn files(&self, count: u64) -> String {
        self.count.file.of(self.language, count)
    }

    /// A size for reading, in powers of 1,000: `1.5 MB`.
    pub fn size(&self, bytes: u64) -> String {
        let words = &self.size;
        let (number, unit) = short_size(bytes);
        let text = match unit {
            0 => return words.byte.of(self.language, bytes),
            1 => &words.kilobyte,
            2 => &words.megabyte,
            3 => &words.gigabyte,
            4 => &words.terabyte,
            _ => &words.petabyte,
        };
        text.replace("{n}", &number.replace('.', &words.decimal))
    }
}

impl Plural {
    fn of(&self, language: &str, count: u64) -> String {
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
        // A million of folders, as it is said there.
        ("fr" | "es", count) if count > 0 && count % 1_000_000 == 0 => Form::Many,
        _ => Form::Other,
    }
}

/// The index of the best language for a header.
fn choose(header: &str) -> usize {
    let mut best = (0.0, 0);
    for element in header.split(',') {
        let mut parts = element.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let primary = tag.split('-').next().unwrap_or_default();
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
        let index = LANGUAGES
            .iter()
            .position(|(language, _)| language.eq_ignore_ascii_case(primary));
        // Of equal weights the first counts.
        if let (Some(index), Some(weight)) = (index, weight)
            && weight > best.0
        {
            best = (weight, index);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn leaves(table: &toml::Table, at: &str, into: &mut BTreeMap<String, String>) {
        for (key, value) in table {
            let key = format!("{at}.{key}");
            match value {
                toml::Value::Table(table) => leaves(table, &key, into),
                value => {
                    into.insert(key, value.as_str().unwrap().to_owned());
                }
            }
        }
    }

    fn texts(text: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        leaves(&text.parse().unwrap(), "", &mut all);
        all.retain(|key, _| !key.starts_with(".count.") && !key.starts_with(".size.byte."));
        all
    }

    fn slots(text: &str) -> BTreeSet<&str> {
        let parts = text.split('{').skip(1);
        parts.map(|part| part.split('}').next().unwrap()).collect()
    }

    #[test]
    fn every_language_has_every_text_with_the_same_slots() {
        let english = texts(LANGUAGES[0].1);
        for (language, text) in LANGUAGES {
            toml::from_str::<Words>(text).unwrap();
            let texts = texts(text);
            assert!(texts.keys().eq(english.keys()), "{language}");
            for (key, text) in &texts {
                assert!(!text.trim().is_empty(), "{language}{key}");
                assert_eq!(slots(text), slots(&english[key]), "{language}{key}");
            }
        }
    }

    #[test]
    fn no_text_says_who_runs_what() {
        for (language, text) in LANGUAGES {
            for text in texts(text).values() {
                let text = text.to_lowercase();
                for word in ["spot", "cloudflare", "tunnel", "actix", "rust"] {
                    assert!(!text.contains(word), "{language}: {text}");
                }
            }
        }
    }

    #[test]
    fn the_language_is_the_one_a_browser_likes_best() {
        for (header, expected) in [
            ("de-AT,de;q=0.9,en;q=0.5", "de"),
            ("pt,es;q=0.5", "es"),
            ("en;q=0.1,ja;q=0.2", "ja"),
            ("AR", "ar"),
            ("fr;q=0", "en"),
            ("fr;q=x", "en"),
            ("", "en"),
            ("*", "en"),
            ("tlh", "en"),
            (";;,,q=1", "en"),
        ] {
            assert_eq!(LANGUAGES[choose(header)].0, expected, "{header}");
        }
    }

    #[test]
    fn sizes_are_written_as_browsers_write_them() {
        let size = |index: usize, bytes| Words::in_language(index).size(bytes);
        assert_eq!(size(0, 1), "1 byte");
        assert_eq!(size(0, 1_500_000), "1.5 MB");
        assert_eq!(size(1, 1_500_000), "1,5 MB");
        assert_eq!(size(2, 999), "999\u{a0}octets");
        assert_eq!(size(2, 12_000), "12\u{202f}ko");
        assert_eq!(size(4, 12_000), "12 KB");
        assert_eq!(size(5, 12_000_000), "12 م.ب");
    }

    #[test]
    fn counts_take_the_form_that_the_language_wants() {
        let files = |index: usize, count| Words::in_language(index).files(count);
        assert_eq!(files(0, 1), "1 file");
        assert_eq!(files(0, 0), "0 files");
        assert_eq!(files(2, 0), "0 fichier");
        assert_eq!(files(3, 2_000_000), "2000000 de archivos");
        assert_eq!(files(4, 1), "1 個のファイル");
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
        assert_eq!(Words::in_language(5).files(11), "11 ملفًا");
    }
}
