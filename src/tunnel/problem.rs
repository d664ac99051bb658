//! Why there is no link, in words: from what cloudflared said last and how it ended.

use std::{io, path::Path, time::Duration};

use super::sidecar::SidecarError;
use crate::app::{Problem, visible};

/// What is known of a cloudflared that ended, or that gets no connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The last thing that cloudflared called an error.
    pub last_error: Option<String>,
    /// The edge refused the tunnel at least once.
    pub was_refused: bool,
    /// It did not understand its arguments; what it says after that is its manual.
    pub is_usage: bool,
    /// It does nothing at all.
    pub is_silent: bool,
}

/// Longest part of what cloudflared said that is quoted, in characters; the log has all of it.
const LONGEST_DETAIL: usize = 160;

/// Said at the end of each sentence about a share that is served here all the same.
pub(super) const STAYS: &str = "what you share is still available on this computer.";
/// The same as a sentence of its own.
pub(super) const STAYS_ALSO: &str = "What you share is still available on this computer.";

impl Evidence {
    /// The edge said that it does not know the tunnel, or does not let us serve it.
    pub fn is_unauthorized(&self) -> bool {
        let error = self.last_error.as_deref();
        error.is_some_and(|error| error.starts_with("Unauthorized"))
    }

    /// The last error, fit for a sentence; `None` where it says nothing.
    fn last_error(&self) -> Option<String> {
        let error = visible(self.last_error.as_deref()?.trim());
        if error.is_empty() {
            return None;
        }
        Some(match error.char_indices().nth(LONGEST_DETAIL) {
            Some((end, _)) => format!("{}…", &error[..end]),
            None => error,
        })
    }

    /// True for the first refusal of an attempt only.
    pub fn first_refusal(&mut self) -> bool {
        !std::mem::replace(&mut self.was_refused, true)
    }

    /// The problem of a cloudflared that ended; `retry_in` is when it is tried again by itself.
    pub fn problem(&self, exit_code: Option<i32>, retry_in: Option<Duration>) -> Problem {
        let (short, why) = self.words(exit_code);
        Problem {
            short: short.to_owned(),
            sentence: format!("Couldn't get a public link: {why}; {STAYS}"),
            retry_in,
            needs_download: false,
        }
    }

    fn words(&self, exit_code: Option<i32>) -> (&'static str, String) {
        let detail = match self.last_error() {
            None => "it gave no reason".to_owned(),
            Some(error) => error,
        };
        if self.is_silent {
            let why = "cloudflared was started and does nothing. Look into the log".to_owned();
            return ("cloudflared hangs", why);
        }
        match exit_code {
            // An unknown flag or a bad value is not called a failure by cloudflared itself.
            Some(0) => (
                "cloudflared didn't start",
                format!(
                    "cloudflared ended at once ({detail}). Check the settings under [tunnel] args"
                ),
            ),
            Some(code) => (
                "cloudflared ended",
                format!("cloudflared ended with exit code {code} ({detail}). The log has more"),
            ),
            None => (
                "cloudflared was ended",
                format!(
                    "something ended cloudflared ({detail}); the log of the system may say what"
                ),
            ),
        }
    }

    /// The problem of a tunnel whose name is known but that no edge connection can be made for.
    pub fn unreachable_edge(&self, was_online: bool) -> Problem {
        let detail = self.last_error().unwrap_or_else(|| "no answer".into());
        let (begin, end) = if was_online {
            (
                "Lost the connection",
                "Spot Serve goes on trying, and the link stays the same.".to_owned(),
            )
        } else {
            (
                "Couldn't bring the link online",
                format!("Spot Serve goes on trying, and {STAYS}"),
            )
        };
        Problem {
            short: "Cloudflare can't be reached".into(),
            sentence: format!(
                "{begin}: Cloudflare's network can't be reached ({detail}). Check your network, and whether a firewall blocks port 7844; {end}"
            ),
            retry_in: None,
            needs_download: false,
        }
    }

    /// The problem of names that the edge refuses one after the other.
    pub fn refused_by_edge(&self, retry_in: Duration) -> Problem {
        let detail = self.last_error();
        let detail = detail.unwrap_or_else(|| "no reason given".into());
        Problem {
            short: "Cloudflare refuses the link".into(),
            sentence: format!(
                "Couldn't bring the link online: Cloudflare's network refuses every new link ({detail}). That is a problem on their side; {STAYS}"
            ),
            retry_in: Some(retry_in),
            needs_download: false,
        }
    }
}

/// The problem of an own tunnel whose token or credentials are not accepted.
pub fn token_refused(retry_in: Option<Duration>) -> Problem {
    Problem {
        short: "Cloudflare refuses your tunnel".into(),
        sentence: format!(
            "Couldn't bring your own tunnel online: Cloudflare does not accept its token or credentials. Copy the token from your Cloudflare account again, into the settings under [tunnel] token; {STAYS}"
        ),
        retry_in,
        needs_download: false,
    }
}

/// The problem of a sidecar that can't be found or may not be run, and whether a download helps.
pub fn no_sidecar(error: &SidecarError, needs_download: bool) -> Problem {
    Problem {
        short: match error {
            SidecarError::Missing | SidecarError::NotThere(_) => "cloudflared is missing".into(),
            SidecarError::WrongHash(_) | SidecarError::Unreadable(..) => {
                "cloudflared can't be trusted".into()
            }
        },
        sentence: format!("Couldn't get a public link. {error} {STAYS_ALSO}"),
        retry_in: None,
        needs_download,
    }
}

/// The problem of an argument in the settings that belongs to the program.
pub fn reserved_flag(flag: &str) -> Problem {
    Problem {
        short: "the settings need a change".into(),
        sentence: format!(
            "Couldn't get a public link: the settings under [tunnel] args have {flag}, which Spot Serve says itself. Remove it with its value, then take Retry Now in the menu; {STAYS}"
        ),
        retry_in: None,
        needs_download: false,
    }
}

/// The problem of a computer that gives us no port.
pub fn no_port(error: &io::Error) -> Problem {
    Problem {
        short: "no port is free".into(),
        sentence: format!(
            "Couldn't get a public link: this computer gives Spot Serve no port to listen on ({error}). End programs that hold many connections open, then take Retry Now in the menu; {STAYS}"
        ),
        retry_in: None,
        needs_download: false,
    }
}

/// The problem of a sidecar that the system refuses to start.
pub fn not_started(program: &Path, error: &io::Error) -> Problem {
    Problem {
        short: "cloudflared can't be started".into(),
        sentence: format!(
            "Couldn't get a public link: {} can't be started ({error}). See that it may be executed there; {STAYS}",
            program.display()
        ),
        retry_in: None,
        needs_download: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cloudflared_said_is_quoted_in_a_form_that_people_can_read() {
        let sentence = |said: &str| {
            let evidence = Evidence {
                last_error: Some(said.into()),
                ..Evidence::default()
            };
            evidence.problem(Some(1), None).sentence
        };
        assert!(sentence("the last words").contains("(the last words)"));
        assert!(sentence("  ").contains("(it gave no reason)"));
        let garbage = sentence(&"\u{1b}[31m\u{202e}ü".repeat(1000));
        assert!(garbage.chars().count() < 400, "{garbage}");
        assert!(!garbage.contains(['\u{1b}', '\u{202e}']), "{garbage}");
    }
}
