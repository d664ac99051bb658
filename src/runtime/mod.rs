//! Carries out what the core asks for, and reports what happened. Nothing here waits for a disk or
//! a network on the main loop itself.

mod accesses;
#[cfg(target_os = "linux")]
mod async_fd;
mod awake;
mod clipboard_share;
mod clock;
mod content_watch;
mod dashboard;
mod dialog;
mod download;
mod events;
mod executor;
#[doc(hidden)]
pub mod fuzzing;
mod inbox_folders;
mod network;
mod outcome;
mod photo_search;
mod qr_pictures;
mod relay;
mod requests;
mod resume;
mod saved_settings;
mod selection;
mod server_report;
mod servers;
mod settings;
mod share_history;
mod signals;
mod spooled_files;
mod surface;
mod update_check;
mod upload_reports;
mod upload_rules;
mod visit_reports;

use std::{future::pending, sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};

pub use self::{
    clipboard_share::keep as keep_clipboard,
    events::Events,
    outcome::Outcome,
    signals::asked_to_end,
    surface::{Desktop, Surface},
};
use self::{
    events::Message, executor::Executor, requests::Requests, saved_settings::SavedSettings,
};
use crate::{
    app::{self, Effect, Event, PickResult, State, Target, UnderWay},
    config::{Config, ConfigError, UpdateCheck},
    console,
    control::{ControlReply, ControlRequest, server},
    desktop::{autostart, session, tray_host},
    paths::Paths,
    store,
    tunnel::redact::Redactor,
};

/// How long a running panel may take to show the icon.
const TRAY_HOST_LIMIT: Duration = Duration::from_secs(3);
/// At login, the program may start long before the panel.
const TRAY_HOST_LIMIT_AT_LOGIN: Duration = Duration::from_secs(60);

/// The running program.
pub struct Runtime {
    state: State,
    events: Events,
    inbox: mpsc::UnboundedReceiver<Message>,
    executor: Executor,
    requests: Requests,
    paths: Paths,
    /// The settings on disk have a mistake that the user was notified of.
    has_mistake: bool,
    /// Whether to ask for newer versions, when the program starts.
    update_check: UpdateCheck,
    outcome: Outcome,
}

impl Runtime {
    /// Prepares the program. Its surface is there, but nothing happens before [`Runtime::run`].
    pub fn new(
        state: State,
        config: Config,
        paths: Paths,
        surface: impl FnOnce(&Events) -> Surface,
    ) -> Self {
        let (events, inbox) = Events::channel();
        let surface = surface(&events);
        // A foreground share ends with its terminal, so it is not resumed.
        let resumes = !state.ends_with_share;
        let update_check = if resumes {
            config.app.update_check
        } else {
            UpdateCheck::Never
        };
        let state = State {
            defaults: config.defaults(),
            sender: config.share.sender.name().to_owned(),
            notifications: config.notifications(),
            inbox: config.receive.inbox(paths.home.as_deref()),
            now: clock::now(),
            ..state
        };
        Self {
            executor: Executor::new(config, &paths, surface, events.clone(), resumes),
            state,
            events,
            inbox,
            requests: Requests::default(),
            paths,
            has_mistake: false,
            update_check,
            outcome: Outcome::Done,
        }
    }

    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Runs until everything has ended.
    pub async fn run(mut self) -> Outcome {
        signals::start(self.events.clone(), Arc::clone(&self.executor.tunnel_setup));
        self.resume_shares();
        self.follow_updates(self.update_check);
        let paths = self.paths.clone();
        let is_only_one = !self.state.ends_with_share;
        let recorder = self.executor.recorder.clone();
        spawn_blocking(move || {
            autostart::repair();
            store::tidy(&paths.state);
            recorder.tidy();
            if is_only_one {
                store::tidy(&paths.runtime);
                qr_pictures::remove_all(&paths);
            }
        });
        self.executor.show(&self.state);
        // Looks up what the state should know from the start, without delaying the icon.
        self.events.send(Event::MenuOpens);
        // A foreground share keeps the settings it was started with.
        let _watch = if self.state.ends_with_share {
            None
        } else {
            settings::watch(&self.paths.config_file(), &self.events)
        };
        while let Some(message) = self.next_message().await {
            let event = match message {
                Message::Event(event) => Some(event),
                Message::Server(share, report) => {
                    let servers = &mut self.executor.servers;
                    servers.handle_report(share, report, &self.events)
                }
                Message::Addresses(addresses) => {
                    self.executor.network.addresses_are(addresses);
                    None
                }
                Message::NetworkName { wanted, given } => {
                    self.executor.network.name_is(&wanted, &given);
                    None
                }
                Message::RetryNetwork => {
                    self.executor.network.follow();
                    None
                }
                Message::Settings(read) => self.apply_settings(read),
                Message::Request(ControlRequest::Dashboard, answers) => {
                    let reply = match self.executor.dashboard_address(&self.state) {
                        Ok(address) => ControlReply::Dashboard(address.into()),
                        Err(sentence) => ControlReply::Refused(sentence),
                    };
                    // Fails if the command is gone.
                    let _ = answers.send(reply);
                    None
                }
                Message::Request(request, answers) => {
                    // What is left of a share is said as of now.
                    self.apply_event(Event::Now(clock::now()));
                    self.count_under_way();
                    self.requests.handle(request, answers, &self.state)
                }
            };
            if let Some(event) = event
                && self.apply_event(event)
            {
                break;
            }
        }
        self.executor.close().await;
        self.outcome
    }

