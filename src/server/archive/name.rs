//! What files are called in an archive.
//!
//! An archive is unpacked on any system. What Windows can't have in a name is changed, and so is a
//! name that differs from another one only in upper case, or in how Unicode writes it: Windows and macOS
//! would take one for the other, and keep only the last.

use std::collections::{HashMap, HashSet};

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::server::{
    folder::mix,
    path::windows_name::{is_device, is_plain, is_special},
};

/// The longest name that all systems can have, in bytes.
const MAX_BYTES: usize = 255;

/// Bytes reserved for a number: ` (4294967295)`.
const NUMBER_BYTES: usize = 13;

/// A name without upper case and with all accents apart, as a number. Different names may have the same; one of them is then
/// changed, although it would not have to be.
type Folded = u64;

/// The names of one folder in the archive, all distinct.
pub struct ArchiveNames {
    /// Names that are in use, of which those that stay as they are come first. Empty as long as
    /// none has to change, for then all are different.
    taken: HashSet<Folded>,
    /// Names that several files have, and whether one of them has it already.
    shared: HashMap<Folded, bool>,
    /// The number to try next for each name that several others are changed to.
    next: HashMap<Folded, u32>,
}

impl ArchiveNames {
    /// For a folder with these names.
    pub fn of<'a>(names: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut do_all_stay = true;
        let mut staying: Vec<Folded> = names
            .filter_map(|name| {
                let name = staying(name);
                do_all_stay &= name.is_some();
                name.map(folded)
            })
            .collect();
        staying.sort_unstable();
        let pairs = staying.windows(2).filter(|pair| pair[0] == pair[1]);
        let shared: HashMap<Folded, bool> = pairs.map(|pair| (pair[0], false)).collect();
        let taken = if do_all_stay && shared.is_empty() {
            HashSet::new()
        } else {
            staying.into_iter().collect()
        };
        Self {
            taken,
            shared,
            next: HashMap::new(),
        }
    }

    /// What one of them is called. Call it once per name, in a stable order.
    pub fn name(&mut self, name: &[u8]) -> Vec<u8> {
        if let Some(name) = staying(name) {
            if self.shared.is_empty() {
                return name.into();
            }
            let is_taken = self.shared.get_mut(&folded(name));
            return if is_taken.is_some_and(|is_taken| std::mem::replace(is_taken, true)) {
                self.numbered(name)
            } else {
                name.into()
            };
        }
        let name = changed(name);
        if self.taken.insert(folded(&name)) {
            return name.into();
        }
        self.numbered(&name)
    }

    fn numbered(&mut self, name: &str) -> Vec<u8> {
        let (stem, extension) = name.split_at(name.rfind('.').unwrap_or(name.len()));
        let extension = &with_plain_end(start(extension, MAX_BYTES / 2));
        let stem = start(stem, MAX_BYTES - NUMBER_BYTES - extension.len());
        // Lower numbers are taken and stay so.
        let number = self
            .next
            .entry(mix(folded(stem), folded(extension)))
            .or_insert(2);
        loop {
            let free = format!("{stem} ({number}){extension}");
            *number += 1;
            if self.taken.insert(folded(&free)) {
                return free.into();
            }
        }
    }
}

/// The name, if it can be in a zip as it is.
fn staying(name: &[u8]) -> Option<&str> {
    let is_fine = is_plain(name) && name.len() <= MAX_BYTES;
    std::str::from_utf8(name).ok().filter(|_| is_fine)
}

