//! Names of files and folders that visitors don't see, including disguised ones.
//!
//! A disk travels between systems, so a name that hides a file on one of them hides it on all.

/// What visitors may see of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// What is not hidden.
    Usual,
    /// Hidden files too, but not what systems keep for themselves.
    Hidden,
    /// Everything, for a file that was chosen by name.
    Everything,
}

impl Visibility {
    /// For a share that may serve hidden files.
    pub fn of(serves_hidden: bool) -> Self {
        if serves_hidden {
            Self::Hidden
        } else {
            Self::Usual
        }
    }

    /// Whether visitors don't see a file or folder with this name.
    pub fn hides(self, name: &[u8]) -> bool {
        match self {
            Self::Usual => is_hidden(name),
            Self::Hidden => is_kept_by_system(name),
            Self::Everything => false,
        }
    }

    /// Whether visitors don't see what an attribute hides.
    pub fn hides_flagged(self) -> bool {
        self == Self::Usual
    }

    /// Whether a short alias might stand for a name that visitors don't see.
    pub fn hides_aliases(self) -> bool {
        self != Self::Everything
    }
}

/// Whether some system hides a name: it starts with a dot, belongs to a document that Office has
/// open, or the system keeps it for itself.
fn is_hidden(name: &[u8]) -> bool {
    let name = Folded::of(name);
    name.text().starts_with(b".") || name.text().starts_with(b"~$") || is_kept(&name)
}

/// Whether some system keeps files of this name for itself: trash and what was found after a crash,
/// indexes, snapshots, swap files, caches of thumbnails and the layout of folders.
fn is_kept_by_system(name: &[u8]) -> bool {
    is_kept(&Folded::of(name))
}

fn is_kept(name: &Folded) -> bool {
    let text = name.text();
    let has_number_after = |start: &[u8], is_number: fn(&u8) -> bool| {
        let rest = name.is_complete.then(|| text.strip_prefix(start)).flatten();
        rest.is_some_and(|rest| !rest.is_empty() && rest.iter().all(is_number))
    };
    let is_known = match text {
        // Windows
        b"$recycle.bin"
        | b"recycler"
        | b"recycled"
        | b"system volume information"
        | b"thumbs.db"
        | b"ehthumbs.db"
        | b"ehthumbs_vista.db"
        | b"iconcache.db"
        | b"desktop.ini"
        | b"hiberfil.sys"
        | b"pagefile.sys"
        | b"swapfile.sys"
        | b"dumpstack.log"
        | b"dumpstack.log.tmp"
        | b"bootsect.bak"
        | b"bootmgr"
        | b"bootnxt"
        | b"config.msi"
        | b"msocache"
        | b"indexervolumeguid"
        | b"wpsettings.dat"
        | b"ntuser.ini"
        | b"$winreagent"
        | b"$sysreset"
        | b"$getcurrent"
        | b"$windows.~bt"
        | b"$windows.~ws" => true,
        // NTFS
        b"$mft" | b"$mftmirr" | b"$logfile" | b"$volume" | b"$attrdef" | b"$bitmap" | b"$boot"
        | b"$badclus" | b"$secure" | b"$upcase" | b"$extend" => true,
        // macOS
        b".ds_store"
        | b".trash"
        | b".trashes"
        | b".fseventsd"
        | b".spotlight-v100"
        | b".documentrevisions-v100"
        | b".temporaryitems"
        | b".mobilebackups"
        | b".hotfiles.btree"
        | b".vol"
        | b".apdisk"
        | b".appledouble"
        | b".appledb"
        | b".appledesktop"
        | b".lsoverride"
        | b".volumeicon.icns"
        | b"__macosx"
        | b"network trash folder"
        | b"desktop db"
        | b"desktop df"
        | b"icon\r" => true,
        // Linux and Android
        b"lost+found" | b"lost.dir" | b"aquota.user" | b"aquota.group" => true,
        // Network drives: Synology, QNAP, Samba, NetApp, ZFS
        b"@eadir"
        | b"#recycle"
        | b"#snapshot"
        | b"@recycle"
        | b"@recently-snapshot"
        | b".@__thumb"
        | b".recycle"
        | b".snapshot"
        | b".snapshots"
        | b"~snapshot"
        | b".zfs" => true,
        _ => false,
    };
    is_known && name.is_complete
        // The trash of one user, on Linux and on Windows, and that user's part of the registry.
        || text.starts_with(b".trash-")
        || has_number_after(b"s-1-5-", |byte| byte.is_ascii_digit() || *byte == b'-')
        || text.starts_with(b"ntuser.dat")
        || text.starts_with(b"usrclass.dat")
        // Pieces that Windows found on a damaged disk.
        || has_number_after(b"found.", u8::is_ascii_digit) && text.len() == b"found.000".len()
}

