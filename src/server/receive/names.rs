//! Names that visitors give, made harmless on every system.
//!
//! What a name was changed to says nothing about what it was, so two names may become one. Whoever uses
//! them keeps them apart: with [`numbered`].

use icu_normalizer::ComposingNormalizerBorrowed;

use super::error::ReceiveError;
use crate::{
    hidden_name::{Visibility, may_be_short},
    server::path::windows_name::{is_device, is_special},
};

/// How deep the folders that a visitor hands in may be nested.
pub const MAX_FOLDERS: usize = 32;

/// The longest name, in bytes. Systems allow 255, and a number may follow.
const MAX_BYTES: usize = 240;

/// The longest path, in bytes. Longer ones get shorter names: most programs can't open them.
const MAX_PATH_BYTES: usize = 1500;

/// The longest name in such a path, in bytes.
const SHORT_BYTES: usize = 44;

/// The longest extension that is kept, in bytes and with its dot.
const MAX_EXTENSION_BYTES: usize = 20;

/// What a file is called whose name has nothing harmless in it.
const UNNAMED: &str = "unnamed";

/// The harmless names of a path whose last name is that of a file, one for each name.
///
/// # Errors
/// If there are too many folders, or there is no name.
pub fn harmless_path(raw: &[Vec<u8>]) -> Result<Vec<String>, ReceiveError> {
    let (file, folders) = raw.split_last().ok_or(ReceiveError::Name("it is empty"))?;
    let mut names: Vec<String> = folders
        .iter()
        .map(|name| harmless(name, MAX_BYTES))
        .collect();
    if names.len() > MAX_FOLDERS {
        return Err(ReceiveError::Name(
            "its folders are nested more than 32 deep",
        ));
    }
    names.push(harmless(file, MAX_BYTES));
    if names.iter().map(|name| name.len() + 1).sum::<usize>() > MAX_PATH_BYTES {
        names = raw.iter().map(|name| harmless(name, SHORT_BYTES)).collect();
    }
    Ok(names)
}

/// A path without the names of folders that lead nowhere. The last name is that of the file.
pub fn leading_down(raw: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let leads = |name: &&Vec<u8>| !matches!(name.as_slice(), b"" | b"." | b"..");
    match raw.split_last() {
        Some((file, folders)) => folders
            .iter()
            .filter(leads)
            .chain([file])
            .cloned()
            .collect(),
        None => Vec::new(),
    }
}

/// Whether a file or folder can have this name on every system, and visitors see it.
pub fn is_harmless(name: &str) -> bool {
    // The last name is that of a file, which may be longer.
    let path = [name.as_bytes().to_vec(), b"file".to_vec()];
    let harmless = harmless_path(&path);
    harmless.is_ok_and(|harmless| harmless.first().is_some_and(|first| first == name))
}

/// A name that is a plain, visible name on every system.
fn harmless(raw: &[u8], max_bytes: usize) -> String {
    let text = String::from_utf8_lossy(raw);
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(&text);
    let text: String = text
        .chars()
        .map(|c| if is_harmful(c) { '_' } else { c })
        .collect();
    let text = text.trim_start_matches(is_blank);
    let mut name = match text.trim_start_matches('.') {
        rest if rest.len() < text.len() => format!("_{rest}"),
        rest => rest.to_owned(),
    };
    shorten(&mut name, max_bytes);
    name.truncate(name.trim_end_matches(is_blank_or_dot).len());
    if name.is_empty() {
        name.push_str(UNNAMED);
    }
    if may_be_short(name.as_bytes()) {
        // It could open another file, or a hidden folder.
        name = name.replace('~', "_");
    }
    if is_device(&name) || Visibility::Usual.hides(name.as_bytes()) {
        name.insert(0, '_');
        shorten(&mut name, max_bytes);
    }
    name
}

/// The name of the `number`th file that wants this name: `name (2).ext`.
pub fn numbered(name: &str, number: u32) -> String {
    let (stem, extension) = split(name);
    format!("{stem} ({number}){extension}")
}

/// The name of the `number`th folder that wants this name.
pub fn numbered_folder(name: &str, number: u32) -> String {
    format!("{name} ({number})")
}

