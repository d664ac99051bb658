//! Whether what is shared still exists, and the handles to it.
//!
//! Items that were deleted, moved or unmounted are served again as soon as they are back. Handles
//! are open only while there are visitors: an open folder keeps its disk from being unmounted.

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Mutex, Notify, OwnedMutexGuard},
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::{
    content::Content,
    hidden_files::{HiddenFiles, Hiding},
    location::{Location, Sighting},
    source::{ItemTarget, OpenShare, SharedContent},
    start_error::StartError,
};
use crate::{
    open_files,
    server::folder::{self, Folder},
};

/// The handles are closed after this time without a visitor, or after twice this time.
const IDLE_AFTER: Duration = Duration::from_secs(2);

/// How long the disk may take to answer. A sleeping one needs some seconds.
const LOOK_TIME: Duration = Duration::from_secs(10);

/// How long a drive that nobody uses may take to answer. While somebody uses it, that is no sign of a
/// failure: the answer comes after everything that visitors have asked for.
const ANSWER_TIME: Duration = Duration::from_millis(1500);

/// What is shared at the moment. Clones share it.
#[derive(Clone, Debug)]
pub struct Presence(Arc<Inner>);

/// What a look at the items gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Everything is there.
    Present,
    /// Some items are there, and others are not.
    Partial {
        /// The system can't tell what is there for some of the others.
        is_failing: bool,
    },
    /// Deleted, moved, or not what was chosen.
    Absent,
    /// The system can't tell what is there, for example because a network drive doesn't respond.
    Failing,
}

impl Look {
    /// There is something to serve.
    pub fn is_present(self) -> bool {
        matches!(self, Self::Present | Self::Partial { .. })
    }

    /// The system can't tell what is there, at least for a part of it.
    pub fn is_failing(self) -> bool {
        matches!(self, Self::Failing | Self::Partial { is_failing: true })
    }
}

#[derive(Debug)]
struct Inner {
    title: String,
    kind: Kind,
    hidden: HiddenFiles,
    locations: Vec<Location>,
    now: RwLock<Now>,
    /// One look at a time, so that the newest is the last.
    turn: Arc<Mutex<()>>,
    /// A visitor has come since this was last reset.
    was_visited: AtomicBool,
    doubts: Notify,
}

/// What is made of the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Folder,
    Inbox,
    /// Items chosen together.
    Chosen,
}

#[derive(Debug)]
struct Now {
    look: Look,
    /// The handles, while there are visitors.
    open: Option<Arc<OpenShare>>,
    /// The handles show hidden files, too.
    shows_hidden: bool,
    /// Where each item was last, and whether it is there.
    sightings: Vec<(Sighting, bool)>,
    /// Every place on the way to the items.
    steps: Vec<PathBuf>,
}

impl Presence {
    /// Takes what the owner chose, if it can be opened now.
    ///
    /// # Errors
    /// The errors of [`OpenShare::open`].
    pub fn open(content: &Content, hidden: impl Into<HiddenFiles>) -> Result<Self, StartError> {
        let hidden = hidden.into();
        let share = OpenShare::open(content, hidden.are_served())?;
        let found = match (content, &share.content) {
            (Content::Folder(path), SharedContent::Folder(folder))
            | (Content::Inbox(path), SharedContent::Inbox(folder)) => {
                vec![Location::of(path, OsString::new(), folder, false)?]
            }
            (Content::Files(paths), SharedContent::Chosen(chosen)) => paths
                .iter()
                .zip(chosen)
                .map(|(path, chosen)| match &chosen.target {
                    ItemTarget::File { parent, .. } => {
                        Location::of(path, chosen.name.clone(), parent, true)
                    }
                    ItemTarget::Folder(folder) => {
                        Location::of(path, chosen.name.clone(), folder, false)
                    }
                })
                .collect::<Result<_, _>>()?,
            _ => Vec::new(),
        };
        let (locations, sightings) = found
            .into_iter()
            .map(|(location, sighting)| (location, (sighting, true)))
            .unzip();
        let presence = Self(Arc::new(Inner {
            title: share.title,
            kind: match content {
                Content::Folder(_) => Kind::Folder,
                Content::Inbox(_) => Kind::Inbox,
                Content::Files(_) => Kind::Chosen,
            },
            hidden,
            locations,
            now: RwLock::new(Now {
                look: Look::Present,
                open: None,
                shows_hidden: false,
                sightings,
                steps: Vec::new(),
            }),
            turn: Arc::default(),
            was_visited: AtomicBool::new(false),
            doubts: Notify::new(),
        }));
        presence.0.look_again();
        Ok(presence)
    }

