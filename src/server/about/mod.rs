//! What is known about a picture, a piece of music or a video, besides its name and size.

mod facts;

use std::{io, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{
    folder::OpenFolderId,
    kind::FileKind,
    path::RequestPath,
    share::FileResource,
    transport::{Outbox, read_at},
    work::{Budget, Keep, Limits, SharedWork, on_own_thread},
};
use crate::media::{Window, photo, sound};
use facts::Facts;

/// How many files of a share are looked at at the same time.
const AT_A_TIME: usize = 2;

/// What looking at one may cost.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(60),
    entries: 0,
    bytes: 0,
};

/// How many bytes are read of a file.
const READ_BYTES: u64 = 6 * 1024 * 1024;

/// How long the answer is kept for others.
const KEPT: Duration = Duration::from_secs(30);

/// Whether something may be known about a file with this name.
pub fn may_be_known(name: &[u8]) -> bool {
    matches!(
        FileKind::of_file(name),
        FileKind::Picture | FileKind::Video | FileKind::Audio
    )
}

/// Whether a file with this name plays.
pub fn may_play(name: &[u8]) -> bool {
    matches!(FileKind::of_file(name), FileKind::Video | FileKind::Audio)
}

/// What is known about the files of one share.
#[derive(Debug)]
pub struct About {
    work: SharedWork<Version, String>,
}

/// A version of a file. It keeps no folder open.
#[derive(Debug, PartialEq)]
struct Version {
    place: (OpenFolderId, RequestPath),
    fingerprint: u64,
    with_place: bool,
}

impl Default for About {
    fn default() -> Self {
        Self {
            work: SharedWork::new(Arc::new(Semaphore::new(AT_A_TIME)), LIMITS),
        }
    }
}

impl About {
    /// What is known about a file with this name, as JSON. A photo says where it was taken only
    /// `with_place`.
    ///
    /// # Errors
    /// Those of opening the file, and those of [`SharedWork::get`].
    pub async fn json(
        &self,
        file: &FileResource,
        name: &[u8],
        with_place: bool,
        visitor: &Outbox,
    ) -> io::Result<Arc<String>> {
        let version = Version {
            place: file.place(),
            fingerprint: file.stamp.fingerprint(),
            with_place,
        };
        let (file, is_sound) = (file.clone(), may_play(name));
        let work = async move |_: Budget| {
            let (opened, stamp) = file.open().await?;
            let json = on_own_thread("about", move || {
                let read = |at: u64, buffer: &mut [u8]| read_at(&opened, at, buffer);
                let mut window = Window::new(&read, stamp.size, READ_BYTES);
                let facts = if is_sound {
                    sound(&mut window).map(Facts::of_sound)
                } else {
                    photo(&mut window, with_place).map(Facts::of_photo)
                };
                serde_json::to_string(&facts.unwrap_or_default()).map_err(io::Error::other)
            });
            let keep = if stamp.is_rested {
                Keep::For(KEPT)
            } else {
                Keep::No
            };
            Ok((json.await?, keep))
        };
        self.work.get_async(version, visitor.left(), work).await
    }
}
