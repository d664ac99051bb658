//! Does what the machine says, and tells it what happened.
//!
//! - `whose`: whether the service gives the tunnel or the person has one
//! - `starting`: a cloudflared begins
//! - `asking`: requests that find out whether a link works

mod asking;
mod source;
mod starting;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use self::source::TunnelSource;
use super::{
    cloudflared::{Cloudflared, ProcessEvent},
    command::Command,
    invocation,
    line::Line,
    machine::{Input, Kind, Machine, Output, RunnerId, Timer},
    network::{NetworkChange, NetworkWatch},
    origin::Origin,
    probe::{Metrics, Probe},
    quick_tunnel_proxy::ProxyEvent,
    resume_store::ShareKey,
    setup::Setup,
    transport::Transports,
};
use crate::{app::TunnelReport, config};

/// Runs a tunnel from its start to its end.
pub async fn supervise(
    share: Option<ShareKey>,
    origin: Origin,
    setup: Arc<Setup>,
    mut commands: mpsc::UnboundedReceiver<Command>,
    report: impl Fn(TunnelReport),
) {
    let (told, mut tellings) = mpsc::unbounded_channel();
    let (source, settings) = loop {
        let settings = setup.settings();
        let prepared =
            TunnelSource::prepare(&setup, &settings, share.as_deref(), told.clone()).await;
        let problem = match prepared {
            Ok(source) => break (source, settings),
            Err(problem) => problem,
        };
        report(TunnelReport::Down(problem));
        // The settings may be better by then.
        let command = commands.recv().await;
        if command == Some(Command::RetryNow) {
            report(TunnelReport::Connecting("connecting…".into()));
            continue;
        }
        if command == Some(Command::Stop) {
            forget(&setup, share.as_deref());
        }
        report(TunnelReport::Ended);
        return;
    };
    let watch = NetworkWatch::start();
    let transports = transports(&setup, &settings, &watch);
    let kind = match &source {
        TunnelSource::Quick(_) => Kind::Quick,
        TunnelSource::NamedTunnel(own, _) => Kind::NamedTunnel { link: own.link() },
    };
    let (machine, first) = Machine::begin(kind, transports, seed());
    let (event, mut events) = mpsc::channel(64);
    let (answer, mut answers) = mpsc::unbounded_channel();
    let mut supervisor = Supervisor {
        share,
        probe: source.probe(&setup, &settings),
        origin,
        setup,
        settings,
        source,
        machine,
        running: BTreeMap::new(),
        timers: BTreeMap::new(),
        event,
        answer,
        routing: None,
        probing: None,
        link: None,
        watch,
        next_look: Instant::now(),
        insists: false,
    };
    supervisor.carry_out(first, &report).await;
    // After it nobody wishes anything; a queue without senders would always be ready.
    let mut is_stopped = false;
    while !supervisor.machine.has_ended() {
        let input = tokio::select! {
            // What the proxy tells came before the end of the cloudflared that asked it.
            biased;
            command = commands.recv(), if !is_stopped => match command {
                Some(Command::RetryNow) => {
                    supervisor.insists = true;
                    supervisor.take_settings();
                    Some(Input::RetryNow)
                }
                Some(Command::Stop) => {
                    is_stopped = true;
                    forget(&supervisor.setup, supervisor.share.as_deref());
                    Some(Input::Stop)
                }
                // Nobody is left who could ask: the same as being asked.
                None => {
                    is_stopped = true;
                    Some(Input::Stop)
                }
            },
            Some(told) = tellings.recv() => Some(match told {
                ProxyEvent::Named(tunnel) => {
                    // A stop has forgotten it already.
                    if let Some(share) = supervisor.share.as_ref().filter(|_| !is_stopped) {
                        supervisor.setup.resume_store.keep(share, Some(&tunnel));
                    }
                    Input::Named(tunnel.link())
                }
                ProxyEvent::Refused(error) => Input::Refused(error),
            }),
            Some(input) = answers.recv() => Some(input),
            Some((id, event)) = events.recv() => supervisor.take(id, event),
            timer = ring(&supervisor.timers) => {
                supervisor.timers.remove(&timer);
                Some(Input::Rang(timer))
            }
            () = supervisor.time_to_look() => supervisor.look_at_network(),
        };
        if let Some(input) = input {
            tracing::debug!(?input, "tunnel");
            let outputs = supervisor.machine.step(input);
            supervisor.carry_out(outputs, &report).await;
        }
    }
}

fn forget(setup: &Setup, share: Option<&str>) {
    if let Some(share) = share {
        setup.resume_store.forget(share);
    }
}

fn transports(setup: &Setup, settings: &config::TunnelConfig, watch: &NetworkWatch) -> Transports {
    let won = setup.transport_memory.of(&watch.network().key());
    Transports::of(settings.protocol, won)
}

/// Without random numbers the pauses are not spread, and that is all.
fn seed() -> u64 {
    let mut seed = [0; 8];
    let _ = getrandom::fill(&mut seed);
    u64::from_le_bytes(seed)
}

