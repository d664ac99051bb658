//! The findings as text and as JSON.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::finding::{Finding, Level};
use crate::app::visible;

/// Width of the longest level, `warning`.
const LEVEL_WIDTH: usize = 7;

/// The findings of all checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    sharing_works: bool,
    checks: Vec<Finding>,
}

impl Report {
    pub fn of(checks: Vec<Finding>) -> Self {
        Self {
            sharing_works: checks.iter().all(|finding| finding.level != Level::Problem),
            checks,
        }
    }

    /// Whether a share would get a link that works.
    pub fn sharing_works(&self) -> bool {
        self.sharing_works
    }

    /// Columns for the level, the check, and what was found, with the advice below it. The last
    /// line is the verdict.
    pub fn text(&self) -> String {
        self.render(|_| Style::new())
    }

    /// Like [`Self::text`], with ANSI colours.
    pub fn colored_text(&self) -> String {
        self.render(color)
    }

    pub fn json(&self) -> String {
        // JSON can represent everything in it.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    fn render(&self, style: impl Fn(Level) -> Style) -> String {
        let width = self.checks.iter().map(|finding| finding.check.len()).max();
        let width = width.unwrap_or(0);
        let indent = " ".repeat(LEVEL_WIDTH + 2 + width + 2);
        let mut text = String::new();
        for finding in &self.checks {
            let level = word(finding.level);
            let style = style(finding.level);
            let check = finding.check;
            let mut lines = finding
                .message
                .lines()
                .chain(finding.advice.iter().flat_map(|advice| advice.lines()))
                .map(visible);
            let first = lines.next().unwrap_or_default();
            // Writing to a String can't fail.
            let _ = writeln!(
                text,
                "{style}{level:LEVEL_WIDTH$}{style:#}  {check:width$}  {first}"
            );
            for line in lines {
                let _ = writeln!(text, "{indent}{line}");
            }
        }
        let (level, verdict) = self.verdict();
        let style = style(level);
        let _ = write!(text, "\n{style}{verdict}{style:#}");
        text
    }

    fn verdict(&self) -> (Level, &'static str) {
        let count = |level| self.checks.iter().filter(|one| one.level == level).count();
        match (count(Level::Problem), count(Level::Warning)) {
            (0, 0) => (Level::Ok, "Everything needed for sharing works."),
            (0, 1) => (Level::Warning, "Sharing works, with the warning above."),
            (0, _) => (Level::Warning, "Sharing works, with the warnings above."),
            (1, _) => (
                Level::Problem,
                "A new share wouldn't get a working link. Fix the problem above.",
            ),
            _ => (
                Level::Problem,
                "A new share wouldn't get a working link. Fix the problems above.",
            ),
        }
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Problem => "problem",
    }
}

fn color(level: Level) -> Style {
    match level {
        Level::Ok => AnsiColor::Green.on_default(),
        Level::Warning => AnsiColor::Yellow.on_default(),
        Level::Problem => AnsiColor::Red.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> [Finding; 3] {
        [
            Finding::ok("cloudflared", "2026.10.0"),
            Finding::warning("tray", "No icons are shown.", "Install one."),
            Finding::problem("DNS", "DNS doesn't work.", "Connect."),
        ]
    }

    #[test]
    fn one_problem_is_enough_for_no_link() {
        let [good, lesser, bad] = findings();
        assert!(Report::of(vec![good.clone(), lesser.clone()]).sharing_works());
        let all = Report::of(vec![good, lesser, bad]);
        assert!(!all.sharing_works());
        insta::assert_snapshot!(format!("{}\n{}", all.text(), all.json()));
    }

    #[test]
    fn colours_change_nothing_else() {
        let report = Report::of(findings().to_vec());
        let colored = report.colored_text();
        assert!(colored.contains("\x1b[31mproblem\x1b[0m"), "{colored:?}");
        assert_eq!(
            anstream::adapter::strip_str(&colored).to_string(),
            report.text()
        );
        assert!(!report.text().contains('\x1b'));
    }

    #[test]
    fn the_verdict_says_whether_sharing_works() {
        let [good, lesser, _] = findings();
        let verdict = |checks| {
            let text = Report::of(checks).text();
            text.lines().last().unwrap().to_owned()
        };
        assert_eq!(
            verdict(vec![good.clone()]),
            "Everything needed for sharing works."
        );
        assert_eq!(
            verdict(vec![good, lesser]),
            "Sharing works, with the warning above."
        );
    }

    #[test]
    fn a_hostile_path_does_not_steer_the_terminal() {
        let report = Report::of(vec![Finding::ok("settings", "/home/\x1b[2J/config.toml")]);
        assert!(!report.text().contains('\x1b'));
    }
}
