//! Answers with small files that were just sent, to be sent again as long as nothing has changed.
//!
//! They are part of the open share, so they are gone with its handles a few seconds after the last
//! visitor. Each is looked at before it is used: the file must be where it was, and the same to the
//! nanosecond of its last change.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use crate::server::{
    downloads::Item,
    folder::{Folder, Known, Way},
    http::conditional::Validators,
    origin::RequestOrigin,
    path::RequestPath,
    transport::Finished,
};

use super::membership::Membership;

/// How much of memory the answers of a share may take, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// An answer takes so much besides its head and its content, at most.
const OVERHEAD_BYTES: usize = 1024;

/// The longest path that is remembered, in bytes.
const MAX_PATH_BYTES: usize = 1024;

/// How many folders are kept open.
const MAX_FOLDERS: usize = 32;

/// An answer that was not used for so long makes room for others, and is not used again: the file's
/// name may no longer be in memory, and looking it up could wait for the disk.
const UNUSED: Duration = Duration::from_secs(10);

/// For so long a file must not have been changed. See [`Known::new`].
pub const REST: Duration = if cfg!(test) {
    Duration::from_millis(100)
} else {
    Duration::from_secs(60)
};

/// The kept answers of an open share.
#[derive(Debug)]
pub struct KeptAnswers {
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Those with the file, and those to visitors who have it already.
    answers: [Answers; 2],
    bytes: usize,
    /// Open folders, by their paths.
    ways: HashMap<Box<[u8]>, Arc<Way>>,
    /// When what is unused was last looked for.
    swept: u32,
}

/// Answers by the path as it was sent.
type Answers = HashMap<Box<[u8]>, Arc<KeptAnswer>>;

/// Everything besides the file that an answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    pub origin: RequestOrigin,
    pub is_locked: bool,
    /// Scripts of other websites may read it.
    pub is_open_to_scripts: bool,
    pub is_open_to_files: bool,
}

/// What a visitor accepts, as it was sent.
pub type Accepts = Option<Box<[u8]>>;

/// An answer with a file: 200 with all of it, or 304.
#[derive(Debug)]
pub struct KeptAnswer {
    pub known: Known,
    pub circumstances: Circumstances,
    /// The Accept-Encoding header, if that matters.
    pub accepts: Option<Accepts>,
    /// What the file is a part of, and its path in the share.
    pub membership: Membership,
    pub path: RequestPath,
    pub validators: Validators,
    pub finished: Finished,
    /// What was downloaded, if that counts as a download.
    pub item: Option<Item>,
    /// When it was last used, in seconds.
    used: AtomicU32,
}

/// What [`KeptAnswer`] has, before the answer is finished.
#[derive(Debug)]
pub struct Draft {
    pub known: Known,
    pub membership: Membership,
    pub path: RequestPath,
    pub validators: Validators,
    pub content: bytes::Bytes,
    pub item: Option<Item>,
}

impl Default for KeptAnswers {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            state: Mutex::default(),
        }
    }
}

impl KeptAnswers {
    /// The answer for a path as it was sent, if there is one and its file is still the same.
    pub fn get(&self, path: &[u8], is_conditional: bool, now: Instant) -> Option<Arc<KeptAnswer>> {
        let kind = usize::from(is_conditional);
        let answer = Arc::clone(self.state().answers[kind].get(path)?);
        let now = self.seconds(now);
        let unused = now.saturating_sub(answer.used.load(Ordering::Relaxed));
        if u64::from(unused) >= UNUSED.as_secs() || !answer.known.is_current() {
            self.state().remove(kind, path, &answer);
            return None;
        }
        if unused > 0 {
            answer.used.store(now, Ordering::Relaxed);
        }
        Some(answer)
    }

