//! The texts for visitors, in the language their browser asks for.
//!
//! The texts are in `messages/`, one file per language. A file is parsed when the first visitor
//! needs it.

use std::sync::OnceLock;

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use pulldown_cmark::BlockQuoteKind;
use serde::Serialize;
use toml::{Table, Value};

use super::{
    assets::loaded,
    messages::{Read, words},
    plural::Plural,
    text::short_size,
};
use crate::server::kind::FileKind;

/// The available languages. The first is the default.
const LANGUAGES: [(&str, &str); 6] = [
    ("en", include_str!("messages/en.toml")),
    ("de", include_str!("messages/de.toml")),
    ("fr", include_str!("messages/fr.toml")),
    ("es", include_str!("messages/es.toml")),
    ("ja", include_str!("messages/ja.toml")),
    ("ar", include_str!("messages/ar.toml")),
];

static READ: [OnceLock<Words>; LANGUAGES.len()] = [const { OnceLock::new() }; LANGUAGES.len()];

words! {
    /// All texts of one language.
    Words {
        /// The value of HTML's `lang`.
        language: &'static str,
        /// The value of HTML's `dir`.
        direction: String,
        list: ListWords,
        count: CountWords,
        size: SizeWords,
        kind: KindWords,
        viewer: ViewerWords,
        search: SearchWords,
        date: DateWords,
        error: ErrorWords,
        site: SiteWords,
        unlock: UnlockWords,
        text: TextWords,
        alert: AlertWords,
        upload: UploadWords,
        uploader: UploaderWords,
        /// Those that only the scripts of the list and the viewer use.
        page: ScriptTexts,
    }
}

words! {
    #[derive(Serialize)]
    ListWords {
        shared_files: String,
        you_are_here: String,
        download_all: String,
        download: String,
        download_folder: String,
        entries: String,
        sort_by: String,
        name: String,
        size: String,
        changed: String,
        kind: String,
        ascending: String,
        descending: String,
        filter: String,
        layout: String,
        list: String,
        gallery: String,
        pages: String,
        previous_page: String,
        next_page: String,
        page_of: String,
        all_pages: String,
        empty: String,
        empty_hint: String,
        nothing_matches: String,
        matching: String,
        loading: String,
        not_loaded: String,
        gone: String,
        show_all: String,
        show_less: String,
        from: String,
        until: String,
    }
}

words! {
    CountWords {
        folder: Plural,
        file: Plural,
        delivered: Plural,
    }
}

words! {
    SizeWords {
        /// The decimal separator.
        decimal: String,
        byte: Plural,
        kilobyte: String,
        megabyte: String,
        gigabyte: String,
        terabyte: String,
        petabyte: String,
    }
}

words! {
    /// Names of the kinds of files, as [`KindWords::of`] picks them.
    KindWords {
        folder: String,
        picture: String,
        video: String,
        audio: String,
        pdf: String,
        markdown: String,
        text: String,
        code: String,
        document: String,
        sheet: String,
        slides: String,
        archive: String,
        font: String,
        program: String,
        file: String,
    }
}

impl KindWords {
    /// The name of a kind.
    pub fn of(&self, kind: FileKind) -> &str {
        match kind {
            FileKind::Folder => &self.folder,
            FileKind::Picture => &self.picture,
            FileKind::Video => &self.video,
            FileKind::Audio => &self.audio,
            FileKind::Pdf => &self.pdf,
            FileKind::Markdown => &self.markdown,
            FileKind::Text => &self.text,
            FileKind::Code => &self.code,
            FileKind::Document => &self.document,
            FileKind::Sheet => &self.sheet,
            FileKind::Slides => &self.slides,
            FileKind::Archive => &self.archive,
            FileKind::Font => &self.font,
            FileKind::Program => &self.program,
            FileKind::File => &self.file,
        }
    }
}

words! {
    #[derive(Serialize)]
    ViewerWords {
        close: String,
        previous: String,
        next: String,
        save: String,
        open: String,
        position: String,
        loading: String,
        cut: String,
        cannot_show: String,
        cannot_load: String,
    }
}

/// Texts that are passed on to a script as they are.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct ScriptTexts(Table);

impl Read for ScriptTexts {
    fn read(found: Option<&Value>) -> Self {
        Self(found.and_then(Value::as_table).cloned().unwrap_or_default())
    }
}

words! {
    /// What alerts in Markdown are called.
    AlertWords {
        note: String,
        tip: String,
        important: String,
        warning: String,
        caution: String,
    }
}

impl AlertWords {
    /// The title of an alert.
    pub fn of(&self, kind: BlockQuoteKind) -> &str {
        match kind {
            BlockQuoteKind::Note => &self.note,
            BlockQuoteKind::Tip => &self.tip,
            BlockQuoteKind::Important => &self.important,
            BlockQuoteKind::Warning => &self.warning,
            BlockQuoteKind::Caution => &self.caution,
        }
    }
}

words! {
    /// The page of what is found below a folder.
    SearchWords {
        title: String,
        all_below: String,
        go: String,
        cut: String,
    }
}

words! {
    DateWords {
        moment: String,
        /// Separated by spaces.
        months: String,
    }
}

words! {
    ErrorWords {
        back: String,
        again: String,
        not_found: Notice,
        forbidden: Notice,
        /// The owner has blocked this visitor.
        blocked: Notice,
        /// The owner has ended a transfer.
        stopped: Notice,
        read_only: Notice,
        wrong_address: Notice,
        too_large: Notice,
        no_such_part: Notice,
        changed: Notice,
        busy: Notice,
        ended: Notice,
        unavailable: Notice,
    }
}