/// A name as file systems that ignore upper case compare it.
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// Whether a folder with a file of this name, or a link that leads nowhere, shows that file.
pub fn is_shown_as_page(name: &str) -> bool {
    ["index.html", "404.html"].contains(&folded(name).as_str())
}

/// Cuts off the end of the stem, so that the extension stays.
fn shorten(name: &mut String, max_bytes: usize) {
    if name.len() <= max_bytes {
        return;
    }
    let (stem, extension) = split(name);
    let room = max_bytes - extension.len();
    let mut end = room.min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem[..end].trim_end_matches(is_blank_or_dot);
    *name = format!("{stem}{extension}");
}

/// The stem and the extension with its dot, if it has one. `.tar` belongs to the extension.
fn split(name: &str) -> (&str, &str) {
    let dot = |name: &str| name.rfind('.').filter(|&dot| dot > 0);
    let Some(mut at) = dot(name) else {
        return (name, "");
    };
    if name.len() - at > MAX_EXTENSION_BYTES {
        return (name, "");
    }
    if let Some(before) = dot(&name[..at])
        && name[before..at].eq_ignore_ascii_case(".tar")
    {
        at = before;
    }
    name.split_at(at)
}

/// Whether a character has a special meaning on some system, or hides how a name reads.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || is_special(c)
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
            | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character can't be seen at the start or end of a name.
fn is_blank(c: char) -> bool {
    // The joiners belong between characters.
    c.is_whitespace() || matches!(c, '\u{200c}' | '\u{200d}' | '\u{2800}')
}