    /// The way to a folder of the share.
    pub fn way(&self, folder: &Folder, path: &[u8]) -> Option<Arc<Way>> {
        if path.len() > MAX_PATH_BYTES {
            return None;
        }
        let known = self.state().ways.get(path).map(Arc::clone);
        if let Some(way) = known.filter(|way| way.leads_there()) {
            return Some(way);
        }
        let way = Arc::new(folder.way_to(path)?);
        let mut state = self.state();
        if state.ways.len() >= MAX_FOLDERS && !state.ways.contains_key(path) {
            // Whatever is still asked for is soon back.
            *state = State {
                swept: state.swept,
                ..State::default()
            };
        }
        state.ways.insert(path.into(), Arc::clone(&way));
        Some(way)
    }

    /// Whether another answer with so much content can be kept.
    pub fn have_room(&self, content: usize, now: Instant) -> bool {
        let now = self.seconds(now);
        let mut state = self.state();
        if state.bytes + content + OVERHEAD_BYTES <= MAX_BYTES {
            return true;
        }
        if now == state.swept {
            return false;
        }
        state.swept = now;
        state.sweep(now);
        state.bytes + content + OVERHEAD_BYTES <= MAX_BYTES
    }

    /// Keeps an answer to a path as it was sent.
    pub fn keep(
        &self,
        path: &[u8],
        is_conditional: bool,
        draft: Draft,
        (circumstances, accepts): (Circumstances, Option<Accepts>),
        finished: Finished,
        now: Instant,
    ) {
        if path.len() > MAX_PATH_BYTES || !self.have_room(finished.len(), now) {
            return;
        }
        let answer = Arc::new(KeptAnswer {
            known: draft.known,
            circumstances,
            accepts,
            membership: draft.membership,
            path: draft.path,
            validators: draft.validators,
            finished,
            item: draft.item,
            used: AtomicU32::new(self.seconds(now)),
        });
        let mut state = self.state();
        state.bytes += answer.bytes();
        let before = state.answers[usize::from(is_conditional)].insert(path.into(), answer);
        if let Some(before) = before {
            state.bytes -= before.bytes();
        }
    }

