//! What all tunnels of the program share.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, atomic::AtomicBool},
    time::Duration,
};

use super::{
    cooldown::Cooldown,
    fetch::{self, FetchError},
    invocation,
    named_tunnel::NamedTunnel,
    pinned_sidecar::PinnedSidecar,
    pins::{self, Pin},
    problem,
    resume_store::ResumeStore,
    sidecar::{self, Sidecar},
    sidecar_error::SidecarError,
    sidecar_locations::SidecarLocations,
    transport_memory::TransportMemory,
};
use crate::{app::visible, config, http::Client, paths::Paths};

/// Why these settings prevent every link, and what to change: each is valid, but they don't go
/// together.
pub fn settings_mistake(settings: &config::TunnelConfig) -> Option<String> {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| settings.service.strip_prefix(scheme));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
        return Some(
            "[tunnel] service must be an address that starts with https://. Correct it, or remove it to use trycloudflare.com.".into(),
        );
    }
    match invocation::reserved(&settings.args) {
        Some(flag) => Some(problem::reserved_flag_mistake(flag)),
        None => NamedTunnel::of(settings)
            .err()
            .map(|error| error.to_string()),
    }
}

/// Why the cloudflared in the settings can't be run: there is none.
pub fn missing_cloudflared(settings: &config::TunnelConfig) -> Option<String> {
    let file = &settings.cloudflared;
    (!file.as_os_str().is_empty() && !file.is_file()).then(|| {
        format!(
            "[tunnel] cloudflared is {}, but there is no such file. Correct it, or remove it to use the cloudflared that comes with Spot Serve.",
            visible(&file.to_string_lossy())
        )
    })
}

/// What all tunnels of the program share.
#[derive(Debug)]
pub struct Setup {
    pub(super) settings: RwLock<Arc<config::TunnelConfig>>,
    pub(super) locations: SidecarLocations,
    /// The directory for downloaded sidecars. It is one of the locations.
    pub(super) data: PathBuf,
    /// An empty file, see [`invocation::Invocation`].
    empty_config: PathBuf,
    pub(super) client: Client,
    pub(super) cooldown: Arc<Cooldown>,
    pub(super) transport_memory: TransportMemory,
    pub(super) named_tunnel_in_use: Arc<AtomicBool>,
    /// The sidecar that this program came with.
    pinned_sidecar: PinnedSidecar,
    sidecar: sidecar::Verified,
    pub(super) resume_store: ResumeStore,
}

impl Setup {
    /// Loads what earlier runs left.
    pub fn new(settings: config::TunnelConfig, paths: &Paths) -> Self {
        let locations = SidecarLocations::of_this_program(&paths.data);
        Self {
            settings: RwLock::new(Arc::new(settings)),
            pinned_sidecar: PinnedSidecar::open(pins::for_this_target(), &locations),
            locations,
            data: paths.data.clone(),
            empty_config: paths.empty_tunnel_config(),
            client: Client::from_environment(),
            cooldown: Arc::new(Cooldown::load(&paths.service_file())),
            transport_memory: TransportMemory::load(&paths.protocols_file()),
            named_tunnel_in_use: Arc::default(),
            sidecar: sidecar::Verified::default(),
            resume_store: ResumeStore::default(),
        }
    }

    /// Keeps names across restarts of the program.
    pub fn with_resume_store(mut self, store: ResumeStore) -> Self {
        self.resume_store = store;
        self
    }

    /// The names that are kept across restarts.
    pub fn resume_store(&self) -> &ResumeStore {
        &self.resume_store
    }

    /// Waits until all files are written.
    pub fn finish(&self) {
        self.resume_store.finish();
        self.cooldown.finish();
        self.transport_memory.finish();
    }

    /// Changes the settings for what starts from now on.
    pub fn change(&self, settings: config::TunnelConfig) {
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    pub fn settings(&self) -> Arc<config::TunnelConfig> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether tunnels that start from now on are quick tunnels.
    pub fn is_quick(&self) -> bool {
        !matches!(NamedTunnel::of(&self.settings()), Ok(Some(_)))
    }

    /// Finds the sidecar. Verifies a pinned one if it has changed since the last time.
    ///
    /// # Errors
    /// There is none, or it may not be run.
    pub fn find_sidecar(&self) -> Result<Sidecar, SidecarError> {
        self.find_sidecar_of(&self.settings())
    }

    pub fn find_sidecar_of(
        &self,
        settings: &config::TunnelConfig,
    ) -> Result<Sidecar, SidecarError> {
        sidecar::find(
            &settings.cloudflared,
            pins::for_this_target(),
            &self.locations,
            &self.pinned_sidecar,
            &self.sidecar,
        )
    }

    /// Downloads the sidecar that belongs to this program. `progress` gets the bytes so far and the
    /// total.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn fetch_sidecar(
        &self,
        pin: &Pin,
        progress: impl FnMut(u64, u64),
    ) -> Result<PathBuf, FetchError> {
        fetch::fetch(&self.client, pin, &self.data, progress).await
    }

    /// How long the service is not asked because it answered 429.
    pub fn cooldown_left(&self) -> Option<Duration> {
        self.cooldown.left()
    }

    /// Whether a download would help: a missing sidecar would be there afterwards, and one that an
    /// earlier version of the program downloaded would be replaced.
    pub fn is_cured_by_download(&self, error: &SidecarError) -> bool {
        pins::for_this_target().is_some()
            && match error {
                SidecarError::Missing => true,
                SidecarError::WrongHash(place) | SidecarError::Unreadable(place, _) => {
                    place.parent() == Some(&self.data)
                }
                SidecarError::NotThere(_) => false,
            }
    }

    /// The client for the program's own requests.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    pub fn empty_config(&self) -> &Path {
        &self.empty_config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloudflared_that_is_not_there_is_a_mistake() {
        let of = |cloudflared: PathBuf| {
            missing_cloudflared(&config::TunnelConfig {
                cloudflared,
                ..config::TunnelConfig::default()
            })
        };
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("cloudflared");
        assert!(of(file.clone()).unwrap().contains("no such file"));
        std::fs::write(&file, "").unwrap();
        assert_eq!(of(file), None);
        assert_eq!(of(PathBuf::new()), None);
    }

    #[test]
    fn a_service_that_is_no_address_is_a_mistake() {
        let of = |service: &str| {
            settings_mistake(&config::TunnelConfig {
                service: service.into(),
                ..config::TunnelConfig::default()
            })
        };
        for wrong in ["", "trycloudflare", "ftp://a", "https://", "https:///x"] {
            assert!(of(wrong).unwrap().contains("[tunnel] service"), "{wrong}");
        }
        assert_eq!(of("https://api.trycloudflare.com"), None);
        assert_eq!(of("http://127.0.0.1:8080"), None);
    }
}