fn is_blank_or_dot(c: char) -> bool {
    c == '.' || is_blank(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::server::path::{RequestPath, Rules, can_be_asked_for, push_encoded, windows_name};

    fn name(raw: impl AsRef<[u8]>) -> String {
        harmless(raw.as_ref(), MAX_BYTES)
    }

    fn path(raw: &[&str]) -> Vec<String> {
        let raw: Vec<_> = raw.iter().map(|name| name.as_bytes().to_vec()).collect();
        harmless_path(&leading_down(&raw)).unwrap()
    }

    #[test]
    fn names_of_any_script_stay_as_they_are() {
        for kept in [
            "a.txt",
            "Über uns (2).tar.gz",
            "日本語のファイル.pdf",
            "تقرير نهائي.docx",
            "👩\u{200d}🚀 mission.png",
            "می\u{200c}خواهم.txt",
            "100% – done!.csv",
            "-rf",
            "console.log",
            "a..b",
        ] {
            assert_eq!(name(kept), kept);
        }
    }

    #[test]
    fn harmful_names_become_harmless_ones() {
        for (raw, expected) in [
            ("C:\\x", "C__x"),
            ("..\\..\\x", "__.._x"),
            ("a/b", "a_b"),
            ("a\0b", "a_b"),
            ("a\nb\u{7f}\u{85}.txt", "a_b__.txt"),
            ("x\u{202e}gpj.exe", "x_gpj.exe"),
            (".bashrc", "_bashrc"),
            ("..", "_"),
            ("...", "_"),
            ("\u{200c}.git", "_git"),
            (" .ssh", "_ssh"),
            ("a. . ", "a"),
            ("   ", "unnamed"),
            ("", "unnamed"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com1 .x", "_com1 .x"),
            ("desktop.ini", "_desktop.ini"),
            ("GIT~1", "GIT_1"),
            ("~$report.docx", "_~$report.docx"),
            ("what?*<>|\".txt", "what______.txt"),
            ("e\u{301}.txt", "\u{e9}.txt"),
        ] {
            assert_eq!(name(raw), expected, "{raw:?}");
        }
        assert_eq!(name(b"a\xffb"), "a\u{fffd}b");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        for (end, room) in [(".jpeg", 235), (".tar.gz", 233), ("", 240)] {
            let long = format!("{}{end}", "a".repeat(300));
            assert_eq!(name(&long), format!("{}{end}", "a".repeat(room)));
        }
        let device = name(format!("CON.{}", "a".repeat(300)));
        assert_eq!(device, format!("_CON.{}", "a".repeat(235)));
        let wide = name("語".repeat(100));
        assert_eq!(wide, "語".repeat(80));
        // What follows the last dot of a sentence is no extension.
        let sentence = format!("a. {}", "b".repeat(300));
        assert_eq!(name(&sentence).len(), MAX_BYTES);
    }

    #[test]
    fn a_path_leads_only_down() {
        assert_eq!(path(&["a", "b.txt"]), ["a", "b.txt"]);
        assert_eq!(path(&["a", "CON", ".x"]), ["a", "_CON", "_x"]);
        assert_eq!(path(&["..", "..", ".bashrc"]), ["_bashrc"]);
        assert_eq!(path(&["", "etc", "", "passwd"]), ["etc", "passwd"]);
        assert_eq!(path(&["a", ".", "b"]), ["a", "b"]);
        assert_eq!(path(&[".."]), ["_"]);
        assert!(matches!(harmless_path(&[]), Err(ReceiveError::Name(_))));
    }

    #[test]
    fn folders_are_at_most_32_deep() {
        let deep = vec!["d"; MAX_FOLDERS + 1];
        assert_eq!(path(&deep).len(), MAX_FOLDERS + 1);
        let deeper: Vec<_> = vec![b"d".to_vec(); MAX_FOLDERS + 2];
        assert!(matches!(harmless_path(&deeper), Err(ReceiveError::Name(_))));
    }

    #[test]
    fn the_names_of_a_long_path_are_shortened_until_programs_can_open_it() {
        let long = "n".repeat(300);
        let names = path(&vec![long.as_str(); MAX_FOLDERS + 1]);
        assert!(names.join("/").len() <= MAX_PATH_BYTES);
    }

    #[test]
    fn the_number_comes_before_the_extension() {
        for (name, expected) in [
            ("a.txt", "a (2).txt"),
            ("a", "a (2)"),
            ("a.tar.gz", "a (2).tar.gz"),
            ("a.b.c", "a.b (2).c"),
            (
                "Mr. Smith goes to Washington",
                "Mr. Smith goes to Washington (2)",
            ),
        ] {
            assert_eq!(numbered(name, 2), expected);
        }
        assert_eq!(numbered_folder("v1.2", 2), "v1.2 (2)");
    }

    fn assert_harmless(name: &str) -> Result<(), TestCaseError> {
        prop_assert!(windows_name::is_plain(name.as_bytes()), "{name:?}");
        prop_assert!(!Visibility::Usual.hides(name.as_bytes()), "{name:?}");
        prop_assert!(can_be_asked_for(name.as_bytes()));
        prop_assert!(!may_be_short(name.as_bytes()));
        prop_assert!(!name.chars().any(char::is_control));
        prop_assert!(!name.starts_with(['.', ' ']) && !name.is_empty());
        prop_assert!(numbered(name, u32::MAX).len() <= 255);
        prop_assert!(numbered_folder(name, u32::MAX).len() <= 255);
        prop_assert_eq!(crate::app::visible(name), name);
        Ok(())
    }

    proptest! {
        #[test]
        fn whatever_a_visitor_sends_the_name_is_harmless(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            assert_harmless(&name(&raw))?;
        }

        #[test]
        fn whatever_text_a_visitor_sends_the_name_is_harmless(
            raw in "(\\.|\u{200c}|[ ~$]|CON|nul|\\PC|[\u{0}-\u{20}\u{200b}-\u{206f}]|e\u{301}){0,30}"
        ) {
            let once = name(&raw);
            assert_harmless(&once)?;
            assert_harmless(&numbered(&once, 2))?;
            prop_assert_eq!(name(&once), once);
        }

        #[test]
        fn a_path_can_be_asked_for(raw in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..33)) {
            let names = harmless_path(&raw).unwrap();
            let mut url = String::new();
            for name in &names {
                url.push('/');
                push_encoded(name.as_bytes(), &mut url);
            }
            let parsed = RequestPath::parse(url.as_bytes(), Rules::Windows);
            prop_assert!(parsed.is_some_and(|path| path.names().count() == names.len()));
            prop_assert!(names.join("/").len() <= MAX_PATH_BYTES);
        }
    }

    #[test]
    fn a_name_that_would_be_changed_is_not_harmless() {
        for name in ["a", "Übung 1", "a.b"] {
            assert!(is_harmless(name), "{name}");
        }
        for name in [
            "",
            ".a",
            "a:b",
            "con",
            "a.",
            "a ",
            "a\u{202e}b",
            "Thumbs.db",
        ] {
            assert!(!is_harmless(name), "{name}");
        }
    }
}
