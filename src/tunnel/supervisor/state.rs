//! What the supervisor holds, and how it carries out the machine's outputs.

use std::{collections::BTreeMap, future, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use crate::{
    app::TunnelReport,
    config,
    tunnel::{
        cloudflared::{Cloudflared, ProcessEvent},
        invocation,
        line::Line,
        machine::{Input, Machine, Output, RunnerId, Timer},
        network::{NetworkChange, NetworkWatch},
        origin::Origin,
        probe::{Metrics, Probe},
        resume_store::ShareKey,
        setup::Setup,
        transport::Transports,
        tunnel_source::TunnelSource,
    },
};

/// How often to check the network while nothing else sets the pace.
const NETWORK_PACE: Duration = Duration::from_secs(15);

/// Runs one tunnel.
pub(super) struct Supervisor {
    pub share: Option<ShareKey>,
    pub origin: Origin,
    pub setup: Arc<Setup>,
    /// The settings when the share started, or when the user last retried.
    pub settings: Arc<config::TunnelConfig>,
    pub source: TunnelSource,
    pub machine: Machine,
    pub running: BTreeMap<RunnerId, Running>,
    pub timers: BTreeMap<Timer, Instant>,
    pub process_events: mpsc::Sender<(RunnerId, ProcessEvent)>,
    /// For the answers of requests that are under way.
    pub answers: mpsc::UnboundedSender<Input>,
    pub routing: Option<AbortHandle>,
    pub probing: Option<AbortHandle>,
    pub probe: Option<Probe>,
    pub link: Option<String>,
    pub watch: NetworkWatch,
    pub next_look: Instant,
    /// The user wants an attempt now, even during a cool-down.
    pub insists: bool,
}

/// A running cloudflared and what is known about it.
pub(super) struct Running {
    pub process: Cloudflared,
    pub metrics: Option<Metrics>,
    /// How many requests had come at the last check, including our own.
    pub visits: Option<u64>,
    /// When it started, or when our last request went through it.
    pub probed_at: Instant,
}

impl Supervisor {
    /// Switches to the current settings, if they can be used.
    pub fn take_settings(&mut self) {
        let now = self.setup.settings();
        if invocation::reserved(&now.args).is_none() {
            self.settings = now;
        }
    }

    /// Publishes the metrics of each cloudflared that runs, if they are others than before.
    pub fn publish(&self, running: &watch::Sender<Vec<Metrics>>) {
        let now = || {
            self.running
                .values()
                .filter_map(|runner| runner.metrics.as_ref())
        };
        running.send_if_modified(|before| {
            let is_same = before.len() == now().count()
                && before
                    .iter()
                    .zip(now())
                    .all(|(before, now)| before.is_same(now));
            if !is_same {
                *before = now().cloned().collect();
            }
            !is_same
        });
    }

    /// Turns an event of a cloudflared into an input of the machine.
    pub fn take(&mut self, id: RunnerId, event: ProcessEvent) -> Option<Input> {
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

    /// Does what the machine decided.
    pub async fn carry_out(&mut self, outputs: Vec<Output>, report: &impl Fn(TunnelReport)) {
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
                Output::Report(state) => {
                    if let TunnelReport::Named { link } = &state {
                        self.link = Some(link.clone());
                    }
                    report(state);
                }
            }
        }
    }

    /// Tells the machine that a cloudflared that never started has ended.
    fn is_gone(&self, id: RunnerId) {
        self.later(Input::Exited(id, None));
    }

    /// Gives the machine an input after the current one.
    pub fn later(&self, input: Input) {
        // The receiver lives as long as the supervisor.
        let _ = self.answers.send(input);
    }

    /// Waits until it is time to check the network, or forever if nothing depends on it.
    pub async fn time_to_look(&self) {
        match self.machine.network_pace() {
            Some(pace) => sleep_until(self.next_look.min(Instant::now() + pace)).await,
            None => future::pending().await,
        }
    }

    /// Checks whether the network has changed.
    pub fn look_at_network(&mut self) -> Option<Input> {
        let pace = self.machine.network_pace().unwrap_or(NETWORK_PACE);
        self.next_look = Instant::now() + pace;
        let change = self.watch.look();
        if change != NetworkChange::Nothing {
            tracing::info!(?change, "the network has changed");
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

/// The transports to try in the current network.
pub(super) fn transports(
    setup: &Setup,
    settings: &config::TunnelConfig,
    watch: &NetworkWatch,
) -> Transports {
    let won = setup.transport_memory.of(&watch.network().key());
    Transports::of(settings.protocol, won)
}
