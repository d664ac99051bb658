//! The program on a terminal: the link alone on standard output, everything else in words on
//! standard error.

use std::io::{self, Write};

use crate::app::{Notice, Phase, State};

/// What was said so far, so that nothing is said twice.
#[derive(Debug, Default)]
pub struct Terminal {
    told_local: bool,
    told_words: Option<String>,
}

impl Terminal {
    /// Says what is new in the state of the share.
    pub fn show(&mut self, state: &State) {
        let Some(share) = state.shares.first() else {
            return;
        };
        if let Some(local) = share.local_link()
            && !self.told_local
        {
            self.told_local = true;
            say(&format!("local: {}", local.trim_end_matches('/')));
        }
        let words = match &share.phase {
            Phase::Starting | Phase::LocalOnly(_) => return,
            Phase::Connecting(words) => words.clone(),
            Phase::Online => "online; Ctrl-C ends it".into(),
            Phase::Reconnecting => "reconnecting…".into(),
            Phase::Stopping => "stopping…".into(),
        };
        if self.told_words.as_ref() != Some(&words) {
            say(&format!("{}: {words}", share.name()));
            self.told_words = Some(words);
        }
    }

    /// Prints a link that works.
    pub fn print_link(&self, link: &str) {
        let mut out = io::stdout().lock();
        // A closed standard output must not end the share.
        let _ = writeln!(out, "{link}").and_then(|()| out.flush());
    }

    pub fn say(&self, words: &str) {
        say(words);
    }

    pub fn print_notice(&self, notice: &Notice) {
        say(&notice.body);
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
