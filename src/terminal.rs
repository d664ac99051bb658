//! The program on a terminal: the link alone on standard output, everything else in words on
//! standard error.

use crate::{
    app::{Notice, State, StateWord, Status},
    console::{self, say},
};

/// Which program the terminal shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// This one, which ends with the terminal.
    #[default]
    Own,
    /// The one in the tray.
    Tray,
}

/// What was said so far, so that nothing is said twice.
#[derive(Debug, Default)]
pub struct Terminal {
    whose: Whose,
    told_local: bool,
    told_words: Option<String>,
}

impl Terminal {
    pub fn of(whose: Whose) -> Self {
        Self {
            whose,
            ..Self::default()
        }
    }

    /// Says what is new in the state of the program's only share.
    pub fn show(&mut self, state: &State) {
        if let Some(share) = state.shares.first() {
            self.tell(&Status::of(share));
        }
    }

    /// Says what is new of a share.
    pub fn tell(&mut self, share: &Status) {
        if let Some(local) = &share.local
            && !self.told_local
        {
            self.told_local = true;
            say(&format!("local: {}", local.trim_end_matches('/')));
        }
        let words = match share.state {
            StateWord::Starting | StateWord::LocalOnly => return,
            StateWord::Online if !share.answers => share.words.clone(),
            StateWord::Online => match self.whose {
                Whose::Own => "online; Ctrl-C ends it".into(),
                Whose::Tray => "online".into(),
            },
            _ => share.words.clone(),
        };
        if self.told_words.as_ref() != Some(&words) {
            say(&format!("{}: {words}", share.name));
            self.told_words = Some(words);
        }
    }

    /// Prints a link that works.
    pub fn print_link(&self, link: &str) {
        console::print(link);
    }

    pub fn say(&self, words: &str) {
        say(words);
    }

    pub fn print_notice(&self, notice: &Notice) {
        say(&notice.body);
    }
}
