//! What the release feed says (`docs/updates.md` has its format). A feed that was read has only text that
//! can be shown anywhere, and no link but to the project's own releases.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::version::Version;
use crate::app::visible;

/// The format that is described in `docs/updates.md`.
const FORMAT: u32 = 1;
/// More releases than these make no sense.
const RELEASES_MAX: usize = 50;
/// More sentences about one release than these make no sense.
const NOTES_MAX: usize = 200;
/// The longest sentence, in bytes.
const NOTE_MAX: usize = 2000;

/// What the maintainers say about their releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// When it was signed.
    pub signed: DateTime<Utc>,
    /// Until when it can be believed.
    pub expires: DateTime<Utc>,
    /// The newest first.
    pub releases: Vec<Release>,
}

/// A version that was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub version: Version,
    pub date: NaiveDate,
    /// What is new in it, one sentence or some in each line. Safe to show anywhere.
    pub notes: Vec<String>,
}

/// Keys that are not known are those of later versions, and are left out.
#[derive(Deserialize)]
struct Written {
    signed: String,
    expires: String,
    releases: Vec<WrittenRelease>,
}

#[derive(Deserialize)]
struct WrittenRelease {
    version: String,
    date: String,
    notes: Vec<String>,
}

impl Feed {
    /// Reads a feed whose links may only begin with `releases`.
    ///
    /// # Errors
    /// What is wrong with it, for the middle of a sentence.
    pub fn read(text: &str, releases: &str) -> Result<Self, &'static str> {
        let format: Format = serde_json::from_str(text).map_err(|_| NOT_UNDERSTOOD)?;
        if format.format != FORMAT {
            return Err("it is for later versions of Spot Serve");
        }
        let written: Written = serde_json::from_str(text).map_err(|_| NOT_UNDERSTOOD)?;
        let time = |text: &str| {
            let time = DateTime::parse_from_rfc3339(text).map_err(|_| "it has no valid date")?;
            Ok::<_, &str>(time.to_utc())
        };
        if written.releases.is_empty() || written.releases.len() > RELEASES_MAX {
            return Err("it lists no releases, or too many");
        }
        let read = written.releases.into_iter();
        let mut all = read
            .map(|release| release.checked(releases))
            .collect::<Result<Vec<_>, _>>()?;
        all.sort_by_key(|release| std::cmp::Reverse(release.version));
        Ok(Self {
            signed: time(&written.signed)?,
            expires: time(&written.expires)?,
            releases: all,
        })
    }

    /// The releases after this version, the newest first.
    pub fn newer_than(&self, version: Version) -> &[Release] {
        let newer = self.releases.iter();
        let count = newer
            .take_while(|release| release.version > version)
            .count();
        &self.releases[..count]
    }
}

const NOT_UNDERSTOOD: &str = "it can't be understood";

/// Read alone at first, because a later format may have other keys.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl WrittenRelease {
    fn checked(self, releases: &str) -> Result<Release, &'static str> {
        let version = Version::parse(&self.version).ok_or("it has a version that is no number")?;
        let date = NaiveDate::parse_from_str(&self.date, "%Y-%m-%d")
            .map_err(|_| "it has a release without a valid date")?;
        if self.notes.len() > NOTES_MAX || self.notes.iter().any(|note| note.len() > NOTE_MAX) {
            return Err("what it says about a release is too long");
        }
        if self.notes.iter().any(|note| visible(note) != *note) {
            return Err("it has characters that can't be seen");
        }
        if !self.notes.iter().all(|note| links_only_to(note, releases)) {
            return Err("it has a link to somewhere else");
        }
        Ok(Release {
            version,
            date,
            notes: self.notes,
        })
    }
}

