//! Does what the machine says, and tells it what happened: processes, timers, requests.

use std::{collections::BTreeMap, env, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::{
    Setup, ShareKey, SidecarError, Wish,
    invocation::{self, Invocation, Origin, Whose},
    keeper::{Keeper, Told},
    line::Line,
    machine::{Input, Kind, Machine, Output, RunnerId, Timer},
    network::{Change, Watch},
    own::{Claim, Own, OwnError, Proof},
    probe::{Metrics, Probe},
    process::{Happening, Process},
    reason,
    refusal::Refusal,
    wire::{Wire, Wires},
};
use crate::app::{Problem, TunnelReport};

/// At most one request of ours in this time goes through a link that works: a minute, less what
/// timers are late.
const PROBE_PAUSE: Duration = Duration::from_secs(55);

/// Runs a tunnel from its start to its end.
pub async fn supervise(
    share: Option<ShareKey>,
    origin: Origin,
    setup: Arc<Setup>,
    mut wishes: mpsc::UnboundedReceiver<Wish>,
    report: impl Fn(TunnelReport),
) {
    let (told, mut tellings) = mpsc::unbounded_channel();
    let whose = match prepare(&setup, share.as_deref(), told).await {
        Ok(whose) => whose,
        Err(problem) => {
            report(TunnelReport::Down(problem));
            forget(&setup, share.as_deref());
            // Nothing can be tried again: only the end is waited for.
            while matches!(wishes.recv().await, Some(Wish::RetryNow)) {}
            report(TunnelReport::Ended);
            return;
        }
    };
    let watch = Watch::start();
    let wires = wires(&setup, &watch);
    let kind = match &whose {
        Ours::Quick(_) => Kind::Quick,
        Ours::Own(own, _) => Kind::Own { link: own.link() },
    };
    let (machine, first) = Machine::begin(kind, wires, seed());
    let (happening, mut happenings) = mpsc::channel(64);
    let (answer, mut answers) = mpsc::unbounded_channel();
    let mut supervisor = Supervisor {
        share,
        probe: probe(&setup, &whose),
        origin,
        setup,
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

/// Whose tunnel it is, with what that takes.
enum Ours {
    Quick(Keeper),
    Own(
        Own,
        #[expect(dead_code, reason = "it is given back at the end")] Claim,
    ),
}

async fn prepare(
    setup: &Setup,
    share: Option<&str>,
    told: mpsc::UnboundedSender<Told>,
) -> Result<Ours, Problem> {
    let settings = setup.settings();
    if let Some(flag) = invocation::reserved(&settings.args) {
        return Err(reason::reserved_flag(flag));
    }
    if let Some(own) = Own::of(&settings).map_err(|error| error.problem())? {
        if let Some(share) = share {
            setup.kept.keep(share, None);
        }
        let claim = Claim::take(&setup.own_in_use)
            .ok_or_else(|| OwnError::InUse(own.hostname.clone()).problem())?;
        return Ok(Ours::Own(own, claim));
    }
    let keeper = Keeper::start(
        &settings.service,
        setup.client.clone(),
        Arc::clone(&setup.cooldown),
        share.and_then(|share| setup.kept.ticket(share)),
        told,
    );
    keeper
        .await
        .map(Ours::Quick)
        .map_err(|error| reason::no_keeper(&error))
}

fn forget(setup: &Setup, share: Option<&str>) {
    if let Some(share) = share {
        setup.kept.forget(share);
    }
}

fn probe(setup: &Setup, whose: &Ours) -> Option<Probe> {
    let known = match whose {
        Ours::Quick(_) => setup.settings().service.clone(),
        Ours::Own(own, _) => own.link(),
    };
    Probe::through(setup.client.clone(), &known)
}

fn wires(setup: &Setup, watch: &Watch) -> Wires {
    let won = setup.winners.of(&watch.network().key());
    Wires::of(setup.settings().protocol, won)
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
    process: Process,
    metrics: Option<Metrics>,
    /// Requests of visitors that had come when it was looked last, ours included.
    visits: Option<u64>,
    /// When a request of ours went through it last, or it began.
    probed_at: Instant,
}

impl Supervisor {
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

    async fn start(&mut self, id: RunnerId, wire: Wire) {
        if let Some(refusal) = self.must_wait() {
            self.later(Input::Refused(refusal));
            return;
        }
        match self.start_process(id, wire).await {
            Ok(process) => {
                let running = Running {
                    process,
                    metrics: None,
                    visits: Some(0),
                    probed_at: Instant::now(),
                };
                self.running.insert(id, running);
            }
            Err(problem) => self.later(Input::CantStart(id, problem)),
        }
    }

    /// The service said 429 not long ago and would have to be asked.
    fn must_wait(&mut self) -> Option<Refusal> {
        let Ours::Quick(keeper) = &self.whose else {
            return None;
        };
        if std::mem::take(&mut self.insists) || keeper.has_ticket() {
            return None;
        }
        let wait = self.setup.cooldown.left()?;
        Some(Refusal::TooManyBefore { wait })
    }

    async fn start_process(&self, id: RunnerId, wire: Wire) -> Result<Process, Problem> {
        let setup = Arc::clone(&self.setup);
        // On a thread that may wait: a pinned one is read whole.
        let found = tokio::task::spawn_blocking(move || setup.find_sidecar()).await;
        let sidecar = match found {
            Ok(found) => found.map_err(|error| self.no_sidecar(&error))?,
            Err(_) => return Err(self.no_sidecar(&SidecarError::Missing)),
        };
        let tunnel = match &self.whose {
            Ours::Quick(keeper) => Whose::Quick {
                keeper: &keeper.url().map_err(|error| reason::no_keeper(&error))?,
            },
            Ours::Own(own, _) => match &own.proof {
                Proof::Token(_) => Whose::Token,
                Proof::Credentials { file, id } => Whose::Credentials { file, id },
            },
        };
        let settings = self.setup.settings();
        let arguments = Invocation {
            origin: &self.origin,
            wire,
            tunnel,
            empty_config: self.setup.empty_config(),
            extra: &settings.args,
        }
        .arguments();
        let mut environment: Vec<_> = invocation::environment(env::vars_os()).collect();
        if let Ours::Own(
            Own {
                proof: Proof::Token(token),
                ..
            },
            _,
        ) = &self.whose
        {
            environment.push(("TUNNEL_TOKEN".into(), token.reveal().into()));
        }
        tracing::info!(program = %sidecar.program.display(), source = ?sidecar.source, protocol = wire.flag(), "starting cloudflared");
        let happenings = self.happening.clone();
        Process::start(
            id,
            &sidecar.program,
            arguments,
            environment.into_iter(),
            happenings,
        )
        .map_err(|error| reason::not_started(&sidecar.program, &error))
    }

    fn no_sidecar(&self, error: &SidecarError) -> Problem {
        reason::no_sidecar(error, self.setup.is_cured_by_download(error))
    }

    fn ask_ready(&self, id: RunnerId) {
        let Some(metrics) = self
            .running
            .get(&id)
            .and_then(|running| running.metrics.clone())
        else {
            return;
        };
        let answer = self.answer.clone();
        tokio::spawn(async move {
            // An error means that the tunnel has ended.
            let _ = answer.send(Input::Ready(id, metrics.is_ready().await));
        });
    }

    fn await_route(&mut self, id: RunnerId) {
        if let Some(before) = self.routing.take() {
            before.abort();
        }
        let (Some(probe), Some(link)) = (self.probe.clone(), self.link.clone()) else {
            // There is no way to find out: what is registered counts as routed.
            return self.later(Input::Routed(true));
        };
        let metrics = self
            .running
            .get(&id)
            .and_then(|running| running.metrics.clone());
        let (answer, happening) = (self.answer.clone(), self.happening.clone());
        let task = tokio::spawn(async move {
            let _ = answer.send(Input::Routed(probe.is_routed(&link).await));
            // Our own requests are no visits.
            if let Some(metrics) = metrics {
                let visited = Happening::Visited {
                    count: metrics.visits().await,
                    was_probed: true,
                };
                let _ = happening.send((id, visited)).await;
            }
        });
        self.routing = Some(task.abort_handle());
    }

    fn probe_link(&mut self, id: RunnerId) {
        if let Some(before) = self.probing.take() {
            before.abort();
        }
        let (Some(probe), Some(link)) = (self.probe.clone(), self.link.clone()) else {
            return;
        };
        let Some(running) = self.running.get(&id) else {
            return;
        };
        let (metrics, before) = (running.metrics.clone(), running.visits);
        let is_due = running.probed_at.elapsed() >= PROBE_PAUSE;
        let (answer, happening) = (self.answer.clone(), self.happening.clone());
        let task = tokio::spawn(async move {
            let visits = async || match &metrics {
                Some(metrics) => metrics.visits().await,
                None => None,
            };
            let now = visits().await;
            // Visitors who came since the last look have shown that the link works.
            let is_shown = matches!((now, before), (Some(now), Some(before)) if now > before);
            let was_probed = is_due && !is_shown;
            let works = is_shown || !was_probed || probe.works(&link).await;
            let count = if was_probed { visits().await } else { now };
            let visited = Happening::Visited { count, was_probed };
            // An error means that the tunnel has ended.
            let _ = happening.send((id, visited)).await;
            if is_shown || was_probed {
                let _ = answer.send(Input::Probed(id, works));
            }
        });
        self.probing = Some(task.abort_handle());
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
            Change::Another => Some(Input::NetworkChanged(wires(&self.setup, &self.watch))),
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
