//! The settings in `config.toml`. Their keys are a contract.

mod limit;
mod mistake;
mod protection;
mod receive;
mod sender;
mod speed_limit;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use self::{limit::unless_empty, mistake::explain, protection::may_protect};
pub use self::{
    receive::{InboxFolder, ReceiveConfig, SizeLimit},
    sender::Sender,
    speed_limit::SpeedLimit,
};
pub use crate::app::Secret;
use crate::app::{Defaults, Notifications, duration};

/// All settings. What the file leaves out has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub app: AppConfig,
    pub share: ShareConfig,
    pub receive: ReceiveConfig,
    pub server: ServerConfig,
    pub tunnel: TunnelConfig,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppConfig {
    /// Show desktop notifications.
    pub notifications: bool,
    /// Which of them.
    pub notify: Notifications,
    /// Keep the computer from going to sleep while somebody downloads.
    pub keep_awake: bool,
    /// Resume shares at the next start, with the same links.
    pub resume: bool,
    /// Keep a history of who visited, what they took and what they handed in.
    pub history: bool,
    /// Whether to ask for newer versions without being told to.
    pub update_check: UpdateCheck,
}

/// How often to ask for newer versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpdateCheck {
    #[default]
    Never,
    /// Except in a copy that a shop updates.
    Weekly,
}

/// The settings of new shares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShareConfig {
    /// Require a generated password.
    pub password: bool,
    /// Stop each share after this time.
    pub stop_after: StopAfter,
    /// Visitors of a folder may add files to it.
    pub uploads: bool,
    /// Open folders and files to the local network, too.
    pub lan: bool,
    /// Tell visitors where photos were taken.
    pub show_places: bool,
    /// Who shares, as visitors of all shares read it.
    pub sender: Sender,
}

/// A time, such as `90m`; empty for no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StopAfter(pub Option<Duration>);

impl TryFrom<String> for StopAfter {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        unless_empty(&text, "a length of time", duration::parse).map(Self)
    }
}

impl From<StopAfter> for String {
    fn from(stop_after: StopAfter) -> Self {
        stop_after.0.map(duration::compact).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Serve hidden files.
    pub hidden: bool,
    /// Let scripts of other websites read new shares while they need no password.
    pub cors: bool,
    /// Port on loopback. 0 takes any free one.
    pub port: u16,
    /// How fast each share may send.
    pub limit: SpeedLimit,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TunnelConfig {
    /// Path of the user's own cloudflared. If empty, the one that comes with the program is used.
    pub cloudflared: PathBuf,
    /// The service that provides quick tunnels.
    pub service: String,
    /// Extra arguments for cloudflared.
    pub args: Vec<String>,
    pub protocol: Protocol,
    /// The token of a tunnel in the user's Cloudflare account.
    pub token: Secret,
    /// Instead of the token: the file created by `cloudflared tunnel create`.
    pub credentials: PathBuf,
    /// The public name of that tunnel.
    pub hostname: String,
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

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            notifications: true,
            notify: Notifications::default(),
            keep_awake: true,
            resume: false,
            history: true,
            update_check: UpdateCheck::Never,
        }
    }
}

impl Default for TunnelConfig {
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

/// The settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "Can't read the settings in {path}: {source}. Make it a readable text file, or remove it."
    )]
    Read { path: PathBuf, source: io::Error },
    /// The line itself is not shown, since it may contain a secret.
    #[error("The settings in {path} have a mistake on line {line}: {what}.")]
    Parse {
        path: PathBuf,
        line: usize,
        what: String,
        /// They may require a password of visitors, or limit the time of shares.
        may_protect: bool,
    },
}

impl ConfigError {
    fn of(text: &str, path: &Path, error: &toml::de::Error) -> Self {
        let (line, what) = explain(text, error);
        Self::Parse {
            path: path.to_owned(),
            line,
            what,
            may_protect: may_protect(text),
        }
    }

    /// The settings to start with until this is fixed: the defaults, but a mistake takes away no
    /// password that visitors may need.
    pub fn substitute(&self) -> Config {
        Config {
            share: ShareConfig {
                password: self.may_protect(),
                ..ShareConfig::default()
            },
            ..Config::default()
        }
    }

    /// What that means, after the subject: `uses the defaults`.
    pub fn substitute_in_words(&self) -> &'static str {
        if self.may_protect() {
            "uses the defaults, without a time limit, but requires a password for new shares, because your settings may do so"
        } else {
            "uses the defaults: new shares need no password and have no time limit"
        }
    }

    fn may_protect(&self) -> bool {
        match self {
            // It may say anything.
            Self::Read { .. } => true,
            Self::Parse { may_protect, .. } => *may_protect,
        }
    }
}

