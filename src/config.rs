//! `config.toml`: what a person may want to change. Its keys are a contract.

use std::{
    fmt, fs, io,
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
    /// Share again at the next start what was shared, under the same links.
    pub resume: bool,
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
    /// The token of a tunnel on the person's own Cloudflare account.
    pub token: Secret,
    /// Instead of the token: the file that `cloudflared tunnel create` left.
    pub credentials: PathBuf,
    /// The public name of that tunnel.
    pub hostname: String,
}

/// A text that is in the settings and must be nowhere else.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "none" } else { "secret" })
    }
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
            resume: false,
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
            token: Secret::default(),
            credentials: PathBuf::new(),
            hostname: String::new(),
        }
    }
}

/// The settings can't be used; the sentence names line and key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("The settings in {path} can't be read: {source}.")]
    Read { path: PathBuf, source: io::Error },
    #[error("The settings in {path} have a mistake:\n{source}")]
    Parse {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
    /// As before; the line is not shown, since the token is in it.
    #[error("The settings in {path} have a mistake in the line of [tunnel] token.")]
    Token { path: PathBuf },
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
        let mut config: Self = toml::from_str(&text).map_err(|source: toml::de::Error| {
            let path = path.to_owned();
            if shows_token(&text, &source) {
                return ConfigError::Token { path };
            }
            ConfigError::Parse {
                path,
                source: Box::new(source),
            }
        })?;
        config.tunnel.take_service_from_args();
        Ok(config)
    }
}

impl Config {
    /// The settings as TOML, for somebody to read: a secret is not shown.
    pub fn shown(&self) -> Result<String, toml::ser::Error> {
        let mut shown = self.clone();
        if !shown.tunnel.token.is_empty() {
            shown.tunnel.token = "(set, not shown)".into();
        }
        toml::to_string(&shown)
    }
}

impl Tunnel {
    /// cloudflared is to ask the app for its tunnel, which asks the service in its place. A
    /// `--quick-service` among the arguments would go round that, so it counts as `service`.
    fn take_service_from_args(&mut self) {
        const FLAG: &str = "--quick-service";
        let mut args = std::mem::take(&mut self.args).into_iter();
        while let Some(arg) = args.next() {
            if arg == FLAG {
                self.service = args.next().unwrap_or_default();
            } else if let Some(service) = arg.strip_prefix(FLAG).and_then(|s| s.strip_prefix('=')) {
                self.service = service.to_owned();
            } else {
                self.args.push(arg);
            }
        }
    }
}

/// The parser quotes the lines of a mistake.
fn shows_token(text: &str, error: &toml::de::Error) -> bool {
    let Some(span) = error.span() else {
        return false;
    };
    let begin = text[..span.start.min(text.len())]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let end = text[span.end.min(text.len())..]
        .find('\n')
        .map_or(text.len(), |at| span.end + at);
    text[begin..end].contains("token")
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
    fn the_service_among_the_arguments_is_the_service() {
        for args in [
            r#"["--edge", "a:1", "--quick-service", "http://b", "--label", "c"]"#,
            r#"["--edge", "a:1", "--quick-service=http://b", "--label", "c"]"#,
        ] {
            let config = parse(&format!("[tunnel]\nargs = {args}\n")).unwrap();
            assert_eq!(config.tunnel.service, "http://b");
            assert_eq!(config.tunnel.args, ["--edge", "a:1", "--label", "c"]);
        }
    }

    #[test]
    fn a_mistake_beside_the_token_does_not_show_it() {
        for text in [
            "[tunnel]\ntoken = \"top-secret",
            "[tunnel]\ntoken = top-secret\n",
            "[tunnel]\ntoken = \"top-secret\" x\n",
        ] {
            let error = parse(text).unwrap_err();
            assert!(!error.to_string().contains("top-secret"), "{error}");
            assert!(!format!("{error:?}").contains("top-secret"), "{error:?}");
        }
        let config = parse("[tunnel]\ntoken = \"top-secret\"\n").unwrap();
        assert!(!format!("{config:?}").contains("top-secret"));
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
