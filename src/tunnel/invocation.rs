//! How cloudflared is started: its arguments and its environment.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use super::{origin::Origin, transport::Transport};

/// The variables that reach cloudflared. Everything else is left out, since any `TUNNEL_…`
/// variable of the person would change what it does.
const KEPT_VARIABLES: &[&str] = &[
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

/// What the program must say itself: where to, and how it is listened to.
const RESERVED_FLAGS: &[&str] = &["config", "loglevel", "metrics", "output", "url"];

/// The first of the person's arguments that would make a tunnel that can't be followed, or that
/// leads somewhere else.
pub fn reserved(extra: &[String]) -> Option<&str> {
    extra.iter().find_map(|argument| {
        let flag = argument.split('=').next()?;
        // cloudflared takes a flag with one dash as well.
        let name = flag.strip_prefix("--").or_else(|| flag.strip_prefix('-'))?;
        RESERVED_FLAGS.contains(&name).then_some(flag)
    })
}

/// What one cloudflared is to do.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    pub origin: &'a Origin,
    pub transport: Transport,
    pub tunnel: Whose<'a>,
    /// An empty file: without `--config` cloudflared would take the person's
    /// `~/.cloudflared/config.yml`, whose ingress rules answer every visitor with 404.
    pub empty_config: &'a Path,
    /// The person's own arguments.
    pub extra: &'a [String],
}

/// Whose tunnel it serves.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// A quick tunnel; the proxy at this address says which.
    Quick { proxy: &'a str },
    /// The person's own; its token is given in the environment, which no process list shows.
    Token,
    /// The person's own, with this credentials file and tunnel id.
    Credentials { file: &'a Path, id: &'a str },
}

impl Invocation<'_> {
    /// The arguments; the person's own come last among the options, so they win.
    pub fn arguments(&self) -> Vec<OsString> {
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
                // What is in flight when another one takes over may end in peace. A stop
                // does not wait for it.
                "--grace-period",
                "30s",
                // A cut connection is tried again without a long pause.
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
        if let Whose::Quick { proxy } = self.tunnel {
            arguments.extend(["--quick-service", proxy].map(OsString::from));
        }
        arguments.extend(self.extra.iter().map(OsString::from));
        match self.tunnel {
            Whose::Quick { .. } => {}
            Whose::Token => arguments.push("run".into()),
            Whose::Credentials { file, id } => {
                arguments.extend([
                    "run".into(),
                    "--credentials-file".into(),
                    file.into(),
                    id.into(),
                ]);
            }
        }
        arguments
    }
}

/// Those of `variables` that cloudflared may see.
pub fn environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    variables.filter(|(name, _)| is_kept(name))
}

fn is_kept(name: &OsStr) -> bool {
    KEPT_VARIABLES.iter().any(|kept| {
        // `Path` and `PATH` are one variable on Windows, and it is written in either way.
        match cfg!(windows) {
            true => name.eq_ignore_ascii_case(kept),
            false => name == OsStr::new(kept),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(tunnel: Whose<'_>) -> Vec<OsString> {
        let origin = Origin {
            address: "127.0.0.1:8080".parse().unwrap(),
            host: Some("localhost:3000".into()),
        };
        Invocation {
            origin: &origin,
            transport: Transport::Http2,
            tunnel,
            empty_config: Path::new("/e.yml"),
            extra: &["--edge".into(), "127.0.0.1:1".into()],
        }
        .arguments()
    }

    #[test]
    fn the_persons_arguments_come_last() {
        let arguments = arguments(Whose::Quick {
            proxy: "http://127.0.0.1:1/x",
        });
        assert_eq!(arguments[..3], ["tunnel", "--config", "/e.yml"]);
        assert_eq!(arguments[arguments.len() - 2..], ["--edge", "127.0.0.1:1"]);
        let host = ["--http-host-header", "localhost:3000"];
        assert!(arguments.windows(2).any(|pair| pair == host));
    }

    #[test]
    fn what_the_program_says_itself_is_reserved() {
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
    fn an_own_tunnel_asks_nobody_for_a_name() {
        let file = Path::new("/c.json");
        for arguments in [
            arguments(Whose::Token),
            arguments(Whose::Credentials { file, id: "an-id" }),
        ] {
            assert!(arguments.contains(&"run".into()));
            assert!(!arguments.contains(&"--quick-service".into()));
        }
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
