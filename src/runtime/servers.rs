//! The servers of all shares: a file server or a relay for each, from its start to its end.

use std::{collections::HashMap, net::IpAddr, path::PathBuf};

use tokio::task::spawn_blocking;

use super::{
    accesses::{ShareAccess, WantedPassword},
    content_watch,
    events::{Events, Message},
    inbox_folders::{InboxFolders, InboxUse},
    photo_search,
    relay::{Relay, SiteReport, SiteShare},
    server_report::{RunningServer, ServerReport},
};
use crate::{
    app::{Event, PasswordChange, ShareId, Target, visible},
    config,
    inspector::Inspector,
    sensitive,
    server::{
        Access, Activity, Content, HiddenFiles, NetworkOpener, OpenUploads, PublicNames, Server,
        Settings,
    },
};

/// One server per share.
pub struct Servers {
    settings: Settings,
    home: Option<PathBuf>,
    inbox_folders: InboxFolders,
    by_share: HashMap<ShareId, ServerSlot>,
}

/// What a server starts with.
pub struct Start {
    pub share: ShareId,
    pub target: Target,
    /// Look for private content first, and report it instead of starting.
    pub check_private: bool,
    /// In effect before the first request.
    pub password: PasswordChange,
    /// Visitors may hand in files.
    pub takes_files: bool,
}

enum ServerSlot {
    Starting { stop_requested: Option<OpenUploads> },
    Running(RunningServer),
}

impl Servers {
    pub fn new(
        settings: &config::ServerConfig,
        thumbnails: PathBuf,
        home: Option<PathBuf>,
        inbox_folders: InboxFolders,
        activity: Activity,
    ) -> Self {
        Self {
            settings: Settings {
                hidden: HiddenFiles::default(),
                port: settings.port,
                thumbnails: Some(thumbnails),
                activity,
                access: Access::default(),
                is_text: false,
            },
            home,
            inbox_folders,
            by_share: HashMap::new(),
        }
    }

    /// Changes the settings for servers that start from now on.
    pub fn set(&mut self, settings: &config::ServerConfig) {
        self.settings.port = settings.port;
    }

    /// Starts a server. The report goes to [`Servers::handle_report`].
    pub fn start(&mut self, start: Start, access: &ShareAccess, events: &Events) {
        let Start {
            share,
            target,
            check_private,
            password,
            takes_files,
        } = start;
        self.by_share.insert(
            share,
            ServerSlot::Starting {
                stop_requested: None,
            },
        );
        let settings = Settings {
            access: access.access.clone(),
            hidden: access.hidden.clone(),
            ..self.settings.clone()
        };
        let inspector = access.inspector.clone();
        let password = password.protects().then(|| access.want_password(password));
        let home = self.home.clone();
        let inbox_folders = self.inbox_folders.clone();
        if target.may_have_hidden_files() {
            look_for_hidden(share, &target, &settings.hidden, &home, events);
        }
        photo_search::begin(share, &target, settings.hidden.are_served(), events);
        let events = events.clone();
        tokio::spawn(async move {
            let looked = target.clone();
            let serves_hidden = settings.hidden.are_served();
            let look = move || {
                let home = home.as_deref();
                let private = check_private
                    .then(|| sensitive::find(&looked, home, serves_hidden, takes_files));
                (private.flatten(), sensitive::no_uploads(&looked, home))
            };
            // Fails if the program is ending.
            let (private, no_uploads) = spawn_blocking(look).await.unwrap_or_default();
            if let Some(no_uploads) = no_uploads {
                events.send(Event::NoUploads(share, no_uploads));
            }
            let report = match private {
                Some(private) => ServerReport::FoundPrivate(private),
                None => match protect(password).await {
                    Ok(()) => {
                        let settings = (settings, inspector);
                        serve(share, target, settings, &inbox_folders, &events).await
                    }
                    Err(sentence) => ServerReport::Failed(sentence),
                },
            };
            events.send_message(Message::Server(share, report));
        });
    }

