//! Carries out what the core asks for, and tells it what happened. Nothing here waits for a disk
//! or a network on the loop itself.

mod download;
mod effects;
mod follow;
mod presence;
mod relay;
mod resume;
mod servers;
mod settings;
mod signals;
mod surface;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};

pub use self::surface::{Desktop, Surface};
use self::{
    follow::Followers,
    servers::{Servers, Started},
};
use crate::{
    app::{self, Effect, Event, Phase, ShareId, State, TunnelReport},
    config::{Config, ConfigError},
    console,
    control::{ControlRequest, server},
    desktop::{autostart, session, tray_host},
    paths::Paths,
    store::{self, Writer},
    tunnel::{ResumeStore, Setup, Tunnel},
};

/// A panel that is there shows the icon by then.
const TRAY_HOST_LIMIT: Duration = Duration::from_secs(3);
/// At login the program may well be there before the panel.
const TRAY_HOST_LIMIT_AT_LOGIN: Duration = Duration::from_secs(60);

/// How a run of the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// A share that was the purpose of the run could not be started.
    Failed,
    /// The share was reachable on this computer only when it ended.
    LocalOnly,
}

/// Where events come in; clones are given to whatever can make something happen.
#[derive(Debug, Clone)]
pub struct Events(mpsc::UnboundedSender<Message>);

impl Events {
    pub fn send(&self, event: Event) {
        // An error means that the program is ending and nothing matters any more.
        let _ = self.0.send(Message::Event(event));
    }

    fn server(&self, share: ShareId, started: Started) {
        let _ = self.0.send(Message::Server(share, started));
    }

    fn settings(&self, read: Result<Config, ConfigError>) {
        let _ = self.0.send(Message::Settings(read));
    }
}

#[derive(Debug)]
enum Message {
    Event(Event),
    Server(ShareId, Started),
    /// The settings were changed on disk.
    Settings(Result<Config, ConfigError>),
    /// A command asks for something.
    Request(ControlRequest, server::Replies),
}

/// The running program.
pub struct Runtime {
    state: State,
    events: Events,
    inbox: mpsc::UnboundedReceiver<Message>,
    surface: Surface,
    servers: Servers,
    tunnels: HashMap<ShareId, Tunnel>,
    tunnel_setup: Arc<Setup>,
    followers: Followers,
    recent: Writer,
    paths: Paths,
    /// The last settings that were read had a mistake.
    has_mistake: bool,
    /// "Diagnose…" is under way.
    diagnoses: Arc<AtomicBool>,
    outcome: Outcome,
}

impl Runtime {
    /// Makes the program ready: its face is there, and nothing happens before [`Runtime::run`].
    pub fn new(
        state: State,
        config: Config,
        paths: Paths,
        surface: impl FnOnce(&Events) -> Surface,
    ) -> Self {
        let (sender, inbox) = mpsc::unbounded_channel();
        let events = Events(sender);
        let surface = surface(&events);
        let mut setup = Setup::new(config.tunnel, &paths);
        // What a terminal shares ends with it.
        if !state.ends_with_share {
            let kept = ResumeStore::load(&paths.resume_file(), config.app.resume);
            setup = setup.with_resume_store(kept);
        }
        Self {
            servers: Servers::new(&config.server, paths.thumbnails.clone(), paths.home.clone()),
            tunnel_setup: Arc::new(setup),
            state,
            events,
            inbox,
            surface,
            tunnels: HashMap::new(),
            followers: Followers::default(),
            recent: Writer::to(paths.recent_file()),
            paths,
            has_mistake: false,
            diagnoses: Arc::default(),
            outcome: Outcome::Done,
        }
    }

    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Runs until everything has ended.
    pub async fn run(mut self) -> Outcome {
        signals::start(self.events.clone(), Arc::clone(&self.tunnel_setup));
        self.go_on();
        let state_dir = self.paths.state.clone();
        spawn_blocking(move || {
            autostart::repair();
            store::tidy(&state_dir);
        });
        self.surface.show(&self.state);
        // What the state should know from the start, without holding up the icon.
        self.events.send(Event::MenuOpens);
        // What a terminal shares has no settings of its own to change while it runs.
        let _watch = match self.state.ends_with_share {
            true => None,
            false => settings::watch(&self.paths.config_file(), &self.events),
        };
        while let Some(message) = self.inbox.recv().await {
            let event = match message {
                Message::Event(event) => Some(event),
                Message::Server(share, started) => self.servers.take(share, started, &self.events),
                Message::Settings(read) => self.take_settings(read),
                Message::Request(request, answers) => {
                    self.followers.take(request, answers, &self.state)
                }
            };
            if let Some(event) = event
                && self.handle(event)
            {
                break;
            }
        }
        self.surface.close().await;
        self.recent.finish();
        self.tunnel_setup.finish();
        self.outcome
    }