    fn seconds(&self, now: Instant) -> u32 {
        let since = now.saturating_duration_since(self.began).as_secs();
        u32::try_from(since).unwrap_or(u32::MAX)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No panic under this lock can leave it inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remove(&mut self, kind: usize, path: &[u8], answer: &Arc<KeptAnswer>) {
        let answers = &mut self.answers[kind];
        // Another thread may have kept a newer one.
        if answers
            .get(path)
            .is_some_and(|now| Arc::ptr_eq(now, answer))
        {
            answers.remove(path);
            self.bytes -= answer.bytes();
        }
    }

    fn sweep(&mut self, now: u32) {
        for answers in &mut self.answers {
            answers.retain(|_, answer| {
                let unused = now.saturating_sub(answer.used.load(Ordering::Relaxed));
                u64::from(unused) < UNUSED.as_secs()
            });
        }
        let answers = self.answers.iter().flat_map(HashMap::values);
        self.bytes = answers.map(|answer| answer.bytes()).sum();
    }
}

impl KeptAnswer {
    fn bytes(&self) -> usize {
        self.finished.len() + OVERHEAD_BYTES
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{fs, thread, time::SystemTime};

    use super::*;
    use crate::server::path::Rules;

    /// A folder with a file that has rested, unless nothing is kept where it is.
    fn folder() -> Option<(tempfile::TempDir, Folder)> {
        let program = std::env::current_exe().unwrap();
        let dir = tempfile::tempdir_in(program.parent().unwrap()).unwrap();
        fs::create_dir(dir.path().join("d")).unwrap();
        fs::write(dir.path().join("d/file"), "content").unwrap();
        let folder = Folder::open_ambient(dir.path(), false).unwrap();
        folder.way_to(b"")?;
        thread::sleep(REST);
        Some((dir, folder))
    }

    fn draft(kept: &KeptAnswers, folder: &Folder) -> Option<Draft> {
        let path = RequestPath::parse(b"/d/file", Rules::HERE).unwrap();
        let (file, stamp) = folder.open(&path).unwrap();
        let way = kept.way(folder, b"d").unwrap();
        let known = Known::new(way, &path, Some(&file), &stamp, (SystemTime::now(), REST))?;
        Some(Draft {
            known,
            membership: Membership::Listing,
            path,
            validators: Validators {
                etag: None,
                modified: None,
            },
            content: bytes::Bytes::new(),
            item: None,
        })
    }

    fn keep(kept: &KeptAnswers, folder: &Folder, path: &[u8], bytes: usize, now: Instant) {
        let circumstances = Circumstances {
            origin: RequestOrigin::Loopback,
            is_locked: false,
            is_open_to_scripts: false,
            is_open_to_files: false,
        };
        let finished = Finished::new(vec![b'x'; bytes].into(), bytes::Bytes::new());
        let draft = draft(kept, folder).unwrap();
        kept.keep(path, false, draft, (circumstances, None), finished, now);
    }

    #[test]
    fn a_limited_amount_is_kept_for_a_limited_time() {
        let Some((_dir, folder)) = folder() else {
            return;
        };
        let (kept, begun) = (KeptAnswers::default(), Instant::now());
        for number in 0..200_u32 {
            keep(&kept, &folder, &number.to_le_bytes(), 64 * 1024, begun);
        }
        let state = |kept: &KeptAnswers| {
            let state = kept.state();
            (state.answers[0].len(), state.bytes)
        };
        let (many, bytes) = state(&kept);
        assert!(many > 100 && bytes <= MAX_BYTES, "{many}, {bytes}");
        // One of them is still asked for. The others make room after a while.
        let later = begun + UNUSED - Duration::from_secs(1);
        assert!(kept.get(&0_u32.to_le_bytes(), false, later).is_some());
        let later = begun + UNUSED + Duration::from_secs(1);
        assert!(kept.get(&1_u32.to_le_bytes(), false, later).is_none());
        keep(&kept, &folder, b"new", 64 * 1024, later);
        keep(&kept, &folder, b"newer", 64 * 1024, later);
        assert_eq!(state(&kept).0, 3);
        assert!(kept.get(&0_u32.to_le_bytes(), false, later).is_some());
        assert!(kept.get(b"new", false, later).is_some());
    }

    #[test]
    fn whatever_changes_is_seen() {
        let Some((dir, folder)) = folder() else {
            return;
        };
        let (kept, now) = (KeptAnswers::default(), Instant::now());
        let at = |name: &str| dir.path().join(name);
        let changes: [(&str, &dyn Fn()); 6] = [
            ("written", &|| fs::write(at("d/file"), "CONTENT").unwrap()),
            ("replaced", &|| {
                fs::write(at("new"), "another").unwrap();
                fs::rename(at("new"), at("d/file")).unwrap();
            }),
            ("renamed and back", &|| {
                fs::rename(at("d/file"), at("d/other")).unwrap();
                fs::rename(at("d/other"), at("d/file")).unwrap();
            }),
            ("linked", &|| {
                fs::hard_link(at("d/file"), at("d/link")).unwrap();
                fs::remove_file(at("d/link")).unwrap();
            }),
            ("rights", &|| {
                let mut rights = fs::metadata(at("d/file")).unwrap().permissions();
                rights.set_readonly(!rights.readonly());
                fs::set_permissions(at("d/file"), rights).unwrap();
            }),
            ("folder replaced by a link to it", &|| {
                fs::rename(at("d"), at("away")).unwrap();
                std::os::unix::fs::symlink("away", at("d")).unwrap();
            }),
        ];
        for (change, make) in changes {
            keep(&kept, &folder, b"path", 10, now);
            assert!(kept.get(b"path", false, now).is_some(), "{change}");
            make();
            assert!(kept.get(b"path", false, now).is_none(), "{change}");
            assert_eq!(kept.state().bytes, 0);
            if change != "folder replaced by a link to it" {
                assert!(
                    draft(&kept, &folder).is_none(),
                    "{change}: it has not rested"
                );
                thread::sleep(REST);
            }
        }
        assert!(kept.way(&folder, b"d").is_none(), "a link is no way");
    }
}
