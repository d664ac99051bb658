//! What answers for each share, from its start to its end: a file server, or a relay to a site.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

use tokio::task::spawn_blocking;

use super::{
    Events,
    presence::{self, Watching},
    relay::Relay,
};
use crate::{
    app::{Event, Private, ShareId, Target},
    config, sensitive,
    server::{Content, Server, Settings},
};

/// What became of a server.
#[derive(Debug)]
pub enum Started {
    /// It was running, and has ended by itself.
    Ended,
    Running(Running),
    /// Not started: the person is to be asked first.
    Private(Private),
    /// The sentence says why.
    Failed(String),
}

/// What answers for a share.
#[derive(Debug)]
pub enum Running {
    Files(Server, Watching),
    Site(Relay),
}

impl Running {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Files(server, _) => server.address(),
            Self::Site(relay) => relay.address(),
        }
    }
}

/// One server a share.
pub struct Servers {
    settings: Settings,
    home: Option<PathBuf>,
    by_share: HashMap<ShareId, Slot>,
}

enum Slot {
    Starting { stop_wanted: bool },
    Running(Running),
}

impl Servers {
    pub fn new(
        settings: &config::ServerConfig,
        thumbnails: PathBuf,
        home: Option<PathBuf>,
    ) -> Self {
        Self {
            settings: Settings {
                hidden: settings.hidden,
                port: settings.port,
                thumbnails: Some(thumbnails),
            },
            home,
            by_share: HashMap::new(),
        }
    }

    /// What is started from now on is started with these.
    pub fn set(&mut self, settings: &config::ServerConfig) {
        self.settings.hidden = settings.hidden;
        self.settings.port = settings.port;
    }

    /// Whether visitors see hidden files of what is started from now on.
    pub fn serves_hidden(&self) -> bool {
        self.settings.hidden
    }

    /// Starts a server; [`Servers::take`] gets what came of it.
    pub fn start(&mut self, share: ShareId, target: Target, unless_private: bool, events: &Events) {
        self.by_share
            .insert(share, Slot::Starting { stop_wanted: false });
        let settings = self.settings.clone();
        let home = self.home.clone();
        let events = events.clone();
        tokio::spawn(async move {
            let private = match unless_private {
                true => find_private(target.clone(), home, settings.hidden).await,
                false => None,
            };
            let started = match private {
                Some(private) => Started::Private(private),
                None => start(share, target, settings, &events).await,
            };
            events.server(share, started);
        });
    }

    /// Keeps a server that has started, and gives the event to tell.
    pub fn take(&mut self, share: ShareId, started: Started, events: &Events) -> Option<Event> {
        let slot = self.by_share.remove(&share);
        let running = match started {
            Started::Running(running) => running,
            Started::Ended => {
                // The rest of it goes as well. One that was stopped has none.
                if let Some(Slot::Running(rest)) = slot {
                    stop(share, rest, events);
                }
                return None;
            }
            Started::Private(private) => return Some(Event::FoundPrivate(share, private)),
            Started::Failed(sentence) => return Some(Event::ServerFailed(share, sentence)),
        };
        if let Some(Slot::Starting { stop_wanted: true }) = slot {
            stop(share, running, events);
            return None;
        }
        if let Running::Files(server, _) = &running {
            let (ended, events) = (server.ended(), events.clone());
            tokio::spawn(async move {
                ended.await;
                events.server(share, Started::Ended);
            });
        }
        let address = running.address();
        self.by_share.insert(share, Slot::Running(running));
        Some(Event::ServerStarted(share, address))
    }

    /// Stops a server, also one that is only about to start.
    pub fn stop(&mut self, share: ShareId, events: &Events) {
        match self.by_share.get_mut(&share) {
            Some(Slot::Starting { stop_wanted }) => *stop_wanted = true,
            Some(Slot::Running(_)) => {
                if let Some(Slot::Running(running)) = self.by_share.remove(&share) {
                    stop(share, running, events);
                }
            }
            None => {}
        }
    }

    /// The server shall answer to this host name as well. A site is asked under its own.
    pub fn set_public_name(&self, share: ShareId, name: Option<String>) {
        if let Some(Slot::Running(Running::Files(server, _))) = self.by_share.get(&share) {
            server.names().set(name);
        }
    }
}

async fn find_private(
    target: Target,
    home: Option<PathBuf>,
    serves_hidden: bool,
) -> Option<Private> {
    let look = move || sensitive::find(&target, home.as_deref(), serves_hidden);
    // An error means that the program is ending.
    spawn_blocking(look).await.ok().flatten()
}

async fn start(share: ShareId, target: Target, settings: Settings, events: &Events) -> Started {
    let content = match target {
        Target::Folder(folder) => Content::Folder(folder),
        Target::Files { first, others } => {
            Content::Files(std::iter::once(first).chain(others).collect())
        }
        Target::Site(port) => {
            let events = events.clone();
            let answers = move |answers| events.send(Event::SiteAnswers(share, answers));
            return match Relay::start(port, answers).await {
                Ok(relay) => Started::Running(Running::Site(relay)),
                Err(error) => Started::Failed(format!(
                    "localhost:{port} can't be shared: no port could be had for it ({error})."
                )),
            };
        }
    };
    let started = spawn_blocking(move || Server::start(&content, &settings)).await;
    match started {
        Ok(Ok(server)) => {
            let events = events.clone();
            let tell = move |whereabouts| events.send(Event::ContentIs(share, whereabouts));
            let watching = presence::watch(server.presence(), tell);
            Started::Running(Running::Files(server, watching))
        }
        Ok(Err(error)) => Started::Failed(error.to_string()),
        Err(error) => Started::Failed(format!("Its server broke while it was started: {error}.")),
    }
}

fn stop(share: ShareId, running: Running, events: &Events) {
    let events = events.clone();
    tokio::spawn(async move {
        match running {
            Running::Files(server, _watching) => server.stop().await,
            Running::Site(relay) => drop(relay),
        }
        events.send(Event::ServerStopped(share));
    });
}

#[cfg(test)]
mod tests {
    use std::{net::TcpStream, time::Duration};

    use tokio::{sync::mpsc, time::timeout};

    use super::*;
    use crate::runtime::Message;

    #[tokio::test]
    async fn a_server_that_ends_by_itself_is_told_once_and_nothing_of_it_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (sender, mut inbox) = mpsc::unbounded_channel();
        let events = Events(sender);
        let thumbnails = dir.path().join("thumbnails");
        let mut servers = Servers::new(&config::ServerConfig::default(), thumbnails, None);
        let share = ShareId(1);
        let target = Target::Folder(dir.path().to_owned());
        servers.start(share, target, false, &events);
        let Some(Message::Server(_, started)) = inbox.recv().await else {
            panic!("it has started");
        };
        let event = servers.take(share, started, &events);
        let Some(Event::ServerStarted(_, address)) = event else {
            panic!("it runs: {event:?}");
        };
        assert_eq!(servers.take(share, Started::Ended, &events), None);
        let mut stopped = 0;
        // Its other threads end, and their end is seen as well.
        for _ in 0..2 {
            let message = timeout(Duration::from_secs(60), inbox.recv()).await;
            match message.unwrap().unwrap() {
                Message::Event(event) => {
                    assert_eq!(event, Event::ServerStopped(share));
                    stopped += 1;
                }
                Message::Server(share, ended) => {
                    assert_eq!(servers.take(share, ended, &events), None);
                }
                message => panic!("{message:?}"),
            }
        }
        assert_eq!(stopped, 1);
        assert!(TcpStream::connect(address).is_err());
    }
}
