//! A named tunnel: one on the user's own Cloudflare account, with a link that never changes.

use std::{
    ffi::OsString,
    fs, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Deserialize;

use crate::{
    app::{Problem, STILL_AVAILABLE},
    config::{self, Secret},
};

/// A named tunnel that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTunnel {
    /// `share.example.org`
    pub hostname: String,
    pub credentials: Credentials,
}

/// What proves to Cloudflare that the tunnel belongs to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    Token(Secret),
    File { file: PathBuf, id: String },
}

/// The settings name a tunnel that can't be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamedTunnelError {
    #[error(
        "[tunnel] token or credentials is set, but not hostname. Set hostname to the public name of your tunnel."
    )]
    NoHostname,
    #[error(
        "[tunnel] hostname is set, but neither token nor credentials. Set one of them, or remove hostname to get a new link for each share."
    )]
    NoCredentials,
    #[error("[tunnel] token and credentials are both set. Remove one of them: either is enough.")]
    TwoCredentials,
    #[error(
        "[tunnel] hostname must be a name such as share.example.org, without a port or a path. Correct it."
    )]
    BadHostname,
    #[error(
        "The credentials file of your tunnel, {0}, can't be used: {1}. Correct [tunnel] credentials in the settings."
    )]
    BadFile(PathBuf, String),
    #[error("Your permanent link, {0}, is already in use by another share. Stop that share first.")]
    InUse(String),
}

#[derive(Deserialize)]
struct CredentialsFile {
    #[serde(rename = "TunnelID")]
    id: String,
}

impl NamedTunnel {
    /// The named tunnel in the settings; `None` if they have none.
    ///
    /// # Errors
    /// The settings are incomplete, or the credentials file can't be used.
    pub fn of(settings: &config::TunnelConfig) -> Result<Option<Self>, NamedTunnelError> {
        let has_file = !settings.credentials.as_os_str().is_empty();
        let has_credentials = !settings.token.is_empty() || has_file;
        let hostname = settings
            .hostname
            .trim()
            .trim_start_matches("https://")
            .trim_end_matches('/');
        if hostname.is_empty() {
            return if has_credentials {
                Err(NamedTunnelError::NoHostname)
            } else {
                Ok(None)
            };
        }
        if !hostname
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) || !byte.is_ascii())
        {
            return Err(NamedTunnelError::BadHostname);
        }
        if has_file && !settings.token.is_empty() {
            return Err(NamedTunnelError::TwoCredentials);
        }
        let credentials = if !settings.token.is_empty() {
            Credentials::Token(settings.token.clone())
        } else if has_file {
            let file = settings.credentials.clone();
            let bad = |why: String| NamedTunnelError::BadFile(file.clone(), why);
            let text = fs::read(&file).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => bad("there is no such file".into()),
                io::ErrorKind::PermissionDenied => bad("you have no permission to read it".into()),
                _ => bad(error.to_string()),
            })?;
            // The parser's own error could quote the secret.
            let read: CredentialsFile =
                serde_json::from_slice(&text).map_err(|_| bad("it has no TunnelID".into()))?;
            Credentials::File { file, id: read.id }
        } else {
            return Err(NamedTunnelError::NoCredentials);
        };
        Ok(Some(Self {
            hostname: hostname.to_ascii_lowercase(),
            credentials,
        }))
    }

    /// `https://share.example.org`
    pub fn link(&self) -> String {
        format!("https://{}", self.hostname)
    }

    /// The subcommand of `cloudflared tunnel` that runs it. A token is passed in the environment.
    pub fn subcommand(&self) -> Vec<OsString> {
        match &self.credentials {
            Credentials::Token(_) => vec!["run".into()],
            Credentials::File { file, id } => vec![
                "run".into(),
                "--credentials-file".into(),
                file.into(),
                id.into(),
            ],
        }
    }
}

impl NamedTunnelError {
    /// The problem of a share whose named tunnel can't be used.
    pub fn problem(&self) -> Problem {
        Problem {
            short: "your permanent link can't be used".into(),
            sentence: format!("{self} {STILL_AVAILABLE}"),
            retry_in: None,
            needs_download: false,
        }
    }
}

/// The right to use the named tunnel. One share at a time has it.
#[derive(Debug)]
pub struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Takes the right; `None` if another share has it.
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
    fn a_named_tunnel_needs_a_name_and_credentials() {
        assert_eq!(NamedTunnel::of(&settings("", "")), Ok(None));
        assert_eq!(
            NamedTunnel::of(&settings("t", "")),
            Err(NamedTunnelError::NoHostname)
        );
        assert_eq!(
            NamedTunnel::of(&settings("", "a.example.org")),
            Err(NamedTunnelError::NoCredentials)
        );
        let tunnel = NamedTunnel::of(&settings("t", "https://A.example.org/"))
            .unwrap()
            .unwrap();
        assert_eq!(tunnel.link(), "https://a.example.org");
    }

    #[test]
    fn settings_that_contradict_each_other_name_the_key() {
        for hostname in [
            "http://a.example.org",
            "a.example.org/x",
            "a.example.org:80",
        ] {
            assert_eq!(
                NamedTunnel::of(&settings("t", hostname)),
                Err(NamedTunnelError::BadHostname)
            );
        }
        let mut both = settings("t", "a.example.org");
        both.credentials = "/c.json".into();
        let error = NamedTunnel::of(&both).unwrap_err();
        assert_eq!(error, NamedTunnelError::TwoCredentials);
    }

    #[test]
    fn the_token_is_not_shown() {
        let tunnel = NamedTunnel::of(&settings("top-secret", "a.example.org"))
            .unwrap()
            .unwrap();
        assert!(!format!("{tunnel:?}").contains("top-secret"));
    }

    #[test]
    fn a_credentials_file_has_the_id_of_its_tunnel() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.json");
        let mut settings = settings("", "a.example.org");
        settings.credentials = file.clone();
        let error = NamedTunnel::of(&settings).unwrap_err().to_string();
        assert!(
            error.contains("can't be used: there is no such file."),
            "{error}"
        );
        fs::write(
            &file,
            r#"{"AccountTag":"a","TunnelSecret":"top-secret","TunnelID":"the-id"}"#,
        )
        .unwrap();
        let tunnel = NamedTunnel::of(&settings).unwrap().unwrap();
        assert_eq!(
            tunnel.credentials,
            Credentials::File {
                file: file.clone(),
                id: "the-id".into()
            }
        );
        fs::write(&file, r#"{"TunnelSecret":"top-secret"}"#).unwrap();
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

    #[test]
    fn a_token_is_not_in_the_arguments() {
        let token = NamedTunnel::of(&settings("top-secret", "a.example.org"));
        assert_eq!(token.unwrap().unwrap().subcommand(), ["run"]);
        let file = NamedTunnel {
            hostname: "a.example.org".into(),
            credentials: Credentials::File {
                file: "/c.json".into(),
                id: "an-id".into(),
            },
        };
        let expected = ["run", "--credentials-file", "/c.json", "an-id"];
        assert_eq!(file.subcommand(), expected);
    }
}
