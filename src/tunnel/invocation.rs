//! How cloudflared is started: its arguments and its environment.

use std::{
    ffi::{OsStr, OsString},
    net::SocketAddr,
    path::Path,
};

use crate::config;

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

/// The arguments of a quick tunnel to `origin`; the person's own come last, so they win.
///
/// `empty_config` is an empty file: without `--config` cloudflared would take the person's
/// `~/.cloudflared/config.yml`, whose ingress rules answer every visitor of a quick tunnel with 404.
pub fn arguments(
    origin: SocketAddr,
    empty_config: &Path,
    settings: &config::Tunnel,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::with_capacity(24);
    arguments.extend(["tunnel", "--config"].map(OsString::from));
    arguments.push(empty_config.into());
    arguments.extend(
        [
            "--no-autoupdate",
            "--metrics",
            "127.0.0.1:0",
            "--loglevel",
            "info",
            // A download in flight must not keep it alive beyond the 3 s a stop may take.
            "--grace-period",
            "2s",
            // With these, QUIC that does not get through falls back to HTTP/2 after 6 to 7 s
            // instead of 2 to 3 minutes, and a cut connection is retried without a long pause.
            "--max-edge-addr-retries",
            "0",
            "--retries",
            "0",
            "--protocol",
            settings.protocol.flag(),
            "--quick-service",
            &settings.service,
            "--url",
            &format!("http://{origin}"),
        ]
        .map(OsString::from),
    );
    arguments.extend(settings.args.iter().map(OsString::from));
    arguments
}

/// Those of `variables` that cloudflared may see.
pub fn environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    variables.filter(|(name, _)| is_kept(name))
}

fn is_kept(name: &OsStr) -> bool {
    KEPT_VARIABLES.iter().any(|kept| name == OsStr::new(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_persons_arguments_come_last() {
        let settings = config::Tunnel {
            args: vec!["--edge".into(), "127.0.0.1:1".into()],
            ..config::Tunnel::default()
        };
        let origin = "127.0.0.1:8080".parse().unwrap();
        let arguments = arguments(origin, Path::new("/e.yml"), &settings);
        assert_eq!(arguments[..3], ["tunnel", "--config", "/e.yml"]);
        assert_eq!(arguments[arguments.len() - 2..], ["--edge", "127.0.0.1:1"]);
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
