//! `spot-serve config`.

use std::io::{self, Write};

use crate::{app::visible, config::Config, paths::Paths};

/// Prints where the settings are stored and the settings in effect, without secrets.
pub fn run() -> anyhow::Result<i32> {
    let file = Paths::of_this_user()?.config_file();
    let note = if file.exists() {
        ""
    } else {
        " (not found; these are the defaults)"
    };
    let settings = Config::load(&file)?.shown()?;
    let path = visible(&file.display().to_string());
    // A closed standard output is not an error.
    let _ = write!(io::stdout(), "# {path}{note}\n{settings}");
    Ok(0)
}