words! {
    /// The text of an error page.
    Notice {
        title: String,
        text: String,
    }
}

words! {
    /// The pages in place of a local site that can't answer.
    SiteWords {
        /// What listens on its port is no website.
        not_http: Notice,
        /// Its HTTPS fails.
        tls_fails: Notice,
        /// It closes connections without an answer.
        silent: Notice,
        /// Nothing listens on its port.
        down: Notice,
    }
}

words! {
    /// The page that asks for the password.
    UnlockWords {
        title: String,
        text: String,
        password: String,
        open: String,
        wrong: String,
        /// The visitor has to wait `{n}` seconds.
        wait: String,
    }
}

words! {
    /// The page of a text that the owner shares.
    TextWords {
        title: String,
        copy: String,
        copied: String,
        failed: String,
        raw: String,
        cut: String,
    }
}

words! {
    /// The page for handing in files.
    UploadWords {
        others_do_not_see: String,
        everyone_sees: String,
        add_to: String,
        choose_files: String,
        name: String,
        text: String,
        send: String,
        no_script: String,
        thanks: String,
        again: String,
        back: String,
        too_large: String,
        too_many: String,
        away: String,
        name_refused: String,
        incomplete: String,
        add_files: String,
        drop: String,
        choose_folder: String,
        take_photo: String,
        paste: String,
        progress: String,
        stop: String,
        finish: String,
        choose_again: String,
        choose_again_text: String,
        forget: String,
    }
}

words! {
    /// What the script of that page says.
    #[derive(Serialize)]
    UploaderWords {
        added: String,
        already: String,
        nothing_found: String,
        cannot_read: String,
        photo: String,
        picture: String,
        waiting: String,
        paused: String,
        done: String,
        part: String,
        left: String,
        counts: String,
        sent: String,
        sending: String,
        pause: String,
        resume: String,
        retry: String,
        pause_file: String,
        resume_file: String,
        retry_file: String,
        remove_file: String,
        really_stop: String,
        some_failed: String,
        nothing_chosen: String,
        lost: String,
        away: String,
        too_many: String,
        setting_off: String,
        ended: String,
        locked: String,
        quota: String,
        disk_full: String,
        too_large: String,
        too_large_file: String,
        name: String,
        failed: String,
        unreadable: String,
    }
}

impl Words {
    /// The texts in the language of a request's Accept-Language header (RFC 9110, section 12.5.4).
    pub fn of(headers: &HeaderMap) -> &'static Self {
        Self::in_language(wanted(headers))
    }

    fn in_language(index: usize) -> &'static Self {
        READ[index].get_or_init(|| {
            let (language, text) = LANGUAGES[index];
            // A test parses every file, so this can't fail.
            let text = loaded(&format!("{language}.toml"), text);
            let table: Table = text.parse().unwrap_or_default();
            let words = Self::read(Some(&Value::Table(table)));
            Self { language, ..words }
        })
    }

    /// A number of folders, in words.
    pub fn folders(&self, count: u64) -> String {
        self.count.folder.of(self.language, count)
    }

    /// A number of files, in words.
    pub fn files(&self, count: u64) -> String {
        self.count.file.of(self.language, count)
    }

    /// How many files were delivered, in a sentence.
    pub fn delivered(&self, count: u64) -> String {
        self.count.delivered.of(self.language, count)
    }

    /// A readable size, in powers of 1,000: `1.5 MB`.
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

/// The available language that a request's Accept-Language header asks for.
pub fn preferred_language(headers: &HeaderMap) -> &'static str {
    LANGUAGES[wanted(headers)].0
}

fn wanted(headers: &HeaderMap) -> usize {
    let header = headers.get(ACCEPT_LANGUAGE);
    let header = header.and_then(|value| value.to_str().ok());
    header.map_or(0, choose)
}

/// The index of the best language for an Accept-Language header.
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
        // The first of equal weights wins.
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
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

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
        let plurals = [".count.", ".size.byte.", ".page.count."];
        all.retain(|key, _| !plurals.iter().any(|plural| key.starts_with(plural)));
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
            let texts = texts(text);
            assert!(texts.keys().eq(english.keys()), "{language}");
            for (key, text) in &texts {
                assert!(!text.trim().is_empty(), "{language}{key}");
                assert_eq!(slots(text), slots(&english[key]), "{language}{key}");
            }
        }
    }

    #[test]
    fn every_text_is_read() {
        for (index, (language, text)) in LANGUAGES.iter().enumerate() {
            let read = format!("{:?}", Words::in_language(index));
            assert!(!read.contains(": \"\""), "{language}: {read}");
            let mut all = BTreeMap::new();
            leaves(&text.parse().unwrap(), "", &mut all);
            // A script reads these.
            all.retain(|key, _| !key.starts_with(".page."));
            for (key, text) in all {
                let key = key.rsplit('.').next().unwrap();
                let (plain, form) = (format!("{key}: {text:?}"), format!("{key}: Some({text:?})"));
                assert!(
                    read.contains(&plain) || read.contains(&form),
                    "{language}: {plain}"
                );
            }
        }
    }

    #[test]
    fn no_text_reveals_the_software() {
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
        assert_eq!(Words::in_language(5).files(11), "11 ملفًا");
    }
}