    /// Takes requests of commands from now on.
    pub fn answer_commands(&self) {
        let sender = self.events.0.clone();
        let handle = move |request, answers| {
            // An error means that the program is ending: the conversation ends as well.
            let _ = sender.send(Message::Request(request, answers));
        };
        let address = self.paths.socket_file();
        if let Err(error) = server::listen(&address, handle) {
            tracing::warn!(%error, address = %address.display(), "commands can't be heard");
        }
    }

    /// Says so once if the desktop shows no icons: nobody would find the program.
    pub fn look_for_tray_host(&self, at_login: bool) {
        let limit = match at_login {
            true => TRAY_HOST_LIMIT_AT_LOGIN,
            false => TRAY_HOST_LIMIT,
        };
        let events = self.events.clone();
        tokio::spawn(async move {
            sleep(limit).await;
            if !tray_host::is_there().await {
                // Where there is not even a notification, a terminal may show it.
                console::say(app::NO_TRAY_HOST);
                events.send(Event::NoTrayHost);
            }
        });
    }

    /// Gone means gone: a desktop session that ends takes the program with it, also where nobody
    /// sends a signal. What is shared then is wanted at the next login.
    pub fn end_with_session(&self) {
        let events = self.events.clone();
        let setup = Arc::clone(&self.tunnel_setup);
        tokio::spawn(async move {
            session::ended().await;
            tracing::info!("the desktop session has ended");
            setup.resume_store().freeze();
            events.send(Event::Quit);
        });
    }

    /// What is started or shown from now on follows the settings as they are now.
    fn take_settings(&mut self, read: Result<Config, ConfigError>) -> Option<Event> {
        match read {
            Ok(config) => {
                tracing::info!("the settings have changed");
                self.surface
                    .set_notifications(config.app.notifications, &self.events);
                self.servers.set(&config.server);
                self.tunnel_setup.change(config.tunnel);
                self.tunnel_setup.resume_store().want(config.app.resume);
                let was_mended = std::mem::take(&mut self.has_mistake);
                was_mended.then(|| Event::Tell(app::settings_are_mended()))
            }
            Err(error) => {
                self.has_mistake = true;
                Some(Event::DidNotWork(format!(
                    "{error}\nUntil it is mended, Spot Serve goes on with the settings it had."
                )))
            }
        }
    }

    /// Shares again what an earlier run of the program left.
    fn go_on(&self) {
        // It was agreed to when it was shared, but not to what hidden files make public since.
        let again = match self.servers.serves_hidden() {
            true => Event::Share,
            false => Event::ShareAnyway,
        };
        for share in self.tunnel_setup.resume_store().shares() {
            let events = self.events.clone();
            tokio::spawn(async move {
                match resume::find(&share).await {
                    Some(target) => events.send(again(target)),
                    None => events.send(Event::Tell(app::not_resumed(&resume::name(&share)))),
                }
            });
        }
    }

    /// Takes an event through the core; true when the program ends.
    fn handle(&mut self, event: Event) -> bool {
        tracing::debug!(?event);
        self.remember_outcome(&event);
        if let Event::ServerFailed(share, sentence) = &event {
            self.followers.tell_failure(*share, sentence, &self.state);
        }
        let effects = app::update(&mut self.state, event);
        let mut ends = false;
        for effect in effects {
            ends |= effect == Effect::Exit;
            self.carry_out(effect);
        }
        self.surface.show(&self.state);
        self.followers.tell(&self.state);
        ends
    }

    /// What `share --foreground` answers depends on how its share stood at the end.
    fn remember_outcome(&mut self, event: &Event) {
        match event {
            Event::ServerFailed(..) if self.state.ends_with_share => {
                self.outcome = Outcome::Failed;
            }
            Event::ServerStopped(share) | Event::Tunnel(share, TunnelReport::Ended)
                if self.state.ends_with_share =>
            {
                let was_asked = |share: &app::Share| share.phase == Phase::Stopping;
                if !self.state.share(*share).is_none_or(was_asked) {
                    self.outcome = Outcome::Failed;
                }
            }
            Event::Quit if self.state.ends_with_share => {
                let is_local = |share: &app::Share| {
                    matches!(share.phase, Phase::LocalOnly(_)) || share.is_retrying()
                };
                if self.state.shares.iter().any(is_local) {
                    self.outcome = Outcome::LocalOnly;
                }
            }
            _ => {}
        }
    }
}
