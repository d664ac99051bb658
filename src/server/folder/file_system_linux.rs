//! The kind of file system a folder is on, as Linux reports it.

use std::path::Path;

use cap_std::fs::Dir;
use rustix::fs::{fstatfs, statfs};

/// Local file systems, from linux/magic.h and their own headers. One that is missing here is only
/// slower.
const LOCAL: [u64; 16] = [
    EXT, // ext2, ext3, ext4
    XFS,
    BTRFS,
    0x0102_1994, // tmpfs
    0x8584_58f6, // ramfs
    F2FS,
    BCACHEFS,
    0x2fc1_2fc1, // ZFS
    0x794c_7630, // overlayfs
    FAT,
    0x2011_bab0, // exFAT
    NTFS,
    0x482b,      // HFS+
    0x9660,      // ISO 9660
    0x1501_3346, // UDF
    0x7371_7368, // SquashFS
];
/// File systems that write everything at once about as fast as one file.
const JOURNALED: [u64; 4] = [EXT, XFS, BTRFS, F2FS];
/// File systems that give a file another time at each change: also when it gets another name, and when a
/// program writes through a mapping of it to a page that is not yet waiting to be written. In memory
/// (tmpfs) and on FAT, they don't.
const NOTING: [u64; 5] = [EXT, XFS, BTRFS, F2FS, BCACHEFS];
const EXT: u64 = 0xef53;
const XFS: u64 = 0x5846_5342;
const BTRFS: u64 = 0x9123_683e;
const BCACHEFS: u64 = 0xca45_1a4e;
const F2FS: u64 = 0xf2f5_2010;
const FAT: u64 = 0x4d44;
const NTFS: u64 = 0x7366_746e;

/// Whether the file system of a folder answers without ever waiting. If it has to ask a server or
/// another program, the kernel can't open a file from memory alone.
pub fn is_local(dir: &Dir) -> bool {
    file_system(dir).is_some_and(|number| LOCAL.contains(&number))
}

/// Whether the file system of a folder writes everything at once about as fast as one file.
pub fn has_journal(dir: &Dir) -> bool {
    file_system(dir).is_some_and(|number| JOURNALED.contains(&number))
}

/// Whether each change of a file there changes its times.
pub fn notes_changes(dir: &Dir) -> bool {
    file_system(dir).is_some_and(|number| NOTING.contains(&number))
}

/// Whether the file system may also know a file in this folder by a short name.
pub fn may_have_short_names(dir: &Dir) -> bool {
    file_system(dir).is_none_or(|number| match number {
        FAT | NTFS => true,
        number => !LOCAL.contains(&number),
    })
}

/// Whether the drive of a folder may fail without any event, because another computer or program
/// provides it.
pub fn is_remote(dir: &Dir, _path: &Path) -> bool {
    !is_local(dir)
}

/// Whether what is at a path can be asked for. The answer doesn't come from memory. Opens nothing, so
/// that the drive can be unmounted. May wait for the drive.
pub fn answers(path: &Path) -> bool {
    statfs(path).is_ok()
}

fn file_system(dir: &Dir) -> Option<u64> {
    // The sign and width of this field depend on the machine. All values fit into 32 bits.
    let stat = fstatfs(dir).ok()?;
    Some(u64::from(stat.f_type as u32))
}
