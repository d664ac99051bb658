//! Entries in words.

use std::net::IpAddr;

use super::entry::{Entry, Kind};
use crate::app::{size, visible};

impl Entry {
    /// What has happened, in a sentence without its subject's share: `Anna (203.0.113.7) sent
    /// essay.pdf (1.2 MB)`. Fit to be shown, whatever the file says.
    pub fn sentence(&self) -> String {
        let who = self.who();
        let size = self.bytes.map(size::in_words).unwrap_or_default();
        let sentence = match self.kind {
            Kind::ShareStarted => "started".to_owned(),
            Kind::ShareEnded => match &self.reason {
                Some(reason) => format!("ended: {reason}"),
                None => "ended".to_owned(),
            },
            Kind::Visit if self.count == 1 => format!("{who} visited"),
            Kind::Visit => format!("{who} visited {} times", self.count),
            Kind::Download => format!("{who} downloaded {} ({size})", self.what()),
            Kind::BrokenDownload => {
                let whole = self.size.map(size::in_words).unwrap_or_default();
                format!("{who} downloaded {size} of {whole} of {}", self.what())
            }
            Kind::FileReceived => format!("{who} sent {} ({size})", self.what()),
            Kind::Delivery => format!("{who} has delivered {} ({size})", files(self.count)),
            Kind::PasswordRefused if self.count == 1 => format!("{who} entered a wrong password"),
            Kind::PasswordRefused => format!("{who} entered {} wrong passwords", self.count),
        };
        visible(&sentence)
    }

    /// The file, or how many.
    fn what(&self) -> String {
        match &self.file {
            Some(file) if self.count == 1 => file.clone(),
            _ if self.count == 1 => "a file".to_owned(),
            _ => format!("{} more files", self.count),
        }
    }

    fn who(&self) -> String {
        let address = match self.visitor {
            Some(address) if is_loopback(address) => Some("this computer".to_owned()),
            address => address.map(|address| address.to_string()),
        };
        match (&self.sender, address) {
            (Some(sender), Some(address)) => format!("{sender} ({address})"),
            (Some(one), None) => one.clone(),
            (None, Some(one)) => one,
            (None, None) if self.count > 1 && self.kind != Kind::Delivery => "others".to_owned(),
            (None, None) => "somebody".to_owned(),
        }
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn files(count: u64) -> String {
    match count {
        1 => "1 file".to_owned(),
        _ => format!("{count} files"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind) -> Entry {
        Entry::now(kind, "0a1b", "Homework").by("203.0.113.7".parse().ok())
    }

    #[test]
    fn each_kind_has_its_words() {
        let local = Entry::now(Kind::Visit, "0a1b", "Homework").by("127.0.0.1".parse().ok());
        let mut crowd = Entry::now(Kind::Visit, "0a1b", "Homework");
        crowd.count = 312;
        let mut guesses = entry(Kind::PasswordRefused);
        guesses.count = 57;
        let because = Some("the limit of 3 downloads was reached".to_owned());
        for (entry, words) in [
            (entry(Kind::ShareStarted), "started"),
            (entry(Kind::ShareEnded), "ended"),
            (
                entry(Kind::ShareEnded).because(because),
                "ended: the limit of 3 downloads was reached",
            ),
            (entry(Kind::Visit), "203.0.113.7 visited"),
            (local, "this computer visited"),
            (crowd, "others visited 312 times"),
            (
                entry(Kind::Download).with_file("plan.pdf", 1_200_000),
                "203.0.113.7 downloaded plan.pdf (1.2 MB)",
            ),
            (
                entry(Kind::Download).with_files(57, 1_200_000_000),
                "203.0.113.7 downloaded 57 more files (1.2 GB)",
            ),
            (
                entry(Kind::BrokenDownload)
                    .with_file("film.mp4", 45_000_000)
                    .of_size(1_200_000_000),
                "203.0.113.7 downloaded 45 MB of 1.2 GB of film.mp4",
            ),
            (
                entry(Kind::FileReceived)
                    .from_sender(Some("Anna"))
                    .with_file("essay.pdf", 10),
                "Anna (203.0.113.7) sent essay.pdf (10 bytes)",
            ),
            (
                entry(Kind::Delivery).with_files(3, 1_200_000_000),
                "203.0.113.7 has delivered 3 files (1.2 GB)",
            ),
            (
                entry(Kind::PasswordRefused),
                "203.0.113.7 entered a wrong password",
            ),
            (guesses, "203.0.113.7 entered 57 wrong passwords"),
        ] {
            assert_eq!(entry.sentence(), words);
        }
    }

    #[test]
    fn whatever_is_in_the_file_a_terminal_shows_it_in_one_line() {
        let mut entry = entry(Kind::FileReceived).with_file("a", 1);
        entry.file = Some("a\u{1b}]0;x\u{7}\nb".to_owned());
        entry.sender = Some("\u{202e}\r".to_owned());
        let sentence = entry.sentence();
        assert!(sentence.chars().all(|c| !c.is_control()), "{sentence}");
        assert!(!sentence.contains('\u{202e}'), "{sentence}");
    }
}
