//! `config.toml`: what a person may want to change. Its keys are a contract.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Everything that can be set; what a file leaves out has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub app: App,
    pub server: Server,
    pub tunnel: Tunnel,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct App {
    /// Show desktop notifications.
    pub notifications: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Serve hidden files too.
    pub hidden: bool,
    /// Port on loopback; 0 takes any free one.
    pub port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tunnel {
    /// Path of the person's own cloudflared; empty: the one that comes with the program.
    pub cloudflared: PathBuf,
    /// Who gives out quick tunnels.
    pub service: String,
    /// Extra arguments for cloudflared.
    pub args: Vec<String>,
    pub protocol: Protocol,
}

/// How cloudflared reaches the edge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    #[default]
    Auto,
    Quic,
    Http2,
}

impl Protocol {
    /// The word cloudflared takes for it.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Quic => "quic",
            Self::Http2 => "http2",
        }
    }
}

impl Default for App {
    fn default() -> Self {
        Self {
            notifications: true,
        }
    }
}

impl Default for Tunnel {
    fn default() -> Self {
        Self {
            cloudflared: PathBuf::new(),
            service: "https://api.trycloudflare.com".into(),
            args: Vec::new(),
            protocol: Protocol::Auto,
        }
    }
}

/// The settings can't be used; the sentence names line and key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("The settings in {path} can't be read: {source}. Spot Serve uses its defaults.")]
    Read { path: PathBuf, source: io::Error },
    #[error(
        "The settings in {path} have a mistake, so Spot Serve uses its defaults until it is mended:\n{source}"
    )]
    Parse {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
}

impl Config {
    /// Reads the settings; a file that is not there means the defaults.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                return Err(ConfigError::Read {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        toml::from_str(&text).map_err(|source| ConfigError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn what_a_file_leaves_out_has_its_default() {
        let config = parse("[tunnel]\nprotocol = \"http2\"\n").unwrap();
        assert_eq!(config.tunnel.protocol, Protocol::Http2);
        assert_eq!(config.tunnel.service, "https://api.trycloudflare.com");
        assert!(config.app.notifications);
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_key() {
        let error = parse("[app]\nnotifications = true\n[server]\nprot = 80\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 4"), "{error}");
        assert!(error.contains("prot"), "{error}");
    }
}