/// A name as every system can have it: UTF-8, with the bytes that are not written as `%FF`. What has
/// a special meaning on Windows is replaced. `unzip`, too, takes a backslash for a separator of
/// folders.
fn changed(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len() + 1);
    for chunk in name.utf8_chunks() {
        out.extend(
            chunk
                .valid()
                .chars()
                .map(|c| if is_special(c) { '_' } else { c }),
        );
        for byte in chunk.invalid() {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    if is_device(&out) {
        out.insert(0, '_');
    }
    if out.len() > MAX_BYTES {
        let (stem, extension) = out.split_at(out.rfind('.').unwrap_or(out.len()));
        let extension = start(extension, MAX_BYTES / 2);
        out = format!("{}{extension}", start(stem, MAX_BYTES - extension.len()));
    }
    with_plain_end(&out)
}

/// A name with `_` for each dot and space at its end, which Windows ignores.
fn with_plain_end(name: &str) -> String {
    let kept = name.trim_end_matches(['.', ' ']);
    format!("{kept}{}", "_".repeat(name.len() - kept.len()))
}

/// The start of a text, of at most so many bytes.
fn start(text: &str, max_bytes: usize) -> &str {
    let longest = text.len().min(max_bytes);
    let end = (0..=longest).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

/// A name as systems compare it. It must never change: downloads are resumed by names made with it.
fn folded(name: &str) -> Folded {
    let fold = |c: char| {
        // Upper case first, for letters of which there are two in lower case. What would become
        // several letters stays as it is.
        let upper = single(c.to_uppercase()).unwrap_or(c);
        single(upper.to_lowercase()).unwrap_or(upper)
    };
    let add = |hash: u64, c: char| mix(hash, u64::from(u32::from(fold(c))));
    if name.is_ascii() {
        return name.chars().fold(0, add);
    }
    let normalizer = DecomposingNormalizerBorrowed::new_nfd();
    normalizer.normalize_iter(name.chars()).fold(0, add)
}

fn single(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_zip(names: &[&[u8]]) -> Vec<String> {
        let mut zip = ArchiveNames::of(names.iter().copied());
        names
            .iter()
            .map(|name| String::from_utf8(zip.name(name)).unwrap())
            .collect()
    }

    #[test]
    fn names_that_a_zip_can_not_have_are_changed_and_stay_different() {
        for (name, expected) in [
            (&b"plain.txt"[..], "plain.txt"),
            ("日本 é.txt".as_bytes(), "日本 é.txt"),
            (b"12:30 \"why?\" <a|b>*.png", "12_30 _why__ _a_b__.png"),
            (b"a\\b", "a_b"),
            (b"tab\tline\n", "tab_line_"),
            (b"dots...", "dots___"),
            (b"end. ", "end__"),
            (b"...", "___"),
            (b" start", " start"),
            (b"CON", "_CON"),
            (b"nul.txt", "_nul.txt"),
            (b"com1.tar.gz", "_com1.tar.gz"),
            (b"CON:", "CON_"),
            (b"console", "console"),
            (b"caf\xe9", "caf%E9"),
        ] {
            assert_eq!(in_zip(&[name]), [expected]);
        }
        assert_eq!(
            in_zip(&[
                b"%FF.txt",
                b"\xff.txt",
                b"a (2).txt",
                b"a:b",
                b"a\\b",
                b"a_b"
            ]),
            [
                "%FF.txt",
                "%FF (2).txt",
                "a (2).txt",
                "a_b (2)",
                "a_b (3)",
                "a_b"
            ]
        );
    }

    #[test]
    fn names_that_differ_only_in_upper_case_stay_different_everywhere() {
        let names = [
            "README",
            "Readme",
            "readme",
            "readme (2)",
            "ÄRGER.TXT",
            "ärger.txt",
        ];
        let names = names.map(str::as_bytes);
        assert_eq!(
            in_zip(&names),
            [
                "README",
                "Readme (3)",
                "readme (4)",
                "readme (2)",
                "ÄRGER.TXT",
                "ärger (2).txt"
            ]
        );
        // A letter with its accent, and the same as two characters.
        let accents = ["\u{e9}.txt", "e\u{301}.txt", "E\u{301}.TXT", "e.txt"];
        assert_eq!(
            in_zip(&accents.map(str::as_bytes)),
            [
                "\u{e9}.txt",
                "e\u{301} (2).txt",
                "E\u{301} (3).TXT",
                "e.txt"
            ]
        );
        assert_eq!(in_zip(&[b"A_B", b"a:b"]), ["A_B", "a_b (2)"]);
        assert_eq!(in_zip(&[b"a:b", b"A:B"]), ["a_b", "A_B (2)"]);
    }

    #[test]
    fn a_changed_name_is_not_longer_than_a_file_may_have() {
        let broken = [&[0xff; 251][..], b".txt"].concat();
        let others = ["é".repeat(127) + ":", "É".repeat(127) + ":"];
        let names = [&broken, others[0].as_bytes(), others[1].as_bytes()];
        let shown = in_zip(&names);
        assert!(
            shown.iter().all(|name| name.len() <= MAX_BYTES),
            "{shown:?}"
        );
        assert!(shown[0].ends_with("F.txt") && shown[2].ends_with("É (2)"));
    }

    #[test]
    fn a_long_extension_that_is_cut_has_an_end_that_windows_keeps() {
        let extension = [".", &"e".repeat(MAX_BYTES / 2 - 2), " and more"].concat();
        let names = ["a", "A"].map(|stem| [stem, &extension].concat());
        let shown = in_zip(&names.each_ref().map(|name| name.as_bytes()));
        assert_eq!(shown[0], names[0]);
        assert_eq!(
            shown[1],
            format!("A (2).{}_", "e".repeat(MAX_BYTES / 2 - 2))
        );
    }

    #[test]
    fn many_names_that_become_one_cost_no_more_than_others() {
        // Each of 14 places is one of two signs that become the same.
        let names: Vec<Vec<u8>> = (0..1_u32 << 14)
            .map(|number| {
                let sign = |place: u32| {
                    if (number >> place) & 1 == 1 {
                        b'\\'
                    } else {
                        b'_'
                    }
                };
                (0..14).map(sign).collect()
            })
            .collect();
        let mut zip = ArchiveNames::of(names.iter().map(Vec::as_slice));
        let mut seen = HashSet::new();
        for name in &names {
            assert!(seen.insert(zip.name(name)));
        }
        // One stays as it is; the others are numbered without a gap.
        assert!(seen.contains(format!("{} ({})", "_".repeat(14), names.len()).as_bytes()));
        assert_eq!(zip.next.len(), 1);
    }

    proptest! {
        #[test]
        fn every_system_can_have_all_names_of_a_folder(
            names in proptest::collection::hash_set("[aA:._ é()2\\\\]{1,6}|con|NUL|(\\PC){1,8}", 1..30),
        ) {
            let mut names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
            names.retain(|name| !name.contains(&b'/'));
            names.sort_unstable();
            let shown = in_zip(&names);
            let mut seen = HashSet::new();
            for name in &shown {
                prop_assert!(is_plain(name.as_bytes()), "{name}");
                prop_assert!(seen.insert(name.to_lowercase()), "{name} twice in {shown:?}");
            }
            // What every system can have stays, unless there is another one like it.
            for (name, shown) in names.iter().zip(&shown) {
                let lower = |name: &[u8]| folded(&String::from_utf8_lossy(name));
                let alike = names.iter().filter(|other| lower(other) == lower(name)).count();
                prop_assert!(!is_plain(name) || alike > 1 || name == &shown.as_bytes());
            }
        }
    }
}
