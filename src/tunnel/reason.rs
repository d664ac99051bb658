//! Why there is no link, in words: from what cloudflared said last and how it ended.

use std::{io, path::Path, time::Duration};

use super::sidecar::SidecarError;
use crate::app::Problem;

/// What is known of a cloudflared that ended, or that gets no connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The status with which the service that gives out quick tunnels refused.
    pub service_status: Option<String>,
    /// The last thing that cloudflared called an error.
    pub last_error: Option<String>,
}

/// How long to wait at least before asking a service again that said "too many requests".
pub const TOO_MANY_WAIT: Duration = Duration::from_secs(60);

impl Evidence {
    /// The service said that it was asked too often.
    pub fn is_too_many(&self) -> bool {
        self.service_status
            .as_deref()
            .is_some_and(|status| status.starts_with("429"))
    }

    /// The problem in words; `retry_in` is when it is tried again by itself.
    pub fn problem(&self, exit_code: Option<i32>, retry_in: Duration) -> Problem {
        let (short, sentence) = self.words(exit_code);
        Problem {
            short: short.to_owned(),
            sentence,
            retry_in: Some(retry_in),
        }
    }

    fn words(&self, exit_code: Option<i32>) -> (&'static str, String) {
        if self.is_too_many() {
            return (
                "too many new links",
                "Couldn't get a public link: trycloudflare.com says that too many new links were made from your network (429). Your folder is still available on this computer.".into(),
            );
        }
        if let Some(status) = &self.service_status {
            return (
                "trycloudflare.com refused",
                format!(
                    "Couldn't get a public link: trycloudflare.com answered {status}. That is a problem on their side; your folder is still available on this computer."
                ),
            );
        }
        let error = self.last_error.as_deref().unwrap_or_default();
        let says = |text: &str| error.contains(text);
        if says("no such host") || says("server misbehaving") || says("network is unreachable") {
            return (
                "no network",
                "Couldn't get a public link: trycloudflare.com can't be found. Check that this computer is connected to the internet; your folder is still available on this computer.".into(),
            );
        }
        if says("failed to request quick Tunnel") {
            let detail = error.rsplit(": ").next().unwrap_or(error);
            return (
                "trycloudflare.com can't be reached",
                format!(
                    "Couldn't get a public link: trycloudflare.com can't be reached ({detail}). Check your network, and whether a firewall or proxy blocks it; your folder is still available on this computer."
                ),
            );
        }
        if says("quick Tunnel") {
            return (
                "trycloudflare.com refused",
                "Couldn't get a public link: trycloudflare.com gave an answer that cloudflared doesn't understand. That is a problem on their side; your folder is still available on this computer.".into(),
            );
        }
        let detail = if error.is_empty() {
            "it gave no reason"
        } else {
            error
        };
        match exit_code {
            Some(0) => (
                "cloudflared didn't start",
                format!(
                    "Couldn't get a public link: cloudflared ended at once ({detail}). Check the settings under [tunnel] args; your folder is still available on this computer."
                ),
            ),
            Some(code) => (
                "cloudflared ended",
                format!(
                    "Couldn't get a public link: cloudflared ended with exit code {code} ({detail}). The log has more; your folder is still available on this computer."
                ),
            ),
            None => (
                "cloudflared was ended",
                format!(
                    "Lost the public link: something ended cloudflared ({detail}). Your folder is still available on this computer."
                ),
            ),
        }
    }

    /// The problem of a tunnel whose name is known but that no edge connection can be made for.
    pub fn unreachable_edge(&self) -> Problem {
        let detail = self.last_error.as_deref().unwrap_or("no answer");
        Problem {
            short: "Cloudflare can't be reached".into(),
            sentence: format!(
                "Couldn't bring the link online: Cloudflare's network can't be reached ({detail}). Check whether a firewall blocks port 7844; Spot Serve goes on trying, and your folder is still available on this computer."
            ),
            retry_in: None,
        }
    }
}

/// The problem of a sidecar that can't be found or may not be run.
pub fn no_sidecar(error: &SidecarError) -> Problem {
    Problem {
        short: match error {
            SidecarError::Missing | SidecarError::NotThere(_) => "cloudflared is missing".into(),
            SidecarError::WrongHash(_) | SidecarError::Unreadable(..) => {
                "cloudflared can't be trusted".into()
            }
        },
        sentence: format!(
            "Couldn't get a public link. {error} Your folder is still available on this computer."
        ),
        retry_in: None,
    }
}

/// The problem of a sidecar that the system refuses to start.
pub fn not_started(program: &Path, error: &io::Error) -> Problem {
    Problem {
        short: "cloudflared can't be started".into(),
        sentence: format!(
            "Couldn't get a public link: {} can't be started ({error}). Your folder is still available on this computer.",
            program.display()
        ),
        retry_in: None,
    }
}
