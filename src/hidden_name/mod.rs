//! Names of files and folders that visitors don't see, including disguised ones.
//!
//! A disk travels between systems, so a name that hides a file on one of them hides it on all.

/// The folder at the top of a share that visitors see although it is hidden: RFC 8615 gave it this
/// name for what programs ask every site for.
pub const WELL_KNOWN: &[u8] = b".well-known";

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
        // Files that visitors have not handed in completely
        b".spot-serve-parts" => true,
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
mod tests;
