//! A share on a terminal: only the link goes to standard output, everything else to standard error.

use crate::{
    app::{Notice, OTHERS_COULD_LISTEN, SAY_WHERE, State, StateWord, Status},
    console::{self, Stream, say},
    control::in_terminals::OwnFile,
    qr::Code,
};

/// Which program has the share that the terminal shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Host {
    /// This one, which ends with the terminal.
    #[default]
    Foreground,
    /// The tray app.
    Tray,
}

/// Shows a share on the terminal. Remembers what it has printed, so as not to repeat it.
#[derive(Default)]
pub struct Terminal {
    host: Host,
    /// Draw the QR code of each link.
    with_qr_code: bool,
    /// Show the password of the share: the user doesn't know it.
    shows_password: bool,
    last_password: Option<String>,
    last_local: Option<String>,
    last_network: Option<String>,
    last_words: Option<String>,
    was_warned_of_places: bool,
    was_receiving: bool,
    /// Tells other programs how the share is.
    file: Option<Box<OwnFile>>,
}

impl Terminal {
    pub fn new(host: Host, with_qr_code: bool) -> Self {
        Self {
            host,
            with_qr_code,
            shows_password: true,
            ..Self::default()
        }
    }

    /// Doesn't show the password, because the user has chosen it.
    pub fn without_password(self) -> Self {
        Self {
            shows_password: false,
            ..self
        }
    }

    /// Also tells other programs how the share is.
    pub fn telling(self, file: OwnFile) -> Self {
        Self {
            file: Some(Box::new(file)),
            ..self
        }
    }

    /// Prints what is new about the program's only share.
    pub fn show(&mut self, state: &State) {
        if let Some(share) = state.shares.first() {
            if let Some(password) = share.known_password()
                && self.shows_password
                && self.last_password.as_deref() != Some(password)
            {
                say(&format!("password: {password}"));
                self.last_password = Some(password.to_owned());
            }
            let status = Status::of(share, state.now);
            if let Some(file) = &mut self.file {
                file.note(&status);
            }
            self.tell(&status);
            let is_receiving = share.incoming.files > 0;
            // Not at each percent: lines stay.
            if is_receiving && !self.was_receiving {
                say(&format!("{}: receiving files…", share.name()));
            }
            self.was_receiving = is_receiving;
        }
    }

    /// Prints what is new about a share.
    pub fn tell(&mut self, share: &Status) {
        // A site that doesn't answer is nowhere.
        if let Some(local) = &share.local_link
            && (share.reachable || share.port.is_none())
            && self.last_local.as_ref() != Some(local)
        {
            say(&format!("local: {}", local.trim_end_matches('/')));
            self.last_local = Some(local.clone());
        }
        self.tell_network(share);
        if share.has_places == Some(true) && !share.show_places && !self.was_warned_of_places {
            say(&format!("{}: {SAY_WHERE}", share.name));
            self.was_warned_of_places = true;
        }
        let words = match share.state {
            StateWord::Starting | StateWord::LocalOnly => return,
            StateWord::Online if !share.reachable => share.status_text.clone(),
            StateWord::Online => match (&share.problem, self.host) {
                (Some(problem), _) => problem.clone(),
                (None, Host::Foreground) => "online; press Ctrl-C to stop".into(),
                (None, Host::Tray) => "online".into(),
            },
            _ => share.status_text.clone(),
        };
        if self.last_words.as_ref() != Some(&words) {
            say(&format!("{}: {words}", share.name));
            self.last_words = Some(words);
        }
    }

    /// Prints what is new about a share in the local network.
    fn tell_network(&mut self, share: &Status) {
        let listens = if share.protected {
            format!("\n{OTHERS_COULD_LISTEN}")
        } else {
            String::new()
        };
        let words = match (share.network_links.first(), &share.network_problem) {
            (Some(link), _) => format!("network: {}{listens}", link.trim_end_matches('/')),
            (None, Some(problem)) => problem.clone(),
            (None, None) => return,
        };
        if self.last_network.as_ref() != Some(&words) {
            say(&words);
            self.last_network = Some(words);
        }
    }

    /// Prints a link that works, and draws its QR code if wanted.
    pub fn print_link(&self, link: &str) {
        console::print(link);
        if self.with_qr_code {
            match Code::of(link) {
                Ok(code) => console::draw_qr_code(&code, Stream::Error),
                Err(error) => say(&error.to_string()),
            }
        }
    }

    pub fn say(&self, words: &str) {
        say(words);
    }

    pub fn print_notice(&self, notice: &Notice) {
        say(&notice.body);
    }
}
