//! A supervised cloudflared a share: from a local address to a public link, and back to nothing.
//!
//! [`machine`] decides, everything else here does what it says.

mod invocation;
mod line;
mod machine;
mod pins;
mod process;
mod reason;
mod sidecar;
pub mod tie;

use std::{env, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

pub use sidecar::Places;

use self::{
    machine::{Input, Machine, Output},
    process::{Happening, Process},
    sidecar::{Sidecar, SidecarError},
};
use crate::{app::TunnelReport, config};

/// What every tunnel of the program has in common.
#[derive(Debug)]
pub struct Setup {
    pub settings: config::Tunnel,
    pub places: Places,
    /// An empty file, see [`invocation::arguments`].
    pub empty_config: PathBuf,
}

/// A tunnel on its way, online, or ending. Dropping it kills its process.
#[derive(Debug)]
pub struct Tunnel {
    stop: mpsc::UnboundedSender<()>,
}

impl Tunnel {
    /// Starts a tunnel to `origin` and sends what becomes of it to `report`, at the end
    /// [`TunnelReport::Ended`].
    ///
    /// Call it on the runtime of the program's main thread: cloudflared dies with the thread
    /// that starts it.
    pub fn start(
        origin: SocketAddr,
        setup: Arc<Setup>,
        report: impl Fn(TunnelReport) + Send + 'static,
    ) -> Self {
        let (stop, stops) = mpsc::unbounded_channel();
        tokio::spawn(supervise(origin, setup, stops, report));
        Self { stop }
    }

    /// Asks it to end; that takes at most 3 s.
    pub fn stop(&self) {
        // An error means that it has ended already.
        let _ = self.stop.send(());
    }
}

async fn supervise(
    origin: SocketAddr,
    setup: Arc<Setup>,
    mut stops: mpsc::UnboundedReceiver<()>,
    report: impl Fn(TunnelReport),
) {
    // A queue of its own a process: what an old one still says can't be taken for the new one's.
    let (_, mut happenings) = mpsc::channel(64);
    let mut process: Option<Process> = None;
    let mut timer: Option<Instant> = None;
    let (mut machine, mut outputs) = Machine::begin();
    loop {
        let mut failed_start = None;
        for output in outputs.drain(..) {
            match output {
                Output::Start => {
                    let (sender, receiver) = mpsc::channel(64);
                    happenings = receiver;
                    match start_process(origin, &setup, sender).await {
                        Ok(started) => process = Some(started),
                        Err(problem) => failed_start = Some(problem),
                    }
                }
                Output::Terminate => {
                    if let Some(process) = &process {
                        process.terminate();
                    }
                }
                Output::Kill => {
                    if let Some(process) = &process {
                        process.kill();
                    }
                }
                Output::SetTimer(wait) => timer = Some(Instant::now() + wait),
                Output::Report(said) => report(said),
            }
        }
        if machine.has_ended() {
            return;
        }
        let input = match failed_start {
            Some(problem) => Input::CantStart(problem),
            None => tokio::select! {
                Some(happening) = happenings.recv() => match happening {
                    Happening::Said(line) => Input::Said(line),
                    Happening::Exited { code } => {
                        process = None;
                        Input::Exited { code }
                    }
                },
                // Nobody is left who could ask: the same as being asked.
                _ = stops.recv() => Input::Stop,
                () = rings_at(timer) => {
                    timer = None;
                    Input::Timer
                }
            },
        };
        outputs = machine.step(input);
    }
}

/// Waits for the timer; for ever when none is set.
async fn rings_at(timer: Option<Instant>) {
    match timer {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn start_process(
    origin: SocketAddr,
    setup: &Arc<Setup>,
    happenings: mpsc::Sender<Happening>,
) -> Result<Process, crate::app::Problem> {
    let sidecar = find_sidecar(setup)
        .await
        .map_err(|error| reason::no_sidecar(&error))?;
    let arguments = invocation::arguments(origin, &setup.empty_config, &setup.settings);
    let environment = invocation::environment(env::vars_os());
    Process::start(&sidecar.program, arguments, environment, happenings)
        .map_err(|error| reason::not_started(&sidecar.program, &error))
}

/// Looks for the sidecar on a thread that may wait: a pinned one is read whole.
async fn find_sidecar(setup: &Arc<Setup>) -> Result<Sidecar, SidecarError> {
    let setup = Arc::clone(setup);
    let found = tokio::task::spawn_blocking(move || {
        sidecar::find(&setup.settings.cloudflared, &setup.places)
    });
    let sidecar = match found.await {
        Ok(found) => found?,
        Err(_) => return Err(SidecarError::Missing),
    };
    tracing::info!(program = %sidecar.program.display(), source = ?sidecar.source, "using this cloudflared");
    Ok(sidecar)
}

/// How long a tunnel may take to end once it is asked to.
pub const STOP_LIMIT: Duration = Duration::from_secs(3);
