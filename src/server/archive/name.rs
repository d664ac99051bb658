//! The names of files in an archive.

use std::collections::{HashMap, HashSet};

/// The names in the archive for the entries of one folder, all different.
pub struct ArchiveNames {
    /// Names in use, starting with those that stay unchanged. Empty as long as none has to change,
    /// because all are different then.
    taken: HashSet<Vec<u8>>,
    /// The next number to try for each name that several others are changed to.
    next: HashMap<Vec<u8>, u32>,
}

impl ArchiveNames {
    /// For a folder with these names.
    pub fn of<'a>(names: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let stays = |name: &&[u8]| stays(name);
        let taken = if names.clone().all(|name| stays(&name)) {
            HashSet::new()
        } else {
            names.filter(stays).map(<[u8]>::to_vec).collect()
        };
        Self {
            taken,
            next: HashMap::new(),
        }
    }

    /// The name of one of them in the archive. Call this once per name, in a stable order.
    pub fn name(&mut self, name: &[u8]) -> Vec<u8> {
        if stays(name) {
            return name.to_vec();
        }
        let changed = changed(name);
        if self.taken.insert(changed.clone()) {
            return changed;
        }
        let dot = changed.iter().rposition(|&byte| byte == b'.');
        let (stem, extension) = changed.split_at(dot.unwrap_or(changed.len()));
        // Lower numbers are taken, and stay taken.
        let number = self.next.entry(changed.clone()).or_insert(2);
        loop {
            let free = [stem, format!(" ({number})").as_bytes(), extension].concat();
            *number += 1;
            if self.taken.insert(free.clone()) {
                return free;
            }
        }
    }
}

/// Whether a zip can contain a name unchanged.
fn stays(name: &[u8]) -> bool {
    !name.contains(&b'\\') && std::str::from_utf8(name).is_ok()
}

/// A name as it is in a zip: UTF-8, with other bytes written as `%FF`. Windows and `unzip` would
/// read a backslash as a path separator.
fn changed(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        out.extend(chunk.valid().replace('\\', "_").bytes());
        for byte in chunk.invalid() {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_zip_can_not_have_are_changed_and_stay_different() {
        let names: [&[u8]; 7] = [
            b"%FF.txt",
            b"\xff.txt",
            b"a (2).txt",
            b"a\\b",
            b"a_b",
            b"caf\xe9",
            b"plain",
        ];
        let mut zip = ArchiveNames::of(names.iter().copied());
        let shown = names.map(|name| String::from_utf8(zip.name(name)).unwrap());
        assert_eq!(
            shown,
            [
                "%FF.txt",
                "%FF (2).txt",
                "a (2).txt",
                "a_b (2)",
                "a_b",
                "caf%E9",
                "plain"
            ]
        );
    }

    #[test]
    fn many_names_that_become_equal_cost_no_more_than_others() {
        // Each of 14 positions has one of two characters that become the same.
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
        // One stays unchanged; the others are numbered without a gap.
        assert!(seen.contains(format!("{} ({})", "_".repeat(14), names.len()).as_bytes()));
        assert_eq!(zip.next.len(), 1);
    }
}
