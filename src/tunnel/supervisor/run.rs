//! The loop of one tunnel, from its start to its end.

use std::{collections::BTreeMap, future, sync::Arc};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::state::{Supervisor, transports};
use crate::{
    app::TunnelReport,
    tunnel::{
        command::Command,
        machine::{Input, Machine, Timer},
        network::NetworkWatch,
        origin::Origin,
        probe::Metrics,
        quick_tunnel_proxy::ProxyEvent,
        resume_store::ShareKey,
        setup::Setup,
        tunnel_source::TunnelSource,
    },
};

/// Runs a tunnel from its start to its end and reports its state. Publishes the metrics of each
/// cloudflared that is `running`.
pub async fn supervise(
    share: Option<ShareKey>,
    origin: Origin,
    setup: Arc<Setup>,
    mut commands: mpsc::UnboundedReceiver<Command>,
    running: watch::Sender<Vec<Metrics>>,
    report: impl Fn(TunnelReport),
) {
    let (proxy_events, mut proxy_inbox) = mpsc::unbounded_channel();
    let (source, settings) = loop {
        let settings = setup.settings();
        let prepared =
            TunnelSource::prepare(&setup, &settings, share.as_deref(), proxy_events.clone()).await;
        let problem = match prepared {
            Ok(source) => break (source, settings),
            Err(problem) => problem,
        };
        report(TunnelReport::Down(problem));
        // The user may correct the settings before they retry.
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
    let (machine, first) = Machine::begin(source.fixed_link(), transports, seed());
    let (process_events, mut process_inbox) = mpsc::channel(64);
    let (answers, mut answer_inbox) = mpsc::unbounded_channel();
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
        process_events,
        answers,
        routing: None,
        probing: None,
        link: None,
        watch,
        next_look: Instant::now(),
        insists: false,
    };
    supervisor.carry_out(first, &report).await;
    // After a stop there are no more commands, and a queue without senders would always be ready.
    let mut is_stopped = false;
    while !supervisor.machine.has_ended() {
        supervisor.publish(&running);
        let input = tokio::select! {
            // An event from the proxy came before the end of the cloudflared that asked it.
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
                // The handle was dropped, which is the same as a stop.
                None => {
                    is_stopped = true;
                    Some(Input::Stop)
                }
            },
            Some(event) = proxy_inbox.recv() => Some(match event {
                ProxyEvent::Named(tunnel) => {
                    // A stop has already forgotten it.
                    if let Some(share) = supervisor.share.as_ref().filter(|_| !is_stopped) {
                        supervisor.setup.resume_store.keep(share, Some(&tunnel));
                    }
                    Input::Named(tunnel.link())
                }
                ProxyEvent::Refused(error) => Input::Refused(error),
            }),
            Some(input) = answer_inbox.recv() => Some(input),
            Some((id, event)) = process_inbox.recv() => supervisor.take(id, event),
            timer = ring(&supervisor.timers) => {
                supervisor.timers.remove(&timer);
                Some(Input::Rang(timer))
            }
            () = supervisor.time_to_look() => supervisor.look_at_network(),
        };
        if let Some(input) = input {
            match &input {
                // The log has no links.
                Input::Named(_) => tracing::debug!("the tunnel has a name"),
                input => tracing::debug!(?input, "tunnel input"),
            }
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

/// Without random numbers the pauses have no useful jitter. That does no harm.
fn seed() -> u64 {
    let mut seed = [0; 8];
    let _ = getrandom::fill(&mut seed);
    u64::from_le_bytes(seed)
}

/// Waits for the next timer, or forever if none is set.
async fn ring(timers: &BTreeMap<Timer, Instant>) -> Timer {
    match timers.iter().min_by_key(|(_, at)| **at) {
        Some((timer, at)) => {
            sleep_until(*at).await;
            *timer
        }
        None => future::pending().await,
    }
}
