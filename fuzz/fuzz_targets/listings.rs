//! However it is requested, the listing of any folder has everything that a visitor may see and
//! nothing else.
#![no_main]

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::{Path, PathBuf},
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::STANDARD};
use libfuzzer_sys::{arbitrary, arbitrary::Arbitrary, fuzz_target};
use serde_json::Value;
use spot_serve::server::fuzzing::is_hidden;
use spot_serve_fuzz::{
    disguise::disguised,
    share::{SECRET, Share, Visitor},
    text::expand,
};

#[derive(Arbitrary, Debug)]
struct Input {
    entries: Vec<EntryInput>,
    query: Vec<u8>,
    language: Vec<u8>,
    is_compressed: bool,
    is_nested: bool,
}

#[derive(Arbitrary, Debug)]
struct EntryInput {
    kind: u8,
    name: Vec<u8>,
    content: Vec<u8>,
}

const MAX_ENTRIES: usize = 40;

/// The end of hidden names, so that they can be recognised wherever they appear.
const HIDDEN_MARK: &str = "h1dden";

const NAMES: &[&str] = &[
    ".",
    "..",
    "README.md",
    "readme",
    "index.html",
    "index.htm",
    "404.html",
    ".jpg",
    ".png",
    ".mp4",
    ".mp3",
    ".pdf",
    ".zip",
    ".txt",
    ".heic",
    "\u{200c}.",
    "\u{feff}",
    "\u{202e}",
    "é",
    "e\u{301}",
    "Ä",
    "ß",
    "ı",
    "İ",
    "日本語",
    "👩\u{200d}🚀",
    "<script>",
    "</script>",
    "\"'&<>",
    "%2e",
    "%00",
    "GIT~1",
    "\n",
    "\r\n",
    "\t",
    "0",
    "00",
    "10",
    "99999999999999999999",
    " ",
    "\\",
    ":",
    "?",
    "#",
    "*",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "{{",
    "{%",
    "<!--",
    "]]>",
    "\u{0}",
    "__proto__",
];

const QUERIES: &[&str] = &[
    "json",
    "rows",
    "&",
    "=",
    "from=",
    "count=",
    "sort=",
    "name",
    "size",
    "changed",
    "kind",
    "-",
    "view=",
    "gallery",
    "list",
    "page=",
    "open=",
    "total",
    "cover",
    "archive=zip",
    "archive=tar",
    "all",
    "thumbnail",
    "0",
    "1",
    "2",
    "18446744073709551615",
    "99999999999999999999",
    "%",
    "%00",
    "%2e",
    "+",
    "json&from=1&count=2",
    "filter=",
    "lang=",
    "download",
    "rendered",
    "json&count=",
];

const LANGUAGES: &[&str] = &[
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "ja",
    "zh",
    "-",
    ",",
    ";q=",
    "0.5",
    "1",
    "*",
    " ",
    "de-CH",
    "0.000",
    "zh-Hant-TW",
    "\u{e9}",
];

const CONTENTS: &[&str] = &[
    "# ",
    "\n",
    "\n\n",
    "| a | b |\n|---|---|\n",
    "- ",
    "> ",
    "```\n",
    "[a](",
    ")",
    "![",
    "](",
    "<b>",
    "</b>",
    "<script>",
    "<img src=x onerror=y>",
    "javascript:",
    "http://x/",
    "**",
    "~~",
    "`",
    "    ",
    "1. ",
    "[^1]",
    "\\",
    "&amp;",
    "<!--",
    "-->",
    "<details>",
    "|",
];

static SHARE: LazyLock<Share> = LazyLock::new(|| Share::start(|_| {}));

static VISITOR: LazyLock<Mutex<Visitor>> = LazyLock::new(Mutex::default);

/// A new folder for each input, because the share may remember for a while what was in one.
static NUMBER: AtomicU64 = AtomicU64::new(0);

