//! Whatever visitors call their files, each gets a path of its own that is harmless on every system.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::{HandedIn, is_hidden};
use spot_serve_fuzz::text::expand;

const FRAGMENTS: &[&str] = &[
    "/",
    "../",
    "./",
    "..",
    ".",
    "\\",
    "CON",
    "nul.txt",
    "com¹.log",
    "LPT9 ",
    "aux:x",
    "a.txt",
    "A.TXT",
    "a (2).txt",
    ".tar.gz",
    ".bashrc",
    ".ssh/",
    "~1",
    "GIT~1",
    "~$",
    "index.html",
    "desktop.ini",
    "Thumbs.db",
    "e\u{301}",
    "\u{e9}",
    "ß",
    "ẞ",
    "İ",
    "ﬁ",
    "語",
    "👩\u{200d}🚀",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{200c}",
    "\u{feff}",
    "\u{a0}",
    "\u{3000}",
    "\u{2800}",
    "\u{fffd}",
    "\u{85}",
    " ",
    "\t",
    "\r\n",
    "\0",
    "\n",
    "%2e%2e%2f",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "d/d/d/d/d/d/d/d/",
];

const MAX_BYTES: usize = 16 * 1024;

/// The names of devices on Windows, whatever their extension.
const DEVICES: &[&str] = &[
    "con", "prn", "aux", "nul", "conin$", "conout$", "com", "lpt",
];

fuzz_target!(|input: &[u8]| {
    let text = expand(input, FRAGMENTS, MAX_BYTES);
    let handed_in = HandedIn::default();
    let mut places = BTreeSet::new();
    // No path has a line end, and most programs send none.
    for path in text.split(|byte| *byte == b'\n').take(64) {
        let raw: Vec<_> = path
            .split(|byte| *byte == b'/')
            .map(<[u8]>::to_vec)
            .collect();
        let Some(names) = handed_in.place(&raw) else {
            assert!(raw.len() > 33, "{}", path.escape_ascii());
            continue;
        };
        assert!(names.len() <= 33, "{names:?}");
        for name in &names {
            assert_harmless(name);
        }
        let place = names.join("/");
        assert!(place.len() <= 1500 + " (64)".len(), "{} bytes", place.len());
        let folded = place.to_lowercase();
        assert!(places.insert(folded), "{place:?} twice");
        // Whoever sends what came out sends the same, unless there is no room for another number.
        if place.len() <= 1500 && names.iter().all(|name| name.len() <= 240) {
            let again: Vec<_> = names.iter().map(|name| name.clone().into_bytes()).collect();
            assert_eq!(HandedIn::default().place(&again), Some(names));
        }
    }
});

fn assert_harmless(name: &str) {
    let is_special = |c: char| "/\\:*?\"<>|".contains(c) || c.is_control();
    // Marks that reverse text, or that nobody sees.
    let hides = |c: char| {
        matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(
        !name.contains(is_special) && !name.contains(hides),
        "{name:?}"
    );
    assert!(!name.is_empty() && name.len() <= 247, "{name:?}");
    assert!(
        !name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']),
        "{name:?}"
    );
    assert!(!is_hidden(name.as_bytes()), "{name:?}");
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let device = stem.trim_end_matches(|c: char| matches!(c, '0'..='9' | '¹' | '²' | '³'));
    let is_numbered = stem.len() > device.len();
    let device = device.to_lowercase();
    if DEVICES.contains(&&*device) {
        let has_number = matches!(&*device, "com" | "lpt");
        let digits = stem.chars().count() - device.chars().count();
        assert!(
            has_number != is_numbered || digits > 1,
            "{name:?} is a device"
        );
    }
}