/// The start of a name as file systems compare names: most ignore upper case, some compare `ﬁ` with
/// `fi`, as Linux does in folders that ignore upper case, and some ignore invisible characters. On
/// older Macs `\u{200c}.git` opens `.git` (CVE-2014-9390). FAT ignores dots
/// at the end, and Windows spaces too.
struct Folded {
    text: [u8; LONGEST],
    length: usize,
    /// Whether this is the whole name.
    is_complete: bool,
}

/// Longer than any name that is looked for.
const LONGEST: usize = 64;

impl Folded {
    /// The part of a name up to the first character that is not ASCII and not compared as ASCII.
    fn of(name: &[u8]) -> Self {
        let name = without_ignored_end(name);
        let mut folded = Self {
            text: [0; LONGEST],
            length: 0,
            is_complete: true,
        };
        // Most names, without a look at each character: a large folder has many.
        if name.is_ascii() {
            let start = &name[..name.len().min(LONGEST)];
            folded.length = start.len();
            folded.is_complete = start.len() == name.len();
            folded.text[..start.len()].copy_from_slice(start);
            folded.text.make_ascii_lowercase();
            return folded;
        }
        for chunk in name.utf8_chunks() {
            let characters = chunk.valid().chars().filter(|&c| !is_ignored(c));
            for character in characters {
                if !folded.push(character) {
                    return folded;
                }
            }
            if !chunk.invalid().is_empty() {
                folded.is_complete = false;
                return folded;
            }
        }
        folded
    }

    /// Adds a character; false if it is not compared as ASCII, or there is no room.
    fn push(&mut self, character: char) -> bool {
        let mut buffer = [0; 4];
        let folded: &[u8] = match character {
            'ſ' => b"s",
            'ı' => b"i",
            '\u{212a}' => b"k",
            'ß' | 'ẞ' => b"ss",
            'ﬀ' => b"ff",
            'ﬁ' => b"fi",
            'ﬂ' => b"fl",
            'ﬃ' => b"ffi",
            'ﬄ' => b"ffl",
            'ﬅ' | 'ﬆ' => b"st",
            ascii if ascii.is_ascii() => {
                let ascii = ascii.to_ascii_lowercase();
                ascii.encode_utf8(&mut buffer).as_bytes()
            }
            _ => &[],
        };
        let end = self.length + folded.len();
        let place = self.text.get_mut(self.length..end);
        let Some(place) = place.filter(|place| !place.is_empty()) else {
            self.is_complete = false;
            return false;
        };
        place.copy_from_slice(folded);
        self.length = end;
        true
    }

    fn text(&self) -> &[u8] {
        &self.text[..self.length]
    }
}

/// A name without the dots, spaces and invisible characters at its end, of which there may be
/// hundreds. A name that has nothing else keeps them.
fn without_ignored_end(name: &[u8]) -> &[u8] {
    // After a byte that is not UTF-8, the end makes no difference.
    let Ok(text) = std::str::from_utf8(name) else {
        return name;
    };
    let text = text.trim_end_matches(|c| matches!(c, '.' | ' ') || is_ignored(c));
    if text.is_empty() {
        name
    } else {
        text.as_bytes()
    }
}