fuzz_target!(|input: Input| {
    let place = Place::new(&input);
    let query = expand(&input.query, QUERIES, 400);
    let mut query: String = query.iter().map(|&byte| char::from(byte & 0x7f)).collect();
    query.retain(|c| c.is_ascii_graphic() && !"#<>\"`{}\\^|".contains(c));
    let language = expand(&input.language, LANGUAGES, 200);
    let language = String::from_utf8_lossy(&language).into_owned();
    let language = language.replace(|c: char| !matches!(c, ' '..='~'), "");
    let mut headers = format!("Accept-Language: {language}\r\n");
    if input.is_compressed {
        headers.push_str("Accept-Encoding: gzip\r\n");
    }
    let target = format!("{}?{query}", place.url);
    let response = VISITOR
        .lock()
        .expect("no other thread")
        .get(&SHARE, &target, &headers);
    let content = response.content();
    let mentions_mark = query.contains(HIDDEN_MARK) || place.mentions_mark;
    assert!(
        mentions_mark || !contains(&content, HIDDEN_MARK.as_bytes()),
        "a hidden name is listed"
    );
    assert!(!contains(&content, SECRET), "a secret was sent");
    let bound = 400_000 + place.visible.len() * 8_000 + place.content_bytes * 200;
    assert!(
        content.len() <= bound,
        "{} bytes, more than {bound}",
        content.len()
    );
    let wants = |pair: &str| query.split('&').any(|other| other == pair);
    if wants("archive=zip") || wants("archive=tar") || wants("cover") {
        assert_eq!(response.status, 200);
    } else if wants("total") {
        assert_eq!(response.status, 200);
        let total: Value = serde_json::from_slice(&content).expect("JSON");
        assert!(total["files"].is_u64() && total["size"].is_u64());
    } else if wants("json") {
        assert_eq!(response.status, 200);
        check_objects(&content, &query, &place);
    } else if wants("rows") {
        assert_eq!(response.status, 200);
        check_rows(&content, &query, &place);
    } else {
        // The site's own page, if it can be read.
        assert_eq!(response.status, 200, "{target}");
        assert!(
            str::from_utf8(&content).is_ok() || place.is_site,
            "a page isn't UTF-8"
        );
    }
});

fn check_objects(content: &[u8], query: &str, place: &Place) {
    let listing: Value = serde_json::from_slice(content).expect("JSON");
    let total = listing["total"].as_u64().expect("a total");
    assert_eq!(total, place.visible.len() as u64, "in {:?}", place.visible);
    let entries = listing["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), in_window(query, place));
    let mut seen = Vec::new();
    for entry in entries {
        let name = match entry["bytes"].as_str() {
            Some(bytes) => STANDARD.decode(bytes).expect("base64"),
            None => entry["name"].as_str().expect("a name").as_bytes().to_vec(),
        };
        let url = entry["url"].as_str().expect("a URL");
        let decoded: Vec<u8> = percent_encoding::percent_decode_str(url).collect();
        let decoded = decoded.strip_suffix(b"/").unwrap_or(&decoded);
        assert!(decoded.ends_with(&name), "{url} isn't that of {name:?}");
        let is_folder = entry["folder"].as_bool().expect("whether it is a folder");
        assert!(
            place.visible.contains(&(name.clone(), is_folder)),
            "{name:?} is listed"
        );
        seen.push(name);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), entries.len(), "a name is listed twice");
}

fn check_rows(content: &[u8], query: &str, place: &Place) {
    let mut count = 0;
    for line in content
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let rows: Value = serde_json::from_slice(line).expect("JSON");
        for row in rows.as_array().expect("rows") {
            let row = row.as_array().expect("a row");
            assert!(matches!(row.len(), 4 | 5) && row[0].is_string());
            count += 1;
        }
    }
    assert_eq!(count, in_window(query, place));
}

/// How many entries are in the window that a query asks for.
fn in_window(query: &str, place: &Place) -> usize {
    let number = |key: &str| -> Option<usize> {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(other, _)| *other == key)?.1.parse().ok()
    };
    let left = place
        .visible
        .len()
        .saturating_sub(number("from").unwrap_or(0));
    left.min(number("count").unwrap_or(usize::MAX))
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|place| place == what)
}

/// A folder in the share, built from an input.
struct Place {
    dir: PathBuf,
    url: String,
    /// Names that a visitor may see, and whether they are folders.
    visible: Vec<(Vec<u8>, bool)>,
    content_bytes: usize,
    mentions_mark: bool,
    is_site: bool,
}