/// Whether everything in the text that a terminal or a program could take for a link leads below this
/// address, which ends with a slash.
fn links_only_to(text: &str, releases: &str) -> bool {
    let lower = text.to_lowercase();
    let releases = releases.to_lowercase();
    let mut parts = lower.split(&releases);
    // What is before the first one, and then what follows each.
    let first = parts.next().unwrap_or_default();
    let mut rest = String::new();
    for part in parts {
        let path = part.split(char::is_whitespace).next().unwrap_or_default();
        let is_plain = path
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/.-_,;:!)".contains(c));
        // A path could lead out of the releases.
        if !is_plain || path.contains("..") {
            return false;
        }
        rest.push_str(part);
    }
    let marks = ["://", "www.", "mailto:", "javascript:"];
    !marks
        .iter()
        .any(|mark| first.contains(mark) || rest.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASES: &str = "https://github.com/someone/spot-serve/releases/";

    fn feed(notes: &str) -> String {
        format!(
            r#"{{"format":1,"signed":"2026-12-01T10:00:00Z","expires":"2027-12-01T10:00:00Z","later":1,
            "releases":[{{"version":"0.1.0","date":"2026-11-30","notes":["First."]}},
            {{"version":"0.10.0","date":"2026-12-01","notes":{notes}}},
            {{"version":"0.2.0","date":"2026-12-01","notes":[]}}]}}"#
        )
    }

    fn why_not(notes: &str) -> &'static str {
        Feed::read(&feed(notes), RELEASES).unwrap_err()
    }

    #[test]
    fn the_newest_release_comes_first_whatever_the_order() {
        let read = Feed::read(&feed(r#"["Receive files – from anywhere."]"#), RELEASES).unwrap();
        let newer = read.newer_than(Version::parse("0.1.0").unwrap());
        let versions: Vec<_> = newer.iter().map(|it| it.version.to_string()).collect();
        assert_eq!(versions, ["0.10.0", "0.2.0"]);
        assert_eq!(newer[0].notes, ["Receive files – from anywhere."]);
        assert!(read.newer_than(Version::parse("1.0.0").unwrap()).is_empty());
    }

    #[test]
    fn text_that_could_steer_a_terminal_is_refused() {
        for note in [
            r"\u001b[2J",
            r"a\nb",
            r"\u0007",
            r"\u009b31m",
            r"\u202egpj.exe",
            r"\u200b",
        ] {
            let why = why_not(&format!("[\"{note}\"]"));
            assert!(why.contains("can't be seen"), "{note}: {why}");
        }
    }

    #[test]
    fn links_lead_to_the_releases_alone() {
        let own = format!("[\"See {RELEASES}tag/v0.10.0.\"]");
        assert!(Feed::read(&feed(&own), RELEASES).is_ok());
        for link in [
            "https://github.com/someone/else/releases/",
            "http://github.com/someone/spot-serve/releases/",
            "https://github.com/someone/spot-serve/releases.evil.example/",
            "https://github.com/someone/spot-serve/releases/../../../evil/",
            "https://github.com/someone/spot-serve/releases/%2e%2e/%2e%2e/evil/",
            "https://github.com/someone/spot-serve/releases/https://evil.example/",
            "WWW.evil.example",
            "MAILTO:a@evil.example",
            "javascript:alert(1)",
            "x://y",
        ] {
            let why = why_not(&format!("[\"Get it from {link} now.\"]"));
            assert!(why.contains("link to somewhere else"), "{link}: {why}");
        }
    }

    #[test]
    fn sizes_and_kinds_are_bounded() {
        let long = "a".repeat(NOTE_MAX + 1);
        assert!(why_not(&format!("[\"{long}\"]")).contains("too long"));
        let many = vec!["\"a\""; NOTES_MAX + 1].join(",");
        assert!(why_not(&format!("[{many}]")).contains("too long"));
        assert_eq!(why_not("\"a\""), NOT_UNDERSTOOD);
        let whole = feed("[]");
        for (from, to, why) in [
            ("\"format\":1", "\"format\":2", "later versions"),
            ("\"format\":1,", "", "understood"),
            ("2026-12-01T10:00:00Z", "soon", "no valid date"),
            ("\"2026-11-30\"", "\"2026-02-30\"", "without a valid date"),
            ("\"0.2.0\"", "\"newest\"", "no number"),
        ] {
            let changed = whole.replace(from, to);
            let said = Feed::read(&changed, RELEASES).unwrap_err();
            assert!(said.contains(why), "{to}: {said}");
        }
        let none = r#"{"format":1,"signed":"2026-12-01T10:00:00Z","expires":"2027-12-01T10:00:00Z","releases":[]}"#;
        assert!(
            Feed::read(none, RELEASES)
                .unwrap_err()
                .contains("no releases")
        );
    }
}