    /// Follows whether hidden files are hidden again.
    pub fn hiding(&self) -> Hiding {
        self.0.hidden.hiding()
    }

    /// Whether visitors hand files in to it, and see nothing of them.
    pub fn is_inbox(&self) -> bool {
        self.0.kind == Kind::Inbox
    }

    /// What can be served now; `None` if nothing of it exists. The handles stay open for the next
    /// visitor.
    pub async fn share(&self) -> Option<Arc<OpenShare>> {
        let inner = &self.0;
        // Usually it is set already, and a write would slow down the other threads.
        if !inner.was_visited.load(Ordering::Relaxed) {
            inner.was_visited.store(true, Ordering::Relaxed);
        }
        {
            let now = inner.now();
            if !now.look.is_present() {
                return None;
            }
            if let Some(open) = inner.fitting(&now) {
                return Some(open);
            }
        }
        let opened = timeout(LOOK_TIME, async {
            let turn = Arc::clone(&inner.turn).lock_owned().await;
            // Another visitor may have been faster.
            let open = inner.fitting(&inner.now());
            match open {
                Some(open) => Some(open),
                None => self.open_again(turn).await,
            }
        });
        let opened = opened.await.ok().flatten();
        if opened.is_none() {
            self.doubt();
        }
        opened
    }

    async fn open_again(&self, turn: OwnedMutexGuard<()>) -> Option<Arc<OpenShare>> {
        let inner = Arc::clone(&self.0);
        let work = spawn_blocking(move || {
            let _turn = turn;
            let shows_hidden = inner.hidden.are_served();
            let (_, found) = inner.look(shows_hidden);
            let open = Arc::new(inner.opened(found)?);
            {
                let mut now = inner.now_mut();
                now.open = Some(Arc::clone(&open));
                now.shows_hidden = shows_hidden;
            }
            // Here, since the visitor may have left by now.
            let closing = close_when_idle(Arc::downgrade(&inner), Arc::downgrade(&open));
            tokio::spawn(closing);
            Some(open)
        });
        work.await.ok().flatten()
    }

    /// Every place on the way to the items, as of the last look. While they all stay what they are, so
    /// does what is shared.
    pub fn steps(&self) -> Vec<PathBuf> {
        self.0.now().steps.clone()
    }

    /// The names of the items that are missing while others are there, as of the last look.
    pub fn missing(&self) -> Vec<String> {
        let now = self.0.now();
        if !now.look.is_present() {
            return Vec::new();
        }
        let items = self.0.locations.iter().zip(&now.sightings);
        items
            .filter(|(_, (_, is_there))| !is_there)
            .map(|(location, _)| location.name().to_string_lossy().into_owned())
            .collect()
    }

    /// Checks whether the items exist. May wait for the disk, but not for long.
    pub async fn look(&self) -> Look {
        self.look_within(LOOK_TIME, Inner::look_again).await
    }

    /// Whether an item is on a drive that may fail without any event, as network drives do.
    pub fn is_remote(&self) -> bool {
        let now = self.0.now();
        let mut places = now.sightings.iter();
        places.any(|(sighting, _)| sighting.remote_place().is_some())
    }

    /// Checks whether such drives still answer, and looks at the items only if that has changed. Opens
    /// nothing on a drive that is well. May wait for the drives, but not for long.
    pub async fn ask_drives(&self) -> Look {
        let is_open = self.0.now().open.is_some();
        let time = if is_open { LOOK_TIME } else { ANSWER_TIME };
        self.look_within(time, Inner::ask_drives).await
    }

    async fn look_within(
        &self,
        time: Duration,
        look: impl FnOnce(&Inner) -> Look + Send + 'static,
    ) -> Look {
        let inner = Arc::clone(&self.0);
        let looked = timeout(time, async {
            let turn = Arc::clone(&inner.turn).lock_owned().await;
            let inner = Arc::clone(&inner);
            let work = spawn_blocking(move || {
                let _turn = turn;
                look(&inner)
            });
            // Fails if the program is ending.
            work.await.unwrap_or(Look::Absent)
        });
        match looked.await {
            Ok(look) => look,
            Err(_) => {
                let mut now = self.0.now_mut();
                now.look = Look::Failing;
                now.open = None;
                Look::Failing
            }
        }
    }

    /// Something of it could not be read, so it may be gone.
    pub fn doubt(&self) {
        self.0.doubts.notify_one();
    }

    /// Waits until there is a doubt.
    pub async fn doubted(&self) {
        self.0.doubts.notified().await;
    }
}