impl Place {
    fn new(input: &Input) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut url = format!("/{number}/");
        let mut dir = SHARE.root.join(number.to_string());
        fs::create_dir(&dir).expect("a folder");
        if input.is_nested {
            dir.push("in ner");
            url.push_str("in%20ner/");
            fs::create_dir(&dir).expect("a folder");
        }
        let mut place = Self {
            dir,
            url,
            visible: Vec::new(),
            content_bytes: 0,
            mentions_mark: false,
            is_site: false,
        };
        let mut names: Vec<Vec<u8>> = Vec::new();
        for entry in input.entries.iter().take(MAX_ENTRIES) {
            let name = if entry.kind & 0x80 == 0 {
                place.usual_name(entry)
            } else {
                let name = disguised(&entry.name);
                assert!(is_hidden(name.as_bytes()), "{name:?} is not hidden");
                name.into_bytes()
            };
            if !name.is_empty() && !names.contains(&name) && place.add(entry, &name, &names) {
                names.push(name);
            }
        }
        for name in &names {
            place.look(name);
        }
        place
    }

    fn usual_name(&mut self, entry: &EntryInput) -> Vec<u8> {
        let mut name = expand(&entry.name, NAMES, 240);
        name.retain(|byte| !matches!(byte, b'/' | 0));
        self.mentions_mark |= contains(&name, HIDDEN_MARK.as_bytes());
        if is_hidden(&name) {
            let marked = [&name[..], HIDDEN_MARK.as_bytes()].concat();
            // `Thumbs.db` is hidden, but not if something follows.
            if is_hidden(&marked) {
                return marked;
            }
        }
        name
    }

    fn add(&mut self, entry: &EntryInput, name: &[u8], names: &[Vec<u8>]) -> bool {
        let path = self.dir.join(OsStr::from_bytes(name));
        let mut content = expand(&entry.content, CONTENTS, 2000);
        match entry.kind % 8 {
            0..4 => {
                if is_hidden(name) {
                    content = SECRET.to_vec();
                }
                self.mentions_mark |= contains(&content, HIDDEN_MARK.as_bytes());
                self.content_bytes += content.len();
                fs::write(path, content).is_ok()
            }
            4 => fs::create_dir(path).is_ok(),
            5 => {
                let inside = path.join("file.jpg");
                fs::create_dir(path).is_ok() && fs::write(inside, "").is_ok()
            }
            kind => {
                let index = usize::from(entry.content.first().copied().unwrap_or(0));
                let known = names.get(index % names.len().max(1));
                let known = known.map_or(Path::new("."), |name| Path::new(OsStr::from_bytes(name)));
                let target = match (kind, index % 9) {
                    (6, _) => self.dir.join(known),
                    (_, 0) => PathBuf::from(".."),
                    (_, 1) => SHARE.outside.join("file"),
                    (_, 2) => SHARE.root.join(".hidden"),
                    (_, 3) => PathBuf::from("missing"),
                    (_, 4) => PathBuf::from("/"),
                    (_, 5) => SHARE.root.join("leads-out"),
                    _ => known.to_owned(),
                };
                symlink(target, &path).is_ok()
            }
        }
    }

    /// Finds out whether a visitor may see an entry, by other means than the share uses.
    fn look(&mut self, name: &[u8]) {
        if is_hidden(name) {
            return;
        }
        let Ok(real) = self.dir.join(OsStr::from_bytes(name)).canonicalize() else {
            return;
        };
        let Ok(below) = real.strip_prefix(&SHARE.root) else {
            return;
        };
        if below.iter().any(|name| is_hidden(name.as_bytes())) {
            return;
        }
        let is_folder = real.is_dir();
        self.is_site |= name == b"index.html" && !is_folder;
        self.visible.push((name.to_vec(), is_folder));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let top = self
            .dir
            .strip_prefix(&SHARE.root)
            .ok()
            .and_then(|path| path.iter().next());
        if let Some(top) = top {
            fs::remove_dir_all(SHARE.root.join(top)).expect("a folder that can be removed");
        }
    }
}
