//! What owners allow visitors of their shares, while the shares are served.

use std::{
    collections::HashMap,
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};

use super::{
    events::Events, share_history::ShareHistory, upload_reports::UploadReports,
    visit_reports::VisitReports,
};
use crate::{
    app::{Event, Password, PasswordChange, Secret, ShareId, State},
    inspector::Inspector,
    passphrase,
    server::{Access, DownloadReport, HiddenFiles, PasswordHash, UnusablePassword, UploadRules},
};

/// How long downloads and uploads that are under way may go on after the end of a share.
const END_LIMIT: Duration = Duration::from_secs(6 * 60 * 60);

/// One access for each share that is served or starting.
#[derive(Debug, Default)]
pub struct Accesses(HashMap<ShareId, ShareAccess>);

/// What visitors of one share may do. Clones belong to the same share.
#[derive(Debug, Clone)]
pub struct ShareAccess {
    share: ShareId,
    pub access: Access,
    pub history: ShareHistory,
    visits: VisitReports,
    /// The requests of a local site.
    pub inspector: Inspector,
    /// Whether visitors see hidden files.
    pub hidden: HiddenFiles,
    passwords: Arc<PasswordChanges>,
    /// The number of complete downloads is or was limited.
    counts_downloads: Arc<AtomicBool>,
    events: Events,
}

/// The changes of a password, by their number. Hashing takes a while, so that one may be ready before an
/// earlier one.
#[derive(Debug, Default)]
struct PasswordChanges {
    /// The last one that was asked for.
    wanted: AtomicU64,
    /// The last one that took effect.
    done: AtomicU64,
}

/// Where what happens to a share is told.
#[derive(Debug)]
pub struct Reports {
    pub history: ShareHistory,
    pub visits: VisitReports,
}

#[cfg(test)]
impl Reports {
    pub fn for_tests(share: ShareId, events: &Events) -> Self {
        Self {
            history: ShareHistory::for_tests(),
            visits: VisitReports::of(
                share,
                super::visit_reports::WantsVisits::default(),
                events.clone(),
            ),
        }
    }
}

/// A wanted change of the password.
#[derive(Debug)]
pub struct WantedPassword {
    share: ShareAccess,
    number: u64,
    change: PasswordChange,
}

