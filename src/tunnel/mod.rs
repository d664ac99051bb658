//! A supervised cloudflared a share: from a local address to a public link that stays the same
//! until the share is stopped, and back to nothing.
//!
//! - [`machine`] decides, [`supervisor`] does what it says
//! - `keeper`, `ticket`, `refusal`, `cooldown`, [`kept`]: the public name, asked for once
//! - `peer`: whose a connection to us is
//! - `cloudflared`, `invocation`, `line`, `flood`: one cloudflared
//! - `probe`, `network`: whether a link works, and whether it may have died without a word
//! - `wire`, `winners`: the two protocols
//! - `own`: a tunnel on the person's own account
//! - [`sidecar`], [`pins`], [`fetch`], `held`: which cloudflared is run, and where it comes from
//! - `reason`: why there is no link, in words

mod cloudflared;
mod cooldown;
pub mod fetch;
mod flood;
mod held;
pub(crate) mod invocation;
mod keeper;
pub mod kept;
mod line;
mod machine;
mod network;
mod own;
mod peer;
pub mod pins;
mod probe;
mod reason;
mod refusal;
pub mod sidecar;
mod supervisor;
mod ticket;
mod winners;
mod wire;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, atomic::AtomicBool},
    time::Duration,
};

use tokio::sync::mpsc;

pub use invocation::Origin;
pub use kept::{Kept, ShareKey};
pub use sidecar::Places;

use self::{
    cooldown::Cooldown,
    fetch::FetchError,
    held::Held,
    pins::Pin,
    sidecar::{Sidecar, SidecarError},
    winners::Winners,
};
use crate::{app::TunnelReport, config, http::Client, paths::Paths};

/// What every tunnel of the program has in common.
#[derive(Debug)]
pub struct Setup {
    settings: RwLock<Arc<config::TunnelConfig>>,
    places: Places,
    /// Where a sidecar is downloaded to; one of the places.
    data: PathBuf,
    /// An empty file, see [`invocation::Invocation`].
    empty_config: PathBuf,
    client: Client,
    cooldown: Arc<Cooldown>,
    winners: Winners,
    own_in_use: Arc<AtomicBool>,
    /// The sidecar that this program came with.
    held: Held,
    sidecar: sidecar::Verified,
    kept: Kept,
}

impl Setup {
    pub fn new(settings: config::TunnelConfig, paths: &Paths) -> Self {
        let places = Places::of_this_program(&paths.data);
        Self {
            settings: RwLock::new(Arc::new(settings)),
            held: Held::of(pins::for_this_target(), &places),
            places,
            data: paths.data.clone(),
            empty_config: paths.empty_tunnel_config(),
            client: Client::from_environment(),
            cooldown: Arc::new(Cooldown::load(&paths.service_file())),
            winners: Winners::load(&paths.protocols_file()),
            own_in_use: Arc::default(),
            sidecar: sidecar::Verified::default(),
            kept: Kept::default(),
        }
    }

    /// Keeps names over a restart of the program.
    pub fn keeping(mut self, kept: Kept) -> Self {
        self.kept = kept;
        self
    }

    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Waits until all that is remembered is on the disk.
    pub fn finish(&self) {
        self.kept.finish();
        self.cooldown.finish();
        self.winners.finish();
    }

    /// What is started from now on is started with these.
    pub fn change(&self, settings: config::TunnelConfig) {
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    fn settings(&self) -> Arc<config::TunnelConfig> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Finds the sidecar, and looks at a pinned one whole when it is another than before.
    pub fn find_sidecar(&self) -> Result<Sidecar, SidecarError> {
        self.find_sidecar_of(&self.settings())
    }

    fn find_sidecar_of(&self, settings: &config::TunnelConfig) -> Result<Sidecar, SidecarError> {
        sidecar::find(
            &settings.cloudflared,
            pins::for_this_target(),
            &self.places,
            &self.held,
            &self.sidecar,
        )
    }

    /// Downloads the sidecar that belongs to this program to where it is looked for; `progress`
    /// is told how many bytes of how many have come.
    pub async fn fetch_sidecar(
        &self,
        pin: &Pin,
        progress: impl FnMut(u64, u64),
    ) -> Result<PathBuf, FetchError> {
        fetch::fetch(&self.client, pin, &self.data, progress).await
    }

    /// Why no share would get a link with the settings as they are, in words.
    pub fn refusal_of_settings(&self) -> Option<String> {
        let settings = self.settings();
        if let Some(flag) = invocation::reserved(&settings.args) {
            return Some(reason::reserved_flag(flag).sentence);
        }
        let own = own::Own::of(&settings);
        own.err().map(|error| error.to_string())
    }

    /// How long the service is still left alone, which has said 429.
    pub fn left_of_cooldown(&self) -> Option<Duration> {
        self.cooldown.left()
    }

    /// The one that is missing would be found after a download, and one that an earlier version
    /// of the program has downloaded would be replaced.
    fn is_cured_by_download(&self, error: &SidecarError) -> bool {
        pins::for_this_target().is_some()
            && match error {
                SidecarError::Missing => true,
                SidecarError::WrongHash(place) | SidecarError::Unreadable(place, _) => {
                    place.parent() == Some(&self.data)
                }
                SidecarError::NotThere(_) => false,
            }
    }

    fn empty_config(&self) -> &Path {
        &self.empty_config
    }
}

/// A tunnel on its way, online, or ending. Dropping it ends it.
#[derive(Debug)]
pub struct Tunnel {
    wishes: mpsc::UnboundedSender<Wish>,
}

/// What a person may want of a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    RetryNow,
    Stop,
}

impl Tunnel {
    /// Starts a tunnel of `share` to `origin` and sends what becomes of it to `report`, at the end
    /// [`TunnelReport::Ended`].
    ///
    /// Call it on the runtime of the program's main thread: cloudflared dies with the thread
    /// that starts it.
    pub fn start(
        share: Option<ShareKey>,
        origin: impl Into<Origin>,
        setup: Arc<Setup>,
        report: impl Fn(TunnelReport) + Send + Sync + 'static,
    ) -> Self {
        let (wishes, inbox) = mpsc::unbounded_channel();
        let report = Arc::new(report);
        let said = Arc::clone(&report);
        let tunnel = supervisor::supervise(share, origin.into(), setup, inbox, move |what| {
            said(what);
        });
        let tunnel = tokio::spawn(tunnel);
        tokio::spawn(async move {
            // A bug of ours must not leave a share that looks as if it had a tunnel.
            if let Err(error) = tunnel.await
                && error.is_panic()
            {
                tracing::error!(%error, "a tunnel broke");
                report(TunnelReport::Ended);
            }
        });
        Self { wishes }
    }

    /// Makes the next attempt now, if it waits for one.
    pub fn retry_now(&self) {
        // An error means that it has ended already.
        let _ = self.wishes.send(Wish::RetryNow);
    }

    /// Asks it to end; that takes at most 3 s.
    pub fn stop(&self) {
        let _ = self.wishes.send(Wish::Stop);
    }
}
