//! What is kept about a file between looking at it and sending it.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use cap_std::fs::Metadata;

use crate::server::platform;

/// Size, time and identity of a file or folder at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileStamp {
    pub file_id: FileId,
    /// Bytes; nothing of meaning for a folder.
    pub size: u64,
    /// Seconds since 1970, which may lie before it.
    pub modified_s: i64,
    /// Nanoseconds to add to `modified_s`.
    pub modified_ns: u32,
    /// When content, name or rights last changed, which no program can set, as the system counts
    /// it: seconds and nanoseconds. Zeros where it doesn't.
    pub changed: (i64, u32),
}

/// The number that a file keeps as long as it exists, whatever it is called.
///
/// The device's number is no part of it: some file systems get another one at each boot, and a
/// download has to be resumable after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId(pub u64);

impl FileStamp {
    /// Takes what matters from the system's metadata.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata
            .modified()
            .map_or(UNIX_EPOCH, cap_std::time::SystemTime::into_std);
        let (modified_s, modified_ns) = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => (seconds(after), after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                match before.subsec_nanos() {
                    0 => (-seconds(before), 0),
                    ns => (-seconds(before) - 1, 1_000_000_000 - ns),
                }
            }
        };
        Self {
            file_id: FileId(platform::file_id(metadata)),
            size: metadata.len(),
            modified_s,
            modified_ns,
            changed: platform::changed(metadata),
        }
    }

    /// The time of the last change, in whole seconds, if it is one that HTTP can write, not before
    /// 1970, not after 9999, and if it says something.
    pub fn modified(&self) -> Option<SystemTime> {
        const END_OF_9999: u64 = 253_402_300_799;
        let seconds = u64::try_from(self.modified_s).ok()?;
        let is_known = seconds <= END_OF_9999 && self.is_settled();
        is_known.then(|| UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Whether another content would have other times. One that comes within the same tick of a
    /// coarse clock has not: FAT counts two seconds, others one.
    fn is_settled(&self) -> bool {
        const COARSEST_TICK: Duration = Duration::from_secs(2);
        if self.modified_ns != 0 || self.changed.1 != 0 {
            return true;
        }
        let last = self.modified_s.max(self.changed.0);
        let Ok(last) = u64::try_from(last) else {
            return true;
        };
        match SystemTime::now().duration_since(UNIX_EPOCH + Duration::from_secs(last)) {
            Ok(age) => age > COARSEST_TICK,
            // It was set so, or a clock goes wrong.
            Err(ahead) => ahead.duration() > COARSEST_TICK,
        }
    }

    /// A number that another content, or another file, has not. Where that can't be told yet, it is
    /// another one each time.
    pub fn fingerprint(&self) -> u64 {
        let doubt = if self.is_settled() {
            0
        } else {
            RandomState::new().hash_one(0)
        };
        // A cast keeps all 64 bits of the seconds, sign included.
        [
            self.file_id.0,
            self.size,
            self.modified_s as u64,
            u64::from(self.modified_ns),
            self.changed.0 as u64,
            u64::from(self.changed.1),
            doubt,
        ]
        .into_iter()
        .fold(0x5073_6f74_5365_7276, mix)
    }
}

/// Folds a value into a hash; the finaliser of SplitMix64, which has to stay the same for ever,
/// since entity tags that a visitor kept are made with it.
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

    #[test]
    fn a_file_that_was_changed_within_a_coarse_tick_is_not_settled() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = i64::try_from(now.as_secs()).unwrap();
        for (modified_s, modified_ns, changed, is_settled) in [
            (now, 0, (0, 0), false),
            (now - 1, 0, (now - 1, 0), false),
            (499_162_500, 0, (now, 0), false),
            (now, 1, (0, 0), true),
            (now, 0, (now, 1), true),
            (now - 10, 0, (now - 10, 0), true),
            (now + 1000, 0, (0, 0), true),
            (-5, 0, (0, 0), true),
        ] {
            let stamp = FileStamp {
                file_id: FileId(1),
                size: 1,
                modified_s,
                modified_ns,
                changed,
            };
            assert_eq!(stamp.is_settled(), is_settled, "{stamp:?}");
            assert_eq!(
                stamp.fingerprint() == stamp.fingerprint(),
                is_settled,
                "{stamp:?}"
            );
        }
    }
}