struct Supervisor {
    share: Option<ShareKey>,
    origin: Origin,
    setup: Arc<Setup>,
    /// As they were when it was shared, or when the person last wished for an attempt.
    settings: Arc<config::TunnelConfig>,
    source: TunnelSource,
    machine: Machine,
    running: BTreeMap<RunnerId, Running>,
    timers: BTreeMap<Timer, Instant>,
    event: mpsc::Sender<(RunnerId, ProcessEvent)>,
    /// For answers of requests that are under way.
    answer: mpsc::UnboundedSender<Input>,
    routing: Option<AbortHandle>,
    probing: Option<AbortHandle>,
    probe: Option<Probe>,
    link: Option<String>,
    watch: NetworkWatch,
    next_look: Instant,
    /// The person wants an attempt now, whatever the service has said.
    insists: bool,
}

struct Running {
    process: Cloudflared,
    metrics: Option<Metrics>,
    /// Requests of visitors that had come when it was looked last, ours included.
    visits: Option<u64>,
    /// When a request of ours went through it last, or it began.
    probed_at: Instant,
}

impl Supervisor {
    /// Goes on with the settings as they are now, if they can be used.
    fn take_settings(&mut self) {
        let now = self.setup.settings();
        if invocation::reserved(&now.args).is_none() {
            self.settings = now;
        }
    }

    fn take(&mut self, id: RunnerId, event: ProcessEvent) -> Option<Input> {
        match event {
            ProcessEvent::Said(line) => {
                if let (Line::Metrics(address), Some(running)) = (&line, self.running.get_mut(&id))
                {
                    running.metrics = Some(Metrics::at(self.setup.client.clone(), *address));
                }
                Some(Input::Said(id, line))
            }
            ProcessEvent::Visited { count, was_probed } => {
                if let Some(running) = self.running.get_mut(&id) {
                    running.visits = count;
                    if was_probed {
                        running.probed_at = Instant::now();
                    }
                }
                None
            }
            ProcessEvent::Exited { code } => {
                self.running.remove(&id);
                Some(Input::Exited(id, code))
            }
        }
    }

    async fn carry_out(&mut self, outputs: Vec<Output>, report: &impl Fn(TunnelReport)) {
        for output in outputs {
            match output {
                Output::Start(id, transport) => self.start(id, transport).await,
                Output::Terminate(id) => match self.running.get(&id) {
                    Some(running) => running.process.terminate(),
                    None => self.is_gone(id),
                },
                Output::Kill(id) => match self.running.get(&id) {
                    Some(running) => running.process.kill(),
                    None => self.is_gone(id),
                },
                Output::Set(timer, after) => {
                    self.timers.insert(timer, Instant::now() + after);
                }
                Output::Clear(timer) => {
                    self.timers.remove(&timer);
                }
                Output::AskReady(id) => self.ask_ready(id),
                Output::Probe(id) => self.probe_link(id),
                Output::AwaitRoute(id) => self.await_route(id),
                Output::Forget => {
                    if let TunnelSource::Quick(proxy) = &self.source {
                        proxy.forget();
                    }
                    if let Some(share) = &self.share {
                        self.setup.resume_store.keep(share, None);
                    }
                }
                Output::Remember(transport) => {
                    self.setup
                        .transport_memory
                        .remember(&self.watch.network().key(), transport);
                }
                Output::Report(said) => {
                    if let TunnelReport::Named { link } = &said {
                        self.link = Some(link.clone());
                    }
                    report(said);
                }
            }
        }
    }

    /// A cloudflared that was never there has ended.
    fn is_gone(&self, id: RunnerId) {
        self.later(Input::Exited(id, None));
    }

    fn later(&self, input: Input) {
        // The receiver lives as long as the supervisor.
        let _ = self.answer.send(input);
    }

    /// Waits until it is time to look at the network; for ever when nothing depends on it.
    async fn time_to_look(&self) {
        match self.machine.network_pace() {
            Some(pace) => sleep_until(self.next_look.min(Instant::now() + pace)).await,
            None => std::future::pending().await,
        }
    }

    fn look_at_network(&mut self) -> Option<Input> {
        let pace = self
            .machine
            .network_pace()
            .unwrap_or(Duration::from_secs(15));
        self.next_look = Instant::now() + pace;
        let change = self.watch.look();
        if change != NetworkChange::Nothing {
            tracing::info!(?change, network = self.watch.network().key(), "the network");
        }
        match change {
            NetworkChange::Nothing => None,
            NetworkChange::Gone => Some(Input::NetworkGone),
            NetworkChange::Another => Some(Input::NetworkChanged(transports(
                &self.setup,
                &self.settings,
                &self.watch,
            ))),
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        for task in [self.routing.take(), self.probing.take()]
            .into_iter()
            .flatten()
        {
            task.abort();
        }
    }
}

/// The timer that rings next, when it does; for ever when none is set.
async fn ring(timers: &BTreeMap<Timer, Instant>) -> Timer {
    match timers.iter().min_by_key(|(_, at)| **at) {
        Some((timer, at)) => {
            sleep_until(*at).await;
            *timer
        }
        None => std::future::pending().await,
    }
}
