//! The person's own tunnel, on their own Cloudflare account: a link that never changes.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Deserialize;

use crate::{
    app::Problem,
    config::{self, Secret},
    tunnel::problem::STAYS_ALSO,
};

/// An own tunnel that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTunnel {
    /// `share.example.org`
    pub hostname: String,
    pub proof: Credentials,
}

/// What shows Cloudflare that the tunnel is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    Token(Secret),
    Credentials { file: PathBuf, id: String },
}

/// The settings ask for an own tunnel that can't be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamedTunnelError {
    #[error(
        "The settings have a tunnel of your own without its name. Set [tunnel] hostname to the public name that it has in your Cloudflare account."
    )]
    NoHostname,
    #[error(
        "The settings have [tunnel] hostname without a tunnel. Set [tunnel] token, or credentials, or remove hostname to get a new link each time."
    )]
    NoProof,
    #[error(
        "The credentials of your tunnel, {0}, can't be used ({1}). Correct [tunnel] credentials in the settings."
    )]
    Credentials(PathBuf, String),
    #[error(
        "Your own tunnel has one name, {0}, which serves another share already. Stop that one first."
    )]
    InUse(String),
}

#[derive(Deserialize)]
struct CredentialsFile {
    #[serde(rename = "TunnelID")]
    id: String,
}

impl NamedTunnel {
    /// The own tunnel that the settings name; `None` when they name none.
    pub fn of(settings: &config::TunnelConfig) -> Result<Option<Self>, NamedTunnelError> {
        let has_file = !settings.credentials.as_os_str().is_empty();
        let has_proof = !settings.token.is_empty() || has_file;
        let hostname = settings
            .hostname
            .trim()
            .trim_start_matches("https://")
            .trim_end_matches('/');
        if hostname.is_empty() {
            return if has_proof {
                Err(NamedTunnelError::NoHostname)
            } else {
                Ok(None)
            };
        }
        let proof = if !settings.token.is_empty() {
            Credentials::Token(settings.token.clone())
        } else if has_file {
            let file = settings.credentials.clone();
            let wrong = |why: String| NamedTunnelError::Credentials(file.clone(), why);
            let text = std::fs::read(&file).map_err(|error| wrong(error.to_string()))?;
            // The error of the parser could quote the secret.
            let read: CredentialsFile = serde_json::from_slice(&text)
                .map_err(|_| wrong("there is no TunnelID in it".into()))?;
            Credentials::Credentials { file, id: read.id }
        } else {
            return Err(NamedTunnelError::NoProof);
        };
        Ok(Some(Self {
            hostname: hostname.to_ascii_lowercase(),
            proof,
        }))
    }

    pub fn link(&self) -> String {
        format!("https://{}", self.hostname)
    }
}

impl NamedTunnelError {
    pub fn problem(&self) -> Problem {
        Problem {
            short: "your own tunnel can't be used".into(),
            sentence: format!("{self} {STAYS_ALSO}"),
            retry_in: None,
            needs_download: false,
        }
    }
}

/// The right to serve the own tunnel's name: one share at a time has it.
#[derive(Debug)]
pub struct Claim(Arc<AtomicBool>);

impl Claim {
    pub fn take(in_use: &Arc<AtomicBool>) -> Option<Self> {
        let was_in_use = in_use.swap(true, Ordering::Relaxed);
        (!was_in_use).then(|| Self(Arc::clone(in_use)))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(token: &str, hostname: &str) -> config::TunnelConfig {
        config::TunnelConfig {
            token: token.into(),
            hostname: hostname.into(),
            ..config::TunnelConfig::default()
        }
    }

    #[test]
    fn token_and_name_belong_together() {
        assert_eq!(NamedTunnel::of(&settings("", "")), Ok(None));
        assert_eq!(
            NamedTunnel::of(&settings("t", "")),
            Err(NamedTunnelError::NoHostname)
        );
        assert_eq!(
            NamedTunnel::of(&settings("", "a.example.org")),
            Err(NamedTunnelError::NoProof)
        );
        let own = NamedTunnel::of(&settings("t", "https://A.example.org/"))
            .unwrap()
            .unwrap();
        assert_eq!(own.link(), "https://a.example.org");
    }

    #[test]
    fn the_token_is_not_shown() {
        let own = NamedTunnel::of(&settings("top-secret", "a.example.org"))
            .unwrap()
            .unwrap();
        assert!(!format!("{own:?}").contains("top-secret"));
    }

    #[test]
    fn a_credentials_file_names_its_tunnel() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.json");
        let mut settings = settings("", "a.example.org");
        settings.credentials = file.clone();
        assert!(matches!(
            NamedTunnel::of(&settings),
            Err(NamedTunnelError::Credentials(..))
        ));
        std::fs::write(
            &file,
            r#"{"AccountTag":"a","TunnelSecret":"top-secret","TunnelID":"the-id"}"#,
        )
        .unwrap();
        let own = NamedTunnel::of(&settings).unwrap().unwrap();
        assert_eq!(
            own.proof,
            Credentials::Credentials {
                file: file.clone(),
                id: "the-id".into()
            }
        );
        std::fs::write(&file, r#"{"TunnelSecret":"top-secret"}"#).unwrap();
        let error = NamedTunnel::of(&settings).unwrap_err().to_string();
        assert!(!error.contains("top-secret"), "{error}");
    }

    #[test]
    fn one_share_at_a_time_has_the_name() {
        let in_use = Arc::new(AtomicBool::default());
        let first = Claim::take(&in_use).unwrap();
        assert!(Claim::take(&in_use).is_none());
        drop(first);
        assert!(Claim::take(&in_use).is_some());
    }
}
