//! Why there is no link, in words: from cloudflared's last error and how it ended.

use std::{io, path::Path, time::Duration};

use super::sidecar_error::SidecarError;
use crate::{
    app::{Problem, STILL_AVAILABLE, visible},
    open_files,
};

/// What is known about a cloudflared that ended, or that gets no connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The last line that cloudflared called an error.
    pub last_error: Option<String>,
    /// The edge refused the tunnel at least once.
    pub was_refused: bool,
    /// cloudflared did not understand its arguments. What follows is its usage text.
    pub is_usage: bool,
    /// cloudflared does nothing at all.
    pub is_silent: bool,
}

/// How much of an error is quoted, in characters. The log has all of it.
const LONGEST_DETAIL: usize = 160;

impl Evidence {
    /// The edge does not know the tunnel, or does not let us serve it.
    pub fn is_unauthorized(&self) -> bool {
        let error = self.last_error.as_deref();
        error.is_some_and(|error| error.starts_with("Unauthorized"))
    }

    /// The last error, fit for a sentence; `None` if there is none.
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

    /// True only for the first refusal of an attempt.
    pub fn first_refusal(&mut self) -> bool {
        !std::mem::replace(&mut self.was_refused, true)
    }

    /// The problem of a cloudflared that ended. `retry_in` is the time until the next attempt.
    pub fn problem(&self, exit_code: Option<i32>, retry_in: Option<Duration>) -> Problem {
        let (short, why) = self.why_ended(exit_code);
        Problem {
            short: short.to_owned(),
            sentence: format!("Couldn't get a public link: {why} {STILL_AVAILABLE}"),
            retry_in,
            needs_download: false,
        }
    }

    fn why_ended(&self, exit_code: Option<i32>) -> (&'static str, String) {
        let detail = self
            .last_error()
            .unwrap_or_else(|| "no reason given".into());
        if self.is_silent {
            let why = "cloudflared started but isn't responding. Check the log (`spot-serve doctor` shows where it is).".to_owned();
            return ("cloudflared hangs", why);
        }
        match exit_code {
            // cloudflared exits with 0 after an unknown flag or a bad value.
            Some(0) => (
                "cloudflared didn't start",
                format!(
                    "cloudflared exited immediately ({detail}). Check [tunnel] args in the settings."
                ),
            ),
            Some(code) => (
                "cloudflared failed",
                format!(
                    "cloudflared exited with code {code} ({detail}). Check the log (`spot-serve doctor` shows where it is)."
                ),
            ),
            None => (
                "cloudflared was killed",
                format!("something killed cloudflared ({detail}). Check the system log."),
            ),
        }
    }

    /// The problem of a tunnel that has a name but gets no connection to the edge.
    pub fn unreachable_edge(&self, was_online: bool) -> Problem {
        let detail = self.last_error().unwrap_or_else(|| "no answer".into());
        let (begin, end) = if was_online {
            ("Lost the connection", "The link stays the same.")
        } else {
            ("Couldn't bring the link online", STILL_AVAILABLE)
        };
        Problem {
            short: "Cloudflare can't be reached".into(),
            sentence: format!(
                "{begin}: Cloudflare can't be reached ({detail}). Check your network, and whether a firewall blocks port 7844. Spot Serve keeps trying. {end}"
            ),
            retry_in: None,
            needs_download: false,
        }
    }

    /// The problem of several names in a row that the edge refused.
    pub fn refused_by_edge(&self, retry_in: Duration) -> Problem {
        let detail = self.last_error();
        let detail = detail.unwrap_or_else(|| "no reason given".into());
        Problem {
            short: "Cloudflare rejected the link".into(),
            sentence: format!(
                "Couldn't bring the link online: Cloudflare rejects every new link ({detail}). The problem is on Cloudflare's side. {STILL_AVAILABLE}"
            ),
            retry_in: Some(retry_in),
            needs_download: false,
        }
    }
}

/// The problem of a named tunnel whose token or credentials Cloudflare does not accept.
pub fn token_refused(retry_in: Option<Duration>) -> Problem {
    Problem {
        short: "Cloudflare rejected your permanent link".into(),
        sentence: format!(
            "Couldn't bring your permanent link online: Cloudflare rejected its token or credentials. If you use [tunnel] token, copy it again from your Cloudflare account; if you use credentials, create the tunnel again. {STILL_AVAILABLE}"
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
        sentence: format!("Couldn't get a public link: {error} {STILL_AVAILABLE}"),
        retry_in: None,
        needs_download,
    }
}

/// The mistake of an argument in the settings that only the program may set.
pub fn reserved_flag_mistake(flag: &str) -> String {
    format!(
        "[tunnel] args contains {flag}, which only Spot Serve may set. Remove it and its value."
    )
}

/// The problem of an argument in the settings that only the program may set.
pub fn reserved_flag(flag: &str) -> Problem {
    Problem {
        short: "a setting needs fixing".into(),
        sentence: format!(
            "Couldn't get a public link: {} {STILL_AVAILABLE}",
            reserved_flag_mistake(flag)
        ),
        retry_in: None,
        needs_download: false,
    }
}

/// The problem of a port that can't be opened: none is free, or too many files are open.
pub fn no_port(error: &io::Error) -> Problem {
    Problem {
        short: "can't open a port".into(),
        sentence: format!(
            "Couldn't get a public link: Spot Serve can't open a port for cloudflared ({error}). {} Spot Serve keeps trying. {STILL_AVAILABLE}",
            open_files::ADVICE
        ),
        retry_in: None,
        needs_download: false,
    }
}

/// The problem of a sidecar that the system does not start.
pub fn not_started(program: &Path, error: &io::Error) -> Problem {
    let advice = if open_files::are_used_up(error) {
        open_files::ADVICE
    } else {
        "Check that it is executable."
    };
    Problem {
        short: "cloudflared can't be started".into(),
        sentence: format!(
            "Couldn't get a public link: {} can't be started ({error}). {advice} {STILL_AVAILABLE}",
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
    fn a_quoted_error_is_short_and_printable() {
        let sentence = |said: &str| {
            let evidence = Evidence {
                last_error: Some(said.into()),
                ..Evidence::default()
            };
            evidence.problem(Some(1), None).sentence
        };
        assert!(sentence("last error").contains("(last error)"));
        assert!(sentence("  ").contains("(no reason given)"));
        let garbage = sentence(&"\u{1b}[31m\u{202e}ü".repeat(1000));
        assert!(garbage.chars().count() < 400, "{garbage}");
        assert!(!garbage.contains(['\u{1b}', '\u{202e}']), "{garbage}");
    }

    #[test]
    fn a_cloudflared_that_does_not_start_comes_with_advice_for_the_cause() {
        let said = |kind: io::Error| not_started(Path::new("/bin/cloudflared"), &kind).sentence;
        let forbidden = said(io::ErrorKind::PermissionDenied.into());
        assert!(forbidden.contains("Check that it is executable."));
        #[cfg(unix)]
        {
            let too_many = said(rustix::io::Errno::MFILE.into());
            assert!(too_many.contains("Close programs"), "{too_many}");
            assert!(!too_many.contains("executable"), "{too_many}");
        }
    }
}
