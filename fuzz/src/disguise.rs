//! Names that visitors must not see, in the spellings that some system takes for the same.

/// Names that some system hides, or keeps for itself. A list of its own, so that it shows what the
/// program's list lacks.
const KEPT: &[&str] = &[
    "$RECYCLE.BIN",
    "Recycled",
    "RECYCLER",
    "S-1-5-21-1-2-3-1001",
    "System Volume Information",
    "Thumbs.db",
    "desktop.ini",
    "pagefile.sys",
    "FOUND.000",
    "ntuser.dat.LOG1",
    "~$report.docx",
    ".git",
    ".DS_Store",
    ".Trash-1000",
    ".Spotlight-V100",
    "lost+found",
    "LOST.DIR",
    "@eaDir",
    "#recycle",
];

/// What HFS+ ignores anywhere in a name.
const IGNORED: &[char] = &['\u{200c}', '\u{200d}', '\u{202e}', '\u{206a}', '\u{feff}'];

/// What FAT or Windows ignores at the end of a name, and HFS+ as well.
const IGNORED_ENDS: &[char] = &['.', ' ', '\u{200d}'];

/// The longest name, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// A name that visitors must not see, spelled so that some system takes it for the usual one.
pub fn disguised(input: &[u8]) -> String {
    let mut choices = input.iter().copied();
    let mut choose = || usize::from(choices.next().unwrap_or(0));
    let mut name = String::new();
    for c in KEPT[choose() % KEPT.len()].chars() {
        let choice = choose();
        name.push(match choice % 3 {
            0 => c,
            1 => c.to_ascii_uppercase(),
            _ => c.to_ascii_lowercase(),
        });
        // Rarely, so that other disguises are tried alone.
        if choice >= 192 {
            name.push(IGNORED[choice % IGNORED.len()]);
        }
    }
    let (count, end) = (choose(), choose());
    for number in 0..count {
        // One of them, or several by turns.
        let end = IGNORED_ENDS[(end + number * (end % 2)) % IGNORED_ENDS.len()];
        if name.len() + end.len_utf8() <= MAX_NAME_BYTES {
            name.push(end);
        }
    }
    name
}
