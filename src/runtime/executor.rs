//! Carries out effects. Anything that may take time runs in a task or on its own thread, and
//! reports its result as an event.

use std::{
    collections::HashMap,
    ffi::OsString,
    net::SocketAddr,
    path::PathBuf,
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::task::spawn_blocking;

use super::{
    accesses::{Accesses, Reports},
    awake::Awake,
    clipboard_share,
    dashboard::Dashboard,
    dialog, download,
    events::Events,
    inbox_folders::InboxFolders,
    network::{Network, Open},
    photo_search,
    qr_pictures::QrPictures,
    resume,
    saved_settings::SavedSettings,
    servers::{Servers, Start},
    share_history::ShareHistory,
    spooled_files::SpooledFiles,
    surface::{Announcement, Surface},
    update_check,
    upload_rules::UploadLimits,
    visit_reports::{VisitReports, WantsVisits},
};
use crate::{
    app::{Effect, Event, Share, ShareId, State, Target, UploadSettings},
    config::Config,
    desktop::{autostart, browser},
    doctor,
    history::Recorder,
    paths::{self, Paths},
    server::{Activity, OpenUploads},
    sites,
    store::{self, Writer, recent_as_json},
    target,
    tunnel::{Origin, ResumeStore, Setup, Tunnel},
};

/// How long everything may take to end: the number of pauses, and their length. Then the process
/// exits, and the system ends its children. A computer that is suspended in between uses up only
/// one pause.
const GRACE: (u32, Duration) = (28, Duration::from_millis(100));

/// A quick tunnel carries 200 requests at once, and Cloudflare answers more with a bare error page.
/// Some are left for that of others to this name, such as checks of the link.
const QUICK_TUNNEL_REQUESTS: usize = 180;

/// Everything that effects act on.
pub struct Executor {
    surface: Surface,
    pub servers: Servers,
    /// What is open to the local network.
    pub network: Network,
    pub tunnel_setup: Arc<Setup>,
    pub accesses: Accesses,
    /// Writes the history.
    pub recorder: Recorder,
    dashboard: Dashboard,
    upload_limits: UploadLimits,
    /// The owner wants to be told of visitors.
    wants_visits: WantsVisits,
    inbox_folders: InboxFolders,
    spooled_files: SpooledFiles,
    tunnels: HashMap<ShareId, Tunnel>,
    awake: Awake,
    recent: Writer,
    update_check: Writer,
    qr_pictures: QrPictures,
    paths: Paths,
    /// "Diagnose…" is running.
    is_diagnosing: Arc<AtomicBool>,
    events: Events,
}

impl Executor {
    /// `resumes`: what is shared now may be shared again by the next run.
    pub fn new(
        config: Config,
        paths: &Paths,
        surface: Surface,
        events: Events,
        resumes: bool,
    ) -> Self {
        let activity = Activity::default();
        let inbox_folders = InboxFolders::default();
        let wants_visits = WantsVisits::default();
        // A terminal shows no notifications.
        wants_visits.set(resumes && config.notifications().are_about_visitors());
        let mut setup = Setup::new(config.tunnel, paths);
        if resumes {
            let store = ResumeStore::load(&paths.resume_file(), config.app.resume);
            setup = setup.with_resume_store(store);
        }
        let recorder = Recorder::to(paths.history_file(), config.app.history);
        Self {
            dashboard: Dashboard::new(paths, recorder.clone(), events.clone()),
            surface,
            awake: Awake::start(activity.clone(), config.app.keep_awake),
            servers: Servers::new(
                &config.server,
                paths.thumbnails.clone(),
                paths.home.clone(),
                inbox_folders.clone(),
                activity,
            ),
            network: Network::new(events.clone()),
            upload_limits: UploadLimits::of(&config.receive),
            wants_visits,
            inbox_folders,
            spooled_files: SpooledFiles::new(paths.spool()),
            tunnel_setup: Arc::new(setup),
            accesses: Accesses::default(),
            recorder,
            tunnels: HashMap::new(),
            recent: Writer::to(paths.recent_file()),
            update_check: Writer::to(paths.update_check_file()),
            qr_pictures: QrPictures::new(paths.clone()),
            paths: paths.clone(),
            is_diagnosing: Arc::default(),
            events,
        }
    }

    /// Applies changed settings. What limits uploads is in effect at once, also for what is shared in
    /// this state.
    pub fn apply_config(&mut self, config: Config, state: &State) {
        self.upload_limits = UploadLimits::of(&config.receive);
        for share in &state.shares {
            self.set_uploads(share.id, share.upload_settings());
        }
        self.surface
            .set_notifications(config.app.notifications, &self.events);
        self.awake.set(config.app.keep_awake);
        self.recorder.set(config.app.history);
        (self.wants_visits).set(state.notifications.are_about_visitors());
        self.accesses.follow_visitors();
        self.servers.set(&config.server);
        self.tunnel_setup.change(config.tunnel);
        self.tunnel_setup.resume_store().want(config.app.resume);
    }

    /// Finishes what was begun: notifications and files.
    pub async fn close(self) {
        self.surface.close().await;
        self.network.end().await;
        self.dashboard.close().await;
        self.qr_pictures.close().await;
        self.spooled_files.close().await;
        self.recent.finish();
        self.update_check.finish();
        self.tunnel_setup.finish();
        // It may wait for a slow disk or another process, so it comes last.
        self.recorder.close();
    }

    /// The address of the dashboard, for one browser.
    ///
    /// # Errors
    /// It can't be started; the text says why.
    pub fn dashboard_address(&mut self, state: &State) -> Result<String, String> {
        self.dashboard.address(state, &self.accesses)
    }

    /// Shows the state on the tray, or in the terminal, and on the dashboard; and to visitors, what they
    /// may know of it.
    pub fn show(&mut self, state: &State) {
        (self.spooled_files).keep(|share| state.share(share).is_some());
        self.accesses.tell_offers(state);
        self.surface.show(state);
        self.dashboard.show(state, &self.accesses);
    }

    /// Carries out an effect. `state` is the one after the event that caused it.
    pub fn carry_out(&mut self, effect: Effect, state: &State) {
        match effect {
            Effect::StartServer {
                share,
                target,
                check_private,
                password,
                downloads,
                deliveries,
                uploads,
                hidden,
            } => {
                self.accesses.keep(|share| state.share(share).is_some());
                self.spooled_files.hold(share, &target);
                let name = state.share(share).map(Share::name).unwrap_or_default();
                let history = ShareHistory::of(&self.recorder, &target, name);
                let visits =
                    VisitReports::of(share, self.wants_visits.clone(), self.events.clone());
                let reports = Reports { history, visits };
                let access = self.accesses.begin(share, downloads, reports, &self.events);
                access.limit_deliveries(deliveries);
                access.hidden.serve(hidden);
                access.limit_speed(state.share(share).and_then(|share| share.speed_limit));
                access.allow_cors(state.share(share).is_some_and(|share| share.cors));
                access.show_places(state.share(share).is_some_and(|share| share.places));
                if let Target::Site(port) = target {
                    access.inspector.set_port(port);
                    let inspects = state.share(share).is_some_and(|share| share.inspects);
                    access.inspector.record_always(inspects);
                }
                let start = Start {
                    share,
                    target,
                    check_private,
                    password,
                    takes_files: uploads.is_some(),
                };
                self.set_uploads(share, uploads);
                self.servers.start(start, &access, &self.events);
            }
            Effect::ResolveAndShare(folder) => {
                self.off_thread(move |events| {
                    // A folder that doesn't exist is reported when its server starts.
                    let chosen = paths::as_chosen(&folder).unwrap_or(folder);
                    events.send(Event::Share(Target::Folder(chosen)));
                });
            }
            Effect::ResolveAndShareFiles(files) => {
                self.off_thread(move |events| {
                    let chosen = files.into_iter();
                    let chosen = chosen.map(|file| paths::as_chosen(&file).unwrap_or(file));
                    if let Some(target) = target::of_chosen(chosen.collect()) {
                        events.send(Event::Share(target));
                    }
                });
            }
            Effect::ResolveAndReceive(folder) => {
                self.off_thread(move |events| {
                    let chosen = paths::as_chosen(&folder).unwrap_or(folder);
                    events.send(Event::Share(Target::Inbox(chosen)));
                });
            }
            Effect::StopServer(share) => {
                let open = if self.tunnel_setup.resume_store().resumes() {
                    OpenUploads::Keep
                } else {
                    OpenUploads::Discard
                };
                self.network.close(share);
                self.servers.stop(share, open, &self.events);
            }
            Effect::ChangePassword(share, change) => {
                self.accesses
                    .with(share, |access| access.change_password(change));
            }
            Effect::LimitDownloads(share, more) => {
                self.accesses
                    .with(share, |access| access.limit_downloads(more));
            }
            Effect::LimitDeliveries(share, more) => {
                self.accesses
                    .with(share, |access| access.limit_deliveries(more));
            }
            Effect::SetUploads(share, settings) => self.set_uploads(share, settings),
            Effect::SetHidden(share, are_served) => {
                self.accesses
                    .with(share, |access| access.hidden.serve(are_served));
                if let (true, Some(share)) = (are_served, state.share(share)) {
                    photo_search::begin(share.id, &share.target, true, &self.events);
                }
            }
            Effect::SetCors(share, may_read) => {
                self.accesses
                    .with(share, |access| access.allow_cors(may_read));
            }
            Effect::ShowPlaces(share, are_shown) => {
                self.accesses
                    .with(share, |access| access.show_places(are_shown));
            }
            Effect::LimitSpeed(share, limit) => {
                self.accesses
                    .with(share, |access| access.limit_speed(limit));
            }
            Effect::OpenToNetwork { share, name, port } => {
                if let Some((opener, names)) = self.servers.network_opener(share) {
                    let open = Open {
                        name,
                        opener,
                        names,
                        port,
                    };
                    self.network.open(share, open);
                }
            }
            Effect::OpenToNetworkAnyway(share) => self.network.confirm(share),
            Effect::CloseToNetwork(share) => self.network.close(share),
            Effect::AnnounceOnNetwork(announcement) => {
                self.surface.announce_on_network(announcement, &self.events);
            }
            Effect::RecordRequests(share, is_on) => {
                self.accesses
                    .with(share, |access| access.inspector.record_always(is_on));
            }
            Effect::EndServing(share) => self.end_serving(share),
            Effect::ForgetSettings(target) => {
                if let Some(key) = resume::key(&target) {
                    self.tunnel_setup.resume_store().forget(&key);
                }
            }
            Effect::SaveSettings(share) => self.save_settings(share, state),
            Effect::RecordStart(share) => {
                self.accesses.with(share, |access| access.history.started());
            }
            Effect::RecordEnd(share, reason) => {
                self.accesses
                    .with(share, |access| access.history.ended(reason));
            }
            Effect::SetPublicName(share, name) => self.servers.set_public_name(share, name),
            Effect::StartTunnel(share, address) => {
                self.save_settings(share, state);
                let target = state.share(share).map(|share| &share.target);
                self.start_tunnel(share, target, address);
            }
            Effect::StopTunnel(share) => {
                // Its report still arrives after the handle is dropped.
                if let Some(tunnel) = self.tunnels.remove(&share) {
                    tunnel.stop();
                }
            }
            Effect::RetryTunnel(share) => {
                if let Some(tunnel) = self.tunnels.get(&share) {
                    tunnel.retry_now();
                }
            }
            Effect::DownloadSidecar => {
                download::start(Arc::clone(&self.tunnel_setup), self.events.clone());
            }
            Effect::Announce {
                share,
                name,
                link,
                note,
                is_checked,
            } => {
                let announcement = Announcement {
                    share,
                    name,
                    link,
                    note,
                    is_checked,
                };
                self.surface.announce(announcement, &self.events);
            }
            Effect::AnnounceNewLink {
                share,
                name,
                link,
                old,
            } => {
                self.surface
                    .announce_new(share, name, link, old, &self.events);
            }
            Effect::Copy {
                text,
                is_secret,
                then,
            } => self.surface.copy(text, is_secret, then, &self.events),
            Effect::Notify(notice) => {
                self.dashboard.tell(&notice);
                self.surface.notify(notice);
            }
            Effect::WithdrawNotice(share) => self.surface.withdraw(share),
            Effect::ShowQrCode { share, link } => {
                self.qr_pictures.show(share, link, &self.events);
            }
            Effect::RemoveQrCode(share) => self.qr_pictures.remove(share),
            Effect::OpenUrl(url) => self.open(url.into()),
            Effect::OpenPath(path) => self.open(path.into_os_string()),
            Effect::OpenDashboard => self.dashboard.open(state, &self.accesses),
            Effect::OpenLog => self.open(self.paths.log_file().into_os_string()),
            Effect::Diagnose => self.diagnose(),
            Effect::AskForUpdates => {
                update_check::ask(self.tunnel_setup.client(), &self.paths, self.events.clone());
            }
            Effect::SaveWeeklyCheck => {
                if let Some(weekly) = &state.updates.weekly {
                    update_check::save(&self.update_check, weekly);
                }
            }
            Effect::RememberWelcome => {
                let file = self.paths.welcome_file();
                self.off_thread(move |_| {
                    if let Err(error) = store::ensure_empty(&file) {
                        tracing::warn!(%error, "can't remember that the user was welcomed");
                    }
                });
            }
            Effect::Pick { purpose, start } => {
                dialog::show(
                    purpose,
                    start,
                    self.inbox_folders.clone(),
                    self.events.clone(),
                );
            }
            Effect::ShareClipboard => self.share_clipboard(),
            Effect::SaveRecent(folders) => self.recent.save(&recent_as_json(folders)),
            Effect::CheckRecent(folders) => {
                self.off_thread(move |events| {
                    events.send(Event::RecentChecked(existing(folders)));
                });
            }
            Effect::SetAutostart(on) => {
                self.off_thread(move |events| {
                    if let Err(error) = autostart::set(on) {
                        events.send(Event::ActionFailed(error.to_string()));
                    }
                    events.send(Event::AutostartIs(autostart::is_enabled()));
                });
            }
            Effect::CheckAutostart => {
                self.off_thread(move |events| {
                    events.send(Event::AutostartIs(autostart::is_enabled()));
                });
            }
            Effect::FindSites => {
                self.off_thread(move |events| {
                    events.send(Event::FoundSites(sites::find()));
                });
            }
            Effect::ForceExitAfterGrace => {
                force_exit_after_grace();
                self.tunnel_setup.resume_store().forget_all();
            }
            Effect::Exit => {}
        }
    }

    /// Does what may wait for a disk or another program.
    fn off_thread(&self, work: impl FnOnce(&Events) + Send + 'static) {
        let events = self.events.clone();
        spawn_blocking(move || work(&events));
    }

    fn share_clipboard(&mut self) {
        let Some(content) = self.surface.read_clipboard() else {
            return;
        };
        let (spool, arrivals) = (self.paths.spool(), self.spooled_files.arrivals());
        let events = self.events.clone();
        tokio::spawn(async move {
            let content = content.result().await;
            match spawn_blocking(move || clipboard_share::keep(content, &spool)).await {
                Ok(Ok((target, spooled))) => {
                    arrivals.extend(spooled);
                    events.send(Event::Share(target));
                }
                Ok(Err(error)) => events.send(Event::ActionFailed(error.to_string())),
                // The program is ending.
                Err(_) => {}
            }
        });
    }

    fn start_tunnel(&mut self, share: ShareId, target: Option<&Target>, address: SocketAddr) {
        if let Some(access) = self.accesses.of(share) {
            let at_once = self
                .tunnel_setup
                .is_quick()
                .then_some(QUICK_TUNNEL_REQUESTS);
            access.access.traffic().set_limit(at_once);
        }
        let events = self.events.clone();
        let report = move |report| events.send(Event::Tunnel(share, report));
        let key = target.and_then(resume::key);
        let origin = Origin {
            address,
            host: target.and_then(Target::host),
        };
        if let Err(error) = store::ensure_empty(&self.paths.empty_tunnel_config()) {
            tracing::warn!(%error, "can't write the empty settings file for cloudflared");
        }
        let tunnel = Tunnel::start(key, origin, Arc::clone(&self.tunnel_setup), report);
        self.tunnels.insert(share, tunnel);
    }

    fn end_serving(&self, share: ShareId) {
        let Some(access) = self.accesses.of(share) else {
            return;
        };
        match self.tunnels.get(&share) {
            Some(tunnel) => access.end(tunnel.drained()),
            None => access.end(async {}),
        }
    }

    fn set_uploads(&self, share: ShareId, settings: Option<UploadSettings>) {
        if let Some(access) = self.accesses.of(share) {
            access.set_uploads(settings.map(|settings| self.upload_limits.rules(settings)));
        }
    }

    /// Keeps the settings of the share for the next run, which may resume it.
    fn save_settings(&self, share: ShareId, state: &State) {
        if let Some(share) = state.share(share)
            && let Some(key) = resume::key(&share.target)
        {
            let saved = SavedSettings::of(share, state.now);
            let saved = saved.and_then(|saved| serde_json::to_value(saved).ok());
            self.tunnel_setup.resume_store().keep_settings(&key, saved);
        }
    }

    /// Shows the doctor's report in the user's text viewer.
    fn diagnose(&self) {
        if self.is_diagnosing.swap(true, Ordering::Relaxed) {
            return;
        }
        let is_diagnosing = Arc::clone(&self.is_diagnosing);
        let events = self.events.clone();
        let file = self.paths.diagnosis_file();
        tokio::spawn(async move {
            let text = format!("{}\n", doctor::examine().await.text());
            let shown = match store::replace(&file, text.as_bytes()) {
                Ok(()) => browser::open(file.into()).await.map_err(|e| e.to_string()),
                Err(error) => Err(format!("Couldn't write {}: {error}", file.display())),
            };
            if let Err(sentence) = shown {
                events.send(Event::ActionFailed(sentence));
            }
            is_diagnosing.store(false, Ordering::Relaxed);
        });
    }

    fn open(&self, what: OsString) {
        let events = self.events.clone();
        tokio::spawn(async move {
            if let Err(error) = browser::open(what).await {
                events.send(Event::ActionFailed(error.to_string()));
            }
        });
    }
}

fn existing(folders: Vec<PathBuf>) -> Vec<(PathBuf, bool)> {
    folders
        .into_iter()
        .map(|folder| {
            let exists = folder.is_dir();
            (folder, exists)
        })
        .collect()
}

/// On its own thread, so that nothing that hangs can keep the program from ending.
fn force_exit_after_grace() {
    let started = thread::Builder::new().name("grace".into()).spawn(|| {
        let (pauses, pause) = GRACE;
        for _ in 0..pauses {
            thread::sleep(pause);
        }
        tracing::warn!("not everything ended in time");
        process::exit(1);
    });
    if let Err(error) = started {
        tracing::error!(%error, "can't start the thread that forces the exit");
    }
}
