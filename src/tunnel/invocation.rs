//! How to start cloudflared: its arguments and its environment.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use super::{origin::Origin, transport::Transport};

/// The environment variables that cloudflared may see. All others are left out, because any
/// `TUNNEL_…` variable of the user would change what it does.
const ALLOWED_VARIABLES: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TMP",
    "TEMP",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SystemRoot",
    "SystemDrive",
    "windir",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramData",
    "COMSPEC",
    "PATHEXT",
];

/// How long a visitor may take nothing of an answer before cloudflared ends it. Otherwise it keeps
/// the answer for as long as the visitor likes, even after the server has ended it, and what waits
/// in the tunnel for such visitors may hold up everybody else. Over HTTP/2 it has no such limit.
///
/// A variable and not the option of the same meaning, so that releases before 2024.2, which don't
/// know it, still start.
const WRITE_TIMEOUT: (&str, &str) = ("TUNNEL_STREAM_WRITE_TIMEOUT", "120s");

/// Options that only the program may set: where the tunnel leads, and how it is watched.
const RESERVED_FLAGS: &[&str] = &["config", "loglevel", "metrics", "output", "url"];

/// The first of the user's arguments that would make a tunnel lead somewhere else or impossible
/// to watch.
pub fn reserved(extra: &[String]) -> Option<&str> {
    extra.iter().find_map(|argument| {
        let flag = argument.split('=').next()?;
        // cloudflared also accepts a flag with one dash.
        let name = flag.strip_prefix("--").or_else(|| flag.strip_prefix('-'))?;
        RESERVED_FLAGS.contains(&name).then_some(flag)
    })
}

/// What one cloudflared is to do.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    pub origin: &'a Origin,
    pub transport: Transport,
    /// Options of the tunnel's source.
    pub source_options: Vec<OsString>,
    /// The subcommand that runs a named tunnel.
    pub subcommand: Vec<OsString>,
    /// An empty file: without `--config` cloudflared would read the user's
    /// `~/.cloudflared/config.yml`, whose ingress rules answer every visitor with 404.
    pub empty_config: &'a Path,
    /// The user's own arguments.
    pub extra: &'a [String],
}

impl Invocation<'_> {
    /// The arguments. The user's own come last among the options, so they win.
    pub fn arguments(self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::with_capacity(28);
        arguments.extend(["tunnel", "--config"].map(OsString::from));
        arguments.push(self.empty_config.into());
        arguments.extend(
            [
                "--no-autoupdate",
                "--metrics",
                "127.0.0.1:0",
                "--loglevel",
                "info",
                // When another cloudflared takes over, what is in flight may finish. Stopping a
                // share does not wait for it.
                "--grace-period",
                "30s",
                // Retry a lost connection without a long pause.
                "--retries",
                "0",
                "--protocol",
                self.transport.flag(),
                "--url",
                &format!("http://{}", self.origin.address),
            ]
            .map(OsString::from),
        );
        if let Some(host) = &self.origin.host {
            arguments.extend(["--http-host-header", host].map(OsString::from));
        }
        arguments.extend(self.source_options);
        arguments.extend(self.extra.iter().map(OsString::from));
        arguments.extend(self.subcommand);
        arguments
    }
}

/// The environment of a cloudflared that serves a share: what it may see of `variables`, and our own.
pub fn serving_environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    let (name, value) = WRITE_TIMEOUT;
    environment(variables).chain([(name.into(), value.into())])
}

/// The variables of `variables` that cloudflared may see.
pub fn environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    variables.filter(|(name, _)| is_allowed(name))
}

fn is_allowed(name: &OsStr) -> bool {
    ALLOWED_VARIABLES.iter().any(|allowed| {
        // On Windows `Path` and `PATH` are the same variable.
        if cfg!(windows) {
            name.eq_ignore_ascii_case(allowed)
        } else {
            name == OsStr::new(allowed)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(source_options: &[&str], subcommand: &[&str]) -> Vec<OsString> {
        let origin = Origin {
            address: "127.0.0.1:8080".parse().unwrap(),
            host: Some("localhost:3000".into()),
        };
        Invocation {
            origin: &origin,
            transport: Transport::Http2,
            source_options: source_options.iter().map(OsString::from).collect(),
            subcommand: subcommand.iter().map(OsString::from).collect(),
            empty_config: Path::new("/e.yml"),
            extra: &["--edge".into(), "127.0.0.1:1".into()],
        }
        .arguments()
    }

    #[test]
    fn the_users_options_come_last() {
        let arguments = arguments(&["--quick-service", "http://127.0.0.1:1/x"], &[]);
        assert_eq!(arguments[..3], ["tunnel", "--config", "/e.yml"]);
        assert_eq!(arguments[arguments.len() - 2..], ["--edge", "127.0.0.1:1"]);
        let host = ["--http-host-header", "localhost:3000"];
        assert!(arguments.windows(2).any(|pair| pair == host));
    }

    #[test]
    fn the_subcommand_of_a_named_tunnel_follows_the_options() {
        let arguments = arguments(&[], &["run"]);
        let last = ["--edge", "127.0.0.1:1", "run"];
        assert_eq!(arguments[arguments.len() - 3..], last);
    }

    #[test]
    fn options_of_the_program_are_reserved() {
        for (arguments, found) in [
            (&["--edge", "a:1", "--url", "http://b"][..], Some("--url")),
            (&["--config=/c.yml"], Some("--config")),
            (&["-loglevel", "debug"], Some("-loglevel")),
            (&["--label", "url", "--logfile", "/l"], None),
        ] {
            let arguments: Vec<String> = arguments.iter().map(|&one| one.into()).collect();
            assert_eq!(reserved(&arguments), found);
        }
    }

    #[test]
    fn answers_that_nobody_takes_end() {
        let given = [("TUNNEL_STREAM_WRITE_TIMEOUT".into(), "1h".into())];
        let left: Vec<_> = serving_environment(given.into_iter()).collect();
        assert_eq!(
            left,
            [("TUNNEL_STREAM_WRITE_TIMEOUT".into(), "120s".into())]
        );
    }

    #[test]
    fn tunnel_variables_do_not_reach_cloudflared() {
        let given = [
            ("TUNNEL_EDGE", "x"),
            ("HOME", "/h"),
            ("LD_PRELOAD", "y"),
            ("https_proxy", "p"),
        ];
        let kept: Vec<_> = environment(given.map(|(n, v)| (n.into(), v.into())).into_iter())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(kept, ["HOME", "https_proxy"]);
    }
}
