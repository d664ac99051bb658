//! What is remembered of a file between finding it and sending it.

use std::{
    fs::File,
    hash::{BuildHasher, RandomState},
    io,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use cap_std::fs::Metadata;

use crate::server::platform;

/// How long ago a file must have changed before its times distinguish its content from the next.
///
/// Two changes within one tick of the clock get the same time. A tick is a few milliseconds on most
/// systems, and two seconds on FAT.
const REST: Duration = Duration::from_secs(2);

/// How far the clock of a network drive may be ahead. A later time was set by a program.
const MAX_SKEW: Duration = Duration::from_secs(60);

/// Size, time and identity of a file or folder at one moment. Two stamps are equal if nothing
/// changed between them, as far as the file system can tell.
#[derive(Clone, Copy, Debug)]
pub struct FileStamp {
    pub file_id: FileId,
    /// In bytes; meaningless for a folder.
    pub size: u64,
    /// Seconds since 1970; negative before.
    pub modified_s: i64,
    /// Nanoseconds to add to `modified_s`.
    pub modified_ns: u32,
    /// When content, name or permissions last changed, in seconds and nanoseconds. Programs can't
    /// set it. Zeros where the system doesn't keep it.
    pub changed: (i64, u32),
    /// Whether every later change gives a different stamp. False for a file that changed just
    /// before the stamp was taken.
    pub is_rested: bool,
}

impl FileStamp {
    fn fields(&self) -> (FileId, u64, i64, u32, (i64, u32)) {
        (
            self.file_id,
            self.size,
            self.modified_s,
            self.modified_ns,
            self.changed,
        )
    }
}

impl PartialEq for FileStamp {
    fn eq(&self, other: &Self) -> bool {
        self.fields() == other.fields()
    }
}

impl Eq for FileStamp {}

/// The number that a file keeps as long as it exists, even if it is renamed.
///
/// It doesn't include the device number: some file systems get a new one at each boot, and
/// downloads must be resumable after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId(pub u64);

impl FileStamp {
    /// The stamp of a file with these properties, taken now.
    pub fn new(file_id: FileId, size: u64, modified: (i64, u32), changed: (i64, u32)) -> Self {
        let now = SystemTime::now();
        Self {
            file_id,
            size,
            modified_s: modified.0,
            modified_ns: modified.1,
            changed,
            is_rested: is_rested(modified, now) && is_rested(changed, now),
        }
    }

    /// Takes what is needed from the system's metadata.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata
            .modified()
            .map_or(UNIX_EPOCH, cap_std::time::SystemTime::into_std);
        let modified = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => (seconds(after), after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                match before.subsec_nanos() {
                    0 => (-seconds(before), 0),
                    ns => (-seconds(before) - 1, 1_000_000_000 - ns),
                }
            }
        };
        Self::new(
            FileId(platform::file_id(metadata)),
            metadata.len(),
            modified,
            platform::changed(metadata),
        )
    }

    /// That of an open file. May wait for the disk.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn of_file(file: &File) -> io::Result<Self> {
        Ok(Self::of(&Metadata::from_file(file)?))
    }

    /// The time of the last change, in whole seconds. `None` if HTTP can't express it (before 1970
    /// or after 9999), or if the file may still change within that second.
    pub fn modified(&self) -> Option<SystemTime> {
        const END_OF_9999: u64 = 253_402_300_799;
        let seconds = u64::try_from(self.modified_s).ok()?;
        let is_known = seconds <= END_OF_9999 && self.is_rested;
        is_known.then(|| UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// [`FileStamp::fingerprint`], if it stays the same until the content changes.
    pub fn version(&self) -> Option<u64> {
        self.is_rested.then(|| self.identity())
    }

    /// A number that no other content and no other file has. As long as that isn't certain, it is
    /// different each time.
    pub fn fingerprint(&self) -> u64 {
        if self.is_rested {
            self.identity()
        } else {
            mix(self.identity(), RandomState::new().hash_one(0))
        }
    }

    /// A number that represents everything in the stamp. Content that changed recently may share it
    /// with later content.
    pub fn identity(&self) -> u64 {
        // A cast keeps all 64 bits of the seconds, sign included.
        [
            self.file_id.0,
            self.size,
            self.modified_s as u64,
            u64::from(self.modified_ns),
            self.changed.0 as u64,
            u64::from(self.changed.1),
        ]
        .into_iter()
        .fold(0x5073_6f74_5365_7276, mix)
    }
}

/// Whether a change at this time, in seconds and nanoseconds since 1970, is so old that the next
/// one gets a different time.
fn is_rested((seconds, nanoseconds): (i64, u32), now: SystemTime) -> bool {
    // A time before 1970 or beyond what the system can count was set by a program.
    let Ok(seconds) = u64::try_from(seconds) else {
        return true;
    };
    let Some(time) = UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds)) else {
        return true;
    };
    match now.duration_since(time) {
        Ok(age) => age >= REST,
        Err(ahead) => ahead.duration() > MAX_SKEW,
    }
}

/// Mixes a value into a hash with the finaliser of SplitMix64. This must never change: browsers
/// keep entity tags that are made with it.
pub fn mix(hash: u64, value: u64) -> u64 {
    let mut z = (hash ^ value).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(modified: (i64, u32), changed: (i64, u32)) -> FileStamp {
        FileStamp::new(FileId(1), 1, modified, changed)
    }

    fn seconds_ago(seconds: i64) -> (i64, u32) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        (
            i64::try_from(now.as_secs()).unwrap() - seconds,
            now.subsec_nanos(),
        )
    }

    #[test]
    fn a_file_has_rested_two_seconds_after_its_last_change() {
        let now = UNIX_EPOCH + Duration::new(1_000_000, 500_000_000);
        for (time, expected) in [
            ((1_000_000, 500_000_000), false),
            // A tick may be a few milliseconds long.
            ((1_000_000, 496_000_000), false),
            ((999_999, 0), false),
            ((998_499, 0), true),
            ((998_498, 500_000_000), true),
            ((0, 0), true),
            ((-5, 0), true),
            ((i64::MAX, 999_999_999), true),
            // The clock of a network drive is ahead.
            ((1_000_010, 0), false),
            ((1_001_000, 0), true),
        ] {
            assert_eq!(is_rested(time, now), expected, "{time:?}");
        }
        assert!(!is_rested((999_998, 500_000_001), now));
        assert!(is_rested((999_998, 500_000_000), now));
    }

    #[test]
    fn two_changes_within_one_tick_never_share_a_fingerprint() {
        let times = seconds_ago(0);
        let (first, second) = (stamp(times, times), stamp(times, times));
        assert_ne!(first.fingerprint(), second.fingerprint());
        assert_eq!(first.modified(), None);
        // Programs can set one of the times, but not the other.
        let fresh = stamp((499_162_500, 0), times);
        assert_ne!(fresh.fingerprint(), fresh.fingerprint());
        let times = seconds_ago(10);
        let rested = stamp(times, times);
        assert_eq!(rested.fingerprint(), rested.fingerprint());
        assert!(rested.modified().is_some());
    }

    #[test]
    fn a_file_that_rests_stays_equal() {
        let fresh = stamp(seconds_ago(0), (0, 0));
        let rested = FileStamp {
            is_rested: true,
            ..fresh
        };
        assert!(!fresh.is_rested);
        assert_eq!(fresh, rested);
    }
}