/// Closes the handles when no visitor has come for a while.
async fn close_when_idle(inner: Weak<Inner>, open: Weak<OpenShare>) {
    loop {
        sleep(IDLE_AFTER).await;
        let Some(inner) = inner.upgrade() else { return };
        if inner.was_visited.swap(false, Ordering::Relaxed) {
            continue;
        }
        let mut now = inner.now_mut();
        match &now.open {
            Some(share) if std::ptr::eq(Arc::as_ptr(share), open.as_ptr()) => {
                // A second handle beside those in use would let nobody share work.
                if Arc::strong_count(share) == 1 && !share.is_in_use() {
                    now.open = None;
                    return;
                }
            }
            // Closed by a look.
            _ => return,
        }
    }
}

impl Inner {
    /// The handles, unless hidden files are shown since they were opened, or no longer.
    fn fitting(&self, now: &Now) -> Option<Arc<OpenShare>> {
        let fits = now.shows_hidden == self.hidden.are_served();
        now.open.clone().filter(|_| fits)
    }

    /// Looks where the items are now.
    fn look_again(&self) -> Look {
        self.look(self.hidden.are_served()).0
    }

    /// Looks where the items are now, and closes the handles if they are elsewhere or gone. Returns
    /// the folders.
    fn look(&self, shows_hidden: bool) -> (Look, Vec<Option<Folder>>) {
        let last = self.now().sightings.clone();
        let mut steps = Vec::new();
        let mut is_failing = false;
        let mut folders = Vec::with_capacity(last.len());
        let mut sightings = Vec::with_capacity(last.len());
        for (location, (last, was_there)) in self.locations.iter().zip(&last) {
            let (sighting, is_there, folder) = match location.find(last, shows_hidden, &mut steps) {
                Ok((sighting, folder)) => (sighting, true, Some(folder)),
                Err(error) => {
                    tracing::debug!(%error, "a shared item can't be opened");
                    let (is_there, fails) = meaning(&error, *was_there);
                    is_failing |= fails;
                    (last.clone(), is_there, None)
                }
            };
            sightings.push((sighting, is_there));
            folders.push(folder);
        }
        let found = sightings.iter().filter(|(_, is_there)| *is_there).count();
        let look = match (found, is_failing) {
            (0, false) => Look::Absent,
            (0, true) => Look::Failing,
            (found, _) if found == sightings.len() => Look::Present,
            (_, is_failing) => Look::Partial { is_failing },
        };
        let is_same = sightings
            .iter()
            .zip(&last)
            .all(|((now, is_there), (last, was_there))| is_there == was_there && now.is_same(last));
        let mut now = self.now_mut();
        now.look = look;
        if !look.is_present() || !is_same {
            // Opened again for the next visitor.
            now.open = None;
        }
        now.sightings = sightings;
        now.steps = steps;
        (look, folders)
    }

    /// Looks at the items only if a drive answers that did not, or the other way round.
    fn ask_drives(&self) -> Look {
        let (places, look): (Vec<_>, _) = {
            let now = self.now();
            let remote = now.sightings.iter().filter_map(|(sighting, is_there)| {
                let place = sighting.remote_place()?.to_owned();
                Some((place, *is_there && now.look.is_present()))
            });
            (remote.collect(), now.look)
        };
        let has_changed = |(place, is_there): &(PathBuf, bool)| folder::answers(place) != *is_there;
        if places.iter().any(has_changed) {
            self.look_again()
        } else {
            look
        }
    }

    /// A share of the items that exist.
    fn opened(&self, found: Vec<Option<Folder>>) -> Option<OpenShare> {
        let now = self.now();
        let mut there = self.locations.iter().zip(&now.sightings).zip(found);
        let content = match self.kind {
            Kind::Folder => SharedContent::Folder(there.next()?.1?),
            Kind::Inbox => SharedContent::Inbox(there.next()?.1?),
            Kind::Chosen => {
                let chosen: Vec<_> = there
                    .filter_map(|((location, (sighting, _)), folder)| {
                        location.chosen(sighting, folder?)
                    })
                    .collect();
                if chosen.is_empty() {
                    return None;
                }
                SharedContent::Chosen(chosen)
            }
        };
        Some(OpenShare::new(self.title.clone(), content))
    }

    // No panic under this lock can leave it inconsistent.
    fn now(&self) -> RwLockReadGuard<'_, Now> {
        self.now.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_mut(&self) -> RwLockWriteGuard<'_, Now> {
        self.now.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an item that couldn't be opened is there, and whether the system can't tell what is.
fn meaning(error: &io::Error, was_there: bool) -> (bool, bool) {
    // It was not even looked for.
    if open_files::are_used_up(error) {
        return (was_there, false);
    }
    // Nothing is there, or nothing that may be read.
    let is_absence = matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied
    );
    (false, !is_absence)
}

#[cfg(all(test, unix))]
mod tests;