/// Why there is no new password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error(transparent)]
    Unusable(#[from] UnusablePassword),
    #[error("The system provides no random numbers for a password: {0}.")]
    Random(#[from] getrandom::Error),
    #[error("Protecting the password was interrupted: {0}.")]
    Thread(#[from] JoinError),
    #[error("The saved password can't be read. Share it again, with a new password.")]
    Saved,
}

impl Accesses {
    /// The access of a share that starts. Replaces what the same share had before.
    pub fn begin(
        &mut self,
        share: ShareId,
        downloads: Option<u32>,
        Reports { history, visits }: Reports,
        events: &Events,
    ) -> ShareAccess {
        let access = ShareAccess {
            share,
            access: Access::default(),
            history: history.clone(),
            visits,
            inspector: Inspector::default(),
            hidden: HiddenFiles::default(),
            passwords: Arc::default(),
            counts_downloads: Arc::default(),
            events: events.clone(),
        };
        access.follow_visitors();
        access.limit_downloads(downloads);
        let reports = UploadReports::of(share, history, events.clone());
        let uploads = access.access.uploads();
        uploads.on_report(move |report| reports.tell(report));
        self.0.insert(share, access.clone());
        access
    }

    /// Follows visitors of all shares from now on, if somebody wants to know.
    pub fn follow_visitors(&self) {
        self.0.values().for_each(ShareAccess::follow_visitors);
    }

    /// Tells visitors who shares something, and until when.
    pub fn tell_offers(&self, state: &State) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_s = now.map_or(0, |now| now.as_secs());
        for (id, access) in &self.0 {
            let limits = state.share(*id).map(|share| &share.limits);
            let left = limits.and_then(|limits| limits.time_left(state.now));
            let until_s = left.map(|left| now_s.saturating_add(left.as_secs()).cast_signed());
            access.access.offers().set(&state.sender, until_s);
        }
    }

    /// Changes what visitors of a share may do, if it is served or starting.
    pub fn with(&self, share: ShareId, change: impl FnOnce(&ShareAccess)) {
        if let Some(access) = self.of(share) {
            change(access);
        }
    }

    pub fn of(&self, share: ShareId) -> Option<&ShareAccess> {
        self.0.get(&share)
    }

    /// How many requests are under way for each share.
    pub fn under_way(&self) -> Vec<(ShareId, usize)> {
        let shares = self.0.iter();
        shares
            .map(|(id, share)| (*id, share.access.traffic().under_way()))
            .collect()
    }

    /// Forgets the shares that are gone.
    pub fn keep(&mut self, is_there: impl Fn(ShareId) -> bool) {
        self.0.retain(|share, _| is_there(*share));
    }
}

impl ShareAccess {
    /// Asks for another password. Replaces a change that is not in effect yet.
    pub fn want_password(&self, change: PasswordChange) -> WantedPassword {
        WantedPassword {
            share: self.clone(),
            number: self.passwords.wanted.fetch_add(1, Ordering::SeqCst) + 1,
            change,
        }
    }

    /// Changes the password in the background, and reports how that went.
    pub fn change_password(&self, change: PasswordChange) {
        let wanted = self.want_password(change);
        let (share, events) = (self.share, self.events.clone());
        tokio::spawn(async move {
            if let Err(error) = wanted.take_effect().await {
                events.send(Event::PasswordFailed(share, error.to_string()));
            }
        });
    }

    /// Records what happens from now on, and tells the owner. Visitors and downloads are followed only
    /// if somebody wants to know.
    fn follow_visitors(&self) {
        if self.history.is_on() || self.visits.are_wanted() {
            let (history, visits) = (self.history.clone(), self.visits.clone());
            self.access.visits().on_visit(move |address| {
                history.visited(address);
                visits.visited(address);
            });
            self.history.watch_passwords(&self.access);
            self.watch_downloads();
        }
    }

    fn watch_downloads(&self) {
        let (share, events) = (self.share, self.events.clone());
        let (history, counts) = (self.history.clone(), Arc::clone(&self.counts_downloads));
        let visits = self.visits.clone();
        self.access.downloads().on_report(move |report| {
            history.downloaded(&report);
            let DownloadReport::Complete(download) = report else {
                return;
            };
            visits.downloaded(&download);
            if counts.load(Ordering::SeqCst) {
                events.send(Event::Downloaded {
                    share,
                    is_last: download.is_last,
                });
            }
        });
    }

    /// Lets scripts of other websites read the share, or no more.
    pub fn allow_cors(&self, may_read: bool) {
        self.access.cors().allow(may_read);
    }

    /// Tells visitors where photos were taken, or no more.
    pub fn show_places(&self, are_shown: bool) {
        self.access.places().show(are_shown);
    }

    /// Sends all visitors together no more than so many bytes in a second.
    pub fn limit_speed(&self, limit: Option<u64>) {
        self.access.pace().set(limit.and_then(NonZeroU64::new));
    }

    /// Ends the share after so many more complete downloads.
    pub fn limit_downloads(&self, more: Option<u32>) {
        if more.is_some() {
            self.counts_downloads.store(true, Ordering::SeqCst);
            self.watch_downloads();
        }
        self.access.downloads().set_limit(more);
    }

    /// Ends the share after so many more complete deliveries.
    pub fn limit_deliveries(&self, more: Option<u32>) {
        self.access.uploads().set_limit(more);
    }

    /// Lets visitors hand in files by these rules from now on, or none.
    pub fn set_uploads(&self, rules: Option<UploadRules>) {
        self.access.uploads().set_rules(rules);
    }

    /// Lets nothing new begin, and reports when visitors have handed in and received what is under way.
    /// They have received it when `received` is ready, which is looked at after everything was sent.
    pub fn end(&self, received: impl Future<Output = ()> + Send + 'static) {
        self.access.traffic().end();
        let idle = self.access.traffic().idle();
        let uploads = self.access.uploads().clone();
        let (share, events) = (self.share, self.events.clone());
        tokio::spawn(async move {
            let done = async {
                // An upload goes on in further requests, so this comes first.
                uploads.settled().await;
                idle.await;
                received.await;
            };
            if timeout(END_LIMIT, done).await.is_err() {
                tracing::info!(
                    "a download or upload is cut off, because its share ended hours ago"
                );
            }
            events.send(Event::Drained(share));
        });
    }
}

impl WantedPassword {
    /// Hashes the password and lets visitors need it, and reports it, unless a later change took effect
    /// meanwhile.
    ///
    /// # Errors
    /// The password can't be used, and the one before stays in effect.
    pub async fn take_effect(self) -> Result<(), PasswordError> {
        let (password, hash) = prepare(self.change.clone()).await?.unzip();
        let passwords = &self.share.passwords;
        if passwords.done.fetch_max(self.number, Ordering::SeqCst) > self.number {
            return Ok(());
        }
        self.share.access.lock().set_password(hash);
        self.share.events.send(Event::PasswordIs {
            share: self.share.share,
            password,
            is_settled: passwords.wanted.load(Ordering::SeqCst) == self.number,
        });
        Ok(())
    }
}

async fn prepare(
    change: PasswordChange,
) -> Result<Option<(Password, PasswordHash)>, PasswordError> {
    let text = match change {
        PasswordChange::Remove => return Ok(None),
        PasswordChange::Generate => Secret::from(passphrase::generate()?),
        PasswordChange::Set(text) => text,
        PasswordChange::Restore(password) => {
            let hash = PasswordHash::parse(password.hash.reveal()).ok_or(PasswordError::Saved)?;
            return Ok(Some((password, hash)));
        }
    };
    let hashed = text.clone();
    let hash = spawn_blocking(move || PasswordHash::of(hashed.reveal())).await??;
    let password = Password {
        text: Some(text),
        hash: hash.as_str().into(),
    };
    Ok(Some((password, hash)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::events::Message;

    const SHARE: ShareId = ShareId(1);

    fn reports(events: &Events) -> Reports {
        Reports::for_tests(SHARE, events)
    }

    #[tokio::test]
    async fn an_earlier_change_that_takes_longer_is_dropped() {
        let (events, mut inbox) = Events::channel();
        let mut accesses = Accesses::default();
        let share = accesses.begin(SHARE, None, reports(&events), &events);
        let first = share.want_password(PasswordChange::Set("first".into()));
        let second = share.want_password(PasswordChange::Remove);
        second.take_effect().await.unwrap();
        first.take_effect().await.unwrap();
        assert!(!share.access.lock().is_locked());
        let Some(Message::Event(event)) = inbox.recv().await else {
            panic!("the change is reported");
        };
        let removed = Event::PasswordIs {
            share: SHARE,
            password: None,
            is_settled: true,
        };
        assert_eq!(event, removed);
        assert!(inbox.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_share_is_locked_until_the_next_password_is_ready() {
        let (events, mut inbox) = Events::channel();
        let share = Accesses::default().begin(SHARE, None, reports(&events), &events);
        let first = share.want_password(PasswordChange::Set("first".into()));
        let second = share.want_password(PasswordChange::Set("".into()));
        first.take_effect().await.unwrap();
        assert!(share.access.lock().is_locked());
        assert!(second.take_effect().await.is_err());
        assert!(share.access.lock().is_locked());
        let is_settled = matches!(
            inbox.recv().await,
            Some(Message::Event(Event::PasswordIs {
                is_settled: true,
                ..
            }))
        );
        assert!(!is_settled, "another one was asked for");
    }

    #[tokio::test]
    async fn a_generated_password_is_in_effect_when_it_is_reported() {
        let (events, mut inbox) = Events::channel();
        let share = Accesses::default().begin(SHARE, None, reports(&events), &events);
        share.change_password(PasswordChange::Generate);
        let Some(Message::Event(Event::PasswordIs {
            password: Some(password),
            ..
        })) = inbox.recv().await
        else {
            panic!("the password is reported");
        };
        assert!(share.access.lock().is_locked());
        assert_eq!(password.text.unwrap().reveal().split('-').count(), 4);
        assert!(PasswordHash::parse(password.hash.reveal()).is_some());
    }

    #[tokio::test]
    async fn a_password_that_cannot_be_used_leaves_the_one_before() {
        let (events, mut inbox) = Events::channel();
        let share = Accesses::default().begin(SHARE, None, reports(&events), &events);
        share.change_password(PasswordChange::Set("good".into()));
        assert!(matches!(
            inbox.recv().await,
            Some(Message::Event(Event::PasswordIs {
                password: Some(_),
                ..
            }))
        ));
        share.change_password(PasswordChange::Set("".into()));
        let Some(Message::Event(Event::PasswordFailed(_, why))) = inbox.recv().await else {
            panic!("the failure is reported");
        };
        assert_eq!(why, "The password is empty.");
        assert!(share.access.lock().is_locked());
    }

    #[tokio::test]
    async fn what_is_under_way_is_counted_for_each_share() {
        let (events, _inbox) = Events::channel();
        let mut accesses = Accesses::default();
        let share = accesses.begin(SHARE, None, reports(&events), &events);
        accesses.begin(ShareId(2), None, reports(&events), &events);
        let request = share
            .access
            .traffic()
            .begin(crate::server::RequestOrigin::Loopback)
            .unwrap();
        let mut counts = accesses.under_way();
        counts.sort_unstable();
        assert_eq!(counts, [(SHARE, 1), (ShareId(2), 0)]);
        drop(request);
        assert!(accesses.under_way().iter().all(|(_, count)| *count == 0));
    }

    #[tokio::test]
    async fn a_share_has_drained_when_nothing_is_under_way() {
        let (events, mut inbox) = Events::channel();
        let share = Accesses::default().begin(SHARE, None, reports(&events), &events);
        let (received, until_received) = tokio::sync::oneshot::channel::<()>();
        share.end(async {
            let _ = until_received.await;
        });
        tokio::task::yield_now().await;
        assert!(inbox.try_recv().is_err());
        drop(received);
        assert!(matches!(
            inbox.recv().await,
            Some(Message::Event(Event::Drained(SHARE)))
        ));
    }
}