impl Config {
    /// Reads the settings. Without a file, these are the defaults.
    ///
    /// # Errors
    /// The file can't be read or parsed.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(&read(path)?, path)
    }

    /// The settings that new shares have.
    pub fn defaults(&self) -> Defaults {
        Defaults {
            password: self.share.password,
            stop_after: self.share.stop_after.0,
            uploads: self.share.uploads,
            hidden: self.server.hidden,
            cors: self.server.cors,
            places: self.share.show_places,
            lan: self.share.lan,
            max_size: self.receive.max_size.0,
            speed_limit: self.server.limit.0,
        }
    }

    /// The notifications that are shown.
    pub fn notifications(&self) -> Notifications {
        if self.app.notifications {
            self.app.notify.clone()
        } else {
            Notifications::of([])
        }
    }

    /// Parses settings that were read from `path`.
    ///
    /// # Errors
    /// They can't be parsed.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let mut config: Self =
            toml::from_str(text).map_err(|error| ConfigError::of(text, path, &error))?;
        config.tunnel.take_service_from_args();
        Ok(config)
    }

    /// The settings as TOML for display, without secrets.
    ///
    /// # Errors
    /// They can't be represented as TOML.
    pub fn shown(&self) -> Result<String, toml::ser::Error> {
        let mut shown = self.clone();
        if !shown.tunnel.token.is_empty() {
            shown.tunnel.token = "(set, not shown)".into();
        }
        toml::to_string(&shown)
    }
}

/// The text of the settings at `path`. Empty if there is no file.
///
/// # Errors
/// The file can't be read.
pub fn read(path: &Path) -> Result<String, ConfigError> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

impl TunnelConfig {
    /// Moves `--quick-service` from the arguments to `service`. cloudflared must get its tunnel from
    /// this program, which asks the service itself.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::NotificationKind;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn missing_settings_have_their_defaults() {
        let config = parse("[tunnel]\nprotocol = \"http2\"\n").unwrap();
        assert_eq!(config.tunnel.protocol, Protocol::Http2);
        assert_eq!(config.tunnel.service, "https://api.trycloudflare.com");
        assert!(config.app.notifications && config.app.keep_awake && config.app.history);
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
            "[tunnel]\nTOKEN = \"top-secret\"\n",
            "[tunnel]\ntokn = \"top-secret\"\n",
            "[tunnel]\ntoken = \"\"\"a\ntop-secret-top-secret-top-secret\n",
        ] {
            let error = parse(text).unwrap_err();
            assert!(!error.to_string().contains("top-secret"), "{error}");
            assert!(!format!("{error:?}").contains("top-secret"), "{error:?}");
        }
        let config = parse("[tunnel]\ntoken = \"top-secret\"\n").unwrap();
        assert!(!format!("{config:?}").contains("top-secret"));
    }

    #[test]
    fn a_mistake_is_explained_in_plain_words() {
        for (text, words) in [
            (
                "[server]\nport = \"many\"",
                "line 2: `port` must be a number from 0 to 65535.",
            ),
            (
                "[server]\nport = 70000",
                "`port` must be a number from 0 to 65535.",
            ),
            (
                "[share]\nstop_after = \"90\"",
                "line 2: the value is not a length of time; write a number and m, h, d or w",
            ),
            (
                "[share]\npassword = \"x\"",
                "`password` must be true or false.",
            ),
            ("[app]\nresume = 1", "`resume` must be true or false."),
            ("[server]\ncors = \"*\"", "`cors` must be true or false."),
            (
                "[app]\nupdate_check = \"daily\"",
                "`update_check` must be one of \"never\" or \"weekly\".",
            ),
            (
                "[app]\nhistory = \"no\"",
                "`history` must be true or false.",
            ),
            ("[tunnel]\nservice = 1", "`service` must be text in quotes."),
            (
                "[tunnel]\ncloudflared = 1",
                "`cloudflared` must be text in quotes.",
            ),
            (
                "[tunnel]\nargs = \"-x\"",
                "`args` must be a list in square brackets.",
            ),
            (
                "[tunnel]\nprotocol = \"tcp\"",
                "`protocol` must be one of \"auto\", \"quic\", \"http2\".",
            ),
            (
                "[server]\nprot = 1",
                "there is no setting `prot` here. The settings here are `hidden`",
            ),
            (
                "server = 1",
                "`server` must be a section: a name in square brackets on a line of its own.",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn each_kind_of_notification_can_be_left_out() {
        let config = parse("[app]\nnotify = [\"online\", \"problem\"]\n").unwrap();
        let wanted = config.notifications();
        assert!(wanted.have(NotificationKind::Problem) && !wanted.have(NotificationKind::Visit));
        let shown = config.shown().unwrap();
        assert!(
            shown.contains("notify = [\"online\", \"problem\"]"),
            "{shown}"
        );
        let off = parse("[app]\nnotifications = false\n").unwrap();
        assert_eq!(off.notifications(), Notifications::of([]));
        assert_eq!(parse("").unwrap().notifications(), Notifications::default());
        for (text, words) in [
            (
                "[app]\nnotify = [\"visits\"]",
                "`notify` must be one of \"online\", \"visit\", \"download\", \"received\", \"problem\".",
            ),
            (
                "[app]\nnotify = true",
                "`notify` must be a list in square brackets.",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn shares_can_have_other_defaults() {
        let config = parse("[share]\npassword = true\nstop_after = \"90m\"\n").unwrap();
        let defaults = config.defaults();
        assert!(defaults.password);
        assert_eq!(defaults.stop_after, Some(Duration::from_secs(5400)));
        assert!(config.shown().unwrap().contains("stop_after = \"90m\""));
        let config = parse("[share]\nstop_after = \"\"\n").unwrap();
        assert_eq!(config.defaults(), Defaults::default());
    }

    #[test]
    fn an_error_names_line_and_key() {
        let error = parse("[app]\nnotifications = true\n[server]\nprot = 80\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 4"), "{error}");
        assert!(error.contains("prot"), "{error}");
    }
}
