//! `spot-serve activity`: what has happened to shares. Reads the history itself, so it needs no running
//! program.

use std::io::{self, BufWriter, Write};

use anyhow::Context;
use chrono::Local;

use super::{args::ActivityArgs, program::user_paths};
use crate::{
    app::visible,
    config::Config,
    console::say,
    history::{Entry, Follower, HistoryFile},
    paths::Paths,
};

/// Longer names of shares don't move the column after them, in characters.
const NAME_WIDTH: usize = 30;

/// Prints the history, or clears it.
pub fn run(args: &ActivityArgs) -> anyhow::Result<i32> {
    let paths = user_paths()?;
    let file = HistoryFile::at(paths.history_file());
    let shown = || visible(&paths.history_file().display().to_string());
    if args.clear {
        file.clear()
            .with_context(|| format!("Can't clear the history in {}", shown()))?;
        say("The history is empty now.");
        return Ok(0);
    }
    let mut follower = Follower::of(file);
    let mut printer = Printer {
        json: args.json,
        width: 0,
    };
    let read = |follower: &mut Follower| {
        let entries = follower.news();
        entries.with_context(|| format!("Can't read the history in {}", shown()))
    };
    let mut entries = read(&mut follower)?;
    if !args.json
        && let Some(note) = note(&paths, entries.is_empty())
    {
        say(note);
    }
    loop {
        let is_read = printer.print(&entries).is_ok();
        if !is_read || !args.follow {
            return Ok(0);
        }
        follower.wait();
        entries = read(&mut follower)?;
    }
}

/// Why there may be less than the user expects.
fn note(paths: &Paths, is_empty: bool) -> Option<&'static str> {
    // A mistake in the settings is for others to tell.
    let is_on = Config::load(&paths.config_file()).map_or(true, |config| config.app.history);
    match (is_on, is_empty) {
        (false, _) => {
            Some("The history is off: nothing new is added. See `history` in the settings.")
        }
        (true, true) => Some("Nothing has happened yet."),
        (true, false) => None,
    }
}

struct Printer {
    json: bool,
    /// Of the column with the names.
    width: usize,
}

impl Printer {
    fn print(&mut self, entries: &[Entry]) -> io::Result<()> {
        let widths = entries.iter().map(|entry| entry.name.chars().count());
        let width = widths.max().unwrap_or(0);
        self.width = self.width.max(width).min(NAME_WIDTH);
        let mut out = BufWriter::new(io::stdout().lock());
        for entry in entries {
            if self.json {
                serde_json::to_writer(&mut out, entry)?;
                writeln!(out)?;
            } else {
                writeln!(out, "{}", self.line(entry))?;
            }
        }
        out.flush()
    }

    /// `2026-07-08 11:10:11  Homework  Anna (203.0.113.7) sent essay.pdf (1.2 MB)`
    fn line(&self, entry: &Entry) -> String {
        let time = entry.time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S");
        let name = visible(&entry.name);
        let width = self.width;
        format!("{time}  {name:width$}  {}", entry.sentence())
    }
}