    /// Keeps a server that has started, and returns the event for the core.
    pub fn handle_report(
        &mut self,
        share: ShareId,
        report: ServerReport,
        events: &Events,
    ) -> Option<Event> {
        let slot = self.by_share.remove(&share);
        let running = match report {
            ServerReport::Started(running) => running,
            ServerReport::Ended => {
                // Stops its remaining threads. A server that was asked to stop is not here any more.
                if let Some(ServerSlot::Running(running)) = slot {
                    stop(share, running, OpenUploads::Keep, events);
                }
                return None;
            }
            ServerReport::FoundPrivate(private) => {
                return Some(Event::FoundPrivate(share, private));
            }
            ServerReport::Failed(sentence) => return Some(Event::ServerFailed(share, sentence)),
        };
        if let Some(ServerSlot::Starting {
            stop_requested: Some(open),
        }) = slot
        {
            stop(share, running, open, events);
            return None;
        }
        if let RunningServer::Files(server, ..) = &running {
            let (ended, events) = (server.ended(), events.clone());
            tokio::spawn(async move {
                ended.await;
                events.send_message(Message::Server(share, ServerReport::Ended));
            });
        }
        let address = running.address();
        self.by_share.insert(share, ServerSlot::Running(running));
        Some(Event::ServerStarted(share, address))
    }

    /// Whether the share has a server that reads files.
    pub fn has_files(&self, share: ShareId) -> bool {
        let slot = self.by_share.get(&share);
        matches!(slot, Some(ServerSlot::Running(RunningServer::Files(..))))
    }

    /// The addresses of the visitors who are being answered, as far as they are known.
    pub fn visitors(&self, share: ShareId) -> Vec<IpAddr> {
        match self.by_share.get(&share) {
            Some(ServerSlot::Running(RunningServer::Files(server, ..))) => server.visitors(),
            // A site keeps no disk busy.
            _ => Vec::new(),
        }
    }

    /// Stops a server, even one that is still starting.
    pub fn stop(&mut self, share: ShareId, open: OpenUploads, events: &Events) {
        match self.by_share.get_mut(&share) {
            Some(ServerSlot::Starting { stop_requested }) => *stop_requested = Some(open),
            Some(ServerSlot::Running(_)) => {
                if let Some(ServerSlot::Running(running)) = self.by_share.remove(&share) {
                    stop(share, running, open, events);
                }
            }
            None => {}
        }
    }

    /// What opens the share to the local network, and its names; `None` if it has no server that can be.
    pub fn network_opener(&self, share: ShareId) -> Option<(NetworkOpener, PublicNames)> {
        match self.by_share.get(&share) {
            Some(ServerSlot::Running(RunningServer::Files(server, ..))) => {
                Some((server.network_opener(), server.names()))
            }
            _ => None,
        }
    }

    /// Lets the server also answer to this host name. A relay needs no name: the tunnel asks the site
    /// with the site's own name.
    pub fn set_public_name(&self, share: ShareId, name: Option<String>) {
        if let Some(ServerSlot::Running(RunningServer::Files(server, ..))) =
            self.by_share.get(&share)
        {
            server.names().set(name);
        }
    }
}

/// Finds out what the hidden files would make public, should the owner want to show them. Nobody waits
/// for it. If they are shown from the start, the owner was asked already.
fn look_for_hidden(
    share: ShareId,
    target: &Target,
    hidden: &HiddenFiles,
    home: &Option<PathBuf>,
    events: &Events,
) {
    if hidden.are_served() {
        events.send(Event::PrivateHidden(share, None));
        return;
    }
    let (target, home, events) = (target.clone(), home.clone(), events.clone());
    spawn_blocking(move || {
        let private = sensitive::no_hidden(&target, home.as_deref());
        events.send(Event::PrivateHidden(share, private));
    });
}

/// Lets visitors need the password, if there is one.
async fn protect(password: Option<WantedPassword>) -> Result<(), String> {
    match password {
        Some(password) => (password.take_effect().await).map_err(|error| error.to_string()),
        None => Ok(()),
    }
}

