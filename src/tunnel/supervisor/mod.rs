//! Does what the machine says, and tells it what happened.
//!
//! - `whose`: whether the service gives the tunnel or the person has one
//! - `starting`: a cloudflared begins
//! - `asking`: requests that find out whether a link works

mod asking;
mod starting;
mod whose;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use self::whose::Ours;
use super::{
    Setup, ShareKey, Wish,
    cloudflared::{Cloudflared, Happening},
    invocation::{self, Origin},
    keeper::Told,
    line::Line,
    machine::{Input, Kind, Machine, Output, RunnerId, Timer},
    network::{Change, Watch},
    probe::{Metrics, Probe},
    wire::Wires,
};
use crate::{app::TunnelReport, config};

/// Runs a tunnel from its start to its end.
pub async fn supervise(
    share: Option<ShareKey>,
    origin: Origin,
    setup: Arc<Setup>,
    mut wishes: mpsc::UnboundedReceiver<Wish>,
    report: impl Fn(TunnelReport),
) {
    let (told, mut tellings) = mpsc::unbounded_channel();
    let (whose, settings) = loop {
        let settings = setup.settings();
        let prepared = Ours::prepare(&setup, &settings, share.as_deref(), told.clone()).await;
        let problem = match prepared {
            Ok(whose) => break (whose, settings),
            Err(problem) => problem,
        };
        report(TunnelReport::Down(problem));
        // The settings may be better by then.
        let wish = wishes.recv().await;
        if wish == Some(Wish::RetryNow) {
            report(TunnelReport::Connecting("connecting…".into()));
            continue;
        }
        if wish == Some(Wish::Stop) {
            forget(&setup, share.as_deref());
        }
        report(TunnelReport::Ended);
        return;
    };
    let watch = Watch::start();
    let wires = wires(&setup, &settings, &watch);
    let kind = match &whose {
        Ours::Quick(_) => Kind::Quick,
        Ours::Own(own, _) => Kind::Own { link: own.link() },
    };
    let (machine, first) = Machine::begin(kind, wires, seed());
    let (happening, mut happenings) = mpsc::channel(64);
    let (answer, mut answers) = mpsc::unbounded_channel();
    let mut supervisor = Supervisor {
        share,
        probe: whose.probe(&setup, &settings),
        origin,
        setup,
        settings,
        whose,
        machine,
        running: BTreeMap::new(),
        timers: BTreeMap::new(),
        happening,
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
            // What the keeper tells came before the end of the cloudflared that asked it.
            biased;
            wish = wishes.recv(), if !is_stopped => match wish {
                Some(Wish::RetryNow) => {
                    supervisor.insists = true;
                    supervisor.take_settings();
                    Some(Input::RetryNow)
                }
                Some(Wish::Stop) => {
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
                Told::Named(ticket) => {
                    // A stop has forgotten it already.
                    if let Some(share) = supervisor.share.as_ref().filter(|_| !is_stopped) {
                        supervisor.setup.kept.keep(share, Some(&ticket));
                    }
                    Input::Named(ticket.link())
                }
                Told::Refused(refusal) => Input::Refused(refusal),
            }),
            Some(input) = answers.recv() => Some(input),
            Some((id, happening)) = happenings.recv() => supervisor.take(id, happening),
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
        setup.kept.forget(share);
    }
}

fn wires(setup: &Setup, settings: &config::TunnelConfig, watch: &Watch) -> Wires {
    let won = setup.winners.of(&watch.network().key());
    Wires::of(settings.protocol, won)
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
    whose: Ours,
    machine: Machine,
    running: BTreeMap<RunnerId, Running>,
    timers: BTreeMap<Timer, Instant>,
    happening: mpsc::Sender<(RunnerId, Happening)>,
    /// For answers of requests that are under way.
    answer: mpsc::UnboundedSender<Input>,
    routing: Option<AbortHandle>,
    probing: Option<AbortHandle>,
    probe: Option<Probe>,
    link: Option<String>,
    watch: Watch,
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

    fn take(&mut self, id: RunnerId, happening: Happening) -> Option<Input> {
        match happening {
            Happening::Said(line) => {
                if let (Line::Metrics(address), Some(running)) = (&line, self.running.get_mut(&id))
                {
                    running.metrics = Some(Metrics::at(self.setup.client.clone(), *address));
                }
                Some(Input::Said(id, line))
            }
            Happening::Visited { count, was_probed } => {
                if let Some(running) = self.running.get_mut(&id) {
                    running.visits = count;
                    if was_probed {
                        running.probed_at = Instant::now();
                    }
                }
                None
            }
            Happening::Exited { code } => {
                self.running.remove(&id);
                Some(Input::Exited(id, code))
            }
        }
    }

    async fn carry_out(&mut self, outputs: Vec<Output>, report: &impl Fn(TunnelReport)) {
        for output in outputs {
            match output {
                Output::Start(id, wire) => self.start(id, wire).await,
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
                    if let Ours::Quick(keeper) = &self.whose {
                        keeper.forget();
                    }
                    if let Some(share) = &self.share {
                        self.setup.kept.keep(share, None);
                    }
                }
                Output::Remember(wire) => {
                    self.setup
                        .winners
                        .remember(&self.watch.network().key(), wire);
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
        if change != Change::Nothing {
            tracing::info!(?change, network = self.watch.network().key(), "the network");
        }
        match change {
            Change::Nothing => None,
            Change::Gone => Some(Input::NetworkGone),
            Change::Another => Some(Input::NetworkChanged(wires(
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