/// Whether HFS+, or a Linux folder that ignores upper case, ignores a character in names: those that
/// Unicode calls default ignorable.
fn is_ignored(c: char) -> bool {
    c >= '\u{ad}'
        && matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a name looks like the short alias that FAT and NTFS keep for a longer name, such as `GIT~1`
/// for `.git`. Linux, Windows and servers of network drives open files under both names. Wine and
/// Samba use letters where Windows uses a number.
pub fn may_be_short(name: &[u8]) -> bool {
    const LONGEST: usize = "12345678.123".len();
    let name = without_ignored_end(name);
    let Some(tilde) = name.iter().position(|&byte| byte == b'~') else {
        return false;
    };
    let continues = name.get(tilde + 1).is_some_and(u8::is_ascii_alphanumeric);
    tilde > 0 && continues && String::from_utf8_lossy(name).chars().count() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_files_are_hidden_even_in_disguise() {
        for name in [
            ".git",
            "..a",
            "\u{200c}.git",
            "\u{feff}\u{202e}.env",
            "\u{ad}.git",
            ".\u{200c}git",
            ".",
            "...",
        ] {
            assert!(is_hidden(name.as_bytes()), "{name:?}");
        }
        for name in ["a.git", "", "\u{200c}git", "…", "“.git", "git\u{200c}.git"] {
            assert!(!is_hidden(name.as_bytes()), "{name:?}");
        }
        assert!(!is_hidden(b"\xe2.git"));
    }

    #[test]
    fn what_a_system_keeps_for_itself_is_hidden_in_any_spelling() {
        for name in [
            "$RECYCLE.BIN",
            "$Recycle.Bin",
            "System Volume Information",
            "RECYCLER",
            "Recycler",
            "RECYCLED",
            "recycled",
            "S-1-5-21-1004336348-1177238915-682003330-1003",
            ".Trash-1000",
            ".Trashes",
            ".fseventsd",
            ".Spotlight-V100",
            ".DocumentRevisions-V100",
            ".DS_Store",
            "lost+found",
            "LOST.DIR",
            "FOUND.000",
            "Thumbs.db",
            "THUMBS.DB",
            "thumbs.db. .",
            "ehthumbs.db",
            "desktop.ini",
            "de\u{17f}\u{212a}top.\u{131}ni",
            "desktop\u{200d}.ini",
            "page\u{fb01}le.sys",
            "LO\u{fb06}+FOUND",
            "LO\u{fb05}.DIR",
            "usrcla\u{df}.dat",
            "USRCLA\u{1e9e}.DAT{1}",
            "$LOG\u{fb01}LE",
            "hiberfil.sys",
            "pagefile.sys",
            "NTUSER.DAT{53b39e88-18c4-11ea-a811-000d3aa4692b}.TM.blf",
            "@eaDir",
            "#recycle",
            "Icon\r",
        ] {
            assert!(is_kept_by_system(name.as_bytes()), "{name:?}");
            assert!(is_hidden(name.as_bytes()), "{name:?}");
        }
        assert!(is_hidden(b"~$report.docx") && !is_kept_by_system(b"~$report.docx"));
        assert!(is_hidden(b".git") && !is_kept_by_system(b".git"));
    }

    #[test]
    fn no_end_that_a_system_ignores_makes_a_name_visible() {
        for name in [
            "Thumbs.db",
            "$RECYCLE.BIN",
            "Recycled",
            "FOUND.000",
            "S-1-5-21-1004336348-1177238915-682003330-1003",
        ] {
            for end in [".", " ", ". ", "\u{200d}", ".\u{feff} "] {
                let disguised = [name, &end.repeat(200)].concat();
                assert!(is_kept_by_system(disguised.as_bytes()), "{disguised:?}");
            }
        }
        for name in [".", ". ", ".\u{200d}"] {
            assert!(is_hidden(name.repeat(200).as_bytes()), "{name:?}");
        }
        assert!(may_be_short(
            ["GIT~1", &".".repeat(200)].concat().as_bytes()
        ));
        let followed = ["Thumbs.db", &".".repeat(200), "txt"].concat();
        assert!(!is_hidden(followed.as_bytes()));
    }

    #[test]
    fn names_are_folded_alike_by_bytes_and_by_characters() {
        for length in [LONGEST - 1, LONGEST, LONGEST + 1] {
            let name = ["S-1-5-", &"1".repeat(length - "S-1-5-".len())].concat();
            let disguised = ["\u{200c}", &name].concat();
            let is_hidden = [name, disguised].map(|name| is_hidden(name.as_bytes()));
            assert_eq!(is_hidden, [length <= LONGEST; 2], "{length}");
        }
    }

    #[test]
    fn similar_names_that_people_use_are_not_hidden() {
        for name in [
            "recycling",
            "Recycled.txt",
            "Trash",
            "trash-1000",
            "$100 budget.xlsx",
            "$recycle.bin.txt",
            "Thumbs.db.png",
            "thumbs",
            "desktop.ini.txt",
            "My desktop.ini",
            "lost+found.txt",
            "found.0000",
            "found.txt",
            "s-1-5-notes",
            "S-1-5-",
            "System Volume Information and more",
            "pagefile.system",
            "Icon",
            "icon.png",
            "boot",
            "#recycled",
            "@home",
            "~notes",
            "desktop.inï",
            "page\u{fb02}le.sys",
            "Thumbs.db\u{fb01}",
        ] {
            assert!(!is_hidden(name.as_bytes()), "{name:?}");
        }
        let long = "n".repeat(2 * LONGEST);
        assert!(!is_hidden(long.as_bytes()));
    }

    #[test]
    fn what_visitors_see_depends_on_the_share() {
        let seen = |name: &[u8]| {
            [
                Visibility::Usual,
                Visibility::Hidden,
                Visibility::Everything,
            ]
            .map(|visibility| !visibility.hides(name))
        };
        assert_eq!(seen(b"plain"), [true, true, true]);
        assert_eq!(seen(b".env"), [false, true, true]);
        assert_eq!(seen(b"Thumbs.db"), [false, false, true]);
    }

    #[test]
    fn short_names_are_recognised_by_their_form() {
        for name in [
            "GIT~1",
            "git~1",
            "ENV~1",
            "CONFI~12.TXT",
            "SS~1",
            "A_RA~UZ3.TEX",
            "ÄÖÜÄÖÜ~1.TXT",
        ] {
            assert!(may_be_short(name.as_bytes()), "{name}");
        }
        for name in [
            "notes.txt~",
            "~tilde",
            "a~",
            "something long ~1.txt",
            "plain",
        ] {
            assert!(!may_be_short(name.as_bytes()), "{name}");
        }
    }
}
