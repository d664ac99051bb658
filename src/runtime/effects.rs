//! How each effect is carried out. What may take time does so in a task or on a thread of its own,
//! and tells the core in the end.

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::PathBuf,
    process,
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use super::{Runtime, download, resume};
use crate::{
    app::{Effect, Event, ShareId, Target},
    desktop::{autostart, browser, picker},
    doctor, paths, sites,
    store::{self, recent_as_json},
    tunnel::{Origin, Tunnel},
};

/// Everything has this long to end, in so many pieces; then the process goes, and the system ends
/// its children. A computer that stands still for a while costs one piece.
const GRACE: (u32, Duration) = (28, Duration::from_millis(100));

impl Runtime {
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::StartServer {
                share,
                target,
                unless_private,
            } => {
                self.servers
                    .start(share, target, unless_private, &self.events);
            }
            Effect::ShareReal(folder) => {
                let events = self.events.clone();
                tokio::task::spawn_blocking(move || {
                    // What is not there is told when it is to be served.
                    let real = paths::real_or_as_named(&folder);
                    events.send(Event::Share(Target::Folder(real)));
                });
            }
            Effect::StopServer(share) => self.servers.stop(share, &self.events),
            Effect::SetPublicName(share, name) => self.servers.set_public_name(share, name),
            Effect::StartTunnel(share, address) => self.start_tunnel(share, address),
            Effect::StopTunnel(share) => {
                // Without the handle the tunnel ends as well; its report comes all the same.
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
                is_checked,
            } => {
                self.surface
                    .announce(share, name, link, is_checked, &self.events);
            }
            Effect::AnnounceNew {
                share,
                name,
                link,
                old,
            } => {
                self.surface
                    .announce_new(share, name, link, old, &self.events);
            }
            Effect::Copy { text, then } => self.surface.copy(text, then, &self.events),
            Effect::Notify(notice) => self.surface.notify(notice),
            Effect::Withdraw(share) => self.surface.withdraw(share),
            Effect::OpenUrl(url) => self.open(url.into()),
            Effect::OpenPath(path) => self.open(path.into_os_string()),
            Effect::OpenLog => self.open(self.paths.log_file().into_os_string()),
            Effect::Diagnose => self.diagnose(),
            Effect::PickFolder { beside } => {
                let events = self.events.clone();
                tokio::spawn(async move {
                    events.send(Event::Picked(picker::pick_folder(beside.as_deref()).await))
                });
            }
            Effect::SaveRecent(folders) => self.recent.save(&recent_as_json(folders)),
            Effect::CheckRecent(folders) => {
                let events = self.events.clone();
                tokio::task::spawn_blocking(move || {
                    events.send(Event::RecentChecked(existing(folders)));
                });
            }
            Effect::SetAutostart(on) => {
                let events = self.events.clone();
                tokio::task::spawn_blocking(move || {
                    if let Err(error) = autostart::set(on) {
                        events.send(Event::DidNotWork(error.to_string()));
                    }
                    events.send(Event::AutostartIs(autostart::is_enabled()));
                });
            }
            Effect::CheckAutostart => {
                let events = self.events.clone();
                tokio::task::spawn_blocking(move || {
                    events.send(Event::AutostartIs(autostart::is_enabled()));
                });
            }
            Effect::FindSites => {
                let events = self.events.clone();
                tokio::task::spawn_blocking(move || {
                    events.send(Event::FoundSites(sites::find()));
                });
            }
            Effect::GiveUpAfterGrace => {
                give_up_after_grace();
                self.tunnel_setup.resume_store().forget_all();
            }
            Effect::Exit => {}
        }
    }

    fn start_tunnel(&mut self, share: ShareId, address: SocketAddr) {
        let events = self.events.clone();
        let report = move |said| events.send(Event::Tunnel(share, said));
        let target = self.state.share(share).map(|share| &share.target);
        let key = target.and_then(resume::key);
        let origin = Origin {
            address,
            host: match target {
                Some(Target::Site(port)) => Some(format!("localhost:{port}")),
                _ => None,
            },
        };
        if let Err(error) = store::ensure_empty(&self.paths.empty_tunnel_config()) {
            tracing::warn!(%error, "cloudflared's empty settings can't be written");
        }
        let tunnel = Tunnel::start(key, origin, Arc::clone(&self.tunnel_setup), report);
        self.tunnels.insert(share, tunnel);
    }

    /// Shows what the doctor says, as a text in whatever shows texts.
    fn diagnose(&self) {
        if self.diagnoses.swap(true, Ordering::Relaxed) {
            return;
        }
        let diagnoses = Arc::clone(&self.diagnoses);
        let events = self.events.clone();
        let file = self.paths.diagnosis_file();
        tokio::spawn(async move {
            let text = format!("{}\n", doctor::examine().await.text());
            let shown = match store::replace(&file, text.as_bytes()) {
                Ok(()) => browser::open(file.into()).await.map_err(|e| e.to_string()),
                Err(error) => Err(format!("{} can't be written: {error}", file.display())),
            };
            if let Err(sentence) = shown {
                events.send(Event::DidNotWork(sentence));
            }
            diagnoses.store(false, Ordering::Relaxed);
        });
    }

    fn open(&self, what: OsString) {
        let events = self.events.clone();
        tokio::spawn(async move {
            if let Err(error) = browser::open(what).await {
                events.send(Event::DidNotWork(error.to_string()));
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

/// A thread of its own, so that nothing which hangs can keep the program from ending.
fn give_up_after_grace() {
    let started = thread::Builder::new().name("grace".into()).spawn(|| {
        let (pieces, piece) = GRACE;
        for _ in 0..pieces {
            thread::sleep(piece);
        }
        tracing::warn!("something did not end in time");
        process::exit(1);
    });
    if let Err(error) = started {
        tracing::error!(%error, "nothing watches over the end");
    }
}