    /// The next message, or the event that the time has come for something.
    async fn next_message(&mut self) -> Option<Message> {
        let next_look = self.state.next_look();
        let ask_at = self.state.asks_for_updates_at();
        let time_comes = async {
            match next_look {
                Some(moment) => clock::until(moment).await,
                None => pending().await,
            }
        };
        let asks = async {
            match ask_at {
                Some(moment) => clock::until_about(moment).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            message = self.inbox.recv() => message,
            () = time_comes => Some(Message::Event(Event::Now(clock::now()))),
            () = asks => Some(Message::Event(Event::Now(clock::now()))),
        }
    }

    /// Accepts requests from commands from now on.
    pub fn answer_commands(&self) {
        let events = self.events.clone();
        let handle = move |request, answers| {
            events.send_message(Message::Request(request, answers));
        };
        let address = self.paths.socket_file();
        if let Err(error) = server::listen(&address, handle) {
            tracing::warn!(%error, address = %address.display(), "can't listen for commands");
        }
    }

    /// Notifies the user if the desktop shows no icons, because nobody would find the program.
    /// At the very first start, says where the icon is.
    pub fn look_for_tray_host(&self, at_login: bool) {
        let limit = if at_login {
            TRAY_HOST_LIMIT_AT_LOGIN
        } else {
            TRAY_HOST_LIMIT
        };
        let events = self.events.clone();
        let welcomed = self.paths.welcome_file();
        tokio::spawn(async move {
            sleep(limit).await;
            if tray_host::is_there().await {
                let is_first = spawn_blocking(move || !welcomed.exists()).await;
                if is_first.unwrap_or(false) {
                    events.send(Event::Welcome {
                        place: tray_host::PLACE,
                    });
                }
            } else {
                // There may be no notifications either, but a terminal.
                console::say(&format!("{} Press Ctrl-C to quit.", app::NO_TRAY_HOST));
                events.send(Event::NoTrayHost);
            }
        });
    }

    /// Ends the program with its desktop session, even if nobody sends a signal. What is shared
    /// then is resumed at the next login.
    pub fn end_with_session(&self) {
        let events = self.events.clone();
        let setup = Arc::clone(&self.executor.tunnel_setup);
        tokio::spawn(async move {
            session::ended().await;
            tracing::info!("the desktop session has ended");
            setup.resume_store().freeze();
            events.send(Event::Quit);
        });
    }

    /// Applies changed settings. They are in effect for everything that starts from now on.
    fn apply_settings(&mut self, read: Result<Config, ConfigError>) -> Option<Event> {
        match read {
            Ok(config) => {
                tracing::info!("the settings have changed");
                self.state.defaults = config.defaults();
                config
                    .share
                    .sender
                    .name()
                    .clone_into(&mut self.state.sender);
                self.state.notifications = config.notifications();
                self.state.inbox = config.receive.inbox(self.paths.home.as_deref());
                self.follow_updates(config.app.update_check);
                self.executor.apply_config(config, &self.state);
                self.executor.show(&self.state);
                let had_mistake = std::mem::take(&mut self.has_mistake);
                had_mistake.then(|| Event::ShowNotice(app::settings_are_valid_again()))
            }
            Err(error) => {
                self.has_mistake = true;
                Some(Event::ActionFailed(format!(
                    "{error}\nThe previous settings stay in use until this is fixed."
                )))
            }
        }
    }

    /// Asks for newer versions once a week, or no more.
    fn follow_updates(&self, update_check: UpdateCheck) {
        let is_weekly = self.state.updates.weekly.is_some();
        match update_check {
            UpdateCheck::Weekly if !is_weekly => {
                let (paths, events) = (self.paths.clone(), self.events.clone());
                spawn_blocking(move || {
                    let weekly = update_check::load(&paths);
                    events.send(Event::CheckWeekly(weekly));
                });
            }
            UpdateCheck::Never if is_weekly => self.events.send(Event::CheckWeekly(None)),
            UpdateCheck::Weekly | UpdateCheck::Never => {}
        }
    }

    /// Shares again what was shared when an earlier run ended.
    fn resume_shares(&self) {
        let store = self.executor.tunnel_setup.resume_store();
        let (targets, all_settings): (Vec<Target>, Vec<SavedSettings>) = store
            .shares()
            .iter()
            .filter_map(|key| Some((resume::target(key)?, resume::settings(store, key))))
            .unzip();
        let names = app::distinct(
            &targets.iter().collect::<Vec<_>>(),
            self.paths.home.as_deref(),
        );
        for ((target, settings), name) in targets.into_iter().zip(all_settings).zip(names) {
            let events = self.events.clone();
            tokio::spawn(async move {
                if resume::is_there(&target).await {
                    events.send(Event::Resume {
                        target,
                        changes: settings.changes(),
                    });
                } else {
                    let notice = app::not_resumed(&name.short());
                    events.send(Event::ShowNotice(notice));
                }
            });
        }
    }

    /// Lets the state know what is under way. It is counted only when somebody looks, and not for a
    /// local site, which keeps no disk busy.
    fn count_under_way(&mut self) {
        let counts = self.executor.accesses.under_way().into_iter();
        let servers = &self.executor.servers;
        let counts = counts.filter(|(share, _)| servers.has_files(*share));
        let all = counts.map(|(share, count)| {
            let visitors = servers.visitors(share);
            (share, UnderWay { count, visitors })
        });
        let all = all.collect();
        // This has no effects.
        app::update(&mut self.state, Event::UnderWay(all));
    }

    /// Takes an event through the core; true if the program ends.
    fn apply_event(&mut self, event: Event) -> bool {
        let mut effects = app::update(&mut self.state, Event::Now(clock::now()));
        if event == Event::MenuOpens {
            self.count_under_way();
        }
        if tracing::enabled!(tracing::Level::DEBUG) {
            // Events contain links, and the log must not.
            let event = Redactor::default().redact(&format!("{event:?}"));
            tracing::debug!(event);
        }
        if let Some(outcome) = Outcome::decided_by(&event, &self.state) {
            self.outcome = outcome;
        }
        match &event {
            Event::ServerFailed(share, sentence) => {
                self.requests.fail_share(*share, sentence, &self.state);
            }
            Event::PasswordFailed(share, sentence) => self.requests.fail_change(*share, sentence),
            Event::Picked(PickResult::Failed(sentence)) => self.requests.fail_pick(sentence),
            _ => {}
        }
        effects.extend(app::update(&mut self.state, event));
        let mut ends = false;
        for effect in effects {
            ends |= effect == Effect::Exit;
            self.executor.carry_out(effect, &self.state);
        }
        self.executor.show(&self.state);
        self.requests.report_changes(&self.state);
        ends
    }
}