async fn serve(
    share: ShareId,
    target: Target,
    (mut settings, inspector): (Settings, Inspector),
    inbox_folders: &InboxFolders,
    events: &Events,
) -> ServerReport {
    let mut inbox = None;
    let content = match target {
        Target::Inbox(folder) => {
            match make_inbox(inbox_folders.clone(), folder.clone()).await {
                Ok(made) => inbox = Some(made),
                Err(sentence) => return ServerReport::Failed(sentence),
            }
            Content::Inbox(folder)
        }
        Target::Folder(folder) => Content::Folder(folder),
        Target::Spooled(file) => Content::Files(vec![file]),
        Target::Text(file) => {
            settings.is_text = true;
            Content::Files(vec![file])
        }
        Target::Files { first, others } => {
            Content::Files(std::iter::once(first).chain(others).collect())
        }
        Target::Site(port) => {
            let events = events.clone();
            let report = move |report| {
                events.send(match report {
                    SiteReport::State(state) => Event::SiteState(share, state),
                    SiteReport::StreamsEvents(does) => Event::SiteStreamsEvents(share, does),
                });
            };
            let site = SiteShare {
                activity: settings.activity,
                access: settings.access,
                inspector,
            };
            return match Relay::start(port, site, report).await {
                Ok(relay) => ServerReport::Started(RunningServer::Site(relay)),
                Err(error) => ServerReport::Failed(format!(
                    "Couldn't share localhost:{port}: Spot Serve can't open another port ({error}). Close some programs and try again."
                )),
            };
        }
    };
    let started = spawn_blocking(move || Server::start(&content, &settings)).await;
    match started {
        Ok(Ok(server)) => {
            let events = events.clone();
            let report = move |availability| {
                events.send(Event::ContentAvailability(share, availability));
            };
            let watch = content_watch::watch(server.presence(), report);
            ServerReport::Started(RunningServer::Files(server, watch, inbox))
        }
        Ok(Err(error)) => ServerReport::Failed(error.to_string()),
        Err(error) => ServerReport::Failed(format!(
            "Couldn't share it: the file server crashed while starting ({error})."
        )),
    }
}

async fn make_inbox(folders: InboxFolders, folder: PathBuf) -> Result<InboxUse, String> {
    let path = folder.clone();
    let made = spawn_blocking(move || folders.make(&path)).await;
    let error = match made {
        Ok(Ok(made)) => return Ok(made),
        Ok(Err(error)) => error,
        Err(error) => error.into(),
    };
    Err(format!(
        "Couldn't make the folder {}: {error}. Choose another folder for received files.",
        visible(&folder.display().to_string())
    ))
}

fn stop(share: ShareId, running: RunningServer, open: OpenUploads, events: &Events) {
    let events = events.clone();
    tokio::spawn(async move {
        match running {
            RunningServer::Files(server, watch, inbox) => {
                server.stop(open).await;
                drop(watch);
                // Fails if the program is ending.
                let _ = spawn_blocking(move || drop(inbox)).await;
            }
            RunningServer::Site(relay) => drop(relay),
        }
        events.send(Event::ServerStopped(share));
    });
}

#[cfg(test)]
mod tests {
    use std::{net::TcpStream, time::Duration};

    use tokio::time::timeout;

    use super::*;
    use crate::runtime::accesses::{Accesses, Reports};

    #[tokio::test]
    async fn a_server_that_ends_unexpectedly_is_reported_once_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let (events, mut inbox) = Events::channel();
        let thumbnails = dir.path().join("thumbnails");
        let mut servers = Servers::new(
            &config::ServerConfig::default(),
            thumbnails,
            None,
            InboxFolders::default(),
            Activity::default(),
        );
        let share = ShareId(1);
        let target = Target::Folder(dir.path().to_owned());
        let access =
            Accesses::default().begin(share, None, Reports::for_tests(share, &events), &events);
        let start = Start {
            share,
            target,
            check_private: false,
            password: PasswordChange::Remove,
            takes_files: false,
        };
        servers.start(start, &access, &events);
        // What is known of the folder is told first.
        let report = loop {
            match inbox.recv().await {
                Some(Message::Server(_, report)) => break report,
                Some(_) => {}
                None => panic!("it has started"),
            }
        };
        let event = servers.handle_report(share, report, &events);
        let Some(Event::ServerStarted(_, address)) = event else {
            panic!("it runs: {event:?}");
        };
        assert_eq!(
            servers.handle_report(share, ServerReport::Ended, &events),
            None
        );
        let mut stopped = 0;
        // Its other threads end as well, and report it.
        for _ in 0..2 {
            let message = timeout(Duration::from_secs(60), inbox.recv()).await;
            match message.unwrap().unwrap() {
                Message::Event(event) => {
                    assert_eq!(event, Event::ServerStopped(share));
                    stopped += 1;
                }
                Message::Server(share, ended) => {
                    assert_eq!(servers.handle_report(share, ended, &events), None);
                }
                message => panic!("{message:?}"),
            }
        }
        assert_eq!(stopped, 1);
        assert!(TcpStream::connect(address).is_err());
    }
}
